//! Operators, their precedence, paths, calls, and what is stepped over.

use crate::syntax::tests::{filter, grouped, refusal};
use crate::syntax::{ExprKind, SyntaxErrorKind};

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
fn what_has_no_node_is_named_for_the_refusal() {
    let cases = [
        ("Lines/any(l:l/Quantity gt 5)", "any"),
        ("Lines/any()", "any"),
        ("Lines/all(l:l/Name eq ')')", "all"),
        ("Lines/any(l:l/Parts/any(p:p/Name eq 'it''s (')) and x", "any"),
        ("$it/Name eq 'x'", "$it"),
        ("$this gt 1", "$this"),
        ("$root/Accounts('A')/Name eq Name", "$root"),
        ("Lines/$count($filter=Quantity gt 5) gt 2", "$count with options"),
        ("Lines/$filter(Quantity gt 5)/$count gt 2", "$filter in a path"),
        ("Tags eq [\"a]\",\"b\\\"]\"]", "JSON literal"),
        ("Address eq {\"City\":\"it's }\"}", "JSON literal"),
        ("NS.F(p=1) eq 2", "function with named parameters"),
        ("Orders(1)/Total gt 2", "key or function call in a path"),
        ("Account/NS.F(p=1)/x eq 2", "key or function call in a path"),
        ("@p/Name eq 'x'", "path through a parameter alias"),
        ("Name/@Core.Description eq 'x'", "annotation in a path"),
    ];
    for (text, feature) in cases {
        assert!(grouped(text).contains(&format!("<{feature}>")), "{text}: {}", grouped(text));
    }
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
        ("Lines/any(l:l/x eq 1", "a closing bracket", "the end", ""),
        ("Lines/any(l:l/x eq 1]", "the bracket that closes what was opened last", "']'", "]"),
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
