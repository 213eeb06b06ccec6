//! Owns [`Results`]: what earlier requests of a batch came to, for those that refer to it: a value in a URL or a body,
//! and a tag (OData 4.01 Part 1, 11.7.5 and 11.7.6; JSON Format 4.01, 19.1).
//!
//! # Decisions
//!
//! - **A value is put into the text as a literal**, before anything reads it: what it then means is what it would mean
//!   if the client had written it, limits and refusals included. All of it is percent-encoded, so that it stays one.
//! - **In a body a text that is a reference as a whole is one.** Longer texts are nobody's reference.
//! - **Only what somebody refers to is kept**, and as the bytes that the client gets.
//! - **What a batch may take is bounded**, in bytes that are searched and in bytes that are put in: a small batch could
//!   ask for one large answer in each of a hundred thousand places.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::syntax::RawJson;
use crate::syntax::batch::{BatchItem, BatchRequest};
use crate::wire::json::write_string;

use crate::service::{Answer, ServiceError};

/// Names inside expressions that no reference takes over.
const EXPRESSION_NAMES: [&str; 4] = ["it", "this", "these", "root"];
/// Options whose values hold no expression.
const OTHER_OPTIONS: [&str; 6] = ["search", "skiptoken", "deltatoken", "format", "schemaversion", "id"];
/// Bytes of earlier answers that are searched for values, over the whole of a batch.
const SEARCHED_BYTES_MAX: usize = 64 << 20;
/// Length of a text with the values put in.
const TEXT_BYTES_MAX: usize = 1 << 20;
const TOO_MUCH: ServiceError = ServiceError::Part("it takes more out of earlier answers than a batch may");
const NO_VALUE: ServiceError = ServiceError::Part("what it takes from an earlier answer is not there");
const STRUCTURED: ServiceError = ServiceError::PartUnsupported("a structured value out of an earlier answer");

/// What became of a request.
#[derive(Debug)]
struct Outcome {
    has_succeeded: bool,
    etag: Option<String>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// No body, which stands for null.
    Nothing,
    Json(Bytes),
    Text(Bytes),
    /// Neither: nothing can be taken from it.
    Other,
}

/// The outcomes that are kept, by the ids of their requests.
#[derive(Debug)]
pub(super) struct Results<'a> {
    wanted: HashSet<String>,
    known: HashMap<&'a str, Outcome>,
    /// Bytes that have been searched.
    searched: AtomicUsize,
}

impl<'a> Results<'a> {
    /// Nothing yet; looks which results will be wanted.
    pub(super) fn new(items: &[BatchItem]) -> Self {
        let requests = items.iter().flat_map(|item| match item {
            BatchItem::Request(request) => std::slice::from_ref(request),
            BatchItem::Group(group) => &group.requests,
        });
        Results { wanted: requests.flat_map(names).collect(), known: HashMap::new(), searched: AtomicUsize::new(0) }
    }

    /// Keeps what became of a request, if somebody will ask.
    pub(super) fn keep(&mut self, id: &'a str, answer: &Answer) {
        if !self.wanted.contains(id) {
            return;
        }
        let media = answer.content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let content = match media {
            _ if answer.body.is_empty() => Content::Nothing,
            "application/json" => Content::Json(answer.body.clone()),
            "text/plain" => Content::Text(answer.body.clone()),
            _ => Content::Other,
        };
        let has_succeeded = answer.status < 400;
        self.known.insert(id, Outcome { has_succeeded, etag: answer.etag.clone(), content });
    }

