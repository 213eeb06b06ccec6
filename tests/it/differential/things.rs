//! The table of the differential test: a key, and of every type one column that takes null and one that does not. Its
//! definition in each database and its metadata files are written from the one list of columns.

use std::fmt::Write as _;

use super::super::support::databases::Kind;
use super::value::{Column, Type};

/// Columns in order: public name, column name, type, nullable.
const COLUMNS: [(&str, &str, Type, bool); 28] = [
    ("Id", "id", Type::Int32, false),
    ("Flag", "flag", Type::Boolean, false),
    ("FlagNull", "flag_null", Type::Boolean, true),
    ("Octet", "octet", Type::Byte, false),
    ("OctetNull", "octet_null", Type::Byte, true),
    ("Tiny", "tiny", Type::SByte, false),
    ("TinyNull", "tiny_null", Type::SByte, true),
    ("Small", "small", Type::Int16, false),
    ("SmallNull", "small_null", Type::Int16, true),
    ("Whole", "whole", Type::Int32, false),
    ("WholeNull", "whole_null", Type::Int32, true),
    ("Big", "big", Type::Int64, false),
    ("BigNull", "big_null", Type::Int64, true),
    ("Short", "short", Type::Single, false),
    ("ShortNull", "short_null", Type::Single, true),
    ("Long", "long_number", Type::Double, false),
    ("LongNull", "long_null", Type::Double, true),
    ("Exact", "exact", Type::Decimal, false),
    ("ExactNull", "exact_null", Type::Decimal, true),
    ("Text", "text_value", Type::String, false),
    ("TextNull", "text_null", Type::String, true),
    ("Mark", "mark", Type::Guid, false),
    ("MarkNull", "mark_null", Type::Guid, true),
    ("Day", "day_value", Type::Date, false),
    ("DayNull", "day_null", Type::Date, true),
    ("Moment", "moment", Type::DateTimeOffset, false),
    ("MomentNull", "moment_null", Type::DateTimeOffset, true),
    ("Folding", "folding", Type::String, true),
];

/// Rows of one page of the set `PagedThings`.
pub(crate) const PAGE_ROWS: u32 = 7;

/// The columns for the evaluator.
pub(crate) fn columns() -> Vec<Column> {
    COLUMNS
        .iter()
        .map(|(name, _, ty, nullable)| Column {
            name: (*name).to_owned(),
            ty: *ty,
            nullable: *nullable,
            ordinal: *name != "Folding",
        })
        .collect()
}

/// The names of the columns in the databases.
pub(crate) fn column_names() -> Vec<&'static str> {
    COLUMNS.iter().map(|(_, column, _, _)| *column).collect()
}

/// `create table` for one kind of database. The column `folding` has a collation that calls different texts equal.
pub(crate) fn create_table(kind: Kind) -> String {
    let mut sql = String::new();
    if kind == Kind::Postgres {
        sql.push_str("create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);\n");
    }
    sql.push_str("create table things (");
    for (place, (name, column, ty, nullable)) in COLUMNS.iter().enumerate() {
        let folding = *name == "Folding";
        let sql_type = column_type(kind, *ty, folding);
        let null = if *nullable { "" } else { " not null" };
        let key = if *name == "Id" { " primary key" } else { "" };
        write!(sql, "{}\n  {column} {sql_type}{null}{key}", if place == 0 { "" } else { "," }).unwrap();
    }
    sql.push_str("\n)");
    sql
}

/// The type of a column in a database.
pub(crate) fn column_type(kind: Kind, ty: Type, folding: bool) -> &'static str {
    match kind {
        Kind::Sqlite => sqlite_type(ty, folding),
        Kind::Postgres => postgres_type(ty, folding),
        Kind::Mariadb => mariadb_type(ty, folding),
    }
}

fn sqlite_type(ty: Type, folding: bool) -> &'static str {
    match ty {
        Type::Boolean
        | Type::Byte
        | Type::SByte
        | Type::Int16
        | Type::Int32
        | Type::Int64
        // Microseconds.
        | Type::Duration => "integer",
        Type::Single | Type::Double => "real",
        Type::String if folding => "text collate nocase",
        Type::Decimal | Type::String | Type::Guid | Type::Date | Type::DateTimeOffset | Type::TimeOfDay => "text",
    }
}

fn postgres_type(ty: Type, folding: bool) -> &'static str {
    match ty {
        Type::Boolean => "boolean",
        Type::Byte | Type::SByte | Type::Int16 => "smallint",
        Type::Int32 => "integer",
        Type::Int64 => "bigint",
        Type::Single => "real",
        Type::Double => "double precision",
        Type::Decimal => "numeric(38,18)",
        Type::String if folding => "varchar(200) collate folding",
        Type::String => "varchar(200)",
        Type::Guid => "uuid",
        Type::Date => "date",
        Type::DateTimeOffset => "timestamp(6) with time zone",
        Type::TimeOfDay => "time(6)",
        Type::Duration => "interval",
    }
}

fn mariadb_type(ty: Type, folding: bool) -> &'static str {
    match ty {
        Type::Boolean => "boolean",
        Type::Byte => "tinyint unsigned",
        Type::SByte => "tinyint",
        Type::Int16 => "smallint",
        Type::Int32 => "int",
        // A duration is microseconds.
        Type::Int64 | Type::Duration => "bigint",
        Type::Single => "float",
        Type::Double => "double",
        Type::Decimal => "decimal(38,18)",
        Type::String if folding => "varchar(200) character set utf8mb4 collate utf8mb4_general_ci",
        Type::String => "varchar(200) character set utf8mb4 collate utf8mb4_nopad_bin",
        Type::Guid => "char(36) character set ascii collate ascii_bin",
        Type::Date => "date",
        Type::DateTimeOffset => "datetime(6)",
        Type::TimeOfDay => "time(6)",
    }
}

/// `service.toml` of the service.
pub(crate) fn service_file() -> &'static str {
    "version = 1\nnamespace = \"Test\"\nsource = \"things\"\n"
}

/// The metadata file of a set over the table.
pub(crate) fn metadata_file(set: &str, ty: &str, page_rows_max: u32) -> String {
    let mut text = format!(
        "version = 1\nset = \"{set}\"\ntype = \"{ty}\"\ntable = \"things\"\nkey = [\"Id\"]\npage_rows_max = {page_rows_max}\n"
    );
    for (name, column, ty, nullable) in COLUMNS {
        write!(text, "\n[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"{ty:?}\"\n").unwrap();
        match ty {
            Type::String => text.push_str("max_length = 200\n"),
            Type::Decimal => text.push_str("precision = 38\nscale = 18\n"),
            Type::DateTimeOffset => text.push_str("precision = 6\n"),
            _ => {}
        }
        if !nullable {
            text.push_str("nullable = false\n");
        }
        if name == "Folding" {
            text.push_str("collation = \"folding\"\n");
        }
    }
    text
}
