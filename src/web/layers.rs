//! The stack that a request passes, in order, with reasons. All of it is plain calls inside the door: a layer of tower
//! boxes a future and clones a service per request, and measured with nothing to do it costs 1 to 2 µs and 8
//! allocations, a third of the whole door.
//!
//! | # | What | Where | Why there |
//! |---|---|---|---|
//! | 1 | refusals of the HTTP library get body and version | [`early`](super::early) | they happen before there is a request |
//! | 2 | request id | [`request_id`](super::request_id) | before all that may be logged or refused |
//! | 3 | access log | [`access_log`](super::access_log) | outside of the catch, so that a panic has its line, too |
//! | 4 | panics become 500 | [`door`](super::door) | inside the log |
//! | 5 | root, length of the URL, credentials, body | [`door`](super::door) | cheap refusals first; nothing but the root's name is told, and no body read, before credentials are right |
//! | 6 | headers to and from the service | [`odata`](super::odata) | next to the service |
//! | 7 | compression | [`packing`](super::packing) | on the way out, on the whole body, so `Content-Length` stays known; outside of the log, which counts bytes of the database's work |
