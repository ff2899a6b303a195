//! Robot contest: a ring of blocks that is closed but for its gates, and the arena inside.
//!
//! Closed, gates count as wall; open, they do not. Ways out, exits and pockets are judged with gates open.

use super::block::Rect;
use super::egress::escape_region;
use super::floor::Cell;
use super::grid::{Counts, Mask};
use super::scene::Scene;
use super::violation::{Code, Findings};

/// The inside of the ring: the largest 4-component of free walkable cells without an exit cell, gates closed; of equals
/// the one with the smallest `(x, y)`. Finds `NOT_CLOSED` where there is none, `POCKET` where there is a second.
pub fn inside(scene: &Scene, findings: &mut Findings) -> Option<Mask> {
    let closed = closed(scene);
    let mut insides = closed.components();
    insides.retain(|cells| !cells.iter().any(|cell| scene.exit.has(*cell)));
    let least = |cells: &[usize]| cells.iter().map(|cell| closed.xy(*cell)).min();
    insides.sort_by_cached_key(|cells| (std::cmp::Reverse(cells.len()), least(cells)));
    let Some((largest, others)) = insides.split_first() else {
        findings.add(Code::NotClosed);
        return None;
    };
    for other in others {
        findings.add_spots(Code::Pocket, &closed, other.iter().copied());
    }
    let mut inside = Mask::empty(scene.site.floor);
    for &cell in largest {
        inside.insert(cell);
    }
    Some(inside)
}

/// `RING_USES_WALL`: the inside is 4-adjacent to a `#` or to the floor's edge. `ARENA_SMALL`: no full 6×6 inside.
/// `NO_GATE`, else `GATE_NARROW`: the inside has no cell in R.
pub fn check(scene: &Scene, inside: &Mask, region: &Mask, findings: &mut Findings) {
    let floor = scene.site.floor;
    let wall = |spot: &usize| {
        let (x, y) = inside.xy(*spot);
        let beside = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
        beside
            .into_iter()
            .any(|(x, y)| matches!(floor.at(x, y), None | Some(Cell::Obstacle)))
    };
    let at_wall: Vec<_> = inside.iter().filter(wall).collect();
    if !at_wall.is_empty() {
        findings.add_spots(Code::RingUsesWall, inside, at_wall);
    }
    let [w, h] = scene.site.rules.arena_rect.map(|side| side as usize);
    if !inside.holds(w, h) && !inside.holds(h, w) {
        findings.add_spots(Code::ArenaSmall, inside, inside.iter());
    }
    if scene.layout.gates.is_empty() {
        findings.add(Code::NoGate);
    } else if inside.count_with(region) == 0 {
        for gate in &scene.layout.gates {
            findings.add_rect(Code::GateNarrow, inside, gate);
        }
    }
}

/// The cells where spectators stand: `.` cells of R computed with gates closed, not inside the ring, within Chebyshev
/// `band` of a block.
pub fn spectator_cells(scene: &Scene, inside: Option<&Mask>) -> usize {
    let rules = &scene.site.rules;
    let mut standing = escape_region(
        scene.site.floor,
        &closed(scene),
        &scene.exit,
        rules.egress_k,
    )
    .and(&scene.open);
    if let Some(inside) = inside {
        standing = standing.without(inside);
    }
    let blocks = Counts::of(&scene.blocks);
    let band = rules.band.min(i32::MAX as u32 / 4) as i32;
    let near = |spot: &usize| {
        let (x, y) = standing.xy(*spot);
        let around = Rect {
            x: x as i32 - band,
            y: y as i32 - band,
            w: 2 * band + 1,
            h: 2 * band + 1,
        };
        blocks.within(&around) > 0
    };
    standing.iter().filter(near).count()
}

/// The free walkable cells with gates closed.
fn closed(scene: &Scene) -> Mask {
    scene.free.without(&scene.cells(&scene.layout.gates))
}
