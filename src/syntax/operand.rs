//! Owns what stands between operators: literals, property paths, function calls, parentheses. Correct OData without a
//! node of its own (lambdas, `$it`, JSON) is stepped over as balanced text and named for the refusal.

use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::parser::Parser;
use super::shape::Shape;
use super::{Expr, ExprKind, Literal, PathStep, PathStepKind, SyntaxError};

const EXPECTED: &str = "a property, a literal or a function";
const STEP_EXPECTED: &str = "a property after '/'";

/// Names of the canonical functions, which may be written in any letter case; sorted.
const CANONICAL: [&str; 36] = [
    "case",
    "cast",
    "ceiling",
    "concat",
    "contains",
    "date",
    "day",
    "endswith",
    "floor",
    "fractionalseconds",
    "geo.distance",
    "geo.intersects",
    "geo.length",
    "hassubsequence",
    "hassubset",
    "hour",
    "indexof",
    "isof",
    "length",
    "matchespattern",
    "maxdatetime",
    "mindatetime",
    "minute",
    "month",
    "now",
    "round",
    "second",
    "startswith",
    "substring",
    "time",
    "tolower",
    "totaloffsetminutes",
    "totalseconds",
    "toupper",
    "trim",
    "year",
];

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
                _ if stands_next(parser, b'(') => call(parser, first),
                _ => path(parser, first),
            }
        }
        TokenKind::At => {
            parser.take(first);
            if stands_next(parser, b'/') {
                skip_path(parser)?;
                return other(parser, first.start, "path through a parameter alias");
            }
            alias(parser, first)
        }
        TokenKind::Symbol(b'(') => {
            parser.take(first);
            parser.enter(first)?;
            let inner = expression(parser)?;
            parser.expect_symbol(b')', "an operator or ')'")?;
            parser.leave();
            Ok(inner)
        }
        TokenKind::Symbol(b'{' | b'[') => {
            let end = lexer::balanced_end(parser.text(), first.start)?;
            parser.move_to(end);
            other(parser, first.start, "JSON literal")
        }
        TokenKind::Dollar => {
            let feature = match parser.slice(first) {
                "$it" => "$it",
                "$this" => "$this",
                "$root" => "$root",
                _ => return parser.refuse(EXPECTED),
            };
            parser.take(first);
            skip_path(parser)?;
            other(parser, first.start, feature)
        }
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
    Ok(matches!(next.kind, TokenKind::End | TokenKind::Symbol(b')' | b',' | b'/' | b';' | b':')))
}

/// Reads the rest of a property path, whose first name is already taken.
fn path(parser: &mut Parser<'_, '_>, first: Token) -> Result<Expr, SyntaxError> {
    parser.height = 1;
    let mut steps = vec![name_step(parser, first)];
    while stands_next(parser, b'/') {
        let token = step(parser)?;
        let name = parser.slice(token);
        let feature = match token.kind {
            TokenKind::Word => {
                parser.take(token);
                if !stands_next(parser, b'(') {
                    steps.push(name_step(parser, token));
                    continue;
                }
                if name.eq_ignore_ascii_case("any") {
                    "any"
                } else if name.eq_ignore_ascii_case("all") {
                    "all"
                } else {
                    "key or function call in a path"
                }
            }
            TokenKind::Dollar if name == "$count" => {
                parser.take(token);
                if !stands_next(parser, b'(') {
                    let kind = PathStepKind::Count { options: None };
                    steps.push(PathStep { kind, span: parser.span(token.start, token.end) });
                    break;
                }
                "$count with options"
            }
            TokenKind::Dollar if name == "$filter" => {
                parser.take(token);
                if !stands_next(parser, b'(') {
                    return parser.refuse("'(' after '$filter'");
                }
                "$filter in a path"
            }
            TokenKind::At => {
                parser.take(token);
                "annotation in a path"
            }
            _ => return parser.refuse(STEP_EXPECTED),
        };
        skip_path(parser)?;
        return other(parser, first.start, feature);
    }
    ExprKind::Path(steps).at(parser, first.start)
}

fn name_step(parser: &Parser<'_, '_>, name: Token) -> PathStep {
    let kind = PathStepKind::Name(parser.slice(name).to_owned());
    PathStep { kind, span: parser.span(name.start, name.end) }
}

fn alias(parser: &mut Parser<'_, '_>, token: Token) -> Result<Expr, SyntaxError> {
    let name = parser.slice(token).trim_start_matches('@').to_owned();
    ExprKind::Alias(name).at(parser, token.start)
}

/// Reads a function call, whose name is already taken and whose parenthesis comes next.
fn call(parser: &mut Parser<'_, '_>, name: Token) -> Result<Expr, SyntaxError> {
    let open = parser.peek()?;
    if has_named_parameters(parser, open) {
        skip_path(parser)?;
        return other(parser, name.start, "function with named parameters");
    }
    let function = function_name(parser.slice(name));
    parser.take(open);
    parser.enter(open)?;
    let mut arguments = Vec::new();
    let mut height = 0;
    if !parser.take_symbol(b')')? {
        loop {
            arguments.push(expression(parser)?);
            height = parser.height.max(height);
            // The only function whose arguments come in pairs: `case(condition:value,…)`.
            if function == "case" {
                parser.expect_symbol(b':', "an operator or ':'")?;
                arguments.push(expression(parser)?);
                height = parser.height.max(height);
            }
            if !parser.take_symbol(b',')? {
                break;
            }
        }
        parser.expect_symbol(b')', "an operator, ',' or ')'")?;
    }
    parser.leave();
    parser.height = height + 1;
    parser.check_depth(parser.height, name)?;
    if stands_next(parser, b'/') {
        skip_path(parser)?;
        return other(parser, name.start, "key or function call in a path");
    }
    ExprKind::Call(function, arguments).at(parser, name.start)
}

fn has_named_parameters(parser: &Parser<'_, '_>, open: Token) -> bool {
    let text = parser.text();
    let start = lexer::skip_blanks(text, open.end);
    let end = lexer::word_end(text, start);
    end > start && text.byte(lexer::skip_blanks(text, end)) == b'='
}

fn function_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if CANONICAL.binary_search(&lower.as_str()).is_ok() { lower } else { name.to_owned() }
}

/// True if this symbol follows at once, without a blank.
fn stands_next(parser: &Parser<'_, '_>, symbol: u8) -> bool {
    parser.text().byte(parser.position()) == symbol
}

/// Takes a slash and shows what stands right behind it.
fn step(parser: &mut Parser<'_, '_>) -> Result<Token, SyntaxError> {
    parser.take_symbol(b'/')?;
    if stands_next(parser, b' ') { parser.refuse(STEP_EXPECTED) } else { parser.peek() }
}

/// Steps over what may follow in a path that is not looked into: steps, and anything in parentheses.
fn skip_path(parser: &mut Parser<'_, '_>) -> Result<(), SyntaxError> {
    loop {
        if stands_next(parser, b'(') {
            let end = lexer::balanced_end(parser.text(), parser.position())?;
            parser.move_to(end);
        } else if stands_next(parser, b'/') {
            let token = step(parser)?;
            if !matches!(token.kind, TokenKind::Word | TokenKind::Dollar | TokenKind::At) {
                return parser.refuse(STEP_EXPECTED);
            }
            parser.take(token);
        } else {
            return Ok(());
        }
    }
}

fn other(parser: &mut Parser<'_, '_>, start: usize, feature: &str) -> Result<Expr, SyntaxError> {
    parser.height = 1;
    ExprKind::Other { feature: feature.to_owned() }.at(parser, start)
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
