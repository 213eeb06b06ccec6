//! Owns the readable text of an expression, in OData's own spelling.

use std::fmt::{self, Display, Formatter};

use crate::model::{EntityType, Model};
use crate::query::{Arithmetic, Bound, Comparison, Expr, Many, Place, Related};

use super::{TermsText, ValueText, ValuesText, navigation_name, property_name};

/// What an expression has in sight.
#[derive(Clone, Copy)]
pub(super) struct InSight<'a> {
    model: &'a Model,
    pub(super) entity: Option<&'a EntityType>,
    outside: Option<&'a InSight<'a>>,
}

impl<'a> InSight<'a> {
    pub(super) fn of(entity: Option<&'a EntityType>, model: &'a Model) -> Self {
        InSight { model, entity, outside: None }
    }

    /// What the items of one of its collections have in sight.
    pub(super) fn items(&'a self) -> Self {
        InSight { model: self.model, entity: None, outside: Some(self) }
    }

    /// The same, inside of others.
    pub(super) fn inside(entity: Option<&'a EntityType>, model: &'a Model, outside: Option<&'a InSight<'a>>) -> Self {
        InSight { model, entity, outside }
    }

    /// The type at the end of the place, and the way there.
    fn follow(&self, place: &Place) -> (Option<&'a EntityType>, String) {
        let mut rows = self;
        for _ in 0..place.up {
            rows = rows.outside.unwrap_or(rows);
        }
        let (mut entity, mut text) = (rows.entity, "^".repeat(usize::from(place.up)));
        if let Some(root) = &place.root {
            entity = self.model.type_of(root.set);
            let name = self.model.set(root.set).map_or("?", |set| &set.name);
            let filter = ExprText::new(&root.filter, InSight::of(entity, self.model));
            text = format!("$root/{name}[{filter}]/");
        }
        for step in &place.steps {
            text.push_str(navigation_name(entity, step.navigation));
            entity = self.model.type_of(step.set);
            if let Some(rows) = &step.rows {
                text.extend(["[", &ExprText::new(rows, InSight::of(entity, self.model)).to_string(), "]"]);
            }
            text.push('/');
        }
        (entity, text)
    }
}

/// An expression, with parentheses only where they matter. Rows outside of a lambda are marked by a `^` for each step.
pub(super) struct ExprText<'a> {
    expr: &'a Expr,
    rows: InSight<'a>,
    /// How tightly the surroundings bind: 0 nothing, 1 `or`, 2 `and`, 3 a comparison or `not`, 4 a calculation.
    around: u8,
}

impl<'a> ExprText<'a> {
    pub(super) fn new(expr: &'a Expr, rows: InSight<'a>) -> Self {
        ExprText { expr, rows, around: 0 }
    }

    fn inside(&self, expr: &'a Expr, around: u8) -> Self {
        ExprText { expr, rows: self.rows, around }
    }

    fn joined(&self, f: &mut Formatter<'_>, operands: &'a [Expr], word: &str, around: u8) -> fmt::Result {
        for (place, operand) in operands.iter().enumerate() {
            let separator = if place == 0 { "" } else { word };
            write!(f, "{separator}{}", self.inside(operand, around))?;
        }
        Ok(())
    }

    /// `Navigation/word(condition)`
    fn related(&self, f: &mut Formatter<'_>, related: &Related, word: &str, condition: Option<&Expr>) -> fmt::Result {
        let (before, way) = self.rows.follow(&related.from);
        let (name, entity) = match &related.many {
            Many::Entities { navigation, set, .. } => {
                (navigation_name(before, *navigation), self.rows.model.type_of(*set))
            }
            Many::Items(id) => (property_name(before, *id), None),
        };
        let inside = InSight { model: self.rows.model, entity, outside: Some(&self.rows) };
        write!(f, "{way}{name}")?;
        match (condition, &related.filter) {
            (Some(condition), Some(filter)) => {
                write!(f, "[{}]/{word}({})", ExprText::new(filter, inside), ExprText::new(condition, inside))?;
            }
            (Some(condition), None) | (None, Some(condition)) => {
                write!(f, "/{word}({})", ExprText::new(condition, inside))?;
            }
            (None, None) => write!(f, "/{word}()")?,
        }
        if let Many::Entities { search: Some(search), .. } = &related.many {
            write!(f, " search {}", TermsText(&search.terms))?;
        }
        Ok(())
    }
}

