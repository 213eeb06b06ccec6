//! Plans a read: columns, condition, order, limits, the total, and a child for each expansion.

use crate::edm::Scalar;
use crate::model::{EntityType, Model, PropertyId, SetId};
use crate::query::{Answer, Expansion, Expr, Order, Read, Search, Shape, Via};
use crate::sql::{Select, ast};

use super::filter::{Conditions, and, or};
use super::{Child, Fetch, Node, Parent, PlanError, ReadPlan, page};

/// What the form of the answer needs of each row beside the properties that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The key properties, for links.
    pub keys: bool,
    /// The `ETag` property, where the type declares one.
    pub etags: bool,
}

/// Plans the statements of a read.
pub fn plan(read: &Read, model: &Model, needs: Needs) -> Result<ReadPlan, PlanError> {
    let planner = Planner { model, needs };
    let condition = planner.condition(read.set, read.filter.as_ref(), read.search.as_ref())?;
    let counted = read.count || read.answer == Answer::Count;
    let count = if counted {
        let columns = vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }];
        Some(planner.fetch(read.set, columns, condition.clone())?)
    } else {
        None
    };
    let parent = read.via.as_ref().map(|via| planner.parent(via, read.set)).transpose()?;
    let wants_rows = read.answer != Answer::Count && read.page.top != Some(0);
    let rows = if wants_rows { Some(planner.root(read, condition)?) } else { None };
    Ok(ReadPlan { parent, rows, count })
}

struct Planner<'a> {
    model: &'a Model,
    needs: Needs,
}

