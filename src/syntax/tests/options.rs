//! Query options: names, values, duplicates, and the options of `$expand`.

use crate::syntax::tests::{grouped, refusal, show, url};
use crate::syntax::{Levels, Options, Search, SearchExpr, SyntaxErrorKind};

fn term(search: &Search) -> (&str, bool) {
    let SearchExpr::Term { text, quoted, .. } = &search.expr else { panic!("{search:?}") };
    (text, *quoted)
}

fn options(query: &str) -> Options {
    url(&format!("Orders?{query}")).options
}

#[test]
fn every_spelling_of_a_name() {
    for query in ["$top=5", "top=5", "$Top=5", "TOP=5", "%24top=5", "$top= 5 ", "$top=05", "&&$top=5&", "a=b&$top=5"] {
        assert_eq!(options(query).top, Some(5), "{query}");
    }
    assert_eq!(options("select=A&Filter=b&ORDERBY=c&count=TRUE&skip=3").order.unwrap().len(), 1);
    let mut custom = options("x=1&y&=z&skiptoken=5&deltatoken=6&levels=2&bad=%zz&sap-client=100");
    let names: Vec<_> = custom.custom.drain(..).map(|option| format!("{}={}", option.name, option.value)).collect();
    assert_eq!(names, ["x=1", "y=", "skiptoken=5", "deltatoken=6", "levels=2", "bad=%zz"]);
    assert_eq!(custom, Options::default());
}

#[test]
fn unknown_and_repeated_options_are_refused() {
    let unknown = |name: &str| SyntaxErrorKind::UnknownOption(name.to_owned());
    assert_eq!(refusal("A?$foo=1"), (unknown("$foo"), "$foo"));
    assert_eq!(refusal("A?%24foo=1"), (unknown("$foo"), "%24foo"));
    assert_eq!(refusal("A?$levels=1").0, unknown("$levels"));
    assert_eq!(refusal("A?$=1").0, unknown("$"));
    assert_eq!(refusal("A?@=1").0, unknown("@"));
    assert_eq!(refusal("A?@1=1").0, unknown("@1"));
    let twice = |name: &str| SyntaxErrorKind::DuplicateOption(name.to_owned());
    for (name, value) in [
        ("filter", "a"),
        ("orderby", "a"),
        ("select", "a"),
        ("expand", "a"),
        ("search", "a"),
        ("top", "1"),
        ("skip", "1"),
        ("count", "true"),
        ("format", "json"),
        ("apply", "identity"),
        ("compute", "a as b"),
        ("index", "1"),
        ("schemaversion", "*"),
        ("id", "x"),
    ] {
        let spelled = name.to_uppercase();
        let target = format!("A?${name}={value}&x=1&{spelled}={value}");
        assert_eq!(refusal(&target), (twice(&format!("${name}")), spelled.as_str()));
    }
    assert_eq!(refusal("A?@a=1&@a=2"), (twice("@a"), "@a"));
    assert_eq!(refusal("A?$expand=B($top=1;top=2)"), (twice("$top"), "top"));
}

#[test]
fn values_that_an_option_cannot_have() {
    for (query, option, underlined) in [
        ("$filter=", "$filter", ""),
        ("$filter", "$filter", ""),
        ("$filter=%20", "$filter", ""),
        ("$orderby=", "$orderby", ""),
        ("$select=", "$select", ""),
        ("$expand=+", "$expand", ""),
        ("$search=", "$search", ""),
        ("$search=\"\"", "$search", "\"\""),
        ("$format=", "$format", ""),
        ("$skiptoken=", "$skiptoken", ""),
        ("$apply=", "$apply", ""),
        ("$count=1", "$count", "1"),
        ("$count=yes", "$count", "yes"),
        ("$top=-1", "$top", "-1"),
        ("$top=%2B1", "$top", "%2B1"),
        ("$top=1.0", "$top", "1.0"),
        ("$top=1 2", "$top", "1 2"),
        ("$top=٣", "$top", "٣"),
        ("$skip=18446744073709551616", "$skip", "18446744073709551616"),
        ("$compute=", "$compute", ""),
        ("$index=", "$index", ""),
        ("$index=%2B1", "$index", "%2B1"),
        ("$index=9223372036854775808", "$index", "9223372036854775808"),
        ("$schemaversion=a b", "$schemaversion", "a b"),
        ("$schemaversion=a*", "$schemaversion", "a*"),
        ("$deltatoken=", "$deltatoken", ""),
        ("$id=", "$id", ""),
        ("$search=\"%20\"", "$search", "\"%20\""),
        ("$expand=B($levels=0)", "$levels", "0"),
        ("$expand=B($levels=-1)", "$levels", "-1"),
        ("$expand=B($compute=)", "$compute", ""),
        ("$select=B($select=)", "$select", ""),
        ("$expand=B($top=x;$skip=1)", "$top", "x"),
        ("$expand=B($filter=)", "$filter", ""),
        ("$expand=B($search=;$top=1)", "$search", ""),
    ] {
        let target = format!("A?{query}");
        let (kind, place) = refusal(&target);
        let SyntaxErrorKind::OptionValue { option: found, .. } = kind else { panic!("{query}: {kind:?}") };
        assert_eq!((found, place), (option, underlined), "{query}");
    }
    assert_eq!(options("$skip=18446744073709551615").skip, Some(u64::MAX));
}

