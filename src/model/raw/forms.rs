//! Owns the keys of every table of the files: which there are, which are required, and which hold further tables.

use toml::{Table, Value};

use super::read::{Check, Form, check};
use super::{
    Cache, Complex, ComplexProperty, CutMarked, Derived, Entity, Enumeration, EnumerationMember, Link, Media,
    Navigation, OfferAt, Operation, Operations, Parameter, Property, Returns, SalesforceLookup, Search, SearchMysql,
    SearchPostgres, SearchSqlite, Service, Statements, Types, VERSION,
};

fn sample(pairs: &[(&str, &str)]) -> Table {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect()
}

fn versioned(pairs: &[(&str, &str)]) -> Table {
    let mut table = sample(pairs);
    table.insert("version".to_owned(), VERSION.into());
    table
}

/// The keys of which one must be there, if none is.
fn one_of(table: &Table, keys: &[&str], named: &'static str) -> Option<&'static str> {
    (!keys.iter().any(|key| table.contains_key(*key))).then_some(named)
}

impl Form for Service {
    const KEYS: &'static [&'static str] = &["version", "namespace", "container", "source", "page_rows_max", "cache"];
    const TABLES: &'static [(&'static str, Check)] = &[("cache", check::<Cache>)];

    fn sample() -> Table {
        versioned(&[("source", "s")])
    }
}

impl Form for Entity {
    const KEYS: &'static [&'static str] = &[
        "version",
        "set",
        "singleton",
        "row",
        "type",
        "table",
        "query",
        "schema",
        "key",
        "alternate_keys",
        "etag",
        "filter",
        "description",
        "page_rows_max",
        "cache",
        "countable",
        "searchable",
        "search",
        "media",
        "discriminator",
        "abstract",
        "derived",
        "property",
        "navigation",
    ];
    const LISTS: &'static [(&'static str, Check)] =
        &[("property", check::<Property>), ("navigation", check::<Navigation>), ("derived", check::<Derived>)];
    const TABLES: &'static [(&'static str, Check)] = &[
        ("cache", check::<Cache>),
        ("search", check::<Search>),
        ("media", check::<Media>),
        ("query", check::<Statements>),
    ];

    fn sample() -> Table {
        let mut table = versioned(&[("type", "T")]);
        table.insert("key".to_owned(), Value::Array(Vec::new()));
        table
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        let rows = one_of(table, &["table", "query"], "table");
        one_of(table, &["set", "singleton"], "set").into_iter().chain(rows).collect()
    }
}

impl Form for Cache {
    const KEYS: &'static [&'static str] = &[
        "off",
        "ttl_s",
        "stale_while_revalidate_s",
        "stale_if_error_s",
        "notify",
        "probe_property",
        "probe_statistics",
        "probe_every_s",
    ];

    fn sample() -> Table {
        Table::new()
    }
}

impl Form for Property {
    const KEYS: &'static [&'static str] = &[
        "name",
        "column",
        "expression",
        "values",
        "codes",
        "unknown",
        "type",
        "offer",
        "cut",
        "enum",
        "stored",
        "cast",
        "lenient",
        "complex",
        "columns",
        "collection",
        "max_length",
        "precision",
        "scale",
        "nullable",
        "hidden",
        "filterable",
        "sortable",
        "searchable",
        "collation",
        "content_type",
        "content_type_property",
        "description",
        "salesforce",
    ];
    const TABLES: &'static [(&'static str, Check)] = &[
        ("expression", check::<Statements>),
        ("offer", check::<OfferAt>),
        ("cut", check::<CutMarked>),
        ("salesforce", check::<SalesforceLookup>),
    ];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        let kind = one_of(table, &["type", "enum", "complex"], "type");
        let column = one_of(table, &["column", "complex", "expression"], "column");
        let columns = table.contains_key("complex").then(|| one_of(table, &["columns"], "columns")).flatten();
        [kind, column, columns].into_iter().flatten().collect()
    }
}

impl Form for CutMarked {
    const KEYS: &'static [&'static str] = &["length", "marker"];

    fn sample() -> Table {
        let mut table = sample(&[("marker", "…")]);
        table.insert("length".to_owned(), 1_000.into());
        table
    }
}

impl Form for OfferAt {
    const KEYS: &'static [&'static str] = &["date_time"];

    fn sample() -> Table {
        sample(&[("date_time", "12:00")])
    }
}

impl Form for SalesforceLookup {
    const KEYS: &'static [&'static str] = &["object", "external_id"];

    fn sample() -> Table {
        sample(&[("object", "Account")])
    }
}

impl Form for Navigation {
    const KEYS: &'static [&'static str] =
        &["name", "target", "to", "nullable", "partner", "join", "link", "contained", "expandable", "filterable"];
    const TABLES: &'static [(&'static str, Check)] = &[("link", check::<Link>)];

    fn sample() -> Table {
        sample(&[("name", "N"), ("target", "S"), ("to", "one")])
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        one_of(table, &["join", "link"], "join").into_iter().collect()
    }
}

