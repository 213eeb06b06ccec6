//! The corridor of `$crossjoin`: combinations of entities from plan to bytes.

use bytes::Bytes;

use crate::execute;
use crate::plan::{self, Needs, Node};
use crate::query::{Cross, fingerprint_cross};
use crate::syntax::ResourceUrl;
use crate::wire::json::{CrossWriter, Fields};
use crate::wire::{Format, Level, context};

use super::Service;
use super::body::{Content, NodeBuffer};
use super::error::ServiceError;
use super::nested::lists_go_on;
use super::nodes::nest;
use super::read::{Asking, HEAD_ROOM, Page, Ready, finish, needs_keys, proven_total, told};

impl Service {
    /// Reads and writes one page of combinations. `url` is what it was bound from; next links repeat it.
    pub(super) async fn cross(
        &self,
        cross: &Cross,
        url: &ResourceUrl,
        format: Format,
        asking: Asking,
    ) -> Result<Page, ServiceError> {
        let visit = self.visit(asking);
        let row_type = cross.row_type(&self.model).ok_or(ServiceError::Defect("an unknown set was bound"))?;
        let expansions = &cross.shape.expansions;
        let keys = expansions.iter().any(|it| needs_keys(&self.model, it.set, &it.shape, format.level));
        let needs = Needs { keys, etags: format.level != Level::None, now: self.now_micros() };
        let plan = plan::plan_cross(cross, &self.model, needs)?;
        let context = (format.level != Level::None).then(|| context::of_combinations(&self.root));
        let head = HEAD_ROOM + context.as_ref().map_or(0, |context| context.len() + context.len() / 4);
        let mut page = NodeBuffer::empty(head, self.budget.reservation());
        if let Some(root) = &plan.rows {
            let ready = self.ready_for(cross, root, format)?;
            let mut nodes = self.rows(&ready, root, None, head, &visit).await?;
            if root.children.is_empty() {
                page = nodes.pop().ok_or(ServiceError::Defect("a plan without a root"))?;
            } else {
                let shape = nest(&self.model, root, &row_type, expansions, ("", true, None))
                    .ok_or(ServiceError::Defect("plan and query do not fit"))?;
                if lists_go_on(&nodes) {
                    self.link_lists(&mut nodes, &shape, url)?;
                }
                page = self.assemble(&nodes, &shape, head, format)?;
            }
        }
        let shown = proven_total(&cross.page, &page).filter(|_| cross.count && plan.rows.is_some());
        let total = match (&plan.count, shown) {
            (None, _) => None,
            (Some(_), Some(shown)) => Some(shown),
            (Some(fetch), None) => Some(execute::count(fetch, None, &visit).await?),
        };
        let name = || fingerprint_cross(cross, self.model.revision);
        let next = self.link_after(&page, cross.page.top, name, url)?;
        let told = told(page.rows, next.as_deref(), &visit);
        let body: Bytes = finish(page, context.as_deref(), total, next.as_deref(), format);
        Ok(Page { body, told, ..Page::default() })
    }

    fn ready_for(&self, cross: &Cross, root: &Node, format: Format) -> Result<Ready, ServiceError> {
        let content = |_: Fields<'_>| CrossWriter::new(cross, &self.model, format, &self.root).map(Content::Cross);
        Ok(Ready {
            prepared: self.prepared(&cross.shape, root, format, &content)?,
            page: Some(self.end_of_page(&cross.order, &cross.page, root)?),
            is_page: true,
        })
    }
}
