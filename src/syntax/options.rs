//! Owns the query options: that each stands at most once, and the values that are plain numbers or texts. The names are
//! in `option_name.rs`, the values with a grammar of their own in the file of their clause.

use super::decode::{Plus, Text};
use super::filter::expression;
use super::lexer::{self, TokenKind};
use super::option_name::{Name, Place};
use super::parser::{Budget, Parser};
use super::{
    CustomOption, Expr, Levels, Options, SyntaxError, SyntaxErrorKind, apply, compute, expand, order, search, select,
};

/// How many parameter aliases a request may define; each is compared with all others.
const ALIASES_MAX: usize = 100;

/// Parses a query, which begins at byte `base` of the target, without its question mark.
pub(super) fn options(raw: &str, base: usize, budget: &mut Budget) -> Result<Options, SyntaxError> {
    let mut options = Options::default();
    let mut start = base;
    for piece in raw.split('&') {
        if !piece.is_empty() {
            option(piece, start, budget, &mut options)?;
        }
        start += piece.len() + 1;
    }
    Ok(options)
}

fn option(raw: &str, base: usize, budget: &mut Budget, options: &mut Options) -> Result<(), SyntaxError> {
    let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
    let value_base = base + raw.len().min(name.len() + 1);
    let spelled = Text::decode(name, base, Plus::Blank)?;
    let name = spelled.as_str();
    if let Some(alias) = name.strip_prefix('@') {
        if alias.is_empty() || lexer::identifier_end(&spelled, 1) != name.len() {
            return Err(name_error(&spelled, SyntaxErrorKind::UnknownOption(name.to_owned())));
        }
        if options.aliases.iter().any(|(known, _)| known == alias) {
            return Err(name_error(&spelled, SyntaxErrorKind::DuplicateOption(name.to_owned())));
        }
        if options.aliases.len() >= ALIASES_MAX {
            let kind = SyntaxErrorKind::Limit { unit: "parameter aliases", limit: ALIASES_MAX };
            return Err(name_error(&spelled, kind));
        }
        let value = parameter(value, value_base, budget)?;
        options.aliases.push((alias.to_owned(), value));
        return Ok(());
    }
    let Some(known) = Name::named(name, Place::Query) else {
        if name.starts_with('$') {
            return Err(name_error(&spelled, SyntaxErrorKind::UnknownOption(name.to_owned())));
        }
        if !name.is_empty() && lexer::identifier_end(&spelled, 0) == name.len() {
            let span = value_base..value_base + value.len();
            options.custom.push(CustomOption { name: name.to_owned(), value: value.to_owned(), span });
        }
        return Ok(());
    };
    if is_given(known, options) {
        return Err(name_error(&spelled, SyntaxErrorKind::DuplicateOption(known.dollar().to_owned())));
    }
    let text = Text::decode(value, value_base, Plus::Blank)?;
    let mut parser = Parser::new(&text, 0, budget);
    set(&mut parser, known, Place::Query, options)?;
    parser.expect_end(match known {
        Name::Filter | Name::OrderBy => "an operator or the end of the option",
        Name::Apply => "'/' or the end of the option",
        _ => "',' or the end of the option",
    })
}

/// Reads the value of a custom option as that of a parameter.
pub(super) fn parameter(raw: &str, base: usize, budget: &mut Budget) -> Result<Expr, SyntaxError> {
    let text = Text::decode(raw, base, Plus::Blank)?;
    let mut parser = Parser::new(&text, 0, budget);
    let value = expression(&mut parser)?;
    parser.expect_end("an operator or the end of the option")?;
    Ok(value)
}

/// Reads options in parentheses up to the closing one; the opening one is taken. Boxed and in small steps, since
/// options nest in options: what recurses must leave little on the stack.
pub(super) fn nested(parser: &mut Parser<'_, '_>, place: Place) -> Result<Box<Options>, SyntaxError> {
    let mut options = Box::<Options>::default();
    loop {
        match key(parser, place, &options)? {
            Key::Option(name) => set(parser, name, place, &mut options)?,
            Key::Alias(alias) => {
                let value = expression(parser)?;
                options.aliases.push((alias, value));
            }
        }
        if parser.take_symbol(b')')? {
            return Ok(options);
        }
        parser.expect_symbol(b';', "';' or ')' after a query option")?;
    }
}

/// What stands before the equals sign.
enum Key {
    Option(Name),
    Alias(String),
}

/// Reads the name of an option in parentheses and the equals sign behind it.
fn key(parser: &mut Parser<'_, '_>, place: Place, options: &Options) -> Result<Key, SyntaxError> {
    let token = parser.peek()?;
    let name = parser.slice(token);
    let refuse = |parser: &Parser<'_, '_>, kind| Err(parser.error(kind, token.start, token.end));
    let key = match token.kind {
        TokenKind::Dollar | TokenKind::Word => match Name::named(name, place) {
            Some(known) if is_given(known, options) => {
                return refuse(parser, SyntaxErrorKind::DuplicateOption(known.dollar().to_owned()));
            }
            Some(known) => Key::Option(known),
            None if Name::named(name, Place::Expand).is_some() => return parser.refuse(place.expected()),
            None => return refuse(parser, SyntaxErrorKind::UnknownOption(name.to_owned())),
        },
        TokenKind::At if place.defines_aliases() && !name.contains('.') => {
            let alias = name.trim_start_matches('@');
            if options.aliases.iter().any(|(taken, _)| taken == alias) {
                return refuse(parser, SyntaxErrorKind::DuplicateOption(name.to_owned()));
            }
            if options.aliases.len() >= ALIASES_MAX {
                return refuse(parser, SyntaxErrorKind::Limit { unit: "parameter aliases", limit: ALIASES_MAX });
            }
            Key::Alias(alias.to_owned())
        }
        _ => return parser.refuse(place.expected()),
    };
    parser.take(token);
    parser.expect_symbol(b'=', "'=' after the name of a query option")?;
    Ok(key)
}

