//! Reading: a query, the pages that its next links lead to, and what must hold over all of them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use percent_encoding::percent_decode_str;

use super::answer::{Page, Refusal};
use super::{Adapter, Cell, Checked, DataSource, Edm, Paging, Query, Row, Wrong, answer, ensure};

/// A page this large may end before the rows that were asked for.
const CUT_BYTES: usize = 4_000_000;
const PAGE_ROWS: usize = 2_000;

/// What a query gave, all pages together.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) query: Query,
    pub(crate) rows: Vec<Row>,
    pub(crate) count: Option<u64>,
    pub(crate) pages: usize,
    pub(crate) bytes: usize,
    /// Of the largest page.
    pub(crate) page_bytes: usize,
    /// Where the next page is, if not all were read.
    pub(super) next: Option<String>,
    keys: HashSet<String>,
}

impl Answer {
    fn new(query: Query) -> Answer {
        let (rows, keys) = (Vec::new(), HashSet::new());
        Answer { query, rows, count: None, pages: 0, bytes: 0, page_bytes: 0, next: None, keys }
    }

    /// Rows that were asked for and are not here yet.
    fn left(&self) -> Option<u64> {
        self.query.top.map(|top| top.saturating_sub(self.rows.len() as u64))
    }

    /// Adds a page, which must go on where the last one ended.
    fn add(&mut self, data: &DataSource, page: Page) -> Checked<()> {
        let left = self.left();
        ensure(left.is_none_or(|left| page.rows.len() as u64 <= left), || "more rows than asked for".to_owned())?;
        ensure(self.pages == 0 || page.count == self.count, || {
            format!("the total was {:?} and is {:?}", self.count, page.count)
        })?;
        for row in &page.rows {
            let key: Vec<String> =
                self.query.object.key.iter().map(|place| format!("{:?}", row.cell(*place))).collect();
            ensure(self.keys.insert(key.join(",")), || format!("a key stands twice: {}", row.json))?;
        }
        let from = self.rows.len().saturating_sub(1);
        let (rows, bytes) = (page.rows.len(), page.bytes);
        self.rows.extend(page.rows);
        self.check_order(data.settings.ordinal, from)?;
        self.count = page.count;
        self.pages += 1;
        self.bytes += bytes;
        self.page_bytes = self.page_bytes.max(bytes);
        if let Some(link) = &page.next {
            ensure(self.left() != Some(0), || {
                "a next link, although all rows that were asked for are here".to_owned()
            })?;
            ensure(rows > 0, || "a next link on an empty page".to_owned())?;
            let is_cut = rows == PAGE_ROWS || bytes >= CUT_BYTES;
            ensure(is_cut || data.settings.paging == Paging::Server, || {
                format!("a page of {rows} rows is cut, although the client drives the paging")
            })?;
            self.check_link(data, link)?;
        } else if let Some(count) = self.count {
            let there = count.saturating_sub(self.query.skip);
            let wanted = self.query.top.map_or(there, |top| top.min(there));
            let rows = self.rows.len() as u64;
            ensure(rows == wanted, || format!("{rows} rows of {count}, wanted are {wanted}"))?;
        }
        self.next = page.next;
        Ok(())
    }

    /// Adds what was read behind it by `$skip`.
    pub(super) fn join(&mut self, behind: Answer) -> Checked<()> {
        ensure(self.count == behind.count, || format!("the total was {:?} and is {:?}", self.count, behind.count))?;
        if let Some(twice) = behind.keys.iter().find(|key| self.keys.contains(*key)) {
            return Err(Wrong(format!("the row {twice} is on two pages of {}", self.query.object.table)));
        }
        self.keys.extend(behind.keys);
        self.rows.extend(behind.rows);
        self.pages += behind.pages;
        self.bytes += behind.bytes;
        self.page_bytes = self.page_bytes.max(behind.page_bytes);
        Ok(())
    }

