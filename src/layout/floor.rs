//! The floor: a grid of modules of 600 mm (3-layouts.md, "Floor, blocks, layouts").

use std::fmt;

/// The most cells that a floor may have.
pub const MOST_CELLS: usize = 1_000_000;

/// What one module of the floor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// `.`: walkable, and blocks may stand here.
    Free,
    /// `#`: a wall or a column.
    Obstacle,
    /// `K`: walkable, never placed on.
    KeepClear,
    /// `E`: walkable, the way out.
    Exit,
    /// `S`: walkable, not placeable; the door of a store that holds any number of blocks.
    Store,
}

impl Cell {
    /// Its letter's meaning, if it has one.
    pub fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            '.' => Self::Free,
            '#' => Self::Obstacle,
            'K' => Self::KeepClear,
            'E' => Self::Exit,
            'S' => Self::Store,
            _ => return None,
        })
    }

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Self::Free => '.',
            Self::Obstacle => '#',
            Self::KeepClear => 'K',
            Self::Exit => 'E',
            Self::Store => 'S',
        }
    }

    /// Whether people walk here, blocks aside.
    pub fn walkable(self) -> bool {
        self != Self::Obstacle
    }
}

/// A grid of cells; `x` grows eastward, `y` southward, both from 0. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    width: usize,
    height: usize,
    cells: Vec<Cell>,
}

/// Why rows of text are not a floor. Rows and columns are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloorError {
    /// There is no row, or the first one is empty.
    Empty,
    /// A row is not as long as the first.
    Uneven { row: usize },
    /// A letter that means nothing.
    Letter {
        row: usize,
        column: usize,
        letter: char,
    },
    /// More than [`MOST_CELLS`].
    TooLarge,
}

impl fmt::Display for FloorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the floor has no cells"),
            Self::Uneven { row } => write!(f, "row {row} of the floor is not as long as the first"),
            Self::Letter {
                row,
                column,
                letter,
            } => write!(
                f,
                "row {row} of the floor has {letter:?} at column {column}; a cell is one of . # K E S"
            ),
            Self::TooLarge => write!(f, "the floor has more than {MOST_CELLS} cells"),
        }
    }
}

impl std::error::Error for FloorError {}

impl Floor {
    /// Reads rows of letters, north to south, each west to east.
    pub fn parse(rows: &[impl AsRef<str>]) -> Result<Self, FloorError> {
        let width = rows
            .first()
            .map_or(0, |row| row.as_ref().chars().take(MOST_CELLS + 1).count());
        let height = rows.len();
        if width == 0 {
            return Err(FloorError::Empty);
        }
        if width.saturating_mul(height) > MOST_CELLS {
            return Err(FloorError::TooLarge);
        }
        let mut cells = Vec::with_capacity(width * height);
        for (y, row) in rows.iter().enumerate() {
            for (x, letter) in row.as_ref().chars().enumerate() {
                if x == width {
                    return Err(FloorError::Uneven { row: y });
                }
                cells.push(Cell::from_letter(letter).ok_or(FloorError::Letter {
                    row: y,
                    column: x,
                    letter,
                })?);
            }
            if cells.len() != (y + 1) * width {
                return Err(FloorError::Uneven { row: y });
            }
        }
        Ok(Self {
            width,
            height,
            cells,
        })
    }

    /// The same floor where every cell that is not `open` (by index, see [`Floor::cells`]) is an obstacle.
    pub fn walled(&self, open: impl Fn(usize) -> bool) -> Self {
        let cells = self.cells.iter().enumerate();
        let cell = |(index, cell): (usize, &Cell)| match open(index) {
            true => *cell,
            false => Cell::Obstacle,
        };
        Self {
            cells: cells.map(cell).collect(),
            ..*self
        }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All cells, row by row; the cell `(x, y)` is at `y * width + x`.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The index of `(x, y)` in [`Floor::cells`]; `None` off the floor.
    pub fn index(&self, x: i64, y: i64) -> Option<usize> {
        let x = usize::try_from(x).ok().filter(|x| *x < self.width)?;
        let y = usize::try_from(y).ok().filter(|y| *y < self.height)?;
        Some(y * self.width + x)
    }

    /// The cell at `(x, y)`; `None` off the floor.
    pub fn at(&self, x: i64, y: i64) -> Option<Cell> {
        self.index(x, y).map(|index| self.cells[index])
    }

    /// Whether `(x, y)` is on the floor and walkable, blocks aside.
    pub fn walkable(&self, x: i64, y: i64) -> bool {
        self.at(x, y).is_some_and(Cell::walkable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_letters_are_a_floor() {
        let floor = Floor::parse(&[".#K", "ES."]).unwrap();
        assert_eq!((floor.width(), floor.height()), (3, 2));
        assert_eq!(floor.at(2, 0), Some(Cell::KeepClear));
        assert_eq!(floor.at(0, 1), Some(Cell::Exit));
        assert_eq!(floor.at(3, 0), None);
        assert_eq!(floor.at(0, -1), None);
        assert_eq!(floor.at(i64::MAX, i64::MIN), None);
        assert!(floor.walkable(1, 1) && !floor.walkable(1, 0) && !floor.walkable(0, 2));
        let letters: String = floor.cells().iter().map(|cell| cell.letter()).collect();
        assert_eq!(letters, ".#KES.");
    }

    #[test]
    fn what_is_no_floor_is_refused() {
        assert_eq!(Floor::parse(&[] as &[&str]), Err(FloorError::Empty));
        assert_eq!(Floor::parse(&["", ""]), Err(FloorError::Empty));
        assert_eq!(
            Floor::parse(&["..", "..."]),
            Err(FloorError::Uneven { row: 1 })
        );
        assert_eq!(
            Floor::parse(&["..", "."]),
            Err(FloorError::Uneven { row: 1 })
        );
        assert_eq!(
            Floor::parse(&["..", ".墙"]),
            Err(FloorError::Letter {
                row: 1,
                column: 1,
                letter: '墙'
            })
        );
        assert_eq!(
            Floor::parse(&[".".repeat(MOST_CELLS + 1)]),
            Err(FloorError::TooLarge)
        );
        assert_eq!(
            Floor::parse(&vec!["..........."; 100_000]),
            Err(FloorError::TooLarge)
        );
        assert!(Floor::parse(&vec![".".repeat(1000); 1000]).is_ok());
    }
}
