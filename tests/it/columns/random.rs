//! Random values of the types, asked for at random: the answers are compared with an evaluation in memory that knows of
//! each value no more than its place among all.
//!
//! `PENSTOCK_TEST_SEED` sets the seed.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use crate::differential::seed;
use crate::fuzz::random::Random;
use crate::support::databases::{Database, Kind, guid_text};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/random/";
const ROWS: usize = 90;
const QUESTIONS: usize = 25;
const PAGE_ROWS: usize = 7;

/// A value: as SQL, as it stands in JSON and, but for quotes, in a URL, and its place among all.
struct Drawn {
    sql: String,
    json: String,
    place: Place,
}

/// What orders the values of one type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Number(i128),
    Text(String),
    Bytes(Vec<u8>),
}

type Draw = fn(&mut Random) -> Drawn;

struct Tried {
    kind: Kind,
    declared: &'static str,
    property: &'static str,
    draw: Draw,
}

/// Whether a row is asked for.
type Wanted<'a> = &'a dyn Fn(&Option<Drawn>) -> bool;

fn number(value: i128) -> Drawn {
    Drawn { sql: value.to_string(), json: value.to_string(), place: Place::Number(value) }
}

fn text(sql: &str, json: &str) -> Drawn {
    Drawn { sql: format!("'{sql}'"), json: json.to_owned(), place: Place::Text(json.to_owned()) }
}

/// All 64 bits.
fn wide(random: &mut Random) -> u64 {
    (random.next() << 32) ^ random.next()
}

fn within(random: &mut Random, least: i128, most: i128) -> i128 {
    // Few different ones, and the ends among them.
    match random.below(8) {
        0 => least,
        1 => most,
        2 => least.max(0).min(most),
        _ => {
            let span = u128::try_from(most - least).unwrap().min(u128::from(u64::MAX) - 1);
            least + i128::from(wide(random) % (u64::try_from(span).unwrap() + 1))
        }
    }
}

/// A decimal with so many digits behind the point.
fn decimal(random: &mut Random, most: i128, scale: u32) -> Drawn {
    let units = within(random, -most, most);
    let (whole, fraction) = (units.unsigned_abs() / 10_u128.pow(scale), units.unsigned_abs() % 10_u128.pow(scale));
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{sign}{whole}.{fraction:0width$}", width = scale as usize);
    Drawn { sql: digits.clone(), json: digits, place: Place::Number(units) }
}

fn guid(random: &mut Random) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(random.next() % 3).to_be_bytes());
    bytes[8..].copy_from_slice(&wide(random).to_be_bytes());
    // A version and a variant, without which MariaDB takes none.
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

/// Microseconds since 1970 within some years, many of them whole seconds.
fn micros(random: &mut Random, from: i32, to: i32, step: i64) -> i64 {
    let of = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
    let (from, to) = (of(from).timestamp_micros(), of(to).timestamp_micros());
    let offset = i64::try_from(wide(random) % u64::try_from(to - from).unwrap()).unwrap();
    let step = if random.below(2) == 0 { 1_000_000 } else { step };
    (from + offset).div_euclid(step) * step
}

fn moment(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap().naive_utc()
}

/// As OData writes an instant: no zeros at the end.
fn instant(micros: i64) -> String {
    let text = moment(micros).format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    format!("{}Z", text.trim_end_matches('0').trim_end_matches('.'))
}

fn instants(micros: i64, zone: &str) -> Drawn {
    let sql = format!("'{}{zone}'", moment(micros).format("%Y-%m-%d %H:%M:%S%.6f"));
    Drawn { sql, json: instant(micros), place: Place::Number(micros.into()) }
}

