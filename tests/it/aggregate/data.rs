//! Three tables with what aggregations get wrong: nulls, groups that differ in letter case only, decimals of several
//! scales, related rows that are missing, are one or are many.

use penstock::edm::Value;

use crate::support::databases::{Database, Kind};

/// What a row has under a name. Paths to related rows have slashes in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Integer,
    Decimal,
    Double,
    Text,
    Date,
    Boolean,
}

/// Names of a sale: public name, column, type, nullable.
pub(super) const SALES: [(&str, &str, Type, bool); 9] = [
    ("SaleID", "id", Type::Integer, false),
    ("Kind", "kind", Type::Text, true),
    ("Tag", "tag", Type::Text, true),
    ("Amount", "amount", Type::Decimal, true),
    ("Quantity", "quantity", Type::Integer, true),
    ("Rate", "rate", Type::Double, true),
    ("Day", "day", Type::Date, true),
    ("Paid", "paid", Type::Boolean, false),
    ("BuyerID", "buyer_id", Type::Integer, true),
];

/// Names of a buyer.
pub(super) const BUYERS: [(&str, &str, Type, bool); 3] = [
    ("BuyerID", "id", Type::Integer, false),
    ("Country", "country", Type::Text, true),
    ("Credit", "credit", Type::Decimal, true),
];

/// Names of a part of a sale.
pub(super) const PARTS: [(&str, &str, Type, bool); 4] = [
    ("SaleID", "sale_id", Type::Integer, false),
    ("PartNo", "part_no", Type::Integer, false),
    ("Pieces", "pieces", Type::Integer, true),
    ("Price", "price", Type::Decimal, true),
];

/// The rows of the three tables.
pub(super) struct Data {
    pub(super) sales: Vec<Vec<Value>>,
    pub(super) buyers: Vec<Vec<Value>>,
    pub(super) parts: Vec<Vec<Value>>,
}

/// A source of numbers.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    pub(super) fn word(&mut self, of: &[&'static str]) -> &'static str {
        of[self.roll(of.len())]
    }
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

pub(super) fn data(dice: &mut Dice) -> Data {
    let maybe = |dice: &mut Dice, value: Value| if dice.roll(6) == 0 { Value::Null } else { value };
    let int = |value: usize| Value::Int(i64::try_from(value).unwrap());
    let amounts = ["0.10", "0.20", "1.00", "1.00", "-3.35", "12.50", "99999999.99", "-0.01", "0.00", "7.77"];
    let mut sales = Vec::new();
    for id in 1..=40 {
        let kind = text(dice.word(&["new", "old", "New", "", "ä", "a"]));
        let tag = text(dice.word(&["red", "Red", "RED", "blue", "blue "]));
        let amount = decimal(dice.word(&amounts));
        let quantity = Value::Int(*dice.pick(&[0, 1, 2, 3, -5, 2_147_483_647]));
        let rate = Value::Double(*dice.pick(&[0.25, 0.5, 1.75, -2.0, 1024.0]));
        let day = Value::Date(*dice.pick(&[0, 19_844, 19_845, -3_000]));
        let (paid, buyer) = (Value::Boolean(dice.roll(2) == 0), int(1 + dice.roll(6)));
        let mut row = vec![int(id)];
        for value in [kind, tag, amount, quantity, rate, day] {
            row.push(maybe(dice, value));
        }
        row.extend([paid, maybe(dice, buyer)]);
        sales.push(row);
    }
    let countries = ["DE", "de", "FR", "US"];
    // One buyer fewer than sales speak of, and one of whom there is no sale.
    let buyers = (1..=5)
        .chain([7])
        .map(|id| {
            let (country, credit) = (text(dice.word(&countries)), decimal(dice.word(&amounts)));
            vec![int(id), maybe(dice, country), maybe(dice, credit)]
        })
        .collect();
    let mut parts = Vec::new();
    for sale in 1..=40 {
        for number in 0..dice.roll(4) {
            let (pieces, price) = (int(dice.roll(9)), decimal(dice.word(&amounts)));
            parts.push(vec![int(sale), int(number), maybe(dice, pieces), maybe(dice, price)]);
        }
    }
    Data { sales, buyers, parts }
}

