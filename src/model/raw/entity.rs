//! Owns what an entity type file may say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cache, Statement};

/// The content of an entity type file.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// Name of the entity set.
    pub set: Option<String>,
    /// In place of `set`: the name of a singleton.
    pub singleton: Option<String>,
    /// Singleton: the key of its row. Default: the table has one row.
    pub row: Option<Vec<FreeValue>>,
    /// Name of the entity type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Table or view, exactly as the database spells it.
    pub table: Option<String>,
    /// In place of `table`: a query whose rows are those of the set.
    pub query: Option<Statement>,
    /// Schema (PostgreSQL) or database (MySQL, MariaDB) of the table. Default: the connection's own.
    pub schema: Option<String>,
    /// Names of the key properties, in order.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub key: Vec<String>,
    /// Other lists of properties that identify a row.
    pub alternate_keys: Option<Vec<Vec<String>>>,
    /// The property whose value is the `ETag`.
    pub etag: Option<String>,
    /// Which rows belong to the set: an `OData` filter, as in `$filter`. Default: all.
    pub filter: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// Largest page in rows. Default: that of the folder.
    #[cfg_attr(test, schemars(range(min = 1, max = 2000)))]
    pub page_rows_max: Option<i64>,
    /// How long answers may be kept. Each key that is left out: that of the folder.
    pub cache: Option<Cache>,
    /// Whether `$count` is answered. Default: true.
    pub countable: Option<bool>,
    /// Whether `$search` is answered. Default: true.
    pub searchable: Option<bool>,
    /// The index that answers `$search`.
    pub search: Option<Search>,
    /// The bytes that an entity is.
    pub media: Option<Media>,
    /// The property that tells of which derived type a row is.
    pub discriminator: Option<String>,
    /// True: no row is of the type itself. Default: false.
    #[serde(rename = "abstract")]
    pub is_abstract: Option<bool>,
    /// The derived types.
    #[serde(default)]
    pub derived: Vec<Derived>,
    /// The properties, in the order in which they are published.
    #[serde(default, rename = "property")]
    pub properties: Vec<Property>,
    /// The navigation properties.
    #[serde(default, rename = "navigation")]
    pub navigations: Vec<Navigation>,
}

/// One `[[property]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Public name.
    pub name: String,
    /// Column, exactly as the database spells it. Not for a complex property.
    pub column: Option<String>,
    /// In place of `column`: SQL that calculates the value, with columns in braces.
    pub expression: Option<Statement>,
    /// String: most characters that entities show; a longer text ends with a marker. Default: all of it.
    pub cut: Option<Cut>,
    /// String: pairs of code = word. The column holds the codes, the words are published.
    pub values: Option<BTreeMap<String, String>>,
    /// With `values`: the type of the codes, String, Boolean or a whole number. Default: String.
    pub codes: Option<Primitive>,
    /// With `values`: what is published for a code without a word. Default: code.
    pub unknown: Option<Unknown>,
    /// Primitive type, without `Edm.`.
    #[serde(rename = "type")]
    pub primitive: Option<Primitive>,
    /// Date: the type under which it is published. Default: date.
    pub offer: Option<Offer>,
    /// In place of `type`: the name of an enumeration.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// What the column holds of a value, if that is not the type's own form. Enumerations: value or name, default
    /// value. Guid: bytes. `DateTimeOffset`: local.
    pub stored: Option<Stored>,
    /// The column has another type, which the database casts. Default: false.
    pub cast: Option<bool>,
    /// What is no value of the type is null, and not an error. Default: false.
    pub lenient: Option<bool>,
    /// In place of `type`: the name of a complex type.
    pub complex: Option<String>,
    /// Complex property: the column of each property of its type.
    pub columns: Option<BTreeMap<String, ColumnName>>,
    /// The column holds many values, in this form.
    pub collection: Option<CollectionForm>,
    /// String: longest value in characters. Binary: in bytes. Default: unlimited.
    #[cfg_attr(test, schemars(range(min = 1, max = u32::MAX)))]
    pub max_length: Option<i64>,
    /// Decimal: significant digits, 1 to 65. `DateTimeOffset`, `TimeOfDay`, Duration: fractional digits of the second,
    /// 0 to 6, default 6.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub precision: Option<i64>,
    /// Decimal: digits right of the point, at most `precision`.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub scale: Option<i64>,
    /// Whether null can occur. Default: true. Key properties must say false.
    pub nullable: Option<bool>,
    /// String: whether `$search` looks into it. Default: true.
    pub searchable: Option<bool>,
    /// Stream: the kind of bytes, if it is always the same one.
    pub content_type: Option<String>,
    /// Stream: the property that holds the kind of bytes.
    pub content_type_property: Option<String>,
    /// Whether it is not published, and only serves others. Default: false.
    pub hidden: Option<bool>,
    /// Whether `$filter` may use it. Default: true.
    pub filterable: Option<bool>,
    /// Whether `$orderby` may use it. Default: true.
    pub sortable: Option<bool>,
    /// String: what the column's collation calls equal. Default: exact.
    pub collation: Option<Collation>,
    /// A sentence for people.
    pub description: Option<String>,
    /// The object of Salesforce that the values name; for `penstock salesforce`.
    pub salesforce: Option<SalesforceLookup>,
}

