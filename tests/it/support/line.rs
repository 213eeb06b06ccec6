//! A line to a database that can be cut, and that can fall silent.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The state of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Everything passes.
    Open,
    /// Connections are taken on and stay, but nothing passes, as if the server were stopped.
    Silent,
    /// Connections are broken, and new ones closed at once.
    Cut,
}

/// A line to a server of this machine.
pub(crate) struct Line {
    pub(crate) port: u16,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    state: State,
    streams: Vec<TcpStream>,
}

impl Line {
    /// A line to a port of this machine, cut.
    pub(crate) fn new(target: u16) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared { state: State::Cut, streams: Vec::new() }));
        let line = Line { port, shared: shared.clone() };
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Under the lock, so that no connection is made beside a cut.
                let mut kept = shared.lock().unwrap();
                if kept.state == State::Cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], target))) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    kept.streams.push(from.try_clone().unwrap());
                    let shared = shared.clone();
                    std::thread::spawn(move || pass_on(from, to, &shared));
                }
            }
        });
        line
    }

    /// Opens or cuts the line.
    pub(crate) fn set(&self, open: bool) {
        self.turn(if open { State::Open } else { State::Cut });
    }

    /// Changes the state; what is silent and becomes open goes on where it stopped.
    pub(crate) fn turn(&self, state: State) {
        let mut shared = self.shared.lock().unwrap();
        shared.state = state;
        if state == State::Cut {
            for stream in shared.streams.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, shared: &Mutex<Shared>) {
    let mut buffer = vec![0; 16 * 1_024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        while shared.lock().unwrap().state == State::Silent {
            std::thread::sleep(Duration::from_millis(10));
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
