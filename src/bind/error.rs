//! Owns [`BindError`]: a request whose words are well formed but do not fit the model. It knows classes, not statuses.

use crate::edm::LiteralError;
use crate::syntax::Span;

/// Why a request cannot be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct BindError {
    /// What is wrong.
    pub kind: BindErrorKind,
    /// Where in the request target, if one place is to blame.
    pub span: Option<Span>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindErrorKind {
    /// No such entity set, or none that the caller may see.
    #[error("there is no entity set '{0}'")]
    UnknownSet(String),
    /// A path segment that does not exist where it stands.
    #[error("there is no '{segment}' after '{after}'")]
    UnknownSegment {
        /// The segment.
        segment: String,
        /// The segment before it.
        after: String,
    },
    /// An option names a property that the type does not have.
    #[error("the type '{type_name}' has no property '{name}'")]
    UnknownProperty {
        /// The name.
        name: String,
        /// The type that was searched.
        type_name: String,
    },
    /// `$expand` names something that is not a navigation property.
    #[error("the type '{type_name}' has no navigation property '{name}'")]
    UnknownNavigation {
        /// The name.
        name: String,
        /// The type that was searched.
        type_name: String,
    },
    /// Two things that cannot be compared.
    #[error("{left} cannot be compared with {right}")]
    TypeMismatch {
        /// One side: a type, or a literal and its kind.
        left: String,
        /// The other side.
        right: String,
    },
    /// A number or date that the type cannot hold.
    #[error("the literal '{text}' is out of range for {type_name}")]
    OutOfRange {
        /// The literal.
        text: String,
        /// The wanted type.
        type_name: &'static str,
    },
    /// A date or time that does not exist.
    #[error("there is no date or time '{0}'")]
    ImpossibleDate(String),
    /// A text that is not a value of the wanted type.
    #[error("the literal '{text}' is not a value of type {type_name}")]
    MalformedLiteral {
        /// The literal.
        text: String,
        /// The wanted type.
        type_name: &'static str,
    },
    /// No such function.
    #[error("there is no function '{0}'")]
    UnknownFunction(String),
    /// No operation of this name has these parameters.
    #[error("'{0}' has no overload with these parameters")]
    UnknownOverload(String),
    /// `$schemaversion` names a version that there is not: schemas have none.
    #[error("there is no version '{0}' of the schema; the only one is '*'")]
    UnknownSchemaVersion(String),
    /// A value that a parameter cannot have.
    #[error("the parameter '{parameter}' must be {expected}")]
    Argument {
        /// The parameter.
        parameter: String,
        /// What it can be.
        expected: String,
    },
    /// `$id` that names no entity of the service.
    #[error("'{id}' is not the id of an entity of this service: {why}")]
    EntityId {
        /// The id.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// Wrong number or type of arguments.
    #[error("the function '{function}' takes {expected}")]
    FunctionArguments {
        /// The function.
        function: String,
        /// What it takes.
        expected: String,
    },
    /// A key that does not fit the set.
    #[error("the key of '{set}' {problem}")]
    Key {
        /// The set.
        set: String,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// An option that does not fit the addressed resource.
    #[error("the option '{option}' is not allowed on {resource}")]
    OptionNotAllowed {
        /// The option with its dollar sign.
        option: &'static str,
        /// What is addressed.
        resource: &'static str,
    },
    /// A `$skiptoken` that this server did not make for this query.
    #[error("the $skiptoken does not belong to this query")]
    InvalidToken,
    /// A `$skiptoken` that this server made when it served another model.
    #[error("the $skiptoken is of a time when the service was another; ask from the beginning")]
    ExpiredToken,
    /// More than is allowed.
    #[error("the request exceeds the limit of {limit} {unit}")]
    Limit {
        /// What is counted.
        unit: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// A truth value was needed.
    #[error("{place} must be a Boolean expression, but it is {found}")]
    NotBoolean {
        /// Where: `the filter`, `the operand of 'not'`.
        place: &'static str,
        /// What was found.
        found: String,
    },
    /// An operand of a type that the operator does not take.
    #[error("the operator '{operator}' does not take {found} here")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// What was found.
        found: String,
    },
    /// A literal zero by which would be divided.
    #[error("a division by zero")]
    DivisionByZero,
    /// An entity, a collection or a complex value where one value is needed.
    #[error("{found} is not one value")]
    NotAValue {
        /// What was found.
        found: String,
    },
    /// `cast` or `isof` with a name that is no type.
    #[error("there is no type '{0}'")]
    UnknownType(String),
    /// A path goes on behind something that has nothing behind it.
    #[error("nothing can follow {found} here")]
    NotFollowed {
        /// What was found.
        found: String,
    },
    /// A property that the model file keeps out of this.
    #[error("'{name}' cannot be used {place}")]
    NotAllowedHere {
        /// The property.
        name: String,
        /// Where: `in $filter`, `in $orderby`.
        place: &'static str,
    },
    /// Something stands twice.
    #[error("'{0}' is given more than once")]
    Duplicate(String),
    /// `$search` without a word to look for.
    #[error("the search phrase is empty")]
    EmptySearch,
    /// A parameter alias that needs itself.
    #[error("the parameter alias '@{0}' refers to itself")]
    AliasLoop(String),
    /// Correct OData that is not offered.
    #[error("{feature} is not supported")]
    Unsupported {
        /// The feature, as the subject of a sentence.
        feature: String,
    },
}

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// A part is not given.
    #[error("lacks the part '{0}'")]
    Missing(String),
    /// A part that the key does not have.
    #[error("has no part '{0}'")]
    Unknown(String),
    /// A part is given twice.
    #[error("has the part '{0}' more than once")]
    Duplicate(String),
    /// Parts must be named.
    #[error("has several parts, so each must be named")]
    Unnamed,
    /// Null, a property or an expression instead of a literal.
    #[error("must be a literal that is not null")]
    NotLiteral,
    /// A key where none can stand.
    #[error("cannot be given here")]
    NotExpected,
}

/// How a refusal is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The request is wrong.
    Malformed,
    /// What the path addresses does not exist, or is not to be seen.
    NotFound,
    /// What the request goes on with is no longer there.
    Gone,
    /// The request is correct OData, but not offered.
    Unsupported,
}

