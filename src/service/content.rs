//! Owns what is written of each row, by the form of the answer, and what kind of bytes that is.

use crate::edm::Scalar;
use crate::model::{ContentType, DerivedId};
use crate::plan::Node;
use crate::query::{Answer as Form, Read, Shape};
use crate::wire::Format;
use crate::wire::json::{EntityWriter, Fields, PropertyWriter};

use super::Service;
use super::body::Content;

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

    pub(super) fn entity_content(
        &self,
        node: &Node,
        shape: &Shape,
        (declared, is_told): (Option<DerivedId>, bool),
        format: Format,
    ) -> Option<Content> {
        let mut fields = Fields::new(node.set, shape, &node.columns, &node.computed);
        (fields.declared, fields.is_told) = (declared, is_told);
        EntityWriter::new(&self.model, fields, format, &self.root).map(Content::Entity)
    }

    /// What is written of each row that the path leads to.
    pub(super) fn root_content(&self, node: &Node, read: &Read, format: Format) -> Option<Content> {
        let fields = Fields::new(node.set, &read.shape, &node.columns, &node.computed);
        let model = &self.model;
        let property = |writer: Option<PropertyWriter>| writer.map(|writer| Content::Property(writer, false));
        match read.answer {
            Form::Collection | Form::Entity => {
                self.entity_content(node, &read.shape, (read.of, read.all.is_some()), format)
            }
            Form::Reference | Form::References => {
                let writer = PropertyWriter::reference(model, fields, format, &self.root)?;
                Some(Content::Property(writer, read.answer.is_page()))
            }
            Form::Property(id) => property(PropertyWriter::value(model, fields, id, format)),
            Form::Complex(leaf, levels) => property(PropertyWriter::complex(model, fields, leaf, levels, format)),
            Form::RawValue(id) => property(PropertyWriter::raw(model, fields, id)),
            Form::Items(id) => property(PropertyWriter::items(model, fields, id)),
            Form::Stream(id) => {
                let writer = PropertyWriter::raw(model, fields, id)?;
                Some(Content::Stream(writer, read.shape.properties.get(1).map(|_| 1)))
            }
            Form::Count => Some(Content::Nothing),
        }
    }
}
