//! `multipart/mixed` → requests (RFC 2046, 5.1; OData 4.01 Part 1, 11.7.7). A walk over the body from boundary to
//! boundary.

use std::collections::HashSet;
use std::ops::Range;

use super::{BatchError, BatchGroup, BatchItem, BatchRequest, is_line, is_token};

/// Longest boundary (RFC 2046, 5.1.1).
const BOUNDARY_MAX: usize = 70;
/// Most headers of a part or request.
const HEADERS_MAX: usize = 64;

pub(super) fn parse(content_type: &str, body: &[u8], parts_max: usize) -> Result<Vec<BatchItem>, BatchError> {
    let mut reader = Reader { body, ids: HashSet::new(), left: parts_max, parts_max };
    let boundary = boundary(content_type).ok_or(malformed(0, "the Content-Type names no proper boundary"))?;
    reader.items(&boundary, 0..body.len())
}

fn malformed(at: usize, what: &'static str) -> BatchError {
    BatchError::Malformed { at: at + 1, what }
}

/// The boundary in a `Content-Type`.
fn boundary(content_type: &str) -> Option<String> {
    let rest = content_type.split_once(';')?.1;
    let mut rest = rest.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, next) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim().eq_ignore_ascii_case("boundary") {
            let value = value.trim();
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
            let is_good = (1..=BOUNDARY_MAX).contains(&value.len()) && value.bytes().all(allowed);
            return is_good.then(|| value.to_owned());
        }
        rest = next.trim_start().trim_start_matches(';').trim_start();
    }
    None
}

struct Reader<'a> {
    body: &'a [u8],
    ids: HashSet<String>,
    /// How many more requests there may be.
    left: usize,
    parts_max: usize,
}

/// Headers: names in lower case.
type Headers = Vec<(String, String)>;

