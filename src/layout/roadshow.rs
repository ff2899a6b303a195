//! Roadshow: a stage of blocks and an audience that sees it and can leave it.

use super::block::Rect;
use super::egress::escape_region;
use super::grid::{Counts, Mask};
use super::rows::{Segment, segments};
use super::scene::Scene;
use super::sight::Sight;
use super::turned::{Seen, Turned};
use super::violation::{Code, Findings};

/// With any of these nobody is seated, and zones close nothing.
const NOBODY_SEATED: [Code; 6] = [
    Code::GateInvalid,
    Code::StageMissing,
    Code::StageSplit,
    Code::StageSmall,
    Code::AudienceMissing,
    Code::AudienceBlocked,
];

/// The seats of a zone, and the aisles between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seating {
    /// Which zone of the layout.
    pub zone: usize,
    /// The inner aisles, from the row's first module on.
    pub aisles: Vec<Rect>,
    /// The centres of the seats that see the stage, in quarter modules from the floor's north-west corner.
    pub seats: Vec<(i64, i64)>,
}

/// Seats the audience, zone by zone, and finds what is wrong with stage and audience. A zone that seats nobody by a
/// fault of its own is left out.
pub fn seat(scene: &Scene, findings: &mut Findings) -> Vec<Seating> {
    let stage = stage(scene, findings);
    audience(scene, findings);
    let (Some(stage), false) = (stage, findings.has_any(&NOBODY_SEATED)) else {
        return Vec::new();
    };
    let zones = &scene.layout.zones;
    // sides are judged with all zones closed, also those that fail
    let closed = scene.cells(zones.iter().map(|zone| &zone.rect));
    let free = scene.free.without(&closed);
    let k = scene.site.rules.egress_k;
    let region = escape_region(scene.site.floor, &free, &scene.exit, k);
    let mut seatings = Vec::new();
    for (index, zone) in zones.iter().enumerate() {
        let turned = Turned::new(scene.site.floor, zone.facing);
        let audience = turned.seen(&zone.rect);
        let stage = turned.seen(&stage);
        if !faces(scene, &stage, &audience) {
            findings.add_rect(Code::AudienceNotFacing, &scene.free, &zone.rect);
            continue;
        }
        let open = (
            side_is_open(&turned, &audience, audience.column - 1, &region),
            side_is_open(&turned, &audience, audience.end(), &region),
        );
        match segments(audience.across, open, &scene.site.rules) {
            Some(segments) => seatings.push(Seating {
                zone: index,
                aisles: aisles(&turned, &zone.rect, &segments),
                seats: seats(&turned, &stage, &audience, &segments),
            }),
            None => findings.add_rect(Code::RowAccess, &scene.free, &zone.rect),
        }
    }
    seatings
}

/// The cells that a seated audience closes: the zones less their inner aisles.
pub fn seat_cells(scene: &Scene, seatings: &[Seating]) -> Mask {
    let mut closed = Mask::empty(scene.site.floor);
    for seating in seatings {
        let mut cells = scene.cells([&scene.layout.zones[seating.zone].rect]);
        for aisle in &seating.aisles {
            cells.fill(aisle, false);
        }
        closed.add(&cells);
    }
    closed
}

/// `AISLE_DEAD`: an inner aisle not inside R. `SEATS_SHORT`: fewer seats than required, where the audience is sound.
pub fn check(scene: &Scene, seatings: &[Seating], region: &Mask, findings: &mut Findings) {
    let reached = Counts::of(region);
    for aisle in seatings.iter().flat_map(|seating| &seating.aisles) {
        if !reached.covers(aisle) {
            findings.add_rect(Code::AisleDead, region, aisle);
        }
    }
    let unsound = findings.has_any(&NOBODY_SEATED)
        || findings.has_any(&[Code::AudienceNotFacing, Code::RowAccess]);
    if !unsound && visible_seats(seatings) < u64::from(scene.layout.seats_required) {
        findings.add(Code::SeatsShort);
    }
}

/// The seats that count.
pub fn visible_seats(seatings: &[Seating]) -> u64 {
    seatings.iter().map(|one| one.seats.len() as u64).sum()
}

/// The box of all stage cells, every z=0 block being stage. One of `STAGE_MISSING`, `STAGE_SPLIT` (not 4-connected),
/// `STAGE_SMALL` (no full 6×4 or 4×6), the first that holds.
fn stage(scene: &Scene, findings: &mut Findings) -> Option<Rect> {
    let parts = scene.blocks.components();
    let [w, h] = scene.site.rules.stage_rect.map(|side| side as usize);
    if parts.is_empty() {
        findings.add(Code::StageMissing);
    } else if parts.len() > 1 {
        findings.add_spots(Code::StageSplit, &scene.blocks, parts.into_iter().flatten());
    } else if !scene.blocks.holds(w, h) && !scene.blocks.holds(h, w) {
        findings.add_spots(Code::StageSmall, &scene.blocks, scene.blocks.iter());
    }
    scene.blocks.bounds()
}

/// `AUDIENCE_MISSING`; `AUDIENCE_BLOCKED`: a zone cell that is off the floor, not `.`, or under a block.
fn audience(scene: &Scene, findings: &mut Findings) {
    if scene.layout.zones.is_empty() {
        findings.add(Code::AudienceMissing);
    }
    let open = Counts::of(&scene.open);
    for zone in &scene.layout.zones {
        if !open.covers(&zone.rect) {
            findings.add_missing(Code::AudienceBlocked, &scene.open, &zone.rect);
        }
    }
}

/// Whether the gap between stage and audience is 2…8, and they overlap sideways by at least half the stage's width.
fn faces(scene: &Scene, stage: &Seen, audience: &Seen) -> bool {
    let [least, most] = scene.site.rules.front_gap.map(i64::from);
    let gap = audience.row - stage.back();
    let sideways = stage.end().min(audience.end()) - stage.column.max(audience.column);
    (least..=most).contains(&gap) && 2 * sideways >= stage.across
}

/// Whether all cells of a column beside an audience, over its depth, are in the region; none off the floor is.
fn side_is_open(turned: &Turned, audience: &Seen, column: i64, region: &Mask) -> bool {
    (audience.row..audience.back()).all(|row| {
        let (x, y) = turned.cell(column, row);
        region.contains(x, y)
    })
}

/// The inner aisles between the segments of a zone's rows, over its whole depth.
fn aisles(turned: &Turned, zone: &Rect, segments: &[Segment]) -> Vec<Rect> {
    let aisle = |pair: &[Segment]| {
        let start = pair[0].start + pair[0].length;
        turned.strip(zone, start as i32, (pair[1].start - start) as i32)
    };
    segments.windows(2).map(aisle).collect()
}

/// The centres of the seats that see the stage. A zone that is D deep has ⌊2D/3⌋ rows (0.9 m pitch) from the stage's
/// side on, and a seat a module.
fn seats(turned: &Turned, stage: &Seen, audience: &Seen, segments: &[Segment]) -> Vec<(i64, i64)> {
    let middle = (4 * stage.column + 2 * stage.across, 4 * stage.back());
    let across = audience.end().max(stage.end());
    let sight = Sight::new(turned, middle, audience.back(), across);
    let mut seats = Vec::new();
    for row in 0..2 * audience.deep / 3 {
        for segment in segments {
            let first = audience.column + segment.start;
            for column in first..first + segment.length {
                let seat = (4 * column + 2, 4 * audience.row + 6 * row + 3);
                if sight.sees(seat) {
                    seats.push(turned.point(seat));
                }
            }
        }
    }
    seats
}
