//! What is taken out of a request's words, and what stays.

use proptest::prelude::*;

use super::*;
use crate::syntax::{Limits, parse};

/// The text with letters for marks, and the literals.
fn taken(target: &str) -> (String, Vec<String>) {
    let pattern = Pattern::of(target).unwrap();
    let literals = (0..pattern.literals()).map(|number| format!("{:?}", pattern.literal(number, target).unwrap()));
    (pattern.text().replace(MARK, "#"), literals.collect())
}

#[test]
fn keys_and_compared_literals_are_taken_out() {
    let cases: [(&str, &str, &[&str]); 15] = [
        ("Orders(17)?$select=Id", "Orders(#i)?$select=Id", &[r#"Number("17")"#]),
        ("Orders('A-1')", "Orders('#s')", &[r#"String("A-1")"#]),
        ("Orders(%27A%27)", "Orders(%27#s%27)", &[r#"String("A")"#]),
        ("Lines?$filter=OrderId%20eq%20-5&$top=20", "Lines?$filter=OrderId%20eq%20#i&$top=20", &[r#"Number("-5")"#]),
        (
            "A?%24filter=(Name+eq+%27J.+Doe%27+or+Name%20ne%20'J.%20Roe')+and+Id gt 1.5",
            "A?%24filter=(Name+eq+%27#s%27+or+Name%20ne%20'#s')+and+Id gt #d",
            &[r#"String("J. Doe")"#, r#"String("J. Roe")"#, r#"Number("1.5")"#],
        ),
        (
            "A?$filter=At ge 2024-05-01T10%3A00%3A00Z and At lt 2024-05-01T10:00:00.5Z and Day le 2024-05-01",
            "A?$filter=At ge #t and At lt #t and Day le #c",
            &[
                r#"DateTimeOffset("2024-05-01T10:00:00Z")"#,
                r#"DateTimeOffset("2024-05-01T10:00:00.5Z")"#,
                r#"Date("2024-05-01")"#,
            ],
        ),
        (
            "A?$orderby=Id&$filter=Key eq f6a1b2c3-0000-4000-8000-00000000000a",
            "A?$orderby=Id&$filter=Key eq #g",
            &[r#"Guid("f6a1b2c3-0000-4000-8000-00000000000a")"#],
        ),
        ("A?$filter=Name eq 'x eq 5 and y'", "A?$filter=Name eq '#s'", &[r#"String("x eq 5 and y")"#]),
        // What stands more than once stays, in other forms and spellings, too.
        (
            "A?$filter=A eq 5 and A eq '5' and B eq 6 and C eq 7 and D eq 7",
            "A?$filter=A eq 5 and A eq '5' and B eq #i and C eq 7 and D eq 7",
            &[r#"Number("6")"#],
        ),
        (
            "A?$filter=A eq 'a b' and A eq %27a%20b%27 and B eq 'b'",
            "A?$filter=A eq 'a b' and A eq %27a%20b%27 and B eq '#s'",
            &[r#"String("b")"#],
        ),
        ("Orders(5)?$filter=A eq 5", "Orders(5)?$filter=A eq 5", &[]),
        ("A?$filter=A eq 5)", "A?$filter=A eq #i)", &[r#"Number("5")"#]),
        ("A", "A", &[]),
        ("A?", "A?", &[]),
        ("A?$filter=A eq 0&&$filter=", "A?$filter=A eq #i&&$filter=", &[r#"Number("0")"#]),
    ];
    for (target, text, literals) in cases {
        let (taken, found) = taken(target);
        assert_eq!((taken.as_str(), found.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), (text, literals));
    }
}

#[test]
fn what_could_be_misread_stays_in_the_text() {
    let targets = [
        "Orders(017)",
        "Orders(-0)",
        "Orders(1.50)",
        "Orders(Id=1)",
        "Orders(1)/Lines",
        "Orders('a+b')",
        "Orders('O''Brien')",
        "Orders('')",
        "A?$filter=Name eq 'O''Brien'",
        "A?$filter=startswith(Name,'x eq 5 and y eq 6') or Name eq 'it''s eq 5 or'",
        "A?$filter=Name eq 'x, eq 5'",
        "A?$filter=Name eq ''",
        "A?$filter=Name eq 'M%C3%BCller'",
        "A?$filter=Name eq ' x'",
        "A?$filter=Name eq 'x%20'",
        "A?$filter=contains(Name,'x')",
        "A?$filter=Id EQ 5",
        "A?$filter=Id in (1,2)",
        "A?$filter=Id eq 05",
        "A?$filter=Id eq 1e3",
        "A?$filter=Id eq 1.0",
        "A?$filter=Id eq 1234567890123456789",
        "A?$filter=At eq 2024-05-01T10:00:00.50Z",
        "A?$filter=At eq 2024-05-01T10:00:00+02:00",
        "A?$filter=At eq 2024-05-01T10:00Z",
        "A?$filter=Key eq F6A1B2C3-0000-4000-8000-00000000000A",
        "A?$filter=Took eq duration'PT1H'",
        "A?$filter=Is eq true and Name eq null",
        "A?$filter=Name eq 'open",
        "A?$filter=Total eq 5add 3",
        "A?$top=5&$skip=3",
        "A?$expand=Lines($filter=Id eq 5)",
    ];
    for target in targets {
        let (text, literals) = taken(target);
        assert_eq!((text.as_str(), literals.len()), (target, 0), "{target}");
    }
    assert_eq!(Pattern::of("A?$filter=A eq '\u{1}sA'"), None);
    assert_eq!(Pattern::of(&format!("A?$filter=A eq '{}'", "x".repeat(3_000))), None);
    let many: Vec<String> = (0..17).map(|number| format!("A eq {number}")).collect();
    assert_eq!(Pattern::of(&format!("A?$filter={}", many.join(" or "))), None);
}

fn targets() -> impl Strategy<Value = String> {
    let literal = prop_oneof![
        "-?[1-9][0-9]{2,3}",
        "-?[0-9]{1,2}\\.[0-9]{1,3}",
        "('|%27)[a-z '.%20+]{0,5}('|%27)",
        "202[0-9]-[01][0-9]-[0-3][0-9]",
        "202[0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9](:|%3A)[0-5][0-9]:00(\\.[0-9]{1,4})?Z",
        "[0-9a-f]{8}-1111-4111-8111-1111111111[0-9a-f]{2}",
        Just("Name".to_owned()),
    ];
    let blank = prop_oneof![Just(" "), Just("+"), Just("%20")];
    let part = (blank.clone(), prop_oneof![Just("eq"), Just("lt"), Just("add")], blank.clone(), literal.clone());
    let filter = prop::collection::vec(part.prop_map(|(a, op, b, value)| format!("Id{a}{op}{b}{value}")), 1..6);
    (literal, filter, blank).prop_map(|(key, filter, blank)| {
        format!("Orders({key})?$select=Id&$filter={}", filter.join(&format!("{blank}and{blank}")))
    })
}

proptest! {
    #[test]
    fn requests_of_one_pattern_are_parsed_alike(target in targets()) {
        let Some(pattern) = Pattern::of(&target) else { return Ok(()) };
        let limits = Limits::default();
        let spans = regex::Regex::new("[0-9]+\\.\\.[0-9]+").unwrap();
        for specimen in [Specimen::First, Specimen::Second] {
            let other = pattern.specimen(specimen, &target);
            let again = Pattern::of(&other).unwrap();
            prop_assert_eq!(again.text(), pattern.text());
            for number in 0..pattern.literals() {
                prop_assert_eq!(again.literal(number, &other), pattern.literal_of(number, specimen));
            }
            // The trees differ in the literals only.
            let (Ok(own), Ok(other)) = (parse(&target, &limits), parse(&other, &limits)) else {
                prop_assert_eq!(parse(&target, &limits).is_ok(), parse(&other, &limits).is_ok());
                continue;
            };
            let mut shown = [format!("{own:?}"), format!("{other:?}")];
            for number in 0..pattern.literals() {
                let literal = [pattern.literal(number, &target), pattern.literal_of(number, specimen)];
                for (shown, literal) in shown.iter_mut().zip(literal) {
                    *shown = shown.replace(&format!("{:?}", literal.unwrap()), &format!("literal {number}"));
                }
            }
            let [own, other] = shown.map(|shown| {
                spans.replace_all(&shown, "").into_owned()
            });
            prop_assert_eq!(own, other);
        }
    }
}
