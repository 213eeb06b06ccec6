//! Plans a read: columns, condition, order, limits, the total. What is expanded is [`super::expand`]'s.

use crate::edm::Scalar;
use crate::model::{Collected, ContentType, EntityType, Member, Model, Navigation, PropertyId, SetId};
use crate::query::{Answer, Expanded, Expansion, Expr, Order, Read, Search, Shape, Stream, Via};
use crate::sql::ast;

use super::expand::{identity, locals};
use super::filter::{Conditions, Operand, and};
use super::rows::{Rows, Statement};
use super::{Fetch, Node, Parent, PlanError, ReadPlan, page};

/// What the form of the answer needs of each row beside the properties that are written, and the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The key properties, for links.
    pub keys: bool,
    /// The `ETag` property, where the type declares one.
    pub etags: bool,
    /// The time of the request in microseconds since 1970, for `now()`.
    pub now: i64,
}

/// Plans the statements of a read.
pub fn plan(read: &Read, model: &Model, needs: Needs) -> Result<ReadPlan, PlanError> {
    let planner = Planner { model, needs };
    let counted = read.count || read.answer == Answer::Count;
    let parents = planner.parents(&read.via, |via| match &read.made {
        Some(_) => super::apply::remote(read, planner.model, planner.needs),
        None => planner.remote(read.set, via),
    })?;
    let wants_rows = read.answer != Answer::Count && read.page.top != Some(0);
    let (rows, condition) = if wants_rows { planner.root(read, counted)? } else { (None, None) };
    let count = match (counted, condition) {
        (false, _) => None,
        (true, Some(condition)) => Some(planner.count_where(read, condition)?),
        (true, None) => Some(planner.count(read)?),
    };
    Ok(ReadPlan { parents, rows, count })
}

pub(super) struct Planner<'a> {
    pub(super) model: &'a Model,
    pub(super) needs: Needs,
}

/// What a node reads beside what is written of it.
#[derive(Default)]
pub(super) struct Rest {
    /// Properties.
    pub(super) needed: Vec<PropertyId>,
    /// Columns of joined tables.
    pub(super) columns: Vec<ast::Column>,
    /// What tells the URL of an entity.
    pub(super) identity: bool,
    /// Texts as they are stored, to the end.
    pub(super) whole: bool,
}

