//! What a file may pick from folders, and what is wrong with files.

use crate::model::raw::{File, Folder};
use crate::model::{Exposure, Model, Problem, SearchIndex, Source, pick, resolve};

const ACCOUNT: &str = r#"
version = 1
set = "Accounts"
type = "Account"
table = "accounts"
key = ["AccountID"]
[[property]]
name = "AccountID"
column = "account_id"
type = "String"
max_length = 20
nullable = false
[[property]]
name = "Name"
column = "name"
type = "String"
[[navigation]]
name = "Orders"
target = "Orders"
to = "many"
partner = "Account"
join = { AccountID = "AccountID" }
"#;

const ORDER: &str = r#"
version = 1
set = "Orders"
type = "Order"
table = "orders"
key = ["OrderID"]
etag = "Changed"
alternate_keys = [["Notes"]]
filter = "Account/Name ne 'x'"
countable = false
page_rows_max = 500
[search.postgres]
index = "tsvector"
column = "words"
[[property]]
name = "OrderID"
column = "order_id"
type = "Int32"
nullable = false
[[property]]
name = "AccountID"
column = "account_id"
type = "String"
max_length = 20
[[property]]
name = "Notes"
column = "notes"
type = "String"
[[property]]
name = "Status"
column = "status"
enum = "State"
[[property]]
name = "Size"
complex = "Box"
columns = { Width = "width" }
[[property]]
name = "Changed"
column = "changed"
type = "Int64"
nullable = false
[[navigation]]
name = "Account"
target = "Accounts"
to = "one"
join = { AccountID = "AccountID" }
[[navigation]]
name = "Lines"
target = "Lines"
to = "many"
contained = true
join = { OrderID = "OrderID" }
"#;

const LINE: &str = r#"
version = 1
set = "Lines"
type = "Line"
table = "lines"
key = ["OrderID", "Number"]
[[property]]
name = "OrderID"
column = "order_id"
type = "Int32"
nullable = false
[[property]]
name = "Number"
column = "number"
type = "Int32"
nullable = false
"#;

const TYPES: &str = r#"
version = 1
[[enum]]
name = "State"
[[enum.member]]
name = "Open"
value = 1
[[complex]]
name = "Box"
[[complex.property]]
name = "Width"
type = "Int32"
"#;

const OPERATIONS: &str = r#"
version = 1
[[function]]
name = "Best"
returns = { set = "Orders", many = true }
statement = "SELECT order_id FROM orders"
[[function]]
name = "Count"
returns = { type = "Int64" }
statement = "SELECT 1"
"#;

fn base() -> Model {
    let file = |name: &str, text: &str| File { name: format!("erp/{name}"), text: text.to_owned() };
    let folder = Folder {
        unread: Vec::new(),
        name: "erp".to_owned(),
        service: file("service.toml", "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n"),
        entities: vec![
            file("account.toml", ACCOUNT),
            file("line.toml", LINE),
            file("operations.toml", OPERATIONS),
            file("order.toml", ORDER),
            file("types.toml", TYPES),
        ],
    };
    let family = Some(crate::model::Family::Postgres);
    resolve("sales", &[folder], &[Source { name: "erp".to_owned(), announces: true, family }]).unwrap()
}

fn run(text: &str) -> Result<Model, Vec<String>> {
    let file = File { name: "sales.toml".to_owned(), text: format!("version = 1\n{text}") };
    pick(base(), &file).map_err(|problems| problems.iter().map(Problem::to_string).collect())
}

/// The names of what a type publishes, and of its navigation properties.
fn members(model: &Model, set: &str) -> (Vec<String>, Vec<String>) {
    let (id, _) = model.set_named(set).unwrap();
    let entity_type = model.type_of(id).unwrap();
    let names = super::set::names(entity_type).into_iter().map(str::to_owned).collect();
    (names, entity_type.published_navigations().map(|it| it.name.clone()).collect())
}

