//! Requests as Salesforce sends them, replayed against the demo. `tests/cases/salesforce/requests.jsonl` holds one
//! request a line, with the meaning of its query written out once more, so that the expected rows are computed from the
//! generator's data by the evaluator and not by the server.
//!
//! Members of a line: `id`, `target` below the service root, `headers`, and `check`; or `id` and `skip` with the reason.
//! A check of rows says `rows` (the set), `select`, `filter` in prefix notation, `search`, `order`, `top`, `skip`,
//! `count`, `exactly` (how many rows there must be) or `some` (at least one), and `after`: the request continues behind
//! the row with this key, by a link that this server gave.

use std::collections::BTreeMap;

use penstock::edm::Value;
use serde_json::Value as Spec;

use crate::differential::eval::{Expr, Function, Item, Operator, read};
use crate::differential::rows;
use crate::differential::value::{Column, Table, Type};
use crate::support::databases::{KINDS, Kind};
use crate::support::demo::{self, Set};
use crate::support::http::Response;
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer, password_hash};
use crate::support::{project, read_text};

const ROOT: &str = "/odata/v4/erp/";
/// `demo:demo`
pub(crate) const CREDENTIALS: (&str, &str) = ("Authorization", "Basic ZGVtbzpkZW1v");
/// Salesforce refuses longer answers.
const ANSWER_BYTES_MAX: usize = 8_000_000;

#[test]
fn every_request_of_salesforce_gets_the_right_rows_from_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    replay(&TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], folder), "the demo");
}

#[test]
fn every_request_of_salesforce_gets_the_right_rows_from_every_database() {
    for kind in KINDS {
        if kind == Kind::Sqlite {
            continue; // this is the demo itself
        }
        let Some(databases) = demo::databases(kind) else { continue };
        replay(&serve_demo(&databases.sources, ""), kind.name());
    }
}

/// A server with the demo's model on these sources.
pub(crate) fn serve_demo(sources: &str, more: &str) -> TestServer {
    demo_setup(sources, more).start()
}

/// The part of a configuration that lets in a user whose password is the name.
pub(crate) fn user(name: &str) -> String {
    let hash = password_hash(name);
    format!("[[users]]\nname = \"{name}\"\npassword_hash = \"{hash}\"\n")
}

/// The configuration of such a server. `more` are lines of the top level and sections.
pub(crate) fn demo_setup(sources: &str, more: &str) -> Setup {
    let user = user("demo");
    let config =
        format!("{more}\n{sources}\n[services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\n{user}");
    Setup::new(&config).files("metadata", &project("metadata"), |text| text)
}

fn replay(server: &TestServer, place: &str) {
    let sets: BTreeMap<String, Set> = demo::sets().into_iter().map(|set| (set.name.clone(), set)).collect();
    let text = read_text(&project("tests/cases/salesforce/requests.jsonl"));
    let (mut replayed, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for line in text.lines() {
        let case: Spec = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let id = case["id"].as_str().unwrap();
        if let Some(reason) = case["skip"].as_str() {
            skipped.push(format!("{id}: {reason}"));
            continue;
        }
        replayed += 1;
        if let Err(what) = check(server, &sets, &case) {
            wrong.push(format!("{id}: {what}"));
        }
    }
    eprintln!("Salesforce requests on {place}: {replayed} replayed, skipped:\n  {}", skipped.join("\n  "));
    assert!(replayed >= 100, "only {replayed} requests");
    assert!(wrong.is_empty(), "{} of {replayed} on {place} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(server: &TestServer, sets: &BTreeMap<String, Set>, case: &Spec) -> Result<(), String> {
    let target = format!("{ROOT}{}", case["target"].as_str().unwrap());
    let mut headers: Vec<(&str, &str)> = Vec::new();
    if let Some(given) = case["headers"].as_object() {
        headers.extend(given.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())));
    }
    if !headers.iter().any(|(name, _)| *name == "Authorization") {
        headers.push(CREDENTIALS);
    }
    let check = &case["check"];
    if let Some(after) = check["after"].as_array() {
        let set = set_of(sets, check, "rows")?;
        return check_continuation(server, set, check, &target, &headers, after);
    }
    let response = server.get_with(&target, &headers);
    let version = if headers.contains(&("OData-MaxVersion", "4.0")) { &["4.0"][..] } else { &["4.0", "4.01"][..] };
    if !response.header("odata-version").is_some_and(|found| version.contains(&found)) {
        return Err(format!("OData-Version is {:?}", response.header("odata-version")));
    }
    if let Some(status) = check["status"].as_u64() {
        return check_refusal(&response, status, check);
    }
    if response.status != 200 {
        return Err(format!("status {}: {}\n  {target}", response.status, String::from_utf8_lossy(&response.body)));
    }
    if check["metadata"] == true {
        return check_metadata(&response, sets);
    }
    let body = plain_body(&response, &headers)?;
    let json = Json::read(&body)?;
    if check["service"] == true {
        return check_service(&json, sets);
    }
    if check["entity"].is_string() {
        let set = set_of(sets, check, "entity")?;
        let place = row_with_key(&set.table, check["key"].as_array().unwrap())?;
        let columns: Vec<usize> = (0..set.table.columns.len()).collect();
        return rows::compare_row(&set.table, &columns, &set.table.rows[place], &json);
    }
    let set = set_of(sets, check, "rows")?;
    let wanted = wanted_rows(set, check)?;
    check_pages(server, set, check, &wanted, json, &headers)
}

