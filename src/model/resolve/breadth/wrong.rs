//! Every wrong declaration is reported at its place.

use super::{reports, with};
use crate::model::Family;

#[test]
fn wrong_types() {
    reports(
        "types.toml",
        "name = \"Red\"\nvalue = 2",
        "name = \"Red\"\nvalue = 3000000000",
        "enum.1.member.2.value: 3000000000 is out of range",
    );
    reports(
        "types.toml",
        "name = \"Red\"",
        "name = \"white\"",
        "enum.1.member.2.name: member `white` differs only in letter case",
    );
    reports(
        "types.toml",
        "name = \"Hook\"\nvalue = 1",
        "name = \"Hook\"\nvalue = -1",
        "enum.2.member.2.value: -1 is out of range",
    );
    reports(
        "types.toml",
        "type = \"Int16\"",
        "type = \"String\"",
        "enum.2.type: the values of `Equipment` cannot be of type String",
    );
    reports(
        "types.toml",
        "name = \"Dialling\"\ntype = \"Int32\"",
        "name = \"Dialling\"\ntype = \"Stream\"",
        "complex.2.property.2.type: a stream cannot stand in a complex type",
    );
    let twice = "[[complex]]\nname = \"Vehicle\"\n[[complex]]\nname = \"Address\"";
    let found = with("types.toml", "[[complex]]\nname = \"Address\"", twice);
    assert!(found[0].contains("complex.1.name: type `Vehicle` is already declared in"), "{found:#?}");
    let found =
        with("types.toml", "name = \"Dialling\"\ntype = \"Int32\"", "name = \"Dialling\"\ncomplex = \"Address\"");
    assert!(
        found.iter().any(|it| it.contains("complex.1.property: complex type `Address` contains itself")),
        "{found:#?}"
    );
    reports(
        "vehicle.toml",
        "enum = \"Colour\"",
        "enum = \"Color\"",
        "property.4.enum: enumeration `Color` does not exist; did you mean `Colour`?",
    );
    reports(
        "vehicle.toml",
        "enum = \"Colour\"",
        "enum = \"Colour\"\ntype = \"Int32\"",
        "property.4.enum: both a type and an enumeration are named",
    );
    reports(
        "vehicle.toml",
        "enum = \"Equipment\"",
        "enum = \"Equipment\"\nstored = \"name\"",
        "property.5.stored: `Equipment` has flags",
    );
    reports(
        "vehicle.toml",
        "type = \"Duration\"",
        "type = \"Duration\"\nstored = \"name\"",
        "property.8.stored: `stored` does not go with type Duration",
    );
    reports("vehicle.toml", "precision = 3", "precision = 7", "property.7.precision: 7 is out of range");
    // What depends on a file that cannot be read is not judged.
    let found = with("types.toml", "version = 1", "version = ");
    assert!(found.len() == 1 && found[0].starts_with("types.toml: line 1"), "{found:#?}");
}

#[test]
fn wrong_complex_properties() {
    let columns = "columns = { Street = \"home_street\", City = \"home_city\", Country = { Code = \"home_country\", Dialling = \"home_dialling\" } }";
    reports(
        "driver.toml",
        "complex = \"Address\"",
        "complex = \"Adress\"",
        "property.6.complex: complex type `Adress` does not exist; did you mean `Address`?",
    );
    reports(
        "driver.toml",
        "complex = \"Address\"",
        "complex = \"Address\"\ntype = \"String\"",
        "property.6.type: `type` does not go with a complex property",
    );
    reports("driver.toml", columns, "", "property.6.columns: `columns` is missing");
    reports(
        "driver.toml",
        "Street = \"home_street\", ",
        "",
        "property.6.columns.Street: the column of `Street` is missing",
    );
    reports(
        "driver.toml",
        "{ Code = \"home_country\", ",
        "{ Code = \"home_country\", Cod = \"x\", ",
        "property.6.columns.Country.Cod: complex type `Country` has no property `Cod`; did you mean `Code`?",
    );
    reports(
        "driver.toml",
        "City = \"home_city\"",
        "City = { A = \"home_city\" }",
        "property.6.columns.City: `City` has one column",
    );
    reports(
        "driver.toml",
        "Country = { Code = \"home_country\", Dialling = \"home_dialling\" } }",
        "Country = \"x\" }",
        "property.6.columns.Country: `Country` is complex itself",
    );
    reports(
        "driver.toml",
        "City = \"home_city\"",
        "City = \"born\"",
        "property.6.columns.City: column `born` already belongs to another property",
    );
    reports(
        "driver.toml",
        "City = \"home_city\"",
        "City = 1",
        "property.6.columns: it is none of the kinds of value that this key takes",
    );
    reports(
        "driver.toml",
        "column = \"born\"\ntype = \"Date\"",
        "column = \"born\"\ntype = \"Date\"\ncolumns = { A = \"b\" }",
        "property.3.columns: `columns` does not go with a property of one column",
    );
}

