//! Compression, for who asks for it and where it saves packets. Others pay for one look at a header.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::service::Answer;

/// Answers up to this size fit into a network packet or two; compressing them costs time and saves none.
const ABOVE_BYTES: usize = 1_400;

/// The compressed body, if the request asks for gzip and it is worth it.
pub(super) async fn compressed(headers: &HeaderMap, answer: &Answer) -> Option<Bytes> {
    if answer.body.len() <= ABOVE_BYTES || !headers.get_all(header::ACCEPT_ENCODING).iter().any(asks_gzip) {
        return None;
    }
    answer.gzip().await
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
        let answer = |body: Bytes| Answer { body, ..Answer::default() };
        for size in [ABOVE_BYTES + 1, 100_000] {
            let body = Bytes::from("0123456789".repeat(size / 10 + 1));
            let packed = compressed(&headers, &answer(body.clone())).await.unwrap();
            let mut back = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut back).unwrap();
            assert!(back == body && packed.len() * 10 < body.len());
        }
        assert_eq!(compressed(&headers, &answer(vec![b'a'; ABOVE_BYTES].into())).await, None);
        assert_eq!(compressed(&HeaderMap::new(), &answer(vec![b'a'; 100_000].into())).await, None);
    }
}
