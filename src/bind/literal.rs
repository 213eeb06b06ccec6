//! Owns what a literal means against a type: the same digits are an `Edm.Int32`, an `Edm.Decimal` or a text, depending
//! on what they are compared with (OData 4.01 Part 2, 5.1.1.6.1, and the string casts of 4.01).

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};

use crate::edm::{
    LiteralError, Scalar, Value, parse_binary, parse_date, parse_date_time_offset, parse_decimal, parse_duration,
    parse_guid, parse_time_of_day,
};
use crate::syntax::{Literal, Span};

use super::BindError;
use super::error::BindErrorKind;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Decimals with more digits are not read digit by digit.
const DIGITS_MAX: u16 = 400;

/// Where a literal lies among the values of a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fit {
    /// It is a value of the type.
    Exact(Value),
    /// It lies between this value and the next: 1.5 among integers, noon among dates.
    After(Value),
    /// It is greater than every value of the type.
    Above,
    /// It is less than every value of the type.
    Below,
    /// It is neither equal to, nor less, nor greater than anything: `NaN`.
    Unordered,
}

/// The type of a literal compared with a value of this type. Facets are left out: they bound what a column holds, not
/// what it may be compared with, and a parameter cut to twenty characters would equal what it is not.
pub(super) fn unbounded(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::String { .. } => Scalar::STRING,
        Scalar::Decimal { .. } => Scalar::DECIMAL,
        Scalar::DateTimeOffset { .. } => Scalar::DATE_TIME_OFFSET,
        Scalar::TimeOfDay { .. } => Scalar::TIME_OF_DAY,
        Scalar::Duration { .. } => Scalar::DURATION,
        Scalar::Binary { .. } => Scalar::BINARY,
        other => other,
    }
}

/// The type that a literal has by itself; `None` for null.
pub(super) fn natural(literal: &Literal, span: &Span) -> Result<Option<Scalar>, BindError> {
    Ok(Some(match literal {
        Literal::Null => return Ok(None),
        Literal::Boolean(_) => Scalar::Boolean,
        Literal::Number(text) => match Form::of(text) {
            Some(Form::Special(_)) => Scalar::Double,
            _ => Scalar::DECIMAL,
        },
        Literal::String(_) => Scalar::STRING,
        Literal::Date(_) => Scalar::Date,
        Literal::DateTimeOffset(_) => Scalar::DATE_TIME_OFFSET,
        Literal::Guid(_) => Scalar::Guid,
        Literal::TimeOfDay(_) => Scalar::TIME_OF_DAY,
        Literal::Prefixed(prefix, _) if prefix.eq_ignore_ascii_case("duration") => Scalar::DURATION,
        Literal::Prefixed(prefix, _) if prefix.eq_ignore_ascii_case("binary") => Scalar::BINARY,
        Literal::Prefixed(prefix, _) => {
            return Err(BindError::unsupported(format!("a literal with the prefix '{prefix}'"), span));
        }
    }))
}

/// What a number is to one that is infinite or NaN: that, or any finite number.
pub(super) fn beside_infinity(literal: &Literal) -> Option<f64> {
    let (Literal::Number(text) | Literal::String(text)) = literal else { return None };
    Some(match Form::of(text)? {
        Form::Special(value) => value,
        Form::Whole | Form::Fraction => 0.0,
    })
}

/// What no database here can do.
pub(super) const POINTS: &str = "the comparison of points";

/// The value of exactly this type that a literal is.
pub(super) fn exact(literal: &Literal, scalar: Scalar, span: &Span) -> Result<Value, BindError> {
    let (text, type_name) = (text_of(literal).to_owned(), scalar.name());
    Err(match fit(literal, scalar, span)? {
        Fit::Exact(value) => return Ok(value),
        Fit::Above | Fit::Below | Fit::After(Value::Double(_)) => {
            BindError::at(BindErrorKind::OutOfRange { text, type_name }, span)
        }
        Fit::After(_) | Fit::Unordered => BindError::at(BindErrorKind::MalformedLiteral { text, type_name }, span),
    })
}

