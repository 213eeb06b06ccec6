//! The corridor: one bound read from plan to bytes.

use crate::cache::Told;
use crate::edm::Scalar;
use crate::execute;
use crate::model::{EntityType, Model, SetId};
use crate::plan::{self, Needs, Node, ReadPlan};
use crate::query::{self, Answer as Form, Cursor, Order, Read, Shape, fingerprint};
use crate::sql::Statement;
use crate::store::Visit;
use crate::syntax::{self, ResourceUrl};
use crate::wire::json::{write_context, write_control, write_count, write_string};
use crate::wire::{Format, Level};
use bytes::Bytes;

use super::Service;
use super::assemble::{NestedShape, Nodes};
use super::body::{Content, NodeBuffer, PageEnd};
use super::budget::Reservation;
use super::error::ServiceError;
use super::laid::{Given, Laid, Steps, Words};
use super::metadata::tag;
use super::misfit::named;
use super::nested::lists_go_on;
use super::nodes::{Prepared, nest};
use super::total::Counting;

/// Room for `{"@odata.context":"","@odata.count":"…","value":[` beside the context URL itself.
pub(super) const HEAD_ROOM: usize = 96;

/// Who asks, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    /// Stands for the caller in front of the sources.
    pub(super) caller: u64,
    /// What is kept is not wanted.
    pub(super) anew: bool,
}

/// What rows need before they come.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) prepared: Vec<Prepared>,
    /// Where the page of the root's rows ends.
    pub(super) page: Option<PageEnd>,
    /// Whether they are a page of many.
    pub(super) is_page: bool,
}

/// The bytes of an answer and what travels beside them.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) body: Bytes,
    /// `ETag` of a single entity.
    pub(super) etag: Option<String>,
    /// What kind of bytes the body is, where neither JSON nor text.
    pub(super) content_type: Option<String>,
    /// When the oldest rows in it were asked for, if that was before this reading; milliseconds since 1970.
    pub(super) made_ms: Option<u64>,
    /// What the log says of it.
    pub(super) told: Told,
}

/// What the log says of a page whose statements ran with this visit.
pub(super) fn told(rows: usize, next: Option<&str>, visit: &Visit<'_>) -> Told {
    Told {
        rows: u32::try_from(rows).ok(),
        next_link: next.is_some(),
        statement: visit.ticket().shown(),
        database_us: visit.ticket().spent_us(),
    }
}

impl Service {
    /// Reads and writes the answer to one bound query. `url` is what it was bound from; next links repeat it.
    pub(super) async fn read(
        &self,
        read: &Read,
        url: &ResourceUrl,
        format: Format,
        asking: Asking,
    ) -> Result<Page, ServiceError> {
        if read.answer == Form::Count {
            let total = self.count(read, asking).await?;
            return Ok(Page { body: Bytes::from(total.to_string()), ..Page::default() });
        }
        let visit = self.visit(asking);
        let plan = self.planned(read, self.needs(read, format), &visit).await?;
        let steps = self.steps(read, &plan, format)?;
        let laid = Laid { read, plan: &plan, steps: &steps, words: Words::Known(url, read) };
        self.follow(laid, Given::default(), (asking, &visit)).await
    }

    /// The time by the clock of the service, in microseconds since 1970.
    pub(super) fn now_micros(&self) -> i64 {
        i64::try_from(self.kept.pages.clock().now_ms().saturating_mul(1_000)).unwrap_or(i64::MAX)
    }

