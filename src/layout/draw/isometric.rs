//! The isometric view, seen from above the south-east corner: sx = (x−y)·a, sy = (x+y)·a/2 − z.

use std::collections::{BTreeSet, HashMap};

use super::Subject;
use super::ground::{Part, arrow, entries, faults, look, rects, way_out};
use super::legend::Legend;
use super::places::column_name;
use super::style::style;
use super::svg::{Point, Svg};
use crate::layout::{Floor, Placement, Rect};

/// a: half a module's width on the screen, in pixels.
const A: i64 = 16;
/// The height of a module's length, in pixels.
const UP: i64 = 20;
/// How high obstacles are drawn: lower than they are, so as not to hide what is behind.
const OBSTACLE_MM: i64 = 900;
const MODULE_MM: i64 = 600;
const MARGIN: i64 = 30;
/// How thick the floor looks.
const SLAB: i64 = 8;

/// The view as SVG.
pub fn isometric(subject: &Subject) -> String {
    let view = View::new(subject);
    let legend = Legend::new(entries(subject), view.size.0 - 2 * MARGIN);
    let size = (legend.width + 2 * MARGIN, view.size.1 + legend.height + 8);
    let mut svg = view.scene(subject, size);
    view.names(&mut svg, subject);
    legend.draw(&mut svg, (MARGIN, view.size.1 - MARGIN / 2));
    svg.finish()
}

/// The view without a word outside its title and description.
pub fn bare(subject: &Subject) -> String {
    let view = View::new(subject);
    view.scene(subject, view.size).finish()
}

impl View {
    /// The floor and everything on it, on a sheet of that size.
    fn scene(&self, subject: &Subject, size: Point) -> Svg {
        let (floor, words) = (subject.site.floor, subject.words);
        let mut svg = Svg::new(size, &words.title, &words.description, &style());
        svg.rect("paper", (0, 0), size);
        self.ground(&mut svg, subject);
        self.parts(&mut svg, floor);
        self.uses(&mut svg, subject);
        let mut things = Vec::new();
        for cell in Part::Obstacle.cells(floor) {
            things.push(Thing::obstacle(cell));
        }
        let heights = heights(subject);
        for (placement, from_mm) in subject.layout.placements.iter().zip(&heights) {
            things.extend(Thing::columns(subject, placement, *from_mm));
        }
        for seating in &subject.report.seatings {
            things.extend(seating.seats.iter().map(|seat| Thing::seat(*seat)));
        }
        things.sort_by_key(|thing| thing.order());
        for thing in &things {
            self.thing(&mut svg, thing);
        }
        for (rect, top) in wrong_blocks(subject, &heights) {
            svg.polygon("bad", self.corners(&rect, top));
        }
        svg
    }
}

/// The height in millimetres at which each placement stands: the top of the highest block just below it.
fn heights(subject: &Subject) -> Vec<i64> {
    let types = subject.site.types;
    let placements = &subject.layout.placements;
    let mut by_z: Vec<usize> = (0..placements.len()).collect();
    by_z.sort_by_key(|index| placements[*index].z);
    let mut tops = HashMap::new();
    let mut heights = vec![0; placements.len()];
    for index in by_z {
        let one = &placements[index];
        let under = one
            .cells(types)
            .filter_map(|(x, y)| tops.get(&(x, y, i64::from(one.z) - 1)));
        let from = under.copied().max().unwrap_or(0);
        heights[index] = from;
        for (x, y) in one.cells(types) {
            tops.insert(
                (x, y, i64::from(one.z)),
                from + i64::from(types[one.block].height_mm),
            );
        }
    }
    heights
}

/// The blocks that violations are about: the part of each that is on the floor, and how high what stands there reaches, as
/// these marks are painted over everything.
fn wrong_blocks(subject: &Subject, heights: &[i64]) -> Vec<(Rect, i64)> {
    let types = subject.site.types;
    let placements = &subject.layout.placements;
    let mut tops: HashMap<(i64, i64), i64> = HashMap::new();
    for (one, from_mm) in placements.iter().zip(heights) {
        for cell in one.cells(types) {
            let top = tops.entry(cell).or_default();
            *top = (*top).max(from_mm + i64::from(types[one.block].height_mm));
        }
    }
    let violations = subject.report.violations.iter();
    let wrong: BTreeSet<usize> = violations
        .flat_map(|one| one.blocks.iter().copied())
        .collect();
    let marked = wrong.into_iter().filter_map(|block| {
        let rect = on_floor(&placements[block].rect(types), subject.site.floor)?;
        let top = rect
            .cells()
            .filter_map(|cell| tops.get(&cell).copied())
            .max();
        Some((rect, top.unwrap_or_default()))
    });
    marked.collect()
}

