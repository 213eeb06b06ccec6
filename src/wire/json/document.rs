//! Writes bodies around content that is finished: single values, references, and the envelope of collections (OData
//! JSON Format 4.01, sections 4.2, 7 to 11 and 14).

use crate::wire::Format;

use super::{write_context, write_control, write_count, write_string};

/// Writes what stands before the items of a collection, with its opening bracket.
pub fn open_collection(context: Option<&str>, total: Option<i64>, format: Format, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some(context) = context {
        write_context(context, format, out);
        out.push(b',');
    }
    if let Some(total) = total {
        write_control("count", format, out);
        write_count(total, format.ieee754, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"value\":[");
}

/// Writes what stands behind the items.
pub fn close_collection(next: Option<&str>, format: Format, out: &mut Vec<u8>) {
    out.push(b']');
    if let Some(next) = next {
        out.push(b',');
        write_control("nextLink", format, out);
        write_string(next, out);
    }
    out.push(b'}');
}

/// Writes an object with one value: a property, or the result of an operation. `value` is JSON.
pub fn write_value_document(context: Option<&str>, value: &[u8], format: Format, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some(context) = context {
        write_context(context, format, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"value\":");
    out.extend_from_slice(value);
    out.push(b'}');
}

/// Writes an object of finished members: an entity, a complex value, a reference.
pub fn write_object_document(context: Option<&str>, members: &[u8], format: Format, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some(context) = context {
        write_context(context, format, out);
        if !members.is_empty() {
            out.push(b',');
        }
    }
    out.extend_from_slice(members);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Version;

    const BARE: Format = Format {
        version: Version::V4_01,
        level: crate::wire::Level::Minimal,
        ieee754: true,
        bare: true,
        omit_nulls: false,
    };

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn collections_have_an_envelope() {
        let page = |format: Format| {
            text(|out| {
                open_collection(Some("c"), Some(7), format, out);
                out.extend_from_slice(b"1,2");
                close_collection(Some("n"), format, out);
            })
        };
        let old = r#"{"@odata.context":"c","@odata.count":7,"value":[1,2],"@odata.nextLink":"n"}"#;
        assert_eq!(page(Format::default()), old);
        assert_eq!(page(BARE), r#"{"@context":"c","@count":"7","value":[1,2],"@nextLink":"n"}"#);
        let plain = text(|out| {
            open_collection(None, None, BARE, out);
            close_collection(None, BARE, out);
        });
        assert_eq!(plain, r#"{"value":[]}"#);
    }

    #[test]
    fn single_things_are_objects() {
        let value = text(|out| write_value_document(Some("c"), b"[1]", Format::default(), out));
        assert_eq!(value, r#"{"@odata.context":"c","value":[1]}"#);
        let reference = text(|out| write_object_document(Some("c"), br#""@id":"x""#, BARE, out));
        assert_eq!(reference, r#"{"@context":"c","@id":"x"}"#);
        assert_eq!(text(|out| write_object_document(Some("c"), b"", BARE, out)), r#"{"@context":"c"}"#);
        assert_eq!(text(|out| write_object_document(None, b"", BARE, out)), "{}");
    }
}
