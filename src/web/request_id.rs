//! Owns [`RequestIds`]: takes a sane `X-Request-Id` of the client or its proxy, or makes one.

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header, in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over.
const LENGTH_MAX: usize = 64;

/// Makes ids that are unique among all processes: a random part per process and a counter.
pub(super) struct RequestIds {
    /// What all ids of this process begin with.
    process: String,
    next: AtomicU64,
}

impl RequestIds {
    /// A fresh sequence.
    pub(super) fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        // Uniqueness is all that is asked of it; it protects nothing. So the hasher's random seed will do.
        let random = RandomState::new().hash_one(std::process::id());
        RequestIds { process: format!("{:08x}-", random >> 32), next: AtomicU64::new(0) }
    }

    /// The id of this request. What a client sends goes to the log and back, so only plain characters are taken.
    pub(super) fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).map(HeaderValue::as_bytes).unwrap_or_default();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        match std::str::from_utf8(given) {
            Ok(id) if !id.is_empty() && id.len() <= LENGTH_MAX && given.iter().all(plain) => id.to_owned(),
            _ => self.fresh(),
        }
    }

    fn fresh(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.process.len() + 16);
        id.push_str(&self.process);
        id.push_str(itoa::Buffer::new().format(number));
        id
    }
}
