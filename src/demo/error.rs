//! Owns [`DemoError`]: why there is no demo, in sentences for somebody who has just met the program.

use std::path::PathBuf;

use super::data::SCALE_MAX;

/// The sample data could not be made or reused.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The scale is not offered.
    #[error("The scale must be a number from 1 to {SCALE_MAX}, not {scale}.")]
    Scale {
        /// What was asked for.
        scale: u32,
    },
    /// The folder holds sample data of another scale.
    #[error(
        "The folder {} holds sample data of scale {found}, not {wanted}. Start with --scale {found}, name another \
         folder with --data-dir, or delete the file {} and start again.", dir.display(), file.display()
    )]
    OtherScale {
        /// The folder.
        dir: PathBuf,
        /// The file that says so.
        file: PathBuf,
        /// Scale of the data that are there.
        found: u32,
        /// What was asked for.
        wanted: u32,
    },
    /// The sample data were made by a version of the program with other data.
    #[error(
        "The sample data in {} were made by another version of Penstock. Delete the file and start again, or name \
         another folder with --data-dir.", file.display()
    )]
    OtherVersion {
        /// The file.
        file: PathBuf,
    },
    /// The file is broken, or something else than sample data.
    #[error(
        "The file {} is damaged or is not sample data of Penstock. Move it away or delete it and start again, or name \
         another folder with --data-dir.", file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found, for the log.
        detail: String,
    },
    /// A file that is there cannot be read.
    #[error("The file {} cannot be read ({reason}). Change its permissions, or name another folder with --data-dir.", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The folder cannot be made, or nothing can be written into it.
    #[error("Sample data cannot be written to the folder {} ({reason}). Name another folder with --data-dir.", dir.display())]
    Unwritable {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// No space is left.
    #[error(
        "The disk that holds the folder {} is full. Free some space, use a smaller --scale, or name another folder with \
         --data-dir.", dir.display()
    )]
    DiskFull {
        /// The folder.
        dir: PathBuf,
    },
    /// Another process is making the sample data in this folder.
    #[error("Another Penstock is making sample data in the folder {} right now. Wait until it has finished.", dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
    },
    /// The program's own schema and rows do not fit each other.
    #[error("Penstock could not make its sample data; this is a defect of the program. ({detail})")]
    Defect {
        /// What was refused.
        detail: String,
    },
}
