//! *Validate and Sync*: what is read of the service, and the external objects that are made of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::document::Element;
use super::{Checked, DataSource, Edm, Field, Kind, Wrong, answer, ensure, wrong};
use crate::support::json::Json;

/// External objects of an org.
const OBJECTS_MAX: usize = 200;
/// Characters of a custom field's name.
const NAME_MAX: usize = 40;
/// More than that and the admin waits for it.
const METADATA_MAX: Duration = Duration::from_secs(2);

/// An external object with its fields.
#[derive(Debug)]
pub(crate) struct ExternalObject {
    /// The entity set.
    pub(crate) table: String,
    /// The name in SOQL.
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    /// The fields that the external ID is made of.
    pub(crate) key: Vec<usize>,
    pub(crate) lookups: Vec<Lookup>,
    /// The qualified name of the entity type.
    pub(super) entity: String,
}

/// An external lookup: the field holds the external ID of a parent.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) field: usize,
    /// The table of the parent.
    pub(crate) parent: String,
}

impl ExternalObject {
    pub(crate) fn field(&self, place: usize) -> Checked<&Field> {
        self.fields.get(place).ok_or_else(|| Wrong(format!("{} has no field {place}", self.table)))
    }

    /// The place of a column.
    pub(crate) fn column(&self, column: &str) -> Checked<usize> {
        let place = self.fields.iter().position(|field| field.column == column);
        place.ok_or_else(|| Wrong(format!("{} has no column {column}", self.table)))
    }

    /// Places of the fields that meet a condition.
    pub(crate) fn fields_that(&self, holds: impl Fn(&Field) -> bool) -> Vec<usize> {
        let places = self.fields.iter().enumerate().filter(|(_, field)| holds(field));
        places.map(|(place, _)| place).collect()
    }

    /// The columns of a list, as Salesforce asks for them: with the key, by the alphabet.
    pub(crate) fn with_key(&self, places: &[usize]) -> Vec<usize> {
        let mut places = [&self.key, places].concat();
        places.sort_by_key(|place| self.fields.get(*place).map(|field| field.column.as_str()));
        places.dedup();
        places
    }
}

/// The API name that is made of a name: letters, digits and single underscores.
fn developer_name(name: &str) -> String {
    let mut made = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            made.push(letter);
        } else if !made.is_empty() && !made.ends_with('_') {
            made.push('_');
        }
    }
    made.trim_end_matches('_').to_owned()
}

/// A name that Salesforce can take as it is.
fn check_name(name: &str) -> Checked<()> {
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let is_plain = begins && name.len() <= NAME_MAX && developer_name(name) == name;
    ensure(is_plain, || format!("the name {name} is changed by Salesforce"))
}

impl DataSource {
    /// Reads the service and makes its external objects.
    pub(crate) fn validate_and_sync(&mut self) -> Checked<()> {
        let path = self.settings.path()?.to_owned();
        let response = self.callout(&path, "application/json", &[])?;
        let sets = self.service_document(&answer::json(&self.settings, "minimal", &path, &response)?)?;

        let target = format!("{path}$metadata");
        // The Olingo client sends a content type without any content.
        let begun = Instant::now();
        let response = self.callout(&target, "application/xml", &[("Content-Type", "application/xml")])?;
        let taken = begun.elapsed();
        answer::head(&self.settings, &target, &response, 200)?;
        let kind = response.header("content-type").unwrap_or_default();
        ensure(kind.starts_with("application/xml"), || format!("$metadata is of the type {kind}"))?;
        let text = std::str::from_utf8(&response.body).map_err(|error| Wrong(format!("$metadata: {error}")))?;
        ensure(taken <= METADATA_MAX, || format!("$metadata took {taken:?}"))?;
        let (objects, misfits) = objects(&Element::read(text)?)?;
        let tables: Vec<&String> = objects.iter().map(|object| &object.table).collect();
        let listed = sets.len() == tables.len() && tables.iter().all(|table| sets.contains(table));
        ensure(listed, || format!("the service document lists {sets:?}, $metadata {tables:?}"))?;
        ensure(tables.len() <= OBJECTS_MAX, || format!("{} objects", tables.len()))?;
        self.objects = objects.into_iter().map(Arc::new).collect();
        self.misfits.extend(misfits);
        Ok(())
    }

