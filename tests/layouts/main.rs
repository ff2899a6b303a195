//! The rules of layouts, sentence by sentence, and the planner's command for them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clusters;
mod command;
mod drawing;
mod drawn_jobs;
mod egress;
mod hall;
mod literal;
mod properties;
mod roadshow;
mod robot_contest;
mod structure;
mod worked;
