//! A model with one of everything that the tests of this room write: enumerations, complex and derived types,
//! collections, streams and media, a singleton, containment, operations.

use std::fmt::Write as _;

use crate::edm::{Scalar, Value};
use crate::model::raw::{File, Folder};
use crate::model::{
    Binding, Body, Collected, ComplexMember, ComplexType, ComplexTypeId, ContentType, DerivedId, DerivedType, EnumId,
    EnumMember, EnumType, Exposure, Media, Member, Model, NavigationId, Operation, OperationKind, Parameter, Property,
    PropertyId, Returns, SetId, Source, SourceId, ValueType, resolve,
};

const SERVICE: &str = "version = 1\nnamespace = \"Shop\"\nsource = \"s\"\n";

fn entity(set: &str, name: &str, key: &[&str], rest: &str) -> File {
    let mut text = format!("version = 1\nset = \"{set}\"\ntype = \"{name}\"\ntable = \"t\"\nkey = {key:?}\n");
    let properties: Vec<&str> = rest.lines().filter(|line| !line.starts_with('>')).collect();
    for property in properties {
        let (name, kind) = property.split_once(' ').unwrap();
        let nullable = !kind.ends_with('!');
        let kind = kind.trim_end_matches('!');
        let _ = write!(
            text,
            "[[property]]\nname = \"{name}\"\ncolumn = \"{name}\"\ntype = \"{kind}\"\nnullable = {nullable}\n"
        );
    }
    for navigation in rest.lines().filter_map(|line| line.strip_prefix('>')) {
        let parts: Vec<&str> = navigation.split(' ').collect();
        let [name, target, to, local, remote] = parts[..] else { panic!("{navigation}") };
        let _ = write!(
            text,
            "[[navigation]]\nname = \"{name}\"\ntarget = \"{target}\"\nto = \"{to}\"\njoin = {{ {local} = \"{remote}\" }}\n"
        );
    }
    File { name: format!("{name}.toml"), text }
}

pub(super) const ORDERS: SetId = SetId(0);
pub(super) const LINES: SetId = SetId(1);
pub(super) const PEOPLE: SetId = SetId(2);
pub(super) const SETTINGS: SetId = SetId(3);
pub(super) const PHOTOS: SetId = SetId(4);
pub(super) const EMPLOYEE: DerivedId = DerivedId(0);
pub(super) const MANAGER: DerivedId = DerivedId(1);

/// The model.
pub(super) fn shop() -> Model {
    let folder = Folder {
        unread: Vec::new(),
        name: "shop".to_owned(),
        service: File { name: "service.toml".to_owned(), text: SERVICE.to_owned() },
        entities: vec![
            entity(
                "Orders",
                "Order",
                &["Id"],
                "Id Int32!\nNote String\nBuyer String\n>Lines Lines many Id OrderId\n>Person People one Buyer Name",
            ),
            entity(
                "Lines",
                "Line",
                &["Place"],
                "Place Int32!\nOrderId Int32!\nText String\n>Order Orders one OrderId Id\n>Sold People one Text Name",
            ),
            entity(
                "People",
                "Person",
                &["Name"],
                "Name String!\nKind String\nShade Int32\nStreet String\nCity String\nLat Double\nTags String\nSalary Decimal\nBonus Int64\nEmail String\n>Orders Orders many Name Buyer\n>Staff People many Name Email",
            ),
            entity("Settings", "Setting", &["Id"], "Id Int32!\nTheme String"),
            entity("Photos", "Photo", &["Id"], "Id Guid!\nTitle String\nBytes String\nThumb String\nKind String"),
        ],
    };
    let mut model =
        resolve("shop", &[folder], &[Source { name: "s".to_owned(), announces: true, family: None }]).unwrap();
    add_types(&mut model);
    shape_people(&mut model);
    shape_others(&mut model);
    add_operations(&mut model);
    model
}

fn add_types(model: &mut Model) {
    let member = |name: &str, value| EnumMember { name: name.to_owned(), value };
    model.enums = vec![
        EnumType {
            name: "Shade".to_owned(),
            underlying: Scalar::Int32,
            flags: true,
            members: vec![member("Dark", 1), member("Light", 2)],
            description: Some("How it looks.".to_owned()),
        },
        EnumType {
            name: "Size".to_owned(),
            underlying: Scalar::Byte,
            flags: false,
            members: vec![member("Small", 1)],
            description: None,
        },
    ];
    let plain = |name: &str, scalar| Property::new(name, "", scalar);
    model.complex_types = vec![
        ComplexType {
            name: "Address".to_owned(),
            properties: vec![plain("Street", Scalar::String { max_length: Some(40) }), plain("City", Scalar::STRING)],
            structure: vec![
                Member::Property(PropertyId(0)),
                Member::Property(PropertyId(1)),
                Member::Complex(ComplexMember {
                    name: "Place".to_owned(),
                    complex_type: ComplexTypeId(1),
                    nullable: true,
                    members: Vec::new(),
                    description: None,
                }),
            ],
            description: None,
        },
        ComplexType {
            name: "Place".to_owned(),
            properties: vec![plain("Lat", Scalar::Double)],
            structure: vec![Member::Property(PropertyId(0))],
            description: None,
        },
    ];
}

