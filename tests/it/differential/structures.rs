//! Complex values and collections as a whole: random comparisons and functions over random rows, answered on every
//! database, compared with an independent evaluation.

use std::fmt::Write as _;

use penstock::edm::Value;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::Rng;
use proptest::test_runner::TestRng;

use super::super::support::databases::{Database, Kind};
use super::super::support::json::Json;
use super::super::support::server::{Setup, TestServer};
use super::{cases, runner, tail};

const ROOT: &str = "/odata/v4/test/";
const ROWS: i64 = 60;
const WORDS: [&str; 4] = ["a", "b", "A", "it's \"ü\""];

type Text = Option<&'static str>;

/// A complex value; null where all of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Home {
    street: Text,
    zip: Option<i64>,
}

#[derive(Debug)]
struct Bag {
    words: Vec<Text>,
    others: Vec<Text>,
    homes: [Home; 2],
}

/// A question and its spelling.
struct Question {
    text: String,
    test: Box<dyn Fn(&Bag) -> bool>,
}

struct Source(TestRng);

impl Source {
    fn below(&mut self, count: u32) -> usize {
        usize::try_from(self.0.next_u32() % count).unwrap()
    }

    fn word(&mut self) -> Text {
        WORDS.get(self.below(5)).copied()
    }

    fn words(&mut self) -> Vec<Text> {
        (0..self.below(5)).map(|_| self.word()).collect()
    }

    fn home(&mut self) -> Home {
        Home { street: self.word(), zip: [None, Some(1), Some(2)][self.below(3)] }
    }

    fn bag(&mut self) -> Bag {
        Bag { words: self.words(), others: self.words(), homes: [self.home(), self.home()] }
    }

    fn question(&mut self) -> Question {
        let inner = self.plain();
        if self.below(4) > 0 {
            return inner;
        }
        let Question { text, test } = inner;
        Question { text: format!("not ({text})"), test: Box::new(move |bag| !test(bag)) }
    }

    fn plain(&mut self) -> Question {
        // Often a part of what is stored, so that it is found.
        let list = match self.below(3) {
            0 => self.words(),
            _ => (0..=self.below(2)).map(|_| self.word()).collect(),
        };
        let (written, home) = (array(&list, self.below(2) == 0), self.home());
        let of_list = |text: String, test: fn(&[Text], &[Text]) -> bool| Question {
            text,
            test: Box::new(move |bag| test(&bag.words, &list)),
        };
        match self.below(16) {
            0 => of_list(format!("Words eq {written}"), |words, list| words == list),
            1 => of_list(format!("{written} ne Words"), |words, list| words != list),
            2 => of_list(format!("Words in ({written},[])"), |words, list| words == list || words.is_empty()),
            3 | 4 => of_list(format!("hassubset(Words,{written})"), has_subset),
            5 | 6 => of_list(format!("hassubsequence(Words,{written})"), has_subsequence),
            7 | 8 => of_list(format!("contains(Words,{written})"), |words, list| {
                list.is_empty() || words.windows(list.len()).any(|part| part == list)
            }),
            9 => of_list(format!("startswith(Words,{written})"), <[Text]>::starts_with),
            10 => of_list(format!("endswith(Words,{written})"), <[Text]>::ends_with),
            11 => {
                type Test = fn(&[Text], &[Text]) -> bool;
                let tests: [(&str, Test); 4] = [
                    ("Words eq Others", |words, others| words == others),
                    ("hassubset(Words,Others)", has_subset),
                    ("startswith(Words,Others)", <[Text]>::starts_with),
                    ("length(Words) gt length(Others)", |words, others| words.len() > others.len()),
                ];
                let (text, test) = tests[self.below(4)];
                Question { text: text.to_owned(), test: Box::new(move |bag| test(&bag.words, &bag.others)) }
            }
            12 => Question { text: "Home ne Work".to_owned(), test: Box::new(|bag| bag.homes[0] != bag.homes[1]) },
            13 => Question {
                text: format!("Home in ({},Work)", home.object(self.below(2) == 0)),
                // What has no member is null, and no object is.
                test: Box::new(move |bag| (bag.homes[0] == home && !home.is_null()) || bag.homes[0] == bag.homes[1]),
            },
            14 => Question { text: "Home eq null".to_owned(), test: Box::new(|bag| bag.homes[0].is_null()) },
            _ => Question {
                text: format!("Home eq {}", home.object(self.below(2) == 0)),
                test: Box::new(move |bag| bag.homes[0] == home && !home.is_null()),
            },
        }
    }
}

impl Home {
    fn is_null(self) -> bool {
        self.street.is_none() && self.zip.is_none()
    }

