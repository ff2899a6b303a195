//! The fewest moves that break every circle, against brute force, and where brute force ends.

use std::time::{Duration, Instant};

use mofang::changeover::knots::{Waits, untie};
use proptest::prelude::*;

const EFFORT: u64 = 30_000_000;

fn waits(moves: usize, edges: &[(usize, usize)]) -> Waits {
    let mut waits = Waits::none(moves);
    for &(before, after) in edges {
        waits.after[before].push(after);
    }
    waits
}

fn fewest(moves: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let untied = untie(&waits(moves, edges), &vec![false; moves], EFFORT).unwrap();
    assert!(untied.is_proven());
    untied.moves
}

/// Whether the moves that are not in the set can be put in an order.
fn breaks_all(moves: usize, edges: &[(usize, usize)], gone: &[usize]) -> bool {
    let mut left: Vec<usize> = (0..moves).filter(|one| !gone.contains(one)).collect();
    loop {
        let waits = |one: &usize| {
            edges
                .iter()
                .any(|(before, after)| after == one && left.contains(before))
        };
        let still: Vec<usize> = left.iter().copied().filter(waits).collect();
        if still.len() == left.len() {
            return left.is_empty();
        }
        left = still;
    }
}

/// The size of the smallest set that breaks all circles and has no member of `bound`.
fn by_hand(moves: usize, edges: &[(usize, usize)], bound: &[bool]) -> Option<usize> {
    let members = |set: u32| (0..moves).filter(move |one| set >> one & 1 == 1);
    let allowed = |set: &u32| members(*set).all(|one| !bound[one]);
    let sets = (0..1_u32 << moves).filter(allowed);
    let breaking = sets.filter(|&set| breaks_all(moves, edges, &members(set).collect::<Vec<_>>()));
    breaking.map(|set| set.count_ones() as usize).min()
}

fn graph(most: usize) -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (1..=most).prop_flat_map(|moves| {
        let edges = prop::collection::vec((0..moves, 0..moves), 0..4 * moves);
        (Just(moves), edges)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_is_the_fewest((moves, edges) in graph(8)) {
        let found = fewest(moves, &edges);
        prop_assert!(breaks_all(moves, &edges, &found));
        prop_assert_eq!(Some(found.len()), by_hand(moves, &edges, &vec![false; moves]));
    }

    #[test]
    fn those_that_cannot_are_spared((moves, edges) in graph(7), bits in any::<u8>()) {
        let bound: Vec<bool> = (0..moves).map(|one| bits >> one & 1 == 1).collect();
        let found = untie(&waits(moves, &edges), &bound, EFFORT).map(|untied| untied.moves);
        if let Some(found) = &found {
            prop_assert!(found.iter().all(|&one| !bound[one]));
            prop_assert!(breaks_all(moves, &edges, found));
        }
        prop_assert_eq!(found.map(|found| found.len()), by_hand(moves, &edges, &bound));
    }

    /// However little is left to search with, the answer is one.
    #[test]
    fn without_effort_circles_are_still_broken((moves, edges) in graph(40)) {
        let found = untie(&waits(moves, &edges), &vec![false; moves], 0).unwrap();
        prop_assert!(breaks_all(moves, &edges, &found.moves));
    }
}

#[test]
fn a_move_that_waits_for_itself_goes_by_way_of_the_store() {
    assert_eq!(fewest(3, &[(1, 1), (0, 1), (1, 2)]), [1]);
}

#[test]
fn of_moves_that_all_wait_for_each_other_one_is_left() {
    let all = |moves: usize| -> Vec<(usize, usize)> {
        (0..moves)
            .flat_map(|one| (0..moves).map(move |other| (one, other)))
            .filter(|(one, other)| one != other)
            .collect()
    };
    assert_eq!(fewest(30, &all(30)).len(), 29);
}

#[test]
fn rings_that_share_a_move_need_one() {
    // 0 lies in every ring of ten
    let ring = |at: usize| move |step: usize| if step == 0 { 0 } else { 9 * at + step };
    let edges: Vec<(usize, usize)> = (0..20)
        .flat_map(|at| (0..10).map(move |step| (ring(at)(step), ring(at)((step + 1) % 10))))
        .collect();
    assert_eq!(fewest(181, &edges), [0]);
}

/// Knots of 25 to 60 moves of every density are proven, in seconds even without optimisation.
#[test]
fn knots_of_thirty_moves_are_proven() {
    let mut seed = 7_u64;
    let mut next = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for degree in [2, 3, 5, 8, 12, 20] {
        let moves = 30;
        let edges: Vec<(usize, usize)> = (0..moves * degree)
            .map(|_| (next(moves as u64) as usize, next(moves as u64) as usize))
            .filter(|(one, other)| one != other)
            .collect();
        let found = fewest(moves, &edges);
        assert!(breaks_all(moves, &edges, &found));
    }
}

#[test]
fn a_knot_of_thousands_is_answered_at_once() {
    let moves = 6_000;
    let edges: Vec<(usize, usize)> = (0..moves)
        .flat_map(|one| [(one, (one + 1) % moves), (one, (one * 7 + 3) % moves)])
        .collect();
    let begun = Instant::now();
    let found = untie(&waits(moves, &edges), &vec![false; moves], 1_000_000).unwrap();
    assert!(!found.is_proven() && !found.moves.is_empty());
    assert!(begun.elapsed() < Duration::from_secs(60));
}
