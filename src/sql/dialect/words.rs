//! Owns how databases ask their indexes for words. A phrase is quoted so that no sign in it has a meaning.
//!
//! # Decisions
//!
//! - **One question where possible.** The languages of the indexes have connectives of their own, and an index answers
//!   one question with several words better than several questions. `NOT` by itself is in none of them: then each
//!   phrase is asked for, and SQL connects the answers.
//! - **PostgreSQL** makes the words of each phrase by `phraseto_tsquery`, which knows no operators, and connects them
//!   by those of `tsquery`. A row without a vector holds no words, so it is found where only words are excluded.
//! - **MariaDB and MySQL** get quoted phrases with `+` and `-` in boolean mode. What their index leaves out (short
//!   words, stop words) it does not find.
//! - **SQLite** gets FTS5 strings with `AND`, `OR` and `NOT`.

use crate::edm::{Scalar, Value};
use crate::sql::RenderError;
use crate::sql::ast::{Column, Table, WordIndex, Words};
use crate::sql::render::separated;
use crate::sql::write::Writer;

/// For databases without such an index.
pub(super) fn refuse(w: &mut Writer<'_>) {
    w.refuse(RenderError::Unsupported { feature: "a search by this kind of index".to_owned() });
}

pub(super) fn postgres(w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
    let WordIndex::Vector { column, config } = index else { return refuse(w) };
    let of_nothing = holds_of_nothing(words);
    w.syntax(if of_nothing { "(" } else { "" });
    w.column(column);
    w.syntax(" @@ ");
    query(w, config, words);
    if of_nothing {
        w.syntax(" OR ");
        w.column(column);
        w.syntax(" IS NULL)");
    }
}

/// Whether the words are found in a row without any.
fn holds_of_nothing(words: &Words) -> bool {
    match words {
        Words::Phrase(_) => false,
        Words::All(operands) => operands.iter().all(holds_of_nothing),
        Words::Any(operands) => operands.iter().any(holds_of_nothing),
        Words::Not(inner) => !holds_of_nothing(inner),
    }
}

fn query(w: &mut Writer<'_>, config: &str, words: &Words) {
    let (operands, operator) = match words {
        Words::Phrase(phrase) => {
            w.syntax("phraseto_tsquery(CAST(");
            w.value(Value::String(config.into()), Scalar::STRING);
            w.syntax(" AS regconfig), ");
            // The protocol takes no U+0000; it separates words as a blank does.
            w.value(Value::String(phrase.replace('\0', " ").into()), Scalar::STRING);
            return w.syntax(")");
        }
        Words::Not(inner) => {
            w.syntax("(!! ");
            query(w, config, inner);
            return w.syntax(")");
        }
        Words::All(operands) => (operands, " && "),
        Words::Any(operands) => (operands, " || "),
    };
    w.syntax("(");
    for (place, operand) in operands.iter().enumerate() {
        w.syntax(if place > 0 { operator } else { "" });
        query(w, config, operand);
    }
    w.syntax(")");
}

pub(super) fn mysql(w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
    let WordIndex::Columns(columns) = index else { return refuse(w) };
    connected(w, words, boolean_mode, &|w, text| {
        w.syntax("MATCH (");
        separated(w, columns, |w, _, column| w.column(column));
        w.syntax(") AGAINST (");
        w.value(Value::String(text.into()), Scalar::STRING);
        w.syntax(" IN BOOLEAN MODE)");
    });
}

pub(super) fn sqlite(w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
    let WordIndex::Rows { table, key } = index else { return refuse(w) };
    connected(w, words, fts5, &|w, text| sqlite_rows(w, table, key, text));
}

/// Whether the row is among those that an FTS5 table finds.
pub(super) fn sqlite_rows(w: &mut Writer<'_>, table: &Table, key: &Column, question: String) {
    w.column(key);
    w.syntax(" IN (SELECT rowid FROM ");
    crate::sql::render::table(w, table);
    w.syntax(" WHERE ");
    w.identifier(&table.name);
    w.syntax(" MATCH ");
    w.value(Value::String(question.into()), Scalar::STRING);
    w.syntax(")");
}

/// A phrase in the language of FTS5.
pub(super) fn fts5_phrase(phrase: &str) -> String {
    format!("\"{}\"", phrase.replace('"', "\"\"").replace('\0', " "))
}

