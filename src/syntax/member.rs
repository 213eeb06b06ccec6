//! Owns paths in expressions: names, keys, lambdas, `$count`, `$filter`, annotations, and the variables they begin
//! with.

use super::call::{self, parameters};
use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::operand::{self, stands_next};
use super::option_name::Place;
use super::options::nested;
use super::parser::Parser;
use super::{Expr, ExprKind, FunctionCall, Lambda, PathStep, PathStepKind, SyntaxError, aggregate};

const STEP_EXPECTED: &str = "a property after '/'";

/// Reads a path whose first name is already taken.
pub(super) fn named(parser: &mut Parser<'_, '_>, first: Token) -> Result<Expr, SyntaxError> {
    let step = name(parser, first);
    if stands_next(parser, b'/') {
        return path(parser, first.start, vec![step]);
    }
    // Almost all paths are one name, so its place is not looked up twice.
    parser.count_node(first)?;
    let span = step.span.clone();
    Ok(Expr { kind: ExprKind::Path(vec![step]), span })
}

/// The step of a plain name.
pub(super) fn name(parser: &Parser<'_, '_>, name: Token) -> PathStep {
    let kind = PathStepKind::Name(parser.slice(name).to_owned());
    PathStep { kind, span: parser.span(name.start, name.end) }
}

/// Reads a parameter alias, a path through one, or an annotation.
pub(super) fn at(parser: &mut Parser<'_, '_>, first: Token) -> Result<Expr, SyntaxError> {
    let annotation = parser.slice(first).contains('.') || parser.text().byte(first.end) == b'#';
    if annotation {
        let step = annotated(parser, first)?;
        return path(parser, first.start, vec![step]);
    }
    parser.take(first);
    if !stands_next(parser, b'/') {
        return operand::alias(parser, first);
    }
    let kind = PathStepKind::Alias(parser.slice(first).trim_start_matches('@').into());
    let step = PathStep { kind, span: parser.span(first.start, first.end) };
    path(parser, first.start, vec![step])
}

/// Reads a path that begins with a variable of the system; none, with nothing taken, if there is no such variable.
pub(super) fn variable(parser: &mut Parser<'_, '_>, first: Token) -> Result<Option<Expr>, SyntaxError> {
    let kind = match parser.slice(first) {
        "$it" => PathStepKind::It,
        "$this" => PathStepKind::This,
        "$these" => PathStepKind::These,
        "$root" => PathStepKind::Root,
        _ => return Ok(None),
    };
    parser.take(first);
    if kind == PathStepKind::Root && !stands_next(parser, b'/') {
        return parser.refuse("'/' and an entity set after '$root'");
    }
    let step = PathStep { kind, span: parser.span(first.start, first.end) };
    path(parser, first.start, vec![step]).map(Some)
}

/// Reads the rest of a path.
pub(super) fn path(parser: &mut Parser<'_, '_>, start: usize, mut steps: Vec<PathStep>) -> Result<Expr, SyntaxError> {
    while stands_next(parser, b'/') {
        parser.take_symbol(b'/')?;
        if stands_next(parser, b' ') {
            return parser.refuse(STEP_EXPECTED);
        }
        let token = parser.peek()?;
        parser.check_members(steps.len() + 1, token)?;
        match token.kind {
            TokenKind::Word => {
                parser.take(token);
                if stands_next(parser, b'(') {
                    with_parentheses(parser, token, &mut steps)?;
                } else {
                    steps.push(name(parser, token));
                }
            }
            TokenKind::At => {
                let step = annotated(parser, token)?;
                steps.push(step);
            }
            TokenKind::Dollar if parser.slice(token) == "$count" => {
                parser.take(token);
                let step = counted(parser, token)?;
                steps.push(step);
                break;
            }
            TokenKind::Dollar if parser.slice(token) == "$filter" => {
                parser.take(token);
                filtered(parser, token, &mut steps)?;
            }
            _ => return parser.refuse(STEP_EXPECTED),
        }
    }
    ExprKind::Path(steps).at(parser, start)
}