    /// As JSON; what is null may be left out.
    fn object(self, all: bool) -> String {
        let mut members = Vec::new();
        if all || self.street.is_some() {
            members.push(format!("\"Street\":{}", json(self.street)));
        }
        if all || self.zip.is_some() {
            members.push(format!("\"Zip\":{}", self.zip.map_or("null".to_owned(), |zip| zip.to_string())));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// Each item as often as in the other, or less often.
fn has_subset(words: &[Text], list: &[Text]) -> bool {
    let often = |all: &[Text], one: &Text| all.iter().filter(|other| *other == one).count();
    list.iter().all(|one| often(words, one) >= often(list, one))
}

fn has_subsequence(words: &[Text], list: &[Text]) -> bool {
    let mut left = words.iter();
    list.iter().all(|one| left.any(|other| other == one))
}

fn json(text: Text) -> String {
    text.map_or("null".to_owned(), |text| format!("\"{}\"", text.replace('"', "\\\"")))
}

fn array(list: &[Text], plain: bool) -> String {
    let item = |text: &Text| match (plain, text) {
        (true, Some(text)) => format!("'{}'", text.replace('\'', "''")),
        _ => json(*text),
    };
    format!("[{}]", list.iter().map(item).collect::<Vec<_>>().join(","))
}

fn start(kind: Kind, bags: &[Bag]) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "structures")?;
    let (text, many) = match kind {
        Kind::Postgres => ("text", "jsonb"),
        Kind::Mariadb => ("varchar(40)", "longtext"),
        Kind::Sqlite => ("text", "text"),
    };
    let mut sql = "create table bags (id integer primary key".to_owned();
    for (name, ty) in [("words", many), ("others", many), ("a_street", text), ("b_street", text)] {
        write!(sql, ", {name} {ty}").unwrap();
    }
    database.run(&(sql + ", a_zip integer, b_zip integer)"));
    let string = |text: &str| Value::String(text.into());
    let row = |(id, bag): (i64, &Bag)| {
        // An empty collection may be no value at all.
        let many = |list: &[Text]| match (list, id % 2) {
            ([], 0) => Value::Null,
            (list, _) => string(&array(list, false)),
        };
        let street = |place: usize| bag.homes[place].street.map_or(Value::Null, string);
        let zip = |place: usize| bag.homes[place].zip.map_or(Value::Null, Value::Int);
        vec![Value::Int(id), many(&bag.words), many(&bag.others), street(0), street(1), zip(0), zip(1)]
    };
    let rows: Vec<_> = (1..).zip(bags).map(row).collect();
    database.insert("bags", &["id", "words", "others", "a_street", "b_street", "a_zip", "b_zip"], &rows);
    let collection = |name: &str| {
        let column = name.to_lowercase();
        format!(
            "[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"String\"\ncollection = \"json\"\nnullable = true\n"
        )
    };
    let complex = |name: &str, of: &str| {
        format!(
            "[[property]]\nname = \"{name}\"\ncomplex = \"Home\"\n\
             columns = {{ Street = \"{of}_street\", Zip = \"{of}_zip\" }}\n"
        )
    };
    let set = "version = 1\nset = \"Bags\"\ntype = \"Bag\"\ntable = \"bags\"\nkey = [\"ID\"]\n[[property]]\n\
               name = \"ID\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n";
    let types = "version = 1\n[[complex]]\nname = \"Home\"\n[[complex.property]]\nname = \"Street\"\ntype = \"String\"\n\
                 [[complex.property]]\nname = \"Zip\"\ntype = \"Int32\"\n";
    let set = [set, &collection("Words"), &collection("Others"), &complex("Home", "a"), &complex("Work", "b")].concat();
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.bags]\nurl = \"{}\"\npool_max = 2\n[services.test]\nmetadata = [\"metadata\"]\n\
         anonymous = true\n",
        database.url
    );
    let service = "version = 1\nnamespace = \"Test\"\nsource = \"bags\"\n";
    let setup = Setup::new(&config).file("metadata/service.toml", service).file("metadata/types.toml", types);
    Some((database, setup.file("metadata/bags.toml", &set).start()))
}

fn run(kind: Kind) {
    let mut source = Source(runner(1).new_rng());
    let bags: Vec<Bag> = (0..ROWS).map(|_| source.bag()).collect();
    let Some((_database, server)) = start(kind, &bags) else { return };
    let mut found_some = 0;
    for _ in 0..cases() / 5 {
        let Question { text, test } = source.question();
        let written = utf8_percent_encode(&text, NON_ALPHANUMERIC);
        let response = server.get(&format!("{ROOT}Bags?$select=ID&$filter={written}"));
        assert_eq!(response.status, 200, "{} {text}: {}\n{}", kind.name(), response.text(), tail(&server.log()));
        let rows = Json::read(response.text()).unwrap();
        let rows = rows.get("value").unwrap().as_array().unwrap();
        let found: Vec<i64> = rows.iter().map(|row| row.get("ID").unwrap().to_string().parse().unwrap()).collect();
        let expected: Vec<i64> = (1..).zip(&bags).filter(|(_, bag)| test(bag)).map(|(id, _)| id).collect();
        assert_eq!(found, expected, "{} {text}", kind.name());
        found_some += usize::from(!expected.is_empty() && expected.len() < bags.len());
    }
    assert!(found_some > 50, "only {found_some} questions tell rows apart");
}

#[test]
fn sqlite_compares_structures() {
    run(Kind::Sqlite);
}

#[test]
fn postgres_compares_structures() {
    run(Kind::Postgres);
}

#[test]
fn mariadb_compares_structures() {
    run(Kind::Mariadb);
}
