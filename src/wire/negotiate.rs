//! Owns the negotiation of an answer's form: `Accept` and `$format` → [`Format`] (OData JSON Format 4.01, section 3).

/// The protocol version of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// OData 4.0
    #[default]
    V4_0,
    /// OData 4.01
    V4_01,
}

/// How much control information an answer carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// `metadata=none`
    None,
    /// `metadata=minimal`, the default.
    #[default]
    Minimal,
    /// `metadata=full`
    Full,
}

/// The form of a JSON answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Format {
    /// The protocol version.
    pub version: Version,
    /// The amount of control information.
    pub level: Level,
    /// Whether `Edm.Int64`, `Edm.Decimal` and counts are written as strings.
    pub ieee754: bool,
    /// Whether control information is named without `odata.`: only in 4.01, and only for clients that spell the
    /// parameters of the format so. All 4.01 clients must understand the prefix (JSON Format 4.01, section 4.5), and
    /// some that say 4.01 know nothing else.
    pub bare: bool,
    /// Whether properties without a value are left out of entities.
    pub omit_nulls: bool,
}

/// No form that the client accepts can be offered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the format '{0}' is not offered")]
pub struct NotAcceptable(pub String);

impl Version {
    /// As in the header `OData-Version`.
    pub fn text(self) -> &'static str {
        match self {
            Version::V4_0 => "4.0",
            Version::V4_01 => "4.01",
        }
    }
}

impl Format {
    /// What stands before the name of control information.
    pub fn mark(self) -> &'static str {
        if self.bare { "@" } else { "@odata." }
    }

    /// Tells all formats apart.
    pub fn number(self) -> u8 {
        u8::from(self.ieee754)
            | (self.level as u8) << 1
            | (self.version as u8) << 3
            | u8::from(self.bare) << 4
            | u8::from(self.omit_nulls) << 5
    }

    /// The media type of the answer, in the spelling of its version.
    pub fn content_type(self) -> &'static str {
        match (self.version, self.level, self.ieee754) {
            (Version::V4_0, Level::None, false) => "application/json;odata.metadata=none",
            (Version::V4_0, Level::Minimal, false) => "application/json;odata.metadata=minimal",
            (Version::V4_0, Level::Full, false) => "application/json;odata.metadata=full",
            (Version::V4_0, Level::None, true) => "application/json;odata.metadata=none;IEEE754Compatible=true",
            (Version::V4_0, Level::Minimal, true) => "application/json;odata.metadata=minimal;IEEE754Compatible=true",
            (Version::V4_0, Level::Full, true) => "application/json;odata.metadata=full;IEEE754Compatible=true",
            (Version::V4_01, Level::None, false) => "application/json;metadata=none",
            (Version::V4_01, Level::Minimal, false) => "application/json;metadata=minimal",
            (Version::V4_01, Level::Full, false) => "application/json;metadata=full",
            (Version::V4_01, Level::None, true) => "application/json;metadata=none;IEEE754Compatible=true",
            (Version::V4_01, Level::Minimal, true) => "application/json;metadata=minimal;IEEE754Compatible=true",
            (Version::V4_01, Level::Full, true) => "application/json;metadata=full;IEEE754Compatible=true",
        }
    }
}

/// Chooses the form of a JSON answer. `$format` beats `Accept`; without either, or with an empty one, the default.
pub fn negotiate(version: Version, accept: Option<&str>, format: Option<&str>) -> Result<Format, NotAcceptable> {
    let default = Format { version, ..Format::default() };
    if let Some(format) = format {
        if format.eq_ignore_ascii_case("json") {
            return Ok(default);
        }
        let range = Range::parse(format).and_then(|range| range.json(version));
        return range.map(|(format, _)| format).ok_or_else(|| NotAcceptable(format.to_owned()));
    }
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return Ok(default);
    };
    let mut best: Option<(Format, Preference)> = None;
    for offer in accept.split(',').filter_map(Range::parse).filter_map(|range| range.json(version)) {
        if best.is_none_or(|(_, preference)| offer.1 > preference) {
            best = Some(offer);
        }
    }
    best.map(|(format, _)| format).ok_or_else(|| NotAcceptable(accept.to_owned()))
}

