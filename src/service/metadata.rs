//! Owns the documents about the service: made once per model, served from memory with an `ETag`.

use std::sync::Arc;

use bytes::Bytes;
use ring::digest::{SHA256, digest};

use crate::cache::Page;
use crate::model::Model;
use crate::wire::{Version, xml};

/// A finished document.
#[derive(Clone, Debug)]
pub(super) struct Document(pub(super) Arc<Page>);

impl Document {
    pub(super) fn new(body: Vec<u8>) -> Self {
        let etag = tag(&body);
        Document(Arc::new(Page::new(Bytes::from(body), Some(etag))))
    }
}

/// The entity tag of these bytes.
pub(super) fn tag(body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    let mut etag = String::with_capacity(34);
    etag.push('"');
    for byte in hash.as_ref().iter().take(16) {
        for nibble in [byte >> 4, byte & 15] {
            etag.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    etag.push('"');
    etag
}

/// `$metadata` in both versions.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    v4_0: Document,
    v4_01: Document,
}

impl Metadata {
    pub(super) fn new(model: &Model) -> Self {
        let document = |version| Document::new(xml::metadata(model, version).into_bytes());
        Metadata { v4_0: document(Version::V4_0), v4_01: document(Version::V4_01) }
    }

    pub(super) fn document(&self, version: Version) -> &Document {
        match version {
            Version::V4_0 => &self.v4_0,
            Version::V4_01 => &self.v4_01,
        }
    }
}
