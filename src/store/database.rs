//! Owns [`Database`]: one configured source, whatever its product, and [`Databases`], all of them by index. Reads the
//! scheme of a source's URL; refuses what it does not know.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::edm::{Value, Zone};
use crate::sql::{self, Dialect, Statement};
use crate::store::indexes::Indexes;
use crate::store::mysql::Mysql;
use crate::store::postgres::Postgres;
use crate::store::replicas::Replicas;
use crate::store::sqlite::Sqlite;
use crate::store::tls;
use crate::store::version::First;
use crate::store::{Access, Listener, Row, Sink, StoreError, Ticket};

/// How long somebody without a hurry waits for a sign of life.
const PING_MAX: Duration = Duration::from_secs(10);

/// One source as the configuration describes it.
#[derive(Clone)]
pub struct SourceSettings {
    /// Its name, for messages.
    pub name: String,
    /// `postgres://`, `postgresql://`, `mysql://`, `mariadb://`, `sqlite:path` or `sqlite://path`. Holds the password.
    pub url: String,
    /// Most connections at a time.
    pub pool_max: u32,
    /// Longest wait for a free connection, and again for a new one to be accepted.
    pub acquire_timeout: Duration,
    /// Most requests that wait for a free connection.
    pub queue_max: usize,
    /// Longest run of a statement.
    pub statement_timeout: Duration,
    /// The zone of local times.
    pub zone: Zone,
    /// SQLite only: decimals are kept as text, compared with the collation `penstock_decimal`.
    pub decimals_as_text: bool,
    /// How connections are opened, beyond the URL.
    pub access: Access,
}

/// Without the URL, which holds a password.
impl std::fmt::Debug for SourceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceSettings").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A database product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
    /// MySQL
    Mysql,
    /// MariaDB
    Mariadb,
}

impl Kind {
    /// The product that the scheme of a URL names.
    pub fn of_url(url: &str) -> Option<Kind> {
        match url.split_once(':')?.0 {
            "postgres" | "postgresql" => Some(Kind::Postgres),
            "mysql" => Some(Kind::Mysql),
            "mariadb" => Some(Kind::Mariadb),
            "sqlite" => Some(Kind::Sqlite),
            _ => None,
        }
    }

    /// Whether it can announce changes, see [`Database::listen`].
    pub fn announces(self) -> bool {
        self == Kind::Postgres
    }
}

/// One configured source. Connections are opened when statements need them.
pub struct Database {
    pub(super) kind: Kind,
    pub(super) origin: String,
    pub(super) indexes: Indexes,
    dialect: Box<dyn Dialect>,
    narrow_dialect: Option<Box<dyn Dialect>>,
    pub(super) product: Product,
    replicas: Replicas,
}

pub(super) enum Product {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
    Mysql(Box<Mysql>),
}

impl Database {
    /// Reads the settings and connects nothing, so that a server starts while a database is away.
    pub fn open(settings: &SourceSettings) -> Result<Database, StoreError> {
        let (kind, product) = Product::open(settings)?;
        let zone = &settings.zone;
        let dialect: Box<dyn Dialect> = match kind {
            Kind::Sqlite => Box::new(sql::Sqlite { decimals_as_text: settings.decimals_as_text, zone: zone.clone() }),
            Kind::Postgres => Box::new(sql::Postgres { zone: zone.clone() }),
            Kind::Mysql => Box::new(sql::MySql { narrow: false, zone: zone.clone() }),
            Kind::Mariadb => Box::new(sql::MariaDb { base: sql::MySql { narrow: false, zone: zone.clone() } }),
        };
        let base = sql::MySql { narrow: true, zone: zone.clone() };
        let narrow_dialect: Option<Box<dyn Dialect>> = match kind {
            Kind::Mysql => Some(Box::new(base)),
            Kind::Mariadb => Some(Box::new(sql::MariaDb { base })),
            Kind::Sqlite | Kind::Postgres => None,
        };
        Ok(Database {
            kind,
            origin: settings.name.clone(),
            indexes: Indexes::default(),
            dialect,
            narrow_dialect,
            product,
            replicas: Replicas::default(),
        })
    }

