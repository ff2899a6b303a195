//! Holds and requests that nobody decided in time. A lapsed one is given up by the worker, or by the first writer in
//! whose way it is; readers show it as it stands until then.

use super::record::{Booking, HistoryLine};
use super::state::{self, Event, State};
use crate::span::Instant;

/// The lapsed booking as it will be, and the line of its history.
pub fn give_up(mut booking: Booking, now: Instant) -> Option<(Booking, HistoryLine)> {
    let from = booking.state;
    booking.state = state::after(Some(from), Event::Expire).ok()?;
    booking.expires_at = None;
    booking.revision += 1;
    if from == State::Requested {
        booking.sequence += 1;
    }
    let line = HistoryLine::new(&booking, Event::Expire, Some(from), now);
    Some((booking, line))
}
