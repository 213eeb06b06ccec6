//! Keeps the connection, and agrees with the other replicas on the generations of all sets.
//!
//! The counters are the fields of one hash, raised and read in one transaction. Beside them lies a random token: if the
//! server forgets the hash, the next replica to come makes a new one, and all counters begin a new epoch. The server's
//! own run id is part of the epoch too, since a server that restarts from an older snapshot takes counters back. A
//! replica whose account may not ask for it cannot tell a restart from a lost connection, and begins a new epoch each
//! time.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ::redis::aio::{MultiplexedConnection, PubSub};
use ::redis::{AsyncConnectionConfig, RedisError, cmd, pipe};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};

use super::{Redis, RedisFault};
use crate::cache::Generations;
use crate::cache::generation::Pending;

/// How often replicas ask without being told: messages may be lost.
const ASK: Duration = Duration::from_millis(500);
/// Waits between attempts to connect.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Longest wait for a connection, and for a round of the agreement: requests do not wait for either.
const PATIENCE: Duration = Duration::from_secs(1);
/// The field of the token. Names of sets have a slash.
const TOKEN: &str = "epoch";

impl Redis {
    /// Keeps the connection and the agreement on `generations`, for ever.
    pub async fn keep(&self, generations: &Generations) {
        let mut pause = PAUSE_MIN;
        let mut told = false;
        loop {
            let (error, worked) = self.stay_connected(generations).await;
            if worked {
                pause = PAUSE_MIN;
                told = false;
            }
            *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
            if !told {
                tracing::warn!(%error, "Redis does not answer: answers and changes are not shared for now");
                told = true;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Tells all replicas that sets have changed, without being one.
    pub async fn raise(&self, names: &[String]) -> Result<(), RedisFault> {
        let mut connection = self.connect().await?;
        let mut change = pipe();
        change.atomic();
        for name in names {
            change.cmd("HINCRBY").arg(self.hash()).arg(name).arg(1).ignore();
        }
        change.cmd("PUBLISH").arg(self.channel()).arg("").ignore();
        change.query_async::<()>(&mut connection).await?;
        Ok(())
    }

    /// Returns when the connection fails, with the reason, and whether it worked before.
    async fn stay_connected(&self, generations: &Generations) -> (RedisError, bool) {
        let mut worked = false;
        let outcome: Result<std::convert::Infallible, RedisError> = async {
            let mut connection = self.connect().await?;
            let run = self.run_id(&mut connection).await;
            let mut messages = within(self.client.get_async_pubsub()).await?;
            within(messages.subscribe(self.channel())).await?;
            if run.is_empty() {
                self.begin_epoch(&mut connection).await?;
            }
            loop {
                self.round(&mut connection, &run, generations).await?;
                if !worked {
                    tracing::info!("Redis answers: answers and changes are shared");
                    let mut lent = connection.clone();
                    lent.set_response_timeout(self.timeout);
                    *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(lent);
                    worked = true;
                }
                self.failures.store(0, Ordering::Relaxed);
                wait(&mut messages, generations).await?;
            }
        }
        .await;
        match outcome {
            Ok(never) => match never {},
            Err(error) => (error, worked),
        }
    }

    pub(super) async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Names this run of the server; empty if the account may not ask.
    async fn run_id(&self, connection: &mut MultiplexedConnection) -> String {
        let info: Result<String, RedisError> = cmd("INFO").arg("server").query_async(connection).await;
        let info = info.unwrap_or_default();
        let line = info.lines().find_map(|line| line.strip_prefix("run_id:"));
        line.unwrap_or_default().trim().to_owned()
    }

    /// All counters count anew, in all replicas.
    async fn begin_epoch(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        tracing::info!("the account may not ask Redis for INFO: what replicas keep is dropped whenever one connects");
        let mut change = pipe();
        change.cmd("HSET").arg(self.hash()).arg(TOKEN).arg(random().to_string()).ignore();
        change.cmd("PUBLISH").arg(self.channel()).arg("").ignore();
        within(change.query_async(connection)).await
    }

    /// Tells what has changed here, and hears what has changed elsewhere.
    async fn round(
        &self,
        connection: &mut MultiplexedConnection,
        run: &str,
        generations: &Generations,
    ) -> Result<(), RedisError> {
        let pending = generations.pending();
        let mut change = pipe();
        change.atomic();
        change.cmd("HSETNX").arg(self.hash()).arg(TOKEN).arg(random().to_string()).ignore();
        for Pending { set, .. } in &pending {
            if let Some(name) = generations.names().get(*set) {
                change.cmd("HINCRBY").arg(self.hash()).arg(name).arg(1).ignore();
            }
        }
        if !pending.is_empty() {
            change.cmd("PUBLISH").arg(self.channel()).arg("").ignore();
        }
        change.cmd("HMGET").arg(self.hash()).arg(TOKEN).arg(generations.names());
        let (fields,): (Vec<Option<String>>,) = within(change.query_async(connection)).await?;
        let Some((Some(token), counters)) = fields.split_first() else {
            return Err(RedisError::from((::redis::ErrorKind::Client, "the generations have no token")));
        };
        let counters: Vec<u64> =
            counters.iter().map(|counter| counter.as_ref().and_then(|text| text.parse().ok()).unwrap_or(0)).collect();
        generations.agree(epoch(&[&self.prefix, run, token]), &counters, &pending);
        Ok(())
    }

    fn hash(&self) -> String {
        format!("{}:generations", self.prefix)
    }

    fn channel(&self) -> String {
        format!("{}:changes", self.prefix)
    }
}

/// Waits until there is something to tell or to hear.
async fn wait(messages: &mut PubSub, generations: &Generations) -> Result<(), RedisError> {
    let mut stream = messages.on_message();
    tokio::select! {
        () = generations.changed() => Ok(()),
        message = stream.next() => match message {
            Some(_) => Ok(()),
            None => Err(RedisError::from((::redis::ErrorKind::Io, "the connection for messages has ended"))),
        },
        () = sleep(ASK) => Ok(()),
    }
}

async fn within<T>(step: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
    let late = |_| RedisError::from((::redis::ErrorKind::Io, "no answer in time"));
    timeout(PATIENCE, step).await.map_err(late)?
}

/// Equal in all replicas of one build on one kind of machine for equal parts: FNV-1a with the lengths.
fn epoch(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        let length = (part.len() as u64).to_le_bytes();
        for byte in length.iter().chain(part.as_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// A number that no other replica makes: the standard library's hashers start from random keys.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
