//! Tests of the configuration: the example file, references, and that all problems come together.

use std::path::Path;

use super::*;

const EXAMPLE: &str = include_str!("../../deploy/penstock.example.toml");
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
const SMALLEST: &str = "version = 1\n[services.a]\nmetadata = [\"m\"]\nanonymous = true\n";

fn variables(name: &str) -> Option<String> {
    match name {
        "PENSTOCK_TOKEN_KEY" => Some("token-secret".to_owned()),
        "PENSTOCK_CACHE_KEY" => Some("cache-secret-long-enough".to_owned()),
        "ERP_PASSWORD" => Some("pass-secret".to_owned()),
        "PENSTOCK_USER_HASH" => Some(HASH.to_owned()),
        _ => None,
    }
}

fn parsed(text: &str) -> Result<Settings, Vec<Problem>> {
    sound(parse(text, Path::new("/etc/penstock/penstock.toml"), &variables))
}

fn sound(loaded: Loaded) -> Result<Settings, Vec<Problem>> {
    if loaded.problems.is_empty() { Ok(loaded.settings.unwrap()) } else { Err(loaded.problems) }
}

fn lines(text: &str) -> Vec<String> {
    parsed(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_says_the_defaults() {
    let example = parsed(EXAMPLE).unwrap();
    let defaults = parsed(SMALLEST).unwrap();
    assert_eq!(example.server.listen, defaults.server.listen);
    assert_eq!(example.log, defaults.log);
    assert_eq!(example.limits, defaults.limits);
    assert_eq!((&example.later, &example.cors), (&defaults.later, &defaults.cors));
    assert_eq!((defaults.server.public_url, defaults.server.token_key), (None, None));
    assert!(!example.services[0].anonymous && !example.users[0].operator);
    assert_eq!(Cache { redis: None, ..example.cache.clone() }, defaults.cache);
    let redis = example.cache.redis.unwrap();
    let bare = parsed(&format!("{SMALLEST}[cache.redis]\nurl = \"redis://x\"")).unwrap().cache.redis.unwrap();
    assert_eq!((redis.prefix, redis.timeout_ms), (bare.prefix, bare.timeout_ms));
    assert_eq!(redis.encryption_key.unwrap().reveal(), "cache-secret-long-enough");

    let erp = &example.sources[0];
    let bare = parsed(&format!("{SMALLEST}[sources.erp]\nurl = \"sqlite:x\"")).unwrap();
    assert_eq!(
        (erp.pool_max, erp.acquire_timeout_ms, erp.queue_max, erp.statement_timeout_ms),
        (
            bare.sources[0].pool_max,
            bare.sources[0].acquire_timeout_ms,
            bare.sources[0].queue_max,
            bare.sources[0].statement_timeout_ms
        )
    );
    let connected = [&erp.access, &bare.sources[0].access].map(|access| access.pooled);
    assert_eq!((connected[0], example.sources[1].access.clone()), (connected[1], Access::default()));
    assert_eq!(erp.access.tls, Some(TlsMode::Prefer));
    assert_eq!(erp.zone, bare.sources[0].zone);
    assert_eq!(example.sources[1].decimals_as_text, bare.sources[0].decimals_as_text);
}

/// Takes each line with a setting out of the example in turn and misspells the key: all of them must be known keys.
#[test]
fn every_key_of_the_example_is_known_and_every_other_is_not() {
    for (index, line) in EXAMPLE.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        if key.starts_with('#') {
            continue;
        }
        let other: String = EXAMPLE
            .lines()
            .enumerate()
            .map(|(at, line)| if at == index { line.replacen(key, &format!("{key}x"), 1) } else { line.to_owned() } + "\n")
            .collect();
        let problems = lines(&other);
        assert!(problems.iter().any(|line| line.contains(&format!("'{key}x' is not known"))), "{key}: {problems:?}");
    }
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    let origins = |list: &str| parsed(&format!("{SMALLEST}[cors]\norigins = [{list}]\nheaders = [\"X-Trace\"]\n"));
    assert_eq!(origins("\"https://a.example\", \"http://[::1]:8080\", \"*\"").unwrap().cors.origins.len(), 3);
    for wrong in ["a.example", "https://a.example/", "https://", "https://a b"] {
        assert!(origins(&format!("\"{wrong}\"")).is_err(), "{wrong}");
    }
    assert!(parsed(&format!("{SMALLEST}[cors]\nheaders = [\"a: b\"]\n")).is_err());
}

#[test]
fn references_are_replaced_and_missing_ones_are_named() {
    let settings = parsed(EXAMPLE).unwrap();
    assert_eq!(settings.sources[0].url.reveal(), "postgres://penstock:pass-secret@db.example.com/erp");
    assert_eq!(settings.server.token_key.unwrap().reveal(), "token-secret");

    let text = EXAMPLE.replace("${env:ERP_PASSWORD}", "${env:GONE}${file:/no/such}${vault:x}");
    assert_eq!(
        lines(&text),
        [
            "/etc/penstock/penstock.toml: sources.erp.url: the environment variable GONE is not set; set GONE, or write \
             the value here",
            "/etc/penstock/penstock.toml: sources.erp.url: the file /no/such cannot be read: No such file or directory \
             (os error 2); name a readable text file",
            "/etc/penstock/penstock.toml: sources.erp.url: '${vault:x}' is not a known reference; write ${env:NAME} or \
             ${file:/path}",
        ]
    );
    // What could not be made is not judged as well.
    assert_eq!(lines(&EXAMPLE.replace("${env:PENSTOCK_USER_HASH}", "${env:GONE}")).len(), 1);
    assert!(lines(&format!("token_key = \"${{env:A\"\n{SMALLEST}"))[0].contains("'${' is not closed"));
}

#[test]
fn files_are_read_relative_to_the_configuration_and_lose_their_last_line_break() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "from ${env:NOT_READ_AGAIN}\n").unwrap();
    let file = folder.path().join("penstock.toml");
    std::fs::write(&file, format!("token_key = \"${{file:key}}\"\n{SMALLEST}")).unwrap();
    assert_eq!(sound(load(&file)).unwrap().server.token_key.unwrap().reveal(), "from ${env:NOT_READ_AGAIN}");
    let problems = load(&folder.path().join("other.toml")).problems;
    assert!(problems[0].wrong.starts_with("the file cannot be read"), "{problems:?}");
}

