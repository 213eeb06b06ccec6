//! Owns how a date is written that is offered under another type: see [`Offered`]. The column is one of dates, in
//! whatever form.
//!
//! # Decisions
//!
//! - **A date that is none stays none.** An infinite date is an infinite instant, and MySQL's zero dates stay as they
//!   are, where its own sum would be null: both are errors where rows are read. As texts they are what the database
//!   writes.
//! - **The time is part of the text**, not a parameter: see [`crate::sql::made`].

use crate::edm::Offered;
use crate::sql::ast::Column;
use crate::sql::write::Writer;

/// PostgreSQL
pub(super) fn postgres(w: &mut Writer<'_>, dates: &Column, offered: Offered) {
    w.syntax("CAST(");
    w.column(dates);
    match offered {
        Offered::Text => w.syntax(" AS text)"),
        Offered::Instant(0) => w.syntax(" AS timestamptz)"),
        Offered::Instant(seconds) => {
            w.syntax(" + TIME '");
            clock(w, seconds);
            w.syntax("' AS timestamptz)");
        }
    }
}

/// MySQL and MariaDB
pub(super) fn mysql(w: &mut Writer<'_>, dates: &Column, offered: Offered) {
    let Offered::Instant(seconds) = offered else {
        w.syntax("CAST(");
        w.column(dates);
        return w.syntax(" AS CHAR)");
    };
    w.syntax("CASE WHEN DAYOFMONTH(");
    w.column(dates);
    w.syntax(") BETWEEN 1 AND DAYOFMONTH(LAST_DAY(");
    w.column(dates);
    w.syntax(")) THEN TIMESTAMP(");
    w.column(dates);
    w.syntax(", '");
    clock(w, seconds);
    w.syntax("') ELSE ");
    w.column(dates);
    w.syntax(" END");
}

/// SQLite, where dates are texts, and instants texts with a blank in the middle.
pub(super) fn sqlite(w: &mut Writer<'_>, dates: &Column, offered: Offered) {
    match offered {
        // A column that is declared as a date makes a number of what it is compared with, if it can.
        Offered::Text => {
            w.syntax("CAST(");
            w.column(dates);
            w.syntax(" AS TEXT)");
        }
        Offered::Instant(seconds) => {
            w.syntax("(");
            w.column(dates);
            w.syntax(" || ' ");
            clock(w, seconds);
            w.syntax("')");
        }
    }
}

/// A time of day.
fn clock(w: &mut Writer<'_>, seconds: u32) {
    for (place, part) in [seconds / 3_600, seconds / 60 % 60, seconds % 60].into_iter().enumerate() {
        w.syntax(if place > 0 { ":" } else { "" });
        w.syntax(if part < 10 { "0" } else { "" });
        w.number(part);
    }
}
