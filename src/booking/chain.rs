//! The chain of an area: which changeover lies between two events, and where. Pure: it is given what stands and what
//! is wanted, and says which rows to write, or why that cannot be.
//!
//! Terms: a *gap* lies between two neighbouring events of an area (or before the first, or after the last). A write
//! touches the gaps at whose edge an event came or went. In each touched gap the changeovers that have not begun are
//! replaced by the one that leads directly from what stands to the next event, or by none (2-model.md, "Recomputing").

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;

use super::stock::{self, Shortage, Timeline};
use crate::catalogue::FloorFacts;
use crate::id::{AreaId, BookingId, ClosureId, CrewId, LayoutVersionId, OccupancyId};
use crate::span::{Instant, Span};

/// A row of occupancy as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: OccupancyId,
    pub area_id: AreaId,
    pub span: Span,
    pub what: What,
}

/// What takes the area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A booking, in a layout version where the space has a floor.
    Event {
        booking_id: BookingId,
        version_id: Option<LayoutVersionId>,
    },
    /// A crew at work for the booking that follows.
    Changeover {
        booking_id: BookingId,
        from: LayoutVersionId,
        to: LayoutVersionId,
        crew_id: CrewId,
    },
    /// Nothing may happen.
    Closure { closure_id: ClosureId },
}

/// A row to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRow {
    pub area_id: AreaId,
    pub span: Span,
    pub what: What,
}

/// An area with the rows around the write: everything from the event before it to the event after it.
#[derive(Debug, Clone, Default)]
pub struct AreaChain {
    /// What stands before the first row; `None` in a space without a floor.
    pub initial: Option<LayoutVersionId>,
    /// In the order of time. Where the area's past was cut off, the first one is an event.
    pub rows: Vec<Row>,
}

/// When a crew may work, and when it already does.
#[derive(Debug, Clone)]
pub struct CrewTimes {
    pub crew_id: CrewId,
    pub shifts: Vec<Span>,
    pub jobs: Vec<(OccupancyId, Span)>,
}

/// What stands around a write.
#[derive(Debug, Clone)]
pub struct Around {
    pub now: Instant,
    pub areas: BTreeMap<AreaId, AreaChain>,
    /// Minutes of changeovers, and blocks.
    pub facts: Arc<FloorFacts>,
    pub crews: Vec<CrewTimes>,
    /// What stands in the pool's other areas, from the beginning of what is looked at to the end of time.
    pub others: BTreeMap<AreaId, Timeline>,
}

impl Around {
    /// What stands around a write in a space without a floor: no layouts, no crews, no blocks.
    pub fn without_floor(now: Instant, areas: BTreeMap<AreaId, AreaChain>) -> Self {
        Self {
            now,
            areas,
            facts: Arc::default(),
            crews: Vec::new(),
            others: BTreeMap::new(),
        }
    }
}

/// What a write wants.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// Bookings whose event rows go.
    pub remove: BTreeSet<BookingId>,
    /// Bookings that have lapsed: what their changeovers did so far does not count as begun. They go too.
    pub lapsed: BTreeSet<BookingId>,
    /// Event rows that come.
    pub place: Vec<NewRow>,
    /// Event rows that come instead of longer ones of the same bookings (which are in `remove`): time given back.
    pub shrink: Vec<NewRow>,
    /// Closure rows that come. Changeovers in their way that have not begun move.
    pub close: Vec<NewRow>,
}

impl Intent {
    fn goes(&self, booking_id: BookingId) -> bool {
        self.remove.contains(&booking_id) || self.lapsed.contains(&booking_id)
    }
}

/// What to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub delete: Vec<OccupancyId>,
    pub insert: Vec<NewRow>,
    /// Changeovers that stay but now lead to another booking.
    pub pass_on: Vec<(OccupancyId, BookingId)>,
    /// Gaps whose direct changeover found no place after something was given up: staff get a task each.
    pub unresolved: Vec<(AreaId, BookingId)>,
}

/// Why a write that takes cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An event or a closure is there already.
    Taken {
        area_id: AreaId,
        by: What,
        span: Span,
    },
    /// A changeover that has begun is in the way.
    ChangeoverRunning { area_id: AreaId, span: Span },
    /// The changeover before or after does not fit between the neighbours.
    ChangeoverTooLong {
        area_id: AreaId,
        needed_min: i64,
        free_min: i64,
        leads_to: BookingId,
        free_from: Option<Instant>,
    },
    /// It would fit, but no crew has a shift and is free then.
    NoCrew {
        area_id: AreaId,
        needed_min: i64,
        leads_to: BookingId,
    },
    /// No minutes are known from what stands to this layout: the version is not bookable (yet).
    NoTime { area_id: AreaId },
    /// The pool lacks blocks.
    BlocksShort(Shortage),
}

