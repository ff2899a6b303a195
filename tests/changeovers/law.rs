//! The page's sentences on changeovers, one by one.

use mofang::changeover::crew::Part;
use mofang::changeover::ground::Ground;
use mofang::changeover::{self, Change, Crew, Impossible, MOST_MOVES, Place};
use mofang::layout::{BlockType, Floor, Placement};

use crate::replay::replay;
use crate::world::World;

const BIG: usize = 0;
const SMALL: usize = 1;
const PLANK: usize = 2;

fn hall() -> World {
    World::new(&[
        "SSSS......",
        "SSSS......",
        "..........",
        "...#......",
        "..........",
        "..........",
    ])
}

fn turned(mut world: World, which: impl Fn(&mut World) -> &mut Placement) -> World {
    which(&mut world).turned = true;
    world
}

#[test]
fn the_same_block_at_the_same_place_stays() {
    let world = hall().change(
        &[(BIG, 4, 2, 0), (SMALL, 8, 2, 0)],
        &[(BIG, 4, 2, 0), (SMALL, 8, 3, 0)],
    );
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.stay, [1, 0, 0]);
    assert_eq!(plan.work.moves, [0, 1, 0]);
}

#[test]
fn a_block_of_another_type_does_not_stay() {
    let world = hall().change(&[(BIG, 4, 2, 0)], &[(SMALL, 4, 2, 0)]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!((plan.stay, plan.work.moves), (vec![0, 0, 0], vec![1, 1, 0]));
}

#[test]
fn a_turn_counts_where_the_sides_differ() {
    let lying = hall().change(&[(PLANK, 4, 2, 0)], &[(PLANK, 4, 2, 0)]);
    assert_eq!(lying.plan().unwrap().stay, [0, 0, 1]);
    let world = turned(lying, |world| &mut world.to[0]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    // the block moves by no module, through its own place
    assert_eq!((plan.stay, plan.work.distance), (vec![0; 3], vec![0; 3]));
    assert_eq!((plan.work.work_s, plan.steps.len()), (31, 1));
    let square = hall();
    let types = square.types.clone();
    let big = Placement::new(&types, BIG, (4, 2, 0), true);
    assert_eq!(big, Placement::new(&types, BIG, (4, 2, 0), false));
}

#[test]
fn a_block_on_others_stays_only_where_all_of_them_do() {
    let from = [
        (SMALL, 4, 2, 0),
        (SMALL, 5, 2, 0),
        (SMALL, 6, 2, 0),
        (PLANK, 4, 2, 1),
    ];
    let same = hall().change(&from, &from);
    assert_eq!(same.plan().unwrap().stay, [0, 3, 1]);
    // one of the three under it is replaced by one of another kind
    let mut world = hall().change(&from, &from);
    world.types.push(BlockType {
        id: "tall".to_owned(),
        ..BlockType::small()
    });
    world.to[1].block = 3;
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.stay, [0, 2, 0, 0]);
    assert_eq!(plan.work.moves, [0, 1, 1, 1]);
    // it lies on what leaves, and comes to lie on what comes, in its own place: it has to be put away in between
    let plank: Vec<Part> = plan
        .steps
        .iter()
        .filter(|step| step.block == PLANK)
        .map(|step| step.part)
        .collect();
    assert_eq!(plank, [Part::ToStore, Part::FromStore]);
}

#[test]
fn a_tower_stays_from_the_ground_up() {
    let tower = [(BIG, 4, 2, 0), (BIG, 4, 2, 1), (SMALL, 4, 2, 2)];
    let world = hall().change(&tower, &tower);
    assert_eq!(world.plan().unwrap().stay, [2, 1, 0]);
    let world = hall().change(&tower, &[(BIG, 4, 4, 0), (BIG, 4, 4, 1), (SMALL, 4, 4, 2)]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.stay, [0, 0, 0]);
}

#[test]
fn a_block_is_carried_as_a_square_of_its_shorter_side() {
    let gap = World::new(&["SSS....", "SSS....", "###.###", "......."]);
    let world = gap.clone().change(&[(PLANK, 4, 0, 0)], &[(PLANK, 4, 3, 0)]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.work.distance, [0, 0, 5]);
    let world = gap.change(&[(BIG, 5, 0, 0)], &[]);
    assert_eq!(world.plan().unwrap().work.distance, [4, 0, 0]);
}

#[test]
fn the_nearest_position_wholly_on_the_store_counts() {
    // the single cell of store beside the block is no place for a big one
    let world = World::new(&["SS......", "SS.....S", "........"])
        .change(&[(BIG, 5, 0, 0), (SMALL, 5, 2, 0)], &[]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.work.distance, [5, 3, 0]);
}

#[test]
fn several_doors_lead_to_one_store() {
    let world = World::new(&["SS..........SS", "SS..........SS"])
        .change(&[(BIG, 3, 0, 0)], &[(BIG, 9, 0, 0), (SMALL, 2, 0, 0)]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.work.distance, [6, 1, 0]);
    // the team that has put the small one in the west fetches nothing in the east on foot: the store is one room
    let two =
        World::new(&["S...#...S", "S...#...S"]).change(&[], &[(SMALL, 3, 0, 0), (SMALL, 5, 0, 0)]);
    let plan = two.plan().unwrap();
    replay(&two, &plan);
    assert_eq!(plan.work.distance, [0, 6, 0]);
}

#[test]
fn parts_of_a_floor_without_a_way_between_them_do_not_matter_until_they_do() {
    let two = World::new(&["S...#...S", "S...#...S"]);
    let world = two.clone().change(
        &[(SMALL, 2, 0, 0), (SMALL, 6, 0, 0)],
        &[(SMALL, 3, 0, 0), (SMALL, 5, 0, 0)],
    );
    let plan = world.plan().unwrap();
    assert_eq!(plan.work.distance, [0, 2, 0]);
    // from part to part the way leads through the store, in one move to it and one from it: that is not a path
    let world = two.change(&[(SMALL, 2, 0, 0)], &[(SMALL, 6, 0, 0)]);
    assert_eq!(
        world.plan(),
        Err(Impossible::NoPath {
            block: "small".to_owned()
        })
    );
}

#[test]
fn without_a_path_where_one_is_needed_there_is_no_plan() {
    let no_path = |block: &str| {
        Err(Impossible::NoPath {
            block: block.to_owned(),
        })
    };
    let shut = World::new(&["SS..#...", "SS..#..."]);
    assert_eq!(
        shut.clone().change(&[(SMALL, 6, 0, 0)], &[]).plan(),
        no_path("small")
    );
    assert_eq!(
        shut.clone().change(&[], &[(BIG, 6, 0, 0)]).plan(),
        no_path("big")
    );
    assert_eq!(
        shut.clone()
            .change(&[(SMALL, 6, 0, 0)], &[(SMALL, 7, 0, 0)])
            .plan(),
        Err(Impossible::NoWalk { at: (6, 0) })
    );
    // a door too narrow for a big one, and none at all
    let narrow = World::new(&["S.......", "........"]);
    assert_eq!(
        narrow.clone().change(&[], &[(BIG, 4, 0, 0)]).plan(),
        no_path("big")
    );
    assert!(
        narrow
            .change(&[(BIG, 4, 0, 0)], &[(BIG, 5, 0, 0)])
            .plan()
            .is_ok()
    );
    assert!(
        World::new(&["....", "...."])
            .change(&[(SMALL, 0, 0, 0)], &[])
            .plan()
            .is_err()
    );
    assert!(
        World::new(&["....", "...."])
            .change(&[(SMALL, 0, 0, 0)], &[(SMALL, 1, 0, 0)])
            .plan()
            .is_err()
    );
    // nothing to move, nothing to walk
    assert!(
        World::new(&["....", "...."])
            .change(&[(SMALL, 0, 0, 0)], &[(SMALL, 0, 0, 0)])
            .plan()
            .is_ok()
    );
}

#[test]
fn a_circle_whose_blocks_cannot_reach_the_store_has_no_plan() {
    // a big and a small change places; the only door is too narrow for the big one, so the small one goes
    let narrow = World::new(&["S........", ".........", "........."]);
    let world = narrow.clone().change(
        &[(BIG, 2, 0, 0), (SMALL, 6, 0, 0)],
        &[(BIG, 6, 0, 0), (SMALL, 2, 0, 0)],
    );
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert!(
        plan.steps
            .iter()
            .all(|step| step.block == SMALL || step.part == Part::Whole)
    );
    // of two kinds of big ones none can
    let mut world = narrow.change(
        &[(BIG, 2, 0, 0), (BIG, 6, 0, 0)],
        &[(BIG, 6, 0, 0), (BIG, 2, 0, 0)],
    );
    world.types.push(BlockType {
        id: "other".to_owned(),
        ..BlockType::big()
    });
    (world.from[1].block, world.to[1].block) = (3, 3);
    assert_eq!(
        world.plan(),
        Err(Impossible::NoPath {
            block: "big".to_owned()
        })
    );
}

#[test]
fn the_shorter_list_is_filled_up_with_the_store() {
    let world = hall().change(&[(SMALL, 9, 5, 0)], &[(SMALL, 4, 0, 0), (SMALL, 8, 5, 0)]);
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    // from the store to the one at its door, not to the one next to the block that stands already
    assert_eq!((plan.work.moves[SMALL], plan.work.distance[SMALL]), (2, 2));
    let world = hall().change(&[(SMALL, 4, 0, 0), (SMALL, 8, 5, 0)], &[(SMALL, 9, 5, 0)]);
    assert_eq!(world.plan().unwrap().work.distance[SMALL], 2);
}

#[test]
fn work_is_handling_and_carrying_by_type() {
    let mut world = hall().change(&[], &[(BIG, 6, 0, 0), (SMALL, 4, 4, 0), (PLANK, 6, 5, 0)]);
    world.types[SMALL].handle_s = 7;
    world.types[SMALL].loaded_s = 0;
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.work.distance, [4, 4, 7]);
    assert_eq!(plan.work.work_s, (40 + 2 * 4) + 7 + (31 + 3 * 7));
}

