//! Owns [`Nodes`]: puts the entities of an answer together from the rows of its nodes, parents with what is expanded.

use crate::model::EntityType;
use crate::query::{Expanded, Expansion};
use crate::wire::Format;
use crate::wire::json::{write_context, write_control, write_count, write_property_control, write_string};

use super::body::NodeBuffer;

/// Which node of the plan an expansion is, and how it is written.
pub(super) struct NestedShape<'a> {
    pub(super) node: usize,
    pub(super) name: &'a str,
    pub(super) is_collection: bool,
    pub(super) entity_type: &'a EntityType,
    pub(super) expansion: Option<&'a Expansion>,
    /// Whether what is expanded may be an entity above it, so that it is to be known.
    pub(super) is_above: bool,
    pub(super) children: Vec<NestedShape<'a>>,
}

/// The rows of all nodes, in the order of the plan, and how they are written.
pub(super) struct Nodes<'a> {
    buffers: &'a [NodeBuffer],
    format: Format,
    /// The absolute service root with its slash.
    root: &'a str,
    /// The entities around the present one, where that is to be known: nodes and rows, from the outermost.
    above: Vec<(usize, usize)>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(buffers: &'a [NodeBuffer], format: Format, root: &'a str) -> Self {
        Nodes { buffers, format, root, above: Vec::new() }
    }

    /// Writes a row of a node as an object with its expansions.
    pub(super) fn write_entity(
        &mut self,
        shape: &NestedShape<'_>,
        row: usize,
        context: Option<&str>,
        out: &mut Vec<u8>,
    ) {
        let Some(node) = self.buffers.get(shape.node) else { return };
        out.push(b'{');
        let start = out.len();
        if let Some(context) = context {
            write_context(context, self.format, out);
        }
        let members = node.members(row);
        if !members.is_empty() {
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(members);
        }
        if shape.is_above {
            self.above.push((shape.node, row));
        }
        for child in &shape.children {
            // What only some type has is not there for others.
            let of = node.types.as_ref().and_then(|types| types.get(row)).copied().flatten();
            let is_of = child.expansion.is_none_or(|it| it.of.is_none() || shape.entity_type.derives(of, it.of));
            if !is_of || (self.format.omit_nulls && !child.is_collection && self.is_empty(child, row)) {
                continue;
            }
            if out.len() > start {
                out.push(b',');
            }
            self.write_expansion(child, row, out);
        }
        if shape.is_above {
            self.above.pop();
        }
        out.push(b'}');
    }

    /// Whether nothing is related to the row of the parent.
    fn is_empty(&self, child: &NestedShape<'_>, parent: usize) -> bool {
        self.buffers.get(child.node).is_none_or(|buffer| buffer.rows_of(parent).next().is_none())
    }

    fn write_expansion(&mut self, child: &NestedShape<'_>, parent: usize, out: &mut Vec<u8>) {
        let Some(buffer) = self.buffers.get(child.node) else { return };
        let rows = buffer.rows_of(parent);
        if !child.is_collection {
            write_string(child.name, out);
            out.push(b':');
            match rows.clone().next() {
                Some(row) => self.write_related(child, row, out),
                None => out.extend_from_slice(b"null"),
            }
            return;
        }
        let is_number = child.expansion.is_some_and(|expansion| expansion.form == Expanded::Number);
        if is_number || child.expansion.is_some_and(|expansion| expansion.count) {
            let written = rows.clone().count();
            let number = buffer.lists.as_ref().map_or(0, |lists| lists.number(parent, written));
            write_property_control(child.name, "count", self.format, out);
            write_count(number, self.format.ieee754, out);
            if is_number {
                return;
            }
            out.push(b',');
        }
        write_string(child.name, out);
        out.extend_from_slice(b":[");
        for (place, row) in rows.enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.write_related(child, row, out);
        }
        out.push(b']');
        if let Some(link) = buffer.lists.as_ref().and_then(|lists| lists.link(parent)) {
            out.push(b',');
            write_property_control(child.name, "nextLink", self.format, out);
            write_string(link, out);
        }
    }

    /// Writes an expanded entity, or a reference to it where it stands above itself.
    fn write_related(&mut self, child: &NestedShape<'_>, row: usize, out: &mut Vec<u8>) {
        let level = child.expansion.and_then(|expansion| expansion.level).filter(|level| level.max);
        let Some(url) = level.and_then(|level| self.found_above(child.node, row, usize::from(level.number))) else {
            return self.write_entity(child, row, None, out);
        };
        out.push(b'{');
        write_control("id", self.format, out);
        out.push(b'"');
        out.extend_from_slice(self.root.as_bytes());
        out.extend_from_slice(url.as_bytes());
        out.extend_from_slice(b"\"}");
    }

    /// The URL of a row, if one of the last `levels` entities around is the same.
    fn found_above(&self, node: usize, row: usize, levels: usize) -> Option<&'a str> {
        let url = |node: usize, row: usize| self.buffers.get(node)?.urls.as_ref()?.of(u32::try_from(row).ok()?);
        let own = url(node, row)?;
        self.above.iter().rev().take(levels).any(|(node, row)| url(*node, *row) == Some(own)).then_some(own)
    }
}
