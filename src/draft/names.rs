//! Owns how a published name is made of a database's name: letters, digits and single underscores, at most
//! [`NAME_MAX`] characters, a letter first and no underscore last, no two alike. A name depends on the database's name
//! and on what is taken, never on the order in which a database tells its tables.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::letters::to_ascii;

/// Longest name that Salesforce takes for a field.
pub(super) const NAME_MAX: usize = 40;

/// Words of the expression language that would be understood in place of a property of that name.
const WORDS: [&str; 6] = ["false", "inf", "nan", "not", "null", "true"];

/// Fields that every external object has by itself.
const FIELDS: [&str; 2] = ["ExternalId", "DisplayUrl"];

/// The words of a name, each with a capital letter in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    words: Vec<String>,
    /// Letters were lost, because plain ones cannot spell them.
    pub(super) lost: bool,
}

/// Splits a database's name into words and spells them. A name without small letters is not shouted.
pub(super) fn spell(name: &str) -> Spelled {
    let (plain, lost) = to_ascii(name);
    let shouted = !plain.chars().any(|c| c.is_ascii_lowercase());
    let mut words = Vec::new();
    for word in plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut rest = word.chars();
        let first = rest.next().map(|c| c.to_ascii_uppercase());
        let rest = rest.map(|c| if shouted { c.to_ascii_lowercase() } else { c });
        words.push(first.into_iter().chain(rest).collect());
    }
    Spelled { words, lost }
}

impl Spelled {
    /// As one name: `OrderLine`. Two numbers stay apart.
    pub(super) fn joined(&self) -> String {
        let mut name = String::new();
        for word in &self.words {
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            if digit(name.chars().next_back()) && digit(word.chars().next()) {
                name.push('_');
            }
            name.push_str(word);
        }
        begun(name)
    }

    /// With the words still apart: `Order_Line`.
    pub(super) fn apart(&self) -> String {
        begun(self.words.join("_"))
    }

    /// Whether nothing of the name is left.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Without the words that only say that it is a key, in front or behind; `None` if there are none or nothing else.
    pub(super) fn without_key_word(&self) -> Option<Spelled> {
        const BEHIND: [&str; 12] =
            ["id", "fk", "key", "code", "no", "nr", "num", "number", "ref", "uuid", "guid", "oid"];
        const BEFORE: [&str; 2] = ["id", "fk"];
        let is =
            |list: &[&str], word: Option<&String>| word.is_some_and(|it| list.contains(&&*it.to_ascii_lowercase()));
        let mut words = self.words.clone();
        if let [only] = &mut *words {
            // `accountId` and `AccountID` are one word to the splitter.
            let stem = only.strip_suffix("Id").or_else(|| only.strip_suffix("ID")).filter(|stem| !stem.is_empty())?;
            *only = stem.to_owned();
            return Some(Spelled { words, lost: self.lost });
        }
        if is(&BEHIND, words.last()) {
            words.pop();
        } else if is(&BEFORE, words.first()) {
            words.remove(0);
        } else {
            let last = words.last_mut()?;
            let stem = last.strip_suffix("Id").or_else(|| last.strip_suffix("ID")).filter(|stem| !stem.is_empty())?;
            *last = stem.to_owned();
        }
        (!words.is_empty()).then_some(Spelled { words, lost: self.lost })
    }
}

/// A name that begins with a letter.
fn begun(name: String) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// The name of one row, where that of the table is plural in English.
pub(super) fn singular(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let without = |letters: usize| name.get(..name.len().saturating_sub(letters)).unwrap_or(name).to_owned();
    if ends(&["series", "species", "ss", "us", "is", "as", "os", "news"]) {
        name.to_owned()
    } else if ends(&["ies"]) && name.len() > 4 {
        format!("{}y", without(3))
    } else if ends(&["sses", "shes", "xes", "zzes", "tches", "nches", "tuses"]) {
        without(2)
    } else if ends(&["s"]) && name.len() > 2 {
        without(1)
    } else {
        name.to_owned()
    }
}

/// `OrderLine` → `order_line`, for file names.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = None;
    for character in name.chars() {
        let starts = character.is_ascii_uppercase() && before.is_some_and(|c: char| c.is_ascii_lowercase());
        if starts {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
        before = Some(character);
    }
    snake
}

/// A name that was given, and why it is not the obvious one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) why: Option<String>,
}

/// The names that are taken in one place: letter case and doubled underscores do not tell names apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    taken: HashMap<String, Taken>,
}

#[derive(Clone, Debug)]
enum Taken {
    By(String),
    Word(&'static str),
}

impl Names {
    /// Names of properties and navigation properties.
    pub(super) fn of_members() -> Names {
        let mut names = Names::default();
        for word in WORDS {
            names.taken.insert(folded(word), Taken::Word("a word of OData"));
        }
        for field in FIELDS {
            names.taken.insert(folded(field), Taken::Word("a field that Salesforce has by itself"));
        }
        names
    }

    /// Takes a name that exists already, whatever it looks like.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(folded(name), Taken::By(name.to_owned()));
    }

