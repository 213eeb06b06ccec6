//! The eight tables of TPC-H, and the metadata files that publish them.

use std::fmt::Write as _;

/// A table and the set that publishes it.
pub(super) struct Table {
    pub(super) name: &'static str,
    set: &'static str,
    entity: &'static str,
    pub(super) columns: &'static [Column],
    /// How many of the first columns are the key; of line items it is the first and the fourth.
    key: &'static [usize],
    /// Name, target set, partner and the columns on both sides.
    to_one: &'static [ToOne],
}

pub(super) struct Column {
    pub(super) name: &'static str,
    property: &'static str,
    form: Form,
}

struct ToOne {
    name: &'static str,
    target: &'static str,
    partner: &'static str,
    join: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy)]
enum Form {
    Key,
    Int,
    Money,
    Day,
    Text(u32),
}
use Form::{Day, Int, Key, Money, Text};

const fn column(name: &'static str, property: &'static str, form: Form) -> Column {
    Column { name, property, form }
}

const fn to_one(
    name: &'static str,
    target: &'static str,
    partner: &'static str,
    join: &'static [(&'static str, &'static str)],
) -> ToOne {
    ToOne { name, target, partner, join }
}

pub(super) const TABLES: [&Table; 8] = [
    &Table {
        name: "region",
        set: "Regions",
        entity: "Region",
        columns: &[
            column("r_regionkey", "RegionKey", Key),
            column("r_name", "Name", Text(25)),
            column("r_comment", "Comment", Text(152)),
        ],
        key: &[0],
        to_one: &[],
    },
    &Table {
        name: "nation",
        set: "Nations",
        entity: "Nation",
        columns: &[
            column("n_nationkey", "NationKey", Key),
            column("n_name", "Name", Text(25)),
            column("n_regionkey", "RegionKey", Int),
            column("n_comment", "Comment", Text(152)),
        ],
        key: &[0],
        to_one: &[to_one("Region", "Regions", "Nations", &[("RegionKey", "RegionKey")])],
    },
    &Table {
        name: "supplier",
        set: "Suppliers",
        entity: "Supplier",
        columns: &[
            column("s_suppkey", "SuppKey", Key),
            column("s_name", "Name", Text(25)),
            column("s_address", "Address", Text(40)),
            column("s_nationkey", "NationKey", Int),
            column("s_phone", "Phone", Text(15)),
            column("s_acctbal", "AcctBal", Money),
            column("s_comment", "Comment", Text(101)),
        ],
        key: &[0],
        to_one: &[to_one("Nation", "Nations", "Suppliers", &[("NationKey", "NationKey")])],
    },
    &Table {
        name: "customer",
        set: "Customers",
        entity: "Customer",
        columns: &[
            column("c_custkey", "CustKey", Key),
            column("c_name", "Name", Text(25)),
            column("c_address", "Address", Text(40)),
            column("c_nationkey", "NationKey", Int),
            column("c_phone", "Phone", Text(15)),
            column("c_acctbal", "AcctBal", Money),
            column("c_mktsegment", "MktSegment", Text(10)),
            column("c_comment", "Comment", Text(117)),
        ],
        key: &[0],
        to_one: &[to_one("Nation", "Nations", "Customers", &[("NationKey", "NationKey")])],
    },
    &Table {
        name: "part",
        set: "Parts",
        entity: "Part",
        columns: &[
            column("p_partkey", "PartKey", Key),
            column("p_name", "Name", Text(55)),
            column("p_mfgr", "Mfgr", Text(25)),
            column("p_brand", "Brand", Text(10)),
            column("p_type", "Type", Text(25)),
            column("p_size", "Size", Int),
            column("p_container", "Container", Text(10)),
            column("p_retailprice", "RetailPrice", Money),
            column("p_comment", "Comment", Text(23)),
        ],
        key: &[0],
        to_one: &[],
    },
    &Table {
        name: "partsupp",
        set: "PartSupps",
        entity: "PartSupp",
        columns: &[
            column("ps_partkey", "PartKey", Key),
            column("ps_suppkey", "SuppKey", Key),
            column("ps_availqty", "AvailQty", Int),
            column("ps_supplycost", "SupplyCost", Money),
            column("ps_comment", "Comment", Text(199)),
        ],
        key: &[0, 1],
        to_one: &[
            to_one("Part", "Parts", "PartSupps", &[("PartKey", "PartKey")]),
            to_one("Supplier", "Suppliers", "PartSupps", &[("SuppKey", "SuppKey")]),
        ],
    },
    &Table {
        name: "orders",
        set: "Orders",
        entity: "Order",
        columns: &[
            column("o_orderkey", "OrderKey", Key),
            column("o_custkey", "CustKey", Int),
            column("o_orderstatus", "OrderStatus", Text(1)),
            column("o_totalprice", "TotalPrice", Money),
            column("o_orderdate", "OrderDate", Day),
            column("o_orderpriority", "OrderPriority", Text(15)),
            column("o_clerk", "Clerk", Text(15)),
            column("o_shippriority", "ShipPriority", Int),
            column("o_comment", "Comment", Text(79)),
        ],
        key: &[0],
        to_one: &[to_one("Customer", "Customers", "Orders", &[("CustKey", "CustKey")])],
    },
    &Table {
        name: "lineitem",
        set: "LineItems",
        entity: "LineItem",
        columns: &[
            column("l_orderkey", "OrderKey", Key),
            column("l_partkey", "PartKey", Int),
            column("l_suppkey", "SuppKey", Int),
            column("l_linenumber", "LineNumber", Key),
            column("l_quantity", "Quantity", Money),
            column("l_extendedprice", "ExtendedPrice", Money),
            column("l_discount", "Discount", Money),
            column("l_tax", "Tax", Money),
            column("l_returnflag", "ReturnFlag", Text(1)),
            column("l_linestatus", "LineStatus", Text(1)),
            column("l_shipdate", "ShipDate", Day),
            column("l_commitdate", "CommitDate", Day),
            column("l_receiptdate", "ReceiptDate", Day),
            column("l_shipinstruct", "ShipInstruct", Text(25)),
            column("l_shipmode", "ShipMode", Text(10)),
            column("l_comment", "Comment", Text(44)),
        ],
        key: &[0, 3],
        to_one: &[
            to_one("Order", "Orders", "LineItems", &[("OrderKey", "OrderKey")]),
            to_one("Part", "Parts", "LineItems", &[("PartKey", "PartKey")]),
            to_one("Supplier", "Suppliers", "LineItems", &[("SuppKey", "SuppKey")]),
            to_one("PartSupp", "PartSupps", "LineItems", &[("PartKey", "PartKey"), ("SuppKey", "SuppKey")]),
        ],
    },
];

