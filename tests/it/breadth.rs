//! The fleet on every database: the tables load, the model resolves, and the values of every primitive type come out
//! equal from each.

use crate::salesforce::CREDENTIALS;
use crate::support::breadth::{ROOT, database, serve};
use crate::support::databases::{KINDS, Kind};
use crate::support::json::Json;

#[test]
fn every_primitive_type_is_the_same_on_every_database() {
    let mut answers: Vec<(Kind, String)> = Vec::new();
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        let mut all = String::new();
        for target in ["Samples", "Articles", "Samples(1)", "Samples(2)/Binary/$value", "Samples(1)/Duration"] {
            let response = server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS]);
            assert_eq!(response.status, 200, "{target} on {}: {}\n{}", kind.name(), response.text(), server.log());
            all.push_str(&response.text().replace(&format!("http://{}", server.address), ""));
            all.push('\n');
        }
        answers.push((kind, all));
    }
    let first = &answers[0].1;
    for expected in [
        r#""TimeOfDay":"12:30:00.5","Duration":"P1DT2H3M4.5S","Binary":"AP9B""#,
        r#""GeographyPoint":{"type":"Point","coordinates":[8.54,47.37]},"GeometryPoint":{"type":"Point","coordinates":[1,-2.5]}"#,
        r#""TimeOfDay":"23:59:59.999999","Duration":"-PT0.000001S","Binary":"""#,
        r#""TimeOfDay":null,"Duration":null,"Binary":null,"GeographyPoint":null"#,
    ] {
        assert!(first.contains(expected), "{expected}\n{first}");
    }
    for (kind, answer) in &answers {
        assert_eq!(answer, first, "{}", kind.name());
    }
}

#[test]
fn times_durations_and_bytes_are_filtered_alike_on_every_database() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        for (filter, expected) in [
            ("TimeOfDay eq 12:30:00.5", 1),
            ("TimeOfDay gt 12:30", 2),
            ("TimeOfDay lt 12:30:00.5000001", 1),
            ("Duration eq duration'P1DT2H3M4.5S'", 1),
            ("Duration eq duration'PT26H3M4.5S'", 1),
            ("Duration lt duration'PT0S'", 1),
            ("Duration ne null", 2),
            ("Binary eq binary'AP9B'", 1),
            ("Binary eq binary''", 1),
            ("Binary eq null", 1),
            ("TimeOfDay in (12:30:00.5,00:00:00)", 1),
        ] {
            let target = format!("{ROOT}Samples/$count?$filter={}", filter.replace(' ', "%20").replace('\'', "%27"));
            let response = server.get_with(&target, &[CREDENTIALS]);
            let text = response.text().trim_start_matches('\u{feff}').to_owned();
            assert_eq!((response.status, &*text), (200, &*expected.to_string()), "{filter} on {}", kind.name());
        }
        for (order, first) in [("TimeOfDay desc", 2), ("Duration", 3), ("Duration desc", 1), ("Binary desc", 1)] {
            let target = format!("{ROOT}Samples?$select=ID&$orderby={}", order.replace(' ', "%20"));
            let page = server.get_with(&target, &[CREDENTIALS]);
            let wanted = format!("\"value\":[{{\"ID\":{first}}}");
            assert!(page.text().contains(&wanted), "{order} on {}: {}", kind.name(), page.text());
        }
    }
}

#[test]
fn all_entities_come_set_after_set() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        let mut found = std::collections::BTreeMap::new();
        let mut next = format!("{ROOT}$all");
        for _ in 0..20 {
            let response = server.get_with(&next, &[CREDENTIALS]);
            assert_eq!(response.status, 200, "{next} on {}: {}", kind.name(), response.text());
            let page = Json::read(response.text()).unwrap();
            for entity in page.get("value").unwrap().as_array().unwrap() {
                let id = entity.get("@odata.id").and_then(Json::as_str).unwrap();
                let set = id.rsplit('/').next().unwrap().split('(').next().unwrap().to_owned();
                *found.entry(set).or_insert(0) += 1;
            }
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => server.target_of(link).clone_into(&mut next),
                None => break,
            }
        }
        let names = ["Articles", "Documents", "Drivers", "Parties", "Samples", "Vehicles"];
        let counts: Vec<_> = names.iter().map(|name| found.get(*name).copied().unwrap_or(0)).collect();
        assert_eq!(counts, [4, 3, 3, 3, 3, 7], "{}: {found:?}", kind.name());
    }
}

#[test]
fn arrays_of_postgresql_are_collections() {
    let Some(database) = database(Kind::Postgres) else { return };
    let server = serve(&database);
    let all = server.get_with(&format!("{ROOT}Tours"), &[CREDENTIALS]);
    assert_eq!(all.status, 200, "{}\n{}", all.text(), server.log());
    let one = Json::read(all.text()).unwrap();
    let first = one.get("value").unwrap().as_array().unwrap()[0].clone();
    for name in ["Stops", "Days", "Colours"] {
        let property = server.get_with(&format!("{ROOT}Tours(1)/{name}"), &[CREDENTIALS]);
        let value = Json::read(property.text()).unwrap();
        assert_eq!(value.get("value").map(ToString::to_string), first.get(name).map(ToString::to_string), "{name}");
        assert!(first.get(name).unwrap().as_array().is_some(), "{name}: {}", all.text());
    }
}