/// The part of a rectangle that is on the floor.
fn on_floor(rect: &Rect, floor: &Floor) -> Option<Rect> {
    let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let (right, bottom) = (side(floor.width()), side(floor.height()));
    let (x, y) = (rect.x.max(0), rect.y.max(0));
    let w = i32::try_from(rect.right()).unwrap_or(i32::MAX).min(right) - x;
    let h = i32::try_from(rect.bottom()).unwrap_or(i32::MAX).min(bottom) - y;
    (w > 0 && h > 0).then_some(Rect { x, y, w, h })
}

/// Something that stands on the floor, as high as one module's column or as one person.
struct Thing {
    /// Quarter modules from the north-west corner to the middle.
    at: (i64, i64),
    from_mm: i64,
    shape: Shape,
}

/// The sides of a column that are on the outside of its block.
#[derive(Clone, Copy)]
struct Outside {
    north: bool,
    south: bool,
    west: bool,
    east: bool,
}

enum Shape {
    Column {
        class: String,
        height_mm: i64,
        /// Which of its sides are the block's outside.
        outside: Outside,
        /// The block's look, for the mark on its top.
        look: Option<usize>,
    },
    Person,
}

impl Thing {
    /// The unit columns of a block, as far as they are on the floor.
    fn columns(subject: &Subject, placement: &Placement, from_mm: i64) -> Vec<Self> {
        let rect = placement.rect(subject.site.types);
        let block = &subject.site.types[placement.block];
        let column = |(x, y): (i64, i64)| Self {
            at: (4 * x + 2, 4 * y + 2),
            from_mm,
            shape: Shape::Column {
                class: format!("b{}", look(placement.block)),
                height_mm: i64::from(block.height_mm),
                outside: Outside {
                    north: y == rect.top(),
                    south: y == rect.bottom() - 1,
                    west: x == rect.left(),
                    east: x == rect.right() - 1,
                },
                look: Some(look(placement.block)),
            },
        };
        let on_floor = |cell: &(i64, i64)| subject.site.floor.at(cell.0, cell.1).is_some();
        rect.cells().filter(on_floor).map(column).collect()
    }

    fn obstacle((x, y): (i64, i64)) -> Self {
        Self {
            at: (4 * x + 2, 4 * y + 2),
            from_mm: 0,
            shape: Shape::Column {
                class: "obstacle".to_owned(),
                height_mm: OBSTACLE_MM,
                outside: Outside {
                    north: true,
                    south: true,
                    west: true,
                    east: true,
                },
                look: None,
            },
        }
    }

    fn seat(at: (i64, i64)) -> Self {
        Self {
            at,
            from_mm: 0,
            shape: Shape::Person,
        }
    }

    /// What is further away, and what is lower, is painted first.
    fn order(&self) -> (i64, i64) {
        (self.at.0 + self.at.1, self.from_mm)
    }
}

/// Where things of the floor are on the screen.
struct View {
    /// Where the floor's north-west corner is.
    origin: Point,
    size: Point,
}

impl View {
    fn new(subject: &Subject) -> Self {
        let floor = subject.site.floor;
        let (width, height) = (floor.width() as i64, floor.height() as i64);
        let highest = subject.layout.placements.iter().map(|one| {
            let mm = i64::from(subject.site.types[one.block].height_mm);
            mm * (i64::from(one.z.clamp(0, 10)) + 1)
        });
        let highest = highest.max().unwrap_or(0);
        let highest = highest.clamp(OBSTACLE_MM, 10 * MODULE_MM);
        let above = MARGIN / 2 + highest * UP / MODULE_MM;
        Self {
            origin: (MARGIN + A * height, above),
            size: (
                2 * MARGIN + A * (width + height),
                above + A / 2 * (width + height) + SLAB + MARGIN,
            ),
        }
    }

