//! Blocks, where they stand, and the layout that they make (3-layouts.md, "Floor, blocks, layouts").
//!
//! Coordinates are modules, `i32` where they are kept and `i64` where they are reckoned with, so that no sum overflows.

/// The longest side of a block's footprint, in modules.
pub const LONGEST_SIDE: i32 = 1_000;

/// The most placements that a layout may have.
pub const MOST_PLACEMENTS: usize = 100_000;

/// The most cells that the blocks of a layout may cover together: four times the largest floor.
pub const MOST_COVERED: usize = 4_000_000;

/// A kind of block. Blocks of a kind are interchangeable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockType {
    /// Its name in cases: `big`, `small`, …
    pub id: String,
    /// Modules along `x`, unturned; 1 to [`LONGEST_SIDE`].
    pub w: i32,
    /// Modules along `y`, unturned; 1 to [`LONGEST_SIDE`].
    pub h: i32,
    /// How high one stands, in millimetres.
    pub height_mm: i32,
    /// The highest `z` that one may have: 0 stands on the floor, 1 on a block, … Never below 0.
    pub max_z: i32,
    /// Seconds to pick one up and put it down.
    pub handle_s: u32,
    /// Seconds a module when carried.
    pub loaded_s: u32,
    /// People who sit on one in a salon.
    pub salon_seats: u32,
    /// Whether one makes a cluster of an exhibition.
    pub anchors: bool,
}

impl BlockType {
    /// The big block of the page: 2×2 modules, 600 mm, 40 s and 2 s a module, 4 seats, anchors.
    pub fn big() -> Self {
        Self {
            id: "big".to_owned(),
            w: 2,
            h: 2,
            height_mm: 600,
            max_z: 1,
            handle_s: 40,
            loaded_s: 2,
            salon_seats: 4,
            anchors: true,
        }
    }

    /// The small block of the page: 1×1 module, 450 mm, 20 s and 1 s a module, 1 seat.
    pub fn small() -> Self {
        Self {
            id: "small".to_owned(),
            w: 1,
            h: 1,
            height_mm: 450,
            max_z: 1,
            handle_s: 20,
            loaded_s: 1,
            salon_seats: 1,
            anchors: false,
        }
    }

    /// The footprint's width and height when turned by 90° or not.
    pub fn footprint(&self, turned: bool) -> (i32, i32) {
        if turned {
            (self.h, self.w)
        } else {
            (self.w, self.h)
        }
    }
}

/// One block in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Placement {
    /// Which of the types that go with the layout, by its index.
    pub block: usize,
    /// The westernmost column.
    pub x: i32,
    /// The northernmost row.
    pub y: i32,
    /// How many blocks are under it.
    pub z: i32,
    /// Turned by 90°. Always `false` for a square footprint, for which it means nothing, so equal places are equal values.
    pub turned: bool,
}

impl Placement {
    /// The placement of a block of `types[block]`; a turn is forgotten where the footprint is square.
    ///
    /// `block` must be an index of `types`, as in every function that takes both.
    pub fn new(
        types: &[BlockType],
        block: usize,
        (x, y, z): (i32, i32, i32),
        turned: bool,
    ) -> Self {
        let turned = turned && types[block].w != types[block].h;
        Self {
            block,
            x,
            y,
            z,
            turned,
        }
    }

    /// The cells that it covers.
    pub fn rect(&self, types: &[BlockType]) -> Rect {
        let (w, h) = types[self.block].footprint(self.turned);
        Rect {
            x: self.x,
            y: self.y,
            w,
            h,
        }
    }

    /// The cells that it covers, row by row.
    pub fn cells(&self, types: &[BlockType]) -> impl Iterator<Item = (i64, i64)> + use<> {
        self.rect(types).cells()
    }
}

/// A rectangle of cells, somewhere on the floor or off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The westernmost column.
    pub x: i32,
    /// The northernmost row.
    pub y: i32,
    /// Columns, at least 1.
    pub w: i32,
    /// Rows, at least 1.
    pub h: i32,
}

impl Rect {
    /// The first column.
    pub fn left(&self) -> i64 {
        i64::from(self.x)
    }

