//! Owns [`Column`]: one column, its exact type, and how it is filled.

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name, exactly as the database spells it.
    pub name: String,
    /// The type exactly as the database spells it: `numeric(18,2)`, `int(10) unsigned`.
    pub declared: String,
    /// The type in the words of all databases.
    pub column_type: ColumnType,
    /// Whether a row may lack a value.
    pub nullable: bool,
    /// The default, as the database spells it.
    pub default: Option<String>,
    /// Who gives it its value.
    pub filled: Filled,
    /// The comment that the database holds on it.
    pub comment: Option<String>,
    /// Texts: the collation in the database's word, if it is not that of all texts.
    pub collation: Option<String>,
    /// Texts: the collation calls texts equal that differ in case, accents, width or trailing blanks.
    pub folding: bool,
    /// Whether the user of the source may read it.
    pub readable: bool,
    /// SQLite: what the values themselves have told.
    pub looked_at: LookedAt,
}

/// What a look at some values has told, where a type binds nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedAt {
    /// Decimals: the digits of one are kept as bytes. A GUID by its declared type: all are.
    pub bytes: bool,
    /// GUIDs are kept in more than one form.
    pub mixed: bool,
    /// Texts without a declared length that are a key: the characters of the longest.
    pub longest: Option<u32>,
}

/// Who gives a column its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filled {
    /// The writer of the row.
    ByWriter,
    /// The database counts: identity, serial, `AUTO_INCREMENT`, the row id of SQLite.
    Counted,
    /// The database computes it from other columns.
    Computed,
    /// The database sets it at every change of the row: `ON UPDATE CURRENT_TIMESTAMP`, row versions.
    AtChange,
}

/// The type of a column in the words of all databases. A domain is the type below it.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// A whole number of so many bits; `tinyint(1)` of MySQL and MariaDB is a [`ColumnType::Boolean`].
    Integer {
        /// 8, 16, 24, 32 or 64.
        bits: u8,
        /// Whether it can be negative.
        signed: bool,
    },
    /// A row of so many bits.
    Bits {
        /// How many, if it is a fixed or greatest number.
        length: Option<u32>,
        /// Fewer can be held.
        varying: bool,
    },
    /// A year.
    Year,
    /// PostgreSQL's `money`.
    Money,
    /// An exact decimal number; without precision any.
    Decimal {
        /// Significant digits.
        precision: Option<u16>,
        /// Digits right of the point; negative: zeros left of it.
        scale: Option<i16>,
        /// Whether it can be negative.
        signed: bool,
    },
    /// A binary floating point number.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// A text.
    Text {
        /// Longest value in characters.
        max_length: Option<u32>,
        /// Short values are filled up with blanks.
        padded: bool,
    },
    /// One of these texts.
    Enum(Vec<String>),
    /// Any of these texts.
    Set(Vec<String>),
    /// JSON, as text or parsed.
    Json,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytes {
        /// Longest value in bytes.
        max_length: Option<u32>,
        /// Every value has this length.
        fixed: bool,
    },
    /// A date.
    Date,
    /// A time of day.
    Time {
        /// Digits of the fraction of a second.
        precision: u8,
        /// It holds an offset from UTC.
        zoned: bool,
    },
    /// A date with a time.
    Timestamp {
        /// Digits of the fraction of a second.
        precision: u8,
        /// It is a moment, whatever the zone of the reader.
        zoned: bool,
    },
    /// A span of time.
    Interval,
    /// A point of a plane or of the earth.
    Point,
    /// Many values of one type.
    Array(Box<ColumnType>),
    /// SQLite: a column without a type that says what it holds.
    Any,
    /// Another type, by the database's name; `text`: whether the database can write it as text and read it back.
    Other {
        /// Its name.
        name: String,
        /// It has a form as text.
        text: bool,
    },
}
