//! Owns what both writers say about properties: facets and referential constraints.

use std::fmt;

use crate::edm::Scalar;
use crate::model::{EntityType, Navigation, Property};
use crate::wire::Version;

/// The value of a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Facet {
    Number(u32),
    Word(&'static str),
}

impl fmt::Display for Facet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Facet::Number(number) => number.fmt(formatter),
            Facet::Word(word) => word.fmt(formatter),
        }
    }
}

/// The facets of a type by their names in XML; JSON has a `$` before them.
pub(super) fn facets(scalar: Scalar, version: Version) -> impl Iterator<Item = (&'static str, Facet)> {
    let number = |value: u16| Facet::Number(u32::from(value));
    let facets = match scalar {
        Scalar::String { max_length } | Scalar::Binary { max_length } => {
            [max_length.map(|length| ("MaxLength", Facet::Number(length))), None]
        }
        Scalar::Decimal { precision, scale } => {
            let variable = (version == Version::V4_01).then_some(Facet::Word("variable"));
            let scale = scale.map(number).or(variable);
            [precision.map(|precision| ("Precision", number(precision))), scale.map(|scale| ("Scale", scale))]
        }
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } | Scalar::Duration { precision } => {
            [Some(("Precision", number(u16::from(precision)))), None]
        }
        _ => [None, None],
    };
    facets.into_iter().flatten()
}

/// The pairs of a to-one navigation; none if the standard forbids one of them, since a part of a join would assert
/// something else.
pub(super) fn constraints<'a>(
    owner: &'a EntityType,
    navigation: &Navigation,
    target: &'a EntityType,
) -> Vec<(&'a Property, &'a Property)> {
    if navigation.collection {
        return Vec::new();
    }
    let allowed = |local: &Property, remote: &Property| {
        local.scalar.name() == remote.scalar.name() && local.nullable == (navigation.nullable || remote.nullable)
    };
    let pairs = navigation.joins.iter().map(|join| {
        let pair = (owner.property(join.local)?, target.property(join.remote)?);
        allowed(pair.0, pair.1).then_some(pair)
    });
    pairs.collect::<Option<_>>().unwrap_or_default()
}
