//! Owns the messages of the protocol: how they are written, where they begin and end in what was read, what an error
//! message says. Knows no statement.

use std::io;

use tokio::io::AsyncReadExt;

use super::Problem;
use super::stream::Stream;

/// Read at once, if so much has come.
const READ_BYTES: usize = 16 * 1_024;
/// A buffer that a long row has made larger is not kept.
const KEPT_BYTES_MAX: usize = 1_024 * 1_024;

/// Writes what `body` writes with its length in front. In messages the length counts itself, in values it does not.
fn with_length(out: &mut Vec<u8>, counted: usize, body: impl FnOnce(&mut Vec<u8>)) {
    let place = out.len();
    out.extend_from_slice(&[0; 4]);
    body(out);
    let length = u32::try_from(out.len() - place - 4 + counted).unwrap_or(u32::MAX);
    if let Some(slot) = out.get_mut(place..place + 4) {
        slot.copy_from_slice(&length.to_be_bytes());
    }
}

/// Writes a message.
pub(super) fn write(out: &mut Vec<u8>, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    write_untagged(out, body);
}

/// Writes one of the messages of the start, which have no tag.
pub(super) fn write_untagged(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    with_length(out, 4, body);
}

/// Writes a block whose length is sent before it.
pub(super) fn write_block(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    with_length(out, 0, body);
}

/// Writes a text as the protocol ends texts. None of ours holds a zero byte; what stands behind one would be lost.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

/// A message that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

/// What has been read and not been looked at.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
}

impl Inbox {
    /// The next message, if it is here as a whole.
    pub(super) fn next(&mut self) -> Result<Option<Message<'_>>, Problem> {
        let Some(message) = cut(self.bytes.get(self.start..).unwrap_or_default())? else { return Ok(None) };
        self.start += 5 + message.body.len();
        Ok(Some(message))
    }

    /// The same; it stays the next one.
    pub(super) fn peek(&self) -> Result<Option<Message<'_>>, Problem> {
        cut(self.bytes.get(self.start..).unwrap_or_default())
    }

    /// Reads what has come; waits until something has.
    pub(super) async fn read(&mut self, stream: &mut Stream) -> io::Result<()> {
        if self.start >= self.bytes.len() {
            self.bytes.clear();
            if self.bytes.capacity() > KEPT_BYTES_MAX {
                self.bytes.shrink_to(READ_BYTES);
            }
        } else {
            self.bytes.drain(..self.start);
        }
        self.start = 0;
        self.bytes.reserve(READ_BYTES);
        if stream.read_buf(&mut self.bytes).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
        }
        Ok(())
    }

    /// The next message, which is waited for.
    pub(super) async fn wait(&mut self, stream: &mut Stream) -> Result<Message<'_>, Problem> {
        while self.peek()?.is_none() {
            self.read(stream).await?;
        }
        self.next()?.ok_or(Problem::Protocol("a message is gone"))
    }
}

/// The message at the start of these bytes, if it is there as a whole.
fn cut(bytes: &[u8]) -> Result<Option<Message<'_>>, Problem> {
    let Some((&[tag, length @ ..], rest)) = bytes.split_first_chunk::<5>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let length = length.checked_sub(4).ok_or(Problem::Protocol("a message is shorter than its own length"))?;
    Ok(rest.get(..length).map(|body| Message { tag, body }))
}

/// What the server says of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::postgres) struct ServerError {
    /// SQLSTATE
    pub(in crate::store::postgres) code: String,
    /// One sentence.
    pub(in crate::store::postgres) message: String,
}

impl ServerError {
    /// Reads the fields of an error message: a letter and a text each.
    pub(super) fn read(body: &[u8]) -> Self {
        let (mut code, mut message) = (String::new(), String::new());
        for field in body.split(|byte| *byte == 0) {
            let Some((kind, text)) = field.split_first() else { break };
            match kind {
                b'C' => code = String::from_utf8_lossy(text).into_owned(),
                b'M' => message = String::from_utf8_lossy(text).into_owned(),
                _ => {}
            }
        }
        ServerError { code, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_where_they_end() {
        let mut inbox = Inbox::default();
        write(&mut inbox.bytes, b'a', |out| write_text(out, "x"));
        write(&mut inbox.bytes, b'b', |out| write_block(out, |out| out.extend_from_slice(b"yz")));
        let last = inbox.bytes.pop().unwrap();
        let next = |inbox: &mut Inbox| inbox.next().unwrap().map(|message| (message.tag, message.body.to_vec()));
        assert_eq!(next(&mut inbox), Some((b'a', b"x\0".to_vec())));
        assert_eq!(next(&mut inbox), None);
        inbox.bytes.push(last);
        assert_eq!(next(&mut inbox), Some((b'b', b"\0\0\0\x02yz".to_vec())));
        assert_eq!(next(&mut inbox), None);
        inbox.bytes.extend_from_slice(b"c\0\0\0\x03");
        assert!(matches!(inbox.next(), Err(Problem::Protocol(_))));
    }

    #[test]
    fn errors_are_read_by_their_fields() {
        let error = ServerError::read(b"SERROR\0VERROR\0C42P01\0Mrelation \"x\" does not exist\0P15\0\0");
        assert_eq!((error.code.as_str(), error.message.as_str()), ("42P01", "relation \"x\" does not exist"));
        assert_eq!(ServerError::read(b"").code, "");
    }
}
