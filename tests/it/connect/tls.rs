//! Encryption of the connections to real servers: what is trusted, what is refused, and that the log says why.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use sqlx::{Connection, Executor, MySqlConnection, PgConnection};

use crate::sick::soon;
use crate::support::encrypted::{Certificates, Encrypted};
use crate::support::server::{Setup, TestServer};

/// One way to connect, and what comes of it: nothing wrong, or words of the log.
struct Case {
    name: &'static str,
    url: String,
    settings: String,
    wrong: Option<&'static str>,
}

/// A case whose settings name files of certificates, as `tls_root = ca.pem` without the folder.
fn case(name: &'static str, url: String, settings: &str, wrong: Option<&'static str>) -> Case {
    Case { name, url, settings: settings.to_owned(), wrong }
}

/// One server with a source and a set for each case. The files of certificates lie beside its configuration.
fn serve(certificates: &Certificates, cases: &[Case]) -> TestServer {
    let mut config = String::new();
    let mut folders = String::new();
    for Case { name, url, settings, .. } in cases {
        writeln!(config, "[sources.{name}]\nurl = \"{url}\"\npool_max = 1\n{settings}").unwrap();
        write!(folders, "\"{name}\", ").unwrap();
    }
    write!(config, "[services.tls]\nmetadata = [{folders}]\nanonymous = true\n").unwrap();
    let mut setup = Setup::new(&config);
    for Case { name, .. } in cases {
        setup = setup
            .file(&format!("{name}/service.toml"), &format!("version = 1\nnamespace = \"Tls\"\nsource = \"{name}\"\n"))
            .file(
                &format!("{name}/set.toml"),
                &format!(
                    "version = 1\nset = \"{name}\"\ntype = \"{name}Row\"\ntable = \"words\"\nkey = [\"Id\"]\n\
                     [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
                     [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\nmax_length = 100\n"
                ),
            );
    }
    for name in ["ca", "other", "client", "expired", "stranger"] {
        for kind in ["pem", "key"] {
            let name = format!("{name}.{kind}");
            std::fs::copy(certificates.path(&name), setup.path().join(&name)).unwrap();
        }
    }
    setup.start()
}

fn check(server: &TestServer, cases: &[Case]) {
    for Case { name, wrong, .. } in cases {
        let before = server.log().len();
        let response = server.get(&format!("/odata/v4/tls/{name}"));
        match wrong {
            None => {
                assert_eq!(response.status, 200, "{name}: {}\n{}", response.text(), &server.log()[before..]);
                assert!(response.text().contains("\"Word\":\"encrypted\""), "{name}: {}", response.text());
            }
            Some(words) => {
                // Who cannot be reached is away for now; who denies us does so for good.
                assert!([500, 503].contains(&response.status), "{name}: {}", response.text());
                let source = format!("'{name}'");
                soon(&format!("{name}: {words}"), || {
                    let log = &server.log()[before..];
                    log.lines().any(|line| line.contains(words) && line.contains(&source))
                });
            }
        }
    }
    let log = server.log();
    for secret in ["pass word", "pass%20word", "PRIVATE"] {
        assert!(!log.contains(secret), "{secret}\n{log}");
    }
}

const NAME: &str = "the server's certificate is not for '127.0.0.1', as the URL calls it, but for: ";
const ISSUER: &str = "comes from an authority that is not trusted";

#[test]
fn postgres_is_trusted_as_far_as_it_is_demanded() {
    let certificates = Certificates::make();
    let rules = "hostssl all penstock 127.0.0.1/32 scram-sha-256\nhostssl all certified,other 127.0.0.1/32 cert map=own\n\
                 hostssl all unencrypted 127.0.0.1/32 reject\nhostnossl all unencrypted 127.0.0.1/32 trust\n\
                 host all postgres 127.0.0.1/32 trust\n";
    let Some(server) = Encrypted::postgres(&certificates, "server", rules) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
        let mut admin = PgConnection::connect(&url).await.unwrap();
        let text = "create role penstock login password 'pass word'; create role certified login; create role other login; \
            create role unencrypted login; \
            create view words as select 1 as id, \
                case when s.ssl then 'encrypted' else 'in clear' end as word \
                from pg_stat_get_activity(pg_backend_pid()) s; grant select on words to public";
        admin.execute(sqlx::raw_sql(text)).await.unwrap();
    });
    let at = |user: &str, host: &str| format!("postgres://{user}@{host}:{}/postgres", server.port);
    let named = at("penstock:pass%20word", "localhost");
    let numbered = at("penstock:pass%20word", "127.0.0.1");
    let full = "tls = \"verify-full\"\ntls_root = \"ca.pem\"\n";
    let client = |name: &str| format!("{full}tls_certificate = \"{name}.pem\"\ntls_key = \"{name}.key\"\n");
    let cases = [
        case("full", named.clone(), full, None),
        case("full_name", numbered.clone(), full, Some(NAME)),
        case("full_url", format!("{named}?sslmode=verify-full&sslrootcert=ca.pem"), "", None),
        case("full_issuer", named.clone(), "tls = \"verify-full\"\ntls_root = \"other.pem\"\n", Some(ISSUER)),
        case("full_system", named.clone(), "tls = \"verify-full\"\n", Some("authority")),
        case("ca_name", numbered.clone(), "tls = \"verify-ca\"\ntls_root = \"ca.pem\"\n", None),
        case("ca_issuer", numbered.clone(), "tls = \"verify-ca\"\ntls_root = \"other.pem\"\n", Some(ISSUER)),
        case("require", numbered.clone(), "tls = \"require\"\n", None),
        case("prefer", numbered.clone(), "", None),
        case("pooled", named.clone(), &format!("{full}pooler = \"transaction\"\n"), None),
        case("disable", numbered, "tls = \"disable\"\n", Some("no encryption")),
        case("password", at("penstock:wrong", "localhost"), full, Some("password authentication failed")),
        case("certified", at("certified", "localhost"), &client("client"), None),
        case("other", at("other", "localhost"), &client("client"), Some("certificate authentication failed")),
        case("uncertified", at("certified", "localhost"), full, Some("valid client certificate")),
        case(
            "expired",
            at("certified", "localhost"),
            &client("expired"),
            Some("refuses our certificate: it has expired"),
        ),
        case(
            "stranger",
            at("certified", "localhost"),
            &client("stranger"),
            Some("refuses our certificate: it does not trust"),
        ),
    ];
    check(&serve(&certificates, &cases), &cases);
}

