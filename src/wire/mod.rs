//! Bytes of OData, outward only.

pub mod json;
pub mod xml;
