//! Owns [`Function`]: the canonical functions that a query can call (OData 4.01 Part 2, 5.1.1.5 to 5.1.1.12). A null
//! argument makes each of them null.

/// Canonical functions. Positions and lengths count characters (code points).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `contains(text, part)`
    Contains,
    /// `startswith(text, part)`
    StartsWith,
    /// `endswith(text, part)`
    EndsWith,
    /// `matchespattern(text, pattern)`: the pattern is a literal that has been looked at.
    MatchesPattern,
    /// `concat(text, text)`
    Concat,
    /// `indexof(text, part)`: from 0, or −1.
    IndexOf,
    /// `length(text)`
    Length,
    /// `substring(text, start)` or `substring(text, start, length)`: from 0; a negative start counts from the end.
    Substring,
    /// `tolower(text)`
    ToLower,
    /// `toupper(text)`
    ToUpper,
    /// `trim(text)`: without white space at both ends.
    Trim,
    /// `year(date)`; as all of them, of the time in UTC.
    Year,
    /// `month(date)`
    Month,
    /// `day(date)`
    Day,
    /// `hour(time)`
    Hour,
    /// `minute(time)`
    Minute,
    /// `second(time)`: whole seconds.
    Second,
    /// `fractionalseconds(time)`: a decimal, at least 0 and less than 1.
    FractionalSeconds,
    /// `date(instant)`
    Date,
    /// `time(instant)`
    Time,
    /// `totaloffsetminutes(instant)`: 0, since instants are kept in UTC.
    TotalOffsetMinutes,
    /// `totalseconds(duration)`: a decimal.
    TotalSeconds,
    /// `round(number)`: half away from zero.
    Round,
    /// `floor(number)`
    Floor,
    /// `ceiling(number)`
    Ceiling,
    /// Whether all flags of the right number are set in the left one: `has`.
    HasFlags,
    /// `geo.distance(point, longitude, latitude)`: in metres, on a sphere with the mean radius of the earth.
    GeographyDistance,
    /// `geo.distance(point, x, y)`: in a plane.
    GeometryDistance,
}

impl Function {
    /// The name as OData writes it.
    pub fn name(self) -> &'static str {
        match self {
            Function::Contains => "contains",
            Function::StartsWith => "startswith",
            Function::EndsWith => "endswith",
            Function::MatchesPattern => "matchespattern",
            Function::Concat => "concat",
            Function::IndexOf => "indexof",
            Function::Length => "length",
            Function::Substring => "substring",
            Function::ToLower => "tolower",
            Function::ToUpper => "toupper",
            Function::Trim => "trim",
            Function::Year => "year",
            Function::Month => "month",
            Function::Day => "day",
            Function::Hour => "hour",
            Function::Minute => "minute",
            Function::Second => "second",
            Function::FractionalSeconds => "fractionalseconds",
            Function::Date => "date",
            Function::Time => "time",
            Function::TotalOffsetMinutes => "totaloffsetminutes",
            Function::TotalSeconds => "totalseconds",
            Function::Round => "round",
            Function::Floor => "floor",
            Function::Ceiling => "ceiling",
            Function::HasFlags => "has",
            Function::GeographyDistance | Function::GeometryDistance => "geo.distance",
        }
    }
}
