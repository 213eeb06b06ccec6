//! What Salesforce does not take, found without a database.

use super::{assert_found, entity, lines, run, setup};

#[test]
fn names_types_and_keys_that_do_not_sync_are_told() {
    let odd = entity(
        "Odd__Things",
        "t",
        "key = [\"UserEmail\", \"Number\"]",
        &[
            "UserEmail user_email String nullable = false; max_length = 300",
            "Number number Int32 nullable = false",
            "_hidden_ a Int32",
            "Two_Words b Int32",
            "two__words c Int32",
            "a2345678901234567890123456789012345678901 d Int32",
            "ExternalId e Int32",
            "Open f String",
            "Long g String max_length = 256",
            "LongButPlain h String max_length = 4000; filterable = false; sortable = false",
            "Clock i TimeOfDay",
            "Span j Duration",
            "Place k GeographyPoint",
            "Bytes l Binary",
            "Picture m Stream content_type = \"image/png\"",
            "Day n Date",
            "Ratio o Double",
            "Wide p Decimal precision = 20; scale = 2",
            "Bare q Decimal",
            "Many r String collection = \"json\"; filterable = false",
            "Fine s String max_length = 40",
            "At u DateTimeOffset",
        ],
        "",
    );
    let same = entity("odd_things", "t2", "key = [\"Id\"]", &["Id id Int32 nullable = false"], "");
    let open_key = entity("Keys", "t3", "key = [\"Code\"]", &["Code code String nullable = false"], "");
    let setup = setup("sqlite:nowhere.db", &[("odd", odd), ("same", same), ("keys", open_key)]);
    let (content, json) = run(&setup, &["--offline"]);
    assert!(content, "all of it are warnings: {json}");
    assert_eq!((&json["would_start"], &json["compared"]), (&true.into(), &serde_json::json!({})));
    let found = lines(&json);
    assert_found(
        &found,
        "m/odd.toml |",
        &[
            &["? m/odd.toml | set |", "`Odd__Things` has two underscores in a row", "`Odd_Things`"],
            &["| property.3.name |", "`_hidden_` does not begin with a letter", "`hidden`"],
            &["| property.5.name |", "`two__words` has two underscores"],
            &["| property.5.name |", "`two__words` is `Two_Words` to Salesforce"],
            &["| property.6.name |", "has 41 characters, more than 40"],
            &["| property.7.name |", "`ExternalId`"],
            &["| property.8.max_length |", "128 characters", "say `max_length`"],
            &["| property.9.max_length |", "long text area", "filterable = false"],
            &["| property.11.type |", "Edm.TimeOfDay"],
            &["| property.12.type |", "Edm.Duration"],
            &["| property.13.type |", "Edm.GeographyPoint"],
            &["| property.14.type |", "base64"],
            &["| property.15.type |", "stream"],
            &["| property.16.type |", "the day before"],
            &["| property.17.type |", "Edm.Double", "Decimal"],
            &["| property.18.precision |", "20 digits", "18"],
            &["| property.19.type |", "without precision"],
            &["| property.20.collection |", "no field"],
            &["| key |", "`UserEmail` seems to hold personal data (email)", "URLs"],
            &["| key |", "320 characters", "255"],
            &["| key |", "2 parts"],
        ],
    );
    assert_found(&found, "m/same.toml |", &[&["| set |", "`odd_things` is `Odd__Things` to Salesforce"]]);
    assert_found(
        &found,
        "m/keys.toml |",
        &[&["| property.1.max_length |", "128"], &["| key |", "`Code` of the key has no length"]],
    );
}

#[test]
fn more_sets_than_an_organisation_takes_are_told_once() {
    let files: Vec<(String, String)> = (1..=201)
        .map(|n| {
            let properties = &["Id id Int32 nullable = false"];
            (format!("t{n}"), entity(&format!("Set{n}"), &format!("t{n}"), "key = [\"Id\"]", properties, ""))
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let (content, json) = run(&setup("sqlite:nowhere.db", &files), &["--offline"]);
    assert!(content);
    assert_found(&lines(&json), "", &[&["? m/service.toml |  |", "201 sets", "at most 200"]]);
}

#[test]
fn an_offline_check_says_that_nothing_was_compared() {
    let good = entity("Good", "t", "key = [\"Id\"]", &["Id id Int32 nullable = false"], "");
    let setup = setup("sqlite:nowhere.db", &[("good", good)]);
    let config = setup.path().join("penstock.toml");
    let check = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_penstock"));
        let output = command.arg("check").arg("--config").arg(&config).args(more).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let last = "1 service(s), 1 source(s), 1 set(s), compared with no database; the server would start\n";
    assert_eq!(check(&["--offline"]), (true, format!("no problems: {last}")));
    let (content, text) = check(&[]);
    assert!(content && text.ends_with(&format!("no problems, 1 warning(s): {last}")), "{text}");
    assert!(
        text.starts_with(&format!(
            "warning: {}: sources.erp.url: the source 'erp' cannot be reached",
            config.display()
        )),
        "{text}"
    );
}
