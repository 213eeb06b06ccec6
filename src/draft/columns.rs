//! Turns columns into properties: all of a new set, and what is new, changed or gone of one whose file exists.

use crate::catalog::{Column, Relation};

use super::form::{Form, Offered, offered};
use super::lock::{Role, SeenColumn, SeenRelation};
use super::names::spell;
use super::report::NoteKind;
use super::text::{comment, quoted};
use super::work::{Set, Work, shown};

/// Goes through the columns of one set.
pub(super) fn take(work: &mut Work<'_>, set: &mut Set<'_>) {
    let relation = set.relation;
    match set.held {
        None => {
            for column in &relation.columns {
                add(work, set, column);
            }
        }
        Some(index) => compare(work, set, index),
    }
}

/// Adds a column that no file names yet, as a property or as a remark.
fn add(work: &mut Work<'_>, set: &mut Set<'_>, column: &Column) {
    let offer = offer_for(work, set, column);
    let about = format!("{}.{}", work.shown(set.relation), column.name);
    let seen = match offer {
        Err(reason) => {
            set.remarks.push(comment(&format!(
                "Left out: column {} ({}): {reason}.",
                quoted(&column.name),
                column.declared
            )));
            work.report.note(NoteKind::LeftOut, &about, format!("{reason} ({})", column.declared));
            SeenColumn::LeftOut
        }
        Ok(Offered { form, rule }) => {
            let spelled = spell(&column.name);
            let identity = format!("{}\u{0}{}", set.relation.name, column.name);
            let given = set.names.give(&[spelled.joined(), spelled.apart()], &identity);
            work.named(&given, spelled.lost, &about, (&set.file, ""));
            if set.held.is_some() {
                let text = format!("column added as property `{}`: {}", given.name, form.shown());
                work.report.note_in(NoteKind::Added, &about, (&set.file, ""), text);
            }
            set.blocks.push(block(&given.name, column, &form, rule.as_deref()));
            let seen = SeenColumn::Form(form.shown());
            set.members.insert(column.name.clone(), (given.name, form));
            seen
        }
    };
    if let Some(relation) = work.seen(&set.place) {
        relation.columns.insert(column.name.clone(), seen);
    }
}

fn offer_for(work: &Work<'_>, set: &Set<'_>, column: &Column) -> Result<Offered, &'static str> {
    let joined = work.joined.contains(&(set.place.clone(), column.name.clone()));
    let loose = work.catalog.product.starts_with("SQLite");
    offered(column, loose, set.key.contains(&column.name), joined)
}

fn block(name: &str, column: &Column, form: &Form, rule: Option<&str>) -> String {
    let mut block = rule.map(comment).unwrap_or_default();
    block.push_str("[[property]]\n");
    let mut lines = vec![format!("name = {}", quoted(name)), format!("column = {}", quoted(&column.name))];
    lines.extend(form.lines());
    lines.extend(
        column.comment.as_deref().filter(|it| !it.trim().is_empty()).map(|it| format!("description = {}", quoted(it))),
    );
    for line in lines {
        block.push_str(&line);
        block.push('\n');
    }
    block
}

