//! Tests of both formats: what is taken, what is malformed, and how much may stand in a batch.

use super::*;

fn multipart(body: &str) -> Result<Vec<BatchItem>, BatchError> {
    parse_batch(BatchFormat::Multipart, "multipart/mixed; boundary=b", body.as_bytes(), 3).map(|batch| batch.items)
}

fn json(body: &str) -> Result<Vec<BatchItem>, BatchError> {
    parse_batch(BatchFormat::Json, "application/json", body.as_bytes(), 3).map(|batch| batch.items)
}

fn requests(items: Vec<BatchItem>) -> Vec<BatchRequest> {
    items
        .into_iter()
        .flat_map(|item| match item {
            BatchItem::Request(request) => vec![request],
            BatchItem::Group(group) => group.requests,
        })
        .collect()
}

const PART: &str = "--b\r\nContent-Type: application/http\r\n\r\n";

#[test]
fn the_requests_of_a_multipart_body_are_read_with_their_headers_and_bodies() {
    let body = "a preamble\r\n--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\
                \r\nGET Orders(1)?$select=A HTTP/1.1\r\nAccept: application/json\r\nX-Y:  z \r\n\r\n\
                \r\n--b  \r\ncontent-type: multipart/mixed; x=\"a;b\"; Boundary=\"c d\"\r\n\r\n\
                --c d\r\nContent-Type: application/http; msgtype=request\r\nContent-ID: 2\r\n\r\n\
                POST Orders HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"--c\":1}\r\n--c d--\r\nan epilogue\r\n--b--\r\nmore";
    let items = multipart(body).unwrap();
    assert!(matches!(items.as_slice(), [BatchItem::Request(_), BatchItem::Group(BatchGroup { name: None, .. })]));
    let all = requests(items);
    assert_eq!(
        (all[0].id.as_deref(), all[0].method.as_str(), all[0].url.as_str()),
        (Some("1"), "GET", "Orders(1)?$select=A")
    );
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(all[0].headers, [header("accept", "application/json"), header("x-y", "z")]);
    assert!(all[0].body.is_empty());
    assert_eq!((all[1].id.as_deref(), all[1].body.as_slice()), (Some("2"), &b"{\"--c\":1}"[..]));
    // Line ends as people type them, no empty line behind the last header, and no request at all.
    let typed = "--b\nContent-Type: application/http\n\nGET A HTTP/1.1\n--b\nContent-Type: application/http\n\n\
                 GET B HTTP/1.1\nAccept: x\n\n--b--";
    assert_eq!(requests(multipart(typed).unwrap()).iter().map(|r| r.url.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(multipart("--b--\r\n").unwrap(), []);
    // A query whose blanks are not encoded, as some clients leave them.
    let blanks = format!("{PART}GET A?$filter=B eq 'x  y' HTTP/1.1\r\n\r\n\r\n--b--");
    assert_eq!(requests(multipart(&blanks).unwrap())[0].url, "A?$filter=B eq 'x  y'");
    let older = format!("{PART}GET A HTTP/1.1\r\nContent-ID: 7\r\n\r\n\r\n--b--");
    assert_eq!(requests(multipart(&older).unwrap())[0].id.as_deref(), Some("7"));
    let exact = format!("{PART}POST A HTTP/1.1\r\nContent-Length: 2\r\n\r\nabcd\r\n--b--");
    assert_eq!(requests(multipart(&exact).unwrap())[0].body, b"ab");
}

#[test]
fn malformed_multipart_bodies_are_told_with_their_place() {
    let part = |text: &str| format!("{PART}{text}\r\n--b--");
    let four = format!("{}--b--", format!("{PART}GET A HTTP/1.1\r\n\r\n\r\n").repeat(4));
    for (body, what) in [
        (String::new(), "the closing boundary is missing"),
        (format!("{PART}GET A HTTP/1.1\r\n\r\n--b"), "the closing boundary is missing"),
        (format!("{PART}GET A HTTP/1.1\r\n\r\n--b-- x"), "the closing boundary is missing"),
        (part("GET A"), "a request line"),
        (part("GET  A HTTP/1.1"), "a request line"),
        (part("GET A B HTTP/1.1"), "a request line"),
        (part("G(T A HTTP/1.1"), "not a proper request line"),
        (part("GET A\u{1}B HTTP/1.1"), "not a proper request line"),
        (part("GET A HTTP/2"), "not a proper request line"),
        (part("GET A HTTP/1.1\r\nAccept: a\r\n b: c"), "not a proper header"),
        (part("GET A HTTP/1.1\r\nAccept: a\rAuthorization: b"), "not a proper header"),
        (part("GET A HTTP/1.1\r\nAccept: a\0b"), "not a proper header"),
        (part("GET A HTTP/1.1\r\nAccept"), "a header is expected"),
        (part("GET A HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"), "the Content-Length of a request does not fit"),
        ("--b\r\nContent-Type: text/plain\r\n\r\nGET A HTTP/1.1\r\n--b--".to_owned(), "a part is neither"),
        ("--b\r\nContent-Type: multipart/mixed\r\n\r\n--b--".to_owned(), "a change set without a boundary"),
        ("--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c--\r\n--b--".to_owned(), "a change set is empty"),
        (
            PART.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n") + "GET A HTTP/1.1\r\n--b--",
            "the Content-Transfer-Encoding",
        ),
        (
            format!("{0}{0}--b--", PART.replace("\r\n\r\n", "\r\nContent-ID: 1\r\n\r\n") + "GET A HTTP/1.1\r\n"),
            "a Content-ID stands twice",
        ),
        (part(&format!("GET A HTTP/1.1\r\n{}", "a: b\r\n".repeat(65))), "too many headers"),
        (four, "a batch may hold at most 3 requests"),
    ] {
        let error = multipart(&body).unwrap_err().to_string();
        assert!(error.contains(what), "{body:?}: {error}");
    }
    // In change sets they count, too.
    let inside = format!("--c\r\n{}", "Content-Type: application/http\r\n\r\nPUT A HTTP/1.1\r\n\r\n--c\r\n".repeat(4));
    let inside = format!("--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n{inside}--c--\r\n--b--");
    assert!(matches!(multipart(&inside), Err(BatchError::Parts { most: 3 } | BatchError::Malformed { .. })));
    for content_type in [
        "multipart/mixed",
        "multipart/mixed;boundary=",
        "multipart/mixed;boundary=\"a",
        "multipart/mixed;boundary=a\u{e4}",
    ] {
        assert!(parse_batch(BatchFormat::Multipart, content_type, b"--a--", 3).is_err(), "{content_type}");
    }
}

#[test]
fn the_requests_of_a_json_body_are_read() {
    let body = r#"{"requests":[
        {"id":"1","method":"get","url":"Orders?$filter=A eq 1","headers":{"Accept":"application/json"}},
        {"id":"2","atomicityGroup":"g","method":"POST","url":"A","body":{"a":[1.50,null]},"dependsOn":["1"]},
        {"id":"3","atomicityGroup":"g","method":"POST","url":"A","headers":{"content-type":"text/plain"},"body":"x","if":"$2"}]}"#;
    let items = json(body).unwrap();
    assert!(
        matches!(&items[1], BatchItem::Group(BatchGroup { name: Some(name), requests }) if name == "g" && requests.len() == 2)
    );
    let all = requests(items);
    assert_eq!((all[0].method.as_str(), all[0].headers[0].0.as_str()), ("GET", "accept"));
    assert_eq!(all[0].url, "Orders?$filter=A%20eq%201");
    assert_eq!(
        (all[1].body.as_slice(), all[1].depends_on.as_slice()),
        (&b"{\"a\":[1.50,null]}"[..], &["1".to_owned()][..])
    );
    assert_eq!((all[2].body.as_slice(), all[2].condition.as_deref()), (&b"x"[..], Some("$2")));
    let octets =
        r#"{"requests":[{"id":"1","method":"POST","url":"A","headers":{"content-type":"image/png"},"body":"_-8"}]}"#;
    assert_eq!(requests(json(octets).unwrap())[0].body, [0xff, 0xef]);
    assert_eq!(json("{\"requests\":[]}").unwrap(), []);
}

