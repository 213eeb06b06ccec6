//! Owns the sample data: which tables there are, how many rows each has, and every row, made from a fixed seed.
//! Refuses to know a database: rows are plain [`Value`]s, so that any database can be filled with them.
//!
//! # Decisions
//!
//! - Every row depends on its table and its index only, never on the rows before it or on the scale. So rows need no
//!   memory, and the data of a smaller scale are the first rows of a larger one. A generator that walks through the
//!   tables with one stream of numbers would have been shorter, and any added column would have changed all rows.
//! - Tables grow in units of scale 1: the orders of unit 3 belong to accounts of unit 3. Related lists keep their size
//!   at every scale, which is how real data grow.
//! - Rows with a promise (the key `ALFKI`, the order 10248, a name with a combining accent) are constants in the file
//!   of their table. They come first, in the first unit.

mod accounts;
mod invoices;
mod order_lines;
mod orders;
mod products;
mod random;
mod shipments;
mod stock_levels;
mod wide_orders;
mod words;

#[cfg(test)]
mod tests;

use crate::edm::{Scalar, Value};

/// Raise it with every change of rows or schema: data files of another version are refused.
pub const DATA_VERSION: u32 = 1;
/// Largest factor by which the row counts can be multiplied.
pub const SCALE_MAX: u32 = 100;
/// The source that holds accounts, products, orders and what belongs to them.
pub const ERP: &str = "erp";
/// The source that holds shipments and stock.
pub const WAREHOUSE: &str = "warehouse";

const ACCOUNTS: u32 = 2_000;
const PRODUCTS: u32 = 500;
const ORDERS: u32 = 20_000;
/// `OrderID` of the first order.
const FIRST_ORDER: i64 = 10_248;

const MONEY: Scalar = Scalar::Decimal { precision: Some(18), scale: Some(2) };

const fn string(max_length: u32) -> Scalar {
    Scalar::String { max_length: Some(max_length) }
}

/// One table of the sample data.
#[derive(Clone, Debug)]
pub struct TableData {
    /// The table's name, equal in all databases.
    pub name: &'static str,
    /// The source in which the table lies: [`ERP`] or [`WAREHOUSE`].
    pub source: &'static str,
    /// Columns in the order of the values of a row.
    pub columns: Vec<(String, Scalar)>,
    /// Number of rows at scale 1.
    pub rows_at_scale_1: u32,
    row: fn(i64) -> Vec<Value>,
}

impl TableData {
    /// Number of rows at a scale.
    pub fn row_count(&self, scale: u32) -> u64 {
        u64::from(self.rows_at_scale_1) * u64::from(scale)
    }

    /// All rows at a scale, in the order of creation.
    pub fn rows(&self, scale: u32) -> impl Iterator<Item = Vec<Value>> + use<> {
        (0..i64::from(self.rows_at_scale_1) * i64::from(scale)).map(self.row)
    }
}

/// All tables, parents before children: rows can be inserted in this order under foreign keys.
pub fn tables() -> Vec<TableData> {
    let table = |name, source, columns: &[(&str, Scalar)], rows_at_scale_1, row| TableData {
        name,
        source,
        columns: columns.iter().map(|(name, scalar)| ((*name).to_owned(), *scalar)).collect(),
        rows_at_scale_1,
        row,
    };
    vec![
        table("accounts", ERP, accounts::COLUMNS, ACCOUNTS, accounts::row as fn(i64) -> Vec<Value>),
        table("products", ERP, products::COLUMNS, PRODUCTS, products::row),
        table("orders", ERP, orders::COLUMNS, ORDERS, orders::row),
        table("order_lines", ERP, order_lines::COLUMNS, 60_000, order_lines::row),
        table("invoices", ERP, invoices::COLUMNS, 10_000, invoices::row),
        TableData {
            name: "wide_orders",
            source: ERP,
            columns: wide_orders::columns(),
            rows_at_scale_1: 2_000,
            row: wide_orders::row,
        },
        table("shipments", WAREHOUSE, shipments::COLUMNS, 15_000, shipments::row),
        table("stock_levels", WAREHOUSE, stock_levels::COLUMNS, 5_000, stock_levels::row),
    ]
}