#[test]
fn mariadb_is_trusted_as_far_as_it_is_demanded() {
    let certificates = Certificates::make();
    let Some(server) = Encrypted::mariadb(&certificates, "server") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("mysql://root@127.0.0.1:{}/mysql", server.port);
        let mut admin = MySqlConnection::connect(&url).await.unwrap();
        let text = "create database tls; create user penstock@'%' identified by 'pass word' require ssl; \
            create user certified@'%' require subject '/CN=penstock'; \
            create sql security invoker view tls.words as select 1 as id, \
                if((select variable_value from information_schema.session_status where variable_name = 'Ssl_cipher') <> '', \
                'encrypted', 'in clear') as word; \
            grant select on tls.words to penstock@'%'; grant select on tls.words to certified@'%'";
        admin.execute(sqlx::raw_sql(text)).await.unwrap();
    });
    let at = |user: &str, host: &str| format!("mariadb://{user}@{host}:{}/tls", server.port);
    let named = at("penstock:pass%20word", "localhost");
    let numbered = at("penstock:pass%20word", "127.0.0.1");
    let full = "tls = \"verify-full\"\ntls_root = \"ca.pem\"\n";
    let client = |name: &str| format!("{full}tls_certificate = \"{name}.pem\"\ntls_key = \"{name}.key\"\n");
    let cases = [
        case("full", named.clone(), full, None),
        case("full_name", numbered.clone(), full, Some(NAME)),
        case("full_url", format!("{named}?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem"), "", None),
        case("full_issuer", named.clone(), "tls = \"verify-full\"\ntls_root = \"other.pem\"\n", Some(ISSUER)),
        case("ca_name", numbered.clone(), "tls = \"verify-ca\"\ntls_root = \"ca.pem\"\n", None),
        case("require", numbered.clone(), "tls = \"require\"\n", None),
        case("prefer", numbered.clone(), "", None),
        case("disable", numbered, "tls = \"disable\"\n", Some("Access denied")),
        case("certified", at("certified", "localhost"), &client("client"), None),
        case("uncertified", at("certified", "localhost"), full, Some("Access denied")),
        case("expired", at("certified", "localhost"), &client("expired"), Some("refuses our certificate")),
    ];
    let penstock = serve(&certificates, &cases);
    check(&penstock, &cases);
    assert!(penstock.log().contains("trusts every authority of the system"), "{}", penstock.log());
}

