//! Owns [`Rows`]: the rows that a statement has in sight, and how expressions reach the columns of others from them.
//!
//! # Decisions
//!
//! - **A to-one step is a left join**, made once for all expressions of a select that walk the same way. The database
//!   turns it into an inner join where the condition demands a row. Keys make sure that no row is doubled. In the
//!   condition of such a join there is no place for further ones; there a step is a select of one value.
//! - **A to-many step is a select inside `EXISTS` or of a count**, which hangs on the row outside by the join's
//!   columns; so are the items of a collection, whose rows the database makes of the column. Items out of JSON are
//!   texts and are cast, so that a malformed one is null and no statement fails for it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::edm::Scalar;
use crate::model::{Collected, EntityType, Link, Model, Navigation, Property, PropertyId, SetId};
use crate::query::{Many, Place, Related, Step};
use crate::sql::{Select, ast};

use super::PlanError;
use super::filter::{Conditions, and};

/// What the selects of one statement share.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) model: &'a Model,
    /// The time of the request, in microseconds since 1970.
    pub(super) now: i64,
    aliases: Cell<u16>,
    /// Whether tables need names: some column is not of the first table.
    named: Cell<bool>,
}

/// A row in sight, and those outside of it.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) statement: &'a Statement<'a>,
    pub(super) set: SetId,
    pub(super) entity_type: &'a EntityType,
    pub(super) alias: u16,
    outside: Option<&'a Rows<'a>>,
    /// What is joined to the row; `None` where nothing can be.
    joins: Option<RefCell<Vec<Joined>>>,
    /// What they are made of, if they are items.
    items: Option<Items>,
    /// What they are read from and under which conditions, if that is not their table.
    given: Option<Box<(ast::From, Vec<ast::Expr>)>>,
}

/// The items of a collection as rows.
#[derive(Debug)]
struct Items {
    from: ast::From,
    value: ast::Expr,
    nullable: bool,
}

/// A join that has been made for expressions.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    from: u16,
    step: Option<Step>,
    join: ast::Join,
}

/// The table and type at the end of some steps.
#[derive(Clone, Copy)]
struct End<'a> {
    alias: u16,
    entity_type: &'a EntityType,
}

impl<'a> Statement<'a> {
    /// Whether something has been joined or asked for beside the table.
    pub(super) fn is_named(&self) -> bool {
        self.named.get()
    }

    pub(super) fn new(model: &'a Model, now: i64) -> Self {
        Statement { model, now, aliases: Cell::new(0), named: Cell::new(false) }
    }

    /// A number for one more table.
    pub(super) fn alias(&self) -> u16 {
        self.named.set(true);
        self.aliases.set(self.aliases.get().saturating_add(1));
        self.aliases.get()
    }

    fn type_of(&self, set: SetId) -> Result<&'a EntityType, PlanError> {
        self.model.type_of(set).ok_or(PlanError::ForeignQuery)
    }

    pub(super) fn table(&self, set: SetId) -> Result<ast::Table, PlanError> {
        let table = &self.model.set(set).ok_or(PlanError::ForeignQuery)?.table;
        Ok(super::table(table))
    }
}

impl Joined {
    pub(super) fn into_join(self) -> ast::Join {
        self.join
    }
}

impl<'a> Rows<'a> {
    /// The rows of a statement's own table.
    pub(super) fn new(statement: &'a Statement<'a>, set: SetId) -> Result<Self, PlanError> {
        let entity_type = statement.type_of(set)?;
        Ok(Rows::over(statement, set, entity_type, 0, Vec::new()))
    }

    /// Rows of this type under this number, with what is joined to them.
    pub(super) fn over(
        statement: &'a Statement<'a>,
        set: SetId,
        entity_type: &'a EntityType,
        alias: u16,
        joins: Vec<Joined>,
    ) -> Self {
        let joins = Some(RefCell::new(joins));
        Rows { statement, set, entity_type, alias, outside: None, joins, items: None, given: None }
    }

    /// The same rows, read from somewhere else.
    pub(super) fn reading(self, from: ast::From, conditions: Vec<ast::Expr>) -> Self {
        Rows { given: Some(Box::new((from, conditions))), ..self }
    }

