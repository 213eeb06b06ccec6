//! How Redis is reached: with a password, as a user with few rights, encrypted with a certificate of one's own
//! authority; and what two servers that share it find in it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::support::databases::{Database, Kind};
use crate::support::http::Client;
use crate::support::json::Json;
use crate::support::redis::RedisServer;
use crate::support::server::{Setup, TestServer, password_hash};

const FACTS: &str = "/odata/v4/test/Facts";
const SHARED: &str = "penstock; hit; detail=second-level";
const MISS: &str = "penstock; fwd=miss; stored";
/// `operator:secret`
const OPERATOR: (&str, &str) = ("Authorization", "Basic b3BlcmF0b3I6c2VjcmV0");
/// What a user of Redis must be allowed, as the README says.
const RIGHTS: &str = "~penstock:* &penstock:* +get +set +hsetnx +hset +hincrby +hmget +publish +subscribe +multi +exec";

fn database() -> Database {
    let database = Database::create(Kind::Sqlite, "second").expect("SQLite is always there");
    database.run("create table facts (id int not null primary key)");
    database.insert("facts", &["id"], &(1..=9).map(|id| vec![Value::Int(id)]).collect::<Vec<_>>());
    database
}

fn setup(database: &Database, redis: &str, server: &str) -> Setup {
    let config = format!(
        "{server}\n[cache]\n[cache.redis]\ntimeout_ms = 1000\n{redis}\n[sources.facts]\nurl = \"{}\"\n\
         [services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n\
         [[users]]\nname = \"operator\"\noperator = true\npassword_hash = \"{}\"\n",
        database.url,
        password_hash("secret")
    );
    Setup::new(&config)
        .file(
            "metadata/service.toml",
            "version = 1\nnamespace = \"Test\"\nsource = \"facts\"\ncache = { ttl_s = 600 }\n",
        )
        .file(
            "metadata/fact.toml",
            "version = 1\nset = \"Facts\"\ntype = \"Fact\"\ntable = \"facts\"\nkey = [\"Id\"]\npage_rows_max = 4\n\
             [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n",
        )
}

const ALIKE: &str = "public_url = \"http://replicas.example\"\ntoken_key = \"the same for all replicas\"";

fn soon(what: &str, server: &TestServer, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "not within 20 seconds: {what}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn connected(server: &TestServer) {
    soon("the server finds Redis", server, || server.log().contains("Redis answers"));
}

fn origin(server: &TestServer, target: &str) -> String {
    let response = server.get(target);
    assert_eq!(response.status, 200, "{target}: {}", response.text());
    response.header("cache-status").unwrap_or("none").to_owned()
}

/// Answers and changes cross from one server to the other.
fn share(first: &TestServer, second: &TestServer) {
    connected(first);
    connected(second);
    // Each connection may begin a new epoch: both must be in the last one.
    let mut number = 0;
    soon("an answer crosses", second, || {
        number += 1;
        let target = format!("{FACTS}?$filter=Id%20gt%20{number}");
        origin(first, &target);
        std::thread::sleep(Duration::from_millis(100));
        origin(second, &target) == SHARED
    });
    assert_eq!(origin(second, &format!("{FACTS}?$top=2")), MISS);
    let dropped = Client::new(first.address).request("DELETE", "/cache/test/Facts", &[OPERATOR]).unwrap();
    assert_eq!(dropped.status, 204);
    soon("a change crosses", second, || origin(second, &format!("{FACTS}?$top=2")) == MISS);
}

#[test]
fn a_password_opens_redis_and_a_wrong_one_costs_no_answer() {
    let arguments = |_: &Path, port: u16| {
        let words = ["--port", &port.to_string(), "--requirepass", "opensesame"];
        words.map(str::to_owned).to_vec()
    };
    let Some(redis) = RedisServer::start_with(arguments) else { return };
    let database = database();
    let start = |password: &str| {
        let url = format!("url = \"redis://:{password}@127.0.0.1:{}\"", redis.port);
        setup(&database, &url, ALIKE).start()
    };
    let (first, second) = (start("opensesame"), start("opensesame"));
    share(&first, &second);
    let wrong = start("opensesam");
    soon("the server says that it may not", &wrong, || wrong.log().contains("Redis does not answer"));
    assert_eq!(origin(&wrong, FACTS), MISS);
    assert_eq!(origin(&wrong, FACTS), "penstock; hit");
    for server in [&first, &wrong] {
        assert!(!server.log().contains("opensesam"), "{}", server.log());
    }
}

