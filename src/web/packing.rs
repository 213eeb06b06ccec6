//! Compression, for who asks for it and where it saves packets. Others pay for one look at a header.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::service::{Answer, Coding};

/// Answers up to this size fit into a network packet or two; compressing them costs time and saves none.
const ABOVE_BYTES: usize = 1_400;

/// The compressed body and how it is compressed, if the request asks for it and it is worth it.
pub(super) async fn packed(headers: &HeaderMap, answer: &Answer) -> Option<(Coding, Bytes)> {
    if answer.body.len() <= ABOVE_BYTES {
        return None;
    }
    let coding = wanted(headers)?;
    Some((coding, answer.packed(coding).await?))
}

/// The coding with the highest quality above zero (RFC 9110, section 12.5.3), brotli among equals, for it is smaller.
/// `*` is no wish of anybody.
fn wanted(headers: &HeaderMap) -> Option<Coding> {
    let mut best: Option<(u16, Coding)> = None;
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    for item in lists.flat_map(|list| list.split(',')) {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let named = |coding: &Coding| name.trim().eq_ignore_ascii_case(coding.name());
        let Some(coding) = [Coding::Brotli, Coding::Gzip].into_iter().find(named) else { continue };
        let offer = (quality(weight), coding);
        let is_better = |(quality, _)| offer.0 > quality || (offer.0 == quality && coding == Coding::Brotli);
        if offer.0 > 0 && best.is_none_or(is_better) {
            best = Some(offer);
        }
    }
    best.map(|(_, coding)| coding)
}

/// `q=0.5` in thousandths; one, if there is none or it is no number.
fn quality(weight: &str) -> u16 {
    let weight = weight.trim();
    let number = weight.strip_prefix("q=").or(weight.strip_prefix("Q=")).map(str::trim);
    let (whole, fraction) = number.map_or(("1", ""), |number| number.split_once('.').unwrap_or((number, "")));
    if whole != "0" {
        return 1_000;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    digits.fold(0, |sum, byte| sum * 10 + u16::from(byte.saturating_sub(b'0').min(9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_asked_for_by_name_and_can_be_refused() {
        for (value, expected) in [
            ("gzip", Some(Coding::Gzip)),
            ("deflate, GZIP;q=0.5", Some(Coding::Gzip)),
            ("gzip; q=1", Some(Coding::Gzip)),
            ("gzip;q=0", None),
            ("gzip; q=0.000", None),
            ("br", Some(Coding::Brotli)),
            ("gzip, deflate, br", Some(Coding::Brotli)),
            ("br, gzip", Some(Coding::Brotli)),
            ("gzip;q=0.9, br;q=0.8", Some(Coding::Gzip)),
            ("br;q=0.801, gzip;q=0.8", Some(Coding::Brotli)),
            ("br;q=0, gzip;q=0.1", Some(Coding::Gzip)),
            ("deflate, zstd", None),
            ("gzipped", None),
            ("*", None),
            ("identity;q=0, *;q=0", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(wanted(&headers), expected, "{value}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_comes_back() {
        let answer = |body: Bytes| Answer { body, ..Answer::default() };
        for coding in ["gzip", "br"] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(coding))]);
            for size in [ABOVE_BYTES + 1, 100_000] {
                let body = Bytes::from("0123456789".repeat(size / 10 + 1));
                let (done, packed) = packed(&headers, &answer(body.clone())).await.unwrap();
                let mut back = Vec::new();
                match done {
                    Coding::Gzip => {
                        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut back).unwrap();
                    }
                    Coding::Brotli => brotli::BrotliDecompress(&mut &packed[..], &mut back).unwrap(),
                }
                assert!(done.name() == coding && back == body && packed.len() * 10 < body.len());
            }
            assert_eq!(super::packed(&headers, &answer(vec![b'a'; ABOVE_BYTES].into())).await, None);
        }
        assert_eq!(packed(&HeaderMap::new(), &answer(vec![b'a'; 100_000].into())).await, None);
    }
}
