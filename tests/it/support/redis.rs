//! A server of Redis that a test starts, freezes, empties, kills and starts again. `PENSTOCK_TEST_REDIS` names its
//! program.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::environment;

/// A running server on a port of its own. Killed at the end.
pub(crate) struct RedisServer {
    program: String,
    pub(crate) port: u16,
    arguments: Vec<String>,
    folder: tempfile::TempDir,
    process: Child,
}

impl RedisServer {
    /// A server that keeps nothing on disk, or `None`, with a printed line, if there is none and none is demanded.
    pub(crate) fn start() -> Option<RedisServer> {
        RedisServer::start_with(|_, port| vec!["--port".to_owned(), port.to_string()])
    }

    /// A server with these arguments, made from its folder and its port.
    pub(crate) fn start_with(arguments: impl Fn(&Path, u16) -> Vec<String>) -> Option<RedisServer> {
        let Some(program) = environment("PENSTOCK_TEST_REDIS") else {
            let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
            assert!(!demanded, "PENSTOCK_TEST_REDIS is not set, but demanded");
            eprintln!("skipped: PENSTOCK_TEST_REDIS is not set");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // A free port can be taken before the server binds it, so more than one try.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let arguments = arguments(folder.path(), port);
            let mut process = run(&program, folder.path(), &arguments);
            if listens(port, &mut process) {
                return Some(RedisServer { program, port, arguments, folder, process });
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("{program} does not start");
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, without a word to anybody.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port and folder.
    pub(crate) fn revive(&mut self) {
        self.process = run(&self.program, self.folder.path(), &self.arguments);
        assert!(listens(self.port, &mut self.process), "{} does not start again", self.program);
    }

    /// Stops its process, which then answers nobody.
    pub(crate) fn freeze(&self) {
        signal(&self.process, "-STOP");
    }

    pub(crate) fn thaw(&self) {
        signal(&self.process, "-CONT");
    }

    /// Sends one command in the plain form and gives back what the server says, up to the end of its first line, or to
    /// the end of the text that it announces.
    pub(crate) fn say(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(program: &str, folder: &Path, arguments: &[String]) -> Child {
    let mut command = Command::new(program);
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]).arg("--dir").arg(folder);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn listens(port: u16, process: &mut Child) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

fn signal(process: &Child, name: &str) {
    let status = Command::new("kill").args([name, &process.id().to_string()]).status().unwrap();
    assert!(status.success());
}
