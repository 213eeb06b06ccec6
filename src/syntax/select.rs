//! Owns `$select`: paths of names. Options of an item in parentheses are noticed and stepped over.

use super::lexer::{self, TokenKind};
use super::parser::Parser;
use super::{SelectItem, SyntaxError};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<SelectItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        items.push(item(parser)?);
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

fn item(parser: &mut Parser<'_, '_>) -> Result<SelectItem, SyntaxError> {
    let start = parser.peek()?.start;
    let mut path = vec![name(parser)?];
    while parser.take_symbol(b'/')? {
        path.push(name(parser)?);
    }
    let open = parser.peek()?;
    let has_options = open.kind == TokenKind::Symbol(b'(');
    if has_options {
        parser.move_to(lexer::balanced_end(parser.text(), open.start)?);
    }
    Ok(SelectItem { path, has_options, span: parser.span(start, parser.position()) })
}

/// A name, `*`, or `Namespace.*`.
fn name(parser: &mut Parser<'_, '_>) -> Result<String, SyntaxError> {
    let token = parser.peek()?;
    let text = parser.text();
    match token.kind {
        TokenKind::Word if text.byte(token.end) == b'.' && text.byte(token.end + 1) == b'*' => {
            parser.move_to(token.end + 2);
        }
        TokenKind::Word | TokenKind::At | TokenKind::Symbol(b'*') => parser.take(token),
        _ => return parser.refuse("a property or '*'"),
    }
    Ok(text.slice(token.start, parser.position()).to_owned())
}
