//! Owns [`NodeBuffer`]: takes the rows of one node of a plan as bytes, within the page's limits and the budget, and
//! remembers what the page needs: where it ends, where the next one begins, which rows belong to which parents.

use std::sync::Arc;

use crate::edm::{Cell, Scalar, Value};
use crate::execute::{RowWriter, Taken};
use crate::model::DerivedId;
use crate::query::Cursor;
use crate::store::{Row, StoreError};
use crate::wire::json::{AggregateWriter, CrossWriter, EntityWriter, PropertyWriter, ResultWriter, item_misfit};

use super::budget::Reservation;
use super::lists::{Lists, Urls};

/// After so many rows their size is known well enough.
const ROWS_SEEN: usize = 32;

/// What is written of each row.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// The members of an entity.
    Entity(Arc<EntityWriter>),
    /// The links of a combination of entities.
    Cross(CrossWriter),
    /// The members of a row that `$apply` has made.
    Made(AggregateWriter),
    /// What stands for an entity where it is not written itself, with braces around it or not.
    Property(PropertyWriter, bool),
    /// The value in one column of each row, and whether long numbers are texts.
    Value(ResultWriter, usize, bool),
    /// Bytes, and the column that tells what kind of bytes they are.
    Stream(PropertyWriter, Option<usize>),
    /// Nothing: there are no rows.
    Nothing,
}

/// The limits of a page and how to continue after it; only the root node has one.
#[derive(Clone, Debug)]
pub(super) struct PageEnd {
    pub(super) rows_max: usize,
    pub(super) bytes_max: usize,
    /// The columns that make a cursor.
    pub(super) cursor: Vec<(usize, Scalar)>,
    /// With expansions any row may become the last, so every row's cursor is kept.
    pub(super) keep_all: bool,
}

/// The rows of one node as bytes.
#[derive(Debug)]
pub(super) struct NodeBuffer {
    content: Content,
    /// Members of the rows without braces if the node is nested or has expansions, else the finished array items.
    pub(super) bytes: Vec<u8>,
    /// Room at the start of `bytes` for what precedes the first row.
    pub(super) head: usize,
    /// Where the members of each row end in `bytes`; only kept for fragments.
    ends: Vec<usize>,
    /// Which row belongs to which parent row.
    links: Vec<(u32, u32)>,
    pub(super) rows: usize,
    /// Most rows that the statement gives, if it has a limit.
    rows_expected: Option<u64>,
    page: Option<PageEnd>,
    cursors: Vec<(usize, Cursor)>,
    /// A row came after the last that the page holds.
    pub(super) more: bool,
    /// The budget of bytes in flight did not allow another row.
    pub(super) over_budget: bool,
    /// The value of a single-value content was null.
    pub(super) is_null: bool,
    fragments: bool,
    /// For an expanded list: how far it goes for each parent.
    pub(super) lists: Option<Lists>,
    /// Where rows have lists: their URLs.
    pub(super) urls: Option<Urls>,
    /// Where something is expanded for one type only: the types of the rows.
    pub(super) types: Option<Vec<Option<DerivedId>>>,
    /// The `ETag` of the last row taken, for answers of one entity.
    pub(super) etag: Option<String>,
    /// What kind of bytes a stream has, where its row tells.
    pub(super) content_type: Option<String>,
    /// The columns that hold many values, and the type of these. Only here their type is known.
    collections: Vec<(usize, Scalar)>,
    pub(super) reservation: Reservation,
}

impl NodeBuffer {
    pub(super) fn new(
        content: Content,
        head: usize,
        fragments: bool,
        page: Option<PageEnd>,
        reservation: Reservation,
    ) -> Self {
        let mut bytes = Vec::with_capacity(head + 4096);
        bytes.resize(head, b' ');
        NodeBuffer {
            content,
            bytes,
            head,
            ends: Vec::new(),
            links: Vec::new(),
            rows: 0,
            rows_expected: None,
            page,
            cursors: Vec::new(),
            more: false,
            over_budget: false,
            is_null: false,
            fragments,
            lists: None,
            urls: None,
            types: None,
            etag: None,
            content_type: None,
            collections: Vec::new(),
            reservation,
        }
    }

