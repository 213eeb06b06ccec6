//! Owns [`StoreError`]: what can go wrong between us and a database. The texts of the database stay in `detail`, for
//! the log; nobody below `service` shows them.

use crate::edm::Value;

/// A statement did not give its rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or the connection broke.
    #[error("the source '{origin}' cannot be reached")]
    Away {
        /// The source's name.
        origin: String,
        /// What the driver said.
        detail: String,
    },
    /// The source failed several times in a row and is given a rest; nothing was asked of it.
    #[error("the source '{origin}' cannot be reached and is not asked again yet")]
    Resting {
        /// The source's name.
        origin: String,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// No connection became free within the configured wait, or none would have.
    #[error("the source '{origin}' has no free connection")]
    Busy {
        /// The source's name.
        origin: String,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// Others wait for the source too, and this caller has more requests waiting than they.
    #[error("too many requests of this user wait for the source '{origin}'")]
    Share {
        /// The source's name.
        origin: String,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The statement ran longer than the source's limit and was cancelled in the database.
    #[error("the source '{origin}' did not answer in time")]
    Slow {
        /// The source's name.
        origin: String,
    },
    /// The database refuses us: credentials, missing privilege.
    #[error("the source '{origin}' denies access")]
    Denied {
        /// The source's name.
        origin: String,
        /// What the driver said.
        detail: String,
    },
    /// A column holds what its declared type does not allow.
    #[error("column {column} of a row from '{origin}' does not hold the declared type")]
    Decode {
        /// The source's name.
        origin: String,
        /// Place in the select list, from 0.
        column: usize,
        /// What was found. Boxed: results of cells are moved a lot.
        misfit: Box<Misfit>,
    },
    /// A value of the statement lies outside what the database can hold or take.
    #[error("the source '{origin}' cannot hold a value of the request")]
    Parameter {
        /// The source's name.
        origin: String,
        /// What is wrong with it, without the value.
        detail: String,
    },
    /// A calculation of the statement leaves the range of its type.
    #[error("a calculation leaves the range that the source '{origin}' can hold")]
    OutOfRange {
        /// The source's name.
        origin: String,
        /// What the driver said.
        detail: String,
    },
    /// A text of the statement cannot be compared with a column of a smaller character set. A dialect may have another
    /// spelling for it, see [`crate::store::Database::narrow_dialect`].
    #[error("the source '{origin}' cannot compare a text of the request")]
    CharacterSet {
        /// The source's name.
        origin: String,
        /// What the driver said.
        detail: String,
    },
    /// The source's URL cannot be used; found when it is opened. The text holds no secret.
    #[error("the URL of the source '{origin}' is not usable: {detail}")]
    Url {
        /// The source's name.
        origin: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The product is too old for what is asked of it.
    #[error("the source '{origin}' is {product}; {needed} or later is needed")]
    Version {
        /// The source's name.
        origin: String,
        /// The product with its version.
        product: String,
        /// The oldest product that serves, with its version.
        needed: &'static str,
    },
    /// The files of certificates do not hold what they should; found when the source is opened.
    #[error("the certificates of the source '{origin}' cannot be used: {detail}")]
    Certificates {
        /// The source's name.
        origin: String,
        /// What is wrong with them.
        detail: String,
    },
    /// Anything else: the model does not fit the database, or a defect.
    #[error("the source '{origin}' refused a statement")]
    Other {
        /// The source's name.
        origin: String,
        /// What the driver said.
        detail: String,
    },
}

impl StoreError {
    /// What only the log, or whoever runs a command, is told: a text of the database or of its driver.
    pub fn detail(&self) -> Option<&str> {
        match self {
            StoreError::Away { detail, .. }
            | StoreError::Denied { detail, .. }
            | StoreError::OutOfRange { detail, .. }
            | StoreError::CharacterSet { detail, .. }
            | StoreError::Other { detail, .. } => Some(detail),
            StoreError::Decode { misfit, .. } => Some(&misfit.detail),
            _ => None,
        }
    }
}

/// What a column holds that its declared type does not allow.
#[derive(Debug)]
pub struct Misfit {
    /// What it is, in words that hold nothing of the value.
    pub found: &'static str,
    /// The same with the types, for the log.
    pub detail: String,
    /// The values of the row, as far as they can be read.
    pub row: Vec<Option<Value>>,
}
