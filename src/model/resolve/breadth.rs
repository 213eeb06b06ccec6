//! Tests of everything beyond tables of plain columns: the model of `tests/cases/breadth` resolves to what it says.

mod wrong;

use crate::edm::{Scalar, Value};
use crate::model::raw::{File, Folder};
use crate::model::*;

macro_rules! files {
    ($folder:literal: $($name:literal),*) => {
        vec![$(File {
            name: format!("{}/{}", $folder, $name),
            text: include_str!(concat!("../../../tests/cases/breadth/", $folder, "/", $name)).to_owned(),
        }),*]
    };
}

fn folder(mut files: Vec<File>) -> Folder {
    let service = files.remove(0);
    Folder { name: "breadth".to_owned(), service, entities: files, unread: Vec::new() }
}

fn fleet() -> Folder {
    folder(files!("metadata": "service.toml", "article.toml", "chief.toml", "depot.toml", "document.toml",
        "driver.toml", "operations.toml", "party.toml", "sample.toml", "trip.toml", "types.toml", "vehicle.toml"))
}

fn tours() -> Folder {
    folder(files!("postgres": "service.toml", "operations.toml", "tour.toml"))
}

fn run(folders: &[Folder], family: Family) -> Result<Model, Vec<String>> {
    let source = Source { name: "fleet".to_owned(), announces: false, family: Some(family) };
    resolve("fleet", folders, &[source]).map_err(|problems| problems.iter().map(Problem::to_string).collect())
}

fn model(family: Family) -> Model {
    run(&[fleet()], family).unwrap()
}

/// The problems after `from` became `to` in one file.
fn with(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut folder = fleet();
    let file = folder.entities.iter_mut().find(|it| it.base() == file).unwrap();
    assert!(file.text.contains(from), "{from}");
    file.text = file.text.replacen(from, to, 1);
    let problems = run(&[folder], Family::Sqlite).map(|_| ()).unwrap_err();
    problems.iter().map(|problem| problem.replacen("metadata/", "", 1)).collect()
}

/// One problem, which starts so.
#[track_caller]
fn reports(file: &str, from: &str, to: &str, wrong: &str) {
    let found = with(file, from, to);
    assert!(found.len() == 1 && found[0].starts_with(&format!("{file}: {wrong}")), "{found:#?}");
}

fn names<'a>(of: &'a EntityType, members: impl Iterator<Item = &'a Member>) -> Vec<&'a str> {
    members
        .map(|member| match member {
            Member::Property(id) => of.property(*id).unwrap().name.as_str(),
            Member::Complex(complex) => complex.name.as_str(),
        })
        .collect()
}

#[test]
fn the_model_holds_on_every_database() {
    for family in [Family::Postgres, Family::Mysql, Family::Sqlite] {
        let model = model(family);
        let published: Vec<_> = model.sets.iter().filter(|set| set.is_published()).map(|set| &*set.name).collect();
        assert_eq!(published, ["Articles", "Documents", "Drivers", "Parties", "Samples", "Vehicles"]);
        assert!(model.set_named("Trips").is_none() && model.set_named("Depot").is_none());
        assert_eq!(model.declared("Trips").and_then(|id| model.set(id)).unwrap().table.name.as_ref(), "trips");
        let search = model.set_named("Articles").unwrap().1.search.clone().unwrap();
        assert_eq!(
            search,
            match family {
                Family::Postgres => SearchIndex::TsVector { column: "words".to_owned(), config: "simple".to_owned() },
                Family::Mysql => SearchIndex::FullText { columns: vec!["title".to_owned(), "body".to_owned()] },
                Family::Sqlite =>
                    SearchIndex::Fts5 { table: "articles_words".to_owned(), rowid: PropertyId(0), trigram: false },
            }
        );
    }
    let model = run(&[fleet(), tours()], Family::Postgres).unwrap();
    let (_, set) = model.set_named("Tours").unwrap();
    assert_eq!(set.search, Some(SearchIndex::Trigram { column: None }));
    let stops = model.type_of(model.sets_by_name["Tours"]).unwrap().property_named("Stops").unwrap().1;
    assert_eq!((stops.collection, stops.nullable, stops.sortable), (Some(Collected::Array), false, false));
    let found = run(&[fleet(), tours()], Family::Mysql).unwrap_err();
    let array = "an array column is named, and the source is not a PostgreSQL database";
    assert!(found.len() == 3 && found[0].contains(array), "{found:#?}");
}

