//! Bytes of OData, outward only: JSON and XML bodies, context URLs, and the negotiation of their form.

pub mod batch;
pub mod context;
pub mod json;
mod negotiate;
pub mod xml;

pub use negotiate::{Format, Level, NotAcceptable, Version, accepts_utf8, accepts_xml, names, negotiate, prefers};
