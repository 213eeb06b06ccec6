//! Owns [`Flow`]: the rows at a point of `$apply`, and the steps that lead there.

use std::borrow::Cow;
use std::cell::Cell;

use crate::bind::BindError;
use crate::bind::error::BindErrorKind;
use crate::bind::filter::{It, Names, Words};
use crate::bind::scope::{Scope, Sight};
use crate::edm::Scalar;
use crate::model::{EntityType, Navigation, NavigationId, PropertyId, SetId};
use crate::query::{Column, Computed, Expr, Order, RowStep, entity_columns, row_type};
use crate::syntax::Span;

/// Most steps of one `$apply`; those before a `concat` count once for each of its branches, since each repeats them.
const STEPS_MAX: usize = 64;
/// Most columns of a row.
const COLUMNS_MAX: usize = 1_000;

/// The entities with which transformations begin.
pub(in crate::bind) struct Origin<'a> {
    pub(in crate::bind) sight: Sight<'a>,
    /// What else must be true of them.
    pub(in crate::bind) conditions: Vec<Expr>,
    /// The set of the parents and the navigation property that is expanded.
    pub(in crate::bind) within: Option<(SetId, NavigationId, &'a Navigation)>,
}

/// What all transformations of one request share.
pub(super) struct Applying<'a, 'b> {
    pub(super) sight: Sight<'a>,
    /// They are not those of the resource path.
    pub(super) nested: bool,
    pub(super) scope: &'b Scope<'a>,
    pub(super) words: &'b Words<'a>,
    pub(super) steps: Cell<usize>,
    /// The next number of a branch.
    pub(super) branches: Cell<u16>,
    /// The next number of a mark.
    pub(super) marks: Cell<u16>,
}

/// The rows at a point, and the steps that lead there.
#[derive(Clone)]
pub(super) struct Flow<'a> {
    pub(super) steps: Vec<RowStep>,
    pub(super) columns: Vec<Column>,
    /// The type of which they still are entities.
    pub(super) base: Option<&'a EntityType>,
    /// What identifies a row; empty if there is one row.
    pub(super) key: Vec<PropertyId>,
    /// What `orderby` has asked for.
    pub(super) order: Vec<Order>,
    /// The number of the branch that a row comes from.
    pub(super) branch: Option<PropertyId>,
    /// By number of the branch the columns that its rows have.
    pub(super) present: Vec<Vec<PropertyId>>,
    /// Names of joined entities, which are not written where nobody asks for them; and whether they can be.
    pub(super) joined: Vec<(Box<str>, bool)>,
}

impl<'a> Flow<'a> {
    /// The entities that the caller may see, of those for which the conditions hold.
    pub(super) fn of(sight: &Sight<'a>, conditions: Vec<Expr>) -> Self {
        Flow {
            steps: sight.guard(conditions).map(RowStep::Filter).into_iter().collect(),
            columns: entity_columns(sight.entity),
            base: Some(sight.entity),
            key: sight.entity.key.clone(),
            order: Vec::new(),
            branch: None,
            present: Vec::new(),
            joined: Vec::new(),
        }
    }

    /// True while rows are entities as they are in the set.
    pub(super) fn is_plain(&self) -> bool {
        self.base.is_some_and(|base| base.properties.len() == self.columns.len())
    }

