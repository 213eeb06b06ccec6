//! The XML of `$metadata` as a tree of elements.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Checked, Wrong, ensure};

/// An element without its texts.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: HashMap<String, String>,
    children: Vec<Element>,
}

impl Element {
    /// The root of a document.
    pub(super) fn read(text: &str) -> Checked<Element> {
        // Bytes in front of the declaration make readers of XML fail.
        ensure(text.starts_with("<?xml "), || "the document does not begin with its declaration".to_owned())?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(|error| Wrong(format!("no well-formed XML: {error}")))?;
            let done = match event {
                Event::Start(start) => {
                    open.push(Element::of(&start)?);
                    None
                }
                Event::Empty(start) => Some(Element::of(&start)?),
                Event::End(_) => open.pop(),
                Event::Eof => break,
                _ => None,
            };
            if let (Some(done), Some(parent)) = (done, open.last_mut()) {
                parent.children.push(done);
            }
        }
        ensure(open.len() == 1, || "an element is not closed".to_owned())?;
        let roots = open.pop().map(|top| top.children).unwrap_or_default();
        roots.into_iter().next().ok_or_else(|| Wrong("the document is empty".to_owned()))
    }

    fn of(start: &BytesStart<'_>) -> Checked<Element> {
        let mut element = Element { name: start.name().as_ref().to_owned(), ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| Wrong(format!("{}: {error}", element.name)))?;
            let value = quick_xml::escape::unescape(&attribute.value);
            let value = value.map_err(|error| Wrong(format!("{}: {error}", element.name)))?.into_owned();
            element.attributes.insert(attribute.key.as_ref().to_owned(), value);
        }
        Ok(element)
    }

    pub(super) fn children<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child that must be there once.
    pub(super) fn only(&self, name: &'static str) -> Checked<&Element> {
        let mut found = self.children(name);
        let first = found.next().ok_or_else(|| Wrong(format!("no {name} in {}", self.name)))?;
        ensure(found.next().is_none(), || format!("more than one {name} in {}", self.name))?;
        Ok(first)
    }

    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    /// An attribute that must be there.
    pub(super) fn demand(&self, attribute: &str) -> Checked<&str> {
        self.get(attribute).ok_or_else(|| Wrong(format!("{} without {attribute}", self.name)))
    }
}
