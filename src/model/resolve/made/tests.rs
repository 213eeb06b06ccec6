//! What files may say of rows and values beyond tables and columns.

use crate::edm::{Made, Offered, Scalar, Value};
use crate::model::raw::{File, Folder};
use crate::model::{EntityType, Family, Model, Problem, Source, Table, resolve};

const FILE: &str = r#"
version = 1
set = "Sales"
type = "Sale"
table = "sales"
key = ["ID"]
filter = "Total gt 1"
[[property]]
name = "ID"
column = "id"
type = "Int32"
nullable = false
[[property]]
name = "Total"
expression = "{price} * {quantity}"
type = "Decimal"
[[property]]
name = "Label"
expression = { postgres = "'#' || {id}", mysql = "concat('#', {id})" }
type = "String"
[[property]]
name = "State"
column = "state"
type = "String"
codes = "Int16"
values = { 1 = "Open", 2 = "Closed", 3 = "Closed" }
[[property]]
name = "Code"
column = "state"
type = "Int16"
[[property]]
name = "Kind"
column = "kind"
type = "String"
values = { A = "Article" }
collation = "folding"
unknown = "null"
[[navigation]]
name = "Same"
target = "Sales"
to = "many"
join = { Code = "Code" }
"#;

fn run(text: &str, family: Family) -> Result<Model, Vec<String>> {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let folder = Folder {
        unread: Vec::new(),
        name: "erp".to_owned(),
        service: file("service.toml", "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n"),
        entities: vec![file("sale.toml", text)],
    };
    let source = Source { name: "erp".to_owned(), announces: false, family: Some(family) };
    resolve("erp", &[folder], &[source]).map_err(|problems| problems.iter().map(Problem::to_string).collect())
}

fn wrong(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    run(&FILE.replace(from, to), Family::Postgres).map_or_else(|problems| problems.join("\n"), |_| String::new())
}

fn reports(from: &str, to: &str, expected: &str) {
    let found = wrong(from, to);
    assert!(found.contains(expected), "{expected}\n{found}");
}

fn entity(model: &Model) -> &EntityType {
    &model.types[0]
}

#[test]
fn values_are_made_as_the_file_says() {
    let model = run(FILE, Family::Postgres).unwrap();
    let sale = entity(&model);
    let (_, total) = sale.property_named("Total").unwrap();
    assert!(matches!(total.made.as_deref(), Some(Made::Calculated(_))) && total.nullable && total.column.is_empty());
    let (_, label) = sale.property_named("Label").unwrap();
    assert!(label.folding && label.searchable);
    let (_, state) = sale.property_named("State").unwrap();
    // The longest code without a word is `-32768`.
    assert_eq!((state.scalar, &*state.column), (Scalar::String { max_length: Some(6) }, "state"));
    let Some(Made::Words(words)) = state.made.as_deref() else { panic!("no words") };
    assert_eq!((words.code, words.keeps_unknown), (Scalar::Int16, true));
    assert_eq!(words.codes("Closed").collect::<Vec<_>>(), [Value::Int(2), Value::Int(3)]);
    let (_, kind) = sale.property_named("Kind").unwrap();
    assert_eq!((kind.scalar, kind.folding), (Scalar::String { max_length: Some(7) }, true));
    assert_eq!(model.sets[0].filter.as_ref().map(|filter| filter.text.as_str()), Some("Total gt 1"));
    let mysql = run(FILE, Family::Mysql).unwrap();
    assert_ne!(entity(&mysql).property_named("Label").unwrap().1.made, label.made);
    let sqlite = run(FILE, Family::Sqlite).unwrap_err();
    assert_eq!(
        sqlite,
        [
            "sale.toml: property.3.expression: no expression is given for this source; add `property.3.expression.sqlite`"
        ]
    );
}