    /// The JSON text of what a reference leads to.
    fn find<'o>(&self, outcome: &'o Outcome, path: &[&str]) -> Result<Option<Cow<'o, str>>, ServiceError> {
        let size = match &outcome.content {
            Content::Json(bytes) | Content::Text(bytes) => bytes.len(),
            Content::Nothing | Content::Other => 0,
        };
        if self.searched.fetch_add(size, Ordering::Relaxed) > SEARCHED_BYTES_MAX {
            return Err(TOO_MUCH);
        }
        let found = outcome.find(path);
        if found.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_MAX) { Err(TOO_MUCH) } else { Ok(found) }
    }

    /// The URL with values in the places of references to them.
    pub(super) fn in_url<'u>(&self, url: &'u str) -> Result<Cow<'u, str>, ServiceError> {
        if self.known.is_empty() || !url.contains(['$', '%']) {
            return Ok(url.into());
        }
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        // The first segment may be a whole reference; values stand in the keys.
        let path = self.replaced(path, |before| matches!(before, Some('(' | ',' | '=')))?;
        let Some(query) = query else { return Ok(path) };
        Ok(format!("{path}?{}", self.in_query(query)?).into())
    }

    /// The same for the query alone.
    pub(super) fn in_query(&self, query: &str) -> Result<String, ServiceError> {
        let mut all = Vec::new();
        for option in query.split('&') {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let known = percent_decode_str(name).decode_utf8_lossy().trim_start_matches('$').to_ascii_lowercase();
            let value = if OTHER_OPTIONS.contains(&known.as_str()) {
                value.into()
            } else {
                self.replaced(value, |before| before != Some('/'))?
            };
            all.push(if option.contains('=') { format!("{name}={value}") } else { name.to_owned() });
        }
        Ok(all.join("&"))
    }

    /// Encoded text with literals for the references in it that stand behind what `is_place` allows.
    fn replaced<'t>(&self, raw: &'t str, is_place: fn(Option<char>) -> bool) -> Result<Cow<'t, str>, ServiceError> {
        let Some((text, places)) = decoded(raw) else { return Ok(raw.into()) };
        let place = |at: usize| places.get(at).copied().unwrap_or(raw.len());
        let (mut out, mut done) = (String::new(), 0);
        for reference in references(&text, is_place) {
            let Some(outcome) = self.known.get(reference.id) else { continue };
            if !outcome.has_succeeded {
                return Err(ServiceError::Dependency);
            }
            let value = self.find(outcome, &reference.path)?.ok_or(NO_VALUE)?;
            let literal = literal(&value).ok_or(STRUCTURED)?;
            out.push_str(raw.get(done..place(reference.range.start)).unwrap_or_default());
            out.extend(utf8_percent_encode(&literal, NON_ALPHANUMERIC));
            check(out.len())?;
            done = place(reference.range.end);
        }
        out.push_str(raw.get(done..).unwrap_or_default());
        Ok(if done == 0 { raw.into() } else { out.into() })
    }

    /// The JSON of a body with values in the places of references; `None` if there are none.
    pub(super) fn in_body(&self, body: &[u8]) -> Result<Option<Vec<u8>>, ServiceError> {
        let Some(text) = std::str::from_utf8(body).ok().filter(|text| text.contains("\"$")) else { return Ok(None) };
        // What is no JSON is refused by whoever reads it.
        let Some(whole) = RawJson::parse(text).ok().filter(|_| !self.known.is_empty()) else { return Ok(None) };
        let mut out = Vec::with_capacity(body.len());
        self.write(whole, &mut out)?;
        Ok(Some(out))
    }

    fn write(&self, value: RawJson<'_>, out: &mut Vec<u8>) -> Result<(), ServiceError> {
        if let Some(members) = value.members() {
            out.push(b'{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(&name, out);
                out.push(b':');
                self.write(value, out)?;
            }
            out.push(b'}');
            return Ok(());
        }
        if let Some(items) = value.items() {
            out.push(b'[');
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                self.write(item, out)?;
            }
            out.push(b']');
            return Ok(());
        }
        let text = value.string().filter(|text| text.starts_with('$')).unwrap_or_default();
        let whole = references(&text, |_| true).into_iter().find(|reference| reference.range == (0..text.len()));
        match whole.and_then(|reference| Some((self.known.get(reference.id)?, reference))) {
            Some((outcome, _)) if !outcome.has_succeeded => return Err(ServiceError::Dependency),
            Some((outcome, reference)) => {
                out.extend_from_slice(self.find(outcome, &reference.path)?.ok_or(NO_VALUE)?.as_bytes());
                check(out.len())?;
            }
            None => out.extend_from_slice(value.text().as_bytes()),
        }
        Ok(())
    }

    /// The tag that a header such as `If-Match: $1` refers to; `None` if it refers to nothing.
    pub(super) fn tag(&self, header: &str) -> Result<Option<String>, ServiceError> {
        let Some(id) = header.trim().strip_prefix('$') else { return Ok(None) };
        let outcome = self.known.get(id).ok_or(ServiceError::Part("its condition names no earlier request"))?;
        if !outcome.has_succeeded {
            return Err(ServiceError::Dependency);
        }
        let etag = outcome.etag.clone();
        etag.map(Some).ok_or(ServiceError::Part("the answer that its condition names has no ETag"))
    }

    /// The expression of an `if` with literals for all that it takes from earlier answers. What is not there is null.
    pub(super) fn in_condition(&self, text: &str) -> Result<String, ServiceError> {
        let (mut out, mut done) = (String::new(), 0);
        for reference in references(text, |before| before != Some('/')) {
            let Some(outcome) = self.known.get(reference.id) else { continue };
            out.push_str(text.get(done..reference.range.start).unwrap_or_default());
            let value = match reference.path.as_slice() {
                ["$succeeded"] => Some(outcome.has_succeeded.to_string().into()),
                path => self.find(outcome, path)?,
            };
            // An object has no literal; that it is there is all that can be asked.
            out.push_str(&value.map_or("null".into(), |value| literal(&value).unwrap_or("{}".into())));
            check(out.len())?;
            done = reference.range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Ok(out)
    }
}

fn check(length: usize) -> Result<(), ServiceError> {
    if length > TEXT_BYTES_MAX { Err(TOO_MUCH) } else { Ok(()) }
}

