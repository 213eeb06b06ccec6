//! Databases change and people edit; the next draft keeps both.

use super::schema::{create, spelled};
use super::{check, folder, introspect, penstock, setup, snapshot};
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::read_text;

#[test]
fn edits_stay_and_changes_are_told() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "introspect_rerun") else { continue };
        create(&database);
        let setup = setup(&database);
        introspect(&setup, &[]);
        let path = |name: &str| folder(&setup).join(name);
        let edit = |name: &str, from: &str, to: &str| {
            let text = read_text(&path(name));
            assert!(text.contains(from), "{}: {name} has no {from:?}:\n{text}", kind.name());
            std::fs::write(path(name), text.replacen(from, to, 1)).unwrap();
        };
        // People rename, take out and comment.
        edit("people.toml", "set = \"People\"", "set = \"Staff\"   # renamed");
        edit("order.toml", "target = \"People\"", "target = \"Staff\"");
        edit("order.toml", "target = \"People\"", "target = \"Staff\"");
        edit("tag.toml", "target = \"People\"", "target = \"Staff\"");
        let text = read_text(&path("order.toml"));
        let (start, rest) = text.split_once("[[property]]\nname = \"Note\"").unwrap();
        let (_, end) = rest.split_once("\n\n").unwrap();
        std::fs::write(path("order.toml"), format!("{start}{end}")).unwrap();
        std::fs::remove_file(path("alone.toml")).unwrap();
        let edited = snapshot(&folder(&setup));
        check(&setup);
        assert_eq!(introspect(&setup, &[]).files(), [""; 0]);
        assert_eq!(snapshot(&folder(&setup)), edited);

        // The database changes.
        let wider = match kind {
            Kind::Postgres => "alter table people alter column name type varchar(80);",
            Kind::Mariadb => "alter table people modify column name varchar(80) not null;",
            Kind::Sqlite => "",
        };
        let changes = "drop view known; drop view seen; alter table orders add column [net price] integer;
            alter table tags add column orders integer; alter table hens rename column egg_id to first_egg_id;
            create table shops (id integer not null primary key, boss_id integer not null, \
            foreign key (boss_id) references people (id));";
        database.run(&spelled(kind, &format!("{changes}{wider}")));
        let report = introspect(&setup, &[]);
        let added = report.notes("added").join("\n");
        for expected in [
            "orders.net price: column added as property `NetPrice`",
            "tags.orders: column added as property `Orders`",
            "people: navigation property `Shops` added",
        ] {
            assert!(added.contains(expected), "{}: {expected}: {added}", kind.name());
        }
        assert!(report.notes("gone").iter().any(|it| it.starts_with("hens.egg_id: ")));
        assert!(
            read_text(&path("hen.toml"))
                .contains("# gone: the database no longer has this column.\n[[property]]\nname = \"EggId\"")
        );
        assert!(read_text(&path("shop.toml")).contains("target = \"Staff\""));
        let drift = report.notes("drift");
        if kind == Kind::Sqlite {
            assert_eq!(drift, [""; 0]);
        } else {
            assert!(drift.len() == 1 && drift[0].starts_with("people.name: the database went from"), "{drift:?}");
        }
        for (file, text) in &edited {
            let now = read_text(file);
            let kept = now.replace("# gone: the database no longer has this column.\n", "");
            assert!(kept.starts_with(text.as_str()) || file.ends_with("introspect.lock"), "{now}");
        }
        assert!(!path("alone.toml").exists());
        let wrong = penstock(&setup, "check", &["--strict"]).unwrap_err();
        assert!(wrong.contains("hen.toml: property.2.column: table `hens` has no column `egg_id`"), "{wrong}");
        assert_eq!(introspect(&setup, &[]).files(), [""; 0]);
    }
}
