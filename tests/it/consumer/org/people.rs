//! People at work: admins who register and look around, users who go from lists to records, related lists, searches and
//! reports, each at the pace of somebody who reads. Every answer is checked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::screens::List;
use super::{Cell, Checked, Condition, DataSource, ExternalObject, Row, Settings, View, Wrong};
use crate::support::http::Client;

/// Of so many people one is an admin.
const ADMINS: u64 = 20;
/// Wrong answers that are told one by one.
const TOLD_MAX: usize = 20;
/// Rows of a report.
const REPORT_ROWS: u64 = 4_000;

/// Who works, where, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) settings: Settings,
    pub(crate) address: SocketAddr,
    pub(crate) number: u64,
    pub(crate) time: Duration,
    /// What somebody looks at a screen for, on average.
    pub(crate) think: Duration,
}

/// What they saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How long each screen took, by its name.
    pub(crate) screens: BTreeMap<&'static str, Vec<Duration>>,
    pub(crate) sessions: u64,
    pub(crate) callouts: u64,
    pub(crate) bytes: u64,
    pub(crate) wrong_answers: u64,
    pub(crate) wrong: Vec<String>,
}

impl People {
    /// Lets them work; one admin registers first.
    pub(crate) fn work(&self) -> Checked<Seen> {
        let mut first = self.data_source();
        first.validate_and_sync()?;
        let (seen, end) = (Arc::new(Mutex::new(Seen::default())), Instant::now() + self.time);
        let objects = first.objects;
        let threads: Vec<_> = (0..self.number)
            .map(|number| {
                let (people, objects, seen) = (self.clone(), objects.clone(), seen.clone());
                std::thread::spawn(move || Person::new(&people, number, objects).work(end, &seen))
            })
            .collect();
        for thread in threads {
            thread.join().map_err(|_| Wrong("somebody gave up".to_owned()))?;
        }
        let seen = Arc::into_inner(seen).and_then(|seen| seen.into_inner().ok());
        seen.ok_or_else(|| Wrong("somebody is still at work".to_owned()))
    }

    fn data_source(&self) -> DataSource {
        DataSource::new(self.settings.clone(), Box::new(Client::new(self.address)))
    }
}

struct Person {
    data: DataSource,
    is_admin: bool,
    think: Duration,
    /// Drawn numbers; the same person draws the same in every run.
    random: u64,
    end: Instant,
    screens: Vec<(&'static str, Duration)>,
}

impl Person {
    fn new(people: &People, number: u64, objects: Vec<Arc<ExternalObject>>) -> Person {
        let mut data = people.data_source();
        data.objects = objects;
        let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
        let is_admin = number.is_multiple_of(ADMINS);
        Person { data, is_admin, think: people.think, random, end: Instant::now(), screens: Vec::new() }
    }

    fn work(mut self, end: Instant, seen: &Mutex<Seen>) {
        self.end = end;
        // They do not all come at the same moment.
        self.look();
        while Instant::now() < end {
            let before = self.data.callouts.clone();
            let session = if self.is_admin { self.administer() } else { self.browse() };
            let Ok(mut seen) = seen.lock() else { return };
            for (name, taken) in self.screens.drain(..) {
                seen.screens.entry(name).or_default().push(taken);
            }
            seen.sessions += 1;
            seen.callouts += self.data.callouts.sent - before.sent;
            seen.bytes += self.data.callouts.bytes - before.bytes;
            if let Err(wrong) = session {
                seen.wrong_answers += 1;
                if seen.wrong.len() < TOLD_MAX {
                    seen.wrong.push(wrong.0);
                }
                drop(seen);
                self.look();
            }
        }
    }

    /// A number below another.
    fn draw(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap_or(0) % below.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let place = self.draw(from.len());
        from.get(place)
    }

    /// Looks at what is there, half to one and a half times as long as on average.
    fn look(&mut self) {
        let share = u32::try_from(self.draw(1_000)).unwrap_or(0) + 500;
        let left = self.end.saturating_duration_since(Instant::now());
        std::thread::sleep((self.think * share / 1_000).min(left));
    }

