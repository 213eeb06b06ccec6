//! Calls of functions and actions: what they give, as values or as the entities that are then read; and what an action
//! leaves behind.

use std::borrow::Cow;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use crate::bind::{self, Scope};
use crate::edm::{Scalar, Value};
use crate::execute;
use crate::model::{OperationId, OperationKind, PropertyId, Returns, SetId};
use crate::plan::{self, Needs, Node, On};
use crate::query::{Answer as Form, Call, Comparison, Expr, Invoke, Query, Read, ResultForm, RowStep};
use crate::store::Visit;
use crate::syntax::{self, ResourceUrl};
use crate::wire::json::{self, write_context};
use crate::wire::{Format, Level, Version, context, negotiate};

use super::dispatch::{READ, is_unmodified};
use super::manner::TEXT;
use super::read::Asking;
use super::request::Request;
use super::understand::Understood;
use super::{Answer, Service, ServiceError};

/// Most values or entities that a call may give.
const RESULT_ROWS_MAX: usize = 10_000;

impl Service {
    /// Carries an action out.
    pub(super) async fn act(&self, request: &Request, version: Version, caller: u64) -> Result<Answer, ServiceError> {
        let understood = self.understand(&request.target, None)?;
        let Some(id) = self.action(&understood.query) else { return Err(ServiceError::Method(READ)) };
        let arguments = self.arguments(id, request)?;
        let query = match &understood.query {
            Query::Call(invoke) => {
                let call = Call { arguments, ..invoke.call.clone() };
                Query::Call(Box::new(Invoke { call, form: invoke.form }))
            }
            Query::Read(read) => {
                let mut read = read.clone();
                if let Some(call) = &mut read.from {
                    call.arguments = arguments;
                }
                // There is no way to ask for a next page of what has been done.
                read.page.rows_max = u32::try_from(RESULT_ROWS_MAX).unwrap_or(u32::MAX);
                Query::Read(read)
            }
            _ => return Err(ServiceError::Method(READ)),
        };
        Box::pin(self.check_state(request, &query, &understood.url, caller)).await?;
        let meant = Understood::once(understood.url.clone(), query);
        self.respond(request, meant.into(), version, caller).await
    }

    /// Refuses an action on an entity that is not in the state which the conditions of the request demand (OData 4.01
    /// Part 1, 11.5.5.1). Without an entity, or a tag of it, only `If-Match: *` can hold.
    async fn check_state(
        &self,
        request: &Request,
        query: &Query,
        url: &ResourceUrl,
        caller: u64,
    ) -> Result<(), ServiceError> {
        if request.if_match.is_none() && request.if_none_match.is_none() {
            return Ok(());
        }
        let bound = match query {
            Query::Call(invoke) => invoke.call.bound.as_deref(),
            Query::Read(read) => read.from.as_deref().and_then(|call| call.bound.as_deref()),
            _ => None,
        };
        let etag = match bound.filter(|bound| bound.answer == Form::Entity) {
            Some(bound) => self.read(bound, url, Format::default(), Asking { caller, anew: true }).await?.etag,
            None => None,
        };
        if is_unmodified(request, etag.as_deref())? { Err(ServiceError::Precondition) } else { Ok(()) }
    }

    /// Whether a path leads to an action.
    pub(super) fn is_action(&self, target: &str) -> bool {
        self.understand(target, None).is_ok_and(|understood| self.action(&understood.query).is_some())
    }

    /// The action that a query calls.
    pub(super) fn action(&self, query: &Query) -> Option<OperationId> {
        let call = match query {
            Query::Call(invoke) => &invoke.call,
            Query::Read(read) => read.from.as_deref()?,
            Query::Service | Query::Metadata | Query::Aggregate(_) | Query::Cross(_) => return None,
        };
        let is_action = self.model.operation(call.operation)?.kind == OperationKind::Action;
        is_action.then_some(call.operation)
    }