/// The value of a type that a literal is; `None` if it lies between two values or beyond all, or is of another type.
pub fn exact_value(literal: &Literal, scalar: Scalar) -> Option<Value> {
    match fit(literal, scalar, &(0..0)) {
        Ok(Fit::Exact(value)) => Some(value),
        _ => None,
    }
}

/// A time or duration that cannot be held is before or after all.
fn or_beyond(fit: Result<Fit, LiteralError>, text: &str) -> Result<Fit, LiteralError> {
    match fit {
        Err(LiteralError::OutOfRange) if text.starts_with('-') => Ok(Fit::Below),
        Err(LiteralError::OutOfRange) => Ok(Fit::Above),
        fit => fit,
    }
}

/// Places a literal among the values of a type. Null is the caller's business; it is a malformed value here.
pub(super) fn fit(literal: &Literal, scalar: Scalar, span: &Span) -> Result<Fit, BindError> {
    if scalar.srid().is_some() {
        return Err(BindError::unsupported(POINTS, span));
    }
    let text = text_of(literal);
    let refused = |error| BindError::at(BindErrorKind::of_literal(error, text, scalar.name()), span);
    let mismatch = || {
        let kind = BindErrorKind::TypeMismatch { left: scalar.name().to_owned(), right: describe(literal) };
        Err(BindError::at(kind, span))
    };
    let exact = match (scalar, literal) {
        (Scalar::Boolean, Literal::Boolean(value)) => Value::Boolean(*value),
        (Scalar::Boolean, Literal::String(text)) => match text.as_str() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => return Err(refused(LiteralError::Malformed)),
        },
        (Scalar::String { .. }, Literal::String(text) | Literal::Number(text)) => Value::String(text.as_str().into()),
        (Scalar::Guid, Literal::Guid(text) | Literal::String(text)) => Value::Guid(parse_guid(text).map_err(refused)?),
        (Scalar::Date, Literal::Date(text) | Literal::DateTimeOffset(text) | Literal::String(text)) => {
            let fit = match parse_date(text) {
                Err(LiteralError::Malformed) => instant(text).and_then(day_of),
                days => days.map(|days| Fit::Exact(Value::Date(days))),
            };
            return or_beyond(fit, text).map_err(refused);
        }
        (
            Scalar::DateTimeOffset { .. },
            Literal::DateTimeOffset(text) | Literal::Date(text) | Literal::String(text),
        ) => {
            let fit = match instant(text) {
                Err(LiteralError::Malformed) => parse_date(text).map(|days| Fit::Exact(midnight(days))),
                fit => fit,
            };
            return or_beyond(fit, text).map_err(refused);
        }
        (Scalar::TimeOfDay { .. }, Literal::TimeOfDay(text) | Literal::String(text)) => {
            return between(text, parse_time_of_day, Value::TimeOfDay).map_err(refused);
        }
        (Scalar::Duration { .. }, literal) if of_prefix(literal, "duration") => {
            return or_beyond(between(text, parse_duration, Value::Duration), text).map_err(refused);
        }
        (Scalar::Binary { .. }, literal) if of_prefix(literal, "binary") => {
            Value::Binary(parse_binary(text).map_err(refused)?)
        }
        (scalar, Literal::Number(text) | Literal::String(text)) if scalar.is_numeric() => {
            return number(text, scalar).map_err(refused);
        }
        _ => return mismatch(),
    };
    Ok(Fit::Exact(exact))
}

/// True for a literal with this prefix, and for a text, which 4.01 casts.
fn of_prefix(literal: &Literal, wanted: &str) -> bool {
    match literal {
        Literal::Prefixed(prefix, _) => prefix.eq_ignore_ascii_case(wanted),
        Literal::String(_) => true,
        _ => false,
    }
}

/// A time finer than a microsecond lies directly after the microsecond that it begins with; a negative one directly
/// after the microsecond before.
fn between(
    text: &str,
    parse: impl Fn(&str) -> Result<i64, LiteralError>,
    value: impl FnOnce(i64) -> Value,
) -> Result<Fit, LiteralError> {
    match parse(text) {
        Err(LiteralError::TooFine) => {
            let (before, fraction) = text.split_once('.').ok_or(LiteralError::Malformed)?;
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (kept, rest) = (fraction.get(..digits.min(6)), fraction.get(digits..));
            let (Some(kept), Some(rest)) = (kept, rest) else { return Err(LiteralError::Malformed) };
            let micros = parse(&format!("{before}.{kept}{rest}"))?;
            Ok(Fit::After(value(if text.starts_with('-') { micros - 1 } else { micros })))
        }
        micros => Ok(Fit::Exact(value(micros?))),
    }
}

