//! Owns the statement that asks a database whether it understands what a metadata file says of a set: its table or
//! query, its columns, what is calculated of them.

use crate::model::{Model, PropertyId, SetId};
use crate::sql::ast;

use super::read::{Needs, Planner, output};
use super::rows::{Rows, Statement};
use super::{Fetch, PlanError};

/// Reads these properties of no row. Whoever looks for the one that is wrong asks for each by itself; for none, the
/// question is whether there is the table.
pub fn trial(set: SetId, properties: &[PropertyId], model: &Model) -> Result<Fetch, PlanError> {
    let planner = Planner { model, needs: Needs::default() };
    let statement = Statement::new(model, 0);
    let rows = Rows::new(&statement, set)?;
    let mut outputs = properties.iter().map(|id| output(&rows, *id)).collect::<Result<Vec<_>, _>>()?;
    if outputs.is_empty() {
        outputs.push(ast::Output { expr: ast::Expr::One, scalar: crate::edm::Scalar::Int32 });
    }
    planner.fetch(&rows, outputs, Some(ast::Expr::Truth(false)))
}