    /// Opens a screen, and looks at it.
    fn screen<T>(&mut self, name: &'static str, open: impl FnOnce(&mut DataSource) -> Checked<T>) -> Checked<T> {
        let begun = Instant::now();
        let opened = open(&mut self.data).map_err(|wrong| Wrong(format!("{name}: {}", wrong.0)))?;
        self.screens.push((name, begun.elapsed()));
        self.look();
        Ok(opened)
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Registers, and sees whether each object has a list and a record.
    fn administer(&mut self) -> Checked<()> {
        self.screen("register", DataSource::validate_and_sync)?;
        for object in self.data.objects.clone() {
            if self.is_over() {
                break;
            }
            let list = self.screen("list", |data| data.list(&object, &View::of(&object)))?;
            if let Some(row) = self.pick(list.rows()).cloned() {
                self.record(&object, &row)?;
            }
        }
        Ok(())
    }

    /// From a list to a record, to what hangs on it, and back.
    fn browse(&mut self) -> Checked<()> {
        let objects = self.data.objects.clone();
        let Some(object) = self.pick(&objects).cloned() else { return Ok(()) };
        let view = View::of(&object);
        let list = self.screen("list", |data| data.list(&object, &view))?;
        let list = self.narrow(&object, view.clone(), list)?;
        if let Some(row) = self.pick(list.rows()).cloned()
            && !self.is_over()
        {
            self.record(&object, &row)?;
            self.find(&object, &row)?;
        }
        if self.is_over() {
            return Ok(());
        }
        // Back, and now and then something larger.
        self.screen("list", |data| data.list(&object, &view))?;
        match self.draw(20) {
            0 => drop(self.screen("batch", |data| data.batch(&object, &view, 2_000))?),
            1..=3 => drop(self.screen("report", |data| data.report(&object, &view, REPORT_ROWS))?),
            _ => {}
        }
        Ok(())
    }

    /// The list by a value on it, in another order, or its next page; then what its lookup fields show.
    fn narrow(&mut self, object: &Arc<ExternalObject>, view: View, list: List) -> Checked<List> {
        let (columns, rows) = (view.columns.clone(), list.rows().to_vec());
        let (column, row) = (self.pick(&columns).copied(), self.pick(&rows).cloned());
        let mut list = match (self.draw(3), column, row) {
            (0, Some(column), Some(row)) => {
                let value = row.cell(column).cloned().unwrap_or(Cell::Null);
                let view = view.filtered(Condition::is(column, value));
                self.screen("list by value", |data| data.list(object, &view))?
            }
            (1, Some(column), _) => {
                let descending = self.draw(2) == 0;
                let view = view.ordered(&[(column, descending)]);
                self.screen("list by column", |data| data.list(object, &view))?
            }
            _ => list,
        };
        if list.has_more() && !self.is_over() {
            self.screen("next page", |data| data.next(&mut list))?;
        }
        if !object.lookups.is_empty() {
            let begun = Instant::now();
            self.data.lookups(object, list.rows()).map_err(|wrong| Wrong(format!("lookups: {}", wrong.0)))?;
            self.screens.push(("lookups", begun.elapsed()));
        }
        Ok(list)
    }

    /// A record page with its related lists.
    fn record(&mut self, object: &Arc<ExternalObject>, row: &Row) -> Checked<()> {
        let id = DataSource::id(object, row)?;
        let found = self.screen("record", |data| data.record(object, &id))?;
        let found = found.ok_or_else(|| Wrong(format!("record: {} is not there", row.json)))?;
        let [own] = id.as_slice() else { return Ok(()) };
        for (child, field) in self.data.children(object) {
            self.screen("related", |data| data.related(&child, field, own))?;
        }
        // What the lookup fields of the page show.
        self.data.lookups(object, &[found]).map_err(|wrong| Wrong(format!("lookups: {}", wrong.0)))?;
        Ok(())
    }

    /// Searches for a word of the row.
    fn find(&mut self, object: &Arc<ExternalObject>, row: &Row) -> Checked<()> {
        let texts = object.fields_that(super::Field::is_searched);
        let word = texts.iter().find_map(|place| match row.cell(*place)? {
            Cell::Text(text) => text.split_whitespace().find(|word| word.chars().all(char::is_alphabetic)),
            _ => None,
        });
        let Some(word) = word.map(str::to_owned) else { return Ok(()) };
        if self.draw(4) == 0 {
            self.screen("search everywhere", |data| data.search_everywhere(&word))?;
        } else {
            self.screen("search", |data| data.search(object, &texts, &word))?;
        }
        Ok(())
    }
}