    /// The columns that are not of the type of the set, without those that nobody has named.
    pub(super) fn added(&self) -> impl Iterator<Item = PropertyId> + '_ {
        let of_set = self.base.map_or(0, |base| base.properties.len());
        let columns = self.columns.iter().enumerate().skip(of_set);
        let named = columns.filter(|(_, column)| !column.path.is_empty() && !is_of_parent(column));
        named.filter_map(|(place, _)| u16::try_from(place).ok()).map(PropertyId)
    }

    /// What has been added to entities, if the rows are such and nothing but values has been added.
    pub(super) fn entities(&self) -> Option<Vec<Computed>> {
        if self.base.is_none() || self.branch.is_some() || !self.joined.is_empty() {
            return None;
        }
        let computed = |id: PropertyId| {
            let column = self.column(id)?;
            let [name] = column.path.as_slice() else { return None };
            Some(Computed { name: name.clone(), expr: Expr::Property(id), scalar: column.scalar })
        };
        self.added().map(computed).collect()
    }

    /// Whether a column is written: those of joined entities only where they are asked for.
    pub(super) fn is_written(&self, id: PropertyId, expanded: &[PropertyId]) -> bool {
        let first = self.column(id).and_then(|column| column.path.first());
        let is_joined = first.is_some_and(|first| self.joined.iter().any(|(name, _)| name == first));
        !is_joined || expanded.contains(&id)
    }

    /// The type of the rows.
    pub(super) fn row_type(&self) -> Cow<'a, EntityType> {
        match self.base {
            Some(base) if self.is_plain() => Cow::Borrowed(base),
            base => Cow::Owned(row_type(&self.columns, base)),
        }
    }

    pub(super) fn column(&self, id: PropertyId) -> Option<&Column> {
        self.columns.get(usize::from(id.0))
    }

    /// Refuses a row that is too wide.
    pub(super) fn has_room(&self, span: &Span) -> Result<(), BindError> {
        if self.columns.len() >= COLUMNS_MAX {
            return Err(BindError::at(BindErrorKind::Limit { unit: "columns", limit: COLUMNS_MAX }, span));
        }
        Ok(())
    }

    /// Adds columns that all rows have.
    pub(super) fn add(&mut self, columns: &[Column]) {
        let from = self.columns.len();
        self.columns.extend_from_slice(columns);
        let added = (from..self.columns.len()).filter_map(|place| u16::try_from(place).ok()).map(PropertyId);
        self.present.iter_mut().filter(|has| !has.is_empty()).for_each(|has| has.extend(added.clone()));
    }

    /// An order made total by what identifies a row among those of one parent.
    pub(super) fn total(&self, asked: &[Order]) -> Vec<Order> {
        let mut order = asked.to_vec();
        let descending = order.last().is_some_and(|last| last.descending);
        for id in &self.key {
            let Some(column) = self.column(*id).filter(|column| !is_of_parent(column)) else { continue };
            let plain = Expr::Property(*id);
            // The collation of a key tells all its texts apart; what rows were grouped by may differ in less.
            let (expr, scalar) = match column.scalar {
                Scalar::String { .. } if self.base.is_none() => {
                    (Expr::Cast(Box::new(plain), Scalar::STRING), Scalar::STRING)
                }
                scalar => (plain, scalar),
            };
            if order.iter().all(|known| known.expr != expr) {
                order.push(Order { expr, scalar, descending });
            }
        }
        order
    }
}

impl<'a> Applying<'a, '_> {
    /// The rows of a flow as what expressions have in sight.
    pub(super) fn sight_of<'r>(&self, rows: &'r EntityType) -> Sight<'r>
    where
        'a: 'r,
    {
        let sight: Sight<'r> = self.sight;
        sight.of_rows(rows)
    }

    /// What expressions over the rows have in sight.
    pub(super) fn names<'r>(&self, rows: &'r EntityType) -> Names<'r, 'static>
    where
        'a: 'r,
    {
        // The rows of an expansion are made for all parents at once.
        let it = if self.nested { It::Above } else { It::Here };
        Names { sight: self.sight_of(rows), computed: &[], it }
    }

    /// Counts the steps that a part of the request takes.
    pub(super) fn count(&self, steps: usize, span: &Span) -> Result<(), BindError> {
        self.steps.set(self.steps.get().saturating_add(steps));
        if self.steps.get() > STEPS_MAX {
            let kind = BindErrorKind::Limit { unit: "transformations", limit: STEPS_MAX };
            return Err(BindError::at(kind, span));
        }
        Ok(())
    }
}

/// The column that tells a part of the parent's side of the join. No name of a request is like it.
pub(super) fn of_parent(place: usize, scalar: Scalar, folding: bool) -> Column {
    let path = vec![format!("@{place}").into()];
    Column { path, scalar, nullable: false, folding, dynamic: true, enumeration: None }
}

fn is_of_parent(column: &Column) -> bool {
    column.path.first().is_some_and(|name| name.starts_with('@'))
}
