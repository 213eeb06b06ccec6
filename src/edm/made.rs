//! Owns [`Made`]: how a value is made of the columns of its row, where it does not lie in a column as it is published.

use super::{Offered, Scalar, Value};

/// How a value is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is calculated, as a metadata file says.
    Calculated(Template),
    /// It is the word for a code that a column holds.
    Words(Words),
    /// It is a date that a column holds, under another type.
    Offered(Offered),
    /// It is the beginning of a text that a column holds.
    Cut(Cut),
}

/// Where a long text ends, and by what that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Most characters of what is left, the marker among them.
    pub length: u32,
    /// Characters of the text that are left of a longer one: the marker stands behind them.
    pub kept: u32,
    /// What stands in the place of the rest; never empty.
    pub marker: Box<str>,
}

/// A text with places for the names of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Box<[Slot]>);

impl Template {
    /// The same, and null where this column is null: where there may be no row, what is calculated of nothing is
    /// nothing.
    #[must_use]
    pub fn only_with(&self, column: &str) -> Template {
        let before =
            [Slot::Text("CASE WHEN ".into()), Slot::Column(column.into()), Slot::Text(" IS NOT NULL THEN (".into())];
        Template(before.into_iter().chain(self.0.iter().cloned()).chain([Slot::Text(") END".into())]).collect())
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It stands as it is.
    Text(Box<str>),
    /// The name of a column.
    Column(Box<str>),
}

/// Codes and the words that are published in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The type of the codes: texts, whole numbers, booleans.
    pub code: Scalar,
    /// Each code once; several may have one word.
    pub pairs: Box<[(Value, Box<str>)]>,
    /// A code without a word is published as it is, as a text; else as null.
    pub keeps_unknown: bool,
}

impl Words {
    /// The codes that are published as this text.
    pub fn codes(&self, word: &str) -> impl Iterator<Item = Value> {
        let named = self.pairs.iter().filter(move |(_, it)| **it == *word).map(|(code, _)| code.clone());
        named.chain(self.unknown(word))
    }

    /// All codes that have a word.
    pub fn known(&self) -> impl Iterator<Item = Value> {
        self.pairs.iter().map(|(code, _)| code.clone())
    }

    /// The code without a word that is published as this text.
    fn unknown(&self, text: &str) -> Option<Value> {
        let code = self.keeps_unknown.then(|| self.code_of(text))??;
        self.pairs.iter().all(|(known, _)| *known != code).then_some(code)
    }

    /// The code that is written like this, and in no other way.
    pub fn code_of(&self, text: &str) -> Option<Value> {
        match self.code {
            Scalar::String { .. } => Some(Value::String(text.into())),
            Scalar::Boolean => Some(Value::Boolean(match text {
                "true" => true,
                "false" => false,
                _ => return None,
            })),
            of => {
                let (least, most) = of.integer_range()?;
                let number: i64 = text.parse().ok().filter(|number| (least..=most).contains(number))?;
                (number.to_string() == text).then_some(Value::Int(number))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(code: Scalar, pairs: &[(Value, &str)], keeps_unknown: bool) -> Words {
        Words { code, pairs: pairs.iter().map(|(code, word)| (code.clone(), (*word).into())).collect(), keeps_unknown }
    }

    fn codes(words: &Words, text: &str) -> Vec<Value> {
        words.codes(text).collect()
    }

    #[test]
    fn words_lead_back_to_their_codes() {
        let pairs =
            [(Value::Int(1), "Open"), (Value::Int(2), "Closed"), (Value::Int(3), "Closed"), (Value::Int(4), "5")];
        let kept = words(Scalar::Int16, &pairs, true);
        assert_eq!(codes(&kept, "Open"), [Value::Int(1)]);
        assert_eq!(codes(&kept, "Closed"), [Value::Int(2), Value::Int(3)]);
        assert_eq!(codes(&kept, "open"), []);
        // A code without a word is found by its text, one with a word is not; a word may look like a code.
        assert_eq!(codes(&kept, "7"), [Value::Int(7)]);
        assert_eq!(codes(&kept, "1"), []);
        assert_eq!(codes(&kept, "5"), [Value::Int(4), Value::Int(5)]);
        for other in ["07", "+7", "7.0", " 7", "40000", "x", ""] {
            assert_eq!(codes(&kept, other), [], "{other}");
        }
        let dropped = words(Scalar::Int16, &pairs, false);
        assert_eq!((codes(&dropped, "7"), codes(&dropped, "5")), (vec![], vec![Value::Int(4)]));
    }

    #[test]
    fn codes_are_of_the_type_of_the_column() {
        let texts = words(Scalar::STRING, &[(Value::String("O".into()), "Open")], true);
        assert_eq!(codes(&texts, "o"), [Value::String("o".into())]);
        assert_eq!(codes(&texts, "O"), []);
        let truths = words(Scalar::Boolean, &[(Value::Boolean(true), "Yes")], true);
        assert_eq!(
            (codes(&truths, "Yes"), codes(&truths, "false")),
            (vec![Value::Boolean(true)], vec![Value::Boolean(false)])
        );
        assert_eq!(codes(&truths, "true"), []);
    }
}
