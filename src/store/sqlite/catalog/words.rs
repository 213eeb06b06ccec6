//! Owns the virtual tables that are indexes of words, read from the statement that made them: no pragma tells the
//! module.

use rusqlite::Connection;

use crate::catalog::WordIndex;

/// The index of words that this virtual table is, if it is one.
pub(super) fn index(connection: &Connection, name: &str, sql: &str) -> rusqlite::Result<Option<WordIndex>> {
    let Some((module, options)) = module(sql) else { return Ok(None) };
    if !matches!(module.as_str(), "fts3" | "fts4" | "fts5") {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(super::COLUMNS)?;
    let columns = statement.query_map([name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let option = |wanted: &str| {
        options.iter().find_map(|option| {
            let (key, value) = option.split_once('=')?;
            key.trim().eq_ignore_ascii_case(wanted).then(|| unquoted(value.trim()))
        })
    };
    Ok(Some(WordIndex {
        name: name.to_owned(),
        method: module,
        columns,
        content: option("content").filter(|content| !content.is_empty()),
        tokenize: option("tokenize"),
    }))
}

/// The module and its arguments in `CREATE VIRTUAL TABLE name USING module(arguments)`.
fn module(sql: &str) -> Option<(String, Vec<String>)> {
    // The name of the table may hold anything, also the word.
    let parts = separated(sql, char::is_whitespace);
    let place = parts.iter().position(|part| part.eq_ignore_ascii_case("USING"))?;
    let rest = parts.get(place + 1..)?.join(" ");
    let (module, arguments) = rest.split_once('(').unwrap_or((rest.as_str(), ""));
    let arguments = arguments.trim_end().trim_end_matches(')');
    let list = separated(arguments, |letter| letter == ',').into_iter().map(|part| part.trim().to_owned());
    Some((module.trim().to_ascii_lowercase(), list.collect()))
}

/// The parts between separators that stand outside of quotes.
fn separated(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<String> {
    let (mut parts, mut part, mut quote) = (Vec::new(), String::new(), None);
    for letter in text.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => {}
            None if is_separator(letter) => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            None => quote = closing(letter),
        }
        part.push(letter);
    }
    parts.push(part);
    parts
}

/// What ends a quoted word that begins with this letter.
fn closing(letter: char) -> Option<char> {
    match letter {
        '"' | '\'' | '`' => Some(letter),
        '[' => Some(']'),
        _ => None,
    }
}

fn unquoted(text: &str) -> String {
    let mut letters = text.chars();
    let quote = letters.next().and_then(closing);
    match (quote, letters.next_back()) {
        (Some(quote), Some(last)) if last == quote => {
            letters.as_str().replace(&format!("{quote}{quote}"), &quote.to_string())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_behind_any_name() {
        let found = |sql| module(sql).unwrap();
        assert_eq!(found("CREATE VIRTUAL TABLE a USING fts5(b, c)"), ("fts5".to_owned(), vec!["b".into(), "c".into()]));
        let (module, options) = found(
            "create virtual table \"a using fts5(x)\"\n using\tFTS4 ( b, content = 'it''s, so', tokenize=\"x\" )",
        );
        assert_eq!(module, "fts4");
        assert_eq!(options, ["b", "content = 'it''s, so'", "tokenize=\"x\""]);
        assert_eq!(found("CREATE VIRTUAL TABLE a USING dbstat").0, "dbstat");
        assert_eq!(super::module("CREATE TABLE a (b)"), None);
        assert_eq!(unquoted("'it''s, so'"), "it's, so");
        assert_eq!(unquoted("[a b]"), "a b");
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(unquoted("'"), "'");
    }
}