#[test]
fn an_expired_certificate_of_the_server_is_told() {
    let certificates = Certificates::make();
    let rules = "host all postgres 127.0.0.1/32 trust\n";
    let Some(server) = Encrypted::postgres(&certificates, "old", rules) else { return };
    let url = format!("postgres://postgres@localhost:{}/postgres", server.port);
    let full = "tls = \"verify-full\"\ntls_root = \"ca.pem\"\n";
    let cases = [case("old", url, full, Some("the server's certificate has expired"))];
    check(&serve(&certificates, &cases), &cases);
}

/// Files that cannot serve are problems of the configuration, with file and key.
#[test]
fn files_that_cannot_serve_are_found_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing").unwrap();
    std::fs::write(folder.path().join("locked.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n").unwrap();
    std::fs::write(folder.path().join("good.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    let check = |settings: &str| problems(folder.path(), settings);
    for (settings, words) in [
        ("tls = \"verify-full\"\ntls_root = \"gone.pem\"", "sources.a.tls_root: "),
        ("tls = \"verify-full\"\ntls_root = \"gone.pem\"", "gone.pem cannot be read: No such file"),
        ("tls = \"verify-full\"\ntls_root = \".\"", "cannot be read: Is a directory"),
        ("tls = \"verify-full\"\ntls_root = \"empty.pem\"", "empty.pem holds no certificate"),
        ("tls_root = \"good.pem\"", "the server's certificate is not looked at; write tls = \"verify-full\""),
        ("tls_certificate = \"good.pem\"\ntls_key = \"locked.key\"", "sources.a.tls_key: "),
        ("tls_certificate = \"good.pem\"\ntls_key = \"locked.key\"", "holds a key that is encrypted"),
        ("tls_certificate = \"good.pem\"", "'tls_key' is missing"),
        ("tls_key = \"empty.pem\"", "'tls_certificate' is missing"),
    ] {
        let said = check(settings);
        assert!(said.contains(words) && !said.contains("secret"), "{settings}: {said}");
    }
}

/// What only the library can tell of files is told at the start.
#[test]
fn files_that_do_not_belong_together_prevent_the_start() {
    let certificates = Certificates::make();
    std::fs::write(certificates.path("odd.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    std::fs::create_dir(certificates.path("m")).unwrap();
    std::fs::write(certificates.path("m/service.toml"), "version = 1\nnamespace = \"A\"\nsource = \"a\"\n").unwrap();
    std::fs::write(certificates.path("m/customers.toml"), super::CUSTOMERS.split("[[navigation]]").next().unwrap())
        .unwrap();
    for scheme in ["postgres", "mariadb"] {
        for (settings, words) in [
            ("tls_certificate = \"client.pem\"\ntls_key = \"other.key\"", "tls_key is not the key of tls_certificate"),
            ("tls = \"verify-full\"\ntls_root = \"odd.pem\"", "odd.pem holds a certificate that cannot be used"),
        ] {
            let text = format!(
                "version = 1\nlisten = \"127.0.0.1:0\"\n[sources.a]\nurl = \"{scheme}://a:secret@h/d\"\n{settings}\n\
                 [services.s]\nmetadata = [\"m\"]\nanonymous = true\n"
            );
            let file = certificates.path("penstock.toml");
            std::fs::write(&file, text).unwrap();
            let mut serve = Command::new(env!("CARGO_BIN_EXE_penstock"));
            let output = serve.arg("serve").arg("--config").arg(&file).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success(), "{said}");
            assert!(said.contains("the certificates of the source 'a' cannot be used"), "{said}");
            assert!(said.contains(words) && !said.contains("secret"), "{said}");
        }
    }
}

fn problems(folder: &Path, settings: &str) -> String {
    let file = folder.join("penstock.toml");
    let text = format!(
        "version = 1\n[sources.a]\nurl = \"postgres://a:secret@h/d\"\n{settings}\n[services.s]\nmetadata = [\"m\"]\nanonymous = true\n"
    );
    std::fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_penstock")).arg("check").arg("--config").arg(&file).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
