//! A schedule as the search sees it: a global order of the steps, in which whatever comes first stands first, and a team
//! for each. Every schedule without idle teams can be written so, and reading it out takes one pass.

use std::ops::Range;

use super::{Part, Schedule, Slot, Step, Yard};
use crate::changeover::order::Pair;

/// No step: the number of what the store's own rows would name.
const NONE: usize = usize::MAX;

/// How long a schedule takes: the makespan counts, and all teams' ends tell which of two equal ones leads further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    pub makespan_s: u64,
    pub ends_s: u64,
}

impl Cost {
    pub const WORST: Self = Self {
        makespan_s: u64::MAX,
        ends_s: u64::MAX,
    };

    /// What a search goes down on.
    pub fn weight(self, pull: Pull) -> u64 {
        pull.makespan * self.makespan_s + pull.ends * self.ends_s
    }
}

/// How much the makespan and the ends weigh. The makespan alone would say nothing about most changes.
#[derive(Debug, Clone, Copy)]
pub struct Pull {
    pub makespan: u64,
    pub ends: u64,
}

#[derive(Debug, Clone)]
pub struct Sequence<'a> {
    pub yard: &'a Yard,
    pub pairs: Vec<Pair>,
    pub steps: Vec<Step>,
    pub order: Vec<usize>,
    pub team: Vec<usize>,
    /// By step: its place in the order.
    place: Vec<usize>,
    /// By leaving block: the step that takes it.
    takes: Vec<usize>,
    /// By arriving block: the step that puts it.
    puts: Vec<usize>,
    /// By step: when it ends, as last read.
    end_s: Vec<u64>,
    /// By team, while reading: when it is free, and where.
    free: Vec<(u64, usize)>,
}

impl<'a> Sequence<'a> {
    /// The steps of the moves, those in `by_store` as two; in no order yet.
    pub fn new(yard: &'a Yard, pairs: &[Pair], by_store: &[usize]) -> Self {
        let mut steps = Vec::new();
        for (number, &pair) in pairs.iter().enumerate() {
            let (source, target) = yard.ends(pair);
            let mut step = |part, source, target| {
                steps.push(Step {
                    pair: number,
                    part,
                    source,
                    target,
                    seconds: yard.seconds(pair.block, source, target),
                });
            };
            if by_store.binary_search(&number).is_ok() {
                step(Part::ToStore, source, yard.store_as_target());
                step(Part::FromStore, yard.store_as_source(), target);
            } else {
                step(Part::Whole, source, target);
            }
        }
        let mut takes = vec![NONE; yard.store_as_source() + 1];
        let mut puts = vec![NONE; yard.store_as_target() + 1];
        for (number, step) in steps.iter().enumerate() {
            takes[step.source] = number;
            puts[step.target] = number;
        }
        Self {
            yard,
            pairs: pairs.to_vec(),
            order: Vec::with_capacity(steps.len()),
            team: vec![0; steps.len()],
            place: vec![NONE; steps.len()],
            end_s: vec![0; steps.len()],
            free: vec![(0, yard.store_as_target()); yard.teams],
            takes,
            puts,
            steps,
        }
    }

    /// Appends a step, while the order is made.
    pub fn push(&mut self, step: usize, team: usize) {
        self.place[step] = self.order.len();
        self.team[step] = team;
        self.order.push(step);
    }

    pub fn place(&self, step: usize) -> usize {
        self.place[step]
    }

    /// The steps that must have ended before the step starts.
    pub fn before(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        let Step {
            part,
            source,
            target,
            ..
        } = self.steps[step];
        let order = &self.yard.order;
        let lying_on = list(&order.lying_on, source)
            .iter()
            .map(|&block| self.takes[block]);
        let in_the_way = list(&order.in_the_way, target)
            .iter()
            .filter(move |&&block| block != source);
        let in_the_way = in_the_way.map(|&block| self.takes[block]);
        let carried_by = list(&order.carried_by, target)
            .iter()
            .map(|&block| self.puts[block]);
        let first_half = (part == Part::FromStore).then(|| step - 1);
        lying_on
            .chain(in_the_way)
            .chain(carried_by)
            .chain(first_half)
    }