    /// The names of the entity sets.
    fn service_document(&self, json: &Json) -> Checked<Vec<String>> {
        let context = json.get("@odata.context").and_then(Json::as_str).unwrap_or_default();
        ensure(context == format!("{}$metadata", self.settings.url), || format!("the context is '{context}'"))?;
        let items = json.get("value").and_then(Json::as_array).ok_or_else(|| Wrong("no list of sets".to_owned()))?;
        let mut sets = Vec::new();
        for item in items {
            let member = |name: &str| item.get(name).and_then(Json::as_str);
            match (member("name"), member("kind").unwrap_or("EntitySet"), member("url")) {
                (Some(name), "EntitySet", Some(url)) => {
                    ensure(url == name, || format!("{name} lies at {url}"))?;
                    sets.push(name.to_owned());
                }
                (Some(_), _, Some(_)) => {} // singletons and function imports are not used
                _ => return wrong(format!("{item} has no name or address")),
            }
        }
        Ok(sets)
    }
}

/// The objects that are made of `$metadata`.
pub(crate) fn read(document: &str) -> Checked<Vec<ExternalObject>> {
    Ok(objects(&Element::read(document)?)?.0)
}

/// The objects of a document, and what of it does not become a field.
fn objects(root: &Element) -> Checked<(Vec<ExternalObject>, Vec<String>)> {
    ensure(root.name == "edmx:Edmx", || format!("the root is {}", root.name))?;
    let version = root.demand("Version")?;
    ensure(["4.0", "4.01"].contains(&version), || format!("the version is {version}"))?;
    // The reader of the client would fetch them.
    ensure(root.children("edmx:Reference").next().is_none(), || "a reference to another document".to_owned())?;
    let schema = root.only("edmx:DataServices")?.only("Schema")?;
    let namespace = schema.demand("Namespace")?;
    let container = schema.only("EntityContainer")?;
    let types = Types {
        namespace,
        types: schema.children("EntityType").map(|it| Ok((it.demand("Name")?, it))).collect::<Checked<_>>()?,
    };
    let (mut objects, mut misfits) = (Vec::new(), Vec::new());
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for set in container.children("EntitySet") {
        let table = set.demand("Name")?;
        check_name(table)?;
        if let Some(other) = names.insert(developer_name(table).to_lowercase(), table) {
            return wrong(format!("the sets {other} and {table} are one object"));
        }
        objects.push(types.object(set, &mut misfits)?);
    }
    ensure(!objects.is_empty(), || "no tables are listed".to_owned())?;
    let lookups: Vec<Vec<Lookup>> = container
        .children("EntitySet")
        .zip(&objects)
        .map(|(set, object)| types.lookups(set, object, &objects))
        .collect::<Result<_, _>>()?;
    for (object, lookups) in objects.iter_mut().zip(lookups) {
        object.lookups = lookups;
    }
    Ok((objects, misfits))
}

struct Types<'a> {
    namespace: &'a str,
    types: BTreeMap<&'a str, &'a Element>,
}