/// What a check of rows wants: all matching rows in order, and those of the answer.
struct Wanted {
    matching: usize,
    rows: Vec<usize>,
    columns: Vec<usize>,
}

fn wanted_rows(set: &Set, check: &Spec) -> Result<Wanted, String> {
    let table = &set.table;
    let filter = check.get("filter").map(|filter| condition(filter, table)).transpose()?;
    let mut order = Vec::new();
    for item in check["order"].as_array().unwrap_or(&Vec::new()) {
        let item = item.as_str().unwrap();
        let (name, direction) = item.split_once(' ').unwrap_or((item, "asc"));
        order.push(Item { column: table.column(name), descending: direction == "desc" });
    }
    let mut matching = read(table, filter.as_ref(), &order);
    if let Some(phrase) = check["search"].as_str() {
        let phrase = phrase.to_lowercase();
        let has = |value: &Value| matches!(value, Value::String(text) if text.to_lowercase().contains(&phrase));
        matching.retain(|row| set.searchable.iter().any(|column| has(&table.rows[*row][*column])));
    }
    let number = |name: &str| check[name].as_u64().and_then(|number| usize::try_from(number).ok());
    let total = matching.len();
    let behind = match check["after"].as_array() {
        Some(key) => {
            let row = row_with_key(table, key)?;
            matching.iter().position(|place| *place == row).ok_or("the key of `after` does not match")? + 1
        }
        None => 0,
    };
    let rows: Vec<usize> = matching
        .into_iter()
        .skip(behind + number("skip").unwrap_or(0))
        .take(number("top").unwrap_or(usize::MAX))
        .collect();
    if number("exactly").is_some_and(|count| count != rows.len()) {
        return Err(format!("the demo's data have {} such rows", rows.len()));
    }
    if check["some"] == true && rows.is_empty() {
        return Err("the demo's data have no such row, so the case proves nothing".to_owned());
    }
    let columns = match check["select"].as_array() {
        Some(names) => names.iter().map(|name| name.as_str().map(|name| table.column(name)).unwrap()).collect(),
        None => (0..table.columns.len()).collect(),
    };
    Ok(Wanted { matching: total, rows, columns })
}

/// Follows the next links and compares rows, counts and sizes.
fn check_pages(
    server: &TestServer,
    set: &Set,
    check: &Spec,
    wanted: &Wanted,
    first: Json,
    headers: &[(&str, &str)],
) -> Result<(), String> {
    let mut found = Vec::new();
    let mut page = first;
    loop {
        let count = page.get("@odata.count").map(Json::to_string);
        let expected = (check["count"] == true).then(|| wanted.matching.to_string());
        if count != expected {
            return Err(format!("@odata.count is {count:?} instead of {expected:?}"));
        }
        found.extend_from_slice(page.get("value").and_then(Json::as_array).ok_or("no array of rows")?);
        if found.len() > wanted.rows.len() {
            break;
        }
        let Some(link) = page.get("@odata.nextLink").and_then(Json::as_str) else { break };
        let response = server.get_with(server.target_of(link), headers);
        if response.status != 200 {
            return Err(format!("status {} of the next link {link}", response.status));
        }
        page = Json::read(&plain_body(&response, headers)?)?;
    }
    rows::compare(&set.table, &wanted.columns, &wanted.rows, &found)
}

