//! Which block goes where: the assignment with the least total distance (3-layouts.md, "Moves").
//!
//! Shortest augmenting paths with potentials (Jonker and Volgenant): exact, in O(n³) at the worst and far below it on
//! floors. Kept here instead of a library's because it is the inner loop of every table of times.

/// The entry of a pair without a path between them.
pub const NO_WAY: u32 = u32::MAX;

/// A square table of costs: what it takes to give each row each column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    side: usize,
    cells: Vec<u32>,
}

impl Costs {
    /// A table of `side` rows and columns, filled by `cost(row, column)`.
    pub fn new(side: usize, mut cost: impl FnMut(usize, usize) -> u32) -> Self {
        let mut cells = Vec::with_capacity(side * side);
        for row in 0..side {
            cells.extend((0..side).map(|column| cost(row, column)));
        }
        Self { side, cells }
    }

    pub fn at(&self, row: usize, column: usize) -> u32 {
        self.cells[row * self.side + column]
    }

    fn row(&self, row: usize) -> &[u32] {
        &self.cells[row * self.side..(row + 1) * self.side]
    }
}

/// A complete assignment of least total cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The column of each row.
    pub column: Vec<usize>,
    pub total: u64,
}

/// The assignment of least total cost; `None` where each complete one needs a pair without a path.
pub fn least(costs: &Costs) -> Option<Assignment> {
    let column = Search::new(costs).run();
    let mut total = 0;
    for (row, &column) in column.iter().enumerate() {
        match costs.at(row, column) {
            NO_WAY => return None,
            cost => total += u64::from(cost),
        }
    }
    Some(Assignment { column, total })
}

const FREE: usize = usize::MAX;

struct Search<'a> {
    costs: &'a Costs,
    /// What stands for `NO_WAY`: more than any assignment without one costs.
    wall: i64,
    /// Potentials of the columns. Those of the rows follow from them and the assignment.
    price: Vec<i64>,
    column_of: Vec<usize>,
    row_of: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(costs: &'a Costs) -> Self {
        let dearest = costs.cells.iter().filter(|&&cost| cost != NO_WAY).max();
        let dearest = i64::from(dearest.copied().unwrap_or(0));
        Self {
            costs,
            wall: (dearest + 1) * (costs.side as i64 + 1),
            price: vec![0; costs.side],
            column_of: vec![FREE; costs.side],
            row_of: vec![FREE; costs.side],
        }
    }

    fn run(mut self) -> Vec<usize> {
        self.reduce_columns();
        let mut path = Path::new(self.costs.side);
        for row in 0..self.costs.side {
            if self.column_of[row] == FREE {
                self.augment(row, &mut path);
            }
        }
        self.column_of
    }

    fn cost(&self, cost: u32) -> i64 {
        if cost == NO_WAY {
            self.wall
        } else {
            i64::from(cost)
        }
    }

    /// Prices every column at its cheapest row, and gives it to that row where it is still free.
    fn reduce_columns(&mut self) {
        let side = self.costs.side;
        let mut cheapest = vec![(i64::MAX, FREE); side];
        for row in 0..side {
            for (best, &cost) in cheapest.iter_mut().zip(self.costs.row(row)) {
                let cost = self.cost(cost);
                if cost < best.0 {
                    *best = (cost, row);
                }
            }
        }
        for (column, (cost, row)) in cheapest.into_iter().enumerate() {
            self.price[column] = cost;
            if self.column_of[row] == FREE {
                self.column_of[row] = column;
                self.row_of[column] = row;
            }
        }
    }

    /// Gives a free row a column, along the cheapest alternating path, and keeps the prices tight.
    fn augment(&mut self, free: usize, path: &mut Path) {
        path.begin();
        let (mut row, mut reached) = (free, 0);
        let last = loop {
            // the row's own price is what its column costs it beyond the column's price
            let own = match self.column_of[row] {
                FREE => 0,
                column => self.cost(self.costs.at(row, column)) - self.price[column],
            };
            let costs = self.costs.row(row);
            let (mut nearest, mut next) = (i64::MAX, FREE);
            for at in 0..path.open.len() {
                let column = path.open[at];
                let length = reached + self.cost(costs[column]) - self.price[column] - own;
                if length < path.length[column] {
                    path.length[column] = length;
                    path.from[column] = row;
                }
                // a free column ends the path, so it goes first among equals
                let shorter = path.length[column] < nearest;
                if shorter || (path.length[column] == nearest && self.row_of[column] == FREE) {
                    (nearest, next) = (path.length[column], at);
                }
            }
            reached = nearest;
            let column = path.open.swap_remove(next);
            if self.row_of[column] == FREE {
                break column;
            }
            path.done.push(column);
            row = self.row_of[column];
        };
        for &column in &path.done {
            self.price[column] += path.length[column] - reached;
        }
        let mut column = last;
        loop {
            let row = path.from[column];
            self.row_of[column] = row;
            let before = std::mem::replace(&mut self.column_of[row], column);
            if row == free {
                return;
            }
            column = before;
        }
    }
}

/// The columns that a search for a path has reached, and how.
struct Path {
    length: Vec<i64>,
    from: Vec<usize>,
    open: Vec<usize>,
    done: Vec<usize>,
}

impl Path {
    fn new(side: usize) -> Self {
        Self {
            length: vec![i64::MAX; side],
            from: vec![FREE; side],
            open: (0..side).collect(),
            done: Vec::new(),
        }
    }

    fn begin(&mut self) {
        let side = self.length.len();
        self.length.fill(i64::MAX);
        self.open.clear();
        self.open.extend(0..side);
        self.done.clear();
    }
}
