//! Asks a source every so often for what differs after a change: when a question is due, whether its answer says that
//! something changed, and whether anybody wants to know.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::cache::Generations;
use crate::edm::Value;
use crate::execute::ExecuteError;
use crate::model::{Probe, Sign};
use crate::service::ServiceError;
use crate::sql::Statement;
use crate::store::{Database, StoreError};

/// After an answer, so many times as long as it took nothing is asked.
const REST_FACTOR: u32 = 9;

/// A question, and the sets that it is asked for. Sets of one table share it, and in SQLite all of the file.
#[derive(Debug)]
pub(super) struct Question {
    statement: Statement,
    sign: Sign,
    every: Duration,
    /// The places of the sets among the generations.
    places: Vec<usize>,
    /// For so long after a set was asked for, something of it may be served without the database.
    wanted_for: Duration,
    wanted_at: Instant,
    due: Instant,
    known: Known,
    /// The last question failed, or its answer says nothing.
    is_failing: bool,
}

/// What earlier answers tell.
#[derive(Debug, Default)]
struct Known {
    last: Option<Value>,
    /// A change was noticed the last time.
    is_recent: bool,
}

impl Known {
    /// Takes an answer; whether it says that something may have changed.
    fn says_changed(&mut self, value: Value, sign: Sign) -> bool {
        let is_changed = self.last.as_ref() != Some(&value);
        // A second row with the same time, or with a smaller number that was committed later, does not show in the
        // greatest value. The most likely moment for it is just after a change, so that counts twice.
        let is_changed_too = self.is_recent && matches!(sign, Sign::Greatest(_));
        self.is_recent = is_changed;
        self.last = Some(value);
        is_changed || is_changed_too
    }

    /// What was counted before an outage may be counted anew from the same numbers.
    fn forget(&mut self) {
        self.last = None;
    }
}

/// Adds a question of one set, or the set to a question that is asked already.
pub(super) fn add(
    questions: &mut Vec<Question>,
    statement: Statement,
    probe: &Probe,
    place: usize,
    wanted_for: Duration,
) {
    let every = Duration::from_secs(u64::from(probe.every_s));
    if let Some(known) = questions.iter_mut().find(|question| question.statement == statement) {
        known.every = known.every.min(every);
        known.wanted_for = known.wanted_for.max(wanted_for);
        known.places.push(place);
        return;
    }
    let now = Instant::now();
    questions.push(Question {
        statement,
        sign: probe.sign,
        every,
        places: vec![place],
        wanted_for,
        wanted_at: now,
        due: now,
        known: Known::default(),
        is_failing: false,
    });
}

/// Asks, one question after another, until the task is ended.
pub(super) async fn run(
    name: String,
    database: Arc<Database>,
    generations: Arc<Generations>,
    mut questions: Vec<Question>,
) {
    while let Some(question) = questions.iter_mut().min_by_key(|question| question.due) {
        sleep_until(question.due).await;
        let began = Instant::now();
        if question.is_wanted(&generations, began) {
            question.ask(&name, &database, &generations).await;
        }
        question.due = Instant::now() + question.every.max(began.elapsed() * REST_FACTOR);
    }
}

impl Question {
    /// Whether something of a set was asked for lately. If not, nothing is served without asking the database; and the
    /// next answer is compared with the last one, however old that is.
    fn is_wanted(&mut self, generations: &Generations, now: Instant) -> bool {
        // All flags are to be taken down, so no short cut.
        if self.places.iter().filter(|place| generations.was_asked(**place)).count() > 0 {
            self.wanted_at = now;
        }
        now.duration_since(self.wanted_at) <= self.wanted_for
    }

    async fn ask(&mut self, name: &str, database: &Database, generations: &Generations) {
        let statement = self.statement.clone();
        let asked = match self.sign {
            Sign::Greatest(_) => database.first(statement).await,
            Sign::Statistics => database.statistics(statement).await,
        };
        let sets = || {
            let names = self.places.iter().filter_map(|place| generations.names().get(*place));
            names.map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        match asked {
            Ok(Value::Null) if self.sign == Sign::Statistics => {
                if !self.is_failing {
                    let why = "the database counts no changes of it: it is a view, or does not exist";
                    tracing::warn!(source = name, sets = sets(), "changes are not noticed: {why}");
                }
                self.is_failing = true;
            }
            Ok(value) => {
                if self.is_failing {
                    tracing::info!(source = name, sets = sets(), "changes are noticed again");
                }
                self.is_failing = false;
                if self.known.says_changed(value, self.sign) {
                    for place in &self.places {
                        generations.raise(*place);
                    }
                }
            }
            Err(error) => {
                if matches!(error, StoreError::Away { .. }) {
                    self.known.forget();
                }
                if !self.is_failing {
                    let detail = ServiceError::from(ExecuteError::from(error)).detail();
                    tracing::warn!(
                        source = name,
                        sets = sets(),
                        detail,
                        "changes cannot be asked for; age limits hold meanwhile"
                    );
                }
                self.is_failing = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PropertyId;

    #[test]
    fn an_answer_that_differs_is_a_change_and_for_greatest_values_the_next_one_too() {
        let greatest = Sign::Greatest(PropertyId(0));
        for (sign, expected) in [
            (Sign::Statistics, [true, false, true, false, false, true]),
            (greatest, [true, true, true, true, false, true]),
        ] {
            let mut known = Known::default();
            let answers = [1, 1, 2, 2, 2, 1].map(|number| known.says_changed(Value::Int(number), sign));
            assert_eq!(answers, expected, "{sign:?}");
            assert!(known.says_changed(Value::Null, sign), "a table that has become empty");
            known.forget();
            assert!(known.says_changed(Value::Null, sign), "the first answer after an outage");
        }
    }

    #[test]
    fn equal_questions_are_one() {
        let statement = |text: &str| Statement { text: text.to_owned(), params: Vec::new(), columns: Vec::new() };
        let probe = |every_s| Probe { sign: Sign::Statistics, every_s };
        let mut questions = Vec::new();
        for (text, every_s, place, wanted_s) in [("a", 5, 0, 10), ("b", 2, 1, 10), ("a", 2, 2, 30)] {
            add(&mut questions, statement(text), &probe(every_s), place, Duration::from_secs(wanted_s));
        }
        let [a, b] = &questions[..] else { panic!("{questions:?}") };
        assert_eq!((&a.places[..], &b.places[..]), (&[0, 2][..], &[1][..]));
        assert_eq!((a.every, a.wanted_for), (Duration::from_secs(2), Duration::from_secs(30)));
    }

    #[tokio::test]
    async fn what_nobody_asks_for_is_not_asked_about() {
        let generations = Generations::new(vec!["s/A".to_owned(), "s/B".to_owned()], 1, false);
        let mut questions = Vec::new();
        let statement = Statement { text: String::new(), params: Vec::new(), columns: Vec::new() };
        let probe = Probe { sign: Sign::Statistics, every_s: 1 };
        for place in 0..2 {
            add(&mut questions, statement.clone(), &probe, place, Duration::from_secs(20));
        }
        let question = &mut questions[0];
        let after = |seconds| question.wanted_at + Duration::from_secs(seconds);
        let (soon, late, later, latest) = (after(20), after(21), after(41), after(42));
        assert!(question.is_wanted(&generations, soon));
        assert!(!question.is_wanted(&generations, late));
        generations.stamp([1]);
        assert!(question.is_wanted(&generations, late));
        assert!(question.is_wanted(&generations, later));
        assert!(!question.is_wanted(&generations, latest));
    }
}
