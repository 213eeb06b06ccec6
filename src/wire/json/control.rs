//! Writes the names of control information (OData JSON Format 4.01, section 4.5): with or without `odata.`, as the
//! format says.

use crate::wire::Format;

use super::write_string;

/// Writes `"@odata.count":`, or `"@count":`.
pub fn write_control(name: &str, format: Format, out: &mut Vec<u8>) {
    write_property_control("", name, format, out);
}

/// Writes `"Lines@odata.count":`, or `"Lines@count":`. Names are identifiers, so nothing is to be escaped.
pub fn write_property_control(property: &str, name: &str, format: Format, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(property.as_bytes());
    out.extend_from_slice(format.mark().as_bytes());
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes `"@odata.context":"…"`.
pub fn write_context(context: &str, format: Format, out: &mut Vec<u8>) {
    write_control("context", format, out);
    write_string(context, out);
}
