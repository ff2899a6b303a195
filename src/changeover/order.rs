//! What must come before what (3-layouts.md, "Order").
//!
//! The rules speak of two kinds of events: a block leaves its place, a block comes to its place. Those are given by the
//! two layouts alone; which of them are one move is the matching's business. A move is one step, so that whatever waits
//! for its leaving waits for its coming too; by way of the store it is two, and the rules hold for each (the page's a→b,
//! a→a, b→b).

use std::collections::{BTreeSet, HashMap};

use super::knots::Waits;

/// A block in its place: its cells at one height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub x: usize,
    pub y: usize,
    pub z: usize,
    pub w: usize,
    pub h: usize,
}

impl Stand {
    fn cells(self) -> impl Iterator<Item = (usize, usize)> {
        (self.y..self.y + self.h).flat_map(move |y| (self.x..self.x + self.w).map(move |x| (x, y)))
    }
}

/// A block's move: from the place of a leaving block to that of an arriving one, `None` being the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The type of all three.
    pub block: usize,
    pub leaving: Option<usize>,
    pub arriving: Option<usize>,
}

/// Which events wait for which, by the numbers of the leaving and of the arriving blocks; every list ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// By leaving block: the leaving blocks that lie on it and go first.
    pub lying_on: Vec<Vec<usize>>,
    /// By leaving block: the leaving blocks that it lies on.
    pub lies_on: Vec<Vec<usize>>,
    /// By leaving block: the arriving blocks whose place it takes up.
    pub blocks: Vec<Vec<usize>>,
    /// By arriving block: the leaving blocks in its place, that go first.
    pub in_the_way: Vec<Vec<usize>>,
    /// By arriving block: the arriving blocks under it, that come first.
    pub carried_by: Vec<Vec<usize>>,
    /// By arriving block: the arriving blocks on it.
    pub carries: Vec<Vec<usize>>,
}

impl Order {
    pub fn new(leaving: &[Stand], arriving: &[Stand]) -> Self {
        let left = Standing::new(leaving);
        let came = Standing::new(arriving);
        let one_below = |stand: &Stand| stand.z.checked_sub(1);
        let lies_on = leaving
            .iter()
            .map(|stand| left.within(stand, one_below(stand)));
        let in_the_way = arriving
            .iter()
            .map(|stand| left.within(stand, Some(stand.z)));
        let carried_by = arriving
            .iter()
            .map(|stand| came.within(stand, one_below(stand)));
        let (lies_on, in_the_way, carried_by): (Vec<_>, Vec<_>, Vec<_>) = (
            lies_on.collect(),
            in_the_way.collect(),
            carried_by.collect(),
        );
        Self {
            lying_on: turned(&lies_on, leaving.len()),
            blocks: turned(&in_the_way, leaving.len()),
            carries: turned(&carried_by, arriving.len()),
            lies_on,
            in_the_way,
            carried_by,
        }
    }

    /// Which moves wait for which, such that the smallest set of moves that meets every circle of the answer is the
    /// smallest that must go by way of the store.
    ///
    /// Where nothing is stacked these are the page's edges themselves. A circle that goes from leaving to leaving, or
    /// from coming to coming, past a move is not broken by that move's going by way of the store: it does not end
    /// there. So i before j here means that i's leaving leads to j's coming, over whatever lies in between. A move whose
    /// own leaving leads to its own coming that way waits for itself, and only its going by the store helps.
    pub fn waits(&self, pairs: &[Pair]) -> Waits {
        let mut move_of_leaving = vec![usize::MAX; self.lies_on.len()];
        let mut move_of_arriving = vec![usize::MAX; self.carries.len()];
        for (number, pair) in pairs.iter().enumerate() {
            if let Some(leaving) = pair.leaving {
                move_of_leaving[leaving] = number;
            }
            if let Some(arriving) = pair.arriving {
                move_of_arriving[arriving] = number;
            }
        }
        let mut waits = Waits::none(pairs.len());
        for (number, pair) in pairs.iter().enumerate() {
            let Some(own) = pair.leaving else {
                continue;
            };
            let mut coming = BTreeSet::new();
            for leaving in upward(own, &self.lies_on) {
                let same_move = pairs[move_of_leaving[leaving]].arriving;
                let freed = self.blocks[leaving].iter().copied().chain(same_move);
                for arriving in freed {
                    let itself = leaving == own && Some(arriving) == pair.arriving;
                    let from_here = upward(arriving, &self.carries);
                    coming.extend(
                        from_here
                            .into_iter()
                            .filter(|&at| !(itself && at == arriving)),
                    );
                }
            }
            // a block that comes from the store has left nothing that another could wait for
            let moves = coming
                .into_iter()
                .map(|arriving| move_of_arriving[arriving]);
            waits.after[number] = moves
                .filter(|&after| pairs[after].leaving.is_some())
                .collect();
        }
        waits
    }
}

/// The event itself and all that it leads to.
fn upward(event: usize, next: &[Vec<usize>]) -> Vec<usize> {
    let mut found = vec![event];
    let mut at = 0;
    while let Some(&event) = found.get(at) {
        let new: Vec<usize> = next[event]
            .iter()
            .copied()
            .filter(|to| !found.contains(to))
            .collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// The same relation, seen from the other side.
fn turned(lists: &[Vec<usize>], count: usize) -> Vec<Vec<usize>> {
    let mut turned = vec![Vec::new(); count];
    for (from, list) in lists.iter().enumerate() {
        for &to in list {
            turned[to].push(from);
        }
    }
    turned
}

/// Who stands where.
struct Standing(HashMap<(usize, usize, usize), usize>);

impl Standing {
    fn new(stands: &[Stand]) -> Self {
        let cells = stands.iter().enumerate();
        Self(
            cells
                .flat_map(|(number, stand)| {
                    stand.cells().map(move |(x, y)| ((x, y, stand.z), number))
                })
                .collect(),
        )
    }

    /// Those that stand at height `z` on the cells of the stand, ascending.
    fn within(&self, stand: &Stand, z: Option<usize>) -> Vec<usize> {
        let Some(z) = z else {
            return Vec::new();
        };
        let found: BTreeSet<usize> = stand
            .cells()
            .filter_map(|(x, y)| self.0.get(&(x, y, z)).copied())
            .collect();
        found.into_iter().collect()
    }
}
