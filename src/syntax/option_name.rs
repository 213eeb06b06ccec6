//! Owns the names of the system query options in every allowed spelling, and which of them may stand where.

/// A system query option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Filter,
    OrderBy,
    Select,
    Expand,
    Search,
    Top,
    Skip,
    Count,
    SkipToken,
    Format,
    Levels,
    Apply,
    Compute,
    DeltaToken,
    SchemaVersion,
    Index,
    Id,
}

/// Where an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind the question mark.
    Query,
    /// On an item of `$expand`.
    Expand,
    /// On `…/$ref` in `$expand`.
    Ref,
    /// On `…/$count` in `$expand` or in an expression.
    Count,
    /// On `*` in `$expand`.
    Star,
    /// On an item of `$select`.
    Select,
}

impl Place {
    fn allows(self, name: Name) -> bool {
        use Name::{
            Apply, Compute, Count, DeltaToken, Expand, Filter, Format, Id, Index, Levels, OrderBy, SchemaVersion,
            Search, Select, Skip, SkipToken, Top,
        };
        match self {
            Place::Query => name != Levels,
            Place::Expand => !matches!(name, SkipToken | Format | DeltaToken | SchemaVersion | Index | Id),
            Place::Ref => matches!(name, Filter | Search | OrderBy | Skip | Top | Count),
            Place::Count => matches!(name, Filter | Search),
            Place::Star => name == Levels,
            Place::Select => {
                !matches!(name, SkipToken | Format | DeltaToken | SchemaVersion | Index | Id | Levels | Expand | Apply)
                    || matches!(name, Select | Compute)
            }
        }
    }

    /// What may stand there, for a refusal.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Place::Query | Place::Expand => "a query option such as '$filter'",
            Place::Ref => "'$filter', '$search', '$orderby', '$skip', '$top' or '$count'",
            Place::Count => "'$filter' or '$search'",
            Place::Star => "'$levels'",
            Place::Select => "'$select', '$compute', '$filter', '$search', '$count', '$orderby', '$skip' or '$top'",
        }
    }

    /// Whether parameter aliases may be defined there.
    pub(super) fn defines_aliases(self) -> bool {
        matches!(self, Place::Query | Place::Expand | Place::Select)
    }
}

impl Name {
    /// Recognises a name with or without its dollar sign, in any letter case.
    pub(super) fn named(name: &str, place: Place) -> Option<Name> {
        const ALL: [Name; 17] = [
            Name::Filter,
            Name::OrderBy,
            Name::Select,
            Name::Expand,
            Name::Search,
            Name::Top,
            Name::Skip,
            Name::Count,
            Name::SkipToken,
            Name::Format,
            Name::Levels,
            Name::Apply,
            Name::Compute,
            Name::DeltaToken,
            Name::SchemaVersion,
            Name::Index,
            Name::Id,
        ];
        let bare = name.strip_prefix('$');
        let found = ALL.into_iter().find(|known| known.bare().eq_ignore_ascii_case(bare.unwrap_or(name)))?;
        // The grammar gives the two tokens no spelling without the dollar sign.
        let spelled = bare.is_some() || !matches!(found, Name::SkipToken | Name::DeltaToken);
        (spelled && place.allows(found)).then_some(found)
    }

    pub(super) fn dollar(self) -> &'static str {
        match self {
            Name::Filter => "$filter",
            Name::OrderBy => "$orderby",
            Name::Select => "$select",
            Name::Expand => "$expand",
            Name::Search => "$search",
            Name::Top => "$top",
            Name::Skip => "$skip",
            Name::Count => "$count",
            Name::SkipToken => "$skiptoken",
            Name::Format => "$format",
            Name::Levels => "$levels",
            Name::Apply => "$apply",
            Name::Compute => "$compute",
            Name::DeltaToken => "$deltatoken",
            Name::SchemaVersion => "$schemaversion",
            Name::Index => "$index",
            Name::Id => "$id",
        }
    }

    fn bare(self) -> &'static str {
        self.dollar().get(1..).unwrap_or_default()
    }

    /// What a value must be.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Name::Filter => "an expression",
            Name::OrderBy => "a list of expressions, each with 'asc' or 'desc' or neither",
            Name::Select => "a list of properties or '*'",
            Name::Expand => "a list of navigation properties or '*'",
            Name::Search => "a word or a phrase in double quotes",
            Name::Apply => "transformations with '/' between them",
            Name::Compute => "a list of expressions, each with 'as' and a name",
            Name::Top | Name::Skip => "a whole number from 0 up",
            Name::Index => "a whole number",
            Name::Count => "true or false",
            Name::Levels => "a whole number from 1 up, or 'max'",
            Name::SchemaVersion => "'*' or a version of letters, digits and the signs '-._~'",
            Name::SkipToken | Name::Format | Name::DeltaToken | Name::Id => "a text that is not empty",
        }
    }
}
