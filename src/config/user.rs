//! Owns [`User`]: one account of Basic authentication.

use super::raw::Section;
use super::secret::Secret;

/// `[[users]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What stands before the colon of the credentials.
    pub name: String,
    /// A PHC string, `$argon2id$…`.
    pub password_hash: Secret,
    /// Whether it may drop what is kept of a set.
    pub operator: bool,
}

pub(super) fn check(mut section: Section<'_>) -> Option<User> {
    let name = section.required_text("name", "\"demo\"");
    // RFC 7617: the first colon ends the user's name.
    if name.as_deref().is_some_and(|name| name.is_empty() || name.contains(':') || name.contains(char::is_control)) {
        section.wrong("name", "a user's name must not be empty or hold a colon", "choose another name");
    }
    let hash = section.required_text("password_hash", "\"…\", as `penstock password` prints it");
    if hash.as_deref().is_some_and(|hash| !hash.starts_with("$argon2id$")) {
        section.wrong("password_hash", "not an Argon2id hash", "paste the line that `penstock password` prints");
    }
    let operator = section.flag("operator", false);
    section.finish();
    Some(User { name: name?, password_hash: Secret::new(hash?), operator })
}
