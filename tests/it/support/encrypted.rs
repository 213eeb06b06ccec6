//! Servers of PostgreSQL and MariaDB that encrypt, with certificates made for them, apart from those of the other
//! tests: where a server can encrypt, clients do, and the others are to be tested in clear, too.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::environment;

/// A folder with two authorities (`ca`, `other`), certificates of the first for the server (`server`, with the name
/// `localhost`) and for clients (`client`, `expired`), of the second for a client (`stranger`); each `NAME.pem` with
/// its `NAME.key`. `old` is a certificate of the server that has expired.
pub(crate) struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    pub(crate) fn make() -> Certificates {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let made = Certificates { folder };
        std::fs::write(made.folder.path().join("config"), CONFIG).unwrap();
        std::fs::create_dir(made.folder.path().join("issued")).unwrap();
        for authority in ["ca", "other"] {
            made.key(authority);
            made.openssl(&format!(
                "req -x509 -config config -extensions authority -key {authority}.key -subj /CN={authority} -days 30 -out {authority}.pem"
            ));
        }
        for (name, common, authority, kind, end) in [
            ("server", "localhost", "ca", "server", "20991231235959Z"),
            ("old", "localhost", "ca", "server", "20200102000000Z"),
            ("client", "penstock", "ca", "client", "20991231235959Z"),
            ("expired", "penstock", "ca", "client", "20200102000000Z"),
            ("stranger", "penstock", "other", "client", "20991231235959Z"),
        ] {
            made.key(name);
            made.openssl(&format!("req -new -config config -key {name}.key -subj /CN={common} -out {name}.csr"));
            std::fs::write(made.folder.path().join("index"), "").unwrap();
            made.openssl(&format!(
                "ca -config config -batch -notext -extensions {kind} -keyfile {authority}.key \
                 -cert {authority}.pem -in {name}.csr -out {name}.pem -startdate 20200101000000Z -enddate {end}"
            ));
        }
        made
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, name: &str) {
        self.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out {name}.key"));
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        let output = command.args(arguments.split_whitespace()).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

const CONFIG: &str = "[req]\ndistinguished_name = name\n[name]\n[ca]\ndefault_ca = default\n[default]\n\
    database = index\nnew_certs_dir = issued\ndefault_md = sha256\nrand_serial = yes\npolicy = any\n[any]\ncommonName = supplied\n\
    [authority]\nbasicConstraints = critical,CA:true\nkeyUsage = keyCertSign\n\
    [server]\nsubjectAltName = DNS:localhost\nextendedKeyUsage = serverAuth\n\
    [client]\nextendedKeyUsage = clientAuth\n";

/// A server that encrypts. Ended with the value.
pub(crate) struct Encrypted {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Runs a program as a user that the servers accept.
fn program(user: &str, name: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--"]).arg(name);
        command
    } else {
        Command::new(name)
    }
}

fn folder_of(user: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    give(user, folder.path());
    folder
}

fn give(user: &str, path: &Path) {
    if is_root() {
        assert!(Command::new("chown").arg(format!("{user}:")).arg(path).status().unwrap().success());
    }
}

/// Copies a certificate with its key to where the server may read them.
fn install(certificates: &Certificates, name: &str, user: &str, folder: &Path) {
    for (from, to, mode) in [
        (format!("{name}.pem"), "server.pem", 0o644),
        (format!("{name}.key"), "server.key", 0o600),
        ("ca.pem".to_owned(), "ca.pem", 0o644),
    ] {
        let to = folder.join(to);
        std::fs::copy(certificates.path(&from), &to).unwrap();
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(mode)).unwrap();
        give(user, &to);
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Both products write a line with this word when they take connections.
fn is_ready(log: &Path, process: &mut Child) -> bool {
    let start = Instant::now();
    while process.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_mins(1) {
        if std::fs::read_to_string(log).unwrap().contains("ready") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

fn run(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Encrypted {
    /// PostgreSQL with this certificate; `rules` say who must prove what; with `map=own`, the name `penstock` of a
    /// certificate proves the role `certified`.
    pub(crate) fn postgres(certificates: &Certificates, certificate: &str, rules: &str) -> Option<Encrypted> {
        let Some(programs) = environment("PENSTOCK_TEST_POSTGRES_BIN") else {
            let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
            assert!(!demanded, "PENSTOCK_TEST_POSTGRES_BIN is not set, but demanded");
            eprintln!("skipped: PENSTOCK_TEST_POSTGRES_BIN is not set");
            return None;
        };
        let programs = Path::new(&programs);
        let folder = folder_of("postgres");
        let data = folder.path().join("data");
        let mut make = program("postgres", &programs.join("initdb"));
        make.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
        run(make);
        install(certificates, certificate, "postgres", folder.path());
        std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
        std::fs::write(data.join("pg_ident.conf"), "own penstock certified\n").unwrap();
        for _ in 0..5 {
            let port = free_port();
            let place = folder.path().display();
            let settings = [
                format!("port={port}"),
                "listen_addresses=127.0.0.1".to_owned(),
                "unix_socket_directories=".to_owned(),
                "fsync=off".to_owned(),
                "ssl=on".to_owned(),
                format!("ssl_cert_file={place}/server.pem"),
                format!("ssl_key_file={place}/server.key"),
                format!("ssl_ca_file={place}/ca.pem"),
            ];
            let mut command = program("postgres", &programs.join("postgres"));
            command.arg("-D").arg(&data);
            for setting in settings {
                command.arg("-c").arg(setting);
            }
            let log = std::fs::File::create(folder.path().join("log")).unwrap();
            let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
            if is_ready(&folder.path().join("log"), &mut process) {
                return Some(Encrypted { port, folder, process });
            }
            end(&mut process);
        }
        panic!("PostgreSQL does not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap());
    }

    /// MariaDB with this certificate, and a root without a password.
    pub(crate) fn mariadb(certificates: &Certificates, certificate: &str) -> Option<Encrypted> {
        // Where there is a server for the tests, there are its programs.
        environment("PENSTOCK_TEST_MARIADB")?;
        let folder = folder_of("mysql");
        let data = folder.path().join("data");
        let mut make = Command::new("mariadb-install-db");
        make.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", data.display()));
        if is_root() {
            make.arg("--user=mysql");
        }
        run(make);
        install(certificates, certificate, "mysql", folder.path());
        for _ in 0..5 {
            let port = free_port();
            let place = folder.path().display();
            let log = std::fs::File::create(folder.path().join("log")).unwrap();
            let mut process = program("mysql", Path::new("mariadbd"))
                .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-log-bin", "--innodb-flush-method=nosync"])
                .args([format!("--datadir={place}/data"), format!("--tmpdir={place}"), format!("--port={port}")])
                .args([format!("--socket={place}/socket"), format!("--ssl-ca={place}/ca.pem")])
                .args([format!("--ssl-cert={place}/server.pem"), format!("--ssl-key={place}/server.key")])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .unwrap();
            if is_ready(&folder.path().join("log"), &mut process) {
                return Some(Encrypted { port, folder, process });
            }
            end(&mut process);
        }
        panic!("MariaDB does not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap());
    }
}

/// A word to the server itself: what runs it for another user would not pass a kill on.
fn end(process: &mut Child) {
    let children = format!("/proc/{0}/task/{0}/children", process.id());
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let own = process.id().to_string();
    let mut ids: Vec<&str> = if is_root() { children.split_whitespace().collect() } else { Vec::new() };
    if ids.is_empty() {
        ids.push(&own);
    }
    let _ = Command::new("kill").arg("-INT").args(&ids).stderr(Stdio::null()).status();
    let start = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(10) {
            let _ = Command::new("kill").arg("-KILL").args(&ids).status();
            let _ = process.kill();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        end(&mut self.process);
        let _ = self.folder.path();
    }
}
