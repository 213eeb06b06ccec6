//! Binds `groupby` and `aggregate`.

use crate::bind::BindError;
use crate::bind::connect;
use crate::bind::error::BindErrorKind;
use crate::edm::{Scalar, Value};
use crate::model::{EnumId, PropertyId};
use crate::query::{Aggregated, Column, Expr, Method, RowStep};
use crate::syntax::{self, AggregateItem, Apply, ExprKind, GroupItem, PathStep, Span};

use super::path::{End, Way};
use super::rows::{Applying, Flow};
use super::sequence::made;

/// Most digits right of the point that every database can keep.
const SCALE_MAX: u16 = 30;
/// How many digits more a mean has than what it is of.
const SCALE_MORE: u16 = 6;

/// The groups within which transformations work.
#[derive(Clone, Default)]
pub(super) struct Groups {
    /// False outside of `groupby`: all rows are one group, which exists without rows, too.
    pub(super) is_active: bool,
    pub(super) keys: Vec<Key>,
    /// Conditions under which rows take part, not yet a step.
    pub(super) pending: Vec<Expr>,
    /// Rows have been left out since, so that a group may have none any more: where all groups were still there.
    pub(super) mark: Option<u16>,
}

/// What makes two rows one group.
#[derive(Clone, PartialEq)]
pub(super) struct Key {
    pub(super) expr: Expr,
    pub(super) column: Column,
}

impl Groups {
    /// Makes every key a column of the rows.
    pub(super) fn materialise(&mut self, flow: &mut Flow<'_>, span: &Span) -> Result<(), BindError> {
        let mut values = Vec::new();
        for key in self.keys.iter_mut().filter(|key| !matches!(key.expr, Expr::Property(_))) {
            flow.has_room(span)?;
            let id = PropertyId(u16::try_from(flow.columns.len()).unwrap_or(u16::MAX));
            values.push(std::mem::replace(&mut key.expr, Expr::Property(id)));
            flow.add(std::slice::from_ref(&key.column));
        }
        if !values.is_empty() {
            flow.steps.push(RowStep::Compute { values, columns: flow.columns.clone() });
        }
        Ok(())
    }

    /// The step that makes one row of each group.
    fn group(&mut self, flow: &mut Flow<'_>, values: Vec<(Aggregated, Column)>) {
        let mut columns: Vec<Column> = self.keys.iter().map(|key| key.column.clone()).collect();
        let (values, of_values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        columns.extend(of_values);
        let by: Vec<Expr> = self.keys.iter().map(|key| key.expr.clone()).collect();
        let ids = (0..u16::try_from(by.len()).unwrap_or(u16::MAX)).map(PropertyId);
        for (key, id) in self.keys.iter_mut().zip(ids.clone()) {
            key.expr = Expr::Property(id);
        }
        flow.steps.push(RowStep::Group { by, values, mark: self.mark.take(), columns: columns.clone() });
        let steps = std::mem::take(&mut flow.steps);
        *flow = Flow {
            steps,
            columns,
            base: None,
            key: ids.collect(),
            order: Vec::new(),
            branch: None,
            present: std::mem::take(&mut flow.present),
            joined: Vec::new(),
        };
    }

    /// The columns that make a group, of keys that are columns.
    pub(super) fn columns(&self) -> Vec<PropertyId> {
        self.keys.iter().filter_map(|key| if let Expr::Property(id) = key.expr { Some(id) } else { None }).collect()
    }
}

impl<'a> Applying<'a, '_> {
    /// Makes pending conditions a step.
    pub(super) fn flush(&self, groups: &mut Groups, flow: &mut Flow<'_>, span: &Span) -> Result<(), BindError> {
        if !groups.pending.is_empty() {
            self.mark(groups, flow, span)?;
            flow.steps.push(RowStep::Filter(connect::and(std::mem::take(&mut groups.pending))));
        }
        Ok(())
    }

