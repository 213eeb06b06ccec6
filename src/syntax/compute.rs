//! Owns `$compute`: expressions with names of their own.

use super::filter::expression;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{ComputeItem, SyntaxError};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<ComputeItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        let start = parser.peek()?.start;
        let expr = expression(parser)?;
        let Some(alias) = alias(parser)? else { return parser.refuse("an operator, or 'as' and a name") };
        items.push(ComputeItem { expr, alias, span: parser.span(start, parser.position()) });
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

/// Reads `as` and the name behind it; none if the next word is another.
pub(super) fn alias(parser: &mut Parser<'_, '_>) -> Result<Option<String>, SyntaxError> {
    if !keyword(parser, "as")? {
        return Ok(None);
    }
    let name = parser.peek()?;
    let word = parser.slice(name);
    if name.kind != TokenKind::Word || word.contains('.') {
        return parser.refuse("a name after 'as'");
    }
    parser.take(name);
    Ok(Some(word.to_owned()))
}

/// Takes the next word if it is this one, in any letter case.
pub(super) fn keyword(parser: &mut Parser<'_, '_>, word: &str) -> Result<bool, SyntaxError> {
    let token = parser.peek()?;
    let found = token.kind == TokenKind::Word && parser.slice(token).eq_ignore_ascii_case(word);
    if found {
        parser.take(token);
    }
    Ok(found)
}
