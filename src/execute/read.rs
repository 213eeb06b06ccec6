//! Runs the statements of a read plan.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, try_join, try_join_all};

use crate::edm::{Scalar, Value};
use crate::plan::{Child, Count, Fetch, Node, ReadPlan};
use crate::sql::{self, ast};
use crate::store::{Database, Sink, StoreError, Visit};

use super::kept::KeptRow;
use super::stitch::{FirstRow, NodeSink, NumberSink, Parents};
use super::{ExecuteError, RowWriter};

/// Reads the parents of the navigation steps and restricts what follows each to what belongs to it. False if one of
/// them does not exist.
pub async fn arrive(plan: &mut ReadPlan, databases: &Visit<'_>) -> Result<bool, ExecuteError> {
    let mut conditions = Vec::new();
    for parent in &mut plan.parents {
        restrict(&mut parent.fetch.select, std::mem::take(&mut conditions));
        let Some(values) = first_row(&parent.fetch, None, databases).await? else { return Ok(false) };
        conditions = parent.remote.iter().zip(&values).map(|(column, value)| related(column, value)).collect();
    }
    if let Some(node) = &mut plan.rows {
        restrict(&mut node.fetch.select, conditions.clone());
    }
    if let Some(count) = &mut plan.count {
        restrict(&mut count.select, conditions);
    }
    Ok(true)
}

/// The condition that a row belongs to a parent with this value. To null nothing belongs.
fn related(column: &ast::Column, value: &Value) -> ast::Expr {
    if value.is_null() {
        return ast::Expr::Truth(false);
    }
    let param = ast::Expr::Param(value.clone(), column.scalar);
    ast::Expr::Same(Box::new(ast::Expr::Column(column.clone())), Box::new(param))
}

/// Reads the total. `given` is its statement, as in [`rows`].
pub async fn count(fetch: &Fetch, given: Option<sql::Statement>, databases: &Visit<'_>) -> Result<i64, ExecuteError> {
    match first_row(fetch, given, databases).await?.as_deref() {
        Some([Value::Int(total)]) => Ok(*total),
        _ => Ok(0),
    }
}

/// The statement that needs no rows of others; `None` if the database may want it in another spelling.
pub fn statement(fetch: &Fetch, databases: &Visit<'_>) -> Result<Option<sql::Statement>, ExecuteError> {
    let database = database(fetch, databases)?;
    let statement = sql::render(&fetch.select, database.dialect())?;
    let is_only = match database.narrow_dialect() {
        Some(narrow) => sql::render(&fetch.select, narrow)? == statement,
        None => true,
    };
    Ok(is_only.then_some(statement))
}

/// The same from its pattern and the values of a request; `None` if the pattern does not stand for them.
pub fn filled(
    pattern: &sql::Pattern,
    fetch: &Fetch,
    databases: &Visit<'_>,
    value: impl Fn(usize, Scalar) -> Option<Value>,
) -> Option<sql::Statement> {
    pattern.statement(database(fetch, databases).ok()?.dialect(), value)
}

/// Reads the rows of a node and of every node below it. `given` is the statement of the root, if it has been made
/// already by [`statement`]; then the plan need not know it. `make` gives the writer of a node; they come back in the
/// order of [`Node::index`].
pub async fn rows<W: RowWriter>(
    root: &Node,
    given: Option<sql::Statement>,
    databases: &Visit<'_>,
    make: &(impl Fn(&Node) -> W + Sync),
) -> Result<Vec<W>, ExecuteError> {
    // There is one spelling of what is given, but perhaps another of what is below.
    let (is_given, again) = (given.is_some(), given.as_ref().filter(|_| !root.children.is_empty()).cloned());
    let mut written = match run(root, Start::Root(given), databases, make, Spelling::Usual).await {
        Err(error) if error.wants_narrow() && is_given == again.is_some() => {
            run(root, Start::Root(again), databases, make, Spelling::Narrow).boxed().await?
        }
        other => other?,
    };
    written.sort_by_key(|(index, _)| *index);
    Ok(written.into_iter().map(|(_, writer)| writer).collect())
}

