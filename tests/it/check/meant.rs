//! What the databases hold otherwise than the files mean it: local times, the bytes of GUIDs, words in an order of
//! their own; and what is not there although the files call or count on it: routines, statistics.

use super::{assert_found, entity, lines, run, setup};
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::server::Setup;

const ID: &str = "ID id Int32 nullable = false";

/// The findings that are none of Salesforce's.
fn of_databases(json: &serde_json::Value) -> Vec<String> {
    lines(json).into_iter().filter(|line| !line.contains("Salesforce")).collect()
}

#[test]
fn times_without_a_zone_are_told_where_the_source_has_one() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_zone") else { continue };
        let (bare, zoned) = match kind {
            Kind::Sqlite => ("datetime", "datetime"),
            Kind::Postgres => ("timestamp", "timestamptz"),
            Kind::Mariadb => ("datetime(6)", "timestamp(6) null"),
        };
        database.run(&format!(
            "create table events (id int not null primary key, a {bare}, b {bare}, c {bare}, d {zoned}, e date);"
        ));
        if kind == Kind::Postgres {
            database.run("analyze");
        }
        let precision = if kind == Kind::Sqlite { "precision = 0" } else { "precision = 6" };
        let bare = format!("Bare a DateTimeOffset {precision}");
        let local = format!("Local b DateTimeOffset {precision}; stored = \"local\"");
        let mut properties = vec![ID, &bare, &local, "Cast c DateTimeOffset cast = true", "Day e Date"];
        let moment = format!("Moment d DateTimeOffset {precision}");
        if kind != Kind::Sqlite {
            properties.push(&moment);
        }
        let files = [("events", entity("Events", "events", "key = [\"ID\"]", &properties, ""))];
        let (_, json) = run(&setup(&database.url, &files), &[]);
        assert_found(&of_databases(&json), "zone", &[]);
        let zone = if kind == Kind::Postgres { "Europe/Berlin" } else { "+02:00" };
        let config = format!(
            "[sources.erp]\nurl = \"{}\"\nzone = \"{zone}\"\n[services.s]\nmetadata = [\"m\"]\nanonymous = true\n",
            database.url
        );
        let setup = Setup::new(&config)
            .file("m/service.toml", "version = 1\nnamespace = \"N\"\nsource = \"erp\"\n")
            .file("m/events.toml", &files[0].1);
        let (_, json) = run(&setup, &[]);
        let zone = format!("read as UTC, while the source has `zone = \"{zone}\"`");
        assert_found(
            &of_databases(&json),
            "",
            &[
                &["? m/events.toml | property.2.stored | column `a` is", &zone, "say `stored = \"local\"` if"],
                &["? m/events.toml | property.4.stored | column `c` is", &zone, "in place of `cast = true`"],
            ],
        );
    }
}

#[test]
fn guids_that_are_bytes_are_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_guids") else { continue };
        let (bytes, other) = match kind {
            Kind::Sqlite => ("blob", "guid"),
            Kind::Postgres => ("bytea", "bytea"),
            Kind::Mariadb => ("binary(16)", "varbinary(20)"),
        };
        database
            .run(&format!("create table things (id {bytes} not null primary key, a {other}, b {bytes}, c {bytes});"));
        let guid = match kind {
            Kind::Postgres => "'\\x000102030405060708090a0b0c0d0e0f'",
            _ => "x'000102030405060708090a0b0c0d0e0f'",
        };
        database.run(&format!("insert into things values ({guid}, {guid}, {guid}, {guid})"));
        if kind == Kind::Postgres {
            database.run("analyze");
        }
        let properties = [
            "ID id Guid nullable = false",
            "A a Guid",
            "Right b Guid stored = \"bytes\"",
            "Raw c Binary filterable = false; sortable = false; max_length = 16",
        ];
        let files = [("things", entity("Things", "things", "key = [\"ID\"]", &properties, ""))];
        let (content, json) = run(&setup(&database.url, &files), &[]);
        assert!(!content && json["would_start"] == true, "{json}");
        let wrong = "no filter, key or relation finds the GUIDs that its bytes are";
        let right = "say `stored = \"bytes\"`";
        assert_found(
            &of_databases(&json),
            "",
            &[
                &["! m/things.toml | property.1.type | column `id` is", wrong, right],
                &["! m/things.toml | property.2.type | column `a` is", wrong, right],
            ],
        );
    }
}

#[test]
fn words_in_an_order_of_their_own_are_told() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = Database::create(kind, "check_words") else { continue };
        let mood = if kind == Kind::Postgres {
            database.run("create type mood as enum ('sad', 'glad')");
            "mood"
        } else {
            "enum('sad', 'glad')"
        };
        database.run(&format!("create table people (id int not null primary key, a {mood}, b {mood}, c {mood});"));
        if kind == Kind::Postgres {
            database.run("analyze");
        }
        let properties = [
            ID,
            "Sorted a String max_length = 4",
            "Cast b String max_length = 4; cast = true",
            "Shown c String max_length = 4; filterable = false; sortable = false",
        ];
        let files = [("people", entity("People", "people", "key = [\"ID\"]", &properties, ""))];
        let (content, json) = run(&setup(&database.url, &files), &[]);
        assert!(content, "{json}");
        assert_found(
            &of_databases(&json),
            "",
            &[&["? m/people.toml | property.2.type | column `a` is", "a condition or an order without `cast = true`"]],
        );
    }
}

