//! The history of three tables: every state that each of them ever had, and when the next one took its place.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;

use crate::support::databases::Database;

/// A set of the service, and its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Set {
    Accounts,
    Orders,
    /// Nothing of it is kept.
    Notes,
}

pub(crate) const SETS: [Set; 3] = [Set::Accounts, Set::Orders, Set::Notes];

/// How long answers may be served, in seconds: as it is, stale while a new one is read, stale in place of an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) ttl: u64,
    pub(crate) revalidate: u64,
    pub(crate) if_error: u64,
}

impl Set {
    pub(crate) fn name(self) -> &'static str {
        ["Accounts", "Orders", "Notes"][self as usize]
    }

    pub(crate) fn table(self) -> &'static str {
        ["accounts", "orders", "notes"][self as usize]
    }

    pub(crate) fn page_rows(self) -> usize {
        [3, 4, 100][self as usize]
    }

    pub(crate) fn times(self) -> Option<Times> {
        match self {
            Set::Accounts => Some(Times { ttl: 100, revalidate: 50, if_error: 200 }),
            Set::Orders => Some(Times { ttl: 60, revalidate: 0, if_error: 400 }),
            Set::Notes => None,
        }
    }

    fn keys(self) -> i64 {
        [5, 9, 4][self as usize]
    }
}

/// One row of any of the tables: they have the same columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) account: i64,
    pub(crate) region: i64,
    pub(crate) word: String,
    pub(crate) amount: i64,
    /// The number of the change that wrote the row: no two states of a table are equal.
    pub(crate) stamp: i64,
}

/// The rows of a table by their keys.
pub(crate) type Rows = BTreeMap<i64, Row>;

/// A state of a table.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) rows: Rows,
    /// When the next one took its place, by the clock of the test; `None` for the present one.
    pub(crate) ended_ms: Option<u64>,
}

/// All states of all tables, from the first to the present one.
pub(crate) struct History {
    states: [Vec<State>; 3],
    stamp: i64,
}

/// What happens to one row.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    key: i64,
    deletes: bool,
    account: i64,
    region: i64,
    word: &'static str,
    amount: i64,
}

pub(crate) const WORDS: [&str; 3] = ["calm", "open", "zeal"];

pub(crate) fn changes() -> impl Strategy<Value = Change> {
    let values = (1..=9_i64, prop::bool::weighted(0.2), 1..=5_i64, 1..=3_i64, prop::sample::select(&WORDS[..]));
    (values, 0..6_i64).prop_map(|((key, deletes, account, region, word), amount)| Change {
        key,
        deletes,
        account,
        region,
        word,
        amount,
    })
}

impl History {
    /// Fills the tables of a database with their first rows.
    pub(crate) fn begin(database: &Database) -> History {
        let mut history = History { states: [Vec::new(), Vec::new(), Vec::new()], stamp: 0 };
        for set in SETS {
            database.run(&format!("delete from {}", set.table()));
            let mut rows = Rows::new();
            for key in (1..=set.keys()).filter(|key| key % 4 != 0) {
                history.stamp += 1;
                let row = Row {
                    id: key,
                    account: key % 5 + 1,
                    region: key % 3 + 1,
                    word: WORDS[usize::try_from(key).unwrap() % 3].to_owned(),
                    amount: key * 7 % 6,
                    stamp: history.stamp,
                };
                database.run(&insert(set, &row));
                rows.insert(key, row);
            }
            history.states[set as usize].push(State { rows, ended_ms: None });
        }
        history
    }

    /// Changes a row in the database, and remembers it.
    pub(crate) fn change(&mut self, database: &Database, set: Set, change: &Change, now_ms: u64) {
        self.stamp += 1;
        let key = (change.key - 1) % set.keys() + 1;
        let states = &mut self.states[set as usize];
        let present = states.last_mut().unwrap();
        let mut rows = present.rows.clone();
        let delete = format!("delete from {} where id = {key};", set.table());
        let script = if change.deletes && rows.contains_key(&key) {
            rows.remove(&key);
            delete
        } else {
            let row = Row {
                id: key,
                account: change.account,
                region: change.region,
                word: change.word.to_owned(),
                amount: change.amount,
                stamp: self.stamp,
            };
            let script = format!("begin;{delete}{};commit", insert(set, &row));
            rows.insert(key, row);
            script
        };
        database.run(&script);
        present.ended_ms = Some(now_ms);
        states.push(State { rows, ended_ms: None });
    }

    pub(crate) fn states(&self, set: Set) -> &[State] {
        &self.states[set as usize]
    }

    /// The number of the present state.
    pub(crate) fn present(&self, set: Set) -> usize {
        self.states[set as usize].len() - 1
    }
}

fn insert(set: Set, row: &Row) -> String {
    let Row { id, account, region, word, amount, stamp } = row;
    format!("insert into {} values ({id}, {account}, {region}, '{word}', {amount}, {stamp})", set.table())
}

/// The tables, empty.
pub(crate) fn create_tables(database: &Database) {
    for set in SETS {
        database.run(&format!(
            "create table {} (id int not null primary key, account_id int not null, region int not null, \
             word varchar(20) not null, amount int not null, stamp int not null)",
            set.table()
        ));
    }
}

/// The metadata files; every set has its own times.
pub(crate) fn metadata() -> Vec<(&'static str, String)> {
    let mut files = vec![("service.toml", "version = 1\nnamespace = \"Inside\"\nsource = \"inside\"\n".to_owned())];
    for set in SETS {
        let cache = match set.times() {
            None => "cache = { off = true }".to_owned(),
            Some(Times { ttl, revalidate, if_error }) => format!(
                "cache = {{ ttl_s = {ttl}, stale_while_revalidate_s = {revalidate}, \
                 stale_if_error_s = {if_error} }}"
            ),
        };
        let mut text = format!(
            "version = 1\nset = \"{0}\"\ntype = \"{0}Row\"\ntable = \"{1}\"\nkey = [\"Id\"]\npage_rows_max = {2}\n{cache}\n",
            set.name(),
            set.table(),
            set.page_rows()
        );
        for (name, column) in [
            ("Id", "id"),
            ("AccountId", "account_id"),
            ("Region", "region"),
            ("Word", "word"),
            ("Amount", "amount"),
            ("Stamp", "stamp"),
        ] {
            let of = if name == "Word" { "\"String\"\nmax_length = 20" } else { "\"Int32\"" };
            write!(text, "[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = {of}\nnullable = false\n")
                .unwrap();
        }
        let navigations: &[(&str, &str, &str, &str)] = match set {
            Set::Accounts => &[("Orders", "many", "Id", "AccountId"), ("Notes", "many", "Id", "AccountId")],
            Set::Orders => &[("Accounts", "one", "AccountId", "Id")],
            Set::Notes => &[],
        };
        for (name, to, local, remote) in navigations {
            write!(
                text,
                "[[navigation]]\nname = \"{name}\"\ntarget = \"{name}\"\nto = \"{to}\"\n\
                 join = {{ {local} = \"{remote}\" }}\n"
            )
            .unwrap();
        }
        files.push((set.table(), text));
    }
    files
}
