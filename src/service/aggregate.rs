//! The corridor of `$apply`: one bound aggregate from plan to bytes.

use bytes::Bytes;

use crate::execute;
use crate::plan::{self, Needs, Node};
use crate::query::{Aggregate, Answer as Form, Call, RowStep, fingerprint_aggregate};
use crate::store::Visit;
use crate::syntax::ResourceUrl;
use crate::wire::context::context_of_aggregate;
use crate::wire::json::AggregateWriter;
use crate::wire::{Format, Level};

use super::Service;
use super::body::{Content, NodeBuffer};
use super::call::narrow;
use super::error::ServiceError;
use super::read::{Asking, HEAD_ROOM, Page, finish, proven_total, told};

impl Service {
    /// Reads and writes the answer to one aggregate. `url` is what it was bound from; next links repeat it.
    pub(super) async fn aggregate(
        &self,
        aggregate: &Aggregate,
        url: &ResourceUrl,
        format: Format,
        asking: Asking,
    ) -> Result<Page, ServiceError> {
        let visit = self.visit(asking);
        let needs = Needs { now: self.now_micros(), ..Needs::default() };
        let mut plan = match &aggregate.from {
            None => plan::plan_aggregate(aggregate, &self.model, needs)?,
            Some(call) => {
                let among = Box::pin(self.aggregate_among(aggregate, call, &visit)).await?;
                plan::plan_aggregate(&among, &self.model, needs)?
            }
        };
        if !execute::arrive(&mut plan, &visit).await? {
            return Err(ServiceError::NoEntity);
        }
        let count = async || match &plan.count {
            Some(fetch) => Ok::<_, ServiceError>(Some(execute::count(fetch, None, &visit).await?)),
            None => Ok(None),
        };
        if aggregate.answer == Form::Count {
            let total = count().await?.unwrap_or_default();
            return Ok(Page { body: Bytes::from(total.to_string()), ..Page::default() });
        }
        let context = (format.level != Level::None).then(|| context_of_aggregate(aggregate, &self.model, &self.root));
        let head = HEAD_ROOM + context.as_ref().map_or(0, |context| context.len() + context.len() / 4);
        let page = match &plan.rows {
            None => NodeBuffer::empty(head, self.budget.reservation()),
            Some(root) => {
                let writer = AggregateWriter::new(aggregate, &self.model, format);
                let end = self.end_of_page(&aggregate.order, &aggregate.page, root)?;
                let make = |_: &Node| {
                    let (content, end) = (Content::Made(writer.clone()), Some(end.clone()));
                    let mut buffer = Box::new(NodeBuffer::new(content, head, false, end, self.budget.reservation()));
                    buffer.expect(root.fetch.select.limit);
                    buffer
                };
                let nodes = execute::rows(root, None, &visit, &make).await?;
                *nodes.into_iter().next().ok_or(ServiceError::Defect("a plan without a root"))?
            }
        };
        if page.over_budget {
            return Err(ServiceError::OverBudget);
        }
        let shown = proven_total(&aggregate.page, &page).filter(|_| aggregate.count && plan.rows.is_some());
        let total = match shown {
            Some(total) => Some(total),
            None => count().await?,
        };
        let name = || fingerprint_aggregate(aggregate, self.model.revision);
        let next = self.link_after(&page, aggregate.page.top, name, url)?;
        let told = told(page.rows, next.as_deref(), &visit);
        let body = finish(page, context.as_deref(), total, next.as_deref(), format);
        Ok(Page { body, told, ..Page::default() })
    }

    /// The aggregate of nothing but the entities that a call gives.
    async fn aggregate_among(
        &self,
        aggregate: &Aggregate,
        call: &Call,
        visit: &Visit<'_>,
    ) -> Result<Aggregate, ServiceError> {
        let mut aggregate = aggregate.clone();
        let first = aggregate.via.first().map_or(aggregate.set, |via| via.set);
        let condition = self.called(call, first, visit).await?;
        match aggregate.via.first_mut() {
            Some(via) => narrow(&mut via.filter, condition),
            None => aggregate.steps.insert(0, RowStep::Filter(condition)),
        }
        Ok(aggregate)
    }
}
