//! Makes and reads Argon2id hashes. The only file that knows their form.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use super::AuthError;

/// Longest password that is looked at. Argon2 reads it once, so this is a bound on memory, not on safety.
pub(super) const PASSWORD_BYTES_MAX: usize = 1_024;

/// Hashes a password with a random salt; the text belongs into the configuration.
pub fn hash_password(password: &str) -> Result<String, AuthError> {
    if password.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        return Err(AuthError::Password { most: PASSWORD_BYTES_MAX });
    }
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| AuthError::System)?;
    Ok(hash.to_string())
}

/// Reads a configured hash.
pub(super) fn read(user: &str, text: &str) -> Result<PasswordHash, AuthError> {
    let wrong = || AuthError::Hash { user: user.to_owned() };
    let hash = PasswordHash::new(text).map_err(|_| wrong())?;
    let usable = hash.algorithm.as_str() == "argon2id" && hash.salt.is_some() && hash.hash.is_some();
    if usable && argon2::Params::try_from(&hash).is_ok() { Ok(hash) } else { Err(wrong()) }
}

/// Whether the password is the one that was hashed. Slow by design; the comparison takes constant time.
pub(super) fn verify(password: &[u8], hash: &PasswordHash) -> bool {
    Argon2::default().verify_password(password, hash).is_ok()
}
