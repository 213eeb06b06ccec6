//! OData in XML: only `$metadata`.

mod csdl;

pub use csdl::{CsdlVersion, metadata};