/// Makes the tables and fills them.
pub(super) fn fill(database: &Database, data: &Data) {
    let kind = database.kind;
    if kind == Kind::Postgres {
        database.run("create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false)");
    }
    for (table, columns, rows, key) in [
        ("sales", SALES.as_slice(), &data.sales, "id"),
        ("buyers", BUYERS.as_slice(), &data.buyers, "id"),
        ("parts", PARTS.as_slice(), &data.parts, "sale_id, part_no"),
    ] {
        let columns_sql: Vec<String> = columns
            .iter()
            .map(|(name, column, ty, _)| format!("{column} {}", sql_type(kind, *ty, *name == "Tag")))
            .collect();
        database.run(&format!("create table {table} ({}, primary key ({key}))", columns_sql.join(", ")));
        let names: Vec<&str> = columns.iter().map(|(_, column, ..)| *column).collect();
        database.insert(table, &names, rows);
    }
}

fn sql_type(kind: Kind, ty: Type, folding: bool) -> &'static str {
    match (ty, kind) {
        (Type::Integer, _) | (Type::Boolean, Kind::Sqlite) => "integer",
        (Type::Decimal, Kind::Sqlite) => "text",
        (Type::Decimal, _) => "decimal(18,2)",
        (Type::Double, Kind::Sqlite) => "real",
        (Type::Double, _) => "double precision",
        (Type::Text, Kind::Sqlite) if folding => "text collate nocase",
        (Type::Text, Kind::Postgres) if folding => "varchar(50) collate folding",
        (Type::Text, Kind::Mariadb) if folding => "varchar(50) character set utf8mb4 collate utf8mb4_general_ci",
        (Type::Text, Kind::Mariadb) => "varchar(50) character set utf8mb4 collate utf8mb4_nopad_bin",
        (Type::Text | Type::Date, Kind::Sqlite) => "text",
        (Type::Text, Kind::Postgres) => "varchar(50)",
        (Type::Date, _) => "date",
        (Type::Boolean, _) => "boolean",
    }
}

/// The metadata files by name.
pub(super) fn files() -> Vec<(&'static str, String)> {
    let mut files =
        vec![("metadata/service.toml", "version = 1\nnamespace = \"Test\"\nsource = \"shop\"\n".to_owned())];
    let navigation = |name: &str, target: &str, many: bool, key: &str| {
        let to = if many { "many" } else { "one" };
        format!(
            "\n[[navigation]]\nname = \"{name}\"\ntarget = \"{target}\"\nto = \"{to}\"\njoin = {{ {key} = \"{key}\" }}\n"
        )
    };
    let of_sale = navigation("Buyer", "Buyers", false, "BuyerID") + &navigation("Parts", "Parts", true, "SaleID");
    let of_buyer =
        navigation("Sales", "Sales", true, "BuyerID") + &navigation("PagedSales", "PagedSales", true, "BuyerID");
    files.push(("metadata/sale.toml", set("Sales", "Sale", "sales", "\"SaleID\"", 2_000, &SALES, &of_sale)));
    files.push(("metadata/paged.toml", set("PagedSales", "PagedSale", "sales", "\"SaleID\"", 3, &SALES, &of_sale)));
    files.push(("metadata/buyer.toml", set("Buyers", "Buyer", "buyers", "\"BuyerID\"", 2_000, &BUYERS, &of_buyer)));
    files.push(("metadata/part.toml", set("Parts", "Part", "parts", "\"SaleID\", \"PartNo\"", 2_000, &PARTS, "")));
    files
}

fn set(
    name: &str,
    ty: &str,
    table: &str,
    key: &str,
    rows: u32,
    columns: &[(&str, &str, Type, bool)],
    navigations: &str,
) -> String {
    let mut text = format!(
        "version = 1\nset = \"{name}\"\ntype = \"{ty}\"\ntable = \"{table}\"\nkey = [{key}]\npage_rows_max = {rows}\n"
    );
    for (name, column, ty, nullable) in columns {
        let ty = match ty {
            Type::Integer => "type = \"Int32\"",
            Type::Decimal => "type = \"Decimal\"\nprecision = 18\nscale = 2",
            Type::Double => "type = \"Double\"",
            Type::Text => "type = \"String\"\nmax_length = 50",
            Type::Date => "type = \"Date\"",
            Type::Boolean => "type = \"Boolean\"",
        };
        let folding = if *name == "Tag" { "collation = \"folding\"\n" } else { "" };
        let lines = [&format!("\n[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\n{ty}\n"), folding];
        text.extend(lines);
        text.push_str(if *nullable { "" } else { "nullable = false\n" });
    }
    text + navigations
}
