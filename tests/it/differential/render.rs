//! A request → the text of its URL, in one of many spellings that mean the same: letter case of words, blanks,
//! percent-encoding, names of options with and without the dollar sign, forms of literals, superfluous parentheses.

use std::fmt::Write as _;

use super::eval::{Expr, Function, Operator};
use super::generate::Request;
use super::spelling::Spelling;
use super::value::{Table, Type};

/// Writes URL text.
struct Writer<'a> {
    table: &'a Table,
    spelling: Spelling,
}

/// The query part of the request's URL, without the question mark.
pub(crate) fn query(request: &Request, table: &Table) -> String {
    let mut options: Vec<(&str, String)> = Vec::new();
    let mut writer = Writer { table, spelling: Spelling::new(request.style) };
    if let Some(filter) = &request.filter {
        writer.condition(filter, 0);
        options.push(("filter", writer.spelling.take()));
    }
    if !request.order.is_empty() {
        for (place, item) in request.order.iter().enumerate() {
            if place > 0 {
                writer.spelling.separator();
            }
            writer.name(item.column);
            if item.descending || writer.spelling.choose(3) == 1 {
                writer.spelling.blank();
                writer.spelling.word(if item.descending { "desc" } else { "asc" });
            }
        }
        options.push(("orderby", writer.spelling.take()));
    }
    if !request.select.is_empty() {
        for (place, column) in request.select.iter().enumerate() {
            if place > 0 {
                writer.spelling.separator();
            }
            writer.name(*column);
        }
        options.push(("select", writer.spelling.take()));
    }
    for (name, value) in [("top", request.top), ("skip", request.skip)] {
        if let Some(value) = value {
            options.push((name, value.to_string()));
        }
    }
    if let Some(count) = request.count {
        options.push(("count", count.to_string()));
    }
    let first = writer.spelling.choose(options.len().max(1));
    options.rotate_left(first);
    let mut text = String::new();
    for (place, (name, value)) in options.into_iter().enumerate() {
        let dollar = ["$", "", "%24"][writer.spelling.choose(3)];
        writer.spelling.word(name);
        write!(text, "{}{dollar}{}={value}", if place > 0 { "&" } else { "" }, writer.spelling.take()).unwrap();
    }
    text
}

