//! What every single answer must be: head, size, members of the page, form and fit of each value, and what a refusal
//! says.

use super::condition::Said;
use super::{Adapter, Cell, Checked, Condition, Operator, Query, Row, Settings, Wrong, ensure};
use crate::support::http::Response;
use crate::support::json::Json;

/// Salesforce reads no longer answer.
const BYTES_MAX: usize = 8_000_000;
/// Rows of one page.
const ROWS_MAX: usize = 2_000;

/// One page.
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    pub(super) count: Option<u64>,
    pub(super) next: Option<String>,
    pub(super) bytes: usize,
}

/// What an error payload tells.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// Judges status and headers.
pub(super) fn head(settings: &Settings, target: &str, response: &Response, status: u16) -> Checked<()> {
    let start = || target.chars().take(300).collect::<String>();
    ensure(response.status == status, || {
        let body: String = String::from_utf8_lossy(&response.body).chars().take(500).collect();
        format!("status {}: {}: {body}", response.status, start())
    })?;
    let versions = match settings.adapter {
        Adapter::V40 => &["4.0"][..],
        Adapter::V401 => &["4.0", "4.01"],
    };
    let version = header(response, "odata-version")?;
    ensure(version.is_some_and(|version| versions.contains(&version)), || {
        format!("OData-Version is {version:?}: {}", start())
    })?;
    let coding = header(response, "content-encoding")?;
    ensure(coding.is_none(), || format!("nobody asked for {coding:?}: {}", start()))?;
    ensure(response.body.len() <= BYTES_MAX, || format!("an answer of {} bytes: {}", response.body.len(), start()))
}

/// A header that stands there at most once.
fn header<'a>(response: &'a Response, name: &str) -> Checked<Option<&'a str>> {
    let mut values = response.headers.iter().filter(|(header, _)| header == name);
    let first = values.next().map(|(_, value)| value.as_str());
    ensure(values.next().is_none(), || format!("the header {name} stands twice"))?;
    Ok(first)
}

/// The JSON of an answer that must be 200.
pub(super) fn json(settings: &Settings, level: &str, target: &str, response: &Response) -> Checked<Json> {
    head(settings, target, response, 200)?;
    let kind = header(response, "content-type")?.unwrap_or_default();
    let is_json = kind.starts_with("application/json") && kind.contains(&format!("metadata={level}"));
    ensure(is_json, || format!("the content type is '{kind}'"))?;
    body(response)
}

fn body(response: &Response) -> Checked<Json> {
    let text = std::str::from_utf8(&response.body).map_err(|error| Wrong(format!("the body: {error}")))?;
    Json::read(text).map_err(Wrong)
}

/// The refusal of a request, as a user can be shown it.
pub(super) fn refusal(settings: &Settings, target: &str, response: &Response) -> Checked<Refusal> {
    head(settings, target, response, response.status)?;
    ensure(response.status >= 400, || format!("status {}: {target}", response.status))?;
    let kind = header(response, "content-type")?.unwrap_or_default();
    ensure(kind.starts_with("application/json"), || format!("an error of the type '{kind}'"))?;
    let json = body(response)?;
    let member = |name: &str| json.get("error")?.get(name)?.as_str().map(str::to_owned);
    let (Some(code), Some(message)) = (member("code"), member("message")) else {
        return Err(Wrong(format!("no error with code and message: {json}")));
    };
    let is_plain = !message.is_empty() && message.chars().count() < 255 && !message.contains('\n');
    ensure(!code.is_empty() && is_plain, || format!("no short sentence: {message}"))?;
    for secret in ["SELECT ", "select ", "sqlx", "panicked", ".rs:", "://", "/tmp"] {
        ensure(!message.contains(secret), || format!("the message tells '{secret}': {message}"))?;
    }
    if response.status == 401 {
        let how = header(response, "www-authenticate")?;
        ensure(how.is_some_and(|how| !how.is_empty()), || "401 without WWW-Authenticate".to_owned())?;
    }
    Ok(Refusal { status: response.status, message })
}