    /// The steps that must not start before the step has ended.
    pub fn after(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        let Step {
            part,
            source,
            target,
            ..
        } = self.steps[step];
        let order = &self.yard.order;
        let lies_on = list(&order.lies_on, source)
            .iter()
            .map(|&block| self.takes[block]);
        let blocks = list(&order.blocks, source)
            .iter()
            .filter(move |&&block| block != target);
        let blocks = blocks.map(|&block| self.puts[block]);
        let carries = list(&order.carries, target)
            .iter()
            .map(|&block| self.puts[block]);
        let second_half = (part == Part::ToStore).then(|| step + 1);
        lies_on.chain(blocks).chain(carries).chain(second_half)
    }

    /// The places that the step may have while all others keep theirs.
    pub fn window(&self, step: usize) -> Range<usize> {
        let first = self.before(step).map(|other| self.place[other] + 1).max();
        let last = self.after(step).map(|other| self.place[other]).min();
        first.unwrap_or(0)..last.unwrap_or(self.steps.len())
    }

    /// Moves a step to another place in the order, and to a team.
    pub fn shift(&mut self, step: usize, to: usize, team: usize) {
        let from = self.place[step];
        if from < to {
            self.order[from..=to].rotate_left(1);
        } else {
            self.order[to..=from].rotate_right(1);
        }
        for place in from.min(to)..=from.max(to) {
            self.place[self.order[place]] = place;
        }
        self.team[step] = team;
    }

    /// Lets two steps change places and teams.
    pub fn exchange(&mut self, one: usize, other: usize) {
        self.order.swap(self.place[one], self.place[other]);
        self.place.swap(one, other);
        self.team.swap(one, other);
    }

    /// From a place on, lets two teams do what the other did.
    pub fn cross(&mut self, from: usize, one: usize, other: usize) {
        for &step in &self.order[from..] {
            let team = &mut self.team[step];
            if *team == one {
                *team = other;
            } else if *team == other {
                *team = one;
            }
        }
    }

    /// Lets the moves of two steps that put blocks of a type change targets.
    pub fn swap_targets(&mut self, one: usize, other: usize) {
        let (first, second) = (self.steps[one], self.steps[other]);
        self.aim(one, second.target);
        self.aim(other, first.target);
        let target = self.pairs[first.pair].arriving;
        self.pairs[first.pair].arriving = self.pairs[second.pair].arriving;
        self.pairs[second.pair].arriving = target;
    }

    fn aim(&mut self, number: usize, target: usize) {
        let step = &mut self.steps[number];
        step.target = target;
        step.seconds = self
            .yard
            .seconds(self.pairs[step.pair].block, step.source, target);
        self.puts[target] = number;
    }

    /// Reads the schedule out: each step as soon as its team is there and what comes before it has ended. `None` as soon
    /// as it weighs more than `limit`.
    pub fn read(&mut self, pull: Pull, limit: u64) -> Option<Cost> {
        let mut cost = Cost {
            makespan_s: 0,
            ends_s: 0,
        };
        self.free.fill((0, self.yard.store_as_target()));
        for at in 0..self.order.len() {
            let number = self.order[at];
            let step = self.steps[number];
            let (free, target) = self.free[self.team[number]];
            let there = free + self.yard.walk_s(target, step.source);
            let end = self.ready_s(number).max(there) + step.seconds;
            self.end_s[number] = end;
            self.free[self.team[number]] = (end, step.target);
            cost.makespan_s = cost.makespan_s.max(end);
            cost.ends_s += end - free;
            if cost.weight(pull) > limit {
                return None;
            }
        }
        Some(cost)
    }

    /// When all that comes before the step has ended, as far as it has been read.
    fn ready_s(&self, step: usize) -> u64 {
        self.before(step)
            .map(|other| self.end_s[other])
            .max()
            .unwrap_or(0)
    }

    /// What it takes, all of it read.
    pub fn cost(&mut self) -> Cost {
        let pull = Pull {
            makespan: 0,
            ends: 0,
        };
        self.read(pull, 0).unwrap_or(Cost::WORST)
    }

    pub fn into_schedule(mut self) -> Schedule {
        let cost = self.cost();
        let slot = |&step: &usize| Slot {
            step,
            team: self.team[step],
            start_s: self.end_s[step] - self.steps[step].seconds,
            end_s: self.end_s[step],
        };
        let mut slots: Vec<Slot> = self.order.iter().map(slot).collect();
        slots.sort_by_key(|slot| (slot.start_s, slot.team));
        Schedule {
            pairs: self.pairs,
            steps: self.steps,
            slots,
            makespan_s: cost.makespan_s,
        }
    }
}

/// The list of a block; the store has none.
fn list(lists: &[Vec<usize>], block: usize) -> &[usize] {
    lists.get(block).map_or(&[], Vec::as_slice)
}
