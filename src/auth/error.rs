//! Owns [`AuthError`]: why somebody is not let in, or why nobody can be.

/// No principal was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The request carries no credentials.
    #[error("credentials are needed")]
    Missing,
    /// The credentials are of another scheme, or not written as that scheme demands.
    #[error("the credentials are not of the Basic scheme")]
    Malformed,
    /// No such user, or another password. Which of the two is not said.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// More credentials are waiting to be checked than we want to queue.
    #[error("too many credentials are being checked")]
    Busy,
    /// A configured password hash cannot be used.
    #[error("the password hash of '{user}' is not an Argon2id PHC string")]
    Hash {
        /// The user.
        user: String,
    },
    /// A password cannot be hashed: empty or too long.
    #[error("a password has from 1 to {most} bytes")]
    Password {
        /// The greatest length in bytes.
        most: usize,
    },
    /// The operating system gave no random bytes, or the check was interrupted.
    #[error("the system has no random bytes or no thread to spare")]
    System,
}
