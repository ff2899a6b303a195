//! When what is planned will really happen: a late start or an overrun moves what follows, in the same area and for the
//! same crew. Pure; the rows stay where they are (2-model.md, "Begun").

use std::collections::{HashMap, HashSet};

use super::Progress;
use crate::id::{AreaId, BookingId, CrewId, OccupancyId};
use crate::span::{Instant, Span};

/// A row of the day, as far as it can be late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: OccupancyId,
    pub area_id: AreaId,
    pub booking_id: BookingId,
    /// As it is planned.
    pub span: Span,
    pub what: What,
}

/// What the row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A booking's. `settled`: its party is there, or it is over: it has not waited for anything.
    Event { settled: bool },
    /// A crew's job. `reports`: the crew says when it starts; where it never does, its silence means that all goes as
    /// planned.
    Changeover {
        crew_id: CrewId,
        progress: Progress,
        reports: bool,
    },
}

/// From when to when a row is expected to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub start: Instant,
    pub end: Instant,
}

impl From<Span> for Expected {
    fn from(span: Span) -> Self {
        Self {
            start: span.start(),
            end: span.end(),
        }
    }
}

/// What is expected of each row at `now`. Rows may come in any order; those of one area, and those of one crew, do not
/// overlap in the plan.
///
/// A job that is done has its measured times. One that runs takes as long as it was given, and at least until now. One
/// that has not started begins when planned, but not before its area and its crew are free, and not before now. An event
/// begins when its area is ready and ends as planned: who had to wait does not stay longer.
pub fn expected(rows: &[Row], now: Instant) -> HashMap<OccupancyId, Expected> {
    let mut in_order: Vec<&Row> = rows.iter().collect();
    in_order.sort_by_key(|row| (row.span, row.area_id));
    let done = done_unsaid(&in_order);
    let mut area_free: HashMap<AreaId, Instant> = HashMap::new();
    let mut crew_free: HashMap<CrewId, Instant> = HashMap::new();
    let mut found = HashMap::with_capacity(rows.len());
    for row in in_order {
        let free = area_free.get(&row.area_id).copied();
        let ready = free.map_or(row.span.start(), |free| free.max(row.span.start()));
        let expected = match row.what {
            What::Event { settled: true } => row.span.into(),
            What::Event { settled: false } => Expected {
                start: ready,
                end: row.span.end().max(ready),
            },
            What::Changeover { progress, .. } if done.contains(&row.id) => {
                let since = match progress {
                    Progress::Running { since } => since,
                    _ => row.span.start(),
                };
                Expected {
                    start: since,
                    end: since + row.span.length(),
                }
            }
            What::Changeover {
                crew_id,
                progress,
                reports,
            } => {
                let ready = crew_free
                    .get(&crew_id)
                    .map_or(ready, |free| ready.max(*free));
                let expected = of_job(row.span, progress, ready, reports, now);
                crew_free.insert(crew_id, expected.end);
                expected
            }
        };
        area_free.insert(row.area_id, expected.end);
        found.insert(row.id, expected);
    }
    found
}

fn of_job(
    planned: Span,
    progress: Progress,
    ready: Instant,
    reports: bool,
    now: Instant,
) -> Expected {
    let length = planned.length();
    match progress {
        Progress::Finished { since, until } => Expected {
            start: since,
            end: until,
        },
        Progress::Running { since } => Expected {
            start: since,
            end: (since + length).max(now),
        },
        Progress::Waiting => {
            let start = if reports { ready.max(now) } else { ready };
            Expected {
                start,
                end: start + length,
            }
        }
    }
}

