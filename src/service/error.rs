//! Owns [`ServiceError`] and its translation to what the client is told: the only place that knows a status.

use crate::bind::{BindError, Class};
use crate::execute::ExecuteError;
use crate::plan::PlanError;
use crate::store::StoreError;
use crate::syntax::batch::BatchError;
use crate::syntax::{Span, SyntaxError};
use crate::wire::NotAcceptable;

/// A longer quotation of the URL would hide the sentence, and Salesforce shows little of it.
const QUOTE_CHARS_MAX: usize = 40;
/// A sentence may repeat a name or literal of the request, which may be as long as the URL. What stands around it is
/// shorter than this, so the sentence is cut in its middle; with the place it stays below 255 characters.
const SENTENCE_START_MAX: usize = 100;
const SENTENCE_END_MAX: usize = 60;
const RETRY_AFTER_S: u32 = 5;

/// A request was not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The words are wrong.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The meaning is wrong, unknown or not offered.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The query cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The statements did not give their rows.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// A row holds what its property does not allow.
    #[error("{place}: {found}")]
    Row {
        /// The set with the row's key, if that was read, and the property.
        place: String,
        /// What the property holds and what it should.
        found: String,
        /// The same in the words of the database.
        error: Box<ServiceError>,
    },
    /// No acceptable form.
    #[error(transparent)]
    NotAcceptable(#[from] NotAcceptable),
    /// `OData-MaxVersion` below 4.0 or not a version.
    #[error("the OData version '{0}' is not supported, only 4.0 and 4.01 are")]
    Version(String),
    /// There is no entity with this key.
    #[error("there is no entity with this key")]
    NoEntity,
    /// The property or related entity is null, or there is none: 204.
    #[error("there is no value")]
    NoContent,
    /// The body of an action is not what the action takes.
    #[error("the body does not fit the action: {0}")]
    ActionBody(String),
    /// A function or an action gives more than can be answered.
    #[error("a result of more than {0} items is not supported")]
    Result(usize),
    /// The budget of bytes in flight is used up.
    #[error("the server is answering as much as its memory allows; try again")]
    OverBudget,
    /// The resource does not have this method.
    #[error("only {0} are offered here")]
    Method(&'static str),
    /// Snapshot isolation is not offered; the standard asks for 412 then.
    #[error("snapshot isolation is not offered")]
    Isolation,
    /// The body is of no kind that is understood here.
    #[error("a body of the type '{found}' is not understood here, only {known}")]
    MediaType {
        /// What was sent.
        found: String,
        /// What is understood.
        known: &'static str,
    },
    /// The body of a `…/$query` is no query.
    #[error("the body is not the query part of a URL: {0}")]
    QueryBody(&'static str),
    /// `If-Match` names another state.
    #[error("the entity is not in the state that If-Match names")]
    Precondition,
    /// The body is no batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A request of a batch cannot be carried out there.
    #[error("{0}")]
    Part(&'static str),
    /// The `if` of a request in a batch is no condition.
    #[error("'if' is not a condition: {0}")]
    Condition(String),
    /// A request of a batch is correct, but not offered.
    #[error("{0} is not offered in a batch")]
    PartUnsupported(&'static str),
    /// A request of a batch was not carried out because an earlier one failed.
    #[error("a request that it depends on was refused, or its condition does not hold")]
    Dependency,
    /// A request of a batch was not carried out because the batch took too long.
    #[error("the batch took too long")]
    Late,
    /// There is no such state monitor, or no longer.
    #[error("there is no answer under this address, or no longer")]
    NoResult,
    /// A shared answer failed; the first waiter's error is everybody's.
    #[error(transparent)]
    Shared(#[from] std::sync::Arc<ServiceError>),
    /// A defect of this program.
    #[error("{0}")]
    Defect(&'static str),
}

/// What the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable code with the stage in front.
    pub code: &'static str,
    /// One sentence that names the thing and its place.
    pub message: String,
    /// The text at that place of the request.
    pub target: Option<String>,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u32>,
}

impl ServiceError {
    /// The refusal for a request whose target was `target`.
    pub fn refusal(&self, target: &str) -> Refusal {
        let (status, code) = self.class();
        let place = self.span().and_then(|span| quote(target, &span).map(|text| (span.start, text)));
        let message = match (&place, status) {
            (_, 500) if !matches!(self.root(), ServiceError::Row { .. }) => {
                "the server could not answer this request; its log says why".to_owned()
            }
            (Some((start, text)), _) => format!("{} (at character {}: {text})", brief(self.to_string()), start + 1),
            (None, _) => brief(self.to_string()),
        };
        let retry_after_s = self.retry_after_s().or((status == 503).then_some(RETRY_AFTER_S));
        Refusal { status, code, message, target: place.map(|(_, text)| text), retry_after_s }
    }

    /// The error itself, if it is shared.
    fn root(&self) -> &ServiceError {
        match self {
            ServiceError::Shared(error) => error.root(),
            error => error,
        }
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.class().0
    }

    /// Text for the log only: what the database or driver said.
    pub fn detail(&self) -> Option<String> {
        match self {
            ServiceError::Execute(error) => Some(match error {
                ExecuteError::Row { error: store, .. } | ExecuteError::Store(store) => {
                    store.detail().map_or_else(|| error.to_string(), str::to_owned)
                }
                other => other.to_string(),
            }),
            ServiceError::Row { error, .. } => error.detail(),
            ServiceError::Shared(error) => error.detail(),
            ServiceError::Plan(error) => Some(error.to_string()),
            ServiceError::Defect(text) => Some((*text).to_owned()),
            _ => None,
        }
    }

    /// Whether the source itself tells the log, once for many requests that end so.
    pub(super) fn is_told_elsewhere(&self) -> bool {
        match self {
            ServiceError::Execute(ExecuteError::Store(
                StoreError::Resting { .. } | StoreError::Busy { .. } | StoreError::Share { .. },
            )) => true,
            ServiceError::Shared(error) => error.is_told_elsewhere(),
            _ => false,
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            ServiceError::Execute(ExecuteError::Store(
                StoreError::Busy { retry_after_s, .. }
                | StoreError::Share { retry_after_s, .. }
                | StoreError::Resting { retry_after_s, .. },
            )) => Some(*retry_after_s),
            ServiceError::Shared(error) => error.retry_after_s(),
            _ => None,
        }
    }

    fn class(&self) -> (u16, &'static str) {
        match self {
            ServiceError::Syntax(error) => (400, error.kind.code()),
            ServiceError::Bind(error) => {
                let status = match error.class() {
                    Class::Malformed => 400,
                    Class::NotFound => 404,
                    Class::Gone => 410,
                    Class::Unsupported => 501,
                };
                (status, error.code())
            }
            ServiceError::Execute(ExecuteError::Render(_)) => (501, "sql.unsupported"),
            ServiceError::Execute(ExecuteError::Store(error)) => match error {
                StoreError::Away { .. } | StoreError::Resting { .. } => (503, "store.unavailable"),
                StoreError::Share { .. } => (429, "store.share"),
                StoreError::Busy { .. } => (503, "store.busy"),
                StoreError::Slow { .. } => (504, "store.timeout"),
                StoreError::Denied { .. } => (500, "store.denied"),
                StoreError::Decode { .. } => (500, "store.decode"),
                StoreError::Parameter { .. } | StoreError::CharacterSet { .. } => (400, "store.parameter"),
                StoreError::OutOfRange { .. } => (400, "store.out_of_range"),
                StoreError::Other { .. }
                | StoreError::Url { .. }
                | StoreError::Certificates { .. }
                | StoreError::Version { .. } => (500, "store.failed"),
            },
            ServiceError::NotAcceptable(_) => (406, "service.not_acceptable"),
            ServiceError::Version(_) => (400, "service.version"),
            ServiceError::NoEntity => (404, "service.no_entity"),
            ServiceError::NoContent => (204, "service.no_content"),
            ServiceError::OverBudget => (503, "service.over_budget"),
            ServiceError::Method(_) => (405, "web.method_not_allowed"),
            ServiceError::Isolation => (412, "web.isolation_not_offered"),
            ServiceError::MediaType { .. } => (415, "service.media_type"),
            ServiceError::ActionBody(_) => (400, "service.action_body"),
            ServiceError::Result(_) => (501, "service.result_limit"),
            ServiceError::QueryBody(_) => (400, "service.query_body"),
            ServiceError::Precondition => (412, "service.precondition"),
            ServiceError::Batch(error) => (400, error.code()),
            ServiceError::Part(_) | ServiceError::Condition(_) => (400, "service.batch_part"),
            ServiceError::PartUnsupported(_) => (501, "service.batch_unsupported"),
            ServiceError::Dependency => (424, "service.failed_dependency"),
            ServiceError::Late => (504, "store.timeout"),
            ServiceError::NoResult => (404, "service.no_result"),
            ServiceError::Shared(error) => error.class(),
            ServiceError::Row { .. } | ServiceError::Execute(ExecuteError::Row { .. }) => (500, "store.decode"),
            ServiceError::Plan(PlanError::ForeignQuery)
            | ServiceError::Execute(ExecuteError::UnknownSource(_) | ExecuteError::Cell(_))
            | ServiceError::Defect(_) => (500, "service.defect"),
        }
    }

    fn span(&self) -> Option<Span> {
        match self {
            ServiceError::Syntax(error) => Some(error.span.clone()),
            ServiceError::Bind(error) => error.span.clone(),
            ServiceError::Shared(error) => error.span(),
            _ => None,
        }
    }
}

/// A sentence without most of its middle, if it is long.
fn brief(sentence: String) -> String {
    let length = sentence.chars().count();
    if length <= SENTENCE_START_MAX + SENTENCE_END_MAX {
        return sentence;
    }
    let start = sentence.chars().take(SENTENCE_START_MAX);
    let end = sentence.chars().skip(length - SENTENCE_END_MAX);
    start.chain(['…']).chain(end).collect()
}

/// The text of the request at the span, shortened; `None` if nothing stands there.
fn quote(target: &str, span: &Span) -> Option<String> {
    let text = target.get(span.clone())?;
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        _ if text.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", text.get(..end)?)),
        None => Some(text.to_owned()),
    }
}