/// The form of `$metadata`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// CSDL XML
    Xml,
    /// CSDL JSON, which only 4.01 knows.
    Json,
}

/// Chooses the form of `$metadata`. XML unless the client likes JSON better: many send an `Accept` that names both, or
/// anything, with XML in mind. `allows_json` tells whether the answer may be of version 4.01.
pub fn negotiate_metadata(
    allows_json: bool,
    accept: Option<&str>,
    format: Option<&str>,
) -> Result<Document, NotAcceptable> {
    let json =
        |range: &Range<'_>| range.json(Version::V4_01).filter(|_| allows_json).map_or(0, |(_, (quality, _))| quality);
    if let Some(text) = format {
        if text.eq_ignore_ascii_case("xml") {
            return Ok(Document::Xml);
        }
        let range = Range::parse(if text.eq_ignore_ascii_case("json") { "application/json" } else { text });
        return match range {
            Some(range) if range.xml() > 0 => Ok(Document::Xml),
            Some(range) if json(&range) > 0 => Ok(Document::Json),
            _ => Err(NotAcceptable(text.to_owned())),
        };
    }
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return Ok(Document::Xml);
    };
    let (mut best_xml, mut best_json) = (0, 0);
    for range in accept.split(',').filter_map(Range::parse) {
        best_xml = best_xml.max(range.xml());
        best_json = best_json.max(json(&range));
    }
    match (best_xml, best_json) {
        (0, 0) => Err(NotAcceptable(accept.to_owned())),
        (xml, json) if json > xml => Ok(Document::Json),
        _ => Ok(Document::Xml),
    }
}

