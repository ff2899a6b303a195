//! Who has to wait for a crew, and when they are told: once for each expectation that differs enough. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DurationRound, TimeDelta};

use super::expected::{Expected, Row, What};
use crate::id::{BookingId, OccupancyId};
use crate::span::Instant;

/// Less than this is not worth a mail, be it the first wait or another one than was said.
const WORTH_A_MAIL: TimeDelta = TimeDelta::minutes(10);
/// What is said is a multiple of this.
const SAID_IN: TimeDelta = TimeDelta::minutes(5);

/// When a booking's areas are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// As planned: the start of its rows.
    pub planned: Instant,
    /// As expected; the latest of its areas.
    pub expected: Instant,
}

/// When the areas of each booking that is still to come are ready.
pub fn readiness(
    rows: &[Row],
    expected: &HashMap<OccupancyId, Expected>,
) -> BTreeMap<BookingId, Readiness> {
    let mut found: BTreeMap<BookingId, Readiness> = BTreeMap::new();
    for row in rows {
        let (What::Event { settled: false }, Some(ready)) = (row.what, expected.get(&row.id))
        else {
            continue;
        };
        found
            .entry(row.booking_id)
            .and_modify(|known| known.expected = known.expected.max(ready.start))
            .or_insert(Readiness {
                planned: row.span.start(),
                expected: ready.start,
            });
    }
    found
}

/// What its organiser is to be told: a time that differs enough from what they were told last, and else from the plan. On
/// time again is said as the planned time.
pub fn to_tell(readiness: Readiness, told: Option<Instant>) -> Option<Instant> {
    let Readiness { planned, expected } = readiness;
    let late = expected - planned;
    let said = if late < SAID_IN {
        planned
    } else {
        // never earlier than it will be
        let down = expected.duration_trunc(SAID_IN).unwrap_or(expected);
        if down < expected {
            down + SAID_IN
        } else {
            down
        }
    };
    let known = told.unwrap_or(planned);
    ((said - known).abs() >= WORTH_A_MAIL).then_some(said)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(minute: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    #[test]
    fn only_what_differs_enough_is_told_and_only_once() {
        let ready = |expected| Readiness {
            planned: at(60),
            expected: at(expected),
        };
        assert_eq!(to_tell(ready(60), None), None);
        assert_eq!(to_tell(ready(65), None), None);
        assert_eq!(to_tell(ready(66), None), Some(at(70)));
        assert_eq!(to_tell(ready(83), None), Some(at(85)));
        assert_eq!(to_tell(ready(83), Some(at(85))), None);
        assert_eq!(to_tell(ready(90), Some(at(85))), None);
        assert_eq!(to_tell(ready(93), Some(at(85))), Some(at(95)));
        // made up for: on time again, or at least sooner
        assert_eq!(to_tell(ready(72), Some(at(95))), Some(at(75)));
        assert_eq!(to_tell(ready(60), Some(at(85))), Some(at(60)));
        assert_eq!(to_tell(ready(62), Some(at(70))), Some(at(60)));
        assert_eq!(to_tell(ready(60), Some(at(60))), None);
    }
}
