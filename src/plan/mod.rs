//! The planner as a command: one case as JSON in, one answer as JSON out.

pub mod case;

pub use case::NotACase;
