//! Related rows: every navigation property of the demo, both ways and across the two databases, by `$expand` and by a
//! path, on every database, compared with a join in memory.

use std::collections::{BTreeMap, HashMap};

use penstock::edm::Value;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::differential::eval::read;
use crate::differential::rows;
use crate::differential::value::Table;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::{KINDS, guid_text};
use crate::support::demo::{self, Navigation, Set};
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
/// Parents of one request.
const PARENTS: usize = 60;

/// The target's rows by their joined values; rows of one parent are in the order of the key.
type Index = HashMap<Vec<Value>, Vec<usize>>;

fn index(target: &Table, navigation: &Navigation) -> Index {
    let columns: Vec<usize> = navigation.joins.iter().map(|(_, name)| target.column(name)).collect();
    let mut index = Index::new();
    for row in read(target, None, &[]) {
        let values: Vec<Value> = columns.iter().map(|column| target.rows[row][*column].clone()).collect();
        // Null is equal to nothing in a join.
        if !values.iter().any(Value::is_null) {
            index.entry(values).or_default().push(row);
        }
    }
    index
}

fn children<'a>(index: &'a Index, parent: &[Value], navigation: &Navigation) -> &'a [usize] {
    let values: Vec<Value> = navigation.joins.iter().map(|(column, _)| parent[*column].clone()).collect();
    index.get(&values).map_or(&[], Vec::as_slice)
}

fn all_columns(table: &Table) -> Vec<usize> {
    (0..table.columns.len()).collect()
}

/// The related rows of one parent as they stand in the answer.
fn check_related(
    target: &Table,
    columns: &[usize],
    expected: &[usize],
    many: bool,
    found: &Json,
) -> Result<(), String> {
    match (many, found) {
        (true, Json::Array(found)) => rows::compare(target, columns, expected, found),
        (false, Json::Null) if expected.is_empty() => Ok(()),
        (false, Json::Object(_)) if expected.len() == 1 => {
            rows::compare_row(target, columns, &target.rows[expected[0]], found)
        }
        _ => Err(format!("{found} instead of {} rows", expected.len())),
    }
}

fn get(server: &TestServer, target: &str) -> Result<Json, String> {
    let response = server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS]);
    if response.status != 200 {
        return Err(format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
    }
    Json::read(response.text())
}

fn check_expand(server: &TestServer, set: &Set, target: &Set, navigation: &Navigation) -> Result<(), String> {
    let index = index(&target.table, navigation);
    let ordered = read(&set.table, None, &[]);
    let some_columns = target.table.key.clone();
    let names: Vec<&str> = some_columns.iter().map(|column| target.table.columns[*column].name.as_str()).collect();
    let options = [
        (format!("$expand={}", navigation.name), all_columns(&target.table)),
        (format!("$expand={}($select={})", navigation.name, names.join(",")), some_columns),
    ];
    // The beginning, where the rows with traps are, and some place in the middle.
    for skip in [0, ordered.len() / 2] {
        for (option, columns) in &options {
            let request = format!("{}?{option}&$skip={skip}&$top={PARENTS}", set.name);
            let page = get(server, &request).map_err(|what| format!("{request}: {what}"))?;
            let found = page.get("value").and_then(Json::as_array).unwrap_or_default();
            let parents: Vec<usize> = ordered.iter().copied().skip(skip).take(PARENTS).collect();
            rows::compare(&set.table, &all_columns(&set.table), &parents, found)?;
            for (parent, json) in parents.iter().zip(found) {
                let row = &set.table.rows[*parent];
                let related = json.get(&navigation.name).ok_or_else(|| format!("no {} in {json}", navigation.name))?;
                let expected = children(&index, row, navigation);
                check_related(&target.table, columns, expected, navigation.to_many, related)
                    .map_err(|what| format!("{request}, parent {parent}: {what}"))?;
            }
        }
    }
    Ok(())
}

/// A part of each parent's rows, against the order of the key.
fn check_pages(server: &TestServer, set: &Set, target: &Set, navigation: &Navigation) -> Result<(), String> {
    let index = index(&target.table, navigation);
    let columns = all_columns(&target.table);
    let key: Vec<&str> = target.table.key.iter().map(|column| target.table.columns[*column].name.as_str()).collect();
    let order = key.iter().map(|name| format!("{name} desc")).collect::<Vec<_>>().join(",");
    let ordered = read(&set.table, None, &[]);
    for (skip, top) in [(0, 1), (1, 2), (2, usize::MAX)] {
        let top_option = if top == usize::MAX { String::new() } else { format!(";$top={top}") };
        let filter = format!("{} ne null", key[0]);
        let request = format!(
            "{}?$expand={}($orderby={order};$filter={filter};$skip={skip}{top_option})&$top={PARENTS}",
            set.name, navigation.name
        )
        .replace(' ', "%20");
        let page = get(server, &request).map_err(|what| format!("{request}: {what}"))?;
        let found = page.get("value").and_then(Json::as_array).unwrap_or_default();
        if found.len() != PARENTS.min(ordered.len()) {
            return Err(format!("{request}: {} parents", found.len()));
        }
        for (parent, json) in ordered.iter().zip(found) {
            let related = json.get(&navigation.name).ok_or_else(|| format!("no {} in {json}", navigation.name))?;
            let all = children(&index, &set.table.rows[*parent], navigation);
            let expected: Vec<usize> = all.iter().rev().copied().skip(skip).take(top).collect();
            check_related(&target.table, &columns, &expected, true, related)
                .map_err(|what| format!("{request}, parent {parent}: {what}"))?;
        }
    }
    Ok(())
}

