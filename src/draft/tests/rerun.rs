//! Drafts into folders that people have edited and over databases that have changed.

use super::support::{Desk, INT, catalog, column, notes, options, table, text, words};
use crate::catalog::{Catalog, Wanted};
use crate::draft::{NoteKind, Options, draft};

fn orders() -> Catalog {
    catalog(vec![
        table("accounts", vec![column("id!", INT), column("name", text(40)), column("salary", INT)]),
        table("orders", vec![column("id!", INT), column("account_id", INT), column("note", text(40))])
            .with_keys(&["account_id -> accounts(id)"]),
        table("secrets", vec![column("id!", INT)]),
    ])
}

#[test]
fn edits_are_kept() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    // A person renames, removes a property, a set and a navigation property, comments, reorders, and formats in their
    // way.
    desk.edit("account.toml", "name = \"Name\"", "name = \"Title\"  # what it is");
    desk.edit("account.toml", "[[property]]\nname = \"Salary\"\ncolumn = \"salary\"\ntype = \"Int32\"\n\n", "");
    desk.edit("account.toml", "set = \"Accounts\"", "set = 'Customers'\r\n   # mine");
    desk.edit("order.toml", "target = \"Accounts\"", "target = \"Customers\"");
    desk.edit("order.toml", "partner = \"Orders\"\n", "");
    let text = desk.text("account.toml").split("[[navigation]]").next().unwrap().to_owned();
    desk.write("account.toml", &text);
    desk.remove("secret.toml");
    let made = desk.draft(&orders());
    assert_eq!(made.files, []);
    assert_eq!(
        notes(&made, NoteKind::LeftOut),
        [" [] 1 tables whose files a person took out stay out, as introspect.lock says"]
    );
    assert!(!desk.has("secret.toml"));

    // Taking a line out of the lock file brings the column back, and an entry the table.
    let lock = desk.lock().replace("salary = 'type = \"Int32\"'\n", "");
    let (before, entry) = lock.split_once("\n[[relation]]\ntable = \"secrets\"").unwrap();
    assert!(!entry.contains("[[relation]]"));
    let before = before.to_owned() + "\n";
    desk.write("introspect.lock", &before);
    desk.draft(&orders());
    assert!(desk.has("secret.toml"));
    assert!(
        desk.text("account.toml")
            .ends_with("\n\r\n[[property]]\r\nname = \"Salary\"\r\ncolumn = \"salary\"\r\ntype = \"Int32\"\r\n")
    );
    assert_eq!(desk.sets(), ["Customers", "Orders", "Secrets"]);
}

#[test]
fn what_is_new_is_added_at_the_end() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    desk.edit("account.toml", "name = \"Name\"", "name = \"Vat\"");
    let kept = [desk.text("account.toml").to_owned(), desk.text("order.toml").to_owned()];
    let mut more = orders();
    more.relations[0].columns.extend([column("vat", text(9)), column("geo", words()), column("boss_id", INT)]);
    more.relations[0].foreign_keys.push(super::support::leads("boss_id -> staff(id)"));
    more.relations.push(table("staff", vec![column("id!", INT)]));
    let made = desk.draft(&more);
    assert!(desk.text("account.toml").starts_with(&kept[0]));
    assert_eq!(desk.text("order.toml"), kept[1]);
    let added = desk.text("account.toml").strip_prefix(&kept[0]).unwrap();
    let [property, boss, navigation, remark] = added.trim().split("\n\n").collect::<Vec<_>>()[..] else {
        panic!("{added}")
    };
    assert!(property.starts_with("[[property]]\nname = \"Vat_") && property.contains("column = \"vat\""), "{property}");
    assert!(boss.contains("name = \"BossId\""));
    assert!(navigation.contains("name = \"Boss\"\ntarget = \"Staff\""));
    assert!(remark.starts_with("# Left out: column \"geo\""));
    assert_eq!(notes(&made, NoteKind::Added).len(), 3, "{:#?}", made.report);
    // A left out column that can be published later is added.
    more.relations[0].columns[4].column_type = INT;
    desk.draft(&more);
    assert!(desk.text("account.toml").contains("column = \"geo\"\ntype = \"Int32\""));
}

