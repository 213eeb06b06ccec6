//! Hears what a source announces: connects, connects again when the connection is lost, and knows which sets an
//! announcement means.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cache::Generations;
use crate::execute::ExecuteError;
use crate::service::ServiceError;
use crate::store::{Announcement, Database, Listener, StoreError};

/// Waits between two tries to connect: doubled from the first to the second.
const WAIT_MIN: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(3);

/// A set whose changes are announced.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) channel: String,
    pub(super) table: String,
    pub(super) set: String,
    /// Its place among the generations.
    pub(super) place: usize,
}

/// Listens until the task is ended.
pub(super) async fn run(
    name: String,
    database: Arc<Database>,
    generations: Arc<Generations>,
    listening: Vec<Listening>,
) {
    let mut channels: Vec<String> = listening.iter().map(|it| it.channel.clone()).collect();
    channels.sort_unstable();
    channels.dedup();
    let (mut wait, mut was_lost) = (WAIT_MIN, false);
    loop {
        let began = Instant::now();
        let error = match database.listen(&channels).await {
            Ok(listener) => {
                tracing::info!(source = name, channels = channels.join(", "), "listening for changes");
                was_lost = false;
                hear(listener, &generations, &listening).await
            }
            Err(error) => error,
        };
        if !was_lost {
            let detail = ServiceError::from(ExecuteError::from(error)).detail();
            tracing::warn!(source = name, detail, "announcements of changes are not heard; age limits hold meanwhile");
            was_lost = true;
        }
        // A connection that lasts is no sign of trouble when it ends.
        wait = if began.elapsed() > WAIT_MAX * 4 { WAIT_MIN } else { wait };
        sleep(wait).await;
        wait = (wait * 2).min(WAIT_MAX);
    }
}

/// Hears until the connection is lost, and says why it was.
async fn hear(mut listener: Listener, generations: &Generations, listening: &[Listening]) -> StoreError {
    // Whatever was announced before may have been missed.
    for it in listening {
        generations.raise(it.place);
    }
    loop {
        match listener.next().await {
            Ok(announcement) => {
                for it in meant(&announcement, listening) {
                    generations.raise(it.place);
                }
            }
            Err(error) => return error,
        }
    }
}

/// The sets that an announcement means: those of its channel, and if its payload is a name, only those of the name.
fn meant<'a>(
    announcement: &'a Announcement,
    listening: &'a [Listening],
) -> impl Iterator<Item = &'a Listening> + use<'a> {
    let is_named = |it: &Listening| it.table == announcement.payload || it.set == announcement.payload;
    let of_channel = listening.iter().filter(|it| it.channel == announcement.channel);
    let names_one = of_channel.clone().any(is_named);
    of_channel.filter(move |it| !names_one || is_named(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_is_a_name_means_only_what_has_the_name() {
        let listening = |channel: &str, table: &str, set: &str, place| Listening {
            channel: channel.to_owned(),
            table: table.to_owned(),
            set: set.to_owned(),
            place,
        };
        let all = [
            listening("a", "orders", "Orders", 0),
            listening("a", "orders", "OpenOrders", 1),
            listening("a", "accounts", "Accounts", 2),
            listening("b", "orders", "Orders", 3),
        ];
        let places = |channel: &str, payload: &str| -> Vec<usize> {
            let announcement = Announcement { channel: channel.to_owned(), payload: payload.to_owned() };
            meant(&announcement, &all).map(|it| it.place).collect()
        };
        assert_eq!(places("a", ""), [0, 1, 2]);
        assert_eq!(places("a", "shipments"), [0, 1, 2]);
        assert_eq!(places("a", "orders"), [0, 1]);
        assert_eq!(places("a", "OpenOrders"), [1]);
        assert_eq!(places("b", "accounts"), [3]);
        assert!(places("c", "orders").is_empty());
    }
}
