//! Writes `$metadata` as CSDL 4.0 or 4.01 in XML, and as CSDL 4.01 in JSON: one schema with one container.
//!
//! Both writers walk the model; what it means for a client is said once for both: annotations in `terms`, facets and
//! referential constraints in `facts`.
//!
//! # Decisions
//!
//! - Annotations stand inline, where they apply, with terms of the Core, Capabilities and Aggregation vocabularies.
//!   They tell limits and what is offered, so a client need not find out by refusals.
//! - The XML refers to no vocabulary document and names each term by its full namespace, which every reader knows for
//!   these vocabularies: readers built on Olingo, Salesforce's among them, fetch each reference while they read, with
//!   the headers of the request. The JSON has the references and the usual aliases.
//! - A referential constraint is written only where the standard allows one (section 8.5): the types are the same, and
//!   the local property is nullable exactly when the navigation or the referenced property is. Salesforce needs the
//!   constraint to make a lookup by itself, so metadata files should declare nullability truthfully.
//! - A decimal without a declared scale has none in a 4.0 document, although a missing scale means 0 there and
//!   `variable` is the exact word: clients built on Olingo read `variable` as 0 but leave a missing one to their own
//!   default, and Salesforce's has two digits. A 4.01 document says `variable`.
//! - JSON is written as 4.01 only: version 4.0 of the standard knows no CSDL in JSON.
//! - XML elements are written by a small writer of our own with the escaping of `quick_xml`: its event writer returns
//!   I/O errors that writing to memory cannot have.

mod annotation;
mod document;
mod facts;
mod json;
mod terms;
#[cfg(test)]
mod tests;
mod xml;

pub use json::metadata as json;
pub use xml::metadata as xml;
