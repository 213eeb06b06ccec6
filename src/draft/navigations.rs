//! Turns foreign keys into navigation properties in both directions, and tables of pairs into links.
//!
//! # Decisions
//!
//! - All ways to one row are named before all ways to many: the shorter name goes to the foreign key's own side.
//! - A way to many is called after the set it leads to, and after the way back as well where several lead there.
//! - Foreign keys are taken in the order of their columns, since databases make up names for those that have none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalog::{ForeignKey, Relation};
use crate::model::raw::To;

use super::lock::{Place, Role, SeenRelation};
use super::names::{Spelled, spell};
use super::report::NoteKind;
use super::text::{pairs, quoted};
use super::work::{Link, Set, Work, shown};

/// A foreign key between two sets.
struct Way {
    from: usize,
    to: usize,
    identity: String,
    /// Property of the near type, property of the far type.
    pairs: BTreeMap<String, String>,
    spelled: Vec<Spelled>,
    /// Every row has a related one.
    always: bool,
    /// At most one row leads to a related one.
    unique: bool,
    forth: Option<String>,
    forth_exists: bool,
    back: Option<String>,
    back_exists: bool,
}

/// Adds navigation properties to all sets.
pub(super) fn take(work: &mut Work<'_>) {
    let places: HashMap<Place, usize> =
        work.sets.iter().enumerate().map(|(index, set)| (set.place.clone(), index)).collect();
    let mut ways = ways(work, &places);
    name_ways(work, &mut ways);
    for way in &ways {
        write_way(work, way);
    }
    for link in work.links.clone() {
        write_link(work, &link, &places);
    }
}

/// The foreign keys that are to become navigation properties, in a stable order.
fn ways(work: &mut Work<'_>, places: &HashMap<Place, usize>) -> Vec<Way> {
    let mut ways = Vec::new();
    for from in 0..work.sets.len() {
        let Some(set) = work.sets.get(from) else { continue };
        let (relation, place) = (set.relation, set.place.clone());
        let mut keys: Vec<_> = relation.foreign_keys.iter().map(|key| (identity(work, key), key)).collect();
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        keys.dedup_by(|a, b| a.0 == b.0);
        let before = work.before.relations.get(&place);
        let known = before.map(|before| before.foreign_keys.clone()).unwrap_or_default();
        // A file of which nothing was seen: what it lacks may be left out on purpose.
        let alone = set.held.is_some() && before.is_none();
        for (identity, key) in keys {
            if known.contains(&identity) || alone {
                remember(work, &place, identity);
                continue;
            }
            match way(work, from, key, identity, places) {
                Ok(way) => ways.push(way),
                Err(reason) => {
                    let about = format!("{}.{}", shown(&place), key.columns.join(","));
                    let target = shown(&work.target(key));
                    work.report.note(NoteKind::LeftOut, about, format!("foreign key to {target}: {reason}"));
                }
            }
        }
    }
    ways
}

fn remember(work: &mut Work<'_>, place: &Place, identity: String) {
    if let Some(seen) = work.seen(place) {
        seen.foreign_keys.insert(identity);
    }
}

/// What tells a foreign key from others, whatever its name.
fn identity(work: &Work<'_>, key: &ForeignKey) -> String {
    format!("{} -> {}({})", key.columns.join(", "), shown(&work.target(key)), key.remote.join(", "))
}

fn way(
    work: &Work<'_>,
    from: usize,
    key: &ForeignKey,
    identity: String,
    places: &HashMap<Place, usize>,
) -> Result<Way, String> {
    let set = work.sets.get(from).ok_or_else(String::new)?;
    let place = work.target(key);
    let to = *places.get(&place).ok_or_else(|| {
        let schema = place.0.as_deref().or(work.catalog.default_schema.as_deref());
        let wanted = work.options.wanted.matches(schema, &place.1);
        if wanted { "its table is not published" } else { "its table is not among those asked for" }
    })?;
    let target = work.sets.get(to).ok_or_else(String::new)?;
    if target.name.is_none() {
        return Err("its table is published as a singleton".to_owned());
    }
    let mut pairs = BTreeMap::new();
    let mut always = true;
    for (local, remote) in key.columns.iter().zip(&key.remote) {
        let near = set.members.get(local).ok_or_else(|| format!("column `{local}` is not published"))?;
        let far = target.members.get(remote).ok_or_else(|| format!("column `{remote}` of it is not published"))?;
        if !near.1.joins(&far.1) {
            let types = format!("`{local}` is published as {}, `{remote}` as {}", near.1.kind, far.1.kind);
            return Err(format!("{types}; joined properties are of one comparable type"));
        }
        always &= !near.1.nullable;
        pairs.insert(near.0.clone(), far.0.clone());
    }
    if pairs.len() != key.columns.len() || pairs.is_empty() {
        return Err("a column stands in it twice".to_owned());
    }
    let columns: BTreeSet<&String> = key.columns.iter().collect();
    let unique = set.relation.keys.iter().any(|unique| unique.columns.iter().all(|column| columns.contains(column)));
    let spelled = key.columns.iter().map(|column| spell(column)).collect();
    let rest = (None, false, None, false);
    let (forth, forth_exists, back, back_exists) = rest;
    Ok(Way { from, to, identity, pairs, spelled, always, unique, forth, forth_exists, back, back_exists })
}

