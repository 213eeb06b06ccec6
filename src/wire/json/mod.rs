//! JSON bodies (OData JSON Format 4.01).

mod aggregate;
mod collection;
mod control;
mod document;
mod entity;
mod error;
mod raw;
mod row;
mod service;
mod value;

pub use aggregate::AggregateWriter;
pub use collection::write_collection;
pub use control::{write_context, write_control, write_property_control};
pub use document::{close_collection, open_collection, write_object_document, write_value_document};
pub use entity::{EntityWriter, Fields};
pub use error::{ErrorBody, error};
pub use raw::{ValueWriter, content_type_of};
pub use row::{ComplexWriter, CrossWriter, ReferenceWriter};
pub use service::service_document;
pub use value::{write_cell, write_count, write_raw, write_string};
