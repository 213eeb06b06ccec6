//! Owns [`Source`]: what metadata files must know of a configured database to be judged.

/// A configured database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name by which metadata files mean it.
    pub name: String,
    /// Whether it can announce changes: only then a set may name a channel.
    pub announces: bool,
    /// Which texts of the files hold for it; `None` if its address does not tell, which is reported elsewhere.
    pub family: Option<Family>,
}

/// Databases for which the files may say different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// PostgreSQL
    Postgres,
    /// MySQL and MariaDB
    Mysql,
    /// SQLite
    Sqlite,
}

impl Family {
    /// Its key in the files.
    pub fn key(self) -> &'static str {
        match self {
            Family::Postgres => "postgres",
            Family::Mysql => "mysql",
            Family::Sqlite => "sqlite",
        }
    }
}
