//! Owns the types of MySQL and MariaDB in the words of all databases, and which of their collations fold.

use crate::catalog::ColumnType;

/// A type as `information_schema` tells it.
pub(super) struct Declared {
    /// `decimal(10,2) unsigned`
    pub(super) whole: String,
    /// `decimal`
    pub(super) name: String,
    /// Characters or bytes.
    pub(super) length: Option<i64>,
    /// Digits, or bits.
    pub(super) precision: Option<i64>,
    /// Digits right of the point.
    pub(super) scale: Option<i64>,
    /// Digits of the fraction of a second.
    pub(super) fraction: Option<i64>,
}

impl Declared {
    /// The type in the words of all databases.
    pub(super) fn column_type(&self) -> ColumnType {
        let whole = self.whole.to_ascii_lowercase();
        let signed = !whole.contains(" unsigned") && !whole.contains(" zerofill");
        let integer = |bits| ColumnType::Integer { bits, signed };
        let fraction = self.fraction.and_then(|digits| u8::try_from(digits).ok()).unwrap_or(0).min(6);
        // The longest texts and blobs have no length worth telling.
        let length = self.length.and_then(|length| u32::try_from(length).ok()).filter(|length| *length < u32::MAX);
        match self.name.to_ascii_lowercase().as_str() {
            // The products' own word for a boolean. One without a sign holds counts.
            "tinyint" if signed && whole.starts_with("tinyint(1)") => ColumnType::Boolean,
            "tinyint" => integer(8),
            "smallint" => integer(16),
            "mediumint" => integer(24),
            "int" | "integer" => integer(32),
            "bigint" => integer(64),
            "bit" if self.precision == Some(1) => ColumnType::Boolean,
            // Here bits are a number, and never below zero.
            "bit" => match self.precision {
                Some(64) => ColumnType::Integer { bits: 64, signed: false },
                Some(32..) | None => ColumnType::Integer { bits: 64, signed: true },
                Some(16..) => ColumnType::Integer { bits: 32, signed: true },
                Some(9..) => ColumnType::Integer { bits: 16, signed: true },
                Some(_) => ColumnType::Integer { bits: 8, signed: false },
            },
            "year" => ColumnType::Year,
            "decimal" | "numeric" => ColumnType::Decimal {
                precision: self.precision.and_then(|digits| u16::try_from(digits).ok()),
                scale: self.scale.and_then(|digits| i16::try_from(digits).ok()),
                signed,
            },
            "float" => ColumnType::Float { bits: 32 },
            "double" | "real" => ColumnType::Float { bits: 64 },
            "char" => ColumnType::Text { max_length: length, padded: true },
            "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
                ColumnType::Text { max_length: length, padded: false }
            }
            "enum" => ColumnType::Enum(members(&self.whole)),
            "set" => ColumnType::Set(members(&self.whole)),
            "json" => ColumnType::Json,
            "uuid" => ColumnType::Uuid,
            "binary" => ColumnType::Bytes { max_length: length, fixed: true },
            "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
                ColumnType::Bytes { max_length: length, fixed: false }
            }
            "date" => ColumnType::Date,
            "time" => ColumnType::Time { precision: fraction, zoned: false },
            "datetime" => ColumnType::Timestamp { precision: fraction, zoned: false },
            "timestamp" => ColumnType::Timestamp { precision: fraction, zoned: true },
            "point" => ColumnType::Point,
            name @ ("inet4" | "inet6") => ColumnType::Other { name: name.to_owned(), text: true },
            // Shapes, vectors and what later versions bring have no text that the server would read back.
            _ => ColumnType::Other { name: self.whole.clone(), text: false },
        }
    }
}

/// Whether a collation calls different texts equal: all but those that compare bytes and do not fill up with blanks.
pub(super) fn folds(collation: &str) -> bool {
    !(collation == "binary" || collation == "utf8mb4_0900_bin" || collation.ends_with("_nopad_bin"))
}

/// The column that a condition of the form ``json_valid(`column`)`` is about.
pub(super) fn json_column(clause: &str) -> Option<String> {
    let quoted = clause.strip_prefix("json_valid(`")?;
    let mut name = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        if letter == '`' {
            match letters.next()? {
                '`' => {}
                ')' => return Some(name),
                _ => return None,
            }
        }
        name.push(letter);
    }
    None
}

/// The members in `enum('a','b''c')`. The server doubles quotes, and writes some other letters with a backslash.
fn members(whole: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut letters = whole.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            continue;
        }
        let mut member = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.next_if_eq(&'\'').is_some() => member.push('\''),
                '\'' => break,
                '\\' => member.extend(letters.next().map(|letter| match letter {
                    '0' => '\0',
                    'n' => '\n',
                    'r' => '\r',
                    other => other,
                })),
                other => member.push(other),
            }
        }
        members.push(member);
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_they_were_written() {
        assert_eq!(members("enum('a','b''c,d','ü','')"), ["a", "b'c,d", "ü", ""]);
        assert_eq!(members("set('x\\\\y','two\\nlines')"), ["x\\y", "two\nlines"]);
        assert_eq!(members("enum(')')"), [")"]);
    }

    #[test]
    fn the_condition_of_json_names_its_column() {
        assert_eq!(json_column("json_valid(`j`)").as_deref(), Some("j"));
        assert_eq!(json_column("json_valid(`a``b)`)").as_deref(), Some("a`b)"));
        assert_eq!(json_column("json_valid(`j`) and `j` <> ''").as_deref(), Some("j"));
        assert_eq!(json_column("`j` is null or json_valid(`j`)"), None);
    }

    #[test]
    fn only_collations_of_bytes_without_filling_are_exact() {
        for (collation, expected) in [
            ("utf8mb4_general_ci", true),
            ("utf8mb4_bin", true),
            ("utf8mb4_nopad_bin", false),
            ("utf8mb4_0900_bin", false),
            ("utf8mb4_0900_as_cs", true),
            ("binary", false),
        ] {
            assert_eq!(folds(collation), expected, "{collation}");
        }
    }
}
