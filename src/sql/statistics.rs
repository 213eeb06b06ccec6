//! Owns [`statistics`]: the one question that is no tree, since every database counts changes in a way of its own.

use crate::edm::Scalar;

use super::ast::Table;
use super::write::Writer;
use super::{Dialect, RenderError, Statement};

/// Writes the question for what the database counts of the changes of `table`: one row with one text, or none (or null)
/// if it counts nothing for it. The text means nothing but that it differs after a change.
pub fn statistics(table: &Table, dialect: &dyn Dialect) -> Result<Statement, RenderError> {
    let mut w = Writer::new(dialect, 1);
    dialect.statistics(&mut w, table);
    w.finish(vec![Scalar::STRING])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edm::Value;
    use crate::sql::{MariaDb, MySql, Param, Postgres, Sqlite};

    #[test]
    fn names_are_parameters() {
        let text = |name: &str| Param::One(Value::String(name.into()), Scalar::STRING);
        for schema in [None, Some("s'1".into())] {
            let has_schema = schema.is_some();
            let table = Table { schema, name: "o\"r".into(), query: None };
            let params = if has_schema { vec![text("s'1"), text("o\"r")] } else { vec![text("o\"r")] };
            let postgres = statistics(&table, &Postgres::default()).unwrap();
            let regclass = if has_schema {
                "to_regclass(quote_ident($1) || '.' || quote_ident($2))"
            } else {
                "to_regclass(quote_ident($1))"
            };
            assert!(postgres.text.contains(regclass), "{}", postgres.text);
            assert_eq!((&postgres.params, &postgres.columns[..]), (&params, &[Scalar::STRING][..]));
            let mysql = statistics(&table, &MySql::default()).unwrap();
            let place =
                if has_schema { "table_schema = ? AND table_name = ?" } else { "DATABASE() AND table_name = ?" };
            assert!(mysql.text.contains(place), "{}", mysql.text);
            assert_eq!(mysql.params, params);
            assert_eq!(statistics(&table, &MariaDb::default()).unwrap(), mysql);
            // One for all tables of the file.
            let sqlite = statistics(&table, &Sqlite::default()).unwrap();
            assert_eq!(sqlite.text, "SELECT CAST(data_version AS TEXT) FROM pragma_data_version");
            assert!(sqlite.params.is_empty());
        }
    }
}
