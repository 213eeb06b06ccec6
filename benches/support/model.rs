//! Owns models made from metadata files, and the error with which a bench ends that cannot be set up.

use std::error::Error;

use penstock::demo::MetadataFile;
use penstock::model::raw::{File, Folder};
use penstock::model::{self, Model};

pub(crate) type Failure = Box<dyn Error>;

/// The model of one service from its folders; in each, `service.toml` comes first. Every folder is a source of its
/// name.
pub(crate) fn model(folders: Vec<(&str, Vec<MetadataFile>)>) -> Result<Model, Failure> {
    let file = |(name, text): MetadataFile| File { name: name.to_owned(), text: text.to_owned() };
    let (mut read, mut sources) = (Vec::new(), Vec::new());
    for (name, files) in folders {
        let mut files = files.into_iter().map(file);
        let service = files.next().ok_or("a folder without files")?;
        let source = name.trim_start_matches("metadata/").to_owned();
        sources.push(model::Source { name: source, announces: false, family: None });
        read.push(Folder { unread: Vec::new(), name: name.to_owned(), service, entities: files.collect() });
    }
    model::resolve("erp", &read, &sources).map_err(|problems| format!("{problems:?}").into())
}
