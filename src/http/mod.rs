//! What every route shares: problem details, the caller, idempotency, entity tags, paging, live events, the document.
//! No business in here.

pub mod caller;
pub mod checks;
pub mod cookie;
pub mod csv;
pub mod docs;
pub mod document;
pub mod envelope;
pub mod etag;
pub mod evenly;
pub mod events;
pub mod health;
pub mod idempotency;
pub mod input;
pub mod json;
pub mod language;
pub mod notifier;
pub mod once;
pub mod page;
pub mod picture;
pub mod problem;
pub mod rate;
pub mod server;

pub use caller::MaybeCaller;
pub use etag::{ETag, IfMatch};
pub use idempotency::{Fingerprint, IdempotencyKey};
pub use input::{Path, Query};
pub use json::{Body, MaybeBody};
pub use page::Page;
pub use server::{App, Settings};
