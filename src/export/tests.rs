//! What is written for models of all kinds.

use crate::model::raw::{File, Folder};
use crate::model::{self, Family, Model, Source};

use super::*;

/// A model of the files of one folder, each without its first lines.
fn model(files: &[&str]) -> Model {
    let file = |(number, text): (usize, &&str)| File {
        name: format!("x/{number:03}.toml"),
        text: format!("version = 1\n{text}"),
    };
    let service = "version = 1\nnamespace = \"N\"\nsource = \"s\"\n".to_owned();
    let folder = Folder {
        name: "x".to_owned(),
        service: File { name: "x/service.toml".to_owned(), text: service },
        entities: files.iter().enumerate().map(file).collect(),
        unread: Vec::new(),
    };
    let source = Source { name: "s".to_owned(), announces: false, family: Some(Family::Sqlite) };
    model::resolve("erp", &[folder], &[source]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A set with a key and further lines.
fn set(name: &str, rest: &str) -> String {
    format!(
        "set = \"{name}\"\ntype = \"{name}Row\"\ntable = \"t\"\nkey = [\"ID\"]\n{rest}\n[[property]]\nname = \"ID\"\n\
         column = \"id\"\ntype = \"Int32\"\nnullable = false\n"
    )
}

fn property(name: &str, rest: &str) -> String {
    format!("[[property]]\nname = \"{name}\"\ncolumn = \"c_{name}\"\n{rest}\n")
}

fn to_one(name: &str, target: &str, join: &str) -> String {
    format!("[[navigation]]\nname = \"{name}\"\ntarget = \"{target}\"\nto = \"one\"\njoin = {{ {join} }}\n")
}

fn options() -> Options {
    Options {
        name: "erp".to_owned(),
        root: "https://erp.example.com/odata/v4/erp/".to_owned(),
        adapter: Adapter::V4,
        identity: Identity::Named,
        user: Some("salesforce".to_owned()),
        sets: Vec::new(),
    }
}

fn written(files: &[String]) -> Project {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    salesforce(&model(&files), &options()).unwrap()
}

fn refused(files: &[String], options: &Options) -> Vec<String> {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let problems = salesforce(&model(&files), options).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

fn text<'a>(project: &'a Project, path: &str) -> &'a str {
    let found = project.files.iter().find(|(name, _)| name.ends_with(path));
    let (_, bytes) = found.unwrap_or_else(|| panic!("there is no {path}"));
    std::str::from_utf8(bytes).unwrap()
}

/// The texts of some elements, in the order of the file.
fn elements(text: &str, names: &[&str]) -> Vec<String> {
    let wanted = |line: &&str| names.iter().any(|name| line.starts_with(&format!("<{name}>")));
    let inner = |line: &str| line.split(['>', '<']).nth(2).unwrap().to_owned();
    text.lines().map(str::trim).filter(wanted).map(inner).collect()
}

fn notes(project: &Project) -> Vec<String> {
    project.notes.iter().map(|note| format!("{}: {}", note.about, note.text)).collect()
}

#[test]
fn each_type_becomes_the_field_that_a_sync_makes() {
    let types = [
        ("Boolean", "", "Checkbox"),
        ("Byte", "", "3 0 Number"),
        ("SByte", "", "3 0 Number"),
        ("Int16", "", "8 0 Number"),
        ("Int32", "", "18 0 Number"),
        ("Int64", "", "18 0 Number"),
        ("Single", "", "18 8 Number"),
        ("Double", "", "18 8 Number"),
        ("Decimal", "", "16 2 Number"),
        ("Decimal", "precision = 18\nscale = 2", "18 2 Number"),
        ("Decimal", "precision = 12\nscale = 3", "12 3 Number"),
        ("Decimal", "precision = 9", "9 0 Number"),
        ("String", "", "128 Text"),
        ("String", "max_length = 20", "20 Text"),
        ("String", "max_length = 255", "255 Text"),
        ("String", "max_length = 256", "256 LongTextArea"),
        ("Guid", "", "64 Text"),
        ("Date", "", "DateTime"),
        ("DateTimeOffset", "", "DateTime"),
    ];
    let file = (1..)
        .zip(types)
        .map(|(number, (ty, rest, _))| property(&format!("P{number}"), &format!("type = \"{ty}\"\n{rest}")));
    let project = written(&[set("Sets", "") + &file.collect::<String>()]);
    assert_eq!(notes(&project), [""; 0]);
    for (number, (ty, rest, expected)) in (1..).zip(types) {
        let field = text(&project, &format!("main/default/objects/Sets__x/fields/P{number}__c.field-meta.xml"));
        let found = elements(field, &["length", "precision", "scale", "type"]).join(" ");
        assert_eq!(found, expected, "{ty} {rest}");
        assert_eq!(
            elements(field, &["fullName", "externalDeveloperName"]),
            [format!("P{number}__c"), format!("P{number}")]
        );
    }
}

#[test]
fn what_has_no_field_is_left_out_and_said() {
    let long = "d".repeat(1_001);
    let project = written(&[set("Sets", "description = \"A <b> & 'c'\"")
        + &property("Opened", "type = \"TimeOfDay\"")
        + &property("Took", "type = \"Duration\"")
        + &property("Bytes", "type = \"Binary\"")
        + &property("Photo", "type = \"Stream\"\ncontent_type = \"image/png\"")
        + &property("Place", "type = \"GeographyPoint\"")
        + &property("Tags", "type = \"String\"\ncollection = \"json\"")
        + &property("Secret", "type = \"String\"\nhidden = true")
        + &property("Sum", "type = \"Decimal\"\nprecision = 30\nscale = 4")
        + &property("Text", &format!("type = \"String\"\nmax_length = 200000\ndescription = \"{long}\""))]);
    assert_eq!(
        notes(&project),
        [
            "Sets/Opened: left out: Salesforce does not sync its type",
            "Sets/Took: left out: Salesforce does not sync its type",
            "Sets/Bytes: left out: it holds bytes, which Salesforce shows as base64 text or not at all",
            "Sets/Photo: left out: it is a stream, which Salesforce does not sync",
            "Sets/Place: left out: Salesforce does not sync its type",
            "Sets/Tags: left out: it is a collection, for which Salesforce has no field",
            "Sets/Sum: numbers have at most 18 digits, not 30",
            "Sets/Text: texts have at most 131072 characters, not 200000",
            "Sets/Text: its description is cut: Salesforce takes 1000 characters",
        ]
    );
    assert_eq!(project.counts, Counts { objects: 1, fields: 3, lookups: 0 });
    assert!(!project.files.iter().any(|(path, _)| path.contains("Secret")));
    let object = text(&project, "Sets__x.object-meta.xml");
    assert!(object.contains("<description>A &lt;b&gt; &amp; 'c'</description>"), "{object}");
    // The notes are for whoever deploys, too.
    assert!(text(&project, "README.md").contains("- Sets/Photo: left out"));
}

#[test]
fn flags_tell_what_can_be_asked() {
    let project = written(&[set("Sets", "searchable = false")
        + &property("A", "type = \"String\"\nmax_length = 9\nfilterable = false\nsortable = false")]);
    let flags = ["isFilteringDisabled", "isSortingDisabled"];
    assert_eq!(elements(text(&project, "A__c.field-meta.xml"), &flags), ["true", "true"]);
    assert_eq!(elements(text(&project, "ID__c.field-meta.xml"), &flags), ["false", "false"]);
    assert_eq!(elements(text(&project, "Sets__x.object-meta.xml"), &["enableSearch"]), ["false"]);
    assert!(text(&project, "erp.dataSource-meta.xml").contains(r#""searchEnabled":"false""#));
}

#[test]
fn names_become_those_of_salesforce() {
    let project = written(&[set("my__sets", "") + &property("_no", "type = \"String\"\nmax_length = 5")]);
    assert_eq!(
        notes(&project),
        ["my__sets: Salesforce makes `my_sets__x` of its name", "my__sets/_no: Salesforce makes `no__c` of its name",]
    );
}

#[test]
fn names_that_meet_or_are_too_long_are_refused() {
    let long = "a".repeat(41);
    let problems = refused(&[set("Sets", "") + &property(&long, "type = \"Boolean\"")], &options());
    assert_eq!(
        problems,
        [format!(
            "service `erp`: Sets/{long}: the name of the property has 41 characters, and Salesforce takes 40; give it a \
             shorter name in its metadata file, which need not be the one of the database"
        )]
    );
    let two = set("Sets", "") + &property("a_b", "type = \"Boolean\"") + &property("A__b", "type = \"Boolean\"");
    let problems = refused(&[two], &options());
    assert!(problems.len() == 1 && problems[0].contains("property `A__b` is `a_b` to Salesforce"), "{problems:?}");
    let problems = refused(&[set("Or_ders", ""), set("OR__DERS", "")], &options());
    assert!(problems.len() == 1 && problems[0].contains("set `OR__DERS` is `Or_ders` to Salesforce"), "{problems:?}");
}

#[test]
fn limits_of_an_organisation_are_kept() {
    let sets: Vec<String> = (0..201).map(|number| set(&format!("Set{number}"), "")).collect();
    let problems = refused(&sets, &options());
    assert!(problems.len() == 1 && problems[0].contains("201 sets are published"), "{problems:?}");
    let files: Vec<&str> = sets.iter().map(String::as_str).collect();
    let some = Options { sets: vec!["Set7".to_owned(), "Set9".to_owned()], ..options() };
    assert_eq!(salesforce(&model(&files), &some).unwrap().counts.objects, 2);
    let wrong = Options { sets: vec!["Set1x".to_owned()], ..options() };
    let problems = refused(&sets, &wrong);
    assert!(
        problems.len() == 1 && problems[0].contains("Set1x: there is no such set; did you mean `Set1"),
        "{problems:?}"
    );
    let wide: String = (0..800).map(|number| property(&format!("P{number}"), "type = \"Boolean\"")).collect();
    let problems = refused(&[set("Wide", "") + &wide], &options());
    assert!(problems.len() == 1 && problems[0].contains("801 properties"), "{problems:?}");
    let problems = refused(&[set("Sets", "")], &Options { name: "1-erp".to_owned(), ..options() });
    assert!(problems[0].contains("does not begin with a letter; say `--name N1_erp`"), "{problems:?}");
}

#[test]
fn sets_that_cannot_be_counted_turn_counts_off_or_need_the_other_adapter() {
    let sets = [set("Sets", ""), set("Large", "countable = false")];
    let project = written(&sets);
    assert!(text(&project, "erp.dataSource-meta.xml").contains(r#""inlineCountEnabled":"false""#));
    let problems = refused(&sets, &Options { adapter: Adapter::V401, ..options() });
    assert!(problems.len() == 1 && problems[0].contains("Large: counts are refused"), "{problems:?}");
}

#[test]
fn navigation_to_a_key_becomes_an_external_lookup() {
    let parent = "set = \"Accounts\"\ntype = \"Account\"\ntable = \"a\"\nkey = [\"Code\"]\n".to_owned()
        + &property("Code", "type = \"String\"\nmax_length = 30\nnullable = false")
        + &property("Other", "type = \"Int32\"");
    let pair = "set = \"Pairs\"\ntype = \"Pair\"\ntable = \"p\"\nkey = [\"A\", \"B\"]\n".to_owned()
        + &property("A", "type = \"Int32\"\nnullable = false")
        + &property("B", "type = \"Int32\"\nnullable = false");
    let child = set("Orders", "")
        + &property("Buyer", "type = \"String\"\nmax_length = 30")
        + &property("Seller", "type = \"String\"\nmax_length = 30")
        + &property("Strict", "type = \"String\"\nmax_length = 30\nnullable = false")
        + &property("Hidden", "type = \"String\"\nmax_length = 30\nhidden = true")
        + &property("Quiet", "type = \"String\"\nmax_length = 30\nfilterable = false")
        + &property("Parent", "type = \"Int32\"")
        + &property("Small", "type = \"Int16\"")
        + &property("PairA", "type = \"Int32\"")
        + &property("PairB", "type = \"Int32\"")
        + &to_one("Bought", "Accounts", "Buyer = \"Code\"")
        + &to_one("Sold", "Accounts", "Seller = \"Code\"")
        + &to_one("Again", "Accounts", "Seller = \"Code\"")
        + &to_one("Loose", "Accounts", "Strict = \"Code\"")
        + &to_one("Unseen", "Accounts", "Hidden = \"Code\"")
        + &to_one("Unasked", "Accounts", "Quiet = \"Code\"")
        + &to_one("Above", "Orders", "Parent = \"ID\"")
        + &to_one("Smaller", "Orders", "Small = \"ID\"")
        + &to_one("Odd", "Accounts", "Parent = \"Other\"")
        + &to_one("Pair", "Pairs", "PairA = \"A\", PairB = \"B\"");
    let project = written(&[parent, pair, child]);
    let lookup = |field: &str| {
        let names = ["length", "referenceTo", "relationshipName", "type"];
        elements(text(&project, &format!("Orders__x/fields/{field}__c.field-meta.xml")), &names).join(" ")
    };
    assert_eq!(lookup("Buyer"), "30 Accounts__x Orders_Buyer ExternalLookup");
    assert_eq!(lookup("Seller"), "30 Accounts__x Orders_Seller ExternalLookup");
    assert_eq!(lookup("Parent"), "20 Orders__x Orders ExternalLookup");
    assert_eq!(lookup("Strict"), "30 Text");
    assert_eq!(
        notes(&project),
        [
            "Orders/Again: no lookup: its property is a lookup already",
            "Orders/Loose: no lookup: $metadata has no referential constraint for it: types and `nullable` must agree",
            "Orders/Unseen: no lookup: the property that it joins is not published as a field",
            "Orders/Unasked: no lookup: its property is `filterable = false`, and a related list is a filter",
            "Orders/Smaller: no lookup: $metadata has no referential constraint for it: types and `nullable` must agree",
            "Orders/Odd: no lookup: it does not lead to the key of its target, which would be the external ID",
            "Orders/Pair: no lookup: it joins several properties, and a lookup holds one",
        ]
    );
    assert_eq!(project.counts.lookups, 3);
}

#[test]
fn a_parent_that_is_not_in_the_project_is_no_parent() {
    let parent = set("Accounts", "");
    let child =
        set("Orders", "") + &property("Account", "type = \"Int32\"") + &to_one("Up", "Accounts", "Account = \"ID\"");
    let model = model(&[&parent, &child]);
    let project = salesforce(&model, &Options { sets: vec!["Orders".to_owned()], ..options() }).unwrap();
    assert_eq!(notes(&project), ["Orders/Up: no lookup: its target is not part of the project"]);
    assert_eq!(salesforce(&model, &options()).unwrap().counts.lookups, 1);
}

#[test]
fn a_way_to_many_rows_needs_a_lookup_on_the_other_end() {
    let parent = set("Accounts", "")
        + "[[navigation]]\nname = \"Orders\"\ntarget = \"Orders\"\nto = \"many\"\njoin = { ID = \"Account\" }\n";
    let child = set("Orders", "") + &property("Account", "type = \"Int32\"");
    let project = written(&[parent.clone(), child.clone()]);
    assert_eq!(
        notes(&project),
        ["Accounts/Orders: no related list: it comes with a lookup, so give `Orders` a navigation to one row"]
    );
    let project = written(&[parent, child + &to_one("Up", "Accounts", "Account = \"ID\"")]);
    assert_eq!((notes(&project).len(), project.counts.lookups), (0, 1));
}

#[test]
fn declared_lookups_lead_to_objects_of_salesforce() {
    let child = set("Orders", "")
        + &property("AccountSf", "type = \"String\"\nmax_length = 18\nsalesforce = { object = \"Account\" }")
        + &property(
            "Customer",
            "type = \"String\"\nmax_length = 20\nsalesforce = { object = \"Account\", external_id = \"ERP_ID__c\" }",
        )
        + &property("Machine", "type = \"Int32\"\nsalesforce = { object = \"Machine__c\", external_id = \"No__c\" }")
        + &to_one("Above", "Orders", "Machine = \"ID\"");
    let project = written(&[child]);
    let lookup = |field: &str| {
        let names = ["length", "referenceTargetField", "referenceTo", "relationshipName", "type"];
        elements(text(&project, &format!("fields/{field}__c.field-meta.xml")), &names).join(" ")
    };
    assert_eq!(lookup("AccountSf"), "18 Account Orders_AccountSf Lookup");
    assert_eq!(lookup("Customer"), "20 ERP_ID__c Account Orders_Customer IndirectLookup");
    assert_eq!(lookup("Machine"), "20 No__c Machine__c Orders IndirectLookup");
    assert_eq!(notes(&project), ["Orders/Above: no lookup: its property is a lookup already"]);
    let readme = text(&project, "README.md");
    assert!(
        readme.contains("compare with `Account.ERP_ID__c`, `Machine__c.No__c`. They must be there before"),
        "{readme}"
    );
}

#[test]
fn an_object_has_no_more_lookups_than_salesforce_takes() {
    let fields: String = (0..45)
        .map(|number| {
            property(&format!("P{number}"), "type = \"String\"\nmax_length = 18\nsalesforce = { object = \"Account\" }")
        })
        .collect();
    let project = written(&[set("Sets", "") + &fields]);
    assert_eq!((project.counts.lookups, project.notes.len()), (40, 5));
    assert_eq!(notes(&project)[0], "Sets/P40: no lookup: an object has at most 40");
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let files = [set("B", ""), set("A", "")];
    assert_eq!(written(&files).files, written(&files).files);
    let paths: Vec<String> = written(&files).files.into_iter().map(|(path, _)| path).collect();
    assert!(paths.is_sorted(), "{paths:?}");
}

#[test]
fn credentials_follow_adapter_and_identity() {
    let files = set("Sets", "");
    let model = model(&[&files]);
    let of = |adapter, identity| salesforce(&model, &Options { adapter, identity, ..options() }).unwrap();
    let names = ["endpoint", "namedCredential", "principalType", "protocol", "type", "username"];
    let source = |project: &Project| elements(text(project, "erp.dataSource-meta.xml"), &names).join(" ");
    let root = "https://erp.example.com/odata/v4/erp/";
    for (identity, expected) in [
        (Identity::Named, format!("{root} NamedUser Password OData4 salesforce")),
        (Identity::PerUser, format!("{root} PerUser Password OData4")),
        (Identity::Anonymous, format!("{root} Anonymous NoAuthentication OData4")),
    ] {
        assert_eq!(source(&of(Adapter::V4, identity)), expected);
    }
    for (identity, protocol, principal) in [
        (Identity::Named, "Basic", "NamedPrincipal"),
        (Identity::PerUser, "Basic", "PerUserPrincipal"),
        (Identity::Anonymous, "NoAuthentication", "NamedPrincipal"),
    ] {
        let project = of(Adapter::V401, identity);
        assert_eq!(source(&project), "erp Anonymous NoAuthentication OData401");
        let external = text(&project, "externalCredentials/erp.externalCredential-meta.xml");
        assert_eq!(elements(external, &["authenticationProtocol", "parameterType"]), [protocol, principal]);
        let named = text(&project, "namedCredentials/erp.namedCredential-meta.xml");
        assert_eq!(elements(named, &["parameterValue", "externalCredential"]), [root.trim_end_matches('/'), "erp"]);
        let rights = text(&project, "permissionsets/erp_Read.permissionset-meta.xml");
        assert_eq!(elements(rights, &["externalCredentialPrincipal"]), ["erp-Penstock"]);
    }
    // Nothing that looks like a place for a secret.
    for (path, bytes) in of(Adapter::V4, Identity::Named).files.iter().filter(|(path, _)| path.contains("-meta.")) {
        assert!(!String::from_utf8_lossy(bytes).contains("<password"), "{path}");
    }
}
