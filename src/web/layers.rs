//! The stack that a request passes, in order, with reasons. Each layer of axum costs a box per request, so what can be
//! a plain call inside the door is one.
//!
//! | # | What | Where | Why there |
//! |---|---|---|---|
//! | 1 | refusals of the HTTP library get body and version | [`early`](super::early) | they happen before there is a request |
//! | 2 | compression | here | the only one that wraps the body; outermost, so that errors and health are covered |
//! | 3 | request id | [`request_id`](super::request_id) | before all that may be logged or refused |
//! | 4 | access log | [`access_log`](super::access_log) | outside of the catch, so that a panic has its line, too |
//! | 5 | panics become 500 | [`door`](super::door) | inside the log; tower-http's layer boxes every body |
//! | 6 | root, length of the URL, credentials, method | [`door`](super::door) | cheap refusals first; nothing but the root's name is told before credentials are right |
//! | 7 | headers to and from the service | [`odata`](super::odata) | last |

use axum::Router;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

/// Answers up to this size fit into a network packet or two; compressing them costs time and saves none.
const COMPRESS_ABOVE_BYTES: u64 = 1_400;

/// Puts the layers around the router. Level 1 of gzip, since rows compress well at any level and CPU is what counts.
pub(super) fn stack(router: Router) -> Router {
    router.layer(
        CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES)),
    )
}
