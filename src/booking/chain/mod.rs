//! The chain of an area: which changeover lies between two events, and where. Pure: it is given what stands and what
//! is wanted, and says which rows to write, or why that cannot be.
//!
//! Terms: a *gap* lies between two neighbouring events of an area (or before the first, or after the last). A write
//! touches the gaps at whose edge an event came or went. In each touched gap the changeovers that have not begun are
//! replaced by the one that leads directly from what stands to the next event, or by none (2-model.md, "Recomputing").

mod gaps;
mod place;
mod shift;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::gaps::{Gap, touched_gaps};
use self::place::Placing;
pub use self::shift::put;
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
    /// Changeovers that lie elsewhere in their gaps from now on.
    pub put: Vec<(OccupancyId, Span)>,
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
    let mut placing = Placing {
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
        match placing.changeover(gap, next, version, booking_id) {
            Ok(row) => placing.written.extend(row),
            Err(refusal) if gap.taken => return Err(Failure::Refused(refusal)),
            Err(_) => return Err(Failure::Pin(index)),
        }
    }
    let Placing {
        replaced: mut delete,
        written,
        ..
    } = placing;
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
