//! Owns [`Pattern`]: the name of a read that waits for some of its values. It gives the very fingerprints that
//! [`super::fingerprint_whole`] and [`super::fingerprint_count`] give, without the read.

use std::hash::{Hash, Hasher};

use crate::edm::{Scalar, Value};

use super::Read;
use super::fingerprint::{Gather, gather_count, gather_whole};

/// A value that waits: its number, the type as which the read has it, and what it is in two reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Which of the numbered values it is.
    pub number: usize,
    /// Its type.
    pub scalar: Scalar,
    /// In the one read and in the other; they differ.
    pub values: [Value; 2],
}

/// The bytes by which reads are named, with places for values.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    bytes: Vec<u8>,
    /// Before which byte a value stands, by number and type.
    places: Vec<(usize, usize, Scalar)>,
}

impl Pattern {
    /// The pattern of [`super::fingerprint_whole`]; `None` if the reads differ in anything but the marks, or
    /// lack one.
    pub fn of_whole(reads: [&Read; 2], frame: u64, marks: &[Mark]) -> Option<Pattern> {
        Pattern::of(reads.map(|read| gather_whole(read, frame)), marks)
    }

    /// The pattern of [`super::fingerprint_count`].
    pub fn of_count(reads: [&Read; 2], frame: u64, marks: &[Mark]) -> Option<Pattern> {
        Pattern::of(reads.map(|read| gather_count(read, frame)), marks)
    }

    fn of([Gather(first), Gather(second)]: [Gather; 2], marks: &[Mark]) -> Option<Pattern> {
        let bytes_of = |value: &Value| {
            let mut bytes = Gather(Vec::new());
            value.hash(&mut bytes);
            bytes.0
        };
        let marks: Vec<_> = marks.iter().map(|mark| (mark, mark.values.each_ref().map(bytes_of))).collect();
        let (mut first, mut second) = (first.as_slice(), second.as_slice());
        let mut pattern = Pattern { bytes: Vec::with_capacity(first.len()), places: Vec::new() };
        while !(first.is_empty() && second.is_empty()) {
            // Both reads have a mark at one place only if it is one: what they have in common is equal.
            let marked = marks.iter().find_map(|(mark, [one, other])| {
                let rest = first.strip_prefix(one.as_slice()).zip(second.strip_prefix(other.as_slice()))?;
                Some((*mark, rest))
            });
            if let Some((mark, rest)) = marked {
                (first, second) = rest;
                pattern.places.push((pattern.bytes.len(), mark.number, mark.scalar));
                continue;
            }
            let (byte, rest) = first.split_first()?;
            first = rest;
            second = second.strip_prefix(&[*byte])?;
            pattern.bytes.push(*byte);
        }
        let is_found = |mark: &Mark| pattern.places.iter().any(|(_, number, _)| *number == mark.number);
        marks.iter().all(|(mark, _)| is_found(mark)).then_some(pattern)
    }

    /// The fingerprint of the read with these values; `None` if there is no such value.
    pub fn fingerprint(&self, value: impl Fn(usize, Scalar) -> Option<Value>) -> Option<u128> {
        let mut bytes = Gather(Vec::with_capacity(self.bytes.len() + 64));
        let mut done = 0;
        for (at, number, scalar) in &self.places {
            bytes.write(self.bytes.get(done..*at)?);
            value(*number, *scalar)?.hash(&mut bytes);
            done = *at;
        }
        bytes.write(self.bytes.get(done..)?);
        Some(u128::from_le_bytes(bytes.first()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PropertyId, SetId};
    use crate::query::{Answer, Comparison, Expr, Key, Page, Shape, fingerprint_count, fingerprint_whole};

    fn read(key: i64, text: &str) -> Read {
        let literal = |value: Value, scalar| Box::new(Expr::Literal(value, scalar));
        let property = |id| Box::new(Expr::Property(PropertyId(id)));
        let is_key = Expr::Compare(Comparison::Eq, property(0), literal(Value::Int(key), Scalar::Int32));
        let is_text = Expr::Compare(Comparison::Lt, property(1), literal(Value::String(text.into()), Scalar::STRING));
        Read {
            set: SetId(3),
            of: None,
            from: None,
            all: None,
            via: Vec::new(),
            made: None,
            key: Some(Key { alternate: None, values: vec![Value::Int(key)] }),
            filter: Some(Expr::And(vec![is_key, is_text])),
            search: None,
            order: Vec::new(),
            shape: Shape::default(),
            page: Page { top: Some(5), skip: 0, cursor: None, rows_max: 2_000 },
            count: false,
            answer: Answer::Collection,
        }
    }

    fn marks() -> Vec<Mark> {
        let texts = ["one", "another"].map(|text| Value::String(text.into()));
        vec![
            Mark { number: 1, scalar: Scalar::STRING, values: texts },
            Mark { number: 0, scalar: Scalar::Int32, values: [Value::Int(10), Value::Int(20_000)] },
        ]
    }

    #[test]
    fn a_pattern_with_values_has_the_name_of_the_read() {
        let (first, second) = (read(10, "one"), read(20_000, "another"));
        let whole = Pattern::of_whole([&first, &second], 9, &marks()).unwrap();
        let count = Pattern::of_count([&first, &second], 9, &marks()).unwrap();
        for (key, text) in [(10, "one"), (7, ""), (-7, "a longer text than both of them"), (i64::MAX, "ü")] {
            let value = |number, _| Some(if number == 0 { Value::Int(key) } else { Value::String(text.into()) });
            assert_eq!(whole.fingerprint(value), Some(fingerprint_whole(&read(key, text), 9)));
            assert_eq!(count.fingerprint(value), Some(fingerprint_count(&read(key, text), 9)));
            assert_ne!(whole.fingerprint(value), Some(fingerprint_whole(&read(key, text), 8)));
        }
        assert_eq!(whole.fingerprint(|_, _| None), None);
    }

    #[test]
    fn reads_that_differ_otherwise_have_no_pattern() {
        let first = read(10, "one");
        for second in [read(20_000, "one"), read(20_001, "another"), Read { count: true, ..read(20_000, "another") }] {
            assert_eq!(Pattern::of_whole([&first, &second], 9, &marks()), None);
        }
        let shorter = Read { key: None, ..read(20_000, "another") };
        assert_eq!(Pattern::of_whole([&first, &shorter], 9, &marks()), None);
        assert_eq!(Pattern::of_whole([&shorter, &first], 9, &marks()), None);
    }
}
