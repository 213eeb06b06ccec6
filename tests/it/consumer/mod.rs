//! A look-alike of Salesforce Connect, the consumer that this server is made for. `org` is the consumer itself and
//! knows nothing of the demo; `tour` goes through its screens; `oracle` knows what each answer must be, from the
//! generator's rows and not from the server; `broken` proves that the look-alike finds what is wrong.

mod broken;
mod oracle;
mod org;
mod others;
mod tour;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use oracle::Oracle;
use org::people::People;
use org::{Adapter, DataSource, Paging, Settings, View};
use tour::{BRIEF, Depth, THOROUGH};

use crate::salesforce::demo_setup;
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::http::Client;
use crate::support::server::TestServer;
use crate::support::{project, read_text};

const ROOT: &str = "/odata/v4/erp/";

/// Whether Salesforce can sync what `$metadata` describes.
pub(crate) fn can_sync(document: &str) -> Result<(), String> {
    org::read_metadata(document).map(drop).map_err(|wrong| wrong.0)
}

/// What Salesforce would make of `$metadata`: each field by object and name, in few words.
pub(crate) fn synced(document: &str) -> Result<BTreeMap<String, String>, String> {
    let objects = org::read_metadata(document).map_err(|wrong| wrong.0)?;
    let mut fields = BTreeMap::new();
    for object in &objects {
        for (place, field) in object.fields.iter().enumerate() {
            let lookup = object.lookups.iter().find(|lookup| lookup.field == place);
            let kind = match (lookup, field.kind) {
                (Some(lookup), _) => format!("ExternalLookup {}__x", lookup.parent),
                (None, org::Kind::Text(length)) => format!("Text {length}"),
                (None, org::Kind::LongText(length)) => format!("LongTextArea {length}"),
                (None, org::Kind::Number(before, behind)) => format!("Number {} {behind}", before + behind),
                (None, org::Kind::Checkbox) => "Checkbox".to_owned(),
                (None, org::Kind::DateTime) => "DateTime".to_owned(),
            };
            fields.insert(format!("{}.{} = {}", object.name, field.name, field.column), kind);
        }
    }
    Ok(fields)
}

/// A server with the demo's model, whose pages have at most so many rows. `more` are further settings.
fn paged(sources: &str, rows: u64, more: &str) -> TestServer {
    let mut setup = demo_setup(sources, more);
    for folder in ["metadata/erp", "metadata/warehouse"] {
        let file = format!("{folder}/service.toml");
        let text = read_text(&project(&file));
        setup = setup.file(&file, &format!("{text}page_rows_max = {rows}\n"));
    }
    setup.start()
}

/// One tour, each of whose answers the oracle judges.
fn tour_of(server: &TestServer, settings: &Settings, depth: Depth, oracle: &Rc<Oracle>) -> DataSource {
    let wire = Box::new(Client::new(server.address));
    let mut data = DataSource::new(settings.clone(), wire).judged_by(oracle.clone());
    let seen = tour::tour(&mut data, depth).unwrap_or_else(|wrong| panic!("{settings:?}: {}", wrong.0));
    println!("{settings:?}: {seen:?} {:?}", data.callouts);
    let tables: Vec<&str> = data.objects.iter().map(|object| object.table.as_str()).collect();
    assert_eq!(tables.len(), oracle.tables().len(), "{tables:?}");
    // The tour must have met what it is about.
    assert!(seen.related > 10 && seen.parents > 50 && seen.found > 10, "{seen:?}");
    assert!(seen.searched_fields >= 150 && seen.pages > 10 && data.callouts.sent > 200, "{seen:?} {:?}", data.callouts);
    // The longest chain of a search, with all its brackets and quotes encoded.
    assert!(data.callouts.target_max > if settings.free_text { 1_000 } else { 8_192 }, "{:?}", data.callouts);
    data
}

