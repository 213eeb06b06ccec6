//! Operators, their precedence, paths, calls and JSON.

use crate::syntax::tests::{filter, grouped, refusal};
use crate::syntax::{ExprKind, PathStep, PathStepKind, SyntaxErrorKind};

#[test]
fn precedence_follows_the_standard() {
    let cases = [
        ("a eq 1 or b eq 2 and c eq 3", "[[a Eq 1] or [[b Eq 2] and [c Eq 3]]]"),
        ("(a eq 1 or b eq 2) and c eq 3", "[[[a Eq 1] or [b Eq 2]] and [c Eq 3]]"),
        ("a or b or c or d", "[a or b or c or d]"),
        ("a and (b and c)", "[a and [b and c]]"),
        ("a and b or c and d", "[[a and b] or [c and d]]"),
        ("a eq b lt c", "[a Eq [b Lt c]]"),
        ("a eq b ne c", "[[a Eq b] Ne c]"),
        ("a add b mul c sub d", "[[a Add [b Mul c]] Sub d]"),
        ("a sub b sub c", "[[a Sub b] Sub c]"),
        ("a mul b div c divby d mod e", "[[[[a Mul b] Div c] DivBy d] Mod e]"),
        ("a add b gt c mul 2", "[[a Add b] Gt [c Mul 2]]"),
        ("not A eq B", "[[not A] Eq B]"),
        ("not (A eq B)", "[not [A Eq B]]"),
        ("not(A eq B)", "[not [A Eq B]]"),
        ("not contains(x,'a')", "[not contains(x,'a')]"),
        ("not contains(x,'a') eq true", "[[not contains(x,'a')] Eq true]"),
        ("not a in (1,2)", "[not [a in (1,2)]]"),
        ("not not a", "[not [not a]]"),
        ("a eq not b and c", "[[a Eq [not b]] and c]"),
        ("-a mul 2", "[[-a] Mul 2]"),
        ("- 5 add a", "[[-5] Add a]"),
        ("-(a add 1)", "[-[a Add 1]]"),
        ("- -a", "[-[-a]]"),
        ("a has NS.E'X' and b", "[[a Has Prefixed(\"NS.E\", \"X\")] and b]"),
        ("a add b in (1)", "[a Add [b in (1)]]"),
        ("a in ()", "[a in ()]"),
        ("a in ('x', 'y' )", "[a in ('x','y')]"),
        ("'USA' eq Country", "['USA' Eq Country]"),
        (
            "contains(Name,'Acme') eq true or contains(Phone,'Acme') eq true",
            "[[contains(Name,'Acme') Eq true] or [contains(Phone,'Acme') Eq true]]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn letter_case_of_operators_and_canonical_functions_does_not_matter() {
    assert_eq!(grouped("A EQ 1 And NOT Contains(b,'x')"), "[[A Eq 1] and [not contains(b,'x')]]");
    assert_eq!(grouped("Geo.Distance(a,b) Lt 3"), "[geo.distance(a,b) Lt 3]");
    assert_eq!(grouped("MatchesPattern(a,'x')"), "matchespattern(a,'x')");
    assert_eq!(grouped("My.Contains(a)"), "My.Contains(a)");
    assert_eq!(grouped("ContainsAll(a)"), "ContainsAll(a)");
    assert_eq!(grouped("now() gt maxdatetime()"), "[now() Gt maxdatetime()]");
}

#[test]
fn names_of_operators_and_literals_are_names_where_an_operand_stands() {
    assert_eq!(grouped("eq eq and"), "[eq Eq and]");
    assert_eq!(grouped("and and and"), "[and and and]");
    assert_eq!(grouped("in in (1)"), "[in in (1)]");
    assert_eq!(grouped("(not) eq 1"), "[not Eq 1]");
    assert_eq!(grouped("not/x eq 1"), "[not/x Eq 1]");
    assert_eq!(grouped("not"), "not");
    assert_eq!(grouped("nullable eq trueish"), "[nullable Eq trueish]");
    assert_eq!(grouped("null/x eq INF/y"), "[null/x Eq INF/y]");
    assert_eq!(grouped("Größe eq 名前"), "[Größe Eq 名前]");
    assert_eq!(grouped("_a1 eq e\u{301}"), "[_a1 Eq e\u{301}]");
}

#[test]
fn paths_casts_and_aliases() {
    assert_eq!(grouped("Account/Name eq 'x'"), "[Account/Name Eq 'x']");
    assert_eq!(grouped("Lines/$count gt 3"), "[Lines/$count Gt 3]");
    assert_eq!(grouped("NS.Sub/Name eq @p"), "[NS.Sub/Name Eq @p]");
    assert_eq!(grouped("cast(a,Edm.Int32) eq 1"), "[cast(a,Edm.Int32) Eq 1]");
    assert_eq!(grouped("case(a eq 10 : 20,true:30)"), "case([a Eq 10],20,true,30)");
}

#[test]
fn paths_of_every_kind() {
    let cases = [
        ("Lines/any(l:l/Quantity gt 5)", "Lines/any(l:[l/Quantity Gt 5])"),
        ("Lines/any( l : l/Quantity gt 5 )", "Lines/any(l:[l/Quantity Gt 5])"),
        ("Lines/ANY()", "Lines/any()"),
        ("Lines/any( )", "Lines/any()"),
        ("Lines/All(l:l/Name eq ')')", "Lines/all(l:[l/Name Eq ')'])"),
        (
            "Lines/any(l:l/Parts/any(p:p/Name eq 'it''s (' and l/X eq p/X)) and x",
            "[Lines/any(l:l/Parts/any(p:[[p/Name Eq 'it's ('] and [l/X Eq p/X]])) and x]",
        ),
        ("Tags/any(t:t eq 'a')", "Tags/any(t:[t Eq 'a'])"),
        ("Starts/any(d:10:20 eq d)", "Starts/any(d:[10:20 Eq d])"),
        ("$it/Name eq 'x'", "[$it/Name Eq 'x']"),
        ("$it", "$it"),
        ("$this gt 1", "[$this Gt 1]"),
        ("$root/Accounts('A')/Name eq Name", "[$root/Accounts/['A']/Name Eq Name]"),
        ("$root/Me/Name eq Name", "[$root/Me/Name Eq Name]"),
        ("$root/Lines(A=1,B=@b)/Q", "$root/Lines<A=1,B=@b>/Q"),
        ("$root/F(p=1)(2)/Q", "$root/F<p=1>/[2]/Q"),
        ("Lines/$count($filter=Quantity gt 5) gt 2", "[Lines/$count([Quantity Gt 5]) Gt 2]"),
        ("Lines/$count($search=a;filter=b) gt 2", "[Lines/$count(b) Gt 2]"),
        ("Lines/$filter(Quantity gt 5)/$count gt 2", "[Lines/$filter([Quantity Gt 5])/$count Gt 2]"),
        ("Lines/$filter(a)(1)/$filter(b)/NS.T/any()", "Lines/$filter(a)/[1]/$filter(b)/NS.T/any()"),
        ("Tags eq [\"a]\",\"b\\\"]\"]", "[Tags Eq ('a]','b\"]')]"),
        ("Address eq {\"City\":\"it's }\"}", "[Address Eq {City:'it's }'}]"),
        (
            "x eq {\"@odata.type\":\"#NS.T\", \"a\" : [ 1 , -2.5e3, null,true , 'q', b/c add 1, {} ] }",
            "[x Eq {@odata.type:'#NS.T',a:(1,-2.5e3,Null,true,'q',[b/c Add 1],{})}]",
        ),
        ("x eq [\"\\u00e9\\ud83d\\ude00\\n\\/\"]", "[x Eq ('é😀\n/')]"),
        ("[] eq x", "[() Eq x]"),
        ("Name in Names", "[Name in Names]"),
        ("Name in $root/Accounts/Name", "[Name in $root/Accounts/Name]"),
        ("Name in @names", "[Name in @names]"),
        ("Name in [\"a\",'b']", "[Name in ('a','b')]"),
        ("Name in (@a,'b')", "[Name in (@a,'b')]"),
        ("[1] in ([1],[2])", "[(1) in ((1),(2))]"),
        ("NS.F(p=1) eq 2", "[NS.F<p=1> Eq 2]"),
        ("F() eq 2", "[F<> Eq 2]"),
        ("F( p = 1 , q = [1] )/x", "F<p=1,q=(1)>/x"),
        ("F(p=a add 1,q=@q)", "F<p=[a Add 1],q=@q>"),
        ("Orders(1)/Total gt 2", "[Orders/[1]/Total Gt 2]"),
        ("Orders( @k )/Total gt 2", "[Orders/[@k]/Total Gt 2]"),
        ("Account/NS.F(p=1)/x eq 2", "[Account/NS.F<p=1>/x Eq 2]"),
        ("@p/Name eq 'x'", "[@p/Name Eq 'x']"),
        ("@p/any(x:x eq 1)", "@p/any(x:[x Eq 1])"),
        ("Name/@Core.Description eq 'x'", "[Name/@Core.Description! Eq 'x']"),
        ("@NS.Term%23q/x eq @Core.Y", "[@NS.Term#q!/x Eq @Core.Y!]"),
        ("Name/@Term%23q", "Name/@Term#q!"),
        ("cast(Edm.String) eq 'x'", "[cast(Edm.String) Eq 'x']"),
        ("cast( a add 1 , Collection(Edm.Int32) )", "cast([a Add 1],Collection(Edm.Int32))"),
        ("IsOf(NS.Sub) and isof(a/b,Sub)", "[isof(NS.Sub) and isof(a/b,Sub)]"),
        ("isof(Collection(NS.Sub))", "isof(Collection(NS.Sub))"),
        ("isof($it,NS.Sub)", "isof($it,NS.Sub)"),
        ("unknown(a,1)", "unknown(a,1)"),
        ("year(Date) eq 1", "[year(Date) Eq 1]"),
        ("Lines/year(1)", "Lines/year/[1]"),
        ("a eq $these/aggregate(Amount with Max)", "[a Eq $these/aggregate(Amount false Some(\"max\"))]"),
        ("a eq $these/aggregate($count)", "[a Eq $these/aggregate( true None)]"),
        ("a eq Sales/aggregate(Lines/$count)", "[a Eq Sales/aggregate(Lines true None)]"),
        ("isdefined(a/b)", "isdefined(a/b)"),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn places_of_steps() {
    let target = "A?$filter=Lines/any(l:%20l/Quantity%20gt%205)%20and%20B(%271%27)/$count($filter=c)%20eq%20@x.Y%23z";
    let ExprKind::And(operands) = crate::syntax::tests::url(target).options.filter.unwrap().kind else { panic!() };
    let ExprKind::Path(steps) = &operands[0].kind else { panic!() };
    let places = |steps: &[PathStep]| steps.iter().map(|step| &target[step.span.clone()]).collect::<Vec<_>>();
    assert_eq!(places(steps), ["Lines", "any(l:%20l/Quantity%20gt%205)"]);
    let PathStepKind::Any(Some(lambda)) = &steps[1].kind else { panic!() };
    assert_eq!(&target[lambda.predicate.span.clone()], "l/Quantity%20gt%205");
    let ExprKind::Binary(_, left, right) = &operands[1].kind else { panic!() };
    assert_eq!(&target[left.span.clone()], "B(%271%27)/$count($filter=c)");
    let ExprKind::Path(steps) = &left.kind else { panic!() };
    assert_eq!(places(steps), ["B", "(%271%27)", "$count($filter=c)"]);
    assert_eq!(&target[right.span.clone()], "@x.Y%23z");
}

#[test]
fn spans_cover_the_text_of_each_node() {
    let target = "Orders?$filter=Status%20eq%20%27a%26b%27%20and%20(Total%20gt%205)";
    let node = crate::syntax::tests::url(target).options.filter.unwrap();
    assert_eq!(&target[node.span], "Status%20eq%20%27a%26b%27%20and%20(Total%20gt%205)");
    let ExprKind::And(operands) = node.kind else { panic!() };
    assert_eq!(&target[operands[0].span.clone()], "Status%20eq%20%27a%26b%27");
    assert_eq!(&target[operands[1].span.clone()], "Total%20gt%205");
    let ExprKind::Binary(_, left, right) = &operands[0].kind else { panic!() };
    assert_eq!(&target[left.span.clone()], "Status");
    assert_eq!(&target[right.span.clone()], "%27a%26b%27");
    assert_eq!(filter("a").span, 15..16);
}

#[test]
fn refusals_say_what_was_expected_and_underline_what_was_found() {
    let cases = [
        ("a eq", "a property, a literal or a function", "the end", ""),
        ("a eq eq 5", "an operator or the end of the option", "'5'", "5"),
        ("a = 5", "an operator or the end of the option", "'='", "="),
        ("(a eq 1", "an operator or ')'", "the end", ""),
        ("a eq 1)", "an operator or the end of the option", "')'", ")"),
        ("contains(a,'x'", "an operator, ',' or ')'", "the end", ""),
        ("contains(a,)", "a property, a literal or a function", "')'", ")"),
        ("a in (1 2)", "',' or ')' in a list", "'2'", "2"),
        ("a foo b", "an operator or the end of the option", "'foo'", "foo"),
        ("a/ eq 1", "a property after '/'", "'eq'", "eq"),
        ("a//b eq 1", "a property after '/'", "'/'", "/"),
        ("$foo eq 1", "a property, a literal or a function", "'$foo'", "$foo"),
        ("a eq €", "a property, a literal or a function", "'€'", "€"),
        ("Lines/any(l:l/x eq 1", "an operator or ')'", "the end", ""),
        ("Lines/any(l:l/x eq 1]", "an operator or ')'", "']'", "]"),
        ("Lines/any(l)", "':' after the variable", "')'", ")"),
        ("Lines/any(l:)", "a property, a literal or a function", "')'", ")"),
        ("Lines/any(a.b:a)", "the name of a variable and ':'", "'a.b'", "a.b"),
        ("Lines/any(1)", "the name of a variable and ':'", "'1'", "1"),
        ("Lines/all()", "the name of a variable in 'all'", "')'", ")"),
        ("$root", "'/' and an entity set after '$root'", "the end", ""),
        ("$It/x", "a property, a literal or a function", "'$It'", "$It"),
        ("Lines/$Count gt 1", "a property after '/'", "'$Count'", "$Count"),
        ("Lines/$count/x", "an operator or the end of the option", "'/'", "/"),
        ("Lines/$count($top=1)", "'$filter' or '$search'", "'$top'", "$top"),
        ("Lines/$count()", "'$filter' or '$search'", "')'", ")"),
        ("Lines/$filter", "'(' after '$filter'", "the end", ""),
        ("Lines/$filter()", "a property, a literal or a function", "')'", ")"),
        ("Lines(1 add 2)/x", "an operator or the end of the option", "'/'", "/"),
        ("a/F(x add 1)", "a key value", "'x'", "x"),
        ("F(p=1,2)", "the name of a parameter, '=' and a value", "'2'", "2"),
        ("F(p=)", "a property, a literal or a function", "')'", ")"),
        ("F(p=1", "an operator, ',' or ')'", "the end", ""),
        ("x eq [1,]", "a property, a literal or a function", "']'", "]"),
        ("x eq [1", "an operator, ',' or ']'", "the end", ""),
        ("x eq [1}", "an operator, ',' or ']'", "'}'", "}"),
        ("x eq {1:2}", "a name in double quotes", "'1'", "1"),
        ("x eq {\"a\" 1}", "':' after a name", "'1'", "1"),
        ("x eq {\"a\":1", "an operator, ',' or '}'", "the end", ""),
        ("x eq [\"\\x\"]", "a string with correct escapes", "'\\x'", "\"\\x\""),
        ("x eq [\"\\ud800\"]", "a string with correct escapes", "'\\ud800'", "\"\\ud800\""),
        ("x eq \"a\"", "a property, a literal or a function", "'\"'", "\""),
        ("cast(a)b", "an operator or the end of the option", "'b'", "b"),
        ("cast()", "a property, a literal or a function", "')'", ")"),
        ("cast(a,'NS.T')", "the name of a type and ')'", "''NS.T''", "'NS.T'"),
        ("isof(a,b,c)", "the name of a type and ')'", "'b'", "b"),
        ("isof(a add 1)", "',' and the name of a type", "')'", ")"),
        ("contains(a,'b')/c", "an operator or the end of the option", "'/'", "/"),
        ("a/@NS.T%23 eq 1", "the qualifier of an annotation", "'eq'", "eq"),
        ("a in", "a property, a literal or a function", "the end", ""),
        ("case(true,1)", "an operator or ':'", "','", ","),
    ];
    for (text, expected, found, underlined) in cases {
        let target = format!("Orders?$filter={text}");
        let (kind, place) = refusal(&target);
        assert_eq!(kind, SyntaxErrorKind::Unexpected { expected, found: found.to_owned() }, "{text}");
        assert_eq!(place, underlined, "{text}");
    }
    let (kind, place) = refusal("Orders?$filter=Name eq 'abc");
    assert_eq!((kind, place), (SyntaxErrorKind::UnclosedString, "'abc"));
    let (kind, place) = refusal("Orders?$filter=a has NS.E'abc");
    assert_eq!((kind, place), (SyntaxErrorKind::UnclosedString, "NS.E'abc"));
}
