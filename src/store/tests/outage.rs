//! A server that is away at the start, comes, goes and comes again, played by a gate in front of a real one.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;

/// Passes connections on while it is open; closing it breaks them all.
struct Gate {
    address: SocketAddr,
    server: String,
    passing: Option<tokio::task::JoinHandle<()>>,
}

impl Gate {
    async fn closed(server: &str) -> Gate {
        let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Gate { address: place.local_addr().unwrap(), server: server.to_owned(), passing: None }
    }

    fn open(&mut self) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        let (listener, server) = (socket.listen(16).unwrap(), self.server.clone());
        self.passing = Some(tokio::spawn(async move {
            let mut pairs = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let mut far = TcpStream::connect(&server).await.unwrap();
                pairs.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        }));
    }

    async fn close(&mut self) {
        let passing = self.passing.take().unwrap();
        passing.abort();
        let _ = passing.await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_recovers_by_itself() {
    for url in [postgres_address(), mariadb_address()].into_iter().flatten() {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, base) = rest.split_once('/').unwrap();
        let mut gate = Gate::closed(server).await;
        let database = Database::open(&settings(&format!("{before}@{}/{base}", gate.address))).unwrap();
        let away = database.ping().await;
        assert!(matches!(away, Err(StoreError::Away { .. })), "{away:?}");

        gate.open();
        let (a, b) = tokio::join!(database.ping(), database.ping());
        a.unwrap();
        b.unwrap();

        // A restart between two statements is not seen at all.
        gate.close().await;
        gate.open();
        database.ping().await.unwrap();
        database.ping().await.unwrap();

        gate.close().await;
        let away = database.ping().await;
        assert!(matches!(away, Err(StoreError::Away { .. })), "{away:?}");
        gate.open();
        database.ping().await.unwrap();

        database.close().await;
        let closed = database.ping().await;
        assert!(matches!(closed, Err(StoreError::Away { .. })), "{closed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_accepts_and_says_nothing_is_away() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for scheme in ["postgres", "mariadb"] {
        let url = format!("{scheme}://penstock@{}/erp", silent.local_addr().unwrap());
        let wait = Duration::from_millis(300);
        let database = Database::open(&SourceSettings { acquire_timeout: wait, ..settings(&url) }).unwrap();
        let away = database.ping().await;
        assert!(matches!(away, Err(StoreError::Away { .. })), "{away:?}");
    }
}
