//! A changeover in time: a bar a team, a piece a step.

use std::collections::BTreeMap;

use super::ground::look;
use super::job::Job;
use super::squared::MARGIN;
use super::steps::number;
use super::style::style;
use super::svg::Svg;

/// How wide the time from beginning to end is, in pixels.
const ACROSS: i64 = 800;
/// Room for the names of teams.
const NAMES: i64 = 80;
const BAR: i64 = 26;
const ROW: i64 = 38;
/// Room for a step's number.
const BADGE: i64 = 18;
/// Minutes between two marks, of which the first that leaves them room is taken.
const APART: [u64; 7] = [1, 2, 5, 10, 20, 30, 60];
/// The most marks that have room.
const MOST_MARKS: u64 = 20;

/// The time line as SVG.
pub fn timeline(job: &Job) -> String {
    let end_s = job.end_s().max(60);
    let across = |seconds: u64| {
        let pixels = u128::from(seconds) * ACROSS as u128 / u128::from(end_s);
        NAMES + pixels as i64
    };
    let bottom = MARGIN / 2 + ROW * job.teams as i64;
    let size = (NAMES + ACROSS + MARGIN, bottom + MARGIN);
    let words = job.words;
    let mut svg = Svg::new(size, &words.title, &words.summary(job), &style());
    svg.rect("paper", (0, 0), size);
    for minute in marks(end_s / 60) {
        let x = across(60 * minute);
        svg.lines("grid5", [[(x, MARGIN / 2), (x, bottom)]]);
        svg.text("ref", (x, bottom + 14), &minute.to_string());
    }
    svg.text("ref", (NAMES / 2, bottom + 14), &words.minutes);
    for team in 0..job.teams {
        let y = MARGIN / 2 + ROW * team as i64;
        svg.text("label", (8, y + BAR / 2 + 5), &words.team_name(team));
    }
    // from where on there is room above each team's bar
    let mut free: BTreeMap<usize, i64> = BTreeMap::new();
    for (step, carry) in (1..).zip(job.carries) {
        let y = MARGIN / 2 + ROW * carry.team as i64;
        let (start, end) = (across(carry.start_s), across(carry.end_s));
        let class = format!("b{}", look(carry.block));
        svg.group(&class);
        svg.rect("t", (start, y), ((end - start).max(1), BAR));
        svg.rect("o", (start, y), ((end - start).max(1), BAR));
        svg.end();
        let middle = (start + end) / 2;
        if end - start >= BADGE {
            number(&mut svg, (middle, y + BAR / 2), carry.team, step);
        } else if free
            .get(&carry.team)
            .is_none_or(|from| *from <= middle - BADGE / 2)
        {
            // too short for its number, which stands above it
            svg.text("ref", (middle, y - 3), &step.to_string());
            free.insert(carry.team, middle + BADGE / 2);
        }
    }
    svg.finish()
}

/// The minutes that are marked: whole steps, as fine as there is room.
fn marks(minutes: u64) -> impl Iterator<Item = u64> {
    let fits = |apart: &u64| minutes / apart <= MOST_MARKS;
    let apart = APART.into_iter().find(fits);
    let apart = apart.unwrap_or_else(|| minutes.div_ceil(MOST_MARKS));
    (0..=minutes / apart).map(move |mark| mark * apart)
}
