//! Owns [`Offer`]: what this server offers beyond what every request can have, as `$metadata` and links tell it. Each
//! switch stands for a feature that answers 501 while it is off, so it is turned together with the feature; a test asks
//! for each of them and compares.

/// What is offered.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The conformance level that is proven, a member of `Capabilities.ConformanceLevelType`; none until then.
    pub conformance: &'static [&'static str],
    /// The media types of `$batch`; none if it is not offered.
    pub batch_formats: &'static [&'static str],
    /// `Prefer: continue-on-error` in a batch.
    pub batch_continues_on_error: bool,
    /// `Prefer: respond-async`.
    pub asynchronous: bool,
    /// `$crossjoin`.
    pub cross_join: bool,
    /// `Set/1` beside `Set(1)`.
    pub key_as_segment: bool,
    /// `POST …/$query`.
    pub query_segment: bool,
    /// `$compute`.
    pub compute: bool,
    /// Options inside `$select`.
    pub select_options: SelectOptions,
    /// The transformations of `$apply`; none if it is not offered.
    pub transformations: &'static [&'static str],
    /// Operators and functions of `$filter`.
    pub filter_functions: &'static [&'static str],
    /// Navigation steps inside an expression; `None` is any number.
    pub filter_levels_max: Option<u32>,
    /// What `$search` does not understand, as members of `Capabilities.SearchExpressions`.
    pub search_unsupported: &'static [&'static str],
    /// Levels of `$expand`, by configuration.
    pub expand_levels_max: usize,
    /// `…/$ref`, so that there are association links.
    pub references: bool,
    /// Operations and types without their namespace.
    pub default_namespace: bool,
    /// Entities can be written, so that there are edit links.
    pub writes: bool,
}

/// What may stand in brackets behind a name in `$select`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the option of the same name")]
pub struct SelectOptions {
    pub expand: bool,
    pub filter: bool,
    pub search: bool,
    pub top: bool,
    pub skip: bool,
    pub compute: bool,
    pub count: bool,
    pub order: bool,
}

/// What this version offers.
pub const OFFER: Offer = Offer {
    conformance: &["Advanced"],
    batch_formats: &["multipart/mixed", "application/json"],
    batch_continues_on_error: true,
    asynchronous: true,
    cross_join: true,
    key_as_segment: true,
    query_segment: true,
    compute: true,
    select_options: SelectOptions {
        expand: false,
        filter: true,
        search: true,
        top: true,
        skip: true,
        compute: false,
        count: true,
        order: true,
    },
    transformations: &[
        "identity",
        "filter",
        "search",
        "compute",
        "groupby",
        "aggregate",
        "concat",
        "topcount",
        "topsum",
        "toppercent",
        "bottomcount",
        "bottomsum",
        "bottompercent",
        "orderby",
        "skip",
        "top",
    ],
    filter_functions: &[
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
        "in",
        "has",
        "and",
        "or",
        "not",
        "add",
        "sub",
        "mul",
        "div",
        "divby",
        "mod",
        "any",
        "all",
        "concat",
        "contains",
        "endswith",
        "indexof",
        "length",
        "matchespattern",
        "startswith",
        "substring",
        "tolower",
        "toupper",
        "trim",
        "date",
        "time",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "fractionalseconds",
        "totalseconds",
        "totaloffsetminutes",
        "now",
        "maxdatetime",
        "mindatetime",
        "ceiling",
        "floor",
        "round",
        "cast",
        "isof",
        "case",
    ],
    filter_levels_max: None,
    search_unsupported: &[],
    expand_levels_max: 1,
    references: true,
    default_namespace: true,
    writes: false,
};
