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
