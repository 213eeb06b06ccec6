//! Every screen over every object. What to ask for is taken from `$metadata` and from the rows on the screens.

use std::fmt::Write as _;
use std::sync::Arc;

use super::org::{
    Adapter, Cell, Checked, Condition, DataSource, Edm, ExternalObject, Field, Found, Operator, Paging, Row, Settings,
    TextFunction, View, Wrong, wrong,
};

/// 2024-05-01.
const TODAY: i64 = 19_844;
/// Sets up to this size are also read in small batches.
const SMALL_BATCHES: u64 = 5_000;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) related: usize,
    pub(super) parents: usize,
    pub(super) found: usize,
    pub(super) searched_fields: usize,
    pub(super) pages: usize,
}

pub(super) fn settings(url: &str) -> Settings {
    Settings {
        adapter: Adapter::V40,
        url: url.to_owned(),
        row_counts: true,
        paging: Paging::Client,
        free_text: false,
        authorization: Some(crate::salesforce::CREDENTIALS.1.to_owned()),
        ordinal: true,
    }
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Depth {
    /// Columns that lists are ordered and filtered by.
    pub(super) columns: usize,
    /// Sets up to this size are read as a whole.
    pub(super) rows: u64,
    /// The tables; none stands for all.
    pub(super) only: &'static [&'static str],
}

/// Everything.
pub(super) const THOROUGH: Depth = Depth { columns: 8, rows: u64::MAX, only: &[] };
/// Enough to meet what is special about a setting.
pub(super) const BRIEF: Depth = Depth { columns: 3, rows: 2_500, only: &[] };

/// Registers and goes through all screens.
pub(super) fn tour(data: &mut DataSource, depth: Depth) -> Checked<Seen> {
    data.validate_and_sync()?;
    let mut seen = Seen::default();
    for object in data.objects.clone() {
        if !depth.only.is_empty() && !depth.only.contains(&object.table.as_str()) {
            continue;
        }
        let here = |wrong: Wrong| Wrong(format!("{}: {}", object.table, wrong.0));
        lists(data, &object, depth).map_err(here)?;
        records(data, &object, &mut seen).map_err(here)?;
        searches(data, &object, &mut seen).map_err(here)?;
        queries(data, &object, depth).map_err(here)?;
        whole(data, &object, depth, &mut seen).map_err(here)?;
    }
    refusals(data)?;
    Ok(seen)
}

fn first_rows(data: &mut DataSource, object: &Arc<ExternalObject>) -> Checked<Vec<Row>> {
    Ok(data.list(object, &View::of(object))?.rows().to_vec())
}

/// Different values of a field, null among them if it is there.
fn values(rows: &[Row], place: usize, most: usize) -> Vec<Cell> {
    let mut values: Vec<Cell> = Vec::new();
    for cell in rows.iter().filter_map(|row| row.cell(place)) {
        if !values.contains(cell) && (values.len() < most || *cell == Cell::Null) {
            values.push(cell.clone());
        }
    }
    values
}

fn lists(data: &mut DataSource, object: &Arc<ExternalObject>, depth: Depth) -> Checked<()> {
    let mut list = data.list(object, &View::of(object))?;
    for _ in 0..3 {
        if list.has_more() {
            data.next(&mut list)?;
        }
    }
    let rows = first_rows(data, object)?;
    let columns: Vec<usize> = object.fields_that(Field::is_plain).into_iter().take(depth.columns).collect();
    for (number, place) in columns.iter().copied().enumerate() {
        let view = || View { columns: vec![place], ..View::of(object) };
        // A click on the column, and another.
        data.list(object, &view().ordered(&[(place, false)]))?;
        let mut list = data.list(object, &view().ordered(&[(place, true)]))?;
        if list.has_more() && number < 3 {
            data.next(&mut list)?;
        }
        let shown: Vec<Row> = list.rows().iter().chain(&rows).cloned().collect();
        let edm = object.field(place)?.edm;
        for value in values(&shown, place, 2) {
            let list = data.list(object, &view().filtered(Condition::is(place, value.clone())))?;
            if list.rows().is_empty() {
                return wrong(format!("nothing is {value:?}, which was on the screen"));
            }
            let not = Condition::Compare(place, Operator::Ne, value.clone());
            data.list(object, &view().filtered(not))?;
            if let Cell::Text(text) = &value {
                texts(data, object, place, text)?;
            }
            if !matches!(value, Cell::Null | Cell::Bool(_)) && !matches!(edm, Edm::Guid | Edm::String(_)) {
                let from = Condition::Compare(place, Operator::Ge, value.clone());
                let to = Condition::Not(Box::new(Condition::Compare(place, Operator::Gt, value)));
                data.list(object, &view().filtered(Condition::And(vec![from, to])))?;
            }
        }
    }
    Ok(())
}

