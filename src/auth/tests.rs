//! Tests of authentication. Hashes here are cheap ones; only [`hash_password`] makes real ones.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params, PasswordHasher};
use base64::Engine;

use super::*;

/// A hash with the given passes over 8 KiB.
fn hashed(password: &str, passes: u32) -> String {
    let params = Params::new(8, passes, 1, None).unwrap();
    let hash: PasswordHash = Argon2::from(params).hash_password(password.as_bytes()).unwrap();
    hash.to_string()
}

fn basic(text: &str) -> Vec<u8> {
    format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(text)).into_bytes()
}

fn authenticator() -> Authenticator {
    Authenticator::new([("demo", hashed("pässword:1", 1).as_str()), ("other", hashed("x", 1).as_str())]).unwrap()
}

#[tokio::test]
async fn right_and_wrong_credentials() {
    let authenticator = authenticator();
    let ask = async |header: &[u8]| authenticator.authenticate(Some(header)).await;
    let demo = Principal { name: Some("demo".to_owned()) };
    assert_eq!(*ask(&basic("demo:pässword:1")).await.unwrap(), demo);
    assert_eq!(*ask(&basic("demo:pässword:1")).await.unwrap(), demo);
    let lower = String::from_utf8(basic("demo:pässword:1")).unwrap().replace("Basic ", "bASIC  ");
    assert_eq!(*ask(lower.trim_end_matches('=').as_bytes()).await.unwrap(), demo, "any case, blanks, no padding");

    for wrong in ["demo:x", "demo:", "other:pässword:1", "nobody:x", ":", "Demo:pässword:1", "demo:pässword:1 "] {
        assert_eq!(ask(&basic(wrong)).await, Err(AuthError::Wrong), "{wrong}");
    }
    let long = format!("demo:{}", "x".repeat(2_000));
    assert_eq!(ask(&basic(&long)).await, Err(AuthError::Wrong));
    for malformed in [&b"Basic"[..], b"Basic ", b"Basic ???", b"Bearer abc", b"", b"Basic ZGVtbw==", &basic("").clone()]
    {
        assert_eq!(ask(malformed).await, Err(AuthError::Malformed), "{malformed:?}");
    }
    assert_eq!(ask(b"Basic /zp4").await, Err(AuthError::Malformed), "a name that is not UTF-8");
    assert_eq!(authenticator.authenticate(None).await, Err(AuthError::Missing));
}

#[tokio::test]
async fn a_right_header_is_checked_once_and_an_unknown_user_costs_as_much_as_a_known_one() {
    let authenticator = Authenticator::new([("demo", hashed("right", 3_000).as_str())]).unwrap();
    let time = async |header: Vec<u8>| {
        let start = Instant::now();
        let answer = authenticator.authenticate(Some(&header)).await;
        (answer.is_ok(), start.elapsed())
    };
    let (first, slow) = time(basic("demo:right")).await;
    let (second, fast) = time(basic("demo:right")).await;
    let (wrong, wrong_time) = time(basic("demo:wrong")).await;
    let (unknown, unknown_time) = time(basic("nobody:right")).await;
    assert_eq!((first, second, wrong, unknown), (true, true, false, false));
    assert!(fast * 5 < slow, "remembered: {fast:?}, checked: {slow:?}");
    assert!(unknown_time * 5 > wrong_time && unknown_time > fast, "unknown: {unknown_time:?}, wrong: {wrong_time:?}");
}

#[tokio::test]
async fn a_flood_is_refused_and_does_not_hinder_known_callers() {
    let authenticator = std::sync::Arc::new(Authenticator::new([("demo", hashed("right", 300).as_str())]).unwrap());
    authenticator.authenticate(Some(&basic("demo:right"))).await.unwrap();
    let flood: Vec<_> = (0..300)
        .map(|index| {
            let authenticator = authenticator.clone();
            tokio::spawn(async move { authenticator.authenticate(Some(&basic(&format!("demo:{index}")))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let start = Instant::now();
    authenticator.authenticate(Some(&basic("demo:right"))).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
    let mut busy = 0;
    for task in flood {
        match task.await.unwrap() {
            Err(AuthError::Busy) => busy += 1,
            Err(AuthError::Wrong) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(busy >= 150, "{busy}");
}

#[tokio::test]
async fn hashes_are_argon2id_and_nothing_else() {
    let hash = hash_password("secret").unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(hash, hash_password("secret").unwrap());
    let authenticator = Authenticator::new([("u", hash.as_str())]).unwrap();
    assert!(authenticator.authenticate(Some(&basic("u:secret"))).await.is_ok());
    assert_eq!(hash_password(""), Err(AuthError::Password { most: 1_024 }));

    for wrong in ["", "secret", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1", &hash.replace("argon2id", "argon2i")] {
        let refused = Authenticator::new([("u", wrong)]).map(|_| ());
        assert_eq!(refused, Err(AuthError::Hash { user: "u".to_owned() }), "{wrong}");
    }
    let nobody = Authenticator::new([]).unwrap();
    assert_eq!(nobody.authenticate(Some(&basic("u:secret"))).await, Err(AuthError::Wrong));
}
