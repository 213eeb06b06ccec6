//! `$apply`: random sequences of transformations over random rows, answered by the real server on every database,
//! compared with an independent evaluation in memory; and what a role sees of it.
//!
//! `PENSTOCK_TEST_CASES` sets the number of requests per database, `PENSTOCK_TEST_SEED` the seed.

mod data;
mod eval;
mod generate;

use std::collections::BTreeMap;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use penstock::edm::Value;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::differential::seed;
use crate::support::databases::{Database, KINDS, Kind, date_text};
use crate::support::environment;
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};
use data::{Data, Dice};
use eval::Evaluator;
use generate::{Place, Request, request, target};

const ROOT: &str = "/odata/v4/test/";
/// What cannot stand in a URL as it is.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'+');

fn start(kind: Kind, data: &Data) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "aggregate")?;
    data::fill(&database, data);
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "[log]\nlevel = \"warn\"\n[limits]\nexpand_rows_max = 4\n[sources.shop]\nurl = \"{}\"\npool_max = 2\n{decimals}\
         [services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let setup = data::files().into_iter().fold(Setup::new(&config), |setup, (name, text)| setup.file(name, &text));
    Some((database, setup.start()))
}

/// All rows behind a target, over all pages, and the total that the first page tells.
fn walk(server: &TestServer, target: &str) -> Result<(Vec<Json>, String), String> {
    let mut next = target.to_owned();
    let (mut rows, mut total) = (Vec::new(), None);
    for _ in 0..200 {
        let response = server.get(&next);
        if response.status != 200 {
            return Err(format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
        }
        let page = Json::read(response.text())?;
        let count = page.get("@odata.count").ok_or("no total")?.to_string();
        if total.get_or_insert(count.clone()) != &count {
            return Err(format!("the total changes to {count} on {next}"));
        }
        rows.extend_from_slice(page.get("value").and_then(Json::as_array).ok_or("no rows")?);
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) => next = server.target_of(link).to_owned(),
            None => return Ok((rows, total.unwrap_or_default())),
        }
    }
    Err("the next links never end".to_owned())
}

/// What a row has, by paths.
fn flat(json: &Json, before: &str, out: &mut BTreeMap<String, Json>) {
    for (name, value) in json.members().iter().filter(|(name, _)| !name.contains('@')) {
        match value {
            Json::Object(_) => flat(value, &format!("{before}{name}/"), out),
            _ => drop(out.insert(format!("{before}{name}"), value.clone())),
        }
    }
}

fn is_same(value: &Value, json: &Json) -> bool {
    let number = |found: &str| BigDecimal::from_str(found).ok();
    match (value, json) {
        (Value::Null, Json::Null) => true,
        (Value::Boolean(value), Json::Bool(found)) => value == found,
        (Value::Int(value), Json::Number(found)) => number(found) == Some(BigDecimal::from(*value)),
        (Value::Decimal(value), Json::Number(found)) => number(found).as_ref() == Some(value),
        (Value::Double(value), Json::Number(found)) => found.parse() == Ok(*value),
        (Value::String(value), Json::String(found)) => **value == **found,
        (Value::Date(value), Json::String(found)) => *found == date_text(*value),
        _ => false,
    }
}

/// The total and the rows that a request gives for the sales of a buyer, or for all.
fn evaluate(data: &Data, request: &Request, buyer: Option<&Value>) -> (String, Vec<BTreeMap<String, Value>>) {
    let mut evaluator = Evaluator { data, branches: 0 };
    let mut made = evaluator.run(evaluator.sales(buyer), &request.steps);
    if let Some(filter) = &request.filter {
        made = evaluator.run(made, &[eval::Step::Filter(filter.clone())]);
    }
    let total = made.all.len().to_string();
    let asked = request.order.as_ref().or(made.order.as_ref());
    let sorted = evaluator.sorted(&made, asked);
    let rows = sorted.into_iter().skip(request.skip).take(request.top.unwrap_or(usize::MAX));
    (total, rows.map(|row| row.written()).collect())
}

fn check(server: &TestServer, data: &Data, request: &Request) -> Result<(), String> {
    let buyer = match request.place {
        Place::Expanded => return check_expanded(server, data, request),
        Place::Of(buyer) => Some(Value::Int(buyer)),
        Place::All => None,
    };
    let (found, count) = walk(server, &format!("{ROOT}{}", utf8_percent_encode(&target(request), UNSAFE)))?;
    compare(evaluate(data, request, buyer.as_ref()), &found, &count)
}

