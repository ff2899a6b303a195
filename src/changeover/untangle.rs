//! Fewer blocks by way of the store: of the matchings with the same least distance, one with small knots, and of the
//! moves that would do, those for which the detour costs least.

use std::collections::BTreeSet;

use super::assignment::NO_WAY;
use super::crew::{Dice, Yard};
use super::knots::{Untied, Waits, untie};
use super::order::Pair;

/// Pairs of moves that are tried at most.
const TRIES: usize = 1_000;

/// What the search of one matching's knots may cost, and that of all of them together but for the last: some 20 ms.
/// Knots of 25 moves take a quarter of it at most.
const EFFORT: u64 = 150_000;

/// Detours that are compared at most.
const COMPARED: usize = 240;

/// Moves in which every circle is broken.
#[derive(Debug, Clone)]
pub struct Untangled {
    pub pairs: Vec<Pair>,
    /// The moves by way of the store, ascending: as few as this matching needs.
    pub by_store: Vec<usize>,
}

/// Breaks every circle; `None` where a circle is of blocks that find no path to the store.
pub fn untangle(yard: &Yard, pairs: &[Pair]) -> Option<Untangled> {
    let mut pairs = pairs.to_vec();
    let mut waits = yard.order.waits(&pairs);
    let mut untied = untie_moves(yard, &pairs, &waits)?;
    let mut dice = Dice::default();
    let mut left = untied.left;
    for _ in 0..TRIES {
        let tangled: Vec<usize> = waits.knots().concat();
        if tangled.is_empty() || left == 0 {
            break;
        }
        let one = tangled[dice.below(tangled.len())];
        let other = dice.below(pairs.len());
        let Some(swapped) = swapped(yard, &pairs, one, other) else {
            continue;
        };
        let swapped_waits = yard.order.waits(&swapped);
        let Some(other) = untie_moves(yard, &swapped, &swapped_waits) else {
            continue;
        };
        left = left.saturating_sub(EFFORT - other.left);
        if other.moves.len() <= untied.moves.len() {
            (pairs, waits, untied) = (swapped, swapped_waits, other);
        }
    }
    let by_store = cheapest(yard, &pairs, &waits, untied.moves);
    Some(Untangled { pairs, by_store })
}

/// The same matching, with as few moves by way of the store as it needs.
pub fn again(yard: &Yard, pairs: &[Pair]) -> Option<Untangled> {
    let waits = yard.order.waits(pairs);
    let untied = untie_moves(yard, pairs, &waits)?;
    Some(Untangled {
        by_store: cheapest(yard, pairs, &waits, untied.moves),
        pairs: pairs.to_vec(),
    })
}

fn untie_moves(yard: &Yard, pairs: &[Pair], waits: &Waits) -> Option<Untied> {
    let bound: Vec<bool> = pairs
        .iter()
        .map(|&pair| detour_s(yard, pair).is_none())
        .collect();
    untie(waits, &bound, EFFORT)
}

/// The matching with the targets of two moves swapped, where that keeps its distance.
fn swapped(yard: &Yard, pairs: &[Pair], one: usize, other: usize) -> Option<Vec<Pair>> {
    if !yard.may_swap(pairs[one], pairs[other]) {
        return None;
    }
    let mut swapped = pairs.to_vec();
    swapped[one].arriving = pairs[other].arriving;
    swapped[other].arriving = pairs[one].arriving;
    Some(swapped)
}

/// How much longer a move is carried by way of the store, in seconds; `None` where it has no path to it, or begins or
/// ends there.
pub fn detour_s(yard: &Yard, pair: Pair) -> Option<u64> {
    let to_store = yard.modules(Pair {
        arriving: None,
        ..pair
    });
    let from_store = yard.modules(Pair {
        leaving: None,
        ..pair
    });
    let both = pair.leaving.is_some() && pair.arriving.is_some();
    (both && to_store != NO_WAY && from_store != NO_WAY).then(|| {
        let detour = u64::from(to_store) + u64::from(from_store);
        let more = detour.saturating_sub(u64::from(yard.modules(pair)));
        yard.handle_s[pair.block] + yard.loaded_s[pair.block] * more
    })
}

/// Puts cheaper moves in the place of dear ones while every circle stays broken; ascending.
fn cheapest(yard: &Yard, pairs: &[Pair], waits: &Waits, by_store: Vec<usize>) -> Vec<usize> {
    let mut chosen: BTreeSet<usize> = by_store.iter().copied().collect();
    let tangled: Vec<usize> = waits.knots().concat();
    let mut compared = 0;
    for dear in by_store {
        let mut dear = dear;
        for &cheap in &tangled {
            let detours = detour_s(yard, pairs[cheap]).zip(detour_s(yard, pairs[dear]));
            let cheaper = detours.is_some_and(|(cheap, dear)| cheap < dear);
            if !cheaper || chosen.contains(&cheap) || compared == COMPARED {
                continue;
            }
            compared += 1;
            chosen.remove(&dear);
            chosen.insert(cheap);
            if waits.without(&chosen).knots().is_empty() {
                dear = cheap;
            } else {
                chosen.remove(&cheap);
                chosen.insert(dear);
            }
        }
    }
    chosen.into_iter().collect()
}
