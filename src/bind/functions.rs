//! Owns the canonical functions: which names exist, what each takes and gives (OData 4.01 Part 2, 5.1.1.5 to 5.1.1.13).

use crate::edm::{Pattern, PatternError, Scalar, Value};
use crate::query::{Expr, Function};
use crate::syntax::{self, ExprKind, Literal, Span};

use super::BindError;
use super::calculate::{kind_of, number_of, promoted, value_as, value_of};
use super::cast;
use super::compare::Side;
use super::connect::{truth, unknown};
use super::error::BindErrorKind;
use super::filter::{Binder, constant};
use super::geo;
use super::literal::unbounded;
use super::routine::no_function;

/// What an argument must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    Integer,
    Number,
    /// A date or an instant.
    Day,
    /// An instant or a time of day.
    Clock,
    Instant,
    Duration,
}

/// What a function gives.
#[derive(Clone, Copy)]
enum Gives {
    Boolean,
    Int,
    Text,
    Decimal,
    Date,
    Time,
    /// The type of its argument.
    Same,
}

struct Signature {
    name: &'static str,
    function: Function,
    takes: &'static [Takes],
    /// Arguments that may be left out at the end.
    optional: usize,
    gives: Gives,
}

const fn signature(name: &'static str, function: Function, takes: &'static [Takes], gives: Gives) -> Signature {
    Signature { name, function, takes, optional: 0, gives }
}

const SIGNATURES: &[Signature] = {
    use Takes::{Clock, Day, Duration, Instant, Integer, Number, Text};
    &[
        signature("contains", Function::Contains, &[Text, Text], Gives::Boolean),
        signature("startswith", Function::StartsWith, &[Text, Text], Gives::Boolean),
        signature("endswith", Function::EndsWith, &[Text, Text], Gives::Boolean),
        signature("matchespattern", Function::MatchesPattern, &[Text, Text], Gives::Boolean),
        signature("concat", Function::Concat, &[Text, Text], Gives::Text),
        signature("indexof", Function::IndexOf, &[Text, Text], Gives::Int),
        signature("length", Function::Length, &[Text], Gives::Int),
        Signature {
            name: "substring",
            function: Function::Substring,
            takes: &[Text, Integer, Integer],
            optional: 1,
            gives: Gives::Text,
        },
        signature("tolower", Function::ToLower, &[Text], Gives::Text),
        signature("toupper", Function::ToUpper, &[Text], Gives::Text),
        signature("trim", Function::Trim, &[Text], Gives::Text),
        signature("year", Function::Year, &[Day], Gives::Int),
        signature("month", Function::Month, &[Day], Gives::Int),
        signature("day", Function::Day, &[Day], Gives::Int),
        signature("hour", Function::Hour, &[Clock], Gives::Int),
        signature("minute", Function::Minute, &[Clock], Gives::Int),
        signature("second", Function::Second, &[Clock], Gives::Int),
        signature("fractionalseconds", Function::FractionalSeconds, &[Clock], Gives::Decimal),
        signature("date", Function::Date, &[Instant], Gives::Date),
        signature("time", Function::Time, &[Instant], Gives::Time),
        signature("totaloffsetminutes", Function::TotalOffsetMinutes, &[Instant], Gives::Int),
        signature("totalseconds", Function::TotalSeconds, &[Duration], Gives::Decimal),
        signature("round", Function::Round, &[Number], Gives::Same),
        signature("floor", Function::Floor, &[Number], Gives::Same),
        signature("ceiling", Function::Ceiling, &[Number], Gives::Same),
    ]
};

/// 0001-01-01T00:00:00Z
const MIN_DATE_TIME: i64 = -62_135_596_800_000_000;
/// 9999-12-31T23:59:59.999999Z
const MAX_DATE_TIME: i64 = 253_402_300_799_999_999;

