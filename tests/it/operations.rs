//! Functions and actions of the fleet on every database: what they give, what they change, and what is refused.

use crate::salesforce::CREDENTIALS;
use crate::support::breadth::{ROOT, database, serve, serve_changed};
use crate::support::databases::{KINDS, Kind};
use crate::support::http::Response;
use crate::support::json::Json;
use crate::support::server::TestServer;

fn get(server: &TestServer, target: &str) -> Response {
    server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS])
}

fn post(server: &TestServer, target: &str, body: &str) -> Response {
    let headers = [CREDENTIALS, ("Content-Type", "application/json")];
    server.send("POST", &format!("{ROOT}{target}"), &headers, Some(body.as_bytes()))
}

fn code(response: &Response) -> String {
    let body = Json::read(response.text()).unwrap();
    let code = body.get("error").and_then(|error| error.get("code")).and_then(Json::as_str);
    code.unwrap_or_default().to_owned()
}

#[test]
fn actions_change_rows_once_and_what_is_kept_of_them() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        let colour = |id: u8| get(&server, &format!("Vehicles({id})/Colour/$value")).text().to_owned();
        assert_eq!(colour(1), "White", "{}", kind.name());
        let done = post(&server, "Vehicles(1)/Fleet.Truck/Fleet.Repaint", " {\n\t\"colour\" : \"Red\" } ");
        assert_eq!((done.status, done.text()), (204, ""), "{}: {}", kind.name(), server.log());
        assert_eq!((colour(1), colour(2)), ("Red".to_owned(), "Red".to_owned()), "{}", kind.name());
        let number = post(&server, "Vehicles(Plate='ZH%201')/Truck/Repaint", "{\"colour\":\"5\"}");
        assert_eq!(number.status, 204, "{}: {}", kind.name(), number.text());
        assert_eq!(colour(1), "Black", "{}", kind.name());

        let trips = || get(&server, "Vehicles(1)/Trips/$count").text().trim_start_matches('\u{feff}').to_owned();
        assert_eq!(trips(), "3", "{}", kind.name());
        assert_eq!(post(&server, "Forget", "{\"than\":\"PT1S\"}").status, 204, "{}: {}", kind.name(), server.log());
        assert_eq!(trips(), "2", "{}", kind.name());
        // Reads stay reads after a change.
        assert_eq!(get(&server, "Plates/$count").text(), "7", "{}", kind.name());
    }
}

#[test]
fn what_does_not_fit_an_action_is_refused_and_changes_nothing() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        for (target, body, status, expected) in [
            ("Vehicles(1)/Fleet.Truck/Repaint", "{\"colour\":\"Nope\"}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "{\"colour\":null}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "{}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "[1]", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "{\"colour\":'Red'}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "{\"colour\":\"Red\",\"x\":1}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint", "{\"colour\":\"Red\",\"colour\":\"Red\"}", 400, "service.action_body"),
            ("Vehicles(1)/Fleet.Truck/Repaint(colour='Red')", "{}", 404, "bind.unknown_overload"),
            ("Vehicles(1)/Repaint", "{\"colour\":\"Red\"}", 404, "bind.unknown_segment"),
            // Buses are no trucks, and there is no such vehicle.
            ("Vehicles(4)/Fleet.Truck/Repaint", "{\"colour\":\"Red\"}", 404, "service.no_entity"),
            ("Vehicles(99)/Fleet.Truck/Repaint", "{\"colour\":\"Red\"}", 404, "service.no_entity"),
            ("Vehicles(1)", "{}", 405, "web.method_not_allowed"),
            ("Plates", "{}", 405, "web.method_not_allowed"),
        ] {
            let response = post(&server, target, body);
            assert_eq!((response.status, &*code(&response)), (status, expected), "{target} {body} on {}", kind.name());
        }
        let read = get(&server, "Forget");
        assert_eq!((read.status, read.header("allow")), (405, Some("POST, OPTIONS")), "{}", kind.name());
        let text = server.send(
            "POST",
            &format!("{ROOT}Forget"),
            &[CREDENTIALS, ("Content-Type", "text/plain")],
            Some(b"{\"than\":\"PT1S\"}"),
        );
        assert_eq!(text.status, 415, "{}", kind.name());
        assert_eq!(get(&server, "Vehicles/$count?$filter=Colour%20eq%20'White'").text(), "2", "{}", kind.name());
        assert_eq!(get(&server, "Vehicles(1)/Trips/$count").text(), "3", "{}", kind.name());
    }
}

