//! Properties as Salesforce maps them to fields, and whether a value fits its field.

use super::{Cell, Checked, wrong};

/// A property's type, with the facets that decide about the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edm {
    Boolean,
    Byte,
    SByte,
    Int16,
    Int32,
    Int64,
    Single,
    Double,
    Decimal(Option<(u32, u32)>),
    String(Option<usize>),
    Guid,
    Date,
    DateTimeOffset,
}

/// A custom field's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text(usize),
    /// Not filterable or sortable.
    LongText(usize),
    Checkbox,
    /// Digits before and behind the point.
    Number(u32, u32),
    DateTime,
}

/// A custom field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The external column name.
    pub(crate) column: String,
    /// The name in SOQL.
    pub(crate) name: String,
    pub(crate) edm: Edm,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
}

impl Edm {
    /// The type of an attribute `Type`; `None` if Salesforce makes no field of it.
    pub(super) fn named(name: &str, facet: impl Fn(&str) -> Option<u32>) -> Option<Edm> {
        Some(match name.strip_prefix("Edm.")? {
            "Boolean" => Edm::Boolean,
            "Byte" => Edm::Byte,
            "SByte" => Edm::SByte,
            "Int16" => Edm::Int16,
            "Int32" => Edm::Int32,
            "Int64" => Edm::Int64,
            "Single" => Edm::Single,
            "Double" => Edm::Double,
            "Decimal" => Edm::Decimal(facet("Precision").map(|precision| (precision, facet("Scale").unwrap_or(0)))),
            "String" => Edm::String(facet("MaxLength").and_then(|length| usize::try_from(length).ok())),
            "Guid" => Edm::Guid,
            "Date" => Edm::Date,
            "DateTimeOffset" => Edm::DateTimeOffset,
            _ => return None,
        })
    }

    /// The field that *Validate and Sync* makes.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Edm::Boolean => Kind::Checkbox,
            Edm::Byte | Edm::SByte => Kind::Number(3, 0),
            Edm::Int16 => Kind::Number(8, 0),
            Edm::Int32 | Edm::Int64 => Kind::Number(18, 0),
            Edm::Single | Edm::Double => Kind::Number(10, 8),
            Edm::Decimal(Some((precision, scale))) => Kind::Number(precision.saturating_sub(scale), scale),
            Edm::Decimal(None) => Kind::Number(14, 2),
            Edm::String(None) => Kind::Text(128),
            Edm::String(Some(length)) if length <= 255 => Kind::Text(length),
            Edm::String(Some(length)) => Kind::LongText(length),
            Edm::Guid => Kind::Text(64),
            Edm::Date | Edm::DateTimeOffset => Kind::DateTime,
        }
    }

    fn integers(self) -> Option<(i64, i64)> {
        Some(match self {
            Edm::Byte => (0, 255),
            Edm::SByte => (-128, 127),
            Edm::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Edm::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Edm::Int64 => (i64::MIN, i64::MAX),
            _ => return None,
        })
    }
}

impl Field {
    /// Long texts take no part in filters and orders.
    pub(crate) fn is_plain(&self) -> bool {
        !matches!(self.kind, Kind::LongText(_))
    }

    /// Texts of every length take part in a search; GUIDs do not, for they are no texts to the server.
    pub(crate) fn is_searched(&self) -> bool {
        matches!(self.edm, Edm::String(_))
    }

