//! Owns the writers of plain XML and JSON: elements and members, opened and closed, with everything escaped.

use std::fmt::{Display, Write as _};

use quick_xml::escape::escape;

use crate::wire::json::write_string;

/// An XML document in the making.
pub(super) struct Xml {
    out: String,
    open: Vec<&'static str>,
    /// The last start tag still lacks its `>`.
    in_tag: bool,
}

impl Xml {
    pub(super) fn new() -> Self {
        Xml { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(), open: Vec::new(), in_tag: false }
    }

    pub(super) fn open(&mut self, name: &'static str) -> &mut Self {
        self.end_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    pub(super) fn attribute(&mut self, name: &str, value: impl Display) -> &mut Self {
        // Writing into a string cannot fail.
        let _ = write!(self.out, " {name}=\"{}\"", escape(value.to_string()));
        self
    }

    pub(super) fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        if self.in_tag {
            self.out.push_str("/>");
            self.in_tag = false;
        } else {
            let _ = write!(self.out, "</{name}>");
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.end_tag();
        self.out.push_str(&escape(text));
    }

    fn end_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

/// A JSON document in the making.
#[derive(Default)]
pub(super) struct Json {
    pub(super) out: Vec<u8>,
}

impl Json {
    pub(super) fn object(&mut self, content: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        content(self);
        self.out.push(b'}');
    }

    pub(super) fn array(&mut self, content: impl FnOnce(&mut Self)) {
        self.out.push(b'[');
        content(self);
        self.out.push(b']');
    }

    /// Begins an item of an array.
    pub(super) fn item(&mut self) -> &mut Self {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
        }
        self
    }

    /// Begins a member of an object.
    pub(super) fn member(&mut self, name: &str) -> &mut Self {
        write_string(name, &mut self.item().out);
        self.out.push(b':');
        self
    }

    pub(super) fn string(&mut self, text: &str) {
        write_string(text, &mut self.out);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(super) fn int(&mut self, value: i64) {
        // Writing into bytes cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.out, format_args!("{value}"));
    }
}
