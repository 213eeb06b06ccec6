//! What the user of a source may not see, indexes of words that are not there, and databases that do not answer.

use super::{assert_found, entity, lines, run, setup};
use crate::support::databases::{Database, KINDS, Kind};

const PLAIN: [&str; 2] = ["ID id Int32 nullable = false", "Text t String max_length = 100"];

fn plain(set: &str, table: &str) -> String {
    entity(set, table, "key = [\"ID\"]", &PLAIN, "")
}

/// The findings that are none of Salesforce's, and not that nobody has counted the rows of a new table.
fn found(url: &str, files: &[(&str, String)], content: bool) -> Vec<String> {
    let setup = setup(url, files);
    let (was_content, json) = run(&setup, &[]);
    assert_eq!(was_content, content, "{json}");
    let others = lines(&json).into_iter().filter(|line| !line.contains("Salesforce") && !line.contains(" | source | "));
    others.collect()
}

#[test]
fn what_the_user_may_not_read_is_told() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = Database::create(kind, "check_rights") else { continue };
        database.run(
            "create table open_one (id int primary key, t varchar(100)); create table shut_one (id int primary key, t varchar(100));
             create table half_one (id int primary key, t varchar(100));",
        );
        let user = format!("check_{}_{}", kind.name(), std::process::id());
        let (start, rest) = database.url.split_once("://").unwrap();
        let url = format!("{start}://{user}:secret@{}", rest.split_once('@').unwrap().1);
        let name = match kind {
            Kind::Mariadb => format!("{user}@'%'"),
            _ => user.clone(),
        };
        let make = match kind {
            Kind::Mariadb => format!("create user {name} identified by 'secret'; grant insert on shut_one to {name};"),
            _ => format!("create role {name} login password 'secret';"),
        };
        database.run(&format!("{make} grant select on open_one to {name}; grant select (id) on half_one to {name};"));
        let files = [
            ("open", plain("Open", "open_one")),
            ("shut", plain("Shut", "shut_one")),
            ("half", plain("Half", "half_one")),
        ];
        let found = found(&url, &files, false);
        database.run(&match kind {
            Kind::Mariadb => format!("drop user {name}"),
            _ => format!("drop owned by {name}; drop role {name}"),
        });
        assert_found(&found, "m/open.toml", &[]);
        assert_found(
            &found,
            "m/shut.toml",
            &[&["! ", "| table | the user of the source may not read `shut_one`", "GRANT SELECT ON `shut_one`"]],
        );
        match kind {
            Kind::Postgres => assert_found(
                &found,
                "m/half.toml",
                &[&["! ", "| property.2.column | the user of the source may not read column `t`", "GRANT SELECT"]],
            ),
            // There such a column is not shown at all, nor are foreign keys.
            _ => assert_found(
                &found,
                "m/half.toml",
                &[
                    &["! ", "| property.2.column |", "no column `t`, or the user may not see it"],
                    &["? ", "| table | the server hides the foreign keys of 'half_one'"],
                ],
            ),
        }
    }
}

#[test]
fn an_index_of_words_that_is_not_there_is_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "check_words") else { continue };
        database.run("create table texts (id int primary key, t varchar(100), u varchar(100));");
        let with = |search: &str| {
            let head = format!("key = [\"ID\"]\n{search}");
            entity("Texts", "texts", &head, &PLAIN, "")
        };
        let (search, problem, make) = match kind {
            Kind::Sqlite => (
                "[search.sqlite]\nfts5 = \"text_words\"\nrowid = \"ID\"",
                ["| search.sqlite.fts5 | there is no FTS5 table `text_words`", "CREATE VIRTUAL TABLE"],
                "create virtual table text_words using fts5(t, content='texts', content_rowid='id')",
            ),
            Kind::Postgres => (
                "[search.postgres]\nindex = \"tsvector\"\ncolumn = \"words\"",
                ["| search.postgres.column | table `texts` has no column `words`", "tsvector"],
                "alter table texts add words tsvector generated always as (to_tsvector('simple', t)) stored",
            ),
            Kind::Mariadb => (
                "[search.mysql]\nfulltext = [\"t\"]",
                [
                    "| search.mysql.fulltext | `texts` has no FULLTEXT index over exactly `t`",
                    "there is one over `u`, `t`",
                ],
                "create fulltext index exact on texts (t)",
            ),
        };
        if kind == Kind::Mariadb {
            database.run("create fulltext index wider on texts (u, t)");
        }
        assert_found(
            &found(&database.url, &[("texts", with(search))], false),
            "",
            &[&["! m/texts.toml", problem[0], problem[1]]],
        );
        database.run(make);
        assert_found(&found(&database.url, &[("texts", with(search))], true), "", &[]);
    }
}