impl Display for ExprText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let binding = match self.expr {
            Expr::Or(_) => 1,
            Expr::And(_) => 2,
            Expr::Compare(..) | Expr::In(..) | Expr::Not(_) => 3,
            Expr::Arithmetic(..) => 4,
            _ => 5,
        };
        let enclosed = self.around >= binding;
        if enclosed {
            write!(f, "(")?;
        }
        match self.expr {
            Expr::Property(id) => write!(f, "{}", property_name(self.rows.entity, *id))?,
            Expr::At(place, id) => {
                let (entity, way) = self.rows.follow(place);
                write!(f, "{way}{}", property_name(entity, *id))?;
            }
            Expr::Ordinal(up) => write!(f, "{}place of $this", "^".repeat(usize::from(*up)))?,
            Expr::Item(up, _) => write!(f, "{}$this", "^".repeat(usize::from(*up)))?,
            Expr::Exists(place) => write!(f, "exists({})", self.rows.follow(place).1)?,
            Expr::Literal(value, _) => write!(f, "{}", ValueText(value))?,
            Expr::Now => write!(f, "now()")?,
            Expr::Compare(comparison, left, right) => {
                let word = comparison_word(*comparison);
                write!(f, "{} {word} {}", self.inside(left, 3), self.inside(right, 3))?;
            }
            Expr::In(operand, members, _) => write!(f, "{} in ({})", self.inside(operand, 3), ValuesText(members))?,
            Expr::And(operands) => self.joined(f, operands, " and ", 2)?,
            Expr::Or(operands) => self.joined(f, operands, " or ", 1)?,
            Expr::Not(operand) => write!(f, "not {}", self.inside(operand, 3))?,
            Expr::Call(function, arguments, _) => {
                write!(f, "{}(", function.name())?;
                self.joined(f, arguments, ",", 0)?;
                write!(f, ")")?;
            }
            Expr::Arithmetic(operator, left, right, scalar) => {
                let word = arithmetic_word(*operator);
                write!(f, "{} {word}:{scalar} {}", self.inside(left, 4), self.inside(right, 4))?;
            }
            Expr::Negate(operand, _) => write!(f, "-{}", self.inside(operand, 4))?,
            Expr::Cast(operand, scalar) => write!(f, "cast({},{scalar})", self.inside(operand, 0))?,
            Expr::Routine(call, _) => {
                match &call.on {
                    Bound::Nothing => {}
                    Bound::Entity(place) => write!(f, "{}", self.rows.follow(place).1)?,
                    Bound::Entities(related) => {
                        self.related(f, related, "keys", None)?;
                        write!(f, "/")?;
                    }
                }
                let name = self.rows.model.operation(call.operation).map_or("?", |operation| &operation.name);
                write!(f, "{}.{name}(", self.rows.model.namespace)?;
                self.joined(f, &call.arguments, ",", 0)?;
                write!(f, ")")?;
            }
            Expr::Case(cases, _) => {
                for (place, (when, then)) in cases.iter().enumerate() {
                    let lead = if place == 0 { "case(" } else { "," };
                    write!(f, "{lead}{}:{}", self.inside(when, 0), self.inside(then, 0))?;
                }
                write!(f, ")")?;
            }
            Expr::Any(related) => self.related(f, related, "any", None)?,
            Expr::All(related, condition) => self.related(f, related, "all", Some(condition))?,
            Expr::Count(related) => self.related(f, related, "$count", None)?,
        }
        if enclosed {
            write!(f, ")")?;
        }
        Ok(())
    }
}

fn comparison_word(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "eq",
        Comparison::Ne => "ne",
        Comparison::Gt => "gt",
        Comparison::Ge => "ge",
        Comparison::Lt => "lt",
        Comparison::Le => "le",
    }
}

fn arithmetic_word(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "add",
        Arithmetic::Sub => "sub",
        Arithmetic::Mul => "mul",
        Arithmetic::Div => "div",
        Arithmetic::Mod => "mod",
    }
}
