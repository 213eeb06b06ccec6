//! Binds sequences of transformations, and those that keep or add to rows. Groupings are [`super::group`]'s.

use crate::bind::BindError;
use crate::bind::compare::Side;
use crate::bind::connect;
use crate::bind::error::BindErrorKind;
use crate::bind::filter::{bind_filter, bind_value};
use crate::bind::order::bind_items;
use crate::bind::search::bind_search;
use crate::edm::{Scalar, Value};
use crate::model::PropertyId;
use crate::query::{Branch, BranchNumber, Column, Expr, Order, RowStep};
use crate::syntax::{self, Apply, ComputeItem, OrderItem, OtherTransformation, RankKind, Span, TransformationKind};

use super::group::Groups;
use super::join::Join;
use super::rows::{Applying, Flow};

impl<'a> Applying<'a, '_> {
    /// Applies a sequence to rows, within groups of them.
    pub(super) fn sequence(&self, flow: &mut Flow<'a>, apply: &'a Apply, groups: &mut Groups) -> Result<(), BindError> {
        for transformation in &apply.0 {
            let span = &transformation.span;
            self.count(1, span)?;
            match &transformation.kind {
                TransformationKind::Identity => {}
                TransformationKind::Filter(expr) => {
                    let condition = self.filter(flow, expr)?;
                    if groups.is_active {
                        groups.pending.push(condition);
                    } else {
                        flow.steps.push(RowStep::Filter(condition));
                    }
                }
                TransformationKind::Search(search) => {
                    self.flush(groups, flow, span)?;
                    self.mark(groups, flow, span)?;
                    self.search(flow, search)?;
                }
                TransformationKind::Compute(items) => self.compute(flow, items)?,
                TransformationKind::OrderBy(items) => flow.order = self.order(flow, items)?,
                TransformationKind::Top(top) => {
                    self.prepare(groups, flow, span)?;
                    if *top == 0 {
                        self.mark(groups, flow, span)?;
                    }
                    part(flow, groups, None, (0, Some(*top)));
                }
                TransformationKind::Skip(skip) => {
                    self.prepare(groups, flow, span)?;
                    self.mark(groups, flow, span)?;
                    part(flow, groups, None, (*skip, None));
                }
                TransformationKind::Aggregate(items) => self.aggregate(flow, items, groups)?,
                TransformationKind::GroupBy { by, then } => {
                    self.flush(groups, flow, span)?;
                    self.group_by(flow, by, then.as_ref(), groups, span)?;
                }
                TransformationKind::Concat(sequences) => {
                    if groups.is_active {
                        groups.materialise(flow, span)?;
                    }
                    let one = |flow: &mut Flow<'a>, groups: &mut Groups, sequence: &&'a Apply| {
                        self.sequence(flow, sequence, groups)?;
                        self.flush(groups, flow, span)
                    };
                    self.concat(flow, groups, &sequences.iter().collect::<Vec<_>>(), span, one)?;
                }
                TransformationKind::Rank { kind, amount, by } => {
                    self.prepare(groups, flow, span)?;
                    self.rank(flow, groups, *kind, amount, by)?;
                }
                TransformationKind::Other(other) => match &**other {
                    OtherTransformation::Join { outer, property, alias, then } => {
                        self.flush(groups, flow, span)?;
                        self.mark(groups, flow, span)?;
                        self.join(flow, &Join { outer: *outer, property, alias, then: then.as_ref(), span })?;
                    }
                    other => {
                        let feature = format!("the transformation '{}'", other.feature());
                        return Err(BindError::unsupported(feature, span));
                    }
                },
            }
        }
        Ok(())
    }

    pub(super) fn filter(&self, flow: &Flow<'a>, expr: &'a syntax::Expr) -> Result<Expr, BindError> {
        let rows = flow.row_type();
        bind_filter(expr, self.names(&rows), self.scope, self.words)
    }

    pub(super) fn search(&self, flow: &mut Flow<'a>, search: &syntax::Search) -> Result<(), BindError> {
        if flow.base.is_none() {
            return Err(BindError::unsupported("a search in the result of an aggregation", &search.span));
        }
        flow.steps.push(match bind_search(search, &self.sight)? {
            Some(search) => RowStep::Search(search),
            None => RowStep::Filter(connect::truth(false)),
        });
        Ok(())
    }

    /// An expression over the rows.
    pub(super) fn value(&self, flow: &Flow<'a>, expr: &'a syntax::Expr) -> Result<(Expr, Scalar), BindError> {
        let rows = flow.row_type();
        bind_value(expr, self.names(&rows), self.scope, self.words)
    }

    pub(super) fn compute(&self, flow: &mut Flow<'a>, items: &'a [ComputeItem]) -> Result<(), BindError> {
        let mut values = Vec::with_capacity(items.len());
        let mut columns = flow.columns.clone();
        for item in items {
            self.free_name(&columns, &item.alias, &item.span)?;
            flow.has_room(&item.span)?;
            let (expr, scalar) = self.value(flow, &item.expr)?;
            values.push(expr);
            columns.push(made(&item.alias, scalar, true));
        }
        flow.add(columns.get(flow.columns.len()..).unwrap_or_default());
        flow.steps.push(RowStep::Compute { values, columns });
        Ok(())
    }

    /// Refuses a name that something else in the rows has, or something in the type of the set.
    pub(super) fn free_name<'c>(
        &self,
        columns: impl IntoIterator<Item = &'c Column>,
        name: &str,
        span: &Span,
    ) -> Result<(), BindError> {
        let starts = |column: &Column| column.path.first().is_some_and(|first| **first == *name);
        let is_declared = self.sight.member(name).is_some() || self.scope.navigation(&self.sight, name).is_some();
        if is_declared || columns.into_iter().any(starts) {
            return Err(BindError::at(BindErrorKind::Duplicate(name.to_owned()), span));
        }
        Ok(())
    }

    /// The order that is asked for; it need not be total.
    pub(super) fn order(&self, flow: &Flow<'a>, items: &'a [OrderItem]) -> Result<Vec<Order>, BindError> {
        let rows = flow.row_type();
        bind_items(items, self.names(&rows), self.scope, self.words)
    }

    fn rank(
        &self,
        flow: &mut Flow<'a>,
        groups: &mut Groups,
        kind: RankKind,
        amount: &'a syntax::Expr,
        by: &'a syntax::Expr,
    ) -> Result<(), BindError> {
        let (of, scalar) = self.value(flow, by)?;
        let Some(literal) = self.words.literal(amount) else {
            return Err(BindError::unsupported("an amount that is not a literal in $apply", &amount.span));
        };
        let descending = matches!(kind, RankKind::TopCount | RankKind::TopSum | RankKind::TopPercent);
        let asked = [Order { expr: of.clone(), scalar, descending }];
        let wrong = |expected: &str| {
            let kind =
                BindErrorKind::FunctionArguments { function: name_of(kind).to_owned(), expected: expected.into() };
            BindError::at(kind, &amount.span)
        };
        let as_type = |scalar: Scalar| {
            crate::bind::calculate::value_as(literal, scalar, &amount.span).ok().and_then(|value| match value {
                Expr::Literal(value, _) if !value.is_null() => Some(value),
                _ => None,
            })
        };
        if matches!(kind, RankKind::TopCount | RankKind::BottomCount) {
            let Some(Value::Int(count)) = as_type(Scalar::Int64) else {
                return Err(wrong("a whole number and an expression"));
            };
            let positive = u64::try_from(count).ok().filter(|count| *count > 0);
            let count = positive.ok_or_else(|| wrong("a positive number and an expression"))?;
            part(flow, groups, Some(&asked), (0, Some(count)));
            return Ok(());
        }
        if !scalar.is_numeric() {
            let side = Side::Typed(of, scalar, &by.span);
            let expected = format!("two numbers, not {}", side.describe());
            return Err(BindError::at(
                BindErrorKind::FunctionArguments { function: name_of(kind).to_owned(), expected },
                &by.span,
            ));
        }
        let sum = if matches!(scalar, Scalar::Single | Scalar::Double) { Scalar::Double } else { Scalar::DECIMAL };
        let amount = as_type(sum).ok_or_else(|| wrong("two numbers"))?;
        let percent = matches!(kind, RankKind::TopPercent | RankKind::BottomPercent);
        let is_share = match &amount {
            Value::Decimal(amount) => amount > 0_i32 && amount <= 100_i32,
            Value::Double(amount) => *amount > 0.0 && *amount <= 100.0,
            _ => false,
        };
        if percent && !is_share {
            return Err(wrong("a number above 0 and up to 100, and a number"));
        }
        let (order, by) = (flow.total(&asked), groups.columns());
        flow.steps.push(RowStep::Reach { of, scalar: sum, amount, percent, order, by });
        Ok(())
    }

    /// Puts together what each of the sequences makes of the rows.
    pub(super) fn concat<T>(
        &self,
        flow: &mut Flow<'a>,
        groups: &mut Groups,
        sequences: &[T],
        span: &Span,
        mut one: impl FnMut(&mut Flow<'a>, &mut Groups, &T) -> Result<(), BindError>,
    ) -> Result<(), BindError> {
        if flow.branch.is_some() {
            return Err(BindError::unsupported("a concat of the rows of a concat", span));
        }
        // Each branch repeats what is before it.
        self.count(flow.steps.len() * sequences.len().saturating_sub(1), span)?;
        let mut ends: Vec<(Flow<'a>, Groups, BranchNumber)> = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            let (mut rows, mut of) = (Flow { steps: Vec::new(), ..flow.clone() }, groups.clone());
            one(&mut rows, &mut of, sequence)?;
            // Numbers are given in the order in which rows are wanted.
            let number = if let Some(id) = rows.branch {
                BranchNumber::Kept(id)
            } else {
                let number = self.branches.get();
                self.branches.set(number.saturating_add(1));
                BranchNumber::New(number)
            };
            ends.push((rows, of, number));
        }
        let mut merged = Merged::default();
        for (rows, ..) in &ends {
            merged.take(rows, span)?;
        }
        let branch = u16::try_from(merged.columns.len())
            .map(PropertyId)
            .map_err(|_| BindError::at(BindErrorKind::Limit { unit: "columns", limit: usize::from(u16::MAX) }, span))?;
        let mut key: Vec<PropertyId> = Vec::new();
        let mut present: Vec<Vec<PropertyId>> = flow.present.clone();
        let mut branches = Vec::with_capacity(ends.len());
        for ((rows, _, number), places) in ends.iter().zip(&merged.places) {
            let here = |id: PropertyId| places.iter().position(|(own, _)| *own == id).and_then(|at| places.get(at));
            let own_key = rows.key.iter().filter_map(|id| here(*id)).map(|(_, id)| *id);
            own_key.for_each(|id| {
                if !key.contains(&id) {
                    key.push(id);
                }
            });
            let mut note = |number: u16, has: Vec<PropertyId>| {
                let number = usize::from(number);
                if present.len() <= number {
                    present.resize(number + 1, Vec::new());
                }
                if let Some(slot) = present.get_mut(number) {
                    *slot = has;
                }
            };
            let mapped = |ids: &[PropertyId]| ids.iter().filter_map(|id| here(*id)).map(|(_, id)| *id).collect();
            match number {
                BranchNumber::New(number) => note(*number, places.iter().map(|(_, id)| *id).collect()),
                BranchNumber::Kept(_) => {
                    for (number, has) in rows.present.iter().enumerate().filter(|(_, has)| !has.is_empty()) {
                        note(u16::try_from(number).unwrap_or(u16::MAX), mapped(has));
                    }
                }
            }
            let places = (0..branch.0).map(|id| places.iter().find(|(_, to)| to.0 == id).map(|(own, _)| *own));
            branches.push(Branch { steps: rows.steps.clone(), places: places.collect(), number: *number });
        }
        key.insert(0, branch);
        for (place, column) in merged.columns.iter_mut().enumerate() {
            let everywhere = merged.places.iter().all(|places| places.iter().any(|(_, to)| usize::from(to.0) == place));
            column.nullable |= !everywhere;
        }
        merged.columns.push(Column {
            path: Vec::new(),
            scalar: Scalar::Int32,
            nullable: false,
            folding: false,
            dynamic: true,
            enumeration: None,
        });
        // A branch may have lost a group; the mark in it is not seen from here.
        let mut whole = Groups { mark: groups.mark, keys: groups.keys.clone(), ..Groups::default() };
        if groups.is_active && whole.mark.is_none() && ends.iter().any(|(_, of, _)| of.mark.is_some()) {
            flow.steps.push(self.new_mark(&mut whole));
        }
        let is_entity = ends.iter().all(|(rows, ..)| rows.base.is_some());
        flow.base = flow.base.filter(|_| is_entity);
        flow.joined = ends.iter().flat_map(|(rows, ..)| rows.joined.clone()).filter(|_| is_entity).collect();
        flow.columns.clone_from(&merged.columns);
        flow.steps.push(RowStep::Concat { branches, columns: merged.columns });
        (flow.key, flow.order, flow.branch, flow.present) = (key, Vec::new(), Some(branch), present);
        if let (Some((_, mut first, _)), Some(places)) = (ends.into_iter().next(), merged.places.first()) {
            for key in &mut first.keys {
                if let Expr::Property(own) = &mut key.expr
                    && let Some((_, to)) = places.iter().find(|(id, _)| id == own)
                {
                    *own = *to;
                }
            }
            *groups = Groups { mark: whole.mark, ..first };
        }
        Ok(())
    }
}

