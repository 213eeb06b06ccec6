//! Owns what stands between operators: which kind of operand begins here, parentheses, and literals.

use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::parser::Parser;
use super::shape::Shape;
use super::{Expr, ExprKind, Literal, SyntaxError, call, json, member};

const EXPECTED: &str = "a property, a literal or a function";

/// Reads one operand, which begins with `first`.
pub(super) fn operand(parser: &mut Parser<'_, '_>, first: Token) -> Result<Expr, SyntaxError> {
    parser.height = 1;
    match first.kind {
        TokenKind::Literal(_) | TokenKind::String | TokenKind::Prefixed { .. } => {
            let literal = literal(parser, first);
            parser.take(first);
            ExprKind::Literal(literal).at(parser, first.start)
        }
        TokenKind::Word => {
            parser.take(first);
            match word_literal(parser.slice(first)) {
                Some(literal) if !stands_next(parser, b'/') && !stands_next(parser, b'(') => {
                    ExprKind::Literal(literal).at(parser, first.start)
                }
                _ if stands_next(parser, b'(') => call::call(parser, first),
                _ => member::named(parser, first),
            }
        }
        TokenKind::At => member::at(parser, first),
        TokenKind::Symbol(b'(') => {
            parser.take(first);
            parser.enter(first)?;
            let inner = expression(parser)?;
            parser.expect_symbol(b')', "an operator or ')'")?;
            parser.leave();
            Ok(inner)
        }
        TokenKind::Symbol(b'{') => json::object(parser, first),
        TokenKind::Symbol(b'[') => json::array(parser, first),
        TokenKind::Dollar => match member::variable(parser, first)? {
            Some(path) => Ok(path),
            None => parser.refuse(EXPECTED),
        },
        _ => parser.refuse(EXPECTED),
    }
}

/// Reads a key value or a function parameter in a path: a literal or an alias.
pub(super) fn key_value(parser: &mut Parser<'_, '_>) -> Result<Expr, SyntaxError> {
    let token = parser.peek()?;
    let literal = match token.kind {
        TokenKind::Literal(_) | TokenKind::String | TokenKind::Prefixed { .. } => Some(literal(parser, token)),
        TokenKind::Word => word_literal(parser.slice(token)),
        TokenKind::At => {
            parser.take(token);
            return alias(parser, token);
        }
        _ => None,
    };
    let Some(literal) = literal else { return parser.refuse("a key value") };
    parser.take(token);
    ExprKind::Literal(literal).at(parser, token.start)
}

/// True if what follows a word leaves it no meaning but that of a property, even if it is spelled like `not`.
pub(super) fn is_name(parser: &Parser<'_, '_>, word: Token) -> Result<bool, SyntaxError> {
    let next = lexer::next(parser.text(), word.end)?;
    Ok(matches!(next.kind, TokenKind::End | TokenKind::Symbol(b')' | b',' | b'/' | b';' | b':' | b']' | b'}')))
}

pub(super) fn alias(parser: &mut Parser<'_, '_>, token: Token) -> Result<Expr, SyntaxError> {
    let name = parser.slice(token).trim_start_matches('@').to_owned();
    ExprKind::Alias(name).at(parser, token.start)
}

/// True if this symbol follows at once, without a blank.
pub(super) fn stands_next(parser: &Parser<'_, '_>, symbol: u8) -> bool {
    parser.text().byte(parser.position()) == symbol
}

fn word_literal(word: &str) -> Option<Literal> {
    match word {
        "INF" | "NaN" => Some(Literal::Number(word.to_owned())),
        _ if word.eq_ignore_ascii_case("null") => Some(Literal::Null),
        _ if word.eq_ignore_ascii_case("true") => Some(Literal::Boolean(true)),
        _ if word.eq_ignore_ascii_case("false") => Some(Literal::Boolean(false)),
        _ => None,
    }
}

fn literal(parser: &Parser<'_, '_>, token: Token) -> Literal {
    let whole = parser.slice(token);
    match token.kind {
        TokenKind::Prefixed { quote } => {
            let name = parser.text().slice(token.start, quote);
            let lower = name.to_ascii_lowercase();
            let typed = matches!(lower.as_str(), "duration" | "binary" | "geography" | "geometry");
            let prefix = if typed { lower } else { name.to_owned() };
            Literal::Prefixed(prefix, unquote(parser.text().slice(quote, token.end)))
        }
        TokenKind::Literal(Shape::Number) => Literal::Number(restore_plus(whole)),
        TokenKind::Literal(Shape::Date) => Literal::Date(whole.to_owned()),
        TokenKind::Literal(Shape::DateTimeOffset) => Literal::DateTimeOffset(restore_plus(whole)),
        TokenKind::Literal(Shape::TimeOfDay) => Literal::TimeOfDay(whole.to_owned()),
        TokenKind::Literal(Shape::Guid) => Literal::Guid(whole.to_owned()),
        _ => Literal::String(unquote(whole)),
    }
}

/// The lexer lets a blank into these literals only where the client wrote a plus sign.
fn restore_plus(whole: &str) -> String {
    if whole.contains(' ') { whole.replace(' ', "+") } else { whole.to_owned() }
}

fn unquote(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains('\'') { inner.replace("''", "'") } else { inner.to_owned() }
}
