//! Judges answers by the history: which states an answer may come from, whether `Age` and `Cache-Status` are true.

use std::time::{Duration, Instant};

use penstock::service::Answer;
use serde_json::{Map, Value};

use super::Run;
use super::history::{Rows, Set, Times};
use super::question::{Expected, Form, Question, States};
use super::rights::Rights;
use crate::support::inside::ROOT;

/// What is known of an answer that is kept.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Its oldest part is not older than this.
    ms: u64,
    /// The generations under which it was found.
    stamps: Vec<u64>,
}

/// How an answer was come by, in the words of `Cache-Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Hit,
    Revalidating,
    StaleIfError,
    Miss,
    Demanded,
    /// The cache is off.
    Uncached,
}

fn how(answer: &Answer) -> Result<How, String> {
    Ok(match answer.cache_status {
        None => How::Uncached,
        Some("penstock; hit" | "penstock; hit; detail=second-level") => How::Hit,
        Some("penstock; hit; detail=stale-while-revalidate") => How::Revalidating,
        Some("penstock; hit; detail=stale-if-error") => How::StaleIfError,
        Some("penstock; fwd=miss; stored") => How::Miss,
        Some("penstock; fwd=request; stored") => How::Demanded,
        Some(other) => return Err(format!("Cache-Status: {other}")),
    })
}

/// How old a part of an answer may be: less than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// It must be of the present state.
    Now,
    Below(u64),
}

/// A state that a part may come from: its place, and the least age in milliseconds of what was read from it.
type Allowed<'a> = Vec<(&'a Rows, u64)>;

