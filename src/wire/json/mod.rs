//! JSON bodies (OData JSON Format 4.01).

mod aggregate;
mod entity;
mod error;
mod service;
mod value;

pub use aggregate::AggregateWriter;
pub use entity::EntityWriter;
pub use error::{ErrorBody, error};
pub use service::service_document;
pub use value::{write_cell, write_count, write_raw, write_string};
