//! Owns the type that rows of columns have for those who bind and plan expressions over them: each column is a
//! property.

use crate::model::{ComplexMember, ComplexTypeId, EntityType, Member, Property, PropertyId};

use super::Column;

/// The columns of the entities of a type: its properties, by their ids.
pub fn entity_columns(entity: &EntityType) -> Vec<Column> {
    let plain = |property: &Property| Column {
        path: Vec::new(),
        scalar: property.scalar,
        nullable: property.nullable,
        folding: property.folding,
        dynamic: false,
        enumeration: property.enumeration,
    };
    let mut columns: Vec<Column> = entity.properties.iter().map(plain).collect();
    name_members(&entity.structure, &mut Vec::new(), entity, &mut columns);
    columns
}

fn name_members(members: &[Member], path: &mut Vec<Box<str>>, entity: &EntityType, columns: &mut [Column]) {
    for member in members {
        match member {
            Member::Property(id) => {
                if let (Some(property), Some(column)) = (entity.property(*id), columns.get_mut(usize::from(id.0))) {
                    column.path.clone_from(path);
                    column.path.push(property.name.as_str().into());
                }
            }
            Member::Complex(complex) => {
                path.push(complex.name.as_str().into());
                name_members(&complex.members, path, entity, columns);
                path.pop();
            }
        }
    }
}

/// The type of rows with these columns, which the statement names `c0`, `c1`, … in order. If they still are entities of
/// `base`, its properties are the first of them, and its key and navigation properties stay.
pub fn row_type(columns: &[Column], base: Option<&EntityType>) -> EntityType {
    let mut entity = match base {
        Some(base) => base.clone(),
        None => EntityType {
            name: String::new(),
            key: Vec::new(),
            properties: Vec::new(),
            structure: Vec::new(),
            navigations: Vec::new(),
            etag: None,
            alternate_keys: Vec::new(),
            derived: Vec::new(),
            discriminator: None,
            is_abstract: false,
            media: None,
            description: None,
        },
    };
    for (place, property) in entity.properties.iter_mut().enumerate() {
        property.column = format!("c{place}").into();
        property.made = None;
        property.form = property.form.made();
    }
    for (place, column) in columns.iter().enumerate().skip(entity.properties.len()) {
        let name = column.path.last().map_or_else(String::new, ToString::to_string);
        let mut property = Property::new(name, format!("c{place}"), column.scalar);
        property.nullable = column.nullable;
        property.folding = column.folding;
        property.enumeration = column.enumeration;
        property.hidden = column.path.is_empty();
        entity.properties.push(property);
        // A key of groups that lies in a related entity does not hide the way to that.
        let is_hidden =
            column.path.len() > 1 && column.path.first().is_some_and(|it| entity.navigation_named(it).is_some());
        if is_hidden {
            continue;
        }
        if let (Some((_, outer)), Ok(id)) = (column.path.split_last(), u16::try_from(place)) {
            publish(outer, PropertyId(id), &mut entity.structure);
        }
    }
    entity
}

fn publish(path: &[Box<str>], id: PropertyId, members: &mut Vec<Member>) {
    let Some((first, rest)) = path.split_first() else {
        members.push(Member::Property(id));
        return;
    };
    let known = members.iter().position(|member| member.complex_named(first).is_some());
    let place = known.unwrap_or(members.len());
    if known.is_none() {
        members.push(Member::Complex(ComplexMember {
            name: first.to_string(),
            complex_type: ComplexTypeId(u32::MAX),
            nullable: true,
            members: Vec::new(),
            description: None,
        }));
    }
    if let Some(Member::Complex(complex)) = members.get_mut(place) {
        publish(rest, id, &mut complex.members);
    }
}