#[test]
fn a_type_that_takes_no_time_is_planned_too() {
    let mut world = hall().change(
        &[(SMALL, 4, 2, 0), (SMALL, 5, 2, 0)],
        &[(SMALL, 5, 2, 0), (SMALL, 6, 2, 0)],
    );
    world.types[SMALL].handle_s = 0;
    world.types[SMALL].loaded_s = 0;
    world.empty_s = 0;
    let plan = world.plan().unwrap();
    assert_eq!((plan.work.work_s, plan.makespan_s), (0, 0));
    assert_eq!(plan.work.distance[SMALL], 2);
}

#[test]
fn teams_start_at_the_store_and_need_not_return() {
    let mut world = hall().change(&[(SMALL, 6, 0, 0)], &[(SMALL, 8, 0, 0)]);
    world.teams = 1;
    world.empty_s = 5;
    // three modules on foot, two carried
    assert_eq!(world.plan().unwrap().makespan_s, 3 * 5 + 20 + 2);
}

#[test]
fn a_team_walks_while_it_waits() {
    let mut world = hall().change(&[(BIG, 6, 2, 0)], &[(BIG, 8, 4, 0), (SMALL, 6, 2, 0)]);
    world.teams = 2;
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    // the small one comes from the store, whose door the second team need not leave before
    assert_eq!(plan.makespan_s, (3 + 1) + (40 + 2 * 4) + (20 + 4));
}

