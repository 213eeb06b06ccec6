//! Owns [`Callout`], [`Words`] and [`Refused`]: what the log says of one request for rows, in the terms of the record
//! that Salesforce keeps of its side, so that both can be laid beside each other.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::cache::Told;
use crate::query::{Query, touched};
use crate::syntax::{self, Options, Path, ResourceUrl, SegmentKind};

use super::Service;
use super::error::Refusal;
use super::understand::Understood;

/// A longer text of the request is cut in the log.
const TEXT_BYTES_MAX: usize = 2_000;

/// How much the log says of each request for rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callouts {
    /// Nothing: only the line that every request has.
    #[default]
    Off,
    /// What was asked for, with a question mark in place of each value.
    Masked,
    /// What was asked for, as it was sent.
    Full,
}

/// What the log says of one request for rows, and of what answered it.
#[derive(Clone, Debug)]
pub struct Callout {
    /// What was asked for.
    pub words: Arc<Words>,
    /// The answer; nothing is told of a refusal.
    pub told: Told,
}

/// What was asked for. The options are named as Salesforce names them.
#[derive(Debug, Default)]
pub struct Words {
    /// The entity set whose rows are asked for; of other resources the first segment.
    pub entity: String,
    /// `$select`
    pub select: Option<String>,
    /// `$filter`
    pub filter: Option<String>,
    /// `$search`
    pub search: Option<String>,
    /// `$orderby`
    pub orderby: Option<String>,
    /// `$expand`, which Salesforce does not send.
    pub expand: Option<String>,
    /// `$apply`, which Salesforce does not send.
    pub apply: Option<String>,
    /// `$top`
    pub limit: Option<u64>,
    /// `$skip`
    pub offset: Option<u64>,
    /// `$count`
    pub count: Option<bool>,
    /// It follows the next link of an earlier answer.
    pub followed: Option<bool>,
    /// The sources of all sets that are touched.
    pub source: Option<String>,
}

/// What the log says of a refusal.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The stable code.
    pub code: &'static str,
    message: String,
    /// The part of the message that quotes the request.
    target: Option<String>,
}

impl Refused {
    /// A refusal whose sentence quotes nothing.
    pub fn new(code: &'static str, message: String) -> Self {
        Refused { code, message, target: None }
    }

    pub(super) fn of(refusal: &Refusal) -> Self {
        let Refusal { code, message, target, .. } = refusal;
        Refused { code, message: message.clone(), target: target.clone() }
    }

    /// The sentence; without what it quotes of the request's values, unless they may be seen.
    pub fn message(&self, values: bool) -> Cow<'_, str> {
        if values {
            return Cow::Borrowed(&self.message);
        }
        let place = self.target.as_ref().map(|target| format!(": {target})"));
        let mut message = match place.and_then(|place| self.message.strip_suffix(&place)) {
            Some(start) => Cow::Owned(format!("{start})")),
            None => Cow::Borrowed(self.message.as_str()),
        };
        if QUOTING.contains(&self.code)
            && let (Some(first), Some(last)) = (message.find('\''), message.rfind('\''))
            && first < last
        {
            message.to_mut().replace_range(first + 1..last, "?");
        }
        message
    }
}

/// The refusals whose sentence may quote a value of the request.
const QUOTING: [&str; 11] = [
    "syntax.unexpected_token",
    "bind.unknown_segment",
    "bind.argument",
    "bind.entity_id",
    "bind.type_mismatch",
    "bind.malformed_literal",
    "bind.out_of_range",
    "bind.impossible_date",
    "service.action_body",
    "service.query_body",
    "service.batch_part",
];

impl Service {
    /// What the log is to say of a request that has this meaning; `None` if it says nothing.
    pub(super) fn callout(&self, understood: &Understood, told: Told) -> Option<Box<Callout>> {
        if self.callouts == Callouts::Off {
            return None;
        }
        let words = understood.words.get_or_init(|| self.words(&understood.url, &understood.query).into());
        Some(Box::new(Callout { words: Arc::clone(words), told }))
    }