/// Functions and actions that call what there is, and what there is not.
fn operations(kind: Kind) -> String {
    let one = |name: &str, calls: &str, parameters: &[&str]| {
        let mut text = format!("[[function]]\nname = \"{name}\"\nreturns = {{ type = \"Int32\" }}\n{calls}\n");
        for parameter in parameters {
            text.extend(["[[function.parameter]]\nname = \"", parameter, "\"\ntype = \"Int32\"\n"]);
        }
        text
    };
    let mut text = "version = 1\n".to_owned();
    text += &one("BuiltIn", "function = \"abs\"", &["x"]);
    text += &one("Lost", "function = \"no_such_function\"", &["x"]);
    if kind != Kind::Sqlite {
        text += &one("Own", "function = \"twice\"", &["x"]);
        text += &one("Elsewhere", "function = \"twice\"\nschema = \"nirvana\"", &["x"]);
        text += "[[action]]\nname = \"Do\"\nprocedure = \"do_it\"\n";
        text += "[[action]]\nname = \"Forgotten\"\nprocedure = \"do_nothing\"\n";
        text += "[[action]]\nname = \"Mistaken\"\nprocedure = \"twice\"\n";
    }
    if kind != Kind::Mariadb {
        text += &one("Many", "function = \"abs\"", &["x", "y"]);
    }
    text
}

#[test]
fn routines_that_are_not_there_are_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_routines") else { continue };
        database.run("create table things (id int not null primary key);");
        match kind {
            Kind::Sqlite => {}
            Kind::Postgres => database.run(
                "create function twice(x int) returns int language sql as 'select 2 * x';
                 create procedure do_it() language sql as 'select 1'; analyze",
            ),
            Kind::Mariadb => {
                database.run("create function twice(x int) returns int deterministic return 2 * x");
                database.run("create procedure do_it() select 1");
            }
        }
        let files =
            [("things", entity("Things", "things", "key = [\"ID\"]", &[ID], "")), ("operations", operations(kind))];
        let (content, json) = run(&setup(&database.url, &files), &[]);
        assert!(!content && json["would_start"] == true, "{json}");
        let lost = "| function.2.function | function `no_such_function` does not exist";
        let lost = ["! ", lost, "create it, or name a function"];
        let mut expected: Vec<&[&str]> = vec![&lost];
        if kind != Kind::Sqlite {
            expected.push(match kind {
                Kind::Postgres => {
                    &["! ", "| function.4.function | function `nirvana`.`twice` does not exist", "it is in `public`"]
                }
                _ => &[
                    "! ",
                    "| function.4.function | function `nirvana`.`twice` does not exist, or the user may not call it",
                ],
            });
            expected.extend([
                &["! ", "| action.2.procedure | procedure `do_nothing` does not exist", "name a procedure"][..],
                &["! ", "| action.3.procedure | procedure `twice` does not exist", "say `function = \"twice\"`"],
            ]);
        }
        match kind {
            Kind::Sqlite => expected
                .push(&["! ", "| function.3.function | function `abs` takes 1 argument(s) and is called with 2"]),
            Kind::Postgres => {
                expected.push(&["! ", "| function.5.function | function `abs` takes 1", "and is called with 2"]);
            }
            Kind::Mariadb => {}
        }
        assert_found(&of_databases(&json), "m/operations.toml", &expected);
    }
}

#[test]
fn a_routine_that_the_user_may_not_call_is_told() {
    let Some(database) = Database::create(Kind::Postgres, "check_calls") else { return };
    let user = format!("check_calls_{}", std::process::id());
    database.run(&format!(
        "create table things (id int not null primary key); analyze;
         create function twice(x int) returns int language sql as 'select 2 * x';
         revoke execute on function twice from public;
         create role {user} login password 'secret'; grant select on things to {user};"
    ));
    let (start, rest) = database.url.split_once("://").unwrap();
    let url = format!("{start}://{user}:secret@{}", rest.split_once('@').unwrap().1);
    let operations = "version = 1\n[[function]]\nname = \"Twice\"\nreturns = { type = \"Int32\" }\nfunction = \"twice\"\n\
                      [[function.parameter]]\nname = \"x\"\ntype = \"Int32\"\n";
    let files =
        [("things", entity("Things", "things", "key = [\"ID\"]", &[ID], "")), ("operations", operations.to_owned())];
    let (_, json) = run(&setup(&url, &files), &[]);
    database.run(&format!("drop owned by {user}; drop role {user}"));
    assert_found(
        &of_databases(&json),
        "",
        &[&[
            "! ",
            "| function.1.function | the user of the source may not call function `twice`",
            "GRANT EXECUTE ON FUNCTION `twice`",
        ]],
    );
}

#[test]
fn tables_that_nobody_has_counted_are_told_once() {
    let Some(database) = Database::create(Kind::Postgres, "check_counts") else { return };
    database.run(
        "create table things (id int not null primary key); create table others (id int not null primary key);
         create view seen as select * from things; insert into things select generate_series(1, 100);",
    );
    let file = |set: &str, table: &str| (table.to_owned(), entity(set, table, "key = [\"ID\"]", &[ID], ""));
    let files = [file("Things", "things"), file("Others", "others"), file("Again", "things"), file("Seen", "seen")];
    let mut files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    files[2].0 = "again";
    let (content, json) = run(&setup(&database.url, &files), &[]);
    assert!(content);
    let wrong = "source `erp` has no count of the rows of 2 table(s): `others`, `things`";
    assert_found(&of_databases(&json), "", &[&["? m/service.toml | source | ", wrong, "run ANALYZE"]]);
    database.run("analyze");
    let (_, json) = run(&setup(&database.url, &files), &[]);
    assert_found(&of_databases(&json), "", &[]);
}
