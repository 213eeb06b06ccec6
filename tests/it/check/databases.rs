//! What does not fit the live databases, on each of them.

use penstock::edm::Value;

use super::{assert_found, entity, lines, run, setup};
use crate::support::databases::{Database, KINDS, Kind};

/// Words that differ between the products.
fn schema(kind: Kind) -> String {
    let (folding, instant, bytes, clock) = match kind {
        Kind::Sqlite => ("TEXT COLLATE NOCASE", "DATETIME", "BLOB", "TIME"),
        Kind::Postgres => ("citext", "timestamp(3)", "bytea", "time"),
        Kind::Mariadb => ("varchar(20)", "datetime(3)", "varbinary(200)", "time"),
    };
    let start = if kind == Kind::Postgres { "create extension citext;" } else { "" };
    format!(
        "{start}
        create table customers (id int not null primary key, name varchar(120) not null, code {folding}, phone varchar(40),
            credit decimal(18,4), big bigint, changed {instant}, photo {bytes}, opens {clock}, active boolean);
        create table orders (id int not null primary key, customer_id int, ref varchar(20) not null unique, status int not null);
        create table tags (customer_id int not null, order_id int not null);
        create table doubles (a int not null, b int not null);
        create view seen as select id, name, phone from customers;"
    )
}

const GOOD: [&str; 3] = [
    "ID id Int32 nullable = false",
    "Name name String max_length = 120; nullable = false",
    "Phone phone String max_length = 40",
];

/// Findings about the databases, without those for Salesforce.
fn found(kind: Kind, database: &Database, files: &[(&str, String)]) -> Vec<String> {
    if kind == Kind::Postgres {
        database.run("analyze");
    }
    let setup = setup(&database.url, files);
    let (content, json) = run(&setup, &[]);
    let problems = json["problems"].as_array().unwrap().len();
    assert_eq!((content, &json["would_start"]), (problems == 0, &true.into()), "{}: {json}", kind.name());
    let product = json["compared"]["erp"].as_str().unwrap_or_default();
    let expected = match kind {
        Kind::Sqlite => "SQLite 3.",
        Kind::Postgres => "PostgreSQL 1",
        Kind::Mariadb => "MariaDB 1",
    };
    assert!(product.starts_with(expected), "{product}");
    lines(&json).into_iter().filter(|line| !line.contains("Salesforce") && !line.contains("external ID")).collect()
}

#[test]
fn what_fits_is_left_in_peace() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_fits") else { continue };
        database.run(&schema(kind));
        let folding = if kind == Kind::Mariadb { "max_length = 20" } else { "collation = \"folding\"" };
        let code = format!("Code code String {folding}");
        let digits = if kind == Kind::Sqlite { 0 } else { 3 };
        let changed = format!("Changed changed DateTimeOffset precision = {digits}");
        let mut properties = GOOD.to_vec();
        properties.extend([
            code.as_str(),
            changed.as_str(),
            "Credit credit Decimal precision = 18; scale = 4",
            "Big big Int64",
            "Active active Boolean",
            "Photo photo Stream content_type = \"image/png\"",
        ]);
        let orders = entity(
            "Orders",
            "orders",
            "key = [\"ID\"]\nalternate_keys = [[\"Ref\"]]",
            &[
                "ID id Int32 nullable = false",
                "CustomerID customer_id Int32",
                "Ref ref String max_length = 20; nullable = false",
            ],
            "[[navigation]]\nname = \"Customer\"\ntarget = \"Customers\"\nto = \"one\"\njoin = { CustomerID = \"ID\" }\n\
             [[navigation]]\nname = \"Tagged\"\ntarget = \"Customers\"\nto = \"many\"\n[navigation.link]\ntable = \"tags\"\n\
             near = { order_id = \"ID\" }\nfar = { customer_id = \"ID\" }\n",
        );
        let seen = entity("Seen", "seen", "key = [\"ID\"]", &GOOD, "");
        let customers = entity("Customers", "customers", "key = [\"ID\"]", &properties, "");
        let found = found(kind, &database, &[("customers", customers), ("orders", orders), ("seen", seen)]);
        assert_found(&found, "", &[]);
    }
}

