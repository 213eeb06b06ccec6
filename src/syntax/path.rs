//! Owns the resource path: segments, parentheses and the `$…` segments. Splits at slashes of the encoded text, so that
//! `%2F` in a key is data. Whether a name is a set, a property, a function or a key is not decided here.

use super::decode::{Plus, Text};
use super::filter::expression;
use super::lexer::{self, Token, TokenKind};
use super::operand::{key_value, stands_next};
use super::parser::{Budget, Parser};
use super::{KeyPredicate, Path, Segment, SegmentKind, SyntaxError, Word};

const SEGMENT_ENDS: &str = "the end of the segment";

/// Parses a path that begins at byte `base` of the target.
pub(super) fn path(raw: &str, base: usize, budget: &mut Budget) -> Result<Path, SyntaxError> {
    // The service root may have been typed with a slash of its own.
    let trimmed = raw.trim_start_matches('/');
    let mut start = base + raw.len() - trimmed.len();
    if trimmed.is_empty() {
        return Ok(Path::Service);
    }
    let mut segments = Vec::new();
    for piece in trimmed.split('/') {
        let text = Text::decode(piece, start, Plus::Itself)?;
        let mut parser = Parser::new(&text, 0, budget);
        if segments.is_empty()
            && let Some(path) = root(&mut parser)?
        {
            return followed(path, trimmed, start, budget);
        }
        segment(&mut parser, &mut segments)?;
        start += piece.len() + 1;
    }
    Ok(Path::Resource(segments))
}

/// What may follow a first segment that is not a resource of the model: the name of a type, `$query` or nothing.
fn followed(mut path: Path, whole: &str, start: usize, budget: &mut Budget) -> Result<Path, SyntaxError> {
    let Some(slash) = whole.find('/') else { return Ok(path) };
    let text = Text::decode(whole.get(slash + 1..).unwrap_or_default(), start + slash + 1, Plus::Itself)?;
    let mut parser = Parser::new(&text, 0, budget);
    let token = parser.peek()?;
    match &mut path {
        Path::All { cast, span } | Path::Entity { cast, span } => {
            if token.kind != TokenKind::Word || token.start > 0 {
                return parser.refuse("the name of a type");
            }
            parser.take(token);
            let end = parser.span(token.start, token.end);
            span.end = end.end;
            *cast = Some(Word { text: parser.slice(token).to_owned(), span: end });
        }
        Path::Crossjoin { query, span, .. } => {
            if parser.slice(token) != "$query" {
                return parser.refuse("'$query' or the end of the path");
            }
            parser.take(token);
            span.end = parser.span(token.start, token.end).end;
            *query = true;
        }
        _ => {
            let rest = Text::decode(whole.get(slash..).unwrap_or_default(), start + slash, Plus::Itself)?;
            return Parser::new(&rest, 0, budget).refuse("the end of the path");
        }
    }
    parser.expect_end("the end of the path")?;
    Ok(path)
}

/// A first segment that is not a resource of the model.
fn root(parser: &mut Parser<'_, '_>) -> Result<Option<Path>, SyntaxError> {
    const EXPECTED: &str = "an entity set, '$metadata' or '$batch'";
    if parser.text().byte(0) != b'$' {
        return Ok(None);
    }
    let token = parser.peek()?;
    let name = parser.slice(token);
    match name {
        "$metadata" | "$batch" | "$all" | "$entity" | "$crossjoin" => parser.take(token),
        _ => return parser.refuse(EXPECTED),
    }
    let sets = if name == "$crossjoin" { joined(parser)? } else { Vec::new() };
    parser.expect_end(SEGMENT_ENDS)?;
    let span = parser.span(0, parser.text().len());
    Ok(Some(match name {
        "$metadata" => Path::Metadata,
        "$batch" => Path::Batch,
        "$all" => Path::All { cast: None, span },
        "$entity" => Path::Entity { cast: None, span },
        _ => Path::Crossjoin { sets, query: false, span },
    }))
}

fn joined(parser: &mut Parser<'_, '_>) -> Result<Vec<Word>, SyntaxError> {
    parser.expect_symbol(b'(', "'(' after '$crossjoin'")?;
    let mut sets = Vec::new();
    loop {
        let set = parser.peek()?;
        let name = parser.slice(set);
        if set.kind != TokenKind::Word || name.contains('.') {
            return parser.refuse("an entity set");
        }
        parser.check_members(sets.len() + 1, set)?;
        parser.take(set);
        sets.push(Word { text: name.to_owned(), span: parser.span(set.start, set.end) });
        if !parser.take_symbol(b',')? {
            break;
        }
    }
    parser.expect_symbol(b')', "',' or ')'")?;
    Ok(sets)
}

