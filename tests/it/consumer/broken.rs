//! A server that is wrong in one thing at a time, made of the real one by changing its answers: the look-alike must see
//! it. What only the rows themselves can tell is seen by the oracle.

use std::cell::Cell as Flag;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::oracle::Oracle;
use super::org::{
    Adapter, Cell, Checked, Condition, DataSource, ExternalObject, Field, Paging, Query, Settings, View, Wire,
};
use super::{ROOT, paged, tour};
use crate::support::databases::Kind;
use crate::support::demo;
use crate::support::http::{Client, Response};
use crate::support::json::Json;

type Change = fn(&mut Response);
type Screen = fn(&mut DataSource) -> Checked<()>;

/// What is changed, in answers to targets that hold a text; the screen that meets it; and what the look-alike says.
struct Case(&'static str, Change, &'static str, Screen, &'static str);

struct Tampered {
    client: Client,
    change: Change,
    only: &'static str,
    met: Rc<Flag<bool>>,
}

impl Wire for Tampered {
    fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> io::Result<Response> {
        let mut response = Wire::get(&mut self.client, target, headers)?;
        if target.contains(self.only) {
            self.met.set(true);
            (self.change)(&mut response);
        }
        Ok(response)
    }
}

// --- changes ---------------------------------------------------------------------------------------------------------

fn json(response: &mut Response, change: impl FnOnce(&mut Json)) {
    let mut json = Json::read(response.text()).unwrap();
    change(&mut json);
    response.body = json.to_string().into_bytes();
}

fn members(json: &mut Json) -> &mut Vec<(String, Json)> {
    let Json::Object(members) = json else { panic!("{json}") };
    members
}

fn member<'a>(json: &'a mut Json, name: &str) -> &'a mut Json {
    members(json).iter_mut().find(|(member, _)| member == name).map(|(_, value)| value).expect("a member")
}

fn rows(json: &mut Json) -> &mut Vec<Json> {
    let Json::Array(rows) = member(json, "value") else { panic!("no rows") };
    rows
}

