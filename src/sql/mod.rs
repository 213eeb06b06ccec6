//! A small SQL, and its spelling per database. Knows no OData.

pub mod ast;
mod call;
mod dialect;
mod error;
mod holds;
mod made;
mod offered;
mod pattern;
mod render;
mod rewrite;
mod statement;
mod statistics;
#[cfg(test)]
mod tests;
mod write;

pub use ast::Select;
pub use call::{Call, CallBody, CallPart, Routine, render_call};
pub use dialect::{Dialect, EARTH_DIAMETER, Equality, MariaDb, Mark, MySql, Postgres, Sqlite};
pub use error::RenderError;
pub use holds::{OneHolds, PartIndex};
pub use made::code;
pub use pattern::Pattern;
pub use render::{render, render_groups};
pub use rewrite::Held;
pub use statement::{Param, Statement};
pub use statistics::statistics;
pub use write::Writer;
