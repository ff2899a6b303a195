//! Layouts: blocks on a floor. Pure: integers in, answers out; the rules are those of the page "Layouts, changeovers,
//! slots" (3-layouts.md), one file a purpose, under the page's own names.

pub mod block;
mod capacity;
mod check;
mod clusters;
pub mod draw;
mod egress;
mod exhibition;
pub mod floor;
mod grid;
mod roadshow;
mod robot_contest;
mod rows;
pub mod rules;
mod salon;
mod scene;
mod sight;
mod structure;
mod turned;
mod violation;

pub use block::{BlockType, Layout, Placement, Purpose, Rect, Side, Zone};
pub use check::{Report, check};
pub use floor::{Cell, Floor, FloorError};
pub use grid::Mask;
pub use roadshow::Seating;
pub use rules::Rules;
pub use violation::{Code, Violation};

/// Where a layout stands, and what it is made of and measured by.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    pub floor: &'a Floor,
    pub types: &'a [BlockType],
    /// How many there are of each type, in the order of `types`; `None` or missing is not limited.
    pub inventory: &'a [Option<u32>],
    pub rules: Rules,
}
