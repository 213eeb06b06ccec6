//! A column seen from both sides: the value in an answer and the value in the database, each as one plain text, and
//! what all values of the column come to.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use crate::support::databases::Kind;
use crate::support::json::Json;

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Whole,
    Truth,
    Decimal,
    Double,
    Text,
    Bytes,
    Time,
}

pub(super) struct Column {
    pub(super) name: String,
    form: Form,
    /// Its name in SQL.
    pub(super) sql: String,
    /// Its value as a text, in SQL.
    pub(super) text: String,
    /// What all its values come to as a text, in SQL: the sum of numbers, the letters of texts, the bytes, how many are
    /// true, the least and greatest time; and how many values there are.
    pub(super) total: String,
}

impl Column {
    pub(super) fn new(kind: Kind, name: String, column: &str, kind_of: &str) -> Column {
        let form = match kind_of {
            "Byte" | "SByte" | "Int16" | "Int32" | "Int64" => Form::Whole,
            "Boolean" => Form::Truth,
            "Decimal" => Form::Decimal,
            "Single" | "Double" => Form::Double,
            "String" => Form::Text,
            "Binary" => Form::Bytes,
            "Date" | "DateTimeOffset" => Form::Time,
            other => panic!("{name}: what is a {other}?"),
        };
        let sql = format!("\"{column}\"");
        let sqlite = kind == Kind::Sqlite;
        let text = match form {
            Form::Double if sqlite => format!("printf('%!.17g', {sql})"),
            Form::Truth => format!("case when {sql} then 'true' when not {sql} then 'false' end"),
            Form::Bytes if sqlite => format!("lower(hex({sql}))"),
            Form::Bytes => format!("encode({sql}, 'hex')"),
            _ => format!("cast({sql} as text)"),
        };
        // SQLite tells the hexadecimal digits of null as an empty text.
        let text = if sqlite { format!("case when {sql} is not null then {text} end") } else { text };
        let total = match form {
            Form::Decimal if sqlite => format!("sum(cast(cast({sql} as text) as real))"),
            Form::Whole | Form::Decimal | Form::Double => format!("sum({sql})"),
            Form::Truth => format!("sum(case when {sql} then 1 else 0 end)"),
            Form::Text => format!("sum(length(cast({sql} as text)))"),
            Form::Bytes => format!("sum(length({sql}))"),
            Form::Time => format!("min({sql}) || ' ' || max({sql})"),
        };
        let total = format!("cast(count({sql}) as text) || ': ' || coalesce(cast({total} as text), '0')");
        Column { name, form, sql, text, total }
    }

    /// The value of an answer.
    pub(super) fn answered(&self, value: &Json) -> String {
        match (self.form, value) {
            (_, Json::Null) => "null".to_owned(),
            (Form::Truth, Json::Bool(value)) => value.to_string(),
            (Form::Decimal | Form::Double | Form::Time, Json::Number(text) | Json::String(text)) => self.direct(text),
            (Form::Whole, Json::Number(text)) | (Form::Text, Json::String(text)) => text.clone(),
            (Form::Bytes, Json::String(text)) => hexadecimal(text),
            _ => panic!("{}: {value}", self.name),
        }
    }

    /// The value in the database, or a text of an answer, without what says nothing.
    pub(super) fn direct(&self, text: &str) -> String {
        match self.form {
            _ if text == "null" => text.to_owned(),
            Form::Double => text.parse::<f64>().unwrap().to_string(),
            Form::Decimal if text.contains('.') => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            Form::Time => {
                let text = text.trim_end_matches('Z').replace('T', " ");
                if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
            }
            _ => text.to_owned(),
        }
    }

    /// What all values of the answers come to.
    pub(super) fn sum<'a>(&self, values: impl Iterator<Item = &'a str>) -> String {
        let values: Vec<&str> = values.filter(|value| *value != "null").collect();
        let total = match self.form {
            Form::Whole => values.iter().map(|value| value.parse::<i64>().unwrap()).sum::<i64>().to_string(),
            Form::Decimal | Form::Double => {
                values.iter().map(|value| value.parse::<f64>().unwrap()).sum::<f64>().to_string()
            }
            Form::Truth => values.iter().filter(|value| **value == "true").count().to_string(),
            Form::Text => values.iter().map(|value| value.chars().count()).sum::<usize>().to_string(),
            Form::Bytes => (values.iter().map(|value| value.len()).sum::<usize>() / 2).to_string(),
            Form::Time if values.is_empty() => "0".to_owned(),
            Form::Time => format!("{} {}", values.iter().min().unwrap(), values.iter().max().unwrap()),
        };
        format!("{}: {total}", values.len())
    }

    /// Whether two totals are one, sums of fractions but for what floating point loses.
    pub(super) fn is_same_total(&self, answered: &str, direct: &str) -> bool {
        let parts =
            |text: &str| text.split_once(": ").map(|(count, total)| (count.to_owned(), total.to_owned())).unwrap();
        let ((count, answered), (counted, direct)) = (parts(answered), parts(direct));
        let is_same = match self.form {
            Form::Decimal | Form::Double => {
                let [a, b] = [&answered, &direct].map(|total| total.parse::<f64>().unwrap());
                (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
            }
            Form::Time if answered.contains(' ') => self.is_padded(&answered, &direct),
            _ => answered == direct,
        };
        count == counted && is_same
    }

    /// Least and greatest instants that differ only by zeros behind the point.
    fn is_padded(&self, answered: &str, direct: &str) -> bool {
        let halves = |text: &str| {
            let middle = text.len() / 2;
            let at = text.match_indices(' ').map(|(at, _)| at).min_by_key(|at| at.abs_diff(middle)).unwrap();
            [self.direct(&text[..at]), self.direct(&text[at + 1..])]
        };
        halves(answered) == halves(direct)
    }
}

/// The hexadecimal digits of what an answer writes in base64url.
fn hexadecimal(text: &str) -> String {
    let bytes = URL_SAFE.decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
