//! Plans the call of a function or an action.

use crate::edm::{Scalar, Value};
use crate::model::{Body, Model, OperationKind, Part, PropertyId, Returns, SourceId};
use crate::query::Call;
use crate::sql::{self, CallBody, CallPart, ast};

use super::PlanError;

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

/// Plans a call. `key` is that of the entity on which it is called; empty if it is called on none.
pub fn plan_call(call: &Call, key: &[Value], model: &Model) -> Result<CallPlan, PlanError> {
    let operation = model.operation(call.operation).ok_or(PlanError::ForeignQuery)?;
    let bound = operation.binding.as_ref().and_then(|binding| model.type_of(binding.set));
    let key_value = |id: PropertyId| {
        let entity_type = bound?;
        let value = key.get(entity_type.key.iter().position(|part| *part == id)?)?;
        Some((value.clone(), entity_type.property(id)?.scalar))
    };
    let all = || {
        let ids = bound.filter(|_| !key.is_empty()).map(|entity_type| entity_type.key.iter()).into_iter().flatten();
        ids.filter_map(|id| key_value(*id)).chain(call.arguments.iter().cloned()).collect::<Vec<_>>()
    };
    let many = !matches!(operation.returns, Some(Returns::Value { .. }) | None);
    let body = match &operation.body {
        Body::Statement(parts) => CallBody::Statement(
            parts
                .iter()
                .map(|part| {
                    let value = match part {
                        Part::Text(text) => return Ok(CallPart::Text(text.clone())),
                        Part::Parameter(place) => call.arguments.get(*place).cloned(),
                        Part::Key(id) => key_value(*id),
                    };
                    value.map(|(value, scalar)| CallPart::Value(value, scalar)).ok_or(PlanError::ForeignQuery)
                })
                .collect::<Result<_, _>>()?,
        ),
        Body::Function(function) => CallBody::Function(table(function), many, all()),
        Body::Procedure(procedure) => CallBody::Procedure(table(procedure), all()),
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
    Ok(CallPlan { source: operation.source, call: sql::Call { body, columns }, changes })
}

fn table(table: &crate::model::Table) -> ast::Table {
    ast::Table { schema: table.schema.clone(), name: table.name.clone() }
}