    fn arguments(&self, id: OperationId, request: &Request) -> Result<Vec<(Value, Scalar)>, ServiceError> {
        let wrong = |what: String| ServiceError::ActionBody(what);
        request.check_body()?;
        let body = std::str::from_utf8(&request.body).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        if !body.trim().is_empty() {
            let media = request.content_type.as_deref().unwrap_or("application/json");
            let kind = media.split(';').next().unwrap_or_default().trim();
            if !kind.eq_ignore_ascii_case("application/json") {
                return Err(ServiceError::MediaType { found: media.to_owned(), known: "application/json" });
            }
        }
        let members = syntax::parse_object(body, &self.syntax).map_err(|error| wrong(error.to_string()))?;
        let scope = Scope { model: &self.model, grants: &self.grants, limits: self.bind, unseal: &|_| None };
        bind::bind_body(id, &members, &scope).map_err(|error| wrong(error.to_string()))
    }

    /// The answer to a call that gives values.
    pub(super) async fn given(
        &self,
        invoke: &Invoke,
        request: &Request,
        (version, name): (Version, Option<&str>),
        caller: u64,
    ) -> Result<Answer, ServiceError> {
        let operation = self.model.operation(invoke.call.operation);
        let operation = operation.ok_or(ServiceError::Defect("an unknown operation was bound"))?;
        let format = match invoke.form {
            ResultForm::Json if operation.returns.is_some() => negotiate(version, request.accept.as_deref(), name)?,
            _ => Format { version, ..Format::default() },
        };
        let visit = self.visit(Asking { caller, anew: true });
        let rows = self.call(&invoke.call, &visit).await?;
        let values: Vec<&Value> = rows.iter().filter_map(|row| row.first()).collect();
        let answer = Answer { status: 200, version: version.text(), ..Answer::default() };
        let nothing = Answer { status: 204, ..answer.clone() };
        let (value_type, many) = match &operation.returns {
            Some(Returns::Value { value_type, .. }) => (*value_type, false),
            Some(Returns::Values { value_type, .. }) => (*value_type, true),
            _ => return Ok(nothing),
        };
        let writer = json::ResultWriter::new(&self.model, value_type);
        let mut body = Vec::new();
        match (invoke.form, values.first()) {
            (ResultForm::Count, _) => body.extend_from_slice(values.len().to_string().as_bytes()),
            (_, None | Some(Value::Null)) if !many => return Ok(nothing),
            (ResultForm::Raw, Some(value)) => writer.write_raw(value, &mut body),
            (_, first) => {
                body.push(b'{');
                if format.level != Level::None {
                    write_context(&context::of_result(&self.model, value_type, many, &self.root), format, &mut body);
                    body.push(b',');
                }
                body.extend_from_slice(b"\"value\":");
                match first {
                    Some(value) if !many => writer.write(value, format.ieee754, &mut body),
                    _ => {
                        body.push(b'[');
                        for (place, value) in values.iter().enumerate() {
                            if place > 0 {
                                body.push(b',');
                            }
                            writer.write(value, format.ieee754, &mut body);
                        }
                        body.push(b']');
                    }
                }
                body.push(b'}');
            }
        }
        let content_type = match invoke.form {
            ResultForm::Json => format.content_type(),
            ResultForm::Raw if matches!(value_type.scalar, Scalar::Binary { .. }) => "application/octet-stream",
            _ => TEXT,
        };
        Ok(Answer { content_type: Some(content_type.into()), body: Bytes::from(body), ..answer })
    }

    /// The read, restricted to the entities whose keys its call gives.
    pub(super) async fn among<'r>(&self, read: &'r Read, visit: &Visit<'_>) -> Result<Cow<'r, Read>, ServiceError> {
        let Some(call) = &read.from else { return Ok(Cow::Borrowed(read)) };
        let first = read.via.first().map_or(read.set, |via| via.set);
        let condition = self.called(call, first, visit).await?;
        let mut read = read.clone();
        match (read.via.first_mut(), &mut read.made) {
            (Some(via), _) => narrow(&mut via.filter, condition),
            (None, Some(made)) => made.steps.insert(0, RowStep::Filter(condition)),
            (None, None) => narrow(&mut read.filter, condition),
        }
        Ok(Cow::Owned(read))
    }

    /// The condition that an entity of a set is one of those that a call gives.
    pub(super) async fn called(&self, call: &Call, set: SetId, visit: &Visit<'_>) -> Result<Expr, ServiceError> {
        let keys = self.call(call, visit).await?;
        self.one_of(set, &keys)
    }

