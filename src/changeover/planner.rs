//! From two layouts to a plan: each rule of the page in its turn.

use std::collections::HashSet;

use super::assignment::NO_WAY;
use super::crew::{self, Schedule, Table, Yard};
use super::distance::Distances;
use super::ground::Ground;
use super::matching::{Carrying, Matching, position};
use super::order::{Order, Pair, Stand};
use super::stay::Blocks;
use super::untangle::{self, Untangled};
use super::{
    Change, Crew, Impossible, MOST_MOVES, MOST_PLACES, MOST_SECONDS, Move, Place, Plan, Step, Work,
    ground,
};
use crate::layout::{BlockType, Floor, Placement};

/// Steps that the improvement of a schedule reads out: some 20 ms.
const EFFORT: usize = 2_500_000;

/// A plan for the change.
///
/// # Errors
/// See [`Impossible`].
pub fn plan(change: &Change<'_>, crew: Crew) -> Result<Plan, Impossible> {
    plan_within(change, crew, EFFORT)
}

/// A plan for the change, whose schedule is improved by reading out about `effort` steps and no more.
///
/// # Errors
/// See [`Impossible`].
pub fn plan_within(change: &Change<'_>, crew: Crew, effort: usize) -> Result<Plan, Impossible> {
    let Change { ground, types, .. } = *change;
    if crew.teams == 0 {
        return Err(Impossible::NoTeams);
    }
    if crew.empty_s > MOST_SECONDS {
        return Err(Impossible::TooSlow);
    }
    let [from, to] = [change.from, change.to].map(|placements| ground.own(placements));
    ground::check(ground.floor, types, &from)?;
    ground::check(ground.floor, types, &to)?;
    let blocks = Blocks::between(types, &from, &to);
    few_enough(&blocks)?;
    let mut carrying = Carrying::new(ground, types, &blocks.arriving);
    let matching = Matching::least(types, &blocks, &mut carrying)?;
    let yard = yard(change, crew, &blocks, &carrying)?;
    let schedule = schedule(&yard, types, &matching.pairs, effort)?;
    Ok(Plan {
        stay: (0..types.len())
            .map(|block| count(&blocks.staying, block))
            .collect(),
        work: Work::of(types, &matching),
        moves: schedule
            .pairs
            .iter()
            .map(|&pair| as_move(&yard, &blocks, pair))
            .collect(),
        steps: schedule
            .steps
            .iter()
            .map(|step| as_step(&yard, &blocks, &schedule, step))
            .collect(),
        slots: schedule.slots,
        makespan_s: schedule.makespan_s,
    })
}

/// The work between every two of the layouts, row by row: the first row is from the first layout.
///
/// # Errors
/// See [`Impossible`]; a path that any of the changes needs counts.
pub fn work_table(
    floor: &Floor,
    types: &[BlockType],
    layouts: &[Vec<Placement>],
) -> Result<Vec<Vec<Work>>, Impossible> {
    for layout in layouts {
        ground::check(floor, types, layout)?;
    }
    let places: HashSet<&Placement> = layouts.iter().flatten().collect();
    if places.len() > MOST_PLACES {
        return Err(Impossible::TooManyPlaces {
            places: places.len(),
        });
    }
    let mut carrying = Carrying::new(Ground::whole(floor), types, layouts.iter().flatten());
    let mut table: Vec<Vec<Work>> = vec![Vec::new(); layouts.len()];
    for (row, from) in layouts.iter().enumerate() {
        for (column, to) in layouts.iter().enumerate() {
            // distances are the same both ways, and with them the work
            let work = match column < row {
                true => table[column][row].clone(),
                false => {
                    let blocks = Blocks::between(types, from, to);
                    few_enough(&blocks)?;
                    Work::of(types, &Matching::least(types, &blocks, &mut carrying)?)
                }
            };
            table[row].push(work);
        }
    }
    Ok(table)
}

fn few_enough(blocks: &Blocks) -> Result<(), Impossible> {
    match blocks.leaving.len().max(blocks.arriving.len()) {
        moves if moves > MOST_MOVES => Err(Impossible::TooMany { moves }),
        _ => Ok(()),
    }
}

fn count(blocks: &[Placement], block: usize) -> u64 {
    blocks.iter().filter(|one| one.block == block).count() as u64
}

