//! A `PgBouncer` of a test's own, in front of the PostgreSQL of the tests. `PENSTOCK_TEST_PGBOUNCER` names its program.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::environment;

/// A running pooler in transaction mode. Ended with the value.
pub(crate) struct Pooler {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

impl Pooler {
    /// Lends at most `connections` to all its clients. `settings` are lines of its configuration.
    pub(crate) fn start(server_port: u16, connections: u32, settings: &str) -> Option<Pooler> {
        let Some(program) = environment("PENSTOCK_TEST_PGBOUNCER") else {
            let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
            assert!(!demanded, "PENSTOCK_TEST_PGBOUNCER is not set, but demanded");
            eprintln!("skipped: PENSTOCK_TEST_PGBOUNCER is not set");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // It refuses to run as root, and takes the rights of another user then, who must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let text = format!(
                "[databases]\n* = host=127.0.0.1 port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir = {place}\nunix_socket_mode = 0777\nauth_type = plain\n\
                 auth_file = {place}/users\npool_mode = transaction\ndefault_pool_size = {connections}\n\
                 max_client_conn = 200\nlog_connections = 0\nlog_disconnections = 0\n{settings}\n",
                place = folder.path().display(),
            );
            let file = folder.path().join("pgbouncer.ini");
            std::fs::write(&file, text).unwrap();
            std::fs::write(folder.path().join("users"), "\"postgres\" \"in clear\"\n").unwrap();
            let log = std::fs::File::create(folder.path().join("log")).unwrap();
            let mut command = Command::new(&program);
            if is_root {
                command.args(["-u", "postgres"]);
            }
            let mut process = command
                .arg("-q")
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .unwrap_or_else(|error| panic!("{program}: {error}"));
            let start = Instant::now();
            while process.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(10) {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Some(Pooler { port, folder, process });
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("{program} does not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap());
    }

    /// The address of a database through the pooler.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres:in%20clear@127.0.0.1:{}/{database}", self.port)
    }

    /// The same, through its socket in the file system.
    pub(crate) fn file_url(&self, database: &str) -> String {
        let place = self.folder.path().display();
        format!("postgres://postgres:in%20clear@/{database}?host={place}&port={}", self.port)
            .replace("@/", "@localhost/")
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
