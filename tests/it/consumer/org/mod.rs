//! Salesforce Connect as a consumer, as far as it is documented: registration, screens as methods, and what Salesforce
//! takes for granted of every answer as checks. Nothing here knows a set or a property: what to ask for is learned from
//! `$metadata`. One implementation serves the tests and the load of people (`benches/load/people.rs`), so it fails with
//! a [`Wrong`] and never panics.

mod answer;
mod cell;
mod condition;
mod document;
mod field;
pub(crate) mod people;
mod query;
mod reading;
mod registration;
mod screens;
mod search;
mod soql;

use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use cell::Cell;
pub(crate) use condition::{Condition, Operator, TextFunction};
pub(crate) use field::{Edm, Field, Kind};
pub(crate) use query::Query;
pub(crate) use reading::Answer;
pub(crate) use registration::{ExternalObject, Lookup, read as read_metadata};
pub(crate) use screens::View;
pub(crate) use soql::Found;

use crate::support::http::{Client, Response};
use crate::support::json::Json;

/// What is wrong with an answer, with the request that it belongs to.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

pub(crate) type Checked<T> = Result<T, Wrong>;

pub(crate) fn wrong<T>(what: impl Into<String>) -> Checked<T> {
    Err(Wrong(what.into()))
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Checked<()> {
    if holds { Ok(()) } else { Err(Wrong(what())) }
}

/// The two adapters of OData 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    /// Sends what the Olingo client sends: full metadata, both version headers.
    V40,
    /// Always counts; its credentials come from a named credential.
    V401,
}

/// The box *Server Driven Pagination*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    Client,
    Server,
}

/// What the admin types and ticks.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) adapter: Adapter,
    /// The service root on its public host, with a slash at its end.
    pub(crate) url: String,
    /// *Request Row Counts*.
    pub(crate) row_counts: bool,
    pub(crate) paging: Paging,
    /// *Use Free-Text Search Expressions*.
    pub(crate) free_text: bool,
    /// The value of the header `Authorization`.
    pub(crate) authorization: Option<String>,
    /// Texts are ordered by code points, so their order is checked, too.
    pub(crate) ordinal: bool,
}

impl Settings {
    /// Whether every query asks for the total.
    pub(crate) fn counts(&self) -> bool {
        self.row_counts || self.adapter == Adapter::V401
    }

    /// The path of the service root.
    fn path(&self) -> Checked<&str> {
        let host = self.url.split_once("://").map(|(_, host)| host);
        let path = host.and_then(|host| host.find('/').and_then(|place| host.get(place..)));
        path.filter(|path| path.ends_with('/')).ok_or_else(|| Wrong(format!("'{}' is no service root", self.url)))
    }
}

/// The way to the server.
pub(crate) trait Wire {
    fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> io::Result<Response>;
}

impl Wire for Client {
    fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> io::Result<Response> {
        self.request("GET", target, headers)
    }
}

/// Who knows what an answer must be.
pub(crate) trait Truth {
    /// Judges the rows of a query, all its pages together.
    fn judge(&self, query: &Query, rows: &[Row], count: Option<u64>) -> Checked<()>;
}

/// One row of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// By the place of the field; `None` where it was not asked for.
    cells: Vec<Option<Cell>>,
    pub(crate) json: Json,
}

impl Row {
    /// The cell of a field that was asked for.
    pub(crate) fn cell(&self, place: usize) -> Option<&Cell> {
        self.cells.get(place)?.as_ref()
    }
}

/// What the callouts cost so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callouts {
    pub(crate) sent: u64,
    pub(crate) bytes: u64,
    /// Length of the longest request target.
    pub(crate) target_max: usize,
}

/// An external data source.
pub(crate) struct DataSource {
    pub(crate) settings: Settings,
    pub(crate) objects: Vec<Arc<ExternalObject>>,
    pub(crate) callouts: Callouts,
    /// Properties that do not become fields, and values that do not fit the field that they are mapped to, although the
    /// server keeps its word.
    pub(crate) misfits: BTreeSet<String>,
    wire: Box<dyn Wire>,
    truth: Option<Rc<dyn Truth>>,
}

impl DataSource {
    /// A data source that is not validated yet.
    pub(crate) fn new(settings: Settings, wire: Box<dyn Wire>) -> DataSource {
        let (objects, callouts, misfits) = (Vec::new(), Callouts::default(), BTreeSet::new());
        DataSource { settings, objects, callouts, misfits, wire, truth: None }
    }

    /// The same, each of whose answers is judged.
    pub(crate) fn judged_by(mut self, truth: Rc<dyn Truth>) -> DataSource {
        self.truth = Some(truth);
        self
    }

    /// The object of an entity set.
    pub(crate) fn object(&self, table: &str) -> Checked<Arc<ExternalObject>> {
        let found = self.objects.iter().find(|object| object.table == table);
        found.cloned().ok_or_else(|| Wrong(format!("no object of the table {table}")))
    }

    /// One callout: the target is a path on the server.
    fn callout(&mut self, target: &str, accept: &str, more: &[(&str, &str)]) -> Checked<Response> {
        // Longer ones are refused somewhere on the way.
        ensure(target.len() <= 65_536, || format!("a URL of {} bytes: {target}", target.len()))?;
        let version = match self.settings.adapter {
            Adapter::V40 => "4.0",
            Adapter::V401 => "4.01",
        };
        let mut headers = vec![("Accept", accept), ("OData-Version", version), ("OData-MaxVersion", version)];
        let authorization = self.settings.authorization.clone();
        headers.extend(authorization.as_ref().map(|value| ("Authorization", value.as_str())));
        headers.extend(more);
        let response = self.wire.get(target, &headers).map_err(|error| Wrong(format!("{error}: {target}")))?;
        self.callouts.sent += 1;
        self.callouts.bytes += response.body.len() as u64;
        self.callouts.target_max = self.callouts.target_max.max(target.len());
        Ok(response)
    }

    fn judge(&self, query: &Query, rows: &[Row], count: Option<u64>) -> Checked<()> {
        match &self.truth {
            Some(truth) => truth.judge(query, rows, count),
            None => Ok(()),
        }
    }
}