    /// The sources, as one request uses them.
    pub(super) fn visit(&self, asking: Asking) -> Visit<'_> {
        self.databases.visit(asking.caller, self.request_timeout)
    }

    /// The plan of a read, for the parents of its path as they are now.
    pub(super) async fn planned(&self, read: &Read, needs: Needs, visit: &Visit<'_>) -> Result<ReadPlan, ServiceError> {
        let mut plan = match &read.from {
            None => plan::plan(read, &self.model, needs)?,
            Some(_) => plan::plan(Box::pin(self.among(read, visit)).await?.as_ref(), &self.model, needs)?,
        };
        if execute::arrive(&mut plan, visit).await? { Ok(plan) } else { Err(ServiceError::NoEntity) }
    }

    /// Counts.
    pub(super) async fn count(&self, read: &Read, asking: Asking) -> Result<i64, ServiceError> {
        let visit = self.visit(asking);
        let plan = self.planned(read, Needs { now: self.now_micros(), ..Needs::default() }, &visit).await?;
        let fetch = plan.count.as_ref().ok_or(ServiceError::Defect("a count was planned without a statement"))?;
        Ok(execute::count(fetch, None, &visit).await?)
    }

    /// Answers with one entity, or with a part of it.
    pub(super) async fn single(
        &self,
        Laid { read, plan, steps: Steps { format, context, ready }, words }: Laid<'_>,
        given: Given,
        visit: &Visit<'_>,
    ) -> Result<Page, ServiceError> {
        let format = *format;
        let rows = plan.rows.as_ref().zip(ready.as_ref());
        let (root, ready) = rows.ok_or(ServiceError::Defect("a single read was planned without rows"))?;
        let mut nodes = self.rows(ready, root, given.rows, 0, visit).await?;
        let shape = self.nested(root, read)?;
        if lists_go_on(&nodes) {
            self.with_words(words, |url, _| self.link_lists(&mut nodes, &shape, url))?;
        }
        let first = nodes.first().ok_or(ServiceError::Defect("a plan without a root"))?;
        if first.rows == 0 {
            // At the end of a navigation there may be no entity: that is not an error (OData 4.01 Part 1, 11.2.4).
            let is_whole = matches!(read.answer, Form::Entity | Form::Reference) && read.of.is_none();
            let is_led_to = !read.via.is_empty() || read.from.is_some();
            let related = is_whole && is_led_to && read.key.is_none();
            return Err(if related { ServiceError::NoContent } else { ServiceError::NoEntity });
        }
        if first.is_null {
            // An item at a place that the collection does not have.
            let is_outside = first.bytes.is_empty() && read.shape.items().iter().any(|(_, it)| it.place.is_some());
            return Err(if is_outside { ServiceError::NoEntity } else { ServiceError::NoContent });
        }
        let mut body = Vec::with_capacity(first.bytes.len() + HEAD_ROOM);
        match read.answer {
            Form::Property(_) | Form::Complex(..) | Form::Reference => {
                body.push(b'{');
                if let Some(context) = context {
                    write_context(context, format, &mut body);
                    if !first.bytes.is_empty() {
                        body.push(b',');
                    }
                }
                body.extend_from_slice(&first.bytes);
                body.push(b'}');
            }
            Form::Entity => {
                Nodes::new(&nodes, format, &self.root).write_entity(&shape, 0, context.as_deref(), &mut body);
            }
            _ => body.extend_from_slice(&first.bytes),
        }
        // The tag tells of changes of the entity, not of those that are expanded: with them it validates nothing.
        let etag = if read.shape.expansions.is_empty() { first.etag.clone() } else { None };
        let Some(first) = nodes.into_iter().next() else { return Ok(Page::default()) };
        let told = told(first.rows, None, visit);
        let content_type = self.content_type(read, first.content_type);
        let body = reserved(body, 0, Some(first.reservation));
        let etag = etag.or_else(|| matches!(read.answer, Form::Stream(_)).then(|| tag(&body)));
        Ok(Page { body, etag, content_type, told, ..Page::default() })
    }

    /// Answers with a page of many.
    pub(super) async fn collection(
        &self,
        Laid { read, plan, steps: Steps { format, context, ready }, words }: Laid<'_>,
        given: Given,
        (asking, visit): (Asking, &Visit<'_>),
    ) -> Result<Page, ServiceError> {
        let (format, Given { rows: given, count, keeping_total }) = (*format, given);
        let head_room = HEAD_ROOM + context.as_ref().map_or(0, |context| context.len() + context.len() / 4);
        let rows = async {
            match plan.rows.as_ref().zip(ready.as_ref()) {
                Some((root, ready)) => self.rows(ready, root, given, head_room, visit).await,
                None => Ok(vec![NodeBuffer::empty(head_room, self.budget.reservation())]),
            }
        };
        let (mut nodes, total) = match &plan.count {
            Some(fetch) => {
                let keeping = if count.is_some() { keeping_total } else { self.keeping_total(read) };
                let counting = Counting { read, fetch, given: count, keeping };
                Box::pin(self.with_total(counting, rows, asking)).await?
            }
            None => (rows.await?, None),
        };
        let nested = plan.rows.as_ref().filter(|root| !root.children.is_empty());
        if let Some(root) = nested {
            let shape = self.nested(root, read)?;
            if lists_go_on(&nodes) {
                self.with_words(words, |url, _| self.link_lists(&mut nodes, &shape, url))?;
            }
            let whole = self.assemble(&nodes, &shape, head_room, format)?;
            nodes = vec![whole];
        }
        let page = nodes.into_iter().next().ok_or(ServiceError::Defect("a plan without a root"))?;
        let next = if page.more || read.all.is_some() {
            self.with_words(words, |url, read| self.next_link(read, &page, url))?
        } else {
            None
        };
        let made_ms = total.and_then(|total| total.made_ms);
        let total = total.map(|total| total.rows);
        let told = told(page.rows, next.as_deref(), visit);
        let body = finish(page, context.as_deref(), total, next.as_deref(), format);
        Ok(Page { body, made_ms, told, ..Page::default() })
    }

    /// Runs the statements below `root`; the writers come back in the order of the plan.
    pub(super) async fn rows(
        &self,
        Ready { prepared, page, is_page }: &Ready,
        root: &Node,
        given: Option<Statement>,
        head: usize,
        visit: &Visit<'_>,
    ) -> Result<Vec<NodeBuffer>, ServiceError> {
        let make = |node: &Node| {
            let prepared = prepared.get(node.index);
            let content = prepared.map(Prepared::content);
            let is_root = node.index == 0;
            let is_page = is_root && *is_page;
            let fragments = !is_page || !node.children.is_empty();
            let page = if is_root { page.clone() } else { None };
            let head = if is_page && !fragments { head } else { 0 };
            let content = content.unwrap_or(Content::Nothing);
            let mut buffer = Box::new(NodeBuffer::new(content, head, fragments, page, self.budget.reservation()));
            buffer.expect(node.fetch.select.limit);
            buffer.look_into(self.collections(node));
            if let Some(prepared) = prepared {
                prepared.relate(&mut buffer);
            }
            buffer
        };
        let nodes = execute::rows(root, given, visit, &make).await;
        let nodes = nodes.map_err(|error| named(&self.model, root, error))?;
        let mut nodes: Vec<NodeBuffer> = nodes.into_iter().map(|node| *node).collect();
        if nodes.iter().any(|node| node.over_budget) {
            return Err(ServiceError::OverBudget);
        }
        nodes.iter_mut().for_each(NodeBuffer::sort_links);
        Ok(nodes)
    }

    /// The columns of a node that hold many values. Those of an enumeration are names or numbers of any kind.
    fn collections(&self, node: &Node) -> Vec<(usize, Scalar)> {
        let Some(entity_type) = self.model.type_of(node.set) else { return Vec::new() };
        let properties = node.columns.iter().enumerate().filter_map(|(at, id)| Some((at, entity_type.property(*id)?)));
        let many = properties.filter(|(_, property)| property.collection.is_some() && property.enumeration.is_none());
        many.map(|(at, property)| (at, property.scalar)).collect()
    }

    /// Where a page ends, and how the next one begins.
    pub(super) fn end_of_page(
        &self,
        order: &[Order],
        page: &query::Page,
        root: &Node,
    ) -> Result<PageEnd, ServiceError> {
        if root.order.len() != order.len() {
            return Err(ServiceError::Defect("a sort column was not planned"));
        }
        let cursor = root.order.iter().copied().zip(order.iter().map(|item| item.scalar)).collect();
        Ok(PageEnd {
            rows_max: usize::try_from(page.rows_max).unwrap_or(usize::MAX),
            bytes_max: self.page_bytes_max,
            cursor,
            keep_all: !root.children.is_empty(),
        })
    }

    /// The shape of the answer as nodes of the plan.
    fn nested<'a>(&'a self, root: &'a Node, read: &'a Read) -> Result<NestedShape<'a>, ServiceError> {
        let entity_type = self.model.type_of(read.set).ok_or(ServiceError::Defect("an unknown set was bound"))?;
        nest(&self.model, root, entity_type, &read.shape.expansions, ("", true, None))
            .ok_or(ServiceError::Defect("plan and query do not fit"))
    }

    /// Joins parents and children into one buffer; the page ends early if it grows beyond its bytes.
    pub(super) fn assemble(
        &self,
        nodes: &[NodeBuffer],
        shape: &NestedShape<'_>,
        head: usize,
        format: Format,
    ) -> Result<NodeBuffer, ServiceError> {
        let first = nodes.first().ok_or(ServiceError::Defect("a plan without a root"))?;
        let mut whole = NodeBuffer::empty(head, self.budget.reservation());
        whole.more = first.more;
        // The rows of all nodes, and the names and brackets between them.
        let members: usize = nodes.iter().map(|node| node.bytes.len() + node.rows * 4).sum();
        whole.bytes.reserve_exact(members.min(self.page_bytes_max));
        let mut together = Nodes::new(nodes, format, &self.root);
        for row in 0..first.rows {
            if row > 0 && whole.bytes.len() - head >= self.page_bytes_max {
                whole.more = true;
                break;
            }
            if !whole.reservation.cover(whole.bytes.capacity()) {
                return Err(ServiceError::OverBudget);
            }
            if row > 0 {
                whole.bytes.push(b',');
            }
            together.write_entity(shape, row, None, &mut whole.bytes);
            whole.rows += 1;
        }
        if let Some(cursor) = whole.rows.checked_sub(1).and_then(|last| first.cursor_after(last)) {
            whole.keep_cursor(cursor.clone());
        }
        Ok(whole)
    }

    fn next_link(&self, read: &Read, page: &NodeBuffer, url: &ResourceUrl) -> Result<Option<String>, ServiceError> {
        if let Some(name) = read.all.and_then(|all| all.next).filter(|_| !page.more) {
            // The next set of `$all`, from its start, unless all that are wanted have been written.
            let left = read.page.top.map(|top| top.saturating_sub(u64::try_from(page.rows).unwrap_or(u64::MAX)));
            let start = Cursor { values: Vec::new() }.encode(name, self.model.revision);
            return if left == Some(0) { Ok(None) } else { self.link_to(&start, left, url).map(Some) };
        }
        self.link_after(page, read.page.top, || fingerprint(read, self.model.revision), url)
    }

    /// The link to what follows a page of a query with this fingerprint; none if nothing does.
    pub(super) fn link_after(
        &self,
        page: &NodeBuffer,
        top: Option<u64>,
        fingerprint: impl FnOnce() -> u64,
        url: &ResourceUrl,
    ) -> Result<Option<String>, ServiceError> {
        let written = u64::try_from(page.rows).unwrap_or(u64::MAX);
        let left = top.map(|top| top.saturating_sub(written));
        if !page.more || left == Some(0) {
            return Ok(None);
        }
        let cursor = page.rows.checked_sub(1).and_then(|last| page.cursor_after(last));
        let cursor = cursor.ok_or(ServiceError::Defect("the last row of a page has no cursor"))?;
        self.link_to(&cursor.encode(fingerprint(), self.model.revision), left, url).map(Some)
    }

    /// The link of a request that goes on where the content of a token says.
    fn link_to(&self, content: &[u8], left: Option<u64>, url: &ResourceUrl) -> Result<String, ServiceError> {
        let token = self.sealer.seal(content).ok_or(ServiceError::Defect("a token could not be sealed"))?;
        let mut next = url.clone();
        next.options.skip = None;
        next.options.top = left;
        next.options.skip_token = Some((token, 0..0));
        Ok(format!("{}{}", self.root, syntax::print(&next)))
    }
}

