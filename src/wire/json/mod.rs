//! OData in JSON.

mod service;

pub use service::service_document;
