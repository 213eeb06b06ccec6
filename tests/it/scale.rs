//! A service of a thousand sets: it starts on databases that are reachable, holds little memory, and each set answers
//! as in a small service.

use std::fmt::Write as _;

use crate::support::databases::{Database, KINDS, Kind};
use crate::support::server::{Setup, TestServer};

const SETS: usize = 1_000;
/// Columns of each table beside its key and the reference to another.
const COLUMNS: usize = 12;
/// Promised for a thousand sets.
const MEMORY_MAX: u64 = 150_000_000;

fn file(number: usize) -> String {
    let mut text = format!(
        "version = 1\nset = \"Set{number:04}\"\ntype = \"Type{number:04}\"\ntable = \"t{number:04}\"\nkey = [\"Id\"]\n\
         description = \"Table number {number} of the ERP.\"\n\
         [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"ParentId\"\ncolumn = \"parent_id\"\ntype = \"Int32\"\n"
    );
    for column in 0..COLUMNS {
        let form =
            ["type = \"String\"\nmax_length = 80", "type = \"Int32\"", "type = \"Decimal\"\nprecision = 18\nscale = 2"];
        let form = form[column % form.len()];
        let described = format!("description = \"What column {column} holds.\"");
        writeln!(text, "[[property]]\nname = \"Column{column}\"\ncolumn = \"c{column}\"\n{form}\n{described}").unwrap();
    }
    let (parent, child) = ((number * 7 + 1) % SETS, (number * 3 + 2) % SETS);
    text + &format!(
        "[[navigation]]\nname = \"Parent\"\ntarget = \"Set{parent:04}\"\nto = \"one\"\njoin = {{ ParentId = \"Id\" }}\n\
         [[navigation]]\nname = \"Children\"\ntarget = \"Set{child:04}\"\nto = \"many\"\njoin = {{ Id = \"ParentId\" }}\n"
    )
}

fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "scale")?;
    // Only some tables are there: a server does not ask for them at its start.
    for number in [7, 50, 23, 999] {
        let columns = ["varchar(80)", "int", "numeric(18,2)"];
        let columns: Vec<String> = (0..COLUMNS).map(|column| format!(", c{column} {}", columns[column % 3])).collect();
        let columns = columns.concat();
        database.run(&format!("create table t{number:04} (id int not null primary key, parent_id int{columns})"));
        database.run(&format!("insert into t{number:04} (id, parent_id, c1) values (1, 1, {number}), (2, 1, null)"));
    }
    Some(database)
}

fn serve(url: &str) -> TestServer {
    let config =
        format!("[sources.erp]\nurl = \"{url}\"\n[services.erp]\nmetadata = [\"metadata\"]\nanonymous = true\n");
    let mut setup = Setup::new(&config);
    setup = setup.file("metadata/service.toml", "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n");
    for number in 0..SETS {
        setup = setup.file(&format!("metadata/set{number:04}.toml"), &file(number));
    }
    setup.start()
}

#[test]
fn a_thousand_sets_are_served_in_little_memory() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url);
        let get = |target: &str| {
            let response = server.get(&format!("/odata/v4/erp/{target}"));
            assert_eq!(response.status, 200, "{kind:?} {target}: {}", response.text());
            response.text().to_owned()
        };
        let metadata = get("$metadata");
        assert_eq!(metadata.matches("<EntitySet ").count(), SETS);
        assert_eq!(metadata.matches("<Property ").count(), SETS * (COLUMNS + 2));
        assert_eq!(get("").matches("\"kind\":\"EntitySet\"").count(), SETS);
        get("$metadata?$format=json");
        let rows = get(
            "Set0007?$filter=Parent/Column1 eq 50 or Column1 eq null&$select=Id,Column1&$expand=Children($select=Id)"
                .replace(' ', "%20")
                .as_str(),
        );
        assert_eq!(
            rows.split_once("\"value\":").unwrap().1,
            "[{\"Id\":1,\"Column1\":7,\"Children\":[{\"Id\":1},{\"Id\":2}]},{\"Id\":2,\"Column1\":null,\"Children\":[]}]}",
            "{kind:?}"
        );
        assert!(get("Set0999/$count").ends_with('2'));
        let memory = server.resident_bytes();
        assert!(memory < MEMORY_MAX, "{kind:?}: {memory} bytes");
    }
}