/// A key predicate, every part named if there are several.
fn key(table: &Table, row: &[Value]) -> String {
    let literal = |value: &Value| match value {
        Value::Int(value) => value.to_string(),
        Value::Guid(value) => guid_text(*value),
        Value::String(value) => {
            format!("'{}'", utf8_percent_encode(&value.replace('\'', "''"), NON_ALPHANUMERIC))
        }
        other => panic!("no key: {other:?}"),
    };
    if let [column] = table.key[..] {
        return literal(&row[column]);
    }
    // Not in the declared order: every order is right.
    let parts: Vec<String> =
        table.key.iter().rev().map(|c| format!("{}={}", table.columns[*c].name, literal(&row[*c]))).collect();
    parts.join(",")
}

fn check_path(server: &TestServer, set: &Set, target: &Set, navigation: &Navigation) -> Result<(), String> {
    let index = index(&target.table, navigation);
    let columns = all_columns(&target.table);
    let step = (set.table.rows.len() / 12).max(1);
    for place in (0..12).chain((0..set.table.rows.len()).step_by(step)) {
        let row = &set.table.rows[place];
        let expected = children(&index, row, navigation);
        let request = format!("{}({})/{}", set.name, key(&set.table, row), navigation.name);
        let wrong = |what: String| format!("{request}: {what}");
        if navigation.to_many {
            let page = get(server, &request).map_err(wrong)?;
            let found = page.get("value").cloned().unwrap_or(Json::Null);
            check_related(&target.table, &columns, expected, true, &found).map_err(wrong)?;
            let counted = server.get_with(&format!("{ROOT}{request}/$count"), &[CREDENTIALS]);
            if counted.text() != expected.len().to_string() {
                return Err(format!("{request}/$count: {} instead of {}", counted.text(), expected.len()));
            }
        } else if expected.is_empty() {
            let response = server.get_with(&format!("{ROOT}{request}"), &[CREDENTIALS]);
            if response.status != 204 {
                return Err(format!("{request}: status {} instead of 204", response.status));
            }
        } else {
            let found = get(server, &request).map_err(wrong)?;
            check_related(&target.table, &columns, expected, false, &found).map_err(wrong)?;
        }
    }
    Ok(())
}

#[test]
fn every_navigation_gives_the_rows_of_a_join() {
    let sets: BTreeMap<String, Set> = demo::sets().into_iter().map(|set| (set.name.clone(), set)).collect();
    let (mut count, mut wrong) = (0, Vec::new());
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        for set in sets.values() {
            for navigation in &set.navigations {
                let target = &sets[&navigation.target];
                let paged = navigation.to_many.then(|| check_pages(&server, set, target, navigation));
                for (way, result) in [
                    ("$expand", check_expand(&server, set, target, navigation)),
                    ("$expand in parts", paged.unwrap_or(Ok(()))),
                    ("path", check_path(&server, set, target, navigation)),
                ] {
                    count += 1;
                    if let Err(what) = result {
                        wrong.push(format!("{} {}/{} by {way}: {what}", kind.name(), set.name, navigation.name));
                    }
                }
            }
        }
    }
    assert!(count >= 12 * 2, "only {count} checks");
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every row of the sets with difficult keys can be read by its key.
#[test]
fn entities_with_difficult_keys_are_found() {
    let sets = demo::sets();
    let databases: Vec<_> = KINDS.into_iter().filter_map(demo::databases).collect();
    let servers: Vec<TestServer> = databases.iter().map(|databases| serve_demo(&databases.sources, "")).collect();
    for set in &sets {
        for row in set.table.rows.iter().take(60) {
            for server in &servers {
                let request = format!("{}({})", set.name, key(&set.table, row));
                let found = get(server, &request).unwrap_or_else(|what| panic!("{request}: {what}"));
                rows::compare_row(&set.table, &all_columns(&set.table), row, &found)
                    .unwrap_or_else(|what| panic!("{request}: {what}"));
            }
        }
    }
}
