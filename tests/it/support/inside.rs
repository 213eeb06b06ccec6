//! The service inside the test's own process: what may be seen, the clock, what is kept and the databases are chosen by
//! the test, and no HTTP lies between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use penstock::auth::Principal;
use penstock::cache::{Clock, Generations, Redis};
use penstock::model::raw::{File, Folder};
use penstock::model::{self, Model};
use penstock::query::Grants;
use penstock::service::{
    Answer, Budget, Callouts, Extent, Kept, KeptOptions, Later, Options, Request, Sealer, Service, set_names,
};
use penstock::store::{Access, Database, Databases, SourceSettings};
use penstock::{bind, syntax};

/// The service root of all links.
pub(crate) const ROOT: &str = "http://inside/odata/v4/inside/";

/// The model of one folder of metadata files; the first is `service.toml`, with the source `inside`.
pub(crate) fn model(files: &[(&str, String)]) -> Arc<Model> {
    let mut files = files.iter().map(|(name, text)| File { name: (*name).to_owned(), text: text.clone() });
    let service = files.next().expect("a service file");
    let folder = Folder { name: "metadata".to_owned(), service, entities: files.collect(), unread: Vec::new() };
    let model = model::resolve(
        "inside",
        &[folder],
        &[model::Source { name: "inside".to_owned(), announces: false, family: None }],
    );
    Arc::new(model.unwrap_or_else(|problems| panic!("{problems:#?}")))
}

/// The only source of the model.
pub(crate) fn databases(url: &str, statement_timeout: Duration) -> Arc<Databases> {
    let settings = SourceSettings {
        queue_max: 100,
        name: "inside".to_owned(),
        url: url.to_owned(),
        pool_max: 8,
        acquire_timeout: Duration::from_secs(20),
        statement_timeout,
        zone: penstock::edm::Zone::UTC,
        decimals_as_text: false,
        access: Access::default(),
    };
    Arc::new(Databases(vec![Arc::new(Database::open(&settings).expect("a source"))]))
}

/// What is kept of earlier requests, and the clock by which its age is measured.
#[derive(Clone)]
pub(crate) struct Keeper {
    pub(crate) kept: Kept,
    pub(crate) generations: Arc<Generations>,
}

impl Keeper {
    pub(crate) fn new(model: &Model, seed: u64, now_ms: Option<&Arc<AtomicU64>>, redis: Option<Arc<Redis>>) -> Keeper {
        let generations = Arc::new(Generations::new(set_names(model), seed, redis.is_some()));
        let options = KeptOptions {
            bytes_max: 32 << 20,
            entry_share_percent: 10,
            obeys_no_cache: true,
            clock: now_ms.map_or_else(Clock::default, |now_ms| Clock::by_hand(Arc::clone(now_ms))),
            redis,
        };
        Keeper { kept: Kept::new(&options, Arc::clone(&generations)), generations }
    }
}

/// A service over what is kept, for callers with these rights.
pub(crate) fn service(model: &Arc<Model>, databases: &Arc<Databases>, keeper: &Keeper, grants: Grants) -> Service {
    let options = Options {
        origin: "inside".to_owned(),
        request_timeout: Duration::from_mins(1),
        grants,
        root: ROOT.to_owned(),
        page_bytes_max: 6_000_000,
        syntax: syntax::Limits::default(),
        bind: bind::Limits::default(),
        sealer: Arc::new(Sealer::new(b"the key of all tests").expect("a key")),
        budget: Budget::new(256 << 20),
        kept: keeper.kept.clone(),
        extent: Extent::default(),
        callouts: Callouts::default(),
        later: Later::default(),
    };
    Service::new(Arc::clone(model), Arc::clone(databases), options)
}

/// The answer to a target below the root.
pub(crate) async fn ask(service: &Service, target: &str) -> Answer {
    answer(service, Request { target: target.to_owned(), ..Request::default() }).await
}

pub(crate) async fn answer(service: &Service, request: Request) -> Answer {
    service.answer(request, &Principal::default()).await
}

/// A clock that stands, in milliseconds since 1970.
pub(crate) fn standing_clock() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(1_700_000_000_000))
}

/// Moves a clock by hand.
pub(crate) fn pass(now_ms: &AtomicU64, ms: u64) {
    now_ms.fetch_add(ms, Ordering::SeqCst);
}
