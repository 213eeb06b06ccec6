//! Owns [`Replicas`]: copies of a source that share its reads. The source itself is asked for what only it can tell or
//! do: announcements, signs of changes, calls that change something; and for reads when no copy answers.
//!
//! # Decisions
//!
//! - **A request keeps its copy**, so that its statements see one state of the data, as far as the databases give one.
//!   Requests take turns.
//! - **Each copy has its own connections, queue and breaker.** One that is not trusted gets no request: when its pause
//!   is over, a question of our own goes to it beside the request, which never waits for it.
//! - **What a copy refuses, the source is asked**: a copy may lag behind a new table or a new right, or break a
//!   statement off that stands in the way of what it has to repeat. What hangs on the request alone is refused at once.
//! - **Nothing is promised of how far a copy lags.** Who must read what was just written names no replica.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::sql::Statement;
use crate::store::database::{Kind, Product, ping};
use crate::store::{Sink, SourceSettings, StoreError, Ticket};

/// How long a copy may take for a sign of life that nobody waits for.
const PROBE_MAX: Duration = Duration::from_secs(10);

/// The copies of one source; most have none.
#[derive(Default)]
pub(super) struct Replicas {
    all: Vec<Arc<Replica>>,
    turn: AtomicUsize,
}

/// One copy.
struct Replica {
    name: String,
    kind: Kind,
    product: Product,
    is_probed: AtomicBool,
}

impl Replicas {
    /// Copies under these addresses, each with the other settings of the source.
    pub(super) fn open(settings: &SourceSettings, kind: Kind, urls: &[String]) -> Result<Replicas, StoreError> {
        let open = |(number, url): (usize, &String)| {
            let name = format!("{}/replica-{number}", settings.name);
            let settings = SourceSettings { name: name.clone(), url: url.clone(), ..settings.clone() };
            let (found, product) = Product::open(&settings)?;
            if found != kind || kind == Kind::Sqlite {
                let detail = "a replica is a database of the same kind as its source, and no file".to_owned();
                return Err(StoreError::Url { origin: name, detail });
            }
            Ok(Arc::new(Replica { name, kind, product, is_probed: AtomicBool::new(false) }))
        };
        let all = (1..).zip(urls).map(open).collect::<Result<_, _>>()?;
        Ok(Replicas { all, turn: AtomicUsize::new(0) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Their names, as logs have them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|replica| replica.name.as_str())
    }

    /// Whether this one answers within this time.
    pub(super) async fn ping(&self, index: usize, within: Duration) -> Result<(), StoreError> {
        match self.all.get(index) {
            Some(replica) => ping(&replica.product, replica.kind, within).await,
            None => Ok(()),
        }
    }

    pub(super) fn close(&self) {
        for replica in &self.all {
            replica.product.close_connections();
        }
    }

    /// Runs a statement on one of them. False if the source is to be asked; the sink has forgotten every row then.
    pub(super) async fn fetch<S: Sink>(
        &self,
        ticket: &Ticket,
        statement: &Statement,
        sink: &mut S,
    ) -> Result<bool, StoreError> {
        let first = ticket.replica(|| self.turn.fetch_add(1, Ordering::Relaxed));
        for place in 0..self.all.len() {
            let Some(replica) = self.all.get(first.wrapping_add(place) % self.all.len()) else { break };
            if !replica.is_trusted() {
                continue;
            }
            let Err(error) = replica.product.fetch_shared(statement, sink, ticket).await else {
                if place > 0 {
                    ticket.stay_with(first.wrapping_add(place));
                }
                return Ok(true);
            };
            let is_away = match &error {
                StoreError::Away { .. } | StoreError::Resting { .. } => true,
                StoreError::Busy { .. } | StoreError::Share { .. } => false,
                StoreError::Denied { detail, .. } | StoreError::Other { detail, .. } => {
                    tracing::warn!(
                        source = replica.name,
                        detail,
                        "the replica refused a statement; the source itself is asked"
                    );
                    sink.rewind();
                    break;
                }
                _ => return Err(error),
            };
            tracing::debug!(source = replica.name, is_away, "another database is asked in place of this replica");
            sink.rewind();
        }
        Ok(false)
    }
}

impl Replica {
    /// Whether requests are sent to it. If not, and it is time, it is asked for a sign of life beside them.
    fn is_trusted(self: &Arc<Self>) -> bool {
        let Some(is_due) = self.product.distrust() else { return true };
        if is_due && !self.is_probed.swap(true, Ordering::Relaxed) {
            let replica = Arc::clone(self);
            tokio::spawn(async move {
                // What comes of it, the breaker learns and tells.
                let _ = ping(&replica.product, replica.kind, PROBE_MAX).await;
                replica.is_probed.store(false, Ordering::Relaxed);
            });
        }
        false
    }
}
