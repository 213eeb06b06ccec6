//! A JSON batch → requests (OData JSON Format 4.01, section 19.1).

use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::{BatchError, BatchGroup, BatchItem, BatchRequest, is_line, is_token};

/// base64url, with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn parse(body: &[u8], parts_max: usize) -> Result<Vec<BatchItem>, BatchError> {
    let whole: Value = serde_json::from_slice(body).map_err(|error| BatchError::Malformed {
        at: place(body, error.line(), error.column()),
        what: "this is not JSON",
    })?;
    let Value::Object(mut whole) = whole else {
        return Err(BatchError::Malformed { at: 1, what: "an object with the member 'requests' is expected" });
    };
    let Some(Value::Array(requests)) = whole.remove("requests") else {
        return Err(BatchError::Malformed { at: 1, what: "the member 'requests' is missing or no array" });
    };
    if requests.len() > parts_max {
        return Err(BatchError::Parts { most: parts_max });
    }
    let mut reader = Reader { known: HashSet::new(), items: Vec::with_capacity(requests.len()) };
    for (index, request) in requests.into_iter().enumerate() {
        reader.request(request).map_err(|what| BatchError::Request { number: index + 1, what })?;
    }
    Ok(reader.items)
}

/// The byte of the body at a line and column, counted from one.
fn place(body: &[u8], line: usize, column: usize) -> usize {
    let before = body.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + column.max(1)
}

struct Reader {
    /// Ids and names of groups so far.
    known: HashSet<String>,
    items: Vec<BatchItem>,
}

impl Reader {
    fn request(&mut self, request: Value) -> Result<(), &'static str> {
        let Value::Object(mut members) = request else { return Err("an object is expected") };
        let id = text(&mut members, "id", "'id' must be a text")?.ok_or("'id' is missing")?;
        if id.is_empty() || !is_line(&id) {
            return Err("'id' is empty, or holds control characters");
        }
        let method = text(&mut members, "method", "'method' must be a text")?.ok_or("'method' is missing")?;
        if !is_token(&method) {
            return Err("'method' is no method of HTTP");
        }
        let url = text(&mut members, "url", "'url' must be a text")?.ok_or("'url' is missing")?;
        if url.contains(char::is_control) {
            return Err("'url' holds control characters");
        }
        let url = url.replace(' ', "%20");
        let group = text(&mut members, "atomicityGroup", "'atomicityGroup' must be a text")?;
        let condition = text(&mut members, "if", "'if' must be a text")?;
        let depends_on = self.depends_on(members.remove("dependsOn"), group.as_deref())?;
        let headers = headers(members.remove("headers"))?;
        let body = body(members.remove("body"), &headers)?;
        if group.as_ref() == Some(&id) || !self.known.insert(id.clone()) {
            return Err("its 'id' stands twice");
        }
        let method = method.to_ascii_uppercase();
        let request = BatchRequest { id: Some(id), method, url, headers, body, depends_on, condition };
        self.place(request, group)
    }

    /// Puts a request into its group, whose members stand together, or beside the others.
    fn place(&mut self, request: BatchRequest, group: Option<String>) -> Result<(), &'static str> {
        let Some(name) = group else {
            self.items.push(BatchItem::Request(request));
            return Ok(());
        };
        if let Some(BatchItem::Group(last)) = self.items.last_mut()
            && last.name.as_ref() == Some(&name)
        {
            last.requests.push(request);
            return Ok(());
        }
        if !self.known.insert(name.clone()) {
            return Err("the members of its 'atomicityGroup' do not stand together, or it is also an 'id'");
        }
        self.items.push(BatchItem::Group(BatchGroup { name: Some(name), requests: vec![request] }));
        Ok(())
    }

    fn depends_on(&self, value: Option<Value>, own_group: Option<&str>) -> Result<Vec<String>, &'static str> {
        let items = match value {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err("'dependsOn' must be an array of ids"),
        };
        let earlier = |item: Value| match item {
            Value::String(id) if self.known.contains(&id) && own_group != Some(&id) => Ok(id),
            Value::String(_) => Err("'dependsOn' names no earlier request or group"),
            _ => Err("'dependsOn' must be an array of ids"),
        };
        items.into_iter().map(earlier).collect()
    }
}

fn text(members: &mut Map<String, Value>, name: &str, wrong: &'static str) -> Result<Option<String>, &'static str> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong),
    }
}

fn headers(value: Option<Value>) -> Result<Vec<(String, String)>, &'static str> {
    let members = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err("'headers' must be an object"),
    };
    let header = |(name, value): (String, Value)| match value {
        Value::String(value) if is_token(&name) && is_line(&value) => Ok((name.to_ascii_lowercase(), value)),
        Value::String(_) => Err("one of the 'headers' is no proper header"),
        _ => Err("the 'headers' must be texts"),
    };
    members.into_iter().map(header).collect()
}

/// JSON for JSON types, a text for texts, base64url for all others.
fn body(value: Option<Value>, headers: &[(String, String)]) -> Result<Vec<u8>, &'static str> {
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let media = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) if media == "application/json" || media.ends_with("+json") => Ok(value.to_string().into_bytes()),
        Some(Value::String(text)) if media.starts_with("text/") => Ok(text.into_bytes()),
        Some(Value::String(text)) => BASE64.decode(text).map_err(|_| "its 'body' is not base64url"),
        Some(_) => Err("its 'body' must be a text"),
    }
}