/// The one of several media types that a client likes best, the first among equals; `None` if it accepts none of them.
pub fn prefers<T: Copy>(accept: &str, offers: &[(&str, T)]) -> Option<T> {
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::parse).collect();
    let mut best: Option<(u16, T)> = None;
    for (media, offer) in offers {
        let of_media = ranges.iter().filter_map(|range| Some((range.exactness(media)?, range.quality)));
        let Some((_, quality)) = of_media.max_by_key(|(exactness, _)| *exactness) else { continue };
        if quality > 0 && best.is_none_or(|(most, _)| quality > most) {
            best = Some((quality, *offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// Whether the header names this media type itself, and does not refuse it.
pub fn names(accept: &str, media: &str) -> bool {
    accept.split(',').filter_map(Range::parse).any(|range| range.exactness(media) == Some(2) && range.quality > 0)
}

/// Whether UTF-8 may be sent under this `Accept-Charset` (RFC 9110, 12.5.2).
pub fn accepts_utf8(charsets: &str) -> bool {
    let mut accepted = None;
    for range in charsets.split(',').filter_map(Range::parse) {
        if range.media.eq_ignore_ascii_case("utf-8") {
            return range.quality > 0;
        }
        if range.media == "*" {
            accepted = Some(range.quality > 0);
        }
    }
    accepted.unwrap_or(charsets.trim().is_empty())
}

/// Quality in thousandths, then how exactly the range names the type.
type Preference = (u16, u8);

/// One media range of an `Accept` header.
struct Range<'a> {
    media: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| !media.is_empty())?;
        let mut range = Range { media, parameters: Vec::new(), quality: 1000 };
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("q") {
                range.quality = quality(value);
            } else {
                range.parameters.push((name, value));
            }
        }
        Some(range)
    }

    fn json(&self, version: Version) -> Option<(Format, Preference)> {
        let exactness = match self.media.to_ascii_lowercase().as_str() {
            "application/json" => 2,
            "application/*" => 1,
            "*/*" | "*" => 0,
            _ => return None,
        };
        if self.quality == 0 {
            return None;
        }
        let mut format = Format { version, ..Format::default() };
        let mut prefixed = version == Version::V4_0;
        for (name, value) in &self.parameters {
            let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
            match name.as_str() {
                "metadata" | "streaming" => format.bare = true,
                "odata.metadata" | "odata.streaming" => prefixed = true,
                _ => {}
            }
            match (name.as_str(), value.as_str()) {
                ("odata.metadata" | "metadata", "none") => format.level = Level::None,
                ("odata.metadata" | "metadata", "minimal") => format.level = Level::Minimal,
                ("odata.metadata" | "metadata", "full") => format.level = Level::Full,
                ("ieee754compatible", "true") => format.ieee754 = true,
                ("ieee754compatible" | "exponentialdecimals", "false")
                | ("odata.streaming" | "streaming" | "exponentialdecimals", "true" | "false")
                | ("charset", "utf-8" | "utf8") => {}
                // A parameter unknown to the format makes the range unacceptable.
                _ => return None,
            }
        }
        format.bare &= !prefixed;
        Some((format, (self.quality, exactness)))
    }

    /// How exactly the range names a media type; `None` if it does not.
    fn exactness(&self, media: &str) -> Option<u8> {
        let (kind, _) = media.split_once('/')?;
        if self.media.eq_ignore_ascii_case(media) {
            Some(2)
        } else if self.media.strip_suffix("/*").is_some_and(|named| named.eq_ignore_ascii_case(kind)) {
            Some(1)
        } else {
            matches!(self.media, "*/*" | "*").then_some(0)
        }
    }

    /// How much XML is liked.
    fn xml(&self) -> u16 {
        let named = ["application/xml", "application/*", "*/*", "*"];
        if named.iter().any(|name| self.media.eq_ignore_ascii_case(name)) { self.quality } else { 0 }
    }
}

