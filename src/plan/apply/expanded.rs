//! Plans `$apply` of an expanded navigation property: one statement for all parents, whose keys are carried along
//! through every step. The values of the parents restrict the tables from which rows are made.

use crate::edm::Scalar;
use crate::model::{EntityType, PropertyId, SetId};
use crate::query::{Aggregate, Expansion, RowStep};
use crate::sql::ast;

use super::Planner as Steps;
use crate::plan::expand::locals;
use crate::plan::read::{Planner, position};
use crate::plan::rows::Statement;
use crate::plan::{Child, Count, Fetch, Node, Nothing, PlanError};

impl Planner<'_> {
    pub(in crate::plan) fn made(
        &self,
        expansion: &Expansion,
        apply: &Aggregate,
        (parent, parent_type): (SetId, &EntityType),
        parent_columns: &[PropertyId],
        next_index: &mut usize,
    ) -> Result<Child, PlanError> {
        let index = *next_index;
        *next_index += 1;
        let within = apply.within.as_ref().ok_or(PlanError::ForeignQuery)?;
        let navigation = parent_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
        let source = self.model.set(expansion.set).ok_or(PlanError::ForeignQuery)?.source;
        let statement = Statement::new(self.model, self.needs.now);
        let steps = Steps { model: self.model, statement: &statement };
        let step = Some((within.parent, within.navigation));
        let (open, leaves) = steps.start(apply.set, step, true)?;
        let open = steps.steps(open, &apply.steps)?;
        let keys: Result<Vec<ast::Column>, _> = within.keys.iter().map(|id| open.column(*id)).collect();
        let keys = keys?;
        if keys.len() != leaves.len() {
            return Err(PlanError::ForeignQuery);
        }
        let is_limited = expansion.top.is_some() || expansion.skip > 0;
        let count = if expansion.count {
            let output = |key: &ast::Column| ast::Output { expr: ast::Expr::Grouped(key.clone()), scalar: key.scalar };
            let mut columns: Vec<ast::Output> = keys.iter().map(output).collect();
            columns.push(ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 });
            let mut select = open.clone().select(columns);
            select.group.clone_from(&keys);
            let fetch = Fetch { source, select };
            Some(Count { fetch, by: leaves.clone(), inside: true, always: is_limited })
        } else {
            None
        };
        let (mut select, order) = steps.shown(open, apply)?;
        let mut remote = Vec::with_capacity(keys.len());
        for (key, leaf) in keys.iter().zip(&leaves) {
            remote.push((select.columns.len(), leaf.clone()));
            select.columns.push(ast::Output { expr: ast::Expr::Column(key.clone()), scalar: key.scalar });
        }
        let most = u64::from(expansion.rows_max) + 1;
        let top = is_limited.then(|| expansion.top.map_or(most, |top| top.min(most)));
        select.per_group = Some(ast::PerGroup { by: keys, skip: expansion.skip, top });
        let mut local = Vec::with_capacity(remote.len());
        for id in locals(navigation) {
            let scalar = parent_type.property(id).ok_or(PlanError::ForeignQuery)?.scalar;
            local.push((position(parent_columns, id)?, scalar));
        }
        let nothing = match &within.nothing {
            Some(nothing) => Some(Box::new(self.nothing(nothing, (expansion, apply), (parent, parent_type))?)),
            None => None,
        };
        let fetch = Fetch { source, select };
        let (columns, computed, children) = (Vec::new(), Vec::new(), Vec::new());
        let node = Node { index, set: expansion.set, fetch, columns, computed, places: Vec::new(), order, children };
        let (is_read, rows_max) = (expansion.top != Some(0), Some(expansion.rows_max));
        Ok(Child { local, remote, node, count, is_read, rows_max, inside: true, nothing })
    }

    /// What parents have of which there is no entity.
    fn nothing(
        &self,
        nothing: &Aggregate,
        (expansion, apply): (&Expansion, &Aggregate),
        (parent, parent_type): (SetId, &EntityType),
    ) -> Result<Nothing, PlanError> {
        let source = self.model.set(nothing.set).ok_or(PlanError::ForeignQuery)?.source;
        let statement = Statement::new(self.model, self.needs.now);
        let steps = Steps { model: self.model, statement: &statement };
        let (open, _) = steps.start(nothing.set, None, false)?;
        let open = steps.steps(open, &nothing.steps)?;
        let (select, _) = steps.shown(open, nothing)?;
        let is_told = tells(&nothing.steps, false) && expansion.skip == 0 && expansion.top != Some(0);
        let inputs = if is_told {
            None
        } else {
            let navigation = parent_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
            // The rights of the caller are the first step.
            let rights = match apply.steps.first() {
                Some(RowStep::Filter(filter)) => Some(filter),
                _ => None,
            };
            Some(self.numbers((parent, parent_type, navigation), (expansion.set, false), (rights, None), true)?)
        };
        Ok(Nothing { fetch: Fetch { source, select }, inputs, skip: expansion.skip, top: expansion.top })
    }
}

/// Whether rows tell that there was something from which they are made: what is made even of nothing has not been taken
/// away again.
fn tells(steps: &[RowStep], before: bool) -> bool {
    steps.iter().fold(before, |told, step| match step {
        RowStep::Group { by, .. } => told || by.is_empty(),
        RowStep::Filter(_) | RowStep::Search(_) => false,
        RowStep::Part { skip, top, .. } => told && *skip == 0 && *top != Some(0),
        RowStep::Compute { .. } | RowStep::Mark { .. } | RowStep::Reach { .. } => told,
        RowStep::Concat { branches, .. } => branches.iter().any(|branch| tells(&branch.steps, told)),
    })
}
