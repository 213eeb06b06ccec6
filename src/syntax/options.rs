//! Owns the query options: their names in every allowed spelling, that each stands at most once, and the values that
//! are plain numbers or texts. The values with a grammar of their own are in the file of their clause.

use super::decode::{Plus, Text};
use super::filter::expression;
use super::lexer::{self, TokenKind};
use super::parser::{Budget, Parser};
use super::{Options, SyntaxError, SyntaxErrorKind, expand, order, search, select};

/// How many parameter aliases a request may define; each is compared with all others.
const ALIASES_MAX: usize = 100;

/// A system query option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Filter,
    OrderBy,
    Select,
    Expand,
    Search,
    Top,
    Skip,
    Count,
    SkipToken,
    Format,
    Levels,
    Apply,
    Compute,
    DeltaToken,
    SchemaVersion,
    Index,
    Id,
}

/// Where an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Query,
    Expand,
}

impl Name {
    /// Recognises a name with or without its dollar sign, in any letter case.
    fn named(name: &str, place: Place) -> Option<Name> {
        const ALL: [Name; 17] = [
            Name::Filter,
            Name::OrderBy,
            Name::Select,
            Name::Expand,
            Name::Search,
            Name::Top,
            Name::Skip,
            Name::Count,
            Name::SkipToken,
            Name::Format,
            Name::Levels,
            Name::Apply,
            Name::Compute,
            Name::DeltaToken,
            Name::SchemaVersion,
            Name::Index,
            Name::Id,
        ];
        let bare = name.strip_prefix('$');
        let found = ALL.into_iter().find(|known| known.bare().eq_ignore_ascii_case(bare.unwrap_or(name)))?;
        // The grammar gives the two tokens no spelling without the dollar sign.
        let spelled = bare.is_some() || !matches!(found, Name::SkipToken | Name::DeltaToken);
        let placed = match place {
            Place::Query => found != Name::Levels,
            Place::Expand => !matches!(
                found,
                Name::SkipToken | Name::Format | Name::DeltaToken | Name::SchemaVersion | Name::Index | Name::Id
            ),
        };
        (spelled && placed).then_some(found)
    }

    fn dollar(self) -> &'static str {
        match self {
            Name::Filter => "$filter",
            Name::OrderBy => "$orderby",
            Name::Select => "$select",
            Name::Expand => "$expand",
            Name::Search => "$search",
            Name::Top => "$top",
            Name::Skip => "$skip",
            Name::Count => "$count",
            Name::SkipToken => "$skiptoken",
            Name::Format => "$format",
            Name::Levels => "$levels",
            Name::Apply => "$apply",
            Name::Compute => "$compute",
            Name::DeltaToken => "$deltatoken",
            Name::SchemaVersion => "$schemaversion",
            Name::Index => "$index",
            Name::Id => "$id",
        }
    }

    fn bare(self) -> &'static str {
        self.dollar().get(1..).unwrap_or_default()
    }

    /// What a value must be, if the option has one.
    fn expected(self) -> &'static str {
        match self {
            Name::Filter => "an expression",
            Name::OrderBy => "a list of expressions, each with 'asc' or 'desc' or neither",
            Name::Select => "a list of properties or '*'",
            Name::Expand => "a list of navigation properties or '*'",
            Name::Search => "a word or a phrase in double quotes",
            Name::Top | Name::Skip => "a whole number from 0 up",
            Name::Count => "true or false",
            Name::Levels => "a whole number from 1 up, or 'max'",
            _ => "a text that is not empty",
        }
    }
}

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
        if alias.is_empty() || lexer::word_end(&spelled, 1) != name.len() {
            return Err(name_error(&spelled, SyntaxErrorKind::UnknownOption(name.to_owned())));
        }
        if options.aliases.iter().any(|(known, _)| known == alias) {
            return Err(name_error(&spelled, SyntaxErrorKind::DuplicateOption(name.to_owned())));
        }
        if options.aliases.len() >= ALIASES_MAX {
            let kind = SyntaxErrorKind::Limit { unit: "parameter aliases", limit: ALIASES_MAX };
            return Err(name_error(&spelled, kind));
        }
        let text = Text::decode(value, value_base, Plus::Blank)?;
        let mut parser = Parser::new(&text, 0, budget);
        let value = expression(&mut parser)?;
        parser.expect_end("an operator or the end of the option")?;
        options.aliases.push((alias.to_owned(), value));
        return Ok(());
    }
    let Some(known) = Name::named(name, Place::Query) else {
        if name.starts_with('$') {
            return Err(name_error(&spelled, SyntaxErrorKind::UnknownOption(name.to_owned())));
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
        _ => "',' or the end of the option",
    })
}