#[test]
fn what_is_not_picked_is_not_published() {
    let model = run("[[set]]\nname = \"Orders\"\n").unwrap();
    assert_eq!(model.sets_by_name.keys().collect::<Vec<_>>(), ["Orders"]);
    assert_eq!(model.published_types().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Order"]);
    // Both lead out of what is picked.
    assert_eq!(members(&model, "Orders").1, Vec::<String>::new());
    assert!(model.declared("Accounts").is_none() && model.declared("Lines").is_none());
    assert_eq!(model.published_operations().count(), 0);
    assert_eq!((model.published_enums().count(), model.published_complex_types().count()), (1, 1));
    // The folders' own filter is bound under their names.
    let base = model.base.as_deref().unwrap();
    assert!(base.sets[2].filter.is_some() && model.sets[2].filter.is_none());
    assert!(model.sets.iter().zip(&base.sets).all(|(now, was)| now.table == was.table));
    assert_ne!(model.revision, base.revision);
}

#[test]
fn sets_and_what_is_in_them_have_other_names() {
    let text = r#"
namespace = "Sales"
container = "Shop"
operations = ["Best"]
[[set]]
name = "Orders"
as = "OpenOrders"
type = "OpenOrder"
hide = ["Notes", "Status", "Changed"]
rename = { OrderID = "Number", Size = "Extent", Account = "Customer" }
filter = "Status eq 'Open'"
page_rows_max = 100
sortable = false
expandable = false
[[set]]
name = "Accounts"
only = ["Orders"]
searchable = false
"#;
    let model = run(text).unwrap();
    assert_eq!((model.namespace.as_str(), model.container.as_str()), ("Sales", "Shop"));
    let (id, set) = model.set_named("OpenOrders").unwrap();
    assert_eq!((set.page_rows_max, set.countable, set.searchable), (100, false, true));
    let filter = set.filter.as_ref().unwrap();
    assert_eq!((filter.file.as_str(), filter.key.as_str()), ("sales.toml", "set.1.filter"));
    let order = model.type_of(id).unwrap();
    assert_eq!(order.name, "OpenOrder");
    assert_eq!(members(&model, "OpenOrders").0, ["Number", "AccountID", "Extent", "Customer"]);
    assert_eq!(members(&model, "Accounts").0, ["AccountID", "Orders"]);
    // What hung on what is hidden is gone, too.
    assert_eq!((order.etag, order.alternate_keys.len(), set.search.is_none()), (None, 0, true));
    assert!(order.properties.iter().all(|it| !it.sortable) && order.navigations.iter().all(|it| !it.expandable));
    assert!(order.properties.iter().all(|it| it.filterable));
    assert_eq!((model.published_enums().count(), model.published_complex_types().count()), (0, 1));
    assert_eq!(model.published_operations().map(|(_, it)| it.name.as_str()).collect::<Vec<_>>(), ["Best"]);
    let (_, accounts) = model.set_named("Accounts").unwrap();
    assert!(!accounts.searchable && accounts.countable);
    // Partners lead to each other under their new names.
    let (_, orders) = model.types[0].navigation_named("Orders").unwrap();
    assert_eq!(order.navigation(orders.partner.unwrap()).unwrap().name, "Customer");
}

#[test]
fn an_index_of_words_stays_while_nothing_is_hidden_from_it() {
    let index = |text: &str| run(text).unwrap().set_named("Orders").unwrap().1.search.clone();
    let orders = "[[set]]\nname = \"Orders\"\n";
    assert!(matches!(index(&format!("{orders}hide = [\"Changed\"]")), Some(SearchIndex::TsVector { .. })));
    assert_eq!(index(&format!("{orders}hide = [\"Notes\"]")), None);
}

#[test]
fn a_way_back_that_is_hidden_is_no_partner() {
    let model = run("[[set]]\nname = \"Orders\"\n[[set]]\nname = \"Accounts\"\nhide = [\"Orders\"]\n").unwrap();
    let (_, account) = model.types[2].navigation_named("Account").unwrap();
    assert_eq!(account.partner, None);
}

#[test]
fn what_is_contained_is_picked_with_its_parent() {
    let model = run("[[set]]\nname = \"Orders\"\n[[set]]\nname = \"Lines\"\n").unwrap();
    assert_eq!(members(&model, "Orders").1, ["Lines"]);
    assert!(matches!(model.sets[1].exposure, Exposure::Contained { .. }));
}

#[test]
fn problems_are_told_with_key_and_remedy() {
    let wrong = |text: &str| run(text).map_or_else(|problems| problems, |_| Vec::new());
    let orders = |said: &str| wrong(&format!("[[set]]\nname = \"Orders\"\n{said}\n[[set]]\nname = \"Accounts\"\n"));
    let reports = |found: Vec<String>, expected: &str| assert_eq!(found, [format!("sales.toml: {expected}")]);
    reports(wrong(""), "set: no set is picked; add a `[[set]]` with its `name` for each that is to be published");
    reports(wrong("[[set]]\nname = \"Order\"\n"), "set.1.name: set `Order` does not exist; did you mean `Orders`?");
    let twice = "[[set]]\nname = \"Orders\"\n[[set]]\nname = \"Orders\"\nas = \"X\"\n";
    assert!(wrong(twice)[0].contains("set.2.name: set `Orders` is already picked in `set.1`"));
    reports(orders("hide = [\"Note\"]"), "set.1.hide: the set publishes no `Note`; did you mean `Notes`?");
    reports(
        orders("hide = [\"OrderID\"]"),
        "set.1.hide: `OrderID` is part of the key, which every client needs; leave it out of `hide`",
    );
    assert!(orders("hide = []\nonly = []")[0].contains("set.1.only: both `hide` and `only` are given"));
    let joined = orders("hide = [\"AccountID\"]");
    assert_eq!(joined.len(), 2, "{joined:?}");
    assert!(joined.iter().all(|it| it.contains("set.1.hide: `AccountID` is hidden, and ")));
    assert!(orders("hide = [\"AccountID\", \"Account\"]")[0].contains("and `Orders` joins it; publish `AccountID`"));
    reports(
        orders("rename = { Note = \"X\" }"),
        "set.1.rename.Note: the set publishes no `Note`; did you mean `Notes`?",
    );
    assert!(orders("rename = { Notes = \"a-b\" }")[0].contains("set.1.rename.Notes: `a-b` is not a valid name"));
    assert!(orders("rename = { Notes = \"status\" }")[0].contains("differs only in letter case from"));
    reports(
        orders("rename = { Notes = \"Status\" }"),
        "set.1.rename.Notes: property `Status` is already declared in this set; give each its own name",
    );
    assert_eq!(orders("rename = { Notes = \"Status\", Status = \"Notes\" }"), Vec::<String>::new());
    reports(
        orders("as = \"Accounts\""),
        "set.1.as: set `Accounts` is already declared in `set.2`; give each its own name",
    );
    assert!(orders("type = \"Account\"")[0].contains("set.1.type: type `Account` is already declared"));
    assert!(orders("type = \"State\"")[0].contains("type `State` is already declared"));
    reports(
        orders("countable = true"),
        "set.1.countable: `countable` is off in the folders; a pick takes away, it cannot allow more; leave it out",
    );
    reports(
        orders("page_rows_max = 501"),
        "set.1.page_rows_max: a page of 501 rows is larger than the folders allow; it is at most 500",
    );
    assert!(orders("only = [\"Lines\"]").iter().any(|it| it.contains("`Lines` leads to a set that is not picked")));
    reports(
        wrong("operations = [\"Best\"]\n[[set]]\nname = \"Accounts\"\n"),
        "operations.1: `Best` needs set `Orders`, which is not picked; pick `Orders` too, or leave the operation out",
    );
    assert!(wrong("operations = [\"Bst\"]\n[[set]]\nname = \"Orders\"\n")[0].contains("did you mean `Best`?"));
    reports(
        wrong("[[set]]\nname = \"Lines\"\n"),
        "set.1.name: `Lines` is contained in `Orders`, which is not picked; pick `Orders` too, or leave it out",
    );
    let lines = "[[set]]\nname = \"Lines\"\n[[set]]\nname = \"Orders\"\nhide = [\"Lines\"]\n";
    assert!(wrong(lines)[0].contains("set.1.name: `Lines` is contained in `Orders`, where the way to it is hidden"));
    assert!(wrong("[[set]]\nname = \"Orders\"\nhidden = [\"x\"]\n")[0].contains("`hidden` is not a key of the format"));
}