/// A local time of Berlin and its instant, by the rule of the European Union.
fn berlin(random: &mut Random) -> Drawn {
    let mut local = moment(micros(random, 2000, 2037, 1));
    let change = |month: u32| {
        let last = NaiveDate::from_ymd_opt(local.year(), month, 31).unwrap();
        last - TimeDelta::days(i64::from(last.weekday().num_days_from_sunday()))
    };
    let (spring, autumn) = (change(3), change(10));
    if random.below(2) == 0 {
        // Around a change.
        let day = if random.below(2) == 0 { spring } else { autumn };
        let minute = i64::try_from(random.below(300)).unwrap();
        local = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute);
    }
    let summer = local >= spring.and_hms_opt(3, 0, 0).unwrap() && local < autumn.and_hms_opt(2, 0, 0).unwrap();
    let utc = local - TimeDelta::hours(if summer { 2 } else { 1 });
    let micros = utc.and_utc().timestamp_micros();
    let sql = format!("'{}'", local.format("%Y-%m-%d %H:%M:%S%.6f"));
    Drawn { sql, json: instant(micros), place: Place::Number(micros.into()) }
}

fn day(random: &mut Random, from: i32, to: i32) -> Drawn {
    let micros = micros(random, from, to, 86_400_000_000).div_euclid(86_400_000_000) * 86_400_000_000;
    let text = moment(micros).format("%Y-%m-%d").to_string();
    Drawn { sql: format!("'{text}'"), json: text, place: Place::Number(micros.into()) }
}

fn clock(random: &mut Random) -> Drawn {
    let micros = micros(random, 1970, 1971, 1).rem_euclid(86_400_000_000);
    let text = instant(micros).trim_start_matches("1970-01-01T").trim_end_matches('Z').to_owned();
    Drawn { sql: format!("'{text}'"), json: text, place: Place::Number(micros.into()) }
}

