//! Improves a schedule by small changes. A change for the worse is accepted ever more seldom (simulated annealing), a few
//! times over from the best one found. Whole numbers throughout, so that it goes the same way everywhere.

use super::Part;
use super::dice::Dice;
use super::sequence::{Cost, Pull, Sequence};

/// Rounds by the square of the steps, after which nothing is left to find.
const ENOUGH: usize = 4_000;

/// Rounds after which a changeover is warmed up again: so many, or so many by the square of its steps.
const WARMING: (usize, usize) = (30_000, 300);

/// What each warming goes down on: there are as many as the rounds suffice for. Where the ends count more, long changeovers
/// find their way soonest; where the makespan does, short ones come out of what is only nearly the best.
const PULLS: [Pull; 6] = [EVEN, EVEN, STEEP, EVEN, STEEP, STEEP];

const EVEN: Pull = Pull {
    makespan: 1,
    ends: 2,
};

const STEEP: Pull = Pull {
    makespan: 8,
    ends: 1,
};

/// The best schedule found by reading out about `effort` steps.
pub fn improve(mut sequence: Sequence<'_>, effort: usize) -> Sequence<'_> {
    let steps = sequence.steps.len();
    if steps < 2 {
        return sequence;
    }
    let rounds = (effort / steps).min(ENOUGH * steps * steps);
    let warming = WARMING.0.min(WARMING.1 * steps * steps);
    let warmings = (rounds / warming).clamp(1, PULLS.len());
    let typical = sequence.steps.iter().map(|step| step.seconds).sum::<u64>() / steps as u64;
    let mut search = Search {
        least: sequence.cost(),
        dice: Dice::default(),
        alike: alike(&sequence),
        best: sequence,
    };
    for pull in PULLS.into_iter().take(warmings) {
        search.cool_down(pull, rounds / warmings, typical);
    }
    search.best
}

/// By type: the steps that put its blocks, in the store or elsewhere, but for first halves.
fn alike(sequence: &Sequence<'_>) -> Vec<Vec<usize>> {
    let mut alike = vec![Vec::new(); sequence.yard.handle_s.len()];
    for (number, step) in sequence.steps.iter().enumerate() {
        if step.part != Part::ToStore {
            alike[sequence.pairs[step.pair].block].push(number);
        }
    }
    alike
}

/// A small change. Each undoes itself, but for a shift, which names where the step came from.
#[derive(Debug, Clone, Copy)]
enum Change {
    Shift {
        step: usize,
        place: usize,
        team: usize,
    },
    Exchange {
        one: usize,
        other: usize,
    },
    Cross {
        from: usize,
        one: usize,
        other: usize,
    },
    Targets {
        one: usize,
        other: usize,
        exchange: bool,
    },
}

struct Search<'a> {
    best: Sequence<'a>,
    least: Cost,
    dice: Dice,
    alike: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// Goes on from the best schedule, at first accepting what is worse by up to about a step's time.
    fn cool_down(&mut self, pull: Pull, rounds: usize, typical: u64) {
        let mut sequence = self.best.clone();
        let mut weight = self.least.weight(pull);
        let rounds = rounds as u64;
        let warm = typical * (pull.makespan + pull.ends) / 12;
        for left in (1..=rounds).rev() {
            let Some(change) = self.propose(&sequence) else {
                continue;
            };
            let back = apply(&mut sequence, change);
            let heat = warm * left / rounds * left / rounds;
            let limit = weight + heat * self.dice.patience() / 256;
            let cost = fits(&sequence, change)
                .then(|| sequence.read(pull, limit))
                .flatten();
            let Some(cost) = cost else {
                apply(&mut sequence, back);
                continue;
            };
            weight = cost.weight(pull);
            if cost < self.least {
                self.least = cost;
                self.best.clone_from(&sequence);
            }
        }
    }

    fn propose(&mut self, sequence: &Sequence<'_>) -> Option<Change> {
        let steps = sequence.steps.len();
        let one = self.dice.below(steps);
        match self.dice.below(4) {
            0 => self.shift(sequence, one),
            1 => {
                let other = self.dice.below(steps);
                (one != other).then_some(Change::Exchange { one, other })
            }
            2 => {
                let team = sequence.team[one];
                let other = self.dice.below(sequence.yard.teams);
                let from = sequence.place(one);
                (team != other).then_some(Change::Cross {
                    from,
                    one: team,
                    other,
                })
            }
            _ => self.targets(sequence, one),
        }
    }

    /// A step goes right after another (seldom: right before it), on its team, as near as what comes first allows.
    fn shift(&mut self, sequence: &Sequence<'_>, step: usize) -> Option<Change> {
        let other = self.dice.below(sequence.steps.len());
        let window = sequence.window(step);
        let (from, beside) = (sequence.place(step), sequence.place(other));
        let before = usize::from(self.dice.below(8) == 0);
        let place = (beside + 1 - before).saturating_sub(usize::from(from < beside + 1 - before));
        let place = place.clamp(window.start, window.end - 1);
        let team = sequence.team[other];
        let moves = step != other && (place, team) != (from, sequence.team[step]);
        moves.then_some(Change::Shift { step, place, team })
    }

    /// Two blocks of a type change targets, where the total distance stays the same.
    fn targets(&mut self, sequence: &Sequence<'_>, one: usize) -> Option<Change> {
        let step = sequence.steps[one];
        let alike = &self.alike[sequence.pairs[step.pair].block];
        if step.part == Part::ToStore {
            return None;
        }
        let other = alike[self.dice.below(alike.len())];
        let partner = sequence.steps[other];
        let (first, second) = (sequence.pairs[step.pair], sequence.pairs[partner.pair]);
        if !sequence.yard.may_swap(first, second) {
            return None;
        }
        let whole = step.part == Part::Whole && partner.part == Part::Whole;
        let exchange = whole && self.dice.below(2) == 0;
        Some(Change::Targets {
            one,
            other,
            exchange,
        })
    }
}

/// Makes the change and answers the one that undoes it.
fn apply(sequence: &mut Sequence<'_>, change: Change) -> Change {
    match change {
        Change::Shift { step, place, team } => {
            let (was, of) = (sequence.place(step), sequence.team[step]);
            sequence.shift(step, place, team);
            return Change::Shift {
                step,
                place: was,
                team: of,
            };
        }
        Change::Exchange { one, other } => sequence.exchange(one, other),
        Change::Cross { from, one, other } => sequence.cross(from, one, other),
        Change::Targets {
            one,
            other,
            exchange,
        } => {
            sequence.swap_targets(one, other);
            if exchange {
                sequence.exchange(one, other);
            }
        }
    }
    change
}

/// Whether what comes first still stands first after the change.
fn fits(sequence: &Sequence<'_>, change: Change) -> bool {
    match change {
        Change::Shift { .. } | Change::Cross { .. } => true,
        Change::Exchange { one, other } | Change::Targets { one, other, .. } => [one, other]
            .iter()
            .all(|&step| sequence.window(step).contains(&sequence.place(step))),
    }
}
