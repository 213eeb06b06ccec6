//! What MariaDB says of a schema made for its traps.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::catalog::{column, columns, read, relation, structure, wanted};
use super::{mariadb_address, settings};
use crate::catalog::{RelationKind, Wanted};
use crate::store::Database;

async fn admin(url: &str, text: &str) {
    let mut connection = MySqlConnection::connect(&url.replacen("mariadb:", "mysql:", 1)).await.unwrap();
    connection.execute("SET sql_mode = 'STRICT_ALL_TABLES'").await.unwrap();
    connection.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
}

/// The address with another user, another database, or both.
fn address(url: &str, user: Option<&str>, schema: &str) -> String {
    let (start, rest) = url.split_once("://").unwrap();
    let (server, _) = rest.split_once('/').unwrap();
    let host = server.rsplit_once('@').map_or(server, |(_, host)| host);
    format!("{start}://{}/{schema}", user.map_or_else(|| server.to_owned(), |user| format!("{user}@{host}")))
}

const SCHEMA: &str = r"
DROP DATABASE IF EXISTS `Catalog ``B``; x`; DROP DATABASE IF EXISTS catalog_a;
CREATE DATABASE catalog_a COLLATE utf8mb4_general_ci; CREATE DATABASE `Catalog ``B``; x`;
USE catalog_a;
CREATE TABLE kinds (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY COMMENT 'Counted; it''s', t8 TINYINT, u8 TINYINT UNSIGNED, t1 TINYINT(1),
  t1u TINYINT(1) UNSIGNED, flag BOOLEAN NOT NULL DEFAULT 1, s SMALLINT, m MEDIUMINT UNSIGNED, b BIGINT UNSIGNED,
  b1 BIT, b9 BIT(9), y YEAR, n DECIMAL(18,2) NOT NULL DEFAULT 0, n65 DECIMAL(65,30), nu DECIMAL(10,2) UNSIGNED ZEROFILL,
  f FLOAT, f7 FLOAT(7,3), d DOUBLE, c CHAR(4), v VARCHAR(20) DEFAULT 'it''s', t TEXT, tt TINYTEXT, lt LONGTEXT,
  la VARCHAR(20) CHARACTER SET latin1, bi VARCHAR(20) COLLATE utf8mb4_bin, nb VARCHAR(20) COLLATE utf8mb4_nopad_bin,
  e ENUM('a','b''c,d','ü','x\\y'), st SET('x','y z'), j JSON, jc LONGTEXT CHECK (json_valid(jc)), u UUID, i4 INET4, i6 INET6,
  bin BINARY(16), vb VARBINARY(30), bl BLOB, lb LONGBLOB, da DATE, ti TIME, ti2 TIME(2), dt DATETIME, dt6 DATETIME(6),
  ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, p POINT, g GEOMETRY, hid INT INVISIBLE,
  gv INT AS (id * 2) VIRTUAL, gs INT AS (s + 1) STORED
) COMMENT 'Every kind; also ''quoted''';
CREATE TABLE `Order ``x`` é` (
  `select` INT, `Blank Name` INT, `Ünï ``q` VARCHAR(50), k VARCHAR(20) NOT NULL, long_text VARCHAR(500), words TEXT,
  PRIMARY KEY (`Blank Name`, `select`), UNIQUE `uniq 1` (k), UNIQUE part_unique (long_text(10)),
  INDEX two (k, long_text(20)), INDEX hashed USING HASH (`Ünï ``q`), FULLTEXT found (words, k)
);
CREATE TABLE `Catalog ``B``; x`.`lines` (
  id INT PRIMARY KEY, `o 1` INT, o2 INT, parent INT, again INT UNSIGNED,
  CONSTRAINT z_first FOREIGN KEY (o2, `o 1`) REFERENCES catalog_a.`Order ``x`` é` (`Blank Name`, `select`),
  CONSTRAINT a_kind FOREIGN KEY (again) REFERENCES catalog_a.kinds (id),
  CONSTRAINT parent FOREIGN KEY (parent) REFERENCES `lines` (id)
);
CREATE TABLE parts (id INT, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY HASH (id) PARTITIONS 3;
CREATE TABLE versions (id INT PRIMARY KEY, t TEXT) WITH SYSTEM VERSIONING;
CREATE VIEW seen AS SELECT k.id, k.v, k.id + 1 AS next, k.n FROM kinds k;
CREATE TABLE doomed (a INT); CREATE VIEW broken AS SELECT a FROM doomed; DROP TABLE doomed;
CREATE SEQUENCE no_table;
";

const CLEAN: &str = "DROP DATABASE IF EXISTS `Catalog ``B``; x`; DROP DATABASE IF EXISTS catalog_a";

#[tokio::test]
async fn every_trap_is_read_as_what_it_is() {
    let Some(url) = mariadb_address() else { return };
    admin(&url, SCHEMA).await;
    let database = Database::open(&settings(&address(&url, None, "catalog_a"))).unwrap();
    let both = Wanted { schemas: vec!["catalog_a".to_owned(), "Catalog `B`; x".to_owned()], ..Wanted::default() };
    let catalog = read(&database, &both).await;
    assert!(catalog.product.starts_with("MariaDB 1") && !catalog.product.contains('-'), "{}", catalog.product);
    assert_eq!(catalog.default_schema.as_deref(), Some("catalog_a"));
    let names: Vec<(&str, RelationKind)> =
        catalog.relations.iter().map(|relation| (relation.name.as_str(), relation.kind)).collect();
    assert_eq!(
        names,
        [
            ("Order `x` é", RelationKind::Table),
            ("kinds", RelationKind::Table),
            ("parts", RelationKind::Partitioned),
            ("seen", RelationKind::View),
            ("versions", RelationKind::Table),
            ("lines", RelationKind::Table),
        ]
    );
    assert!(catalog.relations.iter().all(|relation| relation.readable));
    let kinds = relation(&catalog, "kinds");
    assert_eq!(kinds.comment.as_deref(), Some("Every kind; also 'quoted'"));
    assert_eq!((kinds.rows, relation(&catalog, "seen").rows), (Some(0), None));
    let texts: Vec<String> = ["kinds", "Order `x` é", "parts", "seen", "versions", "lines"]
        .iter()
        .map(|name| {
            let relation = relation(&catalog, name);
            format!("# {name}\n{}{}", columns(relation), structure(relation))
        })
        .collect();
    insta::assert_snapshot!("catalog_mariadb", format!("{}\n{}", texts.join("\n"), catalog.unread.join("\n")));

    // Without a wish, all schemas but the server's own.
    let all = read(&database, &Wanted { tables: vec!["lines".to_owned()], ..Wanted::default() }).await;
    assert!(all.relations.iter().any(|relation| relation.schema.as_deref() == Some("Catalog `B`; x")));
    admin(&url, CLEAN).await;
}

#[tokio::test]
async fn a_user_of_two_tables_reads_the_catalogue_and_sees_what_is_denied() {
    let Some(url) = mariadb_address() else { return };
    let clean = "DROP DATABASE IF EXISTS catalog_least; DROP USER IF EXISTS catalog_reader@'%';";
    let made = "CREATE DATABASE catalog_least; USE catalog_least;
        CREATE TABLE open (id INT PRIMARY KEY, t VARCHAR(20) DEFAULT 'x', j JSON);
        CREATE TABLE half (id INT PRIMARY KEY, salary INT, t TEXT, FOREIGN KEY (id) REFERENCES open (id));
        CREATE TABLE child (id INT PRIMARY KEY, o INT, CONSTRAINT `to ``open` FOREIGN KEY (o) REFERENCES open (id));
        CREATE TABLE shut (id INT PRIMARY KEY); CREATE TABLE blind (id INT PRIMARY KEY);
        CREATE USER catalog_reader@'%' IDENTIFIED BY 'reader';
        GRANT SELECT ON open TO catalog_reader@'%'; GRANT SELECT (id, t) ON half TO catalog_reader@'%';
        GRANT SELECT ON child TO catalog_reader@'%';
        GRANT INSERT ON blind TO catalog_reader@'%';";
    admin(&url, &format!("{clean}{made}")).await;
    let least = address(&url, Some("catalog_reader:reader"), "catalog_least");
    let database = Database::open(&settings(&least)).unwrap();
    let catalog = read(&database, &wanted("catalog_least")).await;
    // Of a table without any right the server tells nothing.
    let readable: Vec<(&str, bool)> =
        catalog.relations.iter().map(|relation| (relation.name.as_str(), relation.readable)).collect();
    assert_eq!(readable, [("blind", false), ("child", true), ("half", true), ("open", true)]);
    insta::assert_snapshot!(
        "catalog_mariadb_least",
        ["child", "half", "open"]
            .map(|name| columns(relation(&catalog, name)) + &structure(relation(&catalog, name)))
            .concat()
            + &catalog.unread.join("\n")
    );
    assert_eq!(column(relation(&catalog, "open"), "t").default.as_deref(), Some("'x'"));
    admin(&url, clean).await;
}

#[tokio::test]
async fn many_new_tables_are_read_in_a_moment() {
    let Some(url) = mariadb_address() else { return };
    let mut text =
        String::from("DROP DATABASE IF EXISTS catalog_large; CREATE DATABASE catalog_large; USE catalog_large;");
    // A thousand take a quarter of a second to read, and most of a minute to make.
    for n in 1..=250 {
        write!(
            text,
            "CREATE TABLE t{n} (id INT PRIMARY KEY, a VARCHAR(50) UNIQUE, b DECIMAL(18,2), c DATETIME, d BOOLEAN, \
             e VARCHAR(20), f DATE, g BIGINT, h JSON, parent INT, INDEX (e, f));"
        )
        .unwrap();
    }
    admin(&url, &text).await;
    let database = Database::open(&settings(&url)).unwrap();
    let start = Instant::now();
    let catalog = read(&database, &wanted("catalog_large")).await;
    let took = start.elapsed();
    eprintln!("250 tables took {took:?}");
    admin(&url, "DROP DATABASE catalog_large").await;
    assert_eq!(catalog.relations.len(), 250);
    assert_eq!(catalog.relations.iter().map(|relation| relation.columns.len()).sum::<usize>(), 2500);
    assert!(took < Duration::from_secs(7), "{took:?}");
}
