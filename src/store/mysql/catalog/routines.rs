//! Owns which of the wanted routines a MySQL or MariaDB server has, stored or built in.

use crate::catalog::Routine;
use crate::edm::Value;
use crate::store::{Database, StoreError};

use super::TEXT;

/// The server shows only those that the user may call, or has made.
const STORED: &str = "SELECT CAST(ROUTINE_NAME AS CHAR), CAST(ROUTINE_TYPE AS CHAR) FROM information_schema.ROUTINES \
    WHERE ROUTINE_SCHEMA = ? ORDER BY CAST(ROUTINE_NAME AS BINARY), ROUTINE_TYPE";

/// MariaDB tells it from 10.6 on.
const BUILT_IN: &str = "SELECT CAST(FUNCTION AS CHAR) FROM information_schema.SQL_FUNCTIONS";

/// The routines of these names in these schemas, and what is built in. Letter case makes no difference.
pub(super) async fn read(
    database: &Database,
    schemas: &[String],
    names: &[String],
    is_mariadb: bool,
) -> Result<Vec<Routine>, StoreError> {
    let mut routines = Vec::new();
    if names.is_empty() {
        return Ok(routines);
    }
    let is_wanted = |name: &String| names.iter().any(|wanted| wanted.to_lowercase() == name.to_lowercase());
    for schema in schemas {
        let records = database.records(STORED, vec![Value::String(schema.as_str().into())], &[TEXT, TEXT]).await?;
        routines.extend(records.iter().filter(|record| is_wanted(&record.text(0))).map(|record| Routine {
            schema: Some(schema.clone()),
            name: record.text(0),
            procedure: record.text(1) == "PROCEDURE",
            arguments: None,
            callable: true,
        }));
    }
    let built_in = |name| Routine { schema: None, name, procedure: false, arguments: None, callable: true };
    let told = if is_mariadb { database.records(BUILT_IN, Vec::new(), &[TEXT]).await.ok() } else { None };
    match told {
        Some(records) => {
            routines.extend(records.iter().map(|record| record.text(0)).filter(is_wanted).map(built_in));
        }
        // Where the server does not tell, each name may be one.
        None => routines.extend(names.iter().cloned().map(built_in)),
    }
    Ok(routines)
}
