//! The faults: changes of answers, and what the look-alike says of each.

use super::{
    Case, batches, chain, filtered, list, lists, ordered, products, record, search, shipments, skipped, uncounted,
    unknown_column,
};
use crate::support::http::Response;
use crate::support::json::Json;

pub(super) fn json(response: &mut Response, change: impl FnOnce(&mut Json)) {
    let mut json = Json::read(response.text()).unwrap();
    change(&mut json);
    response.body = json.to_string().into_bytes();
}

pub(super) fn members(json: &mut Json) -> &mut Vec<(String, Json)> {
    let Json::Object(members) = json else { panic!("{json}") };
    members
}

pub(super) fn member<'a>(json: &'a mut Json, name: &str) -> &'a mut Json {
    members(json).iter_mut().find(|(member, _)| member == name).map(|(_, value)| value).expect("a member")
}

pub(super) fn rows(json: &mut Json) -> &mut Vec<Json> {
    let Json::Array(rows) = member(json, "value") else { panic!("no rows") };
    rows
}

/// Sets a property of the third row.
pub(super) fn set(response: &mut Response, name: &str, value: &Json) {
    json(response, |json| *member(&mut rows(json)[2], name) = value.clone());
}

pub(super) fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

pub(super) fn number(value: &str) -> Json {
    Json::Number(value.to_owned())
}

pub(super) fn header(response: &mut Response, name: &str, value: Option<&str>) {
    response.headers.retain(|(header, _)| header != name);
    response.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

pub(super) fn link(response: &mut Response, change: impl FnOnce(&str) -> String) {
    json(response, |json| {
        let Json::String(link) = member(json, "@odata.nextLink") else { panic!("no link") };
        *link = change(link);
    });
}

/// A service document without its last set.
pub(super) fn shorter(response: &mut Response) {
    if response.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        json(response, |json| drop(rows(json).pop()));
    }
}

pub(super) fn refuse(response: &mut Response, status: u16, body: &str) {
    response.status = status;
    response.body = body.as_bytes().to_vec();
}

