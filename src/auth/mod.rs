//! Who is asking. Authentication happens once, at the door.
//!
//! [`Authenticator`] turns the value of an `Authorization` header into a [`Principal`]. It knows nothing of HTTP beyond
//! that text, and nothing of rights: what a principal may see is decided where a set enters a query.
//!
//! # Decisions
//!
//! - Argon2id only, as PHC strings. A check costs tens of milliseconds and 19 MiB by design, while Salesforce sends the
//!   credentials with every request: so a header that was right is remembered for a minute, under a keyed hash.
//! - Only success is remembered. Remembering failures would let a stranger push the right ones out.
//! - Checks run on the blocking pool, at most half the cores at once, with a short queue; beyond it the answer is
//!   [`AuthError::Busy`]. So a flood of wrong passwords neither takes the processor nor piles up memory, and callers
//!   with remembered credentials do not notice it.
//! - An unknown user is checked against another user's hash, so that the time of an answer does not tell who exists.

mod basic;
mod error;
mod hash;
mod memory;

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};

pub use basic::Authenticator;
pub use error::AuthError;
pub use hash::hash_password;

/// The caller, after authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The user's name; `None` for an anonymous caller.
    pub name: Option<String>,
}

impl Principal {
    /// A number that stands for the caller where names do not matter. Another one in each build of the program; two
    /// callers with one number would only share a turn.
    pub fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.name.hash(&mut hasher);
        hasher.finish()
    }
}