#[test]
fn an_index_of_trigrams_that_is_none_is_told() {
    let with = |search: &str| {
        let properties = [&PLAIN[..], &["Other u String max_length = 100"]].concat();
        [("texts", entity("Texts", "texts", &format!("key = [\"ID\"]\n{search}"), &properties, ""))]
    };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(database) = Database::create(kind, "check_trigrams") else { continue };
        database.run("create table texts (id int primary key, t varchar(100), u varchar(100));");
        if kind == Kind::Sqlite {
            let search = |table: &str| {
                with(&format!("[search.sqlite]\nfts5 = \"{table}\"\nrowid = \"ID\"\ntokenize = \"trigram\""))
            };
            database.run(
                "create virtual table words using fts5(t, u, content='texts', content_rowid='id');
                 create virtual table less using fts5(t, content='texts', content_rowid='id', tokenize='trigram');
                 create virtual table parts using fts5(t, u, content='texts', content_rowid='id',
                     tokenize = \"trigram case_sensitive 1\");",
            );
            let plain = with("[search.sqlite]\nfts5 = \"parts\"\nrowid = \"ID\"");
            for (files, expected) in [
                (search("words"), &["! ", "| search.sqlite.tokenize | the words of `words` are no trigrams"][..]),
                (search("less"), &["! ", "| search.sqlite.fts5 | `less` does not hold `u`"]),
                (plain, &["? ", "| search.sqlite.fts5 | the words of `parts` are trigrams", "tokenize = \"trigram\""]),
            ] {
                assert_found(&found(&database.url, &files, expected[0] == "? "), "", &[expected]);
            }
            assert_found(&found(&database.url, &search("parts"), true), "", &[]);
        } else {
            let search = || with("[search.postgres]\nindex = \"trigram\"\ncolumn = \"whole\"");
            let missing = "| search.postgres.column | table `texts` has no column `whole`";
            assert_found(&found(&database.url, &search(), false), "", &[&["! ", missing, "all searchable texts"]]);
            database.run(
                "alter table texts add whole text generated always as (coalesce(t, '') || coalesce(u, '')) stored",
            );
            assert_found(&found(&database.url, &search(), true), "", &[]);
            database.run("insert into texts select n, 'a', 'b' from generate_series(1, 12000) n; analyze");
            let expected = ["? ", "| search.postgres.column | no trigram index holds `whole`", "(whole gin_trgm_ops)"];
            let served = ["? ", "| property | no index serves `Text`, `Other`"];
            assert_found(&found(&database.url, &search(), true), "", &[&expected, &served]);
        }
    }
}

#[test]
fn statistics_of_a_view_are_told_to_be_none() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = Database::create(kind, "check_probe") else { continue };
        database
            .run("create table texts (id int primary key, t varchar(100)); create view seen as select * from texts;");
        let seen = entity("Seen", "seen", "key = [\"ID\"]\n[cache]\nprobe_statistics = true", &PLAIN, "");
        assert_found(
            &found(&database.url, &[("seen", seen)], false),
            "",
            &[&["! ", "| cache.probe_statistics | `seen` is no table", "probe_property"]],
        );
    }
}

#[test]
fn a_database_that_is_away_is_a_warning_and_the_rest_is_compared() {
    let Some(database) = Database::create(Kind::Sqlite, "check_away") else { return };
    database.run("create table texts (id int primary key, t text);");
    let config = format!(
        "[sources.erp]\nurl = \"{}\"\n[sources.far]\nurl = \"postgres://nobody:hush@127.0.0.1:9/far\"\n\
         [services.s]\nmetadata = [\"m\", \"n\"]\nanonymous = true\n",
        database.url
    );
    let setup = crate::support::server::Setup::new(&config)
        .file("m/service.toml", "version = 1\nnamespace = \"N\"\nsource = \"erp\"\n")
        .file("m/texts.toml", &plain("Texts", "text"))
        .file("n/service.toml", "version = 1\nsource = \"far\"\n")
        .file("n/far.toml", &plain("Far__Texts", "texts"));
    let (content, json) = run(&setup, &[]);
    let found = lines(&json);
    assert!(!content);
    let config = setup.path().join("penstock.toml").display().to_string();
    assert_found(
        &found,
        "sources.",
        &[&["? ", &config, "| sources.far.url | the source 'far' cannot be reached", "--offline"]],
    );
    assert!(!json.to_string().contains("hush"), "{json}");
    assert_found(&found, "m/texts.toml", &[&["! ", "| table | table `text` does not exist", "`texts`"]]);
    assert_found(&found, "n/far.toml", &[&["? ", "| set |", "two underscores"]]);
    assert_eq!(json["compared"].as_object().unwrap().keys().collect::<Vec<_>>(), ["erp"]);
}

#[test]
fn a_user_that_is_not_let_in_is_a_problem() {
    let Some(database) = Database::create(Kind::Mariadb, "check_denied") else { return };
    let (start, rest) = database.url.split_once("://").unwrap();
    let url = format!("{start}://nobody_knows:hush@{}", rest.split_once('@').unwrap().1);
    let found = found(&url, &[("texts", plain("Texts", "texts"))], false);
    assert_found(&found, "", &[&["! ", "| sources.erp.url | the source 'erp' denies access", "name and password"]]);
    assert!(!found.concat().contains("hush"), "{found:?}");
}
