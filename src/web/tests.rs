//! Tests of the door: in process where that is enough, over real sockets where the HTTP library decides.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

mod manners;

use super::*;
use crate::auth::{Authenticator, hash_password};
use crate::service::{Budget, Callouts};

/// Answers with what it was asked, so that the mapping shows.
struct Echo;

impl Serves for Echo {
    async fn answer(&self, request: Request, principal: &Principal) -> Answer {
        assert!(request.target != "panic", "asked to panic");
        if request.target == "slow" {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let body =
            if request.target == "big" { "0123456789".repeat(1_000) } else { format!("{request:?} {principal:?}") };
        let body = body.replace("method: Head", "method: Get");
        Answer {
            status: if request.target == "none" { 304 } else { 200 },
            version: "4.01",
            content_type: Some("application/json".into()),
            etag: Some("W/\"1\"".to_owned()),
            body: if request.target == "none" { Bytes::new() } else { Bytes::from(body) },
            ..Answer::default()
        }
    }

    fn intake(&self, request: &Request) -> Option<Intake> {
        request.target.contains("body").then(|| Intake::new(20, &Budget::new(1 << 20)))
    }

    fn invalidate(&self, set: &str) -> bool {
        set == "Orders"
    }
}

fn manners(url_bytes_max: usize) -> Manners {
    Manners {
        url_bytes_max,
        body_timeout: Duration::from_millis(200),
        cors: Cors::default(),
        callouts: Callouts::Masked,
    }
}

fn echo_door() -> Door<Echo> {
    echo_door_with(false)
}

fn echo_door_with(is_ready: bool) -> Door<Echo> {
    let hash = hash_password("secret").unwrap();
    let roots = vec![
        Root { name: "open".to_owned(), anonymous: true, service: Echo },
        Root { name: "erp".to_owned(), anonymous: false, service: Echo },
    ];
    let source = |name: &str, sign: Option<Sign>| Probe {
        source: name.to_owned(),
        replica_of: name.split_once('/').map(|(source, _)| source.to_owned()),
        ping: Box::new(move || match sign {
            Some(sign) => async move { sign }.boxed(),
            None => std::future::pending().boxed(),
        }),
    };
    let mut probes = vec![source("erp", Some(Sign::Ready)), source("archive", Some(Sign::Busy))];
    // A copy that is away takes nothing away, and one that is there stands in for its source.
    probes.extend([source("erp/replica-1", Some(Sign::Away)), source("crm", Some(Sign::Open))]);
    probes.push(source("crm/replica-1", Some(Sign::Ready)));
    if !is_ready {
        probes.extend([source("warehouse", None), source("webshop", Some(Sign::Open))]);
    }
    let health = Health::new(probes);
    let users = [("demo", hash.as_str()), ("operator", hash.as_str())];
    Door::new(
        roots,
        Authenticator::new(users).unwrap(),
        HashSet::from(["operator".to_owned()]),
        health,
        manners(65_536),
    )
}

fn no_body() -> Full<Bytes> {
    Full::default()
}

/// `demo:secret`
const DEMO: (&str, &str) = ("authorization", "Basic ZGVtbzpzZWNyZXQ=");

/// `operator:secret`
const OPERATOR: (&str, &str) = ("authorization", "Basic b3BlcmF0b3I6c2VjcmV0");

#[tokio::test]
async fn operators_drop_what_is_kept_of_a_set() {
    assert_eq!(ask(Method::DELETE, "/cache/erp/Orders", &[OPERATOR]).await.0, 204);
    for (method, target, caller, status, expected) in [
        (Method::DELETE, "/cache/erp/Orders", DEMO, 403, "web.operator_only"),
        (Method::DELETE, "/cache/erp/Nothing", OPERATOR, 404, "web.not_found"),
        (Method::DELETE, "/cache/crm/Orders", OPERATOR, 404, "web.not_found"),
        (Method::DELETE, "/cache/erp", OPERATOR, 404, "web.not_found"),
        (Method::GET, "/cache/erp/Orders", OPERATOR, 405, "web.method_not_allowed"),
        (Method::DELETE, "/cache/open/Orders", ("x", "anonymous"), 401, "auth.missing"),
    ] {
        let (found, _, body) = ask(method, target, &[caller]).await;
        assert_eq!((found.as_u16(), code(&body).as_str()), (status, expected), "{target}");
    }
}

async fn ask(method: Method, target: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
    let mut request = http::Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = echo_door().open(request.body(no_body()).unwrap()).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

fn code(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(!json["error"]["message"].as_str().unwrap().is_empty());
    json["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_service_gets_the_target_and_the_headers() {
    let headers = [("accept", "application/json"), ("odata-maxversion", "4.0"), ("x-request-id", "abc-1"), DEMO];
    let (status, answered, body) = ask(Method::GET, "/odata/v4/erp//Orders('a%2Fb')?$top=1", &headers).await;
    assert_eq!(status, 200);
    for part in
        ["target: \"Orders('a%2Fb')?$top=1\"", "accept: Some(\"application/json\")", "Some(\"demo\")", "\"abc-1\""]
    {
        assert!(body.contains(part), "{body}");
    }
    for (name, value) in [
        ("odata-version", "4.01"),
        ("etag", "W/\"1\""),
        ("x-request-id", "abc-1"),
        ("vary", "Accept, Accept-Charset, Accept-Encoding, Authorization, OData-MaxVersion, Prefer"),
    ] {
        assert_eq!(answered[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_head_request_gets_the_length_of_the_body_and_no_body() {
    let server = start(Duration::from_secs(1)).await;
    for target in ["big", "none", ""] {
        let mut heads = Vec::new();
        let mut length = 0;
        for method in ["GET", "HEAD"] {
            let request = format!(
                "{method} /odata/v4/open/{target} HTTP/1.1\r\nHost: x\r\nX-Request-Id: 1\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(server.address, request.as_bytes()).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            length += body.len();
            assert_eq!(
                head.contains(&format!("content-length: {length}")),
                target != "none",
                "{method} {target}: {head}"
            );
            assert!(method == "GET" || body.is_empty(), "{target}: {body}");
            heads.push(head.lines().filter(|line| !line.starts_with("date: ")).map(str::to_owned).collect::<Vec<_>>());
        }
        assert_eq!(heads[0], heads[1], "{target}");
    }
}

#[tokio::test]
async fn refusals_are_odata_errors_with_a_version() {
    let long = format!("/odata/v4/erp/Orders?$filter={}", "x".repeat(65_480));
    for (method, target, headers, status, expected) in [
        (Method::GET, "/odata/v4/erp/", vec![], 401, "auth.missing"),
        (Method::GET, "/odata/v4/erp/", vec![("authorization", "Bearer x")], 401, "auth.malformed"),
        (Method::GET, "/odata/v4/erp/", vec![("authorization", "Basic ZGVtbzp4")], 401, "auth.wrong"),
        (Method::GET, "/odata/v4/open/", vec![("authorization", "Basic ZGVtbzp4")], 401, "auth.wrong"),
        (Method::POST, "/odata/v4/erp/Orders", vec![], 401, "auth.missing"),
        (Method::OPTIONS, "/health/live", vec![], 405, "web.method_not_allowed"),
        (Method::GET, "/odata/v4/other/", vec![DEMO], 404, "web.not_found"),
        (Method::GET, "/odata/v4", vec![DEMO], 404, "web.not_found"),
        (Method::GET, "/odata/v4/open/panic", vec![], 500, "web.defect"),
    ] {
        let (found, answered, body) = ask(method, target, &headers).await;
        assert_eq!((found.as_u16(), code(&body).as_str()), (status, expected), "{target}");
        assert_eq!(answered["odata-version"], "4.0", "{target}");
        assert!(answered.contains_key("x-request-id"));
        assert_eq!(answered.contains_key("allow"), status == 405);
        assert_eq!(answered.contains_key("www-authenticate"), status == 401);
    }
    assert!(long.len() <= 65_534);
    let (status, ..) = ask(Method::GET, &long, &[DEMO]).await;
    assert_eq!(status, 200);
    let (_, answered, _) = ask(Method::GET, "/x", &[("odata-maxversion", "4.01")]).await;
    assert_eq!(answered["odata-version"], "4.01");
}

#[tokio::test]
async fn a_url_above_the_limit_is_refused() {
    let roots = vec![Root { name: "open".to_owned(), anonymous: true, service: Echo }];
    let door = Door::new(roots, Authenticator::new([]).unwrap(), HashSet::new(), Health::new(Vec::new()), manners(30));
    for (target, status) in [("/odata/v4/open/0123456789abcde", 200), ("/odata/v4/open/0123456789abcdef", 414)] {
        let request = http::Request::get(target).body(no_body()).unwrap();
        assert_eq!(door.open(request).await.status(), status, "{}", target.len());
    }
}

#[tokio::test]
async fn request_ids_are_taken_if_sane_and_made_otherwise() {
    for odd in ["", "a b", "a\u{e9}", "<x>", &"a".repeat(65)] {
        let (_, answered, body) = ask(Method::GET, "/odata/v4/open/", &[("x-request-id", odd)]).await;
        let made = answered["x-request-id"].to_str().unwrap();
        assert!(made != odd && made.len() > 8 && body.contains(made), "{odd}: {made}");
    }
    let ids = request_id::RequestIds::new();
    assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
}

#[tokio::test]
async fn compression_only_when_asked_and_worth_it() {
    let (_, plain, body) = ask(Method::GET, "/odata/v4/open/big", &[]).await;
    assert_eq!((plain.get("content-encoding"), body.len()), (None, 10_000));
    let gzip = [("accept-encoding", "gzip")];
    let (_, packed, _) = ask(Method::GET, "/odata/v4/open/big", &gzip).await;
    assert_eq!((&packed["content-encoding"], packed.get_all("vary").iter().count()), (&"gzip".parse().unwrap(), 1));
    let (_, small, _) = ask(Method::GET, "/odata/v4/open/small", &gzip).await;
    assert_eq!(small.get("content-encoding"), None);
}

#[tokio::test]
async fn health_and_the_list_of_roots_need_no_credentials() {
    let (status, answered, body) = ask(Method::GET, "/health/live", &[]).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "{\"live\":true}"));
    assert_eq!(answered["odata-version"], "4.0");
    let (status, _, body) = ask(Method::GET, "/health/ready", &[]).await;
    assert_eq!(
        (status.as_u16(), body.as_str()),
        (
            503,
            concat!(
                r#"{"ready":false,"sources":{"archive":"busy","crm":"open","crm/replica-1":"ready","erp":"ready","#,
                r#""erp/replica-1":"away","warehouse":"away","webshop":"open"}}"#
            )
        )
    );
    let request = http::Request::get("/health/ready").body(no_body()).unwrap();
    assert_eq!(echo_door_with(true).open(request).await.status(), 200, "busy is ready");
    let (status, _, body) = ask(Method::GET, "/", &[]).await;
    let list: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status.as_u16(), &list["services"][1]["url"]), (200, &"/odata/v4/erp/".into()));
}

/// A server on a free port, and the means to stop it.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<usize>,
}

async fn start(drain_max: Duration) -> Running {
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(accept(listener, Arc::new(echo_door()), stopped.map(|_| ()), drain_max));
    Running { address, stop, done }
}

/// Sends these bytes and reads until the server closes.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn raw_get(address: SocketAddr, target: &[u8]) -> String {
    let request = [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"].concat();
    raw(address, &request).await
}

#[tokio::test]
async fn urls_of_64_kb_are_taken_and_longer_ones_refused() {
    let server = start(Duration::from_secs(1)).await;
    let target = |length: usize| format!("/odata/v4/open/{}", "a".repeat(length - 15)).into_bytes();
    let taken = raw_get(server.address, &target(65_534)).await;
    assert!(taken.starts_with("HTTP/1.1 200 OK\r\n"), "{}", taken.get(..200).unwrap_or(&taken));
    for length in [65_535, 100_000, 300_000] {
        let refused = raw_get(server.address, &target(length)).await;
        assert!(refused.starts_with("HTTP/1.1 414 "), "{length}: {refused}");
        let (head, body) = refused.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nodata-version: 4.0\r\n"), "{head}");
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{head}");
        assert_eq!(code(body), "web.url_too_long");
    }
    // More than twice what is read at most before the end of the head is looked for.
    let headers = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(2_000_000));
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    // The server may close before all is sent.
    let _ = socket.write_all(headers.as_bytes()).await;
    let mut answer = [0; 13];
    if socket.read_exact(&mut answer).await.is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431 ");
    }
}

#[tokio::test]
async fn raw_characters_in_a_url_are_a_clean_400_or_reach_the_service_as_they_are() {
    let server = start(Duration::from_secs(1)).await;
    for (raw, status) in [
        ("?a=b c", 400),
        ("?a=\u{7f}", 400),
        ("a<b", 400),
        ("a`b", 400),
        ("?a=\"x\"", 400),
        ("?a=a<b>", 400),
        ("?a=`^|{}[]\\", 200),
        ("a|b", 200),
        ("?a=\u{e4}\u{1f600}", 200),
        ("\u{e4}", 200),
        ("a\"{}b", 200),
    ] {
        let answer = raw_get(server.address, format!("/odata/v4/open/{raw}").as_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{raw:?}: {head}");
        if status == 400 {
            assert!(head.contains("\r\nodata-version: 4.0\r\n"), "{raw:?}: {head}");
            assert_eq!(code(body), "web.malformed_request");
        } else {
            assert!(body.contains(&format!("target: {raw:?}")), "{raw:?}: {body}");
        }
    }
    // Latin-1 is no UTF-8.
    assert!(raw_get(server.address, b"/odata/v4/open/?a=\xe4").await.starts_with("HTTP/1.1 400 "));
    let unchanged = raw_get(server.address, b"/odata/v4/open/none").await;
    assert!(unchanged.starts_with("HTTP/1.1 304 ") && !unchanged.contains("content-length"), "{unchanged}");
}

/// Never answers; tells when it is dropped.
struct Endless(std::sync::Mutex<Option<oneshot::Sender<()>>>);

impl Serves for Endless {
    async fn answer(&self, _: Request, _: &Principal) -> Answer {
        // The sender is dropped with this future.
        let _told = self.0.lock().unwrap().take();
        std::future::pending().await
    }

    fn intake(&self, _: &Request) -> Option<Intake> {
        None
    }

    fn invalidate(&self, _: &str) -> bool {
        false
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_work_on_its_request() {
    let (sender, dropped) = oneshot::channel();
    let roots =
        vec![Root { name: "open".to_owned(), anonymous: true, service: Endless(std::sync::Mutex::new(Some(sender))) }];
    let door =
        Door::new(roots, Authenticator::new([]).unwrap(), HashSet::new(), Health::new(Vec::new()), manners(1_000));
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(accept(listener, Arc::new(door), std::future::pending(), Duration::ZERO));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /odata/v4/open/ HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(socket);
    let ended = tokio::time::timeout(Duration::from_secs(5), dropped).await;
    assert!(matches!(ended, Ok(Err(_))), "the future was dropped: {ended:?}");
}

#[tokio::test]
async fn a_connection_may_be_silent_and_a_head_may_take_only_so_long() {
    for begun in [&b""[..], b"GET /health/live HTTP/1.1\r\n", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stopping, stopped) = tokio::sync::watch::channel(false);
        let served = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            accept::converse(socket, Arc::new(echo_door()), stopped, Duration::from_millis(200)).await;
        });
        let start = Instant::now();
        let mut socket = TcpStream::connect(address).await.unwrap();
        // Requests in between move the deadline.
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            socket.write_all(b"GET /odata/v4/open/slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            let mut answer = [0; 4_096];
            let length = socket.read(&mut answer).await.unwrap();
            assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK"));
        }
        socket.write_all(begun).await.unwrap();
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).await.unwrap();
        served.await.unwrap();
        assert!(start.elapsed() > Duration::from_millis(1_400) && start.elapsed() < Duration::from_secs(4));
    }
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_closes_idle_connections() {
    let server = start(Duration::from_secs(5)).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let silent = TcpStream::connect(server.address).await.unwrap();
    let slow =
        tokio::spawn(async move { raw(server.address, b"GET /odata/v4/open/slow HTTP/1.1\r\nHost: x\r\n\r\n").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    server.stop.send(()).unwrap();
    assert!(slow.await.unwrap().starts_with("HTTP/1.1 200 OK"));
    assert_eq!(server.done.await.unwrap(), 0);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens");
    drop(silent);
}

/// Connections that the system has taken on, but not yet we, and those whose request is still on its way.
#[tokio::test]
async fn a_stop_answers_what_has_come_and_what_is_on_its_way() {
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut sockets = Vec::new();
    for number in 0..60 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        if number % 2 == 0 {
            socket.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        }
        sockets.push(socket);
    }
    // The signal is there before the first of them is looked at.
    let done = tokio::spawn(accept(listener, Arc::new(echo_door()), std::future::ready(()), Duration::from_secs(5)));
    tokio::time::sleep(Duration::from_millis(20)).await;
    for (number, socket) in sockets.iter_mut().enumerate() {
        if number % 2 == 1 {
            socket.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        }
    }
    for (number, mut socket) in sockets.into_iter().enumerate() {
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"), "{number}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(done.await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_allowed() {
    let server = start(Duration::from_millis(50)).await;
    let slow = tokio::spawn(async move {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(b"GET /odata/v4/open/slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    assert_eq!(server.done.await.unwrap(), 1);
    slow.abort();
}