#[test]
fn wrong_collections_and_streams() {
    reports(
        "vehicle.toml",
        "collection = \"json\"",
        "collection = \"array\"",
        "property.6.collection: an array column is named",
    );
    reports(
        "vehicle.toml",
        "collection = \"json\"",
        "collection = \"json\"\nsortable = true",
        "property.6.sortable: `sortable` cannot be true here",
    );
    reports(
        "vehicle.toml",
        "type = \"GeographyPoint\"",
        "type = \"GeographyPoint\"\ncollection = \"json\"",
        "property.9.collection: streams and points cannot be collected",
    );
    reports(
        "vehicle.toml",
        "collection = \"json\"",
        "collection = \"json\"\nsearchable = true",
        "property.6.searchable: `searchable` does not go with a collection",
    );
    reports(
        "vehicle.toml",
        "content_type_property = \"PhotoType\"",
        "content_type_property = \"PhotoTyp\"",
        "property.10.content_type_property: type `Vehicle` has no property `PhotoTyp`; did you mean `PhotoType`?",
    );
    reports(
        "vehicle.toml",
        "content_type_property = \"PhotoType\"",
        "content_type_property = \"Colour\"",
        "property.10.content_type_property: `Colour` does not hold a content type",
    );
    reports(
        "vehicle.toml",
        "content_type_property = \"PhotoType\"",
        "",
        "property.10.content_type: nothing tells the kind of bytes",
    );
    reports(
        "vehicle.toml",
        "content_type_property = \"PhotoType\"",
        "content_type = \"png\"",
        "property.10.content_type: `png` is not a content type",
    );
    reports(
        "document.toml",
        "content_type_property = \"MimeType\"",
        "content_type_property = \"MimeType\"\ncontent_type = \"a/b\"",
        "media.content_type_property: both a content type and a property",
    );
    reports(
        "document.toml",
        "column = \"content\"",
        "column = \"title\"",
        "media.column: column `title` already belongs to another property",
    );
    reports("document.toml", "etag = \"Version\"", "etag = \"Thumbnail\"", "etag: `Thumbnail` cannot be the ETag");
    reports(
        "document.toml",
        "key = [\"ID\"]",
        "key = [\"ID\"]\nalternate_keys = [[\"Thumbnail\"]]",
        "alternate_keys.1: key property `Thumbnail` is of type Edm.Stream; streams cannot identify a row",
    );
    reports(
        "document.toml",
        "key = [\"ID\"]",
        "key = [\"ID\"]\nalternate_keys = [[\"ID\"]]",
        "alternate_keys.1: an alternate key is the key itself",
    );
}

#[test]
fn arrays_that_cannot_be_read() {
    let text = include_str!("../../../../tests/cases/breadth/postgres/tour.toml").replace("\"Date\"", "\"Duration\"");
    let mut tours = super::tours();
    let file = tours.entities.iter_mut().find(|it| it.base() == "tour.toml").unwrap();
    file.text = text;
    let found = super::run(&[super::fleet(), tours], Family::Postgres).unwrap_err();
    assert!(
        found.len() == 1 && found[0].contains("property.3.collection: an array of type Edm.Duration"),
        "{found:#?}"
    );
}

