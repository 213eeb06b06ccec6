//! Owns how the value of a column is written where the column does not hold it in the plain form: see [`Form`].
//!
//! # Decisions
//!
//! - **One expression everywhere.** What is read, filtered and sorted by is the same expression, so that a value that
//!   is shown is found by itself. An index on the column serves it only where the database knows such indexes of
//!   expressions.
//! - **What is no value is null by the database's own look at it** where `lenient` is set. SQLite is given the function
//!   with which rows are read.
//! - **Local times.** A fixed offset is a difference of minutes everywhere. A zone with rules is PostgreSQL's to know:
//!   a local time that the zone skips counts by the offset before the change, one that it has twice is the later
//!   instant. MySQL's own function leaves times before 1970 as they are, and SQLite knows no zones; there a zone with a
//!   name is refused.

use crate::edm::{Form, Scalar, Stored, Zone};
use crate::sql::RenderError;
use crate::sql::ast::{Column, Expr};
use crate::sql::write::Writer;

/// The column itself, whatever its form.
fn bare(w: &mut Writer<'_>, column: &Column) {
    w.bare_column(column);
}

fn around(w: &mut Writer<'_>, open: &'static str, column: &Column, write: Write, close: &'static str) {
    w.syntax(open);
    write(w, column);
    w.syntax(close);
}

type Write = fn(&mut Writer<'_>, &Column);

/// PostgreSQL
pub(super) fn postgres(w: &mut Writer<'_>, column: &Column, zone: &Zone) {
    let in_utc = |w: &mut Writer<'_>| match (column.form.stored, zone) {
        (Stored::Cast, _) => postgres_cast(w, column),
        (Stored::Local, Zone::Offset(minutes)) if *minutes != 0 => {
            around(w, "(", column, bare, " AT TIME ZONE INTERVAL '");
            w.number(*minutes);
            w.syntax(" minutes')");
        }
        (Stored::Local, Zone::Named(name)) => {
            around(w, "(", column, bare, " AT TIME ZONE '");
            w.declared(name);
            w.syntax("')");
        }
        _ => bare(w, column),
    };
    if !column.form.lenient {
        return in_utc(w);
    }
    let (open, close) = match column.scalar {
        Scalar::Date | Scalar::DateTimeOffset { .. } => ("isfinite(", ")"),
        Scalar::Decimal { .. } => ("CAST(", " AS text) ~ '^-?[0-9]'"),
        Scalar::TimeOfDay { .. } => ("", " <> '24:00'"),
        Scalar::Duration { .. } => ("extract(year FROM ", ") = 0 AND "),
        scalar if scalar.is_integer() => ("", " BETWEEN "),
        _ => return in_utc(w),
    };
    around(w, "CASE WHEN ", column, |_, _| {}, open);
    // What a cast gives is looked at as it is.
    let looked_at = |w: &mut Writer<'_>| if column.form.stored == Stored::Cast { in_utc(w) } else { bare(w, column) };
    looked_at(w);
    w.syntax(close);
    match column.scalar {
        Scalar::Duration { .. } => {
            w.syntax("extract(month FROM ");
            looked_at(w);
            w.syntax(") = 0");
        }
        scalar => {
            if range(w, scalar) {
                w.syntax(" AND ");
                looked_at(w);
                w.syntax(" = trunc(");
                looked_at(w);
                w.syntax(")");
            }
        }
    }
    w.syntax(" THEN ");
    in_utc(w);
    w.syntax(" END");
}

/// `least AND most` of an integer type; false for others.
fn range(w: &mut Writer<'_>, scalar: Scalar) -> bool {
    let Some((least, most)) = scalar.integer_range() else { return false };
    w.number(least);
    w.syntax(" AND ");
    w.number(most);
    true
}

fn postgres_cast(w: &mut Writer<'_>, column: &Column) {
    let close = match column.scalar {
        // A bit has no cast of its own.
        Scalar::Boolean => {
            return around(w, "CAST(CAST(", column, bare, " AS int4) AS bool)");
        }
        Scalar::Single => " AS float4)",
        Scalar::Double => " AS float8)",
        Scalar::Decimal { .. } => " AS numeric)",
        Scalar::String { .. } => " AS text)",
        Scalar::Guid => " AS uuid)",
        Scalar::Date => " AS date)",
        Scalar::DateTimeOffset { .. } => " AS timestamptz)",
        Scalar::TimeOfDay { .. } => " AS time)",
        Scalar::Duration { .. } => " AS interval)",
        scalar if scalar.is_integer() => " AS int8)",
        _ => return refuse(w, column),
    };
    around(w, "CAST(", column, bare, close);
}