/// Asks one question, or several with SQL between them. Each is enclosed or binds as tightly as a comparison.
fn connected(
    w: &mut Writer<'_>,
    words: &Words,
    language: fn(&Words) -> Option<String>,
    ask: &dyn Fn(&mut Writer<'_>, String),
) {
    if let Some(text) = language(words) {
        return ask(w, text);
    }
    let (operands, operator) = match words {
        // A phrase is in each language.
        Words::Phrase(_) => return refuse(w),
        Words::Not(inner) => {
            w.syntax("NOT (");
            connected(w, inner, language, ask);
            return w.syntax(")");
        }
        Words::All(operands) => (operands, " AND "),
        Words::Any(operands) => (operands, " OR "),
    };
    w.syntax("(");
    for (place, operand) in operands.iter().enumerate() {
        w.syntax(if place > 0 { operator } else { "" });
        connected(w, operand, language, ask);
    }
    w.syntax(")");
}

/// Boolean mode; none where something is only excluded.
fn boolean_mode(words: &Words) -> Option<String> {
    match words {
        Words::Phrase(phrase) => Some(format!("\"{}\"", phrase.replace(['"', '\0'], " "))),
        Words::Not(_) => None,
        Words::Any(operands) => {
            let all: Option<Vec<_>> = operands.iter().map(boolean_mode).collect();
            Some(format!("({})", all?.join(" ")))
        }
        Words::All(operands) => {
            let (mut text, mut found) = (String::from("("), false);
            for operand in operands {
                let (sign, inner) = match operand {
                    Words::Not(inner) => ('-', boolean_mode(inner)?),
                    other => {
                        found = true;
                        ('+', boolean_mode(other)?)
                    }
                };
                text.push(sign);
                text.push_str(&inner);
                text.push(' ');
            }
            text.push(')');
            found.then_some(text)
        }
    }
}

/// FTS5; none where something is only excluded.
fn fts5(words: &Words) -> Option<String> {
    match words {
        Words::Phrase(phrase) => Some(fts5_phrase(phrase)),
        Words::Not(_) => None,
        Words::Any(operands) => {
            let all: Option<Vec<_>> = operands.iter().map(fts5).collect();
            Some(format!("({})", all?.join(" OR ")))
        }
        Words::All(operands) => {
            let (mut found, mut excluded) = (Vec::new(), Vec::new());
            for operand in operands {
                match operand {
                    Words::Not(inner) => excluded.push(fts5(inner)?),
                    other => found.push(fts5(other)?),
                }
            }
            if found.is_empty() {
                return None;
            }
            let found = format!("({})", found.join(" AND "));
            Some(excluded.into_iter().fold(found, |text, inner| format!("({text} NOT {inner})")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Words {
        Words::Phrase(text.into())
    }

    fn not(words: Words) -> Words {
        Words::Not(Box::new(words))
    }

    #[test]
    fn signs_in_a_phrase_have_no_meaning() {
        assert_eq!(boolean_mode(&phrase("a\" +b* @8")).unwrap(), "\"a  +b* @8\"");
        assert_eq!(fts5(&phrase("a\" OR b*\0^c")).unwrap(), "\"a\"\" OR b* ^c\"");
    }

    #[test]
    fn connectives_are_those_of_the_index() {
        let tree = Words::All(vec![phrase("a"), Words::Any(vec![phrase("b"), phrase("c d")]), not(phrase("e"))]);
        assert_eq!(boolean_mode(&tree).unwrap(), "(+\"a\" +(\"b\" \"c d\") -\"e\" )");
        assert_eq!(fts5(&tree).unwrap(), "((\"a\" AND (\"b\" OR \"c d\")) NOT \"e\")");
    }

    #[test]
    fn what_is_only_excluded_is_left_to_sql() {
        for tree in [
            not(phrase("a")),
            Words::Any(vec![phrase("a"), not(phrase("b"))]),
            Words::All(vec![not(phrase("a")), not(phrase("b"))]),
        ] {
            assert_eq!((boolean_mode(&tree), fts5(&tree)), (None, None), "{tree:?}");
            assert!(holds_of_nothing(&tree), "{tree:?}");
        }
        assert!(!holds_of_nothing(&Words::All(vec![phrase("a"), not(phrase("b"))])));
    }
}
