//! The screens: list views, record pages, related lists, lookup fields, reports, and the batches of Batch Apex.

use std::sync::Arc;

use super::{Answer, Cell, Checked, Condition, DataSource, ExternalObject, Lookup, Paging, Query, Row, Wrong, ensure};

/// Rows on the screen.
const SHOWN: u64 = 25;
/// Rows of a batch when the producer decides about pages.
const BATCH: u64 = 500;
/// Rows of a subquery, and of the parents of a page.
const PARENTS_MAX: u64 = 1_000;
/// Keys in one chain.
const KEYS_PER_QUERY: usize = 200;
/// Joins of one query.
const JOINS_MAX: usize = 4;
/// Bytes of what one query gives.
const RESULT_BYTES_MAX: usize = 16_000_000;

/// How a list or a report is set up.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Places of columns; the key comes by itself.
    pub(crate) columns: Vec<usize>,
    pub(crate) filter: Option<Condition>,
    pub(crate) order: Vec<(usize, bool)>,
}

/// A list on the screen.
#[derive(Debug)]
pub(crate) struct List {
    answer: Answer,
    /// The first row on the screen, among those of the answer.
    first: usize,
}

impl List {
    /// The rows on the screen.
    pub(crate) fn rows(&self) -> &[Row] {
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        let rest = self.answer.rows.get(self.first..).unwrap_or_default();
        rest.get(..shown).unwrap_or(rest)
    }

    /// Whether there is a next page.
    pub(crate) fn has_more(&self) -> bool {
        self.answer.next.is_some() || self.answer.rows.len() as u64 > self.first as u64 + SHOWN
    }
}

impl View {
    /// The columns that a page layout begins with.
    pub(crate) fn of(object: &ExternalObject) -> View {
        let mut columns = object.fields_that(super::Field::is_plain);
        columns.truncate(10);
        View { columns, ..View::default() }
    }

    /// The same with a filter, whose fields are shown.
    pub(crate) fn filtered(mut self, filter: Condition) -> View {
        self.filter = Some(filter);
        self
    }

    /// The same in another order.
    pub(crate) fn ordered(mut self, order: &[(usize, bool)]) -> View {
        self.order = order.to_vec();
        self
    }

    fn query(&self, object: &Arc<ExternalObject>) -> Query {
        let shown: Vec<usize> = self.columns.iter().copied().chain(self.order.iter().map(|item| item.0)).collect();
        Query { filter: self.filter.clone(), order: self.order.clone(), ..Query::of(object, &shown) }
    }
}

impl DataSource {
    /// The first page of a list view: one row more than is shown tells whether there are others.
    pub(crate) fn list(&mut self, object: &Arc<ExternalObject>, view: &View) -> Checked<List> {
        let mut query = view.query(object);
        query.top = Some(match self.settings.paging {
            Paging::Client => SHOWN + 1,
            Paging::Server => BATCH + 1,
        });
        let answer = self.begin(query)?;
        if answer.next.is_none() {
            self.judge(&answer.query, &answer.rows, answer.count)?;
        }
        Ok(List { answer, first: 0 })
    }

    /// The next page of it.
    pub(crate) fn next(&mut self, list: &mut List) -> Checked<()> {
        ensure(list.has_more(), || "there is no next page".to_owned())?;
        if self.settings.paging == Paging::Server {
            list.first += usize::try_from(SHOWN).unwrap_or(usize::MAX);
            // What is shown may lie on several pages of the producer.
            while list.rows().len() < usize::try_from(SHOWN).unwrap_or(usize::MAX) && self.go_on(&mut list.answer)? {}
            if list.answer.next.is_none() {
                self.judge(&list.answer.query, &list.answer.rows, list.answer.count)?;
            }
            return Ok(());
        }
        let before = list.answer.rows.get(list.first + usize::try_from(SHOWN).unwrap_or(usize::MAX)).cloned();
        let mut query = list.answer.query.clone();
        query.skip += SHOWN;
        let answer = self.read(query)?;
        let first = answer.rows.first().map(|row| &row.json);
        let announced = before.as_ref().map(|row| &row.json);
        ensure(first == announced, || format!("the next page begins with {first:?}, announced was {announced:?}"))?;
        *list = List { answer, first: 0 };
        Ok(())
    }

    /// The record page: the key as a filter. `None` if there is no such record.
    pub(crate) fn record(&mut self, object: &Arc<ExternalObject>, id: &[Cell]) -> Checked<Option<Row>> {
        let parts = object.key.iter().zip(id).map(|(place, cell)| Condition::is(*place, cell.clone())).collect();
        let everything = object.fields_that(|_| true);
        let filter = Some(Condition::joined(parts, Condition::And));
        let answer = self.read(Query { filter, top: Some(1), ..Query::of(object, &everything) })?;
        let count = answer.count.unwrap_or(answer.rows.len() as u64);
        ensure(count == answer.rows.len() as u64, || format!("{count} records have the key {id:?}"))?;
        Ok(answer.rows.into_iter().next())
    }

