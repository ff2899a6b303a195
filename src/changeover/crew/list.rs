//! A first schedule: of all that can be done, what begins soonest goes first, the more so the longer the chain of steps
//! that waits for it.

use super::Yard;
use super::sequence::{Cost, Sequence};
use crate::changeover::order::Pair;

/// How much a second of the chain that waits counts against a second of delay, in quarters: the best of these is taken.
const WEIGHTS: [u64; 5] = [0, 1, 2, 4, 8];

/// The best of a few list schedules.
pub fn first<'a>(yard: &'a Yard, pairs: &[Pair], by_store: &[usize]) -> Sequence<'a> {
    let unordered = Sequence::new(yard, pairs, by_store);
    let chains = Chains::new(&unordered);
    let mut best = unordered.clone();
    let mut least = Cost::WORST;
    for weight in WEIGHTS {
        let mut tried = unordered.clone();
        chains.fill(&mut tried, weight);
        let cost = tried.cost();
        if cost < least {
            (least, best) = (cost, tried);
        }
    }
    best
}

/// What waits for what, and how long.
struct Chains {
    after: Vec<Vec<usize>>,
    /// By step: how many come before it.
    missing: Vec<usize>,
    /// By step: the seconds of the longest chain that begins with it.
    chain_s: Vec<u64>,
}

impl Chains {
    fn new(sequence: &Sequence<'_>) -> Self {
        let steps = sequence.steps.len();
        let after: Vec<Vec<usize>> = (0..steps)
            .map(|step| sequence.after(step).collect())
            .collect();
        let missing: Vec<usize> = (0..steps)
            .map(|step| sequence.before(step).count())
            .collect();
        let mut left = missing.clone();
        let mut sorted: Vec<usize> = (0..steps).filter(|&step| left[step] == 0).collect();
        let mut at = 0;
        while let Some(&step) = sorted.get(at) {
            at += 1;
            for &next in &after[step] {
                left[next] -= 1;
                if left[next] == 0 {
                    sorted.push(next);
                }
            }
        }
        let mut chain_s: Vec<u64> = sequence.steps.iter().map(|step| step.seconds).collect();
        for &step in sorted.iter().rev() {
            let rest = after[step].iter().map(|&next| chain_s[next]).max();
            chain_s[step] += rest.unwrap_or(0);
        }
        Self {
            after,
            missing,
            chain_s,
        }
    }

    fn fill(&self, sequence: &mut Sequence<'_>, weight: u64) {
        let yard = sequence.yard;
        let longest = self.chain_s.iter().max().copied().unwrap_or(0);
        let mut missing = self.missing.clone();
        let mut ready_s = vec![0; missing.len()];
        let mut ready: Vec<usize> = (0..missing.len())
            .filter(|&step| missing[step] == 0)
            .collect();
        let mut teams = vec![(0, yard.store_as_target()); yard.teams];
        loop {
            let start = |step: usize, (free, target): (u64, usize)| {
                ready_s[step].max(free + yard.walk_s(target, sequence.steps[step].source))
            };
            // the chain counts from the longest one down, so that nothing falls below 0
            let delay = |step: usize, team: usize| {
                4 * start(step, teams[team]) + weight * (longest - self.chain_s[step])
            };
            let choices =
                (0..ready.len()).flat_map(|at| (0..teams.len()).map(move |team| (at, team)));
            let Some((at, team)) =
                choices.min_by_key(|&(at, team)| (delay(ready[at], team), ready[at]))
            else {
                break;
            };
            let step = ready[at];
            let end = start(step, teams[team]) + sequence.steps[step].seconds;
            ready.swap_remove(at);
            teams[team] = (end, sequence.steps[step].target);
            sequence.push(step, team);
            for &next in &self.after[step] {
                ready_s[next] = ready_s[next].max(end);
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(next);
                }
            }
        }
    }
}
