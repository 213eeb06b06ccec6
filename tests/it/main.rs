//! The integration tests of the house, one binary and so one link step. Modules in reading order: the laws of the tree,
//! what the server refuses, what it answers, and how it behaves as an HTTP server.
//!
//! SQLite is always there. PostgreSQL and MariaDB are used when `PENSTOCK_TEST_POSTGRES` and `PENSTOCK_TEST_MARIADB`
//! hold their addresses, as `tests/run` sets them; with `PENSTOCK_TEST_REQUIRE_DATABASES=1` their absence is a failure.
//!
//! Every module stands under `cfg(test)`, so that the lints know helper functions for what they are.

#[cfg(test)]
mod support;

#[cfg(test)]
mod batch;
#[cfg(test)]
mod batch_values;
#[cfg(test)]
mod benches;
#[cfg(test)]
mod breadth;
#[cfg(test)]
mod callouts;
#[cfg(test)]
mod charset;
#[cfg(test)]
mod check;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod compile;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod erp;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flights;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod introspect;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod later;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod live;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod pages;
mod patterns;
#[cfg(test)]
mod picks;
#[cfg(test)]
mod preferences;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod public;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod refuse;
#[cfg(test)]
mod related;
#[cfg(test)]
mod relations;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod second_level;
#[cfg(test)]
mod shaping;
#[cfg(test)]
mod sick;
#[cfg(test)]
mod spelling;
#[cfg(test)]
mod ugly;
#[cfg(test)]
mod web;
#[cfg(test)]
mod wide;

#[cfg(test)]
mod ages;
#[cfg(test)]
mod aggregate;
#[cfg(test)]
mod consumer;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod salesforce;
#[cfg(test)]
mod salesforce_project;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod warehouse;
