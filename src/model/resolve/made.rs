//! Resolves how the value of a property is made, where it does not lie in a column as it is published: `expression`,
//! and `values` with what belongs to them.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::service::bounded;
use super::value_type::{self, Said};
use super::written::{template, text_for};
use crate::edm::{Cut, Made, Offered, Scalar, Value, Words, parse_time_of_day};
use crate::model::raw::{self, Primitive, Report, Unknown};

use super::structure::Columns;

/// What is known of the value of a property before how it is made.
pub(super) struct Published {
    /// Its type, whose length the words may decide.
    pub(super) scalar: Scalar,
    pub(super) made: Option<Arc<Made>>,
}

impl Columns<'_> {
    /// How the value is made; `path` stands before the keys.
    pub(super) fn made(
        &self,
        property: &raw::Property,
        scalar: Scalar,
        path: &str,
        report: &mut Report,
    ) -> Option<Published> {
        let file = self.file;
        let key = |name: &str| format!("{path}{name}");
        for (name, given) in [("codes", property.codes.is_some()), ("unknown", property.unknown.is_some())] {
            if given && property.values.is_none() {
                let wrong = format!("`{name}` does not go without `values`");
                report.add(file, key(name), wrong, "add the words for the codes, or leave it out");
            }
        }
        if let Some(expression) = &property.expression {
            self.check_beside_expression(property, scalar, path, report);
            let key = key("expression");
            let text = text_for(expression, self.family, (file, &key, "expression"), report)?;
            let template = template(text, self.family, (file, &key), report)?;
            return Some(Published { scalar, made: Some(Arc::new(Made::Calculated(template))) });
        }
        let offered = property.offer.as_ref().and_then(|offer| self.offered(property, offer, scalar, path, report));
        if property.values.is_some() {
            return self.words(property, scalar, path, report);
        }
        Some(match offered {
            Some(offered) => Published { scalar: offered.scalar(), made: Some(Arc::new(Made::Offered(offered))) },
            None => Published { scalar, made: None },
        })
    }

    fn check_beside_expression(&self, property: &raw::Property, scalar: Scalar, path: &str, report: &mut Report) {
        for (name, given, right) in [
            ("column", property.column.is_some(), "name the columns in braces inside of the expression"),
            ("values", property.values.is_some(), "write a `CASE` in the expression"),
            ("cut", property.cut.is_some(), "let the expression cut it, with a marker"),
            ("offer", property.offer.is_some(), "calculate what is to be published, and give it its type"),
            ("collation", property.collation.is_some(), "calculated texts compare by code point anyway; leave it out"),
        ] {
            if given {
                let wrong = format!("`{name}` does not go with an expression");
                report.add(self.file, format!("{path}{name}"), wrong, right);
            }
        }
        if scalar == Scalar::Stream || scalar.srid().is_some() {
            let wrong = "streams and points cannot be calculated";
            report.add(self.file, format!("{path}expression"), wrong, "name a `column`");
        }
    }

    /// Where entities show only the beginning of a text, and its type then.
    pub(super) fn cut(
        &self,
        property: &raw::Property,
        published: &Published,
        path: &str,
        report: &mut Report,
    ) -> Option<(Scalar, Arc<Made>)> {
        let (length, marker, keys) = match property.cut.as_ref()? {
            raw::Cut::At(length) => (*length, "…", ("cut", "cut")),
            raw::Cut::Marked(raw::CutMarked { length, marker }) => {
                (*length, marker.as_str(), ("cut.length", "cut.marker"))
            }
        };
        let key = |key: &str| format!("{path}{key}");
        let Scalar::String { max_length } = published.scalar else {
            report.add(self.file, key("cut"), "`cut` does not go with this type", "only texts are cut; leave it out");
            return None;
        };
        if published.made.is_some() || property.collection.is_some() || property.enumeration.is_some() {
            let wrong = "`cut` goes with a column of one text only";
            report.add(self.file, key("cut"), wrong, "leave it out");
            return None;
        }
        if property.sortable == Some(true) {
            let wrong = "what is cut cannot be sorted by";
            let right = "pages go on behind the text that was shown; leave `sortable = true` or `cut` out";
            report.add(self.file, key("sortable"), wrong, right);
        }
        if marker.is_empty() || marker.contains('\0') {
            let wrong = "the marker is empty or holds a zero character";
            report.add(self.file, key(keys.1), wrong, "a text must not be cut in silence: write `marker = \"…\"`");
        }
        let marker_length = u32::try_from(marker.chars().count()).unwrap_or(u32::MAX);
        let length = bounded(Some(length), marker_length.saturating_add(1), u32::MAX, self.file, &key(keys.0), report)?;
        let scalar = Scalar::String { max_length: Some(max_length.map_or(length, |most| most.min(length))) };
        let cut = Cut { length, kept: length - marker_length, marker: marker.into() };
        Some((scalar, Arc::new(Made::Cut(cut))))
    }

    /// What a date is offered as, if that is not a date.
    fn offered(
        &self,
        property: &raw::Property,
        offer: &raw::Offer,
        scalar: Scalar,
        path: &str,
        report: &mut Report,
    ) -> Option<Offered> {
        let key = format!("{path}offer");
        if scalar != Scalar::Date || property.collection.is_some() {
            let wrong = "`offer` goes with a column of one date only";
            report.add(
                self.file,
                key,
                wrong,
                "leave it out, or write `type = \"Date\"` if that is what the column holds",
            );
            return None;
        }
        match offer {
            raw::Offer::As(raw::OfferAs::Date) => None,
            raw::Offer::As(raw::OfferAs::String) => Some(Offered::Text),
            raw::Offer::At(raw::OfferAt { date_time }) => {
                let seconds = parse_time_of_day(date_time).ok().filter(|micros| micros % 1_000_000 == 0);
                let seconds = seconds.and_then(|micros| u32::try_from(micros / 1_000_000).ok());
                if seconds.is_none() {
                    let wrong = format!("`{date_time}` is no time of day");
                    report.add(self.file, format!("{key}.date_time"), wrong, "write hours and minutes: `\"12:00\"`");
                }
                seconds.map(Offered::Instant)
            }
        }
    }

    fn words(&self, property: &raw::Property, scalar: Scalar, path: &str, report: &mut Report) -> Option<Published> {
        let file = self.file;
        let key = |name: &str| format!("{path}{name}");
        let values = property.values.as_ref()?;
        let Scalar::String { max_length } = scalar else {
            let wrong = "`values` do not go with this type";
            report.add(file, key("values"), wrong, "words are published: write `type = \"String\"`, and their `codes`");
            return None;
        };
        if property.enumeration.is_some() || property.collection.is_some() {
            let wrong = "`values` do not go with an enumeration or a collection";
            report.add(file, key("values"), wrong, "write `type = \"String\"`, or leave them out");
            return None;
        }
        let kind = property.codes.unwrap_or(Primitive::String);
        let code = self.code_type(kind, &key("codes"), report)?;
        let is_text = matches!(code, Scalar::String { .. });
        if property.collation.is_some() && !is_text {
            let wrong = "`collation` does not go with codes that are no texts";
            report.add(file, key("collation"), wrong, "leave it out");
        }
        if values.is_empty() {
            report.add(file, key("values"), "no code has a word", "write pairs: `values = { \"1\" = \"Open\" }`");
        }
        let keeps_unknown = property.unknown != Some(Unknown::Null);
        if !keeps_unknown && property.nullable == Some(false) {
            let wrong = "codes without a word are to be null, and the property cannot be";
            report.add(file, key("unknown"), wrong, "leave `nullable = false` out, or publish such codes as they are");
        }
        let words = Words { code, pairs: Box::default(), keeps_unknown };
        let mut pairs: Vec<(Value, Box<str>)> = Vec::with_capacity(values.len());
        for (written, word) in values {
            let key = format!("{path}values.{written}");
            if written.contains('\0') || word.contains('\0') {
                report.add(file, &*key, "it holds a zero character", "no database holds one");
            }
            let length = word.chars().count();
            if max_length.is_some_and(|most| usize::try_from(most).is_ok_and(|most| length > most)) {
                let wrong = format!("the word has {length} characters, more than `max_length`");
                report.add(file, &*key, wrong, "shorten it, or raise `max_length`");
            }
            if let Some(code) = words.code_of(written) {
                pairs.push((code, word.as_str().into()));
            } else {
                let wrong = format!("`{written}` is no code of type {kind:?}");
                let right = "write it as a number without a sign or zeros before it, `true` or `false`";
                report.add(file, &*key, wrong, right);
            }
        }
        let longest = values.values().map(|word| word.chars().count()).max().unwrap_or(0);
        let digits = code.integer_range().map(|(least, most)| least.to_string().len().max(most.to_string().len()));
        let known = match (keeps_unknown, digits) {
            (false, _) => Some(longest),
            (true, Some(digits)) => Some(longest.max(digits)),
            // A code may be longer than every word.
            (true, None) => None,
        };
        let max_length = max_length.or_else(|| u32::try_from(known?.max(1)).ok());
        let words = Words { pairs: pairs.into(), ..words };
        Some(Published { scalar: Scalar::String { max_length }, made: Some(Arc::new(Made::Words(words))) })
    }

    fn code_type(&self, kind: Primitive, key: &str, report: &mut Report) -> Option<Scalar> {
        let said = Said { primitive: Some(kind), ..Said::default() };
        let code = value_type::resolve(&said, self.declared, self.file, "", report)?.scalar;
        if matches!(code, Scalar::String { .. } | Scalar::Boolean) || code.is_integer() {
            return Some(code);
        }
        let wrong = format!("codes cannot be of type {kind:?}");
        report.add(self.file, key, wrong, "codes are texts, whole numbers or booleans");
        None
    }
}
