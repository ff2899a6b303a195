//! The plan: the floor from above, north at the top.

use super::Subject;
use super::ground::{entries, faults, rects};
use super::legend::Legend;
use super::squared::{self, CELL, MARGIN, at, covered, extent, pointer, shape};
use super::style::style;
use super::svg::Svg;
use crate::layout::Side;

/// The plan as SVG.
pub fn plan(subject: &Subject) -> String {
    let (floor, words) = (subject.site.floor, subject.words);
    let (width, height) = squared::size(floor);
    let legend = Legend::new(entries(subject), width - 2 * MARGIN);
    let size = (legend.width + 2 * MARGIN, height + legend.height + 8);
    let mut svg = Svg::new(size, &words.title, &words.description, &style());
    svg.rect("paper", (0, 0), size);
    svg.rect("floor", at(0, 0), (width - 2 * MARGIN, height - 2 * MARGIN));
    shape(&mut svg, "escape", &rects(&subject.report.escape));
    squared::grid(&mut svg, floor);
    squared::parts(&mut svg, floor, &words.store);
    zones(&mut svg, subject);
    for gate in &subject.layout.gates {
        covered(&mut svg, "gate", Some("gate"), gate);
    }
    squared::blocks(&mut svg, subject.site.types, &subject.layout.placements);
    for rect in rects(&faults(subject)) {
        covered(&mut svg, "bad", Some("bad"), &rect);
    }
    squared::names(&mut svg, floor);
    legend.draw(&mut svg, (MARGIN, height));
    svg.finish()
}

/// Audience zones less their inner aisles, their seats, and where they look.
fn zones(svg: &mut Svg, subject: &Subject) {
    for zone in &subject.layout.zones {
        let (place, size) = extent(&zone.rect);
        svg.rect("zone", place, size);
    }
    for seating in &subject.report.seatings {
        for aisle in &seating.aisles {
            let (place, size) = extent(aisle);
            svg.rect("escape", place, size);
        }
        for &(x, y) in &seating.seats {
            let centre = (MARGIN + CELL * x / 4, MARGIN + CELL * y / 4);
            svg.circle("seat", centre, 7);
        }
    }
    for zone in &subject.layout.zones {
        let rect = zone.rect;
        let (x, y) = (
            rect.left() + i64::from(rect.w) / 2,
            rect.top() + i64::from(rect.h) / 2,
        );
        let before = match zone.facing {
            Side::North => (x, rect.top() - 1),
            Side::South => (x, rect.bottom()),
            Side::West => (rect.left() - 1, y),
            Side::East => (rect.right(), y),
        };
        pointer(svg, "facing", at(before.0, before.1), zone.facing);
    }
}
