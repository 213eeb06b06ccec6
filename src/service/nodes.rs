//! Owns what is made ready for each node of a plan before its rows come: its writer, how far its lists go, and what its
//! own lists need of its rows.

use std::sync::Arc;

use crate::edm::Scalar;
use crate::model::{EntityType, Model};
use crate::plan::Node;
use crate::query::{Answer as Form, Expanded, Expansion, Read, Shape};
use crate::wire::json::{AggregateWriter, EntityWriter, Fields, PropertyWriter, ResultWriter};
use crate::wire::{EntityUrl, Format, context};

use super::assemble::NestedShape;
use super::body::{Content, NodeBuffer};
use super::lists::{Lists, Urls};
use super::{Service, ServiceError};

/// What the buffer of a node begins with. The buffers themselves are made when rows come, perhaps more than once.
#[derive(Debug)]
pub(super) struct Prepared {
    content: Content,
    /// Most rows of a list, and the columns that make a cursor.
    lists: Option<(u32, Vec<(usize, Scalar)>)>,
    urls: Option<EntityUrl>,
    keeps_types: bool,
}

impl Service {
    /// One for each node, in the order of the plan. What is written of the root's rows is given.
    pub(super) fn prepared(
        &self,
        shape: &Shape,
        root: &Node,
        format: Format,
        root_content: &dyn Fn(Fields<'_>) -> Option<Content>,
    ) -> Result<Vec<Prepared>, ServiceError> {
        let mut shapes = Vec::new();
        collect_shapes(shape, None, &mut shapes);
        let mut prepared = Vec::with_capacity(shapes.len());
        let mut walk = vec![root];
        while let Some(node) = walk.pop() {
            let (shape, expansion) = *shapes.get(node.index).ok_or(ServiceError::Defect("a node without a shape"))?;
            prepared.push((node.index, self.prepare(node, (shape, expansion), format, root_content)?));
            walk.extend(node.children.iter().map(|child| &child.node));
        }
        prepared.sort_by_key(|(index, _)| *index);
        Ok(prepared.into_iter().map(|(_, prepared)| prepared).collect())
    }

    fn prepare(
        &self,
        node: &Node,
        (shape, expansion): (&Shape, Option<&Expansion>),
        format: Format,
        root_content: &dyn Fn(Fields<'_>) -> Option<Content>,
    ) -> Result<Prepared, ServiceError> {
        let mut fields = Fields::new(node.set, shape, &node.columns, &node.computed);
        fields.places = &node.places;
        let content = match expansion.map(|expansion| (expansion.form, &expansion.apply)) {
            Some((_, Some(apply))) => Some(Content::Made(AggregateWriter::new(apply, &self.model, format))),
            None => root_content(fields),
            Some((Expanded::References, None)) => {
                let writer = PropertyWriter::reference(&self.model, fields, format, &self.root);
                writer.map(|writer| Content::Property(writer, false))
            }
            Some(_) => self.entity_content(fields, format),
        };
        let content = content.ok_or(ServiceError::Defect("plan and query do not fit"))?;
        let is_list = |it: &&Expansion| it.apply.is_some() || it.form == Expanded::Number || !it.order.is_empty();
        let lists = expansion.filter(is_list).map(|expansion| {
            let order = expansion.apply.as_ref().map_or(&expansion.order, |apply| &apply.order);
            let scalars = order.iter().map(|item| item.scalar);
            (expansion.rows_max, node.order.iter().copied().zip(scalars).collect())
        });
        let has_lists = node.children.iter().any(|child| child.rows_max.is_some())
            || shape.expansions.iter().chain(expansion).any(Expansion::ends_in_references);
        Ok(Prepared {
            content,
            lists,
            urls: if has_lists { EntityUrl::new(&self.model, node.set, &node.columns, "") } else { None },
            keeps_types: shape.expansions.iter().any(|expansion| expansion.of.is_some()),
        })
    }

    fn entity_content(&self, fields: Fields<'_>, format: Format) -> Option<Content> {
        EntityWriter::new(&self.model, fields, format, &self.root).map(|writer| Content::Entity(Arc::new(writer)))
    }

    /// What is written of each row that the path leads to.
    pub(super) fn root_content(&self, mut fields: Fields<'_>, read: &Read, format: Format) -> Option<Content> {
        let model = &self.model;
        let property = |writer: Option<PropertyWriter>| writer.map(|writer| Content::Property(writer, false));
        match read.answer {
            Form::Collection | Form::Entity => {
                (fields.declared, fields.is_told) = (read.of, read.all.is_some());
                self.entity_content(fields, format)
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
            Form::Each => {
                let (value_type, column) = (context::each(read, model)?, *fields.computed.first()?);
                Some(Content::Value(ResultWriter::new(model, value_type), column, format.ieee754))
            }
            Form::Count => Some(Content::Nothing),
        }
    }
}

impl Prepared {
    /// What is written of each row.
    pub(super) fn content(&self) -> Content {
        self.content.clone()
    }

    /// Gives the buffer what its lists need.
    pub(super) fn relate(&self, buffer: &mut NodeBuffer) {
        if self.lists.is_some() || self.urls.is_some() || self.keeps_types {
            let lists = self.lists.as_ref().map(|(rows_max, cursor)| Lists::new(*rows_max, cursor.clone()));
            buffer.relate(lists, self.urls.clone().map(Urls::new), self.keeps_types);
        }
    }
}

fn collect_shapes<'a>(
    shape: &'a Shape,
    of: Option<&'a Expansion>,
    shapes: &mut Vec<(&'a Shape, Option<&'a Expansion>)>,
) {
    shapes.push((shape, of));
    for expansion in &shape.expansions {
        collect_shapes(&expansion.shape, Some(expansion), shapes);
    }
}

/// The shape of the answer as nodes of the plan.
pub(super) fn nest<'a>(
    model: &'a Model,
    node: &'a Node,
    entity_type: &'a EntityType,
    expansions: &'a [Expansion],
    (name, is_collection, expansion): (&'a str, bool, Option<&'a Expansion>),
) -> Option<NestedShape<'a>> {
    let children: Option<Vec<_>> = node
        .children
        .iter()
        .zip(expansions)
        .map(|(child, expansion)| {
            let navigation = entity_type.navigation(expansion.navigation)?;
            let target = model.type_of(expansion.set)?;
            let how = (navigation.name.as_str(), navigation.collection, Some(expansion));
            nest(model, &child.node, target, &expansion.shape.expansions, how)
        })
        .collect();
    let is_above = expansions.iter().any(Expansion::ends_in_references);
    Some(NestedShape { node: node.index, name, is_collection, entity_type, expansion, is_above, children: children? })
}