impl<'a> Types<'a> {
    /// A type and those that it is derived from, the root first.
    fn line(&self, qualified: &str) -> Checked<Vec<&'a Element>> {
        let mut line = Vec::new();
        let mut next = Some(qualified.to_owned());
        while let Some(qualified) = next {
            let name = qualified.strip_prefix(self.namespace).and_then(|rest| rest.strip_prefix('.'));
            let found = name.and_then(|name| self.types.get(name)).filter(|_| line.len() < 16);
            let found = *found.ok_or_else(|| Wrong(format!("no type {qualified}")))?;
            line.insert(0, found);
            next = found.get("BaseType").map(str::to_owned);
        }
        Ok(line)
    }

    fn object(&self, set: &Element, misfits: &mut Vec<String>) -> Checked<ExternalObject> {
        let (table, entity) = (set.demand("Name")?, set.demand("EntityType")?);
        let line = self.line(entity)?;
        let mut fields = Vec::new();
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for property in line.iter().flat_map(|ty| ty.children("Property")) {
            let (column, ty) = (property.demand("Name")?, property.demand("Type")?);
            let Some(edm) = Edm::named(ty, |facet| property.get(facet)?.parse().ok()) else {
                misfits.push(format!("{table}.{column}: no field is made of {ty}"));
                continue;
            };
            check_name(column)?;
            if let Some(other) = names.insert(developer_name(column).to_lowercase(), column) {
                return wrong(format!("the properties {other} and {column} of {table} are one field"));
            }
            let kind = edm.kind();
            if let Kind::Number(whole, decimals) = kind
                && whole + decimals > 18
            {
                misfits.push(format!("{table}.{column}: a number of {} digits", whole + decimals));
            }
            let nullable = property.get("Nullable") != Some("false");
            fields.push(Field { column: column.to_owned(), name: format!("{column}__c"), edm, kind, nullable });
        }
        let keys = line.first().ok_or_else(|| Wrong(format!("{table} has no type")))?.only("Key")?;
        let mut key = Vec::new();
        for part in keys.children("PropertyRef") {
            let name = part.demand("Name")?;
            let place = fields.iter().position(|field: &Field| field.column == name);
            let place = place.ok_or_else(|| Wrong(format!("the key {name} of {table} is no field")))?;
            let field = fields.get(place).filter(|field| !field.nullable && field.is_plain());
            ensure(field.is_some(), || format!("the key {name} of {table} can be null or is a long text"))?;
            key.push(place);
        }
        ensure(!key.is_empty(), || format!("{table} has no key"))?;
        let (table, entity) = (table.to_owned(), entity.to_owned());
        Ok(ExternalObject { name: format!("{table}__x"), table, fields, key, lookups: Vec::new(), entity })
    }

    /// A lookup comes of a navigation to one, bound to a set, whose only constraint is on the whole key of the parent.
    fn lookups(&self, set: &Element, object: &ExternalObject, objects: &[ExternalObject]) -> Checked<Vec<Lookup>> {
        let mut lookups: Vec<Lookup> = Vec::new();
        for navigation in self.line(&object.entity)?.iter().flat_map(|ty| ty.children("NavigationProperty")) {
            if navigation.demand("Type")?.starts_with("Collection(") {
                continue;
            }
            let name = navigation.demand("Name")?;
            let binding = set.children("NavigationPropertyBinding").find(|binding| binding.get("Path") == Some(name));
            let Some(target) = binding.and_then(|binding| binding.get("Target")) else { continue };
            let Some(parent) = objects.iter().find(|object| object.table == target) else { continue };
            let constraints: Vec<&Element> = navigation.children("ReferentialConstraint").collect();
            let ([constraint], [key]) = (constraints.as_slice(), parent.key.as_slice()) else { continue };
            let key = parent.field(*key)?;
            if constraint.demand("ReferencedProperty")? != key.column {
                continue;
            }
            let field = object.column(constraint.demand("Property")?)?;
            // The child's values are compared with the external ID of the parent.
            let same = std::mem::discriminant(&object.field(field)?.edm) == std::mem::discriminant(&key.edm);
            ensure(same, || format!("{}.{name} joins columns of different types", object.table))?;
            if !lookups.iter().any(|lookup| lookup.field == field) {
                lookups.push(Lookup { field, parent: parent.table.clone() });
            }
        }
        Ok(lookups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_as_salesforce_does() {
        assert_eq!(developer_name("_id"), "id");
        assert_eq!(developer_name("dvdstore__products"), "dvdstore_products");
        for name in ["_id", "a__b", "a_", "1a", "Überschrift", &"a".repeat(41)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("Text_001").is_ok());
    }

    #[test]
    fn documents_that_salesforce_cannot_sync_are_told() {
        let document = |inside: &str| {
            format!(
                "<?xml version=\"1.0\"?><edmx:Edmx Version=\"4.0\"><edmx:DataServices><Schema Namespace=\"A.B\">\
                 {inside}</Schema></edmx:DataServices></edmx:Edmx>"
            )
        };
        let read = |text: &str| Element::read(text).and_then(|root| objects(&root)).map_err(|error| error.0);
        let ty = "<EntityType Name=\"T\"><Key><PropertyRef Name=\"Id\"/></Key>\
                  <Property Name=\"Id\" Type=\"Edm.Int32\" Nullable=\"false\"/>\
                  <Property Name=\"At\" Type=\"Edm.TimeOfDay\"/></EntityType>";
        let sets = |sets: &str| format!("<EntityContainer Name=\"C\">{sets}</EntityContainer>");
        let good = document(&format!("{ty}{}", sets("<EntitySet Name=\"Ts\" EntityType=\"A.B.T\"/>")));
        let (found, misfits) = read(&good).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].fields[0].name.as_str()), ("Ts__x", "Id__c"));
        assert_eq!(misfits, ["Ts.At: no field is made of Edm.TimeOfDay"]);
        let two = "<EntitySet Name=\"Ts\" EntityType=\"A.B.T\"/><EntitySet Name=\"TS\" EntityType=\"A.B.T\"/>";
        for (wrong, what) in [
            (format!("\n{good}"), "declaration"),
            (good.replace("</Schema>", ""), "well-formed"),
            (good.replace("<EntitySet Name=\"Ts\" EntityType=\"A.B.T\"/>", ""), "no tables"),
            (good.replace("EntityContainer", "Container"), "no EntityContainer"),
            (good.replace("<edmx:DataServices>", "<edmx:Reference Uri=\"x\"/><edmx:DataServices>"), "reference"),
            (good.replace(" Nullable=\"false\"", ""), "can be null"),
            (good.replace("Name=\"Ts\"", "Name=\"T__s\""), "is changed by Salesforce"),
            (good.replace("\"A.B.T\"", "\"A.B.X\""), "no type A.B.X"),
            (document(&format!("{ty}{}", sets(two))), "are one object"),
        ] {
            let error = read(&wrong).unwrap_err();
            assert!(error.contains(what), "{what}: {error}");
        }
    }
}
