//! Owns the start of a session: where the server is, the password, what is set. Refuses ways of authentication that
//! need more than a password or a certificate.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::message::{ServerError, write, write_block, write_text, write_untagged};
use super::rows::is_harmless;
use super::stream::Stream;
use super::{Direct, Problem};
use crate::store::{Tls, TlsMode};

const PROTOCOL: u32 = 3 << 16;

/// Where a server is, and who we are there.
#[derive(Clone)]
pub(in crate::store::postgres) struct Target {
    place: Place,
    tls: Tls,
    user: String,
    password: Option<String>,
    database: Option<String>,
    /// What the URL sets, as options of the server's command line.
    pub(in crate::store::postgres) options: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Host(String, u16, TlsMode),
    File(PathBuf),
}

impl Target {
    /// Reads what the driver has understood of a URL. `tls` wins over what the URL says of encryption.
    pub(in crate::store::postgres) fn new(options: &PgConnectOptions, tls: &Tls) -> Self {
        let folder = match options.get_socket() {
            Some(folder) => Some(folder.clone()),
            None => options.get_host().starts_with('/').then(|| PathBuf::from(options.get_host())),
        };
        let mode = tls.mode.unwrap_or(match options.get_ssl_mode() {
            PgSslMode::Disable | PgSslMode::Allow => TlsMode::Disable,
            PgSslMode::Prefer => TlsMode::Prefer,
            PgSslMode::Require => TlsMode::Require,
            PgSslMode::VerifyCa => TlsMode::VerifyCa,
            PgSslMode::VerifyFull => TlsMode::VerifyFull,
        });
        let place = match folder {
            Some(folder) => Place::File(folder.join(format!(".s.PGSQL.{}", options.get_port()))),
            None => Place::Host(options.get_host().to_owned(), options.get_port(), mode),
        };
        // The driver shows its password only as part of a URL, which is made with names that fit into every URL.
        let url = options.clone().host("host").username("user").to_url_lossy();
        let password = url.password().and_then(|password| percent_decode_str(password).decode_utf8().ok());
        Target {
            place,
            tls: tls.clone(),
            user: options.get_username().to_owned(),
            password: password.map(std::borrow::Cow::into_owned),
            database: options.get_database().map(str::to_owned),
            options: options.get_options().map(str::to_owned),
        }
    }

    async fn stream(&self) -> Result<Stream, Problem> {
        match &self.place {
            Place::File(path) => Stream::of_file(path).await,
            Place::Host(host, port, mode) => Stream::of_host(host, *port, &self.tls, *mode).await,
        }
    }

    fn password(&self) -> Result<&str, Problem> {
        const NONE: &str = "the server asks for a password, and none stands in the URL";
        self.password.as_deref().ok_or_else(|| Problem::Login(NONE.to_owned()))
    }
}

