//! A floor turned so that the stage lies north of an audience: the rules are written once, for that.

use super::block::{Rect, Side};
use super::floor::{Cell, Floor};

/// The floor as it is seen facing the stage. Column 0 is where a row begins: facing N rows run west to east, facing S
/// east to west, facing W south to north, facing E north to south.
#[derive(Clone, Copy)]
pub struct Turned<'a> {
    floor: &'a Floor,
    facing: Side,
}

impl<'a> Turned<'a> {
    pub fn new(floor: &'a Floor, facing: Side) -> Self {
        Self { floor, facing }
    }

    fn size(&self) -> (i64, i64) {
        (self.floor.width() as i64, self.floor.height() as i64)
    }

    /// A rectangle of the floor as it is seen.
    pub fn seen(&self, rect: &Rect) -> Seen {
        let (width, height) = self.size();
        let (w, h) = (i64::from(rect.w), i64::from(rect.h));
        let (column, row, across, deep) = match self.facing {
            Side::North => (rect.left(), rect.top(), w, h),
            Side::South => (width - rect.right(), height - rect.bottom(), w, h),
            Side::West => (height - rect.bottom(), rect.left(), h, w),
            Side::East => (rect.top(), width - rect.right(), h, w),
        };
        Seen {
            column,
            row,
            across,
            deep,
        }
    }

    /// The part of a rectangle of the floor that is `width` columns as seen, `start` columns from where its rows begin.
    pub fn strip(&self, rect: &Rect, start: i32, width: i32) -> Rect {
        match self.facing {
            Side::North => Rect {
                x: rect.x + start,
                w: width,
                ..*rect
            },
            Side::South => Rect {
                x: rect.x + rect.w - start - width,
                w: width,
                ..*rect
            },
            Side::West => Rect {
                y: rect.y + rect.h - start - width,
                h: width,
                ..*rect
            },
            Side::East => Rect {
                y: rect.y + start,
                h: width,
                ..*rect
            },
        }
    }

    /// The column and row of the floor of what is seen at a column and row.
    pub fn cell(&self, column: i64, row: i64) -> (i64, i64) {
        let (width, height) = self.size();
        match self.facing {
            Side::North => (column, row),
            Side::South => (width - 1 - column, height - 1 - row),
            Side::West => (row, height - 1 - column),
            Side::East => (width - 1 - row, column),
        }
    }

    /// The point of the floor of a point that is seen, both in quarter modules from the corner where columns and rows begin.
    pub fn point(&self, (across, deep): (i64, i64)) -> (i64, i64) {
        let (width, height) = self.size();
        match self.facing {
            Side::North => (across, deep),
            Side::South => (4 * width - across, 4 * height - deep),
            Side::West => (deep, 4 * height - across),
            Side::East => (4 * width - deep, across),
        }
    }

    /// Whether there is an obstacle at a column and row as seen.
    pub fn obstacle(&self, column: i64, row: i64) -> bool {
        let (x, y) = self.cell(column, row);
        self.floor.at(x, y) == Some(Cell::Obstacle)
    }
}

/// A rectangle as it is seen facing the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The first column, from where rows begin.
    pub column: i64,
    /// The row nearest to the stage.
    pub row: i64,
    /// Columns.
    pub across: i64,
    /// Rows.
    pub deep: i64,
}

impl Seen {
    /// The first column beyond it.
    pub fn end(&self) -> i64 {
        self.column + self.across
    }

    /// The first row beyond it, on the side away from the stage.
    pub fn back(&self) -> i64 {
        self.row + self.deep
    }
}
