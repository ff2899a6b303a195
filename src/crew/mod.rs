//! The crew's day: each changeover of the plan is a job, with its list of moves, when it may and when it must start, and
//! what became of it.
//!
//! `window` says when a job may start, `expected` when what follows will really begin, `waiting` what is worth a mail: pure.
//! `act` is what crews say, `watch` what the clock does, `tell` the mails; `work` is what is carried, `pictures` shows it;
//! `store` has the SQL, `api` and `view` the handlers and shapes.

mod act;
pub mod api;
pub mod expected;
pub mod pictures;
mod store;
mod tell;
mod view;
mod waiting;
pub mod watch;
mod window;
pub mod work;

pub use store::{Day, Measured, day_of_venue, measured};
pub use waiting::readiness;

use crate::db::text_enum;
use crate::span::Instant;

text_enum! {
    /// Where a job stands.
    JobState {
        /// Nobody has said that it was started.
        Waiting = "waiting",
        /// Its crew is at it.
        Running = "running",
        /// Done.
        Finished = "finished",
    }
}

/// What a crew has said about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing.
    Waiting,
    /// It was started.
    Running { since: Instant },
    /// It was done from then to then.
    Finished { since: Instant, until: Instant },
}

impl Progress {
    /// What these two times say.
    pub fn of(started_at: Option<Instant>, finished_at: Option<Instant>) -> Self {
        match (started_at, finished_at) {
            (None, _) => Self::Waiting,
            (Some(since), None) => Self::Running { since },
            (Some(since), Some(until)) => Self::Finished { since, until },
        }
    }

    /// The state of a job of which this was said.
    pub fn state(self) -> JobState {
        match self {
            Self::Waiting => JobState::Waiting,
            Self::Running { .. } => JobState::Running,
            Self::Finished { .. } => JobState::Finished,
        }
    }
}
