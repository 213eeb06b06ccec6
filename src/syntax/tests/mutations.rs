//! Whatever the text, parsing ends with a tree that can be printed and parsed again, or a refusal whose place can be
//! cut out of it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::syntax::tests::grammar::RIGHT;
use crate::syntax::tests::requests::REQUESTS;
use crate::syntax::{Limits, ResourceUrl, parse, print};

fn survives(target: &str) -> Result<(), TestCaseError> {
    match parse(target, &Limits::default()) {
        Ok(url) => {
            let printed = print(&url);
            prop_assert!(printed.is_ascii());
            let mut tree = url.without_spans();
            tree.options.custom.clear();
            // A name like an operator is printed in brackets of its own.
            let limits = Limits { depth_max: 100, ..Limits::default() };
            let again = parse(&printed, &limits).map(ResourceUrl::without_spans);
            prop_assert_eq!(again, Ok(tree), "{} as {}", target, printed);
        }
        Err(error) => {
            let span = error.span.clone();
            prop_assert!(target.get(span).is_some(), "{:?} in {}", error, target);
            prop_assert!(!error.to_string().is_empty());
        }
    }
    Ok(())
}

/// Text made of the pieces that mean something to the parser, which random letters would hardly ever hit.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "Orders",
        "$filter=",
        "$expand=",
        "$search=",
        "$select=",
        "$orderby=",
        "&",
        "?",
        "/",
        "(",
        ")",
        "'",
        "\"",
        ";",
        ",",
        "%27",
        "%2",
        "%C3",
        "%C3%BC",
        "%",
        "+",
        " ",
        "-",
        "not ",
        " eq ",
        " in ",
        " and ",
        "any(",
        "$it",
        "@p",
        "=",
        "{",
        "]",
        "2024-05-01",
        "T10:00",
        "Z",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "1e",
        "5",
        ".",
        "\\",
        "é",
        "\0",
        "€",
        "NS.E'",
        "$count",
        "*",
        ":",
        "case(",
        "$apply=",
        "$compute=",
        "groupby((",
        "rollup(",
        "aggregate(",
        "concat(",
        "filter(",
        "topcount(",
        "nest(",
        "join(",
        "traverse(",
        "identity",
        " with sum",
        " as ",
        " from ",
        "all(",
        "a:a",
        "$root/",
        "$this",
        "$filter(",
        "$count(",
        "$ref",
        "$levels=max",
        "cast(",
        "Collection(Edm.String)",
        "[",
        "}",
        "\\u00e9",
        "@NS.T%23q",
        "$all",
        "$entity",
        "$crossjoin(",
        "$each",
        "$query",
        "$value",
        "AND ",
        " OR ",
        "NOT ",
        "null",
        "x",
        " has ",
        " divby ",
        " mod ",
        " desc",
        "duration'P1D'",
        "geography'SRID=0;Point(1 2)'",
        "binary'AA=='",
        "-INF",
        "NaN",
        "true",
        "isof(",
        "geo.distance(",
        "$top=",
        "$skip=",
        "$skiptoken=",
        "$deltatoken=",
        "$schemaversion=",
        "$index=",
        "$format=",
        "$id=",
        "$these",
        "outerjoin(",
        "addnested(",
        "ancestors(",
        "rolluprecursive(",
        "compute(",
        "orderby(",
        "keep start",
        "preorder",
        "@odata.type",
    ];
    vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    // `PROPTEST_CASES` asks for more.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text(target in any::<String>()) {
        survives(&target)?;
        survives(&format!("A?$filter={target}"))?;
    }

    #[test]
    fn any_pieces(target in pieces()) {
        survives(&target)?;
        survives(&format!("A?$filter={target}"))?;
        survives(&format!("A?$expand=B({target}"))?;
        survives(&format!("A?$apply={target}"))?;
        survives(&format!("A?$search={target}"))?;
        survives(&format!("A?$select=B({target})"))?;
        survives(&format!("A/$filter({target})"))?;
    }

    #[test]
    fn any_mutation_of_what_the_grammar_allows(
        request in select(RIGHT.to_vec()),
        other in select(RIGHT.to_vec()),
        cut in any::<prop::sample::Index>(),
        end in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        inserted in pieces(),
    ) {
        let cut = request.floor_char_boundary(cut.index(request.len() + 1));
        let end = request.floor_char_boundary(cut + end.index(request.len() - cut + 1));
        let from = other.floor_char_boundary(from.index(other.len() + 1));
        survives(&format!("{}{}{}", &request[..cut], inserted, &request[cut..]))?;
        survives(&format!("{}{}", &request[..cut], &request[end..]))?;
        survives(&format!("{}{}", &request[..cut], &other[from..]))?;
        survives(&format!("{}{}{}", &request[..end], &request[cut..end], &request[end..]))?;
    }

    #[test]
    fn any_mutation_of_a_request(
        request in select(REQUESTS.to_vec()),
        other in select(REQUESTS.to_vec()),
        cut in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        inserted in pieces(),
    ) {
        let cut = request.floor_char_boundary(cut.index(request.len() + 1));
        let from = other.floor_char_boundary(from.index(other.len() + 1));
        survives(&format!("{}{}{}", &request[..cut], inserted, &request[cut..]))?;
        survives(&format!("{}{}", &request[..cut], &other[from..]))?;
        survives(&request[..cut])?;
    }
}
