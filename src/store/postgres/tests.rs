//! Tests of both ways to speak to a server: with the driver and without it.

use std::ops::ControlFlow;

use sqlx::Connection as _;

use super::*;
use crate::edm::{Cell, Scalar, Value};
use crate::sql::Param;
use crate::store::Row;
use crate::store::tests::{postgres_address, settings};

fn server(url: &str, driver: bool) -> Server {
    let plain_options = PgConnectOptions::from_str(url).unwrap();
    let options = plain_options.clone().options([("default_transaction_read_only", "on")]);
    Server {
        origin: settings(url).name,
        options,
        plain_options,
        plain: AtomicBool::new(false),
        password: direct::password_of(url),
        driver: AtomicBool::new(driver),
        timeout_ms: 4321,
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
    connection: &mut Connection,
    statement: &Statement,
    rows_max: usize,
) -> (Vec<String>, Result<End, Failure>) {
    let mut sink = Texts(Vec::new(), rows_max);
    let end = server.run(connection, statement, &mut sink).await;
    (sink.0, end)
}

/// Plays a server that does not know a setting, as those before version 14 do not.
#[tokio::test]
async fn a_server_that_refuses_settings_at_the_start_gets_them_later() {
    let Some(url) = postgres_address() else { return };
    for driver in [false, true] {
        let plain = server(&url, driver);
        let options = plain.plain_options.clone().options([("statement_timeout", "1"), ("no_such_setting", "1s")]);
        let server = Server { options, ..plain };
        for _ in 0..2 {
            let mut connection = server.connect().await.unwrap();
            assert_eq!(matches!(connection, Connection::Driver(_)), driver);
            let shown =
                "SELECT current_setting('statement_timeout') || current_setting('default_transaction_read_only')";
            let (rows, end) = run(&server, &mut connection, &statement(shown, vec![], &[Scalar::STRING]), 9).await;
            assert_eq!((rows, end.unwrap()), (vec!["'4321mson'".to_owned()], End::Clean));
            assert!(server.plain.load(Ordering::Relaxed));
        }
    }
}

#[tokio::test]
async fn both_ways_give_the_same_rows_errors_and_ends() {
    let Some(url) = postgres_address() else { return };
    let numbers = "SELECT i, CASE WHEN i % 2 = 0 THEN 'even ' || i END, $1 FROM generate_series(1, $2) i";
    let numbers = |count| {
        let params =
            vec![Param::One(Value::String("x".into()), Scalar::STRING), Param::One(Value::Int(count), Scalar::Int64)];
        statement(numbers, params, &[Scalar::Int64, Scalar::STRING, Scalar::STRING])
    };
    let mut seen = Vec::new();
    for driver in [false, true] {
        let server = server(&url, driver);
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
            (numbers(1), 9),
            (numbers(2_000), 2),
        ] {
            let (rows, end) = run(&server, &mut connection, &statement, rows_max).await;
            let end = end.map_err(|failure| (failure.error.to_string(), failure.fate, failure.untouched));
            log.push((rows, end));
        }
        assert_eq!(log[0].0, ["1 null 'x'", "2 'even 2' 'x'", "3 null 'x'"]);
        assert_eq!((log[2].0.len(), log[3].0.len(), log[9].0.len()), (20_000, 2, 2));
        assert_eq!(log[9].1, Ok(End::Unread));
        seen.push(log);
    }
    for (direct, driver) in seen[0].iter().zip(&seen[1]) {
        assert_eq!(direct, driver);
    }
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
            server.connect().await.map(|connection| matches!(connection, Connection::Direct(_)))
        };
        assert!(connect("p%40ss%3A%20%C3%BC").await.unwrap(), "{method}");
        // Where the server is not ours, it may ask for no password.
        let asks =
            format!("SELECT 1 FROM pg_hba_file_rules WHERE '{role}' = ANY(user_name) AND auth_method = '{method}'");
        if admin.fetch_optional(AssertSqlSafe(asks)).await.unwrap().is_some() {
            assert!(matches!(connect("wrong").await, Err(StoreError::Denied { .. })), "{method}");
            // Without a password in the URL, the driver looks for one elsewhere; here is none.
            let nameless = server(&format!("postgres://{role}@{place}"), false);
            assert!(matches!(nameless.connect().await, Err(StoreError::Denied { .. } | StoreError::Other { .. })));
            assert!(nameless.driver.load(Ordering::Relaxed));
        }
    }
}

#[tokio::test]
async fn what_is_encrypted_is_left_to_the_driver() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut question = [0; 8];
        socket.read_exact(&mut question).await.unwrap();
        socket.write_all(b"S").await.unwrap();
        question
    });
    for mode in ["require", "verify-ca", "verify-full", "prefer"] {
        let options = PgConnectOptions::from_str(&format!("postgres://a:b@{place}/c?sslmode={mode}")).unwrap();
        // Only the last of them connects.
        assert!(matches!(direct::connect(&options, Some("b")).await, Ok(Start::Driver)), "{mode}");
    }
    assert_eq!(asked.await.unwrap(), [0, 0, 0, 8, 4, 210, 22, 47]);
    let socket = PgConnectOptions::from_str("postgres://a:b@%2Ftmp/c").unwrap();
    assert!(matches!(direct::connect(&socket, Some("b")).await, Ok(Start::Driver)));
}