impl Outcome {
    /// The JSON text of the value at the end of a path.
    fn find(&self, path: &[&str]) -> Option<Cow<'_, str>> {
        let (bytes, is_json) = match &self.content {
            Content::Nothing => return Some("null".into()),
            Content::Json(bytes) => (bytes, true),
            Content::Text(bytes) => (bytes, false),
            Content::Other => return None,
        };
        let text = std::str::from_utf8(bytes).ok()?;
        if !is_json {
            let mut string = Vec::new();
            write_string(text, &mut string);
            return path.is_empty().then(|| String::from_utf8_lossy(&string).into_owned().into());
        }
        let mut value = RawJson::parse(text).ok()?;
        // A single value or a collection stands in an object of its own.
        let is_inside = path.first().is_none_or(|first| *first == "$count" || first.parse::<i64>().is_ok());
        if is_inside && let Some(inner) = value.member("value") {
            value = inner;
        }
        for (place, step) in path.iter().enumerate() {
            value = match value.count() {
                Some(count) if *step == "$count" => {
                    return (place + 1 == path.len()).then(|| count.to_string().into());
                }
                Some(count) => {
                    let at: i64 = step.parse().ok()?;
                    let at = if at < 0 { at.checked_add(i64::try_from(count).ok()?)? } else { at };
                    value.item(usize::try_from(at).ok()?)?
                }
                None if value.is_null() => return Some("null".into()),
                None => value.member(step)?,
            };
        }
        Some(value.text().into())
    }
}

/// A value as an expression has it; `None` for objects.
fn literal(json: &str) -> Option<String> {
    let value = RawJson::parse(json).ok()?;
    if let Some(items) = value.items() {
        let items: Option<Vec<String>> = items.into_iter().map(|item| literal(item.text())).collect();
        let items = items?;
        return Some(if items.is_empty() { "[]".to_owned() } else { format!("({})", items.join(",")) });
    }
    if let Some(text) = value.string() {
        return Some(format!("'{}'", text.replace('\'', "''")));
    }
    (!json.starts_with('{')).then(|| value.text().to_owned())
}

/// A reference in a text: `$1`, `$1/Account/Name`.
struct Reference<'t> {
    range: Range<usize>,
    id: &'t str,
    path: Vec<&'t str>,
}

fn references(text: &str, is_place: fn(Option<char>) -> bool) -> Vec<Reference<'_>> {
    let mut all = Vec::new();
    let (mut before, mut is_quoted, mut end) = (None, false, 0);
    for (at, character) in text.char_indices() {
        is_quoted ^= character == '\'';
        if character == '$' && !is_quoted && at >= end && is_place(before) {
            let rest = text.get(at + 1..).unwrap_or_default();
            let id = run(rest, is_of_id);
            let mut path = Vec::new();
            end = at + 1 + id.len();
            while let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix('/')) {
                let step = run(rest, |letter| is_of_id(letter) || "@$".contains(letter));
                if step.is_empty() {
                    break;
                }
                path.push(step);
                end += 1 + step.len();
            }
            // Before an equals sign stands the name of an option.
            let is_name = path.is_empty() && text.get(end..).unwrap_or_default().trim_start().starts_with('=');
            if !id.is_empty() && !is_name && !EXPRESSION_NAMES.contains(&id) {
                all.push(Reference { range: at..end, id, path });
            }
        }
        before = Some(character);
    }
    all
}

/// `unreserved` of the grammar, and the letters of other languages.
fn is_of_id(letter: char) -> bool {
    letter.is_alphanumeric() || "-._~".contains(letter)
}

fn run(text: &str, is_of: impl Fn(char) -> bool) -> &str {
    text.get(..text.find(|letter| !is_of(letter)).unwrap_or(text.len())).unwrap_or_default()
}

/// Percent-decoded text, and for each of its bytes where it came from. `None` if it is no text.
fn decoded(raw: &str) -> Option<(String, Vec<usize>)> {
    let (mut text, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(byte) = raw.as_bytes().get(at) {
        let hex = raw.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let escaped = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        text.push(escaped.unwrap_or(*byte));
        places.push(at);
        at += if escaped.is_some() { 3 } else { 1 };
    }
    Some((String::from_utf8(text).ok()?, places))
}

/// All that a request may take for names of others. Errs on the side of too many.
pub(super) fn names(request: &BatchRequest) -> HashSet<String> {
    let url = percent_decode_str(&request.url).decode_utf8_lossy();
    let body = percent_decode_str(std::str::from_utf8(&request.body).unwrap_or_default()).decode_utf8_lossy();
    let headers = request.headers.iter().filter(|(name, _)| name.starts_with("if-")).map(|(_, value)| value.as_str());
    let texts = [&*url, &*body, request.condition.as_deref().unwrap_or_default()].into_iter().chain(headers);
    let after = |text: &'_ str| -> Vec<String> {
        text.match_indices('$')
            .map(|(at, _)| run(text.get(at + 1..).unwrap_or_default(), is_of_id).to_owned())
            .collect()
    };
    texts.flat_map(after).filter(|name| !name.is_empty()).collect()
}