/// How a number is written.
enum Form {
    Whole,
    Fraction,
    Special(f64),
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        match text {
            "INF" => return Some(Form::Special(f64::INFINITY)),
            "-INF" => return Some(Form::Special(f64::NEG_INFINITY)),
            "NaN" => return Some(Form::Special(f64::NAN)),
            _ => {}
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Form::Whole);
        }
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (all_digits(whole) && all_digits(fraction) && all_digits(exponent)).then_some(Form::Fraction)
    }
}

fn float(value: f64) -> Fit {
    if value.is_nan() {
        return Fit::Unordered;
    }
    // Minus zero equals zero, so it is one value.
    Fit::Exact(Value::Double(if value == 0.0 { 0.0 } else { value }))
}

/// A number that is too large for a floating-point type lies between its greatest number and infinity.
fn finite(value: Option<f64>, greatest: f64) -> Result<Fit, LiteralError> {
    match value {
        Some(value) if value.is_finite() => Ok(float(value)),
        Some(value) if value > 0.0 => Ok(Fit::After(Value::Double(greatest))),
        Some(_) => Ok(Fit::After(Value::Double(f64::NEG_INFINITY))),
        None => Err(LiteralError::Malformed),
    }
}

/// One form for equal numbers, without an exponent.
fn decimal(value: &BigDecimal) -> Fit {
    let value = value.normalized();
    Fit::Exact(Value::Decimal(if value.fractional_digit_count() < 0 { value.with_scale(0) } else { value }))
}

/// A number promotes that beside it, so it has a place whatever its size (OData 4.01 Part 2, 5.1.1.2 and "Numeric
/// Promotion").
fn number(text: &str, scalar: Scalar) -> Result<Fit, LiteralError> {
    let beyond = || if text.starts_with('-') { Fit::Below } else { Fit::Above };
    Ok(match (Form::of(text).ok_or(LiteralError::Malformed)?, scalar) {
        (Form::Special(value), Scalar::Single | Scalar::Double) => float(value),
        (Form::Special(value), _) if value.is_nan() => Fit::Unordered,
        (Form::Special(_), _) => beyond(),
        (_, Scalar::Single) => return finite(text.parse::<f32>().map(f64::from).ok(), f64::from(f32::MAX)),
        (_, Scalar::Double) => return finite(text.parse::<f64>().ok(), f64::MAX),
        (_, Scalar::Decimal { .. }) => return of_any_size(text),
        (Form::Whole, _) => {
            let (least, greatest) = scalar.integer_range().ok_or(LiteralError::Malformed)?;
            let value = text.parse::<i64>().ok().filter(|value| (least..=greatest).contains(value));
            value.map_or_else(beyond, |value| Fit::Exact(Value::Int(value)))
        }
        (Form::Fraction, _) => match of_any_size(text)? {
            Fit::Exact(Value::Decimal(value)) => among_integers(&value, scalar)?,
            // Directly above or below zero.
            Fit::After(_) => Fit::After(Value::Int(if text.starts_with('-') { -1 } else { 0 })),
            beyond => beyond,
        },
    })
}

