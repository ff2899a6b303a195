//! What holds for every floor.

use mofang::changeover::{Place, work_table};
use mofang::layout::{BlockType, Placement};
use proptest::prelude::*;

use crate::random::{self, Mix};
use crate::replay::replay;
use crate::world::World;

const CROWDED: Mix = Mix {
    width: 11,
    height: 8,
    blocks: 22,
    stacks: false,
    second_store: false,
};

fn turned_round(world: &World) -> World {
    let mut back = world.clone();
    std::mem::swap(&mut back.from, &mut back.to);
    back
}

fn no_blocks_move(world: &World) -> World {
    let mut same = world.clone();
    same.to.clone_from(&same.from);
    same
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_plan_replays(world in random::world(CROWDED)) {
        if let Ok(plan) = world.quick_plan() {
            replay(&world, &plan);
        }
    }

    #[test]
    fn every_plan_with_stacks_replays(world in random::world(Mix { stacks: true, ..CROWDED })) {
        if let Ok(plan) = world.quick_plan() {
            replay(&world, &plan);
        }
    }

    #[test]
    fn every_plan_with_two_stores_replays(world in random::world(Mix { stacks: true, second_store: true, width: 8, height: 6, blocks: 30 })) {
        if let Ok(plan) = world.quick_plan() {
            replay(&world, &plan);
        }
    }

    #[test]
    fn work_is_the_same_both_ways_and_none_to_itself(world in random::world(CROWDED)) {
        let layouts = [world.from.clone(), world.to.clone()];
        if let Ok(table) = work_table(&world.floor(), &world.types, &layouts) {
            prop_assert_eq!(&table[0][1], &table[1][0]);
            prop_assert_eq!(table[0][0].work_s + table[1][1].work_s, 0);
        }
        // the table fills in one half from the other; so ask for both
        if let (Ok(there), Ok(back)) = (world.quick_plan(), turned_round(&world).quick_plan()) {
            prop_assert_eq!(there.work, back.work);
        }
        let none = no_blocks_move(&world).quick_plan().unwrap();
        prop_assert_eq!((none.work.work_s, none.moves.len(), none.makespan_s), (0, 0, 0));
    }

    /// On floors with one store where handling takes no less than carrying over the longest way to it.
    #[test]
    fn a_stop_on_the_way_saves_no_work(
        first in random::world(Mix { blocks: 12, ..CROWDED }),
        second in random::world(Mix { blocks: 12, ..CROWDED }),
    ) {
        let mut world = first;
        for one in &mut world.types {
            one.handle_s = one.loaded_s * diameter(&world.rows);
        }
        let on_floor = |one: &&Placement| world.cells(one).iter().all(|&(x, y, _)| {
            world.rows[y as usize].as_bytes()[x as usize] == b'.'
        });
        let stop: Vec<Placement> = second.to.iter().filter(on_floor).copied().collect();
        let layouts = [world.from.clone(), stop, world.to.clone()];
        if let Ok(table) = work_table(&world.floor(), &world.types, &layouts) {
            prop_assert!(table[0][2].work_s <= table[0][1].work_s + table[1][2].work_s);
        }
    }

    #[test]
    fn whatever_is_put_wherever_nothing_panics(
        rows in prop::collection::vec("[.#KES]{1,9}", 1..7),
        blocks in prop::collection::vec((0..3_usize, -2..10_i32, -2..8_i32, -1..3_i32, any::<bool>()), 0..12),
        split in 0..12_usize,
        teams in 0..4_usize,
    ) {
        let width = rows[0].len();
        let rows: Vec<String> = rows.iter().map(|row| format!("{row:.<width$.width$}")).collect();
        let mut world = World::new(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let place = |&(block, x, y, z, turned): &(usize, i32, i32, i32, bool)| {
            Placement::new(&world.types, block, (x, y, z), turned)
        };
        let all: Vec<Placement> = blocks.iter().map(place).collect();
        let (from, to) = all.split_at(split.min(all.len()));
        (world.from, world.to, world.teams) = (from.to_vec(), to.to_vec(), teams);
        if let Ok(plan) = world.quick_plan() {
            prop_assert_eq!(plan.moves.len() as u64, plan.work.moves.iter().sum::<u64>());
        }
    }
}

/// No two positions of a square of one are further apart, nor from the store.
fn diameter(rows: &[String]) -> u32 {
    let cells = rows
        .iter()
        .map(|row| row.chars().filter(|&letter| letter != '#').count());
    cells.sum::<usize>() as u32
}

/// A floor whose plans are all but trivial: a full one, of which every block goes elsewhere.
#[test]
fn a_full_floor_is_turned_inside_out() {
    let mut world = World::new(&[
        "SS........",
        "SS........",
        "..........",
        "..........",
        "..........",
    ]);
    let spots: Vec<(i32, i32)> = (0..5)
        .map(|at| (2 * at, 2))
        .chain((1..5).map(|at| (2 * at, 0)))
        .collect();
    for number in 0..9 {
        let id = format!("only {number}");
        world.types.push(BlockType {
            id,
            ..BlockType::big()
        });
    }
    let all = |shift: usize| -> Vec<Placement> {
        let put = |(at, &(x, y)): (usize, &(i32, i32))| {
            Placement::new(&world.types, 3 + (at + shift) % 9, (x, y, 0), false)
        };
        spots.iter().enumerate().map(put).collect()
    };
    (world.from, world.to) = (all(0), all(1));
    let plan = world.quick_plan().unwrap();
    replay(&world, &plan);
    // one ring of nine that follow each other
    assert_eq!((plan.moves.len(), plan.steps.len()), (9, 10));
    assert!(plan.moves.iter().all(|one| one.from != Place::Store));
}
