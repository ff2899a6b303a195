//! Layouts: blocks on a floor. Pure: integers in, answers out; the rules are those of the page "Layouts, changeovers,
//! slots", one file a purpose, under the page's own names.

pub mod block;
pub mod floor;

pub use block::{BlockType, Layout, Placement, Purpose, Rect, Side, Zone};
pub use floor::{Cell, Floor, FloorError};
