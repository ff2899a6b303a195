//! Changeovers: what it takes to get from one layout to another (3-layouts.md, "Changeover from A to B"). Pure: whole
//! numbers in, a plan out, the same one every time. What people see of it is in `carried`.
//!
//! `stay` says which blocks move, `distance` how far it is, `assignment` and `matching` which goes where, `order` what
//! must come first, `knots` and `untangle` which blocks go by way of the store, `crew` who carries what when, and
//! `minutes` what is published.

pub mod assignment;
pub mod carried;
pub mod crew;
pub mod distance;
pub mod ground;
pub mod knots;
pub mod matching;
pub mod minutes;
pub mod order;
mod planner;
pub mod stay;
mod untangle;

use std::fmt;

use crew::Part;
use ground::Ground;
use matching::Matching;
pub use planner::{plan, plan_within, work_table};

use crate::layout::{BlockType, Placement};

/// The most moves that a changeover may have.
pub const MOST_MOVES: usize = 4_000;

/// The most seconds that handling a block or carrying it over a module may take.
pub const MOST_SECONDS: u32 = 1_000_000;

/// The most places that a table of work may be about.
pub const MOST_PLACES: usize = 8_000;

/// Two layouts on a floor, or their parts in an area.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub ground: Ground<'a>,
    pub types: &'a [BlockType],
    pub from: &'a [Placement],
    pub to: &'a [Placement],
}

/// Who carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crew {
    /// Teams that each carry one block at a time.
    pub teams: usize,
    /// Seconds a module when walking empty-handed.
    pub empty_s: u32,
}

/// Why there is no way from one layout to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Impossible {
    /// A block stands off the floor or below it.
    OffFloor {
        block: String,
        at: (i32, i32, i32),
    },
    /// Two blocks stand in one cell.
    Overlap {
        at: (i64, i64, i32),
    },
    /// A block of this type finds no path where it needs one.
    NoPath {
        block: String,
    },
    /// A team finds no path from the store to where it should take up a block.
    NoWalk {
        at: (i32, i32),
    },
    NoTeams,
    /// More moves than [`MOST_MOVES`].
    TooMany {
        moves: usize,
    },
    /// More different places than [`MOST_PLACES`].
    TooManyPlaces {
        places: usize,
    },
    /// A type takes more than [`MOST_SECONDS`].
    TooSlow,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OffFloor {
                block,
                at: (x, y, z),
            } => {
                write!(f, "a block {block:?} at {x}, {y}, {z} is not on the floor")
            }
            Self::Overlap { at: (x, y, z) } => write!(f, "two blocks share the cell {x}, {y}, {z}"),
            Self::NoPath { block } => write!(
                f,
                "there is no path for a block {block:?} that has to be moved"
            ),
            Self::NoWalk { at: (x, y) } => {
                write!(f, "there is no path for a team from the store to {x}, {y}")
            }
            Self::NoTeams => write!(f, "there is no team"),
            Self::TooMany { moves } => write!(
                f,
                "there are {moves} blocks to move, more than {MOST_MOVES}"
            ),
            Self::TooManyPlaces { places } => {
                write!(
                    f,
                    "the layouts have {places} different places for blocks, more than {MOST_PLACES}"
                )
            }
            Self::TooSlow => write!(
                f,
                "handling, carrying or walking takes more than {MOST_SECONDS} seconds"
            ),
        }
    }
}

impl std::error::Error for Impossible {}

/// How much there is to do, whoever does it; the value is unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Blocks moved, by type.
    pub moves: Vec<u64>,
    /// Modules that they are carried, by type.
    pub distance: Vec<u64>,
    /// Seconds: handling and carrying.
    pub work_s: u64,
}

impl Work {
    fn of(types: &[BlockType], matching: &Matching) -> Self {
        let by_type = types
            .iter()
            .zip(matching.moves.iter().zip(&matching.distance));
        let seconds = |(block_type, (moves, distance)): (&BlockType, (&u64, &u64))| {
            u64::from(block_type.handle_s) * moves + u64::from(block_type.loaded_s) * distance
        };
        Self {
            work_s: by_type.map(seconds).sum(),
            moves: matching.moves.clone(),
            distance: matching.distance.clone(),
        }
    }
}

/// Where a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Store,
    /// Its least cell and its height.
    Floor {
        x: i32,
        y: i32,
        z: i32,
    },
}

impl Place {
    fn of(placement: Option<&Placement>) -> Self {
        placement.map_or(Self::Store, |&Placement { x, y, z, .. }| Self::Floor {
            x,
            y,
            z,
        })
    }
}

/// A block that is brought from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Its type, by index.
    pub block: usize,
    pub from: Place,
    pub to: Place,
    /// Modules that it is carried when it does not go by way of the store.
    pub distance: u32,
}

/// What a team does at one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The move that it is, or is a half of.
    pub of_move: usize,
    pub part: Part,
    pub block: usize,
    pub from: Place,
    pub to: Place,
    pub distance: u32,
    pub seconds: u64,
}

/// A way from one layout to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Blocks that stay, by type.
    pub stay: Vec<u64>,
    pub work: Work,
    pub moves: Vec<Move>,
    pub steps: Vec<Step>,
    /// Who does which step when; by start, then by team.
    pub slots: Vec<crew::Slot>,
    /// When the last step ends, in seconds from the beginning.
    pub makespan_s: u64,
}

impl Plan {
    /// The minutes to publish, where the space's plain turnaround is so many.
    pub fn minutes(&self, plain_turnaround: u32) -> u64 {
        minutes::published(self.makespan_s, plain_turnaround)
    }
}