#[test]
fn more_teams_than_steps_do_no_harm() {
    let mut world = hall().change(&[], &[(SMALL, 4, 0, 0), (SMALL, 4, 1, 0)]);
    world.teams = usize::MAX;
    assert_eq!(world.plan().unwrap().makespan_s, 21);
    world.teams = 0;
    assert_eq!(world.plan(), Err(Impossible::NoTeams));
}

#[test]
fn two_that_change_places_need_the_store_once() {
    let world = hall().change(
        &[(BIG, 4, 2, 0), (PLANK, 4, 5, 0)],
        &[(BIG, 4, 4, 0), (PLANK, 4, 2, 0)],
    );
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.steps.len(), 3);
}

#[test]
fn a_stack_is_taken_down_from_above_and_built_from_below() {
    let stacked = |x: i32| {
        [
            (BIG, x, 2, 0),
            (BIG, x, 2, 1),
            (SMALL, x, 2, 2),
            (SMALL, x + 1, 3, 2),
        ]
    };
    let world = hall().change(&stacked(4), &stacked(8));
    let plan = world.plan().unwrap();
    replay(&world, &plan);
    assert_eq!(plan.work.moves, [2, 2, 0]);
}

#[test]
fn a_stack_of_two_kinds_that_moves_as_it_is_is_put_down_in_between() {
    let mut world = hall().change(&[], &[]);
    world.types.push(BlockType {
        id: "other".to_owned(),
        ..BlockType::big()
    });
    let types = world.types.clone();
    let place = |block: usize, x: i32, z: i32| Placement::new(&types, block, (x, 2, z), false);
    let by_store = |world: &World, block: usize| {
        let plan = world.plan().unwrap();
        replay(world, &plan);
        plan.steps
            .iter()
            .filter(|step| step.block == block && step.part != Part::Whole)
            .count()
            == 2
    };
    world.from = vec![place(BIG, 4, 0), place(3, 4, 1)];
    world.to = vec![place(BIG, 7, 0), place(3, 7, 1)];
    // the upper one goes first and comes last; that the lower one goes by the store would help nothing
    assert!(by_store(&world, 3) && !by_store(&world, BIG));
    world.to = vec![place(BIG, 7, 1), place(3, 7, 0)];
    assert!(!by_store(&world, 3) && !by_store(&world, BIG));
}

