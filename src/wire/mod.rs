//! Bytes of OData, outward only: JSON and XML bodies, context URLs, and the negotiation of their form.

pub mod batch;
pub mod context;
pub mod csdl;
pub mod json;
mod key;
mod negotiate;
mod offer;
#[cfg(test)]
mod samples;

pub use key::EntityUrl;
pub(crate) use key::write_key_value;
pub use negotiate::{
    Document, Format, Level, NotAcceptable, Version, accepts_utf8, names, negotiate, negotiate_metadata, prefers,
};
pub use offer::{OFFER, Offer, SelectOptions};
