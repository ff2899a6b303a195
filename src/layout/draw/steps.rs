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
    let size = (width, height + legend.height + 8);
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
    for (step, carry) in (1_usize..).zip(job.carries) {
        if let Some(from) = &carry.from {
            let (place, _) = extent(&from.rect(job.types));
            let at = (place.0 + 4, place.1 + 11);
            svg.text("number-from", at, &step.to_string());
        }
    }
    for (step, carry) in (1..).zip(job.carries) {
        if let Some(to) = &carry.to {
            number(&mut svg, spot(job, to), carry.team, step);
        }
    }
    squared::names(&mut svg, job.floor);
    legend.draw(&mut svg, (MARGIN, height));
    svg.finish()
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
    add(words.leaves.clone(), Swatch::Part("from", None));
    for team in 0..job.teams.min(TEAM_SHAPES) {
        let name = format!("{} · {}", words.arrives, words.team_name(team));
        add(name, Swatch::Badge(team));
    }
    entries
}
