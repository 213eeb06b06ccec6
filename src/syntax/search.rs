//! Owns `$search`: one phrase, quoted or bare. The operators `AND`, `OR` and `NOT` are part of the phrase, because
//! Salesforce sends what its user typed.

use super::lexer;
use super::parser::Parser;
use super::{Search, SearchExpr, SyntaxError};

/// Reads the text between `start` and `end`; none if nothing is left of it without its quotes.
pub(super) fn search(parser: &Parser<'_, '_>, start: usize, end: usize) -> Result<Option<Search>, SyntaxError> {
    let text = parser.text();
    let mut at = start;
    let mut quoted = false;
    while at < end {
        if text.byte(at) == b'"' {
            let close = lexer::phrase_end(text, at)?;
            quoted = at == start && close == end;
            at = close;
        } else {
            at += 1;
        }
    }
    let phrase = if quoted { unescape(text.slice(start + 1, end - 1)) } else { text.slice(start, end).to_owned() };
    let span = parser.span(start, end);
    if phrase.trim().is_empty() {
        return Ok(None);
    }
    let expr = SearchExpr::Term { text: phrase, quoted, span: span.clone() };
    Ok(Some(Search { expr, span }))
}

/// In a phrase, a backslash protects a quote or another backslash; before anything else it is itself.
fn unescape(inner: &str) -> String {
    let mut phrase = String::with_capacity(inner.len());
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some(protected @ ('"' | '\\'))) => {
                phrase.push(*protected);
                letters.next();
            }
            _ => phrase.push(letter),
        }
    }
    phrase
}