/// MySQL and MariaDB
pub(super) fn mysql(w: &mut Writer<'_>, column: &Column, zone: &Zone) {
    let in_utc = |w: &mut Writer<'_>| match (column.form.stored, zone) {
        (Stored::Cast, _) => mysql_cast(w, column),
        (Stored::Local, Zone::Offset(minutes)) if *minutes != 0 => {
            // The difference of a date that does not exist would be null, and hide it.
            around(w, "CASE WHEN MONTH(", column, bare, ") = 0 OR DAYOFMONTH(");
            around(w, "", column, bare, ") = 0 THEN ");
            around(w, "", column, bare, " ELSE ");
            around(w, "", column, bare, " - INTERVAL ");
            w.number(*minutes);
            w.syntax(" MINUTE END");
        }
        (Stored::Local, Zone::Named(_)) => refuse(w, column),
        _ => bare(w, column),
    };
    if !column.form.lenient {
        return in_utc(w);
    }
    let looked_at = |w: &mut Writer<'_>| if column.form.stored == Stored::Cast { in_utc(w) } else { bare(w, column) };
    w.syntax("CASE WHEN ");
    match column.scalar {
        // A year, month or day of zero; a day that its month does not have.
        Scalar::Date | Scalar::DateTimeOffset { .. } => {
            w.syntax("MONTH(");
            looked_at(w);
            w.syntax(") > 0 AND DAYOFMONTH(");
            looked_at(w);
            w.syntax(") BETWEEN 1 AND DAYOFMONTH(LAST_DAY(");
            looked_at(w);
            w.syntax("))");
        }
        Scalar::TimeOfDay { .. } => {
            looked_at(w);
            w.syntax(" >= TIME '00:00:00' AND ");
            looked_at(w);
            w.syntax(" < TIME '24:00:00'");
        }
        Scalar::Boolean => {
            looked_at(w);
            w.syntax(" IN (0, 1)");
        }
        Scalar::Guid => {
            looked_at(w);
            w.syntax(" RLIKE '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'");
        }
        scalar if scalar.is_integer() => {
            looked_at(w);
            w.syntax(" BETWEEN ");
            range(w, scalar);
            w.syntax(" AND ");
            looked_at(w);
            w.syntax(" = TRUNCATE(");
            looked_at(w);
            w.syntax(", 0)");
        }
        _ => w.syntax("TRUE"),
    }
    w.syntax(" THEN ");
    in_utc(w);
    w.syntax(" END");
}

fn mysql_cast(w: &mut Writer<'_>, column: &Column) {
    let close = match column.scalar {
        // No server has all of FLOAT and DOUBLE as names of a cast.
        Scalar::Single | Scalar::Double => return around(w, "(", column, bare, " + 0e0)"),
        Scalar::Decimal { scale, .. } => {
            around(w, "CAST(", column, bare, " AS DECIMAL(65, ");
            w.number(scale.unwrap_or(30).min(30));
            return w.syntax("))");
        }
        Scalar::String { .. } => " AS CHAR)",
        Scalar::Guid => {
            w.syntax("CAST(INSERT(INSERT(INSERT(INSERT(LOWER(HEX(");
            bare(w, column);
            return w.syntax(")), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') AS CHAR)");
        }
        Scalar::Date => " AS DATE)",
        Scalar::DateTimeOffset { .. } => " AS DATETIME(6))",
        Scalar::TimeOfDay { .. } => " AS TIME(6))",
        Scalar::Boolean | Scalar::Duration { .. } => " AS SIGNED)",
        scalar if scalar.is_integer() => " AS SIGNED)",
        _ => return refuse(w, column),
    };
    around(w, "CAST(", column, bare, close);
}

/// SQLite: functions of the connection, which give the form that a plain column of the type holds.
pub(super) fn sqlite(w: &mut Writer<'_>, column: &Column, zone: &Zone) {
    let minutes = match (column.form.stored, zone) {
        (Stored::Local, Zone::Offset(minutes)) => *minutes,
        (Stored::Local, Zone::Named(_)) => return refuse(w, column),
        _ => 0,
    };
    let Form { stored, lenient } = column.form;
    if stored == Stored::Local && minutes == 0 && !lenient {
        return bare(w, column);
    }
    w.syntax(match (stored == Stored::Cast, lenient) {
        (false, false) => "penstock_plain(",
        (false, true) => "penstock_plain_or_null(",
        (true, false) => "penstock_cast(",
        (true, true) => "penstock_cast_or_null(",
    });
    bare(w, column);
    w.syntax(", '");
    w.syntax(column.scalar.name());
    w.syntax("', ");
    w.number(match column.scalar {
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } => precision,
        _ => 0,
    });
    w.syntax(", ");
    w.number(minutes);
    w.syntax(")");
}

#[cold]
fn refuse(w: &mut Writer<'_>, column: &Column) {
    let what = match column.form.stored {
        Stored::Local => "a zone with a name",
        _ => "a cast to such a type",
    };
    w.refuse(RenderError::Unsupported { feature: format!("{what} in the database of column '{}'", column.name) });
}

/// The type in which a value beside this operand travels: with the facets of a column, whose texts of instants have so
/// many digits and whose single-precision numbers are compared as such.
pub(in crate::sql) fn parameter_type(beside: &Expr, scalar: Scalar) -> Scalar {
    match (beside, scalar) {
        (
            Expr::Column(Column { scalar: facets @ Scalar::DateTimeOffset { .. }, .. }),
            Scalar::DateTimeOffset { .. },
        )
        | (Expr::Column(Column { scalar: facets @ Scalar::TimeOfDay { .. }, .. }), Scalar::TimeOfDay { .. })
        | (Expr::Column(Column { scalar: facets @ Scalar::Single, .. }), Scalar::Double) => *facets,
        (Expr::Column(column), scalar) => column.form.of_parameter(scalar),
        _ => scalar,
    }
}
