//! What time does to bookings: undecided ones lapse, parties that do not come are missed, what is over is completed,
//! and people are reminded the day before. Run by the worker; every step is safe to run twice, and by several at once.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::act::{self, Act, Done, Found};
use super::arrival;
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail};
use super::offer;
use super::state::{Event, State};
use super::store;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::notifier::Notifier;
use crate::http::problem::Problem;
use crate::id::BookingId;
use crate::message::MessageKind;
use crate::routes::Operation;

/// How often it is looked what is due.
const EVERY: Duration = Duration::from_secs(5);
/// How many of a kind are taken at a time.
const BATCH: i64 = 100;

/// Starts the watch on the clock; it ends when `stop` turns true.
pub fn spawn(db: Db, notifier: Notifier, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            if let Err(problem) = tick(&db, Some(&notifier)).await {
                tracing::warn!(%problem, "the clock's work waits");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    })
}

/// Does everything that is due now.
pub async fn tick(db: &Db, notifier: Option<&Notifier>) -> Result<(), Problem> {
    let conn = db.conn().await?;
    let lapsed = store::due_to_lapse(&conn, BATCH).await?;
    let missed = store::due_to_be_missed(&conn, BATCH).await?;
    let over = store::due_to_complete(&conn, BATCH).await?;
    let tomorrow = store::due_to_remind(&conn, BATCH).await?;
    store::end_change_requests(&conn).await?;
    drop(conn);
    let mut done = Vec::new();
    for id in lapsed {
        done.push(expire(db, id).await);
    }
    for id in missed {
        done.push(end(db, id, Event::NoShow).await);
    }
    for id in over {
        done.push(end(db, id, Event::Complete).await);
    }
    for id in tomorrow {
        done.push(remind(db, id).await);
    }
    for result in done {
        match result {
            Ok(done) => done.changed.into_iter().for_each(|change| {
                if let Some(notifier) = notifier {
                    notifier.notify(change);
                }
            }),
            // another process was quicker, or somebody decided meanwhile
            Err(problem) => tracing::debug!(%problem, "nothing left to do"),
        }
    }
    Ok(())
}

async fn opened(db: &Db, id: BookingId) -> Result<Act, Fail> {
    match Act::open(
        db,
        &Asked::default(),
        Operation::GetBooking,
        id,
        &IfMatch::Absent,
    )
    .await?
    {
        Found::Act(act) => Ok(*act),
        Found::Answered(_) => Err(act::wrong_state(State::Expired).into()),
    }
}

async fn expire(db: &Db, id: BookingId) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = opened(db, id).await?;
        let lapses = store::lapses_at(act.write.tx.conn(), id).await?;
        if lapses.is_none_or(|at| at > act.write.now) {
            return Err(act::wrong_state(act.booking.state).into());
        }
        let had_rows = act.booking.has_rows();
        let from = act.transition(Event::Expire).await?;
        let offer = offer::take_back(&mut act.write, id, &BTreeSet::new()).await?;
        act.vacate(had_rows, offer.as_ref()).await?;
        if from == State::Requested || act.booking.offer_for.is_some() {
            act.in_calendars();
            act.tell(MessageKind::BookingExpired, Says::default())
                .await?;
        }
        act.finish(Event::Expire, from, "", |line| line).await
    })
    .await
}

async fn end(db: &Db, id: BookingId, event: Event) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = opened(db, id).await?;
        let now = act.write.now;
        let due = match event {
            Event::NoShow => {
                act.booking.check_in && act.booking.arrive_by.is_some_and(|at| at <= now)
            }
            _ => act.booking.with_access().end() <= now,
        };
        if !due {
            return Err(act::wrong_state(act.booking.state).into());
        }
        let from = act.transition(event).await?;
        arrival::release_rest(&mut act).await?;
        act.finish(event, from, "", |line| line).await
    })
    .await
}

async fn remind(db: &Db, id: BookingId) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = opened(db, id).await?;
        if act.booking.state != State::Confirmed {
            return Err(act::wrong_state(act.booking.state).into());
        }
        let names = act.names().await?;
        let mut draft = notice::to_requester(
            MessageKind::BookingReminder,
            &act.write.ground,
            &names,
            &act.booking,
            Says::default(),
        );
        // once for each start: a booking that moves is reminded of again
        draft.dedupe_key = format!(
            "booking_reminder:{}:{}",
            id,
            act.booking.during.start().timestamp()
        );
        act.write.changes.messages.push(draft);
        act.write.commit(200, "").await?;
        Ok(Done {
            status: 200,
            body: String::new(),
            changed: Vec::new(),
        })
    })
    .await
}
