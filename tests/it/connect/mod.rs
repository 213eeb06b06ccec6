//! Connections to databases: encrypted, through a pooler, with settings of the session, and as users who may do little.

mod pooler;
mod rights;
mod session;
mod tls;

use penstock::edm::Value;

use crate::support::databases::{Database, Kind};
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/connect/";

/// Customers with orders; an order has a type of the database's own on PostgreSQL, and a view that nobody can wait for.
fn tables(database: &Database) {
    let postgres = database.kind == Kind::Postgres;
    if postgres {
        database.run("create type mood as enum ('sad', 'glad', 'so so')");
    }
    database
        .run("create table customers (id int not null primary key, name varchar(40) not null, code char(8) not null)");
    let (mood, at) = if postgres { ("mood", "timestamptz") } else { ("varchar(10)", "datetime(6)") };
    database.run(&format!(
        "create table orders (id int not null primary key, customer int not null, mood {mood}, \
         amount numeric(18,4) not null, rate double precision not null, at {at} not null)"
    ));
    let rows: Vec<_> = (0..40).map(|id| format!("({id}, 'Customer ''{id}''', 'C{id}')")).collect();
    database.run(&format!("insert into customers values {}", rows.join(", ")));
    let odd = vec![Value::Int(40), Value::String("back\\slash \"q\" 'a' %".into()), Value::String("C\\".into())];
    database.insert("customers", &["id", "name", "code"], &[odd]);
    let row = |id: usize| {
        let mood = ["'sad'", "'glad'", "'so so'", "null"][id % 4];
        let (customer, part, rate) = (id % 40, id * 7 % 10_000, id * 13);
        let (day, second) = (id % 28 + 1, id % 60);
        format!("({id}, {customer}, {mood}, {id}.{part:04}, {rate}e-3, '2024-03-{day:02} 12:30:{second:02}.125')")
    };
    let rows: Vec<_> = (0..800).map(row).collect();
    database.run(&format!("insert into orders values {}", rows.join(", ")));
    database.run(
        "create view endless as select a.id as id from orders a, orders b, orders c, orders d \
         where a.id + b.id + c.id + d.id < 0",
    );
}

/// The set of customers, as a file.
const CUSTOMERS: &str = "version = 1\nset = \"Customers\"\ntype = \"Customer\"\ntable = \"customers\"\nkey = [\"Id\"]\n\
    [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
    [[property]]\nname = \"Name\"\ncolumn = \"name\"\ntype = \"String\"\nmax_length = 40\nnullable = false\nsearchable = true\n\
    [[property]]\nname = \"Code\"\ncolumn = \"code\"\ntype = \"String\"\nmax_length = 8\nnullable = false\n\
    [[navigation]]\nname = \"Orders\"\ntarget = \"Orders\"\nto = \"many\"\npartner = \"Customer\"\njoin = { Id = \"CustomerId\" }\n";
const ORDERS: &str = "version = 1\nset = \"Orders\"\ntype = \"Order\"\ntable = \"orders\"\nkey = [\"Id\"]\n\
    [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
    [[property]]\nname = \"CustomerId\"\ncolumn = \"customer\"\ntype = \"Int32\"\nnullable = false\n\
    [[property]]\nname = \"Mood\"\ncolumn = \"mood\"\ntype = \"String\"\nmax_length = 10\n\
    [[property]]\nname = \"Amount\"\ncolumn = \"amount\"\ntype = \"Decimal\"\nprecision = 18\nscale = 4\nnullable = false\n\
    [[property]]\nname = \"Rate\"\ncolumn = \"rate\"\ntype = \"Double\"\nnullable = false\n\
    [[property]]\nname = \"At\"\ncolumn = \"at\"\ntype = \"DateTimeOffset\"\nprecision = 6\nnullable = false\n\
    [[navigation]]\nname = \"Customer\"\ntarget = \"Customers\"\nto = \"one\"\nnullable = false\npartner = \"Orders\"\njoin = { CustomerId = \"Id\" }\n";
const ENDLESS: &str = "version = 1\nset = \"Endless\"\ntype = \"EndlessRow\"\ntable = \"endless\"\nkey = [\"Id\"]\n\
    [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n";

/// A server of these sets. `settings` are lines of the source.
fn setup(url: &str, settings: &str) -> Setup {
    let config = format!(
        "[sources.erp]\nurl = \"{url}\"\n{settings}\n[services.connect]\nmetadata = [\"metadata\"]\nanonymous = true\n"
    );
    Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Connect\"\nsource = \"erp\"\n")
        .file("metadata/customers.toml", CUSTOMERS)
        .file("metadata/orders.toml", ORDERS)
        .file("metadata/endless.toml", ENDLESS)
}

fn serve(url: &str, settings: &str) -> TestServer {
    setup(url, settings).start()
}

/// Requests whose statements differ in shape: by key, filtered, ordered, counted, expanded both ways, calculated.
const REQUESTS: [&str; 17] = [
    "Customers?$filter=Name%20eq%20'back%5Cslash%20%22q%22%20''a''%20%25'&$select=Id",
    "Customers?$filter=contains(Name,'k%5Cs')%20or%20Code%20eq%20'C7'&$select=Code,Name",
    "Customers?$filter=concat(concat(Code,'%7C'),Name)%20ne%20'x'%20and%20not%20(Id%20eq%203)&$orderby=Name%20desc&$top=4",
    "Orders?$filter=cast(At,Edm.String)%20eq%20'2024-03-06T12:30:05.125Z'&$select=Id",
    "Orders?$filter=CustomerId%20sub%20Id%20lt%20-700%20and%20Amount%20div%207%20gt%20100&$select=Id&$count=true",
    "Orders(17)",
    "Customers(3)/Orders?$orderby=Amount%20desc",
    "Orders?$filter=CustomerId%20eq%205%20and%20Amount%20gt%20100.5&$count=true&$top=7",
    "Orders?$expand=Customer&$orderby=At%20desc,Id&$top=20",
    "Customers?$expand=Orders($select=Id,Mood,At;$orderby=Id%20desc;$top=3)&$top=9",
    "Orders/$count?$filter=startswith(Customer/Name,'Customer%20''1')",
    "Orders?$filter=year(At)%20eq%202024%20and%20day(At)%20eq%205&$select=Id,At",
    "Orders?$apply=groupby((CustomerId),aggregate(Amount%20with%20sum%20as%20Sum,Rate%20with%20max%20as%20Most))",
    "Orders?$filter=cast(Rate,Edm.String)%20eq%20'0.13'&$select=Id,Rate",
    "Customers?$search=3",
    "Orders?$filter=Id%20in%20(1,2,3,700)&$select=Id,Amount",
    "Orders?$filter=At%20lt%202024-03-02T00:00:00Z&$skip=5&$top=5&$select=Id",
];

/// What the requests give, without what differs from server to server.
fn answers(server: &TestServer) -> Vec<String> {
    let ask = |request: &&str| {
        let response = server.get(&format!("{ROOT}{request}"));
        assert_eq!(response.status, 200, "{request}: {}\n{}", response.text(), server.log());
        response.text().replace(&server.address.to_string(), "host")
    };
    REQUESTS.iter().map(ask).collect()
}
