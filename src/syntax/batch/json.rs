//! A JSON batch → requests (OData JSON Format 4.01, section 19.1).

use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::syntax::RawJson;

use super::{BatchError, BatchGroup, BatchItem, BatchRequest, is_line, is_token};

/// base64url, with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn parse(body: &[u8], parts_max: usize) -> Result<Vec<BatchItem>, BatchError> {
    let malformed = |at: usize, what| BatchError::Malformed { at: at + 1, what };
    let text = std::str::from_utf8(body).map_err(|error| malformed(error.valid_up_to(), "this is not UTF-8"))?;
    let whole = RawJson::parse(text).map_err(|at| malformed(at, "this is not JSON"))?;
    let members = whole.members().ok_or(malformed(0, "an object with the member 'requests' is expected"))?;
    let mut requests = members.into_iter().filter(|(name, _)| name == "requests");
    let found = requests.next().and_then(|(_, requests)| requests.items());
    let found = found.ok_or(malformed(0, "the member 'requests' is missing or no array"))?;
    if requests.next().is_some() {
        return Err(malformed(0, "the member 'requests' stands twice"));
    }
    if found.len() > parts_max {
        return Err(BatchError::Parts { most: parts_max });
    }
    let mut reader = Reader { known: HashSet::new(), items: Vec::with_capacity(found.len()) };
    for (index, request) in found.into_iter().enumerate() {
        reader.request(request).map_err(|what| BatchError::Request { number: index + 1, what })?;
    }
    Ok(reader.items)
}

/// The members of an object by their names, none of which may stand twice (RFC 7493, 2.3).
struct Members<'t>(Vec<(String, RawJson<'t>)>);

impl<'t> Members<'t> {
    fn of(value: RawJson<'t>, wrong: &'static str, twice: &'static str) -> Result<Members<'t>, &'static str> {
        let members = value.members().ok_or(wrong)?;
        let mut names = HashSet::new();
        if members.iter().all(|(name, _)| names.insert(name.as_str())) { Ok(Members(members)) } else { Err(twice) }
    }

    /// The value of this name, if there is one other than null.
    fn get(&self, name: &str) -> Option<RawJson<'t>> {
        self.0.iter().find_map(|(known, value)| (known == name && !value.is_null()).then_some(*value))
    }

    fn text(&self, name: &str, wrong: &'static str) -> Result<Option<String>, &'static str> {
        self.get(name).map(|value| value.string().ok_or(wrong)).transpose()
    }
}

struct Reader {
    /// Ids and names of groups so far.
    known: HashSet<String>,
    items: Vec<BatchItem>,
}

impl Reader {
    fn request(&mut self, request: RawJson<'_>) -> Result<(), &'static str> {
        let members = Members::of(request, "an object is expected", "one of its members stands twice")?;
        let id = members.text("id", "'id' must be a text")?.ok_or("'id' is missing")?;
        if id.is_empty() || !is_line(&id) {
            return Err("'id' is empty, or holds control characters");
        }
        let method = members.text("method", "'method' must be a text")?.ok_or("'method' is missing")?;
        if !is_token(&method) {
            return Err("'method' is no method of HTTP");
        }
        let url = members.text("url", "'url' must be a text")?.ok_or("'url' is missing")?;
        if url.contains(char::is_control) {
            return Err("'url' holds control characters");
        }
        let url = url.replace(' ', "%20");
        let group = members.text("atomicityGroup", "'atomicityGroup' must be a text")?;
        if group.as_deref().is_some_and(|name| name.is_empty() || !is_line(name)) {
            return Err("'atomicityGroup' is empty, or holds control characters");
        }
        let condition = members.text("if", "'if' must be a text")?;
        let depends_on = self.depends_on(members.get("dependsOn"), group.as_deref())?;
        let headers = headers(members.get("headers"))?;
        let method = method.to_ascii_uppercase();
        if members.get("body").is_some() && ["GET", "HEAD", "DELETE"].contains(&method.as_str()) {
            return Err("a request with its 'method' has no 'body'");
        }
        let body = body(members.get("body"), &headers)?;
        if group.as_ref() == Some(&id) || !self.known.insert(id.clone()) {
            return Err("its 'id' stands twice");
        }
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

    fn depends_on(&self, value: Option<RawJson<'_>>, own_group: Option<&str>) -> Result<Vec<String>, &'static str> {
        const WRONG: &str = "'dependsOn' must be an array of ids";
        let Some(value) = value else { return Ok(Vec::new()) };
        let earlier = |item: RawJson<'_>| match item.string().ok_or(WRONG)? {
            id if self.known.contains(&id) && own_group != Some(&id) => Ok(id),
            _ => Err("'dependsOn' names no earlier request or group"),
        };
        value.items().ok_or(WRONG)?.into_iter().map(earlier).collect()
    }
}

fn headers(value: Option<RawJson<'_>>) -> Result<Vec<(String, String)>, &'static str> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let members = Members::of(value, "'headers' must be an object", "one of the 'headers' stands twice")?;
    let header = |(name, value): (String, RawJson<'_>)| {
        let value = value.string().ok_or("the 'headers' must be texts")?;
        let is_good = is_token(&name) && is_line(&value);
        is_good.then_some((name.to_ascii_lowercase(), value)).ok_or("one of the 'headers' is no proper header")
    };
    members.0.into_iter().map(header).collect()
}

/// JSON for JSON types, as it stands there; a text for texts, base64url for all others.
fn body(value: Option<RawJson<'_>>, headers: &[(String, String)]) -> Result<Vec<u8>, &'static str> {
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let media = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    let Some(value) = value else { return Ok(Vec::new()) };
    if media == "application/json" || media.ends_with("+json") {
        return Ok(value.text().as_bytes().to_vec());
    }
    let text = value.string().ok_or("its 'body' must be a text")?;
    if media.starts_with("text/") {
        return Ok(text.into_bytes());
    }
    BASE64.decode(text).map_err(|_| "its 'body' is not base64url")
}
