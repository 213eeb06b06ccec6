//! Default filters: a row outside of one is not there, whichever way leads to it.

use serde_json::Value;

use super::{ROOT, check, ledgers};
use crate::salesforce::CREDENTIALS;

#[test]
fn a_row_outside_of_the_default_filter_is_not_found() {
    ledgers(|kind, server| {
        check(
            kind,
            server,
            &[
                ("Everyone?$select=ID", "[1,2,3,4,5]"),
                ("Customers?$select=ID", "[1,4,5]"),
                ("Customers?$select=ID&$orderby=Name desc&$top=2", "[5,4]"),
                ("Customers?$select=ID&$filter=Name ne 'Ada' or ID eq 2", "[4,5]"),
                ("Customers?$select=ID&$search=Bob OR Ada OR Cyd", "[1]"),
                ("Customers?$select=ID&$search=NOT Ada", "[4,5]"),
                ("Customers/$count", "3"),
                ("Customers/$count?$filter=ID lt 4", "1"),
                ("Customers?$count=true&$top=0", "[3,[]]"),
                // By key, and below it.
                ("Customers(1)/Name/$value", "\"Ada\""),
                ("Customers(2)", "404"),
                ("Customers(3)", "404"),
                ("Customers(2)/Name", "404"),
                ("Customers(2)/$ref", "404"),
                ("Customers(2)/Orders", "404"),
                ("$entity?$id=Customers(2)", "404"),
                ("$entity?$id=Customers(4)&$select=ID", "{\"ID\":4}"),
                ("Gone", "404"),
                // Along navigation properties.
                ("Customers(1)/Orders?$select=ID", "[10,16]"),
                ("Customers(1)/Orders(11)", "404"),
                ("Customers(1)/Orders/$count", "2"),
                ("Orders(12)?$select=ID", "{\"ID\":12}"),
                ("Orders(12)/Customer", "204"),
                ("Orders(12)/Customer/Name", "404"),
                ("Orders(10)/Customer?$select=ID", "{\"ID\":1}"),
                ("Orders(11)/Customer", "404"),
                ("Orders(10)/Tags?$select=ID", "[1]"),
                ("Tags(1)/Orders?$select=ID", "[10]"),
                ("Tags(2)/Orders", "404"),
                ("Orders?$select=ID&$filter=Customer/Name eq 'Bob'", "[]"),
                ("Orders?$select=ID&$filter=Customer/Name eq null", "[12,13]"),
                ("Orders?$select=ID&$filter=Customer ne null", "[10,14,15,16]"),
                ("Orders?$select=ID&$orderby=Customer/Name desc,ID", "[14,15,10,16,12,13]"),
                ("Orders?$select=ID&$filter=$root/Customers(2)/Name eq 'Bob'", "[]"),
                // Inside of lambdas.
                ("Customers?$select=ID&$filter=Orders/any(o: o/ID eq 11)", "[]"),
                ("Customers?$select=ID&$filter=Orders/all(o: o/ID ne 11)", "[1,4,5]"),
                ("Customers?$select=ID&$filter=Orders/$count eq 2", "[1,4]"),
                ("Orders?$select=ID&$filter=Tags/any(t: t/ID eq 2)", "[]"),
                ("Orders?$select=ID&$filter=Tags/any(t: t/Orders/any(o: o/ID eq 14))", "[14]"),
                ("Customers?$select=ID&$orderby=Orders/$count desc,ID desc&$top=2", "[4,1]"),
                // Expanded.
                (
                    "Customers?$select=ID&$expand=Orders($select=ID;$count=true)&$top=2",
                    "[{\"ID\":1,\"Orders\":[10,16],\"Orders@odata.count\":2},\
                      {\"ID\":4,\"Orders\":[14,15],\"Orders@odata.count\":2}]",
                ),
                ("Orders(12)?$select=ID&$expand=Customer($select=ID)", "{\"Customer\":null,\"ID\":12}"),
                ("Orders(10)?$select=ID&$expand=Tags($select=ID)", "{\"ID\":10,\"Tags\":[1]}"),
                ("Orders(14)?$select=ID&$expand=Tags/$count", "{\"ID\":14,\"Tags@odata.count\":1}"),
                // Aggregated, joined, combined.
                ("Orders?$apply=aggregate($count as N,Price with sum as Sum)", "[{\"N\":6,\"Sum\":47}]"),
                (
                    "Customers?$apply=groupby((Region),aggregate($count as N))&$orderby=Region",
                    "[{\"N\":1,\"Region\":null},{\"N\":1,\"Region\":\"N\"},{\"N\":1,\"Region\":\"S\"}]",
                ),
                ("Customers?$apply=aggregate(Orders/$count as N)", "[{\"N\":4}]"),
                ("Orders?$apply=groupby((Customer/Name))/aggregate($count as N)", "[{\"N\":3}]"),
                ("Customers?$apply=join(Orders as O)/aggregate($count as N)", "[{\"N\":4}]"),
                ("$crossjoin(Customers,Tags)?$count=true&$top=0", "[6,[]]"),
                ("$crossjoin(Customers,Tags)?$filter=Customers/ID eq 2", "[]"),
                // What functions give.
                ("Cheapest()?$select=ID", "[10,12,13,14,15,16]"),
                ("Cheapest()/$count", "6"),
                // A filter over other rows: those count that their own filters leave out.
                ("Busy?$select=ID", "[1,2]"),
                (
                    "Busy?$select=ID&$expand=Orders($select=ID)",
                    "[{\"ID\":1,\"Orders\":[10,16]},{\"ID\":2,\"Orders\":[12]}]",
                ),
            ],
        );
        let (mut ids, mut next) = (Vec::new(), format!("{ROOT}$all"));
        loop {
            let page = server.get_with(&next, &[CREDENTIALS]);
            let page: Value = serde_json::from_str(page.text()).unwrap();
            let rows = page["value"].as_array().unwrap();
            ids.extend(
                rows.iter().map(|row| row["@odata.id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()),
            );
            let Some(link) = page["@odata.nextLink"].as_str() else { break };
            server.target_of(link).clone_into(&mut next);
        }
        ids.retain(|id| !id.starts_with("Everyone("));
        let expected = "Busy(1) Busy(2) Customers(1) Customers(4) Customers(5) Orders(10) Orders(12) Orders(13) \
                        Orders(14) Orders(15) Orders(16) Tags(1) Tags(3) Totals(1) Totals(4)";
        assert_eq!(ids.join(" "), expected, "{}", kind.name());
    });
}
