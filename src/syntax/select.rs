//! Owns `$select`: paths of names, with options of their own in parentheses.

use super::lexer::{self, TokenKind};
use super::option_name::Place;
use super::options::nested;
use super::parser::Parser;
use super::{SelectItem, SyntaxError, member};

/// Reads the items and stops before what cannot continue them.
pub(super) fn items(parser: &mut Parser<'_, '_>) -> Result<Vec<SelectItem>, SyntaxError> {
    let mut items = Vec::with_capacity(8);
    loop {
        items.push(match plain(parser) {
            Some(item) => item,
            None => item(parser)?,
        });
        if parser.text().byte(parser.position()) == b',' {
            parser.move_to(parser.position() + 1);
        } else if !parser.take_symbol(b',')? {
            return Ok(items);
        }
    }
}

/// A plain name before what ends an item, as most items are: nothing else can begin like it.
fn plain(parser: &mut Parser<'_, '_>) -> Option<SelectItem> {
    let text = parser.text();
    let start = lexer::skip_blanks(text, parser.position());
    let end = lexer::identifier_end(text, start);
    if end == start || !(end == text.len() || matches!(text.byte(end), b',' | b';' | b')')) {
        return None;
    }
    parser.move_to(end);
    let path = text.slice(start, end).to_owned();
    Some(SelectItem { path, options: None, span: parser.span(start, end) })
}

fn item(parser: &mut Parser<'_, '_>) -> Result<SelectItem, SyntaxError> {
    let start = parser.peek()?.start;
    let star = star(parser)?;
    let mut path = match star {
        Some(star) => star.to_owned(),
        None => name(parser)?.to_owned(),
    };
    while star.is_none() && parser.take_symbol(b'/')? {
        path.push('/');
        path.push_str(name(parser)?);
    }
    let mut options = None;
    let open = parser.peek()?;
    if star.is_none() && open.kind == TokenKind::Symbol(b'(') {
        parser.take(open);
        if names_parameters(parser)? {
            parameters(parser, &mut path)?;
        } else {
            parser.enter(open)?;
            // Each item costs as much as a node, so that a nest of them is bounded like an expression.
            parser.count_node(open)?;
            options = Some(nested(parser, Place::Select)?);
            parser.leave();
        }
    }
    Ok(SelectItem { path, options, span: parser.span(start, parser.position()) })
}

/// `*` or `Namespace.*`.
fn star<'p>(parser: &mut Parser<'p, '_>) -> Result<Option<&'p str>, SyntaxError> {
    let token = parser.peek()?;
    let text = parser.text();
    match token.kind {
        TokenKind::Symbol(b'*') => parser.take(token),
        TokenKind::Word if text.byte(token.end) == b'.' && text.byte(token.end + 1) == b'*' => {
            parser.move_to(token.end + 2);
        }
        _ => return Ok(None),
    }
    Ok(Some(text.slice(token.start, parser.position())))
}

/// A property, a type, an operation or an annotation.
fn name<'p>(parser: &mut Parser<'p, '_>) -> Result<&'p str, SyntaxError> {
    let token = parser.peek()?;
    match token.kind {
        TokenKind::Word => parser.take(token),
        TokenKind::At => {
            member::annotation_end(parser, token)?;
        }
        _ => return parser.refuse("a property or '*'"),
    }
    Ok(parser.text().slice(token.start, parser.position()))
}

/// True if the parentheses, whose first is taken, hold the parameter names of a function and not options.
fn names_parameters(parser: &mut Parser<'_, '_>) -> Result<bool, SyntaxError> {
    let token = parser.peek()?;
    let next = lexer::skip_blanks(parser.text(), token.end);
    Ok(token.kind == TokenKind::Word && matches!(parser.text().byte(next), b',' | b')'))
}

fn parameters(parser: &mut Parser<'_, '_>, path: &mut String) -> Result<(), SyntaxError> {
    path.push('(');
    loop {
        let token = parser.peek()?;
        let name = parser.slice(token);
        if token.kind != TokenKind::Word || name.contains('.') {
            return parser.refuse("the name of a parameter");
        }
        parser.take(token);
        path.push_str(name);
        if !parser.take_symbol(b',')? {
            break;
        }
        path.push(',');
    }
    path.push(')');
    parser.expect_symbol(b')', "',' or ')' after the name of a parameter")
}