/// A touched gap of an area.
#[derive(Debug, Clone)]
struct Gap {
    area_id: AreaId,
    /// When the event before it ends; `None` before the first event.
    left_at: Option<Instant>,
    next: Option<(Span, LayoutVersionId, BookingId)>,
    /// Taken by this write: refused when nothing fits. Otherwise given up: never refused.
    taken: bool,
    begun: Vec<Row>,
    open: Vec<Row>,
    /// What the gap's changeovers start from, after what has begun.
    standing: Option<LayoutVersionId>,
}

/// What to write for the intent, or why not.
pub fn plan(around: &Around, intent: &Intent) -> Result<Plan, Refusal> {
    let mut gaps = Vec::new();
    for (area_id, chain) in &around.areas {
        gaps.extend(touched_gaps(*area_id, chain, around.now, intent)?);
    }
    // What is taken is placed first, then what is given up; a gap given up whose direct changeover finds no place keeps
    // its rows, and these are then in the way of the others: begin again with them pinned.
    gaps.sort_by_key(|gap| !gap.taken);
    let mut pinned: BTreeSet<usize> = BTreeSet::new();
    loop {
        match attempt(around, intent, &gaps, &pinned) {
            Ok(plan) => return Ok(plan),
            Err(Failure::Refused(refusal)) => return Err(refusal),
            Err(Failure::Pin(index)) => {
                pinned.insert(index);
            }
        }
    }
}

enum Failure {
    Refused(Refusal),
    Pin(usize),
}

/// An event that will stand after the write.
struct Standing {
    span: Span,
    booking_id: BookingId,
    version_id: Option<LayoutVersionId>,
    new: bool,
}

fn touched_gaps(
    area_id: AreaId,
    chain: &AreaChain,
    now: Instant,
    intent: &Intent,
) -> Result<Vec<Gap>, Refusal> {
    let events = final_events(area_id, chain, now, intent)?;
    if chain.initial.is_none() {
        // no floor: no layouts, no changeovers
        return Ok(Vec::new());
    }
    // the gap in which an instant lies, or which follows the event in which it lies
    let gap_of = |at: Instant| events.partition_point(|event| event.span.start() <= at);
    let mut gaps = Vec::new();
    for index in 0..=events.len() {
        let before = index.checked_sub(1).and_then(|i| events.get(i));
        let next = events.get(index);
        let rows = || {
            chain
                .rows
                .iter()
                .filter(|row| gap_of(row.span.start()) == index)
        };
        let changeovers = || rows().filter(|row| matches!(row.what, What::Changeover { .. }));
        let taken = before.is_some_and(|event| event.new) || next.is_some_and(|event| event.new);
        // (a row that shrinks begins where it began: what it gives up lies in the gap after it)
        let given_up = rows().any(
            |row| matches!(row.what, What::Event { booking_id, .. } if intent.goes(booking_id)),
        );
        let closed = changeovers().any(|row| {
            intent
                .close
                .iter()
                .any(|new| new.area_id == area_id && row.span.overlaps(&new.span))
        });
        if !(taken || given_up || closed) {
            continue;
        }
        let (begun, open): (Vec<Row>, Vec<Row>) = changeovers()
            .cloned()
            .partition(|row| has_begun(row, now, intent));
        let standing = match begun.last().map(|row| row.what) {
            Some(What::Changeover { to, .. }) => Some(to),
            _ => before.map_or(chain.initial, |event| event.version_id),
        };
        gaps.push(Gap {
            area_id,
            left_at: before.map(|event| event.span.end()),
            next: next.and_then(|event| Some((event.span, event.version_id?, event.booking_id))),
            taken: taken || closed,
            begun,
            open,
            standing,
        });
    }
    Ok(gaps)
}

/// The events that will stand, in order; refused where what comes meets what stays.
fn final_events(
    area_id: AreaId,
    chain: &AreaChain,
    now: Instant,
    intent: &Intent,
) -> Result<Vec<Standing>, Refusal> {
    let mut events: Vec<Standing> = chain
        .rows
        .iter()
        .filter_map(|row| match row.what {
            What::Event {
                booking_id,
                version_id,
            } if !intent.goes(booking_id) => Some(Standing {
                span: row.span,
                booking_id,
                version_id,
                new: false,
            }),
            _ => None,
        })
        .collect();
    for new in intent
        .place
        .iter()
        .chain(&intent.close)
        .filter(|new| new.area_id == area_id)
    {
        for row in chain.rows.iter().filter(|row| row.span.overlaps(&new.span)) {
            match row.what {
                What::Event { booking_id, .. } if intent.goes(booking_id) => {}
                What::Event { .. } | What::Closure { .. } => {
                    return Err(Refusal::Taken {
                        area_id,
                        by: row.what,
                        span: row.span,
                    });
                }
                What::Changeover { .. } if has_begun(row, now, intent) => {
                    return Err(Refusal::ChangeoverRunning {
                        area_id,
                        span: row.span,
                    });
                }
                What::Changeover { .. } => {}
            }
        }
    }
    // what shrinks stands where it stood, and takes nothing
    let coming = intent.place.iter().map(|row| (row, true));
    let shrinking = intent.shrink.iter().map(|row| (row, false));
    for (row, new) in coming
        .chain(shrinking)
        .filter(|(row, _)| row.area_id == area_id)
    {
        if let What::Event {
            booking_id,
            version_id,
        } = row.what
        {
            events.push(Standing {
                span: row.span,
                booking_id,
                version_id,
                new,
            });
        }
    }
    events.sort_by_key(|event| event.span);
    Ok(events)
}

