//! The demo: makes the embedded sample databases, deterministically, and reuses them.
//!
//! [`data`] makes the rows, [`ensure`] the files, [`metadata`] hands out the metadata files that describe them. All of
//! it is inside the program, so that the demo runs on a machine that has nothing else.

pub mod data;
mod ensure;
mod error;

#[cfg(test)]
mod tests;

pub use ensure::{Demo, Progress, ensure};
pub use error::DemoError;

/// Name of the only user of the demo.
pub const USER: &str = "demo";
/// The user's password. It protects nothing: the demo listens on the own machine and serves invented rows.
pub const PASSWORD: &str = "demo";

macro_rules! embedded {
    ($folder:literal: $($file:literal),+) => {
        ($folder, vec![$(($file, include_str!(concat!("../../", $folder, "/", $file)))),+])
    };
}

/// One metadata file: its name and its text.
pub type MetadataFile = (&'static str, &'static str);

/// The metadata files of the demo: folders, and in each the names and texts of its files, in alphabetical order behind
/// `service.toml`.
pub fn metadata() -> Vec<(&'static str, Vec<MetadataFile>)> {
    vec![
        embedded!("metadata/erp":
            "service.toml", "account.toml", "invoice.toml", "order.toml", "order_line.toml", "product.toml",
            "wide_order.toml"),
        embedded!("metadata/warehouse": "service.toml", "shipment.toml", "stock_level.toml"),
    ]
}