#[test]
fn a_query_takes_the_place_of_a_table() {
    let text = FILE.replace("table = \"sales\"", "query = \" SELECT * FROM sales \\n\"");
    let model = run(&text, Family::Postgres).unwrap();
    assert_eq!(model.sets[0].table, Table::of_query("SELECT * FROM sales"));
    let both = "table = \"sales\"\nquery = \"SELECT 1 AS id\"";
    reports("table = \"sales\"", both, "table: `table` does not go with a query");
    reports("table = \"sales\"", "query = \"SELECT 1\"\nschema = \"s\"", "schema: `schema` does not go with a query");
    reports("table = \"sales\"", "", "table: `table` is missing");
    reports("table = \"sales\"", "query = \"UPDATE t SET a = 1\"", "query: it does not begin with `SELECT` or `WITH`");
    reports("table = \"sales\"", "query = { mysql = \"SELECT 1\" }", "query: no query is given for this source");
    reports("table = \"sales\"", "query = \"SELECT 1;\"", "query: it holds a semicolon");
    let statistics = "query = \"SELECT 1\"\ncache = { probe_statistics = true }";
    reports("table = \"sales\"", statistics, "cache.probe_statistics: a query has no statistics");
}

#[test]
fn what_does_not_go_together_is_told() {
    let total = "expression = \"{price} * {quantity}\"";
    reports(total, "expression = \"price * 2\"", "property.2.expression: it names no column: `price`");
    reports(
        total,
        "expression = \"{price}\"\ncolumn = \"x\"",
        "property.2.column: `column` does not go with an expression",
    );
    reports(total, "", "property.2.column: `column` is missing");
    reports(total, "expression = { postgre = \"{a}\" }", "did you mean `postgres`?");
    reports(
        "type = \"Decimal\"",
        "type = \"Stream\"\ncontent_type = \"a/b\"",
        "streams and points cannot be calculated",
    );
    reports("key = [\"ID\"]", "key = [\"ID\", \"Total\"]", "calculated values cannot identify a row");
    reports("key = [\"ID\"]", "key = [\"ID\", \"State\"]", "words in place of codes cannot identify a row");
    reports("{ Code = \"Code\" }", "{ State = \"Code\" }", "words in place of codes cannot be joined");
    reports("{ Code = \"Code\" }", "{ Code = \"Total\" }", "calculated values cannot be joined");
    reports(
        "codes = \"Int16\"",
        "codes = \"Int16\"\ncollation = \"exact\"",
        "property.4.collation: `collation` does not go",
    );
    reports("codes = \"Int16\"", "codes = \"Date\"", "property.4.codes: codes cannot be of type Date");
    reports(
        "codes = \"Int16\"",
        "codes = \"Int16\"\nmax_length = 4",
        "the word has 6 characters, more than `max_length`",
    );
    reports("{ 1 = \"Open\",", "{ 01 = \"Open\",", "property.4.values.01: `01` is no code of type Int16");
    reports("{ A = \"Article\" }", "{}", "property.6.values: no code has a word");
    reports("unknown = \"null\"", "unknown = \"null\"\nnullable = false", "property.6.unknown: codes without a word");
    reports("values = { A = \"Article\" }", "", "property.6.unknown: `unknown` does not go without `values`");
    reports(
        "codes = \"Int16\"\nvalues",
        "codes = \"Int16\"\nexpression = \"{a}\"\nvalues",
        "`values` does not go with",
    );
    reports("type = \"Int16\"", "type = \"Int16\"\nvalues = { 1 = \"a\" }", "`values` do not go with this type");
}

#[test]
fn a_date_is_offered_as_the_file_says() {
    let offer = |offer: &str| {
        let made = "column = \"state\"\ntype = \"String\"\ncodes = \"Int16\"\nvalues = { 1 = \"Open\", 2 = \"Closed\", 3 = \"Closed\" }";
        (made, format!("column = \"due\"\ntype = \"Date\"\n{offer}"))
    };
    let state = |said: &str| {
        let (from, to) = offer(said);
        let model = run(&FILE.replace(from, &to), Family::Postgres).unwrap();
        let (_, property) = entity(&model).property_named("State").unwrap();
        let made = property.made.clone();
        (property.scalar, made.map(|made| (*made).clone()), property.searchable)
    };
    let offered = |offered: Offered| (offered.scalar(), Some(Made::Offered(offered)), false);
    assert_eq!(state(""), (Scalar::Date, None, false));
    assert_eq!(state("offer = \"date\""), (Scalar::Date, None, false));
    assert_eq!(state("offer = \"string\""), offered(Offered::Text));
    assert_eq!(state("offer = { date_time = \"12:00\" }"), offered(Offered::Instant(43_200)));
    assert_eq!(state("offer = { date_time = \"23:59:59\" }"), offered(Offered::Instant(86_399)));
    let told = |said: &str, expected: &str| {
        let (from, to) = offer(said);
        reports(from, &to, expected);
    };
    told("offer = { date_time = \"24:00\" }", "property.4.offer.date_time: `24:00` is no time of day; write hours");
    told("offer = { date_time = \"12:00:00.5\" }", "is no time of day");
    told("offer = { time = \"12:00\" }", "property.4.offer.time: `time` is not a key of the format");
    told("offer = {}", "property.4.offer.date_time: `date_time` is missing");
    told("offer = \"text\"", "property.4.offer: it is none of the kinds of value");
    told("offer = \"string\"\ncollection = \"json\"", "property.4.offer: `offer` goes with a column of one date only");
    reports(
        "codes = \"Int16\"",
        "codes = \"Int16\"\noffer = \"string\"",
        "property.4.offer: `offer` goes with a column of one",
    );
    let total = "expression = \"{price} * {quantity}\"";
    reports(total, &format!("{total}\noffer = \"date\""), "property.2.offer: `offer` does not go with an expression");
}

