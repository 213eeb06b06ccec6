//! A query as a set: every option works on its rows, and a default filter and a calculation do, too.

use super::{check, ledgers};

#[test]
fn a_query_is_a_set_like_others() {
    ledgers(|kind, server| {
        check(
            kind,
            server,
            &[
                (
                    "Totals?$orderby=ID",
                    "[{\"ID\":1,\"Mean\":5.5,\"Orders\":3,\"Price\":16.5},\
                      {\"ID\":4,\"Mean\":12.5,\"Orders\":2,\"Price\":25}]",
                ),
                ("Totals(4)/Price/$value", "25"),
                ("Totals(2)", "404"),
                ("Totals(3)", "404"),
                ("Totals/$count", "2"),
                ("Totals?$count=true&$top=1&$select=ID", "[2,[1]]"),
                ("Totals?$select=ID&$filter=Price gt 20 and Mean lt 13", "[4]"),
                ("Totals?$select=ID&$filter=Customer/Name eq 'Dot'", "[4]"),
                ("Totals?$select=ID&$filter=All/any(o: o/ID eq 16)", "[1]"),
                ("Totals?$select=ID&$orderby=Price desc", "[4,1]"),
                ("Totals?$select=ID&$orderby=Customer/Name desc&$skip=1", "[1]"),
                ("Totals?$apply=aggregate(Orders with sum as N)", "[{\"N\":5}]"),
                ("Totals(1)/All/$count", "2"),
                ("Totals(1)/Customer?$select=ID", "{\"ID\":1}"),
                ("Customers(1)/Totals?$select=Orders", "{\"Orders\":3}"),
                ("Customers(5)/Totals", "204"),
                ("Customers?$select=ID&$filter=Totals/Orders eq 3", "[1]"),
                ("Customers?$select=ID&$filter=Totals eq null", "[5]"),
                ("Customers?$select=ID&$orderby=Totals/Price desc,ID", "[4,1,5]"),
                (
                    "Customers?$select=ID&$expand=Totals($select=ID)",
                    "[{\"ID\":1,\"Totals\":{\"ID\":1}},{\"ID\":4,\"Totals\":{\"ID\":4}},{\"ID\":5,\"Totals\":null}]",
                ),
                (
                    "Totals?$select=ID&$expand=All($select=ID;$top=1;$orderby=ID desc)",
                    "[{\"All\":[16],\"ID\":1},{\"All\":[15],\"ID\":4}]",
                ),
                ("$crossjoin(Totals,Tags)?$count=true&$top=0", "[4,[]]"),
            ],
        );
    });
}
