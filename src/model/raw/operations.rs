//! Owns what `operations.toml` may say: functions and actions.

use serde::Deserialize;

use super::Primitive;

/// The content of `operations.toml`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// The functions.
    #[serde(default, rename = "function")]
    pub functions: Vec<Operation>,
    /// The actions.
    #[serde(default, rename = "action")]
    pub actions: Vec<Operation>,
}

/// One `[[function]]` or `[[action]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Name; overloads share it.
    pub name: String,
    /// The set on whose entities it is called. Default: it stands in the container.
    pub bound_to: Option<String>,
    /// Bound: only on entities of this derived type.
    pub derived: Option<String>,
    /// Bound: whether it is called on one entity or on the collection. Default: entity.
    pub on: Option<BoundOn>,
    /// Unbound: its name in the container. Default: its name.
    pub import: Option<String>,
    /// Function: whether the path may go on behind it. Default: false.
    pub composable: Option<bool>,
    /// Its parameters, in order.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
    /// What it returns. Required for a function.
    pub returns: Option<Returns>,
    /// What is run: a statement with `:name` for parameters.
    pub statement: Option<Statement>,
    /// What is run: a function of the database.
    pub function: Option<String>,
    /// What is run: a stored procedure.
    pub procedure: Option<String>,
    /// Schema or database of `function` or `procedure`. Default: the connection's own.
    pub schema: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
}

/// On what a bound operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum BoundOn {
    /// One entity.
    Entity,
    /// The whole collection.
    Collection,
}

/// One `[[function.parameter]]` or `[[action.parameter]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Primitive type, without `Edm.`.
    #[serde(rename = "type")]
    pub primitive: Option<Primitive>,
    /// In place of `type`: the name of an enumeration; the database gets the value of the member.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// Whether it is many values; the database gets them as a JSON array. Default: false.
    pub many: Option<bool>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 1, max = u32::MAX)))]
    pub max_length: Option<i64>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub precision: Option<i64>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub scale: Option<i64>,
    /// Whether null can be given. Default: true.
    pub nullable: Option<bool>,
}

/// `returns`: one of `type`, `enum` and `set`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Primitive type, without `Edm.`.
    #[serde(rename = "type")]
    pub primitive: Option<Primitive>,
    /// The name of an enumeration, whose values are returned.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// A set of the same source, whose keys are returned.
    pub set: Option<String>,
    /// Whether it is many. Default: false.
    pub many: Option<bool>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 1, max = u32::MAX)))]
    pub max_length: Option<i64>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub precision: Option<i64>,
    /// As of a property.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub scale: Option<i64>,
    /// Whether null can occur. Default: true.
    pub nullable: Option<bool>,
}

/// A statement: one text for every database, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Statement {
    /// For every database.
    Any(String),
    /// For each database that the folder is used with.
    ByDatabase(Statements),
}

/// A statement for each kind of database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// For `PostgreSQL`.
    pub postgres: Option<String>,
    /// For `MySQL` and `MariaDB`.
    pub mysql: Option<String>,
    /// For `SQLite`.
    pub sqlite: Option<String>,
}
