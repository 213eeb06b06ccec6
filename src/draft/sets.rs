//! Decides which relations become sets, which become links between two sets, and which neither; and what the sets,
//! their types and their files are called.

use std::collections::{HashMap, HashSet};

use crate::catalog::{ForeignKey, Relation, RelationKind};
use crate::model::raw::{OPERATIONS_FILE, SERVICE_FILE, TYPES_FILE};

use super::keys::{self, KeysOfTables};
use super::lock::{Place, Role, SeenRelation};
use super::names::{Names, singular, snake, spell};
use super::report::NoteKind;
use super::work::{Link, Set, Work};

/// What a relation is to become.
enum Fate<'a> {
    Set(Vec<&'a str>),
    Link,
    Nothing,
}

/// Finds the sets and links of the catalogue, held ones and new ones.
pub(super) fn decide(work: &mut Work<'_>) {
    let mut held: HashMap<Place, usize> = HashMap::new();
    for (place, file) in work.held.iter().enumerate() {
        if let Some(lies) = work.place_of_file(&file.entity) {
            held.entry(lies).or_insert(place);
        }
    }
    let led_to: HashSet<Place> =
        work.catalog.relations.iter().flat_map(|it| &it.foreign_keys).map(|key| work.target(key)).collect();
    let keys_of_tables = KeysOfTables::of(work.catalog);
    let mut relations: Vec<&Relation> = work.catalog.relations.iter().collect();
    // Those without a schema come first: of equal names, theirs are the plain ones.
    relations.sort_by_cached_key(|relation| work.place_of(relation));

    let mut fates = Vec::with_capacity(relations.len());
    let mut sets: HashSet<Place> = held.keys().cloned().collect();
    for relation in &relations {
        let place = work.place_of(relation);
        let fate = if held.contains_key(&place) {
            Fate::Nothing
        } else if let Some(role) = work.before.relations.get(&place).map(|seen| seen.role) {
            // Seen and without a file: a link, or taken out by a person.
            if role == Role::Link && is_link(relation) { Fate::Link } else { gone_by_hand(work, relation, role) }
        } else if !relation.readable {
            let reason = "the user of the source may not read it; grant it SELECT";
            work.report.note(NoteKind::LeftOut, work.shown(relation), reason);
            Fate::Nothing
        } else if is_link(relation) && !led_to.contains(&place) {
            Fate::Link
        } else {
            to_be_set(work, relation, &keys_of_tables)
        };
        if matches!(fate, Fate::Set(_)) {
            sets.insert(place);
        }
        fates.push(fate);
    }

    let mut names = Taken::of(work);
    for (relation, fate) in relations.into_iter().zip(fates) {
        let place = work.place_of(relation);
        if let Some(index) = held.get(&place) {
            let set = Set::held(relation, place, *index, work);
            work.sets.push(set);
            continue;
        }
        let fate = match fate {
            Fate::Link if relation.foreign_keys.iter().all(|key| sets.contains(&work.target(key))) => Fate::Link,
            Fate::Link => to_be_set(work, relation, &keys_of_tables),
            other => other,
        };
        match fate {
            Fate::Set(key) => {
                let set = names.name(work, relation, place, &key);
                work.sets.push(set);
            }
            Fate::Link => {
                if let [near, far] = &*relation.foreign_keys {
                    work.links.push(Link { relation, place, near, far });
                }
            }
            Fate::Nothing => {}
        }
    }
}

fn gone_by_hand<'a>(work: &mut Work<'_>, relation: &'a Relation, role: Role) -> Fate<'a> {
    if role == Role::Link {
        let text = "it has become more than a table of pairs; the navigation properties that use it stay. To get a set, \
                    take its entry out of introspect.lock";
        work.report.note(NoteKind::Suggestion, work.shown(relation), text);
    }
    Fate::Nothing
}

fn to_be_set<'a>(work: &mut Work<'a>, relation: &'a Relation, keys_of_tables: &KeysOfTables<'a>) -> Fate<'a> {
    match keys::choose(relation, work.declared_key(relation)) {
        Ok(key) => Fate::Set(key),
        Err(reason) => {
            let suggested = keys_of_tables.suggest(relation);
            let named = work.shown(relation);
            let hint = match suggested {
                Some((columns, table)) => format!(
                    "if its rows are known by the key of `{}`, say --key '{named}={}'",
                    table.name,
                    columns.join(",")
                ),
                None => format!("if some columns are unique and never null, say --key '{named}=column,column'"),
            };
            work.report.note(NoteKind::LeftOut, work.shown(relation), format!("{reason}; {hint}"));
            Fate::Nothing
        }
    }
}

/// Whether a table holds pairs and nothing else: two foreign keys that together are its key and all its columns.
fn is_link(relation: &Relation) -> bool {
    let table = matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned);
    let [one, other] = &*relation.foreign_keys else { return false };
    let of = |key: &ForeignKey| -> Vec<String> { key.columns.clone() };
    let mut paired = [of(one), of(other)].concat();
    paired.sort_unstable();
    let mut all: Vec<_> = relation.columns.iter().map(|column| column.name.clone()).collect();
    all.sort_unstable();
    let is_key = relation.keys.iter().any(|key| {
        let mut columns = key.columns.clone();
        columns.sort_unstable();
        columns == all
    });
    table && relation.readable && paired == all && is_key
}

/// The names that sets, types and files have.
struct Taken {
    sets: Names,
    types: Names,
    files: HashSet<String>,
}

impl Taken {
    fn of(work: &Work<'_>) -> Taken {
        let (mut sets, mut types) = (Names::default(), Names::default());
        for held in &work.held {
            sets.reserve(held.name());
            types.reserve(&held.entity.entity_type);
            held.entity.derived.iter().for_each(|derived| types.reserve(&derived.name));
        }
        for name in &work.names.sets {
            sets.reserve(name);
        }
        for name in &work.names.types {
            types.reserve(name);
        }
        let reserved = [SERVICE_FILE, TYPES_FILE, OPERATIONS_FILE].map(str::to_owned);
        let files = work.names.files.iter().map(|file| file.to_lowercase()).chain(reserved).collect();
        Taken { sets, types, files }
    }

    fn name<'a>(&mut self, work: &mut Work<'_>, relation: &'a Relation, place: Place, key: &[&'a str]) -> Set<'a> {
        let spelled = spell(&relation.name);
        let identity = format!("{}\u{0}{}", place.0.as_deref().unwrap_or_default(), place.1);
        let mut wanted = vec![spelled.joined(), spelled.apart()];
        if let Some(schema) = place.0.as_deref().filter(|_| !spelled.is_empty()) {
            wanted.insert(1, spell(&format!("{schema} {}", relation.name)).joined());
        }
        let given = self.sets.give(&wanted, &identity);
        let type_name =
            self.types.give(&[singular(&given.name), given.name.clone(), format!("{}Row", given.name)], &identity).name;
        let base = self.file(&snake(&type_name));
        let file = work.file(&base);
        work.named(&given, spelled.lost, &work.shown(relation), (&file, "set"));
        work.now.relations.insert(place.clone(), SeenRelation::new(Role::Set));
        let key = key.iter().map(|column| (*column).to_owned()).collect();
        Set::new(relation, place, (file, given.name, type_name), key)
    }

    fn file(&mut self, base: &str) -> String {
        let mut file = format!("{base}.toml");
        for number in 2.. {
            if self.files.insert(file.clone()) {
                break;
            }
            file = format!("{base}_{number}.toml");
        }
        file
    }
}
