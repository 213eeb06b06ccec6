//! Owns the binding of `$select`: which properties are written, in the declared order of the type.

use crate::model::{ComplexMember, Member, NavigationId, PropertyId};
use crate::query::{Computed, Inside, Shape, Stream};
use crate::syntax::SelectItem;

use super::BindError;
use super::error::BindErrorKind;
use super::filter::{Names, Words};
use super::items::{self, ItemsOf};
use super::options::{self, Resource};
use super::scope::{Scope, Sight};

/// What `$select` chooses.
pub(super) struct Selection {
    /// The properties that are written, the leaves of complex ones among them. The key is not added: what is asked for
    /// is exactly what is answered.
    pub(super) properties: Vec<PropertyId>,
    /// The computed values that are named.
    pub(super) computed: Vec<Computed>,
    /// Whether the request chose them.
    pub(super) selected: bool,
    /// The items that are wanted of collections of values.
    pub(super) inside: Option<Box<Inside>>,
    /// The navigation properties that are named; the metadata level decides about their links (OData 4.01 Part 1,
    /// 11.2.5.1).
    pub(super) links: Vec<NavigationId>,
}

/// Chooses among the properties of the type, and of those derived from it, since each entity is written as what it is.
pub(super) fn bind_select<'a>(
    items: Option<&'a [SelectItem]>,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Selection, BindError> {
    let (sight, computed) = (&names.sight, names.computed);
    let items = items.unwrap_or_default();
    let chosen = vec![false; sight.entity.properties.len()];
    let mut choice = Choice { all: items.is_empty(), chosen, ..Choice::default() };
    let with = With { names, scope, words };
    for item in items {
        choice.take(item, with)?;
    }
    if let Some((id, _)) = choice.inside.items.iter().find(|(id, _)| is_named_twice(*id, items, sight)) {
        let name = sight.entity.property(*id).map_or("", |property| &property.name);
        let place = items.iter().rfind(|item| item.path == name).map_or(0..0, |item| item.span.clone());
        return Err(BindError::at(BindErrorKind::Duplicate(name.to_owned()), &place));
    }
    let inside = choice.inside();
    let Choice { all, mut chosen, mut links, named, .. } = choice;
    links.sort_unstable();
    links.dedup();
    if all {
        // Without a choice and with `*`, what is computed is written, too (OData 4.01 Part 1, 11.2.5.3).
        return Ok(Selection {
            properties: published(sight),
            computed: computed.to_vec(),
            selected: !named.is_empty(),
            inside,
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
    Ok(Selection { properties, computed, selected: true, inside, links })
}

/// Chooses among the members of a complex property.
pub(super) fn bind_within<'a>(
    items: Option<&'a [SelectItem]>,
    complex: Option<&'a ComplexMember>,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Shape, BindError> {
    let mut properties = complex.map_or_else(Vec::new, ComplexMember::leaves);
    let Some(items) = items else { return Ok(Shape { properties, ..Shape::default() }) };
    let mut choice = Choice { chosen: vec![false; names.sight.entity.properties.len()], ..Choice::default() };
    let members = complex.map_or(&[][..], |complex| complex.members.as_slice());
    choice.among(items, members, With { names, scope, words })?;
    properties.retain(|id| choice.chosen.get(usize::from(id.0)).is_some_and(|slot| *slot));
    Ok(Shape { properties, selected: true, inside: choice.inside(), ..Shape::default() })
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

#[derive(Default)]
struct Choice {
    all: bool,
    /// By place of the property.
    chosen: Vec<bool>,
    /// The place behind the property that was named last: many name them in their order.
    next: usize,
    links: Vec<NavigationId>,
    /// Places of computed values.
    named: Vec<usize>,
    inside: Inside,
}

/// What binding an item needs.
#[derive(Clone, Copy)]
struct With<'a, 'b> {
    names: Names<'a, 'b>,
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
}

impl Choice {
    fn take<'a>(&mut self, item: &'a SelectItem, with: With<'a, '_>) -> Result<(), BindError> {
        let mut sight = with.names.sight;
        // Nearly every item is the name of a property.
        if item.options.is_none()
            && let Some((id, property)) = sight.property_from(self.next, &item.path)
            && property.content_type.is_none()
        {
            self.next = usize::from(id.0) + 1;
            self.choose(id);
            return Ok(());
        }
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
                Some(member) if is_last => return self.member(member, item, with),
                Some(_) => return Err(unknown(item, &sight)),
                None if members.is_some() => return Err(unknown(item, &sight)),
                None => match self.other(name, is_last, item, &sight, with)? {
                    Some(cast) => sight = cast,
                    None => return Ok(()),
                },
            }
        }
        Err(unknown(item, &sight))
    }

    fn choose(&mut self, id: PropertyId) {
        if let Some(slot) = self.chosen.get_mut(usize::from(id.0)) {
            *slot = true;
        }
    }

    /// With all that is in them.
    fn choose_all(&mut self, members: &[Member]) {
        let mut leaves = Vec::new();
        for member in members {
            member.push_leaves(&mut leaves);
        }
        for id in leaves {
            self.choose(id);
        }
    }

    fn inside(&mut self) -> Option<Box<Inside>> {
        Some(std::mem::take(&mut self.inside)).filter(|inside| *inside != Inside::default()).map(Box::new)
    }

    /// A member with all that is inside it, or with what the options of the item choose of it.
    fn member<'a>(&mut self, member: &'a Member, item: &'a SelectItem, with: With<'a, '_>) -> Result<(), BindError> {
        let entity = with.names.sight.entity;
        let check = |options, resource| options::check(options, resource).map_err(|error| error.or_at(&item.span));
        match (member, item.options.as_deref()) {
            (Member::Property(id), None) if entity.property(*id).is_some_and(|it| it.content_type.is_some()) => {
                self.inside.add_stream(Stream { id: *id, selected: true, expanded: None });
            }
            (member, None) => {
                self.choose_all(std::slice::from_ref(member));
            }
            (Member::Complex(complex), Some(options)) => {
                check(options, Resource::SelectedComplex)?;
                match &options.select {
                    Some(items) => self.among(items, &complex.members, with)?,
                    // Nothing but aliases.
                    None => self.choose_all(&complex.members),
                }
            }
            (Member::Property(id), Some(options)) => {
                let property = entity.property(*id).filter(|property| property.collection.is_some());
                let Some(property) = property else { return check(options, Resource::SelectedProperty) };
                check(options, Resource::SelectedItems)?;
                self.choose(*id);
                let of = ItemsOf { property, names: with.names, alone: false };
                let items = items::bind_items(of, None, options, with.scope, with.words)?;
                self.inside.items.extend(items.map(|items| (*id, items)));
            }
        }
        Ok(())
    }

    /// Members of a complex property.
    fn among<'a>(
        &mut self,
        items: &'a [SelectItem],
        members: &'a [Member],
        with: With<'a, '_>,
    ) -> Result<(), BindError> {
        let sight = &with.names.sight;
        for item in items {
            if item.path == "*" {
                self.choose_all(members);
                continue;
            }
            let mut found = None;
            let mut inner = members;
            for name in item.names() {
                found = inner.iter().find(|member| is_named(member, name, sight));
                inner = match found {
                    Some(Member::Complex(complex)) => &complex.members,
                    _ => &[],
                };
            }
            self.member(found.ok_or_else(|| unknown(item, sight))?, item, with)?;
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
        With { names, scope, .. }: With<'a, '_>,
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
        } else if let Some(place) = names.computed.iter().position(|known| *known.name == *name) {
            if !self.named.contains(&place) {
                self.named.push(place);
            }
        } else if name.starts_with('@') || is_operation(name, scope) {
            // There is nothing of them to write.
            let name: Box<str> = item.path.as_str().into();
            if !self.inside.names.contains(&name) {
                self.inside.names.push(name);
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

/// Whether an operation goes by the name, or all do.
fn is_operation(name: &str, scope: &Scope<'_>) -> bool {
    let rest = name.strip_prefix(scope.model.namespace.as_str()).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| {
        let called = rest.split('(').next().unwrap_or_default();
        rest == "*" || scope.model.operations_named(called).next().is_some()
    })
}

/// With options of its own a property is named once.
fn is_named_twice(id: PropertyId, items: &[SelectItem], sight: &Sight<'_>) -> bool {
    let is = |item: &&SelectItem| sight.property(&item.path).is_some_and(|(found, _)| found == id);
    items.iter().filter(is).count() > 1
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
