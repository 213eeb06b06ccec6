//! What SQLite's values tell where its types do not, and what stays of it when values and files change.

use super::{check, folder, introspect, penstock, setup};
use crate::support::databases::{Database, Kind};
use crate::support::read_text;

#[test]
fn values_guide_the_draft_and_edits_stay() {
    let database = Database::create(Kind::Sqlite, "introspect_loose").unwrap();
    database.run(
        "create table items (code text primary key, price decimal, cost decimal(9, 2)); create table empty_one (code text primary key);
         insert into items values ('abcd', cast('1.50' as blob), 1.5), ('b', null, null);",
    );
    let setup = setup(&database);
    let report = introspect(&setup, &[]);
    let item = folder(&setup).join("item.toml");
    let text = read_text(&item);
    let code = "# No length is declared. The longest value that was looked at has 4 characters; say a max_length that all\n\
                # values keep to.\n[[property]]\nname = \"Code\"\ncolumn = \"code\"\ntype = \"String\"\nmax_length = 10\nnullable = false\n";
    assert!(text.contains(code), "{text}");
    assert!(text.contains("column = \"price\"\ntype = \"Decimal\"\ncast = true\n"), "{text}");
    assert!(text.contains("column = \"cost\"\ntype = \"Decimal\"\nprecision = 9\nscale = 2\n"), "{text}");
    assert!(text.contains("set `decimals = \"text\"` for the source"), "{text}");
    // Where there are no values, nothing is known of their length.
    let suggested = report.notes("suggestion");
    assert!(
        suggested.len() == 1 && suggested[0].starts_with("empty_one: Salesforce: the values of this key"),
        "{suggested:?}"
    );
    check(&setup);

    // A longer value that has room, and bytes that are gone, change nothing.
    database.run("update items set price = 2; insert into items values ('12345678', 1, 1)");
    let again = introspect(&setup, &[]);
    assert_eq!((again.notes("drift"), again.files()), (vec![], vec![]));
    // One that has none is told, also by the check.
    database.run("insert into items values ('12345678901', 1, 1)");
    let drift = introspect(&setup, &[]).notes("drift");
    let told = "items.code: the database went from [type = \"String\", max_length = 10, nullable = false] to \
                [type = \"String\", max_length = 30, nullable = false]";
    assert!(drift.len() == 1 && drift[0].starts_with(told), "{drift:?}");
    let checked = penstock(&setup, "check", &[]).unwrap();
    assert!(checked.contains("`Code` says max_length 10, a value of column `code` has 11"), "{checked}");
    // What a person says instead is right as long as it is enough.
    std::fs::write(&item, text.replace("max_length = 10", "max_length = 11")).unwrap();
    assert_eq!(introspect(&setup, &[]).notes("drift"), [""; 0]);
    assert_eq!(introspect(&setup, &[]).files(), [""; 0]);
}
