//! The compressed form of a body.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

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
        assert_eq!(gunzip(b"no gzip", 1_000), None);
        assert_eq!(gunzip(&packed[..packed.len() - 9], 1_000), None);
    }
}
