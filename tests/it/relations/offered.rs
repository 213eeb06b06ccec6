//! Dates that are offered at an hour, or as texts: in every clause, as keys, and joined. Rows whose answers are known
//! by heart, on every database.

use super::*;

const SCHEMA: &str = "
create table bills (id integer primary key, due date, since date not null, paid date, written varchar(20));
insert into bills values (1, '2024-05-01', '2024-04-01', null, '2024-05-01 09:30:00');
insert into bills values (2, '2024-05-01', '2024-04-02', '2024-05-02', '2024-05-02 00:00:00');
insert into bills values (3, '2024-05-31', '2024-04-01', '2024-05-01', '2024-05-03 00:00:00');
insert into bills values (4, null, '2024-04-02', null, null);
insert into bills values (5, '0001-01-01', '9999-12-31', '1969-12-31', '1969-12-31 00:00:00');
create table days (product integer not null, day date not null, price integer not null, primary key (product, day));
insert into days values (1, '2024-04-01', 10);
insert into days values (1, '2024-04-02', 20);
insert into days values (2, '2024-04-01', 30);
insert into days values (1, '9999-12-31', 40);
";

const BILL: &str = r#"
version = 1
set = "Bills"
type = "Bill"
table = "bills"
key = ["ID"]
page_rows_max = PAGE
[[property]]
name = "ID"
column = "id"
type = "Int32"
nullable = false
[[property]]
name = "Due"
column = "due"
type = "Date"
offer = { date_time = "12:00" }
[[property]]
name = "Text"
column = "due"
type = "Date"
offer = "string"
[[property]]
name = "Day"
column = "due"
type = "Date"
[[property]]
name = "Since"
column = "since"
type = "Date"
offer = { date_time = "06:30" }
nullable = false
[[property]]
name = "Paid"
column = "paid"
type = "Date"
offer = { date_time = "00:00" }
[[property]]
name = "Written"
column = "written"
type = "Date"
cast = true
offer = "string"
[[navigation]]
name = "Days"
target = "Days"
to = "many"
partner = "Bills"
join = { Since = "Day" }
"#;

const DAY: &str = r#"
version = 1
set = "Days"
type = "Day"
table = "days"
key = ["Product", "Day"]
[[property]]
name = "Product"
column = "product"
type = "Int32"
nullable = false
[[property]]
name = "Day"
column = "day"
type = "Date"
offer = { date_time = "06:30" }
nullable = false
[[property]]
name = "Price"
column = "price"
type = "Int32"
nullable = false
[[navigation]]
name = "Bills"
target = "Bills"
to = "many"
join = { Day = "Since" }
"#;

fn bills(page_rows_max: u32, run: impl Fn(Kind, &TestServer)) {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "offered") else { continue };
        database.run(SCHEMA);
        let config = format!(
            "[sources.ledger]\nurl = \"{}\"\n[services.ledger]\nmetadata = [\"metadata\"]\n[[users]]\nname = \"demo\"\n\
             password_hash = \"{}\"\n",
            database.url,
            password_hash("demo")
        );
        let service = "version = 1\nnamespace = \"Ledger\"\nsource = \"ledger\"\n";
        let bill = BILL.replace("PAGE", &page_rows_max.to_string());
        let setup = Setup::new(&config).file("metadata/service.toml", service).file("metadata/bill.toml", &bill);
        run(kind, &setup.file("metadata/day.toml", DAY).start());
    }
}

