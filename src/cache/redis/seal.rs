//! Owns [`Seal`]: the form in which values lie in the second level.
//!
//! One byte tells the version of the form, and whether it is encrypted; both must be as this process writes them.
//! Encrypted values begin with 16 random bytes, from which each gets a key of its own, so no number of values wears a
//! key out. The name under which a value lies is authenticated with it: one cannot be put in the place of another.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Changes when the bytes of a value change their meaning; others are then not read.
const PLAIN: u8 = 1;
const ENCRYPTED: u8 = PLAIN | 0x80;
const SALT_BYTES: usize = 16;

/// Closes and opens values.
pub(super) struct Seal {
    master: Option<hmac::Key>,
}

impl Seal {
    /// With a key, values are encrypted.
    pub(super) fn new(key: Option<&str>) -> Self {
        Seal { master: key.map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())) }
    }

    /// The value as it is stored under `name`; `None` only if there is no randomness.
    pub(super) fn close(&self, name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        let Some(master) = &self.master else {
            return Some([&[PLAIN], value].concat());
        };
        let mut salt = [0; SALT_BYTES];
        SystemRandom::new().fill(&mut salt).ok()?;
        let mut sealed = value.to_vec();
        own_key(master, &salt)?.seal_in_place_append_tag(nonce(), Aad::from(name), &mut sealed).ok()?;
        Some([&[ENCRYPTED], salt.as_slice(), &sealed].concat())
    }

    /// What [`Seal::close`] was given for this name, with the same key; `None` for any other bytes.
    pub(super) fn open(&self, name: &[u8], mut stored: Vec<u8>) -> Option<Vec<u8>> {
        let form = *stored.first()?;
        match &self.master {
            None if form == PLAIN => {
                stored.remove(0);
                Some(stored)
            }
            Some(master) if form == ENCRYPTED => {
                let salt = stored.get(1..=SALT_BYTES)?.to_vec();
                let key = own_key(master, &salt)?;
                let sealed = stored.get_mut(1 + SALT_BYTES..)?;
                key.open_in_place(nonce(), Aad::from(name), sealed).ok().map(|value| value.to_vec())
            }
            _ => None,
        }
    }
}

fn own_key(master: &hmac::Key, salt: &[u8]) -> Option<LessSafeKey> {
    let bytes = hmac::sign(master, salt);
    UnboundKey::new(&AES_256_GCM, bytes.as_ref()).ok().map(LessSafeKey::new)
}

/// Each key seals one value.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_name_open_a_value() {
        for key in [None, Some("a key of some length")] {
            let seal = Seal::new(key);
            for value in [&b""[..], b"rows"] {
                let closed = seal.close(b"name", value).unwrap();
                assert_eq!(Seal::new(key).open(b"name", closed).as_deref(), Some(value));
            }
        }
        let seal = Seal::new(Some("a key of some length"));
        let closed = seal.close(b"name", b"rows of somebody").unwrap();
        assert!(!closed.windows(4).any(|part| part == b"rows"));
        assert_ne!(closed, seal.close(b"name", b"rows of somebody").unwrap());
        assert_eq!(seal.open(b"other", closed.clone()), None);
        assert_eq!(Seal::new(Some("another key of some length")).open(b"name", closed.clone()), None);
        assert_eq!(Seal::new(None).open(b"name", closed.clone()), None);
        assert_eq!(seal.open(b"name", Seal::new(None).close(b"name", b"rows").unwrap()), None);
        for end in 0..closed.len() {
            assert_eq!(seal.open(b"name", closed[..end].to_vec()), None);
        }
        for place in 0..closed.len() {
            let mut changed = closed.clone();
            changed[place] ^= 1;
            assert_eq!(seal.open(b"name", changed), None);
        }
    }
}
