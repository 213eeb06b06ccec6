//! Owns [`Page`] and [`Cursor`]: which part of a collection is wanted.

use crate::edm::Value;

/// Which part of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// `$top`: the most entities over all pages that are left.
    pub top: Option<u64>,
    /// `$skip`, counted from the cursor.
    pub skip: u64,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
    /// Most rows of this page.
    pub rows_max: u32,
}

/// The position after one row: the values of all items of the sort order, the content of `$skiptoken`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// One value for each item of [`super::Read::order`].
    pub values: Vec<Value>,
}
