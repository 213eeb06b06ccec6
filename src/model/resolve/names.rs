//! Owns the rules for public names: which are allowed, and that no two are alike.
//!
//! # Decisions
//!
//! - Names are ASCII, although OData also allows other letters: Salesforce takes no others, and the format can be
//!   widened later but not narrowed.
//! - Names that differ only in letter case are refused: Salesforce folds case, and OData 4.01 asks services to find
//!   names without regard to it where no other name is meant.

use std::collections::HashMap;

use crate::model::raw::Report;

/// Longest identifier (CSDL 4.01, section 15.2).
const IDENTIFIER_MAX: usize = 128;

/// Longest namespace (CSDL 4.01, section 5).
const NAMESPACE_MAX: usize = 511;

/// Namespaces and aliases that OData keeps for itself (CSDL 4.01, section 5).
const RESERVED: [&str; 4] = ["Edm", "odata", "System", "Transient"];

const IDENTIFIER_RULE: &str = "a name starts with a letter or `_`, goes on with letters, digits and `_`, and has at \
                               most 128 characters";

/// Reports a name that is not an identifier.
pub(in crate::model) fn check_identifier(name: &str, file: &str, key: &str, report: &mut Report) {
    if !is_identifier(name) {
        report.add(file, key, format!("`{name}` is not a valid name"), IDENTIFIER_RULE);
    }
}

/// Reports a namespace that is not made of identifiers, is too long or is reserved.
pub(in crate::model) fn check_namespace(name: &str, file: &str, report: &mut Report) {
    let right = if !name.split('.').all(is_identifier) {
        format!("it is one or more names with dots between; {IDENTIFIER_RULE}")
    } else if name.len() > NAMESPACE_MAX {
        format!("it has at most {NAMESPACE_MAX} characters")
    } else if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        format!("`{}` are reserved by OData; choose another", RESERVED.join("`, `"))
    } else {
        return;
    };
    report.add(file, "namespace", format!("`{name}` is not a valid namespace"), right);
}

/// Reports a table, schema or column name that no database can have.
pub(in crate::model) fn check_database_name(name: &str, file: &str, key: &str, report: &mut Report) {
    if name.is_empty() || name.contains('\0') {
        report.add(
            file,
            key,
            "a database name is empty or holds a zero character",
            "write it exactly as the database spells it",
        );
    }
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && characters.all(|c| c.is_ascii_alphanumeric() || c == '_') && name.len() <= IDENTIFIER_MAX
}

/// Names seen so far within one scope; letter case does not count.
pub(in crate::model) struct Seen<'a> {
    what: &'static str,
    names: HashMap<String, (String, &'a str)>,
}

impl<'a> Seen<'a> {
    /// An empty scope; `what` says in problems what the names are: `set`.
    pub(in crate::model) fn new(what: &'static str) -> Self {
        Seen { what, names: HashMap::new() }
    }

    /// Takes a name, or reports it if it is taken. `place` tells people where the first one is.
    pub(in crate::model) fn take(&mut self, name: &'a str, place: String, file: &str, key: &str, report: &mut Report) {
        let what = self.what;
        match self.names.get(&name.to_ascii_lowercase()) {
            None => {
                self.names.insert(name.to_ascii_lowercase(), (place, name));
            }
            Some((first, same)) if *same == name => {
                let wrong = format!("{what} `{name}` is already declared in {first}");
                report.add(file, key, wrong, "give each its own name");
            }
            Some((first, other)) => {
                let wrong = format!("{what} `{name}` differs only in letter case from `{other}` in {first}");
                report.add(file, key, wrong, "give each a name that differs in more than case");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for good in ["A", "_id", "OrderID", "Text001", "a".repeat(128).as_str()] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", "1st", "Order ID", "a-b", "a.b", "Größe", "a\"", "a".repeat(129).as_str()] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }
}