    /// The rows of a table that is joined beside a statement's own.
    pub(super) fn beside(statement: &'a Statement<'a>, set: SetId) -> Result<Self, PlanError> {
        Ok(Rows::over(statement, set, statement.type_of(set)?, statement.alias(), Vec::new()))
    }

    /// The rows of a statement's own table, from which others are in sight that are joined to them.
    pub(super) fn seeing(outside: &'a Rows<'a>, set: SetId) -> Result<Self, PlanError> {
        Ok(Rows { outside: Some(outside), ..Rows::new(outside.statement, set)? })
    }

    /// Joins the rows outside, and what has been joined to those, behind the table of a many-to-many relation if there
    /// is one: `on` are the conditions under which they belong to these rows.
    pub(super) fn join_outside(&self, select: &mut Select, on: Vec<ast::Expr>) -> Result<(), PlanError> {
        let outside = self.outside.ok_or(PlanError::ForeignQuery)?;
        let table = self.statement.table(outside.set)?;
        let join = ast::Join { table, alias: outside.alias, outer: false, on: and(on) };
        let further = outside.joins.as_ref().map(RefCell::take).unwrap_or_default();
        let links = select.joins.iter().take_while(|join| !join.outer).count();
        let joins = std::iter::once(join).chain(further.into_iter().map(|joined| joined.join));
        select.joins.splice(links..links, joins);
        Ok(())
    }

    /// Columns say of which table they are, as they must where a bare name could mean something else: PostgreSQL names
    /// what is calculated after the column or the function in it, and looks for a bare name in `ORDER BY` there first.
    pub(super) fn name_columns(&self) {
        self.statement.named.set(true);
    }

    /// What has been joined to them.
    pub(super) fn into_joins(self) -> Vec<Joined> {
        self.joins.map(RefCell::into_inner).unwrap_or_default()
    }

    pub(super) fn inside(&'a self, set: SetId, joins: bool) -> Result<Self, PlanError> {
        let statement = self.statement;
        let (entity_type, alias) = (statement.type_of(set)?, statement.alias());
        let joins = joins.then(RefCell::default);
        Ok(Rows { statement, set, entity_type, alias, outside: Some(self), joins, items: None, given: None })
    }

    /// The items of a collection; the entity of the lambda outside stands for the one that they do not have.
    pub(super) fn items(&'a self, property: &Property, form: Collected, of: ast::Expr) -> Self {
        let statement = self.statement;
        let alias = statement.alias();
        // Nothing is known of the collation of what is taken out of an array.
        let column = |scalar| ast::Column::made(alias, ast::ITEM, scalar, is_text(scalar));
        let cast = |from, to| ast::Expr::Cast(Box::new(ast::Expr::Column(column(from))), to);
        let value = match form {
            // What is no column is compared and sorted by code point, blanks at the end included.
            _ if is_text(property.scalar) => cast(property.scalar, Scalar::STRING),
            Collected::Json => cast(Scalar::STRING, property.scalar),
            Collected::Array => ast::Expr::Column(column(property.scalar)),
        };
        // A malformed item is null.
        let nullable = property.nullable || form == Collected::Json;
        let from = ast::From::Items(Box::new(of), form == Collected::Array);
        Rows {
            statement,
            set: self.set,
            entity_type: self.entity_type,
            alias,
            outside: Some(self),
            joins: Some(RefCell::default()),
            items: Some(Items { from, value, nullable }),
            given: None,
        }
    }

    /// The value of the item of so many lambdas outward, and whether it can be null.
    pub(super) fn item(&self, up: u8) -> Result<(ast::Expr, bool), PlanError> {
        let items = self.up(up)?.items.as_ref().ok_or(PlanError::ForeignQuery)?;
        Ok((items.value.clone(), items.nullable))
    }

    /// The place of the item of so many lambdas outward.
    pub(super) fn ordinal(&self, up: u8) -> Result<ast::Expr, PlanError> {
        let rows = self.up(up)?;
        rows.items.as_ref().ok_or(PlanError::ForeignQuery)?;
        Ok(ast::Expr::Column(ast::Column::made(rows.alias, ast::PLACE, Scalar::Int64, false)))
    }

