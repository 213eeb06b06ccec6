//! Functions of columns.
