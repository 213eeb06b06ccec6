//! A server that is wrong in one thing at a time, made of the real one by changing its answers: the look-alike must see
//! it. What only the rows themselves can tell is seen by the oracle.

mod faults;

use std::cell::Cell as Flag;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use faults::{json, member, number, rows, text};

use super::oracle::Oracle;
use super::org::{
    Adapter, Cell, Checked, Condition, DataSource, ExternalObject, Field, Paging, Query, Settings, View, Wire,
};
use super::{ROOT, paged, tour};
use crate::support::databases::Kind;
use crate::support::demo;
use crate::support::http::{Client, Response};

type Change = fn(&mut Response);
type Screen = fn(&mut DataSource) -> Checked<()>;

/// What is changed, in answers to targets that hold a text; the screen that meets it; and what the look-alike says.
struct Case(&'static str, Change, Screen, &'static str);

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

#[test]
fn every_fault_of_a_server_is_seen() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = paged(&databases.sources, 200, "");
    let settings = tour::settings(&format!("http://{}{ROOT}", server.address));
    let mut honest = DataSource::new(settings.clone(), Box::new(Client::new(server.address)));
    honest.validate_and_sync().unwrap();
    let mut wrong = Vec::new();
    for (place, Case(only, change, screen, told)) in faults::cases().into_iter().enumerate() {
        screen(&mut honest).unwrap_or_else(|error| panic!("case {place} without its fault: {}", error.0));
        let met = Rc::new(Flag::new(false));
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
