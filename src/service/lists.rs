//! Owns [`Lists`]: how far the expanded list of each parent goes, how many rows there are, and the link to the others.
//! Also [`Urls`], by which parents are found again.

use crate::edm::{Scalar, Value};
use crate::query::Cursor;
use crate::store::{Row, StoreError};
use crate::wire::EntityUrl;

/// The lists of one expanded node.
#[derive(Debug)]
pub(super) struct Lists {
    rows_max: usize,
    /// The columns that make a cursor.
    cursor: Vec<(usize, Scalar)>,
    /// Rows of each parent, also those that were left out. Of parents with the same rows, only the first counts.
    seen: Vec<usize>,
    full: Vec<Full>,
    wants_limit: bool,
    /// How many rows each parent has, where that was asked for by itself.
    numbers: Option<Vec<(u32, i64)>>,
    /// Where the rest of a list is found.
    links: Vec<(u32, String)>,
}

/// A list that is as long as it may be.
#[derive(Debug)]
pub(super) struct Full {
    /// Parents with the same rows.
    pub(super) parents: Vec<u32>,
    /// Its last row.
    pub(super) last: Cursor,
    goes_on: bool,
}

impl Lists {
    /// Lists of at most `rows_max` rows; `cursor` are the columns of the sort order.
    pub(super) fn new(rows_max: u32, cursor: Vec<(usize, Scalar)>) -> Self {
        Lists {
            rows_max: usize::try_from(rows_max).unwrap_or(usize::MAX),
            cursor,
            seen: Vec::new(),
            full: Vec::new(),
            wants_limit: false,
            numbers: None,
            links: Vec::new(),
        }
    }

    /// Whether the next row of these parents is written.
    pub(super) fn take<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<bool, StoreError> {
        let Some(first) = parents.first() else { return Ok(true) };
        let place = usize::try_from(*first).unwrap_or(usize::MAX);
        if self.seen.len() <= place {
            self.seen.resize(place + 1, 0);
        }
        let Some(seen) = self.seen.get_mut(place) else { return Ok(true) };
        *seen += 1;
        if *seen == self.rows_max {
            let values: Result<Vec<Value>, StoreError> =
                self.cursor.iter().map(|(index, scalar)| row.value(*index, *scalar)).collect();
            self.full.push(Full { parents: parents.to_vec(), last: Cursor { values: values? }, goes_on: false });
        }
        let fits = *seen <= self.rows_max;
        // With a limit in the statement there is only one row too many.
        self.wants_limit |= *seen / 2 > self.rows_max;
        if !fits && let Some(full) = self.full.iter_mut().rev().find(|full| full.parents.first() == Some(first)) {
            full.goes_on = true;
        }
        Ok(fits)
    }

    pub(super) fn wants_limit(&self) -> bool {
        self.wants_limit
    }

    pub(super) fn keep_numbers(&mut self, mut numbers: Vec<(u32, i64)>) {
        numbers.sort_unstable();
        self.numbers = Some(numbers);
    }

    /// How many rows a parent has; `written` of them are written.
    pub(super) fn number(&self, parent: usize, written: usize) -> i64 {
        let Some(numbers) = &self.numbers else {
            let of_first = self.full.iter().find(|full| full.parents.iter().any(|it| is(*it, parent)));
            let first = of_first.and_then(|full| full.parents.first()).and_then(|first| usize::try_from(*first).ok());
            let seen = first.and_then(|first| self.seen.get(first)).copied();
            return i64::try_from(seen.unwrap_or(written)).unwrap_or(i64::MAX);
        };
        let start = numbers.partition_point(|(of, _)| usize::try_from(*of).is_ok_and(|of| of < parent));
        let own = numbers.get(start..).unwrap_or_default().iter().take_while(|(of, _)| is(*of, parent));
        // Values that a database tells apart and we do not are one.
        own.map(|(_, number)| number).sum()
    }

    /// The lists that go on.
    pub(super) fn going_on(&self) -> impl Iterator<Item = &Full> {
        self.full.iter().filter(|full| full.goes_on)
    }

    pub(super) fn keep_links(&mut self, links: Vec<(u32, String)>) {
        self.links = links;
    }

    pub(super) fn link(&self, parent: usize) -> Option<&str> {
        self.links.iter().find(|(of, _)| is(*of, parent)).map(|(_, link)| link.as_str())
    }

    pub(super) fn rewind(&mut self) {
        self.seen.clear();
        self.full.clear();
        self.wants_limit = false;
    }
}

fn is(number: u32, parent: usize) -> bool {
    usize::try_from(number).is_ok_and(|number| number == parent)
}

/// The URLs of rows, from the service root on.
#[derive(Debug)]
pub(super) struct Urls {
    url: EntityUrl,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Urls {
    pub(super) fn new(url: EntityUrl) -> Self {
        Urls { url, bytes: Vec::new(), ends: Vec::new() }
    }

    pub(super) fn take<R: Row>(&mut self, row: &R) -> Result<(), StoreError> {
        self.url.write(&|index| row.cell(index), &mut self.bytes)?;
        self.ends.push(self.bytes.len());
        Ok(())
    }

    pub(super) fn of(&self, row: u32) -> Option<&str> {
        let row = usize::try_from(row).ok()?;
        let start = row.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        std::str::from_utf8(self.bytes.get(start..*self.ends.get(row)?)?).ok()
    }

    pub(super) fn rewind(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}