type Written<W> = Vec<(usize, W)>;

/// Where a node's statement comes from.
enum Start<'a> {
    /// The root's own, if it has been made already.
    Root(Option<sql::Statement>),
    /// It is made for the rows above.
    Below(Above<'a>),
}

/// What is above a node that is expanded.
struct Above<'a> {
    child: &'a Child,
    /// The rows above by their values of the join.
    parents: Arc<Parents>,
    /// How many rows there are above, those without a value among them.
    rows: u32,
}

async fn run<W: RowWriter>(
    node: &Node,
    start: Start<'_>,
    databases: &Visit<'_>,
    make: &(impl Fn(&Node) -> W + Sync),
    spelling: Spelling,
) -> Result<Written<W>, ExecuteError> {
    let (given, of_parents) = match start {
        Start::Root(given) => (given, None),
        Start::Below(above) => (None, Some(above)),
    };
    let remote: Vec<Vec<Scalar>> = node.children.iter().map(Child::remote_scalars).collect();
    let joins = node.children.iter().map(|child| child.local.clone()).zip(remote.iter().map(Vec::as_slice));
    let columns = of_parents.as_ref().map(|above| (Arc::clone(&above.parents), above.child.remote_columns()));
    let remembers = of_parents.as_ref().is_some_and(|above| above.child.nothing.is_some());
    let mut sink = NodeSink::new(make(node), joins, columns).remembering(remembers);
    let mut numbers = None;
    if let Some(Above { child, parents, .. }) = &of_parents {
        (sink, numbers) = related_rows(node, child, parents, databases, spelling, sink).await?;
    } else {
        let database = database(&node.fetch, databases)?;
        let statement = match given {
            Some(statement) => statement,
            None => sql::render(&node.fetch.select, dialect(database, spelling))?,
        };
        databases.ticket().show(statement.fingerprint());
        let read = database.fetch_for(databases.ticket(), statement, sink).await;
        sink = read.map_err(|error| of_node(node.index, error))?;
    }
    if let Some(above) = &of_parents
        && above.child.nothing.is_some()
    {
        Box::pin(of_nothing(above, &mut sink, numbers.as_mut(), databases, spelling)).await?;
    }
    let (mut writer, rows, collected) = sink.finish();
    if let Some(numbers) = numbers {
        writer.numbers(numbers);
    }
    let mut written = vec![(node.index, writer)];
    if !node.children.is_empty() {
        let children = node.children.iter().zip(collected);
        let children = children.map(|(child, parents)| run_child(child, (parents, rows), databases, make, spelling));
        written.extend(try_join_all(children).await?.into_iter().flatten());
    }
    Ok(written)
}

type Numbers = Option<Vec<(u32, i64)>>;

/// Reads the rows of a child and how many each parent has, where that is asked for. Boxed: most requests have no
/// children, and need not carry what these need.
fn related_rows<'a, W: RowWriter>(
    node: &'a Node,
    child: &'a Child,
    parents: &'a Arc<Parents>,
    databases: &'a Visit<'a>,
    spelling: Spelling,
    sink: NodeSink<W>,
) -> BoxFuture<'a, Result<(NodeSink<W>, Numbers), ExecuteError>> {
    async move {
        let always = child.count.as_ref().filter(|count| count.always);
        let counted = async {
            match always {
                Some(count) => Ok(Some(count_groups(count, parents, databases, spelling).await?)),
                None => Ok(None),
            }
        };
        let read = async {
            if !child.is_read || parents.is_empty() {
                return Ok(sink);
            }
            fetch_groups(&node.fetch, child, parents, databases, spelling, sink).await
        };
        let (mut sink, mut numbers) = try_join(read, counted).await?;
        if let Some(most) = child.rows_max.filter(|_| sink.wants_limit()) {
            sink.rewind();
            let mut limited = node.fetch.clone();
            if let Some(page) = &mut limited.select.per_group {
                page.top = Some(u64::from(most) + 1);
            }
            sink = fetch_groups(&limited, child, parents, databases, spelling, sink).await?;
            if let (Some(count), None) = (&child.count, &numbers) {
                numbers = Some(count_groups(count, parents, databases, spelling).await?);
            }
        }
        Ok((sink, numbers))
    }
    .boxed()
}