impl Planner<'_> {
    fn count(&self, read: &Read) -> Result<Fetch, PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        let made = super::apply::entities(read, &statement)?;
        let rows = match &made {
            Some(made) => made.rows(&statement),
            None => self.last_rows(&statement, read)?,
        };
        let condition = condition(&rows, read.filter.as_ref(), read.search.as_ref())?;
        let columns = vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }];
        self.fetch(&rows, columns, condition)
    }

    /// The total of rows under a condition that names nothing but the table.
    fn count_where(&self, read: &Read, condition: Option<ast::Expr>) -> Result<Fetch, PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        let rows = Rows::new(&statement, read.set)?;
        let columns = vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }];
        self.fetch(&rows, columns, condition)
    }

    /// The rows and, if it is `wanted` and names nothing but the table, the condition that the total shares with them.
    #[expect(clippy::option_option, reason = "no condition is one, too")]
    fn root(&self, read: &Read, wanted: bool) -> Result<(Option<Node>, Option<Option<ast::Expr>>), PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        let made = super::apply::entities(read, &statement)?;
        let rows = match &made {
            Some(made) => made.rows(&statement),
            None => self.last_rows(&statement, read)?,
        };
        let is_collection = read.answer.is_page();
        let mut condition = condition(&rows, read.filter.as_ref(), read.search.as_ref())?;
        let shared = (wanted && !statement.is_named()).then(|| condition.clone());
        if let Some(cursor) = &read.page.cursor {
            let after = page::after(cursor, &read.order, &rows)?;
            condition = Some(all_of(condition, after));
        }
        let mut next_index = 0;
        let order = if is_collection { read.order.as_slice() } else { &[] };
        let sorted = Sorted { by: order, read: true };
        let rest = Rest { whole: matches!(read.answer, Answer::RawValue(_)), ..Rest::default() };
        let (mut node, _) = self.node(&rows, &read.shape, &rest, sorted, condition, &mut next_index)?;
        if is_collection {
            // One row more than the page holds tells whether there is a next page.
            let page_limit = u64::from(read.page.rows_max) + 1;
            node.fetch.select.limit = Some(read.page.top.map_or(page_limit, |top| top.min(page_limit)));
            node.fetch.select.offset = read.page.skip;
        }
        Ok((Some(node), shared))
    }

    /// The node, and where the columns of joined tables begin in its select list.
    pub(super) fn node(
        &self,
        rows: &Rows<'_>,
        shape: &Shape,
        rest: &Rest,
        sorted: Sorted<'_>,
        condition: Option<ast::Expr>,
        next_index: &mut usize,
    ) -> Result<(Node, usize), PlanError> {
        let entity_type = rows.entity_type;
        let index = *next_index;
        *next_index += 1;
        let mut columns = shape.properties.clone();
        let mut need = |id: PropertyId| {
            if !columns.contains(&id) {
                columns.push(id);
            }
        };
        if sorted.read {
            sorted.by.iter().filter_map(Order::property).for_each(&mut need);
        }
        rest.needed.iter().copied().for_each(&mut need);
        // The next page of a list begins with the URL of its parent, and by its URL an entity is found above itself.
        let is_list = |it: &Expansion| it.apply.is_some() || (it.form != Expanded::Number && !it.order.is_empty());
        let has_lists = shape.expansions.iter().any(|it| is_list(it) || it.ends_in_references());
        if self.needs.keys || rest.identity || has_lists {
            identity(self.model, rows.set)?.into_iter().for_each(&mut need);
        }
        // Which type a row is of, and whether a complex value is null, hang on more than what is chosen.
        if !shape.properties.is_empty() || shape.selected || shape.expansions.iter().any(|it| it.of.is_some()) {
            entity_type.discriminator.into_iter().for_each(&mut need);
        }
        let derived = entity_type.derived.iter().flat_map(|derived| &derived.structure);
        for member in entity_type.structure.iter().chain(derived) {
            let Member::Complex(complex) = member else { continue };
            let leaves = complex.leaves();
            if complex.nullable && leaves.iter().any(|leaf| shape.properties.contains(leaf)) {
                leaves.into_iter().for_each(&mut need);
            }
        }
        if self.needs.etags {
            entity_type.etag.into_iter().for_each(&mut need);
        }
        for stream in shape.streams() {
            stream_columns(entity_type, stream).for_each(&mut need);
        }
        for expansion in &shape.expansions {
            let navigation = entity_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
            locals(navigation).for_each(&mut need);
            if expansion.outer {
                entity_type.key.iter().copied().for_each(&mut need);
            }
        }
        let mut children = Vec::with_capacity(shape.expansions.len());
        for expansion in &shape.expansions {
            children.push(self.child(expansion, (rows.set, entity_type), &columns, next_index)?);
        }
        let mut outputs = Vec::with_capacity(columns.len() + rest.columns.len() + shape.computed.len());
        let mut is_plain = true;
        for id in &columns {
            let output = if rest.whole { output(rows, *id)? } else { shown(rows, *id)? };
            is_plain &= !matches!(output.expr, ast::Expr::Column(ast::Column { made: Some(_), .. }));
            outputs.push(output);
        }
        // What is no property stands behind all that are.
        let behind = outputs.len();
        for column in &rest.columns {
            outputs.push(ast::Output { expr: ast::Expr::Column(column.clone()), scalar: column.scalar });
        }
        let mut computed = Vec::with_capacity(shape.computed.len());
        for item in &shape.computed {
            computed.push(outputs.len());
            let expr = Conditions { rows }.operand(&item.expr)?.expr;
            outputs.push(ast::Output { expr, scalar: item.scalar });
        }
        let mut places = Vec::new();
        for (id, items) in shape.items() {
            let column = super::items::places(rows, *id, items)?;
            places.push(column.as_ref().map(|_| outputs.len()));
            outputs.extend(column);
        }
        let mut by = Vec::with_capacity(sorted.by.len());
        let mut order = Vec::with_capacity(if sorted.read { sorted.by.len() } else { 0 });
        for item in sorted.by {
            let Operand { expr, nullable } = Conditions { rows }.operand(&item.expr)?;
            if sorted.read {
                if let Some(id) = item.property() {
                    order.push(position(&columns, id)?);
                } else {
                    order.push(outputs.len());
                    outputs.push(ast::Output { expr: expr.clone(), scalar: item.scalar });
                }
            }
            by.push(ast::Order { expr, descending: item.descending, nullable });
        }
        if (outputs.len() > columns.len() || !is_plain) && !by.is_empty() {
            rows.name_columns();
        }
        let mut fetch = self.fetch(rows, outputs, condition)?;
        fetch.select.order = by;
        Ok((Node { index, set: rows.set, fetch, columns, computed, places, order, children }, behind))
    }

    /// The rows that are answered, with what lies between them and the last parent of the path.
    fn last_rows<'s>(&self, statement: &'s Statement<'s>, read: &Read) -> Result<Rows<'s>, PlanError> {
        let rows = Rows::new(statement, read.set)?;
        if let Some(via) = read.via.last() {
            self.arrive(&rows, via)?;
        }
        Ok(rows)
    }

    fn arrive(&self, rows: &Rows<'_>, via: &Via) -> Result<Vec<ast::Column>, PlanError> {
        let (from, navigation) = self.step(via)?;
        rows.arrive(from, navigation)
    }

    fn step(&self, via: &Via) -> Result<(&EntityType, &Navigation), PlanError> {
        let from = self.model.type_of(via.set).ok_or(PlanError::ForeignQuery)?;
        Ok((from, from.navigation(via.navigation).ok_or(PlanError::ForeignQuery)?))
    }

    /// Each parent is a statement of its own: it reads one row by its key, the next may lie in another source, and only
    /// so it is known which of them is missing.
    pub(super) fn parents(
        &self,
        path: &[Via],
        last: impl FnOnce(&Via) -> Result<Vec<ast::Column>, PlanError>,
    ) -> Result<Vec<Parent>, PlanError> {
        let mut parents: Vec<Parent> = Vec::with_capacity(path.len());
        for (place, via) in path.iter().enumerate() {
            let statement = Statement::new(self.model, self.needs.now);
            let rows = Rows::new(&statement, via.set)?;
            if let Some((before, parent)) = place.checked_sub(1).and_then(|at| path.get(at)).zip(parents.last_mut()) {
                parent.remote = self.arrive(&rows, before)?;
            }
            let (_, navigation) = self.step(via)?;
            let near = navigation.link.iter().flat_map(|link| link.near.iter().map(|(_, id)| *id));
            let local = navigation.joins.iter().map(|join| join.local).chain(near);
            let outputs: Result<Vec<_>, _> = local.map(|id| output(&rows, id)).collect();
            let condition = condition(&rows, via.filter.as_ref(), None)?;
            parents.push(Parent { fetch: self.fetch(&rows, outputs?, condition)?, remote: Vec::new() });
        }
        if let Some((via, parent)) = path.last().zip(parents.last_mut()) {
            parent.remote = last(via)?;
        }
        Ok(parents)
    }

    /// The columns by which rows of a set belong to the last parent.
    fn remote(&self, set: SetId, via: &Via) -> Result<Vec<ast::Column>, PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        self.arrive(&Rows::new(&statement, set)?, via)
    }

    pub(super) fn fetch(
        &self,
        rows: &Rows<'_>,
        columns: Vec<ast::Output>,
        filter: Option<ast::Expr>,
    ) -> Result<Fetch, PlanError> {
        let source = self.model.set(rows.set).ok_or(PlanError::ForeignQuery)?.source;
        Ok(Fetch { source, select: rows.select(columns, filter)? })
    }
}

