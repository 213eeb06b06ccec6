//! Owns context URLs (OData 4.01 Part 1, section 10): what an answer holds, told by a path into the metadata document.
//! Nothing behind the `#` is percent-encoded but the values of keys.

use crate::edm::Value;
use crate::model::{ComplexMember, DerivedId, EntityType, Exposure, Member, Model, PropertyId, SetId};
use crate::query::{Aggregate, Answer, Read, Shape};

use super::Version;
use super::key::write_key;

/// What a context URL of a dozen names takes beside the root.
const URL_ROOM: usize = 192;

/// What an answer holds. A `place` is the path of the entities from the container on: `Orders`, `Settings`, or for what
/// is contained `Orders(1)/Lines`.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// The service document.
    Service,
    /// Entities.
    Entities {
        /// Where they are.
        place: &'a str,
        /// Their set.
        set: SetId,
        /// The type to which the path casts them.
        cast: Option<DerivedId>,
        /// What is written of each.
        shape: &'a Shape,
        /// How many.
        number: Number,
    },
    /// A property of an entity.
    Property {
        /// Where the entity is, its key included: `Orders(1)`.
        place: &'a str,
        /// The path from the entity to the property: `Address/City`.
        path: &'a str,
    },
    /// References to entities.
    References {
        /// Any number of them.
        collection: bool,
    },
    /// What is found at no place: the result of an operation.
    Typed {
        /// The qualified type: `Edm.String`, `Erp.Order`.
        name: &'a str,
        /// Any number of them.
        collection: bool,
    },
    /// Entities of any set (`$all`).
    All,
    /// Combinations of entities (`$crossjoin`).
    CrossJoin,
}

/// How many entities an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A collection.
    Many,
    /// One member of a collection.
    One,
    /// The only one there is: a singleton.
    Only,
}

/// The context URL of an answer. `root` is the absolute service root with its slash.
pub fn context_of(subject: Subject<'_>, model: &Model, version: Version, root: &str) -> String {
    let mut url = String::with_capacity(root.len() + URL_ROOM);
    url.push_str(root);
    url.push_str("$metadata");
    match subject {
        Subject::Service => {}
        Subject::Entities { place, set, cast, shape, number } => {
            url.push('#');
            url.push_str(place);
            if let Some(entity_type) = model.type_of(set) {
                if let Some(derived) = cast.and_then(|id| entity_type.derived_type(id)) {
                    url.extend(["/", &model.namespace, ".", &derived.name]);
                }
                push_shape(shape, entity_type, cast, model, version, &mut url);
            }
            if number == Number::One {
                url.push_str("/$entity");
            }
        }
        Subject::Property { place, path } => url.extend(["#", place, "/", path]),
        Subject::References { collection: true } => url.push_str("#Collection($ref)"),
        Subject::References { collection: false } => url.push_str("#$ref"),
        Subject::Typed { name, collection: true } => url.extend(["#Collection(", name, ")"]),
        Subject::Typed { name, collection: false } => url.extend(["#", name]),
        Subject::All => url.push_str("#Collection(Edm.EntityType)"),
        Subject::CrossJoin => url.push_str("#Collection(Edm.ComplexType)"),
    }
    url
}

/// The context URL of rows that `$apply` has made: `…#Sales(Customer(Country),Total)`.
pub fn context_of_aggregate(aggregate: &Aggregate, model: &Model, root: &str) -> String {
    let mut url = format!("{root}$metadata#");
    let Some(set) = model.set(aggregate.set) else { return url };
    url.push_str(&set.name);
    if aggregate.listed {
        // Only what every row has may be listed; if that is nothing, the context says so.
        let branches = || aggregate.present.iter().filter(|has| !has.is_empty());
        let everywhere = |id: &&PropertyId| aggregate.branch.is_none() || branches().all(|has| has.contains(id));
        let shown = aggregate.shown.iter().filter(everywhere);
        let columns = shown.filter_map(|id| aggregate.columns.get(usize::from(id.0)));
        let paths: Vec<&[Box<str>]> = columns.map(|column| column.path.as_slice()).collect();
        if paths.is_empty() {
            url.push_str("(@Core.AnyStructure)");
        } else {
            push_paths(&paths, &mut url);
        }
    }
    url
}

