//! The compressed forms of a body.

use std::io::{Read, Write};

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// gzip
    Gzip,
    /// brotli: a third smaller for rows than gzip as we use it, and two to three times the work.
    Brotli,
}

impl Coding {
    /// As `Accept-Encoding` and `Content-Encoding` name it.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
        }
    }

    /// Compresses. `None` only if memory is refused.
    pub(super) fn pack(self, body: &[u8]) -> Option<Bytes> {
        match self {
            Coding::Gzip => gzip(body),
            Coding::Brotli => brotli(body),
        }
    }
}

/// Measured on a page of 929 kB, which gzip makes 258 kB in 4 ms: quality 3 makes 164 kB in 10 ms, 4 makes 158 kB in 18
/// and 5 makes 144 kB in 33; 1 does worse than gzip.
const BROTLI_QUALITY: i32 = 3;
/// Rows repeat within a few of them: a larger window takes memory and finds nothing more.
const BROTLI_WINDOW_BITS: i32 = 20;

fn brotli(body: &[u8]) -> Option<Bytes> {
    let parameters = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: body.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::with_capacity(body.len() / 8);
    brotli::BrotliCompress(&mut &*body, &mut packed, &parameters).ok()?;
    Some(Bytes::from(packed))
}

/// Compresses with gzip. `None` only if memory is refused.
///
/// Level 1: rows compress well at any level, and processor time is what counts.
pub fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// What [`gzip`] has compressed, if it has at most `bytes_max` bytes; `None` for other bytes.
pub(super) fn gunzip(packed: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(packed.len().saturating_mul(4).min(bytes_max));
    let most = u64::try_from(bytes_max).ok()?.checked_add(1)?;
    GzDecoder::new(packed).take(most).read_to_end(&mut body).ok()?;
    (body.len() <= bytes_max).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_within_bounds() {
        let body = b"0123456789".repeat(100);
        let packed = gzip(&body).unwrap();
        assert!(packed.len() * 5 < body.len());
        assert_eq!(gunzip(&packed, 1_000).as_deref(), Some(body.as_slice()));
        assert_eq!(gunzip(&packed, 999), None);
        let small = Coding::Brotli.pack(&body).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &small[..], &mut back).unwrap();
        assert!(back == body && small.len() <= packed.len());
        assert_eq!(gunzip(b"no gzip", 1_000), None);
        assert_eq!(gunzip(&packed[..packed.len() - 9], 1_000), None);
    }
}