impl Form {
    fn sql(self) -> String {
        match self {
            Key | Int => "integer".to_owned(),
            Money => "decimal(15,2)".to_owned(),
            Day => "date".to_owned(),
            Text(length) => format!("varchar({length})"),
        }
    }

    fn toml(self) -> String {
        match self {
            Key | Int => "type = \"Int32\"".to_owned(),
            Money => "type = \"Decimal\"\nprecision = 15\nscale = 2".to_owned(),
            Day => "type = \"Date\"".to_owned(),
            Text(length) => format!("type = \"String\"\nmax_length = {length}"),
        }
    }
}

impl Table {
    fn key_of(&self, part: impl Fn(&Column) -> String) -> String {
        let parts: Vec<String> = self.key.iter().map(|place| part(&self.columns[*place])).collect();
        parts.join(", ")
    }

    pub(super) fn create(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| format!("{} {} not null, ", column.name, column.form.sql())).collect();
        let columns = columns.concat();
        format!("create table {} ({columns}primary key ({}))", self.name, self.key_of(|column| column.name.to_owned()))
    }

    /// One for each foreign key.
    pub(super) fn indexes(&self) -> Vec<String> {
        let index = |to: &ToOne| {
            let column = |property: &str| self.columns.iter().find(|it| it.property == property).unwrap().name;
            let columns: Vec<&str> = to.join.iter().map(|(local, _)| column(local)).collect();
            format!("create index {}_{} on {} ({})", self.name, to.name.to_lowercase(), self.name, columns.join(", "))
        };
        self.to_one.iter().map(index).collect()
    }

    /// Its metadata file. What leads to many stands with the table that is led to one.
    pub(super) fn file(&self) -> String {
        let mut text = format!(
            "version = 1\nset = \"{}\"\ntype = \"{}\"\ntable = \"{}\"\nkey = [{}]\n",
            self.set,
            self.entity,
            self.name,
            self.key_of(|column| format!("\"{}\"", column.property))
        );
        for Column { name, property, form } in self.columns {
            let form = form.toml();
            let head = format!("\n[[property]]\nname = \"{property}\"\ncolumn = \"{name}\"\nnullable = false");
            writeln!(text, "{head}\n{form}").unwrap();
        }
        let mut navigation = |name: &str, target: &str, to: &str, partner: &str, join: &str| {
            let nullable = if to == "one" { "nullable = false\n" } else { "" };
            let head = format!("\n[[navigation]]\nname = \"{name}\"\ntarget = \"{target}\"\nto = \"{to}\"\n{nullable}");
            writeln!(text, "{head}partner = \"{partner}\"\njoin = {{ {join} }}").unwrap();
        };
        for to in self.to_one {
            let join: Vec<String> = to.join.iter().map(|(local, remote)| format!("{local} = \"{remote}\"")).collect();
            navigation(to.name, to.target, "one", to.partner, &join.join(", "));
        }
        for (table, to) in TABLES.iter().flat_map(|table| table.to_one.iter().map(move |to| (table, to))) {
            if to.target == self.set {
                let join: Vec<String> =
                    to.join.iter().map(|(local, remote)| format!("{remote} = \"{local}\"")).collect();
                navigation(to.partner, table.set, "many", to.name, &join.join(", "));
            }
        }
        text
    }
}
