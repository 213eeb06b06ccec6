//! What the server refuses: every case of `tests/cases/refuse` gives the expected status and code, one sentence, and
//! names the place. No input gives a 500, a panic or a hanging request.
//!
//! A case is a file: the target below the service root; optionally a line of `^` under the place to blame; the status
//! and the code (`*` for any); optionally a part of the message.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use penstock::bind::{Limits, Scope, bind};
use penstock::model::raw::{File, Folder};
use penstock::model::{Model, Source, resolve};
use penstock::query::Grants;
use penstock::syntax::{self, Span};

use crate::support::databases::{Database, Kind};
use crate::support::http::{Client, Response, send_raw};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};
use crate::support::{files_below, project, read_text};

const ROOT: &str = "/odata/v4/erp/";

/// The demo's model on empty tables: what is refused is refused without a row.
fn start() -> (Database, Database, TestServer) {
    let open = |source: &str| {
        let database = Database::create(Kind::Sqlite, source).unwrap();
        for script in files_below(&project(&format!("migrations/{source}/sqlite"))) {
            database.run_file(&script);
        }
        database
    };
    let (erp, warehouse) = (open("erp"), open("warehouse"));
    let config = format!(
        "[sources.erp]\nurl = \"{}\"\ndecimals = \"text\"\n[sources.warehouse]\nurl = \"{}\"\ndecimals = \"text\"\n\
         [services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\nanonymous = true\n",
        erp.url, warehouse.url
    );
    let server = Setup::new(&config).files("metadata", &project("metadata"), |text| text).start();
    (erp, warehouse, server)
}

struct Case {
    target: String,
    /// The text above the line of `^`.
    place: Option<String>,
    status: u16,
    code: String,
    message: Option<String>,
}

fn case(text: &str) -> Option<Case> {
    let mut lines = text.lines().peekable();
    let target = lines.next()?.to_owned();
    let underline = lines.next_if(|line| line.trim_start().starts_with('^'));
    let place = underline.and_then(|line| target.get(line.find('^')?..line.trim_end().len())).map(str::to_owned);
    let (status, code) = lines.next()?.split_once(' ')?;
    let message = lines.next().map(str::to_owned);
    Some(Case { target, place, status: status.parse().ok()?, code: code.to_owned(), message })
}

/// The error object of a refusal, or what is wrong with it.
pub(crate) fn error_of(response: &Response) -> Result<(String, String), String> {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let kind = response.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(format!("the content type is '{kind}': {body}"));
    }
    if response.header("odata-version").is_none() {
        return Err("no OData-Version".to_owned());
    }
    let json = Json::read(&body)?;
    let member = |name: &str| json.get("error").and_then(|error| error.get(name)).and_then(Json::as_str);
    let (Some(code), Some(message)) = (member("code"), member("message")) else {
        return Err(format!("no error object: {body}"));
    };
    for leak in ["SELECT ", "sqlite", "SQLite", "sqlx", "src/", "panicked"] {
        if message.contains(leak) {
            return Err(format!("the message lets '{leak}' out: {message}"));
        }
    }
    if message.chars().count() >= 255 {
        return Err(format!("the message is too long: {message}"));
    }
    Ok((code.to_owned(), message.to_owned()))
}

fn check(server: &TestServer, case: &Case) -> Result<(), String> {
    let response = server.get(&format!("{ROOT}{}", case.target));
    let body = String::from_utf8_lossy(&response.body).into_owned();
    if response.status != case.status {
        return Err(format!("status {} instead of {}: {body}", response.status, case.status));
    }
    let (code, message) = error_of(&response)?;
    if case.code != "*" && code != case.code {
        return Err(format!("code {code} instead of {}: {message}", case.code));
    }
    if let Some(part) = &case.message
        && !message.contains(part)
    {
        return Err(format!("the message does not hold '{part}': {message}"));
    }
    if let Some(place) = &case.place {
        let decoded = percent_encoding::percent_decode_str(place).decode_utf8_lossy();
        if !body.contains(place) && !message.contains(&*decoded) && !message.contains(decoded.trim_matches('\'')) {
            return Err(format!("the place '{place}' is not named: {body}"));
        }
    }
    Ok(())
}