/// A decimal. One beyond the digits that are read is above or below all, or next to zero.
fn of_any_size(text: &str) -> Result<Fit, LiteralError> {
    match parse_decimal(text) {
        Ok(value) => return Ok(decimal(&value)),
        Err(LiteralError::OutOfRange) => {}
        Err(error) => return Err(error),
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let zero = || Value::Decimal(BigDecimal::from(0));
    if mantissa.bytes().all(|byte| !matches!(byte, b'1'..=b'9')) {
        return Ok(Fit::Exact(zero()));
    }
    let max = usize::from(DIGITS_MAX);
    let digits = mantissa.trim_start_matches(['+', '-', '0']);
    let whole = digits.split('.').next().unwrap_or_default().len();
    match (text.starts_with('-'), exponent.starts_with('-')) {
        _ if mantissa.len() > max && whole <= max => Err(LiteralError::OutOfRange),
        _ if mantissa.len() > max && exponent.starts_with('-') => Err(LiteralError::OutOfRange),
        (false, false) => Ok(Fit::Above),
        (true, false) => Ok(Fit::Below),
        (false, true) => Ok(Fit::After(zero())),
        (true, true) => Ok(Fit::After(Value::Decimal(BigDecimal::new((-1).into(), DIGITS_MAX.into())))),
    }
}

/// A number with a fraction or exponent among integers. As an integer its place is kept exactly, and no database has to
/// mix types.
fn among_integers(value: &BigDecimal, scalar: Scalar) -> Result<Fit, LiteralError> {
    let (least, greatest) = scalar.integer_range().ok_or(LiteralError::Malformed)?;
    let floor = value.with_scale_round(0, RoundingMode::Floor);
    let within = floor.to_i64().filter(|whole| least <= *whole && *whole <= greatest);
    Ok(match within {
        Some(whole) if floor == *value => Fit::Exact(Value::Int(whole)),
        Some(whole) => Fit::After(Value::Int(whole)),
        None if value.sign() == Sign::Minus => Fit::Below,
        None => Fit::Above,
    })
}

/// A time finer than a microsecond lies directly after the microsecond that it begins with.
fn instant(text: &str) -> Result<Fit, LiteralError> {
    match parse_date_time_offset(text, false) {
        Ok(micros) => Ok(Fit::Exact(Value::DateTimeOffset(micros))),
        Err(LiteralError::TooFine) => {
            let (before, fraction) = text.split_once('.').ok_or(LiteralError::Malformed)?;
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (kept, zone) = (fraction.get(..digits.min(6)), fraction.get(digits..));
            let (Some(kept), Some(zone)) = (kept, zone) else { return Err(LiteralError::Malformed) };
            let micros = parse_date_time_offset(&format!("{before}.{kept}{zone}"), false)?;
            Ok(Fit::After(Value::DateTimeOffset(micros)))
        }
        Err(error) => Err(error),
    }
}

/// An instant among dates, each of which stands for its midnight in UTC.
fn day_of(instant: Fit) -> Result<Fit, LiteralError> {
    let (Fit::Exact(Value::DateTimeOffset(micros)) | Fit::After(Value::DateTimeOffset(micros))) = instant else {
        return Ok(instant);
    };
    let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).map_err(|_| LiteralError::OutOfRange)?;
    let date = Value::Date(days);
    let is_midnight = micros.rem_euclid(MICROS_PER_DAY) == 0 && matches!(instant, Fit::Exact(_));
    Ok(if is_midnight { Fit::Exact(date) } else { Fit::After(date) })
}

fn midnight(days: i32) -> Value {
    Value::DateTimeOffset(i64::from(days) * MICROS_PER_DAY)
}

/// The literal as written, without quotes.
pub(super) fn text_of(literal: &Literal) -> &str {
    match literal {
        Literal::Null => "null",
        Literal::Boolean(true) => "true",
        Literal::Boolean(false) => "false",
        Literal::Number(text)
        | Literal::String(text)
        | Literal::Date(text)
        | Literal::DateTimeOffset(text)
        | Literal::TimeOfDay(text)
        | Literal::Guid(text)
        | Literal::Prefixed(_, text) => text,
    }
}

/// The literal and its kind, for a sentence.
pub(super) fn describe(literal: &Literal) -> String {
    let kind = match literal {
        Literal::Null => return "null".to_owned(),
        Literal::Boolean(_) => "Boolean",
        Literal::Number(_) => "number",
        Literal::String(_) => "string",
        Literal::Date(_) => "date",
        Literal::DateTimeOffset(_) => "timestamp",
        Literal::TimeOfDay(_) => "time of day",
        Literal::Guid(_) => "GUID",
        Literal::Prefixed(prefix, text) => return format!("{prefix}'{text}'"),
    };
    format!("the {kind} '{}'", text_of(literal))
}