#[test]
fn dates_are_offered_in_every_clause() {
    bills(2_000, |kind, server| {
        check(
            kind,
            server,
            &[
                (
                    "Bills(3)",
                    r#"{"Day":"2024-05-31","Due":"2024-05-31T12:00:00Z","ID":3,"Paid":"2024-05-01T00:00:00Z","Since":"2024-04-01T06:30:00Z","Text":"2024-05-31","Written":"2024-05-03"}"#,
                ),
                ("Bills(3)/Due/$value", "\"2024-05-31T12:00:00Z\""),
                ("Bills(5)/Text", "\"0001-01-01\""),
                ("Bills?$select=ID&$filter=Due eq 2024-05-01T12:00:00Z", "[1,2]"),
                ("Bills?$select=ID&$filter=Due eq 2024-05-01T14:00:00%2B02:00", "[1,2]"),
                ("Bills?$select=ID&$filter=Due eq 2024-05-01T12:00:00.000001Z", "[]"),
                ("Bills?$select=ID&$filter=Due ne 2024-05-01T12:00:00.000001Z", "[1,2,3,4,5]"),
                ("Bills?$select=ID&$filter=Due eq 2024-05-01", "[]"),
                ("Bills?$select=ID&$filter=Paid eq 2024-05-01", "[3]"),
                // What Salesforce makes of a day.
                ("Bills?$select=ID&$filter=Due ge 2024-05-01T00:00:00Z and Due lt 2024-05-02T00:00:00Z", "[1,2]"),
                ("Bills?$select=ID&$filter=Due ge 2024-05-01T07:00:00Z and Due lt 2024-05-02T07:00:00Z", "[1,2]"),
                ("Bills?$select=ID&$filter=Due gt 2024-05-01T12:00:00Z", "[3]"),
                ("Bills?$select=ID&$filter=2024-05-31T12:00:00Z le Due", "[3]"),
                ("Bills?$select=ID&$filter=not (Due gt 2024-05-01T12:00:00Z)", "[1,2,4,5]"),
                ("Bills?$select=ID&$filter=Due eq null", "[4]"),
                ("Bills?$select=ID&$filter=Due ge null", "[4]"),
                ("Bills?$select=ID&$filter=Due in (2024-05-31T12:00:00Z,2024-05-01T00:00:00Z,null)", "[3,4]"),
                ("Bills?$select=ID&$filter=Paid lt Due", "[3]"),
                ("Bills?$select=ID&$filter=Paid gt Due", "[2,5]"),
                ("Bills?$select=ID&$filter=Due gt Day", "[1,2,3,5]"),
                // Beyond what some databases can hold.
                ("Bills?$select=ID&$filter=Day lt 10000-01-01 and Due lt 10000-01-01T12:00:00Z", "[1,2,3,5]"),
                ("Bills?$select=ID&$filter=Due le -0001-01-01T12:00:00Z or Since ge 10000-01-01T00:00:00Z", "[]"),
                // The plain date takes what Salesforce sends, too.
                ("Bills?$select=ID&$filter=Day eq 2024-05-01T00:00:00Z", "[1,2]"),
                ("Bills?$select=ID&$filter=Day ge 2024-05-01T00:00:00Z and Day lt 2024-05-02T00:00:00Z", "[1,2]"),
                ("Bills?$select=ID&$filter=Text eq '2024-05-01'", "[1,2]"),
                ("Bills?$select=ID&$filter=Text eq '2024-5-1' or Text eq ''", "[]"),
                ("Bills?$select=ID&$filter=startswith(Text,'2024-05')", "[1,2,3]"),
                ("Bills?$select=ID&$filter=startswith(Text,'20')", "[1,2,3]"),
                ("Bills?$select=ID&$filter=contains(Text,'-31') eq true", "[3]"),
                ("Bills?$select=ID&$filter=endswith(Text,'05-01')", "[1,2]"),
                ("Bills?$select=ID&$filter=Text ge '2024-05-0' and Text lt '2024-05-02'", "[1,2]"),
                ("Bills?$select=ID&$filter=Text lt '2024'", "[5]"),
                ("Bills?$select=ID&$filter=length(Text) eq 10 and substring(Text,8) eq '31'", "[3]"),
                ("Bills?$select=ID&$filter=Written eq '2024-05-01'", "[1]"),
                ("Bills?$select=ID&$filter=Written gt '2024-05-01'&$orderby=Written desc", "[3,2]"),
                ("Bills?$select=ID&$orderby=Text desc", "[3,2,1,5,4]"),
                ("Bills?$select=ID&$orderby=Due,ID desc", "[4,5,2,1,3]"),
                ("Bills?$select=ID&$filter=year(Due) eq 2024 and hour(Due) eq 12", "[1,2,3]"),
                ("Bills?$select=ID&$filter=date(Due) eq 2024-05-01 and time(Since) eq 06:30:00", "[1,2]"),
                ("Bills?$select=ID&$filter=Due add duration'P1D' gt 2024-05-31T00:00:00Z", "[3]"),
                ("Bills?$select=ID&$filter=cast(Due,Edm.Date) eq 2024-05-31", "[3]"),
                (
                    "Bills?$apply=aggregate(Due with max as L,Due with min as F,Text with max as T)",
                    r#"[{"F":"0001-01-01T12:00:00Z","L":"2024-05-31T12:00:00Z","T":"2024-05-31"}]"#,
                ),
                (
                    "Bills?$apply=filter(Due gt 2024-01-01T00:00:00Z)/groupby((Due),aggregate($count as N))&$orderby=Due desc",
                    r#"[{"Due":"2024-05-31T12:00:00Z","N":1},{"Due":"2024-05-01T12:00:00Z","N":2}]"#,
                ),
                (
                    "Bills?$apply=groupby((Text))/filter(Text ge '2024')&$orderby=Text",
                    r#"[{"Text":"2024-05-01"},{"Text":"2024-05-31"}]"#,
                ),
                (
                    "Bills?$compute=Due add duration'PT1H' as Later&$select=Later&$filter=ID eq 1",
                    r#"[{"Later":"2024-05-01T13:00:00Z"}]"#,
                ),
                // 2024-05 is no date, and no text of one is refused.
                ("Bills?$select=ID&$filter=Due eq '2024-05-01T12:00:00Z'", "[1,2]"),
                ("Bills?$select=ID&$filter=Due eq 'x'", "400"),
                ("Bills?$select=ID&$search=2024", "[]"),
            ],
        );
    });
}

