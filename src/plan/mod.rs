//! The planner as a command: one case as JSON in, one answer as JSON out.

pub mod case;
pub mod layout;

pub use case::NotACase;