    /// The place on the screen of a point of the floor in quarter modules, so many millimetres up.
    fn point(&self, (x, y): (i64, i64), mm: i64) -> Point {
        (
            self.origin.0 + (x - y) * A / 4,
            self.origin.1 + (x + y) * A / 8 - mm * UP / MODULE_MM,
        )
    }

    /// The corners of a rectangle of cells, so many millimetres up: north-west, north-east, south-east, south-west.
    fn corners(&self, rect: &Rect, mm: i64) -> [Point; 4] {
        let (left, right) = (4 * rect.left(), 4 * rect.right());
        let (top, bottom) = (4 * rect.top(), 4 * rect.bottom());
        [(left, top), (right, top), (right, bottom), (left, bottom)].map(|at| self.point(at, mm))
    }

    /// The floor, the escape region and the grid.
    fn ground(&self, svg: &mut Svg, subject: &Subject) {
        let floor = subject.site.floor;
        let (width, height) = (floor.width() as i64, floor.height() as i64);
        let whole = Rect {
            x: 0,
            y: 0,
            w: floor.width() as i32,
            h: floor.height() as i32,
        };
        let [north_west, north_east, south_east, south_west] = self.corners(&whole, 0);
        let down = |(x, y): Point| (x, y + SLAB);
        let front = [
            south_west,
            south_east,
            north_east,
            down(north_east),
            down(south_east),
            down(south_west),
        ];
        svg.polygon("slab", front);
        svg.polygon("floor", [north_west, north_east, south_east, south_west]);
        let escape = rects(&subject.report.escape);
        svg.polygons("escape", escape.iter().map(|rect| self.corners(rect, 0)));
        let line = |from: (i64, i64), to: (i64, i64)| [self.point(from, 0), self.point(to, 0)];
        let columns = (1..width).map(|x| line((4 * x, 0), (4 * x, 4 * height)));
        let rows = (1..height).map(|y| line((0, 4 * y), (4 * width, 4 * y)));
        svg.lines("grid", columns.chain(rows));
    }

    /// Store, keep-clear, exits and obstacles, each with its mark.
    fn parts(&self, svg: &mut Svg, floor: &Floor) {
        for part in Part::ALL {
            let rects = part.rects(floor);
            svg.polygons(part.class(), rects.iter().map(|rect| self.corners(rect, 0)));
        }
        let in_cell =
            |(x, y): (i64, i64), (dx, dy): (i64, i64)| self.point((4 * x + dx, 4 * y + dy), 0);
        let lines = |part: Part, lines: &'static [[(i64, i64); 2]]| {
            let cells = part.cells(floor).into_iter();
            cells.flat_map(move |cell| {
                let line = move |ends: &[(i64, i64); 2]| ends.map(|end| in_cell(cell, end));
                lines.iter().map(line)
            })
        };
        svg.lines("store-mark", lines(Part::Store, &[[(0, 4), (4, 0)]]));
        let cross = &[[(1, 1), (3, 3)], [(1, 3), (3, 1)]];
        svg.lines("keep-mark", lines(Part::KeepClear, cross));
        for cell in Part::Exit.cells(floor) {
            let out = arrow(way_out(floor, cell));
            svg.polygon("exit-mark", out.map(|point| in_cell(cell, point)));
        }
    }

    /// Audience, aisles, gates, and what is wrong on the floor.
    fn uses(&self, svg: &mut Svg, subject: &Subject) {
        let floor = subject.site.floor;
        let zones = subject.layout.zones.iter().map(|zone| &zone.rect);
        for zone in zones.filter_map(|rect| on_floor(rect, floor)) {
            svg.polygon("zone", self.corners(&zone, 0));
        }
        let aisles = subject
            .report
            .seatings
            .iter()
            .flat_map(|one| one.aisles.clone());
        svg.polygons("escape", aisles.map(|aisle| self.corners(&aisle, 0)));
        let gates = subject.layout.gates.iter();
        for gate in gates.filter_map(|rect| on_floor(rect, floor)) {
            svg.polygon("gate", self.corners(&gate, 0));
            let stripes = gate.cells().map(|(x, y)| {
                [(4 * x, 4 * y), (4 * x + 4, 4 * y + 4)].map(|end| self.point(end, 0))
            });
            svg.lines("gate-mark", stripes);
        }
        for rect in rects(&faults(subject)) {
            svg.polygon("bad", self.corners(&rect, 0));
        }
    }

    fn thing(&self, svg: &mut Svg, thing: &Thing) {
        match &thing.shape {
            Shape::Person => {
                let (x, y) = self.point(thing.at, 0);
                svg.polygon(
                    "seat-body",
                    [
                        (x - 5, y),
                        (x - 4, y - 10),
                        (x + 4, y - 10),
                        (x + 5, y),
                        (x, y + 3),
                    ],
                );
                svg.circle("seat-head", (x, y - 13), 4);
            }
            Shape::Column {
                class,
                height_mm,
                outside,
                look,
            } => {
                let corner = |dx: i64, dy: i64, mm: i64| {
                    self.point((thing.at.0 + dx, thing.at.1 + dy), thing.from_mm + mm)
                };
                svg.group(class);
                column(svg, corner, *height_mm, *outside);
                if let Some(look) = look {
                    mark(svg, |dx, dy| corner(dx, dy, *height_mm), *look);
                }
                svg.end();
            }
        }
    }

    /// Letters of columns along the south edge, numbers of rows along the east edge.
    fn names(&self, svg: &mut Svg, subject: &Subject) {
        let floor = subject.site.floor;
        let (width, height) = (floor.width() as i64, floor.height() as i64);
        for x in 0..width {
            let (x_px, y_px) = self.point((4 * x + 2, 4 * height + 3), 0);
            svg.text("ref", (x_px, y_px + SLAB + 4), &column_name(x));
        }
        for y in 0..height {
            let (x_px, y_px) = self.point((4 * width + 3, 4 * y + 2), 0);
            svg.text("ref", (x_px, y_px + SLAB + 4), &(y + 1).to_string());
        }
    }
}

