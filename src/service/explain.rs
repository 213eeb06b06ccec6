//! Shows what becomes of a URL: the bound query, and the statements with their parameters as each source gets them.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use crate::edm::{Cell, Scalar};
use crate::execute::ExecuteError;
use crate::plan::{self, Fetch, Needs, Node, ReadPlan};
use crate::query::{Query, describe, describe_values};
use crate::sql::{self, Param, Statement};
use crate::store::{Database, Row, Sink, StoreError};

use super::{Service, ServiceError};

impl Service {
    /// Text for people. With `analyze`, each source is asked for its plan of each statement whose parameters are known;
    /// nothing else is read.
    pub async fn explain(&self, target: &str, analyze: bool) -> Result<String, ServiceError> {
        let understood = self.understand(target, None)?;
        let mut text = format!("query\n{}\n", indent(&describe(&understood.query, &self.model)));
        let needs = Needs { keys: false, etags: true, now: self.now_micros() };
        let plan = match &understood.query {
            Query::Read(read) => plan::plan(read, &self.model, needs)?,
            Query::Aggregate(aggregate) => plan::plan_aggregate(aggregate, &self.model, needs)?,
            Query::Cross(cross) => plan::plan_cross(cross, &self.model, needs)?,
            _ => return Ok(text),
        };
        for (title, fetch, is_complete) in statements(&plan) {
            let database = self.database(fetch)?;
            let statement = sql::render(&fetch.select, database.dialect()).map_err(ExecuteError::from)?;
            let source = self.model.sources.get(usize::try_from(fetch.source.0).unwrap_or(usize::MAX));
            let (source, fingerprint) = (source.map_or("?", String::as_str), statement.fingerprint());
            let _ = writeln!(text, "\n{title}, source '{source}', statement {fingerprint:016x}");
            let _ = writeln!(text, "{}", indent(&statement.text));
            for (place, param) in statement.params.iter().enumerate() {
                let _ = writeln!(text, "    {}: {}", place + 1, param_text(param));
            }
            if analyze && is_complete {
                let _ = writeln!(text, "  plan of the database\n{}", indent(&ask_plan(database, statement).await?));
            }
        }
        Ok(text)
    }

    fn database(&self, fetch: &Fetch) -> Result<&Database, ServiceError> {
        let index = usize::try_from(fetch.source.0).unwrap_or(usize::MAX);
        self.databases.get(index).ok_or_else(|| ExecuteError::UnknownSource(fetch.source.0).into())
    }
}

/// Every statement with a title, and whether it is complete: those of expansions and after a navigation step still
/// lack the keys that are known only when the rows before them are read.
fn statements(plan: &ReadPlan) -> Vec<(String, &Fetch, bool)> {
    let mut all = Vec::new();
    let after_parent = !plan.parents.is_empty();
    for (place, parent) in plan.parents.iter().enumerate() {
        all.push(("parent of the navigation step".to_owned(), &parent.fetch, place == 0));
    }
    if let Some(root) = &plan.rows {
        all.push(("rows".to_owned(), &root.fetch, !after_parent));
        push_children(root, &mut all);
    }
    if let Some(count) = &plan.count {
        all.push(("total, unless the page shows it".to_owned(), count, !after_parent));
    }
    all
}

/// The value or the list, and the type with its facets as which it is sent.
fn param_text(param: &Param) -> String {
    let (values, scalar) = match param {
        Param::One(value, scalar) => (describe_values(std::slice::from_ref(value)), *scalar),
        Param::List(values, scalar) => (format!("[{}]", describe_values(values)), *scalar),
        Param::Each(values, scalar) => (format!("each of {}", describe_values(values)), *scalar),
    };
    let facets = match scalar {
        Scalar::String { max_length: Some(most) } | Scalar::Binary { max_length: Some(most) } => format!("({most})"),
        Scalar::Decimal { precision: Some(precision), scale: Some(scale) } => format!("({precision},{scale})"),
        Scalar::Decimal { precision: Some(precision), scale: None } => format!("({precision})"),
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } | Scalar::Duration { precision } => {
            format!("({precision})")
        }
        _ => String::new(),
    };
    format!("{values} as {}{facets}", scalar.name())
}

fn push_children<'a>(node: &'a Node, all: &mut Vec<(String, &'a Fetch, bool)>) {
    for child in &node.children {
        let keys: Vec<&str> = child.remote.iter().map(|(_, column)| column.name.as_ref()).collect();
        let title = format!("expansion {}, to be restricted by {}", child.node.index, keys.join(", "));
        if child.is_read {
            all.push((title, &child.node.fetch, false));
        }
        if let Some(count) = &child.count {
            let when = if count.always { "" } else { ", if they are too many to be read" };
            let title =
                format!("numbers of expansion {}, to be restricted by {}{when}", child.node.index, keys.join(", "));
            all.push((title, &count.fetch, false));
        }
        push_children(&child.node, all);
    }
}

async fn ask_plan(database: &Database, statement: Statement) -> Result<String, ServiceError> {
    let (prefix, column) = database.dialect().explain();
    let columns = vec![Scalar::STRING; column + 1];
    let statement = Statement { text: format!("{prefix}{}", statement.text), columns, ..statement };
    let lines = database.fetch(statement, Lines { column, text: String::new() }).await.map_err(ExecuteError::from)?;
    Ok(lines.text)
}

/// Gathers one text column.
struct Lines {
    column: usize,
    text: String,
}

impl Sink for Lines {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        if let Cell::Text(line) = row.cell(self.column)? {
            self.text.push_str(line.as_str());
            self.text.push('\n');
        }
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.text.clear();
    }
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