    /// The select of all these rows, with what has been joined to them until now.
    pub(super) fn select(&self, columns: Vec<ast::Output>, filter: Option<ast::Expr>) -> Result<Select, PlanError> {
        let mut filter = filter;
        let from = match (&self.items, &self.given) {
            (Some(items), _) => items.from.clone(),
            (None, Some(given)) => {
                let all = and(given.1.iter().cloned().chain(filter).collect());
                filter = Some(all).filter(|all| *all != ast::Expr::Truth(true));
                given.0.clone()
            }
            (None, None) => ast::From::Table(self.statement.table(self.set)?),
        };
        Ok(Select {
            alias: self.alias,
            joins: self.take_joins(),
            named: self.outside.is_some() || self.statement.named.get(),
            filter,
            ..Select::of(columns, from)
        })
    }

    /// What has been joined to them until now.
    pub(super) fn take_joins(&self) -> Vec<ast::Join> {
        let joined = self.joins.as_ref().map(RefCell::take).unwrap_or_default();
        joined.into_iter().map(|joined| joined.join).collect()
    }

    /// A column of the row, and whether it can be null.
    pub(super) fn property(&self, id: PropertyId) -> Result<(ast::Column, bool), PlanError> {
        let property = self.entity_type.property(id).ok_or(PlanError::ForeignQuery)?;
        Ok((super::column_of(property, self.alias), property.nullable || property.collection.is_some()))
    }

    /// A column of another row in sight.
    pub(super) fn at(&self, place: &Place, id: PropertyId) -> Result<(ast::Expr, bool), PlanError> {
        if place.steps.is_empty() && place.root.is_none() {
            let (column, nullable) = self.up(place.up)?.property(id)?;
            return Ok((ast::Expr::Column(column), nullable));
        }
        Ok((self.value_at(place, id)?, true))
    }

    /// Whether another row in sight exists.
    pub(super) fn exists(&self, place: &Place) -> Result<ast::Expr, PlanError> {
        if place.steps.is_empty() && place.root.is_none() {
            return Ok(ast::Expr::Truth(true));
        }
        let key = *self.type_at(place)?.key.first().ok_or(PlanError::ForeignQuery)?;
        Ok(ast::Expr::IsNotNull(Box::new(self.value_at(place, key)?)))
    }

