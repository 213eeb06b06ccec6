//! Every construct of the grammar of OData 4.01 and of its Data Aggregation extension, right and wrong.

use crate::syntax::tests::{refusal, url};
use crate::syntax::{Limits, ResourceUrl, parse, print};

/// Requests that follow the grammar, most important rules in the order of the grammar.
pub(super) const RIGHT: &[&str] = &[
    // odataRelativeUri
    "$batch?$format=json&x=1",
    "$entity?$id=Orders(1)",
    "$entity/NS.Order?id=Orders(1)&$expand=Lines&$select=OrderID",
    "$metadata?$format=application/xml",
    // resourcePath
    "Orders",
    "Me/Name",
    "DoIt",
    "TopOrders()/NS.Sub(1)/Lines",
    "OrderOf(id=1,name='x',on=2024-05-01)/Lines(5)/$ref",
    "NameOf(id=@p)/$value?@p=5",
    "$crossjoin(Orders,Lines)/$query",
    "$all/NS.Order",
    // collectionNavigation
    "Orders(1)/NS.Sub/Lines",
    "Orders(OrderID=1,Alias=@a)",
    "Orders/1/Lines/2",
    "Orders/$filter(Total%20gt%205)/$filter(@f)/$each/NS.Close?@f=a",
    "Orders/NS.Sub/$count",
    "Orders/$ref?$id=Orders(1)",
    "Orders(1)/Tags/0",
    "Orders(1)/Photo/$value",
    "Orders/$query",
    "Orders/NS.Best(n=5)/NS.Worst(n=@n,l=null)",
    // keyPropertyValue
    "A(true)",
    "A(3f2504e0-4f89-11d3-9a0c-0305e82c3301)",
    "A(2024-05-01T10:00:00Z)",
    "A(2024-05-01)",
    "A(10:00:00.5)",
    "A(-1.5)",
    "A('O''Neil')",
    "A(duration'P1D')",
    "A(NS.E'B')",
    // systemQueryOption
    "A?$compute=a mul b as c,year(d) as e",
    "A?$deltatoken=x%26y",
    "A?$schemaversion=*",
    "A?schemaversion=2.0-beta_1~",
    "A?$skiptoken='x'(",
    "A?$index=-5",
    "A?$format=application/json;odata.metadata=full",
    "A?$id=../B(1)",
    "A?&&$top=0&",
    // expand
    "A?$expand=$value",
    "A?$expand=*",
    "A?$expand=*/$ref",
    "A?$expand=*($levels=2)",
    "A?$expand=NS.T/B",
    "A?$expand=B/NS.T($select=c)",
    "A?$expand=Complex/NS.C/B($top=1)",
    "A?$expand=Complex/*",
    "A?$expand=B/$ref($filter=a;$search=x;$orderby=b;$skip=1;$top=2;$count=true)",
    "A?$expand=B/$count($filter=a;$search=x)",
    "A?$expand=@NS.Term%23q/B",
    "A?$expand=B($compute=a as c;$levels=max;@p=5;$filter=c eq @p;$apply=identity)",
    "A?$expand=B( $filter = a ; $expand = C($levels=3) ) , D",
    // search
    "A?$search=a b OR NOT (c AND \"d e\")",
    "A?$search='unfinished",
    // select
    "A?$select=*",
    "A?$select=NS.*,NS.F,NS.F(p,q),F(p)",
    "A?$select=NS.T/b,c/NS.C/d,NS.T/NS.F(p)",
    "A?$select=c($select=d,e($top=1);$compute=a as b;@p=5)",
    "A?$select=Tags($filter=$this eq 'a';$search=x;$count=true;$orderby=$this desc;$skip=1;$top=2)",
    "A?$select=@NS.Term,b/@NS.Term%23q",
    // aliases
    "A?@p={\"a\":1}&@q=[@p,'x']&@r=a eq @q",
    // commonExpr
    "A?$filter=$root/B(1)/c eq d and $it/e in (1,2) or $this/f has NS.E'G'",
    "A?$filter=NS.T/a/NS.F(p=@p,q={\"x\":[1]})/b eq 1",
    "A?$filter=a/$count($filter=b gt 1;$search=x) ge 1 and c/$filter(d)/any(e:e/f lt 1)",
    "A?$filter=a/any() or a/all(b:b/c le 2 and not b/d)",
    "A?$filter=a/@NS.Term%23q eq null",
    "A?$filter=a add 1 sub 2 mul 3 div 4 divby 5 mod -6 ne -b",
    "A?$filter=isof(NS.T) and isof(a,Collection(Edm.String)) and cast(a,Edm.Int32) eq 1 and cast(B) ne null",
    "A?$filter=case(a gt 1:'x',true:'y') eq 'x'",
    "A?$filter=concat(concat(a,'b'),c) eq substring(d,1,2) and matchesPattern(a,'^b') and indexof(a,'b') gt 0",
    "A?$filter=hassubset(a,[1,2]) and hassubsequence(a,@b) and geo.intersects(a,b)",
    "A?$filter=geo.distance(a,geography'SRID=4326;Point(1 2)') lt 3 and geo.length(a) gt 1",
    "A?$filter=mindatetime() lt now() and maxdatetime() gt a and totaloffsetminutes(a) eq 60",
    "A?$filter=date(a) eq 2024-05-01 and time(a) eq 10:00 and fractionalseconds(a) lt 0.5 and totalseconds(b) gt 1",
    "A?$filter=round(a) eq floor(b) or ceiling(c) eq length(d)",
    "A?$filter=a in () or a in b/c or a in @p or a in [1,2] or a in F(p=1)",
    "A?$filter=(a) in ((1),(b)) and [1] in ([1],[])",
    "A?$orderby=a/$count desc,$it/b,length(c) asc,d/NS.F(p=1),@e",
    // apply
    "A?$apply=identity",
    "A?$apply=aggregate(a with sum as b,c mul d with max as e,$count as f,g/$count as h,i with NS.M as j,k,l/m as n)",
    "A?$apply=aggregate(a with countdistinct from b,c with average from d with min as e)",
    "A?$apply=aggregate(k from b with sum from c as d)",
    "A?$apply=aggregate(a/$count with sum as b)",
    "A?$apply=groupby((a,b/c,NS.T/d))",
    "A?$apply=groupby((a),aggregate(b with sum as c))/filter(c gt 1)/orderby(c desc)/skip(1)/top(2)",
    "A?$apply=groupby((rollup(a,b),rollup($all,c),rollup(Time),d))",
    "A?$apply=groupby((rolluprecursive($root/B,Q,c/d,filter(e)),f))",
    "A?$apply=concat(identity,aggregate($count as n),topcount(2,a)/bottomsum(3 add b,c))",
    "A?$apply=toppercent(50,a)/topsum(5,b)/bottomcount(1,c)/bottompercent(2,d)",
    "A?$apply=compute(a as b,c add 1 as d)/search(x OR \"y)\")/identity",
    "A?$apply=join(B as c)/outerjoin(D/NS.T as e,filter(f))",
    "A?$apply=nest(groupby((a)) as b,identity as c)/addnested(D/E,filter(f) as g)",
    "A?$apply=ancestors($root/B,Q,c,filter(d))/descendants($root/B,Q,c/d,search(x)/top(1),3,keep start)",
    "A?$apply=descendants($root/B,Q,c,identity,keep start)",
    "A?$apply=traverse($root/B,Q,c,preorder)/traverse($root/B,Q,c,postorder,filter(d),e desc,f)",
    "A?$apply=traverse($root/B,Q,c,preorder,year(d) desc)",
    "A?$apply=NS.Custom(p=1,q=[2])/NS.More()/expand(B,filter(c),expand(D))",
    "A?$apply=filter(a eq $these/aggregate(b with max) and B/aggregate(c with sum from d with max) gt 1)",
    "A?$apply=AGGREGATE(a WITH Sum AS b)/GroupBy((Rollup(a,b)))",
    // identifiers that read like words of the language
    "A?$filter=with eq as and from ne keep&$compute=as as as&$apply=aggregate(with with sum as from)",
    "A?$orderby=desc desc,asc&$select=any,all,select",
    // letters
    "Größe('ü')/名前?$filter=é/any(ö:ö/ß eq 'Ω')",
];

