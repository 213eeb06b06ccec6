//! Owns [`Streams`]: what is told of the streams of an entity, and their bytes where they are expanded (OData JSON
//! Format 4.01, sections 4.6 and 9).
//!
//! # Decisions
//!
//! - **Where a stream is found** is told in full metadata, and in minimal metadata of those that `$select` names:
//!   nothing else would show of them.
//! - **Expanded bytes** always tell their content type, whatever the metadata level, since it says how they are
//!   written: JSON as itself, texts of UTF-8 as texts, all else as base64url. Bytes that are not what their type
//!   promises are written as bytes, and called so.

use crate::edm::{Cell, write_binary};
use crate::model::{ContentType, DerivedId, EntityType, Model, PropertyId};
use crate::wire::json::{write_property_control, write_string};
use crate::wire::key::EntityUrl;
use crate::wire::{Format, Level};

use super::Fields;
use super::pieces::is_stream;

/// What no other content type fits.
const BYTES: &str = "application/octet-stream";

/// What kind of bytes.
#[derive(Clone, Debug)]
pub(super) enum Medium {
    Fixed(String),
    Column(usize),
    Unknown,
}

impl Medium {
    /// As the model says. What no column of the node holds is not known.
    pub(super) fn new(content_type: &ContentType, fields: &Fields<'_>) -> Self {
        match content_type {
            ContentType::Fixed(text) => Medium::Fixed(text.clone()),
            ContentType::Property(id) => fields.column_of(*id).map_or(Medium::Unknown, Medium::Column),
        }
    }

    /// Shows the content type, if it is known of the row.
    fn show<'a, E, R>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        show: impl FnOnce(Option<&str>) -> R,
    ) -> Result<R, E> {
        Ok(match self {
            Medium::Fixed(text) => show(Some(text)),
            Medium::Column(column) => match cell(*column)? {
                Cell::Text(text) => show(Some(text.as_str())),
                _ => show(None),
            },
            Medium::Unknown => show(None),
        })
    }

    /// Writes the content type with a comma before it, if it is known of the row.
    pub(super) fn write<'a, E>(
        &self,
        property: &str,
        format: Format,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        self.show(cell, |content_type| {
            if let Some(content_type) = content_type {
                out.push(b',');
                write_property_control(property, "mediaContentType", format, out);
                write_string(content_type, out);
            }
        })
    }
}

/// The streams of the rows of one node.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    /// There if some have a link.
    url: Option<EntityUrl>,
    format: Format,
    all: Vec<Stream>,
}

#[derive(Clone, Debug)]
struct Stream {
    /// Nothing for the bytes that the entity itself is.
    name: String,
    declared_by: Option<DerivedId>,
    medium: Medium,
    /// What stands behind the URL of the entity, if the link is told.
    link: Option<String>,
    /// The cell with the bytes, if they are expanded, and of which type entities must be for that.
    content: Option<(usize, Option<DerivedId>)>,
}

impl Streams {
    /// The streams of a node; `None` if there is nothing to tell of them. `root` is the absolute service root with its
    /// slash.
    pub(super) fn new(
        model: &Model,
        entity_type: &EntityType,
        fields: &Fields<'_>,
        format: Format,
        root: &str,
    ) -> Option<Self> {
        let shape = fields.shape;
        let asked = |id: PropertyId| shape.streams().iter().find(|stream| stream.id == id);
        let is_wanted = |id: PropertyId| {
            let is_selected = asked(id).is_some_and(|stream| stream.selected);
            is_selected && format.level != Level::None || fields.is_full && !shape.selected
        };
        let mut streams = Vec::new();
        let all = entity_type.properties.iter().zip(0..).map(|(property, id)| (property, PropertyId(id)));
        for (property, id) in all.filter(|(property, _)| is_stream(property)) {
            let link = (is_wanted(id) && !property.hidden).then(|| {
                let cast = property.declared_by.and_then(|of| entity_type.derived_type(of));
                let cast = cast.map_or_else(String::new, |cast| format!("/{}.{}", model.namespace, cast.name));
                format!("{cast}/{}", property.name)
            });
            let expanded = asked(id).and_then(|stream| stream.expanded);
            let content = expanded.and_then(|of| Some((fields.column_of(id)?, of)));
            if link.is_some() || content.is_some() {
                let of_media = entity_type.media.as_ref().filter(|media| media.content == id);
                let content_type = of_media.map(|media| &media.content_type).or(property.content_type.as_ref());
                streams.push(Stream {
                    name: if of_media.is_some() { String::new() } else { property.name.clone() },
                    declared_by: property.declared_by,
                    medium: content_type.map_or(Medium::Unknown, |it| Medium::new(it, fields)),
                    link,
                    content,
                });
            }
        }
        let has_links = streams.iter().any(|stream| stream.link.is_some());
        let url = if has_links { EntityUrl::new(model, fields.set, fields.columns, root) } else { None };
        (!streams.is_empty()).then_some(Streams { url, format, all: streams })
    }