#[test]
fn enumerations_keep_their_members_and_their_form() {
    let model = model(Family::Sqlite);
    let driver = model.type_of(model.sets_by_name["Drivers"]).unwrap();
    let vehicle = model.type_of(model.sets_by_name["Vehicles"]).unwrap();
    let of = |entity: &EntityType, name: &str| {
        let property = entity.property_named(name).unwrap().1.clone();
        (property.scalar, model.enumeration(property.enumeration.unwrap()).unwrap().clone())
    };
    let (scalar, colour) = of(vehicle, "Colour");
    assert_eq!(
        (scalar, colour.flags, colour.value_of("Red"), colour.name_of(5)),
        (Scalar::Int32, false, Some(2), Some("Black"))
    );
    let (scalar, equipment) = of(vehicle, "Equipment");
    assert_eq!((scalar, equipment.flags, equipment.value_of("Hook,Ramp")), (Scalar::Int16, true, Some(5)));
    assert_eq!(of(driver, "Grade").0, Scalar::STRING);
    let favourites = driver.property_named("Favourites").unwrap().1;
    assert_eq!((favourites.scalar, favourites.collection), (Scalar::STRING, Some(Collected::Json)));
    assert!(driver.property_named("Scores").unwrap().1.nullable, "a collection may hold nulls");
}

#[test]
fn complex_properties_are_groups_of_columns() {
    let model = model(Family::Sqlite);
    let driver = model.type_of(model.sets_by_name["Drivers"]).unwrap();
    let home = driver.complex_named("Home").unwrap();
    assert_eq!(names(driver, home.members.iter()), ["Street", "City", "Country"]);
    let columns: Vec<_> = home.leaves().iter().map(|id| driver.property(*id).unwrap().column.as_ref()).collect();
    assert_eq!(columns, ["home_street", "home_city", "home_country", "home_dialling"]);
    // Inside a value that can be null every column can be.
    assert!(home.nullable && home.leaves().iter().all(|id| driver.property(*id).unwrap().nullable));
    let office = driver.complex_named("Office").unwrap();
    let code = driver.property(office.leaves()[0]).unwrap();
    assert!(!office.nullable && !code.nullable && !code.sortable && code.filterable);
    assert!(driver.property_named("Code").is_none(), "a leaf is no property of the type");
    let Some(Member::Complex(country)) = driver.member_within(home, "Country") else { panic!() };
    assert!(driver.member_within(country, "Code").is_some());
    let of_type = model.complex_type(home.complex_type).unwrap();
    assert_eq!((of_type.name.as_str(), of_type.structure.len(), of_type.properties.len()), ("Address", 3, 2));
    let published = driver.published(None);
    let columns: Vec<_> = published.iter().map(|id| driver.property(*id).unwrap().column.as_ref()).collect();
    assert_eq!(columns[4..9], ["grade", "home_street", "home_city", "home_country", "home_dialling"]);
}

#[test]
fn derived_types_share_the_columns() {
    let model = model(Family::Sqlite);
    let vehicle = model.type_of(model.sets_by_name["Vehicles"]).unwrap();
    let id = |name: &str| Some(vehicle.derived_named(name).unwrap().0);
    assert_eq!(vehicle.line(id("Tanker")), [DerivedId(0), DerivedId(1)]);
    let own = ["ID", "Plate", "Colour", "Equipment", "Tags", "ShiftStart", "Idle", "Position", "Photo", "PhotoType"];
    assert_eq!(names(vehicle, vehicle.members(None)), own);
    assert_eq!(names(vehicle, vehicle.members(id("Tanker")))[own.len()..], ["LoadKg", "Litres"]);
    assert_eq!(names(vehicle, vehicle.members(id("Bus")))[own.len()..], ["Seats", "Stop", "GuideID"]);
    let texts = |values: &[&str]| values.iter().map(|value| Value::String((*value).into())).collect::<Vec<_>>();
    let values = |of| vehicle.discriminator_values(of).map(|values| values.into_iter().cloned().collect::<Vec<_>>());
    assert_eq!(values(None), None);
    assert_eq!(values(id("Truck")), Some(texts(&["truck", "tanker", "milk"])));
    assert_eq!(values(id("Bus")), Some(texts(&["bus"])));
    assert_eq!(vehicle.type_for(&Value::String("milk".into())), id("Tanker"));
    assert_eq!(vehicle.type_for(&Value::String("boat".into())), None);
    assert!(vehicle.derives(id("Tanker"), id("Truck")) && !vehicle.derives(id("Bus"), id("Truck")));
    let kind = vehicle.property(vehicle.discriminator.unwrap()).unwrap();
    assert!(kind.hidden && vehicle.property_named("Kind").is_none());
    assert!(vehicle.navigation_named("Guide").is_none() && vehicle.navigation_of(id("Bus"), "Guide").is_some());
    let litres = vehicle.member_named(id("Tanker"), "Litres");
    assert!(
        matches!(litres, Some(Member::Property(id)) if vehicle.property(*id).unwrap().declared_by == Some(DerivedId(1)))
    );

    let party = model.type_of(model.sets_by_name["Parties"]).unwrap();
    let known = party.discriminator_values(None).unwrap();
    assert_eq!(known, [&Value::Int(1), &Value::Int(2), &Value::Int(3)]);
    let organisation = party.derived_named("Organisation").unwrap();
    assert!(organisation.1.is_abstract && party.discriminator_values(Some(organisation.0)).unwrap().len() == 2);
    assert_eq!(party.derived_named("Company").unwrap().1.base, Some(organisation.0));
}

