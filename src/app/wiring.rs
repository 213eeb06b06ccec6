//! Where the rooms between the door and the databases are put together: the only calls of `model::resolve`,
//! `store::Database::open` and `Service::new`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ring::rand::{SecureRandom, SystemRandom};

use crate::bind;
use crate::cache::{Clock, Generations, Redis, RedisSettings};
use crate::config::{self, LogCallouts, LogLevel, MetadataFolder, Settings, Source};
use crate::model::raw::{File, Folder};
use crate::model::{self, Family, Model, Problem};
use crate::query::Grants;
use crate::service::{
    Budget, Callouts, Extent, Kept, KeptOptions, Later, LaterOptions, Options, Sealer, Service, set_names, watch,
};
use crate::store::{Access, Database, Databases, Kind, SessionValue, SourceSettings, StoreError, Tls, TlsMode};
use crate::syntax;
use crate::web::{Probe, Root, Sign};

use super::{Prepared, StartError};

/// How long a source may take for a sign of life: a little less than whoever asks waits, so that it learns the reason.
const SIGN_MAX: Duration = Duration::from_millis(900);

/// The parts of the server that know databases.
pub(super) struct Wired {
    /// One per service, in the order of the settings.
    pub(super) roots: Vec<Root<Service>>,
    /// One per source.
    pub(super) probes: Vec<Probe>,
    /// What goes on beside the requests, until the server ends.
    pub(super) tasks: Vec<BoxFuture<'static, ()>>,
}

/// The models of all services, or every problem of their metadata files.
pub(super) fn models(
    settings: &Settings,
    files: Vec<Vec<MetadataFolder>>,
    picks: &[Option<File>],
) -> Result<Vec<Arc<Model>>, Vec<Problem>> {
    let files: Vec<Vec<Folder>> = files.into_iter().map(folders).collect();
    let (models, problems) = resolved(settings, &files, picks);
    if problems.is_empty() { Ok(models.into_iter().flatten().collect()) } else { Err(problems) }
}