#[test]
fn options_are_parameters_of_a_function_at_the_end() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        for (target, as_named) in [
            ("HeaviestTrucks?@count=2&$select=ID", "HeaviestTrucks(count=2)?$select=ID"),
            ("HeaviestTrucks?$select=ID&@count=2", "HeaviestTrucks(count=2)?$select=ID"),
            ("HeaviestTrucks?@count=2&colour='Black'&x=1", "HeaviestTrucks(count=2,colour='Black')"),
            ("HeaviestTrucks?@count=@n&@n=2", "HeaviestTrucks(count=2)"),
            ("AbsoluteOf?value=-5", "AbsoluteOf(value=-5)"),
        ] {
            let (found, wanted) = (get(&server, target), get(&server, as_named));
            assert_eq!((found.status, found.text()), (200, wanted.text()), "{target} on {}", kind.name());
        }
        // Next links repeat the parameters.
        let small = [CREDENTIALS, ("Prefer", "maxpagesize=1")];
        let mut next = format!("{ROOT}HeaviestTrucks?@count=2&$select=ID");
        let mut found = Vec::new();
        for _ in 0..3 {
            let response = server.get_with(&next, &small);
            let page = Json::read(response.text()).unwrap();
            found.push(page.get("value").unwrap().as_array().unwrap().len());
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => server.target_of(link).clone_into(&mut next),
                None => break,
            }
        }
        assert_eq!(found, [1, 1], "{}", kind.name());
    }
}

#[test]
fn an_action_says_that_it_wants_to_be_posted() {
    let database = database(Kind::Sqlite).unwrap();
    let server = serve(&database);
    for (target, allow) in [
        ("Forget", "POST, OPTIONS"),
        ("Vehicles(1)/Fleet.Truck/Repaint", "POST, OPTIONS"),
        ("Vehicles(1)", "GET, HEAD, OPTIONS"),
        ("Plates", "GET, HEAD, OPTIONS"),
        ("$batch", "POST, OPTIONS"),
    ] {
        let response = server.send("OPTIONS", &format!("{ROOT}{target}"), &[CREDENTIALS], None);
        assert_eq!((response.status, response.header("allow")), (204, Some(allow)), "{target}");
    }
}