#[test]
fn every_screen_shows_what_the_demo_holds() {
    let oracle = Oracle::new(demo::sets());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let server = TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], folder);
    let base = tour::settings(&format!("http://{}{ROOT}", server.address));
    let data = tour_of(&server, &base, THOROUGH, &oracle);
    // Only what Salesforce's numbers are known to be too small for.
    let misfits: Vec<&str> = data.misfits.iter().map(String::as_str).collect();
    assert_eq!(
        misfits,
        [
            "OrderLines.Discount: numbers beyond 10 and 8 digits",
            "Products.Weight: numbers beyond 10 and 8 digits",
            "StockLevels.OnHand: numbers beyond 18 and 0 digits",
        ]
    );
    let uncounted = Settings { row_counts: false, free_text: true, ..base.clone() };
    tour_of(&server, &uncounted, BRIEF, &oracle);
    let of_4_01 = Settings { adapter: Adapter::V401, row_counts: false, ..base };
    tour_of(&server, &of_4_01, BRIEF, &oracle);
    tour_of(&server, &Settings { paging: Paging::Server, free_text: true, ..of_4_01 }, BRIEF, &oracle);
}

/// Pages of 200, as is recommended where the producer decides, and links on a public host.
#[test]
fn every_screen_shows_it_along_next_links() {
    let oracle = Oracle::new(demo::sets());
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let url = "https://erp.example.com/odata/v4/erp/";
    let server = paged(&databases.sources, 200, "public_url = \"https://erp.example.com\"\n");
    let settings = Settings { paging: Paging::Server, ..tour::settings(url) };
    tour_of(&server, &settings, Depth { rows: 25_000, ..THOROUGH }, &oracle);
    tour_of(&server, &Settings { row_counts: false, free_text: true, ..settings }, BRIEF, &oracle);
}

#[test]
fn every_screen_shows_it_from_every_database() {
    let oracle = Oracle::new(demo::sets());
    for kind in KINDS {
        if kind == Kind::Sqlite {
            continue; // this is the demo itself
        }
        let Some(databases) = demo::databases(kind) else { continue };
        let server = paged(&databases.sources, 2_000, "");
        let base = tour::settings(&format!("http://{}{ROOT}", server.address));
        tour_of(&server, &base, Depth { columns: 4, rows: 25_000, only: &[] }, &oracle);
        let other = Settings { adapter: Adapter::V401, paging: Paging::Server, free_text: true, ..base };
        tour_of(&server, &other, BRIEF, &oracle);
    }
}

/// Long rows fill a page before there are many of them: it ends, and a link goes on.
#[test]
fn pages_end_where_they_are_too_large_and_go_on() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = demo_setup(&databases.sources, "[limits]\npage_bytes_max = 50000\n").start();
    let settings = Settings { paging: Paging::Server, ..tour::settings(&format!("http://{}{ROOT}", server.address)) };
    let wire = Box::new(Client::new(server.address));
    let mut data = DataSource::new(settings, wire).judged_by(Oracle::new(demo::sets()));
    data.validate_and_sync().unwrap();
    let object = data.object("Products").unwrap();
    let everything = View { columns: object.fields_that(|_| true), ..View::default() };
    let answer = data.batch(&object, &everything, 2_000).unwrap();
    assert!(answer.pages > 4 && answer.page_bytes < 60_000, "{} pages, {} bytes", answer.pages, answer.page_bytes);
    let report = data.report(&object, &everything, 333).unwrap();
    assert!(report.pages > 2 && report.rows.len() == 333, "{} pages", report.pages);
}

/// The load of people, in short and without a rest.
#[test]
fn people_work_at_the_same_time() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = paged(&databases.sources, 2_000, "");
    let settings = tour::settings(&format!("http://{}{ROOT}", server.address));
    let (time, think) = (Duration::from_secs(8), Duration::from_millis(5));
    let seen = People { settings, address: server.address, number: 3, time, think }.work().unwrap();
    assert!(seen.wrong_answers == 0, "{}", seen.wrong.join("\n"));
    for screen in ["register", "list", "next page", "record", "related", "search"] {
        assert!(seen.screens.contains_key(screen), "nobody opened {screen}: {:?}", seen.screens.keys());
    }
    assert!(seen.sessions > 3 && seen.callouts > 30 && seen.bytes > 10_000, "{seen:?}");
}
