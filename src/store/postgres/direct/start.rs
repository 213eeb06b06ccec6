//! Owns the start of a session: whether the connection can do without the driver, the password, the settings. What it
//! cannot do, it leaves to the driver: encryption, sockets of the file system, passwords from anywhere but the URL, and
//! ways of authentication other than the two that send no password in clear.

use std::io;

use percent_encoding::percent_decode_str;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::message::{ServerError, write, write_block, write_text, write_untagged};
use super::rows::is_harmless;
use super::{Direct, Problem};

const PROTOCOL: u32 = 3 << 16;
const ASK_FOR_TLS: u32 = 80_877_103;

/// How a start ended that is no failure.
pub(in crate::store::postgres) enum Start {
    /// The session is open.
    Open(Box<Direct>),
    /// The driver must do it, now and later.
    Driver,
}

/// The password that stands in a URL behind the user's name. `None` if none stands there, or if another could be meant.
pub(in crate::store::postgres) fn password_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let (authority, options) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if options.contains("password=") {
        return None;
    }
    let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
    Some(percent_decode_str(password).decode_utf8().ok()?.into_owned())
}

/// Opens a session.
pub(in crate::store::postgres) async fn connect(
    options: &PgConnectOptions,
    password: Option<&str>,
) -> Result<Start, Problem> {
    let asks_for_tls = match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow => false,
        PgSslMode::Prefer => true,
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => return Ok(Start::Driver),
    };
    if options.get_socket().is_some() || options.get_host().starts_with('/') {
        return Ok(Start::Driver);
    }
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((host, options.get_port())).await?;
    stream.set_nodelay(true)?;
    if asks_for_tls && speaks_tls(&mut stream).await? {
        return Ok(Start::Driver);
    }
    let mut direct = Direct::new(stream);
    write_start(&mut direct.out, options);
    direct.flush().await?;
    let mut scram = None;
    loop {
        let message = direct.inbox.wait(&mut direct.stream).await?;
        match (message.tag, message.body.split_first_chunk::<4>()) {
            (b'R', Some((kind, data))) => match u32::from_be_bytes(*kind) {
                0 => {}
                5 => {
                    let (Some(password), Some(salt)) = (password, data.first_chunk::<4>()) else {
                        return Ok(Start::Driver);
                    };
                    let hash = md5_hash(options.get_username().as_bytes(), password.as_bytes(), *salt);
                    write(&mut direct.out, b'p', |out| write_text(out, &hash));
                }
                10 => {
                    let offers = data.split(|byte| *byte == 0).any(|name| name == SCRAM_SHA_256.as_bytes());
                    let Some(password) = password.filter(|_| offers) else { return Ok(Start::Driver) };
                    let scram = scram.insert(ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported()));
                    write(&mut direct.out, b'p', |out| {
                        write_text(out, SCRAM_SHA_256);
                        write_block(out, |out| out.extend_from_slice(scram.message()));
                    });
                }
                11 => {
                    let scram: &mut ScramSha256 = scram.as_mut().ok_or_else(unasked)?;
                    scram.update(data)?;
                    write(&mut direct.out, b'p', |out| out.extend_from_slice(scram.message()));
                }
                // The server proves that it knows the password, too.
                12 => scram.as_mut().ok_or_else(unasked)?.finish(data)?,
                _ => return Ok(Start::Driver),
            },
            (b'E', _) => return Err(Problem::Server(ServerError::read(message.body))),
            (b'Z', _) => return Ok(Start::Open(Box::new(direct))),
            // The key with which the statement could be cancelled: closing the socket does that, too.
            (b'K', _) => {}
            (tag, _) if is_harmless(tag) => {}
            _ => return Err(Problem::Protocol("the start of a session holds a message that has no place there")),
        }
        direct.flush().await?;
    }
}

fn unasked() -> Problem {
    Problem::Protocol("the server goes on with an authentication that was not begun")
}

/// Whether the server would encrypt. If so, this connection has ended with its answer.
async fn speaks_tls(stream: &mut TcpStream) -> io::Result<bool> {
    let mut question = Vec::with_capacity(8);
    write_untagged(&mut question, |out| out.extend_from_slice(&ASK_FOR_TLS.to_be_bytes()));
    stream.write_all(&question).await?;
    // Anything but a plain no, an error message of an odd server included, is the driver's to handle.
    Ok(stream.read_u8().await? != b'N')
}

/// The settings are those of the driver, so that both ways give the same answers.
fn write_start(out: &mut Vec<u8>, options: &PgConnectOptions) {
    write_untagged(out, |out| {
        out.extend_from_slice(&PROTOCOL.to_be_bytes());
        let fixed = [
            ("DateStyle", "ISO, MDY"),
            ("client_encoding", "UTF8"),
            ("TimeZone", "UTC"),
            ("extra_float_digits", "2"),
            ("user", options.get_username()),
        ];
        let given = [
            ("database", options.get_database()),
            ("application_name", options.get_application_name()),
            ("options", options.get_options()),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in fixed.into_iter().chain(given) {
            write_text(out, name);
            write_text(out, value);
        }
        out.push(0);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_is_the_one_behind_the_user() {
        for (url, password) in [
            ("postgres://a:b@host/db", Some("b")),
            ("postgresql://a:b%40%C3%BC@host:5432/db?sslmode=disable", Some("b@ü")),
            ("postgres://a:@host", Some("")),
            ("postgres://a@host/db", None),
            ("postgres://host/x:y@z", None),
            ("postgres://a:b@host/db?password=c", None),
            ("postgres:///db", None),
        ] {
            assert_eq!(password_of(url).as_deref(), password, "{url}");
        }
    }
}