/// Names both directions of all ways.
fn name_ways(work: &mut Work<'_>, ways: &mut [Way]) {
    for way in &mut *ways {
        way.forth = written(work, way.from, way.to, &way.pairs);
        way.forth_exists = way.forth.is_some();
        let back: BTreeMap<String, String> = way.pairs.iter().map(|(near, far)| (far.clone(), near.clone())).collect();
        way.back = written(work, way.to, way.from, &back)
            .filter(|name| way.forth.as_ref() != Some(name) || way.from != way.to);
        way.back_exists = way.back.is_some();
    }
    for way in &mut *ways {
        if way.forth_exists {
            continue;
        }
        let wanted = names_forth(way, &type_name(work, way.to));
        let identity = format!("forth {}", way.identity);
        let given = work.sets.get_mut(way.from).map(|set| set.names.give(&wanted, &identity));
        way.forth = given.map(|given| given.name);
    }
    let mut between: HashMap<(usize, usize), usize> = HashMap::new();
    for way in &*ways {
        *between.entry((way.from, way.to)).or_default() += 1;
    }
    for way in &mut *ways {
        if way.back_exists {
            continue;
        }
        let several = between.get(&(way.from, way.to)).is_some_and(|count| *count > 1);
        let forth = way.forth.clone().unwrap_or_default();
        let Some(from) = work.sets.get(way.from) else { continue };
        let plain =
            if way.unique { from.type_name.clone() } else { from.name.clone().unwrap_or(from.type_name.clone()) };
        let by = format!("{plain}By{forth}");
        let wanted = if way.from == way.to && forth == "Parent" {
            vec!["Children".to_owned(), by]
        } else if several || way.from == way.to {
            vec![by]
        } else {
            vec![plain, by]
        };
        let identity = format!("back {}", way.identity);
        let given = work.sets.get_mut(way.to).map(|set| set.names.give(&wanted, &identity));
        way.back = given.map(|given| given.name);
    }
}

/// The names that a way to one row may have, best first.
fn names_forth(way: &Way, target: &str) -> Vec<String> {
    match &*way.spelled {
        [only] => {
            let base = only.without_key_word().unwrap_or_else(|| only.clone()).joined();
            vec![base.clone(), format!("{base}Ref")]
        }
        several => {
            let columns: String = several.iter().map(Spelled::joined).collect();
            vec![target.to_owned(), format!("{target}By{columns}")]
        }
    }
}

fn type_name(work: &Work<'_>, set: usize) -> String {
    work.sets.get(set).map(|set| set.type_name.clone()).unwrap_or_default()
}

/// The navigation property of an existing file that goes this way already.
fn written(work: &Work<'_>, from: usize, to: usize, pairs: &BTreeMap<String, String>) -> Option<String> {
    let held = work.held.get(work.sets.get(from)?.held?)?;
    let target = work.sets.get(to)?.name.as_deref()?;
    let navigations = held.entity.navigations.iter();
    let mut same = navigations.filter(|it| it.target == target && it.join.as_ref() == Some(pairs));
    same.next().map(|it| it.name.clone())
}

fn write_way(work: &mut Work<'_>, way: &Way) {
    let (Some(forth), Some(back)) = (&way.forth, &way.back) else { return };
    let pairs_of = |swapped: bool| {
        let both = way.pairs.iter().map(|(near, far)| (near.as_str(), far.as_str()));
        if swapped { pairs(both.map(|(near, far)| (far, near))) } else { pairs(both) }
    };
    let source = work.sets.get(way.from).and_then(|set| set.name.clone());
    let target = work.sets.get(way.to).and_then(|set| set.name.clone()).unwrap_or_default();
    let mut place = None;
    if !way.forth_exists {
        let mut lines = vec![("name", quoted(forth)), ("target", quoted(&target)), ("to", quoted("one"))];
        if way.always {
            lines.push(("nullable", "false".to_owned()));
        }
        // There is no way back to a singleton.
        if source.is_some() {
            lines.push(("partner", quoted(back)));
        }
        lines.push(("join", pairs_of(false)));
        add(work, way.from, "navigation", &lines, &way.identity, forth);
    }
    if !way.back_exists
        && let Some(source) = source
    {
        let to = if way.unique { To::One } else { To::Many };
        let to = if to == To::One { "one" } else { "many" };
        let lines = [
            ("name", quoted(back)),
            ("target", quoted(&source)),
            ("to", quoted(to)),
            ("partner", quoted(forth)),
            ("join", pairs_of(true)),
        ];
        add(work, way.to, "navigation", &lines, &way.identity, back);
    }
    if let Some(set) = work.sets.get(way.from) {
        place = Some(set.place.clone());
    }
    if let Some(place) = place {
        remember(work, &place, way.identity.clone());
    }
}

