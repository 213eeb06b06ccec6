//! Owns [`watch`]: the tasks that notice what others change in the tables, by announcements and by questions asked
//! every so often, and drop what is kept of the sets concerned.
//!
//! # Decisions
//!
//! - **A generation is raised only after new statements see the change**: an announcement is delivered when its
//!   transaction has ended, and answers to questions show no more than other statements see. A page read before has the
//!   old generation in its key, whenever it is finished.
//! - **What may have been missed counts as a change**: the first answer to a question, the first one after an outage,
//!   the beginning of each connection that listens. At the start little is kept, and after an outage little can be
//!   lost.
//! - **One connection per source that listens, one question at a time per source.** A source with many sets is asked
//!   more seldom rather than by more connections, and what answers slowly is asked so seldom that it is idle nine
//!   tenths of the time.

mod listen;
mod probe;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::cache::Generations;
use crate::execute::ExecuteError;
use crate::model::{EntitySet, Probe, SetId, Sign};
use crate::plan;
use crate::sql::{self, Statement, ast};
use crate::store::Database;

use self::listen::Listening;
use self::probe::Question;

use super::{Service, ServiceError};

/// One source with all that is watched in it, by whatever service.
struct Source {
    name: String,
    database: Arc<Database>,
    generations: Arc<Generations>,
    listening: Vec<Listening>,
    questions: Vec<Question>,
}

/// What watches all that the models of the services name: tasks without an end. Services of one process share sources
/// and generations.
pub fn watch<'a>(services: impl IntoIterator<Item = &'a Service>) -> Vec<BoxFuture<'static, ()>> {
    let mut sources: Vec<Source> = Vec::new();
    for service in services {
        for (index, set) in service.model.sets.iter().enumerate() {
            if let Ok(id) = u32::try_from(index) {
                service.add_watched(SetId(id), set, &mut sources);
            }
        }
    }
    let mut tasks: Vec<BoxFuture<'static, ()>> = Vec::new();
    for Source { name, database, generations, listening, questions } in sources {
        if !listening.is_empty() {
            let (database, generations) = (Arc::clone(&database), Arc::clone(&generations));
            tasks.push(Box::pin(listen::run(name.clone(), database, generations, listening)));
        }
        if !questions.is_empty() {
            tasks.push(Box::pin(probe::run(name, database, generations, questions)));
        }
    }
    tasks
}

impl Service {
    /// Adds what is watched for a set, if anything of it is kept at all.
    fn add_watched(&self, id: SetId, set: &EntitySet, sources: &mut Vec<Source>) {
        let Some(policy) = set.cache.filter(|_| self.kept.is_on) else { return };
        let index = usize::try_from(set.source.0).unwrap_or(usize::MAX);
        let (Some(database), Some(place)) = (self.databases.0.get(index), self.places(&[id]).pop()) else { return };
        let known = sources.iter().position(|source| Arc::ptr_eq(&source.database, database));
        let known = known.unwrap_or_else(|| {
            sources.push(Source {
                name: self.model.sources.get(index).cloned().unwrap_or_default(),
                database: Arc::clone(database),
                generations: Arc::clone(&self.kept.generations),
                listening: Vec::new(),
                questions: Vec::new(),
            });
            sources.len() - 1
        });
        let Some(source) = sources.get_mut(known) else { return };
        if let Some(channel) = &set.changes.notify {
            source.listening.push(Listening {
                channel: channel.clone(),
                table: set.table.name.to_string(),
                set: set.name.clone(),
                place,
            });
        }
        let Some(probe) = &set.changes.probe else { return };
        // Nothing older than this is served without the database.
        let served = Duration::from_secs(u64::from(policy.ttl_s) + u64::from(policy.stale_while_revalidate_s));
        match self.statement(id, set, probe, database) {
            Ok(statement) => {
                probe::add(&mut source.questions, statement, probe, place, served * 2);
            }
            // Names come from files that were checked, so this is a defect; the set keeps its age limits.
            Err(error) => tracing::error!(source = source.name, set = set.name, "changes are not asked for: {error}"),
        }
    }

    fn statement(
        &self,
        id: SetId,
        set: &EntitySet,
        probe: &Probe,
        database: &Database,
    ) -> Result<Statement, ServiceError> {
        let rendered = match probe.sign {
            Sign::Greatest(property) => {
                sql::render(&plan::greatest(id, property, &self.model)?.select, database.dialect())
            }
            Sign::Statistics => {
                let table = ast::Table { schema: set.table.schema.clone(), name: set.table.name.clone(), query: None };
                sql::statistics(&table, database.dialect())
            }
        };
        Ok(rendered.map_err(ExecuteError::from)?)
    }
}
