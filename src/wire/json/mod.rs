//! JSON bodies (OData JSON Format 4.01).

mod aggregate;
mod collection;
mod control;
mod cross;
mod entity;
mod error;
mod service;
mod value;

pub use aggregate::AggregateWriter;
pub use collection::{item_misfit, write_collection};
pub use control::{write_context, write_control, write_property_control};
pub use cross::CrossWriter;
pub use entity::{EntityWriter, Fields, PropertyWriter, ResultWriter};
pub use error::{ErrorBody, error};
pub use service::service_document;
pub use value::{write_cell, write_computed, write_count, write_raw, write_string};
