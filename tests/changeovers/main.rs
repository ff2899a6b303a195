//! Changeovers, sentence by sentence, replayed by a simulator of its own, and the planner's commands for them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod command;
mod hall;
mod knots;
mod law;
mod oracle;
mod properties;
mod random;
mod replay;
mod worked;
mod world;
