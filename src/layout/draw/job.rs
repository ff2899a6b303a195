//! A changeover as it is drawn: which block is carried where, by whom, and when.

use fluent_bundle::FluentValue;

use super::places::cell_name;
use super::words::block_name;
use crate::language::{Locale, text};
use crate::layout::{BlockType, Floor, Placement};

/// A changeover.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub floor: &'a Floor,
    pub types: &'a [BlockType],
    /// The blocks that stay where they are.
    pub stays: &'a [Placement],
    /// What is carried, in the order in which it is begun: the first is step 1.
    pub carries: &'a [Carry],
    pub teams: usize,
    pub words: &'a JobWords,
}

/// One block that a team carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carry {
    /// Its type, by index.
    pub block: usize,
    /// Where it stands before; `None` is the store.
    pub from: Option<Placement>,
    /// Where it stands after; `None` is the store.
    pub to: Option<Placement>,
    /// From 0.
    pub team: usize,
    /// Seconds from the beginning.
    pub start_s: u64,
    pub end_s: u64,
}

impl Job<'_> {
    /// When the last step ends, in seconds from the beginning.
    pub fn end_s(&self) -> u64 {
        let ends = self.carries.iter().map(|one| one.end_s);
        ends.max().unwrap_or(0)
    }
}

/// The words of a changeover's pictures, in one language.
#[derive(Debug, Clone)]
pub struct JobWords {
    pub locale: Locale,
    /// What the changeover is called.
    pub title: String,
    /// What each block type is called.
    pub blocks: Vec<String>,
    pub store: String,
    pub stays: String,
    pub leaves: String,
    pub arrives: String,
    pub block: String,
    pub from: String,
    pub to: String,
    pub team: String,
    pub start: String,
    /// The unit of the time line's axis.
    pub minutes: String,
    pub done: String,
}

impl JobWords {
    /// The words of a changeover that is called `title`, in a language.
    pub fn new(locale: Locale, title: &str, types: &[BlockType]) -> Self {
        let word = |key: &str| text(locale, &format!("job-{key}"), &[]);
        Self {
            locale,
            title: title.to_owned(),
            blocks: types.iter().map(|one| block_name(locale, one)).collect(),
            store: text(locale, "drawing-store", &[]),
            stays: word("stays"),
            leaves: word("leaves"),
            arrives: word("arrives"),
            block: word("block"),
            from: word("from"),
            to: word("to"),
            team: word("team"),
            start: word("start"),
            minutes: word("minutes"),
            done: word("done"),
        }
    }

    /// The changeover in a sentence.
    pub fn summary(&self, job: &Job) -> String {
        let facts: [(&str, FluentValue<'_>); 3] = [
            ("steps", job.carries.len().into()),
            ("teams", job.teams.into()),
            ("minutes", job.end_s().div_ceil(60).into()),
        ];
        text(self.locale, "job-tells", &facts)
    }

    /// A team's name; teams are counted from 0 and named from 1.
    pub fn team_name(&self, team: usize) -> String {
        text(self.locale, "job-team-name", &[("team", (team + 1).into())])
    }

    /// A place by the tape on the floor, with its height where it is not the floor itself.
    pub fn place(&self, place: Option<&Placement>) -> String {
        let Some(place) = place else {
            return self.store.clone();
        };
        let cell = cell_name(place.x.into(), place.y.into());
        if place.z == 0 {
            return cell;
        }
        let facts: [(&str, FluentValue<'_>); 2] =
            [("cell", cell.into()), ("level", (place.z + 1).into())];
        text(self.locale, "job-place-above", &facts)
    }
}

/// Minutes and seconds from the beginning: `4:05`.
pub fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
