//! Owns [`Patterns`]: what was worked out for requests that differ in the values of plain literals only. Understanding,
//! planning and spelling a statement are done once for all of them; a request brings nothing but its values.
//!
//! # Decisions
//!
//! - **A pattern is learned from two specimens**, not from the request: both are understood, planned and spelled as any
//!   request is, and only what they agree on is kept, with places where exactly their values stood. So no room needs to
//!   know of patterns, and no value of one caller is kept for another. What hangs on a value in any other way (words of
//!   a code list, members of an enumeration, a fraction beside an integer, the context of a single property) makes the
//!   specimens differ or lose a value, and such requests go the whole way, as do values that a database cannot hold.
//! - **Only statements with one spelling.** Where a database may refuse a statement and want it in another, the plan must
//!   know its conditions. That is so for texts beyond ASCII on MySQL and MariaDB; literals that are taken out have none.
//! - **A page is kept under the same name either way**: the bytes that name a query have places for the values, too.
//! - **Learning is bounded by what it may gain.** It costs about as much as five requests, and where more patterns come
//!   than there is room for, it would be done again and again. So it has an allowance, which requests that go the whole
//!   way fill up slowly: even then at most a sixth is lost.
//! - **Tests look at every request**: where assertions are on, the statement is made the whole way, too, and compared.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use crate::bind::exact_value;
use crate::cache::{Memo, Policy, Seen};
use crate::edm::{Made, Scalar, Value};
use crate::execute;
use crate::model::{Property, SetId};
use crate::plan::{self, Fetch, ReadPlan};
use crate::query::{self, Answer as Form, Expr, Key, Mark, Query, Read, is_volatile};
use crate::sql;
use crate::store::Visit;
use crate::syntax::{Pattern, Specimen};
use crate::wire::Format;

use super::Service;
use super::laid::{Given, Steps};
use super::understand::{Keeping, Understood};

/// Bytes for the patterns of each service.
const BYTES_MAX: u64 = 32 << 20;
/// So many forms of the answers to one pattern are remembered; clients seldom change theirs.
const FORMS_MAX: usize = 4;
/// What learning one pattern takes of the allowance, in requests that go the whole way.
const LEARNING: u32 = 32;
/// So many patterns may be learned at once.
const LEARNED_AT_ONCE: u32 = 256;

/// What is known of requests by their patterns. Cheap to clone: all parts are shared.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    /// `None` for patterns of which nothing can be known.
    known: Memo<String, Option<Arc<Known>>>,
    /// Patterns that came lately.
    seen: Seen,
    allowance: Arc<AtomicU32>,
}

impl Patterns {
    /// Whether a pattern of which nothing is known is to be learned now.
    fn may_learn(&self, name: &str) -> bool {
        let is_wanted = self.seen.again(name);
        let spend = |allowance: u32| {
            let allowance = allowance.saturating_add(1).min(LEARNED_AT_ONCE * LEARNING);
            Some(if is_wanted { allowance.checked_sub(LEARNING).unwrap_or(allowance) } else { allowance })
        };
        let before = self.allowance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        is_wanted && before.is_ok_and(|before| before + 1 >= LEARNING)
    }
}

impl Default for Patterns {
    fn default() -> Self {
        let weigh = |text: &String, known: &Option<Arc<Known>>| {
            let bytes = known.as_ref().map_or(64, |known| known.bytes());
            u32::try_from(text.len() * 6 + bytes).unwrap_or(u32::MAX)
        };
        let allowance = Arc::new(AtomicU32::new(LEARNED_AT_ONCE * LEARNING));
        Patterns { known: Memo::new(BYTES_MAX, weigh), seen: Seen::default(), allowance }
    }
}

/// What is known of a pattern.
#[derive(Debug)]
pub(super) struct Known {
    specimens: [Arc<Understood>; 2],
    /// What both of them read, without key and conditions.
    pub(super) read: Read,
    forms: [OnceLock<(Format, Option<Ready>)>; FORMS_MAX],
}

/// All that is worked out before the values come.
#[derive(Debug)]
pub(super) struct Ready {
    /// The conditions of its root and of its total are never true: their statements are those below.
    pub(super) plan: ReadPlan,
    pub(super) steps: Steps,
    rows: Option<sql::Pattern>,
    count: Option<sql::Pattern>,
    page: Option<Keep>,
    total: Option<Keep>,
}

/// What must be known to keep an answer, before the values come.
#[derive(Debug)]
struct Keep {
    policy: Policy,
    places: Vec<usize>,
    name: query::Pattern,
}

impl Keep {
    fn of(Keeping { policy, places, .. }: Keeping, name: query::Pattern) -> Keep {
        Keep { policy, places, name }
    }

    fn keeping(&self, value: impl Fn(usize, Scalar) -> Option<Value>) -> Option<Keeping> {
        let fingerprint = self.name.fingerprint(value)?;
        Some(Keeping { policy: self.policy, fingerprint, places: self.places.clone() })
    }
}

/// A request of a known pattern with its values.
#[derive(Debug)]
pub(super) struct Valued {
    pub(super) given: Given,
    /// What must be known to keep the answer; `None` if it may not be kept.
    pub(super) keeping: Option<Keeping>,
}

