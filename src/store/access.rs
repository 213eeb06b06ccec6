//! Owns [`Access`]: what a source's settings say of its connections beyond the URL.

use crate::store::Tls;

/// How connections are opened, and what their sessions have set.
#[derive(Clone, Default)]
pub struct Access {
    /// Encryption.
    pub tls: Tls,
    /// PostgreSQL: a pooler between lends its connections for single transactions.
    pub pooled: bool,
    /// PostgreSQL: where announcements are heard, past the pooler. Holds a password.
    pub listen_url: Option<String>,
    /// The role that statements run as.
    pub role: Option<String>,
    /// PostgreSQL: the schemas in which names without one are looked for.
    pub search_path: Vec<String>,
    /// Further settings by name.
    pub settings: Vec<(String, SessionValue)>,
}

/// The value of a setting of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// On or off.
    Flag(bool),
}
