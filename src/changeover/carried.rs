//! What is carried from one layout to another, as people see it: blocks, places and teams in the order of the steps.

use std::collections::HashMap;

use super::crew::Slot;
use super::{Place, Plan};
use crate::layout::Placement;
use crate::layout::draw::Carry;

/// The steps of a plan in the order in which they are begun.
pub fn carries(from: &[Placement], to: &[Placement], plan: &Plan) -> Vec<Carry> {
    let by_place = |placements: &[Placement]| -> HashMap<_, _> {
        let key = |one: &Placement| (one.x, one.y, one.z);
        placements.iter().map(|one| (key(one), *one)).collect()
    };
    let (from, to) = (by_place(from), by_place(to));
    let find = |known: &HashMap<_, Placement>, place| match place {
        Place::Store => None,
        Place::Floor { x, y, z } => known.get(&(x, y, z)).copied(),
    };
    let carry = |slot: &Slot| {
        let step = &plan.steps[slot.step];
        Carry {
            block: step.block,
            from: find(&from, step.from),
            to: find(&to, step.to),
            team: slot.team,
            start_s: slot.start_s,
            end_s: slot.end_s,
        }
    };
    plan.slots.iter().map(carry).collect()
}

/// The blocks that nobody carries.
pub fn stays(from: &[Placement], carries: &[Carry]) -> Vec<Placement> {
    let moved: Vec<_> = carries.iter().filter_map(|one| one.from).collect();
    let mut stays = from.to_vec();
    stays.retain(|one| !moved.contains(one));
    stays
}