/// Reads a step with parentheses, whose name is already taken.
fn with_parentheses(parser: &mut Parser<'_, '_>, name: Token, steps: &mut Vec<PathStep>) -> Result<(), SyntaxError> {
    let word = parser.slice(name);
    let open = parser.peek()?;
    if call::has_named_parameters(parser, open) {
        return call::parenthesised(parser, name, steps);
    }
    let kind = if word.eq_ignore_ascii_case("any") {
        let lambda = lambda(parser, open)?;
        if lambda.is_none() {
            parser.take_symbol(b')')?;
        }
        PathStepKind::Any(lambda)
    } else if word.eq_ignore_ascii_case("all") {
        match lambda(parser, open)? {
            Some(lambda) => PathStepKind::All(lambda),
            None => return parser.refuse("the name of a variable in 'all'"),
        }
    } else if word.eq_ignore_ascii_case("aggregate") {
        parser.take(open);
        parser.enter(open)?;
        let item = aggregate::nameless(parser)?;
        parser.expect_symbol(b')', "an operator, 'with' or ')'")?;
        parser.leave();
        PathStepKind::Aggregate(Box::new(item))
    } else {
        return call::parenthesised(parser, name, steps);
    };
    let span = parser.span(name.start, parser.position());
    steps.push(PathStep { kind, span });
    Ok(())
}

/// Reads the parentheses of `any` and `all`. Nothing is in them if it is none, and the closing one is not taken then.
fn lambda(parser: &mut Parser<'_, '_>, open: Token) -> Result<Option<Box<Lambda>>, SyntaxError> {
    parser.take(open);
    parser.enter(open)?;
    let token = parser.peek()?;
    let name = parser.slice(token);
    if token.kind == TokenKind::Symbol(b')') {
        parser.leave();
        return Ok(None);
    }
    if token.kind != TokenKind::Word || name.contains('.') {
        return parser.refuse("the name of a variable and ':'");
    }
    parser.take(token);
    parser.expect_symbol(b':', "':' after the variable")?;
    let predicate = expression(parser)?;
    parser.expect_symbol(b')', "an operator or ')'")?;
    parser.leave();
    rise(parser, open)?;
    Ok(Some(Box::new(Lambda { variable: name.to_owned(), predicate })))
}

/// Reads the options of `$count`, if there are any.
fn counted(parser: &mut Parser<'_, '_>, count: Token) -> Result<PathStep, SyntaxError> {
    let mut options = None;
    if stands_next(parser, b'(') {
        let open = parser.peek()?;
        parser.take(open);
        parser.enter(open)?;
        options = Some(nested(parser, Place::Count)?);
        parser.leave();
        rise(parser, open)?;
    }
    let span = parser.span(count.start, parser.position());
    Ok(PathStep { kind: PathStepKind::Count { options }, span })
}

/// Reads the condition of `$filter`, and a key that picks one of what is left.
fn filtered(parser: &mut Parser<'_, '_>, filter: Token, steps: &mut Vec<PathStep>) -> Result<(), SyntaxError> {
    if !stands_next(parser, b'(') {
        return parser.refuse("'(' after '$filter'");
    }
    let open = parser.peek()?;
    parser.take(open);
    parser.enter(open)?;
    let condition = expression(parser)?;
    parser.expect_symbol(b')', "an operator or ')'")?;
    parser.leave();
    rise(parser, open)?;
    let span = parser.span(filter.start, parser.position());
    steps.push(PathStep { kind: PathStepKind::Filter(Box::new(condition)), span });
    if stands_next(parser, b'(') {
        call::key(parser, steps)?;
    }
    Ok(())
}

/// Reads an annotation with its qualifier.
fn annotated(parser: &mut Parser<'_, '_>, token: Token) -> Result<PathStep, SyntaxError> {
    let end = annotation_end(parser, token)?;
    let kind = PathStepKind::Annotation(parser.text().slice(token.start + 1, end).into());
    Ok(PathStep { kind, span: parser.span(token.start, end) })
}

/// Takes an annotation and gives its end: `@NS.Term` or `@NS.Term#qualifier`.
pub(super) fn annotation_end(parser: &mut Parser<'_, '_>, token: Token) -> Result<usize, SyntaxError> {
    let text = parser.text();
    let mut end = token.end;
    if text.byte(end) == b'#' {
        parser.move_to(end + 1);
        end = lexer::identifier_end(text, end + 1);
        if end == token.end + 1 {
            return parser.refuse("the qualifier of an annotation");
        }
    }
    parser.move_to(end);
    Ok(end)
}

/// Counts the level of what stands in the brackets that were read last.
fn rise(parser: &mut Parser<'_, '_>, open: Token) -> Result<(), SyntaxError> {
    parser.height += 1;
    parser.check_depth(parser.height, open)
}

/// Reads a function of the service, whose name is already taken: its name and its named parameters.
pub(super) fn custom(parser: &mut Parser<'_, '_>, name: Token) -> Result<FunctionCall, SyntaxError> {
    let open = parser.peek()?;
    parser.expect_symbol(b'(', "'(' after the name of a function")?;
    parser.enter(open)?;
    let parameters = parameters(parser)?;
    parser.leave();
    Ok(FunctionCall { name: parser.slice(name).to_owned(), parameters })
}
