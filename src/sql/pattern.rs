//! Owns [`Pattern`]: a statement whose text is written, and which waits for some of its values.

use crate::edm::{Scalar, Value};

use super::dialect::Dialect;
use super::rewrite::Held;
use super::{Param, Statement};

/// A statement with places for values. The text of a statement never holds a value, but may hang on one: on whether the
/// database can hold it, and on whether it is among the others, since a list has each value once. A pattern stands for
/// none of these. What else a text may hang on, the makers of a pattern must know.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    text: String,
    /// The values of all parameters.
    places: Vec<(Place, Scalar)>,
    params: Vec<Kind>,
    columns: Vec<Scalar>,
}

/// The same value in all statements, or the one with a number.
type Place = Result<Value, usize>;

/// A parameter, and how many values it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    One(Scalar),
    List(Scalar, usize),
    Each(Scalar, usize),
}

impl Kind {
    fn of(param: &Param) -> (Kind, Scalar, &[Value]) {
        match param {
            Param::One(value, scalar) => (Kind::One(*scalar), *scalar, std::slice::from_ref(value)),
            Param::List(values, scalar) => (Kind::List(*scalar, values.len()), *scalar, values),
            Param::Each(values, scalar) => (Kind::Each(*scalar, values.len()), *scalar, values),
        }
    }

    /// The parameter with the next values.
    fn param(self, values: &mut impl Iterator<Item = Value>) -> Option<Param> {
        Some(match self {
            Kind::One(scalar) => Param::One(values.next()?, scalar),
            Kind::List(scalar, count) => Param::List(values.take(count).collect(), scalar),
            Kind::Each(scalar, count) => Param::Each(values.take(count).collect(), scalar),
        })
    }
}

impl Pattern {
    /// What two statements have in common. `number` tells which of the numbered values two are as values of a type,
    /// where they differ. `None` if the statements differ in anything else, or if not each of `count` values is among
    /// the parameters.
    pub fn of(
        [first, second]: [&Statement; 2],
        count: usize,
        number: impl Fn([&Value; 2], Scalar) -> Option<usize>,
    ) -> Option<Pattern> {
        if first.text != second.text || first.columns != second.columns || first.params.len() != second.params.len() {
            return None;
        }
        let mut found = vec![false; count];
        let (mut places, mut params) = (Vec::new(), Vec::with_capacity(first.params.len()));
        for (first, second) in first.params.iter().zip(&second.params) {
            let ((kind, scalar, first), (other, _, second)) = (Kind::of(first), Kind::of(second));
            if kind != other {
                return None;
            }
            params.push(kind);
            for (first, second) in first.iter().zip(second) {
                if first == second {
                    places.push((Ok(first.clone()), scalar));
                    continue;
                }
                let number = number([first, second], scalar)?;
                *found.get_mut(number)? = true;
                places.push((Err(number), scalar));
            }
        }
        let (text, columns) = (first.text.clone(), first.columns.clone());
        found.into_iter().all(|found| found).then_some(Pattern { text, places, params, columns })
    }

    /// The statement with these values, for the database that `dialect` speaks to. `value` gives the one with a number
    /// as a value of a type. `None` if the pattern does not stand for such values.
    pub fn statement(
        &self,
        dialect: &dyn Dialect,
        value: impl Fn(usize, Scalar) -> Option<Value>,
    ) -> Option<Statement> {
        let value = |(place, scalar): &(Place, Scalar)| match place {
            Ok(fixed) => Some(fixed.clone()),
            Err(number) => value(*number, *scalar).filter(|value| dialect.held(value) == Held::Yes),
        };
        let values: Vec<Value> = self.places.iter().map(value).collect::<Option<_>>()?;
        if !self.are_different(&values) {
            return None;
        }
        let mut values = values.into_iter();
        let params: Vec<Param> = self.params.iter().map(|kind| kind.param(&mut values)).collect::<Option<_>>()?;
        Some(Statement { text: self.text.clone(), params, columns: self.columns.clone() })
    }