#[test]
fn lists_refuse_gaps() {
    for query in [
        "$select=A,",
        "$select=,A",
        "$select=A B",
        "$select=A/",
        "$select=1",
        "$select=A(",
        "$orderby=a,",
        "$orderby=a up",
        "$orderby=a desc b",
        "$expand=A,",
        "$expand=A()",
        "$expand=A($top=1",
        "$expand=A($top)",
        "$expand=A/$ref/B",
        "$expand=$ref",
        "$expand=A($top=1))",
    ] {
        let target = format!("A?{query}");
        assert!(matches!(refusal(&target).0, SyntaxErrorKind::Unexpected { .. }), "{query}");
    }
    for query in [
        "$expand=A($format=json)",
        "$expand=A($foo=1)",
        "$expand=A(x=1)",
        "$expand=A($skiptoken=1)",
        "$select=A($format=json)",
        "$select=A(x=1)",
    ] {
        let target = format!("A?{query}");
        assert!(matches!(refusal(&target).0, SyntaxErrorKind::UnknownOption(_)), "{query}");
    }
}

#[test]
fn order_directions() {
    let order = options("$orderby=a, b desc ,c/d ASC,length(e) Desc,asc,desc desc").order.unwrap();
    let shown: Vec<_> = order.iter().map(|item| (show(&item.expr), item.descending)).collect();
    let expected = [("a", false), ("b", true), ("c/d", false), ("length(e)", true), ("asc", false), ("desc", true)];
    assert_eq!(shown, expected.map(|(text, descending)| (text.to_owned(), descending)));
}

#[test]
fn select_items() {
    let select = options("$select=A, B/C,*,NS.*,NS.F,D($select=E,F;$top=2),@Core.X").select.unwrap();
    let paths: Vec<_> = select.iter().map(|item| (item.path.as_str(), item.options.is_some())).collect();
    let expected = ["A", "B/C", "*", "NS.*", "NS.F", "D", "@Core.X"].map(|path| (path, path == "D"));
    assert_eq!(paths, expected);
    assert_eq!(select[1].span, 18..21);
}

#[test]
fn expand_items_and_their_options() {
    let query = "$expand=Account,Lines($filter=Name eq 'a;b)' and (Q gt 2);$select=Q,P;$orderby=Q desc,P;$top=3;skip=1;\
                 $count=true;$search=\"x;)\";$expand=Product($levels=max)),*,Lines/$ref,Lines/$count($filter=a),NS.T/X";
    let expand = options(query).expand.unwrap();
    let paths: Vec<_> = expand.iter().map(|item| item.path.join("/")).collect();
    assert_eq!(paths, ["Account", "Lines", "*", "Lines/$ref", "Lines/$count", "NS.T/X"]);
    let lines = &expand[1].options;
    assert_eq!(show(lines.filter.as_ref().unwrap()), grouped("Name eq 'a;b)' and (Q gt 2)"));
    assert_eq!((lines.top, lines.skip, lines.count), (Some(3), Some(1), Some(true)));
    assert_eq!(lines.order.as_ref().unwrap().len(), 2);
    assert_eq!(term(lines.search.as_ref().unwrap()).0, "x;)");
    let product = &lines.expand.as_ref().unwrap()[0];
    assert_eq!(product.options.levels, Some(Levels::Max));
    let bare = options("$expand=L($search=\"O'Brien (x;\";$top=2),B").expand.unwrap();
    assert_eq!(term(bare[0].options.search.as_ref().unwrap()).0, "O'Brien (x;");
    assert_eq!(bare[0].options.top, Some(2));
}

