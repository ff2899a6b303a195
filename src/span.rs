//! Stretches of time: half-open `[start, end)` in UTC, never empty.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Tstzrange;
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// An instant. "Now" is always read from the database, never from this process.
pub type Instant = DateTime<Utc>;

/// A half-open stretch of time `[start, end)` that is never empty.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = Tstzrange)]
pub struct Span {
    start: Instant,
    end: Instant,
}

impl Span {
    /// `[start, end)`, unless that would be empty.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The instant with as much before it as after it, a second at the least.
    pub fn around(at: Instant, each_side: TimeDelta) -> Self {
        let side = each_side.max(TimeDelta::seconds(1));
        Self {
            start: at - side,
            end: at + side,
        }
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

impl FromSql<Tstzrange, Pg> for Span {
    fn from_sql(bytes: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let bounds: (Bound<Instant>, Bound<Instant>) = FromSql::<Tstzrange, Pg>::from_sql(bytes)?;
        match bounds {
            (Bound::Included(start), Bound::Excluded(end)) => {
                Span::new(start, end).ok_or_else(|| "an empty stretch of time".into())
            }
            _ => Err("a stretch of time that is not [start, end)".into()),
        }
    }
}

impl ToSql<Tstzrange, Pg> for Span {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        let bounds = (Bound::Included(self.start), Bound::Excluded(self.end));
        ToSql::<Tstzrange, Pg>::to_sql(&bounds, &mut out.reborrow())
    }
}