    /// Makes rows ready for what counts them.
    pub(super) fn prepare(&self, groups: &mut Groups, flow: &mut Flow<'_>, span: &Span) -> Result<(), BindError> {
        self.flush(groups, flow, span)?;
        groups.materialise(flow, span)
    }

    /// Remembers the groups, since what follows may leave out all rows of one.
    pub(super) fn mark(&self, groups: &mut Groups, flow: &mut Flow<'_>, span: &Span) -> Result<(), BindError> {
        if groups.is_active && groups.mark.is_none() {
            groups.materialise(flow, span)?;
            flow.steps.push(self.new_mark(groups));
        }
        Ok(())
    }

    /// The step that remembers groups whose keys are columns.
    pub(super) fn new_mark(&self, groups: &mut Groups) -> RowStep {
        let number = self.marks.get();
        self.marks.set(number.saturating_add(1));
        groups.mark = Some(number);
        RowStep::Mark { number, by: groups.columns() }
    }

    pub(super) fn group_by(
        &self,
        flow: &mut Flow<'a>,
        by: &'a [GroupItem],
        then: Option<&'a Apply>,
        outer: &mut Groups,
        span: &Span,
    ) -> Result<(), BindError> {
        let lists = groupings(by, span)?;
        match lists.as_slice() {
            [list] => self.group_one(flow, list, then, outer, span),
            lists => {
                if outer.is_active {
                    outer.materialise(flow, span)?;
                }
                self.concat(flow, outer, lists, span, |flow, outer, list| self.group_one(flow, list, then, outer, span))
            }
        }
    }

