//! Owns [`Routine`]: a function or procedure of a database, as far as calling it needs.

/// A function or a procedure. Overloads are routines of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routine {
    /// The schema (PostgreSQL) or database (MySQL, MariaDB) that holds it; none for what is built in there.
    pub schema: Option<String>,
    /// Its name, as the database spells it.
    pub name: String,
    /// It is called by `CALL` and gives no value.
    pub procedure: bool,
    /// The fewest and most arguments that it takes, where the database tells them.
    pub arguments: Option<(usize, usize)>,
    /// Whether the user of the source may call it.
    pub callable: bool,
}
