//! Owns [`Report`]: the problems found so far.

use std::cmp::Ordering;

use crate::model::Problem;

/// Collects problems in any order and gives them out sorted by file and key.
#[derive(Debug, Default)]
pub(in crate::model) struct Report {
    problems: Vec<Problem>,
}

impl Report {
    /// Notes one problem.
    pub(in crate::model) fn add(
        &mut self,
        file: &str,
        key: impl Into<String>,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        let (file, key) = (file.to_owned(), key.into());
        self.problems.push(Problem { file, key, wrong: wrong.into(), right: right.into() });
    }

    /// Takes problems over.
    pub(in crate::model) fn extend(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    /// True if nothing is wrong so far.
    pub(in crate::model) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// `value` if nothing is wrong, else all problems, sorted.
    pub(in crate::model) fn finish<T>(mut self, value: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by(|a, b| a.file.cmp(&b.file).then_with(|| by_key(&a.key, &b.key)));
        self.problems.dedup();
        Err(self.problems)
    }
}

/// Orders keys as people count: `property.2` comes before `property.10`.
fn by_key(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (left.next(), right.next()) {
            (Some(x), Some(y)) => (x, y),
            (x, y) => return x.cmp(&y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            _ => x.cmp(y),
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_by_number() {
        assert_eq!(by_key("property.2.type", "property.10.name"), Ordering::Less);
        assert_eq!(by_key("property.2", "property.2.name"), Ordering::Less);
        assert_eq!(by_key("navigation.9", "property.1"), Ordering::Less);
        assert_eq!(by_key("key", "key"), Ordering::Equal);
    }

    #[test]
    fn problems_come_out_sorted_by_file_and_key() {
        let mut report = Report::default();
        report.add("b.toml", "key", "x", "y");
        report.add("a.toml", "property.10", "x", "y");
        report.add("a.toml", "property.9", "x", "y");
        let problems = report.finish(()).unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.key.as_str())).collect();
        assert_eq!(places, [("a.toml", "property.9"), ("a.toml", "property.10"), ("b.toml", "key")]);
    }
}
