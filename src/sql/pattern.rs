//! Owns [`Pattern`]: a statement whose text is written, and which waits for some of its values.

use crate::edm::{Scalar, Value};

use super::dialect::Dialect;
use super::rewrite::Held;
use super::{Param, Statement};

/// A statement with places for values. The text of a statement never holds a value, but may hang on one: a pattern is
/// made of two statements whose values differ, and stands only for values that the database can hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    text: String,
    params: Vec<Places>,
    columns: Vec<Scalar>,
}

/// A value of a parameter: the same in all statements, or the one with a number.
type Place = Result<Value, usize>;

/// A parameter of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Places {
    /// [`Param::One`]
    One(Place, Scalar),
    /// [`Param::List`]
    List(Vec<Place>, Scalar),
    /// [`Param::Each`]
    Each(Vec<Place>, Scalar),
}

impl Pattern {
    /// What two statements have in common. `number` tells which of the numbered values two are as values of a type, where
    /// they differ. `None` if the statements differ in anything else, or if not each of `count` values is among the
    /// parameters.
    pub fn of(
        [first, second]: [&Statement; 2],
        count: usize,
        number: impl Fn([&Value; 2], Scalar) -> Option<usize>,
    ) -> Option<Pattern> {
        if first.text != second.text || first.columns != second.columns || first.params.len() != second.params.len() {
            return None;
        }
        let mut found = vec![false; count];
        let mut place = |first: &Value, second: &Value, scalar: Scalar| {
            if first == second {
                return Some(Ok(first.clone()));
            }
            let number = number([first, second], scalar)?;
            *found.get_mut(number)? = true;
            Some(Err(number))
        };
        let mut places = |first: &[Value], second: &[Value], scalar: Scalar| {
            let both = first.iter().zip(second).map(|(first, second)| place(first, second, scalar));
            if first.len() == second.len() { both.collect::<Option<Vec<Place>>>() } else { None }
        };
        let mut params = Vec::with_capacity(first.params.len());
        for both in first.params.iter().zip(&second.params) {
            params.push(match both {
                (Param::One(first, scalar), Param::One(second, of)) if scalar == of => {
                    let only = places(std::slice::from_ref(first), std::slice::from_ref(second), *scalar)?.pop()?;
                    Places::One(only, *scalar)
                }
                (Param::List(first, scalar), Param::List(second, of)) if scalar == of => {
                    Places::List(places(first, second, *scalar)?, *scalar)
                }
                (Param::Each(first, scalar), Param::Each(second, of)) if scalar == of => {
                    Places::Each(places(first, second, *scalar)?, *scalar)
                }
                _ => return None,
            });
        }
        let (text, columns) = (first.text.clone(), first.columns.clone());
        found.into_iter().all(|found| found).then_some(Pattern { text, params, columns })
    }

    /// The statement with these values, for the database that `dialect` speaks to. `value` gives the one with a number as
    /// a value of a type. `None` if the pattern does not stand for such values.
    pub fn statement(
        &self,
        dialect: &dyn Dialect,
        value: impl Fn(usize, Scalar) -> Option<Value>,
    ) -> Option<Statement> {
        let value = |place: &Place, scalar| match place {
            Ok(fixed) => Some(fixed.clone()),
            Err(number) => value(*number, scalar).filter(|value| dialect.held(value) == Held::Yes),
        };
        let list = |places: &[Place], scalar| {
            let values: Vec<Value> = places.iter().map(|place| value(place, scalar)).collect::<Option<_>>()?;
            // A list that holds a value twice would be a shorter one.
            let is_once = values.iter().enumerate().all(|(at, value)| !values.iter().take(at).any(|it| it == value));
            is_once.then_some(values)
        };
        let mut params = Vec::with_capacity(self.params.len());
        for places in &self.params {
            params.push(match places {
                Places::One(place, scalar) => Param::One(value(place, *scalar)?, *scalar),
                Places::List(places, scalar) => Param::List(list(places, *scalar)?, *scalar),
                Places::Each(places, scalar) => Param::Each(list(places, *scalar)?, *scalar),
            });
        }
        Some(Statement { text: self.text.clone(), params, columns: self.columns.clone() })
    }
}
