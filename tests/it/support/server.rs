//! The real server as a child process: its configuration in a temporary folder, a free port, killed at the end.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{Client, Response};
use super::json::Json;

/// How long a server may take from its start to its line `listening on …`.
const START: Duration = Duration::from_mins(1);

/// A running server. Its client keeps one connection alive.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    child: Child,
    client: RefCell<Client>,
    log: Arc<Mutex<String>>,
    _folder: tempfile::TempDir,
}

/// What a server needs: a folder with `penstock.toml` and the metadata files.
pub(crate) struct Setup {
    folder: tempfile::TempDir,
}

impl Setup {
    /// A folder with this configuration. `listen` is set to a free port.
    pub(crate) fn new(config: &str) -> Setup {
        let setup = Setup { folder: tempfile::tempdir().unwrap() };
        // What changes in a database is to be seen at once, unless a test is about what is kept.
        let cache = if config.contains("[cache]") { "" } else { "cache.bytes_max = 0\n" };
        setup.file("penstock.toml", &format!("version = 1\nlisten = \"127.0.0.1:0\"\n{cache}{config}"))
    }

    /// Adds a file, with its folders.
    pub(crate) fn file(self, name: &str, text: &str) -> Setup {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Adds every file of a folder under `name`, each changed by `change`.
    pub(crate) fn files(mut self, name: &str, from: &Path, change: impl Fn(String) -> String) -> Setup {
        for path in super::files_below(from) {
            let relative = path.strip_prefix(from).unwrap().display().to_string();
            self = self.file(&format!("{name}/{relative}"), &change(super::read_text(&path)));
        }
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts `penstock serve` on it.
    pub(crate) fn start(self) -> TestServer {
        self.start_in(&[])
    }

    /// The same, with these environment variables.
    pub(crate) fn start_in(self, environment: &[(&str, &str)]) -> TestServer {
        let config = self.folder.path().join("penstock.toml");
        let config = config.display().to_string();
        TestServer::run_in(&["serve", "--config", &config], self.folder, environment)
    }
}

/// A hash of a password for `[[users]]` that costs little to check.
pub(crate) fn password_hash(password: &str) -> String {
    use argon2::{Argon2, Params, PasswordHasher};
    let cheap = Params::new(8, 1, 1, None).unwrap();
    let hasher = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cheap);
    let hash: argon2::password_hash::phc::PasswordHash = hasher.hash_password(password.as_bytes()).unwrap();
    hash.to_string()
}

impl TestServer {
    /// Starts the program with these arguments and waits until it listens.
    pub(crate) fn run(arguments: &[&str], folder: tempfile::TempDir) -> TestServer {
        TestServer::run_in(arguments, folder, &[])
    }

    fn run_in(arguments: &[&str], folder: tempfile::TempDir, environment: &[(&str, &str)]) -> TestServer {
        let mut child = Command::new(env!("CARGO_BIN_EXE_penstock"))
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (address_found, address) = mpsc::channel();
        let out = child.stdout.take().unwrap();
        let out_log = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    let _ = address_found.send(address.trim_end_matches('/').parse::<SocketAddr>());
                }
                out_log.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let mut errors = child.stderr.take().unwrap();
        let errors_log = log.clone();
        let errors_thread = std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while let Ok(length @ 1..) = errors.read(&mut buffer) {
                errors_log.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        let Ok(address) = address.recv_timeout(START) else {
            let _ = child.kill();
            let status = child.wait();
            let _ = errors_thread.join();
            panic!("`penstock {}` does not listen ({status:?}):\n{}", arguments.join(" "), log.lock().unwrap());
        };
        let address = address.expect("the line names an address");
        TestServer { address, child, client: RefCell::new(Client::new(address)), log, _folder: folder }
    }

    /// A GET on the kept connection.
    pub(crate) fn get(&self, target: &str) -> Response {
        self.get_with(target, &[])
    }

    /// A GET with headers.
    pub(crate) fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        self.client.borrow_mut().get(target, headers)
    }

    /// Any request on the kept connection.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Response {
        let sent = self.client.borrow_mut().send(method, target, headers, body);
        sent.unwrap_or_else(|error| panic!("{method} {target}: {error}\n{}", self.log()))
    }

    /// A GET that must give 200 and JSON.
    pub(crate) fn json(&self, target: &str) -> Json {
        let response = self.get(target);
        assert_eq!(response.status, 200, "GET {target}: {}\n{}", String::from_utf8_lossy(&response.body), self.log());
        Json::read(response.text()).unwrap_or_else(|error| panic!("GET {target}: {error}"))
    }

    /// Asks the server to end, as a service manager does, and waits for it.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap()
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The memory that the server has resident, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1_024
    }

    /// What the server has written to its outputs.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The log without the lines of requests.
    pub(crate) fn log_beside_requests(&self) -> String {
        self.log()
            .lines()
            .filter(|line| !line.contains("penstock::access"))
            .map(|line| line.to_owned() + "\n")
            .collect()
    }

    /// Makes an absolute link of this server a request target.
    pub(crate) fn target_of<'a>(&self, link: &'a str) -> &'a str {
        let base = format!("http://{}", self.address);
        link.strip_prefix(&base).unwrap_or_else(|| panic!("the link {link} does not begin with {base}"))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