/// Requests that break it, each with the text that is underlined.
const WRONG: &[(&str, &str)] = &[
    ("$entity/$ref", "$ref"),
    ("$crossjoin()", ")"),
    ("F(1=2)", "="),
    ("A?$compute=a", ""),
    ("A?$compute=a as", ""),
    ("A?$compute=a as b c", "c"),
    ("A?$compute=a as b.c", "b.c"),
    ("A?$compute=a as 1", "1"),
    ("A?$compute=a b", "b"),
    ("A?$expand=$value/x", "x"),
    ("A?$expand=$value($top=1)", "("),
    ("A?$expand=*/$count", "$count"),
    ("A?$expand=*/B", "B"),
    ("A?$expand=*($top=1)", "$top"),
    ("A?$expand=*/$ref($top=1)", "("),
    ("A?$expand=B/$ref($select=a)", "$select"),
    ("A?$expand=B/$ref($levels=1)", "$levels"),
    ("A?$expand=B/$count($orderby=a)", "$orderby"),
    ("A?$expand=B/$count(@p=1)", "@p"),
    ("A?$expand=B/$filter(a)", "$filter"),
    ("A?$expand=B(@p.q=1)", "@p.q"),
    ("A?$expand=B($levels=x)", "x"),
    ("A?$expand=B($top=1&$skip=1)", ""),
    ("A?$select=A/*", "*"),
    ("A?$select=*/A", "/"),
    ("A?$select=NS.*/A", "/"),
    ("A?$select=*($top=1)", "("),
    ("A?$select=A/$count", "$count"),
    ("A?$select=A($expand=B)", "$expand"),
    ("A?$select=A($levels=1)", "$levels"),
    ("A?$select=A()", ")"),
    ("A?$select=F(p,1)", "1"),
    ("A?$select=F(p,q", ""),
    ("A?$select=@NS.T%23", ""),
    ("A?@p.q=1", "@p.q"),
    ("A?@p=\"a\"", "\""),
    ("A?@p=[1", ""),
    ("A?$filter=a/any(b:c", ""),
    ("A?$filter=a in 1 2", "2"),
    ("A?$filter=a/NS.F(1,2)", ","),
    ("A?$filter=not eq 1", "1"),
    ("A?$filter=cast(a,b.)", "b"),
    ("A?$filter=cast(a,Edm.Int32,b)", "Edm.Int32"),
    ("A?$apply=", ""),
    ("A?$apply=x", "x"),
    ("A?$apply=sum(a)", "sum"),
    ("A?$apply=identity()", "("),
    ("A?$apply=identity/", ""),
    ("A?$apply=identity identity", "identity"),
    ("A?$apply=NS.F", ""),
    ("A?$apply=NS.F(1)", "1"),
    ("A?$apply=aggregate()", ")"),
    ("A?$apply=aggregate(a with sum)", ")"),
    ("A?$apply=aggregate($count)", ")"),
    ("A?$apply=aggregate(a with first as b)", "first"),
    ("A?$apply=aggregate(a with 'x' as b)", "'x'"),
    ("A?$apply=aggregate(a add b as c)", "as"),
    ("A?$apply=aggregate(a from b as c d)", "d"),
    ("A?$apply=aggregate(k from b)", ")"),
    ("A?$apply=groupby(a)", "a"),
    ("A?$apply=groupby(())", ")"),
    ("A?$apply=groupby((a add 1))", "add"),
    ("A?$apply=groupby((1))", "1"),
    ("A?$apply=groupby((a),)", ")"),
    ("A?$apply=groupby((a) aggregate($count as c))", "aggregate"),
    ("A?$apply=groupby((rollup()))", ")"),
    ("A?$apply=groupby((rollup($all)))", ")"),
    ("A?$apply=groupby((rolluprecursive(a)))", ")"),
    ("A?$apply=concat(identity)", ")"),
    ("A?$apply=concat(identity,)", ")"),
    ("A?$apply=topcount(1)", ")"),
    ("A?$apply=topcount(1,a,b)", ","),
    ("A?$apply=top(a)", "a"),
    ("A?$apply=top(-1)", "-1"),
    ("A?$apply=skip()", ")"),
    ("A?$apply=skip(1.5)", "1.5"),
    ("A?$apply=filter()", ")"),
    ("A?$apply=search()", ""),
    ("A?$apply=search(a;b)", ";"),
    ("A?$apply=compute(a)", ")"),
    ("A?$apply=orderby(a up)", "up"),
    ("A?$apply=join(a)", ")"),
    ("A?$apply=join(a as b,)", ")"),
    ("A?$apply=nest(identity)", ")"),
    ("A?$apply=addnested(identity as a)", "as"),
    ("A?$apply=ancestors(a,b,c)", ")"),
    ("A?$apply=ancestors(a,b.c,d,identity)", "b.c"),
    ("A?$apply=ancestors(a,b,c,identity,keep)", ")"),
    ("A?$apply=ancestors(a,b,c,identity,keep start,1)", ","),
    ("A?$apply=traverse(a,b,c,inorder)", "inorder"),
    ("A?$apply=expand(1)", "1"),
    ("A?$apply=filter(a/aggregate(b with sum as c))", "as"),
];