#[test]
fn what_stands_off_the_floor_or_in_another_is_no_layout() {
    for at in [
        (-1, 0, 0),
        (0, -1, 0),
        (9, 0, 0),
        (0, 5, 0),
        (4, 4, -1),
        (i32::MAX, i32::MAX, 0),
    ] {
        let (x, y, z) = at;
        let world = hall().change(&[(BIG, x, y, z)], &[]);
        assert_eq!(
            world.plan(),
            Err(Impossible::OffFloor {
                block: "big".to_owned(),
                at
            })
        );
    }
    let world = hall().change(&[], &[(BIG, 4, 2, 0), (SMALL, 5, 3, 0)]);
    assert_eq!(world.plan(), Err(Impossible::Overlap { at: (5, 3, 0) }));
    let twice = hall().change(&[(SMALL, 5, 3, 0), (SMALL, 5, 3, 0)], &[]);
    assert!(twice.plan().is_err());
}

#[test]
fn too_many_moves_and_endless_seconds_are_refused() {
    let rows = vec![format!("S{}", ".".repeat(200)); 40];
    let all: Vec<_> = (1..201)
        .flat_map(|x| (0..40).map(move |y| (SMALL, x, y, 0)))
        .collect();
    assert!(all.len() > MOST_MOVES);
    let world = World::new(&rows.iter().map(String::as_str).collect::<Vec<_>>()).change(&all, &[]);
    assert_eq!(world.plan(), Err(Impossible::TooMany { moves: 8_000 }));
    let mut world = hall().change(&[], &[(SMALL, 5, 0, 0)]);
    world.types[SMALL].loaded_s = u32::MAX;
    assert_eq!(world.plan(), Err(Impossible::TooSlow));
}

#[test]
fn the_same_input_gives_the_same_plan() {
    let world = hall().change(
        &[(BIG, 4, 2, 0), (SMALL, 9, 0, 0), (PLANK, 5, 5, 0)],
        &[(BIG, 5, 3, 0), (SMALL, 4, 2, 0), (PLANK, 7, 0, 0)],
    );
    assert_eq!(world.plan().unwrap(), world.plan().unwrap());
}

/// Two areas side by side: a changeover of one sees the other as a wall and leaves its blocks alone.
#[test]
fn an_area_is_changed_by_itself() {
    let floor = Floor::parse(&["S......S", "S......S", "S......S"]).unwrap();
    let west: Vec<bool> = (0..24).map(|cell| cell % 8 < 4).collect();
    let types = [BlockType::big(), BlockType::small()];
    let place = |x: i32| Placement::new(&types, SMALL, (x, 1, 0), false);
    let (from, to) = ([place(2), place(5)], [place(3), place(6)]);
    let plan = |area: Option<&[bool]>| {
        let ground = Ground {
            floor: &floor,
            area,
        };
        let change = Change {
            ground,
            types: &types,
            from: &from,
            to: &to,
        };
        changeover::plan(
            &change,
            Crew {
                teams: 1,
                empty_s: 1,
            },
        )
        .unwrap()
    };
    assert_eq!(plan(None).work.moves, [0, 2]);
    let alone = plan(Some(&west));
    assert_eq!(alone.work.moves, [0, 1]);
    assert_eq!(alone.moves[0].to, Place::Floor { x: 3, y: 1, z: 0 });
    assert_eq!((alone.minutes(10), alone.minutes(30)), (15, 30));
}