    /// A buffer for rows that come from elsewhere, or for none.
    pub(super) fn empty(head: usize, reservation: Reservation) -> Self {
        NodeBuffer::new(Content::Nothing, head, false, None, reservation)
    }

    /// Tells how many rows there may be, so that room for them is made at once when their size is known.
    pub(super) fn expect(&mut self, rows: Option<u64>) {
        self.rows_expected = rows;
    }

    /// Tells which columns hold many values, and the type of these.
    pub(super) fn look_into(&mut self, collections: Vec<(usize, Scalar)>) {
        self.collections = collections;
    }

    /// Tells what an expanded node, or one with expansions, needs.
    pub(super) fn relate(&mut self, lists: Option<Lists>, urls: Option<Urls>, keeps_types: bool) {
        (self.lists, self.urls) = (lists, urls);
        self.types = keeps_types.then(Vec::new);
    }

    /// Makes room for all rows from the size of the first ones. Pages of memory that are not written cost nothing.
    #[cold]
    fn make_room(&mut self) {
        let written = self.bytes.len() - self.head;
        let expected = self.rows_expected.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0);
        let bytes_max = self.page.as_ref().map_or(0, |page| page.bytes_max);
        // A little more, for rows that are a little longer.
        let wanted = (written / ROWS_SEEN + 1).saturating_mul(expected).min(bytes_max) / 16 * 17;
        if self.reservation.cover(self.head + wanted) {
            self.bytes.reserve_exact(wanted.saturating_sub(written));
        }
    }

    /// Remembers the cursor after the last row.
    pub(super) fn keep_cursor(&mut self, cursor: Cursor) {
        self.cursors.push((self.rows.saturating_sub(1), cursor));
    }

    /// The cursor after the row with this index, if it was kept.
    pub(super) fn cursor_after(&self, row: usize) -> Option<&Cursor> {
        self.cursors.iter().rev().find(|(index, _)| *index == row).map(|(_, cursor)| cursor)
    }

    /// Ends the links so that rows can be looked up by parent.
    pub(super) fn sort_links(&mut self) {
        self.links.sort_by_key(|(parent, _)| *parent);
    }

    /// The rows of a parent.
    pub(super) fn rows_of(&self, parent: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let parent = u32::try_from(parent).unwrap_or(u32::MAX);
        let start = self.links.partition_point(|(of, _)| *of < parent);
        let links = self.links.get(start..).unwrap_or_default();
        links.iter().take_while(move |(of, _)| *of == parent).filter_map(|(_, row)| usize::try_from(*row).ok())
    }

    /// The members of a row.
    pub(super) fn members(&self, row: usize) -> &[u8] {
        let start = match row.checked_sub(1) {
            None => self.head,
            Some(before) => self.ends.get(before).copied().unwrap_or(self.head),
        };
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn write<R: Row>(&mut self, row: &R) -> Result<(), StoreError> {
        for (column, scalar) in &self.collections {
            if let Some(found) = item_misfit(&row.cell(*column)?, *scalar) {
                return Err(row.refuse(*column, found, format!("wanted items of type {scalar}, found {found}")));
            }
        }
        match &self.content {
            Content::Entity(writer) => {
                if !self.fragments {
                    if self.rows > 0 {
                        self.bytes.push(b',');
                    }
                    self.bytes.push(b'{');
                }
                writer.members(&mut self.bytes, |index| row.cell(index))?;
                if !self.fragments {
                    self.bytes.push(b'}');
                } else if self.page.as_ref().is_some_and(|page| page.rows_max == 1) {
                    self.etag = writer.etag(|index| row.cell(index))?;
                }
            }
            Content::Cross(writer) => {
                if !self.fragments {
                    self.bytes.extend_from_slice(if self.rows > 0 { b",{" } else { b"{" });
                }
                writer.members(&mut self.bytes, |index| row.cell(index))?;
                if !self.fragments {
                    self.bytes.push(b'}');
                }
            }
            Content::Made(writer) => {
                if !self.fragments {
                    self.bytes.extend_from_slice(if self.rows > 0 { b",{" } else { b"{" });
                }
                writer.members(&mut self.bytes, |index| row.cell(index))?;
                if !self.fragments {
                    self.bytes.push(b'}');
                }
            }
            Content::Property(writer, is_object) => {
                if *is_object {
                    self.bytes.extend_from_slice(if self.rows > 0 { b",{" } else { b"{" });
                }
                self.is_null = writer.write(&mut self.bytes, |index| row.cell(index))?;
                if *is_object {
                    self.bytes.push(b'}');
                }
            }
            Content::Value(writer, column, ieee754) => {
                if self.rows > 0 {
                    self.bytes.push(b',');
                }
                writer.write_cell(row.cell(*column)?, *ieee754, &mut self.bytes);
            }
            Content::Stream(writer, content_type) => {
                self.is_null = writer.write(&mut self.bytes, |index| row.cell(index))?;
                if let Some(column) = content_type
                    && let Cell::Text(text) = row.cell(*column)?
                {
                    self.content_type = Some(text.as_str().to_owned());
                }
            }
            Content::Nothing => {}
        }
        if let Some(urls) = &mut self.urls {
            urls.take(row)?;
        }
        if let (Some(types), Content::Entity(writer)) = (&mut self.types, &self.content) {
            types.push(writer.type_of(|index| row.cell(index))?);
        }
        if self.fragments {
            self.ends.push(self.bytes.len());
        }
        Ok(())
    }
}