/// `salesforce` of a property: a standard or custom object.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SalesforceLookup {
    /// Its API name: `Account`, `Machine__c`.
    pub object: String,
    /// Its field with *External ID* and *Unique* that holds the same values. Default: the values are Salesforce IDs of
    /// 18 characters.
    pub external_id: Option<String>,
}

/// One `[[navigation]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Navigation {
    /// Public name.
    pub name: String,
    /// The set to which it leads; it may lie in another source.
    pub target: String,
    /// Whether it leads to one entity or to many.
    pub to: To,
    /// To-one: whether there may be no related entity. Default: true.
    pub nullable: Option<bool>,
    /// The navigation property of the target type that leads back.
    pub partner: Option<String>,
    /// Pairs of equal properties: local property = property of the target type.
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub join: Option<BTreeMap<String, String>>,
    /// In place of `join`: the table of pairs between both ends.
    pub link: Option<Link>,
    /// Whether the related entities are part of this one. Default: false.
    pub contained: Option<bool>,
    /// Whether `$expand` may follow it. Default: true.
    pub expandable: Option<bool>,
    /// Whether `$filter` may follow it. Default: true.
    pub filterable: Option<bool>,
}

/// `[navigation.link]`: a table of pairs.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The table, in the source of both sets.
    pub table: String,
    /// Its schema or database. Default: the connection's own.
    pub schema: Option<String>,
    /// Pairs: column of the link = property of this type.
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub near: BTreeMap<String, String>,
    /// Pairs: column of the link = property of the target type.
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub far: BTreeMap<String, String>,
}

/// One `[[derived]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// Name of the type.
    pub name: String,
    /// The derived type above it. Default: the type of the file.
    pub base: Option<String>,
    /// What the discriminator holds in its rows.
    pub values: Option<Vec<FreeValue>>,
    /// True: no row is exactly of this type. Default: false.
    #[serde(rename = "abstract")]
    pub is_abstract: Option<bool>,
    /// A sentence for people.
    pub description: Option<String>,
    /// What it adds, in the order in which it is published.
    #[serde(default, rename = "property")]
    pub properties: Vec<Property>,
    /// The navigation properties that it adds.
    #[serde(default, rename = "navigation")]
    pub navigations: Vec<Navigation>,
}

/// `[media]`: the bytes that an entity is.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// The column with the bytes.
    pub column: String,
    /// The kind of bytes, if it is always the same one.
    pub content_type: Option<String>,
    /// The property that holds the kind of bytes.
    pub content_type_property: Option<String>,
}