#[test]
fn what_is_not_there_is_told_with_the_nearest_name() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_missing") else { continue };
        database.run(&schema(kind));
        let table = entity("Lost", "custmers", "key = [\"ID\"]", &["ID id Int32 nullable = false"], "");
        let elsewhere =
            entity("Far", "orders", "schema = \"nirvana\"\nkey = [\"ID\"]", &["ID id Int32 nullable = false"], "");
        let column = entity(
            "Customers",
            "customers",
            "key = [\"ID\"]",
            &["ID id Int32 nullable = false", "Phone phnoe String max_length = 40", "Other quite_another Int32"],
            "[[navigation]]\nname = \"Orders\"\ntarget = \"Orders\"\nto = \"many\"\n[navigation.link]\ntable = \"tag\"\n\
             near = { customer_id = \"ID\" }\nfar = { order_id = \"ID\" }\n\
             [[navigation]]\nname = \"Tagged\"\ntarget = \"Orders\"\nto = \"many\"\n[navigation.link]\ntable = \"tags\"\n\
             near = { custmer_id = \"ID\" }\nfar = { order_id = \"ID\" }\n",
        );
        let orders = entity("Orders", "orders", "key = [\"ID\"]", &["ID id Int32 nullable = false"], "");
        let media = entity(
            "Media",
            "customers",
            "key = [\"ID\"]",
            &["ID id Int32 nullable = false"],
            "[media]\ncolumn = \"phot\"\ncontent_type = \"image/png\"\n",
        );
        let files = [("lost", table), ("far", elsewhere), ("customers", column), ("orders", orders), ("media", media)];
        let found = found(kind, &database, &files);
        assert_found(
            &found,
            "m/lost.toml",
            &[&["! m/lost.toml | table | table `custmers` does not exist", "did you mean `customers`?"]],
        );
        // A SQLite file has one schema only, whatever it is called.
        if kind != Kind::Sqlite {
            assert_found(
                &found,
                "m/far.toml",
                &[&["! m/far.toml | schema | schema `nirvana` has no table or does not exist", "name a schema"]],
            );
        }
        assert_found(
            &found,
            "m/customers.toml",
            &[
                &["! ", "| property.2.column | table `customers` has no column `phnoe`", "did you mean `phone`?"],
                &["! ", "| property.3.column |", "`quite_another`", "the columns are `id`, `name`", "and 2 more"],
                &["! ", "| navigation.1.link.table | table `tag` does not exist", "did you mean `tags`?"],
                &["! ", "| navigation.2.link.near.custmer_id |", "did you mean `customer_id`?"],
            ],
        );
        assert_found(
            &found,
            "m/media.toml",
            &[&["! ", "| media.column |", "no column `phot`", "did you mean `photo`?"]],
        );
    }
}

#[test]
fn what_does_not_fit_its_column_is_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_misfits") else { continue };
        database.run(&schema(kind));
        let customers = entity(
            "Customers",
            "customers",
            "key = [\"ID\"]",
            &[
                "ID id Int32 nullable = false",
                "Name name String max_length = 40; nullable = false; collation = \"folding\"",
                "Code code String max_length = 20",
                "Phone phone String max_length = 40; nullable = false",
                "Credit credit Decimal precision = 10; scale = 2",
                "Big big Int32",
                "Changed changed TimeOfDay",
                "Photo photo String",
                "Opens opens Guid",
            ],
            "",
        );
        let found = found(kind, &database, &[("customers", customers)]);
        let photo = match kind {
            Kind::Sqlite => "`photo` is BLOB and cannot be read as Edm.String",
            Kind::Postgres => "`photo` is bytea and cannot be read as Edm.String",
            Kind::Mariadb => "`photo` is varbinary(200) and cannot be read as Edm.String",
        };
        let type_of_photo = ["! ", "| property.8.type |", photo, "say `type = "];
        let mut expected: Vec<&[&str]> = vec![
            &type_of_photo,
            &["? ", "| property.2.max_length | `Name` says max_length 40, column `name` has 120", "max_length = 120"],
            &[
                "! ",
                "| property.4.nullable | `Phone` says `nullable = false`, but column `phone` can be null",
                "NOT NULL",
            ],
            &["? ", "| property.5.precision |", "says precision 10", "has 18"],
            &["? ", "| property.5.scale |", "says scale 2", "has 4"],
            &[
                "! ",
                "| property.7.type | column `changed` is",
                "cannot be read as Edm.TimeOfDay",
                "say `type = \"DateTimeOffset\"",
            ],
            &["! ", "| property.9.type | column `opens` is", "cannot be read as Edm.Guid", "say `type = \"TimeOfDay\""],
        ];
        // Every whole number of SQLite has 64 bits, whatever is declared.
        if kind != Kind::Sqlite {
            expected.push(&["? ", "| property.6.type | column `big` is bigint", "too large for the type", "Int64"]);
        }
        match kind {
            Kind::Postgres => expected.extend([
                &["! ", "| property.3.collation | column `code` calls different texts equal (type citext)"][..],
                &["? ", "| property.2.collation |", "compares exactly"],
            ]),
            Kind::Sqlite => expected.extend([
                &["? ", "| property.3.collation | column `code` calls different texts equal (collation NOCASE)"][..],
                &["? ", "| property.2.collation |", "compares exactly"],
            ]),
            Kind::Mariadb => {}
        }
        assert_found(&found, "", &expected);
    }
}