fn push_paths(paths: &[&[Box<str>]], url: &mut String) {
    let mut written: Vec<&str> = Vec::new();
    url.push('(');
    for path in paths {
        let Some((name, rest)) = path.split_first() else { continue };
        if written.contains(&&**name) {
            continue;
        }
        if !written.is_empty() {
            url.push(',');
        }
        written.push(name);
        url.push_str(name);
        if !rest.is_empty() {
            let inner: Vec<&[Box<str>]> =
                paths.iter().filter(|path| path.first() == Some(name)).filter_map(|path| path.get(1..)).collect();
            push_paths(&inner, url);
        }
    }
    url.push(')');
}

/// The context URL of the answer to a read.
pub fn context(read: &Read, model: &Model, version: Version, root: &str) -> String {
    let Some(set) = model.set(read.set) else {
        return context_of(Subject::Service, model, version, root);
    };
    let contained = match (&set.exposure, &read.via) {
        (Exposure::Contained { .. }, Some(via)) => {
            let navigation = model.type_of(via.set).and_then(|parent| parent.navigation(via.navigation));
            navigation.map(|navigation| format!("{}/{}", place_of(model, via.set, Some(&via.key)), navigation.name))
        }
        _ => None,
    };
    match read.answer {
        Answer::Property(id) | Answer::RawValue(id) => {
            let place = match &read.via {
                // An entity whose key is known is told by its own set; else by the way to it.
                Some(via) if read.key.is_none() || contained.is_some() => {
                    let navigation = model.type_of(via.set).and_then(|parent| parent.navigation(via.navigation));
                    let name = navigation.map_or("", |navigation| &navigation.name);
                    let mut place = format!("{}/{name}", place_of(model, via.set, Some(&via.key)));
                    push_key(model, read.set, read.key.as_deref(), &mut place);
                    place
                }
                _ => place_of(model, read.set, read.key.as_deref()),
            };
            let entity_type = model.type_of(read.set);
            let path = entity_type.and_then(|it| super::csdl::path_of(model, it, id)).unwrap_or_default();
            context_of(Subject::Property { place: &place, path: &path }, model, version, root)
        }
        Answer::Collection | Answer::Entity | Answer::Count => {
            let place = contained.as_deref().unwrap_or(&set.name);
            let number = match (read.answer, &set.exposure) {
                (Answer::Entity, Exposure::Singleton { .. }) => Number::Only,
                (Answer::Entity, _) => Number::One,
                _ => Number::Many,
            };
            let subject = Subject::Entities { place, set: read.set, cast: None, shape: &read.shape, number };
            context_of(subject, model, version, root)
        }
    }
}

/// The path of a set or singleton, with the key of one of its entities if it is known.
pub fn place_of(model: &Model, set: SetId, key: Option<&[Value]>) -> String {
    let mut place = model.set(set).map(|set| set.name.clone()).unwrap_or_default();
    push_key(model, set, key, &mut place);
    place
}

fn push_key(model: &Model, set: SetId, key: Option<&[Value]>, place: &mut String) {
    let is_singleton = model.set(set).is_some_and(|set| matches!(set.exposure, Exposure::Singleton { .. }));
    if let (Some(entity_type), Some(key), false) = (model.type_of(set), key, is_singleton) {
        let mut text = Vec::new();
        write_key(model, entity_type, key, &mut text);
        place.push_str(&String::from_utf8_lossy(&text));
    }
}

/// A list of names in brackets, which are only written if there is one.
struct Names<'a> {
    url: &'a mut String,
    is_empty: bool,
}

impl Names<'_> {
    fn push(&mut self, parts: &[&str]) {
        self.url.push(if self.is_empty { '(' } else { ',' });
        self.is_empty = false;
        self.url.extend(parts.iter().copied());
    }
}

/// `(A,B)` for a selection; an expanded navigation property with a selection of its own as `Nav(C)`, one without as
/// `Nav()` in 4.01 and not at all in 4.0.
fn push_shape(
    shape: &Shape,
    entity_type: &EntityType,
    of: Option<DerivedId>,
    model: &Model,
    version: Version,
    url: &mut String,
) {
    let mut names = Names { url, is_empty: true };
    if shape.selected {
        push_selected(shape, entity_type, of, model, &mut names);
    }
    for expansion in &shape.expansions {
        let (Some(navigation), Some(target)) =
            (entity_type.navigation(expansion.navigation), model.type_of(expansion.set))
        else {
            continue;
        };
        let mut inner = String::new();
        push_shape(&expansion.shape, target, None, model, version, &mut inner);
        if inner.is_empty() && version == Version::V4_01 {
            inner.push_str("()");
        }
        if !inner.is_empty() {
            names.push(&[&navigation.name, &inner]);
        }
    }
    if !names.is_empty {
        url.push(')');
    }
}

