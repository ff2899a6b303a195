//! A changeover put elsewhere in its gap: its crew starts it earlier, or takes that back.

use super::{Around, NewRow, Plan, Refusal, What};
use crate::booking::stock;
use crate::id::OccupancyId;
use crate::span::Span;

/// What to write to put the changeover there. `None`: there is no such changeover.
///
/// # Errors
/// What lies between where it is and where it goes, or in its place; no shift or another job of its crew; blocks that
/// would be lacking.
pub fn put(around: &Around, id: OccupancyId, to: Span) -> Option<Result<Plan, Refusal>> {
    let rows = || around.areas.values().flat_map(|chain| &chain.rows);
    let row = rows().find(|row| row.id == id)?;
    let What::Changeover {
        crew_id,
        booking_id,
        ..
    } = row.what
    else {
        return None;
    };
    let area_id = row.area_id;
    let way = crate::booking::occupancy::hull(row.span, to);
    let in_the_way = rows().find(|other| {
        let reach = match other.what {
            // the chain goes past a closure
            What::Closure { .. } => to,
            What::Event { .. } | What::Changeover { .. } => way,
        };
        other.id != id && other.area_id == area_id && other.span.overlaps(&reach)
    });
    if let Some(other) = in_the_way {
        return Some(Err(match other.what {
            What::Changeover { .. } => Refusal::ChangeoverRunning {
                area_id,
                span: other.span,
            },
            by => Refusal::Taken {
                area_id,
                by,
                span: other.span,
            },
        }));
    }
    let free = around.crews.iter().any(|crew| {
        let busy = |(job, span): &(OccupancyId, Span)| *job != id && span.overlaps(&to);
        crew.crew_id == crew_id
            && crew.shifts.iter().any(|shift| shift.covers(&to))
            && !crew.jobs.iter().any(busy)
    });
    if !free {
        return Some(Err(Refusal::NoCrew {
            area_id,
            needed_min: to.length().num_minutes(),
            leads_to: booking_id,
        }));
    }
    let elsewhere = Plan {
        delete: vec![id],
        insert: vec![NewRow {
            area_id,
            span: to,
            what: row.what,
        }],
        ..Plan::default()
    };
    if let Some(shortage) = stock::raised(around, &elsewhere) {
        return Some(Err(Refusal::BlocksShort(shortage)));
    }
    Some(Ok(Plan {
        put: vec![(id, to)],
        ..Plan::default()
    }))
}
