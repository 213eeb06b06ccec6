//! Owns [`Redis`]: the second level, shared by replicas. Stores what it is given under names that all replicas derive
//! in the same way, and carries their generations. Whatever it does wrong costs time and no answer: it is away, slow,
//! empty or holds bytes of others, and the caller reads from the database.
//!
//! # Decisions
//!
//! - **One connection, kept by one task** ([`Redis::keep`]), which also agrees on the generations. Requests borrow it
//!   and never connect; without it they go on at once. The manager of the library was rejected: while it reconnects,
//!   requests wait for it.
//! - **Few failures in a row close the way** until the task, which asks twice a second, gets an answer in time again.

mod agree;
mod seal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, RedisError, cmd};

use super::Key;
use seal::Seal;

/// So many failures in a row close the way.
const FAILURES_MAX: u32 = 3;

/// How to reach the second level.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://` or `rediss://`. Holds the password.
    pub url: String,
    /// Begins all keys.
    pub prefix: String,
    /// Encrypts what is stored.
    pub encryption_key: Option<String>,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Without the URL, which holds a password, and the key.
impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// The second level cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RedisFault {
    /// The URL is not one of Redis.
    #[error("the URL of Redis is wrong: {0}")]
    Url(RedisError),
    /// Redis is away, slow, or refuses.
    #[error("Redis does not answer: {0}")]
    Away(#[from] RedisError),
}

/// The second level.
pub struct Redis {
    client: Client,
    prefix: String,
    timeout: Duration,
    seal: Seal,
    connection: Mutex<Option<MultiplexedConnection>>,
    failures: AtomicU32,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Redis {
    /// Reads the settings and connects nothing: that is done by [`Redis::keep`].
    pub fn open(settings: &RedisSettings) -> Result<Redis, RedisFault> {
        Ok(Redis {
            client: Client::open(settings.url.as_str()).map_err(RedisFault::Url)?,
            prefix: settings.prefix.clone(),
            timeout: settings.timeout,
            seal: Seal::new(settings.encryption_key.as_deref()),
            connection: Mutex::new(None),
            failures: AtomicU32::new(0),
        })
    }

    /// What is stored under this key. `None` if nothing is, or if it cannot be had in time.
    pub async fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let mut connection = self.way()?;
        let name = self.name(key);
        let read = cmd("GET").arg(&name).query_async::<Option<Vec<u8>>>(&mut connection).await;
        let stored = self.judge(read)??;
        self.seal.open(name.as_bytes(), stored)
    }

    /// Stores `value` under this key for `keep_ms` milliseconds, if that can be done in time.
    pub async fn put(&self, key: &Key, value: &[u8], keep_ms: u64) {
        let Some(mut connection) = self.way() else { return };
        let name = self.name(key);
        let Some(sealed) = self.seal.close(name.as_bytes(), value) else { return };
        let stored = cmd("SET").arg(&name).arg(sealed).arg("PX").arg(keep_ms.max(1)).query_async(&mut connection).await;
        let _: Option<()> = self.judge(stored);
    }

    /// The connection, if the way is open.
    fn way(&self) -> Option<MultiplexedConnection> {
        if self.failures.load(Ordering::Relaxed) >= FAILURES_MAX {
            return None;
        }
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts failures in a row.
    fn judge<T>(&self, result: Result<T, RedisError>) -> Option<T> {
        match result {
            Ok(value) => {
                if self.failures.load(Ordering::Relaxed) > 0 {
                    self.failures.store(0, Ordering::Relaxed);
                }
                Some(value)
            }
            Err(error) => {
                let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
                if failures == FAILURES_MAX {
                    tracing::warn!(%error, "Redis fails: answers are not shared with other replicas for now");
                }
                None
            }
        }
    }

    fn name(&self, key: &Key) -> String {
        let mut name = String::with_capacity(self.prefix.len() + 53);
        name.push_str(&self.prefix);
        name.push_str(":a:");
        for byte in key.bytes() {
            for nibble in [byte >> 4, byte & 15] {
                name.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        name
    }
}