#[test]
fn what_follows_the_grammar_is_parsed_and_printed_back() {
    for target in RIGHT {
        let mut tree = url(target).without_spans();
        tree.options.custom.clear();
        let printed = print(&tree);
        assert!(printed.is_ascii(), "{printed}");
        assert_eq!(url(&printed).without_spans(), tree, "{target} as {printed}");
        assert_eq!(print(&url(&printed)), printed, "printing is canonical");
    }
}

#[test]
fn what_breaks_the_grammar_is_underlined() {
    for (target, underlined) in WRONG {
        let (kind, place) = refusal(target);
        assert_eq!(place, *underlined, "{target}: {kind}");
    }
}

/// Parses, and if that goes well prints and parses again; the place of a refusal must be one.
fn survives(target: &str) {
    match parse(target, &Limits::default()) {
        Ok(tree) => {
            let printed = print(&tree);
            let again = parse(&printed, &Limits::default()).map(ResourceUrl::without_spans);
            let mut tree = tree.without_spans();
            tree.options.custom.clear();
            assert_eq!(again, Ok(tree), "{target} as {printed}");
        }
        Err(error) => assert!(target.get(error.span.clone()).is_some(), "{target}: {error:?}"),
    }
}

#[test]
fn every_beginning_of_a_request_is_a_request_or_refused_in_place() {
    for target in RIGHT {
        for end in (0..target.len()).filter(|end| target.is_char_boundary(*end)) {
            survives(&target[..end]);
        }
    }
}

#[test]
fn every_small_change_of_a_request_is_a_request_or_refused_in_place() {
    const INSERTED: [&str; 16] = ["", "(", ")", "/", ",", "'", "\"", " ", "%", "&", "=", "$", "@", ":", "1", "not "];
    for target in RIGHT.iter().chain(WRONG.iter().map(|(target, _)| target)) {
        for (at, letter) in target.char_indices() {
            let rest = &target[at + letter.len_utf8()..];
            for inserted in INSERTED {
                survives(&format!("{}{inserted}{rest}", &target[..at]));
            }
        }
    }
}
