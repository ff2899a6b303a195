//! Who did what to what: append-only, ids and names of fields, never a personal value.

pub mod store;