    /// The condition that an entity has one of these keys.
    fn one_of(&self, set: SetId, keys: &[Vec<Value>]) -> Result<Expr, ServiceError> {
        let entity_type = self.model.type_of(set).ok_or(ServiceError::Defect("an unknown set was bound"))?;
        let scalar = |id: PropertyId| entity_type.property(id).map_or(Scalar::STRING, |property| property.scalar);
        let equals = |id: &PropertyId, value: &Value| {
            let literal = Expr::Literal(value.clone(), scalar(*id));
            Expr::Compare(Comparison::Eq, Box::new(Expr::Property(*id)), Box::new(literal))
        };
        let mut keys: Vec<&Vec<Value>> = keys.iter().filter(|key| !key.iter().any(Value::is_null)).collect();
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert((*key).clone()));
        Ok(match (entity_type.key.as_slice(), keys.as_slice()) {
            (_, []) => Expr::Literal(Value::Boolean(false), Scalar::Boolean),
            ([id], [key]) => key.first().map_or(Expr::Literal(Value::Null, Scalar::Boolean), |value| equals(id, value)),
            ([id], keys) => {
                let values = keys.iter().filter_map(|key| key.first().cloned()).collect();
                Expr::In(Box::new(Expr::Property(*id)), values, scalar(*id))
            }
            (ids, keys) => {
                let mut all: Vec<Expr> = keys
                    .iter()
                    .map(|key| Expr::And(ids.iter().zip(key.iter()).map(|(id, value)| equals(id, value)).collect()))
                    .collect();
                match all.len() {
                    1 => all.remove(0),
                    _ => Expr::Or(all),
                }
            }
        })
    }

    /// Runs a call, on the entity that it is called on as it is now. Boxed, since what it is called on may come from a
    /// call too.
    fn call<'a>(
        &'a self,
        call: &'a Call,
        visit: &'a Visit<'_>,
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, ServiceError>> {
        async move {
            let on = match &call.bound {
                None => On::Nothing,
                Some(bound) => {
                    let needs = Needs { now: self.now_micros(), ..Needs::default() };
                    let plan = self.planned(bound, needs, visit).await?;
                    let mut node = plan.rows.ok_or(ServiceError::Defect("a key was planned without rows"))?;
                    match bound.answer {
                        Form::Each => return self.of_each(node, visit).await,
                        Form::Collection => {
                            node.fetch.select.limit = None;
                            // Only the key; what tells the type of a row stands behind it.
                            node.fetch.select.columns.truncate(bound.shape.properties.len());
                            On::Entities(Box::new(node.fetch.select))
                        }
                        _ => {
                            let values = execute::first(&node.fetch, visit).await?.ok_or(ServiceError::NoEntity)?;
                            On::Entity(values.into_iter().take(bound.shape.properties.len()).collect())
                        }
                    }
                }
            };
            let plan = plan::plan_call(call, &on, &self.model)?;
            let ran = execute::call(&plan, RESULT_ROWS_MAX, visit).await;
            if plan.changes {
                // Whatever has become of it: which rows it may have changed is not known.
                let sets = (0..).map(SetId).zip(&self.model.sets);
                sets.filter(|(_, set)| set.source == plan.source).for_each(|(id, _)| self.wrote(id));
            }
            let rows = ran?;
            few(rows)
        }
        .boxed()
    }

    /// What a function gives for each of many entities.
    async fn of_each(&self, mut node: Node, visit: &Visit<'_>) -> Result<Vec<Vec<Value>>, ServiceError> {
        let column = node.computed.first().copied();
        node.fetch.select.limit = u64::try_from(RESULT_ROWS_MAX + 1).ok();
        let rows = execute::all(&node.fetch, visit).await?;
        few(rows
            .into_iter()
            .map(|row| column.and_then(|column| row.get(column).cloned()).into_iter().collect())
            .collect())
    }
}

/// The rows, if they are not too many.
fn few(rows: Vec<Vec<Value>>) -> Result<Vec<Vec<Value>>, ServiceError> {
    if rows.len() > RESULT_ROWS_MAX { Err(ServiceError::Result(RESULT_ROWS_MAX)) } else { Ok(rows) }
}

/// Adds a condition to a filter.
pub(super) fn narrow(filter: &mut Option<Expr>, condition: Expr) {
    *filter = Some(match filter.take() {
        Some(Expr::And(mut operands)) => {
            operands.push(condition);
            Expr::And(operands)
        }
        Some(filter) => Expr::And(vec![filter, condition]),
        None => condition,
    });
}