impl Service {
    /// What is known of a pattern. It is learned when it comes for the second time.
    pub(super) fn known(&self, pattern: &Pattern, target: &str, page_rows_max: Option<u32>) -> Option<Arc<Known>> {
        let with_rows = page_rows_max.map(|rows| format!("{}\u{2}{rows}", pattern.text()));
        let name = with_rows.as_deref().unwrap_or(pattern.text());
        if let Some(known) = self.patterns.known.get(name) {
            return known;
        }
        if !self.patterns.may_learn(name) {
            return None;
        }
        let known = self.learn(pattern, target, page_rows_max).map(Arc::new);
        self.patterns.known.put(name.to_owned(), known.clone());
        known
    }

    fn learn(&self, pattern: &Pattern, target: &str, page_rows_max: Option<u32>) -> Option<Known> {
        let understood = |specimen| self.understand(&pattern.specimen(specimen, target), page_rows_max).ok();
        let specimens = [understood(Specimen::First)?, understood(Specimen::Second)?];
        let [first, second] = specimens.each_ref().map(|specimen| Self::outline(specimen));
        let read = first.filter(|first| second.as_ref() == Some(first))?;
        let is_plain = |specimen: &Understood| match &specimen.query {
            Query::Read(read) => read.filter.as_ref().is_none_or(|filter| self.is_plain(filter, read.set)),
            _ => false,
        };
        if pattern.literals() > 0 && !specimens.iter().all(|specimen| is_plain(specimen)) {
            return None;
        }
        Some(Known { specimens, read, forms: Default::default() })
    }

    /// What a request reads, without key and conditions; `None` if requests of its kind go the whole way.
    fn outline(understood: &Understood) -> Option<Read> {
        let Query::Read(read) = &understood.query else { return None };
        let is_of_rows = matches!(read.answer, Form::Collection | Form::Entity);
        let is_plain = read.from.is_none() && read.all.is_none() && read.via.is_empty() && read.made.is_none();
        if !is_of_rows || !is_plain || read.page.cursor.is_some() || is_volatile(read) {
            return None;
        }
        let key = read.key.as_ref().map(|key| Key { values: Vec::new(), ..key.clone() });
        Some(Read { key, filter: None, search: None, ..(**read).clone() })
    }