#[test]
fn drift_is_told_until_the_file_follows() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    let mut changed = orders();
    changed.relations[0].columns[1] = column("name!", text(80));
    let made = desk.draft(&changed);
    assert_eq!(made.files, []);
    let told = [
        "accounts.name [erp/account.toml property.2] the database went from [type = \"String\", max_length = 40] to [type = \
         \"String\", max_length = 80, nullable = false]; the file says type = \"String\", max_length = 40",
    ];
    assert_eq!(notes(&made, NoteKind::Drift), told);
    assert_eq!(notes(&desk.draft(&changed), NoteKind::Drift), told);
    desk.edit("account.toml", "max_length = 40", "max_length = 80\nnullable = false");
    let made = desk.draft(&changed);
    assert_eq!(notes(&made, NoteKind::Drift), [""; 0]);
    assert_eq!(made.files.len(), 1, "what was seen follows");
    // A form of a person's own is nobody else's business while the database stays.
    desk.edit("order.toml", "max_length = 40", "max_length = 30");
    let made = desk.draft(&changed);
    assert_eq!((made.files, made.report.count(NoteKind::Drift)), (Vec::new(), 0));
}

#[test]
fn what_is_gone_is_marked_and_stays() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    let kept = desk.text("account.toml").to_owned();
    let mut less = orders();
    less.relations[0].columns.remove(1);
    less.relations.remove(2);
    let made = desk.draft(&less);
    assert_eq!(
        desk.text("account.toml"),
        kept.replace(
            "[[property]]\nname = \"Name\"",
            "# gone: the database no longer has this column.\n[[property]]\nname = \"Name\""
        )
    );
    assert!(desk.text("secret.toml").starts_with("# gone: the database no longer shows this table.\nversion = 1\n"));
    assert_eq!(notes(&made, NoteKind::Gone).len(), 2);
    assert_eq!(desk.draft(&less).report.count(NoteKind::Gone), 2, "it is told again");
    // A mark that a person takes away does not come back.
    desk.edit("account.toml", "# gone: the database no longer has this column.\n", "");
    assert_eq!(desk.draft(&less).files, []);
    let made = desk.draft(&orders());
    assert_eq!(notes(&made, NoteKind::Back).len(), 2, "{:#?}", made.report);
    assert_eq!(desk.text("account.toml"), kept);
    assert!(desk.text("secret.toml").starts_with("version"));
}

#[test]
fn a_part_of_the_database_says_nothing_of_the_rest() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    let lock = desk.lock().to_owned();
    let mut part = orders();
    part.relations.truncate(1);
    let wanted = Wanted { tables: vec!["acc*".to_owned()], ..Wanted::default() };
    let made = desk.draft_with(&part, &Options { wanted, ..options() });
    assert_eq!(made.files, []);
    assert_eq!(made.report.notes, []);
    assert_eq!(desk.lock(), lock);
}

#[test]
fn files_that_people_wrote_keep_what_they_lack() {
    let mut desk = Desk::new();
    desk.write("service.toml", "version = 1\nnamespace = \"Mine\"\nsource = \"erp\"\n");
    let own = "version=1\nset='Customers'\ntype='Customer'\ntable='accounts'\nkey=['No']\n[[property]]\nname='No'\ncolumn='id'\ntype='Int64'\nnullable=false";
    desk.write("mine.toml", own);
    let made = desk.draft(&orders());
    let text = desk.text("mine.toml").to_owned();
    let added = text.strip_prefix(own).unwrap();
    assert!(added.starts_with("\n\n[[navigation]]\nname = \"Orders\"") && !added.contains("[[property]]"), "{added}");
    assert!(
        desk.text("order.toml").contains("target = \"Customers\"")
            && desk.text("order.toml").contains("AccountId = \"No\"")
    );
    assert_eq!(
        notes(&made, NoteKind::LeftAlone),
        [
            "accounts [erp/mine.toml] not in the file, perhaps on purpose: name, salary; to have one added, take its line out \
          of introspect.lock and run again"
        ]
    );
    assert_eq!(made.report.count(NoteKind::Drift), 0);
    desk.write("introspect.lock", &desk.lock().replace("name = 'type = \"String\", max_length = 40'\n", ""));
    desk.draft(&orders());
    assert!(desk.text("mine.toml").contains("column = \"name\""));
}