    /// Fails if the value breaks the word of `$metadata`; tells what does not fit the field nonetheless.
    pub(super) fn fit(&self, cell: &Cell) -> Checked<Option<String>> {
        let column = &self.column;
        match cell {
            Cell::Null if !self.nullable => return wrong(format!("{column} is null")),
            Cell::Text(text) => {
                let length = text.chars().count();
                if let Edm::String(Some(promised)) = self.edm
                    && length > promised
                {
                    return wrong(format!("{column} has {length} characters, more than MaxLength {promised}"));
                }
                if let Kind::Text(longest) = self.kind
                    && length > longest
                {
                    return Ok(Some(format!("{column}: longer than {longest} characters")));
                }
            }
            Cell::Number(number) => {
                let plain = number.normalized().to_plain_string();
                if let Some((least, most)) = self.edm.integers() {
                    let fits = plain.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number));
                    if !fits {
                        return wrong(format!("{column} is {plain}, no {:?}", self.edm));
                    }
                }
                let (whole, decimals) =
                    plain.trim_start_matches('-').split_once('.').unwrap_or((plain.trim_start_matches('-'), ""));
                let whole = whole.trim_start_matches('0').len();
                let Kind::Number(wholes, places) = self.kind else { return wrong(format!("{column} is a number")) };
                let fits = whole <= wholes as usize && decimals.len() <= places as usize;
                match self.edm {
                    Edm::Decimal(Some(_)) if !fits => {
                        return wrong(format!("{column} is {plain}, more than {wholes} and {places} digits"));
                    }
                    _ if !fits || whole + decimals.len() > 18 => {
                        return Ok(Some(format!("{column}: numbers beyond {wholes} and {places} digits")));
                    }
                    _ => {}
                }
            }
            Cell::Double(number) => {
                let exact = (number * 1e8).fract() == 0.0;
                if number.abs() >= 1e10 || !exact {
                    return Ok(Some(format!("{column}: numbers beyond 10 and 8 digits")));
                }
            }
            // From the year 1700 to the end of the year 4000.
            Cell::Instant(micros) if !(-8_520_336_000_000_000..64_092_211_200_000_000).contains(micros) => {
                return Ok(Some(format!("{column}: instants outside the years 1700 to 4000")));
            }
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(edm: Edm) -> Field {
        let (column, name) = ("C".to_owned(), "C__c".to_owned());
        Field { column, name, edm, kind: edm.kind(), nullable: false }
    }

    #[test]
    fn types_become_fields_as_the_tables_of_salesforce_say() {
        let sizes = |precision, scale| move |name: &str| if name == "Precision" { Some(precision) } else { scale };
        assert_eq!(Edm::named("Edm.Decimal", sizes(18, Some(2))).map(Edm::kind), Some(Kind::Number(16, 2)));
        assert_eq!(Edm::named("Edm.Decimal", sizes(5, None)).map(Edm::kind), Some(Kind::Number(5, 0)));
        assert_eq!(Edm::named("Edm.TimeOfDay", |_| None), None);
        assert_eq!(Edm::named("Shop.Address", |_| None), None);
        assert_eq!(Edm::String(Some(255)).kind(), Kind::Text(255));
        assert_eq!(Edm::String(Some(256)).kind(), Kind::LongText(256));
        assert_eq!(Edm::String(None).kind(), Kind::Text(128));
        assert_eq!(Edm::Date.kind(), Kind::DateTime);
    }

    #[test]
    fn values_that_break_the_word_of_the_metadata_are_wrong_and_others_are_told() {
        let number = |text: &str| Cell::Number(text.parse().unwrap());
        let judge = |edm, cell| match field(edm).fit(&cell) {
            Err(_) => "wrong",
            Ok(Some(_)) => "told",
            Ok(None) => "fits",
        };
        assert_eq!(judge(Edm::Int16, number("32767")), "fits");
        assert_eq!(judge(Edm::Int16, number("32768")), "wrong");
        assert_eq!(judge(Edm::Int32, number("1.5")), "wrong");
        assert_eq!(judge(Edm::Int64, number("999999999999999999")), "fits");
        assert_eq!(judge(Edm::Int64, number("-9223372036854775808")), "told");
        assert_eq!(judge(Edm::Decimal(Some((6, 2))), number("-9999.99")), "fits");
        assert_eq!(judge(Edm::Decimal(Some((6, 2))), number("9999.990")), "fits");
        assert_eq!(judge(Edm::Decimal(Some((6, 2))), number("0.001")), "wrong");
        assert_eq!(judge(Edm::Decimal(Some((6, 2))), number("10000")), "wrong");
        assert_eq!(judge(Edm::Double, Cell::Double(1e21)), "told");
        assert_eq!(judge(Edm::Double, Cell::Double(-2.5)), "fits");
        assert_eq!(judge(Edm::String(Some(2)), Cell::Text("🚀ü".to_owned())), "fits");
        assert_eq!(judge(Edm::String(Some(2)), Cell::Text("abc".to_owned())), "wrong");
        assert_eq!(judge(Edm::String(None), Cell::Text("x".repeat(129))), "told");
        assert_eq!(judge(Edm::Date, Cell::Null), "wrong");
        assert_eq!(judge(Edm::Date, Cell::Instant(-8_520_336_000_000_001)), "told");
    }
}
