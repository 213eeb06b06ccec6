//! Users who may read two tables and nothing else: all that is asked beside the statements themselves works, or is done
//! without.

use super::{ROOT, answers, serve, setup, tables};
use crate::sick::soon;
use crate::support::databases::{Database, KINDS, Kind};

#[test]
fn a_user_who_may_read_the_tables_gets_the_same_answers() {
    for kind in KINDS.into_iter().filter(|kind| *kind != Kind::Sqlite) {
        let Some(database) = Database::create(kind, "rights") else { continue };
        tables(&database);
        let expected = answers(&serve(&database.url, ""));
        let user = format!("{}_user", database.name());
        let (make, drop, url) = if kind == Kind::Postgres {
            (
                // Beyond the usual: nothing of the catalogue that is not needed to run statements.
                format!(
                    "create role {user} login; grant select on customers, orders to {user}; \
                     revoke select on pg_index, pg_inherits, pg_am, pg_stats, pg_statistic_ext from public; \
                     revoke execute on function pg_stat_get_tuples_inserted(oid) from public"
                ),
                format!("drop owned by {user}; drop role {user}"),
                database.url.replacen("postgres@", &format!("{user}@"), 1),
            )
        } else {
            let name = database.name();
            (
                format!(
                    "create user {user}@'%'; grant select on {name}.customers to {user}@'%'; \
                     grant select on {name}.orders to {user}@'%'"
                ),
                format!("drop user {user}@'%'"),
                database.url.replacen("root@", &format!("{user}@"), 1),
            )
        };
        database.run(&make);
        {
            let server = serve(&url, "");
            assert_eq!(answers(&server), expected, "{kind:?}");
            assert_eq!(server.get(&format!("{ROOT}Endless")).status, 500, "{kind:?}");
            assert_eq!(server.get("/health/ready").status, 200, "{kind:?}");
            // Warnings are of what was denied to the client, never of what we ask for ourselves.
            soon("the refusal is told", || server.log().contains("denies access"));
            let warnings = server.log().lines().filter(|line| line.contains(" WARN ")).count();
            assert_eq!(warnings, 2, "{kind:?}\n{}", server.log());

            // Statistics of changes: what is kept is dropped if they can be read, and ages by itself if not.
            let probed = setup(&url, "[cache]\nbytes_max = 1000000").file(
                "metadata/service.toml",
                "version = 1\nnamespace = \"Connect\"\nsource = \"erp\"\n[cache]\nttl_s = 60\nprobe_statistics = true\n",
            );
            let probed = probed.start();
            assert_eq!(probed.get(&format!("{ROOT}Orders(1)")).status, 200, "{kind:?}\n{}", probed.log());
        }
        database.run(&drop);
    }
}
