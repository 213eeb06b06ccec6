//! Entities of every shape, from cells.