#[test]
fn wrong_derived_types() {
    reports(
        "vehicle.toml",
        "discriminator = \"Kind\"",
        "",
        "discriminator: types are derived, and nothing tells them apart",
    );
    reports(
        "vehicle.toml",
        "discriminator = \"Kind\"",
        "discriminator = \"Knd\"",
        "discriminator: type `Vehicle` has no property `Knd`; did you mean `Kind`?",
    );
    reports(
        "vehicle.toml",
        "values = [\"bus\"]",
        "values = [\"bus\", 7]",
        "derived.3.values: value 2 is none that `Kind` holds",
    );
    reports(
        "vehicle.toml",
        "values = [\"bus\"]",
        "values = [\"truck\"]",
        "derived.3.values: a value stands for `Truck` and for `Bus`",
    );
    reports("vehicle.toml", "values = [\"bus\"]", "", "derived.3.values: nothing tells which rows are of type `Bus`");
    reports(
        "vehicle.toml",
        "values = [\"bus\"]",
        "values = [\"bus\"]\nabstract = true",
        "derived.3.values: `Bus` is abstract, and rows are declared",
    );
    reports(
        "vehicle.toml",
        "base = \"Truck\"",
        "base = \"Bus\"",
        "derived.2.base: type `Bus` is no base here; a base stands before",
    );
    reports(
        "vehicle.toml",
        "base = \"Truck\"",
        "base = \"Trucks\"",
        "derived.2.base: type `Trucks` is no base here; did you mean `Truck`?",
    );
    reports(
        "vehicle.toml",
        "name = \"Seats\"",
        "name = \"plate\"",
        "derived.3.property.1.name: property `plate` differs only in letter case from `Plate`",
    );
    reports(
        "vehicle.toml",
        "type = \"Int64\"",
        "type = \"Int64\"\nnullable = false",
        "derived.2.property.1.nullable: `nullable` does not go with a property of a derived type",
    );
    reports(
        "vehicle.toml",
        "name = \"Tanker\"",
        "name = \"Driver\"",
        "derived.2.name: type `Driver` is already declared",
    );
    reports(
        "driver.toml",
        "key = [\"ID\"]",
        "key = [\"ID\"]\ndiscriminator = \"Name\"",
        "discriminator: a discriminator is named, and no type is derived",
    );
    reports(
        "driver.toml",
        "key = [\"ID\"]",
        "key = [\"ID\"]\nabstract = true",
        "abstract: the type is abstract, and no type is derived",
    );
    reports(
        "vehicle.toml",
        "join = { GuideID = \"ID\" }",
        "join = { GuidID = \"ID\" }",
        "derived.3.navigation.1.join.GuidID: type `Vehicle` has no property `GuidID`; did you mean `GuideID`?",
    );
}

#[test]
fn wrong_navigations_and_singletons() {
    let found = with("vehicle.toml", "near = { vehicle_id = \"ID\" }", "near = { vehicle_id = \"Id\" }");
    assert!(found[0].contains("navigation.1.link.near.vehicle_id: type `Vehicle` has no property `Id`"), "{found:#?}");
    let found = with("vehicle.toml", "near = { vehicle_id = \"ID\" }", "near = {}");
    assert!(found.iter().any(|it| it.contains("navigation.1.link.near: no column is named")), "{found:#?}");
    let found = with("vehicle.toml", "near = { vehicle_id = \"ID\" }", "near = { other_id = \"ID\" }");
    assert!(found[0].contains("navigation.1.partner: `Vehicles` does not lead back over the same pairs"), "{found:#?}");
    let found = with("vehicle.toml", "to = \"many\"\npartner = \"Vehicles\"", "to = \"one\"\npartner = \"Vehicles\"");
    assert!(found[0].contains("navigation.1.to: a link leads to many entities"), "{found:#?}");
    reports(
        "vehicle.toml",
        "to = \"many\"\npartner = \"Vehicles\"",
        "to = \"many\"\npartner = \"Vehicles\"\njoin = { ID = \"ID\" }",
        "navigation.1.link: both a join and a link are given",
    );
    reports("depot.toml", "target = \"Drivers\"", "target = \"Chief\"", "navigation.1.target: `Chief` is a singleton");
    reports(
        "depot.toml",
        "target = \"Drivers\"\nto = \"one\"\njoin = { ManagerID = \"ID\" }",
        "target = \"Trips\"\nto = \"one\"\njoin = { ManagerID = \"VehicleID\" }",
        "navigation.1.target: `Trips` is contained in another set",
    );
    let found = with("depot.toml", "to = \"one\"", "to = \"one\"\ncontained = true");
    assert!(found.iter().any(|it| it.contains("`Drivers` is contained in another set")), "{found:#?}");
    reports(
        "chief.toml",
        "singleton =",
        "set = \"Chiefs\"\nsingleton =",
        "singleton: both a set and a singleton are named",
    );
    reports("chief.toml", "row = [2]", "row = [2, 3]", "row: 2 values are given for a key of 1 properties");
    reports("chief.toml", "row = [2]", "row = [\"two\"]", "row: the value of `ID` is none of type Edm.Int32");
    reports("chief.toml", "singleton = \"Chief\"", "set = \"Chief\"", "row: `row` does not go with a set");
}