fn name_error(spelled: &Text<'_>, kind: SyntaxErrorKind) -> SyntaxError {
    SyntaxError { kind, span: spelled.span(0, spelled.len()) }
}

fn is_given(name: Name, options: &Options) -> bool {
    match name {
        Name::Filter => options.filter.is_some(),
        Name::OrderBy => options.order.is_some(),
        Name::Select => options.select.is_some(),
        Name::Expand => options.expand.is_some(),
        Name::Search => options.search.is_some(),
        Name::Top => options.top.is_some(),
        Name::Skip => options.skip.is_some(),
        Name::Count => options.count.is_some(),
        Name::SkipToken => options.skip_token.is_some(),
        Name::Format => options.format.is_some(),
        Name::Levels => options.levels.is_some(),
        Name::Apply => options.apply.is_some(),
        Name::Compute => options.compute.is_some(),
        Name::DeltaToken => options.delta_token.is_some(),
        Name::SchemaVersion => options.schema_version.is_some(),
        Name::Index => options.index.is_some(),
        Name::Id => options.id.is_some(),
    }
}

/// Reads the value of an option and stops before what cannot belong to it.
fn set(parser: &mut Parser<'_, '_>, name: Name, place: Place, options: &mut Options) -> Result<(), SyntaxError> {
    let start = lexer::skip_blanks(parser.text(), parser.position());
    let ends = start >= parser.text().len();
    if ends || (place != Place::Query && matches!(parser.text().byte(start), b';' | b')')) {
        return Err(value_error(parser, name, start, start));
    }
    match name {
        Name::Filter => options.filter = Some(expression(parser)?),
        Name::OrderBy => options.order = Some(order::items(parser)?),
        Name::Select => options.select = Some(select::items(parser)?),
        Name::Expand => options.expand = Some(expand::items(parser)?),
        Name::Compute => options.compute = Some(compute::items(parser)?),
        Name::Apply => options.apply = Some(apply::transformations(parser)?),
        _ => text(parser, name, place, start, options)?,
    }
    Ok(())
}

/// Reads the value of an option that has no grammar of tokens.
fn text(
    parser: &mut Parser<'_, '_>,
    name: Name,
    place: Place,
    start: usize,
    options: &mut Options,
) -> Result<(), SyntaxError> {
    let end = raw_end(parser, name, place, start)?;
    let value = parser.text().slice(start, end);
    let span = parser.span(start, end);
    let text = || (value.to_owned(), span.clone());
    let refusal = || {
        let kind = SyntaxErrorKind::OptionValue { option: name.dollar(), expected: name.expected() };
        SyntaxError { kind, span: span.clone() }
    };
    match name {
        Name::Search => {
            let found = search::search(parser, start, end)?;
            options.search = Some(found.ok_or_else(refusal)?);
        }
        Name::Top => options.top = Some(whole_number(value).ok_or_else(refusal)?),
        Name::Skip => options.skip = Some(whole_number(value).ok_or_else(refusal)?),
        Name::Count => options.count = Some(boolean(value).ok_or_else(refusal)?),
        Name::Levels => options.levels = Some(levels(value).ok_or_else(refusal)?),
        Name::Index => options.index = Some(integer(value).ok_or_else(refusal)?),
        Name::SkipToken => options.skip_token = Some(text()),
        Name::DeltaToken => options.delta_token = Some(text()),
        Name::Format => options.format = Some(text()),
        Name::Id => options.id = Some(text()),
        Name::SchemaVersion if is_version(value) => options.schema_version = Some(text()),
        _ => return Err(refusal()),
    }
    parser.move_to(if place == Place::Query { parser.text().len() } else { end });
    Ok(())
}

/// The end of a value that is a text, without the blanks behind it. In parentheses it ends before `;` or the closing
/// parenthesis, unless these stand in quotes or in parentheses of their own; a single quote quotes nothing in a search.
pub(super) fn raw_end(parser: &Parser<'_, '_>, name: Name, place: Place, start: usize) -> Result<usize, SyntaxError> {
    let text = parser.text();
    let mut end = if place == Place::Query { text.len() } else { start };
    let mut open = 0_usize;
    while end < text.len() {
        match text.byte(end) {
            b';' | b')' if open == 0 => break,
            b')' => open -= 1,
            b'(' => open += 1,
            b'"' => {
                end = lexer::phrase_end(text, end)?;
                continue;
            }
            b'\'' if name != Name::Search => {
                end = lexer::next(text, end)?.end;
                continue;
            }
            _ => {}
        }
        end += 1;
    }
    Ok(start + text.slice(start, end).trim_end_matches([' ', '\t']).len())
}

pub(super) fn value_error(parser: &Parser<'_, '_>, name: Name, start: usize, end: usize) -> SyntaxError {
    let kind = SyntaxErrorKind::OptionValue { option: name.dollar(), expected: name.expected() };
    parser.error(kind, start, end)
}

fn whole_number(value: &str) -> Option<u64> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) { value.parse().ok() } else { None }
}

fn boolean(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("true") { Some(true) } else { value.eq_ignore_ascii_case("false").then_some(false) }
}

fn integer(value: &str) -> Option<i64> {
    whole_number(value.strip_prefix('-').unwrap_or(value)).and_then(|_| value.parse().ok())
}

fn levels(value: &str) -> Option<Levels> {
    if value.eq_ignore_ascii_case("max") {
        return Some(Levels::Max);
    }
    whole_number(value).filter(|levels| *levels > 0).map(Levels::Number)
}

fn is_version(value: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    value == "*" || value.bytes().all(unreserved)
}
