//! Penstock: an OData 4.0 and 4.01 server over SQL databases, made for Salesforce Connect.
//!
//! One request moves one way through rooms; each room has one public verb and one error.
//!
//! | Step | Room and verb | takes → gives | refuses with |
//! |---|---|---|---|
//! | 1 | [`web`] identify | HTTP request → [`service::Request`] + [`auth::Principal`] | 401 |
//! | 2 | [`syntax::parse`] | target text → [`syntax::ResourceUrl`] | `SyntaxError`, 400 |
//! | 3 | [`bind::bind`] | + `Scope` → [`query::Query`] | `BindError`, 400, 404 or 501 |
//! | 4 | [`cache::Cache::get_or_fill`] | [`cache::Key`] → a kept [`cache::Page`], or go on | – |
//! | 5 | [`plan::plan`] | [`query::Read`] → [`plan::ReadPlan`], a tree of [`sql::Select`] | `PlanError`, a defect |
//! | 6 | [`sql::render`] | [`sql::Select`] + dialect → [`sql::Statement`] | `RenderError`, 501 |
//! | 7 | [`store::Database::fetch`] | `Statement` → rows of borrowed cells, handed to a sink | `StoreError`, 503, 504, 500 |
//! | 8 | [`execute`] `rows` | `ReadPlan` + databases → rows of each node, stitched to their parents | the same |
//! | 9 | [`wire::json`] page writer | each row's cells, by `Shape` → bytes of one page | – |
//! | 10 | [`service`] → [`web`] | `Answer` → HTTP response | – |
//!
//! Requests that differ in nothing but the values of plain literals go through steps 2, 3, 5 and 6 once: each of these
//! rooms has a `Pattern`, what such requests have in common, with places for values ([`syntax::Pattern`],
//! [`query::Pattern`], [`sql::Pattern`]), and [`service`] learns and fills them.
//!
//! Beside the road lie [`catalog`], [`draft`], [`check`] and [`export`], for the commands that compare a model with
//! databases, draft one from them, or write it for Salesforce.
//!
//! The rooms in reading order are the modules below. Which room may name which other is the law of imports, kept by a
//! test (`tests/it/laws.rs`).

#![warn(missing_docs)]

pub mod app;
pub mod auth;
pub mod bind;
pub mod cache;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod config;
pub mod demo;
pub mod draft;
pub mod edm;
pub mod execute;
pub mod export;
pub mod model;
pub mod plan;
pub mod query;
pub mod service;
pub mod sql;
pub mod store;
pub mod syntax;
pub mod web;
pub mod wire;
