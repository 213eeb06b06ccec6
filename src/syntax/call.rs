//! Owns calls: canonical functions by position, other functions by name, the types of `isof` and `cast`, and keys,
//! since `Lines(1)` can only be told from a call by what stands in the parentheses.

use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::operand::{key_value, stands_next};
use super::parser::Parser;
use super::{Expr, ExprKind, FunctionCall, KeyPredicate, Literal, PathStep, PathStepKind, SyntaxError, member};

/// Names of the canonical functions, which may be written in any letter case; sorted.
const CANONICAL: [&str; 37] = [
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
    "isdefined",
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

/// Reads what begins with a name and a parenthesis: the name is already taken and the parenthesis comes next. Named
/// parameters and empty parentheses belong to a function of the service, a single literal behind a name that is not
/// canonical is a key, and anything else is a call by position.
pub(super) fn call(parser: &mut Parser<'_, '_>, name: Token) -> Result<Expr, SyntaxError> {
    let open = parser.peek()?;
    let (function, canonical) = function_name(parser.slice(name));
    if has_named_parameters(parser, open) || (!canonical && is_empty(parser, open)) {
        let mut steps = Vec::with_capacity(2);
        parenthesised(parser, name, &mut steps)?;
        return member::path(parser, name.start, steps);
    }
    parser.take(open);
    parser.enter(open)?;
    let mut arguments = arguments(parser, &function)?;
    parser.leave();
    if !canonical
        && let [Expr { kind: ExprKind::Literal(_) | ExprKind::Alias(_), .. }] = arguments.as_slice()
        && let Some(value) = arguments.pop()
    {
        let kind = PathStepKind::Key(Box::new(KeyPredicate::Single(value)));
        let key = PathStep { kind, span: parser.span(open.start, parser.position()) };
        return member::path(parser, name.start, vec![member::name(parser, name), key]);
    }
    parser.height += 1;
    parser.check_depth(parser.height, name)?;
    ExprKind::Call(function, arguments).at(parser, name.start)
}

/// Reads arguments by position up to the closing parenthesis. The height is that of the highest.
fn arguments(parser: &mut Parser<'_, '_>, function: &str) -> Result<Vec<Expr>, SyntaxError> {
    let typed = matches!(function, "cast" | "isof");
    let mut arguments = Vec::new();
    let mut height = 0;
    if !typed && parser.take_symbol(b')')? {
        parser.height = 0;
        return Ok(arguments);
    }
    loop {
        let token = parser.peek()?;
        parser.check_members(arguments.len() + 1, token)?;
        if typed && let Some(name) = type_argument(parser, token)? {
            arguments.push(name);
            parser.expect_symbol(b')', "')'")?;
            break;
        }
        if typed && arguments.len() == 1 {
            return parser.refuse("the name of a type and ')'");
        }
        let mut argument = expression(parser)?;
        height = parser.height.max(height);
        // The only function whose arguments come in pairs: `case(condition:value,…)`.
        if function == "case" {
            if parser.peek()?.kind != TokenKind::Symbol(b':') {
                part_from_value(parser, &mut argument);
            }
            arguments.push(argument);
            parser.expect_symbol(b':', "an operator or ':'")?;
            argument = expression(parser)?;
            height = parser.height.max(height);
        }
        arguments.push(argument);
        if parser.take_symbol(b',')? {
            continue;
        }
        if typed {
            return parser.refuse("',' and the name of a type");
        }
        parser.expect_symbol(b')', "an operator, ',' or ')'")?;
        break;
    }
    parser.height = height.max(1);
    Ok(arguments)
}

/// Where a condition of `case` ends in what reads as a time of day, `ID eq 10:20`, only its hour belongs to the
/// condition, and the value begins behind the colon.
fn part_from_value(parser: &mut Parser<'_, '_>, condition: &mut Expr) {
    let Expr { kind, span } = condition;
    match kind {
        ExprKind::Binary(_, _, operand) | ExprKind::Not(operand) | ExprKind::Negate(operand) => {
            part_from_value(parser, operand);
        }
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            if let Some(operand) = operands.last_mut() {
                part_from_value(parser, operand);
            }
        }
        ExprKind::Literal(literal) => {
            let Literal::TimeOfDay(text) = &*literal else { return };
            let (start, end) = (parser.position().saturating_sub(text.len()), parser.position());
            let Some(hour) = text.get(..2).filter(|_| parser.text().slice(start, end) == text) else { return };
            *span = parser.span(start, start + hour.len());
            parser.move_to(start + hour.len());
            *literal = Literal::Number(hour.to_owned());
        }
        _ => {}
    }
}