#[test]
fn functions_are_chosen_by_the_names_of_their_parameters() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        for (target, status, expected) in [
            ("HeaviestTrucks", 404, "bind.unknown_overload"),
            ("HeaviestTrucks(count=1,x=2)", 404, "bind.unknown_overload"),
            ("HeaviestTrucks(count='a')", 400, "bind.malformed_literal"),
            ("HeaviestTrucks(count=null)", 400, "bind.argument"),
            ("HeaviestTrucks(count=@none)", 400, "bind.argument"),
            ("HeaviestTrucks(count=1,colour='Nope')", 400, "bind.malformed_literal"),
            ("HeaviestTrucks(count=3000000000)", 400, "bind.out_of_range"),
            // Its absolute value is beyond the type of the result.
            ("AbsoluteOf(value=-2147483648)", 400, "store.out_of_range"),
            ("HeaviestTrucks(count=3)(4)", 404, "service.no_entity"),
            ("Drivers/Youngest/Name", 404, "bind.unknown_segment"),
            // Options are parameters of a function without parentheses, at the end of the path.
            ("AbsoluteOf?value='a'", 400, "bind.malformed_literal"),
            ("AbsoluteOf?value=1%20eq", 400, "bind.argument"),
            ("AbsoluteOf?value=1&value=2", 400, "bind.duplicate"),
            ("HeaviestTrucks?colour='Red'", 404, "bind.unknown_overload"),
            ("HeaviestTrucks/$count?@count=1", 404, "bind.unknown_overload"),
            // 7 to the power of 5.
            ("TooMany", 501, "service.result_limit"),
            ("Plates/x", 404, "bind.unknown_segment"),
            ("Plates?$filter=x", 400, "bind.option_not_allowed"),
            ("Drivers/$filter(ID%20eq%201)/Youngest", 501, "bind.unsupported"),
            ("Drivers/Fleet.Chief/Youngest", 404, "bind.unknown_segment"),
            ("Vehicles/Fleet.Truck/$each/Fleet.Repaint", 501, "bind.unsupported"),
            ("Vehicles/$each/Fleet.TripNumbers()", 501, "bind.unsupported"),
            ("Vehicles/$each/Fleet.TripCount(x=1)", 404, "bind.unknown_overload"),
            ("Vehicles/$each/Fleet.Painted()", 404, "bind.unknown_segment"),
            ("Vehicles/$each/Plate", 404, "bind.unknown_segment"),
            ("Vehicles/$each/$each", 404, "bind.unknown_segment"),
            ("Vehicles/$each/Fleet.TripCount()/$value", 404, "bind.unknown_segment"),
            ("Vehicles/$each/Fleet.TripCount()?$filter=$it%20gt%201", 501, "bind.unsupported"),
            ("Vehicles/$each/Fleet.TripCount()?$select=ID", 400, "bind.option_not_allowed"),
            ("Vehicles/$each/Fleet.TripCount()/$count?$filter=ID%20gt%201", 400, "bind.option_not_allowed"),
            // Functions of the model in expressions.
            ("Vehicles?$filter=Fleet.TripNumbers()%20eq%201", 501, "bind.unsupported"),
            ("Vehicles?$filter=Fleet.FirstDriver()%20eq%20null", 501, "bind.unsupported"),
            ("Vehicles?$filter=Drivers/Fleet.Youngest()%20eq%20null", 501, "bind.unsupported"),
            ("Vehicles/Fleet.Truck?$filter=Fleet.Repaint()%20eq%201", 400, "bind.unknown_function"),
            ("Vehicles?$filter=Fleet.TripCount(x=1)%20eq%201", 400, "bind.unknown_function"),
            ("Vehicles?$filter=Fleet.TripCount()/x%20eq%201", 400, "bind.not_followed"),
            ("Vehicles?$filter=Plate/Fleet.TripCount()%20eq%201", 400, "bind.not_followed"),
            ("Vehicles?$filter=Fleet.Absolute(value='a')%20eq%201", 400, "bind.malformed_literal"),
            ("Vehicles?$filter=Fleet.Absolute(value=Plate)%20eq%201", 400, "bind.argument"),
            (
                "Vehicles?$apply=aggregate($count%20as%20N)/filter(Fleet.TripCount()%20gt%201)",
                400,
                "bind.unknown_function",
            ),
            ("Vehicles?$filter=Fleet.Tripped()%20gt%201", 400, "bind.unknown_function"),
        ] {
            let response = get(&server, target);
            assert_eq!((response.status, &*code(&response)), (status, expected), "{target} on {}", kind.name());
        }
    }
}

/// What a function gives for each entity comes in pages of the collection.
#[test]
fn values_of_each_entity_come_in_pages() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        let mut next = format!("{ROOT}Vehicles/$filter(@f)/$each/Fleet.TripCount()?@f=ID%20ne%202");
        let mut found = Vec::new();
        loop {
            let response = server.get_with(&next, &[CREDENTIALS, ("Prefer", "maxpagesize=2")]);
            assert_eq!(response.status, 200, "{}: {}", kind.name(), response.text());
            let page = Json::read(response.text()).unwrap();
            found.push(
                page.get("value").unwrap().as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(),
            );
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => server.target_of(link).clone_into(&mut next),
                None => break,
            }
        }
        assert_eq!(found, [["3", "0"], ["1", "0"], ["0", "0"]], "{}", kind.name());
    }
}