fn header<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl<'a> Reader<'a> {
    fn bytes(&self, range: Range<usize>) -> &'a [u8] {
        self.body.get(range).unwrap_or_default()
    }

    /// The line that begins at `at`, without its end, and where the next one begins; `None` at the end of the range.
    fn line(&self, at: usize, end: usize) -> Option<(&'a [u8], usize)> {
        if at >= end {
            return None;
        }
        let rest = self.bytes(at..end);
        let (line, next) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(length) => (rest.get(..length)?, at + length + 1),
            None => (rest, end),
        };
        Some((line.strip_suffix(b"\r").unwrap_or(line), next))
    }

    /// Where the parts lie that this boundary separates.
    fn parts(&self, boundary: &str, range: Range<usize>) -> Result<Vec<Range<usize>>, BatchError> {
        let delimiter = format!("--{boundary}");
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut start: Option<usize> = None;
        let mut at = range.start;
        while let Some((line, next)) = self.line(at, range.end) {
            if let Some(rest) = line.strip_prefix(delimiter.as_bytes()) {
                let (rest, is_last) = match rest.strip_prefix(b"--") {
                    Some(rest) => (rest, true),
                    None => (rest, false),
                };
                // A longer line with this beginning is not the boundary.
                if rest.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                    // The line end before a boundary belongs to the boundary.
                    parts.extend(start.map(|start| start..self.line_end_before(at, start)));
                    if parts.len() > self.parts_max {
                        return Err(BatchError::Parts { most: self.parts_max });
                    }
                    if is_last {
                        return Ok(parts);
                    }
                    start = Some(next);
                }
            }
            at = next;
        }
        Err(malformed(range.end, "the closing boundary is missing"))
    }

    fn line_end_before(&self, at: usize, start: usize) -> usize {
        let before = self.bytes(start..at);
        let cut = before.strip_suffix(b"\n").map_or(before, |before| before.strip_suffix(b"\r").unwrap_or(before));
        start + cut.len()
    }

    /// Lines of headers up to an empty line or the end of the range, and where the content behind them begins.
    fn headers(&self, mut at: usize, end: usize) -> Result<(Headers, usize), BatchError> {
        let mut headers = Headers::new();
        while let Some((line, next)) = self.line(at, end) {
            if line.is_empty() {
                return Ok((headers, next));
            }
            let text = std::str::from_utf8(line).map_err(|_| malformed(at, "a header is not UTF-8"))?;
            let (name, value) = text.split_once(':').ok_or(malformed(at, "a header is expected"))?;
            if !is_token(name) || !is_line(value) {
                return Err(malformed(at, "not a proper header"));
            }
            if headers.len() == HEADERS_MAX {
                return Err(malformed(at, "too many headers"));
            }
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            at = next;
        }
        Ok((headers, end))
    }

    fn items(&mut self, boundary: &str, range: Range<usize>) -> Result<Vec<BatchItem>, BatchError> {
        let mut items = Vec::new();
        for part in self.parts(boundary, range)? {
            let (headers, content) = self.headers(part.start, part.end)?;
            let content_type = header(&headers, "content-type").unwrap_or_default();
            let media = content_type.split(';').next().unwrap_or_default().trim();
            if media.eq_ignore_ascii_case("application/http") {
                items.push(BatchItem::Request(self.request(&headers, content..part.end)?));
            } else if media.eq_ignore_ascii_case("multipart/mixed") {
                let boundary =
                    self::boundary(content_type).ok_or(malformed(part.start, "a change set without a boundary"))?;
                items.push(BatchItem::Group(self.change_set(&boundary, content..part.end)?));
            } else {
                return Err(malformed(part.start, "a part is neither application/http nor multipart/mixed"));
            }
        }
        Ok(items)
    }

    fn change_set(&mut self, boundary: &str, range: Range<usize>) -> Result<BatchGroup, BatchError> {
        let mut requests = Vec::new();
        let start = range.start;
        for part in self.parts(boundary, range)? {
            let (headers, content) = self.headers(part.start, part.end)?;
            let content_type = header(&headers, "content-type").unwrap_or_default();
            if !content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/http") {
                return Err(malformed(part.start, "a part of a change set is not application/http"));
            }
            requests.push(self.request(&headers, content..part.end)?);
        }
        if requests.is_empty() {
            return Err(malformed(start, "a change set is empty"));
        }
        Ok(BatchGroup { name: None, requests })
    }

    fn request(&mut self, part: &Headers, range: Range<usize>) -> Result<BatchRequest, BatchError> {
        let most = self.parts_max;
        self.left = self.left.checked_sub(1).ok_or(BatchError::Parts { most })?;
        let start = range.start;
        let encoding = header(part, "content-transfer-encoding").unwrap_or("binary");
        if !["binary", "8bit", "7bit"].iter().any(|known| encoding.eq_ignore_ascii_case(known)) {
            return Err(malformed(start, "the Content-Transfer-Encoding of a part is not binary"));
        }
        let (line, next) = self.line(start, range.end).ok_or(malformed(start, "a request is expected"))?;
        let line = std::str::from_utf8(line).map_err(|_| malformed(start, "a request line is not UTF-8"))?;
        // Some clients leave blanks of a query as they are. What stands before and behind the URL tells where it ends.
        let words = line.split_once(' ').and_then(|(method, rest)| Some((method, rest.rsplit_once(' ')?)));
        let Some((method, (url, version))) =
            words.filter(|(_, (url, _))| !url.split('?').next().unwrap_or_default().contains(' '))
        else {
            return Err(malformed(start, "a request line, such as 'GET Orders HTTP/1.1', is expected"));
        };
        if !is_token(method) || url.is_empty() || !is_line(url) || !version.starts_with("HTTP/1.") {
            return Err(malformed(start, "not a proper request line"));
        }
        let (headers, content) = self.headers(next, range.end)?;
        // It belongs to the part; older clients write it into the request.
        let id = header(part, "content-id").or_else(|| header(&headers, "content-id")).map(str::to_owned);
        if let Some(id) = &id
            && !self.ids.insert(id.clone())
        {
            return Err(malformed(start, "a Content-ID stands twice"));
        }
        let body = self.bytes(content..range.end);
        let body = match header(&headers, "content-length") {
            None => body,
            Some(length) => {
                let length = length.parse().ok().and_then(|length: usize| body.get(..length));
                length.ok_or(malformed(content, "the Content-Length of a request does not fit"))?
            }
        };
        let body = body.to_vec();
        Ok(BatchRequest {
            id,
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body,
            ..BatchRequest::default()
        })
    }
}
