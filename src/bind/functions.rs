//! Owns the canonical functions: which names exist, how many arguments each takes, and which are offered.

use crate::edm::{Scalar, Value};
use crate::query::{Expr, Function};
use crate::syntax::Span;

use super::BindError;
use super::compare::Side;
use super::connect::{truth, unknown};
use super::error::BindErrorKind;

/// Name, least and most arguments (OData 4.01 Part 2, 5.1.1.5 to 5.1.1.13).
const CANONICAL: &[(&str, usize, usize)] = &[
    ("concat", 2, 2),
    ("contains", 2, 2),
    ("endswith", 2, 2),
    ("indexof", 2, 2),
    ("length", 1, 1),
    ("startswith", 2, 2),
    ("substring", 2, 3),
    ("hassubset", 2, 2),
    ("hassubsequence", 2, 2),
    ("matchespattern", 2, 2),
    ("tolower", 1, 1),
    ("toupper", 1, 1),
    ("trim", 1, 1),
    ("date", 1, 1),
    ("day", 1, 1),
    ("fractionalseconds", 1, 1),
    ("hour", 1, 1),
    ("maxdatetime", 0, 0),
    ("mindatetime", 0, 0),
    ("minute", 1, 1),
    ("month", 1, 1),
    ("now", 0, 0),
    ("second", 1, 1),
    ("time", 1, 1),
    ("totaloffsetminutes", 1, 1),
    ("totalseconds", 1, 1),
    ("year", 1, 1),
    ("ceiling", 1, 1),
    ("floor", 1, 1),
    ("round", 1, 1),
    ("cast", 1, 2),
    ("isof", 1, 2),
    ("geo.distance", 2, 2),
    ("geo.intersects", 2, 2),
    ("geo.length", 1, 1),
    ("case", 1, usize::MAX),
    ("isdefined", 1, 1),
];

/// Finds an offered function by name and number of arguments, before the arguments are looked at.
pub(super) fn resolve(name: &str, count: usize, span: &Span) -> Result<Function, BindError> {
    let Some((_, least, most)) = CANONICAL.iter().find(|(known, ..)| *known == name) else {
        return Err(BindError::at(BindErrorKind::UnknownFunction(name.to_owned()), span));
    };
    if count < *least || count > *most {
        let expected = match (*least, *most) {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (1, usize::MAX) => "at least one argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        return Err(BindError::at(BindErrorKind::FunctionArguments { function: name.to_owned(), expected }, span));
    }
    match name {
        "contains" => Ok(Function::Contains),
        "startswith" => Ok(Function::StartsWith),
        "endswith" => Ok(Function::EndsWith),
        _ => Err(BindError::unsupported(format!("the function '{name}'"), span)),
    }
}

/// Calls one of the text functions. A null argument makes the result null, constants are folded.
pub(super) fn call(function: Function, name: &str, arguments: Vec<Side<'_>>) -> Result<Expr, BindError> {
    let mut texts = Vec::with_capacity(arguments.len());
    for argument in arguments {
        texts.push(text(name, argument)?);
    }
    Ok(match texts.as_slice() {
        [Expr::Literal(Value::Null, _), _] | [_, Expr::Literal(Value::Null, _)] => unknown(),
        [Expr::Literal(Value::String(text), _), Expr::Literal(Value::String(part), _)] => truth(match function {
            Function::Contains => text.contains(&**part),
            Function::StartsWith => text.starts_with(&**part),
            Function::EndsWith => text.ends_with(&**part),
        }),
        _ => Expr::Call(function, texts),
    })
}

fn text(function: &str, argument: Side<'_>) -> Result<Expr, BindError> {
    use crate::syntax::Literal;
    match argument {
        Side::Typed(expr, Scalar::String { .. }, _) => Ok(expr),
        Side::Literal(Literal::String(text), _) => {
            Ok(Expr::Literal(Value::String(text.as_str().into()), Scalar::STRING))
        }
        Side::Literal(Literal::Null, _) => Ok(Expr::Literal(Value::Null, Scalar::STRING)),
        Side::Literal(_, span) | Side::Typed(_, _, span) => {
            let expected = format!("two arguments of type Edm.String, not {}", argument.describe());
            Err(BindError::at(BindErrorKind::FunctionArguments { function: function.to_owned(), expected }, span))
        }
    }
}