#[test]
fn a_word_a_phrase_and_what_breaks_the_grammar_are_one_term() {
    for (query, phrase, quoted) in [
        ("Acme", "Acme", false),
        (" Acme%20", "Acme", false),
        ("%22AIRPORT POTLUCK%22", "AIRPORT POTLUCK", true),
        ("\"a \\\"b\\\" \\\\ \\c\"", "a \"b\" \\ \\c", true),
        ("O'Brien;(x", "O'Brien;(x", false),
        ("red (hat", "red (hat", false),
        ("red) hat", "red) hat", false),
        ("\"a\"\"b\"", "\"a\"\"b\"", false),
        ("\"a\"b c", "\"a\"b c", false),
        ("a(b)", "a(b)", false),
        ("()", "()", false),
        ("x \"\"", "x \"\"", false),
        ("NOT", "NOT", false),
        ("and", "and", false),
        ("a*b:c,d!/e?@$=1", "a*b:c,d!/e?@$=1", false),
    ] {
        let search = options(&format!("$search={query}")).search.unwrap();
        assert_eq!(term(&search), (phrase, quoted), "{query}");
    }
    for query in ["\"a", "a\"b", "\"a\" b\"", "\"a\\\""] {
        let target = format!("A?$search={query}");
        assert_eq!(refusal(&target).0, SyntaxErrorKind::UnclosedString, "{query}");
    }
}

#[test]
fn search_operators() {
    fn shown(node: &SearchExpr) -> String {
        let all = |list: &[SearchExpr], joint: &str| list.iter().map(shown).collect::<Vec<_>>().join(joint);
        match node {
            SearchExpr::And(list) => format!("[{}]", all(list, " & ")),
            SearchExpr::Or(list) => format!("[{}]", all(list, " | ")),
            SearchExpr::Not(inner) => format!("-{}", shown(inner)),
            SearchExpr::Term { text, quoted: true, .. } => format!("'{text}'"),
            SearchExpr::Term { text, .. } => text.clone(),
        }
    }
    for (query, expected) in [
        ("red hat", "[red & hat]"),
        ("red+++hat", "[red & hat]"),
        ("Müller+%26+Co", "[Müller & & & Co]"),
        ("MyProspect OR John Smith", "[MyProspect | [John & Smith]]"),
        ("\"a b\" OR \"c\"", "['a b' | 'c']"),
        ("a AND b AND c", "[a & b & c]"),
        ("a OR b AND c OR d", "[a | [b & c] | d]"),
        ("NOT a b", "[-a & b]"),
        ("NOT (a OR b) AND NOT NOT c", "[-[a | b] & --c]"),
        ("NOT (a b)", "-[a & b]"),
        ("( a  OR b )", "[a | b]"),
        ("((a))", "a"),
        ("(a b) c", "[[a & b] & c]"),
        ("a and b or not c", "[a & and & b & or & not & c]"),
        ("a OR", "[a & OR]"),
        ("OR a", "[OR & a]"),
        ("a AND OR", "[a & OR]"),
        ("a NOT", "[a & NOT]"),
        ("NOTE ANDES ORE", "[NOTE & ANDES & ORE]"),
        ("O'Brien 'x", "[O'Brien & 'x]"),
    ] {
        let target = format!("A?$search={query}");
        let search = url(&target).options.search.unwrap();
        assert_eq!(shown(&search.expr), expected, "{query}");
    }
    let target = "A?$search=a%20OR%20%22b%20c%22";
    let search = url(target).options.search.unwrap();
    assert_eq!(&target[search.span], "a%20OR%20%22b%20c%22");
    let SearchExpr::Or(operands) = search.expr else { panic!() };
    let SearchExpr::Term { span, .. } = &operands[1] else { panic!() };
    assert_eq!(&target[span.clone()], "%22b%20c%22");
}

#[test]
fn texts_aliases_and_what_is_not_offered() {
    let given = options("$skiptoken=10248,11%2B&$format=application/json;odata.metadata=full&$deltatoken=00123");
    assert_eq!(given.skip_token.unwrap(), ("10248,11+".to_owned(), 18..29));
    assert_eq!(given.format.unwrap().0, "application/json;odata.metadata=full");
    assert_eq!(given.delta_token.unwrap().0, "00123");
    let given = options(
        "$apply=groupby((A))&compute=a add 1 as B&$schemaversion=*&$index=-1&$id=x&@p=5&@q=[1,2]&$filter=a eq @p",
    );
    assert_eq!(given.apply.unwrap().0.len(), 1);
    assert_eq!(given.compute.unwrap()[0].alias, "B");
    assert_eq!(given.schema_version.unwrap().0, "*");
    assert_eq!(given.index, Some(-1));
    assert_eq!(given.id.unwrap().0, "x");
    assert_eq!(
        given.aliases.iter().map(|(name, value)| format!("{name}={}", show(value))).collect::<Vec<_>>(),
        ["p=5", "q=(1,2)"]
    );
    assert!(matches!(refusal("A?@p=").0, SyntaxErrorKind::Unexpected { .. }));
}
