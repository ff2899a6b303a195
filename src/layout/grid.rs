//! Sets of cells of one floor, and what the rules ask of them: components, counts in rectangles, distances.

use std::collections::VecDeque;

use super::block::Rect;
use super::floor::{Cell, Floor};

/// A set of cells of a floor. A cell is named by its *spot*, an index into rows that have a border of one cell that
/// is never in the set, so that the neighbours of a cell are four additions away and never checked for the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: usize,
    height: usize,
    cells: Vec<bool>,
}

impl Mask {
    /// The empty set.
    pub fn empty(floor: &Floor) -> Self {
        let (width, height) = (floor.width(), floor.height());
        Self {
            width,
            height,
            cells: vec![false; (width + 2) * (height + 2)],
        }
    }

    /// The cells of a kind.
    pub fn of(floor: &Floor, kind: impl Fn(Cell) -> bool) -> Self {
        let mut mask = Self::empty(floor);
        let stride = mask.stride();
        let rows = mask.cells.chunks_exact_mut(stride).skip(1);
        for (row, cells) in rows.zip(floor.cells().chunks_exact(floor.width())) {
            for (here, cell) in row[1..].iter_mut().zip(cells) {
                *here = kind(*cell);
            }
        }
        mask
    }

    fn stride(&self) -> usize {
        self.width + 2
    }

    /// How many spots there are, the border's among them.
    pub fn spots(&self) -> usize {
        self.cells.len()
    }

    /// The spot of `(x, y)`; `None` off the floor.
    pub fn spot(&self, x: i64, y: i64) -> Option<usize> {
        let x = usize::try_from(x).ok().filter(|x| *x < self.width)?;
        let y = usize::try_from(y).ok().filter(|y| *y < self.height)?;
        Some((y + 1) * self.stride() + x + 1)
    }

    /// Column and row of a spot that is not the border's.
    pub fn xy(&self, spot: usize) -> (i64, i64) {
        let (y, x) = (spot / self.stride(), spot % self.stride());
        (x as i64 - 1, y as i64 - 1)
    }

    /// The spots west, east, north and south of a spot.
    pub fn beside(&self, spot: usize) -> [usize; 4] {
        [
            spot - 1,
            spot + 1,
            spot - self.stride(),
            spot + self.stride(),
        ]
    }

    pub fn has(&self, spot: usize) -> bool {
        self.cells[spot]
    }

    /// Whether `(x, y)` is in the set; nothing off the floor is.
    pub fn contains(&self, x: i64, y: i64) -> bool {
        self.spot(x, y).is_some_and(|spot| self.cells[spot])
    }

    pub fn insert(&mut self, spot: usize) {
        self.cells[spot] = true;
    }

    pub fn remove(&mut self, spot: usize) {
        self.cells[spot] = false;
    }

    /// Puts the rectangle's cells into the set or takes them out, as far as they are on the floor.
    pub fn fill(&mut self, rect: &Rect, with: bool) {
        let (columns, rows) = self.clip(rect);
        let stride = self.stride();
        for y in rows {
            let start = (y + 1) * stride + 1;
            self.cells[start + columns.start..start + columns.end].fill(with);
        }
    }

