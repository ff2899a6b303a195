//! Bookings: their states, the policy they are judged by, what they take up, and what is said about them.
//! Everything that changes occupancy goes through `occupancy.rs`.

pub mod act;
pub mod api;
pub mod area_set;
pub mod arrival;
pub mod chain;
pub mod check;
pub mod clock;
pub mod closing;
pub mod decide;
#[cfg(test)]
mod histories;
mod lapse;
mod needle;
mod new_booking;
pub mod notice;
pub mod occupancy;
pub mod offer;
pub mod policy;
pub mod question;
pub mod record;
pub mod reference;
pub mod refuse;
pub mod relayout;
pub mod request;
pub mod reschedule;
pub mod slots;
pub mod state;
pub mod stock;
pub mod store;
pub mod view;
