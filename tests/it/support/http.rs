//! A small blocking HTTP/1.1 client that sends exactly the bytes it is given, so that malformed targets can be sent,
//! and that reads whole answers with a deadline. It follows no redirect and decodes no content coding.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes longer than this.
const DEADLINE: Duration = Duration::from_mins(1);

/// One answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case, in the order of the answer.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The value of a header, if it is there exactly once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str());
        let first = values.next()?;
        assert!(values.next().is_none(), "the header {name} stands twice: {:?}", self.headers);
        Some(first)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }
}

/// A connection that is kept alive and opened again when the server closed it.
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Client { address, stream: None }
    }

    /// Sends a GET and reads the answer.
    pub(crate) fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> Response {
        self.request("GET", target, headers).unwrap_or_else(|error| panic!("GET {target}: {error}"))
    }

    /// Sends a request without a body and reads the answer. A kept connection may have been closed meanwhile, so a
    /// first failure on it is tried once more on a new one.
    pub(crate) fn request(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> io::Result<Response> {
        self.send(method, target, headers, None)
    }

    /// The same with a body, whose length is told.
    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> io::Result<Response> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        if let Some(body) = body {
            head.push_str("Content-Length: ");
            head.push_str(&body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let request = [head.as_bytes(), body.unwrap_or_default()].concat();
        let kept = self.stream.is_some();
        match self.exchange(&request, method) {
            Err(_) if kept => self.exchange(&request, method),
            result => result,
        }
    }

    fn exchange(&mut self, request: &[u8], method: &str) -> io::Result<Response> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(connect(self.address)?),
        };
        stream.get_mut().write_all(request)?;
        let response = read_response(&mut stream, method == "HEAD")?;
        if response.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(response)
    }
}

/// Opens a connection with the deadline on both directions.
pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends raw bytes on a connection of their own and reads what comes back.
pub(crate) fn send_raw(address: SocketAddr, bytes: &[u8]) -> io::Result<Response> {
    let mut stream = BufReader::new(connect(address)?);
    stream.get_mut().write_all(bytes)?;
    read_response(&mut stream, false)
}

/// Decodes gzip with the machine's own program.
pub(crate) fn gunzip(bytes: &[u8]) -> Vec<u8> {
    use std::process::{Command, Stdio};
    let mut child = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "not gzip");
    output.stdout
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn read_line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended inside the head"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| malformed("the head is not UTF-8"))
}

fn read_response(stream: &mut impl BufRead, head_only: bool) -> io::Result<Response> {
    let status_line = read_line(stream)?;
    let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| malformed(&status_line))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut response = Response { status, headers, body: Vec::new() };
    if head_only || matches!(status, 204 | 304) {
        return Ok(response);
    }
    if let Some(length) = response.header("content-length") {
        let length = length.parse().map_err(|_| malformed("content-length"))?;
        response.body = vec![0; length];
        stream.read_exact(&mut response.body)?;
    } else if response.header("transfer-encoding") == Some("chunked") {
        loop {
            let line = read_line(stream)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(|_| malformed("chunk length"))?;
            let start = response.body.len();
            response.body.resize(start + length, 0);
            stream.read_exact(&mut response.body[start..])?;
            read_line(stream)?;
            if length == 0 {
                break;
            }
        }
    } else {
        stream.read_to_end(&mut response.body)?;
        response.headers.push(("connection".to_owned(), "close".to_owned()));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_framing_are_read() {
        let mut fixed = &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n\r\nhiHTTP"[..];
        let response = read_response(&mut fixed, false).unwrap();
        assert_eq!((response.status, response.text(), response.header("a")), (200, "hi", Some("b")));
        let mut chunked = &b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"[..];
        assert_eq!(read_response(&mut chunked, false).unwrap().text(), "abcd");
        let mut cut = &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"[..];
        assert!(read_response(&mut cut, false).is_err());
    }
}
