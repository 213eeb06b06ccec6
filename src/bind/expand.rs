//! Owns the binding of `$expand`: navigation properties with options of their own, each target through the door.
//!
//! # Decisions
//!
//! - **`$levels` is written out**: each level is an expansion inside the one above it, as if the request had said so. The
//!   limit of levels bounds it, so a loop in the data ends there. `max` goes as far as the limit allows.
//! - **Everything is counted.** `*` with `$levels` multiplies, so all expansions of a request together have a limit.

use std::cell::Cell;

use crate::model::{DerivedId, Member, Navigation, NavigationId};
use crate::query::{Expanded, Expansion, Shape};
use crate::syntax::{ExpandItem, Levels, Options};

use super::BindError;
use super::compute::bind_compute;
use super::connect::truth;
use super::error::BindErrorKind;
use super::filter::{It, Names, Words, bind_filter};
use super::options::{self, Resource};
use super::order::bind_order;
use super::scope::{Scope, Sight};
use super::search::bind_search;
use super::select::{Selection, bind_select};

/// What is written of each entity: `$select` and `$expand` together.
pub(super) fn bind_shape<'a>(
    options: &'a Options,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Shape, BindError> {
    let binder = Expander { scope, words, count: Cell::new(0), root: names.sight };
    binder.shape(options, names, 1, None)
}

struct Expander<'a, 'b> {
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
    /// Expansions until now.
    count: Cell<usize>,
    /// The entities of the resource path.
    root: Sight<'a>,
}

/// One navigation property that is wanted.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    item: &'a ExpandItem,
    id: NavigationId,
    navigation: &'a Navigation,
    /// The type of parents that have it, if not each has it.
    of: Option<DerivedId>,
    /// The target, as the path restricts it.
    sight: Sight<'a>,
    form: Expanded,
    /// Levels that are left, this one included.
    levels: usize,
}

