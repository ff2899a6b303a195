//! Which gaps of an area a write touches, and what lies in them.

use super::{AreaChain, Intent, Refusal, Row, What};
use crate::id::{AreaId, BookingId, LayoutVersionId};
use crate::span::{Instant, Span};

/// A touched gap of an area.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub area_id: AreaId,
    /// When the event before it ends; `None` before the first event.
    pub left_at: Option<Instant>,
    pub next: Option<(Span, LayoutVersionId, BookingId)>,
    /// Taken by this write: refused when nothing fits. Otherwise given up: never refused.
    pub taken: bool,
    pub begun: Vec<Row>,
    pub open: Vec<Row>,
    /// What the gap's changeovers start from, after what has begun.
    pub standing: Option<LayoutVersionId>,
}

/// An event that will stand after the write.
struct Standing {
    span: Span,
    booking_id: BookingId,
    version_id: Option<LayoutVersionId>,
    new: bool,
}

/// The gaps that the intent touches, each as it is before anything is placed.
pub(super) fn touched_gaps(
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
