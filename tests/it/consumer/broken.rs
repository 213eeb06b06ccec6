//! A server that is wrong in one thing at a time: the look-alike must see it.
