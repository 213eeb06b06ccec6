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
use crate::plan::{self, ReadPlan};
use crate::query::{Answer as Form, Expr, Key, Query, Read, is_volatile};
use crate::sql;
use crate::store::Visit;
use crate::syntax::{Pattern, Specimen};
use crate::wire::{Format, Version};

use super::callout::Callouts;
use super::laid::{Laid, Steps, Words};
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
    /// The conditions of its root are never true: its statement is the one below.
    plan: ReadPlan,
    steps: Steps,
    statement: sql::Pattern,
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
        let manner = self.manner(request, specimen, version)?;
        let asking = Asking { caller, anew: false };
        let visit = self.visit(asking);
        let Some((ready, statement)) = self.given_values(&known, &pattern, target, manner.format, &visit) else {
            return Ok(None);
        };
        if cfg!(debug_assertions) {
            self.compare(&statement, ready, (target, page_rows_max), &visit);
        }
        let words = Words::Target(target, page_rows_max);
        let laid = Laid { read: &known.read, plan: &ready.plan, steps: &ready.steps, words };
        let read = Box::pin(self.follow(laid, Some(statement), (asking, &visit))).await;
        let page = match read {
            Err(ServiceError::Execute(error)) if error.wants_narrow() => return Ok(None),
            read => read?,
        };
        let callout = match self.callouts {
            Callouts::Off => None,
            // Without its values one request is told as the other.
            Callouts::Masked => self.callout(specimen, page.told),
            Callouts::Full => self.callout(&*self.understand(target, page_rows_max)?, page.told),
        };
        self.give(request, manner, self.unkept(page), callout).map(Some)
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
        let [first, second] = specimens.each_ref().map(|specimen| outline(specimen));
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

    /// What is worked out for all requests of a pattern, and the statement with the values of this one.
    fn given_values<'k>(
        &self,
        known: &'k Known,
        pattern: &Pattern,
        target: &str,
        format: Format,
        visit: &Visit<'_>,
    ) -> Option<(&'k Ready, sql::Statement)> {
        let ready = known.ready(format, || self.work_out(known, pattern, format, visit))?;
        let value = |number, scalar| value_of(&pattern.literal(number, target)?, scalar);
        let statement = execute::filled(&ready.statement, ready.plan.rows.as_ref()?, visit, value)?;
        Some((ready, statement))
    }

    /// Plans and spells both specimens, and keeps what they have in common.
    fn work_out(&self, known: &Known, pattern: &Pattern, format: Format, visit: &Visit<'_>) -> Option<Ready> {
        let needs = self.needs(&known.read, format);
        let work_out = |specimen: &Understood| {
            let Query::Read(read) = &specimen.query else { return None };
            let mut plan = plan::plan(read, &self.model, needs).ok()?;
            let root = plan.rows.as_mut()?;
            let statement = execute::statement(root, visit).ok()?;
            // Nobody asks it any more; if somebody did, it would find nothing.
            root.fetch.select.filter = Some(sql::ast::Expr::Truth(false));
            (plan.parents.is_empty() && plan.count.is_none()).then_some((plan, statement))
        };
        let [first, second] = known.specimens.each_ref().map(|specimen| work_out(specimen));
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
        let statement = sql::Pattern::of([&first, &second], pattern.literals(), number)?;
        let steps = self.steps(&known.read, &plan, format).ok()?;
        (plan == other).then_some(Ready { plan, steps, statement })
    }

    /// Makes the statement the whole way, too.
    fn compare(
        &self,
        statement: &sql::Statement,
        ready: &Ready,
        (target, page_rows_max): (&str, Option<u32>),
        visit: &Visit<'_>,
    ) {
        let understood = self.understand(target, page_rows_max);
        let Ok(Query::Read(read)) = understood.as_deref().map(|understood| &understood.query) else {
            unreachable!("{target} is no read")
        };
        let format = ready.steps.format;
        let plan = plan::plan(read, &self.model, self.needs(read, format));
        let Ok(ReadPlan { rows: Some(mut root), parents, count }) = plan else {
            unreachable!("{target} has no rows")
        };
        let whole = execute::statement(&root, visit);
        assert_eq!(whole.as_ref().ok(), Some(statement), "{target}");
        root.fetch.select.filter = Some(sql::ast::Expr::Truth(false));
        let plan = ReadPlan { rows: Some(root), parents, count };
        assert_eq!(plan, ready.plan, "{target}");
        let steps = self.steps(read, &plan, format);
        assert_eq!(steps.ok().map(|steps| steps.context), Some(ready.steps.context.clone()), "{target}");
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

/// What a request reads, without key and conditions; `None` if requests of its kind go the whole way.
fn outline(understood: &Understood) -> Option<Read> {
    let Query::Read(read) = &understood.query else { return None };
    let is_of_rows = matches!(read.answer, Form::Collection | Form::Entity);
    let is_plain = read.from.is_none() && read.all.is_none() && read.via.is_empty() && read.made.is_none();
    let is_page = !read.count && read.page.cursor.is_none();
    if understood.keeping.is_some() || !is_of_rows || !is_plain || !is_page || is_volatile(read) {
        return None;
    }
    let key = read.key.as_ref().map(|key| Key { values: Vec::new(), ..key.clone() });
    Some(Read { key, filter: None, search: None, ..(**read).clone() })
}

#[cfg(test)]
mod tests;
