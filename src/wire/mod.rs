//! Bytes of OData, outward only.