#[test]
fn secrets_do_not_show() {
    let shown = format!("{:?}", parsed(EXAMPLE).unwrap());
    for secret in ["pass-secret", "token-secret", "c2FsdHNhbHRz"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let text = EXAMPLE
        .replace("pool_max = 8", "pool_max = \"${env:ERP_PASSWORD}\"")
        .replace("postgres:", "${env:ERP_PASSWORD}");
    let problems = lines(&text);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().all(|line| !line.contains("pass-secret")), "{problems:?}");
}

#[test]
fn all_problems_come_together() {
    let text = r#"
        listen = "localhost"
        public_url = "erp.example.com"
        Version = 1
        [log]
        level = "loud"
        [sources.erp]
        url = "oracle://x"
        pool_max = 0
        poolmax = 3
        [sources."a b"]
        [services.erp]
        metadata = "m"
        [[users]]
        name = "a:b"
        password_hash = "secret"
        [limits]
        page_bytes_max = 1.5
        url_bytes_max = 70000
    "#;
    let problems: Vec<String> =
        parsed(text).unwrap_err().into_iter().map(|p| format!("{}: {}", p.key, p.wrong)).collect();
    assert_eq!(
        problems,
        [
            "version: 'version' is missing",
            "listen: 'localhost' is not an address with a port",
            "public_url: 'erp.example.com' is not the base of a URL",
            "Version: the key 'Version' is not known",
            "log.level: 'loud' is not known",
            "sources.a b: 'a b' cannot be a name",
            "sources.a b.url: 'url' is missing",
            "sources.erp.url: the URL does not begin with a database we know",
            "sources.erp.pool_max: 0 is out of range",
            "sources.erp.poolmax: the key 'poolmax' is not known",
            "services.erp.metadata: a text stands here",
            "services.erp.metadata: no metadata folder is named",
            "users.0.name: a user's name must not be empty or hold a colon",
            "users.0.password_hash: not an Argon2id hash",
            "limits.page_bytes_max: a number with a fraction stands here",
            "limits.url_bytes_max: 70000 is out of range",
        ]
    );
    assert!(
        lines("version = 1\nlisten = \n")[0].contains(": line 2: not TOML:"),
        "{:?}",
        lines("version = 1\nlisten = \n")
    );
}

#[test]
fn a_service_must_be_usable() {
    assert!(lines("version = 1")[0].contains("no service is configured"));
    assert!(lines("version = 1\n[services.a]\nmetadata = [\"m\"]")[0].contains("nobody could use this service"));
    let twice = format!("{SMALLEST}{0}{0}", format_args!("[[users]]\nname = \"u\"\npassword_hash = \"{HASH}\"\n"));
    assert!(lines(&twice)[0].contains("'u' is named twice"));
}

