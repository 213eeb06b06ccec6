//! Owns the binding of functions and actions in paths: which overload is meant, and what its parameters are.
//!
//! # Decisions
//!
//! - **An overload is chosen by the names of its parameters alone** (OData 4.01 Part 1, 11.5.4.2); all of them are
//!   given.
//! - **An operation that is bound to a collection** is told which entities are meant if its statement asks for them. If
//!   not, it is called on the whole set, and a path that leads to a part is refused.
//! - **`/$each` is part of the statement**, as a function in an expression is: one value for each entity, in pages.
//!   Entities that a function gives so are read from their set, each once.

use std::fmt::Write as _;

use crate::edm::{Scalar, Value};
use crate::model::{Binding, Operation, OperationId, OperationKind, Parameter, Returns};
use crate::query::{Answer, Bound, Call, Computed, Expr, Place, Read, Routine, Shape};
use crate::syntax::{self, ExprKind, KeyPredicate, Literal, Span};

use super::BindError;
use super::compare::enum_value;
use super::error::BindErrorKind;
use super::filter::Words;
use super::literal::{exact, text_of};
use super::page;
use super::path::Target;
use super::routine::not_inside;
use super::scope::{Scope, Sight};

/// On what an operation is called.
#[derive(Clone, Copy)]
pub(super) enum On<'a, 'b> {
    /// On nothing: by the name of its import.
    Nothing,
    /// On nothing, by its own name.
    Unbound,
    /// On an entity of these, or on all of them.
    Entities(&'b Sight<'a>, bool),
}

/// What stands in parentheses behind a name.
#[derive(Clone, Copy)]
pub(super) enum Given<'b> {
    /// Nothing, or nothing in them.
    Nothing,
    /// A value without a name.
    Single,
    /// Named parameters.
    Named(&'b [(String, syntax::Expr)]),
}

impl<'b> From<Option<&'b KeyPredicate>> for Given<'b> {
    fn from(given: Option<&'b KeyPredicate>) -> Self {
        match given {
            None | Some(KeyPredicate::Empty) => Given::Nothing,
            Some(KeyPredicate::Single(_)) => Given::Single,
            Some(KeyPredicate::Named(parts)) => Given::Named(parts),
        }
    }
}

/// The overload that a name with its parentheses means; `None` if no operation has the name.
pub(super) fn find<'a>(
    name: &str,
    given: Given<'_>,
    on: On<'a, '_>,
    scope: &Scope<'a>,
    span: &Span,
) -> Result<Option<(OperationId, &'a Operation)>, BindError> {
    let grants = scope.grants;
    let unqualified = match name.rsplit_once('.') {
        Some((space, name)) if space == scope.model.namespace => name,
        Some(_) => return Ok(None),
        None => name,
    };
    let is_meant = |operation: &Operation| match (on, &operation.binding) {
        (On::Nothing, None) => operation.imported_as.as_deref() == Some(name),
        (On::Unbound, None) => operation.name == unqualified,
        (On::Entities(sight, collection), Some(binding)) => {
            operation.name == unqualified
                && binding.set == sight.id
                && binding.collection == collection
                && sight.entity.derives(sight.of, binding.derived)
        }
        _ => false,
    };
    // What an operation gives as values, or changes, no row filter guards.
    let is_meant = |operation: &Operation| {
        let gives_entities = matches!(operation.returns, Some(Returns::Entity { .. } | Returns::Entities { .. }));
        let is_told = operation.binding.as_ref().is_some_and(|it| !it.collection || operation.knows_members());
        let is_guarded = operation.kind == OperationKind::Function && (gives_entities || is_told);
        (is_guarded || grants.is_everything()) && is_meant(operation)
    };
    let model = scope.model;
    let mut overloads = model.published_operations().filter(|(_, operation)| is_meant(operation)).peekable();
    if overloads.peek().is_none() {
        return Ok(None);
    }
    let fits = |operation: &Operation| match (operation.kind, given) {
        (OperationKind::Action, given) => matches!(given, Given::Nothing),
        (OperationKind::Function, Given::Nothing) => operation.parameters.is_empty(),
        (OperationKind::Function, Given::Single) => false,
        (OperationKind::Function, Given::Named(parts)) => {
            let is_given = |parameter: &Parameter| parts.iter().any(|(name, _)| *name == parameter.name);
            parts.len() == operation.parameters.len() && operation.parameters.iter().all(is_given)
        }
    };
    match overloads.find(|(_, operation)| fits(operation)) {
        Some(found) => Ok(Some(found)),
        None => Err(BindError::at(BindErrorKind::UnknownOverload(name.to_owned()), span)),
    }
}

