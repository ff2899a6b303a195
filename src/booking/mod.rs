//! Bookings: their states, the policy they are judged by, what they take up, and what is said about them.
//! Everything that changes occupancy goes through `occupancy.rs`.

pub mod area_set;
pub mod chain;
pub mod record;
pub mod reference;
pub mod state;
pub mod stock;
