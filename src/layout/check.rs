//! Whether a layout is valid, and how many people it holds.

use super::block::{Layout, Purpose};
use super::capacity::{Room, capacity};
use super::egress::{Exits, escape_region, pockets};
use super::grid::{Counts, Mask};
use super::roadshow::{self, Seating};
use super::scene::Scene;
use super::violation::{Code, Findings, Violation};
use super::{Site, exhibition, robot_contest, salon, structure};

/// What a check finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The broken rules, each once, in byte order of their codes.
    pub violations: Vec<Violation>,
    /// How many people the layout holds, before the space's own cap.
    pub capacity: u64,
    /// Seats of a roadshow that see the stage, seats of a salon; 0 for other purposes.
    pub seats: u64,
    /// The escape region; empty where structure is at fault.
    pub escape: Mask,
    /// The seated audience of a roadshow.
    pub seatings: Vec<Seating>,
}

impl Report {
    /// The codes of the broken rules, in byte order.
    pub fn codes(&self) -> Vec<Code> {
        self.violations.iter().map(|one| one.code).collect()
    }

    /// The size of the escape region.
    pub fn escape_cells(&self) -> usize {
        self.escape.count()
    }
}

/// Checks a layout against every rule of its purpose. Its placements are of `site.types`.
pub fn check(site: &Site, layout: &Layout) -> Report {
    let mut findings = Findings::default();
    structure::check(site, layout, &mut findings);
    if !findings.is_empty() {
        return Report {
            violations: findings.violations(),
            capacity: 0,
            seats: 0,
            escape: Mask::empty(site.floor),
            seatings: Vec::new(),
        };
    }
    let scene = Scene::new(site, layout);
    gates(&scene, &mut findings);

    let seatings = match layout.purpose {
        Purpose::Roadshow => roadshow::seat(&scene, &mut findings),
        _ => Vec::new(),
    };
    let free = scene.free.without(&roadshow::seat_cells(&scene, &seatings));
    let escape = escape_region(site.floor, &free, &scene.exit, site.rules.egress_k);
    let inside = match layout.purpose {
        Purpose::RobotContest => robot_contest::inside(&scene, &mut findings),
        _ => None,
    };
    match (layout.purpose, &inside) {
        (Purpose::Roadshow, _) => roadshow::check(&scene, &seatings, &escape, &mut findings),
        (Purpose::Exhibition, _) => exhibition::check(&scene, &mut findings),
        (Purpose::RobotContest, Some(inside)) => {
            robot_contest::check(&scene, inside, &escape, &mut findings);
        }
        (Purpose::Salon, _) => salon::check(&scene, &mut findings),
        (Purpose::RobotContest, None) | (Purpose::Open, _) => {}
    }

    let visible_seats = roadshow::visible_seats(&seatings);
    let room = Room {
        purpose: layout.purpose,
        cells: escape.count_with(&scene.open) as u64,
        exit_cells: escape.count_with(&scene.exit) as u64,
        spectator_cells: match layout.purpose {
            Purpose::RobotContest => robot_contest::spectator_cells(&scene, inside.as_ref()) as u64,
            _ => 0,
        },
        visible_seats,
    };
    let capacity = capacity(&room, &site.rules);
    exits(&scene, &escape, capacity, &mut findings);
    pockets(&scene, &free, &escape, inside.as_ref(), &mut findings);
    Report {
        violations: findings.violations(),
        capacity,
        seats: match layout.purpose {
            Purpose::Roadshow => visible_seats,
            Purpose::Salon => salon::seats(&scene),
            _ => 0,
        },
        escape,
        seatings,
    }
}

/// `GATE_INVALID`, whatever the purpose: a gate cell that is not `.` or is under a block.
fn gates(scene: &Scene, findings: &mut Findings) {
    let open = Counts::of(&scene.open);
    for gate in &scene.layout.gates {
        if !open.covers(gate) {
            findings.add_missing(Code::GateInvalid, &scene.open, gate);
        }
    }
}

/// `EXIT_BLOCKED`: an exit has no cell in R. `EXITS_FEW`: capacity above 50 and fewer than two exits in R.
fn exits(scene: &Scene, escape: &Mask, capacity: u64, findings: &mut Findings) {
    let exits = Exits::of(&scene.exit, escape);
    for exit in &exits.blocked {
        findings.add_spots(Code::ExitBlocked, &scene.exit, exit.iter().copied());
    }
    if capacity > u64::from(scene.site.rules.exits_two_over) && exits.reached < 2 {
        findings.add(Code::ExitsFew);
    }
}
