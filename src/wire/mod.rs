//! Bytes of OData, outward only: JSON and XML bodies, context URLs, and the negotiation of their form.

pub mod context;
pub mod csdl;
pub mod json;
mod key;
mod negotiate;
mod offer;

pub use key::EntityUrl;
pub use negotiate::{Document, Format, Level, NotAcceptable, Version, negotiate, negotiate_metadata};
pub use offer::{OFFER, Offer, SelectOptions};
