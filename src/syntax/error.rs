//! Owns [`SyntaxError`]: what is wrong with the words of a request, and where.

use super::Span;

/// A malformed request. `span` is a place in the request target as the client sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where.
    pub span: Span,
}

/// What is wrong with the words of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxErrorKind {
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the URL is not correctly percent-encoded")]
    PercentEncoding,
    /// Something else was expected here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What would be right here.
        expected: &'static str,
        /// What stands here, or `the end`.
        found: String,
    },
    /// A string literal without its closing quote.
    #[error("the string literal has no closing quote")]
    UnclosedString,
    /// An option that OData does not know.
    #[error("the system query option '{0}' is not known")]
    UnknownOption(String),
    /// An option stands twice.
    #[error("the query option '{0}' is given more than once")]
    DuplicateOption(String),
    /// An option has a value it cannot have.
    #[error("the value of '{option}' must be {expected}")]
    OptionValue {
        /// The option with its dollar sign.
        option: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A limit is exceeded: nesting, number of terms, length.
    #[error("the request exceeds the limit of {limit} {unit}")]
    Limit {
        /// What is counted, `levels of nesting`.
        unit: &'static str,
        /// How many are allowed.
        limit: usize,
    },
}

impl SyntaxErrorKind {
    /// The stable public code.
    pub fn code(&self) -> &'static str {
        match self {
            SyntaxErrorKind::PercentEncoding => "syntax.percent_encoding",
            SyntaxErrorKind::Unexpected { .. } => "syntax.unexpected_token",
            SyntaxErrorKind::UnclosedString => "syntax.unclosed_string",
            SyntaxErrorKind::UnknownOption(_) => "syntax.unknown_option",
            SyntaxErrorKind::DuplicateOption(_) => "syntax.duplicate_option",
            SyntaxErrorKind::OptionValue { .. } => "syntax.option_value",
            SyntaxErrorKind::Limit { .. } => "syntax.limit",
        }
    }
}
