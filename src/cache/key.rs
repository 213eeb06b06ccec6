//! Owns [`Key`].

/// What an answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Fingerprint of the bound query, rights and page included, and of the model, links and bounds of the service.
    pub query: u128,
    /// The generations of all sets touched, in one number: [`super::Generations::stamp`].
    pub generations: u64,
    /// Everything that changes the bytes but not the rows: version, metadata level, number form, and whether the URL
    /// names them; for a count its own.
    pub form: u8,
}

impl Key {
    /// The key as bytes, equal in all replicas: what names an answer in the second level.
    pub fn bytes(&self) -> [u8; 25] {
        let mut bytes = [0; 25];
        let parts = self.query.to_le_bytes().into_iter().chain(self.generations.to_le_bytes()).chain([self.form]);
        for (slot, byte) in bytes.iter_mut().zip(parts) {
            *slot = byte;
        }
        bytes
    }
}
