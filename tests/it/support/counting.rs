//! A way through to a PostgreSQL server that counts the statements: it passes all bytes on, and knows where the
//! messages of the client begin.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Begins a connection without a type byte in front: the request for encryption, which is then refused or granted.
const SSL_REQUEST: u32 = 80_877_103;

/// The way through. Its threads end with the connections.
pub(crate) struct Counting {
    pub(crate) port: u16,
    statements: Arc<AtomicUsize>,
}

impl Counting {
    /// A way to the server at this port of this machine.
    pub(crate) fn new(to: u16) -> Counting {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let counting =
            Counting { port: listener.local_addr().unwrap().port(), statements: Arc::new(AtomicUsize::new(0)) };
        let statements = Arc::clone(&counting.statements);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let statements = Arc::clone(&statements);
                let (mut back_from, mut back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = io::copy(&mut back_from, &mut back_to);
                    let _ = back_to.shutdown(Shutdown::Both);
                });
                std::thread::spawn(move || {
                    let _ = pass_on(BufReader::new(&client), &server, &statements);
                    let _ = server.shutdown(Shutdown::Both);
                });
            }
        });
        counting
    }

    /// Statements since the last question.
    pub(crate) fn statements(&self) -> usize {
        self.statements.swap(0, Ordering::SeqCst)
    }
}

fn pass_on(mut client: impl Read, mut server: &TcpStream, statements: &AtomicUsize) -> io::Result<()> {
    let mut is_open = false;
    loop {
        let mut message = Vec::new();
        if is_open {
            message.resize(1, 0);
            client.read_exact(&mut message)?;
            // A statement is bound to its parameters once for each time it runs.
            if message == b"B" {
                statements.fetch_add(1, Ordering::SeqCst);
            }
        }
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        message.extend_from_slice(&length);
        let start = message.len();
        message.resize(start + u32::from_be_bytes(length) as usize - 4, 0);
        client.read_exact(&mut message[start..])?;
        is_open = is_open || message[start..start + 4] != SSL_REQUEST.to_be_bytes();
        server.write_all(&message)?;
    }
}
