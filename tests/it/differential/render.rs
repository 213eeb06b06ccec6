//! A request → the text of its URL, in one of many spellings that mean the same: letter case of words, blanks,
//! percent-encoding, names of options with and without the dollar sign, forms of literals, superfluous parentheses.

use std::fmt::Write as _;

use penstock::edm::Value;

use super::super::support::databases::{date_text, guid_text, instant_text};
use super::eval::{Expr, Function, Operator};
use super::generate::Request;
use super::value::{Table, Type};

/// Writes URL text. `style` 0 always takes the first, plain choice.
pub(crate) struct Writer<'a> {
    table: &'a Table,
    style: u64,
    out: String,
}

/// The query part of the request's URL, without the question mark.
pub(crate) fn query(request: &Request, table: &Table) -> String {
    let mut options: Vec<(&str, String)> = Vec::new();
    let mut writer = Writer { table, style: request.style, out: String::new() };
    if let Some(filter) = &request.filter {
        writer.condition(filter, 0);
        options.push(("filter", writer.take()));
    }
    if !request.order.is_empty() {
        for (place, item) in request.order.iter().enumerate() {
            if place > 0 {
                writer.separator();
            }
            writer.name(item.column);
            if item.descending || writer.choose(3) == 1 {
                writer.blank();
                writer.word(if item.descending { "desc" } else { "asc" });
            }
        }
        options.push(("orderby", writer.take()));
    }
    if !request.select.is_empty() {
        for (place, column) in request.select.iter().enumerate() {
            if place > 0 {
                writer.separator();
            }
            writer.name(*column);
        }
        options.push(("select", writer.take()));
    }
    for (name, value) in [("top", request.top), ("skip", request.skip)] {
        if let Some(value) = value {
            options.push((name, value.to_string()));
        }
    }
    if let Some(count) = request.count {
        options.push(("count", count.to_string()));
    }
    let first = writer.choose(options.len().max(1));
    options.rotate_left(first);
    let mut text = String::new();
    for (place, (name, value)) in options.into_iter().enumerate() {
        let dollar = ["$", "", "%24"][writer.choose(3)];
        writer.word(name);
        write!(text, "{}{dollar}{}={value}", if place > 0 { "&" } else { "" }, writer.take()).unwrap();
    }
    text
}

