//! Owns [`Early`]: a socket that completes the refusals of the HTTP library.
//!
//! hyper answers a request that it cannot parse by itself, with a bare status: 400 for characters that a URL must not
//! have, 414 for a URL above 65,534 bytes, 431 for headers above its buffer. No service of ours is asked, so no layer
//! can add the OData error object and `OData-Version`. What it writes then is one small, known head and nothing else:
//! here it is recognised and replaced as a whole. hyper closes the connection behind it in any case.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::refusal::Refusal;

/// Such a head is shorter than this; our own answers are longer, so they are not even looked at.
const BARE_BYTES_MAX: usize = 200;

/// The longest URL that the HTTP library takes.
const URL_BYTES_MAX: usize = 65_534;

/// A socket whose bare refusals are completed.
pub(super) struct Early<IO> {
    inner: IO,
    /// What stands in place of a bare refusal, and how much of it is written.
    instead: Option<(Vec<u8>, usize)>,
}

impl<IO> Early<IO> {
    /// Wraps a socket.
    pub(super) fn new(inner: IO) -> Self {
        Early { inner, instead: None }
    }
}

/// The full answer for a bare refusal of the HTTP library; `None` for everything else.
fn completed(head: &[u8]) -> Option<Vec<u8>> {
    if head.len() > BARE_BYTES_MAX || !head.ends_with(b"\r\n\r\n") {
        return None;
    }
    let refusal = match head.get(..13)? {
        b"HTTP/1.1 400 " => Refusal::Malformed,
        b"HTTP/1.1 414 " => Refusal::UrlTooLong { most: URL_BYTES_MAX },
        b"HTTP/1.1 431 " => Refusal::Headers,
        _ => return None,
    };
    let text = std::str::from_utf8(head).ok()?;
    if !text.contains("\r\ncontent-length: 0\r\n") || text.contains("\r\nodata-version:") {
        return None;
    }
    tracing::info!(target: "penstock::access", status = refusal.status(), "refused before it was a request");
    let body = refusal.body();
    let length = format!(
        "\r\nodata-version: 4.0\r\ncontent-type: application/json\r\ncontent-language: en\r\ncontent-length: {}\r\n",
        body.len()
    );
    Some((text.replacen("\r\ncontent-length: 0\r\n", &length, 1) + &body).into_bytes())
}

impl<IO: AsyncWrite + Unpin> Early<IO> {
    /// Writes what is left of the replacement; then tells the library that its own bytes are gone.
    fn poll_instead(&mut self, cx: &mut Context<'_>, asked: usize) -> Poll<io::Result<usize>> {
        while let Some((bytes, done)) = &mut self.instead {
            let Some(rest) = bytes.get(*done..).filter(|rest| !rest.is_empty()) else {
                self.instead = None;
                break;
            };
            match ready!(Pin::new(&mut self.inner).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => *done += written,
            }
        }
        Poll::Ready(Ok(asked))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Early<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Early<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            match completed(buf) {
                None => return Pin::new(&mut self.inner).poll_write(cx, buf),
                Some(bytes) => self.instead = Some((bytes, 0)),
            }
        }
        self.poll_instead(cx, buf.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match bufs {
            [only] => self.poll_write(cx, only),
            _ => Pin::new(&mut self.inner).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
