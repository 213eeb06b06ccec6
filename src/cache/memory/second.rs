//! Entries in the second level: their bytes, and the bounds of what is stored at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Entry;
use crate::cache::{Key, Redis, Stored};

/// So many entries are stored at once; beyond it they are not stored: the second level is slow, and they wait in
/// memory.
const STORING_MAX: usize = 16;
/// Up to this size unpacking takes less than a millisecond.
const INLINE_BYTES_MAX: usize = 32 * 1_024;

/// The second level of a cache.
#[derive(Clone, Debug)]
pub struct Second<V> {
    /// Where entries are stored.
    pub redis: Arc<Redis>,
    /// What becomes of a value that comes from there, before it is kept: it may be counted, or refused.
    pub adopt: Adopt<V>,
}

/// See [`Second::adopt`].
#[derive(Clone)]
pub struct Adopt<V>(pub Arc<dyn Fn(V) -> Option<V> + Send + Sync>);

impl<V> std::fmt::Debug for Adopt<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Adopt")
    }
}

/// Entries of one kind in the second level.
pub(super) struct Entries<V> {
    second: Second<V>,
    storing: Arc<Semaphore>,
    bytes_max: usize,
}

impl<V: Stored> Entries<V> {
    pub(super) fn new(second: Second<V>, bytes_max: usize) -> Self {
        Entries { second, storing: Arc::new(Semaphore::new(STORING_MAX)), bytes_max }
    }

    /// The entry that is stored under this key, if it can be had in time.
    pub(super) async fn get(&self, key: &Key) -> Option<Arc<Entry<V>>> {
        let stored = self.second.redis.get(key).await?;
        let bytes_max = self.bytes_max;
        let entry = if stored.len() <= INLINE_BYTES_MAX {
            unpack::<V>(&stored, bytes_max)?
        } else {
            tokio::task::spawn_blocking(move || unpack::<V>(&stored, bytes_max)).await.ok().flatten()?
        };
        let value = (self.second.adopt.0)(entry.value)?;
        Some(Arc::new(Entry { value, ..entry }))
    }

    /// Stores an entry, behind the back of the reader.
    pub(super) fn put(&self, key: Key, entry: &Arc<Entry<V>>) {
        let Ok(permit) = Arc::clone(&self.storing).try_acquire_owned() else { return };
        let (redis, entry) = (Arc::clone(&self.second.redis), Arc::clone(entry));
        tokio::spawn(async move {
            let head = [entry.made_ms.to_le_bytes(), entry.kept_ms.to_le_bytes()].concat();
            let value = [head, entry.value.pack().await].concat();
            redis.put(&key, &value, entry.kept_ms).await;
            drop(permit);
        });
    }
}

fn unpack<V: Stored>(stored: &[u8], bytes_max: usize) -> Option<Entry<V>> {
    let (made_ms, rest) = stored.split_first_chunk()?;
    let (kept_ms, rest) = rest.split_first_chunk()?;
    let value = V::unpack(rest, bytes_max)?;
    Some(Entry { value, made_ms: u64::from_le_bytes(*made_ms), kept_ms: u64::from_le_bytes(*kept_ms) })
}
