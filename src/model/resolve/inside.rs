//! Owns the question whether a statement can stand inside another, where it is one value for each row.
//!
//! # Decisions
//!
//! - **What is not sure is answered with no.** Only a `SELECT` of one column can; that it gives one row is seen to
//!   where it is written. The functions that cannot are still called by themselves.
//! - **Our names of tables** (`t0`, `t1`, …) are used by no such statement: it would hide the row outside.

use super::statement::{passed_over, word};
use crate::model::{Family, Inside};

/// How a statement stands inside another; `None` if it cannot.
pub(super) fn inside(text: &str, family: Option<Family>) -> Option<Inside> {
    let mut found = Words { place: Place::Start, limited: false };
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = passed_over(rest, family).ok()? {
            let is_comment = rest.starts_with("--") || rest.starts_with("/*") || rest.starts_with('#');
            let inner = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
            if (found.place == Place::Start && !is_comment) || is_ours(inner) {
                return None;
            }
            at += length;
            continue;
        }
        let first = rest.chars().next()?;
        if first.is_ascii_alphanumeric() || first == '_' {
            let word = word(rest);
            if is_ours(word) || (depth == 0 && !found.take(word)) {
                return None;
            }
            at += word.len();
            continue;
        }
        match first {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            // More than one column, or nobody knows how many.
            ',' if depth == 0 && found.place == Place::Columns => return None,
            '*' if depth == 0 && found.place == Place::Columns && is_all_columns(text.get(..at)?) => return None,
            _ => {}
        }
        at += first.len_utf8();
    }
    (found.place != Place::Start).then_some(Inside { limited: found.limited })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first word.
    Start,
    /// In the select list.
    Columns,
    /// Behind it.
    Behind,
}

/// What the words outside of all parentheses have told.
struct Words {
    place: Place,
    limited: bool,
}

impl Words {
    /// False if no statement with this word can stand inside another.
    fn take(&mut self, word: &str) -> bool {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        match self.place {
            Place::Start if !is("select") => return false,
            Place::Start => self.place = Place::Columns,
            // Each part of a union has a list of its own.
            _ if is("select") => self.place = Place::Columns,
            Place::Columns if is("from") => self.place = Place::Behind,
            _ => {}
        }
        self.limited |= is("limit") || is("fetch") || is("offset");
        !(is("into") || is("for") || is("lock") || is("procedure"))
    }
}

/// Whether a star at the end of this text stands for columns and does not multiply.
fn is_all_columns(before: &str) -> bool {
    let before = before.trim_end();
    let ends_with = |word: &str| {
        before.get(before.len().saturating_sub(word.len())..).is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    before.ends_with('.') || ["select", "all", "distinct"].into_iter().any(ends_with)
}

/// Whether it could be one of our names of tables.
fn is_ours(name: &str) -> bool {
    let number = name.strip_prefix(['t', 'T']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: Option<Family> = Some(Family::Postgres);
    const LIMITED: Option<Inside> = Some(Inside { limited: true });
    const UNLIMITED: Option<Inside> = Some(Inside { limited: false });

    #[test]
    fn a_select_of_one_column_stands_inside() {
        for (text, expected) in [
            ("SELECT COUNT(*) FROM trips WHERE vehicle_id = :ID", UNLIMITED),
            ("select max(a, b) from x, y where c in (select d, e from z)", UNLIMITED),
            ("SELECT a * 2 FROM x", UNLIMITED),
            ("SELECT DISTINCT a FROM x -- , b\n", UNLIMITED),
            ("SELECT ', *' || a FROM x ORDER BY b, c LIMIT 1", LIMITED),
            ("SELECT a FROM x ORDER BY b FETCH FIRST ROW ONLY", LIMITED),
            ("SELECT a FROM x UNION SELECT b FROM y", UNLIMITED),
            ("SELECT coalesce(:p, 1)", UNLIMITED),
            ("/* of trips */ SELECT a FROM x", UNLIMITED),
        ] {
            assert_eq!(inside(text, POSTGRES), expected, "{text}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for text in [
            "SELECT a, b FROM x",
            "SELECT * FROM x",
            "SELECT x.* FROM x",
            "SELECT DISTINCT * FROM x",
            "SELECT a FROM x UNION SELECT b, c FROM y",
            "SELECT a FROM x t0",
            "SELECT \"t1\".a FROM x \"t1\"",
            "SELECT a FROM T12",
            "SELECT a INTO y FROM x",
            "SELECT a FROM x FOR UPDATE",
            "WITH y AS (SELECT 1) SELECT * FROM y",
            "UPDATE x SET a = 1 RETURNING a",
            "(SELECT a FROM x)",
            "",
            "-- SELECT a",
            "SELECT a FROM x)",
        ] {
            assert_eq!(inside(text, POSTGRES), None, "{text}");
        }
    }
}
