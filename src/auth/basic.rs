//! Owns [`Authenticator`]: Basic credentials (RFC 7617) against configured Argon2id hashes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use argon2::password_hash::phc::PasswordHash;
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tokio::sync::Semaphore;

use super::hash::{self, PASSWORD_BYTES_MAX};
use super::memory::Memory;
use super::{AuthError, Principal};

/// Most requests that wait for a check of their credentials.
const WAITING_MAX: usize = 64;

/// Some clients leave the padding out; nothing is gained by refusing them.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Checks credentials. One per process; shared by all requests.
pub struct Authenticator {
    users: HashMap<String, Arc<PasswordHash>>,
    /// Checked in place of an unknown user's hash; `None` without users.
    stand_in: Option<Arc<PasswordHash>>,
    memory: Memory,
    queue: Arc<Semaphore>,
    checks: Arc<Semaphore>,
}

impl Authenticator {
    /// Takes names and PHC strings. Gives the first hash that cannot be used.
    pub fn new<'a>(users: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, AuthError> {
        let mut read = HashMap::new();
        let mut stand_in = None;
        for (name, text) in users {
            let hash = Arc::new(hash::read(name, text)?);
            stand_in.get_or_insert_with(|| Arc::clone(&hash));
            read.insert(name.to_owned(), hash);
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Authenticator {
            users: read,
            stand_in,
            memory: Memory::new()?,
            queue: Arc::new(Semaphore::new(WAITING_MAX)),
            checks: Arc::new(Semaphore::new((cores / 2).max(1))),
        })
    }

    /// Who sent this `Authorization` header.
    pub async fn authenticate(&self, authorization: Option<&[u8]>) -> Result<Arc<Principal>, AuthError> {
        let header = authorization.ok_or(AuthError::Missing)?;
        let mark = self.memory.mark(header);
        if let Some(principal) = self.memory.recall(&mark, Instant::now()) {
            return Ok(principal);
        }
        let (name, password) = credentials(header)?;
        let known = self.users.get(&name);
        let Some(hash) = known.or(self.stand_in.as_ref()).map(Arc::clone) else { return Err(AuthError::Wrong) };

        // The place in the queue goes with the check, so a caller who leaves does not make room for the next.
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| AuthError::Busy)?;
        let permit = Arc::clone(&self.checks).acquire_owned().await.map_err(|_| AuthError::System)?;
        // Requests come in bursts with the same credentials; whoever waited behind the first need not check again.
        if let Some(principal) = self.memory.recall(&mark, Instant::now()) {
            return Ok(principal);
        }
        let right = tokio::task::spawn_blocking(move || {
            let _held = (place, permit);
            hash::verify(&password, &hash)
        })
        .await
        .map_err(|_| AuthError::System)?;
        if !right || known.is_none() {
            return Err(AuthError::Wrong);
        }
        let principal = Arc::new(Principal { name: Some(name) });
        self.memory.keep(mark, Arc::clone(&principal), Instant::now());
        Ok(principal)
    }
}

/// User name and password of a Basic header.
fn credentials(header: &[u8]) -> Result<(String, Vec<u8>), AuthError> {
    let (scheme, rest) = header.split_at_checked(6).ok_or(AuthError::Malformed)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(AuthError::Malformed);
    }
    let decoded = BASE64.decode(rest.trim_ascii()).map_err(|_| AuthError::Malformed)?;
    let colon = decoded.iter().position(|&byte| byte == b':').ok_or(AuthError::Malformed)?;
    let (name, password) = decoded.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(AuthError::Wrong);
    }
    let name = std::str::from_utf8(name).map_err(|_| AuthError::Malformed)?;
    Ok((name.to_owned(), password.to_vec()))
}