    /// The columns and rows of a rectangle that are on the floor.
    fn clip(&self, rect: &Rect) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let within = |from: i64, to: i64, length: usize| {
            let from = from.clamp(0, length as i64) as usize;
            let to = to.clamp(from as i64, length as i64) as usize;
            from..to
        };
        (
            within(rect.left(), rect.right(), self.width),
            within(rect.top(), rect.bottom(), self.height),
        )
    }

    /// The cells of a rectangle that are on the floor, in the set or not.
    pub fn cells_of(&self, rect: &Rect) -> impl Iterator<Item = (i64, i64)> + use<> {
        let (columns, rows) = self.clip(rect);
        rows.flat_map(move |y| columns.clone().map(move |x| (x as i64, y as i64)))
    }

    /// The cells that are in this set and not in the other.
    pub fn without(&self, other: &Mask) -> Mask {
        let mut mask = self.clone();
        for (here, there) in mask.cells.iter_mut().zip(&other.cells) {
            *here &= !there;
        }
        mask
    }

    /// The cells that are in both.
    pub fn and(&self, other: &Mask) -> Mask {
        let mut mask = self.clone();
        for (here, there) in mask.cells.iter_mut().zip(&other.cells) {
            *here &= there;
        }
        mask
    }

    /// Puts all cells of the other into the set.
    pub fn add(&mut self, other: &Mask) {
        for (here, there) in self.cells.iter_mut().zip(&other.cells) {
            *here |= there;
        }
    }

    /// The least rectangle around the set; `None` where it is empty.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds_of(self.iter())
    }

    /// The least rectangle around some spots; `None` where there are none.
    pub fn bounds_of(&self, spots: impl IntoIterator<Item = usize>) -> Option<Rect> {
        let mut corners: Option<[i64; 4]> = None;
        for (x, y) in spots.into_iter().map(|spot| self.xy(spot)) {
            let [left, top, right, bottom] = corners.unwrap_or([x, y, x, y]);
            corners = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
        }
        corners.map(|corners| {
            let [x, y, right, bottom] = corners.map(|one| one as i32);
            Rect {
                x,
                y,
                w: right - x + 1,
                h: bottom - y + 1,
            }
        })
    }

    pub fn count(&self) -> usize {
        self.cells.iter().filter(|cell| **cell).count()
    }

    /// How many cells are in both.
    pub fn count_with(&self, other: &Mask) -> usize {
        let both = self.cells.iter().zip(&other.cells);
        both.filter(|(here, there)| **here && **there).count()
    }

    /// The spots of the set, row by row.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.cells.iter().enumerate();
        all.filter_map(|(spot, cell)| cell.then_some(spot))
    }

    /// The parts that hang together by 4-neighbours, in the order of their least `(y, x)`, which each begins with.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut left = self.clone();
        let mut components = Vec::new();
        for start in 0..self.cells.len() {
            if !left.cells[start] {
                continue;
            }
            left.cells[start] = false;
            let mut component = vec![start];
            let mut next = 0;
            while let Some(&spot) = component.get(next) {
                next += 1;
                for beside in self.beside(spot) {
                    if left.cells[beside] {
                        left.cells[beside] = false;
                        component.push(beside);
                    }
                }
            }
            components.push(component);
        }
        components
    }

    /// Whether some `w`×`h` rectangle is wholly in the set.
    pub fn holds(&self, w: usize, h: usize) -> bool {
        if w > self.width || h > self.height {
            return false;
        }
        let counts = Counts::of(self);
        let rows = 0..=self.height - h;
        rows.into_iter()
            .any(|y| (0..=self.width - w).any(|x| counts.between(x..x + w, y..y + h) == w * h))
    }
}

/// How many cells of a set lie in a rectangle, at once.
pub struct Counts<'a> {
    mask: &'a Mask,
    /// At `(y, x)`: the cells of the set in rows below `y` and columns below `x`.
    sums: Vec<u32>,
}