    /// The first row.
    pub fn top(&self) -> i64 {
        i64::from(self.y)
    }

    /// The first column beyond it.
    pub fn right(&self) -> i64 {
        self.left() + i64::from(self.w)
    }

    /// The first row beyond it.
    pub fn bottom(&self) -> i64 {
        self.top() + i64::from(self.h)
    }

    /// Its cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (i64, i64)> + use<> {
        let columns = self.left()..self.right();
        (self.top()..self.bottom()).flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    /// The least rectangle around both, as far as numbers go.
    pub fn around(&self, other: &Rect) -> Rect {
        let left = self.left().min(other.left());
        let top = self.top().min(other.top());
        let length = |from: i64, to: i64| (to - from).min(i64::from(i32::MAX)) as i32;
        Rect {
            x: left as i32,
            y: top as i32,
            w: length(left, self.right().max(other.right())),
            h: length(top, self.bottom().max(other.bottom())),
        }
    }

    /// Whether the two share a cell.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.left() < other.right()
            && other.left() < self.right()
            && self.top() < other.bottom()
            && other.top() < self.bottom()
    }
}

/// What a layout is for; each purpose has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Any stage with an audience.
    Roadshow,
    Exhibition,
    RobotContest,
    Salon,
    Open,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Roadshow,
        Self::Exhibition,
        Self::RobotContest,
        Self::Salon,
        Self::Open,
    ];

    /// Its name in cases, tables and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roadshow => "roadshow",
            Self::Exhibition => "exhibition",
            Self::RobotContest => "robot_contest",
            Self::Salon => "salon",
            Self::Open => "open",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A side of the floor; of a zone, the one on which the stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    North,
    South,
    West,
    East,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::North, Self::South, Self::West, Self::East];

    /// Its letter in cases: N, S, W, E.
    pub fn letter(self) -> &'static str {
        match self {
            Self::North => "N",
            Self::South => "S",
            Self::West => "W",
            Self::East => "E",
        }
    }

    /// The side of that letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.letter() == letter)
    }
}

/// Where an audience sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    pub rect: Rect,
    /// The side on which the stage is.
    pub facing: Side,
}

/// An arrangement of blocks for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub purpose: Purpose,
    pub placements: Vec<Placement>,
    pub zones: Vec<Zone>,
    /// Where the ring of a robot contest opens.
    pub gates: Vec<Rect>,
    pub seats_required: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plank() -> BlockType {
        BlockType {
            id: "plank".to_owned(),
            w: 3,
            h: 1,
            ..BlockType::small()
        }
    }

    #[test]
    fn a_turn_swaps_the_sides_where_they_differ() {
        let types = [BlockType::big(), plank()];
        let lying = Placement::new(&types, 1, (4, 5, 0), false);
        let turned = Placement::new(&types, 1, (4, 5, 0), true);
        assert_eq!(
            lying.cells(&types).collect::<Vec<_>>(),
            [(4, 5), (5, 5), (6, 5)]
        );
        assert_eq!(
            turned.cells(&types).collect::<Vec<_>>(),
            [(4, 5), (4, 6), (4, 7)]
        );
        assert_ne!(lying, turned);
        assert_eq!(
            Placement::new(&types, 0, (0, 0, 0), true),
            Placement::new(&types, 0, (0, 0, 0), false)
        );
    }

    #[test]
    fn rectangles_at_the_edge_of_numbers_do_not_overflow() {
        let far = Rect {
            x: i32::MAX,
            y: i32::MAX,
            w: LONGEST_SIDE,
            h: LONGEST_SIDE,
        };
        let other = Rect {
            x: i32::MIN,
            y: i32::MIN,
            ..far
        };
        assert!(far.overlaps(&far) && !far.overlaps(&other));
        assert_eq!(far.cells().count(), 1_000_000);
    }

    #[test]
    fn names_lead_back() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_name(purpose.name()), Some(purpose));
        }
        for side in Side::ALL {
            assert_eq!(Side::from_letter(side.letter()), Some(side));
        }
        assert_eq!(Purpose::from_name("meeting"), None);
        assert_eq!(Side::from_letter("n"), None);
    }
}
