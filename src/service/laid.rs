//! Owns [`Laid`]: a read with all that is worked out for it before its rows come.

use crate::plan::{Needs, Node, ReadPlan};
use crate::query::{Answer as Form, Query, Read};
use crate::sql::Statement;
use crate::store::Visit;
use crate::syntax::ResourceUrl;
use crate::wire::context::context;
use crate::wire::json::Fields;
use crate::wire::{Format, Level};

use super::body::PageEnd;
use super::read::{Asking, Page, Ready, needs_keys};
use super::understand::Keeping;
use super::{Service, ServiceError};

/// One read on its way from plan to bytes.
#[derive(Clone, Copy)]
pub(super) struct Laid<'a> {
    /// What is read, as far as it decides what is written and where a page ends: of a read that is known by its
    /// pattern, conditions and key are left out.
    pub(super) read: &'a Read,
    pub(super) plan: &'a ReadPlan,
    pub(super) steps: &'a Steps,
    pub(super) words: Words<'a>,
}

/// Where the words of a request and their whole meaning are found, for links.
#[derive(Clone, Copy)]
pub(super) enum Words<'a> {
    /// They are at hand.
    Known(&'a ResourceUrl, &'a Read),
    /// They are to be understood once more; pages hold at most so many rows.
    Target(&'a str, Option<u32>),
}

/// The statements of a plan that have been made already.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Given {
    /// Of the rows of its root.
    pub(super) rows: Option<Statement>,
    /// Of the total.
    pub(super) count: Option<Statement>,
    /// What must be known to keep that total.
    pub(super) keeping_total: Option<Keeping>,
}

/// What is worked out of a plan before its rows come.
#[derive(Debug)]
pub(super) struct Steps {
    /// The form of the answer.
    pub(super) format: Format,
    pub(super) context: Option<String>,
    pub(super) ready: Option<Ready>,
}

impl Service {
    /// What a plan must provide for, beside what is written.
    pub(super) fn needs(&self, read: &Read, format: Format) -> Needs {
        let keys = match read.answer {
            _ if read.all.is_some() => format.level != Level::None,
            Form::Collection | Form::Entity => needs_keys(&self.model, read.set, &read.shape, format.level),
            Form::Reference | Form::References => true,
            _ => false,
        };
        Needs { keys, etags: format.level != Level::None, now: self.now_micros() }
    }

    /// What is worked out of a plan before its rows come.
    pub(super) fn steps(&self, read: &Read, plan: &ReadPlan, format: Format) -> Result<Steps, ServiceError> {
        let context = (format.level != Level::None).then(|| context(read, &self.model, format.version, &self.root));
        let ready = plan.rows.as_ref().map(|root| self.ready(read, root, format)).transpose()?;
        Ok(Steps { format, context, ready })
    }

    /// Reads the rows and writes the answer.
    pub(super) async fn follow(
        &self,
        laid: Laid<'_>,
        given: Given,
        (asking, visit): (Asking, &Visit<'_>),
    ) -> Result<Page, ServiceError> {
        match laid.read.answer {
            Form::Collection | Form::References | Form::Each => self.collection(laid, given, (asking, visit)).await,
            _ => self.single(laid, given, visit).await,
        }
    }

    /// What `make` makes of the words of a request and their whole meaning.
    pub(super) fn with_words<T>(
        &self,
        words: Words<'_>,
        make: impl FnOnce(&ResourceUrl, &Read) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        match words {
            Words::Known(url, read) => make(url, read),
            Words::Target(target, page_rows_max) => {
                let understood = self.understand(target, page_rows_max)?;
                let Query::Read(read) = &understood.query else {
                    return Err(ServiceError::Defect("a read means something else"));
                };
                make(&understood.url, read)
            }
        }
    }

    fn ready(&self, read: &Read, root: &Node, format: Format) -> Result<Ready, ServiceError> {
        let content = |fields: Fields<'_>| self.root_content(fields, read, format);
        Ok(Ready {
            prepared: self.prepared(&read.shape, root, format, &content)?,
            page: self.page_end(read, root)?,
            is_page: read.answer.is_page(),
        })
    }

    fn page_end(&self, read: &Read, root: &Node) -> Result<Option<PageEnd>, ServiceError> {
        if !read.answer.is_page() {
            return Ok(Some(PageEnd { rows_max: 1, bytes_max: usize::MAX, cursor: Vec::new(), keep_all: false }));
        }
        self.end_of_page(&read.order, &read.page, root).map(Some)
    }
}
