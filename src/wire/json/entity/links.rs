//! Owns [`Links`]: the control information that only full metadata needs: identity, links, media (OData JSON Format
//! 4.01, sections 4.5.8 to 4.5.12). The identity also stands in minimal metadata where the key itself is not written.

use crate::edm::Cell;
use crate::model::{DerivedId, EntityType, Model, SetId};
use crate::wire::json::{write_control, write_property_control};
use crate::wire::key::EntityUrl;
use crate::wire::{Format, Level, OFFER};

use super::Fields;
use super::streams::Medium;

/// Identity and links of the rows of one node.
#[derive(Clone, Debug)]
pub(super) struct Links {
    url: EntityUrl,
    format: Format,
    full: Option<Full>,
}

/// What full metadata adds.
#[derive(Clone, Debug)]
struct Full {
    /// What stands behind the URL of an entity of each type: nothing for the root, `/NS.Type` for a derived one.
    casts: Vec<String>,
    navigations: Vec<Navigation>,
    media: Option<Medium>,
}

#[derive(Clone, Debug)]
struct Navigation {
    name: String,
    declared_by: Option<DerivedId>,
}

impl Links {
    /// The links of a node; `None` if the format wants none, or if a column for the key is missing.
    pub(super) fn new(
        model: &Model,
        set: SetId,
        entity_type: &EntityType,
        fields: &Fields<'_>,
        format: Format,
        root: &str,
    ) -> Option<Self> {
        let has_key = entity_type.key.iter().all(|id| fields.shape.properties.contains(id));
        let wanted = match format.level {
            Level::None => false,
            Level::Minimal => !has_key || fields.is_told,
            Level::Full => true,
        };
        if !wanted {
            return None;
        }
        let url = EntityUrl::new(model, set, fields.columns, root)?;
        let full = fields.is_full.then(|| Full::new(model, entity_type, fields));
        Some(Links { url, format, full })
    }

    /// Writes the identity.
    pub(super) fn write_id<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        write_control("id", self.format, out);
        self.write_url(cell, "", out)
    }

    fn write_url<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        behind: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        out.push(b'"');
        self.url.write(cell, out)?;
        out.extend_from_slice(behind.as_bytes());
        out.push(b'"');
        Ok(())
    }

    /// Writes the links of the entity itself, each with a comma before it. While nothing can be written, an edit link
    /// is a promise that is not kept, but readers built on Olingo take it for the entity's address.
    pub(super) fn write_own<'a, E>(
        &self,
        of: Option<DerivedId>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let Some(full) = &self.full else { return Ok(()) };
        let cast = full.casts.get(place(of)).map_or("", String::as_str);
        let names: &[&str] = if OFFER.writes { &["editLink"] } else { &["editLink", "readLink"] };
        for name in names {
            out.push(b',');
            write_control(name, self.format, out);
            self.write_url(cell, cast, out)?;
        }
        if let Some(medium) = &full.media {
            out.push(b',');
            write_control("mediaReadLink", self.format, out);
            self.write_url(cell, "/$value", out)?;
            medium.write("", self.format, cell, out)?;
        }
        Ok(())
    }

    /// Writes what stands behind the structural properties, each with a comma before it: the links of the navigation
    /// properties that an entity of this type has.
    pub(super) fn write_others<'a, E>(
        &self,
        is_of: impl Fn(Option<DerivedId>) -> bool,
        cast: Option<DerivedId>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let Some(full) = &self.full else { return Ok(()) };
        for navigation in full.navigations.iter().filter(|navigation| is_of(navigation.declared_by)) {
            // What only a derived type has is found below a cast.
            let cast = cast.filter(|_| navigation.declared_by.is_some());
            let before = full.casts.get(place(cast)).map_or("", String::as_str);
            let behind = format!("{before}/{}", navigation.name);
            out.push(b',');
            write_property_control(&navigation.name, "navigationLink", self.format, out);
            self.write_url(cell, &behind, out)?;
            if OFFER.references {
                out.push(b',');
                write_property_control(&navigation.name, "associationLink", self.format, out);
                self.write_url(cell, &format!("{behind}/$ref"), out)?;
            }
        }
        Ok(())
    }
}

/// The place of a type among all types of its hierarchy.
pub(super) fn place(of: Option<DerivedId>) -> usize {
    of.map_or(0, |id| usize::from(id.0) + 1)
}

impl Full {
    fn new(model: &Model, entity_type: &EntityType, fields: &Fields<'_>) -> Self {
        let derived = entity_type.derived.iter().map(|derived| format!("/{}.{}", model.namespace, derived.name));
        // `$select` also chooses which links there are; an expanded navigation property is always one of them.
        let is_chosen = |index: usize| {
            let is = |id: &crate::model::NavigationId| usize::from(id.0) == index;
            let shape = fields.shape;
            !shape.selected || shape.links.iter().any(is) || shape.expansions.iter().any(|it| is(&it.navigation))
        };
        let navigations = entity_type.navigations.iter().enumerate();
        let navigations = navigations.filter(|(index, navigation)| !navigation.hidden && is_chosen(*index));
        let navigations = navigations
            .map(|(_, navigation)| Navigation { name: navigation.name.clone(), declared_by: navigation.declared_by });
        // Expanded bytes tell by themselves what they are.
        let is_expanded = |id| fields.shape.streams().iter().any(|stream| stream.id == id && stream.expanded.is_some());
        let media = entity_type.media.as_ref().map(|media| {
            if is_expanded(media.content) { Medium::Unknown } else { Medium::new(&media.content_type, fields) }
        });
        Full {
            casts: std::iter::once(String::new()).chain(derived).collect(),
            navigations: navigations.collect(),
            media,
        }
    }
}
