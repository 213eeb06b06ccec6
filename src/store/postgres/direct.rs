//! Owns [`Direct`]: a connection that is spoken to without the driver, in PostgreSQL's protocol of messages (version 3,
//! the manual's chapter "Frontend/Backend Protocol"). It does one thing: run a prepared statement and show its rows where
//! they lie in the buffer.
//!
//! # Decisions
//!
//! - The driver gives each row as an item of a stream: two generators, a lock and three allocations. Without them pages of
//!   2,000 rows cost the server a third less processor time, and records by key a tenth less.
//! - The driver stays for connections that are encrypted, that go through a socket of the file system, or whose password
//!   does not stand in the URL: certificates are no place for a second implementation. [`connect()`] finds out.

mod bind;
mod message;
mod rows;
mod start;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::edm::Scalar;
use crate::sql::Statement;
use crate::store::pool::{End, Failure, Fate};
use crate::store::postgres::STATEMENTS_MAX;
use crate::store::postgres::bind::bind_into;
use crate::store::postgres::decode::Column;
use crate::store::{Sink, StoreError};

use bind::{Values, write_close, write_prepare, write_run};
use message::{Inbox, Message, ServerError, write, write_text};
use rows::{Place, Taking, is_harmless, split};

pub(super) use start::{Start, connect, password_of};

/// The first number of a database's own types.
const OWN_TYPES: u32 = 16_384;

/// What went wrong below the rows.
#[derive(Debug)]
pub(super) enum Problem {
    /// The socket, or the other side, broke off.
    Io(io::Error),
    /// The server sent what the protocol does not know.
    Protocol(&'static str),
    /// The server refused.
    Server(ServerError),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::Io(error)
    }
}

/// One connection.
pub(super) struct Direct {
    stream: TcpStream,
    out: Vec<u8>,
    inbox: Inbox,
    known: HashMap<String, Known, BuildHasherDefault<Fold>>,
    /// Which of the database's own types are sent as text.
    own_types: HashMap<u32, bool>,
    next_id: u32,
    uses: u64,
    /// The text of the statement that runs, with the types of its parameters.
    text: String,
    values: Values,
    places: Vec<Place>,
}

/// A statement that the server has prepared.
struct Known {
    id: u32,
    /// The types that its columns have, and whether they are sent as text.
    held: Vec<(u32, bool)>,
    wanted: Vec<Scalar>,
    columns: Arc<[Column]>,
    used: u64,
}

impl Known {
    fn taken(&mut self, wanted: &[Scalar], used: u64) -> (u32, Arc<[Column]>) {
        self.used = used;
        if self.wanted != wanted {
            let held = self.held.iter().copied().map(Some).chain(std::iter::repeat(None));
            self.columns = wanted.iter().zip(held).map(|(scalar, held)| Column::new(held, *scalar)).collect();
            self.wanted = wanted.to_vec();
        }
        (self.id, Arc::clone(&self.columns))
    }
}

impl Direct {
    fn new(stream: TcpStream) -> Self {
        Direct {
            stream,
            out: Vec::new(),
            inbox: Inbox::default(),
            known: HashMap::default(),
            own_types: HashMap::new(),
            next_id: 0,
            uses: 0,
            text: String::new(),
            values: Values::default(),
            places: Vec::new(),
        }
    }

    /// Runs a statement and hands its rows to `sink`. `judge` says what a problem means.
    pub(super) async fn run<S: Sink>(
        &mut self,
        statement: &Statement,
        sink: &mut S,
        origin: &str,
        judge: impl Fn(Problem) -> (StoreError, Fate) + Send,
    ) -> Result<End, Failure> {
        let failure = |problem, untouched| {
            let (error, fate) = judge(problem);
            Failure { error, fate, untouched }
        };
        self.text.clear();
        self.values.clear();
        bind_into(statement, origin, &mut self.text, &mut self.values).map_err(|error| Failure {
            error,
            fate: Fate::Keep,
            untouched: false,
        })?;
        let (id, columns) = match self.prepared(&statement.columns).await {
            Ok(prepared) => prepared,
            Err(problem) => return Err(failure(problem, true)),
        };
        write_run(&mut self.out, id, &self.values);
        if let Err(problem) = self.flush().await {
            return Err(failure(problem, true));
        }
        let mut taking = Taking::new();
        let end = loop {
            let problem = match self.inbox.next() {
                Ok(Some(message)) => match taking.message(message, &columns, &mut self.places, origin, sink) {
                    Ok(ControlFlow::Continue(())) => continue,
                    Ok(ControlFlow::Break(end)) => break end,
                    Err(problem) => problem,
                },
                Ok(None) => match self.inbox.read(&mut self.stream).await {
                    Ok(()) => continue,
                    Err(error) => Problem::Io(error),
                },
                Err(problem) => problem,
            };
            // What went wrong after the sink had all it wanted only costs the connection.
            if taking.is_content() {
                break End::Unread;
            }
            // The last words of a server that closes tell more than that it has closed.
            let problem = taking.error.take().map_or(problem, Problem::Server);
            return Err(failure(problem, taking.untouched));
        };
        match (taking.refusal.take(), taking.error.take()) {
            (Some(error), _) => {
                let fate = if end == End::Clean { Fate::Keep } else { Fate::Sever };
                Err(Failure { error, fate, untouched: false })
            }
            (None, Some(error)) if !taking.is_content() => Err(failure(Problem::Server(error), taking.untouched)),
            _ => Ok(end),
        }
    }

