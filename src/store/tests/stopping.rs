//! Statements that must end early, on each server: timeouts, clients that leave, sinks that have enough, full pools.

use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, Row as _};

use super::*;

/// One server, and how to look into it.
struct Server {
    url: String,
    kind: Kind,
}

fn servers() -> Vec<Server> {
    let postgres = postgres_address().map(|url| Server { url, kind: Kind::Postgres });
    let mariadb = mariadb_address().map(|url| Server { url, kind: Kind::Mariadb });
    postgres.into_iter().chain(mariadb).collect()
}

impl Server {
    /// A statement of minutes that can be found by its mark.
    fn endless(&self, mark: &str) -> Statement {
        let text = match self.kind {
            Kind::Postgres => "SELECT COUNT(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
            _ => "SELECT COUNT(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq + b.seq > 7",
        };
        statement(&format!("{text} /* {mark} */"), vec![], &[Scalar::Int64])
    }

    fn numbers(&self, count: u32) -> Statement {
        let text = match self.kind {
            Kind::Postgres => format!("SELECT i FROM generate_series(1, {count}) i ORDER BY i"),
            _ => format!("SELECT seq FROM seq_1_to_{count} ORDER BY seq"),
        };
        statement(&text, vec![], &[Scalar::Int32])
    }

    /// How many statements with the mark the server works on.
    async fn running(&self, mark: &str) -> i64 {
        if self.kind == Kind::Postgres {
            let text = "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
                        AND query LIKE '%' || $1 || '%'";
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(text).bind(mark).fetch_one(&mut connection).await.unwrap().get(0)
        } else {
            let text = "SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID()
                        AND info LIKE CONCAT('%', ?, '%')";
            let mut connection = MySqlConnection::connect(&self.url.replacen("mariadb", "mysql", 1)).await.unwrap();
            sqlx::query(text).bind(mark).fetch_one(&mut connection).await.unwrap().get(0)
        }
    }

    async fn ends_within(&self, mark: &str, limit: Duration) {
        let start = Instant::now();
        while self.running(mark).await > 0 {
            assert!(start.elapsed() < limit, "{:?}: {mark} still runs", self.kind);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends all connections of our pools whose last statement carries the mark.
    async fn end_sessions(&self, mark: &str) {
        if self.kind == Kind::Postgres {
            let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                        AND query LIKE '%' || $1 || '%'";
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(text).bind(mark).fetch_all(&mut connection).await.unwrap();
        } else {
            let mut connection = MySqlConnection::connect(&self.url.replacen("mariadb", "mysql", 1)).await.unwrap();
            sqlx::query(AssertSqlSafe(format!("KILL {mark}"))).execute(&mut connection).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_beyond_the_limit_is_slow_and_ends_in_the_database() {
    for server in servers() {
        let limit = Duration::from_millis(500);
        let database =
            Database::open(&SourceSettings { statement_timeout: limit, pool_max: 1, ..settings(&server.url) }).unwrap();
        let start = Instant::now();
        let slow = run(&database, server.endless("mark-slow")).await;
        assert!(matches!(slow, Err(StoreError::Slow { .. })), "{slow:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        server.ends_within("mark-slow", Duration::from_millis(500)).await;
        database.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_ends_its_statement_and_frees_the_connection() {
    for server in servers() {
        let database = Database::open(&SourceSettings { pool_max: 1, ..settings(&server.url) }).unwrap();
        database.ping().await.unwrap();
        let left = tokio::time::timeout(Duration::from_millis(600), run(&database, server.endless("mark-left"))).await;
        assert!(left.is_err());
        let start = Instant::now();
        database.ping().await.unwrap();
        assert!(start.elapsed() < Duration::from_millis(800), "{:?}", start.elapsed());
        server.ends_within("mark-left", Duration::from_millis(2500)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_pool_is_busy_after_the_configured_wait() {
    for server in servers() {
        let wait = Duration::from_millis(300);
        let database =
            Database::open(&SourceSettings { pool_max: 1, acquire_timeout: wait, ..settings(&server.url) }).unwrap();
        database.ping().await.unwrap();
        let mut first = Box::pin(run(&database, server.endless("mark-full")));
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut first).await.is_err());
        let start = Instant::now();
        let busy = database.ping().await;
        assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
        assert!(start.elapsed() >= wait && start.elapsed() < wait * 3, "{:?}", start.elapsed());
        drop(first);
        database.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_content_sink_leaves_a_usable_pool() {
    for server in servers() {
        let database = Database::open(&SourceSettings { pool_max: 1, ..settings(&server.url) }).unwrap();
        // Few rows are drained, many cost the connection; both ways the next statement gets its own rows.
        for count in [3, 100, 200_000] {
            let sink = Texts { scalars: vec![Scalar::Int32], rows: vec![], rows_max: 2, strict: true };
            let sink = database.fetch(server.numbers(count), sink).await.unwrap();
            assert_eq!(sink.rows.concat(), ["int 1", "int 2"]);
            assert_eq!(run(&database, server.numbers(2)).await.unwrap().concat(), ["int 1", "int 2"]);
        }
        let mut wrong = server.numbers(5);
        wrong.columns = vec![Scalar::Guid];
        let sink = Texts { scalars: vec![Scalar::Guid], rows: vec![], rows_max: 9, strict: true };
        let refused = database.fetch(wrong, sink).await.err();
        assert!(matches!(refused, Some(StoreError::Decode { column: 0, .. })), "{refused:?}");
        assert_eq!(run(&database, server.numbers(1)).await.unwrap().concat(), ["int 1"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_sessions_cost_no_error() {
    for server in servers() {
        let database = Database::open(&settings(&server.url)).unwrap();
        let own = match server.kind {
            Kind::Postgres => "SELECT 'x' || '-mark-ended' FROM pg_sleep(0.2)",
            _ => "SELECT CONVERT(CONNECTION_ID() + SLEEP(0.2), CHAR)",
        };
        // They sleep side by side, so several connections lie idle afterwards, and all of them are ended.
        let mark = || statement(own, vec![], &[Scalar::STRING]);
        let (a, b, c) = tokio::join!(run(&database, mark()), run(&database, mark()), run(&database, mark()));
        for rows in [a, b, c] {
            let text = rows.unwrap().concat().concat();
            let id = text.strip_prefix("text ").unwrap();
            match server.kind {
                Kind::Postgres => server.end_sessions("-mark-ended").await,
                _ => server.end_sessions(id).await,
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        for _ in 0..4 {
            database.ping().await.unwrap();
        }
    }
}
