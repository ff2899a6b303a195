//! Bookings that move from older versions of a layout to a newer one: each by the one way in which a booking moves, whole
//! or not at all, and whatever became of the others.

use super::occupancy::{Asked, Asker};
use super::record::Booking;
use super::reschedule::{self, Moving};
use super::store::{self, Older};
use crate::catalogue;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::notifier::Change;
use crate::http::problem::Problem;
use crate::id::{BookingId, LayoutVersionId};
use crate::identity::Claims;

/// So many are moved by one act.
pub const MOST: usize = 100;

/// What became of one booking.
#[derive(Debug)]
pub struct Outcome {
    pub booking: Booking,
    /// Why it stays as it is; `None`: it moved, and its requester is told.
    pub problem: Option<Problem>,
}

/// Moves bookings of older versions of the same layout to this one: those named, else all, until [`MOST`] have moved. Those
/// that cannot move are passed over. May be asked again: what has moved is not there any more.
pub async fn take_over(
    db: &Db,
    claims: &Claims,
    to: LayoutVersionId,
    named: Option<&[BookingId]>,
    reason: &str,
) -> Result<(Vec<Outcome>, Vec<Change>), Problem> {
    let older = catalogue::store::layouts::older_versions(&*db.conn().await?, to).await?;
    let asked = Asked {
        by: Asker::Shows(claims.clone()),
        only_once: None,
    };
    let moving = Moving {
        layout_version_id: Some(to),
        reason: reason.to_owned(),
        ..Moving::default()
    };
    let (mut outcomes, mut changed) = (Vec::new(), Vec::new());
    let (mut left, mut after) = (MOST, None);
    while left > 0 {
        let which = Older::ToMove { named, after };
        let conn = db.conn().await?;
        let page = store::of_older_versions(&conn, &older, which, left as i64).await?;
        drop(conn);
        let Some(last) = page.last() else { break };
        after = Some((last.during.start(), last.id));
        for booking in page {
            let moved =
                reschedule::reschedule(db, &asked, booking.id, &IfMatch::Absent, &moving).await;
            let problem = match moved {
                Ok(done) => {
                    changed.extend(done.changed);
                    left -= 1;
                    None
                }
                Err(problem) => Some(problem),
            };
            outcomes.push(Outcome { booking, problem });
        }
    }
    Ok((outcomes, changed))
}