impl Writer<'_> {
    fn name(&mut self, column: usize) {
        let name = self.table.columns[column].name.clone();
        self.spelling.text(&name);
    }

    fn parentheses(&mut self, inner: impl FnOnce(&mut Self)) {
        self.spelling.text("(");
        self.spelling.optional_blank();
        inner(self);
        self.spelling.optional_blank();
        self.spelling.text(")");
    }

    /// A condition where something that binds at least as tightly as `level` must stand: 0 anything, 1 the side of an
    /// `or`, 2 the side of an `and`, 5 the side of a comparison.
    fn condition(&mut self, expr: &Expr, level: usize) {
        let own = match expr {
            Expr::Or(..) => 1,
            Expr::And(..) => 2,
            Expr::Compare(..) | Expr::In(..) | Expr::Not(_) => 3,
            Expr::Property(_) | Expr::Literal(_) | Expr::Call(..) => 5,
        };
        if own < level || self.spelling.choose(8) == 1 {
            self.parentheses(|writer| writer.condition_plain(expr));
        } else {
            self.condition_plain(expr);
        }
    }

    fn condition_plain(&mut self, expr: &Expr) {
        match expr {
            Expr::Or(left, right) => self.binary(left, "or", right, 1),
            Expr::And(left, right) => self.binary(left, "and", right, 2),
            Expr::Not(inner) => {
                self.spelling.word("not");
                match **inner {
                    // `not` binds tighter than a comparison, so only these go without parentheses.
                    Expr::Property(_) | Expr::Call(..) if self.spelling.choose(2) == 1 => {
                        self.spelling.blank();
                        self.condition_plain(inner);
                    }
                    _ => {
                        self.spelling.blank();
                        self.parentheses(|writer| writer.condition_plain(inner));
                    }
                }
            }
            Expr::Compare(operator, left, right) => {
                let types = (self.type_of(left), self.type_of(right));
                self.operand(left, types.1);
                self.spelling.blank();
                self.spelling.word(match operator {
                    Operator::Eq => "eq",
                    Operator::Ne => "ne",
                    Operator::Gt => "gt",
                    Operator::Ge => "ge",
                    Operator::Lt => "lt",
                    Operator::Le => "le",
                });
                self.spelling.blank();
                self.operand(right, types.0);
            }
            Expr::In(left, members) => {
                let ty = self.type_of(left);
                self.operand(left, None);
                self.spelling.blank();
                self.spelling.word("in");
                self.spelling.blank();
                self.parentheses(|writer| {
                    for (place, member) in members.iter().enumerate() {
                        if place > 0 {
                            writer.spelling.separator();
                        }
                        writer.spelling.literal(member, ty.is_some());
                    }
                });
            }
            Expr::Call(function, text, part) => {
                self.spelling.word(match function {
                    Function::Contains => "contains",
                    Function::StartsWith => "startswith",
                    Function::EndsWith => "endswith",
                });
                self.parentheses(|writer| {
                    writer.operand(text, None);
                    writer.spelling.separator();
                    writer.operand(part, None);
                });
            }
            Expr::Property(column) => self.name(*column),
            Expr::Literal(value) => self.spelling.literal(value, false),
        }
    }

    fn binary(&mut self, left: &Expr, word: &str, right: &Expr, level: usize) {
        self.condition(left, level);
        self.spelling.blank();
        self.spelling.word(word);
        self.spelling.blank();
        self.condition(right, level);
    }

    /// A side of a comparison; `other` is the type of the column on the other side.
    fn operand(&mut self, expr: &Expr, other: Option<Type>) {
        match expr {
            Expr::Literal(value) => self.spelling.literal(value, other.is_some()),
            _ => self.condition(expr, 5),
        }
    }

    fn type_of(&self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::Property(column) => Some(self.table.columns[*column].ty),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use penstock::edm::Value;

    use super::super::eval::Item;
    use super::super::things;
    use super::*;

    fn request(filter: Expr, style: u64) -> Request {
        Request {
            filter: Some(filter),
            order: vec![Item { column: 1, descending: true }],
            top: Some(5),
            skip: None,
            count: Some(true),
            select: vec![0],
            paged: false,
            style,
        }
    }

    #[test]
    fn the_plain_style_is_plain_and_other_styles_differ() {
        let table = Table { columns: things::columns(), key: vec![0], rows: Vec::new() };
        let flag = || Box::new(Expr::Property(1));
        let text = |value: &str| Box::new(Expr::Literal(Value::String(value.into())));
        let equal = Expr::Compare(Operator::Eq, Box::new(Expr::Property(table.column("Text"))), text("O'Neil & 1%"));
        let filter = Expr::Or(
            Box::new(Expr::And(Box::new(Expr::Not(flag())), Box::new(equal))),
            Box::new(Expr::Compare(
                Operator::Ge,
                Box::new(Expr::Literal(Value::DateTimeOffset(1_714_557_600_000_000))),
                Box::new(Expr::Property(table.column("Moment"))),
            )),
        );
        assert_eq!(
            query(&request(filter.clone(), 0), &table),
            "$filter=not%20(Flag)%20and%20Text%20eq%20'O''Neil%20%26%201%25'%20or%202024-05-01T10:00:00Z%20ge%20Moment\
             &$orderby=Flag%20desc&$select=Id&$top=5&$count=true"
        );
        let spellings: std::collections::HashSet<String> =
            (1..50).map(|style| query(&request(filter.clone(), style), &table)).collect();
        assert!(spellings.len() > 40);
    }
}