/// Without parameters an action needs no body, and takes an empty object.
#[test]
fn an_action_without_parameters_needs_no_body() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database);
        assert_eq!(get(&server, "Vehicles(1)/Trips/$count").text(), "3", "{}", kind.name());
        for body in [None, Some(&b"{}"[..])] {
            let headers = [CREDENTIALS, ("Content-Type", "application/json")];
            let headers = if body.is_some() { &headers[..] } else { &headers[..1] };
            let done = server.send("POST", &format!("{ROOT}Tidy"), headers, body);
            assert_eq!((done.status, done.text()), (204, ""), "{}: {}", kind.name(), server.log());
            assert_eq!(get(&server, "Vehicles(1)/Trips/$count").text(), "2", "{}", kind.name());
        }
    }
}

/// An action on an entity is carried out only in the state that its caller has seen.
#[test]
fn an_action_obeys_the_conditions_of_its_request() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve_changed(&database, "", |text| {
            let is_of_operations = text.contains("name = \"HeaviestTrucks\"");
            let statement = "UPDATE documents SET version = version + 1 WHERE id = :ID";
            let touch =
                format!("\n[[action]]\nname = \"Touch\"\nbound_to = \"Documents\"\nstatement = \"{statement}\"\n");
            if is_of_operations { text + &touch } else { text }
        });
        let send = |target: &str, condition: (&str, &str)| {
            let target = format!("{ROOT}{target}");
            server.send("POST", &target, &[CREDENTIALS, condition], Some(b"")).status
        };
        let version = || get(&server, "Documents(1)/Version/$value").text().to_owned();
        let touch = "Documents(1)/Fleet.Touch";
        for (condition, status, after) in [
            (("If-Match", "W/\"3\""), 204, "4"),
            (("If-Match", "W/\"3\""), 412, "4"),
            (("If-Match", "W/\"3\", \"4\""), 204, "5"),
            (("If-None-Match", "W/\"5\""), 412, "5"),
            (("If-None-Match", "*"), 412, "5"),
            (("If-None-Match", "W/\"4\""), 204, "6"),
            (("If-Match", "*"), 204, "7"),
        ] {
            assert_eq!(
                (send(touch, condition), version().as_str()),
                (status, after),
                "{condition:?} on {}",
                kind.name()
            );
        }
        assert_eq!(send("Documents(99)/Fleet.Touch", ("If-Match", "*")), 404, "{}", kind.name());
        // Nothing has the state that is named: no tag is known.
        assert_eq!(send("Tidy", ("If-Match", "\"1\"")), 412, "{}", kind.name());
        assert_eq!(get(&server, "Vehicles(1)/Trips/$count").text(), "3", "{}", kind.name());

        // In a batch the state is that which the batch has read.
        let part = |id: &str, method: &str, url: &str, condition: &str| {
            let tag = if condition.is_empty() { String::new() } else { format!(",\"if-match\":\"{condition}\"") };
            let headers = format!("{{\"content-type\":\"application/json\"{tag}}}");
            format!("{{\"id\":\"{id}\",\"method\":\"{method}\",\"url\":\"{url}\",\"headers\":{headers}}}")
        };
        let parts = [
            part("1", "GET", "Documents(1)", ""),
            part("2", "POST", touch, "$1"),
            part("3", "POST", touch, "$1"),
            part("4", "GET", "Documents(1)/Version/$value", ""),
        ];
        let batch = post(&server, "$batch", &format!("{{\"requests\":[{}]}}", parts.join(",")));
        let answers = Json::read(batch.text()).unwrap();
        let answers = answers.get("responses").unwrap().as_array().unwrap();
        let statuses: Vec<String> =
            answers.iter().map(|answer| format!("{:?}", answer.get("status").unwrap())).collect();
        let expected = ["200", "204", "412", "200"];
        assert!(statuses.iter().zip(expected).all(|(found, wanted)| found.contains(wanted)), "{statuses:?}");
        assert_eq!(answers[3].get("body").and_then(Json::as_str), Some("8"), "{}", kind.name());
    }
}