/// Reads up to the row of `after` in one page, so that the server gives a link behind it, and follows the link.
fn check_continuation(
    server: &TestServer,
    set: &Set,
    check: &Spec,
    target: &str,
    headers: &[(&str, &str)],
    after: &[Spec],
) -> Result<(), String> {
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
    let mut with_preference = headers.to_vec();
    with_preference.push(("Prefer", &preference));
    let response = server.get_with(&target, &with_preference);
    if response.status != 200 {
        return Err(format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
    }
    let first = Json::read(response.text())?;
    let rows = first.get("value").and_then(Json::as_array).map_or(0, <[Json]>::len);
    if rows != page_rows {
        return Err(format!("{preference} gives a page of {rows} rows"));
    }
    let link = first.get("@odata.nextLink").and_then(Json::as_str).ok_or("no next link")?;
    let response = server.get_with(server.target_of(link), headers);
    if response.status != 200 {
        return Err(format!("status {} of the next link {link}", response.status));
    }
    check_pages(server, set, check, &wanted_rows(set, check)?, Json::read(response.text())?, headers)
}

/// The body without its content coding, which only `Accept-Encoding` may bring.
fn plain_body(response: &Response, headers: &[(&str, &str)]) -> Result<String, String> {
    let asked = headers.iter().any(|(name, value)| *name == "Accept-Encoding" && *value == "gzip");
    let body = match response.header("content-encoding") {
        Some("gzip") if asked => crate::support::http::gunzip(&response.body),
        None if !asked => response.body.clone(),
        other => return Err(format!("the content coding is {other:?}")),
    };
    let kind = response.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") || !kind.contains("metadata=") {
        return Err(format!("the content type is '{kind}'"));
    }
    if body.len() > ANSWER_BYTES_MAX {
        return Err(format!("an answer of {} bytes", body.len()));
    }
    String::from_utf8(body).map_err(|error| error.to_string())
}

fn check_refusal(response: &Response, status: u64, check: &Spec) -> Result<(), String> {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    if u64::from(response.status) != status {
        return Err(format!("status {} instead of {status}: {body}", response.status));
    }
    if status == 401 && response.header("www-authenticate").is_none() {
        return Err("401 without WWW-Authenticate".to_owned());
    }
    let json = Json::read(&body)?;
    let error = json.get("error").ok_or("no error object")?;
    let member = |name: &str| error.get(name).and_then(Json::as_str).unwrap_or_default();
    if member("code").is_empty() || member("message").is_empty() {
        return Err(format!("code or message is missing: {body}"));
    }
    if check["code"].as_str().is_some_and(|code| code != member("code")) {
        return Err(format!("the code is {}", member("code")));
    }
    if check["names"].as_str().is_some_and(|name| !member("message").contains(name)) {
        return Err(format!("the message does not name {}: {}", check["names"], member("message")));
    }
    Ok(())
}

fn check_metadata(response: &Response, sets: &BTreeMap<String, Set>) -> Result<(), String> {
    if !response.header("content-type").is_some_and(|kind| kind.starts_with("application/xml")) {
        return Err(format!("the content type is {:?}", response.header("content-type")));
    }
    let text = response.text();
    let occurrences = |part: &str| text.matches(part).count();
    let counts = [
        ("<EntityContainer ", 1),
        ("<Schema ", 1),
        ("<EntitySet ", sets.len()),
        ("<EntityType ", sets.len()),
        ("<Key>", sets.len()),
        ("<edmx:Reference", 0),
    ];
    for (part, count) in counts {
        if occurrences(part) != count {
            return Err(format!("{part} stands {} times instead of {count}", occurrences(part)));
        }
    }
    for set in sets.values() {
        for column in &set.table.columns {
            if !text.contains(&format!("<Property Name=\"{}\" Type=\"Edm.{:?}\"", column.name, column.ty)) {
                return Err(format!("the property {} of {} is missing", column.name, set.name));
            }
        }
    }
    Ok(())
}

fn check_service(json: &Json, sets: &BTreeMap<String, Set>) -> Result<(), String> {
    let context = json.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
    if !context.ends_with("/odata/v4/erp/$metadata") {
        return Err(format!("the context is '{context}'"));
    }
    let items = json.get("value").and_then(Json::as_array).ok_or("no array of sets")?;
    let mut names: Vec<&str> = items.iter().filter_map(|item| item.get("url")?.as_str()).collect();
    names.sort_unstable();
    if names == sets.keys().map(String::as_str).collect::<Vec<_>>() { Ok(()) } else { Err(format!("sets {names:?}")) }
}

fn set_of<'a>(sets: &'a BTreeMap<String, Set>, check: &Spec, member: &str) -> Result<&'a Set, String> {
    let name = check[member].as_str().ok_or_else(|| format!("no {member}"))?;
    sets.get(name).ok_or_else(|| format!("no set {name}"))
}

fn row_with_key(table: &Table, key: &[Spec]) -> Result<usize, String> {
    let wanted: Vec<Value> = table
        .key
        .iter()
        .zip(key)
        .map(|(column, text)| typed(text.as_str().unwrap(), &table.columns[*column]))
        .collect();
    let has_key = |row: &Vec<Value>| table.key.iter().zip(&wanted).all(|(column, value)| row[*column] == *value);
    table.rows.iter().position(has_key).ok_or_else(|| format!("the demo's data have no row {key:?}"))
}