    /// The same with copies of the database under these addresses, which share its reads.
    pub fn with_replicas(self, settings: &SourceSettings, urls: &[String]) -> Result<Database, StoreError> {
        Ok(Database { replicas: Replicas::open(settings, self.kind, urls)?, ..self })
    }

    /// The names of its copies, in the order of their addresses.
    pub fn replicas(&self) -> impl Iterator<Item = &str> {
        self.replicas.names()
    }

    /// Whether the copy with this index answers within this time.
    pub async fn ping_replica(&self, index: usize, within: Duration) -> Result<(), StoreError> {
        self.replicas.ping(index, within).await
    }

    /// The product, which decides the dialect of the statements.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The source's name, for messages.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The spelling of statements for this source.
    pub fn dialect(&self) -> &dyn Dialect {
        self.dialect.as_ref()
    }

    /// The spelling for a statement that failed with [`StoreError::CharacterSet`]: it does without some indexes.
    pub fn narrow_dialect(&self) -> Option<&dyn Dialect> {
        self.narrow_dialect.as_deref()
    }

    /// Runs one statement, hands its rows to `sink` one by one, and gives the sink back.
    ///
    /// The connection is free again before this returns. Dropping the future, or running longer than the source's or
    /// the request's limit, stops the statement in the database.
    pub async fn fetch_for<S: Sink>(&self, ticket: &Ticket, statement: Statement, sink: S) -> Result<S, StoreError> {
        let start = Instant::now();
        let fetched = if self.replicas.is_empty() {
            match &self.product {
                // Boxed each on its own: the futures of the drivers are large, and would be moved through all callers.
                Product::Sqlite(sqlite) => Box::pin(sqlite.fetch(statement, sink, ticket)).await,
                Product::Postgres(postgres) => Box::pin(postgres.fetch(&statement, sink, ticket)).await,
                Product::Mysql(mysql) => Box::pin(mysql.fetch(&statement, sink, ticket)).await,
            }
        } else {
            self.fetch_of_any(ticket, statement, sink).boxed().await
        };
        ticket.spend(start);
        fetched
    }

    /// The same where copies share the reads.
    async fn fetch_of_any<S: Sink>(&self, ticket: &Ticket, statement: Statement, mut sink: S) -> Result<S, StoreError> {
        if self.replicas.fetch(ticket, &statement, &mut sink).await? {
            return Ok(sink);
        }
        self.product.fetch(ticket, statement, sink).await
    }

    /// The first value that a statement gives; null if it gives no row.
    pub async fn first(&self, statement: Statement) -> Result<Value, StoreError> {
        let sink = First::of(&statement);
        Ok(self.fetch(statement, sink).await?.value)
    }

    /// The answer to a statement of [`sql::statistics`]; null if the database counts nothing of the table's changes.
    pub async fn statistics(&self, statement: Statement) -> Result<Value, StoreError> {
        match &self.product {
            Product::Sqlite(sqlite) => sqlite.statistics(statement).await,
            Product::Postgres(_) | Product::Mysql(_) => self.first(statement).await,
        }
    }

    /// Opens a connection, beside those of the pool, on which announcements are heard.
    pub async fn listen(&self, channels: &[String]) -> Result<Listener, StoreError> {
        match &self.product {
            Product::Postgres(postgres) => postgres.listen(channels).await,
            Product::Sqlite(_) | Product::Mysql(_) => {
                let detail = "a database of this kind announces nothing".to_owned();
                Err(StoreError::Other { origin: String::new(), detail })
            }
        }
    }

    /// The same for what the server asks on its own account, of the source itself.
    pub async fn fetch<S: Sink>(&self, statement: Statement, sink: S) -> Result<S, StoreError> {
        self.product.fetch(&Ticket::own(), statement, sink).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.ping_within(PING_MAX).await
    }

    /// Whether the database answers within this time. Takes its turn like a caller of its own.
    pub async fn ping_within(&self, within: Duration) -> Result<(), StoreError> {
        ping(&self.product, self.kind, within).await
    }

    /// Closes the connections that lie idle and refuses further statements. Those that run may end.
    pub async fn close(&self) {
        self.replicas.close();
        match &self.product {
            Product::Sqlite(sqlite) => sqlite.close().await,
            Product::Postgres(_) | Product::Mysql(_) => self.product.close_connections(),
        }
    }
}