/// Calls a function by its name in lower case.
pub(super) fn bind_call<'a>(
    binder: &mut Binder<'a, '_>,
    name: &'a str,
    arguments: &'a [syntax::Expr],
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let instant = |micros| {
        Side::Typed(constant(Value::DateTimeOffset(micros), Scalar::DATE_TIME_OFFSET), Scalar::DATE_TIME_OFFSET, span)
    };
    match name {
        "now" => none(name, arguments, span).map(|()| Side::Typed(Expr::Now, Scalar::DATE_TIME_OFFSET, span)),
        "mindatetime" => none(name, arguments, span).map(|()| instant(MIN_DATE_TIME)),
        "maxdatetime" => none(name, arguments, span).map(|()| instant(MAX_DATE_TIME)),
        "case" => case(binder, arguments, span),
        "cast" => cast::bind_cast(binder, arguments, span),
        "isof" => cast::bind_is_of(binder, arguments, span),
        "hassubset" | "hassubsequence" => {
            let [first, _] = arguments else { return Err(refused(name, "2 arguments", span)) };
            match binder.expression(first)? {
                Side::Literal(Literal::Null, _) => Ok(Side::Typed(unknown(), Scalar::Boolean, span)),
                first @ (Side::Items(_) | Side::List(..)) => binder.of_collections(name, first, arguments, span),
                other => Err(refused(name, format!("a collection, not {}", other.describe()), span)),
            }
        }
        "geo.distance" => geo::distance(binder, arguments, span),
        "isdefined" | "geo.intersects" | "geo.length" => {
            Err(BindError::unsupported(format!("the function '{name}'"), span))
        }
        _ => match SIGNATURES.iter().find(|signature| signature.name == name) {
            Some(signature) => call(binder, signature, arguments, span),
            None => Err(no_function(name, span)),
        },
    }
}

fn none(name: &str, arguments: &[syntax::Expr], span: &Span) -> Result<(), BindError> {
    if arguments.is_empty() { Ok(()) } else { Err(refused(name, "no arguments", span)) }
}

pub(super) fn refused(function: &str, expected: impl Into<String>, span: &Span) -> BindError {
    BindError::at(BindErrorKind::FunctionArguments { function: function.to_owned(), expected: expected.into() }, span)
}

fn call<'a>(
    binder: &mut Binder<'a, '_>,
    signature: &'static Signature,
    arguments: &'a [syntax::Expr],
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let most = signature.takes.len();
    let least = most - signature.optional;
    if arguments.len() < least || arguments.len() > most {
        let expected = match (least, most) {
            (1, 1) => "one argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        return Err(refused(signature.name, expected, span));
    }
    let mut bound = Vec::with_capacity(arguments.len());
    let mut given = Scalar::Int64;
    for (takes, argument) in signature.takes.iter().zip(arguments) {
        let side = binder.expression(argument)?;
        if matches!(side, Side::Items(_) | Side::List(..)) && bound.is_empty() {
            return binder.of_collections(signature.name, side, arguments, span);
        }
        // Instants are kept in UTC; the parts of a clock elsewhere would be answered wrongly.
        if matches!(takes, Takes::Day | Takes::Clock | Takes::Instant) && is_away_from_utc(&side) {
            let feature = format!("the function '{}' of an instant whose offset is not that of UTC", signature.name);
            return Err(BindError::unsupported(feature, &argument.span));
        }
        let (expr, scalar) = takes.take(signature.name, side)?;
        given = scalar;
        bound.push(expr);
    }
    match (signature.function, bound.as_slice()) {
        (Function::MatchesPattern, _) => check_pattern(&bound, arguments, span)?,
        (Function::Substring, [.., Expr::Literal(Value::Int(..0), _)]) if bound.len() == most => {
            return Err(refused(signature.name, "a length that is not negative", span));
        }
        _ => {}
    }
    let scalar = match signature.gives {
        Gives::Boolean => Scalar::Boolean,
        Gives::Int => Scalar::Int32,
        Gives::Text => Scalar::STRING,
        Gives::Decimal => Scalar::DECIMAL,
        Gives::Date => Scalar::Date,
        Gives::Time => Scalar::TIME_OF_DAY,
        Gives::Same => given,
    };
    let is_null = |expr: &Expr| matches!(expr, Expr::Literal(Value::Null, _));
    let expr = match bound.as_slice() {
        bound if bound.iter().any(is_null) && scalar == Scalar::Boolean => unknown(),
        bound if bound.iter().any(is_null) => constant(Value::Null, scalar),
        [Expr::Literal(Value::String(text), _), Expr::Literal(Value::String(part), _)] => match signature.function {
            Function::Contains => truth(text.contains(&**part)),
            Function::StartsWith => truth(text.starts_with(&**part)),
            Function::EndsWith => truth(text.ends_with(&**part)),
            function => Expr::Call(function, bound, scalar),
        },
        _ => Expr::Call(signature.function, bound, scalar),
    };
    Ok(Side::Typed(expr, scalar, span))
}

