//! Owns `$apply`: transformations with slashes between them (OData Extension for Data Aggregation 4.0). Those that
//! are foreseen to be refused are in `hierarchy.rs`.

use super::compute::{alias, keyword};
use super::filter::expression;
use super::lexer::{Token, TokenKind};
use super::operand::stands_next;
use super::option_name::{Name, Place};
use super::options::{raw_end, value_error};
use super::parser::Parser;
use super::{
    Apply, Expr, GroupItem, OtherTransformation, RankKind, Search, SyntaxError, Transformation, TransformationKind,
    aggregate, compute, hierarchy, member, order, search,
};

const EXPECTED: &str = "a transformation such as 'aggregate' or 'groupby'";

/// Reads the transformations and stops before what cannot continue them.
pub(super) fn transformations(parser: &mut Parser<'_, '_>) -> Result<Apply, SyntaxError> {
    let mut transformations = Vec::new();
    loop {
        let name = parser.peek()?;
        if name.kind != TokenKind::Word {
            return parser.refuse(EXPECTED);
        }
        // Each costs as much as a node, so that a nest of them is bounded like an expression.
        parser.count_node(name)?;
        let kind = transformation(parser, name)?;
        transformations.push(Transformation { kind, span: parser.span(name.start, parser.position()) });
        if !stands_next(parser, b'/') {
            return Ok(Apply(transformations));
        }
        parser.take_symbol(b'/')?;
    }
}

fn transformation(parser: &mut Parser<'_, '_>, name: Token) -> Result<TransformationKind, SyntaxError> {
    let word = parser.slice(name);
    if word.contains('.') {
        parser.take(name);
        let call = member::custom(parser, name)?;
        return Ok(TransformationKind::Other(Box::new(OtherTransformation::Custom(call))));
    }
    let lower = word.to_ascii_lowercase();
    if lower == "identity" {
        parser.take(name);
        return Ok(TransformationKind::Identity);
    }
    if !is_transformation(&lower) {
        return parser.refuse(EXPECTED);
    }
    parser.take(name);
    let open = parser.peek()?;
    parser.expect_symbol(b'(', "'(' after the name of a transformation")?;
    parser.enter(open)?;
    let kind = inside(parser, &lower)?;
    parser.expect_symbol(b')', "an operator, ',' or ')'")?;
    parser.leave();
    Ok(kind)
}

/// True for every name that takes parentheses, in lower case.
fn is_transformation(name: &str) -> bool {
    rank(name).is_some() || hierarchy::is_one(name) || is_plain(name)
}

fn is_plain(name: &str) -> bool {
    matches!(name, "filter" | "search" | "compute" | "orderby" | "top" | "skip" | "aggregate" | "groupby" | "concat")
}

fn rank(name: &str) -> Option<RankKind> {
    Some(match name {
        "topcount" => RankKind::TopCount,
        "topsum" => RankKind::TopSum,
        "toppercent" => RankKind::TopPercent,
        "bottomcount" => RankKind::BottomCount,
        "bottomsum" => RankKind::BottomSum,
        "bottompercent" => RankKind::BottomPercent,
        _ => return None,
    })
}

/// Reads what stands in the parentheses.
fn inside(parser: &mut Parser<'_, '_>, name: &str) -> Result<TransformationKind, SyntaxError> {
    if let Some(kind) = rank(name) {
        let amount = expression(parser)?;
        parser.expect_symbol(b',', "an operator or ','")?;
        return Ok(TransformationKind::Rank { kind, amount, by: expression(parser)? });
    }
    Ok(match name {
        "filter" => TransformationKind::Filter(expression(parser)?),
        "search" => TransformationKind::Search(searched(parser)?),
        "compute" => TransformationKind::Compute(compute::items(parser)?),
        "orderby" => TransformationKind::OrderBy(order::items(parser)?),
        "top" => TransformationKind::Top(whole_number(parser)?),
        "skip" => TransformationKind::Skip(whole_number(parser)?),
        "aggregate" => TransformationKind::Aggregate(aggregate::items(parser)?),
        "groupby" => group_by(parser)?,
        "concat" => concat(parser)?,
        _ => TransformationKind::Other(Box::new(hierarchy::inside(parser, name)?)),
    })
}

fn searched(parser: &mut Parser<'_, '_>) -> Result<Search, SyntaxError> {
    let start = super::lexer::skip_blanks(parser.text(), parser.position());
    let end = raw_end(parser, Name::Search, Place::Expand, start)?;
    let found = search::search(parser, start, end)?;
    parser.move_to(end);
    found.ok_or_else(|| value_error(parser, Name::Search, start, end))
}