#[test]
fn navigations_through_a_link_and_into_what_is_contained() {
    let model = model(Family::Sqlite);
    let (vehicles, drivers) = (model.sets_by_name["Vehicles"], model.sets_by_name["Drivers"]);
    let vehicle = model.type_of(vehicles).unwrap();
    let (id, forth) = vehicle.navigation_named("Drivers").unwrap();
    let back = model.type_of(drivers).unwrap().navigation_named("Vehicles").unwrap().1;
    let link = forth.link.as_ref().unwrap();
    assert_eq!((link.near[0].0.as_ref(), link.far[0].0.as_ref(), forth.joins.len()), ("vehicle_id", "driver_id", 0));
    assert_eq!((back.partner, back.expandable, back.filterable, forth.expandable), (Some(id), false, false, true));
    let (trips, navigation) = vehicle.navigation_named("Trips").unwrap();
    assert!(navigation.contained);
    let contained = model.set(navigation.target).unwrap();
    assert_eq!(contained.exposure, Exposure::Contained { parent: vehicles, navigation: trips });
}

#[test]
fn media_streams_and_singletons() {
    let model = model(Family::Sqlite);
    let document = model.type_of(model.sets_by_name["Documents"]).unwrap();
    let media = document.media.as_ref().unwrap();
    let content = document.property(media.content).unwrap();
    assert_eq!((content.scalar, content.hidden, content.column.as_ref()), (Scalar::Stream, true, "content"));
    let mime = document.property_named("MimeType").unwrap().0;
    assert_eq!(media.content_type, ContentType::Property(mime));
    let thumbnail = document.property_named("Thumbnail").unwrap().1;
    assert_eq!(thumbnail.content_type, Some(ContentType::Fixed("image/png".to_owned())));
    assert!(!thumbnail.filterable && !thumbnail.sortable);
    assert_eq!(model.singleton_named("Depot").unwrap().1.exposure, Exposure::Singleton { key: Vec::new() });
    let key = vec![Value::Int(2)];
    assert_eq!(model.singleton_named("Chief").unwrap().1.exposure, Exposure::Singleton { key });
    let drivers = model.type_of(model.sets_by_name["Drivers"]).unwrap();
    assert_eq!(drivers.alternate_keys, [vec![PropertyId(3)], vec![PropertyId(1), PropertyId(2)]]);
    let parties = model.set_named("Parties").unwrap().1;
    assert!(!parties.countable && !parties.searchable);
}

#[test]
fn operations_keep_values_apart_from_their_statement() {
    let model = run(&[fleet(), tours()], Family::Postgres).unwrap();
    let heaviest: Vec<_> = model.operations_named("HeaviestTrucks").collect();
    assert_eq!(heaviest.len(), 2);
    let (_, second) = &heaviest[1];
    assert_eq!((second.composable, second.imported_as.as_deref()), (true, Some("HeaviestTrucks")));
    assert_eq!(second.returns, Some(Returns::Entities { set: model.sets_by_name["Vehicles"] }));
    let Body::Statement(parts) = &second.body else { panic!() };
    assert_eq!((&parts[1], &parts[3], parts.len()), (&Part::Parameter(1), &Part::Parameter(0), 4));
    assert_eq!(second.parameters[1].value_type.scalar, Scalar::Int32);
    let (_, count) = model.operations_named("TripCount").next().unwrap();
    let binding = count.binding.as_ref().unwrap();
    assert_eq!((binding.set, binding.collection, &*binding.parameter), (model.sets_by_name["Vehicles"], false, "it"));
    let Body::Statement(parts) = &count.body else { panic!() };
    assert_eq!(parts[1], Part::Key(PropertyId(0)));
    let (_, absolute) = model.operations_named("Absolute").next().unwrap();
    assert_eq!(absolute.body, Body::Function(Table::new(None, "abs")));
    assert_eq!(absolute.imported_as.as_deref(), Some("AbsoluteOf"));
    let (_, repaint) = model.operations_named("Repaint").next().unwrap();
    assert_eq!((repaint.kind, repaint.binding.as_ref().unwrap().derived), (OperationKind::Action, Some(DerivedId(0))));
    assert!(model.operations_named("ShiftTour").all(|(_, it)| matches!(it.body, Body::Procedure(_))));
}
