//! Owns [`Health`]: whether the process runs, and whether its sources answer. Says which source is away, never why: that
//! is in the log.

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use tokio::sync::Mutex;

/// A source that does not answer within this time is not ready.
const PING_MAX: Duration = Duration::from_secs(1);
/// Probes of many balancers must not become a load on the databases.
const KEPT: Duration = Duration::from_secs(2);

/// How one source is asked for a sign of life.
pub struct Probe {
    /// The source's name.
    pub source: String,
    /// True if the source answered.
    pub ping: Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

/// The state of all sources, asked at most every two seconds.
pub struct Health {
    probes: Vec<Probe>,
    last: Mutex<Option<Readiness>>,
}

/// What was found at some moment.
#[derive(Clone)]
pub(super) struct Readiness {
    at: Instant,
    /// Whether every source answered.
    pub(super) ready: bool,
    /// The JSON that says so.
    pub(super) body: String,
}

impl Health {
    /// Watches these sources.
    pub fn new(probes: Vec<Probe>) -> Self {
        Health { probes, last: Mutex::new(None) }
    }

    /// Whether all sources answer. Callers at the same time share one round of pings.
    pub(super) async fn readiness(&self) -> Readiness {
        let mut last = self.last.lock().await;
        if let Some(known) = last.as_ref().filter(|known| known.at.elapsed() < KEPT) {
            return known.clone();
        }
        let answers = join_all(self.probes.iter().map(|probe| async {
            let answered = tokio::time::timeout(PING_MAX, (probe.ping)()).await.unwrap_or(false);
            (probe.source.as_str(), answered)
        }))
        .await;
        let ready = answers.iter().all(|(_, answered)| *answered);
        let sources: serde_json::Map<_, _> = answers
            .into_iter()
            .map(|(source, answered)| (source.to_owned(), if answered { "ready" } else { "away" }.into()))
            .collect();
        let body = serde_json::json!({ "ready": ready, "sources": sources }).to_string();
        let found = Readiness { at: Instant::now(), ready, body };
        *last = Some(found.clone());
        found
    }
}
