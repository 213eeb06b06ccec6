//! Owns `$orderby`: expressions with their direction.

use super::filter::expression;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{OrderItem, SyntaxError};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<OrderItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        let expr = expression(parser)?;
        let token = parser.peek()?;
        let word = if token.kind == TokenKind::Word { parser.slice(token) } else { "" };
        let descending = word.eq_ignore_ascii_case("desc");
        if descending || word.eq_ignore_ascii_case("asc") {
            parser.take(token);
        } else if !word.is_empty() {
            return parser.refuse("'asc', 'desc', ',' or the end of the option");
        }
        items.push(OrderItem { expr, descending });
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}