/// The name of a type before the closing parenthesis, `Edm.Int32` or `Collection(NS.T)`. Nothing is taken if there is
/// none.
fn type_argument(parser: &mut Parser<'_, '_>, first: Token) -> Result<Option<Expr>, SyntaxError> {
    let text = parser.text();
    if first.kind != TokenKind::Word {
        return Ok(None);
    }
    let mut end = first.end;
    if text.slice(first.start, first.end) == "Collection" && text.byte(first.end) == b'(' {
        let inner = lexer::word_end(text, first.end + 1);
        if inner == first.end + 1 || text.byte(inner) != b')' {
            return Ok(None);
        }
        end = inner + 1;
    }
    if text.byte(lexer::skip_blanks(text, end)) != b')' {
        return Ok(None);
    }
    parser.move_to(end);
    ExprKind::Type(text.slice(first.start, end).to_owned()).at(parser, first.start).map(Some)
}

/// Reads the parentheses behind a name, which is already taken: a key or the named parameters of a function.
pub(super) fn parenthesised(
    parser: &mut Parser<'_, '_>,
    name: Token,
    steps: &mut Vec<PathStep>,
) -> Result<(), SyntaxError> {
    let open = parser.peek()?;
    if !has_named_parameters(parser, open) && !is_empty(parser, open) {
        steps.push(member::name(parser, name));
        return key(parser, steps);
    }
    parser.take(open);
    parser.enter(open)?;
    let parameters = parameters(parser)?;
    parser.leave();
    let call = FunctionCall { name: parser.slice(name).to_owned(), parameters };
    let span = parser.span(name.start, parser.position());
    steps.push(PathStep { kind: PathStepKind::Call(Box::new(call)), span });
    // A function may return a collection, and a key may pick one of it.
    if stands_next(parser, b'(') {
        key(parser, steps)?;
    }
    Ok(())
}

/// Reads a key in parentheses, the first of which comes next.
pub(super) fn key(parser: &mut Parser<'_, '_>, steps: &mut Vec<PathStep>) -> Result<(), SyntaxError> {
    let height = parser.height;
    let open = parser.peek()?;
    let predicate = if has_named_parameters(parser, open) {
        parser.take(open);
        parser.enter(open)?;
        let parts = parameters(parser)?;
        parser.leave();
        KeyPredicate::Named(parts)
    } else {
        parser.take(open);
        let value = key_value(parser)?;
        parser.expect_symbol(b')', "')' after a key")?;
        KeyPredicate::Single(value)
    };
    parser.height = parser.height.max(height);
    let span = parser.span(open.start, parser.position());
    steps.push(PathStep { kind: PathStepKind::Key(Box::new(predicate)), span });
    Ok(())
}

/// Reads named parameters up to the closing parenthesis; the opening one is taken. Raises the height.
pub(super) fn parameters(parser: &mut Parser<'_, '_>) -> Result<Vec<(String, Expr)>, SyntaxError> {
    let mut parameters = Vec::new();
    let mut height = parser.height;
    if parser.take_symbol(b')')? {
        return Ok(parameters);
    }
    loop {
        let name = parser.peek()?;
        if name.kind != TokenKind::Word {
            return parser.refuse("the name of a parameter, '=' and a value");
        }
        parser.check_members(parameters.len() + 1, name)?;
        parser.take(name);
        parser.expect_symbol(b'=', "'=' after the name of a parameter")?;
        parameters.push((parser.slice(name).to_owned(), expression(parser)?));
        height = height.max(parser.height + 1);
        if !parser.take_symbol(b',')? {
            break;
        }
    }
    parser.expect_symbol(b')', "an operator, ',' or ')'")?;
    parser.height = height;
    parser.check_depth(height, Token { kind: TokenKind::Other, start: parser.position(), end: parser.position() })?;
    Ok(parameters)
}

fn is_empty(parser: &Parser<'_, '_>, open: Token) -> bool {
    let text = parser.text();
    text.byte(lexer::skip_blanks(text, open.end)) == b')'
}

/// True if a name stands behind the parenthesis, and an equals sign behind the name.
pub(super) fn has_named_parameters(parser: &Parser<'_, '_>, open: Token) -> bool {
    let text = parser.text();
    let start = lexer::skip_blanks(text, open.end);
    let end = lexer::word_end(text, start);
    end > start && text.byte(lexer::skip_blanks(text, end)) == b'='
}

/// The name, in lower case if it is canonical, and whether it is.
fn function_name(name: &str) -> (String, bool) {
    let lower = name.to_ascii_lowercase();
    let canonical = CANONICAL.binary_search(&lower.as_str()).is_ok();
    (if canonical { lower } else { name.to_owned() }, canonical)
}
