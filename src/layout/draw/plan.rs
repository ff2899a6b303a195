//! The plan: the floor from above, north at the top.

use super::Subject;
use super::ground::{Part, arrow, entries, faults, look, rects, way_out};
use super::legend::Legend;
use super::places::column_name;
use super::style::style;
use super::svg::{Point, Svg};
use crate::layout::{Rect, Side};

/// A module, in pixels; a quarter of it is whole, too.
const CELL: i64 = 20;
/// Room for the names of columns and rows.
const MARGIN: i64 = 30;

/// The plan as SVG.
pub fn plan(subject: &Subject) -> String {
    let floor = subject.site.floor;
    let (across, down) = (CELL * floor.width() as i64, CELL * floor.height() as i64);
    let legend = Legend::new(entries(subject), across);
    let size = (2 * MARGIN + across, 2 * MARGIN + down + legend.height + 8);
    let words = subject.words;
    let mut svg = Svg::new(size, &words.title, &words.description, &style());
    svg.rect("paper", (0, 0), size);
    svg.rect("floor", at(0, 0), (across, down));
    shape(&mut svg, "escape", &rects(&subject.report.escape));
    grid(&mut svg, subject);
    parts(&mut svg, subject);
    zones(&mut svg, subject);
    for gate in &subject.layout.gates {
        covered(&mut svg, "gate", Some("gate"), gate);
    }
    blocks(&mut svg, subject);
    for rect in rects(&faults(subject)) {
        covered(&mut svg, "bad", Some("bad"), &rect);
    }
    svg.lines(
        "edge",
        [border(
            (0, 0),
            (floor.width() as i64, floor.height() as i64),
        )],
    );
    names(&mut svg, subject);
    legend.draw(&mut svg, (MARGIN, 2 * MARGIN + down));
    svg.finish()
}

/// The upper left corner of a cell.
fn at(x: i64, y: i64) -> Point {
    (MARGIN + CELL * x, MARGIN + CELL * y)
}

/// The corners of a rectangle of cells, once round.
fn border((x, y): (i64, i64), (w, h): (i64, i64)) -> [Point; 5] {
    [
        at(x, y),
        at(x + w, y),
        at(x + w, y + h),
        at(x, y + h),
        at(x, y),
    ]
}

fn extent(rect: &Rect) -> (Point, Point) {
    let size = (CELL * i64::from(rect.w), CELL * i64::from(rect.h));
    (at(rect.left(), rect.top()), size)
}

/// Rectangles of one colour as one shape.
fn shape(svg: &mut Svg, class: &str, rects: &[Rect]) {
    let corners = |rect: &Rect| border((rect.left(), rect.top()), (rect.w.into(), rect.h.into()));
    svg.polygons(class, rects.iter().map(corners));
}

/// A rectangle with its pattern.
fn covered(svg: &mut Svg, class: &str, pattern: Option<&str>, rect: &Rect) {
    let (place, size) = extent(rect);
    svg.rect(class, place, size);
    if let Some(pattern) = pattern {
        svg.patterned(pattern, place, size);
    }
}

fn grid(svg: &mut Svg, subject: &Subject) {
    let floor = subject.site.floor;
    let (width, height) = (floor.width() as i64, floor.height() as i64);
    let lines = |fifth: bool| {
        let of = move |at: &i64| (at % 5 == 0) == fifth;
        let columns = (1..width).filter(of);
        let columns = columns.map(move |x| [at(x, 0), at(x, height)]);
        let rows = (1..height).filter(of);
        columns.chain(rows.map(move |y| [at(0, y), at(width, y)]))
    };
    svg.lines("grid", lines(false));
    svg.lines("grid5", lines(true));
}

/// Store, keep-clear, exits and obstacles.
fn parts(svg: &mut Svg, subject: &Subject) {
    let floor = subject.site.floor;
    for part in Part::ALL {
        let rects = part.rects(floor);
        shape(svg, part.class(), &rects);
        if let Some(pattern) = part.pattern() {
            for rect in &rects {
                let (place, size) = extent(rect);
                svg.patterned(pattern, place, size);
            }
        }
    }
    for (x, y) in Part::Exit.cells(floor) {
        pointer(svg, "exit-mark", at(x, y), way_out(floor, (x, y)));
    }
    for rect in Part::Store.boxes(floor) {
        if rect.w >= 3 && rect.h >= 2 {
            let (place, size) = extent(&rect);
            let middle = (place.0 + size.0 / 2, place.1 + size.1 / 2 + 4);
            svg.text("label name", middle, &subject.words.store);
        }
    }
}

/// A triangle inside a cell, in quarters of it, at a place.
fn pointer(svg: &mut Svg, class: &str, (x, y): Point, to: Side) {
    let points = arrow(to).map(|(dx, dy)| (x + CELL * dx / 4, y + CELL * dy / 4));
    svg.polygon(class, points);
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

/// Blocks, the lower ones first; each that stands on others is drawn a little smaller, over its shade.
fn blocks(svg: &mut Svg, subject: &Subject) {
    let mut placements: Vec<_> = subject.layout.placements.iter().collect();
    placements.sort_by_key(|one| one.z);
    for placement in placements {
        let (place, size) = extent(&placement.rect(subject.site.types));
        let inset = 1 + 3 * i64::from(placement.z.clamp(0, 2));
        let place = (place.0 + inset, place.1 + inset);
        let size = (size.0 - 2 * inset, size.1 - 2 * inset);
        let look = format!("b{}", look(placement.block));
        svg.group(&look);
        if placement.z > 0 {
            svg.rect("shade", (place.0 + 2, place.1 + 2), size);
        }
        svg.rect("t", place, size);
        svg.patterned(&look, place, size);
        svg.rect("o", place, size);
        svg.end();
    }
}

/// Letters of columns and numbers of rows, on all four edges.
fn names(svg: &mut Svg, subject: &Subject) {
    let floor = subject.site.floor;
    let (width, height) = (floor.width() as i64, floor.height() as i64);
    for x in 0..width {
        let name = column_name(x);
        let middle = at(x, 0).0 + CELL / 2;
        svg.text("ref", (middle, MARGIN - 8), &name);
        svg.text("ref", (middle, at(0, height).1 + 15), &name);
    }
    for y in 0..height {
        let name = (y + 1).to_string();
        let middle = at(0, y).1 + CELL / 2 + 3;
        svg.text("ref", (MARGIN - 13, middle), &name);
        svg.text("ref", (at(width, 0).0 + 13, middle), &name);
    }
}
