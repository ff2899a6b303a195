//! What every route shares: problem details, the caller, idempotency, entity tags, paging. No business in here.

pub mod problem;
