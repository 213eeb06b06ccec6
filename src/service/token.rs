//! Owns [`Sealer`]: turns the content of a `$skiptoken` into text that nobody else can read or make.
//!
//! # Decisions
//!
//! The nonce is derived from key and content, so equal pages have equal links on every replica and can be cached and
//! compared; what it tells, that two tokens are equal, is no secret. (A random nonce was rejected for that reason.)

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{digest, hmac};

/// Seals and opens tokens with one key.
pub struct Sealer {
    key: LessSafeKey,
    nonce_key: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// Takes any text as the secret; equal secrets open each other's tokens. `None` only if the cipher cannot be set
    /// up.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let derive = |purpose: &[u8]| {
            let mut context = digest::Context::new(&digest::SHA256);
            context.update(purpose);
            context.update(secret);
            context.finish()
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, derive(b"penstock skiptoken key").as_ref()).ok()?;
        let nonce_key = hmac::Key::new(hmac::HMAC_SHA256, derive(b"penstock skiptoken nonce").as_ref());
        Some(Sealer { key: LessSafeKey::new(key), nonce_key })
    }

    /// A number for a text, the same wherever the secret is: it tells apart what was made with other secrets.
    pub(super) fn number(&self, text: &str) -> u64 {
        let tag = hmac::sign(&self.nonce_key, text.as_bytes());
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// Seals a content as URL-safe text; `None` if the cipher refuses, which it does for absurd lengths only.
    pub fn seal(&self, content: &[u8]) -> Option<String> {
        let tag = hmac::sign(&self.nonce_key, content);
        let nonce: [u8; NONCE_LEN] = tag.as_ref().get(..NONCE_LEN)?.try_into().ok()?;
        let mut sealed = content.to_vec();
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).ok()?;
        let mut whole = nonce.to_vec();
        whole.append(&mut sealed);
        Some(URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens a token; `None` if it was not sealed with this key.
    pub fn open(&self, token: &str) -> Option<Vec<u8>> {
        let whole = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = whole.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::assume_unique_for_key(nonce.try_into().ok()?);
        let mut sealed = sealed.to_vec();
        let content = self.key.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
        Some(content.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_open_only_with_their_key_and_unchanged() {
        let sealer = Sealer::new(b"a").unwrap();
        let token = sealer.seal(b"content").unwrap();
        assert_eq!(token, sealer.seal(b"content").unwrap());
        assert_eq!(sealer.open(&token).as_deref(), Some(&b"content"[..]));
        assert_eq!(Sealer::new(b"b").unwrap().open(&token), None);
        for (place, _) in token.char_indices() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(sealer.open(std::str::from_utf8(&changed).unwrap()), None, "changed at {place}");
        }
        assert_eq!(sealer.number("a"), Sealer::new(b"a").unwrap().number("a"));
        assert!(![sealer.number("b"), Sealer::new(b"b").unwrap().number("a")].contains(&sealer.number("a")));
        assert_eq!(sealer.open("garbage"), None);
        assert_eq!(sealer.open(""), None);
    }
}
