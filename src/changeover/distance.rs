//! How far blocks are carried and teams walk (3-layouts.md, "Distance").
//!
//! A block is carried as a square of its shorter side, a team walks as a square of one; both step from a position to its
//! four neighbours, over walkable cells, blocks ignored. A position is the square's least cell. Distances are in modules
//! and the same in both directions; `NO_WAY` stands for no path.

use std::collections::HashMap;

use super::assignment::NO_WAY;
use super::ground::Ground;
use crate::layout::Cell;

/// A position: the column and the row of a square's least cell.
pub type Position = (i32, i32);

/// The distances of a square of one size to a number of sites, kept by source.
#[derive(Debug)]
pub struct Distances {
    grid: Grid,
    to_store: Vec<u32>,
    /// The sites, as cells of the grid; `None` where the square does not fit.
    sites: Vec<Option<usize>>,
    number: HashMap<Position, usize>,
    rows: HashMap<Position, Vec<u32>>,
}

impl Distances {
    /// Distances of a `side`×`side` square (at least 1) to the sites; a site that comes again is the same.
    pub fn new(ground: Ground<'_>, side: usize, sites: impl IntoIterator<Item = Position>) -> Self {
        let mut grid = Grid::new(ground, side);
        let to_store = grid.spread(&grid.stores);
        let mut number = HashMap::new();
        let mut cells = Vec::new();
        for site in sites {
            number.entry(site).or_insert_with(|| {
                cells.push(grid.cell(site));
                cells.len() - 1
            });
        }
        grid.aim_at(cells.iter().flatten().copied());
        Self {
            grid,
            to_store,
            sites: cells,
            number,
            rows: HashMap::new(),
        }
    }

    /// From a position to the nearest one wholly on the store.
    pub fn to_store(&self, position: Position) -> u32 {
        self.grid
            .cell(position)
            .map_or(NO_WAY, |cell| self.to_store[cell])
    }

    /// Finds the ways from a position, for [`Distances::between`].
    pub fn explore(&mut self, source: Position) {
        self.rows.entry(source).or_insert_with(|| {
            let reached = self
                .grid
                .cell(source)
                .map(|start| self.grid.spread(&[start]));
            let at = |site: &Option<usize>| {
                reached
                    .as_ref()
                    .zip(*site)
                    .map_or(NO_WAY, |(reached, cell)| reached[cell])
            };
            self.sites.iter().map(at).collect()
        });
    }

    /// From an explored position to a site; `NO_WAY` where it is not one or has not been explored.
    pub fn between(&self, source: Position, site: Position) -> u32 {
        let row = self.rows.get(&source).zip(self.number.get(&site));
        row.map_or(NO_WAY, |(row, &number)| row[number])
    }
}

/// Where a square of one size fits. The grid has a border on which none does, so that no step leaves it.
#[derive(Debug)]
struct Grid {
    width: usize,
    fits: Vec<bool>,
    stores: Vec<usize>,
    /// Cells that are asked about, and how many they are; before any are named, all.
    wanted: Vec<bool>,
    wanted_cells: usize,
}

impl Grid {
    fn new(ground: Ground<'_>, side: usize) -> Self {
        let floor = ground.floor;
        let walkable = squares(ground, side, Cell::walkable);
        let on_store = squares(ground, side, |cell| cell == Cell::Store);
        let width = floor.width() + 2;
        let mut fits = vec![false; width * (floor.height() + 2)];
        let mut stores = Vec::new();
        for y in 0..floor.height() {
            for x in 0..floor.width() {
                let (cell, at) = ((y + 1) * width + x + 1, y * floor.width() + x);
                fits[cell] = walkable[at];
                if on_store[at] {
                    stores.push(cell);
                }
            }
        }
        Self {
            width,
            wanted: vec![false; fits.len()],
            wanted_cells: usize::MAX,
            fits,
            stores,
        }
    }

    fn aim_at(&mut self, cells: impl Iterator<Item = usize>) {
        self.wanted_cells = 0;
        for cell in cells {
            self.wanted_cells += usize::from(!self.wanted[cell]);
            self.wanted[cell] = true;
        }
    }