/// Jobs whose end nobody told and whose event has come all the same: they were done in the time that they were given.
fn done_unsaid(in_order: &[&Row]) -> HashSet<OccupancyId> {
    let mut done = HashSet::new();
    let mut next: HashMap<AreaId, bool> = HashMap::new();
    for row in in_order.iter().rev() {
        match row.what {
            What::Event { settled } => {
                next.insert(row.area_id, settled);
            }
            What::Changeover {
                progress: Progress::Waiting | Progress::Running { .. },
                ..
            } if next.get(&row.area_id) == Some(&true) => {
                done.insert(row.id);
            }
            What::Changeover { .. } => {}
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;

    /// A minute of the day.
    fn at(minute: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn row(id: u128, area: u128, from: i64, to: i64, what: What) -> Row {
        Row {
            id: OccupancyId(Uuid::from_u128(id)),
            area_id: AreaId(Uuid::from_u128(area)),
            booking_id: BookingId(Uuid::nil()),
            span: Span::new(at(from), at(to)).unwrap(),
            what,
        }
    }

    fn event(id: u128, area: u128, from: i64, to: i64) -> Row {
        row(id, area, from, to, What::Event { settled: false })
    }

    fn job(id: u128, area: u128, crew: u128, from: i64, to: i64, progress: Progress) -> Row {
        let what = What::Changeover {
            crew_id: CrewId(Uuid::from_u128(crew)),
            progress,
            reports: true,
        };
        row(id, area, from, to, what)
    }

    /// From when to when each row is expected, in minutes, in the order of their ids.
    fn minutes(rows: &[Row], now: i64) -> Vec<(i64, i64)> {
        let found = expected(rows, at(now));
        let mut ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        ids.sort();
        let minute = |at: Instant| (at - DateTime::UNIX_EPOCH).num_minutes();
        ids.iter()
            .map(|id| (minute(found[id].start), minute(found[id].end)))
            .collect()
    }

    fn running(since: i64) -> Progress {
        Progress::Running { since: at(since) }
    }

    #[test]
    fn what_goes_as_planned_is_expected_as_planned() {
        let rows = [
            job(1, 1, 1, 60, 90, Progress::Waiting),
            event(2, 1, 90, 150),
            job(3, 1, 1, 150, 180, Progress::Waiting),
            event(4, 1, 180, 240),
        ];
        assert_eq!(
            minutes(&rows, 0),
            [(60, 90), (90, 150), (150, 180), (180, 240)]
        );
    }

    #[test]
    fn a_late_start_moves_what_waits_for_it_and_slack_takes_it_up() {
        let rows = [
            job(1, 1, 1, 60, 90, running(75)),
            event(2, 1, 90, 150),
            // an hour later all is as planned
            job(3, 1, 1, 210, 240, Progress::Waiting),
            event(4, 1, 240, 300),
        ];
        assert_eq!(
            minutes(&rows, 80),
            [(75, 105), (105, 150), (210, 240), (240, 300)]
        );
        // longer than it was given: until now, at the least
        assert_eq!(minutes(&rows, 120)[..2], [(75, 120), (120, 150)]);
        // who had to wait through the whole event keeps nothing, and what follows waits, too
        assert_eq!(
            minutes(&rows, 230),
            [(75, 230), (230, 230), (230, 260), (260, 300)]
        );
    }

    #[test]
    fn a_crew_that_is_late_in_one_area_is_late_in_the_next() {
        let rows = [
            job(1, 1, 1, 60, 90, running(80)),
            job(2, 2, 1, 90, 120, Progress::Waiting),
            event(3, 2, 120, 180),
            job(4, 3, 2, 90, 120, Progress::Waiting),
        ];
        let found = minutes(&rows, 81);
        assert_eq!(found[1..], [(110, 140), (140, 180), (90, 120)]);
    }

    #[test]
    fn what_was_measured_counts_and_done_early_brings_nothing_forward() {
        let done = Progress::Finished {
            since: at(55),
            until: at(70),
        };
        let rows = [job(1, 1, 1, 60, 90, done), event(2, 1, 90, 150)];
        assert_eq!(minutes(&rows, 75), [(55, 70), (90, 150)]);
    }

    #[test]
    fn silence_is_late_only_of_a_crew_that_reports() {
        let mut rows = [
            job(1, 1, 1, 60, 90, Progress::Waiting),
            event(2, 1, 90, 150),
        ];
        assert_eq!(minutes(&rows, 70), [(70, 100), (100, 150)]);
        if let What::Changeover { reports, .. } = &mut rows[0].what {
            *reports = false;
        }
        assert_eq!(minutes(&rows, 70), [(60, 90), (90, 150)]);
    }

    #[test]
    fn an_event_whose_party_is_there_has_not_waited() {
        let rows = [
            job(1, 1, 1, 60, 90, Progress::Waiting),
            row(2, 1, 90, 150, What::Event { settled: true }),
            job(3, 1, 1, 150, 180, Progress::Waiting),
        ];
        assert_eq!(minutes(&rows, 100), [(60, 90), (90, 150), (150, 180)]);
        // nor has it where the crew forgot to say that it was done
        let mut rows = rows;
        rows[0] = job(1, 1, 1, 60, 90, running(62));
        assert_eq!(minutes(&rows, 130), [(62, 92), (90, 150), (150, 180)]);
    }
}