/// The crew's ground: orders, distances, seconds.
fn yard(
    change: &Change<'_>,
    crew: Crew,
    blocks: &Blocks,
    carrying: &Carrying,
) -> Result<Yard, Impossible> {
    let types = change.types;
    let (leaving, arriving) = (&blocks.leaving, &blocks.arriving);
    let carried = |row: usize, column: usize| match (leaving.get(row), arriving.get(column)) {
        (Some(source), Some(target)) if source.block != target.block => NO_WAY,
        (source, target) => source.or(target).map_or(0, |block| {
            carrying.between(&types[block.block], source, target)
        }),
    };
    Ok(Yard {
        order: Order::new(&stands(types, leaving), &stands(types, arriving)),
        handle_s: types.iter().map(|one| u64::from(one.handle_s)).collect(),
        loaded_s: types.iter().map(|one| u64::from(one.loaded_s)).collect(),
        empty_s: u64::from(crew.empty_s),
        carried: Table::new(leaving.len() + 1, arriving.len() + 1, carried),
        walked: walked(change.ground, blocks)?,
        // one that has no step would only stand about
        teams: crew.teams.min(2 * leaving.len().max(arriving.len())).max(1),
    })
}

/// Modules that a team walks from each arriving block's place, and from the store, to each leaving one's.
///
/// Doors of the store belong to one room: where there is no way over the floor, the team goes through it.
fn walked(ground: Ground<'_>, blocks: &Blocks) -> Result<Table, Impossible> {
    let (leaving, arriving) = (&blocks.leaving, &blocks.arriving);
    let mut ways = Distances::new(ground, 1, arriving.iter().map(position));
    for source in leaving {
        if ways.to_store(position(source)) == NO_WAY {
            return Err(Impossible::NoWalk {
                at: position(source),
            });
        }
        ways.explore(position(source));
    }
    let to_store =
        |block: Option<&Placement>| block.map_or(0, |block| ways.to_store(position(block)));
    Ok(Table::new(
        arriving.len() + 1,
        leaving.len() + 1,
        |row, column| {
            let (target, source) = (arriving.get(row), leaving.get(column));
            let direct = target
                .zip(source)
                .map(|(target, source)| ways.between(position(source), position(target)));
            direct
                .filter(|&modules| modules != NO_WAY)
                .unwrap_or_else(|| to_store(target).saturating_add(to_store(source)))
        },
    ))
}

fn stands(types: &[BlockType], blocks: &[Placement]) -> Vec<Stand> {
    let stand = |block: &Placement| {
        let (w, h) = types[block.block].footprint(block.turned);
        let [x, y, z, w, h] =
            [block.x, block.y, block.z, w, h].map(|number| number.unsigned_abs() as usize);
        Stand { x, y, z, w, h }
    };
    blocks.iter().map(stand).collect()
}

/// Schedules the moves, as few as can be by way of the store.
fn schedule(
    yard: &Yard,
    types: &[BlockType],
    pairs: &[Pair],
    mut effort: usize,
) -> Result<Schedule, Impossible> {
    let mut untangled =
        untangle::untangle(yard, pairs).ok_or_else(|| imprisoned(yard, types, pairs))?;
    loop {
        let Untangled { pairs, by_store } = &untangled;
        let schedule = crew::schedule(yard, pairs, by_store, effort);
        // the search may have met a matching that needs fewer; they become fewer each time
        effort /= 2;
        let fewer = match by_store.is_empty() {
            true => None,
            false => untangle::again(yard, &schedule.pairs),
        };
        match fewer.filter(|again| again.by_store.len() < by_store.len()) {
            Some(fewer) => untangled = fewer,
            None => return Ok(schedule),
        }
    }
}

/// Names a block that finds no path to the store, by way of which it would have to go.
fn imprisoned(yard: &Yard, types: &[BlockType], pairs: &[Pair]) -> Impossible {
    let on_floor = |pair: &&Pair| pair.leaving.is_some() && pair.arriving.is_some();
    let mut moved = pairs.iter().filter(on_floor);
    let pair = moved.find(|&&pair| untangle::detour_s(yard, pair).is_none());
    Impossible::NoPath {
        block: pair.map_or_else(String::new, |pair| types[pair.block].id.clone()),
    }
}

fn as_move(yard: &Yard, blocks: &Blocks, pair: Pair) -> Move {
    Move {
        block: pair.block,
        from: Place::of(pair.leaving.map(|at| &blocks.leaving[at])),
        to: Place::of(pair.arriving.map(|at| &blocks.arriving[at])),
        distance: yard.modules(pair),
    }
}

fn as_step(yard: &Yard, blocks: &Blocks, schedule: &Schedule, step: &crew::Step) -> Step {
    Step {
        of_move: step.pair,
        part: step.part,
        block: schedule.pairs[step.pair].block,
        from: Place::of(blocks.leaving.get(step.source)),
        to: Place::of(blocks.arriving.get(step.target)),
        distance: yard.carried.at(step.source, step.target),
        seconds: step.seconds,
    }
}
