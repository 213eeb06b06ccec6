//! Owns [`Page`], a finished answer, and [`Stored`]: what a value must offer to be kept.

use bytes::Bytes;
use tokio::sync::OnceCell;

use super::packed::gzip;

/// Up to this size compressing takes less than a millisecond, which no other request on the thread will notice.
const INLINE_BYTES_MAX: usize = 64 * 1_024;

/// A finished answer.
#[derive(Debug, Default)]
pub struct Page {
    /// The bytes.
    pub body: Bytes,
    /// The `ETag`, if the answer has one.
    pub etag: Option<String>,
    /// The compressed bytes, once somebody has asked for them.
    packed: OnceCell<Option<Bytes>>,
}

impl Page {
    /// A page of these bytes.
    pub fn new(body: Bytes, etag: Option<String>) -> Self {
        Page { body, etag, packed: OnceCell::new() }
    }

    /// The bytes compressed with gzip: done once, however many ask. `None` if memory was refused.
    pub async fn gzip(&self) -> Option<Bytes> {
        let pack = async || {
            if self.body.len() <= INLINE_BYTES_MAX {
                return gzip(&self.body);
            }
            let body = self.body.clone();
            tokio::task::spawn_blocking(move || gzip(&body)).await.ok().flatten()
        };
        self.packed.get_or_init(pack).await.clone()
    }
}

/// A value that can be kept.
pub trait Stored: Send + Sync + 'static {
    /// Bytes of memory, about.
    fn bytes(&self) -> usize;
}

impl Stored for Page {
    fn bytes(&self) -> usize {
        // Somebody will ask for the compressed form: a quarter is what rows need.
        self.body.len() + self.body.len() / 4
    }
}

impl Stored for i64 {
    fn bytes(&self) -> usize {
        size_of::<i64>()
    }
}
