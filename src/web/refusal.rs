//! Owns [`Refusal`]: what is refused before a service is asked. Every one is an OData error object in JSON, whatever
//! the request accepts (OData JSON 4.01, section 21).

use bytes::Bytes;

use crate::service::{Answer, Refused};

/// A refusal of the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing is published under this path.
    NotFound,
    /// The target is longer than the limit.
    UrlTooLong {
        /// The limit in bytes.
        most: usize,
    },
    /// No or wrong credentials.
    Credentials(&'static str, &'static str),
    /// Too many credentials are waiting to be checked.
    Busy,
    /// The method is none of those that the resource has.
    Method(&'static str),
    /// The body is larger than it may be.
    BodyTooLarge {
        /// The limit in bytes.
        most: usize,
    },
    /// There is no memory for the body now.
    BodyBudget,
    /// The body did not come in time.
    BodyLate,
    /// The body ended before its end.
    BodyBroken,
    /// The user is no operator.
    Operator,
    /// A defect of ours.
    Defect,
    /// HTTP itself was not spoken correctly.
    Malformed,
    /// The headers are larger than we read.
    Headers,
}

impl Refusal {
    /// The status.
    pub(super) fn status(self) -> u16 {
        match self {
            Refusal::NotFound => 404,
            Refusal::UrlTooLong { .. } => 414,
            Refusal::Credentials(..) => 401,
            Refusal::Busy | Refusal::BodyBudget => 503,
            Refusal::BodyTooLarge { .. } => 413,
            Refusal::BodyLate => 408,
            Refusal::Method(_) => 405,
            Refusal::Operator => 403,
            Refusal::Defect => 500,
            Refusal::Malformed | Refusal::BodyBroken => 400,
            Refusal::Headers => 431,
        }
    }

    /// The stable code.
    fn code(self) -> &'static str {
        match self {
            Refusal::NotFound => "web.not_found",
            Refusal::UrlTooLong { .. } => "web.url_too_long",
            Refusal::Credentials(code, _) => code,
            Refusal::Busy => "auth.busy",
            Refusal::Method(_) => "web.method_not_allowed",
            Refusal::BodyTooLarge { .. } => "web.body_too_large",
            Refusal::BodyBudget => "service.over_budget",
            Refusal::BodyLate => "web.body_timeout",
            Refusal::Operator => "web.operator_only",
            Refusal::Defect => "web.defect",
            Refusal::Malformed | Refusal::BodyBroken => "web.malformed_request",
            Refusal::Headers => "web.headers_too_large",
        }
    }

    fn message(self) -> String {
        match self {
            Refusal::NotFound => "nothing is published under this path; service roots begin with /odata/v4/".to_owned(),
            Refusal::UrlTooLong { most } => format!("the URL is longer than {most} bytes"),
            Refusal::Credentials(_, message) => message.to_owned(),
            Refusal::Busy => "too many credentials are being checked; try again".to_owned(),
            Refusal::Method(methods) => format!("only {methods} are offered here"),
            Refusal::BodyTooLarge { most } => format!("the body is longer than {most} bytes"),
            Refusal::BodyBudget => "the server is answering as much as its memory allows; try again".to_owned(),
            Refusal::BodyLate => "the body did not arrive in time".to_owned(),
            Refusal::BodyBroken => "the body ended before its end".to_owned(),
            Refusal::Operator => "only a user with `operator = true` in the configuration may do this".to_owned(),
            Refusal::Defect => "the server failed; its log tells why under the request id of this answer".to_owned(),
            Refusal::Malformed => "the request is not correct HTTP; blanks, quotes, brackets and letters beyond ASCII \
                                   must be percent-encoded in the URL"
                .to_owned(),
            Refusal::Headers => "the headers of the request are too large".to_owned(),
        }
    }

    /// The error object.
    pub(super) fn body(self) -> String {
        serde_json::json!({ "error": { "code": self.code(), "message": self.message() } }).to_string()
    }

    /// The answer, in the given OData version.
    pub(super) fn answer(self, version: &'static str) -> Answer {
        Answer {
            status: self.status(),
            version,
            content_type: Some("application/json".into()),
            retry_after_s: (self.status() == 503).then_some(1),
            allow: if let Refusal::Method(methods) = self { Some(methods) } else { None },
            refused: Some(Box::new(Refused::new(self.code(), self.message()))),
            body: Bytes::from(self.body()),
            ..Answer::default()
        }
    }
}