/// A condition in prefix notation: `["eq", "Status", {"value": "Open"}]`.
fn condition(spec: &Spec, table: &Table) -> Result<Expr, String> {
    match spec {
        Spec::Bool(value) => return Ok(Expr::Literal(Value::Boolean(*value))),
        Spec::Null => return Ok(Expr::Literal(Value::Null)),
        Spec::String(name) => return Ok(Expr::Property(table.column(name))),
        _ => {}
    }
    let items = spec.as_array().filter(|items| items.len() >= 2).ok_or_else(|| format!("no condition: {spec}"))?;
    let word = items[0].as_str().unwrap_or_default();
    let boxed = |expr: Result<Expr, String>| expr.map(Box::new);
    let compare = |operator| {
        let column = column_of(&items[1], table).or_else(|| column_of(&items[2], table));
        let (left, right) = (operand(&items[1], column, table), operand(&items[2], column, table));
        Ok(Expr::Compare(operator, boxed(left)?, boxed(right)?))
    };
    let call = |function| {
        let column = column_of(&items[1], table);
        Ok(Expr::Call(function, boxed(condition(&items[1], table))?, boxed(operand(&items[2], column, table))?))
    };
    match word {
        "and" | "or" => {
            let mut expr = condition(&items[1], table)?;
            for item in &items[2..] {
                let (left, right) = (Box::new(expr), boxed(condition(item, table))?);
                expr = if word == "and" { Expr::And(left, right) } else { Expr::Or(left, right) };
            }
            Ok(expr)
        }
        "not" => Ok(Expr::Not(boxed(condition(&items[1], table))?)),
        "in" => {
            let column = column_of(&items[1], table).ok_or("`in` needs a property")?;
            let members = items[2].as_array().ok_or("`in` needs a list")?;
            let members = members.iter().map(|member| typed(member["value"].as_str().unwrap(), column)).collect();
            Ok(Expr::In(boxed(condition(&items[1], table))?, members))
        }
        "eq" => compare(Operator::Eq),
        "ne" => compare(Operator::Ne),
        "gt" => compare(Operator::Gt),
        "ge" => compare(Operator::Ge),
        "lt" => compare(Operator::Lt),
        "le" => compare(Operator::Le),
        "contains" => call(Function::Contains),
        "startswith" => call(Function::StartsWith),
        "endswith" => call(Function::EndsWith),
        other => Err(format!("no operator '{other}'")),
    }
}

fn column_of<'a>(spec: &Spec, table: &'a Table) -> Option<&'a Column> {
    spec.as_str().map(|name| &table.columns[table.column(name)])
}

fn operand(spec: &Spec, column: Option<&Column>, table: &Table) -> Result<Expr, String> {
    match (spec["value"].as_str(), column) {
        (Some(text), Some(column)) => Ok(Expr::Literal(typed(text, column))),
        (Some(text), None) => Err(format!("'{text}' stands beside no property")),
        (None, _) => condition(spec, table),
    }
}

/// The value of a text as the column's type has it.
fn typed(text: &str, column: &Column) -> Value {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    match column.ty {
        Type::Boolean => Value::Boolean(text.parse().unwrap()),
        Type::Single | Type::Double => Value::Double(text.parse().unwrap()),
        Type::Decimal => Value::Decimal(text.parse().unwrap()),
        Type::String => Value::String(text.into()),
        Type::Guid => Value::Guid(text.parse::<uuid::Uuid>().unwrap().into_bytes()),
        // Salesforce holds dates as instants: the date of an instant in UTC is meant.
        Type::Date => {
            let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
            Value::Date(i32::try_from(instant(&text).timestamp().div_euclid(86_400)).unwrap())
        }
        Type::DateTimeOffset => Value::DateTimeOffset(instant(text).timestamp_micros()),
        _ => Value::Int(text.parse().unwrap()),
    }
}

/// The expected rows come from the same data that the server shows, so the cases themselves are tested without it.
#[test]
fn every_case_finds_its_rows_in_the_data() {
    let sets: BTreeMap<String, Set> = demo::sets().into_iter().map(|set| (set.name.clone(), set)).collect();
    let mut wrong = Vec::new();
    for line in read_text(&project("tests/cases/salesforce/requests.jsonl")).lines() {
        let case: Spec = serde_json::from_str(line).unwrap();
        if case["check"]["rows"].is_string()
            && let Err(what) = wanted_rows(set_of(&sets, &case["check"], "rows").unwrap(), &case["check"])
        {
            wrong.push(format!("{}: {what}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
