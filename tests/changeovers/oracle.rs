//! Brute force on small floors: the least total distance over all matchings.

use mofang::changeover::assignment::{Costs, NO_WAY, least};
use mofang::changeover::{Place, Plan};
use mofang::layout::Placement;
use proptest::prelude::*;

use crate::random::{self, Mix};
use crate::replay::Replay;
use crate::world::World;

/// The least total over all complete assignments, one by one.
fn by_hand(costs: &[Vec<Option<u32>>]) -> Option<u64> {
    fn rest(costs: &[Vec<Option<u32>>], taken: &mut Vec<usize>) -> Option<u64> {
        let Some(row) = costs.get(taken.len()) else {
            return Some(0);
        };
        let mut best = None;
        for (column, cost) in row.iter().enumerate() {
            let Some(cost) = cost.filter(|_| !taken.contains(&column)) else {
                continue;
            };
            taken.push(column);
            let total = rest(costs, taken).map(|total| total + u64::from(cost));
            taken.pop();
            best = best.into_iter().chain(total).min();
        }
        best
    }
    rest(costs, &mut Vec::new())
}

/// The least distance of the blocks of a type, those that stay aside.
fn least_distance(world: &World, block: usize) -> Option<u64> {
    let moving = |list: &[Placement], others: &[Placement]| -> Vec<Place> {
        let moving = list
            .iter()
            .filter(|one| one.block == block && !others.contains(one));
        moving
            .map(|one| Place::Floor {
                x: one.x,
                y: one.y,
                z: one.z,
            })
            .collect()
    };
    let (mut sources, mut targets) = (
        moving(&world.from, &world.to),
        moving(&world.to, &world.from),
    );
    let count = sources.len().max(targets.len());
    sources.resize(count, Place::Store);
    targets.resize(count, Place::Store);
    let side = world.side(block);
    let row = |&from: &Place| {
        targets
            .iter()
            .map(|&to| world.distance(side, from, to))
            .collect()
    };
    by_hand(&sources.iter().map(row).collect::<Vec<_>>())
}

const SMALL_FLOOR: Mix = Mix {
    width: 8,
    height: 6,
    blocks: 7,
    stacks: false,
    second_store: true,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_distance_is_the_least(world in random::world(SMALL_FLOOR)) {
        let least: Vec<Option<u64>> = (0..3).map(|block| least_distance(&world, block)).collect();
        match world.quick_plan() {
            Ok(plan) => prop_assert_eq!(plan.work.distance.into_iter().map(Some).collect::<Vec<_>>(), least),
            Err(_) => {
                // the blocks may all have their paths where only a team has none
                let walks = |one: &Placement| {
                    world.distance(1, Place::Store, Place::Floor { x: one.x, y: one.y, z: one.z }).is_some()
                };
                prop_assert!(least.contains(&None) || !world.from.iter().all(walks));
            }
        }
    }

    #[test]
    fn any_table_is_assigned_at_the_least_cost(
        rows in (1..7_usize).prop_flat_map(|side| {
            let cost = prop_oneof![6 => (0..9_u32).prop_map(Some), 1 => Just(None)];
            prop::collection::vec(prop::collection::vec(cost, side), side)
        })
    ) {
        let costs = Costs::new(rows.len(), |row, column| rows[row][column].unwrap_or(NO_WAY));
        let found = least(&costs);
        if let Some(found) = &found {
            let mut columns = found.column.clone();
            columns.sort_unstable();
            prop_assert_eq!(columns, (0..rows.len()).collect::<Vec<_>>());
            let total: u32 = found.column.iter().enumerate().map(|(row, &column)| costs.at(row, column)).sum();
            prop_assert_eq!(u64::from(total), found.total);
        }
        prop_assert_eq!(found.map(|found| found.total), by_hand(&rows));
    }
}

/// The least makespan over all orders of the plan's steps and all teams for them.
fn least_makespan(world: &World, plan: &Plan) -> u64 {
    struct Teams {
        order: Vec<(usize, u64)>,
        at: Vec<(u64, Place)>,
    }
    fn rest(replay: &Replay<'_>, teams: &mut Teams) -> u64 {
        let steps = replay.plan.steps.len();
        let mut best = u64::MAX;
        for step in (0..steps)
            .filter(|step| teams.order.iter().all(|(done, _)| done != step))
            .collect::<Vec<_>>()
        {
            let first = |other: usize| replay.before(other, step);
            let done = |other: usize| {
                teams
                    .order
                    .iter()
                    .find(|(done, _)| *done == other)
                    .map(|&(_, end)| end)
            };
            let ends: Option<Vec<u64>> =
                (0..steps).filter(|&other| first(other)).map(done).collect();
            let Some(ends) = ends else {
                continue;
            };
            let ready = ends.into_iter().max().unwrap_or(0);
            for team in 0..teams.at.len() {
                let (free, at) = teams.at[team];
                let one = &replay.plan.steps[step];
                let end = ready.max(free + replay.walk_s(at, one.from)) + one.seconds;
                teams.order.push((step, end));
                teams.at[team] = (end, one.to);
                best = best.min(rest(replay, teams).max(end));
                teams.at[team] = (free, at);
                teams.order.pop();
            }
        }
        if teams.order.len() == steps { 0 } else { best }
    }
    let mut teams = Teams {
        order: Vec::new(),
        at: vec![(0, Place::Store); world.teams],
    };
    rest(&Replay::of(world, plan), &mut teams)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The search may even find another matching with a shorter makespan; it never stays above its own's least.
    #[test]
    fn a_small_changeover_takes_the_least_time(
        world in random::world(Mix { blocks: 3, stacks: true, second_store: false, ..SMALL_FLOOR })
    ) {
        if let Ok(plan) = world.quick_plan() && plan.steps.len() <= 4 {
            prop_assert_eq!(plan.makespan_s, least_makespan(&world, &plan));
        }
    }
}

#[test]
fn nothing_is_assigned_to_nothing() {
    let found = least(&Costs::new(0, |_, _| 0)).unwrap();
    assert_eq!((found.column, found.total), (vec![], 0));
}