const TRIED: &[Tried] = &[
    Tried { kind: Kind::Postgres, declared: "smallint", property: "Int16", draw: |r| number(within(r, -32768, 32767)) },
    Tried {
        kind: Kind::Postgres,
        declared: "bigint",
        property: "Int64",
        draw: |r| number(within(r, i64::MIN.into(), i64::MAX.into())),
    },
    Tried {
        kind: Kind::Postgres,
        declared: "numeric(20,5)",
        property: "Decimal\"\nprecision = 20\nscale = \"5",
        draw: |r| decimal(r, 99_999_999_999_999_999_999, 5),
    },
    Tried {
        kind: Kind::Postgres,
        declared: "money",
        property: "Decimal\"\nprecision = 19\nscale = 2\ncast = \"true",
        draw: |r| {
            let drawn = decimal(r, 9_223_372_036_854_775_807, 2);
            Drawn { sql: format!("({})::numeric::money", drawn.sql), ..drawn }
        },
    },
    Tried {
        kind: Kind::Postgres,
        declared: "timestamptz",
        property: "DateTimeOffset",
        draw: |r| instants(micros(r, 1600, 9999, 1), "+00"),
    },
    Tried { kind: Kind::Postgres, declared: "timestamp", property: "DateTimeOffset\"\nstored = \"local", draw: berlin },
    Tried { kind: Kind::Postgres, declared: "date", property: "Date", draw: |r| day(r, 1, 9999) },
    Tried { kind: Kind::Postgres, declared: "time", property: "TimeOfDay", draw: clock },
    Tried {
        kind: Kind::Postgres,
        declared: "uuid",
        property: "Guid",
        draw: |r| {
            let bytes = guid(r);
            Drawn { place: Place::Bytes(bytes.to_vec()), ..text(&guid_text(bytes).to_uppercase(), &guid_text(bytes)) }
        },
    },
    Tried {
        kind: Kind::Postgres,
        declared: "inet",
        property: "String\"\ncast = \"true",
        draw: |r| {
            let address = format!("10.{}.{}.1", r.below(300) % 256, r.below(3));
            text(&address, &format!("{address}/32"))
        },
    },
    Tried {
        kind: Kind::Postgres,
        declared: "citext",
        property: "String\"\ncollation = \"folding",
        draw: |r| {
            let word: String = (0..r.below(4)).map(|_| ['a', 'A', 'b', 'B', 'ä'][r.below(5)]).collect();
            text(&word, &word)
        },
    },
    Tried {
        kind: Kind::Postgres,
        declared: "bit(12)",
        property: "String\"\ncast = \"true",
        draw: |r| {
            let bits = format!("{:012b}", r.below(4_096));
            text(&bits, &bits)
        },
    },
    Tried { kind: Kind::Mariadb, declared: "tinyint unsigned", property: "Byte", draw: |r| number(within(r, 0, 255)) },
    Tried {
        kind: Kind::Mariadb,
        declared: "bigint unsigned",
        property: "Decimal\"\nprecision = 20\nscale = \"0",
        draw: |r| number(within(r, 0, u64::MAX.into())),
    },
    Tried {
        kind: Kind::Mariadb,
        declared: "bit(64)",
        property: "Decimal\"\nprecision = 20\nscale = \"0",
        draw: |r| number(within(r, 0, u64::MAX.into())),
    },
    Tried { kind: Kind::Mariadb, declared: "bit(16)", property: "Int32", draw: |r| number(within(r, 0, 65_535)) },
    Tried { kind: Kind::Mariadb, declared: "year", property: "Int16", draw: |r| number(within(r, 1901, 2155)) },
    Tried {
        kind: Kind::Mariadb,
        declared: "decimal(30,8)",
        property: "Decimal\"\nprecision = 30\nscale = \"8",
        draw: |r| decimal(r, 999_999_999_999_999_999_999_999_999_999, 8),
    },
    Tried { kind: Kind::Mariadb, declared: "date", property: "Date", draw: |r| day(r, 1, 9999) },
    Tried {
        kind: Kind::Mariadb,
        declared: "datetime(3)",
        property: "DateTimeOffset\"\nprecision = 3\nstored = \"local",
        draw: |r| {
            let micros = micros(r, 1000, 9990, 1_000);
            Drawn { sql: instants(micros + 5_400_000_000, "").sql, ..instants(micros, "") }
        },
    },
    Tried {
        kind: Kind::Mariadb,
        declared: "timestamp(6)",
        property: "DateTimeOffset",
        draw: |r| instants(micros(r, 1971, 2037, 1), ""),
    },
    Tried { kind: Kind::Mariadb, declared: "time(6)", property: "TimeOfDay", draw: clock },
    Tried {
        kind: Kind::Mariadb,
        declared: "binary(16)",
        property: "Guid\"\nstored = \"bytes",
        draw: |r| {
            let bytes = guid(r);
            let hex = guid_text(bytes).replace('-', "");
            Drawn { sql: format!("x'{hex}'"), json: guid_text(bytes), place: Place::Bytes(bytes.to_vec()) }
        },
    },
    Tried {
        kind: Kind::Mariadb,
        declared: "enum('sad','ok','happy')",
        property: "String\"\ncollation = \"folding\"\ncast = \"true",
        draw: |r| {
            let word = ["sad", "ok", "happy"][r.below(3)];
            text(word, word)
        },
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "integer",
        property: "Int64",
        draw: |r| number(within(r, i64::MIN.into(), i64::MAX.into())),
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "text",
        property: "Decimal\"\nprecision = 30\nscale = \"8",
        draw: |r| {
            let drawn = decimal(r, 999_999_999_999_999_999_999_999_999_999, 8);
            Drawn { sql: format!("'{}'", drawn.sql), ..drawn }
        },
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "datetime",
        property: "DateTimeOffset\"\nprecision = 3\ncast = \"true",
        draw: |r| {
            let micros = micros(r, 1, 9999, 1_000);
            let drawn = instants(micros, "");
            let text = instant(micros);
            let sql = match r.below(4) {
                0 => format!("'{text}'"),
                1 => format!("'{}+00:00'", text.trim_end_matches('Z')),
                2 if micros % 1_000_000 == 0 => (micros / 1_000_000).to_string(),
                _ => drawn.sql.clone(),
            };
            Drawn { sql, ..drawn }
        },
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "datetime",
        property: "DateTimeOffset\"\nprecision = 6\nstored = \"local",
        draw: |r| {
            let micros = micros(r, 2, 9998, 1);
            Drawn { sql: instants(micros + 5_400_000_000, "").sql, ..instants(micros, "") }
        },
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "any",
        property: "Guid\"\ncast = \"true",
        draw: |r| {
            let bytes = guid(r);
            let guid = guid_text(bytes);
            let sql = match r.below(3) {
                0 => format!("x'{}'", guid.replace('-', "")),
                1 => format!("'{}'", guid.to_uppercase()),
                _ => format!("'{guid}'"),
            };
            Drawn { sql, json: guid, place: Place::Bytes(bytes.to_vec()) }
        },
    },
    Tried {
        kind: Kind::Sqlite,
        declared: "integer",
        property: "String\"\ncast = \"true",
        draw: |r| {
            let value = number(within(r, -200, 200));
            Drawn { place: Place::Text(value.json.clone()), ..value }
        },
    },
];