#[test]
fn a_page_always_finds_room() {
    let limits = |text: &str| parsed(&format!("{SMALLEST}[limits]\n{text}")).map(|settings| settings.limits);
    assert!(limits("page_bytes_max = 600000\nbytes_in_flight_max = 1200000").is_ok());
    for wrong in ["page_bytes_max = 600000\nbytes_in_flight_max = 1199999", "bytes_in_flight_max = 1048575"] {
        assert!(limits(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn source_urls() {
    let url = |url: &str| parsed(&format!("{SMALLEST}[sources.s]\nurl = \"{url}\"")).map(|s| s.sources[0].url.clone());
    for (written, understood) in [
        ("sqlite:data/erp.sqlite", "sqlite:/etc/penstock/data/erp.sqlite"),
        ("sqlite://erp.sqlite", "sqlite:/etc/penstock/erp.sqlite"),
        ("sqlite:///var/erp.sqlite", "sqlite:/var/erp.sqlite"),
        ("sqlite:/var/erp.sqlite", "sqlite:/var/erp.sqlite"),
        ("mariadb://u:p@h:3306/erp", "mariadb://u:p@h:3306/erp"),
        ("postgres:///erp?host=/run/postgresql", "postgres:///erp?host=/run/postgresql"),
    ] {
        assert_eq!(url(written).unwrap().reveal(), understood);
    }
    for wrong in [
        "erp",
        "sqlite:",
        "sqlite:a.db?mode=rwc",
        "postgres:erp",
        "postgres://",
        "postgres:///erp",
        "mysql://u:p/w@h/erp",
        "file:x",
    ] {
        assert!(url(wrong).is_err(), "{wrong}");
    }
    let replicas = |own: &str, urls: &str| {
        let text = format!("{SMALLEST}[sources.s]\nurl = \"{own}\"\nreplicas = [{urls}]");
        parsed(&text).map(|settings| settings.sources[0].replicas.len()).map_err(|_| lines(&text)[0].clone())
    };
    let two = "\"postgresql://u:p@b/d\", \"postgres://u:p@c/d\"";
    assert_eq!((replicas("postgres://a/d", two), replicas("postgres://a/d", "")), (Ok(2), Ok(0)));
    for (own, urls, wrong) in [
        ("postgres://a/d", "\"mysql://b/d\"", "sources.s.replicas: a copy is a database of another kind"),
        ("mysql://a/d", "\"mysql://\"", "sources.s.replicas: no host stands in the URL"),
        ("mysql://a/d", "\"mysql://a/d\"", "sources.s.replicas: an address stands here twice"),
        ("sqlite:a", "\"sqlite:b\"", "sources.s.replicas: a file has no copies"),
        ("mysql://a/d", "1", "sources.s.replicas: a whole number stands here"),
        (
            "postgres://a/d",
            "\"postgres://b/d?pool=3\"",
            "sources.s.replicas: the parameter 'pool' of the URL is not known",
        ),
        ("mysql://a/d", "\"mysql://b/d?charset=x\"", "sources.s.replicas: 'charset' is set by Penstock"),
        ("mysql://a/d", "\"mysql://b/d?ssl-mode=x\"", "sources.s.replicas: 'x' is no way to encrypt"),
        (
            "postgres://a/d?sslmode=require",
            "\"postgres://b/d?sslmode=disable\"",
            "sources.s.replicas: the URL of a copy says",
        ),
        (
            "postgres://a/d",
            "\"postgres://b/d?sslrootcert=x.pem\"",
            "a file that the source does not name; name it with `tls_root`",
        ),
        (
            "postgres://a/d?sslmode=require",
            "\"postgres://x/d?host=/run\"",
            "sources.s.replicas: a socket of the file system",
        ),
    ] {
        let found = replicas(own, urls).unwrap_err();
        assert!(found.contains(wrong), "{wrong}: {found}");
    }
    let same = "\"postgres://b/d?sslmode=require&application_name=x\"";
    assert_eq!(replicas("postgres://a/d?sslmode=require", same), Ok(1));
    let decimals = lines(&format!("{SMALLEST}[sources.s]\nurl = \"mysql://h/d\"\ndecimals = \"text\""));
    assert!(decimals[0].contains("only SQLite"), "{decimals:?}");
    let zoned = |url: &str, zone: &str| lines(&format!("{SMALLEST}[sources.s]\nurl = \"{url}\"\nzone = \"{zone}\""));
    assert!(zoned("mysql://h/d", "Europe/Berlin")[0].contains("only PostgreSQL"));
    assert!(zoned("postgres://h/d", "02:00")[0].contains("no zone"));
    let named = format!("{SMALLEST}[sources.erp]\nurl = \"postgres://h/d\"\nzone = \"Europe/Berlin\"");
    assert_eq!(parsed(&named).unwrap().sources[0].zone.to_string(), "Europe/Berlin");
}

#[test]
fn what_is_said_of_connections_must_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("penstock.toml");
    let pem = |kind: &str| format!("-----BEGIN {kind}-----\nAA==\n-----END {kind}-----\n");
    std::fs::write(folder.path().join("ca.pem"), pem("CERTIFICATE")).unwrap();
    std::fs::write(folder.path().join("own.key"), pem("PRIVATE KEY")).unwrap();
    let source = |url: &str, settings: &str| {
        let text = format!("{SMALLEST}[sources.s]\nurl = \"{url}\"\n{settings}\n");
        sound(parse(&text, &file, &variables)).map(|settings| settings.sources[0].access.clone())
    };
    let (postgres, mysql) = ("postgres://u:p@h/d", "mariadb://u:p@h/d");
    let full = "tls = \"verify-full\"\ntls_root = \"ca.pem\"\ntls_certificate = \"ca.pem\"\ntls_key = \"own.key\"";
    for url in [postgres, mysql] {
        let access = source(url, full).unwrap();
        assert_eq!((access.tls, access.tls_root), (Some(TlsMode::VerifyFull), Some(folder.path().join("ca.pem"))));
        assert_eq!(access.tls_key, Some(folder.path().join("own.key")));
    }
    for (url, mode) in [
        ("postgres://u:p@h/d", None),
        ("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=ca.pem", Some(TlsMode::VerifyFull)),
        ("postgres://u:p@h/d?sslmode=allow", Some(TlsMode::Disable)),
        ("mysql://u:p@h/d?ssl-mode=VERIFY_CA&ssl-ca=ca%2Epem", Some(TlsMode::VerifyCa)),
        ("mysql://u:p@h/d?ssl-mode=REQUIRED", Some(TlsMode::Require)),
    ] {
        assert_eq!(source(url, "").unwrap().tls, mode, "{url}");
    }
    assert!(source("postgres://u:p@h/d?sslmode=require", "tls = \"require\"").is_ok());
    for (url, settings, wrong) in [
        ("postgres://u:p@h/d?sslmode=require", "tls = \"disable\"", "s.tls: the URL says otherwise"),
        (
            "postgres://u:p@h/d?sslmode=verify-ca&sslrootcert=x.pem",
            "tls_root = \"ca.pem\"",
            "s.tls_root: the URL names another",
        ),
        ("postgres://u:p@h/d?sslmode=loud", "", "s.url: 'loud' is no way to encrypt"),
        ("postgres://u:p@h/d?sslpassword=x", "", "s.url: the parameter 'sslpassword' of the URL is not known"),
        ("mysql://u:p@h/d?timezone=SYSTEM", "", "s.url: 'timezone' is set by Penstock"),
        (postgres, "tls = \"sometimes\"", "s.tls: 'sometimes' is not known"),
        (postgres, "tls = \"require\"\ntls_root = \"ca.pem\"", "s.tls_root: authorities are named"),
        (postgres, "tls = \"verify-full\"\ntls_root = \"no.pem\"", "s.tls_root: "),
        (postgres, "tls_certificate = \"own.key\"\ntls_key = \"own.key\"", "own.key holds no certificate"),
        (postgres, "tls_certificate = \"ca.pem\"\ntls_key = \"ca.pem\"", "ca.pem holds no private key"),
        (postgres, "tls_certificate = \"ca.pem\"", "s.tls_key: 'tls_key' is missing"),
        (postgres, "tls = \"disable\"\ntls_certificate = \"ca.pem\"\ntls_key = \"own.key\"", "is not encrypted"),
        ("postgres:///d?host=/run/postgresql", "tls = \"require\"", "s.tls: a socket of the file system"),
        (mysql, "pooler = \"transaction\"", "s.pooler: only connections to PostgreSQL"),
        (postgres, "pooler = \"session\"", "s.pooler: 'session' is not known"),
        (
            "postgres://u:p@h/d?options=-c%20jit%3Doff",
            "pooler = \"transaction\"",
            "s.url: a pooler in transaction mode",
        ),
        (mysql, "listen_url = \"postgres://h/d\"", "s.listen_url: only PostgreSQL"),
        (postgres, "listen_url = \"mysql://u:p@h/d\"", "s.listen_url: not the URL"),
        (postgres, "listen_url = \"postgres://u:p@h/d?sslmode=require\"", "s.listen_url: it says how to encrypt"),
        (postgres, "role = \"\"", "s.role: not the name of a role"),
        (mysql, "search_path = [\"a\"]", "s.search_path: there are no schemas"),
        (postgres, "search_path = [\"\"]", "s.search_path: a schema has no name"),
        (postgres, "time_zone = \"Europe/Zurich\"", "s.time_zone: sessions always run in UTC"),
        (postgres, "session = 1", "s.session: a whole number stands here"),
        (postgres, "session.TimeZone = \"UTC\"", "s.session.TimeZone: 'TimeZone' is set by Penstock"),
        (postgres, "session.statement_timeout = 1", "write statement_timeout_ms"),
        (postgres, "session.\"a-b\" = 1", "s.session.a-b: not the name of a setting"),
        (postgres, "session.a = 1.5", "s.session.a: not a value of a setting"),
        (mysql, "session.sql_mode = \"ANSI_QUOTES\"", "s.session.sql_mode: 'sql_mode' is set by Penstock"),
        ("sqlite:x", "tls = \"require\"", "s.tls: SQLite is a file"),
        ("sqlite:x", "session.a = 1", "s.session: SQLite is a file"),
    ] {
        let found: Vec<_> = source(url, settings).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{url} {settings}: {found:?}");
        assert!(found[0].contains(wrong) && !found[0].contains("u:p"), "{url} {settings}: {found:?}");
    }
    let access = source(postgres, "session.work_mem = \"8MB\"\nsession.jit = false\nsession.geqo_seed = 1").unwrap();
    assert_eq!(access.session.len(), 3);
}

#[test]
fn metadata_folders_are_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = MetadataPath { shown: "metadata/erp/".to_owned(), path: folder.path().to_owned() };
    let problems = read_folder(&path).1;
    assert_eq!(
        problems[0].to_string(),
        "metadata/erp: the folder has no service.toml; add it, with at least version and source"
    );
    for name in ["order.toml", "account.toml", "service.toml", "notes.md", ".hidden.toml"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let read = read_folder(&path).0;
    assert_eq!(read.name, "metadata/erp");
    assert_eq!(read.service, ("metadata/erp/service.toml".to_owned(), "service.toml".to_owned()));
    let names: Vec<_> = read.entities.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["metadata/erp/account.toml", "metadata/erp/order.toml"]);

    std::fs::write(folder.path().join("bad.toml"), [0xff, 0xfe]).unwrap();
    let (rest, problems) = read_folder(&path);
    assert_eq!((problems[0].key.as_str(), rest.unread), ("bad.toml", vec!["metadata/erp/bad.toml".to_owned()]));
    assert_eq!(rest.entities, read.entities, "one bad file hides no other");
    let gone = MetadataPath { shown: "gone".to_owned(), path: folder.path().join("gone") };
    assert!(read_folder(&gone).1[0].wrong.starts_with("the folder cannot be read"));
}

#[test]
fn what_is_wrong_with_the_cache() {
    for (text, wrong) in [
        ("[cache]\nbytes_max = -1", "cache.bytes_max: -1 is out of range"),
        ("[cache]\nentry_share_percent = 101", "cache.entry_share_percent: 101 is out of range"),
        ("[cache]\nredis = 1", "cache.redis: a whole number stands here"),
        ("[cache.redis]\nprefix = \"a\"", "cache.redis.url: 'url' is missing"),
        ("[cache.redis]\nurl = \"http://x\"", "cache.redis.url: not the URL of a Redis server"),
        ("[cache.redis]\nurl = \"redis://\"", "cache.redis.url: not the URL of a Redis server"),
        ("[cache.redis]\nurl = \"redis://x\"\nprefix = \"a b\"", "cache.redis.prefix: not a prefix of keys"),
        (
            "[cache.redis]\nurl = \"redis://x\"\nencryption_key = \"short\"",
            "cache.redis.encryption_key: the key is too",
        ),
        ("[cache.redis]\nurl = \"redis://x\"\ntimeout_ms = 0", "cache.redis.timeout_ms: 0 is out of range"),
        ("[cache.redis]\nurl = \"redis://x\"\ntimeout = 1", "cache.redis.timeout: the key 'timeout' is not known"),
    ] {
        let found = lines(&format!("{SMALLEST}{text}\n"));
        assert!(found.iter().any(|line| line.contains(wrong)), "{text}: {found:?}");
    }
}
