//! Floating-point columns with what is no number: PostgreSQL alone holds all of it.

use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};

fn ids(server: &TestServer, ask: &str) -> String {
    let mut next = format!("/odata/v4/s/Vs?$select=Id&{ask}");
    let mut ids: Vec<String> = Vec::new();
    loop {
        let page = server.json(&next);
        let rows = page.get("value").and_then(Json::as_array).unwrap();
        ids.extend(rows.iter().map(|row| row.get("Id").unwrap().to_string()));
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) => next = server.target_of(link).to_owned(),
            None => return ids.join(" "),
        }
    }
}

#[test]
fn what_is_no_number_is_spelled_and_found_as_documented() {
    let Some(database) = Database::create(Kind::Postgres, "specials") else { return };
    for declared in ["real", "double precision"] {
        let values =
            "(1, '-Infinity'), (2, -1.5), (3, 0), (4, 2.5), (5, 'Infinity'), (6, 'NaN'), (7, 'NaN'), (8, null)";
        database.run(&format!(
            "drop table if exists v; create table v (id int primary key, v {declared}); insert into v values {values}"
        ));
        let kind = if declared == "real" { "Single" } else { "Double" };
        let server = Setup::new(&format!(
            "[sources.s]\nurl = \"{}\"\n[services.s]\nmetadata = [\"metadata\"]\nanonymous = true\n",
            database.url
        ))
        .file("metadata/service.toml", "version = 1\nnamespace = \"S\"\nsource = \"s\"\n")
        .file(
            "metadata/v.toml",
            &format!(
                "version = 1\nset = \"Vs\"\ntype = \"V_\"\ntable = \"v\"\nkey = [\"Id\"]\npage_rows_max = 2\n[[property]]\n\
                 name = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n[[property]]\nname = \"V\"\n\
                 column = \"v\"\ntype = \"{kind}\"\n"
            ),
        )
        .start();
        for (id, json) in [(1, "\"-INF\""), (5, "\"INF\""), (6, "\"NaN\""), (8, "null")] {
            assert_eq!(server.json(&format!("/odata/v4/s/Vs({id})")).get("V").unwrap().to_string(), json);
        }
        for (ask, expected) in [
            ("$filter=V eq INF", "5"),
            ("$filter=V eq -INF", "1"),
            ("$filter=V in (INF,-INF)&$orderby=Id", "1 5"),
            // Nothing is equal to what is no number, not even itself.
            ("$filter=V eq NaN", ""),
            ("$filter=V ne NaN&$orderby=Id", "1 2 3 4 5 6 7 8"),
            ("$filter=V eq 2.5", "4"),
            ("$filter=V ne 2.5&$orderby=Id", "1 2 3 5 6 7 8"),
            ("$filter=V lt INF&$orderby=Id", "1 2 3 4"),
            ("$filter=V le 0&$orderby=Id", "1 2 3"),
            ("$filter=V ge -INF and V le INF&$orderby=Id", "1 2 3 4 5"),
            // PostgreSQL takes it for the greatest of all.
            ("$filter=V gt 0&$orderby=Id", "4 5 6 7"),
            ("$filter=V gt INF&$orderby=Id", "6 7"),
            ("$orderby=V", "8 1 2 3 4 5 6 7"),
            ("$orderby=V desc,Id desc", "7 6 5 4 3 2 1 8"),
        ] {
            let found = ids(&server, &ask.replace(' ', "%20"));
            assert_eq!(found, expected, "{declared}: {ask}");
        }
    }
}
