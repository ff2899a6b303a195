//! Replays a plan on the floor, cell by cell and second by second, and judges each step by the page. It shares nothing
//! with the engine but the shape of a plan.

use std::collections::{BTreeSet, HashMap, HashSet};

use mofang::changeover::crew::Part;
use mofang::changeover::{Place, Plan};
use mofang::layout::Placement;

use crate::world::World;

type Cells = HashSet<(i32, i32, i32)>;

/// A plan beside the world that it is for.
pub struct Replay<'a> {
    pub world: &'a World,
    pub plan: &'a Plan,
    /// By move: the cells that its block leaves and those that it comes to.
    leaves: Vec<Cells>,
    comes: Vec<Cells>,
    /// What the store has of the floor.
    none: Cells,
}

/// Whether the first step comes before the second by the page, each given by the cells that it leaves and those that it
/// comes to.
fn comes_first(
    (left, come): (&Cells, &Cells),
    (others_left, others_come): (&Cells, &Cells),
) -> bool {
    let carry = |under: &Cells, over: &Cells| {
        let mut under = under.iter();
        under.any(|&(x, y, z)| over.contains(&(x, y, z + 1)))
    };
    !left.is_disjoint(others_come) || carry(others_left, left) || carry(come, others_come)
}

/// Panics where a plan is not one.
#[track_caller]
pub fn replay(world: &World, plan: &Plan) {
    let staying = staying(world);
    let replay = Replay::new(world, plan, &staying);
    replay.counts(&staying);
    replay.steps_are_the_moves();
    replay.slots_are_the_steps();
    replay.teams_walk();
    replay.precedence();
    replay.nothing_collides(&staying);
    replay.no_more_by_store_than_needed();
}

/// Blocks in both layouts, whose blocks under them stay too.
fn staying(world: &World) -> Vec<Placement> {
    let mut staying: Vec<Placement> = world
        .from
        .iter()
        .filter(|one| world.to.contains(one))
        .copied()
        .collect();
    loop {
        let cells: Cells = staying.iter().flat_map(|one| world.cells(one)).collect();
        let before = staying.len();
        staying.retain(|one| {
            one.z == 0
                || world
                    .cells(one)
                    .iter()
                    .all(|&(x, y, z)| cells.contains(&(x, y, z - 1)))
        });
        if staying.len() == before {
            return staying;
        }
    }
}

impl<'a> Replay<'a> {
    pub fn of(world: &'a World, plan: &'a Plan) -> Self {
        Self::new(world, plan, &staying(world))
    }

    /// How long a team walks from one place to another.
    pub fn walk_s(&self, from: Place, to: Place) -> u64 {
        let modules = match (from, to) {
            (Place::Store, Place::Store) => 0,
            (from, to) => self.world.distance(1, from, to).unwrap(),
        };
        u64::from(modules) * u64::from(self.world.empty_s)
    }

    fn new(world: &'a World, plan: &'a Plan, staying: &[Placement]) -> Self {
        let moving = |list: &[Placement]| -> HashMap<(usize, Place), Cells> {
            let moving = list.iter().filter(|one| !staying.contains(one));
            let place = |one: &Placement| Place::Floor {
                x: one.x,
                y: one.y,
                z: one.z,
            };
            moving
                .map(|one| {
                    (
                        (one.block, place(one)),
                        world.cells(one).into_iter().collect(),
                    )
                })
                .collect()
        };
        let (mut leaving, mut arriving) = (moving(&world.from), moving(&world.to));
        let mut taken = |block: usize, at: Place, list: bool| match at {
            Place::Store => Cells::new(),
            at => {
                let blocks = if list { &mut leaving } else { &mut arriving };
                blocks
                    .remove(&(block, at))
                    .expect("a block that is to move, once")
            }
        };
        let leaves = plan
            .moves
            .iter()
            .map(|one| taken(one.block, one.from, true))
            .collect();
        let comes = plan
            .moves
            .iter()
            .map(|one| taken(one.block, one.to, false))
            .collect();
        assert!(
            leaving.is_empty() && arriving.is_empty(),
            "every block is moved"
        );
        Self {
            world,
            plan,
            leaves,
            comes,
            none: Cells::new(),
        }
    }