fn push_selected(shape: &Shape, entity_type: &EntityType, of: Option<DerivedId>, model: &Model, names: &mut Names<'_>) {
    for member in entity_type.members(of) {
        push_member(shape, entity_type, member, "", names);
    }
    // What derived types add stands behind their names.
    let line = entity_type.line(of);
    for (_, derived) in entity_type.derived_types().filter(|(id, _)| !line.contains(id)) {
        let before = format!("{}.{}/", model.namespace, derived.name);
        for member in &derived.structure {
            push_member(shape, entity_type, member, &before, names);
        }
    }
    for item in &shape.computed {
        names.push(&[&item.name]);
    }
    for navigation in shape.links.iter().filter_map(|id| entity_type.navigation(*id)) {
        names.push(&[&navigation.name]);
    }
}

/// A complex property by its name if all of it is selected, else by what is selected of it.
fn push_member(shape: &Shape, entity_type: &EntityType, member: &Member, before: &str, names: &mut Names<'_>) {
    let is_selected = |id: &PropertyId| shape.properties.contains(id);
    match member {
        Member::Property(id) => {
            if let Some(property) = entity_type.property(*id).filter(|_| is_selected(id)) {
                names.push(&[before, &property.name]);
            }
        }
        Member::Complex(ComplexMember { name, members, .. }) => {
            let mut leaves = Vec::new();
            member.push_leaves(&mut leaves);
            if !leaves.is_empty() && leaves.iter().all(is_selected) {
                names.push(&[before, name]);
            } else if leaves.iter().any(is_selected) {
                let before = format!("{before}{name}/");
                for member in members {
                    push_member(shape, entity_type, member, &before, names);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Many, One, Only};
    use super::*;
    use crate::model::NavigationId;
    use crate::query::{Expansion, Expr, Page, Via};
    use crate::wire::samples::{EMPLOYEE, LINES, ORDERS, PEOPLE, SETTINGS, shop};

    const ROOT: &str = "http://h/";

    fn told(subject: Subject<'_>, version: Version) -> String {
        let url = context_of(subject, &shop(), version, ROOT);
        url.strip_prefix("http://h/$metadata").unwrap().to_owned()
    }

    fn selected(ids: &[u16]) -> Shape {
        Shape { properties: ids.iter().copied().map(PropertyId).collect(), selected: true, ..Shape::default() }
    }

    fn expansion(navigation: u16, set: SetId, shape: Shape) -> Expansion {
        let (filter, search, order) = (None, None, Vec::new());
        let navigation = NavigationId(navigation);
        Expansion { navigation, set, filter, search, order, shape, skip: 0, top: None, count: false }
    }

    #[test]
    fn what_is_no_entity_has_its_own_words() {
        for (subject, expected) in [
            (Subject::Service, ""),
            (Subject::References { collection: true }, "#Collection($ref)"),
            (Subject::References { collection: false }, "#$ref"),
            (Subject::Typed { name: "Edm.String", collection: false }, "#Edm.String"),
            (Subject::Typed { name: "Shop.Order", collection: true }, "#Collection(Shop.Order)"),
            (Subject::All, "#Collection(Edm.EntityType)"),
            (Subject::CrossJoin, "#Collection(Edm.ComplexType)"),
            (Subject::Property { place: "People('a')", path: "Address/City" }, "#People('a')/Address/City"),
        ] {
            assert_eq!(told(subject, Version::V4_0), expected);
        }
    }

    #[test]
    fn entities_are_told_by_place_type_and_selection() {
        let whole = Shape::default();
        // Of people: the key, two of three leaves of the address, and what an employee adds.
        let part = selected(&[0, 3, 4, 7]);
        let address = selected(&[3, 4, 5]);
        let none = Shape { links: vec![NavigationId(0)], ..selected(&[]) };
        for (place, set, cast, shape, number, expected) in [
            ("People", PEOPLE, None, &whole, Many, "#People"),
            ("People", PEOPLE, None, &whole, One, "#People/$entity"),
            ("Settings", SETTINGS, None, &whole, Only, "#Settings"),
            ("Settings", SETTINGS, None, &selected(&[1]), Only, "#Settings(Theme)"),
            ("People", PEOPLE, Some(EMPLOYEE), &whole, Many, "#People/Shop.Employee"),
            ("People", PEOPLE, Some(EMPLOYEE), &whole, One, "#People/Shop.Employee/$entity"),
            ("People", PEOPLE, None, &part, Many, "#People(Name,Address/Street,Address/City,Shop.Employee/Salary)"),
            (
                "People",
                PEOPLE,
                Some(EMPLOYEE),
                &part,
                One,
                "#People/Shop.Employee(Name,Address/Street,Address/City,Salary)/$entity",
            ),
            ("People", PEOPLE, None, &address, Many, "#People(Address)"),
            ("People", PEOPLE, None, &none, Many, "#People(Orders)"),
            ("Orders(1)/Lines", LINES, None, &whole, Many, "#Orders(1)/Lines"),
            ("Orders(1)/Lines", LINES, None, &whole, One, "#Orders(1)/Lines/$entity"),
        ] {
            let subject = Subject::Entities { place, set, cast, shape, number };
            assert_eq!(told(subject, Version::V4_0), expected);
        }
    }

    #[test]
    fn expansions_are_told_in_brackets() {
        let inner = Shape { expansions: vec![expansion(1, PEOPLE, selected(&[0]))], ..selected(&[0]) };
        let outer = Shape { expansions: vec![expansion(0, ORDERS, inner)], ..Shape::default() };
        let plain = Shape { expansions: vec![expansion(0, ORDERS, Shape::default())], ..selected(&[0]) };
        for (shape, old, new) in [
            (&outer, "#People(Orders(Id,Person(Name)))", "#People(Orders(Id,Person(Name)))"),
            (&plain, "#People(Name)", "#People(Name,Orders())"),
        ] {
            let subject = Subject::Entities { place: "People", set: PEOPLE, cast: None, shape, number: Number::Many };
            assert_eq!(told(subject, Version::V4_0), old);
            assert_eq!(told(subject, Version::V4_01), new);
        }
    }

    #[test]
    fn a_read_tells_where_its_rows_are() {
        let read = |set, via: Option<(SetId, Value, u16)>, key: Option<Value>, answer| {
            let via = via.map(|(set, key, navigation)| Via {
                set,
                key: vec![key],
                filter: Expr::Literal(Value::Boolean(true), crate::edm::Scalar::Boolean),
                navigation: NavigationId(navigation),
            });
            let read = Read {
                set,
                via,
                key: key.map(|value| vec![value]),
                filter: None,
                search: None,
                order: Vec::new(),
                shape: Shape::default(),
                page: Page { top: None, skip: 0, cursor: None, rows_max: 1 },
                count: false,
                answer,
            };
            let url = context(&read, &shop(), Version::V4_0, ROOT);
            url.strip_prefix("http://h/$metadata").unwrap().to_owned()
        };
        let name = || Value::String("O'Neil/1".into());
        let property = Answer::Property(PropertyId(1));
        let city = Answer::Property(PropertyId(4));
        for (url, expected) in [
            (read(PEOPLE, None, None, Answer::Collection), "#People"),
            (read(PEOPLE, None, Some(name()), Answer::Entity), "#People/$entity"),
            (read(PEOPLE, None, Some(name()), city), "#People('O''Neil%2F1')/Address/City"),
            (read(PEOPLE, Some((ORDERS, Value::Int(1), 1)), None, Answer::Entity), "#People/$entity"),
            (read(PEOPLE, Some((ORDERS, Value::Int(1), 1)), None, city), "#Orders(1)/Person/Address/City"),
            (read(ORDERS, Some((PEOPLE, name(), 0)), Some(Value::Int(2)), property), "#Orders(2)/Note"),
            (read(LINES, Some((ORDERS, Value::Int(1), 0)), None, Answer::Collection), "#Orders(1)/Lines"),
            (
                read(LINES, Some((ORDERS, Value::Int(1), 0)), Some(Value::Int(2)), Answer::Entity),
                "#Orders(1)/Lines/$entity",
            ),
            (
                read(LINES, Some((ORDERS, Value::Int(1), 0)), Some(Value::Int(2)), property),
                "#Orders(1)/Lines(2)/OrderId",
            ),
            (read(SETTINGS, None, None, Answer::Entity), "#Settings"),
            (read(SETTINGS, None, None, property), "#Settings/Theme"),
        ] {
            assert_eq!(url, expected);
        }
    }
}
