//! Owns [`Flow`]: the rows at a point of `$apply`, and the steps that lead there.

use std::borrow::Cow;
use std::cell::Cell;

use crate::bind::BindError;
use crate::bind::error::BindErrorKind;
use crate::bind::filter::Words;
use crate::bind::scope::{Scope, Sight};
use crate::edm::Scalar;
use crate::model::{EntityType, PropertyId};
use crate::query::{Column, Expr, Order, RowStep, entity_columns, row_type};
use crate::syntax::Span;

/// Most steps of one `$apply`; those before a `concat` count once for each of its branches, since each repeats them.
const STEPS_MAX: usize = 64;
/// Most columns of a row.
const COLUMNS_MAX: usize = 1_000;

/// What all transformations of one request share.
pub(super) struct Applying<'a, 'b> {
    pub(super) sight: Sight<'a>,
    pub(super) scope: &'b Scope<'a>,
    pub(super) words: &'b Words<'a>,
    pub(super) steps: Cell<usize>,
    /// The next number of a branch.
    pub(super) branches: Cell<u16>,
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
}

impl<'a> Flow<'a> {
    /// The entities that the caller may see.
    pub(super) fn of(sight: &Sight<'a>) -> Self {
        Flow {
            steps: sight.guard([]).map(RowStep::Filter).into_iter().collect(),
            columns: entity_columns(sight.entity),
            base: Some(sight.entity),
            key: sight.entity.key.clone(),
            order: Vec::new(),
            branch: None,
            present: Vec::new(),
        }
    }

    /// True while rows are entities as they are in the set.
    pub(super) fn is_plain(&self) -> bool {
        self.base.is_some_and(|base| base.properties.len() == self.columns.len())
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

    /// An order made total by what identifies a row.
    pub(super) fn total(&self, asked: &[Order]) -> Vec<Order> {
        let mut order = asked.to_vec();
        let descending = order.last().is_some_and(|last| last.descending);
        for id in &self.key {
            let Some(column) = self.column(*id) else { continue };
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