    /// The link must be absolute, on the public host, and keep what was asked for.
    fn check_link(&self, data: &DataSource, link: &str) -> Checked<()> {
        let path =
            link.strip_prefix(&data.settings.url).ok_or_else(|| Wrong(format!("the link {link} leads elsewhere")))?;
        let (table, options) = path.split_once('?').unwrap_or((path, ""));
        let told = || format!("the link {link}");
        ensure(table == self.query.object.table, || format!("{} leads to {table}", told()))?;
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let options: BTreeMap<String, String> = options
            .split('&')
            .filter_map(|option| option.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        let top = self.left().map(|left| left.to_string());
        ensure(options.get("$top") == top.as_ref(), || format!("{}: $top should be {top:?}", told()))?;
        let count = data.settings.counts();
        ensure((options.get("$count").map(String::as_str) == Some("true")) == count, || format!("{}: $count", told()))?;
        ensure(options.contains_key("$skiptoken"), || format!("{} has no $skiptoken", told()))?;
        ensure(!options.contains_key("$skip"), || format!("{} skips again", told()))?;
        let kept = [
            ("$filter", self.query.filter.is_some()),
            ("$search", self.query.search.is_some()),
            ("$orderby", !self.query.order.is_empty()),
            ("$select", true),
        ];
        kept.iter()
            .try_for_each(|(name, is)| ensure(options.contains_key(*name) == *is, || format!("{}: {name}", told())))
    }

    /// The wanted order, ties by the key; the key alone without a wish. From a row on.
    fn check_order(&self, ordinal: bool, from: usize) -> Checked<()> {
        let object = &self.query.object;
        let last = self.query.order.last().is_some_and(|(_, descending)| *descending);
        let key = object.key.iter().map(|place| (*place, last));
        let items: Vec<(usize, bool)> = self.query.order.iter().copied().chain(key).collect();
        let rows = self.rows.get(from..).unwrap_or_default();
        'rows: for (row, next) in rows.iter().zip(rows.iter().skip(1)) {
            for (place, descending) in &items {
                let (Some(a), Some(b)) = (row.cell(*place), next.cell(*place)) else { continue 'rows };
                let order = if a == b { Some(Ordering::Equal) } else { a.order(b) };
                match if *descending { order.map(Ordering::reverse) } else { order } {
                    Some(Ordering::Less) => continue 'rows,
                    Some(Ordering::Equal) => {}
                    _ => {
                        let is_text = matches!(object.field(*place)?.edm, Edm::String(_));
                        let both = *a != Cell::Null && *b != Cell::Null;
                        ensure(is_text && both && !ordinal, || {
                            format!("out of order by {}: {} before {}", object.table, row.json, next.json)
                        })?;
                        continue 'rows;
                    }
                }
            }
        }
        Ok(())
    }
}

impl DataSource {
    /// Sends a query and reads its first page.
    pub(super) fn begin(&mut self, query: Query) -> Checked<Answer> {
        let mut answer = Answer::new(query);
        let below = answer.query.target(self.settings.counts(), self.callouts.sent)?;
        let target = format!("{}{below}", self.settings.path()?);
        self.page(&mut answer, &target)?;
        Ok(answer)
    }

    /// Follows the next link of an answer, as it is.
    pub(super) fn go_on(&mut self, answer: &mut Answer) -> Checked<bool> {
        let Some(link) = answer.next.take() else { return Ok(false) };
        let path = self.settings.path()?;
        let target = link.strip_prefix(&self.settings.url).map(|rest| format!("{path}{rest}"));
        let target = target.ok_or_else(|| Wrong(format!("the link {link} leads elsewhere")))?;
        self.page(answer, &target)?;
        Ok(true)
    }

    /// Sends a query and reads all its pages.
    pub(crate) fn read(&mut self, query: Query) -> Checked<Answer> {
        let mut answer = self.begin(query)?;
        while self.go_on(&mut answer)? {}
        self.judge(&answer.query, &answer.rows, answer.count)?;
        Ok(answer)
    }

    fn page(&mut self, answer: &mut Answer, target: &str) -> Checked<()> {
        let (accept, level) = match self.settings.adapter {
            Adapter::V40 => ("application/json;odata.metadata=full", "full"),
            Adapter::V401 => ("application/json", "minimal"),
        };
        let response = self.callout(target, accept, &[])?;
        let here = |error: Wrong| Wrong(format!("{}\n  {}", error.0, target.chars().take(600).collect::<String>()));
        let json = answer::json(&self.settings, level, target, &response).map_err(here)?;
        let page = Page::read(&answer.query, &self.settings, &json, response.body.len()).map_err(here)?;
        self.misfits.extend(page.misfits(&answer.query).map_err(here)?);
        answer.add(self, page).map_err(here)
    }

    /// Sends something that must be refused; the target is one below the service root.
    pub(crate) fn refused(&mut self, below: &str, more: &[(&str, &str)]) -> Checked<Refusal> {
        let target = format!("{}{below}", self.settings.path()?);
        let response = self.callout(&target, "application/json", more)?;
        answer::refusal(&self.settings, &target, &response)
    }
}
