//! The vocabulary of the entity data model: types, values and cells. No I/O, no SQL, no JSON.

mod cell;
mod civil;
mod digits;
mod literal;
mod scalar;
mod text;
mod value;

pub use cell::{Cell, CellError, Decimal};
pub use civil::{civil_from_days, days_from_civil, days_in_month};
pub use digits::write_int;
pub use literal::{
    LiteralError, parse_date, parse_date_time_offset, parse_decimal, parse_guid, write_date, write_date_time_offset,
    write_guid,
};
pub use scalar::Scalar;
pub use text::Text;
pub use value::Value;
