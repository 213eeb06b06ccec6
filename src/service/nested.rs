//! Owns the links to the rest of expanded lists: each is the URL of the navigation property with the words of the
//! expansion as its own options, so what is behind it is an ordinary list.

use crate::bind::{self, Scope};
use crate::model::EntityType;
use crate::query::{Cursor, Expanded, Expansion, Query, fingerprint, fingerprint_aggregate};
use crate::syntax::{self, ExpandItem, Levels, Options, ResourceUrl};

use super::assemble::NestedShape;
use super::body::NodeBuffer;
use super::{Service, ServiceError};

impl Service {
    /// Gives a link to every list that goes on, see [`lists_go_on`]. `url` is what the answer was bound from.
    pub(super) fn link_lists(
        &self,
        nodes: &mut [NodeBuffer],
        shape: &NestedShape<'_>,
        url: &ResourceUrl,
    ) -> Result<(), ServiceError> {
        self.link_below(nodes, shape, &url.options, url)
    }

    fn link_below(
        &self,
        nodes: &mut [NodeBuffer],
        shape: &NestedShape<'_>,
        words: &Options,
        url: &ResourceUrl,
    ) -> Result<(), ServiceError> {
        for child in &shape.children {
            let Some(expansion) = child.expansion else { continue };
            let words = inside(words, child.name, type_name(shape.entity_type, expansion));
            let words = words.ok_or(ServiceError::Defect("an expansion without words"))?;
            let mut links = Vec::new();
            let lists = nodes.get(child.node).and_then(|node| node.lists.as_ref());
            for full in lists.iter().flat_map(|lists| lists.going_on()) {
                for parent in &full.parents {
                    let urls = nodes.get(shape.node).and_then(|node| node.urls.as_ref());
                    let of = urls.and_then(|urls| urls.of(*parent)).ok_or(ServiceError::OverBudget)?;
                    if let Some(link) = self.list_link(of, (shape, child, expansion), &words, url, &full.last)? {
                        links.push((*parent, link));
                    }
                }
            }
            if let Some(lists) = nodes.get_mut(child.node).and_then(|node| node.lists.as_mut()) {
                lists.keep_links(links);
            }
            self.link_below(nodes, child, &words, url)?;
        }
        Ok(())
    }

    /// The link to what comes behind `last` in the list of one parent. The words are bound as they will be when it is
    /// followed, so that its token is right.
    fn list_link(
        &self,
        parent: &str,
        (shape, child, expansion): (&NestedShape<'_>, &NestedShape<'_>, &Expansion),
        words: &Options,
        url: &ResourceUrl,
        last: &Cursor,
    ) -> Result<Option<String>, ServiceError> {
        // `$it` means another entity there.
        if expansion.outer {
            return Err(ServiceError::OverBudget);
        }
        let left = expansion.top.map(|top| top.saturating_sub(u64::from(expansion.rows_max)));
        if left == Some(0) {
            return Ok(None);
        }
        let mut path = parent.to_owned();
        if let Some(of) = type_name(shape.entity_type, expansion) {
            path.extend(["/", &self.model.namespace, ".", of]);
        }
        path.extend(["/", child.name]);
        if let Some(cast) = expansion.cast.and_then(|cast| child.entity_type.derived_type(cast)) {
            path.extend(["/", &self.model.namespace, ".", &cast.name]);
        }
        if expansion.form == Expanded::References {
            path.push_str("/$ref");
        }
        let mut next = syntax::parse(&path, &self.syntax)?;
        next.options = Options {
            skip: None,
            top: left,
            aliases: url.options.aliases.clone(),
            format: url.options.format.clone(),
            ..words.clone()
        };
        let unseal = |token: &str| self.sealer.open(token);
        let scope = Scope { model: &self.model, grants: &self.grants, limits: self.bind, unseal: &unseal };
        // A list that has no URL of its own cannot be continued.
        let name = match bind::bind(&next, &scope) {
            Ok(Query::Read(read)) => fingerprint(&read, self.model.revision),
            Ok(Query::Aggregate(aggregate)) => fingerprint_aggregate(&aggregate, self.model.revision),
            _ => return Err(ServiceError::OverBudget),
        };
        let content = last.encode(name, self.model.revision);
        let token = self.sealer.seal(&content).ok_or(ServiceError::Defect("a token could not be sealed"))?;
        next.options.skip_token = Some((token, 0..0));
        Ok(Some(format!("{}{}", self.root, syntax::print(&next))))
    }
}

/// Whether any list goes on.
pub(super) fn lists_go_on(nodes: &[NodeBuffer]) -> bool {
    nodes.iter().filter_map(|node| node.lists.as_ref()).any(|lists| lists.going_on().next().is_some())
}

fn type_name<'a>(entity_type: &'a EntityType, expansion: &Expansion) -> Option<&'a str> {
    expansion.of.and_then(|of| entity_type.derived_type(of)).map(|derived| derived.name.as_str())
}

/// The options of what is expanded under a name. Levels that are left are items of their own there.
fn inside(options: &Options, name: &str, of: Option<&str>) -> Option<Options> {
    let items = options.expand.as_deref().unwrap_or_default();
    let is_of = |item: &ExpandItem| {
        of.is_none_or(|of| item.path.iter().any(|word| word.rsplit('.').next().is_some_and(|word| word == of)))
    };
    let named = items.iter().find(|item| item.path.iter().any(|word| word == name) && is_of(item));
    let item = named.or_else(|| items.iter().find(|item| item.path.first().is_some_and(|word| word == "*")))?;
    let mut inner = item.options.clone();
    let left = match inner.levels.take() {
        Some(Levels::Number(levels)) if levels > 1 => Some(Levels::Number(levels - 1)),
        Some(Levels::Max) => Some(Levels::Max),
        _ => None,
    };
    if left.is_some() {
        let again = ExpandItem { options: Options { levels: left, ..item.options.clone() }, ..item.clone() };
        inner.expand.get_or_insert_default().push(again);
    }
    Some(inner)
}
