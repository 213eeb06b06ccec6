//! Writes many values that lie in one column, as the JSON text of an array.

use crate::edm::{Cell, Scalar};
use crate::model::EnumType;

/// Writes a collection. It is never null: a null column, or one that holds no array, has no items. Numbers and texts
/// are passed on as they stand, to the last digit. Returns how many items there are.
pub fn write_collection(
    cell: Cell<'_>,
    scalar: Scalar,
    enumeration: Option<&EnumType>,
    ieee754: bool,
    out: &mut Vec<u8>,
) -> usize {
    write_items(self::items(text_of(&cell)), scalar, enumeration, ieee754, out)
}

/// Writes some of the items of a collection. Returns how many there are.
pub(super) fn write_items<'t>(
    items: impl Iterator<Item = &'t [u8]>,
    scalar: Scalar,
    enumeration: Option<&EnumType>,
    ieee754: bool,
    out: &mut Vec<u8>,
) -> usize {
    let mut count = 0;
    out.push(b'[');
    for item in items {
        if count > 0 {
            out.push(b',');
        }
        write_item(item, scalar, enumeration, ieee754, out);
        count += 1;
    }
    out.push(b']');
    count
}

/// What the cell of a collection holds: the text of a JSON array.
pub(super) fn text_of<'t>(cell: &'t Cell<'_>) -> &'t [u8] {
    match cell {
        Cell::Text(text) => text.bytes(),
        _ => b"",
    }
}

/// The items of the JSON text of an array, each as it stands.
pub(super) fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text.trim_ascii().strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap_or_default();
    std::iter::from_fn(move || {
        let (item, after) = split(rest)?;
        rest = after;
        Some(item)
    })
}

/// The first item, and what follows its comma.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.trim_ascii().is_empty() {
        return None;
    }
    let (mut in_string, mut escaped, mut depth) = (false, false, 0_usize);
    let end = text.iter().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return true,
            _ => {}
        }
        false
    });
    let end = end.unwrap_or(text.len());
    let item = text.get(..end)?.trim_ascii();
    Some((item, text.get(end + 1..).unwrap_or_default()))
}

pub(super) fn write_item(
    item: &[u8],
    scalar: Scalar,
    enumeration: Option<&EnumType>,
    ieee754: bool,
    out: &mut Vec<u8>,
) {
    let text = std::str::from_utf8(item).unwrap_or_default();
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let quotes = ieee754 && matches!(scalar, Scalar::Int64 | Scalar::Decimal { .. });
    match (inner, enumeration) {
        (None, Some(enumeration)) if is_number(text) => {
            out.push(b'"');
            enumeration.write(text.parse().unwrap_or_default(), out);
            out.push(b'"');
        }
        (None, None) if quotes && is_number(text) => {
            out.push(b'"');
            out.extend_from_slice(item);
            out.push(b'"');
        }
        // Exact decimals may be kept as texts.
        (Some(inner), None) if scalar.is_numeric() && !quotes && is_number(inner) => {
            out.extend_from_slice(inner.as_bytes());
        }
        _ if serde_json::from_str::<serde_json::Value>(text).is_ok() => out.extend_from_slice(item),
        // The column does not hold JSON; what is written must be.
        _ => super::write_string(text, out),
    }
}

fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EnumMember;

    fn written(text: &str, scalar: Scalar, ieee754: bool) -> String {
        let mut out = Vec::new();
        write_collection(Cell::Text(text.into()), scalar, None, ieee754, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn items_are_written_by_their_type() {
        assert_eq!(written(r#"["a", "b\"c", null, "\u00e9"]"#, Scalar::STRING, false), r#"["a","b\"c",null,"\u00e9"]"#);
        assert_eq!(written("[1, 9007199254740993]", Scalar::Int64, true), r#"["1","9007199254740993"]"#);
        assert_eq!(written(r#"["1.50", "x"]"#, Scalar::DECIMAL, false), r#"[1.50,"x"]"#);
        assert_eq!(written("[true,false]", Scalar::Boolean, false), "[true,false]");
        assert_eq!(
            written("[0.10, 12345678901234567890.123]", Scalar::DECIMAL, false),
            "[0.10,12345678901234567890.123]"
        );
        assert_eq!(written(r#"["a,b]", "c"]"#, Scalar::STRING, false), r#"["a,b]","c"]"#);
        assert_eq!(written("[[1,2], {\"a\":[3,4]}, 5]", Scalar::Int32, false), "[[1,2],{\"a\":[3,4]},5]");
        assert_eq!(written("[a]", Scalar::STRING, false), r#"["a"]"#);
        assert_eq!(written("", Scalar::STRING, false), "[]");
        assert_eq!(written("{}", Scalar::STRING, false), "[]");
    }

    #[test]
    fn null_is_no_items_and_numbers_are_members() {
        let member = |name: &str, value| EnumMember { name: name.to_owned(), value };
        let colors = EnumType {
            name: "Color".to_owned(),
            underlying: Scalar::Int32,
            flags: true,
            members: vec![member("Red", 1), member("Green", 2)],
            description: None,
        };
        let written = |cell| {
            let mut out = Vec::new();
            write_collection(cell, Scalar::Int32, Some(&colors), false, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(Cell::Null), "[]");
        assert_eq!(written(Cell::Text(r#"[1, 3, "Green"]"#.into())), r#"["Red","Red,Green","Green"]"#);
    }
}
