//! Readers and a writer at the same time: after a change was told, no reader who then asks sees the state before it.