impl Page {
    /// Reads the page of a query, each row and value of it.
    pub(super) fn read(query: &Query, settings: &Settings, json: &Json, bytes: usize) -> Checked<Page> {
        let object = &query.object;
        let context = json.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
        let own = context.strip_prefix(&format!("{}$metadata#{}", settings.url, object.table));
        ensure(own.is_some_and(|rest| rest.is_empty() || rest.starts_with('(')), || {
            format!("the context is '{context}'")
        })?;
        let count = match json.get("@odata.count") {
            None => None,
            Some(Json::Number(text)) => {
                // The client reads an integer of 32 bits.
                let number = text.parse::<i32>().ok().and_then(|number| u64::try_from(number).ok());
                Some(number.ok_or_else(|| Wrong(format!("@odata.count is {text}")))?)
            }
            Some(other) => return Err(Wrong(format!("@odata.count is {other}, no number"))),
        };
        ensure(count.is_some() == settings.counts(), || {
            format!(
                "@odata.count is {count:?}, although it was {}",
                if settings.counts() { "asked for" } else { "not" }
            )
        })?;
        let next = match json.get("@odata.nextLink") {
            None => None,
            Some(Json::String(link)) => Some(link.clone()),
            Some(other) => return Err(Wrong(format!("the next link is {other}"))),
        };
        let items = json.get("value").and_then(Json::as_array).ok_or_else(|| Wrong("no array of rows".to_owned()))?;
        ensure(items.len() <= ROWS_MAX, || format!("a page of {} rows", items.len()))?;
        let rows = items.iter().map(|item| row(query, settings, item)).collect::<Result<_, _>>()?;
        Ok(Page { rows, count, next, bytes })
    }

    /// Notes values that do not fit their fields.
    pub(super) fn misfits(&self, query: &Query) -> Checked<Vec<String>> {
        let mut misfits = Vec::new();
        for row in &self.rows {
            for place in &query.select {
                let Some(cell) = row.cell(*place) else { continue };
                if let Some(misfit) = query.object.field(*place)?.fit(cell)? {
                    let misfit = format!("{}.{misfit}", query.object.table);
                    if !misfits.contains(&misfit) {
                        misfits.push(misfit);
                    }
                }
            }
        }
        Ok(misfits)
    }
}

fn row(query: &Query, settings: &Settings, json: &Json) -> Checked<Row> {
    let object = &query.object;
    let mut cells = vec![None; object.fields.len()];
    let mut asked = 0;
    for (name, value) in json.members() {
        if name.contains('@') {
            continue;
        }
        let place = object.column(name)?;
        ensure(query.select.contains(&place), || format!("{name} was not asked for: {json}"))?;
        let field = object.field(place)?;
        let cell = Cell::read(field.edm, value).map_err(|error| Wrong(format!("{name}: {}", error.0)))?;
        if let Some(slot) = cells.get_mut(place) {
            *slot = Some(cell);
        }
        asked += 1;
    }
    ensure(asked == query.select.len(), || format!("{asked} of {} properties: {json}", query.select.len()))?;
    if settings.adapter == Adapter::V40 {
        // Full metadata: the address of the record becomes its Display URL.
        let id = json.get("@odata.id").and_then(Json::as_str).unwrap_or_default();
        ensure(id.starts_with(&format!("{}{}", settings.url, object.table)) && id.len() <= 1_000, || {
            format!("@odata.id is '{id}'")
        })?;
        let ty = json.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
        ensure(ty.starts_with('#'), || format!("@odata.type is '{ty}'"))?;
    }
    let row = Row { cells, json: json.clone() };
    if let Some(filter) = &query.filter {
        echo(query, filter, &row)?;
    }
    Ok(row)
}

/// The echo rule: a row that does not show what was asked for is dropped without a word.
fn echo(query: &Query, filter: &Condition, row: &Row) -> Checked<()> {
    if matches!(filter.says(row), Said::Is(false) | Said::Null) {
        return Err(Wrong(format!("the row does not meet {filter:?}: {}", row.json)));
    }
    match filter {
        Condition::Compare(place, Operator::Eq, cell) => {
            let field = query.object.field(*place)?;
            let Some(found) = row.cell(*place) else { return Ok(()) };
            // Numbers must have the same text, too, or a lookup does not find them.
            let same = cell.literal(field.edm, false) == found.literal(field.edm, false)
                || !matches!(cell, Cell::Number(_))
                || matches!(field.edm, super::Edm::Decimal(_));
            ensure(same && found == cell, || format!("{} is {found:?}, asked for was {cell:?}", field.column))
        }
        Condition::And(parts) => parts.iter().try_for_each(|part| echo(query, part, row)),
        _ => Ok(()),
    }
}
