//! A look-alike of Salesforce Connect, the consumer that this server is made for. `org` is the consumer itself and knows
//! nothing of the demo; `tour` goes through its screens; `oracle` knows what each answer must be, from the generator's
//! rows and not from the server; `broken` proves that the look-alike finds what is wrong.

mod broken;
mod oracle;
mod org;
mod tour;

use std::rc::Rc;

use oracle::Oracle;
use org::people::People;
use org::{Adapter, DataSource, Paging, Settings};

use crate::salesforce::{demo_setup, serve_demo};
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::http::Client;
use crate::support::server::{Setup, TestServer};
use crate::support::{project, read_text};

const ROOT: &str = "/odata/v4/erp/";

/// A tour with each setting of the admin that changes what is sent.
fn tours(url: &str, server: &TestServer, paging: &[Paging], oracle: &Rc<Oracle>) {
    let base = tour::settings(url);
    let all = [
        base.clone(),
        Settings { row_counts: false, free_text: true, ..base.clone() },
        Settings { paging: Paging::Server, ..base.clone() },
        Settings { adapter: Adapter::V401, row_counts: false, ..base.clone() },
        Settings { adapter: Adapter::V401, paging: Paging::Server, free_text: true, ..base },
    ];
    for settings in all.into_iter().filter(|settings| paging.contains(&settings.paging)) {
        let mut data =
            DataSource::new(settings.clone(), Box::new(Client::new(server.address))).judged_by(oracle.clone());
        let seen = tour::tour(&mut data).unwrap_or_else(|wrong| panic!("{settings:?}: {}\n{}", wrong.0, server.log()));
        println!("{settings:?}: {seen:?} {:?}", data.callouts);
        let tables: Vec<&str> = data.objects.iter().map(|object| object.table.as_str()).collect();
        assert_eq!(tables.len(), oracle.tables().len(), "{tables:?}");
        // The tour must have met what it is about.
        assert!(seen.related > 10 && seen.parents > 50 && seen.found > 10, "{seen:?}");
        assert!(seen.searched_fields >= 150 && data.callouts.sent > 500, "{seen:?} {:?}", data.callouts);
        let misfits: Vec<&str> = data.misfits.iter().map(String::as_str).collect();
        assert_eq!(
            misfits,
            [
                "OrderLines.Discount: numbers beyond 10 and 8 digits",
                "Products.Weight: numbers beyond 10 and 8 digits",
                "StockLevels.OnHand: numbers beyond 18 and 0 digits",
            ]
        );
    }
}

#[test]
fn every_screen_shows_what_the_demo_holds() {
    let oracle = Oracle::new(demo::sets());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let server = TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], folder);
    let url = format!("http://{}{ROOT}", server.address);
    tours(&url, &server, &[Paging::Client, Paging::Server], &oracle);
}