/// All faults that an answer alone can show.
pub(super) fn cases() -> Vec<Case> {
    vec![
        // The head.
        Case("Orders", |r| header(r, "odata-version", None), list, "OData-Version"),
        Case("Orders", |r| header(r, "odata-version", Some("4.01")), list, "OData-Version"),
        Case("Orders", |r| header(r, "content-type", Some("text/html")), list, "content type"),
        Case(
            "Orders",
            |r| header(r, "content-type", Some("application/json;odata.metadata=minimal")),
            list,
            "content type",
        ),
        Case("Orders", |r| header(r, "content-encoding", Some("gzip")), list, "nobody asked for"),
        Case("Orders", |r| refuse(r, 302, ""), list, "status 302"),
        Case("Orders", |r| r.body.extend(vec![b' '; 8_000_000]), list, "bytes"),
        Case("Orders", |r| r.body.truncate(1_000), list, "JSON"),
        // The page.
        Case("Orders", |r| json(r, |j| *member(j, "@odata.count") = text("20000")), list, "no number"),
        Case(
            "Orders",
            |r| json(r, |j| *member(j, "@odata.count") = number("2147483648")),
            list,
            "@odata.count is 2147483648",
        ),
        Case("Orders", |r| json(r, |j| *member(j, "@odata.count") = number("-1")), list, "@odata.count is -1"),
        Case("Orders", |r| json(r, |j| members(j).retain(|(name, _)| name != "@odata.count")), list, "asked for"),
        Case(
            "Orders",
            |r| json(r, |j| members(j).push(("@odata.count".to_owned(), number("20000")))),
            uncounted,
            "although it was not",
        ),
        Case("Orders", |r| json(r, |j| *member(j, "@odata.context") = text("$metadata#Orders")), list, "the context"),
        Case("Orders", |r| json(r, |j| *member(j, "value") = Json::Null), list, "no array"),
        Case(
            "Orders",
            |r| {
                json(r, |j| {
                    let row = rows(j)[0].clone();
                    rows(j).resize(2_001, row);
                });
            },
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
            uncounted,
            "more rows than asked for",
        ),
        // Rows and values.
        Case("Orders", |r| json(r, |j| drop(rows(j).pop())), list, "25 rows of"),
        Case("Orders", |r| json(r, |j| rows(j)[3] = rows(j)[2].clone()), list, "a key stands twice"),
        Case("Orders", |r| json(r, |j| rows(j).swap(3, 4)), list, "out of order"),
        Case("Orders", |r| json(r, |j| rows(j).reverse()), ordered, "out of order"),
        Case(
            "Orders",
            |r| json(r, |j| members(&mut rows(j)[2]).retain(|(name, _)| name != "Status")),
            list,
            "properties",
        ),
        Case(
            "Orders",
            |r| json(r, |j| members(&mut rows(j)[2]).push(("More".to_owned(), Json::Null))),
            list,
            "no column More",
        ),
        Case("Orders", |r| set(r, "OrderID", &text("10250")), list, "no value of Int32"),
        Case("Orders", |r| set(r, "OrderID", &number("10250.0")), list, "no value of Int32"),
        Case("Orders", |r| set(r, "OrderID", &number("10250000000")), list, "no Int32"),
        Case("Orders", |r| set(r, "OrderDate", &text("2024-05-01T00:00:00+02:00")), list, "no value of DateTimeOffset"),
        Case("Orders", |r| set(r, "OrderDate", &text("2024-05-01")), list, "no value of DateTimeOffset"),
        Case("Orders", |r| set(r, "IsClosed", &Json::Null), list, "is null"),
        Case("Orders", |r| set(r, "IsClosed", &number("0")), list, "no value of Boolean"),
        Case("Orders", |r| set(r, "Currency", &text("EURO")), list, "4 characters"),
        Case("Orders", |r| set(r, "TotalAmount", &number("0.001")), list, "digits"),
        Case("Orders", |r| set(r, "TotalAmount", &number("12345678901234567.5")), list, "digits"),
        Case("Orders", |r| set(r, "TotalAmount", &text("1.5")), list, "no value of Decimal"),
        Case("Orders", |r| set(r, "@odata.id", &text("Orders(10250)")), list, "@odata.id"),
        Case("Products", |r| set(r, "ReleasedOn", &text("2024-05-02T00:00:00Z")), products, "no value of Date"),
        Case(
            "Shipments",
            |r| set(r, "ShipmentID", &text("3F2504E0-4F89-11D3-9A0C-0305E82C3301")),
            shipments,
            "no value of Guid",
        ),
        // The echo rule.
        Case("Orders", |r| set(r, "Status", &text("open")), filtered, "does not meet"),
        Case("Orders", |r| set(r, "Status", &text("Open ")), filtered, "does not meet"),
        Case(
            "Accounts",
            |r| json(r, |j| *member(&mut rows(j)[0], "AccountID") = text("alfki")),
            record,
            "does not meet",
        ),
        Case("Accounts", |r| json(r, |j| *member(j, "@odata.count") = number("2")), record, "records have the key"),
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
            search,
            "a row without 'Acme'",
        ),
        // Next links.
        Case("Orders", |r| link(r, |l| l[l.find("Orders").unwrap()..].to_owned()), chain, "leads elsewhere"),
        Case("Orders", |r| link(r, |l| l.replace("://", "://internal.")), chain, "leads elsewhere"),
        Case("Orders", |r| link(r, |l| l.replace("top=301", "top=501")), chain, "$top should be"),
        Case("Orders", |r| link(r, |l| l.replace("count=true", "count=false")), chain, "$count"),
        Case("Orders", |r| link(r, |l| l.replace("select=", "sel=")), chain, "$select"),
        Case("Orders", |r| link(r, |l| l.replace("skiptoken=", "token=")), chain, "no $skiptoken"),
        Case(
            "Orders",
            |r| json(r, |j| members(j).push(("@odata.nextLink".to_owned(), text("x")))),
            list,
            "a next link, although",
        ),
        Case("Orders", |r| json(r, |j| members(j).retain(|(name, _)| name != "@odata.nextLink")), chain, "200 rows of"),
        Case("skiptoken", |r| json(r, |j| *member(j, "@odata.count") = number("19999")), chain, "the total was"),
        Case(
            "skiptoken",
            |r| {
                json(r, |j| {
                    let first = rows(j)[0].clone();
                    *rows(j).last_mut().unwrap() = first;
                });
            },
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
            list,
            "is cut",
        ),
        Case("skip=25", |r| json(r, |j| drop(rows(j).remove(0))), skipped, "the next page begins with"),
        Case("skip", |r| json(r, |j| *member(j, "@odata.count") = number("3000")), batches, "the total was"),
        // The registration.
        Case("$metadata", |r| header(r, "content-type", Some("application/json")), lists, "$metadata is of the type"),
        Case("$metadata", |r| r.body.insert(0, b'\n'), lists, "declaration"),
        Case("$metadata", |r| refuse(r, 200, "<?xml version=\"1.0\"?><html/>"), lists, "the root is html"),
        Case("/erp/", shorter, lists, "the service document lists"),
        // Refusals.
        Case("Orders", |r| header(r, "content-type", Some("text/html")), unknown_column, "an error of the type"),
        Case("Orders", |r| refuse(r, 400, "{\"error\":\"no\"}"), unknown_column, "no error with code"),
        Case(
            "Orders",
            |r| refuse(r, 400, "{\"error\":{\"code\":\"x\",\"message\":\"syntax error in SELECT a\"}}"),
            unknown_column,
            "the message tells",
        ),
        Case(
            "Orders",
            |r| refuse(r, 401, "{\"error\":{\"code\":\"x\",\"message\":\"Who?\"}}"),
            unknown_column,
            "WWW-Authenticate",
        ),
        Case("Orders", |r| refuse(r, 200, "{}"), unknown_column, "status 200"),
    ]
}
