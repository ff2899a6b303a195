//! Stretches of time: half-open `[start, end)` in UTC, never empty.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An instant. "Now" is always read from the database, never from this process.
pub type Instant = DateTime<Utc>;

/// A half-open stretch of time `[start, end)` that is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    start: Instant,
    end: Instant,
}

impl Span {
    /// `[start, end)`, unless that would be empty.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The first instant.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The first instant after it.
    pub fn end(&self) -> Instant {
        self.end
    }

    /// How long it is.
    pub fn length(&self) -> TimeDelta {
        self.end - self.start
    }

    /// Whether the two share an instant.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether the other lies wholly inside this one.
    pub fn covers(&self, other: &Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the instant lies inside.
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// Wider by `before` and `after`, both at least zero.
    pub fn widened(&self, before: TimeDelta, after: TimeDelta) -> Self {
        Self {
            start: self.start - before.max(TimeDelta::zero()),
            end: self.end + after.max(TimeDelta::zero()),
        }
    }
}
