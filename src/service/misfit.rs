//! Owns how a row that cannot be read is named: its set, its key as far as that was read, the property, and what that
//! holds.

use crate::execute::ExecuteError;
use crate::model::Model;
use crate::plan::Node;
use crate::store::{Misfit, StoreError};
use crate::wire::write_key_value;

use super::ServiceError;

/// The error in the words of the model, if it is about a row of one of these nodes.
#[cold]
pub(super) fn named(model: &Model, root: &Node, error: ExecuteError) -> ServiceError {
    let place = match &error {
        ExecuteError::Row { node, error: StoreError::Decode { column, misfit, .. } } => {
            node_of(root, *node).and_then(|node| place(model, node, *column, misfit))
        }
        _ => None,
    };
    match place {
        Some((place, found)) => ServiceError::Row { place, found, error: Box::new(error.into()) },
        None => error.into(),
    }
}

fn node_of(node: &Node, index: usize) -> Option<&Node> {
    if node.index == index {
        return Some(node);
    }
    node.children.iter().find_map(|child| node_of(&child.node, index))
}

/// `Orders(OrderID=7), property 'Quantity'`, and what is wrong with it.
fn place(model: &Model, node: &Node, column: usize, misfit: &Misfit) -> Option<(String, String)> {
    let (set, entity_type) = (model.set(node.set)?, model.type_of(node.set)?);
    let mut key = Vec::new();
    for id in &entity_type.key {
        let value = node.columns.iter().position(|held| held == id).and_then(|at| misfit.row.get(at)?.as_ref());
        let (Some(value), Some(property)) = (value, entity_type.property(*id)) else {
            key.clear();
            break;
        };
        key.push(if key.is_empty() { b'(' } else { b',' });
        key.extend_from_slice(property.name.as_bytes());
        key.push(b'=');
        write_key_value(value, property.scalar, &mut key);
    }
    if !key.is_empty() {
        key.push(b')');
    }
    let key = String::from_utf8(key).ok()?;
    let Some(id) = node.columns.get(column) else {
        let place = format!("{}{key}, a computed value", set.name);
        return Some((place, format!("it is {}", misfit.found)));
    };
    let place = format!("{}{key}, property '{}'", set.name, entity_type.path_to(*id).join("/"));
    Some((place, format!("its column holds {}, which is no {}", misfit.found, entity_type.property(*id)?.scalar)))
}