    fn counts(&self, staying: &[Placement]) {
        for block in 0..self.world.types.len() {
            let of_type = |list: &[Placement]| list.iter().filter(|one| one.block == block).count();
            let stay = of_type(staying);
            let moves = of_type(&self.world.from).max(of_type(&self.world.to)) - stay;
            let own = self.plan.moves.iter().filter(|one| one.block == block);
            assert_eq!(self.plan.stay[block], stay as u64);
            assert_eq!(self.plan.work.moves[block], moves as u64);
            assert_eq!(own.clone().count(), moves);
            let distance: u64 = own.map(|one| u64::from(one.distance)).sum();
            assert_eq!(self.plan.work.distance[block], distance);
        }
        let seconds = self
            .plan
            .moves
            .iter()
            .map(|one| self.seconds(one.block, one.distance));
        assert_eq!(self.plan.work.work_s, seconds.sum::<u64>());
        for one in &self.plan.moves {
            assert_ne!((one.from, one.to), (Place::Store, Place::Store));
            let side = self.world.side(one.block);
            assert_eq!(
                Some(one.distance),
                self.world.distance(side, one.from, one.to)
            );
        }
    }

    fn seconds(&self, block: usize, distance: u32) -> u64 {
        let one = &self.world.types[block];
        u64::from(one.handle_s) + u64::from(one.loaded_s) * u64::from(distance)
    }

    fn steps_are_the_moves(&self) {
        let mut parts: HashMap<usize, Vec<(Part, Place, Place)>> = HashMap::new();
        for step in &self.plan.steps {
            let side = self.world.side(step.block);
            assert_eq!(step.block, self.plan.moves[step.of_move].block);
            assert_eq!(
                Some(step.distance),
                self.world.distance(side, step.from, step.to)
            );
            assert_eq!(step.seconds, self.seconds(step.block, step.distance));
            parts
                .entry(step.of_move)
                .or_default()
                .push((step.part, step.from, step.to));
        }
        for (number, one) in self.plan.moves.iter().enumerate() {
            let whole = vec![(Part::Whole, one.from, one.to)];
            let halves = vec![
                (Part::ToStore, one.from, Place::Store),
                (Part::FromStore, Place::Store, one.to),
            ];
            let by_store = one.from != Place::Store && one.to != Place::Store;
            assert!(parts[&number] == whole || by_store && parts[&number] == halves);
        }
        assert_eq!(parts.len(), self.plan.moves.len());
    }

    fn slots_are_the_steps(&self) {
        let steps: BTreeSet<usize> = self.plan.slots.iter().map(|slot| slot.step).collect();
        assert_eq!(steps, (0..self.plan.steps.len()).collect());
        assert_eq!(self.plan.slots.len(), self.plan.steps.len());
        for slot in &self.plan.slots {
            assert!(slot.team < self.world.teams);
            assert_eq!(
                slot.end_s - slot.start_s,
                self.plan.steps[slot.step].seconds
            );
        }
        let last = self.plan.slots.iter().map(|slot| slot.end_s).max();
        assert_eq!(self.plan.makespan_s, last.unwrap_or(0));
    }

    /// No team is in two places, and each has the time to walk.
    fn teams_walk(&self) {
        for team in 0..self.world.teams {
            let mut slots: Vec<_> = self
                .plan
                .slots
                .iter()
                .filter(|slot| slot.team == team)
                .collect();
            slots.sort_by_key(|slot| (slot.start_s, slot.end_s));
            let (mut free, mut at) = (0, Place::Store);
            for slot in slots {
                let step = &self.plan.steps[slot.step];
                let there = free + self.walk_s(at, step.from);
                assert!(
                    slot.start_s >= there,
                    "team {team} is there at {there}: {slot:?}"
                );
                (free, at) = (slot.end_s, step.to);
            }
        }
    }

    fn left(&self, step: usize) -> &Cells {
        let one = &self.plan.steps[step];
        match one.part {
            Part::FromStore => &self.none,
            _ => &self.leaves[one.of_move],
        }
    }

    fn come(&self, step: usize) -> &Cells {
        let one = &self.plan.steps[step];
        match one.part {
            Part::ToStore => &self.none,
            _ => &self.comes[one.of_move],
        }
    }

    /// Whether the page has one step before the other.
    pub fn before(&self, one: usize, other: usize) -> bool {
        let (first, second) = (&self.plan.steps[one], &self.plan.steps[other]);
        if first.of_move == second.of_move {
            return first.part == Part::ToStore && second.part == Part::FromStore;
        }
        let cells = |step: usize| (self.left(step), self.come(step));
        comes_first(cells(one), cells(other))
    }

    fn precedence(&self) {
        let by_step: HashMap<usize, _> = self
            .plan
            .slots
            .iter()
            .map(|slot| (slot.step, slot))
            .collect();
        for one in 0..self.plan.steps.len() {
            for other in 0..self.plan.steps.len() {
                if self.before(one, other) {
                    let (first, second) = (by_step[&one], by_step[&other]);
                    assert!(first.end_s <= second.start_s, "{first:?} before {second:?}");
                }
            }
        }
    }

