//! Owns [`Page`], a finished answer, [`Told`], what the log says of it, and [`Stored`]: what a value must offer to be
//! kept.

use bytes::Bytes;
use tokio::sync::OnceCell;

use super::packed::{Coding, gunzip};

/// Up to this size compressing takes less than a millisecond, which no other request on the thread will notice.
const INLINE_BYTES_MAX: usize = 64 * 1_024;
/// The same for brotli.
const BROTLI_INLINE_BYTES_MAX: usize = 16 * 1_024;

/// What the log tells of a page beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Entities on it, without those that are expanded; `None` if it holds something else.
    pub rows: Option<u32>,
    /// It ends with a link to the next one.
    pub next_link: bool,
    /// The fingerprint of the statement that gave its rows; 0 if none did.
    pub statement: u64,
    /// Time in which its statements ran or waited for a connection, added up, in microseconds.
    pub database_us: u64,
}

/// Bytes of a [`Told`] in the second level; how long the database took is of no use there.
const TOLD_BYTES: usize = 13;

impl Told {
    fn pack(self) -> [u8; TOLD_BYTES] {
        let mut packed = [0; TOLD_BYTES];
        let (rows, rest) = packed.split_at_mut(4);
        rows.copy_from_slice(&self.rows.unwrap_or(u32::MAX).to_le_bytes());
        if let Some((next_link, statement)) = rest.split_first_mut() {
            *next_link = u8::from(self.next_link);
            statement.copy_from_slice(&self.statement.to_le_bytes());
        }
        packed
    }

    fn unpack(packed: &[u8; TOLD_BYTES]) -> Option<Self> {
        let (rows, rest) = packed.split_first_chunk()?;
        let (next_link, statement) = rest.split_first()?;
        let rows = u32::from_le_bytes(*rows);
        Some(Told {
            rows: (rows != u32::MAX).then_some(rows),
            next_link: *next_link == 1,
            statement: u64::from_le_bytes(statement.try_into().ok()?),
            database_us: 0,
        })
    }
}

/// A finished answer.
#[derive(Debug, Default)]
pub struct Page {
    /// The bytes.
    pub body: Bytes,
    /// The `ETag`, if the answer has one.
    pub etag: Option<String>,
    /// What the log says of it.
    pub told: Told,
    /// It may be served, and not kept.
    is_passing: bool,
    /// The bytes compressed with gzip, once somebody has asked for them.
    gzip: OnceCell<Option<Bytes>>,
    /// The same with brotli.
    brotli: OnceCell<Option<Bytes>>,
}

impl Page {
    /// A page of these bytes.
    pub fn new(body: Bytes, etag: Option<String>) -> Self {
        Page { body, etag, ..Page::default() }
    }

    /// The same page, of which the log says this.
    #[must_use]
    pub fn told(self, told: Told) -> Self {
        Page { told, ..self }
    }

    /// The same page, which is not to be kept.
    #[must_use]
    pub fn passing(self) -> Self {
        Page { is_passing: true, ..self }
    }

    /// The same page with other bytes of the same content.
    #[must_use]
    pub fn in_place(self, body: Bytes) -> Self {
        Page { body, ..self }
    }

    /// The bytes in a compressed form: done once, however many ask. `None` if memory was refused.
    pub async fn packed(&self, coding: Coding) -> Option<Bytes> {
        let (cell, inline_bytes_max) = match coding {
            Coding::Gzip => (&self.gzip, INLINE_BYTES_MAX),
            Coding::Brotli => (&self.brotli, BROTLI_INLINE_BYTES_MAX),
        };
        let pack = async || {
            if self.body.len() <= inline_bytes_max {
                return coding.pack(&self.body);
            }
            let body = self.body.clone();
            tokio::task::spawn_blocking(move || coding.pack(&body)).await.ok().flatten()
        };
        cell.get_or_init(pack).await.clone()
    }
}

/// A value that can be kept.
pub trait Stored: Sized + Send + Sync + 'static {
    /// Bytes of memory, about.
    fn bytes(&self) -> usize;

    /// The value as bytes, for the second level.
    fn pack(&self) -> impl Future<Output = Vec<u8>> + Send;

    /// The value that [`Stored::pack`] was given, if it has at most `bytes_max` bytes; `None` for any other bytes.
    fn unpack(packed: &[u8], bytes_max: usize) -> Option<Self>;
}

impl Stored for Page {
    fn bytes(&self) -> usize {
        if self.is_passing {
            return usize::MAX;
        }
        // Somebody will ask for a compressed form, and somebody else for the other: a quarter is what rows need, or
        // less.
        self.body.len() + self.body.len() / 4 + self.body.len() / 5
    }

    /// The tag, its length in front, then what is told, then the compressed body.
    async fn pack(&self) -> Vec<u8> {
        let etag = self.etag.as_deref().unwrap_or_default();
        let length = u8::try_from(etag.len()).unwrap_or(0);
        let etag = etag.get(..usize::from(length)).unwrap_or_default();
        let packed = self.packed(Coding::Gzip).await.unwrap_or_default();
        [&[length], etag.as_bytes(), &self.told.pack(), &packed].concat()
    }

    fn unpack(packed: &[u8], bytes_max: usize) -> Option<Self> {
        let (length, rest) = packed.split_first()?;
        let (etag, packed) = rest.split_at_checked(usize::from(*length))?;
        let etag = std::str::from_utf8(etag).ok()?;
        let (told, packed) = packed.split_first_chunk()?;
        let body = gunzip(packed, bytes_max)?;
        Some(Page {
            body: Bytes::from(body),
            etag: (!etag.is_empty()).then(|| etag.to_owned()),
            told: Told::unpack(told)?,
            is_passing: false,
            gzip: OnceCell::new_with(Some(Some(Bytes::copy_from_slice(packed)))),
            brotli: OnceCell::new(),
        })
    }
}

impl Stored for i64 {
    fn bytes(&self) -> usize {
        size_of::<i64>()
    }

    async fn pack(&self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }

    fn unpack(packed: &[u8], _: usize) -> Option<Self> {
        packed.try_into().ok().map(i64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_packed_is_the_same_page_again() {
        for etag in [None, Some("\"abc\"".to_owned())] {
            for body in [String::new(), "{\"value\":[]}".to_owned(), "x".repeat(INLINE_BYTES_MAX + 1)] {
                let told = Told { rows: etag.as_ref().map(|_| 7), next_link: true, statement: 1 << 40, database_us: 9 };
                let page = Page::new(Bytes::from(body.clone()), etag.clone()).told(told);
                let packed = page.pack().await;
                let back = Page::unpack(&packed, body.len()).unwrap();
                assert_eq!((&back.body, &back.etag), (&page.body, &page.etag));
                assert_eq!(back.told, Told { database_us: 0, ..told });
                assert_eq!(back.packed(Coding::Gzip).await, page.packed(Coding::Gzip).await);
                assert!(body.is_empty() || Page::unpack(&packed, body.len() - 1).is_none());
                assert!(Page::unpack(&packed[..packed.len() - 1], body.len()).is_none());
            }
        }
        assert!(Page::unpack(b"", 10).is_none() && Page::unpack(b"\x09abc", 10).is_none());
        assert_eq!(i64::unpack(&(-7_i64).pack().await, 0), Some(-7));
        assert_eq!(i64::unpack(b"1234567", 0), None);
    }
}