/// Sets a property of the third row.
fn set(response: &mut Response, name: &str, value: &Json) {
    json(response, |json| *member(&mut rows(json)[2], name) = value.clone());
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

fn number(value: &str) -> Json {
    Json::Number(value.to_owned())
}

fn header(response: &mut Response, name: &str, value: Option<&str>) {
    response.headers.retain(|(header, _)| header != name);
    response.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

fn link(response: &mut Response, change: impl FnOnce(&str) -> String) {
    json(response, |json| {
        let Json::String(link) = member(json, "@odata.nextLink") else { panic!("no link") };
        *link = change(link);
    });
}

/// A service document without its last set.
fn shorter(response: &mut Response) {
    if response.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        json(response, |json| drop(rows(json).pop()));
    }
}

fn refuse(response: &mut Response, status: u16, body: &str) {
    response.status = status;
    response.body = body.as_bytes().to_vec();
}

// --- screens ---------------------------------------------------------------------------------------------------------

fn query(data: &DataSource, table: &str) -> Checked<(Arc<ExternalObject>, Query)> {
    let object = data.object(table)?;
    let everything = object.fields_that(|_| true);
    Ok((object.clone(), Query { top: Some(26), ..Query::of(&object, &everything) }))
}

fn list(data: &mut DataSource) -> Checked<()> {
    let (_, query) = query(data, "Orders")?;
    data.read(query).map(drop)
}

fn products(data: &mut DataSource) -> Checked<()> {
    let (_, query) = query(data, "Products")?;
    data.read(query).map(drop)
}

fn shipments(data: &mut DataSource) -> Checked<()> {
    let (_, query) = query(data, "Shipments")?;
    data.read(query).map(drop)
}

fn filtered(data: &mut DataSource) -> Checked<()> {
    let (object, query) = query(data, "Orders")?;
    let filter = Some(Condition::is(object.column("Status")?, Cell::Text("Open".to_owned())));
    data.read(Query { filter, ..query }).map(drop)
}

fn uncounted(data: &mut DataSource) -> Checked<()> {
    data.settings.row_counts = false;
    let result = list(data);
    data.settings.row_counts = true;
    result
}

fn ordered(data: &mut DataSource) -> Checked<()> {
    let (object, query) = query(data, "Orders")?;
    let order = vec![(object.column("Status")?, false)];
    data.read(Query { order, ..query }).map(drop)
}

/// Along next links: 501 rows on pages of 200.
fn chain(data: &mut DataSource) -> Checked<()> {
    data.settings.paging = Paging::Server;
    let (_, query) = query(data, "Orders")?;
    let result = data.read(Query { top: Some(501), ..query }).map(drop);
    data.settings.paging = Paging::Client;
    result
}

/// By `$skip`, in two pages that overlap by one row.
fn skipped(data: &mut DataSource) -> Checked<()> {
    data.settings.row_counts = false;
    let object = data.object("Orders")?;
    let mut list = data.list(&object, &View::of(&object))?;
    let result = data.next(&mut list);
    data.settings.row_counts = true;
    result
}

fn batches(data: &mut DataSource) -> Checked<()> {
    let object = data.object("Accounts")?;
    data.batch(&object, &View::of(&object), 100).map(drop)
}

fn record(data: &mut DataSource) -> Checked<()> {
    let object = data.object("Accounts")?;
    data.record(&object, &[Cell::Text("ALFKI".to_owned())]).map(drop)
}

fn lists(data: &mut DataSource) -> Checked<()> {
    data.validate_and_sync()
}

fn search(data: &mut DataSource) -> Checked<()> {
    data.settings.free_text = true;
    let object = data.object("Accounts")?;
    let result = data.search(&object, &object.fields_that(Field::is_searched), "Acme").map(drop);
    data.settings.free_text = false;
    result
}

fn unknown_column(data: &mut DataSource) -> Checked<()> {
    data.refused("Orders?$select=Nothing", &[]).map(drop)
}

fn cases() -> Vec<Case> {
    vec![
        // The head.
        Case("Orders", |r| header(r, "odata-version", None), "", list, "OData-Version"),
        Case("Orders", |r| header(r, "odata-version", Some("4.01")), "", list, "OData-Version"),
        Case("Orders", |r| header(r, "content-type", Some("text/html")), "", list, "content type"),
        Case(
            "Orders",
            |r| header(r, "content-type", Some("application/json;odata.metadata=minimal")),
            "",
            list,
            "content type",
        ),
        Case("Orders", |r| header(r, "content-encoding", Some("gzip")), "", list, "nobody asked for"),
        Case("Orders", |r| refuse(r, 302, ""), "", list, "status 302"),
        Case("Orders", |r| r.body.extend(vec![b' '; 8_000_000]), "", list, "bytes"),
        Case("Orders", |r| r.body.truncate(1_000), "", list, "JSON"),
        // The page.
        Case("Orders", |r| json(r, |j| *member(j, "@odata.count") = text("20000")), "", list, "no number"),
        Case(
            "Orders",
            |r| json(r, |j| *member(j, "@odata.count") = number("2147483648")),
            "",
            list,
            "@odata.count is 2147483648",
        ),
        Case("Orders", |r| json(r, |j| *member(j, "@odata.count") = number("-1")), "", list, "@odata.count is -1"),
        Case("Orders", |r| json(r, |j| members(j).retain(|(name, _)| name != "@odata.count")), "", list, "asked for"),
        Case(
            "Orders",
            |r| json(r, |j| members(j).push(("@odata.count".to_owned(), number("20000")))),
            "",
            uncounted,
            "although it was not",
        ),
        Case(
            "Orders",
            |r| json(r, |j| *member(j, "@odata.context") = text("$metadata#Orders")),
            "",
            list,
            "the context",
        ),
        Case("Orders", |r| json(r, |j| *member(j, "value") = Json::Null), "", list, "no array"),
        Case(
            "Orders",
            |r| {
                json(r, |j| {
                    let row = rows(j)[0].clone();
                    rows(j).resize(2_001, row);
                });
            },
            "",
            list,
            "2001 rows",
        ),
        Case(
            "Orders",
            |r| {
                json(r, |j| {
                    let row = rows(j)[25].clone();
                    rows(j).push(row);
                });
            },
            "",
            uncounted,
            "more rows than asked for",
        ),
        // Rows and values.
        Case("Orders", |r| json(r, |j| drop(rows(j).pop())), "", list, "25 rows of"),
        Case("Orders", |r| json(r, |j| rows(j)[3] = rows(j)[2].clone()), "", list, "a key stands twice"),
        Case("Orders", |r| json(r, |j| rows(j).swap(3, 4)), "", list, "out of order"),
        Case("Orders", |r| json(r, |j| rows(j).reverse()), "", ordered, "out of order"),
        Case(
            "Orders",
            |r| json(r, |j| members(&mut rows(j)[2]).retain(|(name, _)| name != "Status")),
            "",
            list,
            "properties",
        ),
        Case(
            "Orders",
            |r| json(r, |j| members(&mut rows(j)[2]).push(("More".to_owned(), Json::Null))),
            "",
            list,
            "no column More",
        ),
        Case("Orders", |r| set(r, "OrderID", &text("10250")), "", list, "no value of Int32"),
        Case("Orders", |r| set(r, "OrderID", &number("10250.0")), "", list, "no value of Int32"),
        Case("Orders", |r| set(r, "OrderID", &number("10250000000")), "", list, "no Int32"),
        Case(
            "Orders",
            |r| set(r, "OrderDate", &text("2024-05-01T00:00:00+02:00")),
            "",
            list,
            "no value of DateTimeOffset",
        ),
        Case("Orders", |r| set(r, "OrderDate", &text("2024-05-01")), "", list, "no value of DateTimeOffset"),
        Case("Orders", |r| set(r, "IsClosed", &Json::Null), "", list, "is null"),
        Case("Orders", |r| set(r, "IsClosed", &number("0")), "", list, "no value of Boolean"),
        Case("Orders", |r| set(r, "Currency", &text("EURO")), "", list, "4 characters"),
        Case("Orders", |r| set(r, "TotalAmount", &number("0.001")), "", list, "digits"),
        Case("Orders", |r| set(r, "TotalAmount", &number("12345678901234567.5")), "", list, "digits"),
        Case("Orders", |r| set(r, "TotalAmount", &text("1.5")), "", list, "no value of Decimal"),
        Case("Orders", |r| set(r, "@odata.id", &text("Orders(10250)")), "", list, "@odata.id"),
        Case("Products", |r| set(r, "ReleasedOn", &text("2024-05-02T00:00:00Z")), "", products, "no value of Date"),
        Case(
            "Shipments",
            |r| set(r, "ShipmentID", &text("3F2504E0-4F89-11D3-9A0C-0305E82C3301")),
            "",
            shipments,
            "no value of Guid",
        ),
        // The echo rule.
        Case("Orders", |r| set(r, "Status", &text("open")), "", filtered, "does not meet"),
        Case("Orders", |r| set(r, "Status", &text("Open ")), "", filtered, "does not meet"),
        Case(
            "Accounts",
            |r| json(r, |j| *member(&mut rows(j)[0], "AccountID") = text("alfki")),
            "",
            record,
            "does not meet",
        ),
        Case("Accounts", |r| json(r, |j| *member(j, "@odata.count") = number("2")), "", record, "records have the key"),
        Case(
            "Accounts",
            |r| {
                json(r, |j| {
                    *member(&mut rows(j)[0], "AccountID") = text("AC");
                    for name in ["Name", "Phone", "Website", "City", "Country", "Industry"] {
                        *member(&mut rows(j)[0], name) = text("x");
                    }
                });
            },
            "",
            search,
            "a row without 'Acme'",
        ),
        // Next links.
        Case("Orders", |r| link(r, |l| l[l.find("Orders").unwrap()..].to_owned()), "", chain, "leads elsewhere"),
        Case("Orders", |r| link(r, |l| l.replace("://", "://internal.")), "", chain, "leads elsewhere"),
        Case("Orders", |r| link(r, |l| l.replace("top=301", "top=501")), "", chain, "$top should be"),
        Case("Orders", |r| link(r, |l| l.replace("count=true", "count=false")), "", chain, "$count"),
        Case("Orders", |r| link(r, |l| l.replace("select=", "sel=")), "", chain, "$select"),
        Case("Orders", |r| link(r, |l| l.replace("skiptoken=", "token=")), "", chain, "no $skiptoken"),
        Case(
            "Orders",
            |r| json(r, |j| members(j).push(("@odata.nextLink".to_owned(), text("x")))),
            "",
            list,
            "a next link, although",
        ),
        Case(
            "Orders",
            |r| json(r, |j| members(j).retain(|(name, _)| name != "@odata.nextLink")),
            "",
            chain,
            "200 rows of",
        ),
        Case(
            "Orders",
            |r| json(r, |j| *member(j, "@odata.count") = number("19999")),
            "skiptoken",
            chain,
            "the total was",
        ),
        Case(
            "Orders",
            |r| {
                json(r, |j| {
                    let first = rows(j)[0].clone();
                    *rows(j).last_mut().unwrap() = first;
                });
            },
            "skiptoken",
            chain,
            "a key stands twice",
        ),
        // Client-driven pages.
        Case(
            "Orders",
            |r| {
                json(r, |j| {
                    rows(j).truncate(10);
                    let link = format!("{}x", member(j, "@odata.context"));
                    members(j).push(("@odata.nextLink".to_owned(), text(&link)));
                });
            },
            "",
            list,
            "is cut",
        ),
        Case("Orders", |r| json(r, |j| drop(rows(j).remove(0))), "skip=25", skipped, "the next page begins with"),
        Case(
            "Accounts",
            |r| json(r, |j| *member(j, "@odata.count") = number("3000")),
            "skip",
            batches,
            "the total was",
        ),
        // The registration.
        Case(
            "$metadata",
            |r| header(r, "content-type", Some("application/json")),
            "",
            lists,
            "$metadata is of the type",
        ),
        Case("$metadata", |r| r.body.insert(0, b'\n'), "", lists, "declaration"),
        Case("$metadata", |r| refuse(r, 200, "<?xml version=\"1.0\"?><html/>"), "", lists, "the root is html"),
        Case("/erp/", shorter, "", lists, "the service document lists"),
        // Refusals.
        Case("Orders", |r| header(r, "content-type", Some("text/html")), "", unknown_column, "an error of the type"),
        Case("Orders", |r| refuse(r, 400, "{\"error\":\"no\"}"), "", unknown_column, "no error with code"),
        Case(
            "Orders",
            |r| refuse(r, 400, "{\"error\":{\"code\":\"x\",\"message\":\"syntax error in SELECT a\"}}"),
            "",
            unknown_column,
            "the message tells",
        ),
        Case(
            "Orders",
            |r| refuse(r, 401, "{\"error\":{\"code\":\"x\",\"message\":\"Who?\"}}"),
            "",
            unknown_column,
            "WWW-Authenticate",
        ),
        Case("Orders", |r| refuse(r, 200, "{}"), "", unknown_column, "status 200"),
    ]
}

#[test]
fn every_fault_of_a_server_is_seen() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = paged(&databases.sources, 200, "");
    let settings = tour::settings(&format!("http://{}{ROOT}", server.address));
    let mut honest = DataSource::new(settings.clone(), Box::new(Client::new(server.address)));
    honest.validate_and_sync().unwrap();
    let mut wrong = Vec::new();
    for (place, Case(only, change, also, screen, told)) in cases().into_iter().enumerate() {
        screen(&mut honest).unwrap_or_else(|error| panic!("case {place} without its fault: {}", error.0));
        let met = Rc::new(Flag::new(false));
        let only = if also.is_empty() { only } else { also };
        let wire = Tampered { client: Client::new(server.address), change, only, met: met.clone() };
        let mut data = DataSource::new(settings.clone(), Box::new(wire));
        data.objects.clone_from(&honest.objects);
        match screen(&mut data) {
            Ok(()) => wrong.push(format!("case {place} is not seen: {told} ({})", met.get())),
            Err(error) if !error.0.contains(told) => wrong.push(format!("case {place}, {told}: {}", error.0)),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What looks right but is not what the database holds: only who knows the rows can see it.
#[test]
fn answers_that_only_look_right_are_seen_by_the_oracle() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = paged(&databases.sources, 200, "");
    let settings = Settings { adapter: Adapter::V401, ..tour::settings(&format!("http://{}{ROOT}", server.address)) };
    let mut honest = DataSource::new(settings.clone(), Box::new(Client::new(server.address)));
    honest.validate_and_sync().unwrap();
    let oracle = Oracle::new(demo::sets());
    let changes: [(Change, Screen, &str); 5] = [
        // A record that is there.
        (
            |r| {
                json(r, |j| {
                    rows(j).clear();
                    *member(j, "@odata.count") = number("0");
                });
            },
            record,
            "instead of 1",
        ),
        // A row is left out, and the total with it.
        (
            |r| {
                json(r, |j| {
                    rows(j).remove(7);
                    *member(j, "@odata.count") = number("25");
                });
            },
            list,
            "instead of 20000",
        ),
        // A value of another row.
        (|r| json(r, |j| *member(&mut rows(j)[2], "ShipName") = text("Acme")), list, "instead of String"),
        // A null that is none.
        (|r| json(r, |j| *member(&mut rows(j)[0], "Notes") = text("")), list, "instead of"),
        // A cent less.
        (|r| json(r, |j| *member(&mut rows(j)[1], "TotalAmount") = number("0.01")), list, "instead of Decimal"),
    ];
    for (place, (change, screen, told)) in changes.into_iter().enumerate() {
        for judged in [false, true] {
            let met = Rc::new(Flag::new(false));
            let wire = Tampered { client: Client::new(server.address), change, only: "?", met: met.clone() };
            let mut data = DataSource::new(settings.clone(), Box::new(wire));
            if judged {
                data = data.judged_by(oracle.clone());
            }
            data.objects.clone_from(&honest.objects);
            let result = screen(&mut data).map_err(|error| error.0);
            assert!(met.get());
            match result {
                Ok(()) => assert!(!judged, "change {place} is not seen"),
                Err(error) => assert!(judged && error.contains(told), "change {place}: {error}"),
            }
        }
    }
}