/// The call of an operation on what the path has led to.
pub(super) fn call<'a>(
    on: Option<&Target<'a>>,
    (id, operation): (OperationId, &'a Operation),
    given: Option<&'a KeyPredicate>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Call, BindError> {
    let bound = match (on, &operation.binding) {
        (Some(on), Some(binding)) if !binding.collection => Some(Box::new(on.key_read())),
        (Some(on), Some(_)) if operation.knows_members() => {
            if on.sight.set.source != operation.source {
                let what = format!("'{}' on a set of another data source", operation.name);
                return Err(BindError::unsupported(what, span));
            }
            Some(Box::new(on.members(Answer::Collection, on.keys())))
        }
        (Some(on), Some(binding)) if on.is_part(binding) => return Err(on_a_part(operation, span)),
        _ => None,
    };
    Ok(Call { operation: id, bound, arguments: arguments(operation, given, words, span)? })
}

/// Refuses a function that would be called on more than the path leads to.
pub(super) fn on_a_part(operation: &Operation, span: &Span) -> BindError {
    BindError::unsupported(format!("'{}' on a part of the set", operation.name), span)
}

/// What a function gives for each entity of the collection that the path has led to.
pub(super) fn each<'a>(
    on: &Target<'a>,
    (id, operation): (OperationId, &'a Operation),
    given: Option<&'a KeyPredicate>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Computed, BindError> {
    if operation.kind == OperationKind::Action {
        return Err(BindError::unsupported(format!("the action '{}' on each entity", operation.name), span));
    }
    let elsewhere = on.sight.set.source != operation.source;
    let scalar = match operation.returns {
        Some(Returns::Value { value_type, .. }) => Some(value_type.scalar),
        Some(Returns::Entity { set, .. }) => words.key_of(set),
        Some(Returns::Values { .. } | Returns::Entities { .. }) | None => None,
    };
    let (Some(scalar), Some(_), false) = (scalar, operation.inside, elsewhere) else {
        return Err(not_inside(operation, elsewhere, "a path behind '$each'", span));
    };
    let arguments = arguments(operation, given, words, span)?;
    let arguments = arguments.into_iter().map(|(value, scalar)| Expr::Literal(value, scalar)).collect();
    let call = Routine { operation: id, on: Bound::Entity(Place::up(0)), arguments };
    Ok(Computed { name: operation.name.as_str().into(), expr: Expr::Routine(Box::new(call), scalar), scalar })
}

impl Target<'_> {
    /// Whether it is not all that an operation is bound to.
    fn is_part(&self, binding: &Binding) -> bool {
        let is_whole = self.via.is_empty() && self.conditions.is_empty() && self.from.is_none();
        !is_whole || self.sight.of != binding.derived
    }

    fn keys(&self) -> Shape {
        Shape { properties: self.sight.entity.key.clone(), ..Shape::default() }
    }

    /// Reads something of all entities that are addressed.
    pub(super) fn members(&self, answer: Answer, shape: Shape) -> Read {
        Read { key: None, shape, answer, ..self.key_read() }
    }

    /// Reads the key of the entity that is addressed.
    fn key_read(&self) -> Read {
        Read {
            set: self.sight.id,
            of: self.sight.of,
            from: self.from.clone(),
            all: None,
            via: self.via.clone(),
            made: None,
            key: self.key.clone(),
            filter: self.guard([]),
            search: None,
            order: Vec::new(),
            shape: self.keys(),
            page: page::one_row(),
            count: false,
            answer: Answer::Entity,
        }
    }
}

/// The entities that a call gives; `None` if it gives values.
pub(super) fn entities<'a>(
    operation: &Operation,
    scope: &Scope<'a>,
    name: &str,
    span: &Span,
) -> Result<Option<(Sight<'a>, Answer)>, BindError> {
    let (set, answer) = match operation.returns {
        Some(Returns::Entity { set, .. }) => (set, Answer::Entity),
        Some(Returns::Entities { set }) => (set, Answer::Collection),
        Some(Returns::Value { .. } | Returns::Values { .. }) | None => return Ok(None),
    };
    match scope.open(set) {
        Some(sight) => Ok(Some((sight, answer))),
        // What the caller may not see is not there, and neither is what leads to it.
        None => Err(BindError::at(BindErrorKind::UnknownSet(name.to_owned()), span)),
    }
}