/// Each type with literals that are drawn for it.
pub(crate) fn literals(kind: Kind, count: usize) -> Vec<(&'static str, Vec<String>)> {
    let mut random = Random::new(seed());
    let tried = TRIED.iter().filter(|tried| tried.kind == kind);
    tried.map(|tried| (tried.declared, (0..count).map(|_| (tried.draw)(&mut random).sql).collect())).collect()
}

fn property(tried: &Tried) -> String {
    // What stands without quotes in a file.
    let text = format!("type = \"{}\"", tried.property).replace("cast = \"true\"", "cast = true");
    ["5", "0", "8"].iter().fold(text, |text, digit| text.replace(&format!("\"{digit}\""), digit))
}

fn entity(name: &str, place: usize, tried: &Tried, rows: usize) -> String {
    format!(
        "version = 1\nset = \"{name}s\"\ntype = \"{name}\"\ntable = \"v{place}\"\nkey = [\"Id\"]\npage_rows_max = {rows}\n\
         [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"V\"\ncolumn = \"v\"\n{}\n",
        property(tried)
    )
}

fn in_url(tried: &Tried, json: &str) -> String {
    let literal = if tried.property.starts_with("String") { format!("'{json}'") } else { json.to_owned() };
    percent_encoding::utf8_percent_encode(&literal, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn rows(server: &TestServer, target: &str) -> Vec<Json> {
    let mut next = format!("{ROOT}{target}");
    let mut rows = Vec::new();
    loop {
        let page = server.json(&next);
        rows.extend_from_slice(page.get("value").and_then(Json::as_array).unwrap());
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) => next = server.target_of(link).to_owned(),
            None => return rows,
        }
    }
}

fn ids(rows: &[Json]) -> Vec<usize> {
    rows.iter().map(|row| row.get("Id").and_then(Json::as_number).unwrap().parse().unwrap()).collect()
}

fn is_same(json: &Json, expected: &str) -> bool {
    match json {
        Json::String(text) => text == expected,
        Json::Number(digits) => BigDecimal::from_str(digits).unwrap() == BigDecimal::from_str(expected).unwrap(),
        _ => false,
    }
}

