//! Tests of the binder over a small model; trees are built by hand, so that nothing here depends on the parser.

mod apply;
mod default;
mod expand;
mod expressions;
mod filter;
mod meaning;
mod options;
mod path;
mod support;
mod urls;