    /// Takes the first of the wanted names that is free, or else one with a number made of `identity`: that of the
    /// database, which no other has.
    pub(super) fn give(&mut self, wanted: &[String], identity: &str) -> Given {
        let mut why = None;
        for candidate in wanted.iter().filter(|name| !name.is_empty()) {
            let (name, long) = if candidate.len() > NAME_MAX {
                (marked(candidate, identity, 0), Some(format!("`{candidate}` is longer than {NAME_MAX} characters")))
            } else {
                (candidate.clone(), None)
            };
            why = why.or(long);
            let name = match self.taken.get(&folded(&name)) {
                None => name,
                Some(Taken::By(taken)) => {
                    why = why.or_else(|| Some(format!("`{name}` is taken by `{taken}`")));
                    continue;
                }
                Some(Taken::Word(what)) => {
                    why = why.or_else(|| Some(format!("`{name}` is {what}")));
                    let other = format!("{name}Value");
                    if self.taken.contains_key(&folded(&other)) {
                        continue;
                    }
                    other
                }
            };
            self.reserve(&name);
            return Given { name, why };
        }
        let base = wanted.iter().find(|name| !name.is_empty()).map_or("N", String::as_str);
        let why = why.or_else(|| Some("nothing of it can be spelled in plain letters".to_owned()));
        let mut name = marked(base, identity, 0);
        for round in 1.. {
            if !self.taken.contains_key(&folded(&name)) {
                break;
            }
            name = marked(base, identity, round);
        }
        self.reserve(&name);
        Given { name, why }
    }
}

/// A name with a number that belongs to `identity` behind it.
fn marked(base: &str, identity: &str, round: u64) -> String {
    const DIGITS: usize = 6;
    let hash = xxh3_64(format!("{identity}\u{0}{round}").as_bytes());
    let digits: String = format!("{hash:016x}").chars().take(DIGITS).collect();
    let base = base.get(..base.len().min(NAME_MAX - DIGITS - 1)).unwrap_or(base).trim_end_matches('_');
    format!("{base}_{digits}")
}

fn folded(name: &str) -> String {
    let words: Vec<_> = name.split('_').filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_publishable(name: &str) -> bool {
        let letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        letter && plain && !name.contains("__") && !name.ends_with('_') && name.len() <= NAME_MAX
    }

    #[test]
    fn names_read_well() {
        for (name, expected) in [
            ("order_lines", "OrderLines"),
            ("CUSTOMER_ID", "CustomerId"),
            ("CustomerID", "CustomerID"),
            ("customer_ID", "CustomerID"),
            ("address 1 2", "Address1_2"),
            ("2nd", "N2nd"),
            ("__x__", "X"),
            ("select", "Select"),
            ("a\"b'c", "ABC"),
            ("größe", "Groesse"),
            ("价格", ""),
        ] {
            assert_eq!(spell(name).joined(), expected, "{name}");
        }
        assert_eq!(spell("na_me").apart(), "Na_Me");
    }

    #[test]
    fn one_row_of_a_plural() {
        for (plural, one) in [
            ("Customers", "Customer"),
            ("Companies", "Company"),
            ("Addresses", "Address"),
            ("Boxes", "Box"),
            ("Batches", "Batch"),
            ("Branches", "Branch"),
            ("Caches", "Cache"),
            ("Status", "Status"),
            ("Statuses", "Status"),
            ("Series", "Series"),
            ("Houses", "House"),
            ("Bus", "Bus"),
            ("Kunden", "Kunden"),
            ("As", "As"),
        ] {
            assert_eq!(singular(plural), one);
        }
    }

    #[test]
    fn columns_of_keys_name_what_they_lead_to() {
        let base = |name: &str| spell(name).without_key_word().map(|it| it.joined());
        assert_eq!(base("account_id").as_deref(), Some("Account"));
        assert_eq!(base("accountId").as_deref(), Some("Account"));
        assert_eq!(base("AccountID").as_deref(), Some("Account"));
        assert_eq!(base("ship_toId").as_deref(), Some("ShipTo"));
        assert_eq!(base("fk_account").as_deref(), Some("Account"));
        assert_eq!(base("CURRENCY_CODE").as_deref(), Some("Currency"));
        assert_eq!(base("id"), None);
        assert_eq!(base("ID"), None);
        assert_eq!(base("account"), None);
    }

    #[test]
    fn names_that_are_taken_get_another() {
        let mut names = Names::of_members();
        let mut give = |wanted: &str| {
            let spelled = spell(wanted);
            names.give(&[spelled.joined(), spelled.apart()], wanted)
        };
        assert_eq!(give("na_me"), Given { name: "NaMe".to_owned(), why: None });
        let second = give("NAME");
        assert!(second.name.starts_with("Name_") && second.name.len() == 11, "{second:?}");
        assert_eq!(second.why.as_deref(), Some("`Name` is taken by `NaMe`"));
        let long = "a_very_long_column_name_that_goes_on_and_on_and_on_and_on_1";
        let other = "a_very_long_column_name_that_goes_on_and_on_and_on_and_on_2";
        let (long, other) = (give(long), give(other));
        assert!(is_publishable(&long.name) && is_publishable(&other.name) && long.name != other.name);
        assert!(long.why.unwrap().ends_with("is longer than 40 characters"));
        let word = give("null");
        assert_eq!(word, Given { name: "NullValue".to_owned(), why: Some("`Null` is a word of OData".to_owned()) });
        assert!(give("价格").name.starts_with("N_"));
        assert_eq!(snake("OrderLine"), "order_line");
        assert_eq!(snake("CustomerID_2"), "customer_id_2");
    }

    proptest! {
        #[test]
        fn any_names_become_publishable_ones_of_their_own(given in proptest::collection::btree_set(".{0,60}|[aA_é ]{0,9}", 1..20)) {
            let mut names = Names::of_members();
            let mut seen = std::collections::HashSet::new();
            for name in &given {
                let spelled = spell(name);
                let made = names.give(&[spelled.joined(), spelled.apart()], name);
                prop_assert!(is_publishable(&made.name), "{name:?} {made:?}");
                prop_assert!(seen.insert(made.name.to_ascii_lowercase()), "{made:?} is given twice");
            }
        }
    }
}
