//! Owns the reading of a statement: which pieces are SQL and which are parameters.
//!
//! # Decisions
//!
//! - What a database would read as a text, a name or a comment is passed over, so that a colon in it is no parameter.
//!   The forms are those of the statement's own database: a backslash escapes in MySQL and MariaDB only, dollar quotes
//!   are PostgreSQL's.
//! - One statement only: a semicolon is refused, since no database takes parameters with several.

use crate::model::Family;

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// SQL.
    Text(&'a str),
    /// The name of a parameter, without its colon.
    Name(&'a str),
}

/// Cuts a statement into pieces, or tells what is wrong with it.
pub(super) fn pieces(text: &str, family: Option<Family>) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = passed_over(rest, family)? {
            at += length;
            continue;
        }
        let mut bytes = rest.bytes();
        match (bytes.next(), bytes.next()) {
            (Some(b';'), _) => return Err("it holds a semicolon".to_owned()),
            (Some(b'?'), _) if family != Some(Family::Postgres) => {
                return Err("it holds a question mark, which the database takes for a parameter".to_owned());
            }
            (Some(b'$'), Some(b'0'..=b'9')) if family != Some(Family::Mysql) => {
                return Err("it holds a numbered parameter".to_owned());
            }
            // A cast, an assignment.
            (Some(b':'), Some(b':' | b'=')) => at += 2,
            (Some(b':'), Some(first)) if first.is_ascii_alphabetic() || first == b'_' => {
                let name = word(rest.get(1..).unwrap_or_default());
                pieces.extend(text.get(start..at).filter(|text| !text.is_empty()).map(Piece::Text));
                pieces.push(Piece::Name(name));
                at += 1 + name.len();
                start = at;
            }
            // A word is passed over whole, so that what is inside it is never looked at.
            (Some(first), _) if first.is_ascii_alphanumeric() || first == b'_' => at += word(rest).len(),
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    pieces.extend(text.get(start..).filter(|text| !text.is_empty()).map(Piece::Text));
    Ok(pieces)
}

pub(super) fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The length of the text, name or comment at the start, if one is there.
pub(super) fn passed_over(rest: &str, family: Option<Family>) -> Result<Option<usize>, String> {
    let to = |end: Option<usize>, what: &str| end.map(Some).ok_or_else(|| format!("it holds {what} without an end"));
    let backslash = family == Some(Family::Mysql);
    match rest.as_bytes() {
        [quote @ (b'\'' | b'"' | b'`'), ..] => to(quoted(rest, *quote, backslash && *quote != b'`'), "a quote"),
        // A text with escapes of PostgreSQL.
        [b'E' | b'e', b'\'', ..] if family == Some(Family::Postgres) => {
            to(quoted(rest.get(1..).unwrap_or_default(), b'\'', true).map(|end| end + 1), "a quote")
        }
        [b'[', ..] if family == Some(Family::Sqlite) => to(rest.find(']').map(|end| end + 1), "a bracket"),
        [b'-', b'-', ..] => Ok(Some(rest.find('\n').unwrap_or(rest.len()))),
        [b'#', ..] if family == Some(Family::Mysql) => Ok(Some(rest.find('\n').unwrap_or(rest.len()))),
        [b'/', b'*', ..] => to(rest.find("*/").map(|end| end + 2), "a comment"),
        [b'$', ..] if family == Some(Family::Postgres) => {
            let tag = word(rest.get(1..).unwrap_or_default());
            let fence = rest.get(..tag.len() + 2).filter(|fence| fence.ends_with('$'));
            let Some(fence) = fence.filter(|_| !tag.starts_with(|c: char| c.is_ascii_digit())) else { return Ok(None) };
            let end = rest.get(fence.len()..).and_then(|inner| inner.find(fence));
            to(end.map(|end| end + 2 * fence.len()), "a quote")
        }
        _ => Ok(None),
    }
}

/// The length of a quoted piece: a doubled quote does not end it.
fn quoted(rest: &str, quote: u8, backslash: bool) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' if backslash => at += 2,
            byte if *byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if *byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: Option<Family> = Some(Family::Postgres);
    const MYSQL: Option<Family> = Some(Family::Mysql);
    const SQLITE: Option<Family> = Some(Family::Sqlite);

    fn names(text: &str, family: Option<Family>) -> Result<Vec<&str>, String> {
        let pieces = pieces(text, family)?;
        let whole: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => (*text).to_owned(),
                Piece::Name(name) => format!(":{name}"),
            })
            .collect();
        assert_eq!(whole, text);
        Ok(pieces.iter().filter_map(|piece| if let Piece::Name(name) = piece { Some(*name) } else { None }).collect())
    }

    #[test]
    fn parameters_are_found_and_nothing_else() {
        for family in [POSTGRES, MYSQL, SQLITE, None] {
            assert_eq!(names("SELECT :a, f(:b_2)+:a", family).unwrap(), ["a", "b_2", "a"]);
            assert_eq!(names("SELECT ':a', 'it''s :b', \":c\", `:d` -- :e\n/* :f */ , :g", family).unwrap(), ["g"]);
            assert_eq!(names("SELECT x::text, :a::int", family).unwrap(), ["a"]);
            assert_eq!(names("é:ü :a", family).unwrap(), ["a"]);
        }
        assert_eq!(names("SELECT 'it\\'s :a', :b", MYSQL).unwrap(), ["b"]);
        assert_eq!(names("SELECT '\\', :b", POSTGRES).unwrap(), ["b"]);
        assert_eq!(names("SELECT E'\\' :a', :b", POSTGRES).unwrap(), ["b"]);
        assert_eq!(names("SELECT $$ :a $$, $x$ :a $$ $x$, :b", POSTGRES).unwrap(), ["b"]);
        assert_eq!(names("SELECT j ? 'k', :b", POSTGRES).unwrap(), ["b"]);
        assert_eq!(names("SELECT [:a], :b", SQLITE).unwrap(), ["b"]);
        assert_eq!(names("SELECT 1 # :a\n, :b", MYSQL).unwrap(), ["b"]);
    }

    #[test]
    fn what_a_database_would_read_otherwise_is_refused() {
        for (text, family) in [
            ("SELECT 1; DROP TABLE t", POSTGRES),
            ("SELECT 1;", SQLITE),
            ("SELECT ?", MYSQL),
            ("SELECT ?1", SQLITE),
            ("SELECT $1", POSTGRES),
            ("SELECT 'a", SQLITE),
            ("SELECT 'a\\'", MYSQL),
            ("SELECT /* a", POSTGRES),
            ("SELECT $$ a", POSTGRES),
            ("SELECT \"a", None),
        ] {
            assert!(names(text, family).is_err(), "{text}");
        }
    }
}