/// Whether an old answer is better than this error: the database does not answer, or not in time.
pub(super) fn is_outage(error: &ServiceError) -> bool {
    matches!(error.status(), 503 | 504)
}

/// The total, where the page itself shows it: all rows after what was skipped are on it.
pub(super) fn proven_total(of: &query::Page, page: &NodeBuffer) -> Option<i64> {
    let rows = u64::try_from(page.rows).ok()?;
    let is_short = !page.more && of.top.is_none_or(|top| rows < top);
    let starts_inside = rows > 0 || of.skip == 0;
    if is_short && starts_inside && of.cursor.is_none() {
        return i64::try_from(of.skip + rows).ok();
    }
    None
}

/// Whether keys are read beside what is written: an entity without its whole key tells its identity (JSON Format 4.01,
/// 4.5.8).
pub(super) fn needs_keys(model: &Model, set: SetId, shape: &Shape, level: Level) -> bool {
    let lacks = |entity_type: &EntityType| !entity_type.key.iter().all(|id| shape.properties.contains(id));
    match level {
        Level::None => false,
        Level::Full => true,
        Level::Minimal => {
            shape.selected && model.type_of(set).is_some_and(lacks)
                || shape.streams().iter().any(|stream| stream.selected)
                || shape.expansions.iter().any(|it| needs_keys(model, it.set, &it.shape, level))
        }
    }
}