/// The same for the lists of all buyers; a list that is long goes on behind its own link.
fn check_expanded(server: &TestServer, data: &Data, request: &Request) -> Result<(), String> {
    let name = if request.paged { "PagedSales" } else { "Sales" };
    let response = server.get(&format!("{ROOT}{}", utf8_percent_encode(&target(request), UNSAFE)));
    if response.status != 200 {
        return Err(format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
    }
    let page = Json::read(response.text())?;
    let buyers = page.get("value").and_then(Json::as_array).ok_or("no buyers")?;
    if buyers.len() != data.buyers.len() {
        return Err(format!("{} buyers", buyers.len()));
    }
    for (buyer, json) in data.buyers.iter().zip(buyers) {
        let mut found = json.get(name).and_then(Json::as_array).ok_or("no list")?.to_vec();
        let count = json.get(&format!("{name}@odata.count")).ok_or("no total")?.to_string();
        if let Some(link) = json.get(&format!("{name}@odata.nextLink")).and_then(Json::as_str) {
            let (more, total) = walk(server, server.target_of(link))?;
            if total != count {
                return Err(format!("the total changes to {total} behind a list"));
            }
            found.extend(more);
        }
        compare(evaluate(data, request, Some(&buyer[0])), &found, &count)
            .map_err(|what| format!("of buyer {:?}: {what}", buyer[0]))?;
    }
    Ok(())
}

fn compare(expected: (String, Vec<BTreeMap<String, Value>>), found: &[Json], count: &str) -> Result<(), String> {
    let (total, expected) = expected;
    if count != total {
        return Err(format!("a total of {count} instead of {total}"));
    }
    for (place, (expected, json)) in expected.iter().zip(found).enumerate() {
        let mut row = BTreeMap::new();
        flat(json, "", &mut row);
        let names_agree = row.keys().eq(expected.keys());
        let same = |(name, value): (&String, &Value)| row.get(name).is_some_and(|json| is_same(value, json));
        if !names_agree || !expected.iter().all(same) {
            return Err(format!("row {place}: {json}\n  instead of {expected:?}"));
        }
    }
    if expected.len() != found.len() {
        return Err(format!("{} rows instead of {}", found.len(), expected.len()));
    }
    Ok(())
}

fn run(kind: Kind) {
    let mut dice = Dice(seed() | 1);
    let data = data::data(&mut dice);
    let Some((_database, server)) = start(kind, &data) else { return };
    let cases = environment("PENSTOCK_TEST_CASES").map_or(700, |text| text.parse().expect("a number of cases"));
    let mut wrong = Vec::new();
    for _ in 0..cases {
        let request = request(&mut dice);
        if let Err(what) = check(&server, &data, &request) {
            wrong.push(format!("{}\n  {what}", target(&request)));
        }
    }
    wrong.sort_by_key(String::len);
    wrong.truncate(12);
    assert!(wrong.is_empty(), "{} and the evaluator differ (seed {}):\n{}", kind.name(), seed(), wrong.join("\n"));
}

#[test]
fn sqlite_aggregates_as_the_standard_says() {
    run(Kind::Sqlite);
}

#[test]
fn postgres_aggregates_as_the_standard_says() {
    run(Kind::Postgres);
}

#[test]
fn mariadb_aggregates_as_the_standard_says() {
    run(Kind::Mariadb);
}

/// The answers to these are known without an evaluator.
#[test]
fn what_a_person_can_add_up() {
    for kind in KINDS {
        let sale = |id: i64, kind: Option<&str>, amount: &str, buyer: i64| {
            let text = kind.map_or(Value::Null, |kind| Value::String(kind.into()));
            let amount = Value::Decimal(amount.parse().unwrap());
            let (none, paid) = (Value::Null, Value::Boolean(true));
            vec![
                Value::Int(id),
                text,
                none.clone(),
                amount,
                Value::Int(id),
                none.clone(),
                none,
                paid,
                Value::Int(buyer),
            ]
        };
        let part = |sale, number| vec![Value::Int(sale), Value::Int(number), Value::Int(10), Value::Null];
        let data = Data {
            sales: vec![sale(1, Some("a"), "1.50", 1), sale(2, Some("A"), "2.25", 1), sale(3, None, "0.25", 9)],
            buyers: vec![vec![Value::Int(1), Value::String("DE".into()), Value::Null]],
            parts: vec![part(1, 1), part(1, 2), part(2, 1)],
        };
        let Some((_database, server)) = start(kind, &data) else { continue };
        let answer = |target: &str| {
            let encoded = utf8_percent_encode(target, UNSAFE);
            let response = server.get(&format!("{ROOT}{encoded}"));
            let text = response.text().to_owned();
            let rows = Json::read(&text).unwrap().get("value").map(ToString::to_string);
            rows.unwrap_or(text).replace('"', "'")
        };
        let number = |name: &str, value: &str| format!("'{name}@odata.type':'#Decimal','{name}':{value}");
        for (target, expected) in [
            ("Sales?$apply=aggregate(Amount with sum as S)", format!("[{{{}}}]", number("S", "4.00"))),
            ("Sales?$apply=aggregate(Amount with average as S)", format!("[{{{}}}]", number("S", "1.33333333"))),
            (
                "Sales?$apply=filter(SaleID gt 9)/aggregate(Amount with sum as S)",
                format!("[{{{}}}]", number("S", "null")),
            ),
            (
                "Sales?$apply=groupby((Kind),aggregate(Parts/Pieces with sum as P,Amount with max as M))",
                format!(
                    "[{{'Kind':null,{},{}}},{{'Kind':'A',{},{}}},{{'Kind':'a',{},{}}}]",
                    number("P", "null"),
                    number("M", "0.25"),
                    number("P", "10"),
                    number("M", "2.25"),
                    number("P", "20"),
                    number("M", "1.50")
                ),
            ),
            (
                "Sales?$apply=groupby((Buyer/Country))",
                "[{'Buyer':{'Country':null}},{'Buyer':{'Country':'DE'}}]".to_owned(),
            ),
            (
                "Sales?$apply=groupby((rollup($all,Buyer/Country)),aggregate($count as N))",
                format!(
                    "[{{'Buyer':{{'Country':null}},{}}},{{'Buyer':{{'Country':'DE'}},{}}},{{{}}}]",
                    number("N", "1"),
                    number("N", "2"),
                    number("N", "3")
                ),
            ),
            ("Sales?$apply=topcount(1,Amount)&$select=SaleID", "[{'SaleID':2}]".to_owned()),
            ("Sales/$count?$apply=groupby((Kind))", "3".to_owned()),
        ] {
            assert_eq!(answer(target), expected, "{} {target}", kind.name());
        }
    }
}
