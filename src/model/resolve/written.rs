//! Owns SQL that stands in the file of a set: a query whose rows are its rows, and calculations.
//!
//! # Decisions
//!
//! - **Only the form is judged here**: one statement, closed brackets, nothing that a database would read as a
//!   parameter or a comment. What it means, a database tells (`penstock check`).
//! - **A calculation names columns in braces**, `{price} * {quantity}`, since a bare name could mean a column of
//!   another table where several are joined. Braces inside of quotes are part of a text.

use super::names::check_database_name;
use super::statement::{Piece, passed_over, pieces, word};
use crate::edm::{Slot, Template};
use crate::model::Family;
use crate::model::raw::{Report, Statement, Statements};

/// The text for the database of the source; its absence is reported. `what` is the thing, `key` its place.
pub(super) fn text_for<'s>(
    statement: &'s Statement,
    family: Option<Family>,
    (file, key, what): (&str, &str, &str),
    report: &mut Report,
) -> Option<&'s str> {
    let texts = match statement {
        Statement::Any(text) => return Some(text.trim()),
        Statement::ByDatabase(texts) => texts,
    };
    let Statements { postgres, mysql, sqlite } = texts;
    // Without a family, the source was reported.
    let family = family?;
    let text = match family {
        Family::Postgres => postgres,
        Family::Mysql => mysql,
        Family::Sqlite => sqlite,
    };
    if text.is_none() {
        let wrong = format!("no {what} is given for this source");
        report.add(file, key, wrong, format!("add `{key}.{}`", family.key()));
    }
    text.as_deref().map(str::trim)
}

/// What is wrong with a query that is to stand in brackets inside of a statement.
pub(super) fn check_query(text: &str, family: Option<Family>, file: &str, report: &mut Report) {
    let right = "write one `SELECT`, as it would stand in brackets behind `FROM`";
    if let Err(wrong) = check_form(text, family) {
        report.add(file, "query", wrong, right);
    }
    let first = word(text);
    if !["select", "with"].iter().any(|known| first.eq_ignore_ascii_case(known)) {
        report.add(file, "query", "it does not begin with `SELECT` or `WITH`", right);
    }
}

/// The calculation with its columns, or what is wrong with it.
pub(super) fn template(
    text: &str,
    family: Option<Family>,
    (file, key): (&str, &str),
    report: &mut Report,
) -> Option<Template> {
    let found = check_form(text, family).and_then(|()| slots(text, family));
    match found {
        Ok(slots) => {
            for slot in &slots {
                if let Slot::Column(name) = slot {
                    check_database_name(name, file, key, report);
                }
            }
            Some(Template(slots.into()))
        }
        Err(wrong) => {
            report.add(file, key, wrong, "write an expression with columns in braces: `{price} * {quantity}`");
            None
        }
    }
}

/// Everything that would let a text reach beyond the brackets in which it is to stand.
fn check_form(text: &str, family: Option<Family>) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.contains('\0') {
        return Err("it holds a zero character".to_owned());
    }
    for piece in pieces(text, family)? {
        if let Piece::Name(name) = piece {
            return Err(format!("it holds the parameter `:{name}`, and there is no value for it"));
        }
    }
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = passed_over(rest, family)? {
            if ["--", "/*", "#"].iter().any(|sign| rest.starts_with(sign)) {
                return Err("it holds a comment".to_owned());
            }
            at += length;
            continue;
        }
        match rest.as_bytes().first() {
            Some(b'(') => depth += 1,
            Some(b')') => depth = depth.checked_sub(1).ok_or("it closes a bracket that it has not opened")?,
            _ => {}
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    if depth > 0 { Err("it holds a bracket without an end".to_owned()) } else { Ok(()) }
}