    pub(super) fn type_at(&self, place: &Place) -> Result<&'a EntityType, PlanError> {
        match (place.steps.last(), &place.root) {
            (Some(step), _) => self.statement.type_of(step.set),
            (None, Some(root)) => self.statement.type_of(root.set),
            (None, None) => Ok(self.up(place.up)?.entity_type),
        }
    }

    /// A property of the row at a place.
    fn value_at(&self, place: &Place, id: PropertyId) -> Result<ast::Expr, PlanError> {
        let column = |end: End<'_>| {
            let mut column = super::column(end.entity_type, id, end.alias)?;
            if !place.steps.is_empty() {
                super::null_without_row(&mut column, end.entity_type)?;
            }
            Ok(ast::Expr::Column(column))
        };
        let Some(root) = &place.root else { return self.up(place.up)?.reach(&place.steps, column) };
        let inside = self.inside(root.set, true)?;
        let condition = Conditions { rows: &inside }.is_true(&root.filter)?;
        let expr = inside.reach(&place.steps, column)?;
        let scalar = expr.scalar();
        let select = inside.select(vec![ast::Output { expr, scalar }], Some(condition))?;
        Ok(ast::Expr::Single(Box::new(select)))
    }

    /// The rows to which a to-many navigation property leads, or the items: a select of `columns`, which see those
    /// rows, of those for which `condition` holds.
    pub(super) fn related(
        &self,
        related: &Related,
        columns: impl FnOnce(&Rows<'_>) -> Result<Vec<ast::Output>, PlanError>,
        condition: impl FnOnce(&Rows<'_>) -> Result<Option<ast::Expr>, PlanError>,
    ) -> Result<Select, PlanError> {
        let before = self.type_at(&related.from)?;
        let mut conditions = Vec::new();
        let inside = match &related.many {
            Many::Items(id) => {
                let property = before.property(*id).ok_or(PlanError::ForeignQuery)?;
                let form = property.collection.ok_or(PlanError::ForeignQuery)?;
                self.items(property, form, self.value_at(&related.from, *id)?)
            }
            Many::Entities { navigation, set, .. } => {
                let navigation = before.navigation(*navigation).ok_or(PlanError::ForeignQuery)?;
                let inside = self.inside(*set, true)?;
                if let Some(link) = &navigation.link {
                    conditions.extend(inside.link(link, |id| self.value_at(&related.from, id))?);
                }
                for join in &navigation.joins {
                    let remote = super::column(inside.entity_type, join.remote, inside.alias)?;
                    conditions.push(match self.value_at(&related.from, join.local)? {
                        ast::Expr::Column(local) => ast::Expr::Linked(remote, local),
                        other => ast::Expr::Same(Box::new(ast::Expr::Column(remote)), Box::new(other)),
                    });
                }
                inside
            }
        };
        if let Some(filter) = &related.filter {
            conditions.push(Conditions { rows: &inside }.is_true(filter)?);
        }
        if let Many::Entities { search: Some(search), .. } = &related.many {
            conditions.push(Conditions { rows: &inside }.search(search)?);
        }
        conditions.extend(condition(&inside)?);
        let columns = columns(&inside)?;
        inside.select(columns, Some(and(conditions)))
    }

    /// Joins the table of a many-to-many relation to the row, and gives the conditions under which it leads to a row
    /// with these values.
    pub(super) fn link(
        &self,
        link: &Link,
        near: impl Fn(PropertyId) -> Result<ast::Expr, PlanError>,
    ) -> Result<Vec<ast::Expr>, PlanError> {
        let alias = self.join_link(link)?;
        let mut conditions = Vec::with_capacity(link.near.len());
        for (name, id) in &link.near {
            conditions.push(match near(*id)? {
                ast::Expr::Column(near) => {
                    let own = near.like(alias, name.clone());
                    ast::Expr::Linked(own, near)
                }
                other => {
                    let like = ast::Column::made(alias, name.clone(), other.scalar(), false);
                    ast::Expr::Same(Box::new(ast::Expr::Column(like)), Box::new(other))
                }
            });
        }
        Ok(conditions)
    }

    /// The columns that must equal the values of a row of the type `from`, for the navigation property to lead from it
    /// to these rows; what lies between is joined.
    pub(super) fn arrive(&self, from: &EntityType, navigation: &Navigation) -> Result<Vec<ast::Column>, PlanError> {
        let Some(link) = &navigation.link else {
            let column = |join: &crate::model::Join| super::column(self.entity_type, join.remote, self.alias);
            return navigation.joins.iter().map(column).collect();
        };
        let alias = self.join_link(link)?;
        let column =
            |(name, id): &(Arc<str>, PropertyId)| Ok(super::column(from, *id, alias)?.like(alias, name.clone()));
        link.near.iter().map(column).collect()
    }

    /// Joins the table of a many-to-many relation to the row; gives its number.
    fn join_link(&self, link: &Link) -> Result<u16, PlanError> {
        let alias = self.statement.alias();
        let mut on = Vec::with_capacity(link.far.len());
        for (name, id) in &link.far {
            let far = super::column(self.entity_type, *id, self.alias)?;
            on.push(ast::Expr::Linked(far.like(alias, name.clone()), far));
        }
        let table = super::table(&link.table);
        let join = ast::Join { table, alias, outer: false, on: and(on) };
        let joins = self.joins.as_ref().ok_or(PlanError::ForeignQuery)?;
        // No step of an expression is like it, so it is never taken for one.
        joins.borrow_mut().insert(0, Joined { from: u16::MAX, step: None, join });
        Ok(alias)
    }

    fn up(&self, distance: u8) -> Result<&Rows<'a>, PlanError> {
        let mut rows = self;
        for _ in 0..distance {
            rows = rows.outside.ok_or(PlanError::ForeignQuery)?;
        }
        Ok(rows)
    }

    /// A value at the end of some steps.
    fn reach(
        &self,
        steps: &[Step],
        value: impl FnOnce(End<'_>) -> Result<ast::Expr, PlanError>,
    ) -> Result<ast::Expr, PlanError> {
        let Some(joins) = &self.joins else { return self.single(steps, value) };
        let mut end = End { alias: self.alias, entity_type: self.entity_type };
        for step in steps {
            end = self.join(joins, end, step)?;
        }
        value(end)
    }

    fn join(&self, joins: &RefCell<Vec<Joined>>, from: End<'a>, step: &Step) -> Result<End<'a>, PlanError> {
        let entity_type = self.statement.type_of(step.set)?;
        let known = joins
            .borrow()
            .iter()
            .find(|it| it.from == from.alias && it.step.as_ref() == Some(step))
            .map(|it| it.join.alias);
        if let Some(alias) = known {
            return Ok(End { alias, entity_type });
        }
        let navigation = from.entity_type.navigation(step.navigation).ok_or(PlanError::ForeignQuery)?;
        let between = navigation.link.as_ref().map(|link| self.join_pairs(joins, from, link)).transpose()?;
        let target = self.inside(step.set, false)?;
        let mut on = links(navigation, from, End { alias: target.alias, entity_type })?;
        for (alias, (name, id)) in
            between.into_iter().flat_map(|(alias, link)| link.far.iter().map(move |far| (alias, far)))
        {
            let far = super::column(entity_type, *id, target.alias)?;
            on.push(ast::Expr::Linked(far.clone(), far.like(alias, name.clone())));
        }
        if let Some(rows) = &step.rows {
            on.push(Conditions { rows: &target }.is_true(rows)?);
        }
        let table = self.statement.table(step.set)?;
        let join = ast::Join { table, alias: target.alias, outer: true, on: and(on) };
        joins.borrow_mut().push(Joined { from: from.alias, step: Some(step.clone()), join });
        Ok(End { alias: target.alias, entity_type })
    }

    /// Joins the table of a many-to-many relation behind a row, by the row's side; gives its number.
    fn join_pairs<'l>(
        &self,
        joins: &RefCell<Vec<Joined>>,
        from: End<'a>,
        link: &'l Link,
    ) -> Result<(u16, &'l Link), PlanError> {
        let alias = self.statement.alias();
        let mut on = Vec::with_capacity(link.near.len());
        for (name, id) in &link.near {
            let near = super::column(from.entity_type, *id, from.alias)?;
            on.push(ast::Expr::Linked(near.like(alias, name.clone()), near));
        }
        let table = super::table(&link.table);
        let join = ast::Join { table, alias, outer: true, on: and(on) };
        joins.borrow_mut().push(Joined { from: u16::MAX, step: None, join });
        Ok((alias, link))
    }

    /// The value as a select of its own.
    fn single(
        &self,
        steps: &[Step],
        value: impl FnOnce(End<'_>) -> Result<ast::Expr, PlanError>,
    ) -> Result<ast::Expr, PlanError> {
        let (first, rest) = steps.split_first().ok_or(PlanError::ForeignQuery)?;
        let inside = self.inside(first.set, true)?;
        let navigation = self.entity_type.navigation(first.navigation).ok_or(PlanError::ForeignQuery)?;
        let here = End { alias: self.alias, entity_type: self.entity_type };
        let mut conditions = links(navigation, here, End { alias: inside.alias, entity_type: inside.entity_type })?;
        if let Some(rows) = &first.rows {
            conditions.push(Conditions { rows: &inside }.is_true(rows)?);
        }
        let expr = inside.reach(rest, value)?;
        let scalar = expr.scalar();
        let select = inside.select(vec![ast::Output { expr, scalar }], Some(and(conditions)))?;
        Ok(ast::Expr::Single(Box::new(select)))
    }
}

fn is_text(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::String { .. })
}

/// The conditions under which two rows belong together.
fn links(navigation: &Navigation, from: End<'_>, to: End<'_>) -> Result<Vec<ast::Expr>, PlanError> {
    let link = |join: &crate::model::Join| {
        let local = super::column(from.entity_type, join.local, from.alias)?;
        let remote = super::column(to.entity_type, join.remote, to.alias)?;
        Ok(ast::Expr::Linked(remote, local))
    };
    navigation.joins.iter().map(link).collect()
}