/// The sort of a node, and whether its values are read with the rows.
#[derive(Clone, Copy)]
pub(super) struct Sorted<'a> {
    pub(super) by: &'a [Order],
    pub(super) read: bool,
}

pub(super) fn condition(
    rows: &Rows<'_>,
    filter: Option<&Expr>,
    search: Option<&Search>,
) -> Result<Option<ast::Expr>, PlanError> {
    let mut parts = Vec::new();
    if let Some(filter) = filter {
        parts.push(Conditions { rows }.is_true(filter)?);
    }
    if let Some(search) = search {
        parts.push(Conditions { rows }.search(search)?);
    }
    Ok(match and(parts) {
        ast::Expr::Truth(true) => None,
        condition => Some(condition),
    })
}

/// What entities show of a property: of long texts, if a file says so, only the beginning.
fn shown(rows: &Rows<'_>, id: PropertyId) -> Result<ast::Output, PlanError> {
    let output = output(rows, id)?;
    let cut = rows.entity_type.property(id).and_then(|property| property.cut.clone());
    Ok(match (output, cut) {
        (ast::Output { expr: ast::Expr::Column(column), scalar }, made @ Some(_)) => {
            ast::Output { expr: ast::Expr::Column(ast::Column { made, ..column }), scalar }
        }
        (output, _) => output,
    })
}

pub(super) fn output(rows: &Rows<'_>, id: PropertyId) -> Result<ast::Output, PlanError> {
    let property = rows.entity_type.property(id).ok_or(PlanError::ForeignQuery)?;
    let column = super::column_of(property, rows.alias);
    let scalar = column.scalar;
    let is_array = property.collection == Some(Collected::Array);
    let expr = if is_array { ast::Expr::Json(column) } else { ast::Expr::Column(column) };
    Ok(ast::Output { expr, scalar })
}

/// What is read for a stream: its bytes, if they are wanted, and what tells their content type.
fn stream_columns(entity_type: &EntityType, stream: &Stream) -> impl Iterator<Item = PropertyId> {
    let of_media = entity_type.media.as_ref().filter(|media| media.content == stream.id);
    let of_property = || entity_type.property(stream.id)?.content_type.as_ref();
    let told = match of_media.map(|media| &media.content_type).or_else(of_property) {
        Some(ContentType::Property(id)) => Some(*id),
        _ => None,
    };
    stream.expanded.map(|_| stream.id).into_iter().chain(told)
}

pub(super) fn position(columns: &[PropertyId], id: PropertyId) -> Result<usize, PlanError> {
    columns.iter().position(|column| *column == id).ok_or(PlanError::ForeignQuery)
}

fn all_of(first: Option<ast::Expr>, second: ast::Expr) -> ast::Expr {
    match first {
        Some(first) => and(vec![first, second]),
        None => second,
    }
}
