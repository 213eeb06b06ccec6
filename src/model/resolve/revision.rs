//! Owns the revision of a model: a hash that is equal wherever the metadata files are equal.
//!
//! # Decisions
//!
//! - FNV-1a, 64 bits: stable over releases and machines, which the hasher of the standard library does not promise.
//!   It tells versions of a file apart; it is no defence against somebody who may write the files.
//! - Only the last part of a file's path is hashed, so replicas may keep their files in different places.

use crate::model::raw::{File, Folder};

/// Hashes the service's name and the names and texts of all its files, in order.
pub(super) fn revision(service: &str, folders: &[Folder]) -> u64 {
    let mut hash = Fnv1a::new();
    hash.part(service.as_bytes());
    for folder in folders {
        hash.file(&folder.service);
        folder.entities.iter().for_each(|file| hash.file(file));
    }
    hash.0
}

/// The revision of a model that picks from another.
pub(in crate::model) fn picked(base: u64, file: &File) -> u64 {
    let mut hash = Fnv1a(base);
    hash.file(file);
    hash.0
}

struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Hashes the length too, so that moving a byte over a border changes the hash.
    fn part(&mut self, bytes: &[u8]) {
        self.bytes(&(bytes.len() as u64).to_le_bytes());
        self.bytes(bytes);
    }

    fn file(&mut self, file: &File) {
        self.part(file.name.rsplit(['/', '\\']).next().unwrap_or_default().as_bytes());
        self.part(file.text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str, text: &str) -> Vec<Folder> {
        let file = |name: &str, text: &str| File { name: format!("{path}/{name}"), text: text.to_owned() };
        vec![Folder {
            unread: Vec::new(),
            name: path.to_owned(),
            service: file("service.toml", "version = 1"),
            entities: vec![file("a.toml", text)],
        }]
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        let mut hash = Fnv1a::new();
        hash.bytes(b"foobar");
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }

    #[test]
    fn equal_files_give_equal_revisions_wherever_they_lie() {
        assert_eq!(revision("erp", &folder("x", "a")), revision("erp", &folder("/etc/y", "a")));
    }

    #[test]
    fn any_change_gives_another_revision() {
        let before = revision("erp", &folder("x", "a"));
        assert_ne!(before, revision("erp", &folder("x", "b")));
        assert_ne!(before, revision("crm", &folder("x", "a")));
        let mut renamed = folder("x", "a");
        renamed[0].entities[0].name = "x/b.toml".to_owned();
        assert_ne!(before, revision("erp", &renamed));
    }
}
