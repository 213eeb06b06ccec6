//! Owns the sockets: listening, one task per connection, and an end within a bounded time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::Serves;
use super::door::Door;
use super::early::Early;
use super::head_clock::HeadClock;

/// Most connections at once; further ones wait in the system's queue.
const CONNECTIONS_MAX: u32 = 4_096;

/// How long a connection may be silent between requests, and how long the head of a request may take. Longer than the
/// minute for which common proxies keep an idle connection, so that it is they who close it.
const SILENCE_MAX: Duration = Duration::from_secs(75);

/// After the signal to stop, how long a connection may stay open without a request on it: for those on their way.
const ARRIVAL_MAX: Duration = Duration::from_millis(250);

/// After the signal to stop, how long connections are still taken on: long enough to hear of all that wait.
const LAST_CALL: Duration = Duration::from_millis(50);

/// Rest after the system refused us a socket, usually for want of file handles.
const REST: Duration = Duration::from_millis(50);

/// Opens the socket.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `stop` is ready; then finishes what is being answered, for at most `drain_max`. Gives the number of
/// connections that were cut off.
pub async fn accept<S: Serves>(
    listener: TcpListener,
    door: Arc<Door<S>>,
    stop: impl Future<Output = ()>,
    drain_max: Duration,
) -> usize {
    let places = Arc::new(Semaphore::new(usize::try_from(CONNECTIONS_MAX).unwrap_or(usize::MAX)));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        match (place, accepted) {
            (Ok(place), Ok((socket, _))) => {
                spawn(socket, &door, &stopped, place);
            }
            (_, Err(error)) if is_clients_fault(&error) => {}
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(REST).await;
            }
            (Err(_), _) => break,
        }
    }
    // Closing the socket breaks the connections that the system has taken on and we have not, so none must be left.
    let last_call = Instant::now() + LAST_CALL;
    while let Ok(Ok((socket, _))) = timeout_at(last_call, listener.accept()).await {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
        spawn(socket, &door, &stopped, place);
    }
    for socket in last_ones(listener) {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
        spawn(socket, &door, &stopped, place);
    }
    // Nobody listening means that no connection is left.
    let _ = stopping.send(true);
    let all_gone = places.acquire_many(CONNECTIONS_MAX);
    match timeout(drain_max, all_gone).await {
        Ok(_) => 0,
        Err(_) => usize::try_from(CONNECTIONS_MAX).unwrap_or(usize::MAX).saturating_sub(places.available_permits()),
    }
}

/// Closes the listening socket and gives what the system has taken on by then. Asked directly, for the runtime hears of
/// a connection a little later than the system.
fn last_ones(listener: TcpListener) -> Vec<TcpStream> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let mut sockets = Vec::new();
    loop {
        match listener.accept() {
            Ok((socket, _)) => sockets.push(socket),
            Err(error) if is_clients_fault(&error) => {}
            Err(_) => break,
        }
    }
    drop(listener);
    let take = |socket: std::net::TcpStream| socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket));
    sockets.into_iter().filter_map(|socket| take(socket).ok()).collect()
}

/// Serves a connection in a task of its own; `place` is free when it has ended.
fn spawn<S: Serves>(
    socket: TcpStream,
    door: &Arc<Door<S>>,
    stopped: &watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) {
    let connection = converse(socket, Arc::clone(door), stopped.clone(), SILENCE_MAX);
    tokio::spawn(async move {
        connection.await;
        drop(place);
    });
}

/// One connection, from its first byte to its last. hyper drops the work on a request when the client leaves.
pub(super) async fn converse<S: Serves>(
    socket: TcpStream,
    door: Arc<Door<S>>,
    mut stopped: watch::Receiver<bool>,
    silence_max: Duration,
) {
    // Answers are written whole, so waiting for more to send would only delay their last packet.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let clock = HeadClock::new();
    let answer = service_fn(|request| async { Ok::<_, Infallible>(door.open(request).await) });
    let connection = http1::Builder::new()
        .timer(clock.clone())
        .header_read_timeout(silence_max)
        .serve_connection(TokioIo::new(Early::new(socket)), answer);
    let mut connection = pin!(connection);
    let mut timer = pin!(sleep(silence_max));
    let mut stop = pin!(async {
        drop(stopped.wait_for(|stopped| *stopped).await);
        // hyper closes a connection on which it has read nothing, also if a request is about to arrive.
        sleep(ARRIVAL_MAX).await;
    });
    let mut stopping = false;
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = connection.as_mut() => break outcome,
            () = timer.as_mut() => timer.as_mut().reset(clock.look(silence_max).into()),
            () = stop.as_mut(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended");
    }
}

/// The connection was gone before we took it.
fn is_clients_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