fn quality(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let thousandths = digits.fold(0, |sum, byte| sum * 10 + u16::from(byte.saturating_sub(b'0').min(9)));
    if whole == "0" { thousandths } else { 1000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(accept: &str) -> Result<Level, NotAcceptable> {
        negotiate(Version::V4_0, Some(accept), None).map(|format| format.level)
    }

    #[test]
    fn the_best_acceptable_range_wins() {
        assert_eq!(level("application/json;odata.metadata=full"), Ok(Level::Full));
        assert_eq!(level("application/json;metadata=none"), Ok(Level::None));
        assert_eq!(level("text/html, */*;q=0.1"), Ok(Level::Minimal));
        assert_eq!(level("application/json;odata.metadata=full;q=0.5,application/json;q=0.9"), Ok(Level::Minimal));
        assert_eq!(level("*/*, application/json;odata.metadata=full"), Ok(Level::Full));
        assert_eq!(level(""), Ok(Level::Minimal));
    }

    #[test]
    fn what_is_not_json_is_not_acceptable() {
        assert!(level("application/atom+xml").is_err());
        assert!(level("application/json;q=0").is_err());
        assert!(level("application/json;odata.metadata=some").is_err());
        assert!(level("application/json;unknown=1").is_err());
        assert_eq!(level("application/json;unknown=1,*/*"), Ok(Level::Minimal));
    }

    #[test]
    fn one_of_several_media_types_is_preferred() {
        let offers = [("multipart/mixed", 1), ("application/json", 2)];
        for (accept, preferred) in [
            ("application/json", Some(2)),
            ("multipart/*;q=0.5, application/json;q=0.4", Some(1)),
            ("*/*", Some(1)),
            ("*/*, multipart/mixed;q=0.2", Some(2)),
            ("multipart/mixed;q=0, application/*;q=0.1", Some(2)),
            ("text/plain", None),
        ] {
            assert_eq!(prefers(accept, &offers), preferred, "{accept}");
        }
        assert!(names("text/html, Application/HTTP;q=0.1", "application/http"));
        assert!(!names("*/*, application/http;q=0", "application/http"));
    }

    #[test]
    fn utf8_must_not_be_refused() {
        for (charsets, accepted) in
            [("", true), ("utf-8", true), ("iso-8859-1, *;q=0.1", true), ("ascii", false), ("*, UTF-8;q=0", false)]
        {
            assert_eq!(accepts_utf8(charsets), accepted, "{charsets}");
        }
    }

    #[test]
    fn the_format_option_beats_accept() {
        let format =
            negotiate(Version::V4_01, Some("application/xml"), Some("application/json;metadata=full")).unwrap();
        assert_eq!(format.content_type(), "application/json;metadata=full");
        assert!(negotiate(Version::V4_0, Some("application/json"), Some("atom")).is_err());
    }

    #[test]
    fn names_lose_their_prefix_for_those_who_spell_parameters_without() {
        let mark = |version, accept| negotiate(version, Some(accept), None).unwrap().mark();
        assert_eq!(mark(Version::V4_01, "application/json;metadata=minimal"), "@");
        assert_eq!(mark(Version::V4_01, "application/json;streaming=false"), "@");
        for accept in [
            "application/json",
            "*/*",
            "application/json;odata.metadata=full",
            "application/json;IEEE754Compatible=true",
        ] {
            assert_eq!(mark(Version::V4_01, accept), "@odata.", "{accept}");
        }
        assert_eq!(mark(Version::V4_0, "application/json;metadata=minimal"), "@odata.");
        assert_eq!(mark(Version::V4_01, "application/json;metadata=full;odata.streaming=true"), "@odata.");
    }

    #[test]
    fn formats_have_different_numbers() {
        let mut numbers = std::collections::HashSet::new();
        for version in [Version::V4_0, Version::V4_01] {
            for level in [Level::None, Level::Minimal, Level::Full] {
                for (ieee754, bare) in [(false, false), (false, true), (true, false), (true, true)] {
                    assert!(numbers.insert(Format { version, level, ieee754, bare, omit_nulls: false }.number()));
                }
            }
        }
    }

    #[test]
    fn metadata_is_xml_unless_json_is_liked_better() {
        use Document::{Json, Xml};
        for (accept, format, expected) in [
            (None, None, Some(Xml)),
            (Some(""), None, Some(Xml)),
            (Some("*/*"), None, Some(Xml)),
            (Some("application/xml"), None, Some(Xml)),
            (Some("application/json"), None, Some(Json)),
            (Some("application/json, text/plain, */*"), None, Some(Xml)),
            (Some("application/json, */*;q=0.1"), None, Some(Json)),
            (Some("application/xml;q=0.5, application/json;q=0.9"), None, Some(Json)),
            (Some("application/xml;q=0.5, application/json;q=0.4"), None, Some(Xml)),
            (Some("application/xml;q=0, application/json"), None, Some(Json)),
            (Some("application/json;odata.metadata=full"), None, Some(Json)),
            (Some("application/json;unknown=1"), None, None),
            (Some("application/atom+xml"), None, None),
            (Some("application/json"), Some("xml"), Some(Xml)),
            (Some("application/xml"), Some("json"), Some(Json)),
            (None, Some("application/json"), Some(Json)),
            (None, Some("application/xml"), Some(Xml)),
            (None, Some("atom"), None),
        ] {
            assert_eq!(negotiate_metadata(true, accept, format).ok(), expected, "{accept:?} {format:?}");
        }
        assert_eq!(negotiate_metadata(false, Some("application/json, */*;q=0.1"), None), Ok(Xml));
        assert!(negotiate_metadata(false, Some("application/json"), None).is_err());
        assert!(negotiate_metadata(false, None, Some("json")).is_err());
    }
}
