//! Turns raw metadata files into a [`super::Model`]; collects every problem, not the first.
