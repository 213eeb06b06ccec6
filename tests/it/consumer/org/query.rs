//! A query as it goes over the wire: its options, their order and their encoding.

use std::fmt::Write as _;
use std::sync::Arc;

use super::condition::Forms;
use super::{Checked, Condition, ExternalObject};

/// What is asked of one object.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) object: Arc<ExternalObject>,
    /// Places of fields.
    pub(crate) select: Vec<usize>,
    pub(crate) filter: Option<Condition>,
    /// A phrase for `$search`.
    pub(crate) search: Option<String>,
    /// Places of fields, and whether the values descend.
    pub(crate) order: Vec<(usize, bool)>,
    pub(crate) skip: u64,
    pub(crate) top: Option<u64>,
}

impl Query {
    /// The columns, with the key.
    pub(crate) fn of(object: &Arc<ExternalObject>, columns: &[usize]) -> Query {
        let select = object.with_key(columns);
        Query { object: object.clone(), select, filter: None, search: None, order: Vec::new(), skip: 0, top: None }
    }

    /// The target below the service root. `number` chooses between spellings that mean the same.
    pub(super) fn target(&self, count: bool, number: u64) -> Checked<String> {
        let names = self.select.iter().map(|place| Ok(self.object.field(*place)?.column.as_str()));
        let names: Vec<&str> = names.collect::<Checked<_>>()?;
        let mut options = vec![("$select", names.join(",")), ("$count", count.to_string())];
        if let Some(filter) = &self.filter {
            // The chain of a search is known to be compared with true.
            let forms = Forms {
                literal_first: number % 4 == 3,
                compared: number % 4 != 2 || matches!(filter, Condition::Or(_)),
                other_literals: number % 3 == 2,
            };
            options.push(("$filter", filter.text(&self.object, forms)?));
        }
        if let Some(phrase) = &self.search {
            // A word may come bare, but not if it is an operator.
            let is_word = phrase.chars().all(char::is_alphanumeric) && !["AND", "OR", "NOT"].contains(&phrase.as_str());
            options.push(("$search", if is_word { phrase.clone() } else { format!("\"{phrase}\"") }));
        }
        if !self.order.is_empty() {
            let items = self.order.iter().map(|(place, descending)| {
                let column = &self.object.field(*place)?.column;
                let ascending = if number.is_multiple_of(2) { "" } else { " asc" };
                Ok(format!("{column}{}", if *descending { " desc" } else { ascending }))
            });
            options.push(("$orderby", items.collect::<Checked<Vec<_>>>()?.join(",")));
        }
        if self.skip > 0 {
            options.push(("$skip", self.skip.to_string()));
        }
        if let Some(top) = self.top {
            options.push(("$top", top.to_string()));
        }
        if number % 5 == 4 {
            options.reverse(); // the order of options varies
        }
        let everything = number % 4 == 1;
        let blank = if number % 4 == 2 { "+" } else { "%20" };
        let mut target = format!("{}?", self.object.table);
        for (place, (name, value)) in options.iter().enumerate() {
            if place > 0 {
                target.push('&');
            }
            encode(name, everything, blank, &mut target);
            target.push('=');
            encode(value, everything, blank, &mut target);
        }
        Ok(target)
    }
}

/// Percent-encodes what must be, or everything that can be.
fn encode(text: &str, everything: bool, blank: &str, out: &mut String) {
    for byte in text.bytes() {
        let is_free = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_free || (!everything && b"'()*,;:@/$!".contains(&byte)) {
            out.push(char::from(byte));
        } else if byte == b' ' {
            out.push_str(blank);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