/// Compares an existing file with what the database has now, and with what it had when it was last seen.
fn compare(work: &mut Work<'_>, set: &mut Set<'_>, index: usize) {
    let place = set.place.clone();
    let before = work.before.relations.get(&place).cloned();
    let mut now = before.clone().unwrap_or_else(|| SeenRelation::new(Role::Set));
    if now.role == Role::Gone {
        work.report.note_in(NoteKind::Back, shown(&place), (&set.file, ""), "the table is there again");
    }
    now.role = Role::Set;
    work.now.relations.insert(place.clone(), now);
    let folds = work.folds();
    if let Some(held) = work.held.get_mut(index) {
        held.unmark_table();
        if folds {
            held.spell_columns(set.relation);
        }
    }
    let mut alone = Vec::new();
    let relation: &Relation = set.relation;
    for column in &relation.columns {
        let seen = before.as_ref().and_then(|before| before.columns.get(&column.name));
        let written = work.held.get(index).is_some_and(|held| held.columns.contains_key(&column.name));
        match (written, seen) {
            (true, seen) => judge(work, set, index, column, seen),
            (false, Some(SeenColumn::LeftOut)) => match offer_for(work, set, column) {
                Ok(_) => add(work, set, column),
                Err(reason) => {
                    let about = format!("{}.{}", shown(&place), column.name);
                    work.report.note(NoteKind::LeftOut, about, format!("{reason} ({})", column.declared));
                }
            },
            // Taken out by a person.
            (false, Some(_)) => {}
            (false, None) if before.is_some() => add(work, set, column),
            // Nothing was seen of this table: whoever wrote the file may have left the column out on purpose.
            (false, None) => {
                let offer = offer_for(work, set, column);
                let seen = offer.map_or(SeenColumn::LeftOut, |offered| SeenColumn::Form(offered.form.shown()));
                alone.push(column.name.as_str());
                if let Some(relation) = work.seen(&place) {
                    relation.columns.insert(column.name.clone(), seen);
                }
            }
        }
    }
    if !alone.is_empty() {
        let text = format!(
            "not in the file, perhaps on purpose: {}; to have one added, take its line out of introspect.lock and run again",
            alone.join(", ")
        );
        work.report.note_in(NoteKind::LeftAlone, shown(&place), (&set.file, ""), text);
    }
    find_gone(work, set, index);
}

/// Compares what the file says of a column with what follows from the database.
fn judge(work: &mut Work<'_>, set: &Set<'_>, index: usize, column: &Column, seen: Option<&SeenColumn>) {
    let about = format!("{}.{}", shown(&set.place), column.name);
    let Some(held) = work.held.get_mut(index) else { return };
    let key = held.columns.get(&column.name).map(|it| it.key.clone()).unwrap_or_default();
    let said = held.property(&column.name).and_then(Form::said);
    if seen == Some(&SeenColumn::Gone) {
        held.unmark_column(&column.name);
        work.report.note_in(NoteKind::Back, &about, (&set.file, &key), "the column is there again");
    }
    let offer = offer_for(work, set, column).map(|offered| offered.guided_by(said.as_ref(), column));
    let now = match &offer {
        Ok(offered) => SeenColumn::Form(offered.form.shown()),
        Err(_) => SeenColumn::LeftOut,
    };
    let agrees = said.is_some() && said == offer.as_ref().ok().map(|offered| offered.form.clone());
    let keep = match seen {
        Some(old @ (SeenColumn::Form(_) | SeenColumn::LeftOut)) if *old != now && !agrees => {
            let was = match old {
                SeenColumn::Form(form) => form.as_str(),
                _ => "not published",
            };
            let is = match &offer {
                Ok(offered) => offered.form.shown(),
                Err(reason) => format!("{} ({reason})", column.declared),
            };
            let file = said.map_or_else(String::new, |said| format!("; the file says {}", said.shown()));
            let text = format!("the database went from [{was}] to [{is}]{file}");
            work.report.note_in(NoteKind::Drift, &about, (&set.file, &key), text);
            // Until the file follows, or the line is taken out of the lock file, this is said again.
            old.clone()
        }
        _ => now,
    };
    if let Some(relation) = work.seen(&set.place) {
        relation.columns.insert(column.name.clone(), keep);
    }
}

/// Marks the properties whose columns are no more.
fn find_gone(work: &mut Work<'_>, set: &Set<'_>, index: usize) {
    let Some(held) = work.held.get_mut(index) else { return };
    let there = |name: &String| set.relation.columns.iter().any(|column| column.name == *name);
    let mut gone: Vec<_> =
        held.columns.iter().filter(|(name, _)| !there(name)).map(|(name, it)| (name.clone(), it.key.clone())).collect();
    gone.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    for (name, key) in gone {
        let known =
            work.now.relations.get_mut(&set.place).and_then(|it| it.columns.insert(name.clone(), SeenColumn::Gone));
        if known != Some(SeenColumn::Gone)
            && let Some(held) = work.held.get_mut(index)
        {
            held.mark_column(&name);
        }
        let about = format!("{}.{name}", shown(&set.place));
        let text = "the database has no such column any more; the property stays until a person takes it out";
        work.report.note_in(NoteKind::Gone, about, (&set.file, &key), text);
    }
}
