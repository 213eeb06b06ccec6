//! Owns the binding of `$top`, `$skip` and `$skiptoken`: which part of a collection is wanted.

use crate::edm::{Scalar, Value};
use crate::query::{Cursor, CursorError, Order, Page, Read, fingerprint};
use crate::syntax::Options;

use super::BindError;
use super::error::BindErrorKind;
use super::scope::{Scope, Sight};

/// The page before a token is looked at.
pub(super) fn bind_page(options: &Options, sight: &Sight<'_>, scope: &Scope<'_>) -> Page {
    Page {
        top: options.top,
        skip: options.skip.unwrap_or(0),
        cursor: None,
        rows_max: sight.set.page_rows_max.min(scope.limits.page_rows_max).max(1),
    }
}

/// The page of a single entity or a number.
pub(super) fn one_row() -> Page {
    Page { top: None, skip: 0, cursor: None, rows_max: 1 }
}

/// Puts the position of a token into a read that is otherwise finished. A token is good for the query it was made for
/// and for no other; it alone decides the position, so `$skip` beside it has had its effect already.
pub(super) fn resume(read: &mut Read, options: &Options, scope: &Scope<'_>) -> Result<(), BindError> {
    if options.skip_token.is_some() {
        let name = fingerprint(read, scope.model.revision);
        read.page.cursor = resumed(&read.order, name, options, scope)?;
        read.page.skip = 0;
    }
    Ok(())
}

/// The position of the token, if there is one, in a query of this name and order.
pub(super) fn resumed(
    order: &[Order],
    name: u64,
    options: &Options,
    scope: &Scope<'_>,
) -> Result<Option<Cursor>, BindError> {
    let Some((token, span)) = &options.skip_token else { return Ok(None) };
    let invalid = || BindError::at(BindErrorKind::InvalidToken, span);
    let bytes = (scope.unseal)(token).ok_or_else(invalid)?;
    match Cursor::decode(&bytes, name, scope.model.revision) {
        Ok(cursor) if fits(&cursor, order) => Ok(Some(cursor)),
        Err(CursorError::Stale) => Err(BindError::at(BindErrorKind::ExpiredToken, span)),
        _ => Err(invalid()),
    }
}

/// Whether a cursor has a value for each item of the order, of its type.
pub(super) fn fits(cursor: &Cursor, order: &[Order]) -> bool {
    cursor.values.len() == order.len()
        && cursor.values.iter().zip(order).all(|(value, order)| holds(order.scalar, value))
}

fn holds(scalar: Scalar, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Boolean(_) => scalar == Scalar::Boolean,
        Value::Int(value) => {
            scalar.integer_range().is_some_and(|(least, greatest)| least <= *value && *value <= greatest)
        }
        Value::Double(_) => matches!(scalar, Scalar::Single | Scalar::Double),
        Value::Decimal(_) => matches!(scalar, Scalar::Decimal { .. }),
        Value::String(_) => matches!(scalar, Scalar::String { .. }),
        Value::Guid(_) => scalar == Scalar::Guid,
        Value::Date(_) => scalar == Scalar::Date,
        Value::DateTimeOffset(_) => matches!(scalar, Scalar::DateTimeOffset { .. }),
        Value::TimeOfDay(_) => matches!(scalar, Scalar::TimeOfDay { .. }),
        Value::Duration(_) => matches!(scalar, Scalar::Duration { .. }),
        Value::Binary(_) => matches!(scalar, Scalar::Binary { .. }),
        Value::Point(_) => scalar.srid().is_some(),
    }
}