impl BindError {
    /// An error at a place.
    pub(super) fn at(kind: BindErrorKind, span: &Span) -> Self {
        BindError { kind, span: Some(span.clone()) }
    }

    /// Correct OData that is not offered, at a place.
    pub(super) fn unsupported(feature: impl Into<String>, span: &Span) -> Self {
        BindError::at(BindErrorKind::Unsupported { feature: feature.into() }, span)
    }

    /// Correct OData that is not offered, without a place.
    pub(super) fn unsupported_anywhere(feature: impl Into<String>) -> Self {
        BindErrorKind::Unsupported { feature: feature.into() }.into()
    }

    /// The same refusal, at this place if it has none of its own.
    pub(super) fn or_at(mut self, span: &Span) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }

    /// The stable public code.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// How the refusal is to be understood.
    pub fn class(&self) -> Class {
        match self.kind {
            BindErrorKind::UnknownSet(_)
            | BindErrorKind::UnknownSegment { .. }
            | BindErrorKind::UnknownSchemaVersion(_)
            | BindErrorKind::UnknownOverload(_) => Class::NotFound,
            BindErrorKind::Unsupported { .. } => Class::Unsupported,
            BindErrorKind::ExpiredToken => Class::Gone,
            _ => Class::Malformed,
        }
    }
}

impl From<BindErrorKind> for BindError {
    fn from(kind: BindErrorKind) -> Self {
        BindError { kind, span: None }
    }
}

impl BindErrorKind {
    /// The stable public code.
    pub fn code(&self) -> &'static str {
        match self {
            BindErrorKind::UnknownSet(_) => "bind.unknown_set",
            BindErrorKind::UnknownSegment { .. } => "bind.unknown_segment",
            BindErrorKind::UnknownProperty { .. } => "bind.unknown_property",
            BindErrorKind::UnknownNavigation { .. } => "bind.unknown_navigation",
            BindErrorKind::TypeMismatch { .. } => "bind.type_mismatch",
            BindErrorKind::OutOfRange { .. } => "bind.out_of_range",
            BindErrorKind::ImpossibleDate(_) => "bind.impossible_date",
            BindErrorKind::MalformedLiteral { .. } => "bind.malformed_literal",
            BindErrorKind::UnknownFunction(_) => "bind.unknown_function",
            BindErrorKind::UnknownOverload(_) => "bind.unknown_overload",
            BindErrorKind::UnknownSchemaVersion(_) => "bind.unknown_schema_version",
            BindErrorKind::Argument { .. } => "bind.argument",
            BindErrorKind::EntityId { .. } => "bind.entity_id",
            BindErrorKind::FunctionArguments { .. } => "bind.function_arguments",
            BindErrorKind::Key { .. } => "bind.key",
            BindErrorKind::OptionNotAllowed { .. } => "bind.option_not_allowed",
            BindErrorKind::InvalidToken => "bind.invalid_token",
            BindErrorKind::ExpiredToken => "bind.expired_token",
            BindErrorKind::Limit { .. } => "bind.limit",
            BindErrorKind::NotBoolean { .. } => "bind.not_boolean",
            BindErrorKind::Operand { .. } => "bind.operand",
            BindErrorKind::DivisionByZero => "bind.division_by_zero",
            BindErrorKind::NotAValue { .. } => "bind.not_a_value",
            BindErrorKind::UnknownType(_) => "bind.unknown_type",
            BindErrorKind::NotFollowed { .. } => "bind.not_followed",
            BindErrorKind::NotAllowedHere { .. } => "bind.not_allowed_here",
            BindErrorKind::Duplicate(_) => "bind.duplicate",
            BindErrorKind::EmptySearch => "bind.empty_search",
            BindErrorKind::AliasLoop(_) => "bind.alias_loop",
            BindErrorKind::Unsupported { .. } => "bind.unsupported",
        }
    }

    /// The refusal of a text that `edm` could not read as a value of the type.
    pub(super) fn of_literal(error: LiteralError, text: &str, type_name: &'static str) -> Self {
        let text = text.to_owned();
        match error {
            LiteralError::Malformed => BindErrorKind::MalformedLiteral { text, type_name },
            LiteralError::Impossible => BindErrorKind::ImpossibleDate(text),
            LiteralError::OutOfRange => BindErrorKind::OutOfRange { text, type_name },
            LiteralError::TooFine => {
                BindErrorKind::Unsupported { feature: format!("the time '{text}', finer than a microsecond,") }
            }
        }
    }
}
