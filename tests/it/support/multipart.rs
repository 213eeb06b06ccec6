//! Multipart batches: parts of requests, and answers read byte by byte.

use super::http::Response;

/// A part without a name; `request` has `\n` for its line ends.
pub(crate) fn part(request: &str) -> String {
    named_part("", request)
}

pub(crate) fn named_part(id: &str, request: &str) -> String {
    let id = if id.is_empty() { String::new() } else { format!("Content-ID: {id}\r\n") };
    let request = request.replace('\n', "\r\n");
    format!(
        "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{id}\r\n{request}\r\n\r\n\r\n"
    )
}

/// One answer of a multipart batch.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) id: Option<String>,
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// Reads a multipart answer without change sets byte by byte: every line end must be there.
pub(crate) fn parts(response: &Response) -> Vec<Answered> {
    let all = multipart_answers(response);
    assert!(all.iter().all(|part| part.len() == 1), "{all:?}");
    all.into_iter().flatten().collect()
}

/// The same with change sets: each part may hold several.
pub(crate) fn multipart_answers(response: &Response) -> Vec<Vec<Answered>> {
    assert_eq!(response.status, 200, "{}", response.text());
    let boundary = response.header("content-type").unwrap().strip_prefix("multipart/mixed;boundary=").unwrap();
    let mut rest = response.text();
    let all = answers_between(boundary, &mut rest);
    assert_eq!(rest, "", "nothing stands behind the end");
    all
}

fn answers_between(boundary: &str, rest: &mut &str) -> Vec<Vec<Answered>> {
    let mut all = Vec::new();
    loop {
        *rest = rest.strip_prefix(&format!("--{boundary}")).unwrap_or_else(|| panic!("a boundary at {rest:.60?}"));
        if let Some(end) = rest.strip_prefix("--\r\n") {
            *rest = end;
            return all;
        }
        let (mime, after) = rest.strip_prefix("\r\n").unwrap().split_once("\r\n\r\n").unwrap();
        if let Some(inner) = mime.strip_prefix("Content-Type: multipart/mixed;boundary=") {
            *rest = after;
            all.push(answers_between(inner, rest).into_iter().flatten().collect());
            continue;
        }
        assert!(mime.starts_with("Content-Type: application/http\r\nContent-Transfer-Encoding: binary"), "{mime}");
        let (head, after) = after.split_once("\r\n\r\n").unwrap();
        assert!(!head.replace("\r\n", "").contains(['\r', '\n']), "{head:?}");
        let header = |text: &str, name: &str| {
            let line = text.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::to_owned)
        };
        let length = header(head, "Content-Length").map_or(0, |length| length.parse().unwrap());
        let (body, after) = after.split_at(length);
        all.push(vec![Answered {
            id: header(mime, "Content-ID"),
            status: head.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap(),
            headers: head.to_owned(),
            body: body.to_owned(),
        }]);
        *rest = after.strip_prefix("\r\n").unwrap();
    }
}
