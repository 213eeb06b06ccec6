//! Owns [`CachePolicy`] and [`ChangeSigns`]: how long answers of a set may be kept, and how its changes are noticed.

use super::PropertyId;

/// How long answers of a set may be kept. Times count from the moment the rows were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// Seconds for which an answer is served as it is; at least 1.
    pub ttl_s: u32,
    /// Seconds after that in which an old answer is still served, while a new one is read.
    pub stale_while_revalidate_s: u32,
    /// Seconds after `ttl_s` in which an old answer is served if the database does not answer.
    pub stale_if_error_s: u32,
}

/// The policy of a set whose files say nothing.
impl Default for CachePolicy {
    fn default() -> Self {
        CachePolicy { ttl_s: 15, stale_while_revalidate_s: 0, stale_if_error_s: 0 }
    }
}

/// How changes are noticed that others make in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSigns {
    /// A channel of PostgreSQL on which changes are announced.
    pub notify: Option<String>,
    /// What is asked of the database every so often.
    pub probe: Option<Probe>,
}

/// A cheap question whose answer differs after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub sign: Sign,
    /// Seconds between two questions; at least 1.
    pub every_s: u32,
}

/// What a [`Probe`] asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The greatest value of a property that grows with every write. Deleted rows do not show in it.
    Greatest(PropertyId),
    /// What the database counts of the changes of the table.
    Statistics,
}
