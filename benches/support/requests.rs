//! Owns the requests whose compilation is measured: what Salesforce Connect sends most, and the widest it sends. Their
//! sets are the demo's.

/// A next link; its `$skiptoken` stands for the position that the bench supplies.
pub(crate) const NEXT_PAGE: &str = "Orders?$select=OrderDate,OrderID,Status&$count=true&$filter=Status eq 'Open'\
                                    &$orderby=OrderDate desc&$skiptoken=t";
const PLAIN: [(&str, &str); 6] = [
    (
        "list_view",
        "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$filter=Status eq 'Open' and \
         OrderDate ge 2024-05-01T00:00:00Z&$orderby=OrderDate desc&$skip=500&$top=26",
    ),
    ("record_by_key", "Orders(10248)"),
    (
        "related_list",
        "Orders?$select=AccountID,OrderDate,OrderID,Status&$count=true&$filter=AccountID eq 'ALFKI'&$top=26",
    ),
    (
        "filter",
        "Orders?$select=OrderID,ShipName,Status,TotalAmount&$count=true&$filter=(Status eq 'Open' or Status eq 'Held') \
         and TotalAmount ge 100 and contains(ShipName,'Acme')&$orderby=TotalAmount desc&$top=200",
    ),
    (
        "expand",
        "Accounts?$select=AccountID,Name&$expand=Orders($select=OrderID;$orderby=OrderDate desc;$top=5)&$top=26",
    ),
    ("next_page", NEXT_PAGE),
];

/// Name and target of each request.
pub(crate) fn requests() -> Vec<(&'static str, String)> {
    let phrase = "Acme international trading company of the north, south and west. ".repeat(5);
    let terms: Vec<_> = (1..=150).map(|text| format!("contains(Text{text:03},'{phrase}') eq true")).collect();
    let search = format!("WideOrders?$select=OrderID&$count=true&$filter={}&$top=25", terms.join(" or "));
    let keys: Vec<_> = (10_000..10_200).map(|key| format!("OrderID eq {key}")).collect();
    let parents = format!("Orders?$select=OrderID,Status&$filter={}&$top=2000", keys.join(" or "));

    let mut all = PLAIN.map(|(name, target)| (name, target.to_owned())).to_vec();
    all.extend([("parents_of_200_rows", parents), ("search_of_150_columns", search)]);
    all
}
