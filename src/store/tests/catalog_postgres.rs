//! What PostgreSQL says of a schema made for its traps.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::catalog::{column, columns, read, relation, structure, wanted};
use super::{postgres_address, settings};
use crate::catalog::{RelationKind, Wanted};
use crate::store::Database;

async fn admin(url: &str, text: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
}

const SCHEMA: &str = r#"
DROP SCHEMA IF EXISTS catalog_a CASCADE; DROP SCHEMA IF EXISTS "Catalog ""B""" CASCADE;
CREATE SCHEMA catalog_a; CREATE SCHEMA "Catalog ""B""";
CREATE EXTENSION IF NOT EXISTS citext;
SET search_path = catalog_a, public;
CREATE TYPE mood AS ENUM ('sad', 'so-so', 'ärgerlich ''x''');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN code AS varchar(10) NOT NULL CHECK (VALUE <> '');
CREATE DOMAIN short_code AS code;
CREATE DOMAIN amounts AS numeric(12,3)[];
CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE kinds (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  counted bigserial, small smallint, flag boolean DEFAULT true, r real, d double precision,
  n numeric, n18 numeric(18,2) NOT NULL DEFAULT 0.00, n5 numeric(5,-3), n3 numeric(2,4), cash money,
  t text, v varchar(40) DEFAULT 'it''s', v_any varchar, c char(4), c_any bpchar, ch "char", na name,
  ci citext, fo text COLLATE folded, co varchar(10) COLLATE "C",
  j json, jb jsonb, u uuid, b bytea, da date, ti time(3), tz time with time zone, ts timestamp(0), tsz timestamptz,
  iv interval day to second, b1 bit, b8 bit(8), bv varbit, bv9 bit varying(9), po point, m mood, ms mood[], sc short_code,
  am amounts, na2 numeric(9,1)[][], p pair, ip inet, x xml, rng int4range, ln line, o oid, vec tsvector,
  gen int GENERATED ALWAYS AS (small * 2) STORED
);
COMMENT ON TABLE kinds IS 'Every kind; also ''quoted''';
COMMENT ON COLUMN kinds.n18 IS 'What is owed';
COMMENT ON COLUMN kinds.t IS '  ';
CREATE TABLE "Order ""x"" é" (
  "select" int, "Blank Name" int NOT NULL, "Ünï ""q""" text, k text NOT NULL, lower_me text, day date NOT NULL,
  doomed int,
  CONSTRAINT "the pk" PRIMARY KEY ("Blank Name", "select"),
  CONSTRAINT "uniq 1" UNIQUE (k) INCLUDE (day)
);
ALTER TABLE "Order ""x"" é" DROP COLUMN doomed;
CREATE UNIQUE INDEX part_unique ON "Order ""x"" é" (day) WHERE k <> '';
CREATE UNIQUE INDEX expr_unique ON "Order ""x"" é" (day, lower(k));
CREATE INDEX only_expr ON "Order ""x"" é" (lower(lower_me));
CREATE INDEX hashed ON "Order ""x"" é" USING hash (lower_me);
CREATE INDEX other_collation ON "Order ""x"" é" (day, lower_me COLLATE "C");
CREATE TABLE "Catalog ""B""".lines (
  id int PRIMARY KEY, "o 1" int, o2 int, parent int REFERENCES "Catalog ""B""".lines, again int,
  vec tsvector,
  CONSTRAINT z_first FOREIGN KEY (o2, "o 1") REFERENCES catalog_a."Order ""x"" é" ("Blank Name", "select"),
  CONSTRAINT a_unique FOREIGN KEY (again) REFERENCES catalog_a.kinds (id)
);
CREATE INDEX words ON "Catalog ""B""".lines USING gin (vec);
CREATE TABLE parts (id int, at date NOT NULL, k int REFERENCES kinds (id), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (id);
CREATE TABLE parts_2a PARTITION OF parts_2 DEFAULT;
CREATE INDEX parts_at ON parts (at);
CREATE TABLE to_parts (id int PRIMARY KEY, p int, at date, FOREIGN KEY (p, at) REFERENCES parts (id, at));
INSERT INTO parts SELECT n, DATE '2020-06-01' + (n % 2) * 365, NULL FROM generate_series(1, 500) n;
CREATE VIEW seen AS SELECT k, p.id + 1 AS next, sc, n18 FROM kinds JOIN parts p ON true;
CREATE MATERIALIZED VIEW kept AS SELECT id, t FROM kinds;
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE FOREIGN DATA WRAPPER catalog_wrapper; CREATE SERVER catalog_server FOREIGN DATA WRAPPER catalog_wrapper;
CREATE FOREIGN TABLE far_away (id int NOT NULL, t text) SERVER catalog_server;
CREATE TABLE never_counted (id int);
CREATE SEQUENCE no_table;
ANALYZE parts; ANALYZE kinds;
"#;

const CLEAN: &str = r#"DROP SCHEMA IF EXISTS catalog_a CASCADE; DROP SCHEMA IF EXISTS "Catalog ""B""" CASCADE;
DROP FOREIGN DATA WRAPPER IF EXISTS catalog_wrapper CASCADE;"#;

#[tokio::test]
async fn every_trap_is_read_as_what_it_is() {
    let Some(url) = postgres_address() else { return };
    admin(&url, &format!("{CLEAN}{SCHEMA}")).await;
    let with_path =
        format!("{url}{}options=-csearch_path%3Dcatalog_a,public", if url.contains('?') { "&" } else { "?" });
    let database = Database::open(&settings(&with_path)).unwrap();
    let both = Wanted { schemas: vec!["catalog_a".to_owned(), "Catalog \"B\"".to_owned()], ..Wanted::default() };
    let catalog = read(&database, &both).await;
    assert!(catalog.product.starts_with("PostgreSQL 1"), "{}", catalog.product);
    assert_eq!(catalog.default_schema.as_deref(), Some("catalog_a"));
    assert_eq!(catalog.search_path, ["catalog_a", "public"]);
    let names: Vec<(String, RelationKind, Option<u64>)> = catalog
        .relations
        .iter()
        .map(|r| (format!("{}.{}", r.schema.clone().unwrap(), r.name), r.kind, r.rows))
        .collect();
    insta::assert_snapshot!("catalog_postgres_relations", format!("{names:#?}"));
    assert!(catalog.relations.iter().all(|relation| relation.readable));
    let kinds = relation(&catalog, "kinds");
    assert_eq!(kinds.comment.as_deref(), Some("Every kind; also 'quoted'"));
    insta::assert_snapshot!("catalog_postgres_kinds", columns(kinds));
    let texts: Vec<String> = ["Order \"x\" é", "lines", "parts", "to_parts", "seen", "kept", "far_away"]
        .iter()
        .map(|name| {
            let relation = relation(&catalog, name);
            format!("# {name}\n{}{}", columns(relation), structure(relation))
        })
        .collect();
    insta::assert_snapshot!("catalog_postgres_structure", texts.join("\n"));
    assert_eq!(catalog.unread, Vec::<String>::new());

    let few = Wanted { tables: vec!["part*".to_owned(), "seen".to_owned()], without: vec!["parts".to_owned()], ..both };
    let names: Vec<String> = read(&database, &few).await.relations.into_iter().map(|relation| relation.name).collect();
    assert_eq!(names, ["seen"]);
    // Without a wish, all schemas but the server's own.
    let all = read(&database, &Wanted::default()).await;
    assert!(all.relations.iter().any(|relation| relation.name == "lines"));
    let own = |schema: &str| schema == "information_schema" || schema.starts_with("pg_");
    assert!(all.relations.iter().all(|relation| !own(relation.schema.as_deref().unwrap())));
    // The server's own, if asked for.
    let own = read(&database, &wanted("pg_catalog")).await;
    assert_eq!(column(relation(&own, "pg_class"), "relname").declared, "name");
    admin(&url, CLEAN).await;
}

#[tokio::test]
async fn a_user_of_two_tables_reads_the_catalogue_and_sees_what_is_denied() {
    let Some(url) = postgres_address() else { return };
    let clean = "DROP SCHEMA IF EXISTS catalog_least CASCADE; DROP SCHEMA IF EXISTS catalog_shut CASCADE;
        DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'catalog_reader') THEN
        DROP OWNED BY catalog_reader; DROP ROLE catalog_reader; END IF; END $$;";
    let made = "CREATE SCHEMA catalog_least; CREATE SCHEMA catalog_shut; SET search_path = catalog_least;
        CREATE TABLE open (id int PRIMARY KEY, t text DEFAULT 'x');
        CREATE TABLE half (id int PRIMARY KEY REFERENCES open, salary int, t text);
        CREATE TABLE shut (id int PRIMARY KEY, o int REFERENCES open); CREATE TABLE catalog_shut.inside (id int);
        CREATE ROLE catalog_reader LOGIN PASSWORD 'reader';
        GRANT USAGE ON SCHEMA catalog_least TO catalog_reader;
        GRANT SELECT ON open TO catalog_reader; GRANT SELECT (id, t) ON half TO catalog_reader;
        GRANT SELECT ON catalog_shut.inside TO catalog_reader;";
    admin(&url, &format!("{clean}{made}")).await;
    let (start, rest) = url.split_once("://").unwrap();
    let least = format!("{start}://catalog_reader:reader@{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host));
    let database = Database::open(&settings(&least)).unwrap();
    let schemas = vec!["catalog_least".to_owned(), "catalog_shut".to_owned()];
    let catalog = read(&database, &Wanted { schemas, ..Wanted::default() }).await;
    let readable: Vec<(&str, bool)> =
        catalog.relations.iter().map(|relation| (relation.name.as_str(), relation.readable)).collect();
    assert_eq!(readable, [("half", true), ("open", true), ("shut", false), ("inside", false)]);
    let half = relation(&catalog, "half");
    assert_eq!(
        columns(half),
        "id | integer | Integer { bits: 32, signed: true } | not null\n\
         salary | integer | Integer { bits: 32, signed: true } | not readable\n\
         t | text | Text { max_length: None, padded: false }\n"
    );
    assert!(structure(half).contains("foreign half_id_fkey (id) -> catalog_least.open (id)"));
    assert_eq!(column(relation(&catalog, "open"), "t").default.as_deref(), Some("'x'::text"));
    admin(&url, clean).await;
}

#[tokio::test]
async fn tables_of_extensions_are_left_out_unless_they_are_wanted() {
    let Some(url) = postgres_address() else { return };
    admin(&url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await;
    let database = Database::open(&settings(&url)).unwrap();
    let has = async |of_extensions| {
        let catalog = read(&database, &Wanted { of_extensions, ..Wanted::default() }).await;
        catalog.relations.iter().any(|relation| relation.name == "pg_stat_statements")
    };
    assert!(!has(false).await);
    assert!(has(true).await);
    admin(&url, "DROP EXTENSION pg_stat_statements").await;
}

#[tokio::test]
async fn a_thousand_new_tables_are_read_in_a_moment() {
    let Some(url) = postgres_address() else { return };
    admin(
        &url,
        "DROP SCHEMA IF EXISTS catalog_large CASCADE; CREATE SCHEMA catalog_large; SET search_path = catalog_large;
         DO $$ DECLARE n int; BEGIN FOR n IN 1..1000 LOOP
         EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a text UNIQUE, b numeric(18,2), c timestamptz DEFAULT now(),
           d boolean, e varchar(20), f date, g bigint, h uuid, parent int%s)', n,
           CASE WHEN n > 1 THEN format(' REFERENCES t%s', n - 1) ELSE '' END);
         EXECUTE format('CREATE INDEX ON t%s (e, f)', n);
         EXECUTE format('COMMENT ON COLUMN t%s.e IS ''number %s''', n, n);
         END LOOP; END $$;",
    )
    .await;
    let database = Database::open(&settings(&url)).unwrap();
    let start = Instant::now();
    let catalog = read(&database, &wanted("catalog_large")).await;
    let took = start.elapsed();
    eprintln!("1,000 tables took {took:?}");
    admin(&url, "DROP SCHEMA catalog_large CASCADE").await;
    assert_eq!(catalog.relations.len(), 1000);
    let counted = catalog.relations.iter().map(|r| (r.columns.len(), r.keys.len(), r.indexes.len()));
    assert_eq!(counted.fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2)), (10_000, 2000, 3000));
    assert_eq!(catalog.relations.iter().map(|relation| relation.foreign_keys.len()).sum::<usize>(), 999);
    assert!(took < Duration::from_secs(15), "{took:?}");
}
