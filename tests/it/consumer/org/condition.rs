//! Conditions of a filter: what they say of a row, and their text.

use super::{Cell, Checked, ExternalObject, Row};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A test of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFunction {
    Contains,
    StartsWith,
    EndsWith,
}

/// A condition; fields are given by their place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Compare(usize, Operator, Cell),
    Text(TextFunction, usize, String),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

/// What a condition says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Is(bool),
    Null,
    /// A field was not asked for.
    Unknown,
}

/// Forms that mean the same; which of them Salesforce uses is not known for sure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forms {
    /// `'x' eq F` in place of `F eq 'x'`.
    pub(super) literal_first: bool,
    /// `contains(F,'x') eq true` in place of `contains(F,'x')`.
    pub(super) compared: bool,
    /// Dates and GUIDs in their other form.
    pub(super) other_literals: bool,
}

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Ne => "ne",
            Operator::Lt => "lt",
            Operator::Le => "le",
            Operator::Gt => "gt",
            Operator::Ge => "ge",
        }
    }

    /// The one that says the same with the sides changed.
    fn turned(self) -> Operator {
        match self {
            Operator::Lt => Operator::Gt,
            Operator::Le => Operator::Ge,
            Operator::Gt => Operator::Lt,
            Operator::Ge => Operator::Le,
            same => same,
        }
    }

    fn holds(self, left: &Cell, right: &Cell) -> bool {
        let nulls = [left, right].into_iter().filter(|cell| **cell == Cell::Null).count();
        if nulls > 0 {
            return match self {
                Operator::Eq | Operator::Le | Operator::Ge => nulls == 2,
                Operator::Ne => nulls == 1,
                Operator::Lt | Operator::Gt => false,
            };
        }
        let order = left.order(right);
        match self {
            Operator::Eq => order.is_some_and(std::cmp::Ordering::is_eq),
            Operator::Ne => !order.is_some_and(std::cmp::Ordering::is_eq),
            Operator::Lt => order.is_some_and(std::cmp::Ordering::is_lt),
            Operator::Le => order.is_some_and(std::cmp::Ordering::is_le),
            Operator::Gt => order.is_some_and(std::cmp::Ordering::is_gt),
            Operator::Ge => order.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}

impl TextFunction {
    fn name(self) -> &'static str {
        match self {
            TextFunction::Contains => "contains",
            TextFunction::StartsWith => "startswith",
            TextFunction::EndsWith => "endswith",
        }
    }
}

impl Condition {
    /// `F eq value`.
    pub(crate) fn is(place: usize, cell: Cell) -> Condition {
        Condition::Compare(place, Operator::Eq, cell)
    }

    /// The only one, or all or any of them.
    pub(super) fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                join(parts)
            }
            None => join(parts),
        }
    }

    /// What it says of a row.
    pub(super) fn says(&self, row: &Row) -> Said {
        match self {
            Condition::Compare(place, operator, cell) => match row.cell(*place) {
                Some(found) => Said::Is(operator.holds(found, cell)),
                None => Said::Unknown,
            },
            Condition::Text(function, place, part) => match row.cell(*place) {
                Some(Cell::Text(text)) => Said::Is(match function {
                    TextFunction::Contains => text.contains(part.as_str()),
                    TextFunction::StartsWith => text.starts_with(part.as_str()),
                    TextFunction::EndsWith => text.ends_with(part.as_str()),
                }),
                Some(_) => Said::Null,
                None => Said::Unknown,
            },
            Condition::And(parts) | Condition::Or(parts) => {
                let decides = matches!(self, Condition::Or(_));
                let said: Vec<Said> = parts.iter().map(|part| part.says(row)).collect();
                [Said::Is(decides), Said::Unknown, Said::Null]
                    .into_iter()
                    .find(|strong| said.contains(strong))
                    .unwrap_or(Said::Is(!decides))
            }
            Condition::Not(inner) => match inner.says(row) {
                Said::Is(said) => Said::Is(!said),
                other => other,
            },
        }
    }

    /// The text of a filter, not encoded.
    pub(super) fn text(&self, object: &ExternalObject, forms: Forms) -> Checked<String> {
        Ok(match self {
            Condition::Compare(place, operator, cell) => {
                let field = object.field(*place)?;
                let literal = cell.literal(field.edm, forms.other_literals);
                if forms.literal_first {
                    format!("{literal} {} {}", operator.turned().name(), field.column)
                } else {
                    format!("{} {} {literal}", field.column, operator.name())
                }
            }
            Condition::Text(function, place, part) => {
                let field = object.field(*place)?;
                let call = format!("{}({},'{}')", function.name(), field.column, part.replace('\'', "''"));
                if forms.compared { format!("{call} eq true") } else { call }
            }
            Condition::And(parts) | Condition::Or(parts) => {
                let texts: Vec<String> =
                    parts.iter().map(|part| part.inner(self, object, forms)).collect::<Result<_, _>>()?;
                texts.join(if matches!(self, Condition::And(_)) { " and " } else { " or " })
            }
            Condition::Not(inner) => format!("not ({})", inner.text(object, forms)?),
        })
    }

    /// In brackets where something else would be meant without.
    fn inner(&self, outer: &Condition, object: &ExternalObject, forms: Forms) -> Checked<String> {
        let text = self.text(object, forms)?;
        let is_open =
            matches!((outer, self), (Condition::And(_), Condition::Or(_)) | (Condition::Or(_), Condition::And(_)));
        Ok(if is_open { format!("({text})") } else { text })
    }
}
