//! Who carries what, when (3-layouts.md, "Crew").
//!
//! Parallel teams, steps that wait for others, and empty-handed ways between them that depend on the order. First a list
//! schedule (`list`), then improvement (`search`), bounded by the number of steps read out and not by time, so that the
//! same input gives the same plan. Where several matchings have the same least distance, the search chooses among them.

mod dice;
mod list;
mod search;
mod sequence;

pub use dice::Dice;

use super::assignment::NO_WAY;
use super::order::{Order, Pair};

/// What a schedule rests on. Tables have a row or column for each leaving or arriving block, and a last one for the store.
#[derive(Debug)]
pub struct Yard {
    pub order: Order,
    /// By type: seconds to pick up and put down.
    pub handle_s: Vec<u64>,
    /// By type: seconds a module when carried.
    pub loaded_s: Vec<u64>,
    /// Seconds a module when walking empty-handed.
    pub empty_s: u64,
    /// From leaving to arriving: modules carried; `NO_WAY` where the types differ or there is no path.
    pub carried: Table,
    /// From arriving to leaving: modules walked.
    pub walked: Table,
    /// At least one.
    pub teams: usize,
}

impl Yard {
    /// The number of the store among the leaving.
    fn store_as_source(&self) -> usize {
        self.order.lies_on.len()
    }

    /// The number of the store among the arriving.
    fn store_as_target(&self) -> usize {
        self.order.carries.len()
    }

    /// Where a block is taken from and where it is put.
    pub fn ends(&self, pair: Pair) -> (usize, usize) {
        (
            pair.leaving.unwrap_or(self.store_as_source()),
            pair.arriving.unwrap_or(self.store_as_target()),
        )
    }

    /// Modules that a move is carried without the store in between.
    pub fn modules(&self, pair: Pair) -> u32 {
        let (source, target) = self.ends(pair);
        self.carried.at(source, target)
    }

    /// Whether two moves may change targets: they are of one type, and the total distance stays the same.
    pub fn may_swap(&self, one: Pair, other: Pair) -> bool {
        if one.block != other.block
            || one.leaving == other.leaving
            || one.arriving == other.arriving
        {
            return false;
        }
        let crossed = [(one, other), (other, one)].map(|(from, to)| {
            self.modules(Pair {
                arriving: to.arriving,
                ..from
            })
        });
        let now = [one, other].map(|pair| self.modules(pair));
        let total = |modules: [u32; 2]| modules.map(u64::from).iter().sum::<u64>();
        !crossed.contains(&NO_WAY) && total(crossed) == total(now)
    }

    /// How long a step takes.
    fn seconds(&self, block: usize, source: usize, target: usize) -> u64 {
        let modules = self.carried.at(source, target);
        self.handle_s[block] + self.loaded_s[block] * u64::from(modules)
    }

    /// How long a team walks from where it put a block to where it takes the next.
    fn walk_s(&self, target: usize, source: usize) -> u64 {
        self.empty_s * u64::from(self.walked.at(target, source))
    }
}

/// A rectangular table of numbers, row by row.
#[derive(Debug, Clone)]
pub struct Table {
    width: usize,
    cells: Vec<u32>,
}

impl Table {
    pub fn new(height: usize, width: usize, mut number: impl FnMut(usize, usize) -> u32) -> Self {
        let mut cells = Vec::with_capacity(height * width);
        for row in 0..height {
            cells.extend((0..width).map(|column| number(row, column)));
        }
        Self { width, cells }
    }

    pub fn at(&self, row: usize, column: usize) -> u32 {
        self.cells[row * self.width + column]
    }
}

/// What a team does at one go: a move, or one of its halves by way of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub pair: usize,
    pub part: Part,
    /// The number of the leaving block, or of the store.
    pub source: usize,
    /// The number of the arriving block, or of the store.
    pub target: usize,
    pub seconds: u64,
}

/// Which part of a move a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// To the store.
    ToStore,
    /// From the store, where the step before it in the list has brought it.
    FromStore,
}

/// When a step is done, and by whom; seconds from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub step: usize,
    pub team: usize,
    pub start_s: u64,
    pub end_s: u64,
}

/// A plan for the crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The moves: a matching of the same distance as the one that was given.
    pub pairs: Vec<Pair>,
    pub steps: Vec<Step>,
    /// By start, then by team.
    pub slots: Vec<Slot>,
    pub makespan_s: u64,
}

/// Schedules the moves; those in `by_store` (ascending) go by way of the store, and without them no circle is left.
/// `effort` bounds the improvement, in steps read out.
pub fn schedule(yard: &Yard, pairs: &[Pair], by_store: &[usize], effort: usize) -> Schedule {
    let best = list::first(yard, pairs, by_store);
    search::improve(best, effort).into_schedule()
}
