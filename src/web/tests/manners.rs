//! How the door treats bodies and pages of other origins.

use super::*;

#[tokio::test]
async fn only_pages_of_named_origins_may_read_answers() {
    let root = Root { name: "erp".to_owned(), anonymous: false, service: Echo };
    let cors = Cors::new(vec!["https://app.example".to_owned()], &[], 60);
    let manners = Manners { cors, ..manners(1_000) };
    let door = Door::new(vec![root], Authenticator::new([]).unwrap(), HashSet::new(), Health::new(Vec::new()), manners);
    let ask = async |method: &str, origin: &str, question: bool| {
        let mut request = http::Request::builder().method(method).uri("/odata/v4/erp/").header("origin", origin);
        if question {
            request = request.header("access-control-request-method", "GET");
        }
        door.open(request.body(no_body()).unwrap()).await
    };
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let answer = ask("OPTIONS", origin, true).await;
        assert_eq!(answer.status(), 204, "without credentials: the browser sends none");
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), allowed, "{origin}");
        let answer = ask("GET", origin, false).await;
        assert_eq!(answer.status(), 401, "the request itself needs them");
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), allowed, "{origin}");
    }
    assert_eq!(ask("OPTIONS", "https://app.example", false).await.status(), 401, "no question of a browser");
}

#[tokio::test]
async fn a_body_is_read_within_its_limit_and_time() {
    let door = echo_door();
    let send = async |body: &'static str| {
        let request = http::Request::post("/odata/v4/open/body").body(Full::new(Bytes::from(body))).unwrap();
        let answer = door.open(request).await;
        (
            answer.status().as_u16(),
            String::from_utf8_lossy(&answer.into_body().collect().await.unwrap().to_bytes()).into_owned(),
        )
    };
    let (status, body) = send("twenty bytes of text").await;
    assert!(status == 200 && body.contains("body: b\"twenty bytes of text\""), "{body}");
    let (status, body) = send("twenty bytes of text!").await;
    assert_eq!((status, code(&body).as_str()), (413, "web.body_too_large"));
    let server = start(Duration::from_secs(1)).await;
    let head = "POST /odata/v4/open/body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf";
    let answer = raw(server.address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("web.body_timeout"), "{answer}");
    // What says that it is too long is not waited for.
    let head = head.replace("Content-Length: 10", "Content-Length: 21");
    let answer = raw(server.address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("web.body_too_large"), "{answer}");
}
