//! Owns [`Direct`]: a connection that is spoken to without the driver, in PostgreSQL's protocol of messages (version 3,
//! the manual's chapter "Frontend/Backend Protocol"). It runs a statement and shows its rows where they lie in the
//! buffer: prepared once and kept, or behind a pooler, whole each time (`pooled.rs`). It also hears announcements.
//!
//! # Decisions
//!
//! - The driver gives each row as an item of a stream: two generators, a lock and three allocations. Without them pages
//!   of 2,000 rows cost the server a third less processor time, and records by key a tenth less.
//! - All connections are made this way, encrypted ones too: certificates are looked at by the same library that the
//!   driver would take, but trust can be kept to the authorities that are named, their files are read by one place, and
//!   what is wrong with a certificate can be told. The driver was kept for them at first; two ways to speak are two
//!   ways to differ.

mod bind;
mod message;
mod pooled;
mod rows;
mod start;
mod stream;

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use crate::edm::Scalar;
use crate::sql::Statement;
use crate::store::pool::{End, Failure, Fate};
use crate::store::postgres::STATEMENTS_MAX;
use crate::store::postgres::bind::bind_into;
use crate::store::postgres::decode::Column;
use crate::store::postgres::session::MARK;
use crate::store::{Announcement, Sink, StoreError};

use bind::{Values, write_close, write_prepare, write_run};
use message::{Inbox, Message, ServerError, write, write_text};
use rows::{Place, Taking, is_harmless, split};
use stream::Stream;

pub(super) use pooled::write_preamble;
pub(super) use start::{Target, connect};

/// The first number of a database's own types.
const OWN_TYPES: u32 = 16_384;

/// What went wrong below the rows.
#[derive(Debug)]
pub(super) enum Problem {
    /// The socket, or the other side, broke off.
    Io(io::Error),
    /// The server sent what the protocol does not know.
    Protocol(&'static str),
    /// The connection cannot be encrypted as it is demanded.
    Encryption(String),
    /// We have not what the server wants to know of us.
    Login(String),
    /// The server refused.
    Server(ServerError),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::Io(error)
    }
}

/// What is known of a statement is out of date.
#[derive(Debug)]
struct Stale;

/// One connection.
pub(super) struct Direct {
    stream: Stream,
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
    /// The first number of the server's version, if it told one.
    version: Option<u32>,
    /// Goes out in front of each statement, behind a pooler; then nothing is prepared.
    preamble: Option<Arc<[u8]>>,
    /// What was announced and not been looked at.
    announced: VecDeque<Announcement>,
}

