//! Owns [`Patterns`]: what was worked out for requests that differ in the values of plain literals only. Understanding,
//! planning and spelling a statement are done once for all of them; a request brings nothing but its values.
//!
//! # Decisions
//!
//! - **A pattern is learned from two specimens**, not from the request: both are understood, planned and spelled as any
//!   request is, and only what they agree on is kept, with places where exactly their values stood. So no room needs to know
//!   of patterns, and no value of one caller is kept for another. What hangs on a value in any other way (words of a code
//!   list, members of an enumeration, a fraction beside an integer, the context of a single property) makes the specimens
//!   differ or lose a value, and such requests go the whole way, as do values that a database cannot hold.
//! - **Only what is not kept as a page.** The name of a kept page is made of the whole meaning of its request.
//! - **Tests look at every request**: where assertions are on, the statement is made the whole way, too, and compared.

use std::sync::{Arc, OnceLock};

use crate::bind::value_of;
use crate::cache::{Memo, Seen};
use crate::edm::{Made, Scalar, Value};
use crate::execute;
use crate::model::{Property, SetId};
use crate::plan::{self, Fetch, ReadPlan};
use crate::query::{Answer as Form, Expr, Key, Query, Read, is_volatile};
use crate::sql;
use crate::store::Visit;
use crate::syntax::{Pattern, Specimen};
use crate::wire::{Format, Version};

use super::callout::Callouts;
use super::laid::{Given, Laid, Steps, Words};
use super::manner::Manner;
use super::read::Asking;
use super::understand::Understood;
use super::{Answer, Request, Service, ServiceError};

/// Bytes for the patterns of each service.
const BYTES_MAX: u64 = 16 << 20;
/// So many forms of the answers to one pattern are remembered; clients seldom change theirs.
const FORMS_MAX: usize = 4;

/// What is known of requests by their patterns. Cheap to clone: all parts are shared.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    /// `None` for patterns of which nothing can be known.
    known: Memo<String, Option<Arc<Known>>>,
    /// Patterns that came lately.
    seen: Seen,
}

impl Default for Patterns {
    fn default() -> Self {
        // Two trees of words, two of their meaning, and plans that hold names of columns by reference.
        let known = |text: &String, known: &Option<_>| text.len() * 2 + if known.is_some() { 16_384 } else { 128 };
        let weigh = move |text: &String, it: &Option<_>| u32::try_from(known(text, it)).unwrap_or(u32::MAX);
        Patterns { known: Memo::new(BYTES_MAX, weigh), seen: Seen::default() }
    }
}

/// What is known of a pattern.
#[derive(Debug)]
struct Known {
    specimens: [Arc<Understood>; 2],
    /// What both of them read, without key and conditions.
    read: Read,
    forms: [OnceLock<(Format, Option<Ready>)>; FORMS_MAX],
}

/// All that is worked out before the values come.
#[derive(Debug)]
struct Ready {
    /// The conditions of its root and of its total are never true: their statements are those below.
    plan: ReadPlan,
    steps: Steps,
    rows: Option<sql::Pattern>,
    count: Option<sql::Pattern>,
}

impl Service {
    /// Answers a request whose pattern is known; `None` if it must go the whole way.
    pub(super) async fn answer_known(
        &self,
        request: &Request,
        version: Version,
        caller: u64,
        page_rows_max: Option<u32>,
    ) -> Result<Option<Answer>, ServiceError> {
        let target = request.target.as_str();
        let Some(pattern) = Pattern::of(target) else { return Ok(None) };
        let Some(known) = self.known(&pattern, target, page_rows_max) else { return Ok(None) };
        let [specimen, _] = &known.specimens;
        let manner = Manner::of(request, specimen, version)?;
        let asking = Asking { caller, anew: false };
        let visit = self.visit(asking);
        let Some((ready, given)) = self.given_values(&known, &pattern, target, manner.format, &visit) else {
            return Ok(None);
        };
        if cfg!(debug_assertions) {
            self.compare(&given, ready, (target, page_rows_max), &visit);
        }
        let words = Words::Target(target, page_rows_max);
        let laid = Laid { read: &known.read, plan: &ready.plan, steps: &ready.steps, words };
        let page = match Box::pin(self.follow(laid, given, (asking, &visit))).await {
            Err(ServiceError::Execute(error)) if error.wants_narrow() => return Ok(None),
            page => page?,
        };
        let callout = match self.callouts {
            Callouts::Off => None,
            // Without its values one request is told as the other.
            Callouts::Masked => self.callout(specimen, page.told),
            Callouts::Full => self.callout(&*self.understand(target, page_rows_max)?, page.told),
        };
        manner.give(request, self.unkept(page), callout).map(Some)
    }

    /// What is known of a pattern. It is learned when it comes for the second time.
    fn known(&self, pattern: &Pattern, target: &str, page_rows_max: Option<u32>) -> Option<Arc<Known>> {
        let with_rows = page_rows_max.map(|rows| format!("{}\u{2}{rows}", pattern.text()));
        let name = with_rows.as_deref().unwrap_or(pattern.text());
        if let Some(known) = self.patterns.known.get(name) {
            return known;
        }
        if !self.patterns.seen.again(name) {
            return None;
        }
        let known = self.learn(pattern, target, page_rows_max).map(Arc::new);
        self.patterns.known.put(name.to_owned(), known.clone());
        known
    }