fn concat(parser: &mut Parser<'_, '_>) -> Result<TransformationKind, SyntaxError> {
    let mut sequences = vec![transformations(parser)?];
    parser.expect_symbol(b',', "'/' or ',' and another sequence of transformations")?;
    loop {
        let token = parser.peek()?;
        parser.check_members(sequences.len() + 1, token)?;
        sequences.push(transformations(parser)?);
        if !parser.take_symbol(b',')? {
            return Ok(TransformationKind::Concat(sequences));
        }
    }
}

fn group_by(parser: &mut Parser<'_, '_>) -> Result<TransformationKind, SyntaxError> {
    parser.expect_symbol(b'(', "'(' before the grouping properties")?;
    let mut by = Vec::new();
    loop {
        let token = parser.peek()?;
        parser.check_members(by.len() + 1, token)?;
        by.push(group_item(parser, token)?);
        if !parser.take_symbol(b',')? {
            break;
        }
    }
    parser.expect_symbol(b')', "',' or ')' after a grouping property")?;
    let then = if parser.take_symbol(b',')? { Some(transformations(parser)?) } else { None };
    Ok(TransformationKind::GroupBy { by, then })
}

fn group_item(parser: &mut Parser<'_, '_>, first: Token) -> Result<GroupItem, SyntaxError> {
    let name = parser.slice(first);
    let called = first.kind == TokenKind::Word && parser.text().byte(first.end) == b'(';
    if called && name.eq_ignore_ascii_case("rollup") {
        return rollup(parser, first);
    }
    if called && name.eq_ignore_ascii_case("rolluprecursive") {
        parser.take(first);
        let open = parser.peek()?;
        parser.take_symbol(b'(')?;
        parser.enter(open)?;
        let hierarchy = hierarchy::hierarchy(parser)?;
        let nodes = if parser.take_symbol(b',')? { Some(transformations(parser)?) } else { None };
        parser.expect_symbol(b')', "',' or ')'")?;
        parser.leave();
        return Ok(GroupItem::RollupRecursive { hierarchy, nodes });
    }
    aggregate::path(parser).map(GroupItem::Path)
}

fn rollup(parser: &mut Parser<'_, '_>, name: Token) -> Result<GroupItem, SyntaxError> {
    parser.take(name);
    parser.take_symbol(b'(')?;
    let first = parser.peek()?;
    let all = first.kind == TokenKind::Dollar && parser.slice(first) == "$all";
    if all {
        parser.take(first);
        parser.expect_symbol(b',', "',' after '$all'")?;
    }
    let levels = aggregate::paths(parser)?;
    parser.expect_symbol(b')', "',' or ')' after a level")?;
    Ok(GroupItem::Rollup { all, levels })
}

/// Reads a whole number without a sign.
pub(super) fn whole_number(parser: &mut Parser<'_, '_>) -> Result<u64, SyntaxError> {
    let token = parser.peek()?;
    let digits = parser.slice(token);
    let number = if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None };
    match number {
        Some(number) => {
            parser.take(token);
            Ok(number)
        }
        None => parser.refuse("a whole number that is not negative"),
    }
}

/// Reads transformations, `as` and a name.
pub(super) fn aliased(parser: &mut Parser<'_, '_>) -> Result<(Apply, String), SyntaxError> {
    let apply = transformations(parser)?;
    match alias(parser)? {
        Some(alias) => Ok((apply, alias)),
        None => parser.refuse("'/' or 'as' and a name"),
    }
}

/// A path, `as` and a name.
pub(super) fn aliased_path(parser: &mut Parser<'_, '_>) -> Result<(Expr, String), SyntaxError> {
    let path = aggregate::path(parser)?;
    match alias(parser)? {
        Some(alias) => Ok((path, alias)),
        None => parser.refuse("'as' and a name"),
    }
}

/// Takes `keep start`.
pub(super) fn keep_start(parser: &mut Parser<'_, '_>) -> Result<(), SyntaxError> {
    if keyword(parser, "keep")? && keyword(parser, "start")? { Ok(()) } else { parser.refuse("'keep start'") }
}

/// True if a transformation that keeps entities as they are begins here, not an expression.
pub(super) fn begins(parser: &mut Parser<'_, '_>) -> Result<bool, SyntaxError> {
    let token = parser.peek()?;
    if token.kind != TokenKind::Word {
        return Ok(false);
    }
    let name = parser.slice(token).to_ascii_lowercase();
    let called = parser.text().byte(token.end) == b'(';
    Ok(name == "identity" || (called && (name.contains('.') || (is_transformation(&name) && name != "concat"))))
}
