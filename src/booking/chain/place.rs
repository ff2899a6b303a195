//! Where a changeover lies: at the latest place that fits one shift and a free crew.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::gaps::Gap;
use super::{Around, CrewTimes, Intent, NewRow, Refusal, What};
use crate::id::{AreaId, BookingId, LayoutVersionId, OccupancyId};
use crate::span::{Instant, Span};

/// What a placement has to keep clear of, beside the shifts.
pub(super) struct Placing<'a> {
    pub around: &'a Around,
    pub intent: &'a Intent,
    /// Old changeovers that this write does away with.
    pub replaced: BTreeSet<OccupancyId>,
    /// Changeovers placed so far.
    pub written: Vec<NewRow>,
}

impl Placing<'_> {
    /// The changeover that the gap needs, at the latest place that fits one shift and a free crew.
    pub fn changeover(
        &self,
        gap: &Gap,
        next: Span,
        version: LayoutVersionId,
        booking_id: BookingId,
    ) -> Result<Option<NewRow>, Refusal> {
        let area_id = gap.area_id;
        let from = gap.standing.ok_or(Refusal::NoTime { area_id })?;
        let cleaning = from == version;
        if cleaning && (gap.left_at.is_none() || !gap.begun.is_empty()) {
            return Ok(None);
        }
        let minutes = *self
            .around
            .facts
            .minutes
            .get(&(area_id, from, version))
            .ok_or(Refusal::NoTime { area_id })?;
        // a row is never empty, also where a turnaround takes no time
        let needed = TimeDelta::minutes(i64::from(minutes.max(1)));
        let left_at = gap.begun.last().map(|row| row.span.end()).or(gap.left_at);
        let now = self.around.now;
        // a cleaning may lie before now: the walk-in finds the hall usable
        let earliest = left_at.map_or(now, |at| if cleaning { at } else { at.max(now) });
        let free = next.start() - earliest;
        if free < needed {
            return Err(Refusal::ChangeoverTooLong {
                area_id,
                needed_min: needed.num_minutes(),
                free_min: free.num_minutes().max(0),
                leads_to: booking_id,
                free_from: left_at,
            });
        }
        let best = self
            .around
            .crews
            .iter()
            .filter_map(|crew| {
                let span = latest(
                    &crew.shifts,
                    self.busy(crew, area_id),
                    earliest,
                    next.start(),
                    needed,
                )?;
                Some((span, crew.crew_id))
            })
            .max_by_key(|(span, crew_id)| (span.start(), Reverse(*crew_id)));
        match best {
            Some((span, crew_id)) => {
                let what = What::Changeover {
                    booking_id,
                    from,
                    to: version,
                    crew_id,
                };
                Ok(Some(NewRow {
                    area_id,
                    span,
                    what,
                }))
            }
            None => Err(Refusal::NoCrew {
                area_id,
                needed_min: needed.num_minutes(),
                leads_to: booking_id,
            }),
        }
    }

    /// When the crew works elsewhere or the area is closed.
    fn busy(&self, crew: &CrewTimes, area_id: AreaId) -> Vec<Span> {
        let jobs = crew
            .jobs
            .iter()
            .filter(|(id, _)| !self.replaced.contains(id))
            .map(|(_, span)| *span);
        let placed = self.written.iter().filter_map(|row| match row.what {
            What::Changeover { crew_id, .. } if crew_id == crew.crew_id => Some(row.span),
            _ => None,
        });
        let closed = self
            .around
            .areas
            .get(&area_id)
            .into_iter()
            .flat_map(|chain| &chain.rows)
            .filter_map(|row| match row.what {
                What::Closure { .. } => Some(row.span),
                _ => None,
            });
        let closing = self
            .intent
            .close
            .iter()
            .filter(|row| row.area_id == area_id)
            .map(|row| row.span);
        jobs.chain(placed).chain(closed).chain(closing).collect()
    }
}

/// The latest stretch of this length between the two instants that lies inside one shift and meets nothing busy.
fn latest(
    shifts: &[Span],
    mut busy: Vec<Span>,
    earliest: Instant,
    until: Instant,
    length: TimeDelta,
) -> Option<Span> {
    busy.sort_by_key(|span| Reverse(span.end()));
    let in_shift = |shift: &Span| {
        let mut end = until.min(shift.end());
        let begin = earliest.max(shift.start());
        loop {
            let candidate = Span::new(end.checked_sub_signed(length)?, end)?;
            if candidate.start() < begin {
                return None;
            }
            match busy.iter().find(|span| span.overlaps(&candidate)) {
                Some(span) => end = span.start(),
                None => return Some(candidate),
            }
        }
    };
    shifts
        .iter()
        .filter_map(in_shift)
        .max_by_key(|span| span.start())
}