#[test]
fn every_case_is_refused_as_it_says() {
    let (_erp, _warehouse, server) = start();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in files_below(&project("tests/cases/refuse")) {
        let name = path.strip_prefix(project("tests/cases/refuse")).unwrap().display().to_string();
        let text = read_text(&path);
        count += 1;
        match case(&text) {
            None => wrong.push(format!("{name}: not of the form of a case")),
            Some(case) => {
                if let Err(what) = check(&server, &case) {
                    wrong.push(format!("{name}: {what}\n    {}", case.target));
                }
            }
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_can_be_read() {
    for path in files_below(&project("tests/cases/refuse")) {
        assert!(case(&read_text(&path)).is_some(), "{}", path.display());
    }
    let text = "Orders?$top=x\n            ^\n400 syntax.option_value\nmust be\n";
    let read = case(text).unwrap();
    assert_eq!((read.place.as_deref(), read.status, read.message.as_deref()), (Some("x"), 400, Some("must be")));
}

/// The demo's model, as the program resolves it.
fn model() -> Model {
    let folders: Vec<Folder> = penstock::demo::metadata()
        .into_iter()
        .map(|(name, files)| {
            let mut files = files.into_iter().map(|(name, text)| File { name: name.to_owned(), text: text.to_owned() });
            let service = files.next().unwrap();
            Folder { unread: Vec::new(), name: name.to_owned(), service, entities: files.collect() }
        })
        .collect();
    let source = |name: &str| Source { name: name.to_owned(), announces: true, family: None };
    resolve("erp", &folders, &["erp", "warehouse"].map(source)).unwrap()
}

/// Code, place and sentence as the rooms of words and of binding give them; `None` if they take the request.
fn refusal(target: &str, model: &Model) -> Option<(&'static str, Option<Span>, String)> {
    let url = match syntax::parse(target, &syntax::Limits::default()) {
        Ok(url) => url,
        Err(error) => return Some((error.kind.code(), Some(error.span.clone()), error.to_string())),
    };
    let grants = Grants::everything();
    let scope = Scope { model, grants: &grants, limits: Limits::default(), unseal: &|_| None };
    bind(&url, &scope).err().map(|error| (error.code(), error.span.clone(), error.to_string()))
}

#[test]
fn the_place_to_blame_is_the_underlined_one() {
    let model = model();
    let mut wrong = Vec::new();
    for path in files_below(&project("tests/cases/refuse")) {
        let name = path.strip_prefix(project("tests/cases/refuse")).unwrap().display().to_string();
        let case = case(&read_text(&path)).unwrap();
        if !case.code.starts_with("syntax.") && !case.code.starts_with("bind.") {
            continue;
        }
        let Some((code, span, message)) = refusal(&case.target, &model) else {
            wrong.push(format!("{name}: not refused"));
            continue;
        };
        let place = span.and_then(|span| case.target.get(span.start..span.end)).map(str::to_owned);
        if code != case.code || (case.place.is_some() && place != case.place) {
            wrong.push(format!("{name}: {code} at {place:?} instead of {} at {:?}", case.code, case.place));
        }
        if case.message.as_ref().is_some_and(|part| !message.contains(part.as_str())) {
            wrong.push(format!("{name}: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Deep, long and broad requests: refused with a limit, or answered, but never a 500 and never slow.
#[test]
fn excess_is_refused_with_a_limit() {
    let (_erp, _warehouse, server) = start();
    let nested = |open: &str, close: &str, times: usize| {
        format!("Orders?$filter={}IsClosed{}", open.repeat(times), close.repeat(times))
    };
    let list: Vec<String> = (0..10_001).map(|number| number.to_string()).collect();
    let terms = vec!["Paid"; 10_001].join("%20or%20");
    let expands = format!("Orders?$expand={}Lines{}", "Account($expand=Orders($expand=".repeat(3), "))".repeat(3));
    let cases = [
        (nested("(", ")", 1_000), "syntax.limit"),
        (nested("not%20(", ")", 1_000), "syntax.limit"),
        (nested("not%20", "", 5_000), "syntax.limit"),
        (format!("Orders?$filter=OrderID%20in%20({})", list.join(",")), "syntax.limit"),
        (expands, "bind.limit"),
        (format!("Invoices?$filter={terms}"), "web.url_too_long"),
    ];
    for (target, expected) in cases {
        let start = Instant::now();
        let response = server.get(&format!("{ROOT}{target}"));
        let shown: String = target.chars().take(60).collect();
        let (code, message) = error_of(&response).unwrap_or_else(|what| panic!("{what}: {shown}"));
        assert_eq!(code, expected, "{message}: {shown}");
        assert_eq!(response.status, if code == "web.url_too_long" { 414 } else { 400 }, "{shown}");
        assert!(start.elapsed() < Duration::from_secs(5), "{shown} took {:?}", start.elapsed());
    }
}

/// What a request says may be as long as its URL; the sentence about it is not, and still says what is wrong.
#[test]
fn long_words_do_not_make_long_sentences() {
    let (_erp, _warehouse, server) = start();
    let (x, one) = ("x".repeat(5_000), "1".repeat(5_000));
    let cases = [
        (x.clone(), "there is no entity set 'xxx", "x'"),
        (format!("Orders(1)/{x}"), "there is no 'xxx", "' after 'Orders'"),
        (format!("Orders({x}=1)"), "the key of 'Orders' has no part 'xxx", "x'"),
        (format!("Orders?$select={x}"), "the type 'Order' has no property 'xxx", "x'"),
        (format!("Orders?$filter={x}(1)"), "there is no function 'xxx", "x'"),
        (
            format!("Orders?$filter=OrderID%20add%20{one}%20gt%201"),
            "the literal '111",
            "' is out of range for Edm.Decimal",
        ),
        (format!("Orders?$filter=OrderID%20eq%20'{x}'"), "the literal 'xxx", "' is not a value of type Edm.Int32"),
        (format!("Orders?$format={x}"), "the format 'xxx", "' is not offered"),
        (format!("Orders?${x}=1"), "the system query option '$xxx", "' is not known"),
    ];
    for (target, start, end) in cases {
        let shown: String = target.chars().take(60).collect();
        let response = server.get(&format!("{ROOT}{target}"));
        let (_, message) = error_of(&response).unwrap_or_else(|what| panic!("{what}: {shown}"));
        let sentence = message.split(" (at character").next().unwrap();
        assert!(sentence.starts_with(start) && sentence.ends_with(end), "{message}: {shown}");
    }
}

/// Single characters put in, left out and doubled at every place of good requests: answered or refused, never more.
#[test]
fn no_mutation_of_a_request_breaks_the_server() {
    let (_erp, _warehouse, server) = start();
    let seeds = [
        "Orders(10248)/Lines?$select=Quantity&$orderby=Quantity%20desc&$top=3",
        "OrderLines(OrderID=1,ProductID=2)?$expand=Product($select=ProductName)",
        "Orders?$filter=not%20(Status%20in%20('a',null))%20and%20OrderDate%20ge%202024-05-01T00:00:00Z&$count=true",
        "Accounts?$search=%22a%20b%22&$skip=1&$format=application/json",
        "Invoices('INV%2F2024%2F001')/Order/$count",
    ];
    let pieces =
        ["", "'", "(", ")", ",", "%", "%00", "%F0%9F%92%A9", "$", "/", "&", "=", "-", "0", "%20", ";", "@", "é"];
    let mut client = Client::new(server.address);
    let (mut sent, mut kinds) = (0, std::collections::BTreeMap::new());
    for seed in seeds {
        for place in (0..=seed.len()).filter(|place| seed.is_char_boundary(*place)) {
            for (number, piece) in pieces.iter().enumerate() {
                // A third of all combinations, spread evenly, is enough.
                if (place + number) % 3 != 0 {
                    continue;
                }
                let rest = if piece.is_empty() { seed.get(place + 1..).unwrap_or("") } else { &seed[place..] };
                let target = format!("{ROOT}{}{piece}{rest}", &seed[..place]);
                let response = client
                    .request("GET", &target, &[])
                    .unwrap_or_else(|error| panic!("{target}: {error}\n{}", server.log()));
                assert!(response.status < 500 || response.status == 501, "{}: {target}", response.status);
                *kinds.entry(response.status).or_insert(0) += 1;
                sent += 1;
            }
        }
    }
    assert!(sent > 1_000 && kinds.len() > 2, "{kinds:?}");
}

/// Bytes that are no HTTP request end with a refusal or a closed connection, and the server lives on.
#[test]
fn bytes_that_are_no_request_do_no_harm() {
    let (_erp, _warehouse, server) = start();
    let address = server.address;
    let long = format!("GET {ROOT}Orders?$filter={} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(300_000));
    let requests: [&[u8]; 6] = [
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /odata/v4/erp/Orders HTTP/9.9\r\n\r\n",
        b"GET /odata/v4/erp/Orders?\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://evil.example/odata/v4/erp/ HTTP/1.1\r\nHost: x\r\n\r\n",
        long.as_bytes(),
    ];
    for request in requests {
        if let Ok(response) = send_raw(address, request) {
            assert!(response.status < 500 || matches!(response.status, 501 | 505), "{response:?}");
        }
        assert!(TcpStream::connect(address).is_ok());
    }
}
