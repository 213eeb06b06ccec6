//! Owns the documents about the service: made once per model, served from memory with an `ETag`.

use std::sync::Arc;

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_128;

use crate::cache::Page;
use crate::model::Model;
use crate::wire::{Document as Form, NotAcceptable, Offer, Version, csdl, negotiate_metadata};

const XML: &str = "application/xml";
const JSON: &str = "application/json";

/// A finished document.
#[derive(Clone, Debug)]
pub(super) struct Document(pub(super) Arc<Page>);

impl Document {
    pub(super) fn new(body: Vec<u8>) -> Self {
        let etag = tag(&body);
        Document(Arc::new(Page::new(Bytes::from(body), Some(etag))))
    }
}

/// The entity tag of these bytes, the same in every process. A quick hash is enough: whoever could force two contents
/// to have one tag would hide his own change, from those who already saw the content before.
pub(super) fn tag(body: &[u8]) -> String {
    format!("\"{:032x}\"", xxh3_128(body))
}

/// `$metadata` in its forms and versions.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    xml_4_0: Document,
    xml_4_01: Document,
    json: Document,
}

impl Metadata {
    pub(super) fn new(model: &Model, offer: &Offer) -> Self {
        let xml = |version| Document::new(csdl::xml(model, version, offer).into_bytes());
        Metadata {
            xml_4_0: xml(Version::V4_0),
            xml_4_01: xml(Version::V4_01),
            json: Document::new(csdl::json(model, offer)),
        }
    }

    /// The document in the form that the client likes best, with its media type and version. JSON is of version 4.01,
    /// which may be sent to a client that names no version (OData 4.01 Part 1, 8.2.7).
    pub(super) fn choose(
        &self,
        version: Version,
        names_version: bool,
        accept: Option<&str>,
        format: Option<&str>,
    ) -> Result<(&Document, &'static str, Version), NotAcceptable> {
        let allows_json = version == Version::V4_01 || !names_version;
        Ok(match (negotiate_metadata(allows_json, accept, format)?, version) {
            (Form::Json, _) => (&self.json, JSON, Version::V4_01),
            (Form::Xml, Version::V4_0) => (&self.xml_4_0, XML, version),
            (Form::Xml, Version::V4_01) => (&self.xml_4_01, XML, version),
        })
    }
}