impl Run<'_> {
    /// Asks, judges the answer and remembers what follows from it.
    pub(super) fn ask(&mut self, reader: usize, question: &Question, fresh: bool) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let how = self.ask_once(reader, question, fresh)?;
            // What is read anew in the background comes soon.
            if how != Some(How::Revalidating) || self.is_away {
                return Ok(());
            }
            if began.elapsed() > Duration::from_secs(10) {
                return Err(format!("a stale answer is not read anew: {}", question.target()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn ask_once(&mut self, reader: usize, question: &Question, fresh: bool) -> Result<Option<How>, String> {
        let (replica, rights) = (self.readers[reader].replica, self.readers[reader].rights);
        let sets = question.sets();
        let stamps = self.stamps(replica, &sets);
        let answer = self.answer(reader, question, fresh);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let wrong = |what: &str| {
            let kind = answer.cache_status.unwrap_or("uncached");
            format!(
                "{what}\n  GET {} by {rights:?}, {kind}, age {:?}, away {}\n  {} {body}",
                question.target(),
                answer.age_s,
                self.is_away,
                answer.status
            )
        };
        if !sets.iter().all(|set| rights.open(*set)) {
            let refused = matches!(answer.status, 400 | 404);
            return if refused { Ok(None) } else { Err(wrong("a set without rights is answered")) };
        }
        let key = format!("{replica} {rights:?} {question:?}");
        // A connection to Redis that broke meanwhile may have begun a new epoch, which drops everything.
        if stamps == self.stamps(replica, &sets) {
            self.must_be_kept(&key, &sets, &stamps, &answer, fresh).map_err(|what| wrong(&what))?;
        }
        match answer.status {
            503 if self.is_away => return Ok(None),
            404 | 204 if !self.is_away => {
                let expected = self.present(question, rights);
                let right = expected == Expected::Status(answer.status);
                return if right { Ok(None) } else { Err(wrong(&format!("expected {expected:?}"))) };
            }
            200 => {}
            _ => return Err(wrong("no answer")),
        }
        let how = how(&answer).map_err(|what| wrong(&what))?;
        self.judge_how(question, &answer, how, fresh).map_err(|what| wrong(&what))?;
        let next = self.judge_content(question, replica, rights, &answer, how).map_err(|what| wrong(&what))?;
        self.nexts.extend(next.map(|next| (next, rights)));
        let is_kept = matches!(how, How::Hit | How::Miss | How::Demanded);
        if is_kept && stamps == self.stamps(replica, &sets) {
            let age_ms = answer.age_s.unwrap_or(0) * 1_000 + 999;
            self.made.insert(key, Made { ms: self.now() - age_ms, stamps });
        }
        Ok(Some(how))
    }

    /// What is known to be kept must be served as long as the policies allow it.
    fn must_be_kept(
        &self,
        key: &str,
        sets: &[Set],
        stamps: &[u64],
        answer: &Answer,
        fresh: bool,
    ) -> Result<(), String> {
        let Some(made) = self.made.get(key).filter(|made| !fresh && made.stamps == stamps) else { return Ok(()) };
        let age_ms = self.now() - made.ms;
        let earliest =
            |end: fn(&Times) -> u64| sets.iter().filter_map(|set| set.times()).map(|t| end(&t) * 1_000).min();
        let is_younger = |end: fn(&Times) -> u64| earliest(end).is_some_and(|end| age_ms < end);
        let status = answer.cache_status.unwrap_or_default();
        if is_younger(|times| times.ttl) && status != "penstock; hit" {
            return Err(format!("an answer that is kept, made {age_ms} ms ago, is not served"));
        }
        if is_younger(|times| times.ttl + times.revalidate) && !status.starts_with("penstock; hit") {
            return Err(format!("a stale answer, made {age_ms} ms ago, is not served while it is read anew"));
        }
        if self.is_away && is_younger(|times| times.ttl + times.if_error) && answer.status != 200 {
            return Err(format!("a stale answer, made {age_ms} ms ago, is not served in place of an error"));
        }
        Ok(())
    }

    fn judge_how(&self, question: &Question, answer: &Answer, how: How, fresh: bool) -> Result<(), String> {
        let is_off = question.sets().iter().any(|set| set.times().is_none());
        if is_off != (how == How::Uncached) {
            return Err("the cache is off for a set, or it is not".to_owned());
        }
        if !is_off && fresh != (how == How::Demanded) {
            return Err("what was demanded is not what was done".to_owned());
        }
        if how == How::StaleIfError && !self.is_away {
            return Err("stale in place of an error, and there was none".to_owned());
        }
        if self.is_away && !matches!(how, How::Hit | How::Revalidating | How::StaleIfError) {
            return Err("read from a database that is away".to_owned());
        }
        let end = question.sets().iter().filter_map(|set| bound(*set, how, true)).min();
        let most = end.unwrap_or(0).max(1_000) / 1_000;
        match answer.age_s {
            None if how == How::Uncached => Ok(()),
            Some(age_s) if age_s < most || how == How::Uncached => Ok(()),
            other => Err(format!("Age {other:?}, at most {most} seconds are allowed")),
        }
    }

    /// Finds states of all sets that explain the answer. Gives back the request for the next page.
    fn judge_content(
        &self,
        question: &Question,
        replica: usize,
        rights: Rights,
        answer: &Answer,
        how: How,
    ) -> Result<Option<Question>, String> {
        let age_s = answer.age_s.unwrap_or(0);
        let honest = |least_ms: u64| least_ms / 1_000 <= age_s;
        let text = std::str::from_utf8(&answer.body).map_err(|error| error.to_string())?;
        let told = self.replicas[replica].told;
        let allowed = |set: Set, is_count: bool| self.allowed(set, bound_of(set, how, is_count), told[set as usize]);
        let via = question.via.map(|(set, _)| set);
        if question.counts() {
            let total = if matches!(question.form, Form::Count) {
                text.parse().map_err(|_| "no number")?
            } else {
                let page: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                page.get("@odata.count").and_then(Value::as_u64).ok_or("no total")?
            };
            let parents = some(via, |set| allowed(set, true));
            let states = allowed(question.set, true);
            let explains = |(rows, least_ms): &(&Rows, u64)| {
                parents.iter().any(|parent| {
                    let found = question.total(rights, rows, parent.map(|(rows, _)| rows));
                    let least_ms = parent.map_or(0, |(_, least_ms)| least_ms).max(*least_ms);
                    found == usize::try_from(total).ok() && honest(least_ms)
                })
            };
            if !states.iter().any(explains) {
                return Err(format!("the total {total} comes from no state that is allowed: {}", dates(&states)));
            }
        }
        if matches!(question.form, Form::Count) {
            return Ok(None);
        }
        let body: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if body.get("@odata.context").is_some() == question.bare {
            return Err("another format was asked for".to_owned());
        }
        let link = body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
        let actual = plain(body);
        let states = allowed(question.set, false);
        let parents = some(via, |set| allowed(set, false));
        let children = some(question.expanded().map(|(set, _)| set), |set| allowed(set, false));
        let mut closest = String::new();
        for (rows, least_ms) in &states {
            for parent in &parents {
                for child in &children {
                    let over =
                        States { rows, parents: parent.map(|(rows, _)| rows), children: child.map(|(rows, _)| rows) };
                    let least_ms =
                        [*parent, *child].iter().flatten().map(|(_, ms)| *ms).max().unwrap_or(0).max(*least_ms);
                    let expected = question.expected(rights, over);
                    closest = format!("{expected:?}");
                    match expected {
                        Expected::One(value) if value == actual && honest(least_ms) => return Ok(None),
                        Expected::Rows(values, last) => {
                            let count = values.len();
                            let same = actual.get("value") == Some(&Value::Array(values));
                            if same && honest(least_ms) && last.is_some() == link.is_some() {
                                let next = last.zip(link);
                                return Ok(next.map(|(last, link)| question.next(last, count, target_of(&link))));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        Err(format!("the rows come from no states that are allowed: {}; the last is {closest}", dates(&states)))
    }

    /// The right answer of this moment.
    fn present(&self, question: &Question, rights: Rights) -> Expected {
        let rows = |set: Set| &self.history.states(set)[self.history.present(set)].rows;
        let parents = question.via.map(|(set, _)| rows(set));
        if matches!(question.form, Form::Count) {
            let total = question.total(rights, rows(question.set), parents);
            return total.map_or(Expected::Status(404), |total| Expected::One(total.into()));
        }
        let children = question.expanded().map(|(set, _)| rows(set));
        question.expected(rights, States { rows: rows(question.set), parents, children })
    }

    /// The states from which a part may come that is younger than `bound`, from the one with the number `told` on.
    fn allowed(&self, set: Set, bound: Bound, told: usize) -> Allowed<'_> {
        let now_ms = self.now();
        let states = self.history.states(set).iter().skip(told);
        let young = states.filter_map(|state| {
            let least_ms = state.ended_ms.map_or(0, |ended_ms| now_ms - ended_ms);
            let is_allowed = match bound {
                Bound::Now => state.ended_ms.is_none(),
                Bound::Below(ms) => state.ended_ms.is_none() || least_ms < ms,
            };
            is_allowed.then_some((&state.rows, least_ms))
        });
        young.collect()
    }
}

/// How old a part may be that an answer of this origin has of a set; `None` if it must be of now.
fn bound(set: Set, how: How, is_count: bool) -> Option<u64> {
    let times = set.times()?;
    let seconds = match how {
        How::Hit => times.ttl,
        How::Revalidating => times.ttl + times.revalidate,
        How::StaleIfError => times.ttl + times.if_error,
        // A page that is read now may take a total that is kept.
        How::Miss | How::Uncached if is_count => times.ttl,
        How::Miss | How::Uncached | How::Demanded => return None,
    };
    Some(seconds * 1_000)
}

fn bound_of(set: Set, how: How, is_count: bool) -> Bound {
    bound(set, how, is_count).map_or(Bound::Now, Bound::Below)
}

/// The states of a set that may be missing from the question: then there is one, which is none.
fn some<'a>(set: Option<Set>, allowed: impl Fn(Set) -> Allowed<'a>) -> Vec<Option<(&'a Rows, u64)>> {
    set.map_or_else(|| vec![None], |set| allowed(set).into_iter().map(Some).collect())
}

fn target_of(link: &str) -> String {
    link.strip_prefix(ROOT).unwrap_or_else(|| panic!("the link {link} leads elsewhere")).to_owned()
}

fn dates(states: &Allowed<'_>) -> String {
    let newest = |rows: &Rows| rows.values().map(|row| row.stamp).max().unwrap_or(0);
    states.iter().map(|(rows, ms)| format!("stamp {} until {ms} ms ago", newest(rows))).collect::<Vec<_>>().join(", ")
}

/// The value without annotations.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(name, _)| !name.contains('@'));
            Value::Object(members.map(|(name, value)| (name, plain(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        other => other,
    }
}