#[test]
fn an_offered_date_can_be_a_key_and_be_joined() {
    let due = "name = \"Due\"\ncolumn = \"due\"\ntype = \"Date\"\noffer = { date_time = \"12:00\" }\nnullable = false";
    let text = FILE
        .replace("key = [\"ID\"]", "key = [\"ID\", \"Due\"]")
        .replace("join = { Code = \"Code\" }", "join = { Due = \"Due\" }")
        .replace("[[navigation]]", &format!("[[property]]\n{due}\n[[navigation]]"));
    let model = run(&text, Family::Postgres).unwrap();
    assert_eq!(entity(&model).key.len(), 2);
}

#[test]
fn a_text_is_cut_as_the_file_says() {
    let kind = "values = { A = \"Article\" }\ncollation = \"folding\"\nunknown = \"null\"";
    let cut = |said: &str| {
        let model = run(&FILE.replace(kind, said), Family::Postgres).unwrap();
        let (_, property) = entity(&model).property_named("Kind").unwrap();
        let Some(Made::Cut(cut)) = property.cut.as_deref().cloned() else { panic!("not cut") };
        assert!(!property.sortable && property.filterable && property.searchable && property.made.is_none());
        (property.scalar, cut.length, cut.kept, cut.marker.to_string())
    };
    let text = |max_length| Scalar::String { max_length: Some(max_length) };
    assert_eq!(cut("cut = 100"), (text(100), 100, 99, "…".to_owned()));
    assert_eq!(cut("cut = 100\nmax_length = 80"), (text(80), 100, 99, "…".to_owned()));
    assert_eq!(cut("cut = { length = 10, marker = \" …ß\" }"), (text(10), 10, 7, " …ß".to_owned()));
    let told = |said: &str, expected: &str| reports(kind, said, expected);
    told("cut = 1", "property.6.cut: 1 is out of range; it is a number from 2 to");
    told(
        "cut = { length = 3, marker = \"...\" }",
        "property.6.cut.length: 3 is out of range; it is a number from 4 to",
    );
    told("cut = { length = 10, marker = \"\" }", "property.6.cut.marker: the marker is empty");
    told("cut = { length = 10 }", "property.6.cut.marker: `marker` is missing");
    told("cut = 100\nsortable = true", "property.6.sortable: what is cut cannot be sorted by");
    told("cut = 100\ncollection = \"json\"", "property.6.cut: `cut` goes with a column of one text only");
    reports(kind, &format!("{kind}\ncut = 100"), "property.6.cut: `cut` goes with a column of one text only");
    let total = "expression = \"{price} * {quantity}\"";
    reports(total, &format!("{total}\ncut = 100"), "property.2.cut: `cut` does not go with an expression");
    reports("type = \"Int16\"", "type = \"Int16\"\ncut = 100", "property.5.cut: `cut` does not go with this type");
    let tagged = FILE.replace(kind, "cut = 100").replace("table = ", "etag = \"Kind\"\ntable = ");
    let found = run(&tagged, Family::Postgres).unwrap_err().join("\n");
    assert!(found.contains("etag: `Kind` cannot be the ETag"), "{found}");
    let joined = FILE.replace(kind, "cut = 100").replace("{ Code = \"Code\" }", "{ Kind = \"Kind\" }");
    let found = run(&joined, Family::Postgres).unwrap_err().join("\n");
    assert!(found.contains("texts that are cut cannot be joined"), "{found}");
}
