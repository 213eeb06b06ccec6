//! Columns that hold local times of a zone.

use crate::support::databases::Kind;

use super::harness::{case, run_with};

const LOCAL: &str = "type = \"DateTimeOffset\"\nstored = \"local\"";

#[test]
fn postgres_knows_the_rules_of_zones() {
    let cases = [
        case(
            "timestamp",
            LOCAL,
            &[
                // Before there were zones, Berlin had a mean time of its own.
                ("'1850-01-01 00:00:00'", "\"1849-12-31T23:06:32Z\""),
                ("'1945-07-01 00:00:00'", "\"1945-06-30T21:00:00Z\""),
                ("'2024-03-31 01:59:59.999999'", "\"2024-03-31T00:59:59.999999Z\""),
                ("'2024-03-31 03:00:00'", "\"2024-03-31T01:00:00Z\""),
                // An hour that the zone skips counts by the offset before.
                ("'2024-03-31 02:30:00'", "\"2024-03-31T01:30:00Z\""),
                ("'2024-10-27 01:59:59'", "\"2024-10-26T23:59:59Z\""),
                // An hour that it has twice is the second one.
                ("'2024-10-27 02:00:00'", "\"2024-10-27T01:00:00Z\""),
                ("'2024-10-27 03:00:00'", "\"2024-10-27T02:00:00Z\""),
                ("'12024-07-01 12:00:00'", "\"12024-07-01T10:00:00Z\""),
            ],
        )
        .refusing(&["'infinity'"]),
        case(
            "timestamp",
            "type = \"DateTimeOffset\"\nstored = \"local\"\nlenient = true",
            &[("'2024-07-01'", "\"2024-06-30T22:00:00Z\"")],
        )
        .voiding(&["'infinity'"]),
        case("timestamp", "type = \"DateTimeOffset\"", &[("'2024-07-01 12:00:00'", "\"2024-07-01T12:00:00Z\"")]),
        case("timestamptz", "type = \"DateTimeOffset\"", &[("'2024-07-01 12:00:00+02'", "\"2024-07-01T10:00:00Z\"")]),
    ];
    run_with(Kind::Postgres, ("", "zone = \"Europe/Berlin\"\n"), &cases);
    let fixed = [case("timestamp", LOCAL, &[("'2024-07-01 00:00:00'", "\"2024-07-01T05:30:00Z\"")])];
    run_with(Kind::Postgres, ("", "zone = \"-05:30\"\n"), &fixed);
}

#[test]
fn every_database_knows_differences_from_utc() {
    let cases = [
        case(
            "datetime(6)",
            LOCAL,
            &[
                ("'0001-01-02 00:00:00'", "\"0001-01-01T22:00:00Z\""),
                ("'1969-12-31 23:59:59.999999'", "\"1969-12-31T21:59:59.999999Z\""),
                ("'9999-12-31 23:59:59'", "\"9999-12-31T21:59:59Z\""),
            ],
        )
        .refusing(&["0"]),
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0\nstored = \"local\"\nlenient = true",
            &[("'2024-07-01 01:00:00'", "\"2024-06-30T23:00:00Z\"")],
        )
        .voiding(&["0", "'2024-05-00'"]),
        case("timestamp", "type = \"DateTimeOffset\"", &[("'2024-07-01 12:00:00'", "\"2024-07-01T12:00:00Z\"")]),
    ];
    run_with(Kind::Mariadb, ("set session sql_mode = '', time_zone = '+00:00'", "zone = \"+02:00\"\n"), &cases);
    let cases = [
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0\nstored = \"local\"",
            &[
                ("'0001-01-01 00:00:00'", "\"0001-01-01T03:30:00Z\""),
                ("'2024-02-28 22:00:00'", "\"2024-02-29T01:30:00Z\""),
                ("'9999-12-31 12:00:00'", "\"9999-12-31T15:30:00Z\""),
            ],
        )
        .refusing(&["'x'", "5", "'9999-12-31 23:59:59'"]),
        case(
            "datetime",
            "type = \"DateTimeOffset\"\nprecision = 0\nstored = \"local\"\nlenient = true",
            &[("'2024-02-28 22:00:00'", "\"2024-02-29T01:30:00Z\"")],
        )
        .voiding(&["'x'"]),
    ];
    run_with(Kind::Sqlite, ("", "zone = \"-03:30\"\n"), &cases);
}
