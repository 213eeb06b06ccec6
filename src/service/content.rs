//! Owns what kind of bytes an answer is, where it is neither JSON nor text.

use crate::edm::Scalar;
use crate::model::ContentType;
use crate::query::{Answer as Form, Read};

use super::Service;

impl Service {
    /// What kind of bytes a value has, if it is not text. `told` is what its row says.
    pub(super) fn content_type(&self, read: &Read, told: Option<String>) -> Option<String> {
        const BYTES: &str = "application/octet-stream";
        let entity_type = self.model.type_of(read.set)?;
        match read.answer {
            Form::RawValue(id) => {
                let is_binary = matches!(entity_type.property(id)?.scalar, Scalar::Binary { .. });
                is_binary.then(|| BYTES.to_owned())
            }
            Form::Stream(id) => {
                let of_media = entity_type.media.as_ref().filter(|media| media.content == id);
                let declared = of_media.map(|media| &media.content_type);
                let fixed = match declared.or(entity_type.property(id)?.content_type.as_ref()) {
                    Some(ContentType::Fixed(text)) => Some(text.clone()),
                    _ => None,
                };
                fixed.or(told).or_else(|| Some(BYTES.to_owned()))
            }
            _ => None,
        }
    }
}