impl<'a> Expander<'a, '_> {
    /// `again` is what the level above repeats here, and how many levels of it are left.
    fn shape(
        &self,
        options: &'a Options,
        names: Names<'a, '_>,
        depth: usize,
        again: Option<(&'a ExpandItem, usize)>,
    ) -> Result<Shape, BindError> {
        let sight = &names.sight;
        let Selection { properties, computed, selected, links } =
            bind_select(options.select.as_deref(), sight, names.computed, self.scope)?;
        let given = options.expand.as_deref().unwrap_or_default();
        let mut wanted = Vec::with_capacity(given.len());
        let levels = |item: &ExpandItem| self.levels(item, depth);
        for item in given.iter().filter(|item| !is_star(item)) {
            add(&mut wanted, self.wanted(item, sight, levels(item)?)?)?;
        }
        for item in given.iter().filter(|item| is_star(item)) {
            self.star(item, sight, levels(item)?, &mut wanted)?;
        }
        match again {
            Some((item, levels)) if is_star(item) => self.star(item, sight, levels, &mut wanted)?,
            Some((item, levels)) => {
                // Where the related entities do not have the property again, there are no more levels.
                let found = self.wanted(item, sight, levels).ok();
                wanted.extend(found.filter(|found| wanted.iter().all(|known| known.id != found.id)));
            }
            None => {}
        }
        let mut expansions = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            expansions.push(self.expansion(wanted, depth)?);
        }
        expansions.sort_by_key(|expansion: &Expansion| (expansion.navigation, expansion.of));
        Ok(Shape { properties, computed, selected, links, expansions })
    }

    /// How many levels an item asks for.
    fn levels(&self, item: &ExpandItem, depth: usize) -> Result<usize, BindError> {
        let limit = self.scope.limits.expand_depth_max;
        let left = (limit + 1).saturating_sub(depth);
        let wanted = match item.options.levels {
            None => 1,
            Some(Levels::Max) => left.max(1),
            Some(Levels::Number(levels)) => usize::try_from(levels).unwrap_or(usize::MAX).max(1),
        };
        if wanted > left {
            return Err(BindError::at(BindErrorKind::Limit { unit: "levels of $expand", limit }, &item.span));
        }
        Ok(wanted)
    }

    /// `*` stands for all navigation properties that are not named themselves (OData 4.01 Part 2, 5.1.3).
    fn star(
        &self,
        item: &'a ExpandItem,
        sight: &Sight<'a>,
        levels: usize,
        wanted: &mut Vec<Wanted<'a>>,
    ) -> Result<(), BindError> {
        let form = match item.path.as_slice() {
            [_] => Expanded::Entities,
            [_, last] if last == "$ref" => Expanded::References,
            [_, after, ..] => return Err(not_followed(after, "*", item)),
            [] => return Ok(()),
        };
        let other = Options { levels: None, ..item.options.clone() } != Options::default();
        if other || (form == Expanded::References && item.options.levels.is_some()) {
            let kind =
                BindErrorKind::NotAllowedHere { name: "*".to_owned(), place: "with an option other than $levels" };
            return Err(BindError::at(kind, &item.span));
        }
        for navigation in sight.entity.navigations.iter().filter(|navigation| navigation.expandable) {
            if let Some((id, navigation, target)) = self.scope.navigation(sight, &navigation.name)
                && wanted.iter().all(|known| known.id != id)
            {
                wanted.push(Wanted { item, id, navigation, of: None, sight: target, form, levels });
            }
        }
        Ok(())
    }

    /// What the path of an item leads to.
    fn wanted(&self, item: &'a ExpandItem, from: &Sight<'a>, levels: usize) -> Result<Wanted<'a>, BindError> {
        let namespace = &self.scope.model.namespace;
        let mut names = item.path.iter().map(String::as_str);
        let mut sight = *from;
        let (name, (id, navigation, target)) = loop {
            let Some(name) = names.next() else { return Err(unknown("", &sight, item)) };
            if let Some(found) = self.scope.navigation(&sight, name) {
                break (name, found);
            }
            sight = match sight.cast(namespace, name) {
                Some(cast) => cast,
                None => return Err(self.no_navigation(name, names.next(), &sight, item)),
            };
        };
        if !navigation.expandable {
            let kind = BindErrorKind::NotAllowedHere { name: navigation.name.clone(), place: "in $expand" };
            return Err(BindError::at(kind, &item.span));
        }
        let of = sight.of.filter(|_| sight.of != from.of);
        let (mut target, mut form, mut before) = (target, Expanded::Entities, name);
        for name in names {
            match (name, target.cast(namespace, name)) {
                ("$ref", _) => form = Expanded::References,
                ("$count", _) if navigation.collection => form = Expanded::Number,
                (_, Some(cast)) => target = cast,
                _ => return Err(not_followed(name, before, item)),
            }
            before = name;
        }
        Ok(Wanted { item, id, navigation, of, sight: target, form, levels })
    }

    fn no_navigation(&self, name: &str, after: Option<&str>, sight: &Sight<'a>, item: &ExpandItem) -> BindError {
        let is_stream = |member: &Member| match member {
            Member::Property(id) => sight.entity.property(*id).is_some_and(|property| property.content_type.is_some()),
            Member::Complex(_) => false,
        };
        let member = sight.member(name);
        if name == "$value" || member.is_some_and(is_stream) {
            return BindError::unsupported("a stream in $expand", &item.span);
        }
        if name.starts_with('@') {
            return BindError::unsupported("an annotation in $expand", &item.span);
        }
        match (member, after) {
            // Complex properties have no navigation properties.
            (Some(Member::Complex(complex)), Some(after)) => {
                let of = self.scope.model.complex_type(complex.complex_type);
                let type_name = of.map_or_else(String::new, |of| of.name.clone());
                let kind = BindErrorKind::UnknownNavigation { name: after.to_owned(), type_name };
                BindError::at(kind, &item.span)
            }
            _ => unknown(name, sight, item),
        }
    }

    fn expansion(&self, wanted: Wanted<'a>, depth: usize) -> Result<Expansion, BindError> {
        let Wanted { item, id, navigation, of, sight, form, levels } = wanted;
        let limits = &self.scope.limits;
        let limit = |unit, limit| BindError::at(BindErrorKind::Limit { unit, limit }, &item.span);
        if depth > limits.expand_depth_max {
            return Err(limit("levels of $expand", limits.expand_depth_max));
        }
        self.count.set(self.count.get() + 1);
        if self.count.get() > limits.expansions_max {
            return Err(limit("expanded navigation properties", limits.expansions_max));
        }
        let options = &item.options;
        let resource = match (form, navigation.collection) {
            (Expanded::Entities, true) => Resource::ExpandedCollection,
            (Expanded::Entities, false) => Resource::ExpandedEntity,
            (Expanded::References, true) => Resource::ExpandedReferences,
            (Expanded::References, false) => Resource::ExpandedReference,
            (Expanded::Number, _) => Resource::ExpandedCount,
        };
        options::check(options, resource).map_err(|error| error.or_at(&item.span))?;
        let it = if depth == 1 { It::Parent(self.root) } else { It::Above };
        let names = Names::nested(sight, it);
        self.words.outer.set(false);
        let computed = bind_compute(options.compute.as_deref(), names, self.scope, self.words)?;
        let names = Names { computed: &computed, ..names };
        let mut conditions = Vec::new();
        if let Some(filter) = &options.filter {
            conditions.push(bind_filter(filter, names, self.scope, self.words)?);
        }
        let search = match &options.search {
            Some(search) => {
                let search = bind_search(search, &sight)?;
                if search.is_none() {
                    conditions.push(truth(false));
                }
                search
            }
            None => None,
        };
        let order = if navigation.collection && form != Expanded::Number {
            bind_order(options.order.as_deref(), names, self.scope, self.words)?
        } else {
            Vec::new()
        };
        let outer = self.words.outer.replace(false);
        let again = (levels > 1).then_some((item, levels - 1));
        let shape = match form {
            // The options of `*` are its own: what it expands has none.
            Expanded::Entities => self.shape(options, names, depth + 1, again)?,
            Expanded::References | Expanded::Number => Shape::default(),
        };
        Ok(Expansion {
            navigation: id,
            of,
            set: sight.id,
            cast: sight.of,
            form,
            filter: sight.guard(conditions),
            outer,
            search,
            order,
            shape,
            skip: options.skip.unwrap_or(0),
            top: options.top,
            count: options.count.unwrap_or(false),
            rows_max: limits.expand_rows_max,
        })
    }
}

