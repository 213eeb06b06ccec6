//! Owns the forms that a text must have to be read as a value of another type by a server: regular expressions whose
//! meaning is the same everywhere, so a malformed text becomes null before the server could refuse it.

/// The text of a pattern between the start and the end of a text, without what the databases spell differently.
macro_rules! date {
    () => {
        "[0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|\
         [0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|\
         ([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
    };
}
macro_rules! time {
    () => {
        "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
    };
}
/// Without an exponent there may be as many digits as `jsonb` writes a large or small number with. PostgreSQL counts to
/// 255 only.
macro_rules! float {
    () => {
        "[+-]?[0-9]{1,25}([.][0-9]{1,25})?([eE][+-]?([0-9]{1,2}|1[0-9]{2}|2[0-7][0-9]))?|\
         [+-]?[0-9]{1,154}[0-9]{0,154}([.][0-9]{1,200}[0-9]{0,200})?"
    };
}

/// An integer of at most 35 digits.
pub(super) const INTEGER: &str = "'^[+-]?[0-9]{1,35}$";
/// A decimal without an exponent, of at most 35 digits before and 30 behind the point: what every database holds.
pub(super) const DECIMAL: &str = "'^[+-]?[0-9]{1,35}([.][0-9]{1,30})?$";
/// A floating-point number of at most 25 digits on each side of the point, and an exponent that leaves it in range.
pub(super) const FLOAT: &str = concat!("'^(", float!(), ")$");
/// The same or what is no number.
pub(super) const FLOAT_OR_NONE: &str = concat!("'^(", float!(), "|NaN|-?INF)$");
/// A day of the years 1 to 9999.
pub(super) const DATE: &str = concat!("'^(?!0000)(", date!(), ")$");
/// A time of day to the microsecond.
pub(super) const TIME: &str = concat!("'^", time!(), "$");
/// An instant, in UTC where it does not say its offset.
pub(super) const INSTANT: &str =
    concat!("'^(?!0000)(", date!(), ")T", time!(), "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?$");
/// A GUID in any letter case.
pub(super) const GUID: &str = "'^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