    /// The cell of a position; `None` where the square does not fit.
    fn cell(&self, (x, y): Position) -> Option<usize> {
        let x = usize::try_from(x).ok().filter(|x| x + 2 < self.width)?;
        let cell = usize::try_from(y)
            .ok()?
            .checked_add(1)?
            .checked_mul(self.width)?
            + x
            + 1;
        self.fits.get(cell)?.then_some(cell)
    }

    /// Breadth first from the starts; ends early where all that is wanted is reached.
    fn spread(&self, starts: &[usize]) -> Vec<u32> {
        let mut reached = vec![NO_WAY; self.fits.len()];
        let mut left = self.wanted_cells;
        let mut ring = starts.to_vec();
        for &cell in starts {
            reached[cell] = 0;
            left -= usize::from(self.wanted[cell]);
        }
        let mut next = Vec::new();
        let mut distance = 0;
        while !ring.is_empty() && left > 0 {
            distance += 1;
            for &cell in &ring {
                for to in [cell - self.width, cell - 1, cell + 1, cell + self.width] {
                    if self.fits[to] && reached[to] == NO_WAY {
                        reached[to] = distance;
                        next.push(to);
                        left -= usize::from(self.wanted[to]);
                    }
                }
            }
            ring.clear();
            std::mem::swap(&mut ring, &mut next);
        }
        reached
    }
}

/// Whether the `side`×`side` square at each cell lies on the floor, on such cells only. Row by row.
fn squares(ground: Ground<'_>, side: usize, such: impl Fn(Cell) -> bool) -> Vec<bool> {
    let (width, height) = (ground.floor.width(), ground.floor.height());
    // the largest such square at a cell follows from those to the east, to the south and in between
    let mut largest = vec![0_usize; width * height];
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            let at = y * width + x;
            if such(ground.cell(at)) {
                let inner = x + 1 < width && y + 1 < height;
                let around = [at + 1, at + width, at + width + 1];
                let smallest = around.iter().filter(|_| inner).map(|&at| largest[at]).min();
                largest[at] = smallest.unwrap_or(0) + 1;
            }
        }
    }
    largest.into_iter().map(|largest| largest >= side).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Floor;

    fn floor(rows: &[&str]) -> Floor {
        Floor::parse(rows).unwrap()
    }

    fn explored(floor: &Floor, side: usize, source: Position, sites: &[Position]) -> Vec<u32> {
        let mut distances = Distances::new(Ground::whole(floor), side, sites.iter().copied());
        distances.explore(source);
        sites
            .iter()
            .map(|&site| distances.between(source, site))
            .collect()
    }

    #[test]
    fn a_small_square_passes_where_a_large_one_goes_round() {
        let floor = floor(&["SS.....", "SS.###.", "...#...", ".......", "......."]);
        assert_eq!(
            explored(&floor, 1, (2, 1), &[(6, 2), (4, 2), (2, 1)]),
            [7, 5, 0]
        );
        assert_eq!(
            explored(&floor, 2, (1, 1), &[(5, 3), (4, 3), (5, 0)]),
            [6, 5, NO_WAY]
        );
    }

    #[test]
    fn the_nearest_of_several_stores_counts_and_only_wholly() {
        let floor = floor(&["SS......S", "SS......."]);
        let small = Distances::new(Ground::whole(&floor), 1, []);
        let large = Distances::new(Ground::whole(&floor), 2, []);
        assert_eq!((small.to_store((7, 1)), small.to_store((2, 0))), (2, 1));
        assert_eq!(
            (large.to_store((7, 0)), large.to_store((8, 0))),
            (7, NO_WAY)
        );
    }

    #[test]
    fn off_the_floor_there_is_no_way() {
        let floor = floor(&["S.#."]);
        let sites = [(-1, 0), (1, 0), (3, 0), (i32::MAX, i32::MAX)];
        assert_eq!(
            explored(&floor, 1, (0, 0), &sites),
            [NO_WAY, 1, NO_WAY, NO_WAY]
        );
        assert_eq!(explored(&floor, 1, (4, 0), &sites), [NO_WAY; 4]);
        assert_eq!(explored(&floor, 1, (0, 1), &sites), [NO_WAY; 4]);
        assert_eq!(
            Distances::new(Ground::whole(&floor), 1, []).to_store((i32::MIN, 0)),
            NO_WAY
        );
    }
}
