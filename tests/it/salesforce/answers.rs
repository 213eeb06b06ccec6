//! Whether an answer is what a line of the cases says: status and headers, refusals, documents, entities, and rows on
//! one page or along next links.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value as Spec;

use super::ROOT;
use super::spec::{Wanted, row_with_key, set_of, wanted_rows};
use crate::differential::eval::read;
use crate::differential::rows;
use crate::support::demo::Set;
use crate::support::http::{Response, gunzip};
use crate::support::json::Json;
use crate::support::multipart::multipart_answers;
use crate::support::server::TestServer;

/// Salesforce refuses longer answers.
const ANSWER_BYTES_MAX: usize = 8_000_000;
/// The most rows of a page.
const PAGE_ROWS_MAX: usize = 2_000;
/// An admin waits for `$metadata`.
const METADATA_MAX: Duration = Duration::from_secs(2);

/// A line of the cases, sent with some headers.
pub(super) struct Asked<'a> {
    pub(super) server: &'a TestServer,
    pub(super) sets: &'a BTreeMap<String, Set>,
    pub(super) case: &'a Spec,
    pub(super) headers: Vec<(&'a str, &'a str)>,
}

impl Asked<'_> {
    fn check(&self) -> &Spec {
        &self.case["check"]
    }

    /// Sends the request to a target below the service root.
    fn send(&self, target: &str) -> Response {
        let method = self.case["method"].as_str().unwrap_or("GET");
        let body = match &self.case["body"] {
            Spec::Null => None,
            Spec::String(text) => Some(text.clone().into_bytes()),
            json => Some(json.to_string().into_bytes()),
        };
        let is_packed = self.headers.contains(&("Content-Encoding", "gzip"));
        let body = body.map(|body| if is_packed { gzip(&body) } else { body });
        self.server.send(method, &format!("{ROOT}{target}"), &self.headers, body.as_deref())
    }

    /// The address of the service.
    fn root(&self) -> String {
        format!("http://{}{ROOT}", self.server.address)
    }

    fn set(&self, member: &str) -> Result<&Set, String> {
        set_of(self.sets, self.check(), member)
    }

    pub(super) fn judge(&self) -> Result<(), String> {
        let check = self.check();
        let target = self.case["target"].as_str().unwrap();
        if let Some(after) = check["after"].as_array() {
            return self.continuation(target, after);
        }
        let response = self.send(target);
        self.head(&response)?;
        if let Some(status) = check["status"].as_u64() {
            return refusal(&response, status, check);
        }
        if response.status != 200 {
            return Err(format!("status {}: {}\n  {target}", response.status, String::from_utf8_lossy(&response.body)));
        }
        if check["metadata"] == true {
            return self.metadata(target, &response);
        }
        if let Some(statuses) = check["batch"].as_array() {
            return batch(&response, statuses, check);
        }
        let json = Json::read(&self.plain_body(&response)?)?;
        if check["service"] == true {
            return self.service(&json);
        }
        if check["entity"].is_string() {
            return self.entity(&json);
        }
        let set = self.set("rows")?;
        self.pages(set, &wanted_rows(set, check)?, json)
    }

    /// Version and the headers that the line names; null is a header that must not be there.
    fn head(&self, response: &Response) -> Result<(), String> {
        let is_old = self.headers.contains(&("OData-MaxVersion", "4.0"));
        let versions = if is_old { &["4.0"][..] } else { &["4.0", "4.01"][..] };
        if !response.header("odata-version").is_some_and(|found| versions.contains(&found)) {
            return Err(format!("OData-Version is {:?}", response.header("odata-version")));
        }
        for (name, value) in self.check()["head"].as_object().into_iter().flatten() {
            let found = response.header(name);
            if found != value.as_str() {
                return Err(format!("{name} is {found:?} instead of {value}"));
            }
        }
        Ok(())
    }

    /// The body without its content coding, which only `Accept-Encoding` may bring.
    fn plain_body(&self, response: &Response) -> Result<String, String> {
        let asked = self.headers.contains(&("Accept-Encoding", "gzip"));
        let body = match response.header("content-encoding") {
            Some("gzip") if asked => gunzip(&response.body),
            None if !asked => response.body.clone(),
            other => return Err(format!("the content coding is {other:?}")),
        };
        let kind = response.header("content-type").unwrap_or_default();
        let is_full = self.headers.iter().any(|(name, value)| *name == "Accept" && value.contains("metadata=full"));
        let level = if is_full { "metadata=full" } else { "metadata=minimal" };
        if !kind.starts_with("application/json") || !kind.contains(level) {
            return Err(format!("the content type is '{kind}'"));
        }
        if body.len() > ANSWER_BYTES_MAX {
            return Err(format!("an answer of {} bytes", body.len()));
        }
        String::from_utf8(body).map_err(|error| error.to_string())
    }

    /// A document that Salesforce can sync, with all sets and properties, the same at every address, and quickly.
    fn metadata(&self, target: &str, response: &Response) -> Result<(), String> {
        if response.header("content-type") != Some("application/xml") {
            return Err(format!("the content type is {:?}", response.header("content-type")));
        }
        let begun = Instant::now();
        let again = self.send(target);
        if begun.elapsed() > METADATA_MAX || again.body != response.body {
            return Err(format!("the same document again, or not, within {:?}", begun.elapsed()));
        }
        if let Some(same) = self.check()["same_as"].as_str()
            && self.send(same).body != response.body
        {
            return Err(format!("this is not the document of {same}"));
        }
        let text = response.text();
        crate::consumer::can_sync(text)?;
        let occurrences = |part: &str| text.matches(part).count();
        let counts = [
            ("<EntityContainer ", 1),
            ("<Schema ", 1),
            ("<EntitySet ", self.sets.len()),
            ("<EntityType ", self.sets.len()),
            ("<Key>", self.sets.len()),
            ("<edmx:Reference", 0),
        ];
        for (part, count) in counts {
            if occurrences(part) != count {
                return Err(format!("{part} stands {} times instead of {count}", occurrences(part)));
            }
        }
        for set in self.sets.values() {
            for column in &set.table.columns {
                if !text.contains(&format!("<Property Name=\"{}\" Type=\"Edm.{:?}\"", column.name, column.ty)) {
                    return Err(format!("the property {} of {} is missing", column.name, set.name));
                }
            }
        }
        Ok(())
    }

    fn service(&self, json: &Json) -> Result<(), String> {
        let context = json.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
        if context != format!("{}$metadata", self.root()) {
            return Err(format!("the context is '{context}'"));
        }
        let items = json.get("value").and_then(Json::as_array).ok_or("no array of sets")?;
        let item = |item: &Json| {
            let member = |name: &str| item.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
            (member("name"), member("kind"), member("url"))
        };
        let mut found: Vec<_> = items.iter().map(item).collect();
        found.sort_unstable();
        let wanted = self.sets.keys().map(|name| (name.clone(), "EntitySet".to_owned(), name.clone()));
        if found.iter().cloned().eq(wanted) { Ok(()) } else { Err(format!("sets {found:?}")) }
    }

    fn entity(&self, json: &Json) -> Result<(), String> {
        let set = self.set("entity")?;
        let place = row_with_key(&set.table, self.check()["key"].as_array().unwrap())?;
        let columns: Vec<usize> = (0..set.table.columns.len()).collect();
        rows::compare_row(&set.table, &columns, &set.table.rows[place], json)?;
        let context = json.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
        if context != format!("{}$metadata#{}/$entity", self.root(), set.name) {
            return Err(format!("the context is '{context}'"));
        }
        if json.get("value").is_some() {
            return Err("a list in place of an entity".to_owned());
        }
        let missing = self.check()["missing"].as_str().ok_or("no key that is missing")?;
        refusal(&self.send(missing), 404, &Spec::Null)
    }

    /// Follows the next links and compares rows, counts, sizes and links.
    fn pages(&self, set: &Set, wanted: &Wanted, first: Json) -> Result<(), String> {
        let check = self.check();
        let (mut found, mut pages, mut page) = (Vec::new(), 0, first);
        // The context names what was selected, in the order of the model.
        let mut columns = String::new();
        if check["select"].is_array() {
            let names = set.table.columns.iter().enumerate().filter(|(place, _)| wanted.columns.contains(place));
            columns = format!("({})", names.map(|(_, column)| column.name.as_str()).collect::<Vec<_>>().join(","));
        }
        loop {
            pages += 1;
            let count = page.get("@odata.count").map(Json::to_string);
            let expected = (check["count"] == true).then(|| wanted.matching.to_string());
            if count != expected {
                return Err(format!("@odata.count is {count:?} instead of {expected:?}"));
            }
            let context = page.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
            if context != format!("{}$metadata#{}{columns}", self.root(), set.name) {
                return Err(format!("the context is '{context}'"));
            }
            for name in ["@odata.deltaLink", "@odata.id"] {
                if page.get(name).is_some() {
                    return Err(format!("the page has {name}"));
                }
            }
            let rows = page.get("value").and_then(Json::as_array).ok_or("no array of rows")?;
            if rows.len() > PAGE_ROWS_MAX {
                return Err(format!("a page of {} rows", rows.len()));
            }
            found.extend_from_slice(rows);
            let Some(link) = page.get("@odata.nextLink") else { break };
            let link = link.as_str().ok_or("the next link is no text")?;
            if found.len() >= wanted.rows.len() {
                return Err(format!("a next link behind the last row: {link}"));
            }
            let response = self.server.get_with(self.server.target_of(link), &self.headers);
            if response.status != 200 {
                return Err(format!("status {} of the next link {link}", response.status));
            }
            self.head(&response)?;
            page = Json::read(&self.plain_body(&response)?)?;
        }
        // What fits on a page is on one page.
        if pages > wanted.rows.len().div_ceil(PAGE_ROWS_MAX).max(1) {
            return Err(format!("{} rows on {pages} pages", wanted.rows.len()));
        }
        rows::compare(&set.table, &wanted.columns, &wanted.rows, &found)
    }

    /// Reads up to the row of `after` in one page, so that the server gives a link behind it, and follows the link.
    fn continuation(&self, target: &str, after: &[Spec]) -> Result<(), String> {
        let (set, check) = (self.set("rows")?, self.check());
        let row = row_with_key(&set.table, after)?;
        let ordered = read(&set.table, None, &[]);
        let page_rows = ordered.iter().position(|place| *place == row).unwrap() + 1;
        // The page of the link has `$top` rows left, so the first request asks for more by the rows of the first page.
        let target = match check["top"].as_u64() {
            Some(top) => {
                let more = usize::try_from(top).unwrap() + page_rows;
                target.replace(&format!("$top={top}"), &format!("$top={more}"))
            }
            None => target.to_owned(),
        };
        let preference = format!("odata.maxpagesize={page_rows}");
        let mut headers = self.headers.clone();
        headers.push(("Prefer", &preference));
        let first = Asked { headers, ..*self }.send(&target);
        if first.status != 200 {
            return Err(format!("status {}: {}", first.status, String::from_utf8_lossy(&first.body)));
        }
        self.head(&first)?;
        let first = Json::read(first.text())?;
        let rows = first.get("value").and_then(Json::as_array).map_or(0, <[Json]>::len);
        if rows != page_rows {
            return Err(format!("{preference} gives a page of {rows} rows"));
        }
        let link = first.get("@odata.nextLink").and_then(Json::as_str).ok_or("no next link")?;
        if let Some(top) = check["top"].as_u64()
            && !link.contains(&format!("$top={top}&"))
            && !link.ends_with(&format!("$top={top}"))
        {
            return Err(format!("the link does not ask for the {top} rows that are left: {link}"));
        }
        let response = self.server.get_with(self.server.target_of(link), &self.headers);
        if response.status != 200 {
            return Err(format!("status {} of the next link {link}", response.status));
        }
        self.head(&response)?;
        self.pages(set, &wanted_rows(set, check)?, Json::read(&self.plain_body(&response)?)?)
    }
}