/// Keeps a part of the rows.
fn part(flow: &mut Flow<'_>, groups: &Groups, order: Option<&[Order]>, (skip, top): (u64, Option<u64>)) {
    let order = flow.total(order.unwrap_or(&flow.order));
    flow.steps.push(RowStep::Part { order, by: groups.columns(), skip, top });
}

/// The columns of several branches.
#[derive(Default)]
struct Merged {
    columns: Vec<Column>,
    /// For each branch its own columns, and where they are among all.
    places: Vec<Vec<(PropertyId, PropertyId)>>,
}

impl Merged {
    fn take(&mut self, rows: &Flow<'_>, span: &Span) -> Result<(), BindError> {
        let mut places = Vec::with_capacity(rows.columns.len());
        let is_first = self.places.is_empty();
        let base = rows.base.map_or(0, |base| base.properties.len());
        for (place, column) in rows.columns.iter().enumerate() {
            let own = PropertyId(u16::try_from(place).unwrap_or(u16::MAX));
            if rows.branch == Some(own) {
                continue;
            }
            let of_path = || {
                let known = |known: &Column| !column.path.is_empty() && known.path == column.path;
                self.columns.iter().position(known)
            };
            // Columns of the set's type that are not published have no name, but a place.
            let known = match (is_first, column.path.is_empty() && place < base && place < self.columns.len()) {
                (true, _) => None,
                (false, true) => Some(place),
                (false, false) => of_path(),
            };
            let to = known.unwrap_or(self.columns.len());
            match self.columns.get_mut(to) {
                None => self.columns.push(column.clone()),
                Some(known) => unite(known, column, span)?,
            }
            places.push((own, PropertyId(u16::try_from(to).unwrap_or(u16::MAX))));
        }
        self.places.push(places);
        Ok(())
    }
}

