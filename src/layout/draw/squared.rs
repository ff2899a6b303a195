//! The floor as squared paper: what every picture from above begins and ends with.

use super::ground::{Part, arrow, look, way_out};
use super::places::column_name;
use super::svg::{Point, Svg};
use crate::layout::{BlockType, Floor, Placement, Rect, Side};

/// A module, in pixels; a quarter of it is whole, too.
pub const CELL: i64 = 20;
/// Room for the names of columns and rows.
pub const MARGIN: i64 = 30;

/// The floor with its margins, in pixels.
pub fn size(floor: &Floor) -> Point {
    let length = |cells: usize| 2 * MARGIN + CELL * cells as i64;
    (length(floor.width()), length(floor.height()))
}

/// The upper left corner of a cell.
pub fn at(x: i64, y: i64) -> Point {
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

/// Where a rectangle of cells is, and how large.
pub fn extent(rect: &Rect) -> (Point, Point) {
    let size = (CELL * i64::from(rect.w), CELL * i64::from(rect.h));
    (at(rect.left(), rect.top()), size)
}

/// Rectangles of one colour as one shape.
pub fn shape(svg: &mut Svg, class: &str, rects: &[Rect]) {
    let corners = |rect: &Rect| border((rect.left(), rect.top()), (rect.w.into(), rect.h.into()));
    svg.polygons(class, rects.iter().map(corners));
}

/// A rectangle with its pattern.
pub fn covered(svg: &mut Svg, class: &str, pattern: Option<&str>, rect: &Rect) {
    let (place, size) = extent(rect);
    svg.rect(class, place, size);
    if let Some(pattern) = pattern {
        svg.patterned(pattern, place, size);
    }
}

/// Lines between modules, each fifth a little stronger.
pub fn grid(svg: &mut Svg, floor: &Floor) {
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
pub fn parts(svg: &mut Svg, floor: &Floor, store: &str) {
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
            svg.text("label name", middle, store);
        }
    }
}

/// A triangle inside a cell, in quarters of it, at a place.
pub fn pointer(svg: &mut Svg, class: &str, (x, y): Point, to: Side) {
    let points = arrow(to).map(|(dx, dy)| (x + CELL * dx / 4, y + CELL * dy / 4));
    svg.polygon(class, points);
}

/// Blocks, the lower ones first; each that stands on others is drawn a little smaller, over its shade.
pub fn blocks<'a>(
    svg: &mut Svg,
    types: &[BlockType],
    placements: impl IntoIterator<Item = &'a Placement>,
) {
    let mut placements: Vec<_> = placements.into_iter().collect();
    placements.sort_by_key(|one| one.z);
    for placement in placements {
        let (place, size) = extent(&placement.rect(types));
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

/// The edge of the floor, letters of columns and numbers of rows, on all four edges.
pub fn names(svg: &mut Svg, floor: &Floor) {
    let (width, height) = (floor.width() as i64, floor.height() as i64);
    let whole = border((0, 0), (width, height));
    svg.lines("edge", [whole]);
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
