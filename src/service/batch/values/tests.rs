//! Tests of what requests take from earlier answers.

use super::*;

fn results() -> Results<'static> {
    let json = |id, status, body: &'static str| {
        (
            id,
            Answer {
                status,
                content_type: Some("application/json;x=y".into()),
                body: body.into(),
                ..Answer::default()
            },
        )
    };
    let all = [
        json(
            "1",
            200,
            "{\"@odata.context\":\"c\",\"A\":1.50,\"B\":\"it's /&'\",\"C\":null,\"D\":{\"E\":true},\"F\":[1,\"x\"],\"G\":[],\"value\":7}",
        ),
        json("list", 200, "{\"value\":[{\"A\":5},{\"A\":6}]}"),
        json("v", 200, "{\"@context\":\"c\",\"value\":-0.5e3}"),
        json("bad", 404, "{\"error\":{\"code\":\"x\"}}"),
        ("n", Answer { status: 204, etag: Some("W/\"1\"".to_owned()), ..Answer::default() }),
        (
            "t",
            Answer { status: 200, content_type: Some("text/plain".into()), body: "a\"b".into(), ..Answer::default() },
        ),
        json("root", 200, "{\"value\":1}"),
    ];
    let searched = AtomicUsize::new(0);
    let mut results =
        Results { searched, wanted: all.iter().map(|(id, _)| (*id).to_owned()).collect(), known: HashMap::new() };
    for (id, answer) in &all {
        results.keep(id, answer);
    }
    results
}

#[test]
fn values_take_the_places_of_references_in_urls() {
    let results = results();
    for (url, expected) in [
        ("O?$filter=X eq $1/A", "O?$filter=X eq 1%2E50"),
        ("O?$filter=X%20eq%20%241/A%20and%20Y%20eq%20$v", "O?$filter=X%20eq%201%2E50%20and%20Y%20eq%20%2D0%2E5e3"),
        ("O?$filter=X eq $1/B&$top=1", "O?$filter=X eq %27it%27%27s%20%2F%26%27%27%27&$top=1"),
        ("O?$filter=X+eq+$1/C", "O?$filter=X+eq+null"),
        ("O?$filter=X in $1/F", "O?$filter=X in %281%2C%27x%27%29"),
        ("O?$filter=X eq $1/D/E or X eq $1/F/-1", "O?$filter=X eq true or X eq %27x%27"),
        ("O?$filter=X eq $list/1/A and Y eq $list/$count", "O?$filter=X eq 6 and Y eq 2"),
        ("O?$filter=X eq $n and Y eq $n/Z", "O?$filter=X eq null and Y eq null"),
        ("O?$filter=X eq $t", "O?$filter=X eq %27a%22b%27"),
        ("O($1/A)/L(P=$v,Q=2)", "O(1%2E50)/L(P=%2D0%2E5e3,Q=2)"),
        ("O(@k)?@k=$1/A", "O(@k)?@k=1%2E50"),
        ("O?$expand=L($filter=Q eq $1/A;$top=1)", "O?$expand=L($filter=Q eq 1%2E50;$top=1)"),
        // None of these refers to anything.
        ("$1/L?$top=1", "$1/L?$top=1"),
        ("O?$filter=X eq 'costs $1/A'", "O?$filter=X eq 'costs $1/A'"),
        ("O?$filter=X eq $10/A", "O?$filter=X eq $10/A"),
        ("O?$filter=L/$1 gt 2", "O?$filter=L/$1 gt 2"),
        ("O?$search=\"$1\"&$v=2", "O?$search=\"$1\"&$v=2"),
        ("O?$filter=X eq $root/P(1)/N", "O?$filter=X eq $root/P(1)/N"),
        ("O?x=%FF$1", "O?x=%FF$1"),
    ] {
        assert_eq!(results.in_url(url).unwrap(), expected, "{url}");
    }
    for (url, status) in [("O?$filter=X eq $1/Z", 400), ("O?$filter=X eq $1/D", 501), ("O?$filter=X eq $bad/A", 424)] {
        assert_eq!(results.in_url(url).unwrap_err().status(), status, "{url}");
    }
}

#[test]
fn a_batch_takes_no_more_than_it_may() {
    let mut results = results();
    let long: &'static str = Box::leak(format!("{{\"A\":\"{}\",\"B\":1}}", "x".repeat(600_000)).into_boxed_str());
    let json = Some("application/json".into());
    results.keep("1", &Answer { status: 200, content_type: json, body: long.into(), ..Answer::default() });
    assert_eq!(results.in_body(b"[\"$1/A\"]").unwrap().unwrap().len(), 600_004);
    for body in ["[\"$1/A\",\"$1/A\"]", "{\"a\":{\"b\":\"$1/A\"},\"c\":\"$1/A\"}"] {
        assert_eq!(results.in_body(body.as_bytes()).unwrap_err().status(), 400);
    }
    assert_eq!(results.in_query("$filter=X eq $1/A or X eq $1/A").unwrap_err().status(), 400);
    assert_eq!(results.in_condition("$1/A eq $1/A").unwrap_err().status(), 400);
    // Small values out of large answers take time.
    let many = vec!["$1/B"; 200].join(",");
    assert_eq!(results.in_query(&format!("$filter=X in ({many})")).unwrap_err().status(), 400);
}

#[test]
fn bodies_take_values_where_a_text_is_a_reference_as_a_whole() {
    let results = results();
    let body = " {\"a\":\"$1/A\",\"b\":[\"$1/B\",\"x $1/A\",\"$9\",{}, {\"c\":\"$1/D\"}],\"d\":1.10,\"e\":\"$v\"}";
    let expected =
        "{\"a\":1.50,\"b\":[\"it's /&'\",\"x $1/A\",\"$9\",{},{\"c\":{\"E\":true}}],\"d\":1.10,\"e\":-0.5e3}";
    let found = results.in_body(body.as_bytes()).unwrap().unwrap();
    assert_eq!(String::from_utf8(found).unwrap(), expected);
    assert_eq!(results.in_body(b"{\"a\":1}").unwrap(), None);
    assert_eq!(results.in_body(b"{\"$1").unwrap(), None);
    assert_eq!(results.in_body(b"[\"$1/Z\"]").unwrap_err().status(), 400);
    assert_eq!(results.in_body(b"[\"$bad\"]").unwrap_err().status(), 424);
}

#[test]
fn conditions_name_the_tags_of_earlier_answers() {
    let results = results();
    assert_eq!(results.tag(" $n").unwrap().as_deref(), Some("W/\"1\""));
    assert_eq!(results.tag("W/\"$n\"").unwrap(), None);
    assert_eq!(results.tag("$1").unwrap_err().status(), 400);
    assert_eq!(results.tag("$9").unwrap_err().status(), 400);
    assert_eq!(results.tag("$bad").unwrap_err().status(), 424);
}

#[test]
fn an_if_sees_what_is_there_and_null_for_the_rest() {
    let results = results();
    for (text, expected) in [
        ("$1/A gt 1 and $bad/$succeeded eq false", "1.50 gt 1 and false eq false"),
        ("$bad/error/code eq 'x' or $1/Z eq null", "'x' eq 'x' or null eq null"),
        ("$1/D ne null and $1/G eq $1/F", "{} ne null and [] eq (1,'x')"),
        ("'$1/A' eq $9/A", "'$1/A' eq $9/A"),
    ] {
        assert_eq!(results.in_condition(text).unwrap(), expected);
    }
}
