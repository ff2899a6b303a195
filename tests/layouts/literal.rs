//! The escape region word by word: slow, and nothing like the product's.

use std::collections::HashSet;

pub type Cells = HashSet<(i64, i64)>;

pub fn beside((x, y): (i64, i64)) -> [(i64, i64); 4] {
    [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
}

/// The parts of a set that hang together by 4-neighbours.
pub fn components(cells: &Cells) -> Vec<Cells> {
    let mut left = cells.clone();
    let mut parts = Vec::new();
    while let Some(&start) = left.iter().next() {
        let mut part = Cells::from([start]);
        let mut edge = vec![start];
        while let Some(cell) = edge.pop() {
            let beside = beside(cell).into_iter().filter(|one| left.contains(one));
            edge.extend(beside.filter(|one| part.insert(*one)));
        }
        left.retain(|cell| !part.contains(cell));
        parts.push(part);
    }
    parts
}

/// What each component of squares that sweeps an exit cell sweeps, the one that counts first, and whether a second
/// sweeps as much.
pub fn escape_region(free: &Cells, exits: &Cells, k: i64) -> (Cells, bool) {
    let square = |(x, y): (i64, i64)| (0..k * k).map(move |at| (x + at % k, y + at / k));
    let positions = free.iter().copied();
    let positions = positions.filter(|at| square(*at).all(|cell| free.contains(&cell)));
    let swept = components(&positions.collect())
        .into_iter()
        .map(|part| part.into_iter().flat_map(square).collect::<Cells>());
    let mut swept: Vec<_> = swept.filter(|cells| !cells.is_disjoint(exits)).collect();
    let least = |cells: &Cells| cells.iter().map(|(x, y)| (*y, *x)).min();
    swept.sort_by_key(|cells| (std::cmp::Reverse(cells.len()), least(cells)));
    let tie = swept.len() > 1 && swept[0].len() == swept[1].len();
    (swept.into_iter().next().unwrap_or_default(), tie)
}