fn segment(parser: &mut Parser<'_, '_>, segments: &mut Vec<Segment>) -> Result<(), SyntaxError> {
    let text = parser.text();
    let kind = match text.byte(0) {
        0 if text.len() == 0 => return parser.refuse("a segment between slashes"),
        b'$' => system(parser)?,
        _ => name(parser)?,
    };
    let end = parser.position();
    segments.push(Segment { kind, span: parser.span(0, end) });
    if end < text.len() {
        // The result of a function and what `$filter` leaves may be a collection, and a key may pick one of it.
        parser.expect_symbol(b'(', "'/' or the end of the path after a key")?;
        let key = key(parser)?;
        parser.expect_end("'/' or the end of the path after a key")?;
        segments.push(Segment { kind: SegmentKind::Key(key), span: parser.span(end, text.len()) });
    }
    Ok(())
}

fn system(parser: &mut Parser<'_, '_>) -> Result<SegmentKind, SyntaxError> {
    let token = parser.peek()?;
    let kind = match parser.slice(token) {
        "$count" => SegmentKind::Count,
        "$value" => SegmentKind::Value,
        "$ref" => SegmentKind::Ref,
        "$each" => SegmentKind::Each,
        "$query" => SegmentKind::Query,
        "$filter" => {
            parser.take(token);
            return filter(parser);
        }
        _ => return parser.refuse("a name, '$count', '$value' or '$ref'"),
    };
    parser.take(token);
    parser.expect_end(SEGMENT_ENDS)?;
    Ok(kind)
}

fn filter(parser: &mut Parser<'_, '_>) -> Result<SegmentKind, SyntaxError> {
    if !stands_next(parser, b'(') {
        return parser.refuse("'(' after '$filter'");
    }
    parser.take_symbol(b'(')?;
    let condition = expression(parser)?;
    parser.expect_symbol(b')', "an operator or ')'")?;
    if !stands_next(parser, b'(') {
        parser.expect_end(SEGMENT_ENDS)?;
    }
    Ok(SegmentKind::Filter(condition))
}

/// A name with or without parentheses. Anything that does not have that form is taken as it is: in `Orders/10248` the
/// second segment is a key, and only the binder can know.
fn name(parser: &mut Parser<'_, '_>) -> Result<SegmentKind, SyntaxError> {
    let text = parser.text();
    let end = lexer::word_end(text, 0);
    if end == 0 || text.byte(end) != b'(' {
        parser.move_to(text.len());
        return Ok(SegmentKind::Name { name: text.as_str().to_owned(), key: None });
    }
    parser.move_to(end);
    parser.take_symbol(b'(')?;
    let key = if parser.take_symbol(b')')? { KeyPredicate::Empty } else { key(parser)? };
    if !stands_next(parser, b'(') {
        parser.expect_end("'/' or the end of the path after a key")?;
        parser.move_to(text.len());
    }
    Ok(SegmentKind::Name { name: text.slice(0, end).to_owned(), key: Some(key) })
}

/// Reads a key up to its closing parenthesis.
fn key(parser: &mut Parser<'_, '_>) -> Result<KeyPredicate, SyntaxError> {
    let key = parts(parser)?;
    parser.expect_symbol(b')', "',' or ')' in a key")?;
    Ok(key)
}

fn parts(parser: &mut Parser<'_, '_>) -> Result<KeyPredicate, SyntaxError> {
    let Some(mut name) = part_name(parser)? else { return Ok(KeyPredicate::Single(key_value(parser)?)) };
    let mut parts = Vec::new();
    loop {
        parser.take(name);
        parser.expect_symbol(b'=', "'=' after the name of a key property")?;
        parser.check_members(parts.len() + 1, name)?;
        parts.push((parser.slice(name).to_owned(), key_value(parser)?));
        if !parser.take_symbol(b',')? {
            return Ok(KeyPredicate::Named(parts));
        }
        match part_name(parser)? {
            Some(next) => name = next,
            None => return parser.refuse("the name of a key property, '=' and a value"),
        }
    }
}

/// The name of a key property, if one comes next with its equals sign.
fn part_name(parser: &mut Parser<'_, '_>) -> Result<Option<Token>, SyntaxError> {
    let token = parser.peek()?;
    let text = parser.text();
    let named = token.kind == TokenKind::Word && text.byte(lexer::skip_blanks(text, token.end)) == b'=';
    Ok(named.then_some(token))
}