#[test]
fn offered_dates_are_keys_and_are_joined() {
    bills(2_000, |kind, server| {
        check(
            kind,
            server,
            &[
                ("Days(Product=1,Day=2024-04-02T06:30:00Z)/Price", "20"),
                ("Days(Product=1,Day=2024-04-02T00:00:00Z)/Price", "404"),
                ("Days(Product=1,Day=9999-12-31T06:30:00Z)/Price", "40"),
                (
                    "Days?$select=Price&$filter=Bills/any(b:b/Due eq 2024-05-31T12:00:00Z)&$orderby=Price",
                    r#"[{"Price":10},{"Price":30}]"#,
                ),
                ("Bills?$select=ID&$filter=Days/any(d:d/Day ge 2024-04-02T06:30:00Z)", "[2,4,5]"),
                ("Bills?$select=ID&$filter=Days/all(d:d/Day lt 2024-04-02T06:30:00Z)", "[1,3]"),
                (
                    "Bills?$select=ID&$expand=Days($select=Price;$orderby=Price desc;$top=1)&$filter=ID le 2",
                    r#"[{"Days":[{"Price":30}],"ID":1},{"Days":[{"Price":20}],"ID":2}]"#,
                ),
                (
                    "Bills?$select=ID&$expand=Days($count=true;$select=Price;$filter=Price lt 30)&$filter=ID in (1,5)",
                    r#"[{"Days":[{"Price":10}],"Days@odata.count":1,"ID":1},{"Days":[],"Days@odata.count":0,"ID":5}]"#,
                ),
                ("Bills(3)/Days?$select=Price&$orderby=Day,Price", r#"[{"Price":10},{"Price":30}]"#),
                (
                    "Bills?$apply=groupby((Since),aggregate(Days/Price with sum as P))&$orderby=Since",
                    r#"[{"P":40,"Since":"2024-04-01T06:30:00Z"},{"P":20,"Since":"2024-04-02T06:30:00Z"},{"P":40,"Since":"9999-12-31T06:30:00Z"}]"#,
                ),
            ],
        );
        // Links say the key as it is published.
        let response =
            ask(server, "Days?$select=Price&$filter=Price eq 20&$format=application/json;odata.metadata=full");
        assert!(response.text().contains("Days(Product=1,Day=2024-04-02T06:30:00Z)"), "{}", response.text());
    });
}

#[test]
fn pages_in_their_order_are_whole() {
    bills(1, |kind, server| {
        for (order, expected) in [
            ("Due", "[4, 5, 1, 2, 3]"),
            ("Due desc", "[3, 2, 1, 5, 4]"),
            ("Text", "[4, 5, 1, 2, 3]"),
            ("Text desc,Since", "[3, 1, 2, 5, 4]"),
            ("Since desc,Paid", "[5, 4, 2, 1, 3]"),
        ] {
            let mut target = format!("{ROOT}Bills?$select=ID&$orderby={}", order.replace(' ', "%20"));
            let mut found = Vec::new();
            for _ in 0..6 {
                let page = server.get_with(&target, &[CREDENTIALS]);
                let page: Value = serde_json::from_str(page.text()).unwrap();
                found.extend(page["value"].as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()));
                let Some(next) = page["@odata.nextLink"].as_str() else { break };
                target = server.target_of(next).to_owned();
            }
            assert_eq!(format!("{found:?}"), expected, "{} by {order}", kind.name());
        }
    });
}

#[test]
fn the_document_tells_the_offer() {
    bills(2_000, |_, server| {
        let document = ask(server, "$metadata").text().to_owned();
        for part in [
            r#"<Property Name="Due" Type="Edm.DateTimeOffset" Precision="0"/>"#,
            r#"<Property Name="Text" Type="Edm.String" MaxLength="10"/>"#,
            r#"<Property Name="Day" Type="Edm.Date"/>"#,
        ] {
            assert!(document.contains(part), "{part}\n{document}");
        }
    });
}
