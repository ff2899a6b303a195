//! The fewest blocks by way of the store (3-layouts.md, "Order").
//!
//! Moves that wait for one another in a circle form a *knot* (a strongly connected component). A block that goes by way
//! of the store leaves its place without needing the next one, so the question is the smallest set of moves that meets
//! every circle: the minimum feedback vertex set. Each knot is answered on its own, first by reductions that lose
//! nothing (`reduction`), then by branch and bound (`search`). Proven for every knot that the bounded
//! search gets through, which is far beyond 25 blocks; a knot too large for it gets a good answer that is not proven.

mod components;
mod reduction;
mod search;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use components::components;
use reduction::Knot;

/// A knot above this many moves is first cut down by taking the most entangled moves.
const SEARCHED: usize = 640;

/// So many moves are tried in vain at most, after an answer that is not proven.
const GIVEN_BACK: usize = 256;

/// Which moves come before which: `after[i]` are those that wait for move `i`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    pub after: Vec<Vec<usize>>,
}

impl Waits {
    /// No move waits for another.
    pub fn none(moves: usize) -> Self {
        Self {
            after: vec![Vec::new(); moves],
        }
    }

    /// The moves without those in `gone`, numbered as before.
    pub fn without(&self, gone: &BTreeSet<usize>) -> Self {
        let kept = |from: usize, to: usize| !gone.contains(&from) && !gone.contains(&to);
        let after = self.after.iter().enumerate();
        Self {
            after: after
                .map(|(from, after)| after.iter().copied().filter(|&to| kept(from, to)).collect())
                .collect(),
        }
    }

    /// The knots: the moves of each circle or web of circles, a move that waits for itself among them.
    pub fn knots(&self) -> Vec<Vec<usize>> {
        let mut knots = components(self.after.len(), |move_| self.after[move_].iter().copied());
        knots.retain(|knot| match knot.as_slice() {
            [alone] => self.after[*alone].contains(alone),
            _ => true,
        });
        knots
    }
}

/// Moves that go by way of the store, so that no circle is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untied {
    /// Ascending.
    pub moves: Vec<usize>,
    /// What is left of the effort; where it is nothing, fewer are not proven not to do.
    pub left: u64,
}

impl Untied {
    /// Whether fewer are proven not to do.
    pub fn is_proven(&self) -> bool {
        self.left > 0
    }
}

/// The fewest moves that must go by way of the store; `None` where those that cannot (`bound`, by move: their blocks
/// find no path to it) form a circle among themselves. `effort` bounds the search; see [`search::fewest`].
pub fn untie(waits: &Waits, bound: &[bool], effort: u64) -> Option<Untied> {
    let mut taken = BTreeSet::new();
    let mut left = effort;
    let mut knots = waits.knots();
    while let Some(huge) = knots.iter().find(|knot| knot.len() > SEARCHED) {
        left = 0;
        taken.extend(most_entangled(waits, huge, bound)?);
        knots = waits.without(&taken).knots();
    }
    // the small ones first, which are proven soonest
    knots.sort_by_key(Vec::len);
    for members in knots {
        let mut knot = Knot::new(waits, &members);
        for (vertex, _) in members
            .iter()
            .enumerate()
            .filter(|&(_, &member)| bound[member])
        {
            if knot.has_loop(vertex) {
                return None;
            }
            knot.pass_over(vertex);
        }
        taken.extend(search::fewest(knot, &mut left));
    }
    if left == 0 {
        give_back(waits, &mut taken);
    }
    Some(Untied {
        moves: taken.into_iter().collect(),
        left,
    })
}

/// The part of a huge knot that lies on most ways of two links: a sixteenth of it, at least one.
fn most_entangled(waits: &Waits, knot: &[usize], bound: &[bool]) -> Option<Vec<usize>> {
    let members: BTreeSet<usize> = knot.iter().copied().collect();
    let (mut out, mut into) = (BTreeMap::new(), BTreeMap::<usize, usize>::new());
    for &from in knot {
        let inside = waits.after[from].iter().filter(|to| members.contains(to));
        for &to in inside.clone() {
            *into.entry(to).or_default() += 1;
        }
        out.insert(from, inside.count());
    }
    let mut ways: Vec<(usize, usize)> = out
        .into_iter()
        .filter(|&(member, _)| !bound[member])
        .map(|(member, out)| (out * into.get(&member).copied().unwrap_or(0), member))
        .collect();
    ways.sort_unstable_by_key(|&(ways, member)| (Reverse(ways), member));
    ways.truncate((knot.len() / 16).max(1));
    let most: Vec<usize> = ways.into_iter().map(|(_, member)| member).collect();
    (!most.is_empty()).then_some(most)
}

/// Gives back, one by one, what turns out not to be needed.
fn give_back(waits: &Waits, taken: &mut BTreeSet<usize>) {
    let tried: Vec<usize> = taken.iter().copied().take(GIVEN_BACK).collect();
    for move_ in tried {
        taken.remove(&move_);
        if !waits.without(taken).knots().is_empty() {
            taken.insert(move_);
        }
    }
}