impl<'a> Counts<'a> {
    pub fn of(mask: &'a Mask) -> Self {
        let stride = mask.width + 1;
        let mut sums = vec![0; stride * (mask.height + 1)];
        for y in 0..mask.height {
            let cells = &mask.cells[(y + 1) * mask.stride() + 1..][..mask.width];
            let mut row = 0;
            for (x, cell) in cells.iter().enumerate() {
                row += u32::from(*cell);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        Self { mask, sums }
    }

    fn between(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> usize {
        let stride = self.mask.width + 1;
        let sum = |x: usize, y: usize| self.sums[y * stride + x];
        let count = sum(columns.end, rows.end) + sum(columns.start, rows.start)
            - sum(columns.end, rows.start)
            - sum(columns.start, rows.end);
        count as usize
    }

    /// The cells of the set in the rectangle.
    pub fn within(&self, rect: &Rect) -> usize {
        let (columns, rows) = self.mask.clip(rect);
        self.between(columns, rows)
    }

    /// Whether all cells of the rectangle are in the set (so none is off the floor).
    pub fn covers(&self, rect: &Rect) -> bool {
        self.within(rect) as i64 == i64::from(rect.w) * i64::from(rect.h)
    }
}

/// The least Chebyshev clearance between two of the sets of spots: how many cells lie in between, 0 where they touch,
/// if only at a corner. `None` where there are fewer than two.
pub fn clearance(floor: &Floor, sets: &[Vec<usize>]) -> Option<usize> {
    const NOBODY: usize = usize::MAX;
    if sets.len() < 2 {
        return None;
    }
    let mask = Mask::of(floor, |_| true);
    let stride = mask.stride();
    let mut whose = vec![NOBODY; mask.spots()];
    let mut far = vec![0; mask.spots()];
    let mut queue = VecDeque::new();
    for (owner, set) in sets.iter().enumerate() {
        for &spot in set {
            whose[spot] = owner;
            queue.push_back(spot);
        }
    }
    // each set grows by one ring of 8-neighbours at a time; where two meet, their rings add up
    let mut least = usize::MAX;
    while let Some(spot) = queue.pop_front() {
        if 2 * far[spot] >= least {
            break;
        }
        for row in [spot - stride, spot, spot + stride] {
            for beside in row - 1..=row + 1 {
                if whose[beside] == NOBODY && mask.has(beside) {
                    whose[beside] = whose[spot];
                    far[beside] = far[spot] + 1;
                    queue.push_back(beside);
                } else if whose[beside] != NOBODY && whose[beside] != whose[spot] {
                    least = least.min(far[spot] + far[beside]);
                }
            }
        }
    }
    (least != usize::MAX).then_some(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[&str]) -> (Floor, Mask) {
        let floor = Floor::parse(rows).unwrap();
        let mask = Mask::of(&floor, |cell| cell == Cell::KeepClear);
        (floor, mask)
    }

    fn rect(x: i32, y: i32, w: i32, h: i32) -> Rect {
        Rect { x, y, w, h }
    }

    #[test]
    fn components_hang_together_by_sides_and_come_in_reading_order() {
        let (_, mask) = drawn(&[".K.KK", "K..K.", "KK.KK"]);
        let components = mask.components();
        let sizes: Vec<_> = components.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 5, 3]);
        let first: Vec<_> = components.iter().map(|one| mask.xy(one[0])).collect();
        assert_eq!(first, [(1, 0), (3, 0), (0, 1)]);
    }

    #[test]
    fn counts_are_those_of_what_is_on_the_floor() {
        let (_, mask) = drawn(&["KK.", "KK.", "..K"]);
        let counts = Counts::of(&mask);
        assert_eq!(counts.within(&rect(0, 0, 3, 3)), 5);
        assert_eq!(counts.within(&rect(-5, 1, 7, 100)), 2);
        assert_eq!(counts.within(&rect(7, 7, 2, 2)), 0);
        assert_eq!(counts.within(&rect(i32::MIN, i32::MIN, i32::MAX, 5)), 0);
        assert!(counts.covers(&rect(0, 0, 2, 2)));
        assert!(!counts.covers(&rect(0, 0, 3, 2)));
        assert!(!counts.covers(&rect(-1, 0, 2, 2)));
        assert!(mask.holds(2, 2) && !mask.holds(3, 1) && !mask.holds(4, 1));
    }

    #[test]
    fn clearance_is_the_cells_in_between() {
        for (rows, expected) in [
            (["K....", ".....", "....."], None),
            (["KK...", "..K..", "....."], Some(0)),
            (["K.K..", ".....", "....."], Some(1)),
            (["K....", ".....", ".K..."], Some(1)),
            (["K...K", ".....", "....."], Some(3)),
            (["K....", ".....", "...KK"], Some(2)),
            (["K.#.K", "..#..", "....."], Some(3)),
        ] {
            let (floor, mask) = drawn(&rows);
            assert_eq!(clearance(&floor, &mask.components()), expected, "{rows:?}");
        }
    }
}
