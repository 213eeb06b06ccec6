//! Finished answers and counts, kept for as long as a policy allows: in memory, bounded in bytes, and in a second level
//! that replicas share. Equal keys that are filled at the same time are filled once.
//!
//! The key holds everything on which an answer depends, rights included, and the generation of every set touched: to
//! raise a generation is to drop all answers of a set, without looking for them. Errors are not kept.
//!
//! # Decisions
//!
//! - **Age is judged when an answer is served**, by the policy of that moment and the time at which the rows were asked
//!   for. The library's own expiry only frees memory.
//! - **A flight is a shared future, not a task.** Whoever waits drives it, so a caller that leaves hurts nobody, and
//!   when all have left the statement stops. Only a refresh behind the back of a reader is a task.
//! - **Generations are agreed in the second level, and private until then.** After a write a replica uses a stamp of
//!   its own at once, which no other can have; when the shared counter is raised, it takes that. So answers under a
//!   counter were read after every write that the counter counts, and the order in which messages arrive does not
//!   matter.

mod generation;
mod key;
mod memo;
mod memory;
mod packed;
mod page;
mod policy;
mod redis;
mod seen;

pub use generation::Generations;
pub use key::Key;
pub use memo::Memo;
pub use memory::{Adopt, Cache, Entry, Fresh, How, Second, Served};
pub use packed::{Coding, gzip};
pub use page::{Page, Stored, Told};
pub use policy::{Clock, Policy, State};
pub use redis::{Redis, RedisFault, RedisSettings};
pub use seen::Seen;
