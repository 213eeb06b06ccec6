//! Texts beside columns whose character set does not hold them. Only MySQL and its relatives have such columns in a
//! Unicode database; the server refuses to compare them, and our answer is right all the same.

use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::Setup;

const ROOT: &str = "/odata/v4/narrow/";

#[test]
fn foreign_characters_are_compared_with_columns_of_smaller_sets() {
    let Some(database) = Database::create(Kind::Mariadb, "charset") else { return };
    database.run(
        "create table words (id int not null primary key, latin varchar(20) character set latin1, \
         plain varchar(20) character set ascii, wide varchar(20) character set utf8mb4); \
         insert into words values (1, 'Müller', 'abc', '日本'), (2, 'MULLER', 'ABC', 'x'), (3, '?', '?', '?'), \
         (4, null, null, null)",
    );
    let config = format!(
        "[sources.narrow]\nurl = \"{}\"\n[services.narrow]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let text = |name: &str, column: &str| {
        format!("[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"String\"\nmax_length = 20\n")
    };
    let words = format!(
        "version = 1\nset = \"Words\"\ntype = \"Word\"\ntable = \"words\"\nkey = [\"Id\"]\n[[property]]\nname = \"Id\"\n\
         column = \"id\"\ntype = \"Int32\"\nnullable = false\n{}{}{}",
        text("Latin", "latin"),
        text("Plain", "plain"),
        text("Wide", "wide")
    );
    let server = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Narrow\"\nsource = \"narrow\"\n")
        .file("metadata/words.toml", &words)
        .start();
    for (filter, expected) in [
        ("Latin eq '日本'", ""),
        ("Latin eq 'Müller'", "1"),
        ("Latin ne '日本'", "1 2 3 4"),
        ("not (Latin eq '日本')", "1 2 3 4"),
        ("Latin in ('日本','Müller','?')", "1 3"),
        ("not (Latin in ('日本','Müller'))", "2 3 4"),
        ("startswith(Latin,'日')", ""),
        ("not startswith(Latin,'日')", "1 2 3"),
        ("contains(Latin,'ü') or Wide eq '日本'", "1"),
        ("Latin lt '日本'", "1 2 3"),
        ("Latin eq Wide", "3 4"),
        ("Plain eq 'ü'", ""),
        ("Plain in ('ü','abc')", "1"),
        ("Wide eq '日本'", "1"),
    ] {
        let encoded = percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC);
        let answer = server.json(&format!("{ROOT}Words?$select=Id&$count=true&$filter={encoded}"));
        let rows = answer.get("value").and_then(Json::as_array).unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.get("Id").unwrap().to_string()).collect();
        assert_eq!(ids.join(" "), expected, "{filter}");
    }
}

/// A list with a total of a pattern that holds such a text.
#[test]
fn totals_of_a_pattern_are_counted_beside_smaller_sets() {
    let Some(database) = Database::create(Kind::Mariadb, "charset_totals") else { return };
    database.run(
        "create table words (id int not null primary key, latin varchar(20) character set latin1); \
         insert into words values (1, 'Müller'), (2, 'MULLER'), (3, '?'), (4, null)",
    );
    let config = format!(
        "[sources.narrow]\nurl = \"{}\"\n[services.narrow]\nmetadata = [\"metadata\"]\nanonymous = true\n[cache]\n",
        database.url
    );
    let words = "version = 1\nset = \"Words\"\ntype = \"Word\"\ntable = \"words\"\nkey = [\"Id\"]\n[[property]]\nname = \
                 \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n[[property]]\nname = \"Latin\"\ncolumn = \
                 \"latin\"\ntype = \"String\"\nmax_length = 20\n";
    let server = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Narrow\"\nsource = \"narrow\"\n")
        .file("metadata/words.toml", words)
        .start();
    let filters = [("Latin eq '日本' or Id gt", [4, 3, 2, 1]), ("Latin in ('日本','Müller') and Id gt", [1, 0, 0, 0])];
    for options in ["$count=true&$top=0", "$count=true&$top=1", "$count=true"] {
        for (filter, totals) in filters {
            for (id, total) in totals.into_iter().enumerate() {
                let filter = format!("{filter} {id}");
                let encoded = percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC);
                // Blanks as patterns know them.
                let encoded = encoded.to_string().replace("%20", "+");
                let answer = server.json(&format!("{ROOT}Words?{options}&$filter={encoded}"));
                let count = answer.get("@odata.count").map(Json::to_string);
                assert_eq!(count, Some(total.to_string()), "{options} {filter}");
            }
        }
    }
}
