//! Finished pages in memory.
