//! Owns which relations are wanted: schemas and patterns of names.

use super::Wanted;

impl Wanted {
    /// The same with the default schemas, if they are wanted, named like the others.
    #[must_use]
    pub fn in_schemas(&self, defaults: &[String]) -> Wanted {
        let mut wanted = self.clone();
        if std::mem::take(&mut wanted.default_schemas) {
            wanted.schemas.extend_from_slice(defaults);
            wanted.schemas.sort();
            wanted.schemas.dedup();
        }
        wanted
    }

    /// Whether this relation is wanted. A pattern is matched with the name, and with the name behind schema and point.
    pub fn matches(&self, schema: Option<&str>, name: &str) -> bool {
        let full = schema.map(|schema| format!("{schema}.{name}"));
        let fits =
            |pattern: &String| is_like(pattern, name) || full.as_deref().is_some_and(|full| is_like(pattern, full));
        (self.schemas.is_empty() || schema.is_some_and(|schema| self.schemas.iter().any(|wanted| wanted == schema)))
            && (self.tables.is_empty() || self.tables.iter().any(fits))
            && !self.without.iter().any(fits)
    }
}

/// Whether `text` is like the pattern, in which `*` stands for any letters and `?` for one.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last star stands, and up to where it reaches so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || text.get(place) == Some(letter) => {
                at += 1;
                place += 1;
            }
            _ => match &mut star {
                Some((stood, reached)) => {
                    *reached += 1;
                    (at, place) = (*stood + 1, *reached);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|letter| *letter == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("order*", "orders", true),
            ("order*", "Orders", false),
            ("*_log", "change_log", true),
            ("*_log", "change_logs", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?rder", "Ärder", true),
            ("?", "", false),
            ("a.b", "a.b", true),
            ("a**", "a", true),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn schemas_patterns_and_exceptions_are_joined() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let wanted = Wanted {
            schemas: list(&["public", "Sales"]),
            tables: list(&["order*", "Sales.*"]),
            without: list(&["*_old"]),
            ..Wanted::default()
        };
        assert!(wanted.matches(Some("public"), "orders"));
        assert!(!wanted.matches(Some("public"), "invoices"));
        assert!(wanted.matches(Some("Sales"), "invoices"));
        assert!(!wanted.matches(Some("Sales"), "invoices_old"));
        assert!(!wanted.matches(Some("stock"), "orders"));
        assert!(!wanted.matches(None, "orders"));
        assert!(Wanted::default().matches(None, "orders"));
    }
}
