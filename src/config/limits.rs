//! Owns [`Limits`]: what one request may cost.

use super::raw::Section;

/// `[limits]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size at which a page ends, in bytes of its body.
    pub page_bytes_max: usize,
    /// Bytes of all answers that are being built or sent.
    pub bytes_in_flight_max: usize,
    /// Longest work on one request, over all its statements.
    pub request_timeout_ms: u64,
    /// Length of a request target.
    pub url_bytes_max: usize,
    /// Nesting of a `$filter` or `$expand`.
    pub expression_depth_max: usize,
    /// Terms of one expression.
    pub expression_nodes_max: usize,
    /// Members of one `in` list.
    pub list_members_max: usize,
    /// Levels of `$expand`.
    pub expand_depth_max: usize,
    /// Expanded navigation properties of one request, on all levels together.
    pub expansions_max: usize,
    /// Expanded entities of one parent before a link leads to the others.
    pub expand_rows_max: u32,
    /// Requests of a `$batch`.
    pub batch_parts_max: usize,
    /// Bytes of the body of a `$batch`.
    pub batch_bytes_max: usize,
    /// Bytes of the body of a `…/$query`.
    pub query_bytes_max: usize,
}

/// Salesforce gives up after 120 seconds, and the answer needs time to get there.
const REQUEST_TIMEOUT_MOST_MS: u64 = 119_000;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            page_bytes_max: 6_000_000,
            bytes_in_flight_max: 268_435_456,
            request_timeout_ms: 110_000,
            url_bytes_max: 65_536,
            expression_depth_max: 64,
            expression_nodes_max: 20_000,
            list_members_max: 10_000,
            expand_depth_max: 4,
            expansions_max: 100,
            expand_rows_max: 2_000,
            batch_parts_max: 100,
            batch_bytes_max: 1_048_576,
            query_bytes_max: 1_048_576,
        }
    }
}

/// Bounds are those that the rooms below can keep: nesting is walked by recursion, and a longer URL than 64 KiB cannot
/// be received at all.
pub(super) fn check(mut section: Section<'_>) -> Limits {
    let default = Limits::default();
    let request_timeout_ms =
        section.number("request_timeout_ms", default.request_timeout_ms, 1, REQUEST_TIMEOUT_MOST_MS);
    let mut size = |key, default: usize, least, most| {
        let default = u64::try_from(default).unwrap_or(u64::MAX);
        usize::try_from(section.number(key, default, least, most)).unwrap_or(usize::MAX)
    };
    let limits = Limits {
        page_bytes_max: size("page_bytes_max", default.page_bytes_max, 10_000, 100_000_000),
        bytes_in_flight_max: size("bytes_in_flight_max", default.bytes_in_flight_max, 1 << 20, 1 << 40),
        request_timeout_ms,
        url_bytes_max: size("url_bytes_max", default.url_bytes_max, 1_024, 65_536),
        expression_depth_max: size("expression_depth_max", default.expression_depth_max, 4, 256),
        expression_nodes_max: size("expression_nodes_max", default.expression_nodes_max, 16, 1_000_000),
        list_members_max: size("list_members_max", default.list_members_max, 1, 1_000_000),
        expand_depth_max: size("expand_depth_max", default.expand_depth_max, 0, 16),
        expansions_max: size("expansions_max", default.expansions_max, 1, 1_000),
        expand_rows_max: u32::try_from(size("expand_rows_max", 2_000, 1, 100_000)).unwrap_or(default.expand_rows_max),
        batch_parts_max: size("batch_parts_max", default.batch_parts_max, 1, 1_000),
        batch_bytes_max: size("batch_bytes_max", default.batch_bytes_max, 1_024, 16 << 20),
        query_bytes_max: size("query_bytes_max", default.query_bytes_max, 1_024, 16 << 20),
    };
    // A page ends behind the row that reaches its size, reservations grow in steps, and expansions are held twice while
    // they are put into their parents.
    let least = limits.page_bytes_max.saturating_mul(2);
    if limits.bytes_in_flight_max < least {
        section.wrong(
            "bytes_in_flight_max",
            "less than twice 'page_bytes_max', so a single page might not find room",
            format!("write at least {least}"),
        );
    }
    section.finish();
    limits
}