    /// Whether what is compared in an expression over the entities of a set is compared alike with each value. Of words
    /// in place of codes some lead to codes and some do not, and some numbers are members of an enumeration: two
    /// specimens cannot show that.
    fn is_plain(&self, expr: &Expr, set: SetId) -> bool {
        let is_plain = |property: &Property| {
            let is_lent = matches!(property.made.as_deref(), Some(Made::Words(_) | Made::Offered(_)));
            !is_lent && property.enumeration.is_none()
        };
        match expr {
            Expr::Literal(..) | Expr::Now => true,
            Expr::Property(id) => self.model.type_of(set).and_then(|it| it.property(*id)).is_some_and(is_plain),
            Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right, _) => {
                self.is_plain(left, set) && self.is_plain(right, set)
            }
            Expr::In(operand, ..) | Expr::Not(operand) | Expr::Negate(operand, _) | Expr::Cast(operand, _) => {
                self.is_plain(operand, set)
            }
            Expr::And(operands) | Expr::Or(operands) | Expr::Call(_, operands, _) => {
                operands.iter().all(|operand| self.is_plain(operand, set))
            }
            // Other rows and what is behind a function: whatever is compared there.
            _ => self.model.types.iter().flat_map(|it| &it.properties).all(is_plain),
        }
    }

    /// What is worked out for all requests of a pattern, and what the values of this one make of it.
    pub(super) fn valued<'k>(
        &self,
        known: &'k Known,
        pattern: &Pattern,
        target: &str,
        format: Format,
        visit: &Visit<'_>,
    ) -> Option<(&'k Ready, Valued)> {
        let ready = known.ready(format, || self.work_out(known, pattern, format, visit))?;
        let value = |number, scalar| exact_value(&pattern.literal(number, target)?, scalar);
        let filled = |fetch: Option<&Fetch>, pattern: Option<&sql::Pattern>| match fetch.zip(pattern) {
            Some((fetch, pattern)) => execute::filled(pattern, fetch, visit, value).map(Some),
            None => Some(None),
        };
        let kept = |keep: Option<&Keep>| match keep {
            Some(keep) => keep.keeping(value).map(Some),
            None => Some(None),
        };
        let rows = filled(ready.plan.rows.as_ref().map(|root| &root.fetch), ready.rows.as_ref())?;
        let count = filled(ready.plan.count.as_ref(), ready.count.as_ref())?;
        let given = Given { rows, count, keeping_total: kept(ready.total.as_ref())? };
        Some((ready, Valued { given, keeping: kept(ready.page.as_ref())? }))
    }

    /// Plans and spells both specimens, and keeps what they have in common.
    fn work_out(&self, known: &Known, pattern: &Pattern, format: Format, visit: &Visit<'_>) -> Option<Ready> {
        let [first, second] = known.specimens.each_ref().map(|specimen| self.spelled(specimen, format, visit));
        let ((plan, first, read), (other, second, other_read)) = first.zip(second)?;
        let in_specimens = |number: usize, scalar: Scalar| {
            let value = |specimen| exact_value(&pattern.literal_of(number, specimen)?, scalar);
            Some([value(Specimen::First)?, value(Specimen::Second)?])
        };
        let number = |values: [&Value; 2], scalar: Scalar| {
            let is = |number: &usize| in_specimens(*number, scalar).is_some_and(|marks| marks.each_ref() == values);
            // A number beside a single-precision column is rounded at different places.
            let numbers = if scalar == Scalar::Single { 0 } else { pattern.literals() };
            (0..numbers).find(is)
        };
        let common = |first: &Option<sql::Statement>, second: &Option<sql::Statement>| match (first, second) {
            (Some(first), Some(second)) => sql::Pattern::of([first, second], pattern.literals(), number).map(Some),
            _ => Some(None),
        };
        let (rows, count) = (common(&first.rows, &second.rows)?, common(&first.count, &second.count)?);
        let mut marks: Vec<Mark> = Vec::new();
        for (number, scalar) in rows.iter().chain(&count).flat_map(sql::Pattern::numbered) {
            marks.push(Mark { number, scalar, values: in_specimens(number, scalar)? });
        }
        let reads = [read, other_read];
        let page = match known.specimen().keeping.clone() {
            Some(keeping) => Some(Keep::of(keeping, query::Pattern::of_whole(reads, self.frame, &marks)?)),
            None => None,
        };
        let total = match first.keeping_total {
            Some(keeping) => Some(Keep::of(keeping, query::Pattern::of_count(reads, self.frame, &marks)?)),
            None => None,
        };
        let steps = self.steps(&known.read, &plan, format).ok()?;
        (plan == other).then_some(Ready { plan, steps, rows, count, page, total })
    }

    /// The plan of a request and its statements, which the plan does not know any more; and what it was made of.
    fn spelled<'u>(
        &self,
        understood: &'u Understood,
        format: Format,
        visit: &Visit<'_>,
    ) -> Option<(ReadPlan, Given, &'u Read)> {
        let Query::Read(read) = &understood.query else { return None };
        let mut plan = plan::plan(read, &self.model, self.needs(read, format)).ok()?;
        let mut given = Given { keeping_total: self.keeping_total(read).filter(|_| read.count), ..Given::default() };
        let rows = plan.rows.as_mut().map(|root| (&mut root.fetch, &mut given.rows));
        let count = plan.count.as_mut().map(|fetch| (fetch, &mut given.count));
        for (fetch, place) in rows.into_iter().chain(count) {
            *place = Some(execute::statement(fetch, visit).ok()??);
            // If somebody asked for it nevertheless, he would find nothing.
            fetch.select.filter = Some(sql::ast::Expr::Truth(false));
        }
        plan.parents.is_empty().then_some((plan, given, read))
    }

    /// Works all of it out for this request alone, too.
    pub(super) fn compare(&self, valued: &Valued, ready: &Ready, of: (&str, Option<u32>), visit: &Visit<'_>) {
        let (target, page_rows_max) = of;
        let understood = self.understand(target, page_rows_max);
        let Ok(understood) = understood else { unreachable!("{target} means nothing") };
        let Some((plan, given, read)) = self.spelled(&understood, ready.steps.format, visit) else {
            unreachable!("{target} has no statements")
        };
        assert_eq!((&given, &understood.keeping), (&valued.given, &valued.keeping), "{target}");
        assert_eq!(plan, ready.plan, "{target}");
        let steps = self.steps(read, &plan, ready.steps.format).ok();
        assert_eq!(steps.map(|steps| steps.context), Some(ready.steps.context.clone()), "{target}");
    }
}

impl Known {
    /// About how many bytes it takes, beside trees of its words: two meanings, and plans and writers for as many forms
    /// of answers as there is room for.
    fn bytes(&self) -> usize {
        let mut bytes = 12_288;
        let mut shapes = vec![&self.read.shape];
        while let Some(shape) = shapes.pop() {
            bytes += 8_192 + 850 * (shape.properties.len() + shape.computed.len());
            shapes.extend(shape.expansions.iter().map(|expansion| &expansion.shape));
        }
        bytes
    }

    /// A request of the pattern: it means what all of them mean, but for the values.
    pub(super) fn specimen(&self) -> &Arc<Understood> {
        let [first, _] = &self.specimens;
        first
    }

    /// What was worked out for answers of this form.
    pub(super) fn at(&self, format: Format) -> Option<&Ready> {
        self.ready(format, || None)
    }

    /// What was worked out for answers of this form, or is now; `None` if nothing can be, or if no room is left.
    fn ready(&self, format: Format, work_out: impl FnOnce() -> Option<Ready>) -> Option<&Ready> {
        let mut work_out = Some(work_out);
        for form in &self.forms {
            let (of, ready) = form.get_or_init(|| (format, work_out.take().and_then(|work_out| work_out())));
            if *of == format {
                return ready.as_ref();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
