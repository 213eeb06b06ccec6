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
        let walk = |query: &str| {
            let mut found = std::collections::BTreeMap::new();
            let mut next = format!("{ROOT}$all{query}");
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
            names.map(|name| found.get(name).copied().unwrap_or(0))
        };
        assert_eq!(walk(""), [4, 3, 3, 3, 3, 7], "{}", kind.name());
        assert_eq!(walk("?$top=9"), [4, 3, 2, 0, 0, 0], "{}", kind.name());
        assert_eq!(walk("?$search=fluid%20OR%20lovelace"), [2, 0, 1, 0, 0, 0], "{}", kind.name());
    }
}

/// All rows of a set, as far as the server reads them today, from every database.
#[test]
fn every_set_is_the_same_on_every_database() {
    let mut answers: Vec<(Kind, String)> = Vec::new();
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        let mut all = String::new();
        for target in ["Vehicles", "Drivers", "Documents", "Drivers?$filter=Grade%20eq%20%27Senior%27"] {
            let response = server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS]);
            assert_eq!(response.status, 200, "{target} on {}: {}\n{}", kind.name(), response.text(), server.log());
            all.push_str(&response.text().replace(&format!("http://{}", server.address), "").replace("},{", "},\n{"));
            all.push('\n');
        }
        answers.push((kind, all));
    }
    let first = &answers[0].1;
    for expected in [
        r#""Colour":"White","Equipment":"None","Tags":["old","blue, a bit"],"ShiftStart":"06:30:00","Idle":"PT1H30M""#,
        r#""Colour":"Red","Equipment":"Hook,Cooling","Tags":[]"#,
        r#""Equipment":"8","Tags":[]"#,
        r#""Home":{"Street":"Seestrasse 1","City":"Zürich","Country":{"Code":"CH","Dialling":41}},"Office":{"Code":"CH","Dialling":41},"Favourites":["Red","White"],"Scores":[1,9007199254740993,null]"#,
        r#""Home":null,"Office":{"Code":"FR","Dialling":33},"Favourites":[],"Scores":[-5]"#,
    ] {
        assert!(first.contains(expected), "{expected}\n{first}");
    }
    for (kind, answer) in &answers {
        assert_eq!(answer, first, "{}", kind.name());
    }
}

#[test]
fn arrays_of_postgres_are_collections() {
    let Some(database) = database(Kind::Postgres) else { return };
    let server = serve(&database);
    let response = server.get_with(&format!("{ROOT}Tours"), &[CREDENTIALS]);
    assert_eq!(response.status, 200, "{}\n{}", response.text(), server.log());
    for expected in [
        r#""Stops":["Zürich","a \"quoted\" stop","back\\slash"],"Days":["2024-02-29",null],"Colours":["White","Black"],"Start":{"type":"Point","coordinates":[8.54,47.37]}"#,
        r#""ID":2,"Stops":[],"Days":[],"Colours":[],"Start":null"#,
        r#""ID":3,"Stops":[],"Days":["2024-01-01"],"Colours":["9"]"#,
    ] {
        assert!(response.text().contains(expected), "{expected}\n{}", response.text());
    }
}

