//! Tells apart what no words of a URL decide: the method, `$batch`, `…/$query` and answers that are given later; and
//! judges the conditions of a request.

use crate::auth::Principal;
use crate::wire::{NotAcceptable, Version, accepts_utf8};

use super::intake::long_query;
use super::prefer::Preferences;
use super::request::{Method, Request, Resource};
use super::{Answer, Service, ServiceError, refuse, version_of};

/// The methods of each kind of resource, as `Allow` lists them.
pub(super) const READ: &str = "GET, HEAD, OPTIONS";
pub(super) const ASK: &str = "POST, OPTIONS";
const RESULT: &str = "GET, HEAD, DELETE, OPTIONS";

impl Service {
    /// Answers one request. Never fails: what goes wrong is an answer with the OData error object.
    pub async fn answer(&self, request: Request, principal: &Principal) -> Answer {
        // Boxed, so that nearly all requests do not carry the larger futures of the others.
        if request.prefer.is_some() && self.may_wait(&request) {
            let Preferences { respond_async, wait, .. } = request.preferences();
            let version = version_of(request.max_version.as_deref());
            if let (Some(((), applied)), Ok(version)) = (respond_async, version) {
                return Box::pin(self.answer_later(request, principal, version, (wait, applied))).await;
            }
        }
        let resource = request.resource();
        if let Resource::Later(name) = resource {
            let version = version_of(request.max_version.as_deref());
            let shown = version.as_ref().copied().unwrap_or_default();
            let answer = version.and_then(|version| match method(&request, resource, version)? {
                Some(answer) => Ok(answer),
                None => self.result(&request, name, principal, version),
            });
            return answer.unwrap_or_else(|error| refuse(&error, &request, shown));
        }
        self.answer_now(request, principal.number()).await
    }

    /// Answers one request at once, if it is no matter of its caller's name.
    pub(super) async fn answer_now(&self, request: Request, caller: u64) -> Answer {
        let version = version_of(request.max_version.as_deref());
        let shown = version.as_ref().copied().unwrap_or_default();
        let answered = match version {
            Ok(version) => self.dispatch(&request, version, caller).await,
            Err(error) => Err(error),
        };
        let refused = |error: ServiceError| Answer {
            callout: match request.resource() {
                Resource::Data => self.callout_of_refused(&request.target),
                _ => None,
            },
            ..refuse(&error, &request, shown)
        };
        answered.unwrap_or_else(refused)
    }

    async fn dispatch(&self, request: &Request, version: Version, caller: u64) -> Result<Answer, ServiceError> {
        let resource = request.resource();
        match method(request, resource, version) {
            Ok(None) => {}
            // What is not there has no methods.
            Ok(Some(_)) | Err(ServiceError::Method(_)) if resource == Resource::Data => {
                let is_action = match self.understand(&request.target, None) {
                    Err(error) if error.status() == 404 => return Err(error),
                    understood => understood.is_ok_and(|understood| self.action(&understood.query).is_some()),
                };
                let allow = if is_action { ASK } else { READ };
                if request.method != Method::Options {
                    return Err(ServiceError::Method(allow));
                }
                return Ok(Answer { status: 204, version: version.text(), allow: Some(allow), ..Answer::default() });
            }
            Ok(Some(answer)) => return Ok(answer),
            Err(error) => return Err(error),
        }
        match resource {
            Resource::Data if request.method == Method::Post => Box::pin(self.act(request, version, caller)).await,
            Resource::Data => self.try_answer(request, version, caller).await,
            Resource::Batch => self.batch(request, version, caller).await,
            Resource::LongQuery => {
                let query = long_query(request)?;
                let answer = Box::pin(self.try_answer(&query, version, caller)).await;
                // Places in the sentence are those of the joined target.
                Ok(answer.unwrap_or_else(|error| refuse(&error, &query, version)))
            }
            Resource::Later(_) => Err(ServiceError::NoResult),
        }
    }
}

/// Judges method and headers. The answer to `OPTIONS`; `None` if the request is to be carried out.
fn method(request: &Request, resource: Resource<'_>, version: Version) -> Result<Option<Answer>, ServiceError> {
    let allow = match resource {
        Resource::Data => READ,
        Resource::Batch | Resource::LongQuery => ASK,
        Resource::Later(_) => RESULT,
    };
    let is_allowed = match request.method {
        Method::Options => {
            return Ok(Some(Answer { status: 204, version: version.text(), allow: Some(allow), ..Answer::default() }));
        }
        Method::Get | Method::Head => allow != ASK,
        // Whether it is an action that is called, only the model knows.
        Method::Post => allow == ASK || resource == Resource::Data,
        Method::Delete => allow == RESULT,
        Method::Put | Method::Patch | Method::Other => false,
    };
    if !is_allowed {
        return Err(ServiceError::Method(allow));
    }
    if let Some(version) = &request.wrong_version {
        return Err(ServiceError::Version(version.to_string()));
    }
    if request.isolation {
        return Err(ServiceError::Isolation);
    }
    match request.accept_charset.as_deref() {
        Some(charsets) if !accepts_utf8(charsets) => Err(NotAcceptable(format!("charset={charsets}")).into()),
        _ => Ok(None),
    }
}

/// Whether the client has the state with this tag already (RFC 9110, 13.1 and 13.2.2). Tags are compared weakly, as
/// OData allows.
pub(super) fn is_unmodified(request: &Request, etag: Option<&str>) -> Result<bool, ServiceError> {
    if let Some(tags) = &request.if_match
        && !is_in(tags, etag)
    {
        return Err(ServiceError::Precondition);
    }
    Ok(etag.is_some() && request.if_none_match.as_deref().is_some_and(|tags| is_in(tags, etag)))
}

/// Whether a list of tags holds this one; `*` stands for any state.
fn is_in(tags: &str, etag: Option<&str>) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || etag.is_some_and(|etag| tags.split(',').any(|tag| opaque(tag) == opaque(etag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare_weakly_and_if_match_goes_first() {
        let judge = |if_match: Option<&str>, if_none_match: Option<&str>, etag| {
            let request = Request {
                if_match: if_match.map(str::to_owned),
                if_none_match: if_none_match.map(str::to_owned),
                ..Request::default()
            };
            is_unmodified(&request, etag).ok()
        };
        for (if_match, if_none_match, etag, expected) in [
            (None, None, Some("\"1\""), Some(false)),
            (None, Some("\"1\""), Some("W/\"1\""), Some(true)),
            (None, Some("\"0\", W/\"1\""), Some("\"1\""), Some(true)),
            (None, Some("*"), Some("\"1\""), Some(true)),
            (None, Some("*"), None, Some(false)),
            (Some("W/\"1\""), None, Some("W/\"1\""), Some(false)),
            (Some("\"2\", \"1\""), None, Some("\"1\""), Some(false)),
            (Some("*"), None, None, Some(false)),
            (Some("\"2\""), None, Some("\"1\""), None),
            (Some("\"2\""), Some("\"1\""), Some("\"1\""), None),
            (Some("\"1\""), None, None, None),
        ] {
            assert_eq!(judge(if_match, if_none_match, etag), expected, "{if_match:?} {if_none_match:?} {etag:?}");
        }
    }
}
