//! What the tables of `metadata/README.md` say of a column type.

use std::collections::{BTreeMap, BTreeSet};

use crate::columns::stock::Said;
use crate::columns::tables::shown;
use crate::support::databases::Kind;
use crate::support::{project, read_text};

/// How a column is published: its type and its keys, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    As(String, BTreeSet<String>),
    LeftOut,
}

/// The table of one database.
pub(super) struct Documented {
    kind: Kind,
    rows: BTreeMap<String, Form>,
}

impl Documented {
    pub(super) fn read(kind: Kind) -> Documented {
        let heading = match kind {
            Kind::Postgres => "#### Columns of PostgreSQL",
            Kind::Mariadb => "#### Columns of MariaDB",
            Kind::Sqlite => "#### Columns of SQLite",
        };
        let readme = read_text(&project("metadata/README.md"));
        let (_, rest) = readme.split_once(&format!("{heading}\n\n")).expect("a heading for the table");
        let lines = rest.lines().take_while(|line| line.starts_with('|')).skip(2);
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].to_owned(), form_of(cells[2]))
        };
        let rows: BTreeMap<String, Form> = lines.map(row).collect();
        assert!(rows.len() > 15, "{}: {} rows", kind.name(), rows.len());
        Documented { kind, rows }
    }

    /// What is said of a type of the stock.
    pub(super) fn of_stock(&self, declared: &str, said: Said) -> Form {
        match said {
            Said::Here("left out") => Form::LeftOut,
            Said::Here(text) => {
                let mut lines = text.lines();
                let of_type = lines.next().unwrap().trim_start_matches("type = \"").trim_end_matches('"');
                Form::As(of_type.to_owned(), lines.map(str::to_owned).collect())
            }
            Said::InTheTable => self.of(declared),
        }
    }

    /// What is said of a declared type, or of the same with other digits.
    pub(super) fn of(&self, declared: &str) -> Form {
        let wanted = shown(declared);
        if let Some(form) = self.rows.get(&wanted) {
            return form.clone();
        }
        let (pattern, digits) = without_digits(&wanted);
        // Of very many digits, or one bit, something else is said.
        let keys = |form: &Form| if let Form::As(_, keys) = form { keys.len() } else { 0 };
        let alike = self.rows.iter().filter(|(row, _)| without_digits(row).0 == pattern);
        let best = alike.max_by_key(|(_, form)| keys(form));
        let (row, form) = best.unwrap_or_else(|| panic!("{}: nothing is said of {wanted}", self.kind.name()));
        let Form::As(of_type, keys) = form else { return form.clone() };
        let theirs = without_digits(row).1;
        if of_type == "DateTimeOffset" {
            let mut keys = keys.clone();
            keys.retain(|key| !key.starts_with("precision"));
            keys.extend(digits.first().filter(|digits| *digits != "6").map(|digits| format!("precision = {digits}")));
            return Form::As(of_type.clone(), keys);
        }
        let keys = keys.iter().map(|key| {
            let place = theirs.iter().position(|digits| key.ends_with(&format!("= {digits}")));
            match place {
                Some(place) => key.replace(&theirs[place], &digits[place]),
                None => key.clone(),
            }
        });
        Form::As(of_type.clone(), keys.collect())
    }
}

/// `` `Decimal`, `precision = 18`, `scale = 2` ``
fn form_of(cell: &str) -> Form {
    if cell == "left out" {
        return Form::LeftOut;
    }
    let mut parts = cell.split(", ").map(|part| part.trim_matches('`').to_owned());
    Form::As(parts.next().unwrap(), parts.collect())
}

/// A text with `#` for each number, and the numbers.
fn without_digits(text: &str) -> (String, Vec<String>) {
    let (mut pattern, mut numbers) = (String::new(), Vec::new());
    let mut within = false;
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            if !within {
                numbers.push(String::new());
                pattern.push('#');
            }
            numbers.last_mut().unwrap().push(letter);
        } else {
            pattern.push(letter);
        }
        within = letter.is_ascii_digit();
    }
    (pattern, numbers)
}

/// The word of the tables for a type, as the catalogue of the database spells it.
pub(super) fn plain(kind: Kind, declared: &str) -> String {
    match kind {
        Kind::Postgres => declared
            .replace("character varying", "varchar")
            .replace("character(", "char(")
            .replace(" without time zone", "")
            .replace("timestamp with time zone", "timestamptz")
            .replace("time with time zone", "timetz"),
        Kind::Mariadb => {
            let whole = ["int(", "bigint(", "smallint(", "mediumint("].iter().any(|word| declared.starts_with(word));
            match declared.split_once('(').zip(declared.split_once(')')) {
                Some(((name, _), (_, rest))) if whole && !declared.contains("zerofill") => format!("{name}{rest}"),
                _ => declared.to_owned(),
            }
        }
        Kind::Sqlite if declared.is_empty() => "any".to_owned(),
        Kind::Sqlite => declared.to_lowercase().replace("decimal(", "numeric("),
    }
}