/// *contains*, *starts with* and *ends with* a piece of what was on the screen.
fn texts(data: &mut DataSource, object: &Arc<ExternalObject>, place: usize, text: &str) -> Checked<()> {
    let letters: Vec<char> = text.chars().collect();
    let (half, piece) = (letters.len() / 2, |part: &[char]| part.iter().collect::<String>());
    let view = || View { columns: vec![place], ..View::default() };
    for (function, part) in [
        (TextFunction::StartsWith, piece(&letters[..half])),
        (TextFunction::EndsWith, piece(&letters[half..])),
        (TextFunction::Contains, piece(&letters[half / 2..half])),
    ] {
        data.list(object, &view().filtered(Condition::Text(function, place, part)))?;
    }
    Ok(())
}

fn records(data: &mut DataSource, object: &Arc<ExternalObject>, seen: &mut Seen) -> Checked<()> {
    let rows = first_rows(data, object)?;
    let missing = data.lookups(object, &rows)?;
    seen.parents += rows.len() * object.lookups.len() - missing.len();
    for row in rows.iter().take(4).chain(rows.last()) {
        let id = DataSource::id(object, row)?;
        let record = data.record(object, &id)?;
        let record = record.ok_or_else(|| Wrong(format!("there is no record {id:?}")))?;
        if DataSource::id(object, &record)? != id {
            return wrong(format!("the record of {id:?} is another: {}", record.json));
        }
        if let [own] = id.as_slice() {
            for (child, field) in data.children(object) {
                seen.related += data.related(&child, field, own)?.rows.len();
            }
        }
    }
    Ok(())
}

fn searches(data: &mut DataSource, object: &Arc<ExternalObject>, seen: &mut Seen) -> Checked<()> {
    let texts = object.fields_that(Field::is_searched);
    let rows = data.list(object, &View { columns: texts.iter().copied().take(150).collect(), ..View::default() })?;
    let word = |row: &Row| {
        let of = |place: &usize| match row.cell(*place)? {
            Cell::Text(text) => text.split_whitespace().find(|word| word.chars().count() > 3).map(str::to_owned),
            _ => None,
        };
        texts.iter().rev().find_map(of)
    };
    let words: Vec<String> = rows.rows().iter().filter_map(word).take(2).collect();
    // An admin may let only some of the fields take part.
    let widths: &[usize] = if texts.len() > 40 { &[40, 150] } else { &[usize::MAX] };
    for width in widths {
        let fields: Vec<usize> = texts.iter().copied().take(*width).collect();
        // A producer that chooses the fields itself searches all of them.
        let fields = if data.settings.free_text { &texts } else { &fields };
        for typed in words.iter().map(String::as_str).chain(["Acme international trading", "O'Brien & Sons", "zzzz"]) {
            if !fields.is_empty() {
                seen.found += data.search(object, fields, typed)?.rows.len();
                seen.searched_fields = seen.searched_fields.max(fields.len());
            }
        }
    }
    Ok(())
}

