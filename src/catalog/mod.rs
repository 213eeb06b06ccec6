//! What a database says of itself: tables, columns, keys, indexes, in one vocabulary for all products. Read by `store`,
//! used to draft metadata files and to compare written ones with the live database. No input or output, no SQL.

mod column;
mod offer;
mod relation;
mod wanted;

pub use column::{Column, ColumnType, Filled};
pub use offer::{Offer, offer};
pub use relation::{ForeignKey, Index, Key, Relation, RelationKind, WordIndex};

/// The schema of one source, as far as its user may see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The product with its version, as the database tells it: `PostgreSQL 15.14`.
    pub product: String,
    /// The schema (PostgreSQL) or database (MySQL, MariaDB) in which a table without a schema is looked for.
    pub default_schema: Option<String>,
    /// All schemas in which a table without a schema is looked for, in this order; the first is the default one.
    pub search_path: Vec<String>,
    /// Tables and views in the order of their schemas and names.
    pub relations: Vec<Relation>,
    /// SQLite: the virtual tables that are indexes of words. They are no relations of their own.
    pub word_indexes: Vec<WordIndex>,
    /// What could not be read, and why: one sentence each.
    pub unread: Vec<String>,
}

/// Which part of a database is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only these schemas; without any, all that are not the database's own.
    pub schemas: Vec<String>,
    /// Only tables whose names match one of these patterns: `*` stands for any letters, `?` for one. Without any, all.
    pub tables: Vec<String>,
    /// None of the tables whose names match one of these.
    pub without: Vec<String>,
    /// Tables and views that belong to an extension of the database too.
    pub of_extensions: bool,
}

impl Wanted {
    /// Whether a relation is of the wanted part. Letter case counts, as databases tell it.
    pub fn takes(&self, schema: Option<&str>, name: &str) -> bool {
        let schema_fits =
            self.schemas.is_empty() || schema.is_some_and(|schema| self.schemas.iter().any(|it| it == schema));
        let any = |patterns: &[String]| patterns.iter().any(|pattern| is_like(name, pattern));
        schema_fits && (self.tables.is_empty() || any(&self.tables)) && !any(&self.without)
    }
}

/// Whether a name is spelled like a pattern of `*` and `?`.
fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    // Which beginnings of the name the beginning of the pattern fits.
    let mut fits: Vec<bool> = std::iter::once(true).chain(name.iter().map(|_| false)).collect();
    for wild in pattern {
        let before = fits.clone();
        let mut left = false;
        for (place, fit) in fits.iter_mut().enumerate() {
            let shorter = place.checked_sub(1);
            let from_shorter = shorter.and_then(|place| before.get(place)).copied().unwrap_or(false);
            let here = before.get(place).copied().unwrap_or(false);
            let letter = shorter.and_then(|place| name.get(place));
            *fit = match wild {
                '*' => here || left,
                '?' => from_shorter,
                other => from_shorter && letter == Some(&other),
            };
            left = *fit;
        }
    }
    fits.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (name, pattern, fits) in [
            ("orders", "orders", true),
            ("orders", "order*", true),
            ("orders", "*", true),
            ("orders", "o*s", true),
            ("orders", "o?ders", true),
            ("orders", "order", false),
            ("orders", "?", false),
            ("a%b", "a%b", true),
            ("axb", "a%b", false),
            ("größe", "gr??e", true),
            ("aXbXc", "a*X*c", true),
            ("", "*", true),
        ] {
            assert_eq!(is_like(name, pattern), fits, "{name} {pattern}");
        }
        let wanted = Wanted {
            schemas: vec!["sales".to_owned()],
            tables: vec!["o*".to_owned()],
            without: vec!["*_old".to_owned()],
        };
        assert!(wanted.takes(Some("sales"), "orders"));
        assert!(!wanted.takes(Some("sales"), "orders_old"));
        assert!(!wanted.takes(Some("other"), "orders"));
        assert!(!wanted.takes(Some("sales"), "customers"));
        assert!(Wanted::default().takes(None, "x"));
    }
}