/// Writes what precedes the rows into the room before them and what follows behind: the rows are not copied.
pub(super) fn finish(
    mut page: NodeBuffer,
    context: Option<&str>,
    total: Option<i64>,
    next: Option<&str>,
    format: Format,
) -> Bytes {
    let mut head = Vec::with_capacity(page.head);
    head.push(b'{');
    if let Some(context) = context {
        write_context(context, format, &mut head);
        head.push(b',');
    }
    if let Some(total) = total {
        write_control("count", format, &mut head);
        write_count(total, format.ieee754, &mut head);
        head.push(b',');
    }
    head.extend_from_slice(b"\"value\":[");
    page.bytes.push(b']');
    if let Some(next) = next {
        page.bytes.push(b',');
        write_control("nextLink", format, &mut page.bytes);
        write_string(next, &mut page.bytes);
    }
    page.bytes.push(b'}');
    let start = page.head.checked_sub(head.len());
    let room = start.and_then(|start| page.bytes.get_mut(start..page.head));
    if let (Some(start), Some(room)) = (start, room) {
        room.copy_from_slice(&head);
        return reserved(page.bytes, start, Some(page.reservation));
    }
    // The context has more characters to escape than the room allows for.
    page.bytes.splice(..page.head, head);
    reserved(page.bytes, 0, Some(page.reservation))
}

/// Bytes that hold their part of the budget until the last of them is sent.
pub(super) fn reserved<B: AsRef<[u8]> + Send + 'static>(
    bytes: B,
    start: usize,
    reservation: Option<Reservation>,
) -> Bytes {
    struct Reserved<B> {
        bytes: B,
        _reservation: Option<Reservation>,
    }
    impl<B: AsRef<[u8]>> AsRef<[u8]> for Reserved<B> {
        fn as_ref(&self) -> &[u8] {
            self.bytes.as_ref()
        }
    }
    Bytes::from_owner(Reserved { bytes, _reservation: reservation }).slice(start..)
}