/// A changeover has begun when its start has passed; one that leads to a lapsed booking never counts as begun.
fn has_begun(row: &Row, now: Instant, intent: &Intent) -> bool {
    match row.what {
        What::Changeover { booking_id, .. } => {
            row.span.start() <= now && !intent.lapsed.contains(&booking_id)
        }
        _ => false,
    }
}

fn attempt(
    around: &Around,
    intent: &Intent,
    gaps: &[Gap],
    pinned: &BTreeSet<usize>,
) -> Result<Plan, Failure> {
    let mut plan = Plan {
        insert: intent
            .place
            .iter()
            .chain(&intent.shrink)
            .chain(&intent.close)
            .copied()
            .collect(),
        ..Plan::default()
    };
    let open = |(index, gap): (usize, &'_ Gap)| {
        (!pinned.contains(&index)).then(|| gap.open.iter().map(|row| row.id).collect::<Vec<_>>())
    };
    let replaced = gaps.iter().enumerate().filter_map(open).flatten().collect();
    let mut attempt = Attempt {
        around,
        intent,
        replaced,
        written: Vec::new(),
    };
    for (index, gap) in gaps.iter().enumerate() {
        let Some((next, version, booking_id)) = gap.next else {
            continue;
        };
        if pinned.contains(&index) {
            let passes = gap.open.iter().filter(|row| !leads_to(row, booking_id));
            plan.pass_on.extend(passes.map(|row| (row.id, booking_id)));
            plan.unresolved.push((gap.area_id, booking_id));
            continue;
        }
        match attempt.changeover(gap, next, version, booking_id) {
            Ok(row) => attempt.written.extend(row),
            Err(refusal) if gap.taken => return Err(Failure::Refused(refusal)),
            Err(_) => return Err(Failure::Pin(index)),
        }
    }
    let Attempt {
        replaced: mut delete,
        written,
        ..
    } = attempt;
    for row in written {
        // a row that would be written again as it stands stays
        let same = gaps
            .iter()
            .flat_map(|gap| &gap.open)
            .find(|old| delete.contains(&old.id) && is_same(old, &row));
        match (same, row.what) {
            (Some(old), What::Changeover { booking_id, .. }) => {
                delete.remove(&old.id);
                if !leads_to(old, booking_id) {
                    plan.pass_on.push((old.id, booking_id));
                }
            }
            _ => plan.insert.push(row),
        }
    }
    delete.extend(
        around
            .areas
            .values()
            .flat_map(|chain| &chain.rows)
            .filter_map(|row| match row.what {
                What::Event { booking_id, .. } if intent.goes(booking_id) => Some(row.id),
                _ => None,
            }),
    );
    plan.delete = delete.into_iter().collect();
    let Some(shortage) = stock::raised(around, &plan) else {
        return Ok(plan);
    };
    // what is given up keeps its changeovers; only what is taken is refused
    let keep = gaps
        .iter()
        .enumerate()
        .find(|(index, gap)| !gap.taken && !gap.open.is_empty() && !pinned.contains(index));
    Err(keep.map_or(
        Failure::Refused(Refusal::BlocksShort(shortage)),
        |(index, _)| Failure::Pin(index),
    ))
}

fn leads_to(row: &Row, booking: BookingId) -> bool {
    matches!(row.what, What::Changeover { booking_id, .. } if booking_id == booking)
}

fn is_same(old: &Row, new: &NewRow) -> bool {
    match (old.what, new.what) {
        (
            What::Changeover {
                from, to, crew_id, ..
            },
            What::Changeover {
                from: f,
                to: t,
                crew_id: c,
                ..
            },
        ) => {
            old.area_id == new.area_id
                && old.span == new.span
                && from == f
                && to == t
                && crew_id == c
        }
        _ => false,
    }
}

/// What a placement has to keep clear of, beside the shifts.
struct Attempt<'a> {
    around: &'a Around,
    intent: &'a Intent,
    /// Old changeovers that this write does away with.
    replaced: BTreeSet<OccupancyId>,
    /// Changeovers placed so far.
    written: Vec<NewRow>,
}

impl Attempt<'_> {
    /// The changeover that the gap needs, at the latest place that fits one shift and a free crew.
    fn changeover(
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