    /// Runs commands that give no rows.
    pub(super) async fn command(&mut self, text: &str) -> Result<(), Problem> {
        write(&mut self.out, b'Q', |out| write_text(out, text));
        self.flush().await?;
        self.until_ready(|_| Ok(())).await
    }

    /// The statement whose text and values are at hand: its name at the server, and how its columns are read.
    async fn prepared(&mut self, wanted: &[Scalar]) -> Result<(u32, Arc<[Column]>), Problem> {
        self.uses += 1;
        if let Some(known) = self.known.get_mut(&self.text) {
            return Ok(known.taken(wanted, self.uses));
        }
        self.prepare().await?;
        let known = self.known.get_mut(&self.text).ok_or(Problem::Protocol("a prepared statement is gone"))?;
        Ok(known.taken(wanted, self.uses))
    }

    async fn prepare(&mut self) -> Result<(), Problem> {
        if self.known.len() >= STATEMENTS_MAX {
            let oldest = self.known.iter().min_by_key(|(_, known)| known.used).map(|(text, _)| text.clone());
            if let Some(known) = oldest.and_then(|text| self.known.remove(&text)) {
                write_close(&mut self.out, known.id);
            }
        }
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        write_prepare(&mut self.out, id, &self.text, &self.values);
        self.flush().await?;
        let mut types = Vec::new();
        self.until_ready(|message| {
            if message.tag == b'T' {
                types = read_types(message.body).ok_or(Problem::Protocol("a description of columns is cut off"))?;
            }
            Ok(())
        })
        .await?;
        self.learn(&types).await?;
        let is_text = |oid: &u32| self.own_types.get(oid).copied().unwrap_or(false);
        let held = types.iter().map(|oid| (*oid, is_text(oid))).collect();
        let known = Known { id, held, wanted: Vec::new(), columns: Arc::default(), used: self.uses };
        self.known.insert(self.text.clone(), known);
        Ok(())
    }

    /// Asks the server about those of the database's own types that are new. Enumerations and `citext` are sent as text.
    async fn learn(&mut self, types: &[u32]) -> Result<(), Problem> {
        let is_new = |oid: &&u32| **oid >= OWN_TYPES && !self.own_types.contains_key(oid);
        let new: Vec<String> = types.iter().filter(is_new).map(u32::to_string).collect();
        if new.is_empty() {
            return Ok(());
        }
        let text = format!(
            "SELECT oid, (typtype = 'e' OR lower(typname::text) = 'citext')::int FROM pg_catalog.pg_type WHERE oid IN ({})",
            new.join(", ")
        );
        write(&mut self.out, b'Q', |out| write_text(out, &text));
        self.flush().await?;
        let mut found = Vec::new();
        self.until_ready(|message| {
            if message.tag == b'D' {
                let mut places = Vec::new();
                split(message.body, &mut places)?;
                let text = |place: Option<&Place>| place.and_then(|place| place.text(message.body));
                let oid = text(places.first()).and_then(|text| text.parse().ok());
                found.extend(oid.map(|oid: u32| (oid, text(places.get(1)) == Some("1"))));
            }
            Ok(())
        })
        .await?;
        self.own_types.extend(found);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        self.stream.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }

    /// Reads an answer to its end.
    async fn until_ready(
        &mut self,
        mut take: impl FnMut(Message<'_>) -> Result<(), Problem> + Send,
    ) -> Result<(), Problem> {
        let mut refused = None;
        loop {
            let message = match self.inbox.wait(&mut self.stream).await {
                Ok(message) => message,
                Err(problem) => return Err(refused.map_or(problem, Problem::Server)),
            };
            match message.tag {
                b'E' => refused = Some(ServerError::read(message.body)),
                b'Z' => return refused.map_or(Ok(()), |error| Err(Problem::Server(error))),
                // Descriptions, rows, and that there are none.
                b'T' | b't' | b'D' | b'n' => take(message)?,
                tag if is_harmless(tag) => {}
                _ => return Err(Problem::Protocol("an answer holds a message that has no place there")),
            }
        }
    }
}

/// Hashes texts of statements, which are long, eight bytes at a time. There are never more than [`STATEMENTS_MAX`], so
/// nothing is won by making them collide.
#[derive(Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        // The map takes its places from both ends of the number; a product is random only in its upper half.
        self.0 ^ (self.0 >> 32)
    }
}

/// The numbers of the types of the columns in a description: name, table, column, type, its size, modifier, format.
fn read_types(body: &[u8]) -> Option<Vec<u32>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut types = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let name_end = rest.iter().position(|byte| *byte == 0)?;
        let (fixed, after) = rest.get(name_end + 1..)?.split_first_chunk::<18>()?;
        let [_, _, _, _, _, _, oid @ .., _, _, _, _, _, _, _, _] = *fixed;
        types.push(u32::from_be_bytes(oid));
        rest = after;
    }
    Some(types)
}