impl Planner<'_> {
    fn root(&self, read: &Read, condition: Option<ast::Expr>) -> Result<Node, PlanError> {
        let entity_type = self.type_of(read.set)?;
        let is_collection = read.answer == Answer::Collection;
        let mut needed: Vec<PropertyId> = Vec::new();
        if is_collection {
            needed.extend(read.order.iter().map(|item| item.property));
        }
        let mut next_index = 0;
        let mut node = self.node(read.set, &read.shape, needed, condition, &mut next_index)?;
        if is_collection {
            node.fetch.select.order = order(&read.order, entity_type)?;
            if let Some(cursor) = &read.page.cursor {
                let after = page::after(cursor, &read.order, entity_type)?;
                node.fetch.select.filter = Some(all_of(node.fetch.select.filter.take(), after));
            }
            // One row more than the page holds tells whether there is a next page.
            let page_limit = u64::from(read.page.rows_max) + 1;
            node.fetch.select.limit = Some(read.page.top.map_or(page_limit, |top| top.min(page_limit)));
            node.fetch.select.offset = read.page.skip;
        }
        Ok(node)
    }

    fn node(
        &self,
        set: SetId,
        shape: &Shape,
        needed: Vec<PropertyId>,
        condition: Option<ast::Expr>,
        next_index: &mut usize,
    ) -> Result<Node, PlanError> {
        let entity_type = self.type_of(set)?;
        let index = *next_index;
        *next_index += 1;
        let mut columns = shape.properties.clone();
        let mut need = |id: PropertyId| {
            if !columns.contains(&id) {
                columns.push(id);
            }
        };
        needed.into_iter().for_each(&mut need);
        if self.needs.keys {
            entity_type.key.iter().copied().for_each(&mut need);
        }
        if self.needs.etags {
            entity_type.etag.into_iter().for_each(&mut need);
        }
        for expansion in &shape.expansions {
            let navigation = entity_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
            navigation.joins.iter().map(|join| join.local).for_each(&mut need);
        }
        let mut children = Vec::with_capacity(shape.expansions.len());
        for expansion in &shape.expansions {
            children.push(self.child(expansion, entity_type, &columns, next_index)?);
        }
        let outputs: Result<Vec<_>, _> = columns.iter().map(|id| output(entity_type, *id)).collect();
        Ok(Node { index, set, fetch: self.fetch(set, outputs?, condition)?, columns, children })
    }

    /// An expansion is a second statement over the collected keys, per page and never per row. It works across sources,
    /// and its text depends on nothing but the shape of the query.
    fn child(
        &self,
        expansion: &Expansion,
        parent_type: &EntityType,
        parent_columns: &[PropertyId],
        next_index: &mut usize,
    ) -> Result<Child, PlanError> {
        let navigation = parent_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
        let entity_type = self.type_of(expansion.set)?;
        let condition = self.condition(expansion.set, expansion.filter.as_ref(), expansion.search.as_ref())?;
        let needed = navigation.joins.iter().map(|join| join.remote).collect();
        let mut node = self.node(expansion.set, &expansion.shape, needed, condition, next_index)?;
        if navigation.collection {
            node.fetch.select.order = order(&expansion.order, entity_type)?;
            let by: Result<Vec<_>, _> =
                navigation.joins.iter().map(|join| super::column(entity_type, join.remote)).collect();
            // With a count, all rows of each parent are read and counted; the writer leaves out what is not wanted.
            let (skip, top) = if expansion.count { (0, None) } else { (expansion.skip, expansion.top) };
            node.fetch.select.per_group = Some(ast::PerGroup { by: by?, skip, top });
        }
        let mut local = Vec::with_capacity(navigation.joins.len());
        let mut remote = Vec::with_capacity(navigation.joins.len());
        for join in &navigation.joins {
            let property = parent_type.property(join.local).ok_or(PlanError::ForeignQuery)?;
            local.push((position(parent_columns, join.local)?, property.scalar));
            remote.push((position(&node.columns, join.remote)?, super::column(entity_type, join.remote)?));
        }
        Ok(Child { local, remote, node })
    }

    fn parent(&self, via: &Via, target: SetId) -> Result<Parent, PlanError> {
        let entity_type = self.type_of(via.set)?;
        let target_type = self.type_of(target)?;
        let navigation = entity_type.navigation(via.navigation).ok_or(PlanError::ForeignQuery)?;
        let outputs: Result<Vec<_>, _> = navigation.joins.iter().map(|join| output(entity_type, join.local)).collect();
        let remote: Result<Vec<_>, _> =
            navigation.joins.iter().map(|join| super::column(target_type, join.remote)).collect();
        let condition = Conditions { entity_type }.is_true(&via.filter)?;
        Ok(Parent { fetch: self.fetch(via.set, outputs?, Some(condition))?, remote: remote? })
    }

    fn condition(
        &self,
        set: SetId,
        filter: Option<&Expr>,
        search: Option<&Search>,
    ) -> Result<Option<ast::Expr>, PlanError> {
        let entity_type = self.type_of(set)?;
        let mut parts = Vec::new();
        if let Some(filter) = filter {
            parts.push(Conditions { entity_type }.is_true(filter)?);
        }
        if let Some(search) = search {
            let columns: Result<Vec<_>, _> = search
                .properties
                .iter()
                .map(|id| {
                    let column = ast::Expr::Column(super::column(entity_type, *id)?);
                    Ok(ast::Expr::Search(Box::new(column), search.phrase.clone()))
                })
                .collect();
            parts.push(or(columns?));
        }
        Ok(match and(parts) {
            ast::Expr::Truth(true) => None,
            condition => Some(condition),
        })
    }

    fn fetch(&self, set: SetId, columns: Vec<ast::Output>, filter: Option<ast::Expr>) -> Result<Fetch, PlanError> {
        let set = self.model.set(set).ok_or(PlanError::ForeignQuery)?;
        let from = ast::Table { schema: set.table.schema.clone(), name: set.table.name.clone() };
        let select = Select { columns, from, filter, order: Vec::new(), limit: None, offset: 0, per_group: None };
        Ok(Fetch { source: set.source, select })
    }

    fn type_of(&self, set: SetId) -> Result<&EntityType, PlanError> {
        self.model.type_of(set).ok_or(PlanError::ForeignQuery)
    }
}

fn output(entity_type: &EntityType, id: PropertyId) -> Result<ast::Output, PlanError> {
    let column = super::column(entity_type, id)?;
    let scalar = column.scalar;
    Ok(ast::Output { expr: ast::Expr::Column(column), scalar })
}

fn order(order: &[Order], entity_type: &EntityType) -> Result<Vec<ast::Order>, PlanError> {
    let item = |item: &Order| {
        let property = entity_type.property(item.property).ok_or(PlanError::ForeignQuery)?;
        let column = super::column(entity_type, item.property)?;
        Ok(ast::Order { column, descending: item.descending, nullable: property.nullable })
    };
    order.iter().map(item).collect()
}

fn position(columns: &[PropertyId], id: PropertyId) -> Result<usize, PlanError> {
    columns.iter().position(|column| *column == id).ok_or(PlanError::ForeignQuery)
}

fn all_of(first: Option<ast::Expr>, second: ast::Expr) -> ast::Expr {
    match first {
        Some(first) => and(vec![first, second]),
        None => second,
    }
}
