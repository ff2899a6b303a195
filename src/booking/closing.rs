//! Closures: staff close areas for a while. Over bookings a closure is refused with their list, or displaces all of them
//! in one transaction; over anything checked in or begun it is refused. The same for a booking that is more important, and
//! for one that staff displace by itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::act::{self, Act, Done, Found};
use super::area_set::AreaSet;
use super::chain::{Intent, NewRow, Refusal, What};
use super::decide::{end_change_request, place_is_gone, reason_given};
use super::new_booking::span;
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail, Opened, Write, hull};
use super::record::Booking;
use super::request::areas_of;
use super::state::{self, Event, State};
use super::store::{self, Changes, Closure};
use crate::audit;
use crate::catalogue::Ground;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::problem::{Kind, Problem, Reason};
use crate::id::{AreaId, BookingId, ClosureId, SpaceId};
use crate::message::MessageKind;
use crate::routes::{Object, Operation};
use crate::span::{Instant, Span};

/// A wish to close areas.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClosure {
    /// The space.
    pub space_id: SpaceId,
    /// Its areas; all of them where none are named.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    pub area_ids: Option<Vec<AreaId>>,
    /// From when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T01:00:00Z")]
    pub start: Instant,
    /// Until when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T04:00:00Z")]
    pub end: Instant,
    /// Told to everybody who is displaced.
    #[schema(example = "消防检修", min_length = 1, max_length = 500)]
    pub reason: String,
    /// Whether bookings in the way are displaced; else the closure is refused with their list.
    #[serde(default)]
    #[schema(example = false)]
    pub displace: bool,
}

/// A closure.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Closure)]
pub struct ClosureView {
    /// Its id.
    pub id: ClosureId,
    /// The space.
    pub space_id: SpaceId,
    /// The areas that are closed.
    pub area_ids: Vec<AreaId>,
    /// From when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T01:00:00Z")]
    pub start: Instant,
    /// Until when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T04:00:00Z")]
    pub end: Instant,
    /// Why.
    #[schema(example = "消防检修")]
    pub reason: String,
    /// When it was lifted, if it was.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T03:00:00Z")]
    pub ended_at: Option<Instant>,
    /// Bookings that it displaced.
    pub displaced: Vec<BookingId>,
}

