//! Owns the binding of `$apply`, and of the options that then apply to its result: a sequence of transformations
//! becomes steps from rows to rows.
//!
//! # Decisions
//!
//! - **A grouping binds its columns, not a new type in the model.** Rows that are no entities any more have a type of
//!   their own for as long as the request is bound: names in later expressions are found in it as in any other.
//! - **`groupby` carries its keys along.** What is done to each group is done to all rows, with the keys beside: an
//!   aggregate groups by them, a limit counts within them. So every transformation works inside of every other.
//! - **A filter inside of a group does not lose the group.** It becomes a condition of the aggregates behind it, under
//!   which a row takes part.
//! - **A joined entity is columns**: `join(Lines as Line)` gives each row the properties of a line, under its name.
//! - **`rollup` is a `concat`** of groupings, as the standard defines it, on every database.

mod group;
mod join;
mod path;
mod result;
mod rows;
mod sequence;

pub(super) use result::{Applied, Entities, bind_aggregate, bind_expanded};