/// A statement that the server has prepared, or behind a pooler, has described.
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
    fn new(stream: Stream) -> Self {
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
            version: None,
            preamble: None,
            announced: VecDeque::new(),
        }
    }

    /// The first number of the server's version, if it told one.
    pub(super) fn version(&self) -> Option<u32> {
        self.version
    }

    /// From now on these messages go out in front of each statement, and nothing is prepared.
    pub(super) fn keep_nothing(&mut self, preamble: Vec<u8>) {
        self.preamble = Some(preamble.into());
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
        let columns = match self.send(&statement.columns).await {
            Ok(Ok(columns)) => columns,
            Ok(Err(Stale)) => {
                let detail = "the statement's columns are of other types than before".to_owned();
                let error = StoreError::Other { origin: origin.to_owned(), detail };
                return Err(Failure { error, fate: Fate::Stale, untouched: true });
            }
            Err(problem) => return Err(failure(problem, true)),
        };
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

    /// Sends the statement whose text and values are at hand, and gives how its columns are read.
    async fn send(&mut self, wanted: &[Scalar]) -> Result<Result<Arc<[Column]>, Stale>, Problem> {
        if self.preamble.is_none() {
            let (id, columns) = self.prepared(wanted).await?;
            write_run(&mut self.out, id, &self.values);
            self.flush().await?;
            return Ok(Ok(columns));
        }
        // Boxed: few need it, and its future is large.
        Box::pin(async {
            let columns = self.described(wanted).await?;
            self.write_whole();
            self.flush().await?;
            Ok(self.skip_to_rows().await?.map(|()| columns))
        })
        .await
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
        if self.known.len() >= STATEMENTS_MAX
            && let Some(known) = self.forget_oldest()
        {
            write_close(&mut self.out, known.id);
        }
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        write_prepare(&mut self.out, id, &self.text, &self.values);
        self.flush().await?;
        let types = self.described_types().await?;
        let held = self.held(types).await?;
        let known = Known { id, held, wanted: Vec::new(), columns: Arc::default(), used: self.uses };
        self.known.insert(self.text.clone(), known);
        Ok(())
    }

    fn forget_oldest(&mut self) -> Option<Known> {
        let oldest = self.known.iter().min_by_key(|(_, known)| known.used).map(|(text, _)| text.clone());
        oldest.and_then(|text| self.known.remove(&text))
    }

    /// Reads an answer to its end, and gives the types of the columns that it describes.
    async fn described_types(&mut self) -> Result<Vec<u32>, Problem> {
        let mut types = Vec::new();
        self.until_ready(|message| {
            if message.tag == b'T' {
                types_in(message.body, |oid| types.push(oid))
                    .ok_or(Problem::Protocol("a description of columns is cut off"))?;
            }
            Ok(())
        })
        .await?;
        Ok(types)
    }

    /// The types, and whether they are sent as text.
    async fn held(&mut self, types: Vec<u32>) -> Result<Vec<(u32, bool)>, Problem> {
        self.learn(&types).await?;
        let is_text = |oid: u32| self.own_types.get(&oid).copied().unwrap_or(false);
        Ok(types.into_iter().map(|oid| (oid, is_text(oid))).collect())
    }

    /// Asks the server about those of the database's own types that are new. Enumerations and `citext` are sent as
    /// text.
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
        let rows = self.ask(&text).await?;
        self.own_types.extend(rows.into_iter().filter_map(|row| match row.as_slice() {
            [Some(oid), is_text] => Some((oid.parse().ok()?, is_text.as_deref() == Some("1"))),
            _ => None,
        }));
        Ok(())
    }

    /// The rows of a query, as text.
    pub(super) async fn ask(&mut self, text: &str) -> Result<Vec<Vec<Option<String>>>, Problem> {
        write(&mut self.out, b'Q', |out| write_text(out, text));
        self.flush().await?;
        let mut rows = Vec::new();
        let mut places = Vec::new();
        self.until_ready(|message| {
            if message.tag == b'D' {
                split(message.body, &mut places)?;
                rows.push(places.iter().map(|place| place.text(message.body).map(str::to_owned)).collect());
            }
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Whether what was set at the start has reached the session that answers.
    pub(super) async fn is_marked(&mut self) -> Result<bool, Problem> {
        let text = format!("SELECT pg_catalog.current_setting('{}', true)", MARK.0);
        let rows = self.ask(&text).await?;
        Ok(rows.first().and_then(|row| row.first()).and_then(Option::as_deref) == Some(MARK.1))
    }

    /// Waits for the next announcement. Nothing is lost by breaking off.
    pub(super) async fn announcement(&mut self) -> Result<Announcement, Problem> {
        loop {
            if let Some(announcement) = self.announced.pop_front() {
                return Ok(announcement);
            }
            let message = self.inbox.wait(&mut self.stream).await?;
            match message.tag {
                b'A' => self.announced.extend(Announcement::read(message.body)),
                b'E' => return Err(Problem::Server(ServerError::read(message.body))),
                _ => {}
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        self.stream.write_all(&self.out).await?;
        self.stream.flush().await?;
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
                b'A' => self.announced.extend(Announcement::read(message.body)),
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

/// Gives the number of the type of each column in a description: name, table, column, type, its size, modifier, format.
fn types_in(body: &[u8], mut take: impl FnMut(u32)) -> Option<()> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    for _ in 0..u16::from_be_bytes(*count) {
        let name_end = rest.iter().position(|byte| *byte == 0)?;
        let (fixed, after) = rest.get(name_end + 1..)?.split_first_chunk::<18>()?;
        let [_, _, _, _, _, _, oid @ .., _, _, _, _, _, _, _, _] = *fixed;
        take(u32::from_be_bytes(oid));
        rest = after;
    }
    Some(())
}
