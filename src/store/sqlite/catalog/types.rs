//! Owns what a declared type of SQLite says that a column holds. SQLite itself takes any name and reads no more from it
//! than whether values are turned into numbers; here the names mean what the products from which they come mean by
//! them. That a row holds something else is found when it is read, never guessed.

use crate::catalog::ColumnType;

/// The type that a declaration means.
pub(super) fn column_type(declared: &str) -> ColumnType {
    let (name, first, second) = parts(declared);
    // SQLite's own integers have 64 bits whatever they are called; narrower names are taken at their word.
    let integer = |bits| ColumnType::Integer { bits, signed: true };
    let text = || ColumnType::Text { max_length: first.filter(|length| *length > 0), padded: false };
    let fraction = first.and_then(|digits| u8::try_from(digits).ok()).unwrap_or(0).min(6);
    match name.as_str() {
        "BOOLEAN" | "BOOL" | "BIT" => ColumnType::Boolean,
        "TINYINT" if first == Some(1) => ColumnType::Boolean,
        // Signed for some products, unsigned for others.
        "TINYINT" | "INT1" | "SMALLINT" | "INT2" | "YEAR" => integer(16),
        "MEDIUMINT" | "INT3" => integer(32),
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => ColumnType::Uuid,
        "DATE" => ColumnType::Date,
        "TIME" | "TIME WITHOUT TIME ZONE" => ColumnType::Time { precision: fraction, zoned: false },
        "TIMETZ" | "TIME WITH TIME ZONE" => ColumnType::Time { precision: fraction, zoned: true },
        "DATETIME" | "DATETIME2" | "SMALLDATETIME" | "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" => {
            ColumnType::Timestamp { precision: fraction, zoned: false }
        }
        "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" | "DATETIMEOFFSET" => {
            ColumnType::Timestamp { precision: fraction, zoned: true }
        }
        "DECIMAL" | "NUMERIC" | "NUMBER" | "DEC" | "MONEY" | "SMALLMONEY" | "CURRENCY" => ColumnType::Decimal {
            precision: first.and_then(|digits| u16::try_from(digits).ok()),
            // As in SQL: a precision alone leaves no fraction.
            scale: first.map(|_| second.and_then(|digits| i16::try_from(digits).ok()).unwrap_or(0)),
            signed: true,
        },
        "JSON" | "JSONB" => ColumnType::Json,
        "POINT" => ColumnType::Point,
        "BINARY" | "VARBINARY" | "BYTEA" | "IMAGE" | "LONGBLOB" | "MEDIUMBLOB" | "TINYBLOB" => {
            ColumnType::Bytes { max_length: first, fixed: false }
        }
        "" | "ANY" => ColumnType::Any,
        // From here on as SQLite's documentation lists the affinities, in this order.
        name if name.contains("INT") && !name.contains("INTERVAL") => integer(64),
        name if ["CHAR", "CLOB", "TEXT"].iter().any(|part| name.contains(part)) => text(),
        "XML" | "ENUM" => text(),
        name if name.contains("BLOB") => ColumnType::Bytes { max_length: None, fixed: false },
        name if ["REAL", "FLOA", "DOUB"].iter().any(|part| name.contains(part)) => ColumnType::Float { bits: 64 },
        // Among them STRING, which to SQLite is a number wherever it looks like one.
        _ => ColumnType::Any,
    }
}

/// The name in upper case with single blanks, and the numbers in its parentheses.
fn parts(declared: &str) -> (String, Option<u32>, Option<u32>) {
    let (before, rest) = declared.split_once('(').unwrap_or((declared, ""));
    let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
    let words: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
    let mut numbers = inside.split(',').map(|number| number.trim().parse().ok());
    (words.join(" ").to_ascii_uppercase(), numbers.next().flatten(), numbers.next().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_their_products_mean() {
        let integer = |bits| ColumnType::Integer { bits, signed: true };
        let text = |max_length| ColumnType::Text { max_length, padded: false };
        let decimal = |precision, scale| ColumnType::Decimal { precision, scale, signed: true };
        for (declared, expected) in [
            ("INTEGER", integer(64)),
            ("int", integer(64)),
            ("UNSIGNED BIG INT", integer(64)),
            ("INT(11)", integer(64)),
            ("smallint", integer(16)),
            ("tinyint(1)", ColumnType::Boolean),
            ("tinyint", integer(16)),
            ("Boolean", ColumnType::Boolean),
            ("VARCHAR(20)", text(Some(20))),
            ("NVARCHAR ( 20 )", text(Some(20))),
            ("varying character(255)", text(Some(255))),
            ("TEXT", text(None)),
            ("CLOB", text(None)),
            ("CHAR(0)", text(None)),
            ("DECIMAL(10,2)", decimal(Some(10), Some(2))),
            ("decimal (10 , 2)", decimal(Some(10), Some(2))),
            ("DECIMAL(10)", decimal(Some(10), Some(0))),
            ("NUMERIC", decimal(None, None)),
            ("DOUBLE PRECISION", ColumnType::Float { bits: 64 }),
            ("REAL", ColumnType::Float { bits: 64 }),
            ("BLOB", ColumnType::Bytes { max_length: None, fixed: false }),
            ("DATETIME", ColumnType::Timestamp { precision: 0, zoned: false }),
            ("DATETIME(3)", ColumnType::Timestamp { precision: 3, zoned: false }),
            ("timestamp with time zone", ColumnType::Timestamp { precision: 0, zoned: true }),
            ("TIMESTAMP(6) WITH TIME ZONE", ColumnType::Timestamp { precision: 6, zoned: true }),
            ("TIME", ColumnType::Time { precision: 0, zoned: false }),
            ("DATE", ColumnType::Date),
            ("UUID", ColumnType::Uuid),
            ("POINT", ColumnType::Point),
            ("INTERVAL", ColumnType::Any),
            ("STRING", ColumnType::Any),
            ("", ColumnType::Any),
            ("ANY", ColumnType::Any),
            ("nonsense(", ColumnType::Any),
        ] {
            assert_eq!(column_type(declared), expected, "{declared}");
        }
    }
}
