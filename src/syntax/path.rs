//! Owns the resource path: segments, keys in parentheses and the `$…` segments. Splits at slashes of the encoded text,
//! so that `%2F` in a key is data. Whether a name is a set, a property or a key is not decided here.

use super::decode::{Plus, Text};
use super::lexer::{self, Token, TokenKind};
use super::operand::key_value;
use super::parser::{Budget, Parser};
use super::{KeyPredicate, Path, Segment, SegmentKind, SyntaxError, Word};

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
        if !segments.is_empty() {
            segments.push(segment(&mut parser)?);
        } else if let Some(path) = root(&mut parser)? {
            return alone(path, trimmed, start, budget);
        } else {
            segments.push(segment(&mut parser)?);
        }
        start += piece.len() + 1;
    }
    Ok(Path::Resource(segments))
}

/// Nothing goes on after a first segment of this kind.
fn alone(path: Path, whole: &str, start: usize, budget: &mut Budget) -> Result<Path, SyntaxError> {
    let Some(slash) = whole.find('/') else { return Ok(path) };
    let rest = Text::decode(whole.get(slash..).unwrap_or_default(), start + slash, Plus::Itself)?;
    Parser::new(&rest, 0, budget).refuse("the end of the path")
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
    let mut sets = Vec::new();
    if name == "$crossjoin" {
        parser.expect_symbol(b'(', "'(' after '$crossjoin'")?;
        loop {
            let set = parser.peek()?;
            if set.kind != TokenKind::Word {
                return parser.refuse("an entity set");
            }
            parser.take(set);
            sets.push(Word { text: parser.slice(set).to_owned(), span: parser.span(set.start, set.end) });
            if !parser.take_symbol(b',')? {
                break;
            }
        }
        parser.expect_symbol(b')', "',' or ')'")?;
    }
    parser.expect_end("the end of the segment")?;
    let span = parser.span(0, parser.position());
    Ok(Some(match name {
        "$metadata" => Path::Metadata,
        "$batch" => Path::Batch,
        "$all" => Path::All { cast: None, span },
        "$entity" => Path::Entity { cast: None, span },
        _ => Path::Crossjoin { sets, query: false, span },
    }))
}

fn segment(parser: &mut Parser<'_, '_>) -> Result<Segment, SyntaxError> {
    let kind = match parser.text().byte(0) {
        0 if parser.text().len() == 0 => return parser.refuse("a segment between slashes"),
        b'$' => system(parser)?,
        _ => name(parser)?,
    };
    Ok(Segment { kind, span: parser.span(0, parser.text().len()) })
}

fn system(parser: &mut Parser<'_, '_>) -> Result<SegmentKind, SyntaxError> {
    let token = parser.peek()?;
    let name = parser.slice(token);
    let kind = match name {
        "$count" => SegmentKind::Count,
        "$value" => SegmentKind::Value,
        "$ref" => SegmentKind::Ref,
        "$each" => SegmentKind::Each,
        "$query" => SegmentKind::Query,
        "$filter" => {
            parser.take(token);
            parser.expect_symbol(b'(', "'(' after '$filter'")?;
            let condition = super::filter::expression(parser)?;
            parser.expect_symbol(b')', "an operator or ')'")?;
            parser.expect_end("the end of the segment")?;
            return Ok(SegmentKind::Filter(condition));
        }
        _ => return parser.refuse("a name, '$count', '$value' or '$ref'"),
    };
    parser.take(token);
    parser.expect_end("the end of the segment")?;
    Ok(kind)
}

/// A name with or without a key. Anything that does not have that form is taken as it is: in `Orders/10248` the second
/// segment is a key, and only the binder can know.
fn name(parser: &mut Parser<'_, '_>) -> Result<SegmentKind, SyntaxError> {
    let text = parser.text();
    let end = lexer::word_end(text, 0);
    if end == 0 || text.byte(end) != b'(' {
        return Ok(SegmentKind::Name { name: text.as_str().to_owned(), key: None });
    }
    parser.move_to(end);
    parser.take_symbol(b'(')?;
    let key = key(parser)?;
    parser.expect_symbol(b')', "',' or ')' in a key")?;
    parser.expect_end("'/' or the end of the path after a key")?;
    Ok(SegmentKind::Name { name: text.slice(0, end).to_owned(), key: Some(key) })
}

fn key(parser: &mut Parser<'_, '_>) -> Result<KeyPredicate, SyntaxError> {
    let Some(mut name) = part_name(parser)? else { return Ok(KeyPredicate::Single(key_value(parser)?)) };
    let mut parts = Vec::new();
    loop {
        parser.take(name);
        parser.expect_symbol(b'=', "'=' after the name of a key property")?;
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
