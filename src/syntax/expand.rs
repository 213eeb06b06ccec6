//! Owns `$expand`: paths of names with options of their own in parentheses.

use super::lexer::TokenKind;
use super::option_name::Place;
use super::options::nested;
use super::parser::Parser;
use super::{ExpandItem, Options, SyntaxError, member};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<ExpandItem>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        items.push(item(parser)?);
        if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

fn item(parser: &mut Parser<'_, '_>) -> Result<ExpandItem, SyntaxError> {
    let start = parser.peek()?.start;
    let mut path = Vec::new();
    // Which options may follow, and whether the path has said its last word.
    let mut place = Some(Place::Expand);
    let mut ended = false;
    loop {
        let token = parser.peek()?;
        let mut end = token.end;
        match (token.kind, parser.slice(token)) {
            (TokenKind::Word, _) if !ended && place == Some(Place::Expand) => {}
            (TokenKind::At, _) if !ended && place == Some(Place::Expand) => {
                end = member::annotation_end(parser, token)?;
            }
            (TokenKind::Symbol(b'*'), _) if !ended && place == Some(Place::Expand) => place = Some(Place::Star),
            (TokenKind::Dollar, "$ref") if !path.is_empty() && !ended => {
                ended = true;
                // `*` has no options but its levels, and these have no meaning for references.
                place = if place == Some(Place::Star) { None } else { Some(Place::Ref) };
            }
            (TokenKind::Dollar, "$count") if !path.is_empty() && !ended && place == Some(Place::Expand) => {
                ended = true;
                place = Some(Place::Count);
            }
            (TokenKind::Dollar, "$value") if path.is_empty() => {
                ended = true;
                place = None;
            }
            _ if ended => return parser.refuse("',' or the end of the item"),
            _ if place == Some(Place::Star) => return parser.refuse("'$ref' after '*/'"),
            _ => return parser.refuse("a navigation property or '*'"),
        }
        parser.check_members(path.len() + 1, token)?;
        parser.move_to(end);
        path.push(parser.text().slice(token.start, end).to_owned());
        if !parser.take_symbol(b'/')? {
            break;
        }
    }
    let open = parser.peek()?;
    let mut options = Options::default();
    if open.kind == TokenKind::Symbol(b'(') {
        let Some(place) = place else { return parser.refuse("',' or the end of the item") };
        parser.take(open);
        parser.enter(open)?;
        // Each item costs as much as a node, so that a nest of them is bounded like an expression.
        parser.count_node(open)?;
        options = *nested(parser, place)?;
        parser.leave();
    }
    Ok(ExpandItem { path, options, span: parser.span(start, parser.position()) })
}
