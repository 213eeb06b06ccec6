//! Owns what several benches share: how long they measure, and models made from metadata files.
//! A bench that cannot be set up ends with the reason; it measures nothing then.

use std::error::Error;
use std::time::Duration;

use criterion::Criterion;
use penstock::demo::MetadataFile;
use penstock::model::raw::{File, Folder};
use penstock::model::{self, Model};

pub(crate) type Failure = Box<dyn Error>;

/// Short runs: what is measured takes microseconds, and a comparison repeats whole runs anyway. The command line wins.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args()
}

/// The model of one service from its folders; in each, `service.toml` comes first. Every folder is a source of its name.
pub(crate) fn model(folders: Vec<(&str, Vec<MetadataFile>)>) -> Result<Model, Failure> {
    let file = |(name, text): MetadataFile| File { name: name.to_owned(), text: text.to_owned() };
    let (mut read, mut sources) = (Vec::new(), Vec::new());
    for (name, files) in folders {
        let mut files = files.into_iter().map(file);
        let service = files.next().ok_or("a folder without files")?;
        let source = name.trim_start_matches("metadata/").to_owned();
        sources.push(model::Source { name: source, announces: false });
        read.push(Folder { unread: Vec::new(), name: name.to_owned(), service, entities: files.collect() });
    }
    model::resolve("erp", &read, &sources).map_err(|problems| format!("{problems:?}").into())
}
