//! Owns JSON in a URL: arrays and objects whose values may also be expressions (OData 4.01 Part 2, 5.1.1.17).

use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::parser::Parser;
use super::{Expr, ExprKind, Literal, SyntaxError, SyntaxErrorKind};

/// Reads an array, whose opening bracket comes next.
pub(super) fn array(parser: &mut Parser<'_, '_>, open: Token) -> Result<Expr, SyntaxError> {
    parser.take(open);
    parser.enter(open)?;
    let mut members = Vec::new();
    let mut height = 0;
    if !parser.take_symbol(b']')? {
        loop {
            let token = parser.peek()?;
            parser.check_members(members.len() + 1, token)?;
            members.push(value(parser)?);
            height = parser.height.max(height);
            if !parser.take_symbol(b',')? {
                break;
            }
        }
        parser.expect_symbol(b']', "an operator, ',' or ']'")?;
    }
    parser.leave();
    closed(parser, open, ExprKind::List(members), height)
}

/// Reads an object, whose opening brace comes next.
pub(super) fn object(parser: &mut Parser<'_, '_>, open: Token) -> Result<Expr, SyntaxError> {
    parser.take(open);
    parser.enter(open)?;
    let mut members: Vec<(String, Expr)> = Vec::new();
    let mut height = 0;
    if !parser.take_symbol(b'}')? {
        loop {
            let token = parser.peek()?;
            parser.check_members(members.len() + 1, token)?;
            if token.kind != TokenKind::Symbol(b'"') {
                return parser.refuse("a name in double quotes");
            }
            let name = string(parser, token)?;
            parser.expect_symbol(b':', "':' after a name")?;
            members.push((name, value(parser)?));
            height = parser.height.max(height);
            if !parser.take_symbol(b',')? {
                break;
            }
        }
        parser.expect_symbol(b'}', "an operator, ',' or '}'")?;
    }
    parser.leave();
    closed(parser, open, ExprKind::Object(members), height)
}

fn closed(parser: &mut Parser<'_, '_>, open: Token, kind: ExprKind, height: usize) -> Result<Expr, SyntaxError> {
    parser.height = height + 1;
    parser.check_depth(parser.height, open)?;
    kind.at(parser, open.start)
}

fn value(parser: &mut Parser<'_, '_>) -> Result<Expr, SyntaxError> {
    let token = parser.peek()?;
    if token.kind != TokenKind::Symbol(b'"') {
        return expression(parser);
    }
    parser.height = 1;
    let text = string(parser, token)?;
    ExprKind::Literal(Literal::String(text)).at(parser, token.start)
}

/// Reads a string in double quotes, whose first quote comes next.
fn string(parser: &mut Parser<'_, '_>, open: Token) -> Result<String, SyntaxError> {
    let end = lexer::phrase_end(parser.text(), open.start)?;
    let inner = parser.text().slice(open.start + 1, end - 1);
    let text = if inner.contains('\\') { unescape(inner) } else { Some(inner.to_owned()) };
    let Some(text) = text else {
        let (expected, found) = ("a string with correct escapes", format!("'{inner}'"));
        return Err(parser.error(SyntaxErrorKind::Unexpected { expected, found }, open.start, end));
    };
    parser.move_to(end);
    Ok(text)
}

/// Takes the escapes of JSON out of a string; none if one of them is wrong.
pub(super) fn unescape(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match letters.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = unit(&mut letters)?;
                let second = (0xd800..0xdc00).contains(&first);
                let pair = if second && letters.next()? == '\\' && letters.next()? == 'u' {
                    vec![first, unit(&mut letters)?]
                } else {
                    vec![first]
                };
                char::decode_utf16(pair).next()?.ok()?
            }
            _ => return None,
        });
    }
    Some(text)
}

/// Four hexadecimal digits.
fn unit(letters: &mut std::str::Chars<'_>) -> Option<u16> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit * 16 + u16::try_from(letters.next()?.to_digit(16)?).ok()?;
    }
    Some(unit)
}