    /// One grouping; the keys of the groups outside are among its own.
    fn group_one(
        &self,
        flow: &mut Flow<'a>,
        by: &[&'a syntax::Expr],
        then: Option<&'a Apply>,
        outer: &mut Groups,
        span: &Span,
    ) -> Result<(), BindError> {
        let mut keys = outer.keys.clone();
        for expr in by {
            let key = self.key(flow, expr)?;
            // What is named twice groups no finer.
            if keys.iter().all(|known| known.column.path != key.column.path) {
                keys.push(key);
            }
        }
        let outside = outer.keys.len();
        // The grand total is of the groups outside as they are.
        let mark = outer.mark.filter(|_| by.is_empty());
        let mut groups = Groups { is_active: !keys.is_empty(), keys, mark, ..Groups::default() };
        match then {
            None => groups.group(flow, Vec::new()),
            Some(then) => {
                self.sequence(flow, then, &mut groups)?;
                self.flush(&mut groups, flow, span)?;
                // What rows are grouped by is written with what becomes of them.
                groups.materialise(flow, span)?;
            }
        }
        groups.keys.truncate(outside);
        outer.keys = groups.keys;
        // Each group outside is made of groups inside.
        outer.mark = outer.mark.or(groups.mark.filter(|_| outer.is_active));
        Ok(())
    }

    fn key(&self, flow: &Flow<'a>, expr: &'a syntax::Expr) -> Result<Key, BindError> {
        let rows = flow.row_type();
        let way = self.way(path_of(expr)?, self.sight_of(&rows), &expr.span)?;
        if way.many > 0 {
            let feature = "grouping by a path along a to-many navigation property";
            return Err(BindError::unsupported(feature, &expr.span));
        }
        if let End::Entity(_) = way.end {
            return Err(BindError::unsupported("grouping by a navigation property as a whole", &expr.span));
        }
        let (value, property) = way.value(&expr.span)?;
        let dynamic = match value {
            Expr::Property(id) => flow.column(id).is_some_and(|column| column.dynamic),
            _ => false,
        };
        let column = Column {
            scalar: property.scalar,
            nullable: property.nullable || !way.steps.is_empty(),
            folding: property.folding,
            enumeration: property.enumeration,
            dynamic,
            path: way.names,
        };
        Ok(Key { expr: value, column })
    }

    pub(super) fn aggregate(
        &self,
        flow: &mut Flow<'a>,
        items: &'a [AggregateItem],
        groups: &mut Groups,
    ) -> Result<(), BindError> {
        let mut values: Vec<(Aggregated, Column)> = Vec::with_capacity(items.len());
        for item in items {
            let (mut value, nullable, enumeration) = self.aggregated(flow, item)?;
            let Some(alias) = &item.alias else {
                return Err(BindError::unsupported("a custom aggregate", &item.span));
            };
            let taken = groups.keys.iter().map(|key| &key.column).chain(values.iter().map(|(_, column)| column));
            self.free_name(taken, alias, &item.span)?;
            value.only = (!groups.pending.is_empty()).then(|| connect::and(groups.pending.clone()));
            let column = Column { enumeration, ..made(alias, value.scalar, nullable) };
            values.push((value, column));
        }
        groups.pending.clear();
        groups.group(flow, values);
        Ok(())
    }

    /// One aggregate, whether it can be null, and the enumeration that it is a value of.
    fn aggregated(
        &self,
        flow: &Flow<'a>,
        item: &'a AggregateItem,
    ) -> Result<(Aggregated, bool, Option<EnumId>), BindError> {
        if !item.from.is_empty() {
            return Err(BindError::unsupported("'from' in an aggregate", &item.span));
        }
        let count = Scalar::Decimal { precision: None, scale: Some(0) };
        let Some(expr) = &item.expr else {
            let one = Expr::Literal(Value::Int(1), Scalar::Int32);
            let of_scalar = Scalar::Int32;
            let (method, related, only) = (Method::Count, false, None);
            return Ok((Aggregated { method, of: one, of_scalar, scalar: count, related, only }, false, None));
        };
        let method = match item.method.as_deref() {
            None if item.count => Method::Count,
            Some("sum") => Method::Sum,
            Some("min") => Method::Min,
            Some("max") => Method::Max,
            Some("average") => Method::Average,
            Some("countdistinct") => Method::CountDistinct,
            Some(other) => {
                return Err(BindError::unsupported(format!("the aggregation method '{other}'"), &item.span));
            }
            None => return Err(BindError::unsupported("a custom aggregate", &item.span)),
        };
        let rows = flow.row_type();
        let counts = matches!(method, Method::Count | Method::CountDistinct);
        let mut enumeration = None;
        let (of, of_scalar, related) = if let ExprKind::Path(path) = &expr.kind {
            let way = self.way(path, self.sight_of(&rows), &expr.span)?;
            // How often an entity is reached by to-one steps does not matter to the others.
            let adds_up = matches!(method, Method::Sum | Method::Average | Method::Count);
            let related = way.many > 0 || (adds_up && !way.steps.is_empty());
            if let (End::Entity(_), true) = (&way.end, counts) {
                let (key, scalar) = of_entities(&way, method, &expr.span)?;
                (key, scalar, related)
            } else {
                let (value, property) = way.value(&expr.span)?;
                enumeration = property.enumeration;
                (value, property.scalar, related)
            }
        } else {
            let (value, scalar) = self.value(flow, expr)?;
            (value, scalar, false)
        };
        let refused = |expected: &str| {
            let expected = format!("{expected}, not an expression of type {of_scalar}");
            BindError::at(BindErrorKind::FunctionArguments { function: method.name().to_owned(), expected }, &expr.span)
        };
        let scalar = match method {
            Method::Count | Method::CountDistinct => count,
            Method::Sum | Method::Average if !of_scalar.is_numeric() || enumeration.is_some() => {
                return Err(refused("numbers"));
            }
            Method::Sum => sum_type(of_scalar),
            Method::Average => mean_type(of_scalar),
            Method::Min | Method::Max if !is_ordered(of_scalar) => return Err(refused("values that have an order")),
            // The names of members are in another order than their values.
            Method::Min | Method::Max if enumeration.is_some() && !of_scalar.is_integer() => {
                return Err(BindError::unsupported("the least or greatest of an enumeration kept as text", &expr.span));
            }
            Method::Min | Method::Max => of_scalar,
        };
        let enumeration = enumeration.filter(|_| matches!(method, Method::Min | Method::Max));
        Ok((Aggregated { method, of, of_scalar, scalar, related, only: None }, !counts, enumeration))
    }
}

/// Entities are counted by the first part of their key, different ones by their only part.
fn of_entities(way: &Way<'_>, method: Method, span: &Span) -> Result<(Expr, Scalar), BindError> {
    let End::Entity(sight) = way.end else { return Err(BindError::unsupported("this aggregate", span)) };
    if way.steps.is_empty() {
        return Err(BindError::unsupported("an aggregate of the entities themselves", span));
    }
    let key = match (sight.entity.key.as_slice(), method) {
        ([key], _) | ([key, ..], Method::Count) => *key,
        _ => {
            let feature = "counting different entities whose key has several parts";
            return Err(BindError::unsupported(feature, span));
        }
    };
    let scalar = sight.entity.property(key).map_or(Scalar::Int32, |property| property.scalar);
    Ok((way.at(key), scalar))
}

/// The groupings of a list, each with its own keys: every `rollup` multiplies them by its levels.
fn groupings<'a>(by: &'a [GroupItem], span: &Span) -> Result<Vec<Vec<&'a syntax::Expr>>, BindError> {
    let mut lists: Vec<Vec<&syntax::Expr>> = vec![Vec::new()];
    for item in by {
        match item {
            GroupItem::Path(expr) => lists.iter_mut().for_each(|list| list.push(expr)),
            GroupItem::Rollup { all, levels } => {
                if let ([_], false) = (levels.as_slice(), *all) {
                    return Err(BindError::unsupported("a rollup of a named hierarchy", span));
                }
                let fewest = usize::from(!*all);
                let parts: Vec<&[syntax::Expr]> =
                    (fewest..=levels.len()).rev().filter_map(|count| levels.get(..count)).collect();
                let with = |list: &Vec<&'a syntax::Expr>, part: &&'a [syntax::Expr]| {
                    list.iter().copied().chain(part.iter()).collect::<Vec<_>>()
                };
                lists = lists.iter().flat_map(|list| parts.iter().map(move |part| with(list, part))).collect();
            }
            GroupItem::RollupRecursive { .. } => {
                return Err(BindError::unsupported("the grouping 'rolluprecursive'", span));
            }
        }
    }
    Ok(lists)
}

