//! Owns [`Operation`]: functions and actions, and what the database runs for them.
//!
//! # Decisions
//!
//! - What returns entities returns their keys, in the order of the key properties; the entities are then read from the
//!   set like any others, so that rights, row filters and all options hold for them. To take the rows of a statement as
//!   entities would open a way past the rights.
//! - Values reach the database only as parameters: a statement is kept in parts, never as a text to be filled in.
//! - An operation on a collection is told which entities are meant only where its statement asks for them, as
//!   [`Part::Members`]; a statement that does not is about the whole set.

use crate::edm::Scalar;

use super::{DerivedId, EnumId, PropertyId, SetId, SourceId, Table};

/// A function or an action. Overloads are operations with the same name.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Unqualified name.
    pub name: String,
    /// Function or action.
    pub kind: OperationKind,
    /// To what it is bound, if it is.
    pub binding: Option<Binding>,
    /// Its parameters, in declared order, without the binding parameter.
    pub parameters: Vec<Parameter>,
    /// What it returns; always something for a function.
    pub returns: Option<Returns>,
    /// The database that runs it.
    pub source: SourceId,
    /// What the database runs.
    pub body: Body,
    /// How it stands inside another statement, as one value for each row; `None` if it cannot.
    pub inside: Option<Inside>,
    /// Whether the path may go on behind the function.
    pub composable: bool,
    /// Name of the function or action import; `None` for a bound operation and one that is only called by its qualified
    /// name.
    pub imported_as: Option<String>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

/// Whether calling changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Called with GET, changes nothing.
    Function,
    /// Called with POST.
    Action,
}

/// The entity or the collection on which an operation is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Name of the binding parameter, for `$metadata`.
    pub parameter: String,
    /// The set on whose entities it is called.
    pub set: SetId,
    /// Only for entities of this type.
    pub derived: Option<DerivedId>,
    /// On the collection as a whole.
    pub collection: bool,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The type of its value, or of each item.
    pub value_type: ValueType,
    /// Whether null can be given.
    pub nullable: bool,
    /// Many values at once; the database gets them as a JSON array.
    pub collection: bool,
}

/// The type of a value that belongs to no property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueType {
    /// The primitive type; of an enumeration the type of its values.
    pub scalar: Scalar,
    /// The enumeration, if it is one.
    pub enumeration: Option<EnumId>,
}

/// What an operation returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// One value: the first column of the first row; null without a row.
    Value {
        /// Its type.
        value_type: ValueType,
        /// Whether null can occur.
        nullable: bool,
    },
    /// Many values: the first column of all rows.
    Values {
        /// The type of each.
        value_type: ValueType,
        /// Whether null can occur among them.
        nullable: bool,
    },
    /// At most one entity of a set, by its key.
    Entity {
        /// The set.
        set: SetId,
        /// Whether there may be none.
        nullable: bool,
    },
    /// Entities of a set, by their keys.
    Entities {
        /// The set.
        set: SetId,
    },
}

/// What the database runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A statement.
    Statement(Vec<Part>),
    /// A function of the database. Arguments in order: the key of the bound entity, then all parameters. For
    /// [`Returns::Values`], [`Returns::Entity`] and [`Returns::Entities`] it returns rows, else one value.
    Function(Table),
    /// A stored procedure, called with the same arguments.
    Procedure(Table),
}

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// SQL as written in the metadata file.
    Text(String),
    /// The value of a parameter, by its place in [`Operation::parameters`].
    Parameter(usize),
    /// The value of a key property of the bound entity.
    Key(PropertyId),
    /// A select of the keys of the entities in the bound collection.
    Members,
}

/// How an operation stands inside another statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Its statement says itself how many rows it gives; else it is limited to one.
    pub limited: bool,
}

impl Operation {
    /// Whether the database is told which entities of a collection it is called on.
    pub fn knows_members(&self) -> bool {
        matches!(&self.body, Body::Statement(parts) if parts.contains(&Part::Members))
    }
}
