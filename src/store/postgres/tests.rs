//! Tests of connections: with a session of their own, and as behind a pooler, where nothing is kept between statements.

use std::ops::ControlFlow;

use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection};

use super::*;
use crate::edm::{Cell, Scalar, Value};
use crate::sql::Param;
use crate::store::tests::{postgres_address, settings};
use crate::store::{Access, Row, SessionValue, Tls, TlsMode};

fn server(url: &str, pooled: bool) -> Server {
    server_with(url, &Access { pooled, ..Access::default() })
}

fn server_with(url: &str, access: &Access) -> Server {
    let target = Target::new(&PgConnectOptions::from_str(url).unwrap(), &access.tls);
    Server {
        origin: settings(url).name,
        target,
        session: Session::new(access, 4321),
        pooled: AtomicBool::new(access.pooled),
        looks: AtomicBool::new(true),
    }
}

fn statement(text: &str, params: Vec<Param>, columns: &[Scalar]) -> Statement {
    Statement { text: text.to_owned(), params, columns: columns.to_vec() }
}

/// Keeps all cells as text, up to a number of rows.
struct Texts(Vec<String>, usize);

impl Sink for Texts {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let text = (0..3).map_while(|index| match row.cell(index) {
            Ok(Cell::Null) => Some("null".to_owned()),
            Ok(Cell::Int(value)) => Some(value.to_string()),
            Ok(Cell::Text(text)) => Some(format!("'{}'", text.as_str())),
            Ok(_) => Some("other".to_owned()),
            Err(_) => None,
        });
        self.0.push(text.collect::<Vec<_>>().join(" "));
        Ok(if self.0.len() < self.1 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    fn rewind(&mut self) {
        self.0.clear();
    }
}

async fn run(
    server: &Server,
    connection: &mut Box<Direct>,
    statement: &Statement,
    rows_max: usize,
) -> (Vec<String>, Result<End, Failure>) {
    let mut sink = Texts(Vec::new(), rows_max);
    let end = server.run(connection, statement, &mut sink).await;
    (sink.0, end)
}

async fn shown(server: &Server, connection: &mut Box<Direct>, name: &str) -> String {
    let text = format!("SELECT coalesce(current_setting('{name}', true), 'none')");
    let (rows, end) = run(server, connection, &statement(&text, vec![], &[Scalar::STRING]), 9).await;
    assert_eq!(end.unwrap(), End::Clean);
    rows[0].trim_matches('\'').to_owned()
}

#[tokio::test]
async fn settings_hold_with_a_session_and_without_one() {
    let Some(url) = postgres_address() else { return };
    for pooled in [false, true] {
        let access = Access {
            pooled,
            search_path: vec!["a\"b".to_owned(), "public".to_owned()],
            role: Some("pg_monitor".to_owned()),
            settings: vec![
                ("work_mem".to_owned(), SessionValue::Text("5MB".to_owned())),
                ("enable_hashjoin".to_owned(), SessionValue::Flag(false)),
                ("my.own".to_owned(), SessionValue::Text("it's \\ $1".to_owned())),
                ("jit_above_cost".to_owned(), SessionValue::Number(7)),
                // What is pinned wins, whatever gets here.
                ("timezone".to_owned(), SessionValue::Text("Asia/Tokyo".to_owned())),
            ],
            ..Access::default()
        };
        let server = server_with(&url, &access);
        let mut connection = server.connect().await.unwrap();
        for (name, value) in [
            ("statement_timeout", "4321ms"),
            ("transaction_read_only", "on"),
            ("client_connection_check_interval", "100ms"),
            ("search_path", "\"a\"\"b\", \"public\""),
            ("role", "pg_monitor"),
            ("work_mem", "5MB"),
            ("enable_hashjoin", "off"),
            ("my.own", "it's \\ $1"),
            ("jit_above_cost", "7"),
            ("TimeZone", "UTC"),
            ("DateStyle", "ISO, MDY"),
            ("application_name", "penstock"),
        ] {
            assert_eq!(shown(&server, &mut connection, name).await, value, "{name} {pooled}");
        }
        // Nothing of it stays on a connection of a pooler.
        let rows = connection.ask("SELECT current_setting('work_mem'), current_setting('role')").await.unwrap();
        let stays = rows[0].iter().map(|text| text.as_deref().unwrap()).collect::<Vec<_>>();
        assert_eq!(stays, if pooled { ["4MB", "none"] } else { ["5MB", "pg_monitor"] });
        // Beyond the limit, also if it came with the statement itself.
        let slow = statement("SELECT pg_sleep(30)", vec![], &[Scalar::STRING]);
        let (_, end) = run(&server, &mut connection, &slow, 9).await;
        assert!(matches!(end.unwrap_err().error, StoreError::Slow { .. }));
        assert_eq!(shown(&server, &mut connection, "role").await, "pg_monitor");
        // Whoever changes something may; the rest holds.
        let mut connection = server.connect_to_change().await.unwrap();
        assert_eq!(shown(&server, &mut connection, "transaction_read_only").await, "off");
        assert_eq!(shown(&server, &mut connection, "work_mem").await, "5MB");
    }
}

#[tokio::test]
async fn what_cannot_be_set_is_told() {
    let Some(url) = postgres_address() else { return };
    for pooled in [false, true] {
        for (access, words) in [
            (Access { role: Some("store_no_such_role".to_owned()), ..Access::default() }, "store_no_such_role"),
            (
                Access { settings: vec![("no_such_setting".to_owned(), SessionValue::Number(1))], ..Access::default() },
                "no_such_setting",
            ),
        ] {
            let server = server_with(&url, &Access { pooled, ..access });
            let failed = match server.connect().await {
                Ok(mut connection) => {
                    let one = statement("SELECT 1", vec![], &[Scalar::Int32]);
                    run(&server, &mut connection, &one, 9).await.1.unwrap_err().error
                }
                Err(error) => error,
            };
            let StoreError::Other { detail, .. } = failed else { panic!("{failed:?}") };
            assert!(detail.contains(words), "{detail}");
        }
    }
}

#[tokio::test]
async fn both_ways_give_the_same_rows_errors_and_ends() {
    let Some(url) = postgres_address() else { return };
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let setup = "DO $$ BEGIN CREATE TYPE store_mood AS ENUM ('sad', 'glad'); EXCEPTION WHEN duplicate_object THEN NULL; \
                 END $$";
    admin.execute(setup).await.unwrap();
    let numbers = "SELECT i, CASE WHEN i % 2 = 0 THEN 'even ' || i END, $1 FROM generate_series(1, $2) i";
    let numbers = |count| {
        let params =
            vec![Param::One(Value::String("x".into()), Scalar::STRING), Param::One(Value::Int(count), Scalar::Int64)];
        statement(numbers, params, &[Scalar::Int64, Scalar::STRING, Scalar::STRING])
    };
    let mut seen = Vec::new();
    for pooled in [false, true] {
        let server = server(&url, pooled);
        let mut connection = server.connect().await.unwrap();
        let mut log = Vec::new();
        for (statement, rows_max) in [
            (numbers(3), 9),
            // A row that is wider than the buffer, and many.
            (statement("SELECT 1, repeat('ab', 100000)", vec![], &[Scalar::Int32, Scalar::STRING]), 9),
            (numbers(20_000), usize::MAX),
            // The sink has enough: of what is left, a little is read, much is not.
            (numbers(400), 2),
            (statement("SELECT no_such_column", vec![], &[Scalar::Int32]), 9),
            (statement("SELECT 1 / (2 - i) FROM generate_series(1, 3) i", vec![], &[Scalar::Int32]), 9),
            (statement("INSERT INTO pg_class DEFAULT VALUES", vec![], &[]), 9),
            (statement("SELECT relkind::text, relname FROM pg_class LIMIT 0", vec![], &[Scalar::STRING]), 9),
            (statement("SELECT 'glad'::store_mood", vec![], &[Scalar::STRING]), 9),
            (numbers(1), 9),
            (numbers(2_000), 2),
        ] {
            let (rows, end) = run(&server, &mut connection, &statement, rows_max).await;
            let end = end.map_err(|failure| (failure.error.to_string(), failure.fate, failure.untouched));
            log.push((rows, end));
        }
        assert_eq!(log[0].0, ["1 null 'x'", "2 'even 2' 'x'", "3 null 'x'"]);
        assert_eq!((log[2].0.len(), log[3].0.len(), log[10].0.len()), (20_000, 2, 2));
        assert_eq!((log[8].0.concat(), &log[10].1), ("'glad'".to_owned(), &Ok(End::Unread)));
        seen.push(log);
    }
    for (own, pooled) in seen[0].iter().zip(&seen[1]) {
        assert_eq!(own, pooled);
    }
}

#[tokio::test]
async fn options_of_the_url_are_not_lost_behind_a_pooler() {
    let Some(url) = postgres_address() else { return };
    let url = format!("{url}?options=-c%20work_mem%3D7MB");
    let own = server(&url, false);
    assert_eq!(shown(&own, &mut own.connect().await.unwrap(), "work_mem").await, "7MB");
    let Err(StoreError::Denied { detail, .. }) = server(&url, true).connect().await else { panic!("they are lost") };
    assert!(detail.contains("'options'"), "{detail}");
}

/// Where nothing is prepared, the types of columns are those of now, never those of before.
#[tokio::test]
async fn a_column_that_changes_its_type_is_described_anew() {
    let Some(url) = postgres_address() else { return };
    let mut admin = PgConnection::connect(&url).await.unwrap();
    admin.execute("DROP TABLE IF EXISTS store_pooled_type; CREATE TABLE store_pooled_type (a int4)").await.unwrap();
    admin.execute("INSERT INTO store_pooled_type VALUES (1077936128)").await.unwrap();
    let server = server(&url, true);
    let mut connection = server.connect().await.unwrap();
    let read = statement("SELECT a FROM store_pooled_type", vec![], &[Scalar::Int64]);
    assert_eq!(run(&server, &mut connection, &read, 9).await.0, ["1077936128"]);
    admin.execute("ALTER TABLE store_pooled_type ALTER a TYPE float4 USING 3").await.unwrap();
    let (rows, end) = run(&server, &mut connection, &read, 9).await;
    let failure = end.unwrap_err();
    assert_eq!((rows.len(), failure.fate, failure.untouched), (0, Fate::Stale, true));
    admin.execute("DROP TABLE store_pooled_type").await.unwrap();
}

#[tokio::test]
async fn more_statements_than_are_kept_can_be_run() {
    let Some(url) = postgres_address() else { return };
    let server = server(&url, false);
    let mut connection = server.connect().await.unwrap();
    for _ in 0..2 {
        for number in 0..STATEMENTS_MAX + 20 {
            let text = format!("SELECT {number}");
            let (rows, end) = run(&server, &mut connection, &statement(&text, vec![], &[Scalar::Int32]), 9).await;
            assert_eq!((rows, end.unwrap()), (vec![number.to_string()], End::Clean));
        }
    }
    let kept = statement("SELECT count(*) FROM pg_prepared_statements", vec![], &[Scalar::Int64]);
    let (rows, _) = run(&server, &mut connection, &kept, 9).await;
    assert_eq!(rows, [STATEMENTS_MAX.to_string()]);
}

#[tokio::test]
async fn passwords_are_proven_in_both_forms() {
    let Some(url) = postgres_address() else { return };
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let place = url.split('@').next_back().unwrap().trim_start_matches("postgres://");
    for (method, role) in [("md5", "store_md5"), ("scram-sha-256", "store_scram")] {
        let setup = format!(
            "SET password_encryption = '{method}';
             DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
             ALTER ROLE {role} PASSWORD 'p@ss: ü'"
        );
        admin.execute(AssertSqlSafe(setup)).await.unwrap();
        let connect = async |password: &str| {
            let server = server(&format!("postgres://{role}:{password}@{place}"), false);
            server.connect().await.map(|_| true)
        };
        assert!(connect("p%40ss%3A%20%C3%BC").await.unwrap(), "{method}");
        // Where the server is not ours, it may ask for no password.
        let asks =
            format!("SELECT 1 FROM pg_hba_file_rules WHERE '{role}' = ANY(user_name) AND auth_method = '{method}'");
        if admin.fetch_optional(AssertSqlSafe(asks)).await.unwrap().is_some() {
            assert!(matches!(connect("wrong").await, Err(StoreError::Denied { .. })), "{method}");
            let without = server(&format!("postgres://{role}@{place}"), false).connect().await;
            let Err(StoreError::Denied { detail, .. }) = without else { panic!("{method}") };
            assert!(detail.contains("asks for a password"), "{detail}");
        }
    }
}

/// A server that says no, or nothing sensible, to the question for encryption.
#[tokio::test]
async fn what_must_be_encrypted_is_not_sent_in_clear() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for (answer, words) in [(b'N', "does not encrypt"), (b'E', "no PostgreSQL server"), (b'S', "encrypted")] {
        for mode in [TlsMode::Require, TlsMode::VerifyCa, TlsMode::VerifyFull] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let place = listener.local_addr().unwrap();
            let heard = tokio::spawn(async move {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut question = [0; 8];
                socket.read_exact(&mut question).await.unwrap();
                socket.write_all(&[answer]).await.unwrap();
                socket.write_all(b"no handshake").await.unwrap();
                let mut rest = Vec::new();
                let _ = socket.read_to_end(&mut rest).await;
                (question, rest)
            });
            let tls = Tls { mode: Some(mode), root: None, ..Tls::default() };
            let server = server_with(&format!("postgres://a:secret@{place}/c"), &Access { tls, ..Access::default() });
            let Err(StoreError::Away { detail, .. }) = server.connect().await else { panic!("{mode:?}") };
            // Where the system has no authorities, that is said before.
            assert!(detail.contains(words) || detail.contains("no authority"), "{mode:?} {detail}");
            if detail.contains(words) {
                let (question, rest) = heard.await.unwrap();
                assert_eq!(question, [0, 0, 0, 8, 4, 210, 22, 47]);
                assert!(!String::from_utf8_lossy(&rest).contains("user"), "{mode:?}");
            }
        }
    }
}
