//! Bookings that move from older versions of a layout to a newer one: each by the one way in which a booking moves, whole
//! or not at all, and whatever became of the others.

use super::occupancy::Asked;
use super::record::Booking;
use super::reschedule::{self, Moving};
use super::store::{self, Older};
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::notifier::Change;
use crate::http::problem::Problem;
use crate::id::{BookingId, LayoutVersionId};
use crate::identity::Claims;

/// So many are moved by one act.
pub const MOST: i64 = 100;

/// What became of one booking.
#[derive(Debug)]
pub struct Outcome {
    pub booking: Booking,
    /// Why it stays as it is; `None`: it moved, and its requester is told.
    pub problem: Option<Problem>,
}

/// Moves bookings of older versions of the same layout to this one: those named, else all, at most [`MOST`]. May be asked
/// again: what has moved is not there any more.
pub async fn take_over(
    db: &Db,
    claims: &Claims,
    to: LayoutVersionId,
    named: Option<&[BookingId]>,
    reason: &str,
) -> Result<(Vec<Outcome>, Vec<Change>), Problem> {
    let conn = db.conn().await?;
    let bookings = store::of_older_versions(&conn, to, Older::ToMove(named), MOST).await?;
    drop(conn);
    let asked = Asked {
        claims: Some(claims.clone()),
        only_once: None,
    };
    let moving = Moving {
        layout_version_id: Some(to),
        reason: reason.to_owned(),
        ..Moving::default()
    };
    let (mut outcomes, mut changed) = (Vec::new(), Vec::new());
    for booking in bookings {
        let moved = reschedule::reschedule(db, &asked, booking.id, &IfMatch::Absent, &moving).await;
        let problem = match moved {
            Ok(done) => {
                changed.extend(done.changed);
                None
            }
            Err(problem) => Some(problem),
        };
        outcomes.push(Outcome { booking, problem });
    }
    Ok((outcomes, changed))
}