impl Product {
    /// The product that the URL names; connects nothing.
    pub(super) fn open(settings: &SourceSettings) -> Result<(Kind, Product), StoreError> {
        let refuse = |detail: String| StoreError::Url { origin: settings.name.clone(), detail };
        let Some((scheme, rest)) = settings.url.split_once(':') else {
            return Err(refuse(
                "it has no scheme; it starts with postgres://, mysql://, mariadb:// or sqlite:".to_owned(),
            ));
        };
        tls::look(&settings.access.tls)
            .map_err(|detail| StoreError::Certificates { origin: settings.name.clone(), detail })?;
        let opened = match scheme {
            "postgres" | "postgresql" => (Kind::Postgres, Product::Postgres(Box::new(Postgres::open(settings)?))),
            "mysql" => (Kind::Mysql, Product::Mysql(Box::new(Mysql::open(settings, rest)?))),
            "mariadb" => (Kind::Mariadb, Product::Mysql(Box::new(Mysql::open(settings, rest)?))),
            "sqlite" => (Kind::Sqlite, Product::Sqlite(Sqlite::open(settings, rest)?)),
            _ => {
                return Err(refuse(format!(
                    "the scheme '{scheme}' is not known; known are postgres, postgresql, mysql, mariadb and sqlite"
                )));
            }
        };
        Ok(opened)
    }

    async fn fetch<S: Sink>(&self, ticket: &Ticket, statement: Statement, sink: S) -> Result<S, StoreError> {
        match self {
            Product::Sqlite(sqlite) => Box::pin(sqlite.fetch(statement, sink, ticket)).await,
            Product::Postgres(postgres) => Box::pin(postgres.fetch(&statement, sink, ticket)).await,
            Product::Mysql(mysql) => Box::pin(mysql.fetch(&statement, sink, ticket)).await,
        }
    }

    /// The same of a server; a file hands its rows to sinks that it has for itself.
    pub(super) async fn fetch_shared<S: Sink>(
        &self,
        statement: &Statement,
        sink: &mut S,
        ticket: &Ticket,
    ) -> Result<(), StoreError> {
        match self {
            Product::Postgres(postgres) => Box::pin(postgres.fetch_shared(statement, sink, ticket)).await,
            Product::Mysql(mysql) => Box::pin(mysql.fetch_shared(statement, sink, ticket)).await,
            Product::Sqlite(_) => {
                let detail = "a file is no replica".to_owned();
                Err(StoreError::Other { origin: String::new(), detail })
            }
        }
    }

    /// Whether anything is held against the server: if so, whether it is time to ask it for a sign of life.
    pub(super) fn distrust(&self) -> Option<bool> {
        match self {
            Product::Sqlite(_) => None,
            Product::Postgres(postgres) => postgres.distrust(),
            Product::Mysql(mysql) => mysql.distrust(),
        }
    }

    pub(super) fn close_connections(&self) {
        match self {
            Product::Sqlite(_) => {}
            Product::Postgres(postgres) => postgres.close(),
            Product::Mysql(mysql) => mysql.close(),
        }
    }
}

/// Asks for a sign of life.
pub(super) async fn ping(product: &Product, kind: Kind, within: Duration) -> Result<(), StoreError> {
    let text = match kind {
        // Reads the first page of the file, unlike a constant.
        Kind::Sqlite => "SELECT COUNT(*) FROM sqlite_schema",
        Kind::Postgres | Kind::Mysql | Kind::Mariadb => "SELECT 1",
    };
    let statement = Statement { text: text.to_owned(), params: Vec::new(), columns: Vec::new() };
    product.fetch(&Ticket::new(u64::MAX, within), statement, Nothing).await.map(|_| ())
}

/// Takes a row and forgets it.
struct Nothing;

impl Sink for Nothing {
    fn row<R: Row>(&mut self, _: &R) -> Result<ControlFlow<()>, StoreError> {
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {}
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The sources of one service, in the order of the model's source ids. Services share them.
#[derive(Debug, Default)]
pub struct Databases(pub Vec<Arc<Database>>);

impl Databases {
    /// The source with this index.
    pub fn get(&self, index: usize) -> Option<&Database> {
        self.0.get(index).map(Arc::as_ref)
    }
}