    /// Writes what is told of each stream that an entity of this type has. The members of the entity begin at `start`.
    pub(super) fn write<'a, E>(
        &self,
        is_of: impl Fn(Option<DerivedId>) -> bool,
        start: usize,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        for stream in self.all.iter().filter(|stream| is_of(stream.declared_by)) {
            let comma = |out: &mut Vec<u8>| {
                if out.len() > start {
                    out.push(b',');
                }
            };
            if let (Some(link), Some(url)) = (&stream.link, &self.url) {
                comma(out);
                write_property_control(&stream.name, "mediaReadLink", self.format, out);
                out.push(b'"');
                url.write(cell, out)?;
                out.extend_from_slice(link.as_bytes());
                out.push(b'"');
            }
            match stream.content.filter(|(_, of)| is_of(*of)) {
                Some((column, _)) => {
                    comma(out);
                    stream.write_content(cell(column)?, self.format, cell, out)?;
                }
                None if stream.link.is_some() => stream.medium.write(&stream.name, self.format, cell, out)?,
                None => {}
            }
        }
        Ok(())
    }
}

impl Stream {
    /// The bytes with what tells how they are written; a stream without a value needs nothing to tell.
    fn write_content<'a, E>(
        &self,
        content: Cell<'a>,
        format: Format,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let name = if self.name.is_empty() { "$value" } else { &self.name };
        let bytes = match &content {
            Cell::Binary(bytes) => bytes,
            Cell::Text(text) => text.bytes(),
            _ => {
                write_string(name, out);
                out.extend_from_slice(b":null");
                return Ok(());
            }
        };
        self.medium.show(cell, |content_type| {
            let content_type = content_type.unwrap_or(BYTES);
            let spelling = Spelling::of(content_type, bytes);
            let content_type = spelling.map_or(BYTES, |_| content_type);
            write_property_control(&self.name, "mediaContentType", format, out);
            write_string(content_type, out);
            out.push(b',');
            write_string(name, out);
            out.push(b':');
            match spelling {
                Some(Spelling::Json) => out.extend_from_slice(bytes.trim_ascii()),
                Some(Spelling::Text(text)) => write_string(text, out),
                Some(Spelling::Bytes) | None => {
                    out.push(b'"');
                    write_binary(bytes, out);
                    out.push(b'"');
                }
            }
        })
    }
}

/// How bytes are written in JSON.
#[derive(Clone, Copy, Debug)]
enum Spelling<'t> {
    Json,
    Text(&'t str),
    Bytes,
}

impl<'t> Spelling<'t> {
    /// `None` if the bytes are not of their type.
    fn of(content_type: &str, bytes: &'t [u8]) -> Option<Self> {
        let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let media_type = media_type.trim().to_ascii_lowercase();
        if media_type == "application/json" || media_type.starts_with("application/") && media_type.ends_with("+json") {
            let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
            return is_json.then_some(Spelling::Json);
        }
        let charset = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        if media_type.starts_with("text/") && charset.is_none_or(|it| matches!(it.as_str(), "utf-8" | "us-ascii")) {
            return std::str::from_utf8(bytes).ok().map(Spelling::Text);
        }
        Some(Spelling::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_spelled_by_what_they_are() {
        let spelled = |content_type: &str, bytes: &'static [u8]| match Spelling::of(content_type, bytes) {
            Some(Spelling::Json) => "json".to_owned(),
            Some(Spelling::Text(text)) => format!("text {text}"),
            Some(Spelling::Bytes) => "bytes".to_owned(),
            None => "wrong".to_owned(),
        };
        for (content_type, bytes, expected) in [
            ("application/json", &b" {\"a\": [1.50]} "[..], "json"),
            ("Application/JSON;odata.metadata=none", b"5", "json"),
            ("application/geo+json", b"null", "json"),
            ("application/json", b"{\"a\"", "wrong"),
            ("application/json", b"", "wrong"),
            ("application/jsonp", b"5", "bytes"),
            ("image/json", b"5", "bytes"),
            ("text/plain", "é".as_bytes(), "text é"),
            ("text/html; charset=UTF-8", b"<p>", "text <p>"),
            ("text/csv; header=present; charset=\"us-ascii\"", b"a", "text a"),
            ("text/plain; charset=iso-8859-1", b"\xe9", "bytes"),
            ("text/plain", b"\xe9", "wrong"),
            ("text/plain", b"", "text "),
            ("image/png", b"\x89PNG", "bytes"),
            ("", b"a", "bytes"),
        ] {
            assert_eq!(spelled(content_type, bytes), expected, "{content_type} {bytes:?}");
        }
    }
}