/// Boxed, since nodes nest.
fn run_child<'a, W: RowWriter>(
    child: &'a Child,
    (parents, rows): (Parents, u32),
    databases: &'a Visit<'a>,
    make: &'a (impl Fn(&Node) -> W + Sync),
    spelling: Spelling,
) -> BoxFuture<'a, Result<Written<W>, ExecuteError>> {
    async move {
        if parents.is_empty() && (child.nothing.is_none() || rows == 0) {
            return Ok(unread(&child.node, make));
        }
        let above = Above { child, parents: Arc::new(parents), rows };
        run(&child.node, Start::Below(above), databases, make, spelling).await
    }
    .boxed()
}

/// Reads the rows of a child.
async fn fetch_groups<W: RowWriter>(
    fetch: &Fetch,
    child: &Child,
    parents: &Parents,
    databases: &Visit<'_>,
    spelling: Spelling,
    sink: NodeSink<W>,
) -> Result<NodeSink<W>, ExecuteError> {
    let database = database(fetch, databases)?;
    let groups = groups(&fetch.select, child, parents, database).await;
    let statement = of_groups(&fetch.select, &groups, child.inside, dialect(database, spelling))?;
    let read = database.fetch_for(databases.ticket(), statement, sink).await;
    read.map_err(|error| of_node(child.node.index, error))
}

/// Tells of which node a row is that cannot be read.
#[cold]
fn of_node(node: usize, error: StoreError) -> ExecuteError {
    match error {
        error @ StoreError::Decode { .. } => ExecuteError::Row { node, error },
        error => ExecuteError::Store(error),
    }
}

/// How many rows each parent has.
async fn count_groups(
    count: &Count,
    parents: &Arc<Parents>,
    databases: &Visit<'_>,
    spelling: Spelling,
) -> Result<Vec<(u32, i64)>, ExecuteError> {
    let database = database(&count.fetch, databases)?;
    let groups = ast::Groups { by: count.by.clone(), of: parents.values(), indexed: false };
    let statement = of_groups(&count.fetch.select, &groups, count.inside, dialect(database, spelling))?;
    let columns = count.by.iter().enumerate().map(|(place, column)| (place, column.scalar)).collect();
    let sink = NumberSink { parents: Arc::clone(parents), columns, numbers: Vec::new() };
    Ok(database.fetch_for(databases.ticket(), statement, sink).await?.numbers)
}

/// The statement for some groups: of its rows, or of what these are made of.
fn of_groups(
    select: &sql::Select,
    groups: &ast::Groups,
    inside: bool,
    dialect: &dyn sql::Dialect,
) -> Result<sql::Statement, ExecuteError> {
    if !inside {
        return Ok(sql::render_groups(select, Some(groups), dialect)?);
    }
    let mut select = select.clone();
    restrict(&mut select, vec![groups.condition()]);
    Ok(sql::render(&select, dialect)?)
}

/// Gives the parents that have nothing what is made of nothing.
async fn of_nothing<W: RowWriter>(
    Above { child, parents, rows }: &Above<'_>,
    sink: &mut NodeSink<W>,
    numbers: Option<&mut Vec<(u32, i64)>>,
    databases: &Visit<'_>,
    spelling: Spelling,
) -> Result<(), ExecuteError> {
    let Some(nothing) = &child.nothing else { return Ok(()) };
    let with = match &nothing.inputs {
        Some(inputs) if !parents.is_empty() => {
            count_groups(inputs, parents, databases, spelling).await?.into_iter().map(|(parent, _)| parent).collect()
        }
        Some(_) => HashSet::new(),
        None => sink.parents_with_rows(),
    };
    let without: Vec<u32> = (0..*rows).filter(|parent| !with.contains(parent)).collect();
    if without.is_empty() {
        return Ok(());
    }
    let made = super::call::all(&nothing.fetch, databases).await?;
    if let Some(numbers) = numbers {
        let number = i64::try_from(made.len()).unwrap_or(i64::MAX);
        numbers.extend(without.iter().map(|parent| (*parent, number)));
    }
    let skip = usize::try_from(nothing.skip).unwrap_or(usize::MAX);
    let top = nothing.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX));
    for row in made.into_iter().skip(skip).take(top) {
        sink.give(&without, &KeptRow::new(row))?;
    }
    Ok(())
}

