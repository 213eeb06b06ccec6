//! Drafts of made-up catalogues, and what becomes of them when people and databases change things.

mod first;
mod names;
mod rerun;
mod support;
