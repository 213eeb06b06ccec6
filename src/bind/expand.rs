//! Owns the binding of `$expand`: navigation properties with options of their own, each target through the door.
//!
//! # Decisions
//!
//! - **`$levels` is written out**: each level is an expansion inside the one above it, as if the request had said so.
//!   The limit of levels bounds it. `max` goes as far as the limit allows, and each of its levels says so, since what
//!   stands above itself is a reference there (OData 4.01 Part 1, 11.2.5.2.1.1).
//! - **Everything is counted.** `*` with `$levels` multiplies, so all expansions of a request together have a limit.

use std::cell::Cell;

use crate::model::{DerivedId, Member, Navigation, NavigationId, PropertyId};
use crate::query::{Expanded, Expansion, Level, Shape, Stream};
use crate::syntax::{self, ExpandItem, Options};

use super::BindError;
use super::apply::bind_expanded;
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
    // Rows that were made have no entity that `$it` could mean.
    let root = if matches!(names.it, It::Here) { It::Parent(names.sight) } else { It::Above };
    let binder = Expander { scope, words, count: Cell::new(0), root };
    binder.shape(options, names, 1, None).map(|(shape, _)| shape)
}

struct Expander<'a, 'b> {
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
    /// Expansions until now.
    count: Cell<usize>,
    /// What `$it` is for what is expanded first.
    root: It<'a>,
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
    levels: Levels,
}

/// Where an expansion stands among those that repeat it.
#[derive(Clone, Copy)]
struct Levels {
    /// Levels that are left, this one included.
    left: usize,
    /// Which one it is, if there are or may be several.
    level: Option<Level>,
}

impl Levels {
    /// The next level, if there is one.
    fn next(self) -> Option<Levels> {
        let level = self.level.map(|level| Level { number: level.number.saturating_add(1), ..level });
        Some(Levels { left: self.left.checked_sub(1).filter(|left| *left > 0)?, level })
    }
}

