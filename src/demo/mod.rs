//! The demo: creates the embedded sample databases, deterministically, and reuses them.
