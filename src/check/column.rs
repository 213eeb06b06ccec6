//! Compares one property with its column: type, facets, nullability, collation, zone.

use crate::catalog::{Column, ColumnType, Relation, RelationKind};
use crate::edm::{Form, Made, Scalar, Stored, Zone};
use crate::model::{Family, Property};

use super::fit::{self, Fit};
use super::{Findings, Subject};

/// Everything about one property.
pub(super) fn check(
    subject: &Subject<'_>,
    relation: &Relation,
    column: &Column,
    property: &Property,
    findings: &mut Findings,
) {
    let place = &subject.place;
    let key = |key: &str| place.of_column(&property.column, key);
    if let Some(Made::Words(words)) = property.made.as_deref() {
        // The words are the file's own; the column holds the codes.
        let codes = Property { scalar: words.code, form: Form::PLAIN, ..property.clone() };
        if check_type(subject, column, &codes, &key("codes"), findings) {
            check_null(subject, relation, column, property, findings);
        }
        return;
    }
    if let Some(Made::Offered(_)) = property.made.as_deref() {
        let date = Property { scalar: Scalar::Date, ..property.clone() };
        if check_type(subject, column, &date, &key("type"), findings) {
            check_null(subject, relation, column, property, findings);
        }
        return;
    }
    if !check_type(subject, column, property, &key("type"), findings) {
        return;
    }
    check_facets(subject, column, property, findings);
    check_zone(subject, column, property, findings);
    check_null(subject, relation, column, property, findings);
    if matches!(property.scalar, Scalar::String { .. }) && property.collection.is_none() {
        check_collation(subject, column, property, findings);
    }
}

fn check_null(
    subject: &Subject<'_>,
    relation: &Relation,
    column: &Column,
    property: &Property,
    findings: &mut Findings,
) {
    let place = &subject.place;
    // Of views few products know whether a column can be null.
    let is_table = matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned);
    if is_table && column.nullable && !property.nullable && property.collection.is_none() {
        let wrong = format!("`{}` says `nullable = false`, but column `{}` can be null", property.name, column.name);
        let is_key = subject
            .entity_type
            .key
            .iter()
            .any(|id| subject.entity_type.property(*id).is_some_and(|it| it.column == property.column));
        let right = if is_key {
            "make the column NOT NULL, or choose another key: rows with a null in it cannot be reached"
        } else {
            "leave `nullable` out, or make the column NOT NULL"
        };
        findings.error(&place.file, &place.of_column(&property.column, "nullable"), wrong, right);
    }
}

/// Whether the column can be read as the property's type; says so if not.
pub(super) fn check_type(
    subject: &Subject<'_>,
    column: &Column,
    property: &Property,
    key: &str,
    findings: &mut Findings,
) -> bool {
    let file = &subject.place.file;
    let wanted = property.scalar.name();
    match fit::fit(subject.told.family, column, property) {
        Fit::Whole => {}
        Fit::Partly(what) => {
            let wrong =
                format!("column `{}` is {} and read as {wanted}: {what} is an error", column.name, column.declared);
            findings.warn(
                file,
                key,
                wrong,
                format!("{}, or be sure that there is none", fit::remedy(subject.told.family, column, property)),
            );
        }
        Fit::Shown => {
            let wrong = format!(
                "column `{}` is {}: a condition or an order without `cast = true` is refused or wrong",
                column.name, column.declared
            );
            let right = fit::remedy(subject.told.family, column, property);
            findings.warn(file, key, wrong, format!("{right}, or `filterable = false` and `sortable = false`"));
        }
        Fit::Not => {
            let declared = if column.declared.is_empty() { "without a type" } else { &column.declared };
            let many = if property.collection.is_some() { "a collection of " } else { "" };
            let wrong = if is_bytes_of_guids(column, property) {
                format!(
                    "column `{}` is {declared}: no filter, key or relation finds the GUIDs that its bytes are",
                    column.name
                )
            } else {
                format!("column `{}` is {declared} and cannot be read as {many}{wanted}", column.name)
            };
            findings.error(file, key, wrong, fit::remedy(subject.told.family, column, property));
            return false;
        }
    }
    true
}

/// Whether values can be read, but a GUID of a request is compared with bytes in another form.
fn is_bytes_of_guids(column: &Column, property: &Property) -> bool {
    let has_room = |length: &Option<u32>| length.is_none_or(|length| length >= 16);
    let holds = matches!(&column.column_type, ColumnType::Bytes { max_length, .. } if has_room(max_length));
    holds && property.scalar == Scalar::Guid && property.collection.is_none()
}

