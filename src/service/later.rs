//! Answers that are given later (OData 4.01 Part 1, 11.6): the work goes on beside the requests, and what it comes to
//! is kept until it is fetched or too old.
//!
//! # Decisions
//!
//! - **The name of a result is random and belongs to its caller**: to everybody else, and to other services, it is as
//!   if there were none.
//! - **A wish, not a right.** With as many results waiting as are allowed a request is answered at once, like any
//!   other.
//! - **One task per result**: it does the work, keeps the answer for its time, and removes it. To end the task is to
//!   stop the statement or to drop the answer, whichever it is at.
//! - **In this process only.** Replicas do not know each other's results, as they hold statements that run here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::auth::Principal;
use crate::wire::batch::{Inner, write_message};
use crate::wire::{Version, names};

use super::budget::Budget;
use super::read::reserved;
use super::request::{Method, Request, Resource};
use super::{Answer, Service, ServiceError};

/// The first segment of the address of a result.
pub(super) const SEGMENT: &str = "$async";
/// When to ask again.
const RETRY_AFTER_S: u32 = 1;
const HTTP: &str = "application/http";

/// How much is kept for later.
#[derive(Clone, Copy, Debug, Default)]
pub struct LaterOptions {
    /// Results at the same time; 0 answers every request at once.
    pub results_max: usize,
    /// How long a finished answer is kept.
    pub expires: Duration,
}

/// The results of all services of a process. Cheap to clone: all parts are shared.
#[derive(Clone, Debug, Default)]
pub struct Later {
    options: LaterOptions,
    results: Arc<Mutex<HashMap<String, Kept>>>,
}

/// The work on a request, or what it came to.
#[derive(Debug)]
struct Kept {
    /// Whose it is.
    owner: Principal,
    /// The root of the service that was asked.
    root: Arc<str>,
    answer: watch::Receiver<Option<Answer>>,
    task: AbortHandle,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Later {
    /// Nothing yet.
    pub fn new(options: LaterOptions) -> Self {
        Later { options, results: Arc::default() }
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<String, Kept>) -> T) -> T {
        look(&mut self.results.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins the work, if there is room for its result; gives its name and where the answer will be seen.
    fn begin(
        &self,
        service: &Service,
        request: &Request,
        owner: &Principal,
    ) -> Option<(String, watch::Receiver<Option<Answer>>)> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random).ok()?;
        let name = URL_SAFE_NO_PAD.encode(random);
        let (sender, answer) = watch::channel(None);
        let kept = (owner.clone(), Arc::clone(&service.root), answer.clone());
        let (all, service, caller, own) = (self.clone(), service.clone(), owner.number(), name.clone());
        let request = request.clone();
        self.with(|results| {
            if results.len() >= self.options.results_max {
                return None;
            }
            // It cannot be done and removed before it is entered: that needs the lock that is held here.
            let task = tokio::spawn(async move {
                let request_id = request.request_id.clone();
                let answer = service.answer_now(request, caller).await;
                let (status, bytes) = (answer.status, answer.body.len());
                tracing::info!(request_id, status, bytes, "an answer that is given later is there");
                let _ = sender.send(Some(answer));
                tokio::time::sleep(all.options.expires).await;
                all.remove(&own);
            });
            let (owner, root, answer) = kept;
            results.insert(name.clone(), Kept { owner, root, answer, task: task.abort_handle() });
            Some(())
        })?;
        Some((name, answer))
    }

    /// Forgets a result; what is still being done for it is stopped.
    fn remove(&self, name: &str) {
        // Dropped behind the lock.
        drop(self.with(|results| results.remove(name)));
    }

    /// What there is under a name for this caller of this service.
    fn look(&self, name: &str, owner: &Principal, root: &Arc<str>) -> Option<watch::Receiver<Option<Answer>>> {
        self.with(|results| {
            let kept = results.get(name).filter(|kept| kept.owner == *owner && kept.root == *root)?;
            Some(kept.answer.clone())
        })
    }
}

