//! Plans the call of a function or an action, by itself or as a value in an expression.

use crate::edm::{Scalar, Value};
use crate::model::{Body, EntityType, Model, Operation, OperationKind, Part, PropertyId, Returns, SourceId};
use crate::query::{Bound, Call, Routine};
use crate::sql::{self, CallBody, CallPart, Select, ast};

use super::PlanError;
use super::filter::Conditions;

/// A call for one source.
#[derive(Clone, Debug, PartialEq)]
pub struct CallPlan {
    /// The database that runs it.
    pub source: SourceId,
    /// What it runs.
    pub call: sql::Call,
    /// Whether it changes anything.
    pub changes: bool,
}

/// On what an operation is called.
#[derive(Clone, Debug)]
pub enum On {
    /// On nothing, or on a whole set that it knows by itself.
    Nothing,
    /// On the entity with this key.
    Entity(Vec<Value>),
    /// On the entities whose keys this select gives.
    Entities(Box<Select>),
}

/// Plans a call.
pub fn plan_call(call: &Call, on: &On, model: &Model) -> Result<CallPlan, PlanError> {
    let operation = model.operation(call.operation).ok_or(PlanError::ForeignQuery)?;
    let bound = operation.binding.as_ref().and_then(|binding| model.type_of(binding.set));
    let (key, members): (&[Value], _) = match on {
        On::Nothing => (&[], None),
        On::Entity(key) => (key, None),
        On::Entities(members) => (&[], Some(members)),
    };
    let values =
        bound.filter(|_| !key.is_empty()).into_iter().flat_map(|of| of.key.iter().zip(key).map(move |it| (of, it)));
    let values = values.map(|(of, (id, value))| {
        let property = of.property(*id).ok_or(PlanError::ForeignQuery)?;
        Ok((*id, ast::Expr::Param(value.clone(), property.scalar)))
    });
    let parts = Parts {
        operation,
        key: values.collect::<Result<_, PlanError>>()?,
        members: members.cloned(),
        arguments: call.arguments.iter().map(|(value, scalar)| ast::Expr::Param(value.clone(), *scalar)).collect(),
    };
    let columns: Vec<Scalar> = match &operation.returns {
        None => Vec::new(),
        Some(Returns::Value { value_type, .. } | Returns::Values { value_type, .. }) => vec![value_type.scalar],
        Some(Returns::Entity { set, .. } | Returns::Entities { set }) => {
            let entity_type = model.type_of(*set).ok_or(PlanError::ForeignQuery)?;
            entity_type.key.iter().filter_map(|id| Some(entity_type.property(*id)?.scalar)).collect()
        }
    };
    let changes = operation.kind == OperationKind::Action;
    Ok(CallPlan { source: operation.source, call: sql::Call { body: parts.body()?, columns }, changes })
}

/// A function of the model as a value for each row.
pub(super) fn routine(conditions: Conditions<'_>, call: &Routine, scalar: Scalar) -> Result<ast::Expr, PlanError> {
    let rows = conditions.rows;
    let operation = rows.statement.model.operation(call.operation).ok_or(PlanError::ForeignQuery)?;
    let inside = operation.inside.ok_or(PlanError::ForeignQuery)?;
    // Inside of the statement a bare name would mean a column of its own tables.
    rows.name_columns();
    let (mut key, mut members) = (Vec::new(), None);
    match &call.on {
        Bound::Nothing => {}
        Bound::Entity(place) => {
            for id in &rows.type_at(place)?.key {
                key.push((*id, rows.at(place, *id)?.0));
            }
        }
        Bound::Entities(related) => {
            let keys = |rows: &super::rows::Rows<'_>| key_columns(rows.entity_type, rows.alias);
            members = Some(Box::new(rows.related(related, keys, |_| Ok(None))?));
        }
    }
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(conditions.operand(argument)?.expr);
    }
    let body = Parts { operation, key, members, arguments }.body()?;
    Ok(ast::Expr::Routine(Box::new(sql::Routine { body, limited: inside.limited, scalar })))
}

/// The key as a select list.
fn key_columns(entity_type: &EntityType, alias: u16) -> Result<Vec<ast::Output>, PlanError> {
    let output = |id: &PropertyId| {
        let column = super::column(entity_type, *id, alias)?;
        let scalar = column.scalar;
        Ok(ast::Output { expr: ast::Expr::Column(column), scalar })
    };
    entity_type.key.iter().map(output).collect()
}

/// What goes into the places of an operation's body.
struct Parts<'a> {
    operation: &'a Operation,
    key: Vec<(PropertyId, ast::Expr)>,
    members: Option<Box<Select>>,
    arguments: Vec<ast::Expr>,
}

impl Parts<'_> {
    fn body(self) -> Result<CallBody, PlanError> {
        Ok(match &self.operation.body {
            Body::Statement(parts) => CallBody::Statement(
                parts.iter().map(|part| self.part(part).ok_or(PlanError::ForeignQuery)).collect::<Result<_, _>>()?,
            ),
            Body::Function(function) => {
                let many = !matches!(self.operation.returns, Some(Returns::Value { .. }) | None);
                CallBody::Function(super::table(function), many, self.all())
            }
            Body::Procedure(procedure) => CallBody::Procedure(super::table(procedure), self.all()),
        })
    }

    fn part(&self, part: &Part) -> Option<CallPart> {
        Some(match part {
            Part::Text(text) => CallPart::Text(text.clone()),
            Part::Parameter(place) => CallPart::Value(self.arguments.get(*place)?.clone()),
            Part::Key(id) => CallPart::Value(self.key.iter().find(|(part, _)| part == id)?.1.clone()),
            Part::Members => CallPart::Rows(self.members.clone()?),
        })
    }

    fn all(self) -> Vec<ast::Expr> {
        self.key.into_iter().map(|(_, value)| value).chain(self.arguments).collect()
    }
}