fn arguments<'a>(
    operation: &Operation,
    given: Option<&'a KeyPredicate>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Vec<(Value, Scalar)>, BindError> {
    let parts: &[(String, syntax::Expr)] = match given {
        Some(KeyPredicate::Named(parts)) => parts,
        _ => &[],
    };
    if operation.kind == OperationKind::Action {
        return Ok(Vec::new());
    }
    let one = |parameter: &Parameter| {
        let given = parts.iter().find(|(name, _)| *name == parameter.name).map(|(_, expr)| expr);
        argument(parameter, given.and_then(|expr| words.meant(expr)), words, given.map_or(span, |expr| &expr.span))
    };
    operation.parameters.iter().map(one).collect()
}

/// The arguments of an action from the members of its body. A nullable parameter may be left out (OData 4.01 Part 1,
/// 11.5.5.1).
pub(super) fn from_body<'a>(
    operation: &Operation,
    members: &'a [(String, syntax::Expr)],
    words: &Words<'a>,
) -> Result<Vec<(Value, Scalar)>, BindError> {
    let nowhere = 0..0;
    for (name, _) in members {
        if !name.contains('@') && operation.parameters.iter().all(|parameter| parameter.name != *name) {
            let expected = format!("left out: '{}' does not take it", operation.name);
            return Err(BindErrorKind::Argument { parameter: name.clone(), expected }.into());
        }
        if members.iter().filter(|(other, _)| other == name).count() > 1 {
            return Err(BindErrorKind::Duplicate(name.clone()).into());
        }
    }
    let one = |parameter: &Parameter| {
        let given = members.iter().find(|(name, _)| *name == parameter.name).map(|(_, expr)| expr);
        argument(parameter, given, words, &nowhere).map_err(|error| BindError { span: None, ..error })
    };
    operation.parameters.iter().map(one).collect()
}

/// The value of a parameter; none given is null.
pub(super) fn argument<'a>(
    parameter: &Parameter,
    expr: Option<&'a syntax::Expr>,
    words: &Words<'a>,
    span: &Span,
) -> Result<(Value, Scalar), BindError> {
    let scalar = parameter.value_type.scalar;
    let wrong = |expected: String| {
        let kind = BindErrorKind::Argument { parameter: parameter.name.clone(), expected };
        BindError::at(kind, span)
    };
    let is_null = matches!(expr.map(|expr| &expr.kind), None | Some(ExprKind::Literal(Literal::Null)));
    match expr.map(|expr| &expr.kind) {
        _ if is_null && parameter.nullable && !parameter.collection => Ok((Value::Null, scalar)),
        _ if is_null => Err(wrong("a value that is not null".to_owned())),
        Some(ExprKind::List(members)) if parameter.collection => {
            let mut text = String::from("[");
            for (place, member) in members.iter().enumerate() {
                let Some(literal) = words.literal(member) else {
                    return Err(wrong("a list of literals".to_owned()));
                };
                if place > 0 {
                    text.push(',');
                }
                write_json(&one_value(parameter, literal, words, &member.span)?, &mut text);
            }
            text.push(']');
            Ok((Value::String(text.into()), Scalar::STRING))
        }
        Some(ExprKind::Literal(literal)) if !parameter.collection => {
            Ok((one_value(parameter, literal, words, span)?, scalar))
        }
        _ if parameter.collection => Err(wrong("a list".to_owned())),
        _ => Err(wrong(format!("a literal of {}", scalar.name()))),
    }
}

fn one_value(parameter: &Parameter, literal: &Literal, words: &Words<'_>, span: &Span) -> Result<Value, BindError> {
    let scalar = parameter.value_type.scalar;
    let enumeration = parameter.value_type.enumeration.and_then(|of| words.enumeration(of));
    let Some(of) = enumeration else { return exact(literal, scalar, span) };
    enum_value(literal, of, scalar).ok_or_else(|| {
        let kind = BindErrorKind::MalformedLiteral { text: text_of(literal).to_owned(), type_name: scalar.name() };
        BindError::at(kind, span)
    })
}

/// Writes a value as JSON, for a database that is given many at once.
fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => text.push_str(&value.to_string()),
        Value::Double(value) if value.is_finite() => text.push_str(&value.to_string()),
        Value::Decimal(value) => text.push_str(&value.to_plain_string()),
        Value::String(value) => write_json_text(value, text),
        other => write_json_text(&crate::query::describe_values(std::slice::from_ref(other)), text),
    }
}

fn write_json_text(value: &str, text: &mut String) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            letter if u32::from(letter) < 0x20 => {
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}
