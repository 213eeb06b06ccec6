//! Owns [`Memo`]: what was worked out before, by what it was worked out from. Holds nothing that can become wrong.

use std::fmt;
use std::hash::Hash;

use moka::sync::Cache;

/// Remembers results that never change, bounded in bytes; the least used leave first.
#[derive(Clone)]
pub struct Memo<K, V> {
    kept: Cache<K, V>,
}

impl<K, V> fmt::Debug for Memo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Memo<K, V> {
    /// Room for about `bytes_max` bytes, as `weigh` counts them.
    pub fn new(bytes_max: u64, weigh: impl Fn(&K, &V) -> u32 + Send + Sync + 'static) -> Self {
        Memo { kept: Cache::builder().max_capacity(bytes_max).weigher(weigh).build() }
    }

    /// What was remembered.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.kept.get(key)
    }

    /// Remembers.
    pub fn put(&self, key: K, value: V) {
        self.kept.insert(key, value);
    }
}
