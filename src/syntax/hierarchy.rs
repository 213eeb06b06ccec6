//! Owns the transformations of `$apply` that few services offer: joins, nests, and walks through recursive hierarchies.
//! They are read in full, so that what is wrong in them is refused as wrong.

use super::apply::{aliased, aliased_path, begins, keep_start, transformations, whole_number};
use super::compute::keyword;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{Hierarchy, OtherTransformation, SyntaxError, aggregate, order};

/// True for the names of these transformations, in lower case.
pub(super) fn is_one(name: &str) -> bool {
    matches!(name, "join" | "outerjoin" | "nest" | "addnested" | "ancestors" | "descendants" | "traverse" | "expand")
}

/// Reads what stands in the parentheses.
pub(super) fn inside(parser: &mut Parser<'_, '_>, name: &str) -> Result<OtherTransformation, SyntaxError> {
    match name {
        "join" | "outerjoin" => {
            let (property, alias) = aliased_path(parser)?;
            let then = if parser.take_symbol(b',')? { Some(transformations(parser)?) } else { None };
            Ok(OtherTransformation::Join { outer: name == "outerjoin", property, alias, then })
        }
        "nest" | "addnested" => {
            let mut path = None;
            if name == "addnested" {
                path = Some(aggregate::path(parser)?);
                parser.expect_symbol(b',', "'/' or ','")?;
            }
            let mut members = vec![aliased(parser)?];
            while parser.take_symbol(b',')? {
                members.push(aliased(parser)?);
            }
            Ok(OtherTransformation::Nest { path, members })
        }
        "expand" => {
            let path = aggregate::path(parser)?;
            let mut then = Vec::new();
            while parser.take_symbol(b',')? {
                then.push(transformations(parser)?);
            }
            Ok(OtherTransformation::Expand { path, then })
        }
        "traverse" => traverse(parser),
        _ => relatives(parser, name == "descendants"),
    }
}

/// Reads the nodes, the qualifier and the path to the identifier.
pub(super) fn hierarchy(parser: &mut Parser<'_, '_>) -> Result<Hierarchy, SyntaxError> {
    let root = aggregate::path(parser)?;
    parser.expect_symbol(b',', "'/' or ',' and the qualifier of a hierarchy")?;
    let token = parser.peek()?;
    let qualifier = parser.slice(token);
    if token.kind != TokenKind::Word || qualifier.contains('.') {
        return parser.refuse("the qualifier of a hierarchy");
    }
    parser.take(token);
    parser.expect_symbol(b',', "',' and the path to the identifier of a node")?;
    Ok(Hierarchy { root, qualifier: qualifier.to_owned(), node: aggregate::path(parser)? })
}

fn relatives(parser: &mut Parser<'_, '_>, down: bool) -> Result<OtherTransformation, SyntaxError> {
    let hierarchy = hierarchy(parser)?;
    parser.expect_symbol(b',', "',' and the transformation that selects the nodes")?;
    let start = transformations(parser)?;
    let mut distance = None;
    let mut keep = false;
    while !keep && parser.take_symbol(b',')? {
        if distance.is_none() && matches!(parser.peek()?.kind, TokenKind::Literal(_)) {
            distance = Some(whole_number(parser)?);
        } else {
            keep_start(parser)?;
            keep = true;
        }
    }
    Ok(OtherTransformation::Relatives { down, hierarchy, start, distance, keep_start: keep })
}

fn traverse(parser: &mut Parser<'_, '_>) -> Result<OtherTransformation, SyntaxError> {
    let hierarchy = hierarchy(parser)?;
    parser.expect_symbol(b',', "',' and 'preorder' or 'postorder'")?;
    let post = keyword(parser, "postorder")?;
    if !post && !keyword(parser, "preorder")? {
        return parser.refuse("'preorder' or 'postorder'");
    }
    let mut nodes = None;
    let mut order = Vec::new();
    if parser.take_symbol(b',')? {
        if begins(parser)? {
            nodes = Some(transformations(parser)?);
            if parser.take_symbol(b',')? {
                order = order::items(parser)?;
            }
        } else {
            order = order::items(parser)?;
        }
    }
    Ok(OtherTransformation::Traverse { hierarchy, post, nodes, order })
}
