//! Owns the binding of `$select`: which properties are written, in the declared order of the type.

use crate::model::{ComplexMember, Member, NavigationId, PropertyId};
use crate::query::{Computed, Shape};
use crate::syntax::{Options, SelectItem};

use super::BindError;
use super::error::BindErrorKind;
use super::scope::{Scope, Sight};

/// What `$select` chooses.
pub(super) struct Selection {
    /// The properties that are written, the leaves of complex ones among them. The key is not added: what is asked for is
    /// exactly what is answered.
    pub(super) properties: Vec<PropertyId>,
    /// The computed values that are named.
    pub(super) computed: Vec<Computed>,
    /// Whether the request chose them.
    pub(super) selected: bool,
    /// The navigation properties that are named; the metadata level decides about their links (OData 4.01 Part 1,
    /// 11.2.5.1).
    pub(super) links: Vec<NavigationId>,
}

/// Chooses among the properties of the type, and of those derived from it, since each entity is written as what it is.
pub(super) fn bind_select<'a>(
    items: Option<&'a [SelectItem]>,
    sight: &Sight<'a>,
    computed: &[Computed],
    scope: &Scope<'a>,
) -> Result<Selection, BindError> {
    let items = items.unwrap_or_default();
    let mut choice = Choice {
        all: items.is_empty(),
        chosen: vec![false; sight.entity.properties.len()],
        links: Vec::new(),
        named: Vec::new(),
    };
    for item in items {
        choice.take(item, sight, computed, scope)?;
    }
    let Choice { all, mut chosen, mut links, named } = choice;
    links.sort_unstable();
    links.dedup();
    if all {
        // Without a choice and with `*`, what is computed is written, too (OData 4.01 Part 1, 11.2.5.3).
        return Ok(Selection {
            properties: published(sight),
            computed: computed.to_vec(),
            selected: !named.is_empty(),
            links: Vec::new(),
        });
    }
    let computed = named.iter().filter_map(|index| computed.get(*index).cloned()).collect();
    let mut properties = Vec::with_capacity(items.len());
    for id in published(sight) {
        if let Some(slot) = chosen.get_mut(usize::from(id.0)).filter(|slot| **slot) {
            *slot = false;
            properties.push(id);
        }
    }
    Ok(Selection { properties, computed, selected: true, links })
}

/// Chooses among the members of a complex property.
pub(super) fn bind_within(
    items: Option<&[SelectItem]>,
    sight: &Sight<'_>,
    complex: Option<&ComplexMember>,
) -> Result<Shape, BindError> {
    let mut properties = complex.map_or_else(Vec::new, ComplexMember::leaves);
    let items = items.unwrap_or_default();
    let mut chosen = Vec::new();
    for item in items {
        let mut members = complex.map_or(&[][..], |complex| complex.members.as_slice());
        let mut found = None;
        for name in item.names() {
            found = members.iter().find(|member| is_named(member, name, sight));
            members = match found {
                Some(Member::Complex(inner)) => &inner.members,
                _ => &[],
            };
        }
        match found {
            _ if item.path == "*" => chosen.clone_from(&properties),
            Some(_) if item.options.is_some() => {
                return Err(BindError::unsupported("an option inside $select here", &item.span));
            }
            Some(member) => member.push_leaves(&mut chosen),
            None => return Err(unknown(item, sight)),
        }
    }
    if !items.is_empty() {
        properties.retain(|id| chosen.contains(id));
    }
    Ok(Shape { properties, selected: !items.is_empty(), ..Shape::default() })
}