fn add(work: &mut Work<'_>, set: usize, table: &str, lines: &[(&str, String)], identity: &str, name: &str) {
    let mut block = format!("[[{table}]]\n");
    for (key, value) in lines {
        block.push_str(key);
        block.push_str(" = ");
        block.push_str(value);
        block.push('\n');
    }
    let Some(set) = work.sets.get_mut(set) else { return };
    set.blocks.push(block);
    if set.held.is_some() {
        let text = format!("navigation property `{name}` added: {identity}");
        let (about, file) = (shown(&set.place), set.file.clone());
        work.report.note_in(NoteKind::Added, about, (&file, ""), text);
    }
}

/// Adds the navigation properties over a table of pairs, to both of its ends.
fn write_link(work: &mut Work<'_>, link: &Link<'_>, places: &HashMap<Place, usize>) {
    if let Some(seen) = work.before.relations.get(&link.place).filter(|seen| seen.role == Role::Link) {
        let seen = seen.clone();
        work.now.relations.insert(link.place.clone(), seen);
        return;
    }
    let ends = places.get(&work.target(link.near)).zip(places.get(&work.target(link.far)));
    let Some((&near, &far)) = ends else { return };
    let sides =
        side(work, link.relation, link.near, near).and_then(|one| Ok((one, side(work, link.relation, link.far, far)?)));
    let (near_pairs, far_pairs) = match sides {
        Ok(sides) => sides,
        Err(reason) => {
            work.report.note(NoteKind::LeftOut, shown(&link.place), format!("table of pairs: {reason}"));
            return;
        }
    };
    let name_of = |work: &Work<'_>, set: usize| work.sets.get(set).and_then(|set| set.name.clone()).unwrap_or_default();
    let (near_set, far_set) = (name_of(work, near), name_of(work, far));
    let by = spell(&link.relation.name).joined();
    let mut give = |set: usize, other: &str, lead: &ForeignKey, identity: &str| {
        let lead = match &*lead.columns {
            [only] => spell(only),
            _ => spell(&link.relation.name),
        };
        let lead = lead.without_key_word().unwrap_or(lead).joined();
        let wanted = if near == far {
            vec![format!("{lead}{other}"), format!("{other}By{by}{lead}")]
        } else {
            vec![other.to_owned(), format!("{other}By{by}")]
        };
        let identity = format!("{identity} {}", shown(&link.place));
        work.sets.get_mut(set).map(|set| set.names.give(&wanted, &identity).name).unwrap_or_default()
    };
    let forth = give(near, &far_set, link.far, "forth");
    let back = give(far, &near_set, link.near, "back");
    for (set, name, partner, target, near, far) in [
        (near, &forth, &back, &far_set, &near_pairs, &far_pairs),
        (far, &back, &forth, &near_set, &far_pairs, &near_pairs),
    ] {
        let mut block = String::from("[[navigation]]\n");
        let mut lines = vec![
            format!("name = {}", quoted(name)),
            format!("target = {}", quoted(target)),
            "to = \"many\"".to_owned(),
            format!("partner = {}", quoted(partner)),
            String::new(),
            "[navigation.link]".to_owned(),
            format!("table = {}", quoted(&link.relation.name)),
        ];
        lines.extend(link.place.0.as_deref().map(|schema| format!("schema = {}", quoted(schema))));
        for (key, side) in [("near", near), ("far", far)] {
            lines
                .push(format!("{key} = {}", pairs(side.iter().map(|(column, name)| (column.as_str(), name.as_str())))));
        }
        for line in lines {
            block.push_str(&line);
            block.push('\n');
        }
        let Some(set) = work.sets.get_mut(set) else { continue };
        set.blocks.push(block);
        if set.held.is_some() {
            let (about, file) = (shown(&link.place), set.file.clone());
            let text = format!("navigation property `{name}` added over this table of pairs");
            work.report.note_in(NoteKind::Added, about, (&file, ""), text);
        }
    }
    work.now.relations.insert(link.place.clone(), SeenRelation::new(Role::Link));
}

/// One side of a table of pairs: its columns and the properties that they hold.
fn side(
    work: &Work<'_>,
    relation: &Relation,
    key: &ForeignKey,
    end: usize,
) -> Result<BTreeMap<String, String>, String> {
    let set: &Set<'_> = work.sets.get(end).ok_or_else(String::new)?;
    if set.name.is_none() {
        return Err("one end is a singleton".to_owned());
    }
    let mut side = BTreeMap::new();
    for (local, remote) in key.columns.iter().zip(&key.remote) {
        let far = set.members.get(remote).ok_or_else(|| format!("column `{remote}` of an end is not published"))?;
        let column = super::keys::column_of(relation, local).ok_or_else(|| format!("there is no column `{local}`"))?;
        let near =
            super::form::offered(column, false, true, true).map_err(|reason| format!("column `{local}`: {reason}"))?;
        if !near.form.joins(&far.1) {
            return Err(format!("`{local}` and `{remote}` are of different types"));
        }
        side.insert(local.clone(), far.0.clone());
    }
    Ok(side)
}