#[test]
fn malformed_json_bodies_are_told_with_their_request() {
    let two = |one: &str, two: &str| {
        let request = |more: &str| format!("{{\"method\":\"GET\",\"url\":\"A\",{more}}}");
        format!("{{\"requests\":[{},{}]}}", request(one), request(two))
    };
    for (body, what) in [
        ("{\"requests\":\n[x".to_owned(), "at byte 15 of the body: this is not JSON"),
        ("[]".to_owned(), "an object with the member 'requests'"),
        ("{}".to_owned(), "'requests' is missing"),
        ("{\"requests\":[1]}".to_owned(), "request number 1: an object is expected"),
        ("{\"requests\":[],\"requests\":[]}".to_owned(), "the member 'requests' stands twice"),
        (two("\"id\":\"1\",\"url\":\"B\"", "\"id\":\"2\""), "request number 1: one of its members stands twice"),
        (
            two("\"id\":\"1\"", "\"id\":\"2\",\"headers\":{\"a\":\"b\",\"a\":\"b\"}"),
            "one of the 'headers' stands twice",
        ),
        (
            two("\"id\":\"1\",\"body\":{}", "\"id\":\"2\""),
            "request number 1: a request with its 'method' has no 'body'",
        ),
        (two("\"id\":\"1\",\"atomicityGroup\":\"\"", "\"id\":\"2\""), "'atomicityGroup' is empty"),
        (two("\"id\":1", "\"id\":\"2\""), "request number 1: 'id' must be a text"),
        (two("\"x\":1", "\"id\":\"2\""), "'id' is missing"),
        (two("\"id\":\"1\\r\\nA: b\"", "\"id\":\"2\""), "control characters"),
        (two("\"id\":\"1\"", "\"id\":\"1\""), "request number 2: its 'id' stands twice"),
        (two("\"id\":\"1\"", "\"id\":\"2\",\"atomicityGroup\":\"1\""), "'atomicityGroup'"),
        (two("\"id\":\"1\",\"atomicityGroup\":\"1\"", "\"id\":\"2\""), "its 'id' stands twice"),
        (two("\"id\":\"1\",\"dependsOn\":[\"2\"]", "\"id\":\"2\""), "'dependsOn' names no earlier"),
        (two("\"id\":\"1\"", "\"id\":\"2\",\"dependsOn\":\"1\""), "'dependsOn' must be an array"),
        (two("\"id\":\"1\"", "\"id\":\"2\",\"headers\":{\"a\":\"b\\r\\nc: d\"}"), "no proper header"),
        (two("\"id\":\"1\"", "\"id\":\"2\",\"headers\":{\"a b\":\"c\"}"), "no proper header"),
        (two("\"id\":\"1\"", "\"id\":\"2\",\"headers\":{\"a\":1}"), "must be texts"),
        (
            two(
                "\"id\":\"1\"",
                "\"id\":\"2\",\"method\":\"PUT\",\"body\":\"?\",\"headers\":{\"content-type\":\"a/b\"}",
            )
            .replace("\"method\":\"GET\",\"url\":\"A\",\"id\":\"2\"", "\"url\":\"A\",\"id\":\"2\""),
            "not base64url",
        ),
        ("{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"a\\tb\"}]}".to_owned(), "'url' holds control"),
        ("{\"requests\":[{\"id\":\"1\",\"method\":\"G T\",\"url\":\"a\"}]}".to_owned(), "no method of HTTP"),
        (format!("{{\"requests\":[{}]}}", ["1"; 4].join(",")), "a batch may hold at most 3 requests"),
        (format!("{}1", "[".repeat(1_000)), "this is not JSON"),
    ] {
        let error = json(&body).unwrap_err().to_string();
        assert!(error.contains(what), "{body}: {error}");
    }
}

#[test]
fn formats_are_told_by_their_media_type() {
    assert_eq!(batch_format("Multipart/Mixed;boundary=x"), Some(BatchFormat::Multipart));
    assert_eq!(batch_format("application/json; charset=utf-8"), Some(BatchFormat::Json));
    for other in ["", "multipart/form-data;boundary=x", "text/plain"] {
        assert_eq!(batch_format(other), None, "{other}");
    }
}
