//! Owns [`Health`]: whether the process runs, and whether its sources, or copies of them, answer. Says which is away,
//! never why: that is in the log.

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
    /// The source whose reads it shares, if it is a copy of one.
    pub replica_of: Option<String>,
    /// Asks it.
    pub ping: Box<dyn Fn() -> BoxFuture<'static, Sign> + Send + Sync>,
}

/// What a source gave when it was asked for a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answered.
    Ready,
    /// It could not be asked, since it is at work on as much as it may. It counts as ready: other replicas wait for the
    /// same database, and taking this one away would only give them more to do.
    Busy,
    /// It did not answer.
    Away,
    /// It failed several times in a row and is not asked for the moment.
    Open,
}

impl Sign {
    fn is_ready(self) -> bool {
        matches!(self, Sign::Ready | Sign::Busy)
    }

    fn word(self) -> &'static str {
        match self {
            Sign::Ready => "ready",
            Sign::Busy => "busy",
            Sign::Away => "away",
            Sign::Open => "open",
        }
    }
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

    /// Whether each source can be read: it answers itself, or one of its copies does.
    fn are_ready(&self, answers: &[(&str, Sign)]) -> bool {
        let is_ready = |name: &str| answers.iter().any(|(source, sign)| *source == name && sign.is_ready());
        let replicas = |source: &str| {
            let source = source.to_owned();
            self.probes.iter().filter(move |probe| probe.replica_of.as_ref() == Some(&source))
        };
        let mut sources = self.probes.iter().filter(|probe| probe.replica_of.is_none()).map(|probe| &probe.source);
        sources.all(|source| is_ready(source) || replicas(source).any(|replica| is_ready(&replica.source)))
    }

    /// Whether all sources answer. Callers at the same time share one round of pings.
    pub(super) async fn readiness(&self) -> Readiness {
        let mut last = self.last.lock().await;
        if let Some(known) = last.as_ref().filter(|known| known.at.elapsed() < KEPT) {
            return known.clone();
        }
        let answers = join_all(self.probes.iter().map(|probe| async {
            let sign = tokio::time::timeout(PING_MAX, (probe.ping)()).await.unwrap_or(Sign::Away);
            (probe.source.as_str(), sign)
        }))
        .await;
        let ready = self.are_ready(&answers);
        let sources: serde_json::Map<_, _> =
            answers.into_iter().map(|(source, sign)| (source.to_owned(), sign.word().into())).collect();
        let body = serde_json::json!({ "ready": ready, "sources": sources }).to_string();
        let found = Readiness { at: Instant::now(), ready, body };
        *last = Some(found.clone());
        found
    }
}
