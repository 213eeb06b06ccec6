//! Owns [`Listener`]: a connection on which PostgreSQL announces what others notify. Refuses to connect again by
//! itself: whoever listens must know that announcements may have been missed.

use std::time::Duration;

use super::direct::{Direct, Problem, Target, connect};
use super::session::MARK;
use crate::store::StoreError;
use crate::store::tls;

/// Longest wait for a connection, and for an answer on it.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// After so long without an announcement the connection is asked whether it lives: a line that was cut without a word
/// looks like one on which nothing is announced.
const SILENCE_MAX: Duration = Duration::from_secs(10);
const POOLED: &str =
    "a connection pooler stands between, which passes no announcements on; name the database itself as listen_url";

/// A connection that hears announcements. It is none of the pool's.
pub struct Listener {
    direct: Box<Direct>,
    origin: String,
}

/// One announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The channel.
    pub channel: String,
    /// What was said; often nothing.
    pub payload: String,
}

impl Announcement {
    /// Reads the message: the number of the process that announces, the channel, what is said. A database whose
    /// encoding is `SQL_ASCII` may send anything; what cannot be read says nothing.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut texts = body.get(4..)?.split(|byte| *byte == 0);
        let mut text = || Some(std::str::from_utf8(texts.next()?).unwrap_or_default().to_owned());
        Some(Announcement { channel: text()?, payload: text()? })
    }
}

impl Listener {
    /// Connects and listens. What is announced from now on is heard. `marked`: whether it must be made sure that no
    /// pooler stands between.
    pub(super) async fn connect(
        target: &Target,
        channels: &[String],
        origin: &str,
        marked: bool,
    ) -> Result<Listener, StoreError> {
        let settings = if marked { vec![(MARK.0.to_owned(), MARK.1.to_owned())] } else { Vec::new() };
        let listen = async {
            let mut direct = match connect(target, &settings, true).await {
                // How a pooler refuses what it does not know.
                Err(Problem::Server(error)) if marked && error.code == "08P01" => return Ok(None),
                other => other?,
            };
            if marked && !direct.is_marked().await? {
                return Ok(None);
            }
            let commands: Vec<_> =
                channels.iter().map(|channel| format!("LISTEN \"{}\"", channel.replace('"', "\"\""))).collect();
            direct.ask(&commands.join("; ")).await?;
            Ok(Some(direct))
        };
        match tokio::time::timeout(ANSWER_MAX * 2, listen).await {
            Ok(Ok(Some(direct))) => Ok(Listener { direct, origin: origin.to_owned() }),
            Ok(Ok(None)) => Err(away(origin, POOLED.to_owned())),
            Ok(Err(problem)) => Err(away(origin, describe(problem))),
            Err(_) => Err(away(origin, "the server cannot be reached, or gives no answer to LISTEN".to_owned())),
        }
    }

    /// The next announcement. After an error the connection is of no use any more.
    ///
    /// Who announces is done by then: what was changed before can be read.
    pub async fn next(&mut self) -> Result<Announcement, StoreError> {
        loop {
            match tokio::time::timeout(SILENCE_MAX, self.direct.announcement()).await {
                Ok(Ok(announcement)) => return Ok(announcement),
                Ok(Err(problem)) => return Err(away(&self.origin, describe(problem))),
                Err(_) => self.ask().await?,
            }
        }
    }

    async fn ask(&mut self) -> Result<(), StoreError> {
        match tokio::time::timeout(ANSWER_MAX, self.direct.ask("SELECT 1")).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(problem)) => Err(away(&self.origin, describe(problem))),
            Err(_) => Err(away(&self.origin, "the connection is silent".to_owned())),
        }
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What a problem says.
pub(super) fn describe(problem: Problem) -> String {
    match problem {
        Problem::Io(error) => tls::describe(&error),
        Problem::Protocol(text) => text.to_owned(),
        Problem::Encryption(text) | Problem::Login(text) => text,
        Problem::Server(error) => format!("error returned from database: {}", error.message),
    }
}

fn away(origin: &str, detail: String) -> StoreError {
    StoreError::Away { origin: origin.to_owned(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_read_as_far_as_they_are_text() {
        let read = |body: &[u8]| Announcement::read(body).map(|it| (it.channel, it.payload));
        let texts = |channel: &str, payload: &str| Some((channel.to_owned(), payload.to_owned()));
        assert_eq!(read(b"\0\0\0\x07orders\0x y\0"), texts("orders", "x y"));
        assert_eq!(read(b"\0\0\0\x07orders\0\0"), texts("orders", ""));
        assert_eq!(read(b"\0\0\0\x07orders\0\xff\0"), texts("orders", ""));
        assert_eq!(read(b"\0\0"), None);
    }
}
