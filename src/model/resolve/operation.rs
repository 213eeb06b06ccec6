//! Resolves `operations.toml`: functions and actions with their parameters, what they return and what the database
//! runs.

use std::collections::HashSet;

use super::inside::inside;
use super::names::{Seen, check_database_name, check_identifier};
use super::statement::{Piece, pieces};
use super::types::Declared;
use super::value_type::{self, Said};
use crate::edm::Scalar;
use crate::model::raw::{self, BoundOn, Report, Statement, Statements, nearest};
use crate::model::{
    Binding, Body, EntityType, Exposure, Family, Inside, Model, Operation, OperationKind, Parameter, Part, PropertyId,
    Returns, SetId, SourceId, Table, ValueType,
};

/// Where the operations of a file belong.
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) source: SourceId,
    pub(super) family: Option<Family>,
    /// A file of an entity type could not be read: nothing is said about sets that are not known.
    pub(super) incomplete: bool,
}

/// Resolves the operations of one file.
pub(super) fn resolve(
    operations: &raw::Operations,
    place: &Place<'_>,
    model: &Model,
    declared: &Declared,
    report: &mut Report,
) -> Vec<Operation> {
    let functions = (1..).zip(&operations.functions).map(|it| (OperationKind::Function, "function", it));
    let actions = (1..).zip(&operations.actions).map(|it| (OperationKind::Action, "action", it));
    let mut resolved = Vec::new();
    for (kind, table, (number, raw)) in functions.chain(actions) {
        let mut one = One { raw, kind, place, path: format!("{table}.{number}."), model, declared, report };
        resolved.extend(one.resolve());
    }
    resolved
}

/// One operation on its way.
struct One<'a, 'r> {
    raw: &'a raw::Operation,
    kind: OperationKind,
    place: &'a Place<'a>,
    path: String,
    model: &'a Model,
    declared: &'a Declared,
    report: &'r mut Report,
}

impl One<'_, '_> {
    fn add(&mut self, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        self.report.add(self.place.file, format!("{}{key}", self.path), wrong, right);
    }

    fn resolve(&mut self) -> Option<Operation> {
        let raw = self.raw;
        check_identifier(&raw.name, self.place.file, &format!("{}name", self.path), self.report);
        let binding = self.binding();
        let parameters = self.parameters(binding.as_ref().ok().and_then(Option::as_ref));
        let returns = self.returns();
        if self.kind == OperationKind::Function && raw.returns.is_none() {
            self.add("returns", "a function returns something", "say what: `returns = { type = \"Int32\" }`");
        }
        if raw.composable.is_some() && self.kind == OperationKind::Action {
            self.add("composable", "`composable` does not go with an action", "it belongs to functions; leave it out");
        }
        if raw.bound_to.is_some() && raw.import.is_some() {
            self.add("import", "a bound operation does not stand in the container", "leave `import` out");
        }
        if let Some(import) = &raw.import {
            check_identifier(import, self.place.file, &format!("{}import", self.path), self.report);
        }
        let binding = binding.ok()?;
        let body = self.body(binding.as_ref(), &parameters)?;
        if let Some(Binding { set, collection: true, .. }) = &binding
            && !self.model.set(*set).is_some_and(|set| set.exposure == Exposure::Set)
            && !matches!(&body, Body::Statement(parts) if parts.contains(&Part::Members))
        {
            let name = raw.bound_to.as_deref().unwrap_or_default();
            let wrong = format!("`{name}` is no collection of the container");
            self.add("on", wrong, "bind it to the entity, or ask with `:it` which of them are meant");
        }
        let returns = returns.ok();
        let inside = returns.as_ref().and_then(|returns| self.inside(&body, returns.as_ref()));
        // Without a parameter it would look like another overload.
        if parameters.len() < raw.parameters.len() {
            return None;
        }
        let imported_as = binding.is_none().then(|| raw.import.clone().unwrap_or_else(|| raw.name.clone()));
        Some(Operation {
            name: raw.name.clone(),
            kind: self.kind,
            binding,
            parameters,
            returns: returns?,
            source: self.place.source,
            body,
            inside,
            composable: raw.composable.unwrap_or(false),
            imported_as,
            description: raw.description.clone(),
        })
    }

