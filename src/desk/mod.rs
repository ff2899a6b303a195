//! The front desk: the board of a day or a week, and the tasks that staff must look at.

pub mod api;
mod store;
pub mod tasks;