#[test]
fn wrong_search_indexes() {
    reports("article.toml", "rowid = \"ID\"", "rowid = \"Title\"", "search.sqlite.rowid: `Title` cannot be a row id");
    reports(
        "article.toml",
        "[\"title\", \"body\"]",
        "[\"title\", \"secret\"]",
        "search.mysql.fulltext: column `secret` belongs to no searchable property",
    );
    reports("article.toml", "[\"title\", \"body\"]", "[]", "search.mysql.fulltext: the index has no column");
    reports(
        "article.toml",
        "index = \"tsvector\"\ncolumn = \"words\"",
        "index = \"trigram\"",
        "search.postgres.config: `config` does not go with a trigram index",
    );
    reports("article.toml", "column = \"words\"", "", "search.postgres.column: a database name is empty");
    reports(
        "article.toml",
        "[search.postgres]\nindex",
        "[search.postgre]\nindex",
        "search.postgre: `postgre` is not a key of the format; did you mean `postgres`?",
    );
    reports(
        "article.toml",
        "key = [\"ID\"]",
        "key = [\"ID\"]\nsearchable = false",
        "searchable: an index is named for `$search`, which is not answered",
    );
}

#[test]
fn wrong_operations() {
    let file = "operations.toml";
    reports(file, "= :ID\"", "= :Id\"", "function.3.statement: parameter `:Id` is not declared; did you mean `:ID`?");
    reports(file, "= :ID\"", "= :ID; DROP TABLE trips\"", "function.3.statement: it holds a semicolon");
    reports(file, "= :ID\"", "= ?\"", "function.3.statement: it holds a question mark");
    reports(file, "LIMIT :count\"", "LIMIT 5\"", "function.1.parameter.1.name: the statement does not use `:count`");
    reports(
        file,
        "returns = { type = \"Int32\", nullable = false }\n",
        "",
        "function.3.returns: a function returns something",
    );
    reports(
        file,
        "returns = { set = \"Drivers\" }",
        "returns = { set = \"Driver\" }",
        "function.4.returns.set: set `Driver` does not exist; did you mean `Drivers`?",
    );
    reports(
        file,
        "bound_to = \"Drivers\"",
        "bound_to = \"Trips\"",
        "function.4.on: `Trips` is no collection of the container",
    );
    reports(
        file,
        "on = \"collection\"",
        "on = \"collection\"\nimport = \"X\"",
        "function.4.import: a bound operation does not stand in the container",
    );
    reports(
        file,
        "derived = \"Truck\"",
        "derived = \"Truk\"",
        "action.1.derived: `Vehicles` has no derived type `Truk`; did you mean `Truck`?",
    );
    reports(
        file,
        "sqlite = ",
        "mysq = ",
        "action.1.statement.mysq: `mysq` is not a key of the format; did you mean `mysql`?",
    );
    reports(
        file,
        "sqlite = \"UPDATE vehicles SET colour = :colour WHERE id = :ID\"\n",
        "",
        "action.1.statement: no statement is given for this source; add `statement.sqlite`",
    );
    reports(file, "function = \"abs\"", "procedure = \"abs\"", "function.5.procedure: SQLite has no procedures");
    reports(
        file,
        "function = \"abs\"",
        "function = \"abs\"\nstatement = \"SELECT :value\"",
        "function.5.function: both `statement` and `function` are given",
    );
    reports(file, "function = \"abs\"", "", "function.5.statement: `statement` is missing");
    reports(
        file,
        "import = \"AbsoluteOf\"",
        "import = \"Vehicles\"",
        "function.5.import: set `Vehicles` is already declared",
    );
    reports(file, "name = \"Absolute\"", "name = \"Truck\"", "function.5.name: type `Truck` is already declared");
}

#[test]
fn wrong_overloads() {
    let file = "operations.toml";
    let found = with(file, "name = \"Forget\"", "name = \"TripCount\"");
    assert!(found[0].contains("`TripCount` is a function and an action"), "{found:#?}");
    let again = "\n[[function]]\nname = \"TripCount\"\nbound_to = \"Vehicles\"\nreturns = { type = \"Int32\", nullable = \
                 false }\nstatement = \"SELECT :ID\"\n\n[[action]]\nname = \"Repaint\"";
    let wrong = "TripCount: function `TripCount` is declared twice with the same parameters";
    reports(file, "\n[[action]]\nname = \"Repaint\"", again, wrong);
    let other = again
        .replace("false }", "true }")
        .replace("SELECT :ID", "SELECT :x")
        .replace("\n\n[[action]]", "\n\n[[function.parameter]]\nname = \"x\"\ntype = \"Int32\"\n\n[[action]]");
    reports(
        file,
        "\n[[action]]\nname = \"Repaint\"",
        &other,
        "TripCount: the overloads of function `TripCount` return",
    );
    let again = "name = \"Repaint\"\nbound_to = \"Vehicles\"\nderived = \"Truck\"\nstatement = \"SELECT :ID\"\n\n\
                 [[action]]\nname = \"Repaint\"";
    reports(file, "name = \"Repaint\"", again, "Repaint: action `Repaint` is declared twice for the same place");
}