    /// The external ID of a row.
    pub(crate) fn id(object: &ExternalObject, row: &Row) -> Checked<Vec<Cell>> {
        let cells = object.key.iter().map(|place| row.cell(*place).cloned());
        cells.collect::<Option<_>>().ok_or_else(|| Wrong(format!("{} has no key", row.json)))
    }

    /// The objects whose records hang below those of another, each with its lookup.
    pub(crate) fn children(&self, parent: &ExternalObject) -> Vec<(Arc<ExternalObject>, usize)> {
        let mut children = Vec::new();
        for child in &self.objects {
            let lookups = child.lookups.iter().filter(|lookup| lookup.parent == parent.table);
            children.extend(lookups.map(|lookup| (child.clone(), lookup.field)));
        }
        children
    }

    /// A related list: the rows of the child whose field holds the external ID of the parent.
    pub(crate) fn related(&mut self, child: &Arc<ExternalObject>, field: usize, id: &Cell) -> Checked<Answer> {
        let view = View::of(child).filtered(Condition::is(field, id.clone()));
        let mut query = view.query(child);
        query.select = child.with_key(&[query.select, vec![field]].concat());
        query.top = Some(SHOWN + 1);
        self.read(query)
    }

    /// The parents that the lookup fields of these rows show. Gives those that are not there.
    pub(crate) fn lookups(&mut self, object: &Arc<ExternalObject>, rows: &[Row]) -> Checked<Vec<Cell>> {
        let mut missing = Vec::new();
        for Lookup { field, parent } in object.lookups.iter().take(JOINS_MAX) {
            let parent = self.object(parent)?;
            let key = *parent.key.first().ok_or_else(|| Wrong("a parent without a key".to_owned()))?;
            let mut ids: Vec<Cell> = Vec::new();
            for row in rows {
                if let Some(id) = row.cell(*field).filter(|id| **id != Cell::Null && !ids.contains(id)) {
                    ids.push(id.clone());
                }
            }
            for ids in ids.chunks(KEYS_PER_QUERY) {
                let chain = ids.iter().map(|id| Condition::is(key, id.clone())).collect();
                let filter = Some(Condition::joined(chain, Condition::Or));
                let names: Vec<usize> = parent.fields_that(super::Field::is_searched).into_iter().take(1).collect();
                let query = Query { filter, top: Some(PARENTS_MAX), ..Query::of(&parent, &names) };
                let found = self.read(query)?;
                let is_there = |id: &&Cell| found.rows.iter().any(|row| row.cell(key) == Some(*id));
                missing.extend(ids.iter().filter(|id| !is_there(id)).cloned());
            }
        }
        Ok(missing)
    }

    /// How many rows there are: the number is read from a query for one row.
    pub(crate) fn total(&mut self, object: &Arc<ExternalObject>, filter: Option<Condition>) -> Checked<u64> {
        ensure(self.settings.counts(), || "COUNT() needs row counts".to_owned())?;
        let answer = self.read(Query { filter, top: Some(1), ..Query::of(object, &[]) })?;
        answer.count.ok_or_else(|| Wrong("no total".to_owned()))
    }

    /// A report: pages of 2,000 rows, until all are here or the result is too large.
    pub(crate) fn report(&mut self, object: &Arc<ExternalObject>, view: &View, rows_max: u64) -> Checked<Answer> {
        let answer = self.pages(view.query(object), 2_000, Some(rows_max))?;
        ensure(answer.bytes <= RESULT_BYTES_MAX, || format!("a result of {} bytes", answer.bytes))?;
        Ok(answer)
    }

    /// All rows in pages of some size, as Batch Apex reads them: each page tells the total.
    pub(crate) fn batch(&mut self, object: &Arc<ExternalObject>, view: &View, size: u64) -> Checked<Answer> {
        self.pages(view.query(object), size, None)
    }

    /// Rows by `$skip` and `$top`, or along next links. The pages together must be the whole.
    pub(super) fn pages(&mut self, query: Query, size: u64, rows_max: Option<u64>) -> Checked<Answer> {
        if self.settings.paging == Paging::Server {
            return self.read(Query { top: rows_max, ..query });
        }
        let limit = rows_max.unwrap_or(u64::MAX);
        let mut whole: Option<Answer> = None;
        loop {
            let here = whole.as_ref().map_or(0, |whole| whole.rows.len() as u64);
            let top = size.min(limit - here);
            let page = self.read(Query { skip: query.skip + here, top: Some(top), ..query.clone() })?;
            let rows = page.rows.len() as u64;
            let count = page.count;
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => whole.join(page)?,
            }
            let here = here + rows;
            let is_last = count.map_or(rows < top, |count| query.skip + here >= count);
            if is_last || here >= limit || rows == 0 {
                break;
            }
        }
        let mut whole = whole.ok_or_else(|| Wrong("no page".to_owned()))?;
        whole.query = Query { top: rows_max, ..query };
        self.judge(&whole.query, &whole.rows, whole.count)?;
        Ok(whole)
    }
}
