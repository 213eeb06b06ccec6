//! Drafted navigation properties, compared with the joins that SQL makes: `$expand` gives exactly the pairs of keys
//! that the join gives.

use std::collections::BTreeSet;

use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::TestServer;

use super::draft::{Drafted, Navigation, Over};
use super::tables::in_sql;
use super::value::{Expected, Spelling, key_text};

/// The rows of a drafted schema.
pub(crate) struct Ways<'a> {
    pub(crate) database: &'a Database,
    pub(crate) server: &'a TestServer,
    pub(crate) root: &'a str,
    pub(crate) sets: &'a [Drafted],
    /// The declared type of a column.
    pub(crate) declared: &'a dyn Fn(&Drafted, &str) -> String,
}

/// A key of the near set and one of the far set.
type Pair = (Vec<String>, Vec<String>);

impl Ways<'_> {
    fn column(&self, alias: &str, name: &str) -> String {
        format!("{alias}.{}", crate::introspect::schema::quoted(self.database.kind, name))
    }

    fn table(&self, set: &Drafted) -> String {
        in_sql(self.database.kind, set.schema.as_deref(), &set.table)
    }

    fn target(&self, navigation: &Navigation) -> &Drafted {
        self.sets.iter().find(|set| set.set == navigation.target).unwrap_or_else(|| panic!("{}", navigation.target))
    }

    /// The key of a row that SQL tells.
    fn told(&self, set: &Drafted, told: &[String]) -> Vec<Expected> {
        let columns = set.key().into_iter().zip(told);
        columns
            .map(|(property, told)| {
                let declared = (self.declared)(set, &property.column);
                Spelling { kind: self.database.kind, declared: &declared, property, exact: false }.expected(told)
            })
            .collect()
    }

    fn key_in_sql(&self, set: &Drafted, alias: &str) -> Vec<String> {
        let texts = set.key().into_iter().map(|property| {
            let declared = (self.declared)(set, &property.column);
            let spelling = Spelling { kind: self.database.kind, declared: &declared, property, exact: false };
            spelling.sql(&self.column(alias, &property.column))
        });
        texts.collect()
    }

    fn joined(&self, set: &Drafted, navigation: &Navigation) -> (BTreeSet<Pair>, Vec<Expected>) {
        let target = self.target(navigation);
        let (near, far) = (self.table(set), self.table(target));
        let is = |left: (&str, &str), right: (&str, &str)| {
            format!("{} = {}", self.column(left.0, left.1), self.column(right.0, right.1))
        };
        let from = match &navigation.over {
            Over::Join(pairs) => {
                let on = pairs
                    .iter()
                    .map(|(here, there)| is(("a", &set.property(here).column), ("b", &target.property(there).column)));
                format!("{near} a join {far} b on {}", on.collect::<Vec<_>>().join(" and "))
            }
            Over::Link { table, schema, near: here, far: there } => {
                let link = in_sql(self.database.kind, schema.as_deref(), table);
                let one = here.iter().map(|(column, name)| is(("l", column), ("a", &set.property(name).column)));
                let other = there.iter().map(|(column, name)| is(("l", column), ("b", &target.property(name).column)));
                let [one, other] = [one.collect::<Vec<_>>(), other.collect()].map(|on| on.join(" and "));
                format!("{near} a join {link} l on {one} join {far} b on {other}")
            }
        };
        let [here, there] = [self.key_in_sql(set, "a"), self.key_in_sql(target, "b")];
        let width = here.len();
        let rows = self.database.rows(&format!("select {} from {from}", [here, there].concat().join(", ")));
        let mut pairs = BTreeSet::new();
        let mut shape = Vec::new();
        let texts = |key: &[Expected]| key.iter().map(Expected::in_key).collect::<Vec<_>>();
        for row in rows {
            let (here, there) = (self.told(set, &row[..width]), self.told(target, &row[width..]));
            pairs.insert((texts(&here), texts(&there)));
            shape = [here, there].concat();
        }
        (pairs, shape)
    }

    /// All rows along the next links.
    fn rows(&self, target: &str) -> Result<Vec<Json>, String> {
        let mut next = target.to_owned();
        let mut rows = Vec::new();
        loop {
            let response = self.server.get(&next);
            if response.status != 200 {
                return Err(format!("GET {next}: {} {}", response.status, response.text()));
            }
            let page = Json::read(response.text()).unwrap();
            rows.extend_from_slice(page.get("value").and_then(Json::as_array).unwrap());
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => next = self.server.target_of(link).to_owned(),
                None => return Ok(rows),
            }
        }
    }

    /// Compares one navigation property; how many pairs there are, or what differs.
    pub(crate) fn compare(&self, set: &Drafted, navigation: &Navigation) -> Result<usize, String> {
        let target = self.target(navigation);
        let (expected, shape) = self.joined(set, navigation);
        let name = &navigation.name;
        let ask = format!("$select={}&$expand={name}($select={})", set.key.join(","), target.key.join(","));
        let mut found = BTreeSet::new();
        let key = |of: &Drafted, row: &Json, shape: &[Expected]| -> Vec<String> {
            let values = of.key.iter().enumerate();
            values
                .map(|(place, name)| key_text(shape.get(place).unwrap_or(&Expected::Null), row.get(name).unwrap()))
                .collect()
        };
        let width = set.key.len().min(shape.len());
        for row in self.rows(&format!("{}{}?{ask}", self.root, set.set))? {
            let mut related = match row.get(name) {
                Some(Json::Array(rows)) if navigation.to_many => rows.clone(),
                Some(Json::Null) if !navigation.to_many => Vec::new(),
                Some(one @ Json::Object(_)) if !navigation.to_many => vec![one.clone()],
                other => return Err(format!("{}/{name}: {other:?}", set.set)),
            };
            if let Some(link) = row.get(&format!("{name}@odata.nextLink")).and_then(Json::as_str) {
                related.extend(self.rows(self.server.target_of(link))?);
            }
            for other in related {
                found.insert((key(set, &row, &shape[..width]), key(target, &other, &shape[width..])));
            }
        }
        if found == expected {
            return Ok(found.len());
        }
        let only = |one: &BTreeSet<Pair>, other: &BTreeSet<Pair>| {
            one.difference(other).take(3).map(|pair| format!("{pair:?}")).collect::<Vec<_>>().join(" ")
        };
        let (more, fewer) = (only(&found, &expected), only(&expected, &found));
        Err(format!("{}/{name}: too many pairs: {more}; missing: {fewer}", set.set))
    }
}

/// Whether a file follows a foreign key in one direction: the same pairs of columns.
pub(super) fn follows(near: &Drafted, far: &Drafted, pairs: &[(String, String)], to_many: Option<bool>) -> bool {
    let mut wanted = pairs.to_vec();
    wanted.sort();
    near.navigations.iter().any(|navigation| {
        let Over::Join(join) = &navigation.over else { return false };
        let columns =
            join.iter().map(|(here, there)| (near.property(here).column.clone(), far.property(there).column.clone()));
        navigation.target == far.set && to_many.is_none_or(|to_many| navigation.to_many == to_many) && {
            let mut columns: Vec<_> = columns.collect();
            columns.sort();
            columns == wanted
        }
    })
}

/// Whether a table has become the link of navigation properties on both sides.
pub(super) fn is_link(sets: &[Drafted], kind: Kind, table: &str, schema: Option<&str>) -> bool {
    let place = in_sql(kind, schema, table);
    let over = sets.iter().flat_map(|set| &set.navigations).filter(|navigation| match &navigation.over {
        Over::Link { table, schema, .. } => in_sql(kind, schema.as_deref(), table) == place,
        Over::Join(_) => false,
    });
    over.count() == 2
}
