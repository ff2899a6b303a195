//! A changeover on the plan: where blocks are taken from and put, each with the number of its step.

use super::ground::look;
use super::job::{Carry, Job};
use super::legend::{Entry, Legend, Swatch};
use super::squared::{self, MARGIN, at, extent};
use super::style::style;
use super::svg::{Point, Svg};
use crate::layout::Placement;

/// How many shapes there are for teams.
const TEAM_SHAPES: usize = 3;

/// The numbered steps as SVG.
pub fn steps(job: &Job) -> String {
    let (width, height) = squared::size(job.floor);
    let legend = Legend::new(entries(job), width - 2 * MARGIN);
    let size = (legend.width + 2 * MARGIN, height + legend.height + 8);
    let words = job.words;
    let mut svg = Svg::new(size, &words.title, &words.summary(job), &style());
    svg.rect("paper", (0, 0), size);
    svg.rect("floor", at(0, 0), (width - 2 * MARGIN, height - 2 * MARGIN));
    squared::grid(&mut svg, job.floor);
    squared::parts(&mut svg, job.floor, &words.store);
    svg.group("stay");
    squared::blocks(&mut svg, job.types, job.stays);
    svg.end();
    for place in job.carries.iter().filter_map(|carry| carry.from) {
        let (place, size) = extent(&place.rect(job.types));
        svg.rect("from", (place.0 + 2, place.1 + 2), (size.0 - 4, size.1 - 4));
    }
    let arriving = job.carries.iter().filter_map(|carry| carry.to.as_ref());
    squared::blocks(&mut svg, job.types, arriving);
    let ways = job.carries.iter().filter_map(|carry| way(job, carry));
    svg.lines("way", ways);
    let mut taken = Vec::new();
    for (step, carry) in (1..).zip(job.carries) {
        if let Some(to) = &carry.to {
            let spot = spot(job, to);
            number(&mut svg, spot, carry.team, step);
            taken.push(Frame::around_badge(spot));
        }
    }
    for (step, carry) in (1_usize..).zip(job.carries) {
        if let Some(from) = &carry.from {
            let step = step.to_string();
            let frame = free_corner(job, from, &step, &taken);
            svg.text("number-from", (frame.left, frame.bottom), &step);
            taken.push(frame);
        }
    }
    squared::names(&mut svg, job.floor);
    legend.draw(&mut svg, (MARGIN, height));
    svg.finish()
}

/// How high figures are, and how wide one is, in pixels.
const FIGURE: Point = (6, 8);

/// Where a number is on the sheet.
#[derive(Clone, Copy)]
struct Frame {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Frame {
    fn around_badge((x, y): Point) -> Self {
        Self {
            left: x - 9,
            top: y - 8,
            right: x + 9,
            bottom: y + 8,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// Where the number of a block that is taken away is: in the first of its corners in which no other number is, as other
/// blocks may come to where it stood.
fn free_corner(job: &Job, place: &Placement, number: &str, taken: &[Frame]) -> Frame {
    let (at, size) = extent(&place.rect(job.types));
    let width = FIGURE.0 * number.len() as i64;
    let (near, far) = ((at.0 + 3, at.1 + 3), (at.0 + size.0 - 2, at.1 + size.1 - 3));
    let corner = |left: i64, top: i64| Frame {
        left,
        top,
        right: left + width,
        bottom: top + FIGURE.1,
    };
    let (right, low) = (far.0 - width, far.1 - FIGURE.1);
    let corners = [
        (near.0, near.1),
        (right, near.1),
        (near.0, low),
        (right, low),
    ];
    let corners = corners.map(|(left, top)| corner(left, top));
    let free = |frame: &Frame| !taken.iter().any(|other| other.overlaps(frame));
    corners.into_iter().find(free).unwrap_or(corners[0])
}

/// The middle of a placement.
fn middle(job: &Job, place: &Placement) -> Point {
    let (at, size) = extent(&place.rect(job.types));
    (at.0 + size.0 / 2, at.1 + size.1 / 2)
}

/// Where the number of an arriving block is: in its middle, but aside where blocks are put on each other.
fn spot(job: &Job, place: &Placement) -> Point {
    let (x, y) = middle(job, place);
    let rect = place.rect(job.types);
    let mut arriving = job.carries.iter().filter_map(|carry| carry.to.as_ref());
    let stacked = arriving.any(|other| {
        i64::from(other.z) == i64::from(place.z) + 1 && other.rect(job.types).overlaps(&rect)
    });
    match (place.z, stacked) {
        (0, false) => (x, y),
        (0, true) => (x - 9, y + 9),
        (1, _) => (x + 9, y - 9),
        _ => (x - 9, y - 9),
    }
}

/// The straight line from where a block is taken to where it is put, where neither is the store.
fn way(job: &Job, carry: &Carry) -> Option<[Point; 2]> {
    Some([
        middle(job, carry.from.as_ref()?),
        middle(job, carry.to.as_ref()?),
    ])
}

/// A number in the shape of its team.
pub fn number(svg: &mut Svg, (x, y): Point, team: usize, number: usize) {
    badge(svg, (x, y), team);
    svg.text("number", (x, y + 3), &number.to_string());
}

/// The shape of a team: a circle, a square, a diamond, then again.
pub fn badge(svg: &mut Svg, (x, y): Point, team: usize) {
    let class = "badge";
    match team % TEAM_SHAPES {
        0 => svg.circle(class, (x, y), 8),
        1 => svg.rect(class, (x - 8, y - 7), (16, 14)),
        _ => svg.polygon(class, [(x - 10, y), (x, y - 9), (x + 10, y), (x, y + 9)]),
    }
}

fn entries(job: &Job) -> Vec<Entry> {
    let words = job.words;
    let mut entries = Vec::new();
    let mut add = |name: String, swatch: Swatch| entries.push(Entry { name, swatch });
    for (block, name) in words.blocks.iter().enumerate() {
        let carried = job.carries.iter().filter(|one| one.block == block).count();
        let stays = job.stays.iter().filter(|one| one.block == block).count();
        if carried + stays > 0 {
            add(name.clone(), Swatch::Block(look(block)));
        }
    }
    if !job.stays.is_empty() {
        let first = job.stays.first().map_or(0, |one| look(one.block));
        add(words.stays.clone(), Swatch::Stays(first));
    }
    if job.carries.iter().any(|carry| carry.from.is_some()) {
        add(words.leaves.clone(), Swatch::Part("from", None));
    }
    for team in 0..job.teams.min(TEAM_SHAPES) {
        let name = format!("{} · {}", words.arrives, words.team_name(team));
        add(name, Swatch::Badge(team));
    }
    entries
}