fn refusal(response: &Response, status: u64, check: &Spec) -> Result<(), String> {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    if u64::from(response.status) != status {
        return Err(format!("status {} instead of {status}: {body}", response.status));
    }
    if status == 401 && response.header("www-authenticate").is_none() {
        return Err("401 without WWW-Authenticate".to_owned());
    }
    let (code, message) = crate::refuse::error_of(response)?;
    if check["code"].as_str().is_some_and(|wanted| wanted != code) {
        return Err(format!("the code is {code}"));
    }
    if check["names"].as_str().is_some_and(|name| !message.contains(name)) {
        return Err(format!("the message does not name {}: {message}", check["names"]));
    }
    Ok(())
}

/// The statuses of the parts of a batch, each with its refusal.
fn batch(response: &Response, statuses: &[Spec], check: &Spec) -> Result<(), String> {
    let is_json = response.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let answers: Vec<(String, u64, String)> = if is_json {
        let whole: Spec = serde_json::from_str(response.text()).map_err(|error| error.to_string())?;
        let one = |answer: &Spec| {
            let id = answer["id"].as_str().unwrap_or_default().to_owned();
            (id, answer["status"].as_u64().unwrap_or_default(), answer["body"].to_string())
        };
        whole["responses"].as_array().ok_or("no responses")?.iter().map(one).collect()
    } else {
        let one =
            |part: crate::support::multipart::Answered| (part.id.unwrap_or_default(), part.status.into(), part.body);
        multipart_answers(response).into_iter().flatten().map(one).collect()
    };
    let found: Vec<u64> = answers.iter().map(|(_, status, _)| *status).collect();
    if found.iter().map(|status| Spec::from(*status)).ne(statuses.iter().cloned()) {
        return Err(format!("statuses {found:?}: {}", response.text()));
    }
    for (number, (id, _, body)) in (1..).zip(&answers) {
        let code = check["code"].as_str().unwrap_or_default();
        if *id != number.to_string() || !body.contains(code) {
            return Err(format!("answer {number} has the id '{id}' and says {body}"));
        }
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}