#[test]
fn keys_relations_and_missing_indexes_are_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_keys") else { continue };
        database.run(&schema(kind));
        let rows: Vec<Vec<Value>> = (1..=12_000)
            .map(|n| vec![Value::Int(n), Value::Int(n), Value::String(n.to_string().into()), Value::Int(1)])
            .collect();
        database.insert("orders", &["id", "customer_id", "ref", "status"], &rows);
        if kind == Kind::Mariadb {
            database.run("analyze table orders");
        }
        let customers = entity(
            "Customers",
            "customers",
            "key = [\"Phone\"]",
            &["ID id Int32 nullable = false", "Phone phone String max_length = 40; nullable = false"],
            "[[navigation]]\nname = \"Orders\"\ntarget = \"Orders\"\nto = \"many\"\njoin = { ID = \"CustomerID\" }\n",
        );
        let orders = entity(
            "Orders",
            "orders",
            "key = [\"CustomerID\"]\n[cache]\nprobe_property = \"Status\"",
            &[
                "ID id Int32 nullable = false",
                "CustomerID customer_id Int32 nullable = false",
                "Ref ref String max_length = 20; nullable = false",
                "Status status Int32 nullable = false",
            ],
            "[[navigation]]\nname = \"First\"\ntarget = \"Doubles\"\nto = \"one\"\njoin = { ID = \"A\" }\n",
        );
        let doubles = entity(
            "Doubles",
            "doubles",
            "key = [\"A\", \"B\"]",
            &["A a Int32 nullable = false", "B b Int32 nullable = false"],
            "",
        );
        let found = found(kind, &database, &[("customers", customers), ("doubles", doubles), ("orders", orders)]);
        assert_found(
            &found,
            "m/customers.toml",
            &[
                &["? ", "| key | `phone` is no key of `customers` in the database", "its key is `id`"],
                &["! ", "| property.2.nullable |", "rows with a null in it cannot be reached"],
                &["? ", "| navigation.1.join | no index of `orders` begins with `customer_id`"],
            ],
        );
        assert_found(&found, "m/doubles.toml", &[&["? ", "| key | `a`, `b` is no key of `doubles`", "make it unique"]]);
        assert_found(
            &found,
            "m/orders.toml",
            &[
                &["? ", "| key | `customer_id` is no key of `orders`", "its key is `id`"],
                &["? ", "| key | no index of `orders` begins with `customer_id`"],
                &["! ", "| property.2.nullable |"],
                &["? ", "| cache.probe_property | no index of `orders` begins with `status`"],
                &["? ", "| property | no index serves `CustomerID`, `Status` of about 1"],
                &[
                    "? ",
                    "| navigation.1.join | `First` leads to one row, but `a` is no key of `doubles`",
                    "to = \"many\"",
                ],
            ],
        );
    }
}