/// SOQL about this object, made of its fields and of values on the screen.
fn queries(data: &mut DataSource, object: &Arc<ExternalObject>, depth: Depth) -> Checked<()> {
    let rows = first_rows(data, object)?;
    let plain = object.fields_that(Field::is_plain);
    let names: Vec<&str> = plain.iter().take(6).map(|place| object.fields[*place].name.as_str()).collect();
    let (all, table) = (names.join(", "), &object.name);
    let mut soql = vec![
        format!("SELECT {all} FROM {table} LIMIT 10 OFFSET 20"),
        format!(
            "SELECT {all} FROM {table} ORDER BY {} DESC NULLS LAST, {} LIMIT 201",
            names[0],
            names[names.len() / 2]
        ),
    ];
    for place in plain.iter().take(depth.columns.min(8)) {
        let name = &object.fields[*place].name;
        let literals: Vec<String> =
            values(&rows, *place, 3).iter().map(|cell| literal(cell, object.fields[*place].edm)).collect();
        let Some(first) = literals.first() else { continue };
        let list = literals.join(", ");
        soql.push(format!("SELECT {all} FROM {table} WHERE {name} IN ({list}) LIMIT 50"));
        soql.push(format!(
            "SELECT {all} FROM {table} WHERE NOT ({name} = {first} OR {name} = null) ORDER BY {name} LIMIT 50"
        ));
        if object.fields[*place].kind == super::org::Kind::DateTime {
            soql.push(format!("SELECT {all} FROM {table} WHERE {name} = TODAY ORDER BY {name} LIMIT 2000"));
            soql.push(format!("SELECT {all} FROM {table} WHERE {name} > LAST_N_DAYS:30 LIMIT 100"));
        }
        if data.settings.counts() {
            // Who is in a list and who is not are all.
            let mut count =
                |condition: &str| match data.soql(&format!("SELECT COUNT() FROM {table} WHERE {condition}"), TODAY)? {
                    Found::Count(count) => Ok(count),
                    Found::Rows(_) => wrong(format!("rows for a count of {table}")),
                };
            let (in_it, not) = (count(&format!("{name} IN ({list})"))?, count(&format!("{name} NOT IN ({list})"))?);
            let all = data.total(object, None)?;
            if in_it + not != all {
                return wrong(format!("{in_it} rows have {name} in a list, {not} have not, of {all}"));
            }
        }
    }
    for text in soql {
        if !matches!(data.soql(&text, TODAY)?, Found::Rows(answer) if answer.query.top.is_some()) {
            return wrong(format!("no limited rows: {text}"));
        }
    }
    Ok(())
}

fn literal(cell: &Cell, edm: Edm) -> String {
    let text = |text: &str| {
        let mut quoted = String::new();
        for letter in text.chars() {
            if "'\\".contains(letter) {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        format!("'{quoted}'")
    };
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Number(number) => number.to_plain_string(),
        Cell::Double(number) => format!("{number}"),
        Cell::Text(value) | Cell::Guid(value) => text(value),
        Cell::Instant(micros) => {
            let mut value = crate::support::databases::instant_text(*micros, 'T');
            write!(value, "Z").unwrap();
            if edm == Edm::Date { value[..10].to_owned() + "T00:00:00Z" } else { value }
        }
    }
}

/// Reports and batches: the pages together are the table.
fn whole(data: &mut DataSource, object: &Arc<ExternalObject>, depth: Depth, seen: &mut Seen) -> Checked<()> {
    let view = View::of(object);
    let last = *view.columns.last().expect("a column");
    let report = data.report(object, &view.clone().ordered(&[(last, true)]), depth.rows.min(4_000))?;
    seen.pages += report.pages;
    if report.count.unwrap_or(report.rows.len() as u64) > depth.rows {
        return Ok(());
    }
    let answer = data.batch(object, &view, 2_000)?;
    seen.pages += answer.pages;
    let rows = answer.rows.len() as u64;
    if answer.count.is_some_and(|count| count != rows) {
        return wrong(format!("{rows} rows of {:?}", answer.count));
    }
    if data.settings.counts() && data.total(object, None)? != rows {
        return wrong(format!("COUNT() is not {rows}"));
    }
    if rows <= SMALL_BATCHES && data.settings.paging == Paging::Client {
        seen.pages += data.batch(object, &view, 200)?.pages;
    }
    Ok(())
}

/// What must be refused, in a way that a user can be shown.
fn refusals(data: &mut DataSource) -> Checked<()> {
    let object = data.objects[0].clone();
    let (table, key) = (&object.table, &object.fields[object.key[0]].column);
    for (below, status, name) in [
        (format!("{table}?$select=NoSuchColumn&$top=26"), 400, "NoSuchColumn"),
        (format!("{table}?$select={}&$top=26", key.to_lowercase()), 400, &key.to_lowercase()),
        (format!("{table}?$filter=NoSuchColumn%20eq%201&$top=26"), 400, "NoSuchColumn"),
        (format!("{table}?$count=true&$skiptoken=garbage"), 400, "$skiptoken"),
        (format!("{table}?$top=many"), 400, "$top"),
        ("NoSuchTable?$top=26".to_owned(), 404, "NoSuchTable"),
    ] {
        let refusal = data.refused(&below, &[])?;
        if refusal.status != status || !refusal.message.contains(name) {
            return wrong(format!("{refusal:?} for {below}"));
        }
    }
    let authorization = data.settings.authorization.replace("Basic d3Jvbmc6d3Jvbmc=".to_owned());
    let refusal = data.refused("$metadata", &[])?;
    data.settings.authorization = authorization;
    if refusal.status == 401 { Ok(()) } else { wrong(format!("{refusal:?} for wrong credentials")) }
}