    /// Looks a set up, or reports that there is none.
    fn set(&mut self, name: &str, key: &str) -> Result<SetId, ()> {
        let names = || self.model.sets.iter().map(|set| set.name.as_str());
        let found = names().position(|known| known == name);
        if found.is_none() && !self.place.incomplete {
            let right = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a set of this service".to_owned(),
            };
            self.add(key, format!("set `{name}` does not exist"), right);
        }
        found.and_then(|index| u32::try_from(index).ok()).map(SetId).ok_or(())
    }

    fn binding(&mut self) -> Result<Option<Binding>, ()> {
        let raw = self.raw;
        let Some(name) = &raw.bound_to else {
            for (key, given) in [("derived", raw.derived.is_some()), ("on", raw.on.is_some())] {
                if given {
                    self.add(
                        key,
                        format!("`{key}` does not go with an unbound operation"),
                        "leave it out, or add `bound_to`",
                    );
                }
            }
            return Ok(None);
        };
        let set = self.set(name, "bound_to")?;
        let collection = raw.on == Some(BoundOn::Collection);
        let mut derived = None;
        if let Some(wanted) = &raw.derived {
            let of = self.model.type_of(set);
            derived = of.and_then(|it| it.derived_named(wanted)).map(|(id, _)| id);
            if derived.is_none() {
                let names = of.into_iter().flat_map(|it| &it.derived).map(|it| it.name.as_str());
                let right = match nearest(wanted, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a type derived from that of the set".to_owned(),
                };
                self.add("derived", format!("`{name}` has no derived type `{wanted}`"), right);
                return Err(());
            }
        }
        Ok(Some(Binding { parameter: "it".to_owned(), set, derived, collection }))
    }

    fn value_type(&mut self, said: &Said<'_>, path: &str) -> Option<ValueType> {
        let path = format!("{}{path}", self.path);
        let typed = value_type::resolve(said, self.declared, self.place.file, &path, self.report)?;
        if typed.scalar == Scalar::Stream {
            let wrong = "a stream is no value";
            self.report.add(self.place.file, format!("{path}type"), wrong, "use `Binary`");
        }
        Some(typed)
    }

    fn parameters(&mut self, binding: Option<&Binding>) -> Vec<Parameter> {
        let raw = self.raw;
        let mut names = Seen::new("parameter");
        let mut parameters = Vec::with_capacity(raw.parameters.len());
        for (number, parameter) in (1..).zip(&raw.parameters) {
            let place = format!("{}parameter.{number}", self.path);
            let key = format!("{place}.name");
            check_identifier(&parameter.name, self.place.file, &key, self.report);
            names.take(&parameter.name, place, self.place.file, &key, self.report);
            let is_key = |it: &&str| it.eq_ignore_ascii_case(&parameter.name);
            if binding.is_some_and(|binding| binding.parameter == parameter.name)
                || key_of(self.model, binding).iter().map(|(_, name)| *name).any(|name| is_key(&name))
            {
                let wrong = format!("`{}` already means the entity or its key", parameter.name);
                self.add(&format!("parameter.{number}.name"), wrong, "choose another name");
            }
            let said = Said {
                primitive: parameter.primitive,
                enumeration: parameter.enumeration.as_deref(),
                max_length: parameter.max_length,
                precision: parameter.precision,
                scale: parameter.scale,
                ..Said::default()
            };
            let Some(value_type) = self.value_type(&said, &format!("parameter.{number}.")) else { continue };
            parameters.push(Parameter {
                name: parameter.name.clone(),
                value_type,
                nullable: parameter.nullable.unwrap_or(true),
                collection: parameter.many.unwrap_or(false),
            });
        }
        parameters
    }

    fn returns(&mut self) -> Result<Option<Returns>, ()> {
        let Some(returns) = &self.raw.returns else { return Ok(None) };
        let many = returns.many.unwrap_or(false);
        let nullable = returns.nullable.unwrap_or(true);
        let is_value = returns.primitive.is_some() || returns.enumeration.is_some();
        if let Some(name) = &returns.set {
            if is_value {
                self.add("returns.set", "both a set and a type are named", "name one of them");
            }
            if many && returns.nullable.is_some() {
                self.add("returns.nullable", "`nullable` does not go with many entities", "leave it out");
            }
            let set = self.set(name, "returns.set")?;
            if self.model.set(set).is_some_and(|set| set.source != self.place.source) {
                let wrong = format!("`{name}` lies in another source");
                self.add("returns.set", wrong, "the keys are looked up where the operation runs; declare it there");
            }
            return Ok(Some(if many { Returns::Entities { set } } else { Returns::Entity { set, nullable } }));
        }
        let said = Said {
            primitive: returns.primitive,
            enumeration: returns.enumeration.as_deref(),
            max_length: returns.max_length,
            precision: returns.precision,
            scale: returns.scale,
            ..Said::default()
        };
        let value_type = self.value_type(&said, "returns.").ok_or(())?;
        Ok(Some(if many { Returns::Values { value_type, nullable } } else { Returns::Value { value_type, nullable } }))
    }

    fn body(&mut self, binding: Option<&Binding>, parameters: &[Parameter]) -> Option<Body> {
        let raw = self.raw;
        let given = [
            ("statement", raw.statement.is_some()),
            ("function", raw.function.is_some()),
            ("procedure", raw.procedure.is_some()),
        ];
        let mut given = given.into_iter().filter(|(_, given)| *given);
        let first = given.next();
        if let (Some((first, _)), Some((second, _))) = (first, given.next()) {
            self.add(second, format!("both `{first}` and `{second}` are given"), "one of them is run");
            return None;
        }
        if raw.statement.is_some() && raw.schema.is_some() {
            self.add("schema", "`schema` does not go with a statement", "write it in the statement");
        }
        let file = self.place.file;
        let routine = |name: &String, key: &str, report: &mut Report| {
            check_database_name(name, file, key, report);
            Table::new(raw.schema.as_deref(), name)
        };
        if let Some(name) = &raw.function {
            return Some(Body::Function(routine(name, &format!("{}function", self.path), self.report)));
        }
        if let Some(name) = &raw.procedure {
            if self.place.family == Some(Family::Sqlite) {
                self.add("procedure", "SQLite has no procedures", "write a statement");
            } else if self.kind == OperationKind::Function {
                self.add("procedure", "a procedure may change something", "declare an action");
            }
            return Some(Body::Procedure(routine(name, &format!("{}procedure", self.path), self.report)));
        }
        let Some(text) = self.text() else {
            // Without a family, the source was reported.
            if let (Some(Statement::ByDatabase(texts)), Some(family)) = (&raw.statement, self.place.family) {
                let empty = *texts == Statements { postgres: None, mysql: None, sqlite: None };
                let wrong = if empty { "no statement is given" } else { "no statement is given for this source" };
                self.add("statement", wrong, format!("add `statement.{}`", family.key()));
            }
            return None;
        };
        let text = text.clone();
        self.parts(&text, binding, parameters).map(Body::Statement)
    }

    /// How it stands inside another statement.
    fn inside(&self, body: &Body, returns: Option<&Returns>) -> Option<Inside> {
        let is_one = match returns? {
            Returns::Value { .. } => true,
            Returns::Entity { set, .. } => self.model.type_of(*set)?.key.len() == 1,
            Returns::Values { .. } | Returns::Entities { .. } => false,
        };
        match body {
            _ if !is_one || self.kind != OperationKind::Function => None,
            Body::Statement(_) => inside(self.text()?, self.place.family),
            Body::Function(_) => Some(Inside { limited: false }),
            Body::Procedure(_) => None,
        }
    }

    /// The statement for the database that runs it.
    fn text(&self) -> Option<&String> {
        match self.raw.statement.as_ref()? {
            Statement::Any(text) => Some(text),
            Statement::ByDatabase(Statements { postgres, mysql, sqlite }) => match self.place.family? {
                Family::Postgres => postgres.as_ref(),
                Family::Mysql => mysql.as_ref(),
                Family::Sqlite => sqlite.as_ref(),
            },
        }
    }

    fn parts(&mut self, text: &str, binding: Option<&Binding>, parameters: &[Parameter]) -> Option<Vec<Part>> {
        let pieces = match pieces(text, self.place.family) {
            Ok(pieces) => pieces,
            Err(wrong) => {
                self.add("statement", wrong, "write one statement, with `:name` for each parameter");
                return None;
            }
        };
        if text.trim().is_empty() {
            self.add("statement", "the statement is empty", "write what the database runs");
        }
        let key = key_of(self.model, binding);
        let mut used = HashSet::new();
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let name = match piece {
                Piece::Text(text) => {
                    parts.push(Part::Text(text.to_owned()));
                    continue;
                }
                Piece::Name(name) => name,
            };
            used.insert(name);
            let declared = self.raw.parameters.iter().position(|parameter| parameter.name == name);
            let id = key.iter().find(|(_, known)| *known == name).map(|(id, _)| *id);
            match (declared, id) {
                (Some(_), _) => {
                    let place = parameters.iter().position(|parameter| parameter.name == name);
                    parts.extend(place.map(Part::Parameter));
                }
                (None, Some(id)) => parts.push(Part::Key(id)),
                (None, None) if binding.is_some_and(|it| it.collection && it.parameter == name) => {
                    parts.push(Part::Members);
                }
                (None, None) => {
                    let names = self.raw.parameters.iter().map(|parameter| parameter.name.as_str());
                    let right = match nearest(name, names.chain(key.iter().map(|(_, name)| *name))) {
                        Some(near) => format!("did you mean `:{near}`?"),
                        None => "declare it, or name a key property of the bound entity".to_owned(),
                    };
                    self.add("statement", format!("parameter `:{name}` is not declared"), right);
                }
            }
        }
        for (number, parameter) in (1..).zip(&self.raw.parameters) {
            if !used.contains(parameter.name.as_str()) {
                let wrong = format!("the statement does not use `:{}`", parameter.name);
                self.add(&format!("parameter.{number}.name"), wrong, "use it, or leave the parameter out");
            }
        }
        Some(parts)
    }
}