impl<'a> Expander<'a, '_> {
    /// `again` is what the level above repeats here, and how many levels of it are left. Also tells whether what is
    /// chosen looks at the parent.
    fn shape(
        &self,
        options: &'a Options,
        names: Names<'a, '_>,
        depth: usize,
        again: Option<(&'a ExpandItem, Levels)>,
    ) -> Result<(Shape, bool), BindError> {
        let sight = &names.sight;
        let Selection { properties, computed, selected, mut inside, links } =
            bind_select(options.select.as_deref(), names, self.scope, self.words)?;
        let sees_parent = self.words.outer.replace(false);
        let given = options.expand.as_deref().unwrap_or_default();
        let mut wanted = Vec::with_capacity(given.len());
        let levels = |item: &ExpandItem| self.levels(item, depth);
        for item in given.iter().filter(|item| !is_star(item)) {
            match self.wanted(item, sight, levels(item)?) {
                Ok(found) => add(&mut wanted, found)?,
                Err(error) => {
                    let (id, of) = stream(item, sight, &self.scope.model.namespace).ok_or(error)?;
                    options::check(&item.options, Resource::Value).map_err(|error| error.or_at(&item.span))?;
                    let inside = inside.get_or_insert_default();
                    if inside.streams.iter().any(|known| known.id == id && known.expanded.is_some()) {
                        return Err(BindError::at(BindErrorKind::Duplicate(item.path.join("/")), &item.span));
                    }
                    inside.add_stream(Stream { id, selected: false, expanded: Some(of) });
                }
            }
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
            expansions.push(self.expansion(wanted, sight, depth)?);
        }
        expansions.sort_by_key(|expansion: &Expansion| (expansion.navigation, expansion.of));
        Ok((Shape { properties, computed, selected, links, expansions, inside }, sees_parent))
    }

    /// How many levels an item asks for.
    fn levels(&self, item: &ExpandItem, depth: usize) -> Result<Levels, BindError> {
        let limit = self.scope.limits.expand_depth_max;
        let left = (limit + 1).saturating_sub(depth);
        let wanted = match item.options.levels {
            None => 1,
            // What is expanded beside the next level must fit, too.
            Some(syntax::Levels::Max) => left.saturating_sub(depth_of(&item.options)).max(1),
            Some(syntax::Levels::Number(levels)) => usize::try_from(levels).unwrap_or(usize::MAX).max(1),
        };
        if wanted > left {
            return Err(BindError::at(BindErrorKind::Limit { unit: "levels of $expand", limit }, &item.span));
        }
        let max = item.options.levels == Some(syntax::Levels::Max);
        let level = Level { number: 1, max, named: !is_star(item) };
        Ok(Levels { left: wanted, level: (max || wanted > 1).then_some(level) })
    }

    /// `*` stands for all navigation properties that are not named themselves (OData 4.01 Part 2, 5.1.3).
    fn star(
        &self,
        item: &'a ExpandItem,
        sight: &Sight<'a>,
        levels: Levels,
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
        for navigation in sight.entity.published_navigations().filter(|navigation| navigation.expandable) {
            if let Some((id, navigation, target)) = self.scope.navigation(sight, &navigation.name)
                && wanted.iter().all(|known| known.id != id)
            {
                wanted.push(Wanted { item, id, navigation, of: None, sight: target, form, levels });
            }
        }
        Ok(())
    }

    /// What the path of an item leads to.
    fn wanted(&self, item: &'a ExpandItem, from: &Sight<'a>, levels: Levels) -> Result<Wanted<'a>, BindError> {
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
        let member = sight.member(name);
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

    fn expansion(&self, wanted: Wanted<'a>, from: &Sight<'a>, depth: usize) -> Result<Expansion, BindError> {
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
        if options.apply.is_some() {
            return self.made(wanted, from);
        }
        let it = if depth == 1 { self.root } else { It::Above };
        let names = Names::nested(sight, it);
        let around = self.words.outer.replace(false);
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
        let again = levels.next().map(|next| (item, next));
        let (shape, sees_parent) = match form {
            // The options of `*` are its own: what it expands has none.
            Expanded::Entities => self.shape(options, names, depth + 1, again)?,
            Expanded::References | Expanded::Number => Default::default(),
        };
        let outer = self.words.outer.replace(around);
        let is_counted = options.count == Some(true) || form == Expanded::Number;
        sight.check_counted(is_counted).map_err(|error| error.or_at(&item.span))?;
        Ok(Expansion {
            navigation: id,
            of,
            set: sight.id,
            cast: sight.of,
            form,
            apply: None,
            filter: sight.guard(conditions),
            outer: outer || sees_parent,
            search,
            order,
            shape,
            skip: options.skip.unwrap_or(0),
            top: options.top,
            count: options.count.unwrap_or(false),
            rows_max: limits.expand_rows_max,
            level: levels.level,
        })
    }

    /// What `$apply` makes of the related entities of each parent.
    fn made(&self, wanted: Wanted<'a>, from: &Sight<'a>) -> Result<Expansion, BindError> {
        let Wanted { item, id, navigation, of, sight, form, .. } = wanted;
        let options = &item.options;
        if options.levels.is_some() {
            return Err(BindError::unsupported("$levels beside $apply", &item.span));
        }
        let apply = match &options.apply {
            Some(apply) => {
                let within = (from.id, id, navigation);
                Some(Box::new(bind_expanded(sight, within, apply, options, self.scope, self.words)?))
            }
            None => None,
        };
        Ok(Expansion {
            navigation: id,
            of,
            set: sight.id,
            cast: sight.of,
            form,
            apply,
            filter: None,
            outer: false,
            search: None,
            order: Vec::new(),
            shape: Shape::default(),
            skip: options.skip.unwrap_or(0),
            top: options.top,
            count: options.count.unwrap_or(false),
            rows_max: self.scope.limits.expand_rows_max,
            level: None,
        })
    }
}

/// How deep the expansions inside go, where `max` is one level at least.
fn depth_of(options: &Options) -> usize {
    let depth = |item: &ExpandItem| {
        let levels = match item.options.levels {
            Some(syntax::Levels::Number(levels)) => usize::try_from(levels).unwrap_or(usize::MAX).max(1),
            _ => 1,
        };
        levels.saturating_add(depth_of(&item.options))
    };
    options.expand.iter().flatten().map(depth).max().unwrap_or(0)
}

/// The stream that an item names, and the type of entities whose it is, if not of all: a property, or `$value` for the
/// bytes that the entity is.
fn stream(item: &ExpandItem, from: &Sight<'_>, namespace: &str) -> Option<(PropertyId, Option<DerivedId>)> {
    let (last, before) = item.path.split_last()?;
    let mut sight = *from;
    for name in before {
        sight = sight.cast(namespace, name)?;
    }
    let of = sight.of.filter(|_| sight.of != from.of);
    if last == "$value" {
        return sight.entity.media.as_ref().map(|media| (media.content, of));
    }
    let (id, property) = sight.property(last)?;
    property.content_type.as_ref().map(|_| (id, of))
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