    fn learn(&self, pattern: &Pattern, target: &str, page_rows_max: Option<u32>) -> Option<Known> {
        let understood = |specimen| self.understand(&pattern.specimen(specimen, target), page_rows_max).ok();
        let specimens = [understood(Specimen::First)?, understood(Specimen::Second)?];
        let [first, second] = specimens.each_ref().map(|specimen| self.outline(specimen));
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
    fn outline(&self, understood: &Understood) -> Option<Read> {
        let Query::Read(read) = &understood.query else { return None };
        let is_of_rows = matches!(read.answer, Form::Collection | Form::Entity);
        let is_plain = read.from.is_none() && read.all.is_none() && read.via.is_empty() && read.made.is_none();
        if understood.keeping.is_some() || !is_of_rows || !is_plain || read.page.cursor.is_some() || is_volatile(read) {
            return None;
        }
        // A total can be kept where the page cannot.
        if read.count && self.keeping_total(read).is_some() {
            return None;
        }
        let key = read.key.as_ref().map(|key| Key { values: Vec::new(), ..key.clone() });
        Some(Read { key, filter: None, search: None, ..(**read).clone() })
    }

    /// Whether what is compared in an expression over the entities of a set is compared alike with each value. Of words in
    /// place of codes some lead to codes and some do not, and some numbers are members of an enumeration: two specimens
    /// cannot show that.
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

    /// What is worked out for all requests of a pattern, and the statements with the values of this one.
    fn given_values<'k>(
        &self,
        known: &'k Known,
        pattern: &Pattern,
        target: &str,
        format: Format,
        visit: &Visit<'_>,
    ) -> Option<(&'k Ready, Given)> {
        let ready = known.ready(format, || self.work_out(known, pattern, format, visit))?;
        let value = |number, scalar| value_of(&pattern.literal(number, target)?, scalar);
        let filled = |fetch: Option<&Fetch>, pattern: Option<&sql::Pattern>| match fetch.zip(pattern) {
            Some((fetch, pattern)) => execute::filled(pattern, fetch, visit, value).map(Some),
            None => Some(None),
        };
        let rows = filled(ready.plan.rows.as_ref().map(|root| &root.fetch), ready.rows.as_ref())?;
        let count = filled(ready.plan.count.as_ref(), ready.count.as_ref())?;
        Some((ready, Given { rows, count }))
    }

    /// Plans and spells both specimens, and keeps what they have in common.
    fn work_out(&self, known: &Known, pattern: &Pattern, format: Format, visit: &Visit<'_>) -> Option<Ready> {
        let [first, second] = known.specimens.each_ref().map(|specimen| self.spelled(specimen, format, visit));
        let ((plan, first), (other, second)) = first.zip(second)?;
        let number = |values: [&Value; 2], scalar: Scalar| {
            let is = |number: usize, specimen: Specimen, value: &Value| {
                let literal = pattern.literal_of(number, specimen);
                literal.and_then(|literal| value_of(&literal, scalar)).as_ref() == Some(value)
            };
            // A number beside a single-precision column is rounded at different places.
            let numbers = if scalar == Scalar::Single { 0 } else { pattern.literals() };
            let [first, second] = values;
            (0..numbers).find(|number| is(*number, Specimen::First, first) && is(*number, Specimen::Second, second))
        };
        let common = |first: &Option<sql::Statement>, second: &Option<sql::Statement>| match (first, second) {
            (Some(first), Some(second)) => sql::Pattern::of([first, second], pattern.literals(), number).map(Some),
            _ => Some(None),
        };
        let (rows, count) = (common(&first.rows, &second.rows)?, common(&first.count, &second.count)?);
        let steps = self.steps(&known.read, &plan, format).ok()?;
        (plan == other).then_some(Ready { plan, steps, rows, count })
    }

    /// The plan of a request and its statements, which the plan does not know any more.
    fn spelled(&self, understood: &Understood, format: Format, visit: &Visit<'_>) -> Option<(ReadPlan, Given)> {
        let Query::Read(read) = &understood.query else { return None };
        let mut plan = plan::plan(read, &self.model, self.needs(read, format)).ok()?;
        let mut given = Given::default();
        let rows = plan.rows.as_mut().map(|root| (&mut root.fetch, &mut given.rows));
        let count = plan.count.as_mut().map(|fetch| (fetch, &mut given.count));
        for (fetch, place) in rows.into_iter().chain(count) {
            *place = Some(execute::statement(fetch, visit).ok()?);
            // If somebody asked for it nevertheless, he would find nothing.
            fetch.select.filter = Some(sql::ast::Expr::Truth(false));
        }
        plan.parents.is_empty().then_some((plan, given))
    }

    /// Works it all out for this request alone, too.
    fn compare(&self, given: &Given, ready: &Ready, of: (&str, Option<u32>), visit: &Visit<'_>) {
        let (target, page_rows_max) = of;
        let understood = self.understand(target, page_rows_max);
        let spelled = understood.as_ref().ok().and_then(|it| self.spelled(it, ready.steps.format, visit));
        assert_eq!(spelled.as_ref().map(|(_, own)| own), Some(given), "{target}");
        assert_eq!(spelled.as_ref().map(|(plan, _)| plan), Some(&ready.plan), "{target}");
        if let (Some((plan, _)), Ok(understood)) = (&spelled, &understood)
            && let Query::Read(read) = &understood.query
        {
            let steps = self.steps(read, plan, ready.steps.format).ok();
            assert_eq!(steps.map(|steps| steps.context), Some(ready.steps.context.clone()), "{target}");
        }
    }
}

impl Known {
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