/// Whether it is a literal with an offset other than nought.
fn is_away_from_utc(side: &Side<'_>) -> bool {
    let Side::Literal(Literal::DateTimeOffset(text) | Literal::String(text), _) = side else { return false };
    match text.rsplit_once(['T', 't']).and_then(|(_, clock)| clock.split_once(['+', '-', ' '])) {
        Some((_, offset)) => offset.bytes().any(|byte| matches!(byte, b'1'..=b'9')),
        None => false,
    }
}

/// A pattern is looked at once, here, and spelled for each database; so it cannot differ from row to row.
fn check_pattern(bound: &[Expr], arguments: &[syntax::Expr], span: &Span) -> Result<(), BindError> {
    let span = arguments.get(1).map_or(span, |argument| &argument.span);
    let refusal = match bound.get(1) {
        Some(Expr::Literal(Value::String(pattern), _)) => match Pattern::parse(pattern) {
            Ok(_) => return Ok(()),
            Err(refusal) => refusal,
        },
        Some(Expr::Literal(..)) => return Ok(()),
        _ => return Err(BindError::unsupported("a pattern that is not a literal", span)),
    };
    Err(match refusal {
        PatternError::Unsupported(what) => BindError::unsupported(format!("{what} in a pattern"), span),
        PatternError::Malformed => refused("matchespattern", "a regular expression of ECMAScript", span),
        PatternError::TooLarge => refused("matchespattern", "a shorter pattern that counts less", span),
    })
}

impl Takes {
    fn words(self) -> &'static str {
        match self {
            Takes::Text => "Edm.String",
            Takes::Integer => "an integer type",
            Takes::Number => "a numeric type",
            Takes::Day => "Edm.Date or Edm.DateTimeOffset",
            Takes::Clock => "Edm.DateTimeOffset or Edm.TimeOfDay",
            Takes::Instant => "Edm.DateTimeOffset",
            Takes::Duration => "Edm.Duration",
        }
    }

    fn holds(self, scalar: Scalar) -> bool {
        match self {
            Takes::Text => matches!(scalar, Scalar::String { .. }),
            Takes::Integer => scalar.is_integer(),
            Takes::Number => scalar.is_numeric(),
            Takes::Day => matches!(scalar, Scalar::Date | Scalar::DateTimeOffset { .. }),
            Takes::Clock => matches!(scalar, Scalar::TimeOfDay { .. } | Scalar::DateTimeOffset { .. }),
            Takes::Instant => matches!(scalar, Scalar::DateTimeOffset { .. }),
            Takes::Duration => matches!(scalar, Scalar::Duration { .. }),
        }
    }

    /// The type that a quoted text is cast to.
    fn of_text(self) -> Scalar {
        match self {
            Takes::Text => Scalar::STRING,
            Takes::Integer => Scalar::Int64,
            Takes::Number => Scalar::DECIMAL,
            Takes::Day | Takes::Clock | Takes::Instant => Scalar::DATE_TIME_OFFSET,
            Takes::Duration => Scalar::DURATION,
        }
    }

    fn take(self, function: &str, side: Side<'_>) -> Result<(Expr, Scalar), BindError> {
        let (span, found) = (side.span(), side.describe());
        let (expr, scalar) = match (self, side) {
            (_, Side::Literal(Literal::Null, _)) => {
                let scalar = self.of_text();
                (constant(Value::Null, scalar), scalar)
            }
            (Takes::Number | Takes::Integer, side @ Side::Literal(Literal::Number(_), _)) => {
                number_of(side, None)?.unwrap_or((constant(Value::Null, Scalar::Int64), Scalar::Int64))
            }
            (takes, Side::Literal(literal @ Literal::String(_), span)) => {
                let scalar = takes.of_text();
                (value_as(literal, scalar, span)?, scalar)
            }
            (_, Side::Typed(expr, scalar, _)) => (expr, unbounded(scalar)),
            (_, side @ Side::Literal(..)) => value_of(side)?,
            (_, side) => (constant(Value::Null, Scalar::Boolean), {
                let _ = side;
                Scalar::Boolean
            }),
        };
        if self.holds(scalar) {
            return Ok((expr, scalar));
        }
        Err(refused(function, format!("an argument of type {}, not {found}", self.words()), span))
    }
}