fn shape_people(model: &mut Model) {
    let person = &mut model.types[2];
    let id = |name: &str| person.property_ids().find(|id| person.property(*id).unwrap().name == name).unwrap();
    let (name, kind, shade, tags) = (id("Name"), id("Kind"), id("Shade"), id("Tags"));
    let (street, city, lat) = (id("Street"), id("City"), id("Lat"));
    let (salary, bonus, email) = (id("Salary"), id("Bonus"), id("Email"));
    let place = ComplexMember {
        name: "Place".to_owned(),
        complex_type: ComplexTypeId(1),
        nullable: true,
        members: vec![Member::Property(lat)],
        description: None,
    };
    let address = ComplexMember {
        name: "Address".to_owned(),
        complex_type: ComplexTypeId(0),
        nullable: true,
        members: vec![Member::Property(street), Member::Property(city), Member::Complex(place)],
        description: Some("Where.".to_owned()),
    };
    let derived = |name: &str, base, value: &str, own| DerivedType {
        name: name.to_owned(),
        base,
        values: vec![Value::String(value.into())],
        is_abstract: false,
        structure: vec![Member::Property(own)],
        description: None,
    };
    person.derived = vec![derived("Employee", None, "E", salary), derived("Manager", Some(EMPLOYEE), "M", bonus)];
    person.properties[usize::from(kind.0)].hidden = true;
    person.properties[usize::from(shade.0)].enumeration = Some(EnumId(0));
    person.properties[usize::from(tags.0)].collection = Some(Collected::Json);
    person.properties[usize::from(tags.0)].filterable = false;
    person.properties[usize::from(salary.0)].declared_by = Some(EMPLOYEE);
    person.properties[usize::from(bonus.0)].declared_by = Some(MANAGER);
    person.discriminator = Some(kind);
    person.alternate_keys = vec![vec![email]];
    let plain = [name, shade].map(Member::Property);
    person.structure = plain.into_iter().collect();
    person.structure.push(Member::Complex(address));
    person.structure.extend([tags, email].map(Member::Property));
    person.navigations[1].declared_by = Some(MANAGER);
    person.navigations[1].expandable = false;
}

fn shape_others(model: &mut Model) {
    model.types[0].navigations[0].contained = true;
    model.sets[1].exposure = Exposure::Contained { parent: ORDERS, navigation: NavigationId(0) };
    model.sets_by_name.remove("Lines");
    model.sets[3].exposure = Exposure::Singleton { key: vec![Value::Int(1)] };
    model.sets_by_name.remove("Settings");
    model.singletons_by_name.insert("Settings".to_owned(), SETTINGS);
    let photo = &mut model.types[4];
    photo.properties[2].hidden = true;
    photo.properties[4].hidden = true;
    photo.properties[3].scalar = Scalar::Stream;
    photo.properties[3].content_type = Some(ContentType::Fixed("image/png".to_owned()));
    photo.media = Some(Media { content: PropertyId(2), content_type: ContentType::Property(PropertyId(4)) });
    photo.structure = [0, 1, 3].map(|id| Member::Property(PropertyId(id))).into_iter().collect();
}

fn add_operations(model: &mut Model) {
    let text = ValueType { scalar: Scalar::STRING, enumeration: None };
    let operation = |name: &str, kind, returns| Operation {
        name: name.to_owned(),
        kind,
        binding: None,
        parameters: Vec::new(),
        returns,
        source: SourceId(0),
        body: Body::Statement(Vec::new()),
        inside: None,
        composable: false,
        imported_as: None,
        description: None,
    };
    let parameter =
        |name: &str, collection| Parameter { name: name.to_owned(), value_type: text, nullable: false, collection };
    let one = Returns::Value { value_type: text, nullable: true };
    let shades = ValueType { scalar: Scalar::Int32, enumeration: Some(EnumId(0)) };
    model.operations = vec![
        Operation {
            imported_as: Some("Best".to_owned()),
            composable: true,
            description: Some("The best.".to_owned()),
            ..operation("Best", OperationKind::Function, Some(Returns::Entities { set: ORDERS }))
        },
        Operation {
            imported_as: Some("Best".to_owned()),
            parameters: vec![parameter("of", true)],
            ..operation("Best", OperationKind::Function, Some(Returns::Entities { set: ORDERS }))
        },
        Operation { imported_as: Some("Reset".to_owned()), ..operation("Reset", OperationKind::Action, None) },
        Operation {
            binding: Some(Binding {
                parameter: "it".to_owned(),
                set: PEOPLE,
                derived: Some(EMPLOYEE),
                collection: false,
            }),
            parameters: vec![parameter("how", false)],
            ..operation("Greet", OperationKind::Function, Some(one))
        },
        Operation {
            binding: Some(Binding { parameter: "all".to_owned(), set: PEOPLE, derived: None, collection: true }),
            ..operation(
                "Shades",
                OperationKind::Function,
                Some(Returns::Values { value_type: shades, nullable: false }),
            )
        },
        Operation {
            binding: Some(Binding { parameter: "it".to_owned(), set: PEOPLE, derived: None, collection: false }),
            ..operation("Last", OperationKind::Action, Some(Returns::Entity { set: ORDERS, nullable: true }))
        },
    ];
}
