//! Owns the connection by which changes of the file are noticed. SQLite counts them for each connection by itself, so
//! it is one that stays, outside of the pool, and an answer names it.

use std::sync::{Arc, PoisonError};

use crate::edm::Value;
use crate::sql::Statement;
use crate::store::StoreError;
use crate::store::version::First;

use super::{File, Open, Sqlite, identity};

/// The connection that stays.
#[derive(Default)]
pub(super) struct Watcher {
    open: Option<Open>,
    /// Connections so far: what one says cannot be compared with what another has said.
    opened: u64,
}

impl Sqlite {
    /// What the connection that stays says to `statement`.
    pub(crate) async fn statistics(&self, statement: Statement) -> Result<Value, StoreError> {
        let origin = || self.file.origin.clone();
        if self.gate.is_closed() {
            return Err(StoreError::Away { origin: origin(), detail: "the source is closed".to_owned() });
        }
        let file = Arc::clone(&self.file);
        let run = tokio::task::spawn_blocking(move || file.statistics(&statement));
        run.await.map_err(|error| StoreError::Other { origin: origin(), detail: error.to_string() })?
    }
}

impl File {
    fn statistics(&self, statement: &Statement) -> Result<Value, StoreError> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = watcher.open.take();
        let now = identity(&self.path).map_err(|error| self.away(&error))?;
        let open = match kept {
            Some(open) if open.identity.continues_as(now) => Open { identity: now, ..open },
            _ => {
                watcher.opened += 1;
                self.connect(now)?
            }
        };
        let mut first = First::of(statement);
        let asked = self.rows(&open.connection, statement, &mut first);
        // A locked file has not changed because of that.
        if !matches!(asked, Err(StoreError::Away { .. })) {
            watcher.open = Some(open);
        }
        asked?;
        Ok(match first.value {
            Value::String(version) => Value::String(format!("{} {version}", watcher.opened).into()),
            other => other,
        })
    }

    /// Closes the connection.
    pub(super) fn stop_watching(&self) {
        drop(self.watcher.lock().unwrap_or_else(PoisonError::into_inner).open.take());
    }
}
