//! The vocabulary of the entity data model: types, values and cells. No I/O, no SQL, no JSON.

mod binary;
mod cell;
mod civil;
mod digits;
mod form;
mod literal;
mod made;
mod offered;
mod pattern;
mod point;
mod scalar;
mod text;
mod time;
mod value;
mod zone;

pub use binary::{parse_binary, write_binary};
pub use cell::{Cell, CellError, Decimal};
pub use civil::{civil_from_days, days_from_civil, days_in_month};
pub use digits::write_int;
pub use form::{Form, Stored};
pub use literal::{
    LiteralError, parse_date, parse_date_time_offset, parse_decimal, parse_guid, write_date, write_date_time_offset,
    write_guid,
};
pub use made::{Cut, Made, Slot, Template, Words};
pub use offered::{Among, Offered};
pub use pattern::{Atom, Pattern, PatternError, Piece};
pub use point::{Point, parse_point, write_coordinate, write_point};
pub use scalar::Scalar;
pub use text::Text;
pub use time::{parse_duration, parse_time_of_day, write_duration, write_fractioned_time, write_time_of_day};
pub use value::Value;
pub use zone::Zone;