/// Reads the options of one `$expand` item up to its closing parenthesis; the opening one is taken.
pub(super) fn nested(parser: &mut Parser<'_, '_>) -> Result<Options, SyntaxError> {
    let mut options = Options::default();
    loop {
        let token = parser.peek()?;
        let name = parser.slice(token);
        let known = match token.kind {
            TokenKind::Dollar | TokenKind::Word => Name::named(name, Place::Expand),
            TokenKind::At => None,
            _ => return parser.refuse("a query option such as '$filter'"),
        };
        if known.is_none() && token.kind != TokenKind::At {
            let kind = SyntaxErrorKind::UnknownOption(name.to_owned());
            return Err(parser.error(kind, token.start, token.end));
        }
        let alias = name.trim_start_matches('@');
        let given = match known {
            Some(known) => is_given(known, &options),
            None => options.aliases.iter().any(|(taken, _)| taken == alias),
        };
        if given {
            let spelled = known.map_or_else(|| name.to_owned(), |known| known.dollar().to_owned());
            return Err(parser.error(SyntaxErrorKind::DuplicateOption(spelled), token.start, token.end));
        }
        if known.is_none() && options.aliases.len() >= ALIASES_MAX {
            let kind = SyntaxErrorKind::Limit { unit: "parameter aliases", limit: ALIASES_MAX };
            return Err(parser.error(kind, token.start, token.end));
        }
        parser.take(token);
        parser.expect_symbol(b'=', "'=' after the name of a query option")?;
        if let Some(known) = known {
            set(parser, known, Place::Expand, &mut options)?;
        } else {
            let value = expression(parser)?;
            options.aliases.push((alias.to_owned(), value));
        }
        if parser.take_symbol(b')')? {
            return Ok(options);
        }
        parser.expect_symbol(b';', "';' or ')' after a query option")?;
    }
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
        _ => options.unsupported.iter().any(|(known, _)| known == name.bare()),
    }
}

/// Reads the value of an option and stops before what cannot belong to it.
fn set(parser: &mut Parser<'_, '_>, name: Name, place: Place, options: &mut Options) -> Result<(), SyntaxError> {
    let start = lexer::skip_blanks(parser.text(), parser.position());
    let ends = start >= parser.text().len();
    if ends || (place == Place::Expand && matches!(parser.text().byte(start), b';' | b')')) {
        return Err(value_error(parser, name, start, start));
    }
    match name {
        Name::Filter => options.filter = Some(expression(parser)?),
        Name::OrderBy => options.order = Some(order::items(parser)?),
        Name::Select => options.select = Some(select::items(parser)?),
        Name::Expand => options.expand = Some(expand::items(parser)?),
        _ => {
            let end = raw_end(parser, name, place, start)?;
            let value = parser.text().slice(start, end);
            let text = || (value.to_owned(), parser.span(start, end));
            let refusal = || value_error(parser, name, start, end);
            match name {
                Name::Search => options.search = Some(search::search(parser, start, end)?.ok_or_else(refusal)?),
                Name::Top => options.top = Some(whole_number(value).ok_or_else(refusal)?),
                Name::Skip => options.skip = Some(whole_number(value).ok_or_else(refusal)?),
                Name::Count => options.count = Some(boolean(value).ok_or_else(refusal)?),
                Name::SkipToken => options.skip_token = Some(text()),
                Name::Format => options.format = Some(text()),
                Name::Levels if !is_levels(value) => return Err(refusal()),
                _ => options.unsupported.push((name.bare().to_owned(), parser.span(start, end))),
            }
            parser.move_to(end);
            if place == Place::Query {
                parser.move_to(parser.text().len());
            }
        }
    }
    Ok(())
}

/// The end of a value that is a text, without the blanks behind it. In an `$expand` it ends before `;` or the closing
/// parenthesis, unless these stand in quotes or in parentheses of their own; a single quote quotes nothing in a search.
fn raw_end(parser: &Parser<'_, '_>, name: Name, place: Place, start: usize) -> Result<usize, SyntaxError> {
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

fn value_error(parser: &Parser<'_, '_>, name: Name, start: usize, end: usize) -> SyntaxError {
    let kind = SyntaxErrorKind::OptionValue { option: name.dollar(), expected: name.expected() };
    parser.error(kind, start, end)
}

fn whole_number(value: &str) -> Option<u64> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) { value.parse().ok() } else { None }
}

fn boolean(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("true") { Some(true) } else { value.eq_ignore_ascii_case("false").then_some(false) }
}

fn is_levels(value: &str) -> bool {
    value.eq_ignore_ascii_case("max") || whole_number(value).is_some_and(|levels| levels > 0)
}
