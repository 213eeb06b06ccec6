//! Writes many values that lie in one column, as the JSON text of an array.

use crate::edm::{
    Cell, Scalar, parse_binary, parse_date, parse_date_time_offset, parse_duration, parse_guid, parse_time_of_day,
};
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

/// What an item of a collection is, in words, if it is no value of the type: it is written by nobody then.
pub fn item_misfit(cell: &Cell<'_>, scalar: Scalar) -> Option<&'static str> {
    self::items(text_of(cell)).find_map(|item| misfit(std::str::from_utf8(item).ok()?, scalar))
}

fn misfit(item: &str, scalar: Scalar) -> Option<&'static str> {
    let inner = item.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    // Exact numbers may be kept as texts.
    let number = inner.unwrap_or(item);
    let fits = match scalar {
        _ if item == "null" => true,
        _ if item.starts_with('[') => return Some("an array of arrays"),
        _ if item.starts_with('{') => return Some("an array of objects"),
        Scalar::Boolean => matches!(item, "true" | "false"),
        Scalar::Single | Scalar::Double => is_number(number) || special(number).is_some(),
        Scalar::Decimal { .. } => is_number(number),
        Scalar::String { .. } => inner.is_some(),
        Scalar::Guid => inner.is_some_and(|text| parse_guid(text).is_ok()),
        Scalar::Date => inner.is_some_and(|text| parse_date(text).is_ok()),
        Scalar::DateTimeOffset { .. } => inner.is_some_and(|text| parse_date_time_offset(text, false).is_ok()),
        Scalar::TimeOfDay { .. } => inner.is_some_and(|text| parse_time_of_day(text).is_ok()),
        Scalar::Duration { .. } => inner.is_some_and(|text| parse_duration(text).is_ok()),
        Scalar::Binary { .. } => inner.is_some_and(|text| parse_binary(text).is_ok()),
        scalar => match scalar.integer_range() {
            Some((least, most)) => number.parse().is_ok_and(|number: i64| (least..=most).contains(&number)),
            None => true,
        },
    };
    if fits { None } else { Some("an array with an item of another kind") }
}

/// How the words that stand for numbers are spelled.
fn special(word: &str) -> Option<&'static str> {
    Some(match word {
        "NaN" => "\"NaN\"",
        "INF" | "Infinity" => "\"INF\"",
        "-INF" | "-Infinity" => "\"-INF\"",
        _ => return None,
    })
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
        (Some(inner), None) if matches!(scalar, Scalar::Single | Scalar::Double) && special(inner).is_some() => {
            out.extend_from_slice(special(inner).unwrap_or_default().as_bytes());
        }
        // Instants are spelled in one way, whatever the zone in which they are kept.
        (Some(inner), None) if matches!(scalar, Scalar::DateTimeOffset { .. }) && !inner.ends_with('Z') => {
            match parse_date_time_offset(inner, false) {
                Ok(micros) => super::write_cell(&Cell::Timestamp(micros), scalar, ieee754, out),
                Err(_) => out.extend_from_slice(item),
            }
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
    fn words_and_instants_have_one_spelling() {
        assert_eq!(written(r#"[0.5,"NaN","Infinity","-INF"]"#, Scalar::Double, false), r#"[0.5,"NaN","INF","-INF"]"#);
        let instants = r#"["2024-02-29T12:00:00.5+02:00","2024-02-29T12:00:00Z",null]"#;
        let expected = r#"["2024-02-29T10:00:00.5Z","2024-02-29T12:00:00Z",null]"#;
        assert_eq!(written(instants, Scalar::DATE_TIME_OFFSET, false), expected);
    }

    #[test]
    fn items_of_another_kind_are_told() {
        let other = Some("an array with an item of another kind");
        for (text, scalar, expected) in [
            ("[1,null]", Scalar::Int32, None),
            ("[\"1\"]", Scalar::Int64, None),
            ("[3000000000]", Scalar::Int32, other),
            ("[[1,2]]", Scalar::Int32, Some("an array of arrays")),
            ("[{}]", Scalar::STRING, Some("an array of objects")),
            ("[5]", Scalar::STRING, other),
            ("[1.5,\"NaN\"]", Scalar::DECIMAL, other),
            ("[1.5,\"NaN\"]", Scalar::Double, None),
            ("[\"infinity\"]", Scalar::Date, other),
            ("[\"24:00:00\"]", Scalar::TIME_OF_DAY, other),
            ("[\"x\"]", Scalar::Guid, other),
            ("[true,0]", Scalar::Boolean, other),
            ("", Scalar::Int32, None),
        ] {
            assert_eq!(item_misfit(&Cell::Text(text.into()), scalar), expected, "{text}");
        }
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