    /// The numbered values, each with the type as which it is sent.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, Scalar)> {
        self.places.iter().filter_map(|(place, scalar)| Some((place.as_ref().err().copied()?, *scalar)))
    }

    /// Whether no numbered value is that of another number, or one that all statements have.
    fn are_different(&self, values: &[Value]) -> bool {
        let all = || self.places.iter().zip(values);
        all().filter(|((place, _), _)| place.is_err()).all(|((place, scalar), value)| {
            all().all(|((other, of), it)| place == other || scalar != of || value != it)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Postgres;

    fn statement(text: &str, params: Vec<Param>) -> Statement {
        Statement { text: text.to_owned(), params, columns: vec![Scalar::Int32] }
    }

    fn int(value: i64) -> Param {
        Param::One(Value::Int(value), Scalar::Int32)
    }

    fn list(values: &[i64]) -> Param {
        Param::List(values.iter().copied().map(Value::Int).collect(), Scalar::Int32)
    }

    /// The values with the numbers 0 and 1 are 10 and 11 in the first statement, 20 and 21 in the second.
    fn number(values: [&Value; 2], _: Scalar) -> Option<usize> {
        (0..2)
            .zip(0_i64..)
            .find(|(_, at)| values == [&Value::Int(10 + at), &Value::Int(20 + at)])
            .map(|(number, _)| number)
    }

    fn pattern(first: &[Param], second: &[Param]) -> Option<Pattern> {
        let [first, second] = [first, second].map(|params| statement("?", params.to_vec()));
        Pattern::of([&first, &second], 2, number)
    }

    fn filled(pattern: &Pattern, values: [i64; 2]) -> Option<Vec<Param>> {
        let value = |number: usize, _| values.get(number).copied().map(Value::Int);
        pattern.statement(&Postgres { zone: crate::edm::Zone::UTC }, value).map(|statement| statement.params)
    }

    #[test]
    fn values_stand_where_those_of_both_statements_stood() {
        let pattern = pattern(&[int(10), list(&[3, 11, 10]), int(5)], &[int(20), list(&[3, 21, 20]), int(5)]).unwrap();
        assert_eq!(filled(&pattern, [7, 8]), Some(vec![int(7), list(&[3, 8, 7]), int(5)]));
        // A value that is there already.
        for values in [[7, 7], [3, 8], [7, 5]] {
            assert_eq!(filled(&pattern, values), None);
        }
    }

    #[test]
    fn statements_that_differ_otherwise_have_no_pattern() {
        let both = [int(10), int(11)];
        assert!(pattern(&both, &[int(20), int(21)]).is_some());
        let others: [&[Param]; 6] = [
            // One value is missing, wrong, or of another type or kind.
            &[int(20), int(11)],
            &[int(20), int(22)],
            &[int(20)],
            &[int(20), Param::One(Value::Int(21), Scalar::Int64)],
            &[int(20), list(&[21])],
            &[int(21), int(20)],
        ];
        for other in others {
            assert_eq!(pattern(&both, other), None, "{other:?}");
        }
        let (first, second) = (statement("a", both.to_vec()), statement("b", vec![int(20), int(21)]));
        assert_eq!(Pattern::of([&first, &second], 2, number), None);
    }

    #[test]
    fn a_value_that_the_database_cannot_hold_has_no_statement() {
        let [first, second] = ["a", "b"].map(|text| Param::One(Value::String(text.into()), Scalar::STRING));
        let (first, second) = (statement("?", vec![first]), statement("?", vec![second]));
        let pattern = Pattern::of([&first, &second], 1, |_, _| Some(0)).unwrap();
        let ask = |text: &str| {
            let dialect = Postgres { zone: crate::edm::Zone::UTC };
            pattern.statement(&dialect, |_, _| Some(Value::String(text.into()))).is_some()
        };
        assert!(ask("c") && !ask("c\0d"));
    }
}