/// What entities of the type in sight, and of those derived from it, publish, each column once.
pub(super) fn published(sight: &Sight<'_>) -> Vec<PropertyId> {
    let entity = sight.entity;
    let mut ids = entity.published(sight.of);
    for (of, _) in entity.derived_types().filter(|(of, _)| entity.derives(Some(*of), sight.of)) {
        for id in entity.published(Some(of)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids.retain(|id| entity.property(*id).is_some_and(|property| property.content_type.is_none()));
    ids
}

struct Choice {
    all: bool,
    /// By place of the property.
    chosen: Vec<bool>,
    links: Vec<NavigationId>,
    /// Places of computed values.
    named: Vec<usize>,
}

impl Choice {
    fn take<'a>(
        &mut self,
        item: &'a SelectItem,
        sight: &Sight<'a>,
        computed: &[Computed],
        scope: &Scope<'a>,
    ) -> Result<(), BindError> {
        // Nearly every item is the name of a property.
        if item.options.is_none()
            && let Some((id, _)) = sight.property(&item.path)
        {
            if let Some(slot) = self.chosen.get_mut(usize::from(id.0)) {
                *slot = true;
            }
            return Ok(());
        }
        let mut sight = *sight;
        let mut members: Option<&'a [Member]> = None;
        let mut names = item.names().peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            let member = match members {
                Some(members) => members.iter().find(|member| is_named(member, name, &sight)),
                None => sight.member(name),
            };
            match member {
                Some(Member::Complex(complex)) if !is_last => members = Some(&complex.members),
                Some(member) if is_last => return self.member(member, item, &sight),
                Some(_) => return Err(unknown(item, &sight)),
                None if members.is_some() => return Err(unknown(item, &sight)),
                None => match self.other(name, is_last, item, &sight, computed, scope)? {
                    Some(cast) => sight = cast,
                    None => return Ok(()),
                },
            }
        }
        Err(unknown(item, &sight))
    }

    /// A member with all that is inside it, or with what the options of the item choose of it.
    fn member(&mut self, member: &Member, item: &SelectItem, sight: &Sight<'_>) -> Result<(), BindError> {
        let mut leaves = Vec::new();
        match (member, item.options.as_deref()) {
            (member, None) => member.push_leaves(&mut leaves),
            (Member::Complex(complex), Some(options)) => {
                let only_select = Options { select: None, ..options.clone() } == Options::default();
                let Some(items) = options.select.as_deref().filter(|_| only_select) else {
                    return Err(BindError::unsupported("an option other than $select inside $select", &item.span));
                };
                for inner in items {
                    let found = complex.members.iter().find(|member| is_named(member, &inner.path, sight));
                    match found {
                        _ if inner.path == "*" => leaves.extend(complex.leaves()),
                        Some(found) => self.member(found, inner, sight)?,
                        None => return Err(unknown(inner, sight)),
                    }
                }
            }
            (Member::Property(_), Some(_)) => {
                return Err(BindError::unsupported("an option of a property inside $select", &item.span));
            }
        }
        for id in leaves {
            if let Some(slot) = self.chosen.get_mut(usize::from(id.0)) {
                *slot = true;
            }
        }
        Ok(())
    }

    /// What is no member of the type; a cast changes what is in sight.
    fn other<'a>(
        &mut self,
        name: &str,
        is_last: bool,
        item: &SelectItem,
        sight: &Sight<'a>,
        computed: &[Computed],
        scope: &Scope<'a>,
    ) -> Result<Option<Sight<'a>>, BindError> {
        if !is_last {
            return match sight.cast(&scope.model.namespace, name) {
                Some(cast) => Ok(Some(cast)),
                None if scope.navigation(sight, name).is_some() => {
                    let what = format!("the path '{}' through a navigation property in $select", item.path);
                    Err(BindError::unsupported(what, &item.span))
                }
                None => Err(unknown(item, sight)),
            };
        }
        if name == "*" {
            self.all = true;
        } else if let Some((id, ..)) = scope.navigation(sight, name) {
            self.links.push(id);
        } else if let Some(place) = computed.iter().position(|known| *known.name == *name) {
            if !self.named.contains(&place) {
                self.named.push(place);
            }
        } else if name.contains('.') || name.starts_with('@') {
            // Operations and annotations: there is nothing of them to write.
            let rest = name.strip_prefix(scope.model.namespace.as_str()).and_then(|rest| rest.strip_prefix('.'));
            let is_operation = rest.is_some_and(|rest| {
                let called = rest.split('(').next().unwrap_or_default();
                rest == "*" || scope.model.operations.iter().any(|operation| operation.name == called)
            });
            if !is_operation && !name.starts_with('@') {
                return Err(unknown(item, sight));
            }
        } else {
            return Err(unknown(item, sight));
        }
        if item.options.is_some() {
            return Err(BindError::unsupported("an option inside $select here", &item.span));
        }
        Ok(None)
    }
}

fn is_named(member: &Member, name: &str, sight: &Sight<'_>) -> bool {
    match member {
        Member::Property(id) => sight.entity.property(*id).is_some_and(|property| property.name == name),
        Member::Complex(complex) => complex.name == name,
    }
}

fn unknown(item: &SelectItem, sight: &Sight<'_>) -> BindError {
    let kind = BindErrorKind::UnknownProperty { name: item.path.clone(), type_name: sight.entity.name.clone() };
    BindError::at(kind, &item.span)
}
