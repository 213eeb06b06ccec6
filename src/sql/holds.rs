//! Owns [`OneHolds`]: whether one of many texts holds a part. Consumers search so: with the same question to each
//! column.

use crate::edm::Value;

use super::ast::{Column, Expr, Table};
use super::render::CHAIN_MAX;
use super::write::Writer;

/// Whether one of the texts holds the part, exactly: TRUE where one does, else FALSE or unknown. So it may stand only
/// where unknown and FALSE are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct OneHolds {
    /// The texts, two or more.
    pub texts: Vec<Expr>,
    /// The part. The empty text is a part of each text, and of no null.
    pub part: Box<str>,
    /// An index that knows where parts of these texts are.
    pub index: Option<PartIndex>,
}

/// An index of the parts of texts. It may find too much, and never too little.
#[derive(Clone, Debug, PartialEq)]
pub enum PartIndex {
    /// Each text has one of its own.
    Each,
    /// A column that holds all of the texts, and maybe more.
    Column(Column),
    /// A table that finds row ids (SQLite, FTS5 with trigrams as its words).
    Rows {
        /// The table.
        table: Table,
        /// The column that is equal to its row id.
        key: Column,
    },
}

impl OneHolds {
    /// The part as a value.
    pub(super) fn part(&self) -> Value {
        Value::String(self.part.clone())
    }
}

/// Writes a condition for each text with `OR` between; long chains in halves, since databases bound their depth.
pub(super) fn each(w: &mut Writer<'_>, texts: &[Expr], write: &mut dyn FnMut(&mut Writer<'_>, &Expr)) {
    if texts.len() > CHAIN_MAX {
        let (left, right) = texts.split_at(texts.len() / 2);
        w.syntax("(");
        each(w, left, write);
        w.syntax(") OR (");
        each(w, right, write);
        return w.syntax(")");
    }
    for (place, text) in texts.iter().enumerate() {
        w.syntax(if place > 0 { " OR " } else { "" });
        write(w, text);
    }
}