#[test]
fn items_of_arrays_of_postgres_take_part_in_expressions() {
    let Some(database) = database(Kind::Postgres) else { return };
    let server = serve(&database);
    let get = |target: &str| {
        let target = format!("{ROOT}{}", target.replace(' ', "%20").replace('\'', "%27").replace('\\', "%5C"));
        let response = server.get_with(&target, &[CREDENTIALS]);
        assert_eq!(response.status, 200, "{target}: {}\n{}", response.text(), server.log());
        response.text().to_owned()
    };
    for (filter, expected) in [
        ("Stops/any(s: s eq 'Zürich')", "[1]"),
        ("Stops/any(s: s eq 'zürich')", "[]"),
        ("'back\\slash' in Stops", "[1]"),
        ("not Stops/any()", "[2,3]"),
        ("Days/any(d: d eq null)", "[1]"),
        ("Days/any(d: d lt 2024-02-01)", "[3]"),
        ("Days/all(d: d gt 2024-01-01)", "[2]"),
        ("Colours/any(c: c eq Fleet.Colour'Black')", "[1]"),
        ("Stops/$count ge 3", "[1]"),
    ] {
        let page = Json::read(&get(&format!("Tours?$select=ID&$filter={filter}"))).unwrap();
        let ids: Vec<String> =
            page.get("value").unwrap().as_array().unwrap().iter().map(|it| it.get("ID").unwrap().to_string()).collect();
        assert_eq!(format!("[{}]", ids.join(",")), expected, "{filter}");
    }
    for (target, expected) in [
        ("Tours(1)/Days?$filter=$this ne null", r#""value":["2024-02-29"]"#),
        (
            "Tours?$select=ID,Days($filter=$this ne null;$count=true),Stops($orderby=$this desc;$top=2)&$filter=ID eq 1",
            r#""ID":1,"Stops":["back\\slash","a \"quoted\" stop"],"Days@odata.count":1,"Days":["2024-02-29"]"#,
        ),
        ("Tours(1)?$select=Colours($filter=$this eq 'Black')", r#""Colours":["Black"]"#),
        ("Tours(1)/Days/0/$value", "2024-02-29"),
        ("Tours(1)/Stops?$orderby=$this", r#""value":["Zürich","a \"quoted\" stop","back\\slash"]"#),
        ("Tours(1)/Colours?$orderby=$this desc", r#""value":["Black","White"]"#),
        ("Tours(1)/Stops/-1", r#""value":"back\\slash""#),
    ] {
        assert!(get(target).contains(expected), "{target}: {}", get(target));
    }
}

#[test]
fn what_is_asked_of_items_wrongly_is_refused() {
    let database = database(Kind::Sqlite).unwrap();
    let server = serve(&database);
    for (target, status, part) in [
        ("Vehicles?$filter=Tags eq 'old'", 400, "the collection 'Tags'"),
        ("Vehicles?$filter=Tags/any(t: t/Name eq 'x')", 400, ""),
        ("Vehicles?$filter=Tags/Name eq 'x'", 400, ""),
        ("Vehicles?$filter=$this eq 'x'", 501, "$this"),
        ("Vehicles?$filter='x' in Plate", 400, ""),
        ("Vehicles?$filter=Tags/$count($search=x) gt 0", 501, "other than $filter"),
        ("Vehicles?$filter=Tags/$count($filter=Plate eq 'x') gt 0", 501, "$this"),
        ("Vehicles?$select=Tags($filter=Plate eq 'x')", 501, "$this"),
        ("Vehicles?$select=Tags($filter=$this)", 400, "the filter"),
        ("Drivers?$select=Scores($filter=$this eq 'x')", 400, ""),
        ("Vehicles?$select=Tags($orderby=Drivers)", 501, "$this"),
        ("Vehicles?$select=Tags($compute=length($this) as L)", 400, "$compute"),
        ("Vehicles?$select=Tags($select=x)", 400, "$select"),
        ("Vehicles?$select=Tags($levels=2)", 400, ""),
        ("Vehicles?$select=Tags($top=1;$top=2)", 400, "$top"),
        ("Vehicles?$select=Tags($top=-1)", 400, ""),
        ("Vehicles?$select=Tags,Tags($top=1)", 400, "Tags"),
        ("Vehicles?$select=Tags($top=1),ID,Tags($top=2)", 400, "Tags"),
        ("Vehicles?$select=Tags()", 400, ""),
        ("Vehicles?$expand=Photo($select=x)", 400, "$select"),
        ("Vehicles?$expand=Photo,Photo", 400, "Photo"),
        ("Vehicles?$expand=Photo,Fleet.Bus/Photo", 400, "Photo"),
        ("Vehicles?$expand=Photo/$ref", 400, "Photo"),
        ("Vehicles?$expand=$value", 400, "$value"),
        ("Vehicles?$select=Photo($top=1)", 400, "$top"),
        ("Vehicles?$select=Fleet.Nothing", 400, "Fleet.Nothing"),
        ("Vehicles?$select=Plate($top=1)", 400, "$top"),
        ("Vehicles?$select=Drivers($top=1)", 501, ""),
        ("Drivers?$select=Home($top=1)", 400, "$top"),
        ("Drivers?$select=Home($compute=1 as A)", 501, "$compute"),
        ("Drivers?$select=Home($select=Nothing)", 400, "Nothing"),
        ("Drivers?$select=Home($select=City($top=1))", 400, "$top"),
        ("Drivers(1)/Home?$select=City($top=1)", 400, "$top"),
        ("Vehicles?$orderby=Tags", 400, ""),
        ("Vehicles(1)/Tags?$filter=Plate eq 'x'", 501, "$this"),
        ("Vehicles(1)/Tags?$filter=$it/Plate eq 'x'", 400, ""),
        ("Vehicles(1)/Tags?$compute=length($this) as L", 501, "$compute"),
        ("Vehicles(1)/Tags?$select=x", 400, ""),
        ("Vehicles(1)/Tags/0?$top=1", 400, "$top"),
        ("Vehicles(1)/Tags/0/$value?$top=1", 400, "$top"),
        ("Vehicles(1)/Tags/2/$value", 404, ""),
        ("Vehicles(1)/Tags/0/$value/$count", 404, ""),
        ("Vehicles(1)/Tags/0/0", 404, ""),
        ("Vehicles(1)/Tags/x", 404, ""),
        ("Vehicles(1)/Tags/$count?$top=1", 400, "$top"),
    ] {
        let url = format!("{ROOT}{}", target.replace(' ', "%20").replace('\'', "%27"));
        let response = server.get_with(&url, &[CREDENTIALS]);
        assert!(
            response.status == status && response.text().contains(part),
            "{target}: {} {}",
            response.status,
            response.text()
        );
    }
}

#[test]
fn points_are_not_compared() {
    let database = database(Kind::Sqlite).unwrap();
    let server = serve(&database);
    let status = |filter: &str| {
        let target = format!("{ROOT}Samples/$count?$filter={}", filter.replace(' ', "%20").replace('\'', "%27"));
        let response = server.get_with(&target, &[CREDENTIALS]);
        (response.status, response.text().trim_start_matches('\u{feff}').to_owned())
    };
    assert_eq!(status("GeographyPoint ne null"), (200, "2".to_owned()));
    for filter in [
        "GeographyPoint eq GeographyPoint",
        "GeographyPoint eq geography'SRID=4326;Point(1 2)'",
        "GeographyPoint in (geography'SRID=4326;Point(1 2)')",
    ] {
        let (status, text) = status(filter);
        assert!(status == 501 && text.contains("the comparison of points"), "{filter}: {status} {text}");
    }
    let order = server.get_with(&format!("{ROOT}Samples?$orderby=GeographyPoint"), &[CREDENTIALS]);
    assert!((400..=501).contains(&order.status), "{}", order.text());
}

/// What is declared not to be filtered by, not to be sorted by, or hidden, is refused wherever it could show.
#[test]
fn what_is_closed_is_closed_in_every_clause() {
    let database = database(Kind::Sqlite).unwrap();
    let server = serve(&database);
    let ask = |target: &str| server.get_with(&format!("{ROOT}{}", target.replace(' ', "%20")), &[CREDENTIALS]);
    for closed in ["PhotoType", "Kind"] {
        for target in [
            "Vehicles?$filter=X eq 'image/png'",
            "Vehicles?$filter=contains(X,'png')",
            "Vehicles?$filter=length(X) in (9,10)",
            "Vehicles?$orderby=X",
            "Vehicles?$orderby=length(X) desc",
            "Vehicles?$compute=tolower(X) as L&$select=L",
            "Vehicles?$compute=X as L&$filter=L eq 'image/png'",
            "Vehicles/$count?$filter=X eq 'image/png'",
            "Vehicles/$filter(X eq 'bus')/$count",
            "Vehicles(1)/Trips?$filter=Vehicle/X eq 'image/png'",
            "Vehicles?$filter=Trips/any(t:t/Vehicle/X eq 'image/png')",
            "Vehicles?$filter=Trips/$count($filter=Vehicle/X eq 'image/png') gt 0",
            "Vehicles?$expand=Trips($filter=Vehicle/X eq 'image/png')",
            "Vehicles?$expand=Trips($orderby=Vehicle/X)",
            "Vehicles?$filter=$root/Vehicles(1)/X eq 'image/png'",
            "Vehicles?$apply=filter(X eq 'image/png')/aggregate($count as N)",
            "Vehicles?$apply=groupby((X))",
            "Vehicles?$apply=aggregate(X with max as M)",
            "Vehicles?$apply=compute(X as M)/aggregate(M with max as N)",
        ] {
            let response = ask(&target.replace('X', closed));
            assert_eq!(response.status, 400, "{closed} in {target}: {}", response.text());
            let open = ask(&target.replace('X', "Plate"));
            assert_eq!(open.status, 200, "Plate in {target}: {}", open.text());
        }
    }
    for word in ["png", "truck"] {
        assert_eq!(ask(&format!("Vehicles/$count?$search={word}")).text(), "0", "{word}");
    }
}
