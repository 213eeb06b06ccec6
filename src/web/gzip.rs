//! Compression, for who asks for it and where it saves packets. Others pay for one look at a header.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};

/// Answers up to this size fit into a network packet or two; compressing them costs time and saves none.
const ABOVE_BYTES: usize = 1_400;

/// Up to this size compressing takes less than a millisecond, which no other request on the thread will notice.
const INLINE_BYTES_MAX: usize = 64 * 1_024;

/// The compressed body, if the request asks for gzip and it is worth it.
pub(super) async fn compressed(headers: &HeaderMap, body: &Bytes) -> Option<Bytes> {
    if body.len() <= ABOVE_BYTES || !headers.get_all(header::ACCEPT_ENCODING).iter().any(asks_gzip) {
        return None;
    }
    if body.len() <= INLINE_BYTES_MAX {
        return gzip(body);
    }
    let body = body.clone();
    tokio::task::spawn_blocking(move || gzip(&body)).await.ok()?
}

/// Whether gzip stands in the list with a quality above zero (RFC 9110, section 12.5.3). `*` is no wish of anybody.
fn asks_gzip(value: &HeaderValue) -> bool {
    let Ok(list) = value.to_str() else { return false };
    list.split(',').any(|item| {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim();
        let refused = weight
            .strip_prefix("q=")
            .or(weight.strip_prefix("Q="))
            .is_some_and(|quality| quality.trim().parse().is_ok_and(|quality: f32| quality <= 0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Level 1: rows compress well at any level, and processor time is what counts.
fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_asked_for_by_name_and_can_be_refused() {
        for (value, asked) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("gzip; q=1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("br, deflate", false),
            ("gzipped", false),
            ("*", false),
            ("identity;q=0, *;q=0", false),
            ("", false),
        ] {
            assert_eq!(asks_gzip(&HeaderValue::from_static(value)), asked, "{value}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_comes_back() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        for size in [ABOVE_BYTES + 1, INLINE_BYTES_MAX + 1] {
            let body = Bytes::from("0123456789".repeat(size / 10 + 1));
            let packed = compressed(&headers, &body).await.unwrap();
            let mut back = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut back).unwrap();
            assert!(back == body && packed.len() * 10 < body.len());
        }
        assert_eq!(compressed(&headers, &Bytes::from(vec![b'a'; ABOVE_BYTES])).await, None);
        assert_eq!(compressed(&HeaderMap::new(), &Bytes::from(vec![b'a'; 100_000])).await, None);
    }
}
