//! Resolves `types.toml`: enumerations and complex types, which all folders of a service share.

use std::collections::HashSet;

use super::names::{Seen, check_identifier};
use super::value_type::{self, Said};
use crate::edm::Scalar;
use crate::model::raw::{self, CollectionForm, Primitive, Report, nearest};
use crate::model::{
    Collected, ComplexMember, ComplexType, ComplexTypeId, EnumId, EnumMember, EnumType, Member, Property, PropertyId,
};

/// The types that properties can name.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) enums: Vec<EnumType>,
    pub(super) complexes: Vec<ComplexType>,
    /// A file of types could not be read: nothing is said about names that are not known.
    pub(super) incomplete: bool,
}

/// The types of all readable files, each with its name for problems.
pub(super) fn declared(files: &[(&str, raw::Types)], incomplete: bool, report: &mut Report) -> Declared {
    let mut declared = Declared { incomplete, ..Declared::default() };
    for (file, types) in files {
        for (number, enumeration) in (1..).zip(&types.enums) {
            declared.enums.push(resolve_enum(enumeration, file, &format!("enum.{number}."), report));
        }
    }
    // First all names, so that complex types can name each other in any order.
    for complex in files.iter().flat_map(|(_, types)| &types.complexes) {
        declared.complexes.push(ComplexType {
            name: complex.name.clone(),
            properties: Vec::new(),
            structure: Vec::new(),
            description: complex.description.clone(),
        });
    }
    let mut place = 0;
    for (file, types) in files {
        for (number, complex) in (1..).zip(&types.complexes) {
            let (properties, structure) = members(complex, &declared, file, &format!("complex.{number}."), report);
            if let Some(slot) = declared.complexes.get_mut(place) {
                (slot.properties, slot.structure) = (properties, structure);
            }
            place += 1;
        }
    }
    let mut place = 0;
    for (file, types) in files {
        for (number, complex) in (1..).zip(&types.complexes) {
            if declared.contains_itself(place) {
                let wrong = format!("complex type `{}` contains itself", complex.name);
                report.add(file, format!("complex.{number}.property"), wrong, "a group of columns ends somewhere");
                // Nobody follows it any further.
                declared.complexes.iter_mut().skip(place).take(1).for_each(|it| it.structure.clear());
            }
            place += 1;
        }
    }
    declared
}

fn resolve_enum(enumeration: &raw::Enumeration, file: &str, path: &str, report: &mut Report) -> EnumType {
    let name = &enumeration.name;
    check_identifier(name, file, &format!("{path}name"), report);
    let underlying = match enumeration.primitive.unwrap_or(Primitive::Int32) {
        Primitive::Byte => Scalar::Byte,
        Primitive::SByte => Scalar::SByte,
        Primitive::Int16 => Scalar::Int16,
        Primitive::Int32 => Scalar::Int32,
        Primitive::Int64 => Scalar::Int64,
        other => {
            let wrong = format!("the values of `{name}` cannot be of type {other:?}");
            report.add(file, format!("{path}type"), wrong, "they are `Byte`, `SByte`, `Int16`, `Int32` or `Int64`");
            Scalar::Int64
        }
    };
    if enumeration.members.is_empty() {
        let wrong = format!("enumeration `{name}` has no member");
        report.add(file, format!("{path}member"), wrong, "add a `[[enum.member]]` for each");
    }
    let flags = enumeration.flags.unwrap_or(false);
    let mut names = Seen::new("member");
    for (number, member) in (1..).zip(&enumeration.members) {
        let place = format!("{path}member.{number}");
        let (name_key, value_key) = (format!("{place}.name"), format!("{place}.value"));
        check_identifier(&member.name, file, &name_key, report);
        names.take(&member.name, place, file, &name_key, report);
        let (least, most) = underlying.integer_range().unwrap_or((i64::MIN, i64::MAX));
        let least = if flags { 0 } else { least };
        if !(least..=most).contains(&member.value) {
            let wrong = format!("{} is out of range", member.value);
            report.add(file, value_key, wrong, format!("it is a number from {least} to {most}"));
        }
    }
    let members = enumeration.members.iter();
    EnumType {
        name: name.clone(),
        underlying,
        flags,
        members: members.map(|member| EnumMember { name: member.name.clone(), value: member.value }).collect(),
        description: enumeration.description.clone(),
    }
}