/// The model of each service whose metadata files are right, and every problem of those that are not.
pub(super) fn resolved(
    settings: &Settings,
    files: &[Vec<Folder>],
    picks: &[Option<File>],
) -> (Vec<Option<Arc<Model>>>, Vec<Problem>) {
    let source = |source: &Source| model::Source {
        name: source.name.clone(),
        announces: Kind::of_url(source.url.reveal()).is_some_and(Kind::announces)
            && (!source.access.pooled || source.access.listen_url.is_some()),
        family: family(source),
    };
    let sources: Vec<_> = settings.sources.iter().map(source).collect();
    let mut models = Vec::with_capacity(files.len());
    let mut problems: Vec<Problem> = Vec::new();
    // Services that share folders share what is wrong with them.
    let tell = |problems: &mut Vec<Problem>, found: Vec<Problem>| {
        for problem in found {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    };
    for (place, (service, folders)) in settings.services.iter().zip(files).enumerate() {
        let pick = picks.get(place).and_then(Option::as_ref);
        let resolved = model::resolve(&service.name, folders, &sources);
        let resolved = resolved.and_then(|model| match pick {
            Some(pick) => model::pick(model, pick),
            None => Ok(model),
        });
        match resolved {
            Ok(model) => {
                tell(&mut problems, bind::within_defaults(Grants::everything(), &model).1);
                models.push(Some(Arc::new(model)));
            }
            Err(found) => {
                tell(&mut problems, found);
                models.push(None);
            }
        }
    }
    (models, problems)
}

/// The kind of a source's database, if its address tells.
pub(super) fn family(source: &Source) -> Option<Family> {
    Kind::of_url(source.url.reveal()).map(|kind| match kind {
        Kind::Postgres => Family::Postgres,
        Kind::Mysql | Kind::Mariadb => Family::Mysql,
        Kind::Sqlite => Family::Sqlite,
    })
}

/// The files of picks in the form that `model` reads.
pub(super) fn picks(picks: Vec<Option<(String, String)>>) -> Vec<Option<File>> {
    picks.into_iter().map(|pick| pick.map(|(name, text)| File { name, text })).collect()
}

/// Metadata folders in the form that `model` reads.
pub(super) fn folders(folders: Vec<MetadataFolder>) -> Vec<Folder> {
    folders.into_iter().map(folder).collect()
}

fn folder(folder: MetadataFolder) -> Folder {
    let file = |(name, text)| File { name, text };
    Folder {
        name: folder.name,
        service: file(folder.service),
        entities: folder.entities.into_iter().map(file).collect(),
        unread: folder.unread,
    }
}

/// Opens the sources, which connects nothing yet, and makes the services.
pub(super) fn wire(prepared: &Prepared, base_url: &str) -> Result<Wired, StartError> {
    let settings = &prepared.settings;
    let sealer = Arc::new(sealer(settings)?);
    let budget = Budget::new(settings.limits.bytes_in_flight_max);
    let generations = Arc::new(generations(prepared)?);
    let redis = redis(prepared)?;
    let kept = Kept::new(&kept_options(prepared, redis.clone()), Arc::clone(&generations));
    let later = Later::new(LaterOptions {
        results_max: settings.later.results_max,
        expires: Duration::from_secs(settings.later.expires_s),
    });
    let sources = open(settings)?;
    let mut roots = Vec::with_capacity(settings.services.len());
    for (service, model) in settings.services.iter().zip(&prepared.models) {
        let options = Options {
            grants: Grants::everything(),
            origin: origin(settings, model),
            root: format!("{base_url}/odata/v4/{}/", service.name),
            page_bytes_max: settings.limits.page_bytes_max,
            request_timeout: Duration::from_millis(settings.limits.request_timeout_ms),
            syntax: syntax_limits(settings),
            bind: bind_limits(settings),
            sealer: Arc::clone(&sealer),
            budget: budget.clone(),
            kept: kept.clone(),
            extent: extent(settings),
            later: later.clone(),
            callouts: callouts(settings),
        };
        // The model's source ids count the sources that this service uses.
        let used = model.sources.iter().filter_map(|name| sources.get(name.as_str()).map(Arc::clone));
        let databases = Arc::new(Databases(used.collect()));
        let service_made = Service::new(Arc::clone(model), databases, options);
        roots.push(Root { name: service.name.clone(), anonymous: service.anonymous, service: service_made });
    }
    let probes =
        settings.sources.iter().filter_map(|source| Some(probes(&source.name, sources.get(source.name.as_str())?)));
    let mut tasks = watch(roots.iter().map(|root| &root.service));
    if let Some(redis) = redis {
        tasks.push(Box::pin(async move { redis.keep(&generations).await }));
    }
    Ok(Wired { roots, probes: probes.flatten().collect(), tasks })
}

/// What becomes of a request target below a service root, as text. `analyze` asks the database how it would run the
/// statements. Without a name, the first service is meant.
pub async fn explain(
    prepared: &Prepared,
    service: Option<&str>,
    target: &str,
    analyze: bool,
) -> Result<String, StartError> {
    let index = service_index(prepared, service)?;
    let wired = wire(prepared, "http://localhost")?;
    let root = wired.roots.into_iter().nth(index).ok_or(StartError::NoService)?;
    root.service
        .explain(target, analyze)
        .await
        .map_err(|error| StartError::Refused { reason: error.refusal(target).message, detail: error.detail() })
}

/// The place of the service of this name, or of the first.
pub(super) fn service_index(prepared: &Prepared, name: Option<&str>) -> Result<usize, StartError> {
    let services = &prepared.settings.services;
    let Some(name) = name else { return Ok(0) };
    services.iter().position(|service| service.name == name).ok_or_else(|| StartError::UnknownService {
        name: name.to_owned(),
        known: services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

pub(super) fn open(settings: &Settings) -> Result<HashMap<&str, Arc<Database>>, StartError> {
    let open = |source: &Source| {
        let settings = SourceSettings {
            name: source.name.clone(),
            url: source.url.reveal().to_owned(),
            pool_max: source.pool_max,
            acquire_timeout: Duration::from_millis(source.acquire_timeout_ms),
            queue_max: source.queue_max,
            statement_timeout: Duration::from_millis(source.statement_timeout_ms),
            zone: source.zone.clone(),
            decimals_as_text: source.decimals_as_text,
            access: access(&source.access),
        };
        let replicas: Vec<String> = source.replicas.iter().map(|url| url.reveal().to_owned()).collect();
        Database::open(&settings)?.with_replicas(&settings, &replicas)
    };
    let opened = settings.sources.iter().map(|source| Ok((source.name.as_str(), Arc::new(open(source)?))));
    opened.collect::<Result<_, StoreError>>().map_err(|error| StartError::Source(error.to_string()))
}

fn access(access: &config::Access) -> Access {
    let mode = |mode| match mode {
        config::TlsMode::Disable => TlsMode::Disable,
        config::TlsMode::Prefer => TlsMode::Prefer,
        config::TlsMode::Require => TlsMode::Require,
        config::TlsMode::VerifyCa => TlsMode::VerifyCa,
        config::TlsMode::VerifyFull => TlsMode::VerifyFull,
    };
    let value = |value: &config::SessionValue| match value {
        config::SessionValue::Text(text) => SessionValue::Text(text.clone()),
        config::SessionValue::Number(number) => SessionValue::Number(*number),
        config::SessionValue::Flag(flag) => SessionValue::Flag(*flag),
    };
    Access {
        tls: Tls {
            mode: access.tls.map(mode),
            root: access.tls_root.clone(),
            certificate: access.tls_certificate.clone(),
            key: access.tls_key.clone(),
        },
        pooled: access.pooled,
        listen_url: access.listen_url.as_ref().map(|url| url.reveal().to_owned()),
        role: access.role.clone(),
        search_path: access.search_path.clone(),
        settings: access.session.iter().map(|(name, set)| (name.clone(), value(set))).collect(),
    }
}

/// The source and its replicas.
fn probes(name: &str, database: &Arc<Database>) -> Vec<Probe> {
    let probe = |replica: Option<(usize, &str)>| {
        let (database, index) = (Arc::clone(database), replica.map(|(index, _)| index));
        let ping = move || -> BoxFuture<'static, Sign> {
            let database = Arc::clone(&database);
            Box::pin(async move {
                let answer = match index {
                    Some(index) => database.ping_replica(index, SIGN_MAX).await,
                    None => database.ping_within(SIGN_MAX).await,
                };
                match answer {
                    Ok(()) => Sign::Ready,
                    Err(StoreError::Busy { .. } | StoreError::Share { .. }) => Sign::Busy,
                    Err(StoreError::Resting { .. }) => Sign::Open,
                    Err(_) => Sign::Away,
                }
            })
        };
        let replica_of = replica.map(|_| name.to_owned());
        Probe { source: replica.map_or(name, |(_, name)| name).to_owned(), replica_of, ping: Box::new(ping) }
    };
    std::iter::once(None).chain(database.replicas().enumerate().map(Some)).map(probe).collect()
}

/// Names the databases of a service by their URLs, and by what else decides which rows are seen there.
fn origin(settings: &Settings, model: &Model) -> String {
    let used = settings.sources.iter().filter(|source| model.sources.contains(&source.name));
    let named: Vec<_> = used
        .map(|source| {
            let config::Access { role, search_path, session, .. } = &source.access;
            let mut name = format!("{}={}", source.name, source.url.reveal());
            if role.is_some() || !search_path.is_empty() || !session.is_empty() {
                let _ = write!(name, " {role:?} {search_path:?} {session:?}");
            }
            name
        })
        .collect();
    named.join("\n")
}

/// Every set of every service has its generation.
fn generations(prepared: &Prepared) -> Result<Generations, StartError> {
    let names = prepared.models.iter().flat_map(|model| set_names(model)).collect();
    let mut seed = [0; 8];
    SystemRandom::new().fill(&mut seed).map_err(|_| StartError::NoRandom)?;
    Ok(Generations::new(names, u64::from_le_bytes(seed), prepared.settings.cache.redis.is_some()))
}

/// The second level of the cache, if there is one; connects nothing yet.
pub(super) fn redis(prepared: &Prepared) -> Result<Option<Arc<Redis>>, StartError> {
    let Some(redis) = &prepared.settings.cache.redis else { return Ok(None) };
    let opened = Redis::open(&RedisSettings {
        url: redis.url.reveal().to_owned(),
        prefix: redis.prefix.clone(),
        encryption_key: redis.encryption_key.as_ref().map(|key| key.reveal().to_owned()),
        timeout: Duration::from_millis(redis.timeout_ms),
    });
    opened.map(|redis| Some(Arc::new(redis))).map_err(|error| StartError::Redis(error.to_string()))
}

fn kept_options(prepared: &Prepared, redis: Option<Arc<Redis>>) -> KeptOptions {
    let cache = &prepared.settings.cache;
    KeptOptions {
        bytes_max: cache.bytes_max,
        entry_share_percent: cache.entry_share_percent,
        obeys_no_cache: cache.obey_no_cache,
        clock: Clock::default(),
        redis,
    }
}

fn sealer(settings: &Settings) -> Result<Sealer, StartError> {
    let mut secret = vec![0; 32];
    if let Some(key) = &settings.server.token_key {
        secret = key.reveal().as_bytes().to_vec();
    } else {
        tracing::warn!(
            "no 'token_key' is configured: next links end when this process does, and other replicas cannot use its pages"
        );
        SystemRandom::new().fill(&mut secret).map_err(|_| StartError::NoRandom)?;
    }
    Sealer::new(&secret).ok_or(StartError::NoRandom)
}

/// How much the log says of requests for rows: nothing, if their lines are not written.
pub(super) fn callouts(settings: &Settings) -> Callouts {
    match settings.log.callouts {
        _ if settings.log.level < LogLevel::Info => Callouts::Off,
        LogCallouts::Off => Callouts::Off,
        LogCallouts::Masked => Callouts::Masked,
        LogCallouts::Full => Callouts::Full,
    }
}

fn extent(settings: &Settings) -> Extent {
    let limits = &settings.limits;
    Extent {
        batch_parts_max: limits.batch_parts_max,
        batch_bytes_max: limits.batch_bytes_max,
        query_bytes_max: limits.query_bytes_max,
        url_bytes_max: limits.url_bytes_max,
    }
}

fn syntax_limits(settings: &Settings) -> syntax::Limits {
    syntax::Limits {
        depth_max: settings.limits.expression_depth_max,
        nodes_max: settings.limits.expression_nodes_max,
        list_max: settings.limits.list_members_max,
    }
}

fn bind_limits(settings: &Settings) -> bind::Limits {
    bind::Limits {
        expand_depth_max: settings.limits.expand_depth_max,
        expansions_max: settings.limits.expansions_max,
        expand_rows_max: settings.limits.expand_rows_max,
        expression_nodes_max: settings.limits.expression_nodes_max,
        ..bind::Limits::default()
    }
}