/// One column for the values of two.
fn unite(known: &mut Column, other: &Column, span: &Span) -> Result<(), BindError> {
    if known.scalar != other.scalar || known.enumeration != other.enumeration {
        let whole = crate::bind::literal::unbounded;
        if whole(known.scalar) != whole(other.scalar) || known.enumeration != other.enumeration {
            let (left, right) = (known.scalar.name().to_owned(), other.scalar.name().to_owned());
            let name = known.path.join("/");
            let left = format!("'{name}' of type {left}");
            return Err(BindError::at(BindErrorKind::TypeMismatch { left, right }, span));
        }
        known.scalar = whole(known.scalar);
    }
    known.nullable |= other.nullable;
    known.folding |= other.folding;
    known.dynamic |= other.dynamic;
    Ok(())
}

/// A column that the request has made.
pub(super) fn made(name: &str, scalar: Scalar, nullable: bool) -> Column {
    let folding = matches!(scalar, Scalar::String { .. });
    Column { path: vec![name.into()], scalar, nullable, folding, dynamic: true, enumeration: None }
}

fn name_of(kind: RankKind) -> &'static str {
    match kind {
        RankKind::TopCount => "topcount",
        RankKind::TopSum => "topsum",
        RankKind::TopPercent => "toppercent",
        RankKind::BottomCount => "bottomcount",
        RankKind::BottomSum => "bottomsum",
        RankKind::BottomPercent => "bottompercent",
    }
}
