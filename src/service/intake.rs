//! Owns [`Intake`]: the body of a request on its way in, within its limit and the budget of bytes in flight; and what
//! the body of a `…/$query` means.

use bytes::Bytes;

use super::budget::{Budget, Reservation};
use super::read::reserved;
use super::request::{Method, Request, Resource};
use super::{Service, ServiceError};

/// How large a batch and other bodies may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Requests of a batch.
    pub batch_parts_max: usize,
    /// Bytes of a batch.
    pub batch_bytes_max: usize,
    /// Bytes of the body of a `…/$query`.
    pub query_bytes_max: usize,
    /// Length of a URL in a batch.
    pub url_bytes_max: usize,
}

impl Default for Extent {
    fn default() -> Self {
        Extent { batch_parts_max: 100, batch_bytes_max: 1 << 20, query_bytes_max: 1 << 20, url_bytes_max: 65_536 }
    }
}

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overfull {
    /// It is longer than it may be.
    Limit(usize),
    /// There is no memory for it now.
    Budget,
}

/// A body that is being received.
#[derive(Debug)]
pub struct Intake {
    bytes: Vec<u8>,
    bytes_max: usize,
    reservation: Reservation,
}

impl Intake {
    /// Nothing yet, at most `bytes_max` bytes.
    pub fn new(bytes_max: usize, budget: &Budget) -> Self {
        Intake { bytes: Vec::new(), bytes_max, reservation: budget.reservation() }
    }

    /// Refuses what says beforehand that it is too long, so that nobody waits for it.
    pub fn announce(&self, length: u64) -> Result<(), Overfull> {
        let fits = usize::try_from(length).is_ok_and(|length| length <= self.bytes_max);
        if fits { Ok(()) } else { Err(Overfull::Limit(self.bytes_max)) }
    }

    /// Takes what has come.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Overfull> {
        let length = self.bytes.len() + bytes.len();
        if length > self.bytes_max {
            return Err(Overfull::Limit(self.bytes_max));
        }
        if length > self.bytes.capacity() {
            // Grown here and not by the vector itself, so that what is allocated is reserved before.
            let capacity = length.max(self.bytes.capacity() * 2).min(self.bytes_max);
            if !self.reservation.cover(capacity) {
                return Err(Overfull::Budget);
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The whole body.
    pub fn finish(self) -> Bytes {
        reserved(self.bytes, 0, Some(self.reservation))
    }
}

impl Service {
    /// Room for the body of a request, if it is one whose body matters.
    pub fn intake(&self, request: &Request) -> Option<Intake> {
        if request.method != Method::Post {
            return None;
        }
        let bytes_max = match request.resource() {
            Resource::Batch => self.extent.batch_bytes_max,
            Resource::LongQuery => self.extent.query_bytes_max,
            Resource::Data if self.is_action(&request.target) => self.extent.query_bytes_max,
            Resource::Data | Resource::Later(_) => return None,
        };
        Some(Intake::new(bytes_max, &self.budget))
    }
}

/// The `GET` that a `POST …/$query` stands for: its body holds query options, beside those of the URL (OData 4.01 Part
/// 2, 4.17).
pub(super) fn long_query(request: &Request) -> Result<Request, ServiceError> {
    const KNOWN: &str = "text/plain";
    request.check_body()?;
    let content_type = request.content_type.as_deref().unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim();
    let is_form = media.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if !is_form && !media.eq_ignore_ascii_case(KNOWN) {
        return Err(ServiceError::MediaType { found: content_type.to_owned(), known: KNOWN });
    }
    let body = std::str::from_utf8(&request.body).map_err(|_| ServiceError::QueryBody("it is not UTF-8"))?;
    // Editors and shells end a text with a line end.
    let body = body.trim_end_matches(['\r', '\n']);
    if body.contains(|character: char| character.is_control() || character == '#') {
        return Err(ServiceError::QueryBody("it holds characters that must be percent-encoded"));
    }
    // A form has its blanks as plus signs.
    let body = if is_form { body.replace('+', "%20") } else { body.to_owned() };
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path = path.trim_end_matches('/').rsplit_once('/').map_or("", |(path, _)| path);
    let joint = if query.is_empty() || body.is_empty() { "" } else { "&" };
    let mark = if query.is_empty() && body.is_empty() { "" } else { "?" };
    let target = format!("{path}{mark}{query}{joint}{body}");
    Ok(Request { method: Method::Get, target, body: Bytes::new(), ..request.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_up_to_its_limit_and_the_budget() {
        let budget = Budget::new(128 * 1_024);
        let mut intake = Intake::new(100, &budget);
        assert_eq!(intake.push(&[b'a'; 60]), Ok(()));
        assert_eq!(intake.push(&[b'b'; 40]), Ok(()));
        assert_eq!(intake.push(b"c"), Err(Overfull::Limit(100)));
        assert_eq!(intake.finish().len(), 100);
        let mut intake = Intake::new(1 << 20, &budget);
        assert_eq!(intake.push(&vec![b'a'; 100_000]), Ok(()));
        let body = intake.finish();
        assert_eq!(Intake::new(1 << 20, &budget).push(&vec![b'a'; 100_000]), Err(Overfull::Budget));
        drop(body);
        assert_eq!(Intake::new(1 << 20, &budget).push(&vec![b'a'; 100_000]), Ok(()));
    }

    #[test]
    fn the_body_of_a_query_is_joined_with_the_url() {
        let joined = |target: &str, content_type: &str, body: &'static str| {
            let request = Request {
                method: Method::Post,
                target: target.to_owned(),
                content_type: Some(content_type.to_owned()),
                body: Bytes::from_static(body.as_bytes()),
                ..Request::default()
            };
            long_query(&request).map(|request| request.target)
        };
        for (target, body, expected) in [
            ("Orders/$query", "$top=1&$filter=a%20eq%201", "Orders?$top=1&$filter=a%20eq%201"),
            ("Orders/$query?$top=1", "$skip=1\r\n", "Orders?$top=1&$skip=1"),
            ("Orders(1)/Lines/$query/?$top=1", "", "Orders(1)/Lines?$top=1"),
            ("Orders/$query", "", "Orders"),
            ("Orders/$query", "$search=a+b", "Orders?$search=a+b"),
        ] {
            assert_eq!(joined(target, "text/plain;charset=utf-8", body).unwrap(), expected);
        }
        let form = joined("Orders/$query", "application/x-www-form-urlencoded", "$search=a+b%2B");
        assert_eq!(form.unwrap(), "Orders?$search=a%20b%2B");
        for (content_type, body) in
            [("application/json", "{}"), ("", "$top=1"), ("text/plain", "a\nb"), ("text/plain", "#")]
        {
            assert!(joined("Orders/$query", content_type, body).is_err(), "{content_type} {body}");
        }
    }
}