/// A unit column: its faces to the south (left) and to the east (right) where they are outside, its top, and the lines
/// along what is outside. `corner` gives the place of a point so many quarter modules from its middle, so many
/// millimetres up.
fn column(svg: &mut Svg, corner: impl Fn(i64, i64, i64) -> Point, height: i64, outside: Outside) {
    let face = |(x, y): (i64, i64), (to_x, to_y): (i64, i64)| {
        [
            corner(x, y, 0),
            corner(to_x, to_y, 0),
            corner(to_x, to_y, height),
            corner(x, y, height),
        ]
    };
    if outside.south {
        svg.polygon("l", face((-2, 2), (2, 2)));
    }
    if outside.east {
        svg.polygon("r", face((2, 2), (2, -2)));
    }
    let [north_west, north_east, south_east, south_west] =
        [(-2, -2), (2, -2), (2, 2), (-2, 2)].map(|(x, y)| corner(x, y, height));
    svg.polygon("t", [north_west, north_east, south_east, south_west]);
    let upright = |x: i64, y: i64| [corner(x, y, 0), corner(x, y, height)];
    let foot = |x: i64, y: i64| [corner(x, y, 0), corner(2, 2, 0)];
    let lines = [
        (outside.north, [north_west, north_east]),
        (outside.west, [north_west, south_west]),
        (outside.south, [south_west, south_east]),
        (outside.east, [north_east, south_east]),
        (outside.south, foot(-2, 2)),
        (outside.east, foot(2, -2)),
        (outside.south && outside.west, upright(-2, 2)),
        (outside.south && outside.east, upright(2, 2)),
        (outside.north && outside.east, upright(2, -2)),
    ];
    svg.lines("o", lines.into_iter().filter(|one| one.0).map(|one| one.1));
}

/// The mark of a look on the top of a unit column.
fn mark(svg: &mut Svg, top: impl Fn(i64, i64) -> Point, look: usize) {
    match look {
        0 => svg.polygon(
            "mark0",
            [(-1, -1), (1, -1), (1, 1), (-1, 1)].map(|(x, y)| top(x, y)),
        ),
        1 => svg.circle("mark1", top(0, 0), 3),
        2 => svg.lines("mark2", [[top(-2, 0), top(2, 0)]]),
        3 => svg.lines("mark3", [[top(-1, 0), top(1, 0)], [top(0, -1), top(0, 1)]]),
        4 => svg.lines("mark4", [[top(-1, 1), top(0, -1), top(1, 1)]]),
        _ => svg.polygon("mark5", [(0, -1), (1, 1), (-1, 1)].map(|(x, y)| top(x, y))),
    }
}
