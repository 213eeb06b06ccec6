//! Writes values that are made of columns, where a column would stand: what a metadata file calculates, and words in
//! place of codes.
//!
//! # Decisions
//!
//! - **They stand wherever a column can**: selected, compared, sorted, grouped, joined. So no clause knows them but by
//!   what it knows of every text that the database makes: it compares and sorts by code point.
//! - **Codes and words are part of the text**, not parameters: a database calls two expressions equal, as it must for
//!   groups, only if their texts are. They come from a metadata file, and each dialect spells its own texts.

use crate::edm::{Cut, Scalar, Slot, Template, Words};

use super::ast::{Column, Expr};
use super::dialect::Equality;
use super::write::Writer;

/// The calculation in parentheses, so that it binds as tightly as a name.
pub(super) fn calculated(w: &mut Writer<'_>, column: &Column, template: &Template) {
    w.syntax("(");
    for slot in &template.0 {
        match slot {
            Slot::Text(text) => w.declared(text),
            Slot::Column(name) => w.own_column(column.of, name),
        }
    }
    w.syntax(")");
}

/// The column that holds the codes of words.
pub fn code(column: &Column, words: &Words) -> Column {
    Column { scalar: words.code, made: None, ..column.clone() }
}

/// The beginning of a long text and the marker, a shorter text as it is; it binds as tightly as a name.
pub(super) fn of_cut(w: &mut Writer<'_>, column: &Column, cut: &Cut) {
    let text = Expr::Column(Column { made: None, ..column.clone() });
    w.syntax("CASE WHEN ");
    w.dialect().length(w, &text);
    w.syntax(" > ");
    w.number(cut.length);
    w.syntax(" THEN ");
    w.dialect().beginning(w, &text, cut.kept, &cut.marker);
    w.syntax(" ELSE ");
    w.dialect().cast(w, &text, Scalar::STRING);
    w.syntax(" END");
}

/// The word for a code; it binds as tightly as a name.
pub(super) fn of_words(w: &mut Writer<'_>, column: &Column, words: &Words) {
    let code = Expr::Column(code(column, words));
    w.syntax("CASE");
    for (value, word) in &words.pairs {
        w.syntax(" WHEN ");
        let constant = Expr::Constant(value.clone(), words.code);
        w.dialect().equal(w, Equality::Same, &code, &constant);
        w.syntax(" THEN ");
        w.dialect().text(w, word);
    }
    if words.keeps_unknown {
        w.syntax(" ELSE ");
        w.dialect().cast(w, &code, Scalar::STRING);
    }
    w.syntax(" END");
}
