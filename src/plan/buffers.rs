//! `mofang plan buffers`: the fewest moves by way of the store, for moves that are only numbers.

use serde::{Deserialize, Serialize};

use super::case::{NotACase, read};
use crate::changeover::knots::{Waits, untie};
use crate::layout::block::MOST_PLACEMENTS;

/// What the search may cost: some seconds at the worst, and next to nothing for knots of 40 moves.
const EFFORT: u64 = 30_000_000;

/// A case as it is written.
#[derive(Deserialize)]
struct CaseShape {
    n: usize,
    edges: Vec<[usize; 2]>,
}

/// The answer to a case.
#[derive(Debug, Serialize)]
pub struct Answer {
    pub min_buffers: usize,
    /// Such moves, ascending.
    pub solution: Vec<usize>,
}

/// Breaks every circle of a case's moves.
pub fn answer(text: &[u8]) -> Result<Answer, NotACase> {
    let CaseShape { n, edges } = read(text)?;
    if n > MOST_PLACEMENTS {
        return Err(NotACase::about("n", format!("is above {MOST_PLACEMENTS}")));
    }
    let mut waits = Waits::none(n);
    for (index, &[before, after]) in edges.iter().enumerate() {
        if before.max(after) >= n {
            let reason = format!("there is no move {}", before.max(after));
            return Err(NotACase::about(format!("edges[{index}]"), reason));
        }
        waits.after[before].push(after);
    }
    let untied = untie(&waits, &vec![false; n], EFFORT);
    let solution = untied.map(|untied| untied.moves).unwrap_or_default();
    Ok(Answer {
        min_buffers: solution.len(),
        solution,
    })
}