/// What a child reads. The index is asked for only where the shape of the statement hangs on it.
async fn groups(select: &sql::Select, child: &Child, parents: &Parents, database: &Database) -> ast::Groups {
    let by: Vec<_> = child.remote.iter().map(|(_, column)| column.clone()).collect();
    let is_paged = select.per_group.as_ref().is_some_and(|page| page.skip > 0 || page.top.is_some());
    // The columns that make a group are all of one table: that of the rows, or one that is joined to it.
    let of = by.first().map(|column| column.of);
    let joined = select.joins.iter().find(|join| Some(join.alias) == of).map(|join| &join.table);
    let table = joined.or_else(|| select.from.table()).filter(|_| is_paged && !child.inside);
    let indexed = match table {
        Some(table) => database.is_indexed(table, &by).await,
        None => false,
    };
    ast::Groups { by, of: parents.values(), indexed }
}

/// Writers for a node without parents and for all nodes below it: nothing is to be read.
fn unread<W>(node: &Node, make: &impl Fn(&Node) -> W) -> Written<W> {
    let mut written = vec![(node.index, make(node))];
    written.extend(node.children.iter().flat_map(|child| unread(&child.node, make)));
    written
}

/// Adds conditions to a select, or to those that read the tables from which its rows are made.
fn restrict(select: &mut sql::Select, mut conditions: Vec<ast::Expr>) {
    match &mut select.from {
        ast::From::Rows(inner) => return restrict(inner, conditions),
        ast::From::All(parts) => return parts.iter_mut().for_each(|part| restrict(part, conditions.clone())),
        ast::From::Table(_) | ast::From::Items(..) => {}
    }
    match select.filter.take() {
        Some(ast::Expr::And(parts)) => conditions.extend(parts),
        Some(other) => conditions.push(other),
        None => {}
    }
    select.filter = match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(ast::Expr::And(conditions)),
    };
}

pub(super) async fn first_row(
    fetch: &Fetch,
    given: Option<sql::Statement>,
    databases: &Visit<'_>,
) -> Result<Option<Vec<Value>>, ExecuteError> {
    let database = database(fetch, databases)?;
    let read = async |statement| -> Result<_, ExecuteError> {
        let columns = fetch.select.columns.iter().enumerate().map(|(index, output)| (index, output.scalar)).collect();
        Ok(database.fetch_for(databases.ticket(), statement, FirstRow { columns, values: None }).await?.values)
    };
    if let Some(statement) = given {
        return read(statement).await;
    }
    match read(sql::render(&fetch.select, dialect(database, Spelling::Usual))?).await {
        Err(error) if error.wants_narrow() => {
            read(sql::render(&fetch.select, dialect(database, Spelling::Narrow))?).await
        }
        other => other,
    }
}

/// How statements are spelled. Most columns are Unicode, so the spelling for those that are not is tried only where the
/// database has refused the usual one; which of them the columns need is not known before.
#[derive(Clone, Copy)]
enum Spelling {
    Usual,
    Narrow,
}

fn dialect(database: &Database, spelling: Spelling) -> &dyn sql::Dialect {
    match spelling {
        Spelling::Usual => database.dialect(),
        Spelling::Narrow => database.narrow_dialect().unwrap_or(database.dialect()),
    }
}

fn database<'a>(fetch: &Fetch, databases: &Visit<'a>) -> Result<&'a Database, ExecuteError> {
    source(fetch.source.0, databases)
}

pub(super) fn source<'a>(source: u32, databases: &Visit<'a>) -> Result<&'a Database, ExecuteError> {
    let index = usize::try_from(source).unwrap_or(usize::MAX);
    databases.get(index).ok_or(ExecuteError::UnknownSource(source))
}
