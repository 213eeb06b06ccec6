//! Owns [`Stream`]: the line to a server, plain, encrypted, or through the file system.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Problem;
use super::message::write_untagged;
use crate::store::tls;
use crate::store::{Tls, TlsMode};

const ASK_FOR_TLS: u32 = 80_877_103;

/// A connection as the system gives it.
pub(super) enum Stream {
    Plain(TcpStream),
    File(UnixStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects through the file system.
    pub(super) async fn of_file(path: &Path) -> Result<Self, Problem> {
        Ok(Stream::File(UnixStream::connect(path).await?))
    }

    /// Connects over the network and encrypts what is said, as far as `mode` demands it and the server can.
    pub(super) async fn of_host(host: &str, port: u16, tls: &Tls, mode: TlsMode) -> Result<Self, Problem> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if mode == TlsMode::Disable {
            return Ok(Stream::Plain(open(host, port).await?));
        }
        // What is wrong with our own files shall not wait for the server.
        let config = tls::client_config(tls, mode).map_err(Problem::Encryption)?;
        let mut plain = open(host, port).await?;
        let mut question = Vec::with_capacity(8);
        write_untagged(&mut question, |out| out.extend_from_slice(&ASK_FOR_TLS.to_be_bytes()));
        plain.write_all(&question).await?;
        match plain.read_u8().await? {
            b'S' => encrypt(plain, host, config).await,
            b'N' if mode == TlsMode::Prefer => Ok(Stream::Plain(plain)),
            b'N' => Err(Problem::Encryption("the server does not encrypt, and 'tls' demands it".to_owned())),
            _ => Err(Problem::Protocol("what answers there is no PostgreSQL server")),
        }
    }
}

async fn open(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn encrypt(plain: TcpStream, host: &str, config: Arc<ClientConfig>) -> Result<Stream, Problem> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Problem::Encryption(format!("'{host}' is no name that a certificate could carry")))?;
    let encrypted = TlsConnector::from(config).connect(name, plain).await?;
    Ok(Stream::Encrypted(Box::new(encrypted)))
}

impl AsyncRead for Stream {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::File(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    #[inline]
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::File(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::File(stream) => Pin::new(stream).poll_flush(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::File(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