fn path_of(expr: &syntax::Expr) -> Result<&[PathStep], BindError> {
    match &expr.kind {
        ExprKind::Path(path) => Ok(path),
        _ => Err(BindError::unsupported("grouping by an expression", &expr.span)),
    }
}

/// Sums of whole numbers are decimals: no width of integers holds them all.
fn sum_type(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::Single | Scalar::Double => Scalar::Double,
        Scalar::Decimal { scale, .. } => Scalar::Decimal { precision: None, scale },
        _ => Scalar::Decimal { precision: None, scale: Some(0) },
    }
}

fn mean_type(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::Single | Scalar::Double => Scalar::Double,
        Scalar::Decimal { scale, .. } => {
            let scale = scale.map(|scale| scale.saturating_add(SCALE_MORE).min(SCALE_MAX));
            Scalar::Decimal { precision: None, scale }
        }
        _ => Scalar::Decimal { precision: None, scale: Some(SCALE_MORE) },
    }
}

/// Whether databases agree on which of two values is less.
fn is_ordered(scalar: Scalar) -> bool {
    scalar.is_numeric()
        || matches!(
            scalar,
            Scalar::Boolean
                | Scalar::String { .. }
                | Scalar::Date
                | Scalar::DateTimeOffset { .. }
                | Scalar::TimeOfDay { .. }
                | Scalar::Duration { .. }
        )
}
