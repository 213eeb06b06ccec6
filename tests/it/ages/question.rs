//! A request as data: how it is spelled, and what the right answer is over given states of the tables. Nothing here is
//! taken from the server.

use std::cmp::Ordering;
use std::fmt::Write;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::history::{Row, Rows, Set, WORDS};
use super::rights::Rights;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    AccountId,
    Region,
    Word,
    Amount,
    Stamp,
}

pub(crate) const COLUMNS: [Column; 6] =
    [Column::Id, Column::AccountId, Column::Region, Column::Word, Column::Amount, Column::Stamp];

impl Column {
    fn of(self, row: &Row) -> Value {
        match self {
            Column::Id => json!(row.id),
            Column::AccountId => json!(row.account),
            Column::Region => json!(row.region),
            Column::Word => json!(row.word),
            Column::Amount => json!(row.amount),
            Column::Stamp => json!(row.stamp),
        }
    }

    fn compare(self, left: &Row, right: &Row) -> Ordering {
        match self {
            Column::Word => left.word.cmp(&right.word),
            _ => self.of(left).as_i64().cmp(&self.of(right).as_i64()),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Filter {
    Region(i64),
    AmountAbove(i64),
    Word(&'static str),
    Both(i64, i64),
}

impl Filter {
    fn keeps(&self, row: &Row) -> bool {
        match self {
            Filter::Region(region) => row.region == *region,
            Filter::AmountAbove(amount) => row.amount > *amount,
            Filter::Word(word) => row.word == *word,
            Filter::Both(region, amount) => row.region >= *region && row.amount != *amount,
        }
    }

    fn text(&self) -> String {
        match self {
            Filter::Region(region) => format!("Region eq {region}"),
            Filter::AmountAbove(amount) => format!("Amount gt {amount}"),
            Filter::Word(word) => format!("Word eq '{word}'"),
            Filter::Both(region, amount) => format!("Region ge {region} and Amount ne {amount}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    column: Column,
    descending: bool,
}

/// The options of a collection.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) filter: Option<Filter>,
    order: Vec<Item>,
    /// Empty: all.
    select: Vec<Column>,
    top: Option<usize>,
    skip: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Form {
    Page { count: Option<bool>, expand: Option<(Set, List)> },
    Count,
    Entity(i64, Option<(Set, List)>),
    Property(i64),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) set: Set,
    /// The entity from which a navigation leads to the set.
    pub(crate) via: Option<(Set, i64)>,
    pub(crate) form: Form,
    list: List,
    /// `odata.metadata=none` instead of `minimal`.
    pub(crate) bare: bool,
    /// `Prefer: maxpagesize`.
    pub(crate) page_rows: Option<usize>,
    /// The page behind this row, with the link that leads to it.
    pub(crate) after: Option<(Row, String)>,
}

/// The right answer over certain states.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    /// The rows, and the last of them if there is a next page.
    Rows(Vec<Value>, Option<Row>),
    One(Value),
    Status(u16),
}

/// The states over which an answer is made up.
#[derive(Clone, Copy)]
pub(crate) struct States<'a> {
    /// Of the set itself.
    pub(crate) rows: &'a Rows,
    /// Of the set of [`Question::via`], if there is one.
    pub(crate) parents: Option<&'a Rows>,
    /// Of the expanded set, if there is one.
    pub(crate) children: Option<&'a Rows>,
}

/// Which rows the path of a request leads to.
#[derive(Clone, Copy)]
enum Wanted {
    All,
    With(Column, i64),
}

impl Wanted {
    fn includes(self, row: &Row) -> bool {
        match self {
            Wanted::All => true,
            Wanted::With(column, value) => column.of(row) == json!(value),
        }
    }
}

impl Question {
    pub(crate) fn expanded(&self) -> Option<(Set, &List)> {
        match &self.form {
            Form::Page { expand, .. } | Form::Entity(_, expand) => expand.as_ref().map(|(set, list)| (*set, list)),
            Form::Count | Form::Property(_) => None,
        }
    }

    /// The sets on which the answer depends.
    pub(crate) fn sets(&self) -> Vec<Set> {
        let mut sets = vec![self.set];
        sets.extend(self.via.map(|(set, _)| set));
        sets.extend(self.expanded().map(|(set, _)| set));
        sets
    }

    /// Whether the answer says how many there are in all.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.form, Form::Count | Form::Page { count: Some(true), .. })
    }

    /// The target below the service root.
    pub(crate) fn target(&self) -> String {
        if let Some((_, link)) = &self.after {
            return link.clone();
        }
        let mut path = self.via.map_or_else(String::new, |(set, key)| format!("{}({key})/", set.name()));
        path += self.set.name();
        let mut options = self.list.options();
        match &self.form {
            Form::Page { count, expand } => {
                options.extend(count.map(|count| format!("$count={count}")));
                options.extend(expand.as_ref().map(expand_text));
            }
            Form::Count => path += "/$count",
            Form::Entity(key, expand) => {
                write!(path, "({key})").unwrap();
                options.extend(expand.as_ref().map(expand_text));
            }
            Form::Property(key) => write!(path, "({key})/Amount").unwrap(),
        }
        let options = options.join("&").replace(' ', "%20");
        if options.is_empty() { path } else { format!("{path}?{options}") }
    }

    /// The right answer, the total left out, for a caller with these rights. `None`: the caller sees none of a set.
    pub(crate) fn expected(&self, rights: Rights, states: States<'_>) -> Expected {
        let Some(wanted) = self.wanted(rights, states) else { return Expected::Status(404) };
        let mut rows: Vec<&Row> = states.rows.values().filter(|row| self.matches(rights, row, wanted)).collect();
        match &self.form {
            Form::Count => panic!("a count has no rows"),
            Form::Property(key) => match rows.iter().find(|row| row.id == *key) {
                Some(row) => Expected::One(json!({ "value": row.amount })),
                None => Expected::Status(404),
            },
            Form::Entity(key, _) => match rows.iter().find(|row| row.id == *key) {
                Some(row) => Expected::One(self.object(rights, row, states)),
                None => Expected::Status(404),
            },
            Form::Page { .. } => {
                if self.is_to_one() {
                    return match rows.first() {
                        Some(row) => Expected::One(self.object(rights, row, states)),
                        None => Expected::Status(204),
                    };
                }
                let order = self.list.whole_order();
                rows.sort_by(|left, right| compare(&order, left, right));
                if let Some((last, _)) = &self.after {
                    rows.retain(|row| compare(&order, last, row) == Ordering::Less);
                }
                let skipped = rows.split_off(self.list.skip.unwrap_or(0).min(rows.len()));
                let left = self.list.top.unwrap_or(usize::MAX);
                let page_rows = self.set.page_rows().min(self.page_rows.unwrap_or(usize::MAX));
                let page: Vec<&Row> = skipped.iter().copied().take(page_rows.min(left)).collect();
                let has_next = skipped.len() > page.len() && left > page.len();
                let next = page.last().filter(|_| has_next).map(|row| (*row).clone());
                Expected::Rows(page.into_iter().map(|row| self.object(rights, row, states)).collect(), next)
            }
        }
    }

    /// How many there are in all; `None` if the caller sees none of a set, or if there is no such parent.
    pub(crate) fn total(&self, rights: Rights, rows: &Rows, parents: Option<&Rows>) -> Option<usize> {
        let wanted = self.wanted(rights, States { rows, parents, children: None })?;
        Some(rows.values().filter(|row| self.matches(rights, row, wanted)).count())
    }

    /// The request for the page behind one that ends with this row, of which `link` was given.
    pub(crate) fn next(&self, last: Row, rows: usize, link: String) -> Question {
        let mut next = self.clone();
        next.list.skip = None;
        next.list.top = self.list.top.map(|top| top - rows);
        next.after = Some((last, link));
        next
    }

    fn is_to_one(&self) -> bool {
        self.via.is_some_and(|(set, _)| set == Set::Orders)
    }

    /// What the navigation of the path demands of a row; `None` if its parent is not to be seen.
    fn wanted(&self, rights: Rights, states: States<'_>) -> Option<Wanted> {
        let Some((set, key)) = self.via else { return Some(Wanted::All) };
        let parent = states.parents?.get(&key).filter(|parent| rights.shows(set, parent))?;
        Some(if self.is_to_one() {
            Wanted::With(Column::Id, parent.account)
        } else {
            Wanted::With(Column::AccountId, parent.id)
        })
    }

    fn matches(&self, rights: Rights, row: &Row, wanted: Wanted) -> bool {
        rights.shows(self.set, row)
            && wanted.includes(row)
            && self.list.filter.as_ref().is_none_or(|filter| filter.keeps(row))
    }

    fn object(&self, rights: Rights, row: &Row, states: States<'_>) -> Value {
        let mut object = self.list.properties(row);
        if let (Some((set, list)), Some(children)) = (self.expanded(), states.children) {
            let mut found: Vec<&Row> = children
                .values()
                .filter(|child| if self.set == Set::Orders { child.id == row.account } else { child.account == row.id })
                .filter(|child| rights.shows(set, child) && list.filter.as_ref().is_none_or(|f| f.keeps(child)))
                .collect();
            let order = list.whole_order();
            found.sort_by(|left, right| compare(&order, left, right));
            found.truncate(list.top.unwrap_or(usize::MAX));
            let mut found: Vec<Value> = found.into_iter().map(|child| Value::Object(list.properties(child))).collect();
            let member = if self.set == Set::Orders { found.pop().unwrap_or_default() } else { Value::Array(found) };
            object.insert(set.name().to_owned(), member);
        }
        Value::Object(object)
    }
}

impl List {
    fn properties(&self, row: &Row) -> Map<String, Value> {
        let columns = if self.select.is_empty() { &COLUMNS[..] } else { &self.select };
        columns.iter().map(|column| (format!("{column:?}"), column.of(row))).collect()
    }

    fn whole_order(&self) -> Vec<Item> {
        let descending = self.order.last().is_some_and(|item| item.descending);
        let key = Item { column: Column::Id, descending };
        self.order.iter().copied().chain([key]).collect()
    }

    fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        options.extend(self.filter.as_ref().map(|filter| format!("$filter={}", filter.text())));
        if !self.order.is_empty() {
            let item = |item: &Item| format!("{:?}{}", item.column, if item.descending { " desc" } else { "" });
            options.push(format!("$orderby={}", self.order.iter().map(item).collect::<Vec<_>>().join(",")));
        }
        if !self.select.is_empty() {
            let names: Vec<String> = self.select.iter().map(|column| format!("{column:?}")).collect();
            options.push(format!("$select={}", names.join(",")));
        }
        options.extend(self.top.map(|top| format!("$top={top}")));
        options.extend(self.skip.map(|skip| format!("$skip={skip}")));
        options
    }
}

fn expand_text((set, list): &(Set, List)) -> String {
    let options = list.options();
    let options = if options.is_empty() { String::new() } else { format!("({})", options.join(";")) };
    format!("$expand={}{options}", set.name())
}

fn compare(order: &[Item], left: &Row, right: &Row) -> Ordering {
    let mut orders = order.iter().map(|item| {
        let order = item.column.compare(left, right);
        if item.descending { order.reverse() } else { order }
    });
    orders.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
}

fn filters() -> impl Strategy<Value = Filter> {
    prop_oneof![
        (1..=3_i64).prop_map(Filter::Region),
        (0..=4_i64).prop_map(Filter::AmountAbove),
        select(&WORDS[..]).prop_map(Filter::Word),
        (1..=3_i64, 0..=4_i64).prop_map(|(region, amount)| Filter::Both(region, amount)),
    ]
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (select(vec![Column::Region, Column::Word, Column::Amount]), any::<bool>());
    let item = item.prop_map(|(column, descending)| Item { column, descending });
    prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(item, 1)]
}

fn lists() -> impl Strategy<Value = List> {
    let columns = prop_oneof![
        2 => Just(Vec::new()),
        2 => subsequence(COLUMNS.to_vec(), 1..4),
        1 => Just(vec![Column::Stamp, Column::Id]),
    ];
    let parts = (option::weighted(0.5, filters()), items(), columns, option::weighted(0.3, 1..6_usize));
    (parts, option::weighted(0.2, 0..4_usize)).prop_map(|((filter, order, select, top), skip)| List {
        filter,
        order,
        select,
        top,
        skip,
    })
}

fn expansions(set: Set) -> BoxedStrategy<Option<(Set, List)>> {
    let list = lists().prop_map(|list| List { skip: None, ..list });
    match set {
        Set::Accounts => {
            let target = prop_oneof![4 => Just(Set::Orders), 1 => Just(Set::Notes)];
            option::weighted(0.35, (target, list)).boxed()
        }
        // One related entity has nothing to be filtered or sorted.
        Set::Orders => {
            let one = list.prop_map(|list| (Set::Accounts, List { select: list.select, ..List::default() }));
            option::weighted(0.35, one).boxed()
        }
        Set::Notes => Just(None).boxed(),
    }
}

pub(crate) fn questions() -> impl Strategy<Value = Question> {
    let places = prop_oneof![
        6 => Just((Set::Orders, None)),
        4 => Just((Set::Accounts, None)),
        1 => Just((Set::Notes, None)),
        2 => (1..=5_i64).prop_map(|key| (Set::Orders, Some((Set::Accounts, key)))),
        1 => (1..=9_i64).prop_map(|key| (Set::Accounts, Some((Set::Orders, key)))),
    ];
    let with_set = places.prop_flat_map(|(set, via)| {
        let page = (option::weighted(0.6, prop::bool::weighted(0.9)), expansions(set))
            .prop_map(|(count, expand)| Form::Page { count, expand });
        let entity = (1..=9_i64, expansions(set)).prop_map(|(key, expand)| Form::Entity(key, expand));
        let forms = prop_oneof![
            6 => page,
            2 => Just(Form::Count),
            2 => entity,
            1 => (1..=9_i64).prop_map(Form::Property),
        ];
        (Just(set), Just(via), forms)
    });
    let more = (prop::bool::weighted(0.15), option::weighted(0.1, 1..4_usize));
    (with_set, lists(), more).prop_map(|((set, via, form), mut list, (bare, page_rows))| {
        // What has no meaning beside the form is left out: the server would refuse it.
        let form = match (form, via) {
            (Form::Page { expand, .. }, Some((Set::Orders, _))) => {
                list = List { select: list.select, ..List::default() };
                Form::Page { count: None, expand }
            }
            (_, Some((Set::Orders, _))) => {
                list = List { select: list.select, ..List::default() };
                Form::Page { count: None, expand: None }
            }
            (Form::Entity(..) | Form::Property(_), Some(_)) => Form::Page { count: Some(true), expand: None },
            (form, _) => form,
        };
        match &form {
            Form::Page { .. } => {}
            Form::Count => list = List { filter: list.filter, ..List::default() },
            Form::Entity(..) => list = List { select: list.select, ..List::default() },
            Form::Property(_) => list = List::default(),
        }
        Question { set, via, form, list, bare, page_rows, after: None }
    })
}