/// The key of the bound entity, by name.
fn key_of<'a>(model: &'a Model, binding: Option<&Binding>) -> Vec<(PropertyId, &'a str)> {
    let of = binding.filter(|binding| !binding.collection).and_then(|binding| model.type_of(binding.set));
    let named = |of: &'a EntityType, id: PropertyId| Some((id, of.property(id)?.name.as_str()));
    of.into_iter().flat_map(|of| of.key.iter().filter_map(move |id| named(of, *id))).collect()
}

/// Reports overloads that a call cannot tell apart. `places` are the files of the operations, in their order.
pub(super) fn check_overloads(operations: &[Operation], places: &[&str], report: &mut Report) {
    let signature = |it: &Operation| {
        let mut names: Vec<&str> = it.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        names.sort_unstable();
        names.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let bound = |it: &Operation| it.binding.as_ref().map(|binding| (binding.set, binding.derived, binding.collection));
    for (place, (operation, file)) in operations.iter().zip(places).enumerate() {
        for earlier in operations.iter().take(place).filter(|earlier| earlier.name == operation.name) {
            let name = &operation.name;
            let wrong = if earlier.kind != operation.kind {
                format!("`{name}` is a function and an action")
            } else if bound(earlier) != bound(operation) {
                continue;
            } else if operation.kind == OperationKind::Action {
                format!("action `{name}` is declared twice for the same place")
            } else if signature(earlier) == signature(operation) {
                format!("function `{name}` is declared twice with the same parameters")
            } else if earlier.returns != operation.returns {
                format!("the overloads of function `{name}` return different things")
            } else {
                continue;
            };
            let right = "overloads of a function differ in the names of their parameters, and return the same; actions \
                         differ in what they are bound to";
            report.add(file, name, wrong, right);
            break;
        }
    }
}
