//! Owns the items of `aggregate`: what is aggregated, by which method, from which groups, and how the result is called.

use super::compute::{alias, keyword};
use super::filter::expression;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{AggregateFrom, AggregateItem, Expr, ExprKind, PathStep, PathStepKind, SyntaxError};

/// Names of the methods, which may be written in any letter case.
const METHODS: [&str; 5] = ["sum", "min", "max", "average", "countdistinct"];

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<AggregateItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        let start = parser.peek()?.start;
        let mut item = nameless(parser)?;
        item.alias = alias(parser)?;
        let custom = !item.count && item.method.is_none() && item.from.is_empty();
        if item.alias.is_none() && !custom {
            return parser.refuse("'as' and a name");
        }
        item.span = parser.span(start, parser.position());
        items.push(item);
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

/// Reads one item without its `as`.
pub(super) fn nameless(parser: &mut Parser<'_, '_>) -> Result<AggregateItem, SyntaxError> {
    let first = parser.peek()?;
    let mut item = AggregateItem {
        expr: None,
        count: false,
        method: None,
        from: Vec::new(),
        alias: None,
        span: parser.span(first.start, first.start),
    };
    if first.kind == TokenKind::Dollar && parser.slice(first) == "$count" {
        parser.take(first);
        item.count = true;
        parser.height = 1;
    } else {
        let mut expr = expression(parser)?;
        item.method = method(parser)?;
        if item.method.is_none() {
            let ExprKind::Path(steps) = &mut expr.kind else {
                return parser.refuse("an operator, or 'with' and a method");
            };
            let counts = matches!(steps.last(), Some(PathStep { kind: PathStepKind::Count { options: None }, .. }));
            if counts && let Some(count) = steps.pop() {
                // The slash before it is one byte or, encoded, three: the place of the path ends with its last step.
                let end = steps.last().map_or(count.span.start, |step| step.span.end);
                expr.span.end = end;
                item.count = true;
            }
        }
        item.expr = Some(expr);
    }
    let height = parser.height;
    while keyword(parser, "from")? {
        let by = paths(parser)?;
        let method = method(parser)?;
        item.from.push(AggregateFrom { by, method });
    }
    parser.height = height + 1;
    parser.check_depth(parser.height, first)?;
    item.span = parser.span(first.start, parser.position());
    Ok(item)
}

/// Reads `with` and the method behind it; none if the next word is another.
fn method(parser: &mut Parser<'_, '_>) -> Result<Option<String>, SyntaxError> {
    const EXPECTED: &str = "'sum', 'min', 'max', 'average', 'countdistinct' or the qualified name of a method";
    if !keyword(parser, "with")? {
        return Ok(None);
    }
    let token = parser.peek()?;
    if token.kind != TokenKind::Word {
        return parser.refuse(EXPECTED);
    }
    let word = parser.slice(token);
    let known = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(word));
    let Some(method) = known.or(word.contains('.').then_some(word)) else { return parser.refuse(EXPECTED) };
    parser.take(token);
    Ok(Some(method.to_owned()))
}

/// Reads paths with commas between them.
pub(super) fn paths(parser: &mut Parser<'_, '_>) -> Result<Vec<Expr>, SyntaxError> {
    let mut paths = vec![path(parser)?];
    while parser.take_symbol(b',')? {
        let token = parser.peek()?;
        parser.check_members(paths.len() + 1, token)?;
        paths.push(path(parser)?);
    }
    Ok(paths)
}

/// Reads one path: an expression that is nothing more.
pub(super) fn path(parser: &mut Parser<'_, '_>) -> Result<Expr, SyntaxError> {
    let first = parser.peek()?;
    let expr = super::operand::operand(parser, first)?;
    match expr.kind {
        ExprKind::Path(_) if first.kind != TokenKind::Symbol(b'(') => Ok(expr),
        _ => {
            parser.move_to(first.start);
            parser.refuse("a property path")
        }
    }
}
