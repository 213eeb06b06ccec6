//! A thousand tables.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{introspect, setup};
use crate::support::databases::{Database, KINDS};

/// How long a draft of a thousand tables may take, unoptimised and on a machine that does other things too. Alone it is
/// a tenth of that.
const MOST: Duration = Duration::from_secs(30);

#[test]
fn a_thousand_tables_do_not_take_long() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "introspect_size") else { continue };
        let mut script = String::new();
        for number in 0..1_000 {
            let _ = write!(script, "create table t{number:04} (id integer not null primary key, up integer");
            for column in 0..20 {
                let _ = write!(script, ", column_{column} varchar({})", column + 10);
            }
            let target = number / 2;
            if number > 0 {
                let _ = write!(script, ", foreign key (up) references t{target:04} (id)");
            }
            script += ");";
            if number % 100 == 99 {
                database.run(&script);
                script.clear();
            }
        }
        let setup = setup(&database);
        let start = Instant::now();
        let report = introspect(&setup, &[]);
        let first = start.elapsed();
        assert_eq!(report.sets().len(), 1_000);
        let start = Instant::now();
        assert_eq!(introspect(&setup, &[]).files(), [""; 0]);
        let second = start.elapsed();
        eprintln!("{}: 1,000 tables drafted in {first:?}, again in {second:?}", kind.name());
        assert!(first < MOST && second < MOST, "{}: {first:?}, {second:?}", kind.name());
    }
}