fn try_all(kind: Kind, zone: &str, prelude: &str) {
    let Some(database) = Database::create(kind, "random") else { return };
    if !prelude.is_empty() {
        database.run(prelude);
    }
    let mut random = Random::new(seed());
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.random]\nurl = \"{}\"\nzone = \"{zone}\"\npool_max = 2\n{decimals}\
         [services.random]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let mut setup =
        Setup::new(&config).file("metadata/service.toml", "version = 1\nnamespace = \"Random\"\nsource = \"random\"\n");
    let tried: Vec<&Tried> = TRIED.iter().filter(|tried| tried.kind == kind).collect();
    let mut tables: Vec<Vec<Option<Drawn>>> = Vec::new();
    for (place, tried) in tried.iter().enumerate() {
        let mut drawn: Vec<Option<Drawn>> = Vec::new();
        let mut script = format!("create table v{place} (id int primary key, v {} null); ", tried.declared);
        for id in 0..ROWS {
            let value = if random.below(10) == 0 { None } else { Some((tried.draw)(&mut random)) };
            let sql = value.as_ref().map_or("null", |value| &value.sql);
            writeln!(script, "insert into v{place} values ({id}, {sql});").unwrap();
            drawn.push(value);
        }
        database.run(&script);
        tables.push(drawn);
        for (name, rows) in [(format!("V{place}"), 2_000), (format!("P{place}"), PAGE_ROWS)] {
            setup = setup.file(&format!("metadata/{name}.toml"), &entity(&name, place, tried, rows));
        }
    }
    let server = setup.start();
    for ((place, tried), table) in tried.iter().enumerate().zip(&tables) {
        let what = format!("{} {} (seed {})", kind.name(), tried.declared, seed());
        for (row, drawn) in rows(&server, &format!("V{place}s?$orderby=Id")).iter().zip(table) {
            let found = row.get("V").unwrap();
            let is_right = drawn.as_ref().map_or(*found == Json::Null, |drawn| is_same(found, &drawn.json));
            assert!(is_right, "{what}: {row} instead of {:?}", drawn.as_ref().map(|drawn| &drawn.json));
        }
        for descending in [false, true] {
            let mut expected: Vec<usize> = (0..ROWS).collect();
            expected.sort_by_key(|id| (table[*id].as_ref().map(|drawn| drawn.place.clone()), *id));
            if descending {
                expected.reverse();
            }
            for set in ["V", "P"] {
                let direction = if descending { "desc" } else { "asc" };
                let found = ids(&rows(&server, &format!("{set}{place}s?$select=Id&$orderby=V%20{direction}")));
                assert_eq!(found, expected, "{what}: {set} $orderby=V {direction}");
            }
        }
        for _ in 0..QUESTIONS {
            let pivot = table.iter().flatten().nth(random.below(ROWS / 2)).unwrap();
            let other = (tried.draw)(&mut random);
            let literal = in_url(tried, &pivot.json);
            let compare = |drawn: &Option<Drawn>| drawn.as_ref().map(|drawn| drawn.place.cmp(&pivot.place));
            let questions: [(String, Wanted<'_>); 6] = [
                (format!("V%20eq%20{literal}"), &|it| compare(it) == Some(Ordering::Equal)),
                (format!("V%20ne%20{literal}"), &|it| compare(it) != Some(Ordering::Equal)),
                (format!("V%20gt%20{literal}"), &|it| compare(it) == Some(Ordering::Greater)),
                (format!("V%20le%20{literal}"), &|it| matches!(compare(it), Some(Ordering::Less | Ordering::Equal))),
                (format!("not%20(V%20lt%20{literal})"), &|it| compare(it) != Some(Ordering::Less)),
                (format!("V%20in%20({literal},{})", in_url(tried, &other.json)), &|it| {
                    it.as_ref().is_some_and(|it| it.place == pivot.place || it.place == other.place)
                }),
            ];
            let (filter, wanted) = &questions[random.below(questions.len())];
            let expected: Vec<usize> = (0..ROWS).filter(|id| wanted(&table[*id])).collect();
            let found = ids(&rows(&server, &format!("V{place}s?$select=Id&$orderby=Id&$filter={filter}")));
            assert_eq!(found, expected, "{what}: {filter}");
        }
    }
}

#[test]
fn postgres_finds_random_values() {
    try_all(Kind::Postgres, "Europe/Berlin", "create extension citext");
}

#[test]
fn mariadb_finds_random_values() {
    try_all(Kind::Mariadb, "+01:30", "set session time_zone = '+00:00'");
}

#[test]
fn sqlite_finds_random_values() {
    try_all(Kind::Sqlite, "+01:30", "");
}