    /// The same for a request that was refused, as far as it was understood.
    pub(super) fn callout_of_refused(&self, target: &str) -> Option<Box<Callout>> {
        if self.callouts == Callouts::Off {
            return None;
        }
        if let Ok(understood) = self.understand(target, None) {
            return self.callout(&understood, Told::default());
        }
        let url = syntax::parse(target, &self.syntax).ok()?;
        let words = Words { entity: first_segment(&url.path), ..self.options(&url.options) };
        Some(Box::new(Callout { words: words.into(), told: Told::default() }))
    }

    fn words(&self, url: &ResourceUrl, query: &Query) -> Words {
        let sets = match query {
            Query::Read(read) => touched(read),
            Query::Aggregate(aggregate) => aggregate.touched(),
            Query::Cross(cross) => cross.touched(),
            _ => Vec::new(),
        };
        let sets: Vec<_> = sets.iter().filter_map(|set| self.model.set(*set)).collect();
        let mut places: Vec<_> = sets.iter().map(|set| set.source).collect();
        places.sort_unstable();
        places.dedup();
        let mut source = String::new();
        for place in places {
            let name = usize::try_from(place.0).ok().and_then(|place| self.model.sources.get(place));
            let _ = write!(source, "{}{}", if source.is_empty() { "" } else { "," }, name.map_or("?", String::as_str));
        }
        let entity = sets.first().map_or_else(|| first_segment(&url.path), |set| set.name.clone());
        let options = self.options(&url.options);
        Words { entity, source: (!source.is_empty()).then_some(source), ..options }
    }

    fn options(&self, options: &Options) -> Words {
        let mut words = Words {
            limit: options.top,
            offset: options.skip,
            count: options.count,
            followed: options.skip_token.as_ref().map(|_| true),
            ..Words::default()
        };
        for (name, text) in syntax::print_options(options) {
            let place = match name.as_str() {
                "$select" => &mut words.select,
                "$filter" => &mut words.filter,
                "$search" => &mut words.search,
                "$orderby" => &mut words.orderby,
                "$expand" => &mut words.expand,
                "$apply" => &mut words.apply,
                _ => continue,
            };
            let shown = match self.callouts {
                Callouts::Full => text,
                // Every word of it is a value.
                _ if name == "$search" => "?".to_owned(),
                _ => syntax::masked(&text),
            };
            *place = Some(cut(shown));
        }
        words
    }
}

/// The first segment of a path, without its key.
fn first_segment(path: &Path) -> String {
    match path {
        Path::Service => "/".to_owned(),
        Path::Metadata => "$metadata".to_owned(),
        Path::Batch => "$batch".to_owned(),
        Path::All { .. } => "$all".to_owned(),
        Path::Entity { .. } => "$entity".to_owned(),
        Path::Crossjoin { .. } => "$crossjoin".to_owned(),
        Path::Resource(segments) => match segments.first().map(|segment| &segment.kind) {
            Some(SegmentKind::Name { name, .. }) => name.clone(),
            _ => String::new(),
        },
    }
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &'static str, message: &str, target: Option<&str>) -> Refused {
        Refused { code, message: message.to_owned(), target: target.map(str::to_owned) }
    }

    #[test]
    fn a_masked_sentence_keeps_names_and_places_and_no_value() {
        let unknown = "the type 'Order' has no property 'Total' (at character 16: Total)";
        let unknown = refused("bind.unknown_property", unknown, Some("Total"));
        assert_eq!(unknown.message(false), "the type 'Order' has no property 'Total' (at character 16)");
        assert!(unknown.message(true).ends_with(": Total)"));
        let literal = "the literal 'O''Brien' is not a value of type Edm.Date (at character 9: 'O''Brien')";
        let literal = refused("bind.malformed_literal", literal, Some("'O''Brien'"));
        assert_eq!(literal.message(false), "the literal '?' is not a value of type Edm.Date (at character 9)");
        assert_eq!(refused("store.busy", "busy", None).message(false), "busy");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = cut("ä".repeat(TEXT_BYTES_MAX));
        assert_eq!(text.chars().count(), TEXT_BYTES_MAX / 2 + 1);
        assert!(text.ends_with('…'));
        assert_eq!(cut("short".to_owned()), "short");
    }
}