/// Opens a session in which `settings` are set.
pub(in crate::store::postgres) async fn connect(
    target: &Target,
    settings: &[(String, String)],
    with_options: bool,
) -> Result<Box<Direct>, Problem> {
    let mut direct = Direct::new(target.stream().await?);
    write_start(&mut direct.out, target, settings, with_options);
    direct.flush().await?;
    let mut scram = None;
    loop {
        let message = direct.inbox.wait(&mut direct.stream).await?;
        match (message.tag, message.body.split_first_chunk::<4>()) {
            (b'R', Some((kind, data))) => match u32::from_be_bytes(*kind) {
                0 => {}
                // In clear, as poolers and managed databases ask for it when the line is encrypted.
                3 => {
                    let password = target.password()?;
                    write(&mut direct.out, b'p', |out| write_text(out, password));
                }
                5 => {
                    let salt = data.first_chunk::<4>().ok_or(Problem::Protocol("a salt is cut off"))?;
                    let hash = md5_hash(target.user.as_bytes(), target.password()?.as_bytes(), *salt);
                    write(&mut direct.out, b'p', |out| write_text(out, &hash));
                }
                10 => {
                    if !data.split(|byte| *byte == 0).any(|name| name == SCRAM_SHA_256.as_bytes()) {
                        return Err(unknown_way());
                    }
                    let password = target.password()?.as_bytes();
                    let scram = scram.insert(ScramSha256::new(password, ChannelBinding::unsupported()));
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
                _ => return Err(unknown_way()),
            },
            (b'E', _) => return Err(Problem::Server(ServerError::read(message.body))),
            (b'Z', _) => return Ok(Box::new(direct)),
            (b'S', _) => direct.version = direct.version.or_else(|| version_in(message.body)),
            // The key with which the statement could be cancelled: closing the socket does that, too.
            (b'K', _) => {}
            (tag, _) if is_harmless(tag) => {}
            _ => return Err(Problem::Protocol("the start of a session holds a message that has no place there")),
        }
        direct.flush().await?;
    }
}

/// The first number of the server's version, if the message tells it.
fn version_in(body: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(body).ok()?.strip_prefix("server_version\0")?;
    text.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

fn unasked() -> Problem {
    Problem::Protocol("the server goes on with an authentication that was not begun")
}

fn unknown_way() -> Problem {
    Problem::Login(
        "the server asks for a way of authentication that is not offered; a password (SCRAM, MD5 or in clear) or a \
         client certificate are"
            .to_owned(),
    )
}

fn write_start(out: &mut Vec<u8>, target: &Target, settings: &[(String, String)], with_options: bool) {
    write_untagged(out, |out| {
        out.extend_from_slice(&PROTOCOL.to_be_bytes());
        let fixed = [("client_encoding", "UTF8"), ("application_name", "penstock"), ("user", target.user.as_str())];
        let options = target.options.as_deref().filter(|_| with_options);
        let given = [("database", target.database.as_deref()), ("options", options)];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
        // What comes later wins.
        let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in fixed.into_iter().chain(given).chain(settings) {
            write_text(out, name);
            write_text(out, value);
        }
        out.push(0);
    });
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn a_target_is_what_the_url_says() {
        let target = |url: &str| Target::new(&PgConnectOptions::from_str(url).unwrap(), &Tls::default());
        for (url, password) in [
            ("postgres://a:b@host/db", Some("b")),
            ("postgresql://a:b%40%C3%BC%2F%3A@host:5432/db?sslmode=disable", Some("b@ü/:")),
            ("postgres://a%2Fb%40:b@[::1]:7/db", Some("b")),
            ("postgres://a:b@host/db?password=c", Some("c")),
        ] {
            assert_eq!(target(url).password.as_deref(), password, "{url}");
        }
        let host = |host: &str, port, mode| Place::Host(host.to_owned(), port, mode);
        assert_eq!(target("postgres://a@h:7/d").place, host("h", 7, TlsMode::Prefer));
        assert_eq!(target("postgres://a@h:7/d?sslmode=verify-full").place, host("h", 7, TlsMode::VerifyFull));
        let file = Place::File(PathBuf::from("/run/postgresql/.s.PGSQL.7"));
        assert_eq!(target("postgres://a@%2Frun%2Fpostgresql:7/d").place, file);
        assert_eq!(target("postgres:///d?host=/run/postgresql&port=7").place, file);
        let options = PgConnectOptions::from_str("postgres://a@h/d?sslmode=disable").unwrap();
        let tls = Tls { mode: Some(TlsMode::Require), ..Tls::default() };
        assert_eq!(Target::new(&options, &tls).place, host("h", 5432, TlsMode::Require));
    }

    #[test]
    fn versions_are_told_in_many_ways() {
        assert_eq!(version_in(b"server_version\x0015.14 (Debian 15.14-0+deb12u1)\0"), Some(15));
        assert_eq!(version_in(b"server_version\x009.6.24\0"), Some(9));
        assert_eq!(version_in(b"server_version\x0016beta1\0"), Some(16));
        assert_eq!(version_in(b"server_encoding\x00UTF8\0"), None);
    }
}
