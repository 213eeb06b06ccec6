//! A small SQL, and its spelling per database. Knows no OData.

pub mod ast;
mod statement;

pub use ast::Select;
pub use statement::{Param, Statement};
