//! What metadata files say of rows beyond tables and columns: default filters, calculated values,
//! words in place of codes, queries as sets. A small ledger on every database
//! (`tests/cases/relations`), whose rows are few enough to know by heart what each request must give.

mod copies;
mod cut;
mod filters;
mod made;
mod offered;
mod queries;

use serde_json::Value;

use crate::salesforce::CREDENTIALS;
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::http::Response;
use crate::support::server::{Setup, TestServer, password_hash};
use crate::support::{project, read_text};

const ROOT: &str = "/odata/v4/ledger/";

/// The ledger on a database of each kind that is there.
fn ledgers(run: impl Fn(Kind, &TestServer)) {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "relations") else { continue };
        database.run(&read_text(&project("tests/cases/relations/sql/schema.sql")));
        run(kind, &serve(&database.url, "", ""));
    }
}

/// A server on it; `source` are further lines of the source, `more` further sections.
pub(crate) fn serve(url: &str, source: &str, more: &str) -> TestServer {
    let config = format!(
        "[sources.ledger]\nurl = \"{url}\"\n{source}{more}[services.ledger]\nmetadata = [\"relations/metadata\"]\n\
         [[users]]\nname = \"demo\"\npassword_hash = \"{}\"\n",
        password_hash("demo")
    );
    Setup::new(&config).files("relations", &project("tests/cases/relations"), |text| text).start()
}

fn ask(server: &TestServer, target: &str) -> Response {
    server.get_with(&format!("{ROOT}{}", target.replace(' ', "%20").replace('#', "%23")), &[CREDENTIALS])
}

/// Asks each target for a value: what lies in `value`, behind the total if there is one, or the number or text itself,
/// as compact JSON without control information. A number of three digits is a status.
fn check(kind: Kind, server: &TestServer, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (target, expected) in cases {
        let response = ask(server, target);
        let is_status = expected.len() == 3 && expected.parse::<u16>().is_ok();
        let found = if is_status || response.status != 200 {
            response.status.to_string()
        } else {
            let value: Option<Value> = serde_json::from_str(response.text().trim_start_matches('\u{feff}')).ok();
            value.map_or_else(|| format!("\"{}\"", response.text()), |value| essence(value).to_string())
        };
        if found != *expected {
            wrong.push(format!("{target}\n  expected {expected}\n  found    {found}\n  {}", response.text()));
        }
    }
    assert!(wrong.is_empty(), "on {}:\n{}\n{}", kind.name(), wrong.join("\n"), server.log());
}

fn essence(mut value: Value) -> Value {
    strip(&mut value);
    match value {
        Value::Object(mut members) if members.contains_key("value") => {
            let rows = members.remove("value").unwrap();
            members.remove("@odata.count").map_or(rows.clone(), |count| Value::Array(vec![count, rows]))
        }
        other => other,
    }
}

/// Takes control information out, and makes `[1,2]` of rows with nothing but an `ID`.
fn strip(value: &mut Value) {
    match value {
        Value::Array(rows) => {
            rows.iter_mut().for_each(strip);
            let id = |row: &Value| row.as_object().filter(|row| row.len() == 1)?.get("ID").cloned();
            if let Some(ids) = rows.iter().map(id).collect::<Option<Vec<_>>>() {
                *rows = ids;
            }
        }
        Value::Object(members) => {
            members.retain(|name, _| !name.contains('@') || name.ends_with("@odata.count"));
            members.values_mut().for_each(strip);
        }
        // How many zeros are behind the point is the database's.
        Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() == 0.0 && it.abs() < 1e9) => {
            let whole: i64 = number.to_string().split('.').next().unwrap().parse().unwrap();
            *value = Value::from(whole);
        }
        _ => {}
    }
}