impl RowWriter for NodeBuffer {
    fn row<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<Taken, StoreError> {
        if let Some(page) = &self.page
            && (self.rows == page.rows_max || (self.rows > 0 && self.bytes.len() - self.head >= page.bytes_max))
        {
            self.more = true;
            return Ok(Taken::Enough);
        }
        if let Some(lists) = &mut self.lists
            && !lists.take(parents, row)?
        {
            return Ok(if lists.wants_limit() { Taken::Enough } else { Taken::No });
        }
        // What is allocated counts, not only what is written.
        if !self.reservation.cover(self.bytes.capacity()) {
            self.over_budget = true;
            return Ok(Taken::Enough);
        }
        self.write(row)?;
        if let Some(page) = &self.page {
            let is_last = self.rows + 1 == page.rows_max || self.bytes.len() - self.head >= page.bytes_max;
            if is_last || page.keep_all {
                let values = page.cursor.iter().map(|(index, scalar)| row.value(*index, *scalar));
                let values: Result<Vec<Value>, StoreError> = values.collect();
                self.cursors.push((self.rows, Cursor { values: values? }));
            }
        }
        let index = u32::try_from(self.rows).unwrap_or(u32::MAX);
        self.links.extend(parents.iter().map(|parent| (*parent, index)));
        self.rows += 1;
        if self.rows == ROWS_SEEN {
            self.make_room();
        }
        Ok(Taken::Yes)
    }

    fn numbers(&mut self, numbers: Vec<(u32, i64)>) {
        if let Some(lists) = &mut self.lists {
            lists.keep_numbers(numbers);
        }
    }

    fn wants_limit(&self) -> bool {
        self.lists.as_ref().is_some_and(Lists::wants_limit)
    }

    fn rewind(&mut self) {
        self.bytes.truncate(self.head);
        self.ends.clear();
        self.links.clear();
        self.cursors.clear();
        self.rows = 0;
        (self.more, self.over_budget, self.is_null) = (false, false, false);
        (self.etag, self.content_type) = (None, None);
        self.lists.iter_mut().for_each(Lists::rewind);
        self.urls.iter_mut().for_each(Urls::rewind);
        self.types.iter_mut().for_each(Vec::clear);
    }
}
