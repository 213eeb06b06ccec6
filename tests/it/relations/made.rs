//! Values that are made: calculated by an expression, and words in place of codes.

use super::{check, ledgers};

#[test]
fn what_is_calculated_is_a_property_like_others() {
    ledgers(|kind, server| {
        check(
            kind,
            server,
            &[
                (
                    "Orders?$select=ID,Total,Label,StatusOrNone,Large&$filter=ID in (13,14,15)",
                    "[{\"ID\":13,\"Label\":\"#13\",\"Large\":false,\"StatusOrNone\":\"X\",\"Total\":null},\
                      {\"ID\":14,\"Label\":\"#14\",\"Large\":true,\"StatusOrNone\":\"C\",\"Total\":40},\
                      {\"ID\":15,\"Label\":\"#15\",\"Large\":false,\"StatusOrNone\":\"none\",\"Total\":50}]",
                ),
                ("Orders(10)/Total/$value", "30"),
                ("Orders(13)/Total", "204"),
                ("Orders?$select=ID&$filter=Total eq null", "[13]"),
                ("Orders?$select=ID&$filter=Total ne 30", "[12,13,14,15,16]"),
                ("Orders?$select=ID&$filter=Total ge 30 and Total lt 50", "[10,14]"),
                ("Orders?$select=ID&$filter=Total in (7,50.0)", "[12,15]"),
                ("Orders?$select=ID&$filter=Total mul 2 eq 14", "[12]"),
                ("Orders?$select=ID&$filter=Label eq '#12' or endswith(Label,'6')", "[12,16]"),
                ("Orders?$select=ID&$filter=Label in ('#10','#11','#12')", "[10,12]"),
                ("Orders?$select=ID&$filter=contains(StatusOrNone,'on')", "[15]"),
                ("Orders?$select=ID&$filter=Large", "[10,12,14]"),
                ("Orders?$select=ID&$filter=not Large and Large eq false", "[13,15,16]"),
                ("Orders?$select=ID&$search=none", "[15]"),
                ("Orders?$select=ID&$orderby=Total desc", "[15,14,10,16,12,13]"),
                (
                    "Orders?$select=ID,Total&$orderby=Total&$top=2",
                    "[{\"ID\":13,\"Total\":null},{\"ID\":12,\"Total\":7}]",
                ),
                ("Orders?$select=ID&$orderby=StatusOrNone desc,Label desc", "[15,13,12,10,16,14]"),
                // Where there may be no row, nothing is calculated of nothing.
                ("Orders?$select=ID&$filter=Customer/Rank eq null", "[12,13]"),
                ("Orders?$select=ID&$filter=Customer/Rank eq 2", "[14,15]"),
                ("Orders?$select=ID&$orderby=Customer/Rank desc,ID", "[14,15,10,16,12,13]"),
                (
                    "Orders?$apply=groupby((Customer/Rank),aggregate($count as N))&$orderby=N,Customer/Rank",
                    "[{\"Customer\":{\"Rank\":null},\"N\":2},{\"Customer\":{\"Rank\":1},\"N\":2},\
                      {\"Customer\":{\"Rank\":2},\"N\":2}]",
                ),
                // Columns of several tables have one name.
                ("Customers?$select=ID&$filter=Orders/any(o: o/Total eq 20)", "[1]"),
                ("Customers?$select=ID&$orderby=Orders/$count($filter=Large) desc,ID", "[1,4,5]"),
                (
                    "Customers?$select=ID,Rank&$expand=Orders($select=Label;$orderby=Total desc;$top=1)",
                    "[{\"ID\":1,\"Orders\":[{\"Label\":\"#10\"}],\"Rank\":1},\
                      {\"ID\":4,\"Orders\":[{\"Label\":\"#15\"}],\"Rank\":2},\
                      {\"ID\":5,\"Orders\":[],\"Rank\":2}]",
                ),
                (
                    "Customers?$select=ID&$expand=Orders($select=ID;$orderby=Label desc;$top=1)",
                    "[{\"ID\":1,\"Orders\":[16]},{\"ID\":4,\"Orders\":[15]},{\"ID\":5,\"Orders\":[]}]",
                ),
                ("Orders?$apply=aggregate(Total with sum as S,Total with max as M)", "[{\"M\":50,\"S\":147}]"),
                (
                    "Orders?$apply=groupby((StatusOrNone),aggregate(Total with sum as S))&$orderby=S",
                    "[{\"S\":null,\"StatusOrNone\":\"X\"},{\"S\":20,\"StatusOrNone\":\"D\"},\
                      {\"S\":37,\"StatusOrNone\":\"O\"},{\"S\":40,\"StatusOrNone\":\"C\"},\
                      {\"S\":50,\"StatusOrNone\":\"none\"}]",
                ),
                (
                    "Orders?$apply=groupby((Large),aggregate($count as N))&$orderby=Large",
                    "[{\"Large\":false,\"N\":3},{\"Large\":true,\"N\":3}]",
                ),
                ("Orders?$apply=filter(Total gt 20)/aggregate($count as N)", "[{\"N\":3}]"),
                ("Orders?$apply=topcount(2,Total)&$select=ID&$orderby=ID", "[14,15]"),
                (
                    "$crossjoin(Orders,Totals)?$filter=Orders/Total eq 40 and Totals/Mean eq 5.5&$count=true&$top=0",
                    "[1,[]]",
                ),
            ],
        );
    });
}

