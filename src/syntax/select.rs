//! Owns `$select`: paths of names. Options of an item in parentheses are noticed and stepped over.

use super::lexer::{self, TokenKind};
use super::parser::Parser;
use super::{SelectItem, SyntaxError};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<SelectItem>, SyntaxError> {
    let mut items = Vec::with_capacity(8);
    loop {
        items.push(match plain(parser) {
            Some(item) => item,
            None => item(parser)?,
        });
        if parser.text().byte(parser.position()) == b',' {
            parser.move_to(parser.position() + 1);
        } else if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

/// A plain name before what ends an item, as most items are: nothing else can begin like it.
fn plain(parser: &mut Parser<'_, '_>) -> Option<SelectItem> {
    let text = parser.text();
    let start = lexer::skip_blanks(text, parser.position());
    let end = lexer::identifier_end(text, start);
    if end == start || !(end == text.len() || matches!(text.byte(end), b',' | b';' | b')')) {
        return None;
    }
    parser.move_to(end);
    let path = text.slice(start, end).to_owned();
    Some(SelectItem { path, options: None, span: parser.span(start, end) })
}

fn item(parser: &mut Parser<'_, '_>) -> Result<SelectItem, SyntaxError> {
    let start = parser.peek()?.start;
    let mut path = name(parser)?.to_owned();
    while parser.take_symbol(b'/')? {
        path.push('/');
        path.push_str(name(parser)?);
    }
    let open = parser.peek()?;
    let mut options = None;
    if open.kind == TokenKind::Symbol(b'(') {
        parser.move_to(lexer::balanced_end(parser.text(), open.start)?);
        options = Some(Box::default());
    }
    Ok(SelectItem { path, options, span: parser.span(start, parser.position()) })
}

/// A name, `*`, or `Namespace.*`.
fn name<'p>(parser: &mut Parser<'p, '_>) -> Result<&'p str, SyntaxError> {
    let token = parser.peek()?;
    let text = parser.text();
    match token.kind {
        TokenKind::Word if text.byte(token.end) == b'.' && text.byte(token.end + 1) == b'*' => {
            parser.move_to(token.end + 2);
        }
        TokenKind::Word | TokenKind::At | TokenKind::Symbol(b'*') => parser.take(token),
        _ => return parser.refuse("a property or '*'"),
    }
    Ok(text.slice(token.start, parser.position()))
}