#[test]
fn letter_case_counts_only_where_it_counts() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    desk.edit("account.toml", "table = \"accounts\"", "table = \"ACCOUNTS\"");
    desk.edit("account.toml", "column = \"name\"", "column = \"Name\"");
    desk.edit("account.toml", "column = \"id\"", "column = \"ID\"");
    let mut folding = orders();
    folding.product = "MariaDB 10.11".to_owned();
    let made = draft(&folding, &desk.existing, &options()).unwrap();
    assert_eq!((made.files.len(), made.report.notes.len()), (0, 0), "{made:#?}");
    let exact = draft(&orders(), &desk.existing, &options()).unwrap();
    assert_eq!(notes(&exact, NoteKind::Gone).len(), 1, "{exact:#?}");
    // A file may leave out a schema of the search path.
    let mut path = orders();
    path.search_path = vec!["first".to_owned(), "public".to_owned()];
    path.default_schema = Some("first".to_owned());
    let mut desk = Desk::new();
    desk.draft(&orders());
    let made = draft(&path, &desk.existing, &options()).unwrap();
    assert_eq!(made.report.count(NoteKind::Gone), 0);
    assert!(made.report.sets.iter().all(|set| !set.new), "{made:#?}");
}

#[test]
fn navigations_of_a_person_are_not_doubled() {
    let mut desk = Desk::new();
    let mut without = orders();
    without.relations[1].foreign_keys.clear();
    desk.draft(&without);
    let text = desk.text("order.toml").to_owned();
    let own = "\n[[navigation]]\nname = \"Who\"\ntarget = \"Accounts\"\nto = \"one\"\njoin = { AccountId = \"Id\" }\n";
    desk.write("order.toml", &(text.clone() + own));
    desk.draft(&orders());
    assert_eq!(desk.text("order.toml"), text + own);
    assert_eq!(desk.navigations(), ["Accounts.Orders -> Orders*", "Orders.Who -> Accounts"]);
}

#[test]
fn files_that_cannot_be_read_stop_everything() {
    let mut desk = Desk::new();
    desk.draft(&orders());
    let good = desk.existing.clone();
    for (file, text, key) in [
        ("account.toml", "version = 1\nset =", "line 2, column 6"),
        ("account.toml", "version = 1\nset = 1", "key"),
        ("service.toml", "version = 1\nsource = \"other\"\n", "source"),
        ("introspect.lock", "version = 3\n", "version"),
        ("types.toml", "version = 1\nx = 1\n", "x"),
    ] {
        desk.existing = good.clone();
        desk.write(file, text);
        let problems = draft(&orders(), &desk.existing, &options()).unwrap_err();
        let found: Vec<_> = problems.iter().map(|it| (it.file.as_str(), it.key.as_str())).collect();
        assert!(found.contains(&(format!("erp/{file}").as_str(), key)), "{found:?}");
    }
    // A list in brackets cannot be added to.
    desk.existing = good;
    let own = "version = 1\nset = \"Accounts\"\ntype = \"Account\"\ntable = \"accounts\"\nkey = [\"Id\"]\n\
               property = [{ name = \"Id\", column = \"id\", type = \"Int32\", nullable = false }]\n";
    desk.write("account.toml", own);
    let mut more = orders();
    more.relations[0].columns.push(column("new", INT));
    let problems = draft(&more, &desk.existing, &options()).unwrap_err();
    assert!(problems[0].wrong.starts_with("nothing can be added to this file"), "{problems:?}");
}