#[test]
fn a_user_with_few_rights_is_enough() {
    let arguments = |_: &Path, port: u16| {
        let words = format!("--port {port} --user worker on >opensesame {RIGHTS}");
        words.split(' ').map(str::to_owned).collect()
    };
    let Some(redis) = RedisServer::start_with(arguments) else { return };
    let refused = redis.say("AUTH worker opensesame\r\nINFO server");
    assert!(refused.contains("NOPERM"), "{refused}");
    let database = database();
    let url = format!("url = \"redis://worker:opensesame@127.0.0.1:{}\"", redis.port);
    let (first, second) = (setup(&database, &url, ALIKE).start(), setup(&database, &url, ALIKE).start());
    share(&first, &second);
}

/// Makes an authority and a certificate for 127.0.0.1.
fn certificates(folder: &Path) {
    let script = "set -e
        key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
        openssl req -x509 $key -keyout authority.key -out authority.pem -days 2 -subj '/CN=Our Own Authority' \
          -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'
        openssl req $key -keyout server.key -out server.csr -subj '/CN=redis'
        echo 'subjectAltName=IP:127.0.0.1' >extensions
        openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
          -extfile extensions -out server.pem";
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_certificate_of_ones_own_authority_is_trusted_by_the_file_of_the_environment() {
    let arguments = |folder: &Path, port: u16| {
        certificates(folder);
        let file = |name: &str| folder.join(name).display().to_string();
        let words = ["--port", "0", "--tls-port", &port.to_string(), "--tls-auth-clients", "no"];
        let mut words = words.map(str::to_owned).to_vec();
        let files = [("cert", "server.pem"), ("key", "server.key"), ("ca-cert", "authority.pem")];
        words.extend(files.into_iter().flat_map(|(name, path)| [format!("--tls-{name}-file"), file(path)]));
        words
    };
    let Some(redis) = RedisServer::start_with(arguments) else { return };
    let database = database();
    let authority = redis.folder().join("authority.pem").display().to_string();
    let url = format!("url = \"rediss://127.0.0.1:{}\"", redis.port);
    let trusted = |server: &str| setup(&database, &url, server).start_in(&[("SSL_CERT_FILE", &authority)]);
    let (first, second) = (trusted(ALIKE), trusted(ALIKE));
    share(&first, &second);
    let other = setup(&database, &url, ALIKE).start();
    soon("an unknown authority is not trusted", &other, || other.log().contains("Redis does not answer"));
    assert_eq!(origin(&other, FACTS), MISS);
    assert!(!other.log().contains("Redis answers") && !other.log().contains("panic"), "{}", other.log());
}

/// Links lead to the server that gave them, and tokens open where they were sealed: servers that differ in that do not
/// share pages. Nor does a server find its own from before a restart, if its key was made up at the start.
#[test]
fn pages_are_shared_only_where_their_links_are_good() {
    let Some(redis) = RedisServer::start() else { return };
    let database = database();
    let url = format!("url = \"{}\"", redis.url());
    let start = |server: &str| {
        let server = setup(&database, &url, server).start();
        connected(&server);
        server
    };
    let first = start(ALIKE);
    assert_eq!(origin(&first, FACTS), MISS);
    std::thread::sleep(Duration::from_millis(200));
    let alike = start(ALIKE);
    assert_eq!(origin(&alike, FACTS), SHARED);
    for differs in [
        "public_url = \"http://replicas.example\"\ntoken_key = \"another key than the others have\"",
        "public_url = \"http://other.example\"\ntoken_key = \"the same for all replicas\"",
        "public_url = \"http://replicas.example\"",
        "public_url = \"http://replicas.example\"",
    ] {
        let other = start(differs);
        let page = other.get(FACTS);
        assert_eq!(page.header("cache-status"), Some(MISS), "{differs}");
        let page = Json::read(page.text()).unwrap();
        let link = page.get("@odata.nextLink").and_then(Json::as_str).unwrap();
        let target = &link[link.find("/odata").unwrap()..];
        assert_eq!(other.get(target).status, 200, "{differs}: {link}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
