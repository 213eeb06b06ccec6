//! The limit: answers the questions of the comparison, and only these, with statements prepared by hand, rows in binary
//! form, and JSON written straight from them. No OData is parsed; the parameters are parts of the path.
//!
//!     limit ADDRESS "host=127.0.0.1 port=5432 user=postgres dbname=erp" CONNECTIONS FILE_OF_METADATA

mod json;
mod questions;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_postgres::{Client, NoTls, Statement};

use questions::QUESTIONS;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One connection, with the statements of all questions prepared.
struct Connection {
    client: Client,
    pages: Vec<Statement>,
    counts: Vec<Option<Statement>>,
}

struct Server {
    connections: Vec<Connection>,
    next: AtomicUsize,
    metadata: Bytes,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |what| arguments.next().ok_or(format!("{what} is missing"));
    let (address, database) = (argument("the address")?, argument("the database")?);
    let count: usize = argument("the number of connections")?.parse()?;
    let mut connections = Vec::new();
    for _ in 0..count {
        connections.push(connect(&database).await?);
    }
    let metadata = Bytes::from(std::fs::read(argument("the file with the metadata")?)?);
    let server = Arc::new(Server { connections, next: AtomicUsize::new(0), metadata });
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{address}");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&server, request));
            http1::Builder::new().pipeline_flush(true).serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn connect(database: &str) -> Result<Connection, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    tokio::spawn(connection);
    let (mut pages, mut counts) = (Vec::new(), Vec::new());
    for question in &QUESTIONS {
        pages.push(client.prepare(question.sql).await?);
        counts.push(match question.count {
            Some(sql) => Some(client.prepare(sql).await?),
            None => None,
        });
    }
    Ok(Connection { client, pages, counts })
}

async fn answer(server: &Server, request: Request<hyper::body::Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    let mut parts = path.split('/').skip(1);
    let name = parts.next().unwrap_or_default();
    if name == "metadata" {
        return Ok(response(StatusCode::OK, "application/xml", server.metadata.clone()));
    }
    let json = "application/json;odata.metadata=minimal";
    let Some(place) = QUESTIONS.iter().position(|question| question.name == name) else {
        return Ok(response(StatusCode::NOT_FOUND, json, Bytes::new()));
    };
    let number = server.next.fetch_add(1, Ordering::Relaxed);
    let connection = &server.connections[number % server.connections.len()];
    let parameters: Vec<&str> = parts.collect();
    Ok(match questions::ask(connection, place, &parameters).await {
        Ok(body) => response(StatusCode::OK, json, body.into()),
        Err(error) => {
            eprintln!("{path}: {error}");
            response(StatusCode::INTERNAL_SERVER_ERROR, json, Bytes::new())
        }
    })
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("odata-version", HeaderValue::from_static("4.0"));
    response
}