/// Removes a result unless somebody was told its name.
struct Untold<'a>(&'a Later, Option<String>);

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.1 {
            self.0.remove(name);
        }
    }
}

impl Service {
    /// Whether the answer to a request may be given later.
    pub(super) fn may_wait(&self, request: &Request) -> bool {
        let is_work = match request.resource() {
            Resource::Data => request.method == Method::Get,
            Resource::Batch | Resource::LongQuery => request.method == Method::Post,
            Resource::Later(_) => false,
        };
        is_work && self.later.options.results_max > 0
    }

    /// Begins the work on a request, waits for it as long as the client would, and then tells where its answer will be.
    pub(super) async fn answer_later(
        &self,
        request: Request,
        principal: &Principal,
        version: Version,
        (wait, applied): (Option<Duration>, String),
    ) -> Answer {
        let Some((name, mut answer)) = self.later.begin(self, &request, principal) else {
            return self.answer_now(request, principal.number()).await;
        };
        // A client that leaves while it waits will never ask for it.
        let mut untold = Untold(&self.later, Some(name));
        if let Some(wait) = wait
            && let Ok(Ok(answer)) = timeout(wait, answer.wait_for(Option::is_some)).await
            && let Some(answer) = answer.clone()
        {
            return answer;
        }
        let name = untold.1.take().unwrap_or_default();
        Answer { preference_applied: Some(applied), ..self.not_yet(&name, version) }
    }

    /// Where the answer will be, and when to look.
    fn not_yet(&self, name: &str, version: Version) -> Answer {
        Answer {
            status: 202,
            version: version.text(),
            location: Some(format!("{}{SEGMENT}/{name}", self.root)),
            retry_after_s: Some(RETRY_AFTER_S),
            ..Answer::default()
        }
    }

    /// The answer that is kept under a name, or the word that it is not there yet.
    pub(super) fn result(
        &self,
        request: &Request,
        name: &str,
        principal: &Principal,
        version: Version,
    ) -> Result<Answer, ServiceError> {
        let kept = self.later.look(name, principal, &self.root).ok_or(ServiceError::NoResult)?;
        if request.method == Method::Delete {
            self.later.remove(name);
            return Ok(Answer { status: 204, version: version.text(), ..Answer::default() });
        }
        let Some(answer) = kept.borrow().clone() else {
            if kept.has_changed().is_err() {
                self.later.remove(name);
                return Err(ServiceError::Defect("the work on a request that is answered later has panicked"));
            }
            return Ok(self.not_yet(name, version));
        };
        let answer = if is_wrapped(request) {
            wrapped(&answer, &self.budget, version)?
        } else {
            Answer { async_result: Some(answer.status), status: 200, ..answer }
        };
        if request.method == Method::Get {
            self.later.remove(name);
        }
        Ok(answer)
    }
}

/// Whether the answer is to come as a whole HTTP message: if the client names that type, or speaks 4.0 and takes any.
fn is_wrapped(request: &Request) -> bool {
    let accept = request.accept.as_deref().map(str::trim).filter(|accept| !accept.is_empty());
    let speaks_4_0 = request.max_version.as_deref().is_some_and(|version| version.trim() == "4.0");
    accept.map_or(speaks_4_0, |accept| names(accept, HTTP) || (speaks_4_0 && accept == "*/*"))
}

fn wrapped(answer: &Answer, budget: &Budget, version: Version) -> Result<Answer, ServiceError> {
    let inner = Inner { status: answer.status, headers: answer.headers(), body: &answer.body };
    let mut reservation = budget.reservation();
    let size = answer.body.len() + 2_048;
    if !reservation.cover(size) {
        return Err(ServiceError::OverBudget);
    }
    let mut message = Vec::with_capacity(size);
    write_message(&inner, &mut message);
    let body: Bytes = reserved(message, 0, Some(reservation));
    Ok(Answer { status: 200, version: version.text(), content_type: Some(HTTP.into()), body, ..Answer::default() })
}