impl Writer<'_> {
    fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// One of `choices`, decided by the style.
    fn choose(&mut self, choices: usize) -> usize {
        if self.style == 0 {
            return 0;
        }
        // A linear congruential step; the high bits are the good ones. Never back to the plain style.
        self.style = self.style.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) | 1;
        usize::try_from((self.style >> 33) % choices as u64).unwrap()
    }

    fn encoded(&mut self, character: char) {
        let mut buffer = [0; 4];
        for byte in character.encode_utf8(&mut buffer).bytes() {
            let digits = if self.choose(2) == 1 { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            self.out.push_str(&digits);
        }
    }

    /// Text with the characters encoded that must be, and now and then one that need not be.
    fn text(&mut self, text: &str) {
        for character in text.chars() {
            let free = character.is_ascii_alphanumeric() || "-._~'()*,;:@/?!$=".contains(character);
            if free && self.choose(12) != 1 { self.out.push(character) } else { self.encoded(character) }
        }
    }

    /// An operator, function or option name in any letter case.
    fn word(&mut self, word: &str) {
        match self.choose(6) {
            4 => self.out.push_str(&word.to_uppercase()),
            5 => {
                let (first, rest) = word.split_at(1);
                self.out.push_str(&(first.to_uppercase() + rest));
            }
            _ => self.out.push_str(word),
        }
    }

    /// The blank that the grammar demands.
    fn blank(&mut self) {
        let blanks = ["%20", "+", "%20%20", "%09"];
        let choice = self.choose(4);
        self.out.push_str(blanks[choice]);
    }

    /// The blank that the grammar allows.
    fn optional_blank(&mut self) {
        if self.choose(5) == 1 {
            self.blank();
        }
    }

    fn separator(&mut self) {
        self.optional_blank();
        self.text(",");
        self.optional_blank();
    }

    fn name(&mut self, column: usize) {
        let name = self.table.columns[column].name.clone();
        self.text(&name);
    }

    fn parentheses(&mut self, inner: impl FnOnce(&mut Self)) {
        self.text("(");
        self.optional_blank();
        inner(self);
        self.optional_blank();
        self.text(")");
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
        if own < level || self.choose(8) == 1 {
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
                self.word("not");
                match **inner {
                    // `not` binds tighter than a comparison, so only these go without parentheses.
                    Expr::Property(_) | Expr::Call(..) if self.choose(2) == 1 => {
                        self.blank();
                        self.condition_plain(inner);
                    }
                    _ => {
                        self.blank();
                        self.parentheses(|writer| writer.condition_plain(inner));
                    }
                }
            }
            Expr::Compare(operator, left, right) => {
                let types = (self.type_of(left), self.type_of(right));
                self.operand(left, types.1);
                self.blank();
                self.word(match operator {
                    Operator::Eq => "eq",
                    Operator::Ne => "ne",
                    Operator::Gt => "gt",
                    Operator::Ge => "ge",
                    Operator::Lt => "lt",
                    Operator::Le => "le",
                });
                self.blank();
                self.operand(right, types.0);
            }
            Expr::In(left, members) => {
                let ty = self.type_of(left);
                self.operand(left, None);
                self.blank();
                self.word("in");
                self.blank();
                self.parentheses(|writer| {
                    for (place, member) in members.iter().enumerate() {
                        if place > 0 {
                            writer.separator();
                        }
                        writer.literal(member, ty);
                    }
                });
            }
            Expr::Call(function, text, part) => {
                self.word(match function {
                    Function::Contains => "contains",
                    Function::StartsWith => "startswith",
                    Function::EndsWith => "endswith",
                });
                self.parentheses(|writer| {
                    writer.operand(text, None);
                    writer.separator();
                    writer.operand(part, None);
                });
            }
            Expr::Property(column) => self.name(*column),
            Expr::Literal(value) => self.literal(value, None),
        }
    }

    fn binary(&mut self, left: &Expr, word: &str, right: &Expr, level: usize) {
        self.condition(left, level);
        self.blank();
        self.word(word);
        self.blank();
        self.condition(right, level);
    }

    /// A side of a comparison; `other` is the type of the column on the other side.
    fn operand(&mut self, expr: &Expr, other: Option<Type>) {
        match expr {
            Expr::Literal(value) => self.literal(value, other),
            _ => self.condition(expr, 5),
        }
    }

    fn type_of(&self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::Property(column) => Some(self.table.columns[*column].ty),
            _ => None,
        }
    }

    /// A literal beside a column of type `ty`.
    fn literal(&mut self, value: &Value, ty: Option<Type>) {
        let text = match value {
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Double(value) => {
                let forms = [format!("{value:e}"), format!("{value:E}"), format!("{value:?}")];
                forms[self.choose(3)].clone()
            }
            Value::Decimal(value) => {
                let plain = value.to_plain_string();
                if plain.contains('.') && self.choose(3) == 1 { plain + "0" } else { plain }
            }
            Value::String(value) => {
                self.text(&format!("'{}'", value.replace('\'', "''")));
                return;
            }
            Value::Guid(value) => {
                let text = guid_text(*value);
                if self.choose(3) == 1 { text.to_uppercase() } else { text }
            }
            // Salesforce holds dates as instants and sends them so.
            Value::Date(value) if self.choose(4) == 1 => format!("{}T00:00:00Z", date_text(*value)),
            Value::Date(value) => date_text(*value),
            Value::DateTimeOffset(value) => self.instant(*value),
            other => panic!("{other:?} is not generated"),
        };
        // A quoted literal is cast to the type of the other side (4.01); Salesforce sends GUIDs and numbers so.
        let quotable = ty.is_some() && !matches!(value, Value::Null | Value::Boolean(_));
        if quotable && self.choose(8) == 1 { self.text(&format!("'{text}'")) } else { self.text(&text) }
    }

    fn instant(&mut self, micros: i64) -> String {
        const HOUR: i64 = 3_600_000_000;
        // An offset must not lead out of the years 0001 to 9999.
        let near_the_edges = !(-62_000_000_000_000_000..=253_000_000_000_000_000).contains(&micros);
        let (shift, zone) = match self.choose(4) {
            1 if !near_the_edges => (2 * HOUR, "+02:00"),
            2 if !near_the_edges => (-9 * HOUR - HOUR / 2, "-09:30"),
            _ => (0, "Z"),
        };
        let mut text = instant_text(micros + shift, 'T');
        if self.choose(2) == 0 {
            text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
            // At least the seconds stay whole: 10:00:00 must not become 10:00:.
            while text.len() < "2024-05-01T00:00:00".len() {
                text.push('0');
            }
        }
        text + zone
    }
}

#[cfg(test)]
mod tests {
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
