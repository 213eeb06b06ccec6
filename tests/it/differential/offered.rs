//! A third set over the table of the differential test, whose dates are offered as instants at some hour and as texts.
//! The evaluator knows only instants and texts.

use std::fmt::Write as _;

use penstock::edm::Value;

use super::super::support::databases::date_text;
use super::value::{Column, Table, Type};

/// How a date is offered.
#[derive(Clone, Copy)]
enum As {
    /// What the column of another type holds.
    Itself,
    /// At this second of the day, written so.
    Second(i64, &'static str),
    Text,
}

/// Public name, published type, nullable, column, property of the whole table, and how it is offered.
const COLUMNS: [(&str, Type, bool, &str, &str, As); 10] = [
    ("Id", Type::Int32, false, "id", "Id", As::Itself),
    ("Noon", Type::DateTimeOffset, false, "day_value", "Day", As::Second(43_200, "12:00")),
    ("NoonNull", Type::DateTimeOffset, true, "day_null", "DayNull", As::Second(43_200, "12:00")),
    ("Midnight", Type::DateTimeOffset, true, "day_null", "DayNull", As::Second(0, "00:00")),
    ("Late", Type::DateTimeOffset, false, "day_value", "Day", As::Second(86_399, "23:59:59")),
    ("Written", Type::String, false, "day_value", "Day", As::Text),
    ("WrittenNull", Type::String, true, "day_null", "DayNull", As::Text),
    ("Flag", Type::Boolean, true, "flag_null", "FlagNull", As::Itself),
    ("Moment", Type::DateTimeOffset, true, "moment_null", "MomentNull", As::Itself),
    ("Text", Type::String, true, "text_null", "TextNull", As::Itself),
];

/// The metadata file of a set.
pub(super) fn metadata_file(set: &str, ty: &str, page_rows_max: u32) -> String {
    let mut text = format!(
        "version = 1\nset = \"{set}\"\ntype = \"{ty}\"\ntable = \"things\"\nkey = [\"Id\"]\npage_rows_max = {page_rows_max}\n"
    );
    for (name, ty, nullable, column, _, offered) in COLUMNS {
        let said = match offered {
            As::Itself => format!("type = \"{ty:?}\""),
            As::Second(_, written) => format!("type = \"Date\"\noffer = {{ date_time = \"{written}\" }}"),
            As::Text => "type = \"Date\"\noffer = \"string\"".to_owned(),
        };
        write!(text, "\n[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\n{said}\nnullable = {nullable}\n")
            .unwrap();
    }
    text
}

/// The same rows in memory.
pub(super) fn table(things: &Table) -> Table {
    let columns: Vec<Column> = COLUMNS
        .iter()
        .map(|(name, ty, nullable, ..)| Column {
            name: (*name).to_owned(),
            ty: *ty,
            nullable: *nullable,
            ordinal: true,
        })
        .collect();
    let rows = things.rows.iter().map(|row| {
        let value = |(_, _, _, _, from, offered): &(_, _, _, _, &str, As)| match (&row[things.column(from)], offered) {
            (Value::Date(day), As::Second(second, _)) => {
                Value::DateTimeOffset((i64::from(*day) * 86_400 + second) * 1_000_000)
            }
            (Value::Date(day), As::Text) => Value::String(date_text(*day).into()),
            (other, _) => other.clone(),
        };
        COLUMNS.iter().map(value).collect()
    });
    Table { columns, key: vec![0], rows: rows.collect() }
}