/// A column that knows no zone is read as UTC unless the file says that it holds local times.
fn check_zone(subject: &Subject<'_>, column: &Column, property: &Property, findings: &mut Findings) {
    let zone = &subject.told.zone;
    let has_none = matches!(column.column_type, ColumnType::Timestamp { zoned: false, .. });
    let is_instant = matches!(property.scalar, Scalar::DateTimeOffset { .. }) && property.collection.is_none();
    if *zone == Zone::UTC || !has_none || !is_instant || property.form.stored == Stored::Local {
        return;
    }
    let wrong = format!(
        "column `{}` is {} and read as UTC, while the source has `zone = \"{zone}\"`",
        column.name, column.declared
    );
    let right = match property.form.stored {
        Stored::Cast => "say `stored = \"local\"` in place of `cast = true` if it holds local times",
        _ => "say `stored = \"local\"` if it holds local times",
    };
    findings.warn(&subject.place.file, &subject.place.of_column(&property.column, "stored"), wrong, right);
}

fn check_facets(subject: &Subject<'_>, column: &Column, property: &Property, findings: &mut Findings) {
    let (file, name) = (&subject.place.file, &property.name);
    let key = |key: &str| subject.place.of_column(&property.column, key);
    let mut differ = |facet: &str, said: u32, held: u32| {
        let wrong = format!("`{name}` says {facet} {said}, column `{}` has {held}", column.name);
        findings.warn(file, &key(facet), wrong, format!("say `{facet} = {held}`: clients trust it"));
    };
    let column_type = match &column.column_type {
        ColumnType::Array(item) => item,
        other => other,
    };
    match (property.scalar, column_type) {
        // The length is that of what is left of a longer text.
        (Scalar::String { .. }, _) if property.cut.is_some() => {}
        (Scalar::String { max_length: Some(said) }, ColumnType::Text { max_length: Some(held), .. })
        | (Scalar::Binary { max_length: Some(said) }, ColumnType::Bytes { max_length: Some(held), .. })
            if said < *held =>
        {
            differ("max_length", said, *held);
        }
        (Scalar::String { max_length: Some(said) }, ColumnType::Text { max_length: None, .. }) => {
            if let Some(longest) = column.looked_at.longest.filter(|longest| said < *longest) {
                let wrong =
                    format!("`{name}` says max_length {said}, a value of column `{}` has {longest}", column.name);
                findings.warn(file, &key("max_length"), wrong, "say a max_length that all values keep to");
            }
        }
        (Scalar::String { max_length: Some(said) }, ColumnType::Enum(labels)) => {
            let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
            if let Ok(held) = u32::try_from(longest).map(|held| held.max(1))
                && said < held
            {
                differ("max_length", said, held);
            }
        }
        (Scalar::Decimal { precision, scale }, ColumnType::Decimal { precision: held, scale: held_scale, .. }) => {
            let held_scale = held_scale.and_then(|held| u16::try_from(held).ok());
            if let (Some(said), Some(held)) = (scale, held_scale)
                && said < held
            {
                differ("scale", said.into(), held.into());
            }
            if let (Some(said), Some(held)) = (precision, held)
                && said < *held
            {
                differ("precision", said.into(), (*held).into());
            }
        }
        (Scalar::DateTimeOffset { precision: said }, ColumnType::Timestamp { precision: held, .. })
        | (Scalar::TimeOfDay { precision: said }, ColumnType::Time { precision: held, .. })
            if property.form.stored != Stored::Cast =>
        {
            if said < *held {
                differ("precision", said.into(), (*held).into());
            } else if subject.told.family == Family::Sqlite && said > *held && !column.declared.is_empty() {
                // There times are compared as texts, with as many digits as the file says.
                differ("precision", said.into(), (*held).into());
            }
        }
        _ => {}
    }
}

fn check_collation(subject: &Subject<'_>, column: &Column, property: &Property, findings: &mut Findings) {
    let (file, name) = (&subject.place.file, &property.name);
    let key = subject.place.of_column(&property.column, "collation");
    let why = match &column.collation {
        Some(collation) => format!("collation {collation}"),
        None => format!("type {}", column.declared),
    };
    match (column.folding, property.folding, subject.told.family) {
        // There every text is compared exactly beside the index, whatever the file says.
        (_, _, Family::Mysql) => {}
        (true, false, Family::Postgres) => findings.error(
            file,
            &key,
            format!("column `{}` calls different texts equal ({why}), and `{name}` does not say so", column.name),
            "say `collation = \"folding\"`; without it filters find too much",
        ),
        (true, false, Family::Sqlite) => findings.warn(
            file,
            &key,
            format!("column `{}` calls different texts equal ({why}), and `{name}` does not say so", column.name),
            "say `collation = \"folding\"`, so that its index serves",
        ),
        (false, true, _) => findings.warn(
            file,
            &key,
            format!("`{name}` says `collation = \"folding\"`, but column `{}` compares exactly", column.name),
            "leave it out: it costs a second comparison",
        ),
        _ => {}
    }
}
