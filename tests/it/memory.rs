//! Memory and readers that do not read: an answer that waits for its reader holds its bytes and nothing else, all such
//! bytes together stay within the budget, and what was held is given back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::support::databases::{Database, KINDS, Kind};
use crate::support::http::connect;
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/heavy/";
const ROWS: usize = 2_000;
/// Characters of each text: a page does not fit into the buffers of a socket.
const WIDTH: usize = 8_000;
/// At least what a page has.
const PAGE_BYTES: usize = ROWS * WIDTH;
const PAGE_BYTES_MAX: usize = 20_000_000;
const BUDGET: usize = 50_000_000;
/// Their answers together would need several times the budget.
const READERS: usize = 12;

/// A view whose page is long, and a table that answers at once.
fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "heavy")?;
    let text = match kind {
        Kind::Sqlite => format!("replace(hex(zeroblob({})), '0', 'x')", WIDTH / 2),
        Kind::Postgres | Kind::Mariadb => format!("repeat('x', {WIDTH})"),
    };
    database.run("create table light (id int not null primary key, word varchar(20))");
    let rows: Vec<Vec<Value>> =
        (0..2_000).map(|number| vec![Value::Int(number), Value::String("ready".into())]).collect();
    database.insert("light", &["id", "word"], &rows);
    database.run(&format!("create view heavy as select id, {text} as word from light"));
    Some(database)
}

fn serve(url: &str) -> TestServer {
    let file = |set: &str, table: &str| {
        format!(
            "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"{table}\"\nkey = [\"Id\"]\n\
             [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
             [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\n"
        )
    };
    let config = format!(
        "[limits]\npage_bytes_max = {PAGE_BYTES_MAX}\nbytes_in_flight_max = {BUDGET}\n\
         [sources.heavy]\nurl = \"{url}\"\npool_max = 1\nacquire_timeout_ms = 5000\n\
         [services.heavy]\nmetadata = [\"metadata\"]\nanonymous = true\n"
    );
    Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Heavy\"\nsource = \"heavy\"\n")
        .file("metadata/light.toml", &file("Light", "light"))
        .file("metadata/heavy.toml", &file("Heavy", "heavy"))
        .start()
}

/// Asks for the long page and reads no further than the head of the answer.
fn ask(server: &TestServer) -> (u16, TcpStream) {
    let mut stream = connect(server.address).unwrap();
    write!(stream, "GET {ROOT}Heavy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    (head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{head}")), stream)
}

/// Connections of the server on which a statement runs, as the database itself sees them.
fn busy(database: &Database) -> i64 {
    match database.kind {
        Kind::Sqlite => 0,
        Kind::Postgres => database.number(
            "select count(*) from pg_stat_activity where application_name = 'penstock' and state <> 'idle' \
             and datname = current_database()",
        ),
        Kind::Mariadb => database.number(
            "select count(*) from information_schema.processlist where command <> 'Sleep' and db = database() \
             and id <> connection_id()",
        ),
    }
}

/// Memory of the process that is its own, and not the map of a file.
fn resident(server: &TestServer) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
}

#[test]
fn a_reader_that_does_not_read_holds_no_connection() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url);
        let (status, mut reader) = ask(&server);
        assert_eq!(status, 200, "{}", kind.name());
        assert_eq!(busy(&database), 0, "{}", kind.name());
        for _ in 0..10 {
            // On the only connection that the source may have.
            assert_eq!(server.get(&format!("{ROOT}Light?$top=1")).status, 200, "{}: {}", kind.name(), server.log());
        }
        let mut body = Vec::new();
        let mut part = vec![0; 1 << 20];
        loop {
            std::thread::sleep(Duration::from_millis(5));
            match reader.read(&mut part).unwrap() {
                0 => break,
                length => body.extend_from_slice(&part[..length]),
            }
        }
        let page = Json::read(std::str::from_utf8(&body).unwrap()).unwrap();
        let rows = page.get("value").and_then(Json::as_array).unwrap();
        assert_eq!(rows.len(), ROWS, "{}", kind.name());
        assert!(body.len() > PAGE_BYTES);
    }
}

#[test]
fn answers_in_flight_stay_within_the_budget_and_give_it_back() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url);
        assert_eq!(server.get(&format!("{ROOT}Light?$top=1")).status, 200);
        let before = resident(&server);
        for round in 0..2 {
            let what = format!("{}, round {round}", kind.name());
            let answers: Vec<_> = (0..READERS).map(|_| ask(&server)).collect();
            let served = answers.iter().filter(|(status, _)| *status == 200).count();
            assert!((1..=BUDGET / PAGE_BYTES).contains(&served), "{what}: {served} answers are in flight");
            assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 503)), "{what}");
            let held = resident(&server) - before;
            assert!(held > PAGE_BYTES * served / 2, "{what}: only {held} bytes are held, so nothing is measured");
            // The allocator keeps some of what was freed, but nothing grows with the number of readers.
            assert!(held < 2 * BUDGET + (32 << 20), "{what}: {held} bytes are held");
            drop(answers);
            // What was refused holds nothing, and what was dropped holds nothing any more.
            let start = Instant::now();
            while ask(&server).0 != 200 {
                assert!(start.elapsed() < Duration::from_secs(10), "{what}: the budget stays used up");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}
