//! Owns `$expand`: paths of names with options of their own in parentheses.

use super::lexer::TokenKind;
use super::options::nested;
use super::parser::Parser;
use super::{ExpandItem, Options, SyntaxError};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<ExpandItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        items.push(item(parser)?);
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

fn item(parser: &mut Parser<'_, '_>) -> Result<ExpandItem, SyntaxError> {
    let start = parser.peek()?.start;
    let mut path = Vec::new();
    let mut ended = false;
    loop {
        let token = parser.peek()?;
        let name = parser.slice(token);
        match (token.kind, name) {
            (TokenKind::Word | TokenKind::At | TokenKind::Symbol(b'*'), _) if !ended => {}
            (TokenKind::Dollar, "$ref" | "$count") if !path.is_empty() && !ended => ended = true,
            (TokenKind::Dollar, "$value") if path.is_empty() => ended = true,
            _ => {
                return parser.refuse(if ended {
                    "',' or the end of the item"
                } else {
                    "a navigation property or '*'"
                });
            }
        }
        parser.take(token);
        path.push(name.to_owned());
        if !parser.take_symbol(b'/')? {
            break;
        }
    }
    let open = parser.peek()?;
    let mut options = Options::default();
    if open.kind == TokenKind::Symbol(b'(') {
        parser.take(open);
        parser.enter(open)?;
        // Each item costs as much as a node, so that a nest of them is bounded like an expression.
        parser.count_node(open)?;
        options = nested(parser)?;
        parser.leave();
    }
    Ok(ExpandItem { path, options, span: parser.span(start, parser.position()) })
}