    /// A block fills its old place until its step ends, and its new place from when the step starts.
    fn nothing_collides(&self, staying: &[Placement]) {
        let mut standing: HashMap<(i32, i32, i32), Option<usize>> = HashMap::new();
        standing.extend(
            staying
                .iter()
                .flat_map(|one| self.world.cells(one))
                .map(|cell| (cell, None)),
        );
        let mine = |cells: &Cells, number: usize| -> Vec<_> {
            cells.iter().map(|&cell| (cell, Some(number))).collect()
        };
        for (number, cells) in self.leaves.iter().enumerate() {
            standing.extend(mine(cells, number));
        }
        let mut coming: HashMap<(i32, i32, i32), usize> = HashMap::new();
        let mut acts: Vec<(u64, bool, usize)> = Vec::new();
        for slot in &self.plan.slots {
            acts.push((slot.start_s, true, slot.step));
            acts.push((slot.end_s, false, slot.step));
        }
        acts.sort_unstable();
        for (at, starts, step) in acts {
            let number = self.plan.steps[step].of_move;
            let (left, come) = (self.left(step), self.come(step));
            if starts {
                for &(x, y, z) in left {
                    let above = (x, y, z + 1);
                    let free = |there: Option<&usize>| there.is_none_or(|&other| other == number);
                    assert!(
                        !standing.contains_key(&above),
                        "taken from under another at {at}"
                    );
                    assert!(
                        free(coming.get(&above)),
                        "taken from under one that comes at {at}"
                    );
                }
                for &cell in come {
                    let there = standing.get(&cell);
                    assert!(
                        there.is_none_or(|&there| there == Some(number)),
                        "put into another at {at}"
                    );
                    assert_eq!(
                        coming.insert(cell, number),
                        None,
                        "two come to one place at {at}"
                    );
                    let under = (cell.0, cell.1, cell.2 - 1);
                    assert!(
                        cell.2 == 0 || standing.contains_key(&under),
                        "put on nothing at {at}"
                    );
                }
            } else {
                standing.retain(|cell, there| *there != Some(number) || !left.contains(cell));
                for &cell in come {
                    coming.remove(&cell);
                    standing.insert(cell, Some(number));
                }
            }
        }
        let wanted: Cells = self
            .world
            .to
            .iter()
            .flat_map(|one| self.world.cells(one))
            .collect();
        assert_eq!(
            standing.into_keys().collect::<Cells>(),
            wanted,
            "the new layout stands"
        );
    }

    /// No smaller set of moves by way of the store breaks every circle; looked at where there are few sets to look at.
    fn no_more_by_store_than_needed(&self) {
        let moves = self.plan.moves.len();
        let by_store = self.plan.steps.len() - moves;
        if by_store == 0 || moves > 24 || by_store > 3 {
            return;
        }
        let able = |&number: &usize| {
            self.plan.moves[number].from != Place::Store
                && self.plan.moves[number].to != Place::Store
        };
        let able: Vec<usize> = (0..moves).filter(able).collect();
        let mut chosen = vec![Vec::new()];
        for _ in 1..by_store {
            let more = |set: &Vec<usize>| {
                let last = set.last().copied();
                let set = set.clone();
                let rest = able
                    .iter()
                    .filter(move |&&one| last.is_none_or(|last| one > last));
                rest.map(move |&one| [set.clone(), vec![one]].concat())
                    .collect::<Vec<_>>()
            };
            chosen = chosen.iter().flat_map(more).collect();
        }
        for set in chosen {
            assert!(
                !self.untied_by(&set),
                "{set:?} would do instead of {by_store}"
            );
        }
    }

    /// Whether the steps can be put in an order when these moves go by way of the store.
    fn untied_by(&self, by_store: &[usize]) -> bool {
        let mut steps = Vec::new();
        for number in 0..self.plan.moves.len() {
            let (left, come) = (self.leaves[number].clone(), self.comes[number].clone());
            if by_store.contains(&number) {
                steps.push((number, left, Cells::new()));
                steps.push((number, Cells::new(), come));
            } else {
                steps.push((number, left, come));
            }
        }
        let before = |one: &(usize, Cells, Cells), other: &(usize, Cells, Cells)| {
            one.0 != other.0 && comes_first((&one.1, &one.2), (&other.1, &other.2))
                || one.0 == other.0 && one.2.is_empty() && other.1.is_empty() && one != other
        };
        while let Some(first) =
            (0..steps.len()).find(|&at| !steps.iter().any(|one| before(one, &steps[at])))
        {
            steps.remove(first);
        }
        steps.is_empty()
    }
}