impl ClosureView {
    /// As it goes over the wire.
    pub fn new(closure: &Closure, displaced: Vec<BookingId>) -> Self {
        Self {
            id: closure.id,
            space_id: closure.space_id,
            area_ids: closure.area_ids.iter().collect(),
            start: closure.during.start(),
            end: closure.during.end(),
            reason: closure.reason.clone(),
            ended_at: closure.ended_at,
            displaced,
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn object(ground: &Ground) -> Object {
    Object {
        venue_id: ground.venue.id,
        space_id: Some(ground.space.id),
        user_id: None,
        organisation_id: None,
    }
}

/// Closes the areas.
pub async fn close(db: &Db, asked: &Asked, input: &NewClosure) -> Result<Done, Problem> {
    reason_given(&input.reason)?;
    let during = span(input.start, input.end)?;
    act::attempt(|| close_once(db, asked, input, during)).await
}

async fn close_once(
    db: &Db,
    asked: &Asked,
    input: &NewClosure,
    during: Span,
) -> Result<Done, Fail> {
    let mut write = match Write::open(db, asked, input.space_id).await? {
        Opened::Write(write) => *write,
        Opened::Answered { status, answer } => return Ok(Done::again(status, answer)),
    };
    let caller = write
        .caller()
        .cloned()
        .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    Operation::CreateClosure.admit_to(&caller, &object(&write.ground))?;
    if during.end() <= write.now {
        return Err(Problem::field("end", "in_past").into());
    }
    let areas = areas_of(&write.ground, input.area_ids.as_deref())?;
    let closure = Closure {
        id: ClosureId::new(),
        space_id: input.space_id,
        area_ids: areas.clone(),
        during,
        reason: input.reason.clone(),
        created_by: caller.user_id,
        created_at: write.now,
        ended_at: None,
    };
    let rows = areas.iter().map(|area_id| NewRow {
        area_id,
        span: during,
        what: What::Closure {
            closure_id: closure.id,
        },
    });
    let room = Room {
        areas: areas.clone(),
        reach: during,
        within: during,
        intent: Intent {
            close: rows.collect(),
            ..Intent::default()
        },
    };
    let displaced = make_room(&mut write, &room, input.displace, &input.reason).await;
    let displaced = displaced.map_err(|fail| match fail {
        Fail::Refused(refusal) => super::refuse::slot(&refusal, true).into(),
        other => other,
    })?;
    for booking in &displaced {
        tell_displaced(&mut write, booking, &input.reason, during).await?;
    }
    place_is_gone(&mut write, &areas, during, None).await?;
    let view = ClosureView::new(
        &closure,
        displaced.iter().map(|booking| booking.id).collect(),
    );
    write.changes.closures.push(closure);
    record(&write, "create", view.id).await?;
    let mut changed = write.changed();
    changed.push(Change::of(
        ChangeKind::Closure,
        view.id.0,
        write.ground.venue.id,
        view.space_id,
    ));
    let body = view.json();
    write.commit(201, &body).await?;
    Ok(Done {
        status: 201,
        body,
        changed,
    })
}

/// What is to be written where others may stand.
pub struct Room {
    /// The areas that it touches.
    pub areas: AreaSet,
    /// The stretch in which it touches them.
    pub reach: Span,
    /// What must be free in these areas.
    pub within: Span,
    pub intent: Intent,
}

/// Plans rows where others stand. Bookings in the way, and those whose changeover finds no other place, are displaced where
/// that is `allowed`; which these are is found by trying, one more at a time.
pub async fn make_room(
    write: &mut Write,
    room: &Room,
    allowed: bool,
    reason: &str,
) -> Result<Vec<Booking>, Fail> {
    let mut in_the_way: BTreeSet<BookingId> =
        store::bookings_in(write.tx.conn(), &room.areas, room.within)
            .await?
            .into_iter()
            .filter(|id| !room.intent.remove.contains(id))
            .collect();
    // what has lapsed is in nobody's way: taking the place gives it up
    for id in in_the_way.clone() {
        let lapses = store::lapses_at(write.tx.conn(), id).await?;
        if lapses.is_some_and(|at| at <= write.now) {
            in_the_way.remove(&id);
        }
    }
    loop {
        let ids: Vec<BookingId> = in_the_way.iter().copied().collect();
        let bookings = store::bookings_locked(write.tx.conn(), &ids).await?;
        if bookings.iter().any(|booking| began(booking, write.now)) {
            return Err(running());
        }
        if !bookings.is_empty() && !allowed {
            let mut problem =
                Problem::new(Kind::Conflict).because(vec![Reason::new("bookings_in_the_way")]);
            problem.in_the_way = ids.iter().map(|id| id.0).collect();
            return Err(problem.into());
        }
        let areas: AreaSet = room
            .areas
            .iter()
            .chain(bookings.iter().flat_map(|booking| booking.area_ids.iter()))
            .collect();
        let reach = bookings
            .iter()
            .fold(room.reach, |reach, booking| hull(reach, booking.taken()));
        let mut intent = room.intent.clone();
        intent.remove.extend(in_the_way.iter().copied());
        match write.occupy(&areas, reach, intent).await {
            Ok(()) => {
                return bookings
                    .into_iter()
                    .map(|booking| displaced(write, booking, reason))
                    .collect();
            }
            Err(Fail::Refused(refusal)) => match *refusal {
                Refusal::ChangeoverTooLong { leads_to, .. } | Refusal::NoCrew { leads_to, .. }
                    if !own(room, leads_to) && in_the_way.insert(leads_to) =>
                {
                    // begin again without it: nothing of the attempt is kept
                    write.changes = Changes::default();
                }
                Refusal::ChangeoverRunning { .. } => return Err(running()),
                refusal => return Err(Fail::Refused(Box::new(refusal))),
            },
            Err(other) => return Err(other),
        }
    }
}

fn running() -> Fail {
    Problem::new(Kind::Conflict)
        .because(vec![Reason::new("running")])
        .into()
}

/// Whether this is the booking that is to be written.
fn own(room: &Room, id: BookingId) -> bool {
    let events = room.intent.place.iter().map(|row| row.what);
    events
        .into_iter()
        .any(|what| matches!(what, What::Event { booking_id, .. } if booking_id == id))
}

/// Displaces one confirmed booking, without anything else that takes its place.
pub async fn displace_one(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    reason: &str,
) -> Result<Done, Problem> {
    reason_given(reason)?;
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::DisplaceBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        if act.booking.state != State::Confirmed {
            return Err(act::wrong_state(act.booking.state).into());
        }
        if began(&act.booking, act.write.now) {
            return Err(running());
        }
        let place = act.booking.taken();
        act.vacate(true, None).await?;
        end_change_request(&mut act).await?;
        let Act { mut write, booking } = act;
        let booking = displaced(&mut write, booking, reason)?;
        tell_displaced(&mut write, &booking, reason, place).await?;
        write.finish(200, &booking).await
    })
    .await
}

/// What is checked in or has begun is not closed away under people's feet, and what is over stays as it was.
fn began(booking: &Booking, now: Instant) -> bool {
    match booking.state {
        State::Held | State::Requested | State::Confirmed => {
            booking.state == State::Confirmed && booking.taken().start() <= now
        }
        _ => true,
    }
}

fn displaced(write: &mut Write, mut booking: Booking, reason: &str) -> Result<Booking, Fail> {
    let from = booking.state;
    booking.state =
        state::after(Some(from), Event::Displace).map_err(|_| act::wrong_state(from))?;
    booking.expires_at = None;
    booking.sequence += 1;
    booking.revision += 1;
    let line = write.line(&booking, Event::Displace, Some(from), reason);
    write.changes.history.push(line);
    write.changes.updated.push(booking.clone());
    Ok(booking)
}

/// Tells whose place was taken, with slots that work instead.
pub async fn tell_displaced(
    write: &mut Write,
    booking: &Booking,
    reason: &str,
    closed: Span,
) -> Result<(), Fail> {
    let alternatives = write.instead(booking, closed).await?;
    let names = write.names(booking).await?;
    let says = Says {
        reason: reason.to_owned(),
        alternatives,
        ..Says::default()
    };
    let draft = notice::to_requester(
        MessageKind::BookingDisplaced,
        &write.ground,
        &names,
        booking,
        says,
    );
    write.changes.messages.push(draft);
    Ok(())
}

/// Lifts a closure: what is left of it is open again.
pub async fn lift(db: &Db, asked: &Asked, id: ClosureId) -> Result<Done, Problem> {
    act::attempt(|| async {
        let space_id = store::closure(&*db.conn().await?, id).await?.space_id;
        let write = match Write::open(db, asked, space_id).await? {
            Opened::Write(write) => *write,
            Opened::Answered { status, answer } => return Ok(Done::again(status, answer)),
        };
        let caller = write
            .caller()
            .cloned()
            .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
        Operation::LiftClosure.admit_to(&caller, &object(&write.ground))?;
        let mut closure = store::closure(write.tx.conn(), id).await?;
        if closure.ended_at.is_some() {
            return Err(Problem {
                state: Some("ended"),
                ..Problem::new(Kind::WrongState)
            }
            .into());
        }
        closure.ended_at = Some(write.now);
        store::lift_closure(write.tx.conn(), &closure).await?;
        record(&write, "lift", id).await?;
        let body = ClosureView::new(&closure, Vec::new()).json();
        let changed = vec![Change::of(
            ChangeKind::Closure,
            id.0,
            write.ground.venue.id,
            space_id,
        )];
        write.commit(200, &body).await?;
        Ok(Done {
            status: 200,
            body,
            changed,
        })
    })
    .await
}

/// Closures are staff's alone, and so is what is written down about them.
async fn record(write: &Write, action: &str, id: ClosureId) -> Result<(), Fail> {
    let (conn, actor, venue) = (write.tx.conn(), write.actor(), write.ground.venue.id);
    audit::store::record(conn, actor, Some(venue), action, "closure", id.0, &[]).await?;
    Ok(())
}