/// `[search]`: the index that answers `$search`, for each kind of database.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// For `PostgreSQL`.
    pub postgres: Option<SearchPostgres>,
    /// For `MySQL` and `MariaDB`.
    pub mysql: Option<SearchMysql>,
    /// For `SQLite`.
    pub sqlite: Option<SearchSqlite>,
}

/// `[search.postgres]`
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchPostgres {
    /// The kind of index.
    pub index: WordIndex,
    /// tsvector: the column of that type. trigram: a column that holds all searchable texts. Default: each has an
    /// index.
    pub column: Option<String>,
    /// tsvector: the text search configuration. Default: simple.
    pub config: Option<String>,
}

/// `[search.mysql]`
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchMysql {
    /// The columns of a FULLTEXT index, all of them and no other.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub fulltext: Vec<String>,
}

/// `[search.sqlite]`
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchSqlite {
    /// An FTS5 table.
    pub fts5: String,
    /// The whole number property that is equal to its `rowid`.
    pub rowid: String,
    /// What its words are, if it was made with `tokenize = 'trigram'`.
    pub tokenize: Option<Tokenize>,
}

/// How an FTS5 table takes texts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tokenize {
    /// Into all that stand three letters together.
    Trigram,
}

/// What finds words in `PostgreSQL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WordIndex {
    /// A column of words.
    Tsvector,
    /// Trigram indexes behind the searchable columns.
    Trigram,
}

/// A value whose type the property decides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FreeValue {
    /// A text; also for types that are written as text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`
    Truth(bool),
}

/// The columns of a complex property: a name, or those of an inner complex property.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ColumnName {
    /// A column, exactly as the database spells it.
    One(String),
    /// The columns of an inner complex property.
    Group(BTreeMap<String, ColumnName>),
}

/// The form in which one column holds many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CollectionForm {
    /// A JSON array, in a text or JSON column.
    Json,
    /// An array of `PostgreSQL`.
    Array,
}

/// Most characters of a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Cut {
    /// So many, the last of which is `…`.
    At(i64),
    /// So many, with another marker.
    Marked(CutMarked),
}

/// Most characters of a text, and its marker.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CutMarked {
    /// Most characters, the marker among them.
    #[cfg_attr(test, schemars(range(min = 2, max = u32::MAX)))]
    pub length: i64,
    /// What stands at the end of a text that was longer.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub marker: String,
}

/// The type under which a date is published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Offer {
    /// `Edm.Date` or `Edm.String`
    As(OfferAs),
    /// `Edm.DateTimeOffset`
    At(OfferAt),
}

/// The types that are made of the date alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OfferAs {
    /// As a date.
    Date,
    /// As a text: `2024-05-01`.
    String,
}

/// A date as an instant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OfferAt {
    /// The time of day in UTC: `12:00`.
    #[cfg_attr(test, schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")))]
    pub date_time: String,
}

/// What is published for a code without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// The code itself, as a text.
    Code,
    /// Null.
    Null,
}

/// What a column holds of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    /// Enumeration: the values of its members.
    Value,
    /// Enumeration: the names of its members.
    Name,
    /// Guid: its 16 bytes.
    Bytes,
    /// `DateTimeOffset`: the local time in the zone of the source.
    Local,
}

/// The primitive types that a property can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "each is the type of the same name of the entity data model")]
pub enum Primitive {
    Boolean,
    Byte,
    SByte,
    Int16,
    Int32,
    Int64,
    Single,
    Double,
    Decimal,
    String,
    Guid,
    Date,
    DateTimeOffset,
    TimeOfDay,
    Duration,
    Binary,
    Stream,
    GeographyPoint,
    GeometryPoint,
}

/// What the collation of a text column calls equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Collation {
    /// Only equal texts.
    Exact,
    /// Also texts that differ in letter case, accents, width or trailing blanks.
    Folding,
}

/// How many entities a navigation property leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// At most one.
    One,
    /// Any number.
    Many,
}