#[test]
fn words_in_place_of_codes_lead_both_ways() {
    ledgers(|kind, server| {
        check(
            kind,
            server,
            &[
                (
                    "Orders?$select=ID,Status,Priority",
                    "[{\"ID\":10,\"Priority\":\"High\",\"Status\":\"Open\"},\
                      {\"ID\":12,\"Priority\":\"High\",\"Status\":\"Open\"},\
                      {\"ID\":13,\"Priority\":null,\"Status\":\"X\"},\
                      {\"ID\":14,\"Priority\":\"High\",\"Status\":\"Closed\"},\
                      {\"ID\":15,\"Priority\":null,\"Status\":null},\
                      {\"ID\":16,\"Priority\":\"Low\",\"Status\":\"Closed\"}]",
                ),
                ("Orders(14)/Status/$value", "\"Closed\""),
                // What is answered is found by it.
                ("Orders?$select=ID&$filter=Status eq 'Open'", "[10,12]"),
                ("Orders?$select=ID&$filter=Status eq 'Closed'", "[14,16]"),
                ("Orders?$select=ID&$filter=Status eq 'X'", "[13]"),
                ("Orders?$select=ID&$filter=Status eq null", "[15]"),
                ("Orders?$select=ID&$filter=Status eq 'O' or Status eq 'open' or Status eq ''", "[]"),
                ("Orders?$select=ID&$filter=Status ne 'Closed'", "[10,12,13,15]"),
                ("Orders?$select=ID&$filter=Status ne null", "[10,12,13,14,16]"),
                ("Orders?$select=ID&$filter=not (Status eq 'Open')", "[13,14,15,16]"),
                ("Orders?$select=ID&$filter=Status in ('Open','X',null)", "[10,12,13,15]"),
                ("Orders?$select=ID&$filter=not (Status in ('Open','X',null))", "[14,16]"),
                ("Orders?$select=ID&$filter=not (Status in ('Open','X'))", "[14,15,16]"),
                ("Orders?$select=ID&$filter='Open' eq Status", "[10,12]"),
                ("Orders?$select=ID&$filter=Priority eq 'High'", "[10,12,14]"),
                ("Orders?$select=ID&$filter=Priority eq '1' or Priority eq '3'", "[]"),
                ("Orders?$select=ID&$filter=Priority eq null", "[13,15]"),
                ("Orders?$select=ID&$filter=Priority ne null", "[10,12,14,16]"),
                ("Orders?$select=ID&$filter=Priority ne 'High'", "[13,15,16]"),
                ("Orders?$select=ID&$filter=Priority in ('Low',null)", "[13,15,16]"),
                ("Orders?$select=ID&$filter=not (Priority in ('Low',null))", "[10,12,14]"),
                ("Everyone?$select=ID&$filter=State eq 'Gone'", "[2]"),
                ("Everyone?$select=ID&$filter=State ne 'Gone'", "[1,3,4,5]"),
                ("Everyone?$select=ID&$filter=State in ('Here','Gone')", "[1,2,3,4,5]"),
                ("Everyone(2)/State/$value", "\"Gone\""),
                // All else works on the words.
                ("Orders?$select=ID&$filter=startswith(Status,'Clo')", "[14,16]"),
                ("Orders?$select=ID&$filter=length(Priority) eq 4", "[10,12,14]"),
                ("Orders?$select=ID&$filter=tolower(Status) eq 'open'", "[10,12]"),
                ("Orders?$select=ID&$filter=Status gt 'Closed' and Status le 'Open'", "[10,12]"),
                ("Orders?$select=ID&$filter=Status eq StatusOrNone", "[13]"),
                ("Orders?$select=ID&$search=closed", "[14,16]"),
                ("Orders?$select=ID&$orderby=Status desc,ID", "[13,10,12,14,16,15]"),
                ("Orders?$select=ID&$orderby=Priority,ID desc", "[15,13,14,12,10,16]"),
                // Along navigation properties.
                ("Customers?$select=ID&$filter=Orders/any(o: o/Status eq 'Closed')", "[1,4]"),
                ("Customers?$select=ID&$filter=Orders/all(o: o/Status ne 'Closed')", "[5]"),
                ("Tags?$select=ID&$filter=Orders/any(o: o/Priority eq null)", "[]"),
                (
                    "Orders?$apply=groupby((Status),aggregate($count as N))&$orderby=Status",
                    "[{\"N\":1,\"Status\":null},{\"N\":2,\"Status\":\"Closed\"},{\"N\":2,\"Status\":\"Open\"},\
                      {\"N\":1,\"Status\":\"X\"}]",
                ),
                ("Orders?$apply=aggregate(Priority with countdistinct as N)", "[{\"N\":2}]"),
                ("Orders?$apply=groupby((Priority))/filter(Priority eq 'Low')", "[{\"Priority\":\"Low\"}]"),
                ("Orders?$apply=filter(Status eq 'Closed')/aggregate(Status with max as M)", "[{\"M\":\"Closed\"}]"),
            ],
        );
    });
}
