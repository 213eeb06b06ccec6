//! XML bodies: `$metadata`.

mod csdl;

pub use csdl::metadata;
