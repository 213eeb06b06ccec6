//! The request shapes that Salesforce Connect is known to send, plain and as its client encodes them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::syntax::tests::url;
use crate::syntax::{Path, print};

/// One of each shape; the sets are those of the demonstration model.
pub(super) const REQUESTS: [&str; 40] = [
    "",
    "$metadata",
    "/$metadata",
    "Accounts?$select=AccountID&$count=true&$top=26",
    "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$top=26",
    "Accounts?$select=AccountID,City&$count=true&$filter=Country eq 'USA'&$orderby=City&$top=26",
    "Orders?$select=OrderDate,OrderID,Status&$count=true&$orderby=Status,OrderDate desc&$top=200",
    "Orders?$select=OrderID,Status&$count=true&$filter=IsClosed eq false&$top=26",
    "Invoices?$select=Amount,DueDate,InvoiceNo,Paid&$count=true&$filter=InvoiceNo eq 'INV/2024/001'&$top=1",
    "Accounts?$select=AccountID,Name&$count=true&$filter=AccountID eq 'O''BRIEN'&$top=1",
    "Shipments?$select=Carrier&$filter=ShipmentID eq 3f2504e0-4f89-11d3-9a0c-0305e82c3301&$top=1",
    "OrderLines?$select=OrderID,ProductID&$count=true&$filter=(OrderID eq 10248) and (ProductID eq 11)&$top=1",
    "Products?$filter='AIRPORT POTLUCK' eq ProductName&$select=ProductID,ProductName",
    "Products(42)",
    "OrderLines(OrderID=10248,ProductID=11)",
    "Invoices('INV%2F2024%2F001')",
    "Accounts?$select=AccountID,Name&$count=true&$filter=AccountID in ('ALFKI','ANATR','ANTON')&$top=200",
    "OrderLines?$filter=OrderID eq 10248 or OrderID eq 10249 or OrderID eq 10250&$top=1000",
    "Accounts?$select=AccountID,Name&$filter=contains(Name,'Acme') eq true or contains(Phone,'Acme') eq true&$top=25",
    "Accounts?$select=AccountID,Name,Phone&$count=true&$search=Acme&$top=25",
    "Products?$search=\"AIRPORT POTLUCK\"",
    "Accounts?$select=AccountID,Name&$count=true&$search=\"MyProspect OR John Smith\"&$top=25",
    "Accounts?$select=AccountID,Name&$count=true&$filter=contains(Name,'Müller') eq true&$top=25",
    "Orders?$count=true&$filter=(Status eq 'Open' or Status eq 'Held') and TotalAmount ge 100&$top=200",
    "Orders?$select=OrderID,ShippedDate&$count=true&$filter=ShippedDate ne null&$top=200",
    "Orders?$filter=OrderDate ge 2024-05-01T00:00:00Z and OrderDate lt 2024-05-02T00:00:00Z&$top=200",
    "Orders?$filter=OrderDate ge 2024-05-01T02:00:00.000+02:00&$top=200",
    "Orders?$filter=OrderID in (10248,10249,10250)&$top=200",
    "Orders?$filter=not contains(ShipName,'Acme')&$top=200",
    "Orders?$filter=startswith(ShipName,'Acme') eq true and endswith(ShipName,'GmbH') eq false&$top=200",
    "Products?$select=ProductID,Weight&$count=true&$filter=Weight gt -1.5e3&$top=200",
    "Orders?$select=OrderID,ShipName&$count=true&$filter=ShipName eq ''&$top=200",
    "Orders?$select=OrderID,Status&$count=true&$filter=Status eq 'Open'&$orderby=Status&$skip=500&$top=500",
    "Orders?$count=true&$select=AccountID,OrderID,RequiredDate,ShippedDate&$top=301&$skiptoken=10447",
    "OrderLines?$count=true&$select=OrderID,ProductID,Quantity&$top=500&$skiptoken=10248,11",
    "Orders?$filter=Status+eq+'Open'&$select=OrderID,Status&$count=true&$top=26",
    "Orders?$deltatoken=0000000000012345&$skiptoken=2000",
    "Orders?select=OrderID&count=true&top=26",
    "Orders(10248)/Account/Name/$value",
    "Orders?$expand=Account($select=Name),Lines($filter=Quantity gt 5;$orderby=ProductID desc;$top=3)&$count=true",
];

#[test]
fn every_shape_is_parsed_and_printed_back() {
    for target in REQUESTS {
        let tree = url(target).without_spans();
        let printed = print(&tree);
        assert!(printed.is_ascii() && !printed.contains(' '), "{printed}");
        assert_eq!(url(&printed).without_spans(), tree, "{target} as {printed}");
        assert_eq!(print(&url(&printed)), printed, "printing is canonical");
    }
}

#[test]
fn encoding_every_value_changes_nothing() {
    for target in REQUESTS {
        let Some((path, query)) = target.split_once('?') else { continue };
        let encoded: Vec<_> = query
            .split('&')
            .map(|option| {
                let (name, value) = option.split_once('=').unwrap();
                let value = if value.contains("+eq+") { value.replace('+', " ") } else { value.to_owned() };
                format!(
                    "{}={}",
                    utf8_percent_encode(name, NON_ALPHANUMERIC),
                    utf8_percent_encode(&value, NON_ALPHANUMERIC)
                )
            })
            .collect();
        let encoded = format!("{path}?{}", encoded.join("&"));
        assert_eq!(url(&encoded).without_spans(), url(target).without_spans(), "{encoded}");
    }
}

#[test]
fn a_next_link_keeps_every_option_and_changes_the_page() {
    let mut next = url("Orders?$filter=Status eq 'A%26B'&$top=301&$orderby=Total desc&$count=true");
    next.options.top = Some(201);
    next.options.skip_token = Some(("k+/=&".to_owned(), 0..0));
    assert_eq!(
        print(&next),
        "Orders?$filter=Status%20eq%20'A%26B'&$orderby=Total%20desc&$count=true&$top=201&$skiptoken=k%2B/=%26"
    );
    let wide: Vec<_> = (1..=150).map(|text| format!("contains(Text{text:03},'Acme trading') eq true")).collect();
    let target = format!("WideOrders?$select=OrderID&$count=true&$filter={}&$top=25", wide.join(" or "));
    assert!(matches!(url(&target).path, Path::Resource(_)));
}
