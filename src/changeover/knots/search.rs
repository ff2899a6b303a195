//! Branch and bound over a knot: a move goes by way of the store, or it does not. Bounded by work done and not by time,
//! so that the same knot gets the same answer everywhere.

use super::reduction::{Knot, has, ones, set};

/// The fewest moves that meet every circle of the knot, as far as `left` lets the search go: it costs the square of a
/// knot's size for every knot that it looks at. Nothing left means that the answer is not proven.
pub fn fewest(knot: Knot, left: &mut u64) -> Vec<usize> {
    let first = greedy(knot.clone());
    let mut search = Search { left: *left };
    let better = search.below(knot, first.len());
    *left = search.left;
    better.unwrap_or(first)
}

/// An answer without search: the most entangled vertex, again and again.
fn greedy(mut knot: Knot) -> Vec<usize> {
    let mut moves = knot.reduce();
    while let Some(vertex) = most_entangled(&knot) {
        moves.push(knot.name(vertex));
        knot.remove(vertex);
        moves.extend(knot.reduce());
    }
    moves
}

/// The vertex on most ways of two links, preferring circles of two.
fn most_entangled(knot: &Knot) -> Option<usize> {
    let weight = |&vertex: &usize| {
        let (into, out) = (count(knot.before(vertex)), count(knot.after(vertex)));
        let mutual = count(&knot.mutual(vertex));
        (into * out + 2 * mutual * mutual, std::cmp::Reverse(vertex))
    };
    knot.vertices().into_iter().max_by_key(weight)
}

fn count(bits: &[u64]) -> u64 {
    u64::from(super::reduction::count(bits))
}

/// So many vertices at least must be taken: circles that share no vertex, and cliques of circles of two.
fn at_least(mut knot: Knot) -> usize {
    let mut bound = knot.reduce().len();
    while !knot.is_untied() {
        let circle = clique(&knot).or_else(|| shortest_circle(&knot));
        let Some((members, needs)) = circle else {
            break;
        };
        bound += needs;
        for vertex in members {
            knot.remove(vertex);
        }
        bound += knot.reduce().len();
    }
    bound
}

/// Vertices of which every two form a circle: all but one of them must be taken.
fn clique(knot: &Knot) -> Option<(Vec<usize>, usize)> {
    let vertices = knot.vertices();
    let first = vertices
        .into_iter()
        .max_by_key(|&vertex| count(&knot.mutual(vertex)))?;
    let mut members = vec![first];
    let mut common = knot.mutual(first);
    loop {
        let Some(next) = ones(&common).next() else {
            break;
        };
        members.push(next);
        for (word, close) in common.iter_mut().zip(knot.mutual(next)) {
            *word &= close;
        }
    }
    let needs = members.len() - 1;
    (needs > 0).then_some((members, needs))
}

/// A shortest circle: one of its vertices must be taken.
fn shortest_circle(knot: &Knot) -> Option<(Vec<usize>, usize)> {
    let mut best: Option<Vec<usize>> = None;
    for root in knot.vertices() {
        let within = best.as_ref().map_or(usize::MAX, Vec::len);
        if let Some(circle) = circle_through(knot, root, within) {
            best = Some(circle);
        }
        if best.as_ref().is_some_and(|best| best.len() <= 3) {
            break;
        }
    }
    best.map(|members| (members, 1))
}

/// A shortest circle through the root, where one has fewer than `within` vertices.
fn circle_through(knot: &Knot, root: usize, within: usize) -> Option<Vec<usize>> {
    let mut from = vec![usize::MAX; knot.len()];
    let mut seen = vec![0; knot.after(root).len()];
    let (mut ring, mut length) = (vec![root], 1);
    while !ring.is_empty() && length < within {
        let mut next = Vec::new();
        for &vertex in &ring {
            if has(knot.after(vertex), root) {
                let back =
                    std::iter::successors(Some(vertex), |&at| (at != root).then(|| from[at]));
                return Some(back.collect());
            }
            for to in ones(knot.after(vertex)) {
                if !has(&seen, to) {
                    set(&mut seen, to);
                    from[to] = vertex;
                    next.push(to);
                }
            }
        }
        ring = next;
        length += 1;
    }
    None
}

struct Search {
    left: u64,
}

impl Search {
    /// The fewest moves that meet every circle, where they are fewer than `limit`; `None` where they are not, or where
    /// the search has run out of work before it found them.
    fn below(&mut self, mut knot: Knot, limit: usize) -> Option<Vec<usize>> {
        self.left = self.left.saturating_sub((knot.len() * knot.len()) as u64);
        let mut moves = knot.reduce();
        let left = limit.checked_sub(moves.len()).filter(|&left| left > 0)?;
        let rest = match knot.split() {
            parts if parts.is_empty() => Some(Vec::new()),
            mut parts if parts.len() == 1 => self.branch(parts.pop()?, left),
            parts => self.each(parts, left),
        };
        moves.extend(rest?);
        Some(moves)
    }

    /// The parts one by one, each within what the bounds of the others leave.
    fn each(&mut self, parts: Vec<Knot>, limit: usize) -> Option<Vec<usize>> {
        let bounds: Vec<usize> = parts.iter().map(|part| at_least(part.clone())).collect();
        let mut needed: usize = bounds.iter().sum();
        let mut moves = Vec::new();
        for (part, bound) in parts.into_iter().zip(bounds) {
            needed -= bound;
            let left = limit
                .checked_sub(moves.len() + needed)
                .filter(|&left| left > 0)?;
            moves.extend(self.branch(part, left)?);
        }
        Some(moves)
    }

    /// A reduced knot in one piece.
    fn branch(&mut self, knot: Knot, limit: usize) -> Option<Vec<usize>> {
        if self.left == 0 || at_least(knot.clone()) >= limit {
            return None;
        }
        let vertex = most_entangled(&knot)?;
        let mut taken = knot.clone();
        taken.remove(vertex);
        let mut best = self.below(taken, limit - 1);
        if let Some(moves) = &mut best {
            moves.push(knot.name(vertex));
        }
        let limit = best.as_ref().map_or(limit, Vec::len);
        let mut passed = knot;
        passed.pass_over(vertex);
        self.below(passed, limit).or(best)
    }
}