fn members(
    complex: &raw::Complex,
    declared: &Declared,
    file: &str,
    path: &str,
    report: &mut Report,
) -> (Vec<Property>, Vec<Member>) {
    check_identifier(&complex.name, file, &format!("{path}name"), report);
    if complex.properties.is_empty() {
        let wrong = format!("complex type `{}` has no property", complex.name);
        report.add(file, format!("{path}property"), wrong, "add a `[[complex.property]]` for each");
    }
    let (mut properties, mut structure) = (Vec::new(), Vec::new());
    let mut names = Seen::new("property");
    for (number, property) in (1..).zip(&complex.properties) {
        let place = format!("{path}property.{number}");
        let key = |name: &str| format!("{place}.{name}");
        check_identifier(&property.name, file, &key("name"), report);
        names.take(&property.name, place.clone(), file, &key("name"), report);
        let nullable = property.nullable.unwrap_or(true);
        if let Some(name) = &property.complex {
            let given = [
                ("type", property.primitive.is_some()),
                ("enum", property.enumeration.is_some()),
                ("stored", property.stored.is_some()),
                ("cast", property.cast.is_some()),
                ("lenient", property.lenient.is_some()),
                ("collection", property.collection.is_some()),
                ("max_length", property.max_length.is_some()),
                ("precision", property.precision.is_some()),
                ("scale", property.scale.is_some()),
            ];
            refuse_beside_complex(&given, file, &format!("{place}."), report);
            if let Some((complex_type, _)) = declared.complex_named(name, file, &key("complex"), report) {
                structure.push(Member::Complex(ComplexMember {
                    name: property.name.clone(),
                    complex_type,
                    nullable,
                    members: Vec::new(),
                    description: property.description.clone(),
                }));
            }
            continue;
        }
        let said = Said {
            primitive: property.primitive,
            enumeration: property.enumeration.as_deref(),
            stored: property.stored,
            cast: property.cast,
            lenient: property.lenient,
            max_length: property.max_length,
            precision: property.precision,
            scale: property.scale,
        };
        if property.primitive == Some(Primitive::Stream) {
            let wrong = "a stream cannot stand in a complex type";
            report.add(file, key("type"), wrong, "declare it as a property of the entity type");
        }
        let Some(typed) = value_type::resolve(&said, declared, file, &format!("{place}."), report) else { continue };
        let form = value_type::form(&said, typed.scalar, file, &format!("{place}."), report);
        if form.lenient && !nullable {
            let wrong = "what is no value of the type is null, and null is excluded";
            report.add(file, key("nullable"), wrong, "leave `nullable = false` or `lenient = true` out");
        }
        let Ok(id) = u16::try_from(properties.len()) else { continue };
        properties.push(Property {
            form,
            nullable,
            searchable: matches!(typed.scalar, Scalar::String { .. }) && typed.enumeration.is_none(),
            enumeration: typed.enumeration,
            collection: collected(property.collection),
            description: property.description.clone(),
            ..Property::new(&property.name, "", typed.scalar)
        });
        structure.push(Member::Property(PropertyId(id)));
    }
    (properties, structure)
}

/// Reports keys that say something of one column.
pub(super) fn refuse_beside_complex(given: &[(&str, bool)], file: &str, path: &str, report: &mut Report) {
    for (key, _) in given.iter().filter(|(_, given)| *given) {
        let wrong = format!("`{key}` does not go with a complex property");
        report.add(file, format!("{path}{key}"), wrong, "its complex type says it of each column; leave it out");
    }
}

/// The form of a collection in the model.
pub(super) fn collected(form: Option<CollectionForm>) -> Option<Collected> {
    form.map(|form| match form {
        CollectionForm::Json => Collected::Json,
        CollectionForm::Array => Collected::Array,
    })
}

impl Declared {
    /// Looks an enumeration up, or reports that there is none.
    pub(super) fn enum_named(
        &self,
        name: &str,
        file: &str,
        key: &str,
        report: &mut Report,
    ) -> Option<(EnumId, &EnumType)> {
        let names = self.enums.iter().map(|it| it.name.as_str());
        let place = self.place("enumeration", name, names, file, key, report)?;
        Some((EnumId(u32::try_from(place).ok()?), self.enums.get(place)?))
    }

    /// Looks a complex type up, or reports that there is none.
    pub(super) fn complex_named(
        &self,
        name: &str,
        file: &str,
        key: &str,
        report: &mut Report,
    ) -> Option<(ComplexTypeId, &ComplexType)> {
        let names = self.complexes.iter().map(|it| it.name.as_str());
        let place = self.place("complex type", name, names, file, key, report)?;
        Some((ComplexTypeId(u32::try_from(place).ok()?), self.complexes.get(place)?))
    }

    fn place<'a>(
        &self,
        what: &str,
        name: &str,
        names: impl Iterator<Item = &'a str> + Clone,
        file: &str,
        key: &str,
        report: &mut Report,
    ) -> Option<usize> {
        let found = names.clone().position(|known| known == name);
        if found.is_none() && !self.incomplete {
            let right = match nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it in {}", raw::TYPES_FILE),
            };
            report.add(file, key, format!("{what} `{name}` does not exist"), right);
        }
        found
    }

    fn contains_itself(&self, place: usize) -> bool {
        let (mut seen, mut waiting) = (HashSet::new(), vec![place]);
        while let Some(next) = waiting.pop() {
            for member in self.complexes.get(next).into_iter().flat_map(|it| &it.structure) {
                let Member::Complex(ComplexMember { complex_type: ComplexTypeId(id), .. }) = member else { continue };
                let Ok(inner) = usize::try_from(*id) else { continue };
                if inner == place {
                    return true;
                }
                if seen.insert(inner) {
                    waiting.push(inner);
                }
            }
        }
        false
    }
}
