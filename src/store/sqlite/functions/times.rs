//! Owns functions of dates, instants, times of day and durations, in the forms in which they are stored.

use bigdecimal::BigDecimal;
use rusqlite::Error;
use rusqlite::types::Value;

use crate::edm::civil_from_days;

use super::arguments::{Arguments, Function, date, instant, out_of_range, time};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Name, number of arguments, function.
pub(super) const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("penstock_year", 1, |args| Ok(Value::Integer(civil_from_days(days(args)?).0))),
    ("penstock_month", 1, |args| Ok(Value::Integer(civil_from_days(days(args)?).1.into()))),
    ("penstock_day", 1, |args| Ok(Value::Integer(civil_from_days(days(args)?).2.into()))),
    ("penstock_hour", 1, |args| Ok(Value::Integer(seconds(args)? / 3_600))),
    ("penstock_minute", 1, |args| Ok(Value::Integer(seconds(args)? / 60 % 60))),
    ("penstock_second", 1, |args| Ok(Value::Integer(seconds(args)? % 60))),
    ("penstock_fraction", 1, |args| args.give(&BigDecimal::new((args.clock(0)? % MICROS_PER_SECOND).into(), 6))),
    ("penstock_date", 1, |args| Ok(date(days(args)?))),
    ("penstock_instant", 1, |args| Ok(instant(args.instant(0)?))),
    ("penstock_time", 1, |args| Ok(time(args.clock(0)?))),
    ("penstock_total_seconds", 1, |args| args.give(&BigDecimal::new(args.int(0)?.into(), 6))),
    ("penstock_add_to_instant", 2, |args| Ok(moved(args, i64::checked_add)?.map_or(Value::Null, instant))),
    ("penstock_subtract_from_instant", 2, |args| Ok(moved(args, i64::checked_sub)?.map_or(Value::Null, instant))),
    ("penstock_add_to_date", 2, |args| Ok(moved(args, i64::checked_add)?.map_or(Value::Null, day_of))),
    ("penstock_subtract_from_date", 2, |args| Ok(moved(args, i64::checked_sub)?.map_or(Value::Null, day_of))),
    ("penstock_between", 2, |args| {
        args.instant(0)?.checked_sub(args.instant(1)?).map(Value::Integer).ok_or(out_of_range())
    }),
];

fn days(args: &Arguments<'_, '_>) -> Result<i64, Error> {
    Ok(args.instant(0)?.div_euclid(MICROS_PER_DAY))
}

fn seconds(args: &Arguments<'_, '_>) -> Result<i64, Error> {
    Ok(args.clock(0)? / MICROS_PER_SECOND)
}

fn moved(args: &Arguments<'_, '_>, by: fn(i64, i64) -> Option<i64>) -> Result<Option<i64>, Error> {
    Ok(by(args.instant(0)?, args.int(1)?))
}

fn day_of(micros: i64) -> Value {
    date(micros.div_euclid(MICROS_PER_DAY))
}