fn slots(text: &str, family: Option<Family>) -> Result<Vec<Slot>, String> {
    let mut slots = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut bare = None;
    let push = |slots: &mut Vec<Slot>, start: usize, at: usize| {
        slots.extend(text.get(start..at).filter(|text| !text.is_empty()).map(|text| Slot::Text(text.into())));
    };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = passed_over(rest, family)? {
            at += length;
            continue;
        }
        match rest.chars().next() {
            Some('{') => {
                let end = rest.find('}').ok_or("it holds a brace without an end")?;
                let name = rest.get(1..end).unwrap_or_default();
                if name.contains('{') {
                    return Err("it holds a brace inside of braces".to_owned());
                }
                push(&mut slots, start, at);
                slots.push(Slot::Column(name.into()));
                at += end + 1;
                start = at;
            }
            Some('}') => return Err("it closes a brace that it has not opened".to_owned()),
            Some(first) if first.is_alphanumeric() || first == '_' => {
                let word = word(rest);
                if !first.is_ascii_digit() {
                    bare = bare.or(Some(word));
                }
                at += word.len().max(first.len_utf8());
            }
            Some(first) => at += first.len_utf8(),
            None => break,
        }
    }
    push(&mut slots, start, text.len());
    let names_column = slots.iter().any(|slot| matches!(slot, Slot::Column(_)));
    match bare {
        Some(word) if !names_column => Err(format!("it names no column: `{word}` stands outside of braces")),
        _ => Ok(slots),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str, family: Family) -> Result<String, String> {
        let mut report = Report::default();
        let found = template(text, Some(family), ("a.toml", "property.1.expression"), &mut report);
        report.finish(()).map_err(|problems| problems[0].wrong.clone())?;
        let text = |slot: &Slot| match slot {
            Slot::Text(text) => text.to_string(),
            Slot::Column(name) => format!("<{name}>"),
        };
        Ok(found.unwrap().0.iter().map(text).collect())
    }

    fn query(text: &str) -> Vec<String> {
        let mut report = Report::default();
        check_query(text, Some(Family::Postgres), "a.toml", &mut report);
        let problems = report.finish(()).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.wrong).collect()
    }

    #[test]
    fn columns_stand_in_braces() {
        for (text, expected) in [
            ("{price} * {quantity}", "<price> * <quantity>"),
            ("round({a b}, 2)", "round(<a b>, 2)"),
            ("coalesce({name}, '{none}', E'\\'{')", "coalesce(<name>, '{none}', E'\\'{')"),
            ("'CH'", "'CH'"),
            ("1 + 2.5", "1 + 2.5"),
            ("{tags}::text", "<tags>::text"),
            ("{über}", "<über>"),
        ] {
            assert_eq!(made(text, Family::Postgres).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_could_reach_beyond_is_refused() {
        for (text, wrong) in [
            ("price * 2", "it names no column: `price` stands outside of braces"),
            ("{a", "it holds a brace without an end"),
            ("a}", "it closes a brace that it has not opened"),
            ("{a{b}}", "it holds a brace inside of braces"),
            ("{a}; DROP TABLE t", "it holds a semicolon"),
            ("{a} -- b", "it holds a comment"),
            ("{a} /* b */", "it holds a comment"),
            ("({a}", "it holds a bracket without an end"),
            ("{a}) OR (1 = 1", "it closes a bracket that it has not opened"),
            ("{a} = :b", "it holds the parameter `:b`, and there is no value for it"),
            ("{a} = $1", "it holds a numbered parameter"),
            ("'{a}", "it holds a quote without an end"),
            ("{}", "a database name is empty or holds a zero character"),
            ("", "it is empty"),
        ] {
            assert_eq!(made(text, Family::Postgres).unwrap_err(), wrong, "{text}");
        }
        assert_eq!(made("{a} # b", Family::Mysql).unwrap_err(), "it holds a comment");
        assert_eq!(
            made("{a} = ?", Family::Sqlite).unwrap_err(),
            "it holds a question mark, which the database takes for a parameter"
        );
        assert_eq!(made("concat('\\'', {a})", Family::Mysql).as_deref(), Ok("concat('\\'', <a>)"));
    }

    #[test]
    fn a_query_is_one_select() {
        assert_eq!(query("SELECT a, count(*) FROM t WHERE b = ')' GROUP BY a"), [""; 0]);
        assert_eq!(query("WITH x AS (SELECT 1 AS a) SELECT a FROM x ORDER BY a LIMIT 5"), [""; 0]);
        assert_eq!(query("DELETE FROM t"), ["it does not begin with `SELECT` or `WITH`"]);
        assert_eq!(query("SELECT 1; SELECT 2"), ["it holds a semicolon"]);
        assert_eq!(query("SELECT 1) AS t, (SELECT 2"), ["it closes a bracket that it has not opened"]);
        assert_eq!(query("SELECT 1 -- )"), ["it holds a comment"]);
    }
}
