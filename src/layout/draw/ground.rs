//! What both views show of the floor: its parts as rectangles, and what the legend says of them.

use super::Subject;
use super::legend::{Entry, Swatch};
use super::style::LOOKS;
use crate::layout::{Cell, Floor, Mask, Rect, Side};

/// Cells that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Store,
    KeepClear,
    Exit,
    Obstacle,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Store, Self::KeepClear, Self::Exit, Self::Obstacle];

    fn cell(self) -> Cell {
        match self {
            Self::Store => Cell::Store,
            Self::KeepClear => Cell::KeepClear,
            Self::Exit => Cell::Exit,
            Self::Obstacle => Cell::Obstacle,
        }
    }

    /// The class of its colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::KeepClear => "keep",
            Self::Exit => "exit",
            Self::Obstacle => "wall",
        }
    }

    /// The pattern on it.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Store => Some("store"),
            Self::KeepClear => Some("keep"),
            Self::Exit | Self::Obstacle => None,
        }
    }

    /// Its cells as rectangles.
    pub fn rects(self, floor: &Floor) -> Vec<Rect> {
        rects(&Mask::of(floor, |cell| cell == self.cell()))
    }

    /// Its cells.
    pub fn cells(self, floor: &Floor) -> Vec<(i64, i64)> {
        let mask = Mask::of(floor, |cell| cell == self.cell());
        mask.iter().map(|spot| mask.xy(spot)).collect()
    }

    /// The boxes around its 4-components.
    pub fn boxes(self, floor: &Floor) -> Vec<Rect> {
        let mask = Mask::of(floor, |cell| cell == self.cell());
        let components = mask.components().into_iter();
        components
            .filter_map(|spots| mask.bounds_of(spots))
            .collect()
    }
}

/// The cells of a set as rectangles: runs along rows, and those that are alike in following rows as one.
pub fn rects(mask: &Mask) -> Vec<Rect> {
    let mut runs: Vec<Rect> = Vec::new();
    for (x, y) in mask.iter().map(|spot| mask.xy(spot)) {
        match runs.last_mut() {
            Some(run) if run.top() == y && run.right() == x => run.w += 1,
            _ => runs.push(Rect {
                x: x as i32,
                y: y as i32,
                w: 1,
                h: 1,
            }),
        }
    }
    runs.sort_by_key(|run| (run.x, run.w, run.y));
    let mut rects: Vec<Rect> = Vec::new();
    for run in runs {
        match rects.last_mut() {
            Some(rect) if (rect.x, rect.w) == (run.x, run.w) && rect.bottom() == run.top() => {
                rect.h += 1;
            }
            _ => rects.push(run),
        }
    }
    rects
}

/// The side of the floor that an exit cell is nearest to.
pub fn way_out(floor: &Floor, (x, y): (i64, i64)) -> Side {
    let (width, height) = (floor.width() as i64, floor.height() as i64);
    let sides = [
        (x, Side::West),
        (width - 1 - x, Side::East),
        (y, Side::North),
        (height - 1 - y, Side::South),
    ];
    let nearest = sides.into_iter().min_by_key(|(far, _)| *far);
    nearest.map_or(Side::North, |(_, side)| side)
}

/// A triangle inside a cell that points to a side, in quarters of the cell.
pub fn arrow(to: Side) -> [(i64, i64); 3] {
    match to {
        Side::North => [(1, 3), (2, 1), (3, 3)],
        Side::South => [(1, 1), (2, 3), (3, 1)],
        Side::West => [(3, 1), (1, 2), (3, 3)],
        Side::East => [(1, 1), (3, 2), (1, 3)],
    }
}

/// The look of a block type, by its index.
pub fn look(block: usize) -> usize {
    block % LOOKS
}

/// The cells to be marked as wrong: those that violations are about, and those of blocks that they are about.
pub fn faults(subject: &Subject) -> Mask {
    let mut mask = Mask::empty(subject.site.floor);
    for violation in &subject.report.violations {
        for &(x, y) in &violation.cells {
            if let Some(spot) = mask.spot(x, y) {
                mask.insert(spot);
            }
        }
        for &block in &violation.blocks {
            let placement = &subject.layout.placements[block];
            mask.fill(&placement.rect(subject.site.types), true);
        }
    }
    mask
}

/// The legend's entries: what the picture shows, and nothing else.
pub fn entries(subject: &Subject) -> Vec<Entry> {
    let words = subject.words;
    let mut entries = Vec::new();
    let mut add = |name: String, swatch: Swatch| entries.push(Entry { name, swatch });
    for (block, name) in words.blocks.iter().enumerate() {
        let of_type = subject.layout.placements.iter();
        let count = of_type.filter(|one| one.block == block).count();
        if count > 0 {
            add(format!("{name} × {count}"), Swatch::Block(look(block)));
        }
    }
    if !subject.layout.zones.is_empty() {
        let seatings = subject.report.seatings.iter();
        let seats: usize = seatings.map(|one| one.seats.len()).sum();
        add(format!("{} × {seats}", words.audience), Swatch::Seat);
    }
    if !subject.layout.gates.is_empty() {
        add(words.gate.clone(), Swatch::Part("gate", Some("gate")));
    }
    for part in Part::ALL {
        let name = match part {
            Part::Store => &words.store,
            Part::KeepClear => &words.keep_clear,
            Part::Exit => &words.exit,
            Part::Obstacle => &words.obstacle,
        };
        if subject.site.floor.cells().contains(&part.cell()) {
            add(name.clone(), Swatch::Part(part.class(), part.pattern()));
        }
    }
    if subject.report.escape_cells() > 0 {
        add(words.escape.clone(), Swatch::Part("escape", None));
    }
    if faults(subject).count() > 0 {
        add(words.fault.clone(), Swatch::Part("bad", Some("bad")));
    }
    entries
}