fn is_star(item: &ExpandItem) -> bool {
    item.path.first().is_some_and(|first| first == "*")
}

/// A navigation property is written once, with one list of options.
fn add<'a>(wanted: &mut Vec<Wanted<'a>>, new: Wanted<'a>) -> Result<(), BindError> {
    if wanted.iter().any(|known| meet(known, &new)) {
        return Err(BindError::at(BindErrorKind::Duplicate(new.navigation.name.clone()), &new.item.span));
    }
    wanted.push(new);
    Ok(())
}

/// Whether an entity could have both.
fn meet(known: &Wanted<'_>, new: &Wanted<'_>) -> bool {
    known.id == new.id && (known.of == new.of || known.of.is_none() || new.of.is_none())
}

fn unknown(name: &str, sight: &Sight<'_>, item: &ExpandItem) -> BindError {
    let derived = sight.of.and_then(|of| sight.entity.derived_type(of));
    let type_name = derived.map_or(&sight.entity.name, |derived| &derived.name).clone();
    BindError::at(BindErrorKind::UnknownNavigation { name: name.to_owned(), type_name }, &item.span)
}

fn not_followed(name: &str, before: &str, item: &ExpandItem) -> BindError {
    let kind = BindErrorKind::NotFollowed { found: format!("'{before}' by '{name}'") };
    BindError::at(kind, &item.span)
}
