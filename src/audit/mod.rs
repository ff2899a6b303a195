//! Who did what to what, who signed in, and whose personal data staff have read: append-only, ids and names of fields,
//! never a personal value.
//!
//! An act is written in its own transaction: here, or, where it is an act on a booking, as a line of the booking's history
//! that says that it was staff's. Reading is written by each process within a second ([`reading`]).

pub mod api;
pub mod reading;
pub mod store;