/// `case(condition:value, …)`: values of one type, to which numbers are promoted.
fn case<'a>(binder: &mut Binder<'a, '_>, arguments: &'a [syntax::Expr], span: &'a Span) -> Result<Side<'a>, BindError> {
    if arguments.is_empty() {
        return Err(refused("case", "pairs of a condition and a value", span));
    }
    let mut conditions = Vec::with_capacity(arguments.len() / 2);
    let mut sides = Vec::with_capacity(arguments.len() / 2);
    for pair in arguments.chunks(2) {
        let [when, then] = pair else { return Err(refused("case", "pairs of a condition and a value", span)) };
        conditions.push(super::connect::settle(
            binder.boolean(when, "a condition of 'case'")?,
            super::connect::Asked::True,
            binder.entity(),
        ));
        sides.push(binder.expression(then)?);
    }
    let typed = sides.iter().find_map(|side| match side {
        Side::Typed(_, scalar, _) => Some(unbounded(*scalar)),
        _ => None,
    });
    let mut values = Vec::with_capacity(sides.len());
    let mut common: Option<Scalar> = None;
    for side in sides {
        let (place, found) = (side.span(), side.describe());
        let (expr, scalar) = match (side, typed) {
            (Side::Literal(Literal::Null, _), _) => {
                values.push(None);
                continue;
            }
            (Side::Literal(literal, place), Some(scalar)) if !scalar.is_numeric() => {
                (value_as(literal, scalar, place)?, scalar)
            }
            (side @ (Side::Typed(..) | Side::Literal(..)), beside) => {
                let is_number =
                    beside.is_some_and(Scalar::is_numeric) || matches!(side, Side::Literal(Literal::Number(_), _));
                match if is_number { number_of(side.clone(), beside.map(kind_of))? } else { None } {
                    Some(number) => number,
                    None => value_of(side)?,
                }
            }
            (other, _) => return Err(BindError::at(BindErrorKind::NotAValue { found: other.describe() }, place)),
        };
        common = Some(match common {
            None => scalar,
            Some(known) if known == scalar => known,
            Some(known) if known.is_numeric() && scalar.is_numeric() => promoted(known, scalar),
            Some(known) => {
                let kind = BindErrorKind::TypeMismatch { left: known.name().to_owned(), right: found };
                return Err(BindError::at(kind, place));
            }
        });
        values.push(Some(expr));
    }
    let Some(scalar) = common else {
        return Ok(Side::Literal(&Literal::Null, span));
    };
    let cases = conditions
        .into_iter()
        .zip(values)
        .map(|(when, then)| (when, then.unwrap_or_else(|| constant(Value::Null, scalar))));
    Ok(Side::Typed(Expr::Case(cases.collect(), scalar), scalar, span))
}

/// The type that the last argument of `cast` and `isof` names, and the argument before it.
pub(super) fn typed_argument<'a>(
    function: &str,
    arguments: &'a [syntax::Expr],
    span: &Span,
) -> Result<(Option<&'a syntax::Expr>, &'a str), BindError> {
    let (argument, last) = match arguments {
        [last] => (None, last),
        [argument, last] => (Some(argument), last),
        _ => return Err(refused(function, "1 or 2 arguments", span)),
    };
    match &last.kind {
        ExprKind::Type(name) => Ok((argument, name)),
        _ => Err(refused(function, "a type as its last argument", &last.span)),
    }
}
