//! A schema full of traps, in the words of each database.

use std::fmt::Write;

use crate::support::databases::{Database, Kind};

/// One table: its name, its columns with their types, and what else is said of it. `[x]` stands for `x` in quotes.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    rows: i64,
}

/// Words that SQL or OData keep for themselves, one column each.
pub(super) const WORDS: [&str; 40] = [
    "select", "from", "order", "group", "where", "null", "not", "true", "false", "and", "or", "in", "has", "any",
    "all", "eq", "ne", "asc", "desc", "it", "this", "root", "count", "value", "ref", "min", "max", "add", "div", "mod",
    "inf", "nan", "isof", "cast", "case", "by", "key", "id", "name", "type",
];

const TABLES: [Table; 15] = [
    Table { name: "people", columns: &["id integer not null primary key", "name varchar(40) not null"], rows: 7 },
    Table {
        name: "orders",
        columns: &[
            "id integer not null primary key",
            "seller_id integer not null references [people] ([id])",
            "buyer_id integer references [people] ([id])",
            "note varchar(100)",
        ],
        rows: 23,
    },
    Table {
        name: "nodes",
        columns: &["id integer not null primary key", "parent_id integer references [nodes] ([id])"],
        rows: 9,
    },
    Table { name: "eggs", columns: &["id integer not null primary key", "layer_id integer"], rows: 4 },
    Table {
        name: "hens",
        columns: &["id integer not null primary key", "egg_id integer references [eggs] ([id])"],
        rows: 4,
    },
    Table {
        name: "places",
        columns: &[
            "land integer not null",
            "number integer not null",
            "label varchar(30)",
            "primary key ([land], [number])",
        ],
        rows: 6,
    },
    Table {
        name: "visits",
        columns: &[
            "id integer not null primary key",
            "land integer",
            "number integer",
            "foreign key ([land], [number]) references [places] ([land], [number])",
        ],
        rows: 8,
    },
    Table { name: "tags", columns: &["id integer not null primary key", "word varchar(20) not null unique"], rows: 5 },
    Table {
        name: "people_tags",
        columns: &[
            "person integer not null references [people] ([id])",
            "tag integer not null references [tags] ([id])",
            "primary key ([person], [tag])",
        ],
        rows: 5,
    },
    Table { name: "no_key", columns: &["a integer", "b varchar(10)"], rows: 2 },
    Table { name: "alone", columns: &["code varchar(10) not null unique", "a integer"], rows: 3 },
    Table {
        name: "a \"b\" 'c' `d`",
        columns: &["[i \"d\" `] integer not null primary key", "[e'f] varchar(5)", "[%_] integer", "[a;--] integer"],
        rows: 3,
    },
    Table {
        name: "größe_价格",
        columns: &["[schlüssel] integer not null primary key", "[价格] integer", "[数量] integer", "[ÄÖÜ] varchar(9)"],
        rows: 3,
    },
    Table {
        name: "customerrelationshipmanagementaccountgroup1",
        columns: &[
            "id integer not null primary key",
            "thirdpartyadministrationreferencenumberof1 integer",
            "thirdpartyadministrationreferencenumberof2 integer",
        ],
        rows: 2,
    },
    Table {
        name: "customerrelationshipmanagementaccountgroup2",
        columns: &["id integer not null primary key"],
        rows: 1,
    },
];

/// A name in the quotes of a database.
pub(crate) fn quoted(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Mariadb => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A text in which `[x]` stands for `x` in quotes.
pub(crate) fn spelled(kind: Kind, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('[') {
        let (name, behind) = behind.split_once(']').unwrap();
        out += before;
        out += &quoted(kind, name);
        rest = behind;
    }
    out + rest
}

/// Creates the schema with its rows.
pub(crate) fn create(database: &Database) {
    let kind = database.kind;
    let mut script = String::new();
    let mut words = vec!["[key_] integer not null primary key".to_owned()];
    words.extend(WORDS.iter().map(|word| format!("[{word}] integer")));
    let mut tables: Vec<(String, Vec<String>, i64)> = TABLES
        .iter()
        .map(|table| (table.name.to_owned(), table.columns.iter().map(|it| (*it).to_owned()).collect(), table.rows))
        .collect();
    tables.push(("select".to_owned(), words, 3));
    for (name, columns, rows) in &tables {
        // MariaDB ignores a foreign key that stands behind its column.
        let mut keys = Vec::new();
        let mut lines = Vec::new();
        for column in columns {
            let name = match column.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((name, _)) => format!("[{name}]"),
                None => format!("[{}]", column.split(' ').next().unwrap()),
            };
            let behind = column.strip_prefix(&name).unwrap_or_else(|| &column[name.len() - 2..]);
            if column.starts_with("primary ") || column.starts_with("foreign ") {
                keys.push(column.clone());
            } else if let Some((before, target)) = behind.split_once(" references ") {
                lines.push(format!("{name}{before}"));
                keys.push(format!("foreign key ({name}) references {target}"));
            } else {
                lines.push(format!("{name}{behind}"));
            }
        }
        lines.extend(keys);
        let _ = write!(script, "create table {} ({});", quoted(kind, name), spelled(kind, &lines.join(", ")));
        let _ = rows;
    }
    script += "create view seen as select o.id, o.note from orders o;";
    script += "create view known as select p.id as person_id, p.name from people p;";
    if kind != Kind::Sqlite {
        script += "alter table eggs add foreign key (layer_id) references hens (id);";
    }
    database.run(&script);
    for (name, columns, rows) in &tables {
        for row in 1..=*rows {
            let values: Vec<String> = columns
                .iter()
                .filter(|column| !column.starts_with("primary ") && !column.starts_with("foreign "))
                .map(|column| value(column, row))
                .collect();
            database.run(&format!("insert into {} values ({})", quoted(kind, name), values.join(",")));
        }
    }
}

/// The value of a column in one row: keys count, what leads elsewhere leads to a row that is there, others are null in
/// every third row.
fn value(column: &str, row: i64) -> String {
    if column.contains("varchar") {
        return if row % 3 == 0 && !column.contains("not null") { "null".to_owned() } else { format!("'v{row}'") };
    }
    let optional = !column.contains("not null");
    if column.starts_with("parent_id") || column.starts_with("layer_id") {
        return if row == 1 || column.starts_with("layer_id") { "null".to_owned() } else { format!("{}", row - 1) };
    }
    if optional && row % 3 == 0 {
        return "null".to_owned();
    }
    if column.contains("people") {
        return format!("{}", row % 7 + 1);
    }
    // Rows of visits lead to the place of their own number, as far as there are places.
    format!(
        "{}",
        if column.starts_with("land integer") || column.starts_with("number integer") {
            (row - 1) % 6 + 1
        } else {
            row
        }
    )
}