impl Form for Link {
    const KEYS: &'static [&'static str] = &["table", "schema", "near", "far"];

    fn sample() -> Table {
        let mut table = sample(&[("table", "t")]);
        for side in ["near", "far"] {
            table.insert(side.to_owned(), Value::Table(Table::new()));
        }
        table
    }
}

impl Form for Derived {
    const KEYS: &'static [&'static str] =
        &["name", "base", "values", "abstract", "description", "property", "navigation"];
    const LISTS: &'static [(&'static str, Check)] =
        &[("property", check::<Property>), ("navigation", check::<Navigation>)];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }
}

impl Form for Media {
    const KEYS: &'static [&'static str] = &["column", "content_type", "content_type_property"];

    fn sample() -> Table {
        sample(&[("column", "c")])
    }
}

impl Form for Search {
    const KEYS: &'static [&'static str] = &["postgres", "mysql", "sqlite"];
    const TABLES: &'static [(&'static str, Check)] =
        &[("postgres", check::<SearchPostgres>), ("mysql", check::<SearchMysql>), ("sqlite", check::<SearchSqlite>)];

    fn sample() -> Table {
        Table::new()
    }
}

impl Form for SearchPostgres {
    const KEYS: &'static [&'static str] = &["index", "column", "config"];

    fn sample() -> Table {
        sample(&[("index", "trigram")])
    }
}

impl Form for SearchMysql {
    const KEYS: &'static [&'static str] = &["fulltext"];

    fn sample() -> Table {
        Table::from_iter([("fulltext".to_owned(), Value::Array(Vec::new()))])
    }
}

impl Form for SearchSqlite {
    const KEYS: &'static [&'static str] = &["fts5", "rowid", "tokenize"];

    fn sample() -> Table {
        sample(&[("fts5", "t"), ("rowid", "R")])
    }
}

impl Form for Types {
    const KEYS: &'static [&'static str] = &["version", "enum", "complex"];
    const LISTS: &'static [(&'static str, Check)] = &[("enum", check::<Enumeration>), ("complex", check::<Complex>)];

    fn sample() -> Table {
        versioned(&[])
    }
}

impl Form for Enumeration {
    const KEYS: &'static [&'static str] = &["name", "type", "flags", "member", "description"];
    const LISTS: &'static [(&'static str, Check)] = &[("member", check::<EnumerationMember>)];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }
}

impl Form for EnumerationMember {
    const KEYS: &'static [&'static str] = &["name", "value"];

    fn sample() -> Table {
        let mut table = sample(&[("name", "N")]);
        table.insert("value".to_owned(), Value::Integer(0));
        table
    }
}

impl Form for Complex {
    const KEYS: &'static [&'static str] = &["name", "property", "description"];
    const LISTS: &'static [(&'static str, Check)] = &[("property", check::<ComplexProperty>)];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }
}

impl Form for ComplexProperty {
    const KEYS: &'static [&'static str] = &[
        "name",
        "type",
        "enum",
        "stored",
        "cast",
        "lenient",
        "complex",
        "collection",
        "max_length",
        "precision",
        "scale",
        "nullable",
        "description",
    ];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        one_of(table, &["type", "enum", "complex"], "type").into_iter().collect()
    }
}

impl Form for Operations {
    const KEYS: &'static [&'static str] = &["version", "function", "action"];
    const LISTS: &'static [(&'static str, Check)] = &[("function", check::<Operation>), ("action", check::<Operation>)];

    fn sample() -> Table {
        versioned(&[])
    }
}

impl Form for Operation {
    const KEYS: &'static [&'static str] = &[
        "name",
        "bound_to",
        "derived",
        "on",
        "import",
        "composable",
        "parameter",
        "returns",
        "statement",
        "function",
        "procedure",
        "schema",
        "description",
    ];
    const LISTS: &'static [(&'static str, Check)] = &[("parameter", check::<Parameter>)];
    const TABLES: &'static [(&'static str, Check)] =
        &[("returns", check::<Returns>), ("statement", check::<Statements>)];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        one_of(table, &["statement", "function", "procedure"], "statement").into_iter().collect()
    }
}

impl Form for Parameter {
    const KEYS: &'static [&'static str] =
        &["name", "type", "enum", "many", "max_length", "precision", "scale", "nullable"];

    fn sample() -> Table {
        sample(&[("name", "N")])
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        one_of(table, &["type", "enum"], "type").into_iter().collect()
    }
}

impl Form for Returns {
    const KEYS: &'static [&'static str] =
        &["type", "enum", "set", "many", "max_length", "precision", "scale", "nullable"];

    fn sample() -> Table {
        Table::new()
    }

    fn wanted(table: &Table) -> Vec<&'static str> {
        one_of(table, &["type", "enum", "set"], "type").into_iter().collect()
    }
}

impl Form for Statements {
    const KEYS: &'static [&'static str] = &["postgres", "mysql", "sqlite"];

    fn sample() -> Table {
        Table::new()
    }
}
