//! Closures: staff close areas for a while. Over bookings a closure is refused with their list, or displaces all of them
//! in one transaction; over anything checked in or begun it is refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::act::{self, Done};
use super::area_set::AreaSet;
use super::chain::{Intent, NewRow, Refusal, What};
use super::decide::{place_is_gone, reason_given};
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail, Opened, Write, hull};
use super::record::{Booking, HistoryLine};
use super::request::{areas_of, span};
use super::slots;
use super::state::{self, Event, State};
use super::store::{self, Changes, Closure};
use crate::audit;
use crate::catalogue::Ground;
use crate::db::Db;
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
        .caller
        .clone()
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
    let displaced = displace(&mut write, &closure, input.displace).await?;
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

/// Plans the closure's rows. Bookings in the way, and those whose changeover finds no other place, are displaced; which
/// these are is found by trying, one more at a time.
async fn displace(
    write: &mut Write,
    closure: &Closure,
    allowed: bool,
) -> Result<Vec<Booking>, Fail> {
    let place: Vec<NewRow> = closure
        .area_ids
        .iter()
        .map(|area_id| NewRow {
            area_id,
            span: closure.during,
            what: What::Closure {
                closure_id: closure.id,
            },
        })
        .collect();
    let mut in_the_way: BTreeSet<BookingId> =
        store::bookings_in(write.tx.conn(), &closure.area_ids, closure.during)
            .await?
            .into_iter()
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
            return Err(Problem::new(Kind::Conflict)
                .because(vec![Reason::new("running")])
                .into());
        }
        if !bookings.is_empty() && !allowed {
            let mut problem =
                Problem::new(Kind::Conflict).because(vec![Reason::new("bookings_in_the_way")]);
            problem.in_the_way = ids.iter().map(|id| id.0).collect();
            return Err(problem.into());
        }
        let areas: AreaSet = closure
            .area_ids
            .iter()
            .chain(bookings.iter().flat_map(|booking| booking.area_ids.iter()))
            .collect();
        let reach = bookings.iter().fold(closure.during, |reach, booking| {
            hull(reach, booking.taken())
        });
        let intent = Intent {
            remove: in_the_way.clone(),
            close: place.clone(),
            ..Intent::default()
        };
        match write.occupy(&areas, reach, intent).await {
            Ok(()) => {
                return bookings
                    .into_iter()
                    .map(|booking| displaced(write, booking, &closure.reason))
                    .collect();
            }
            Err(Fail::Refused(refusal)) => match *refusal {
                Refusal::ChangeoverTooLong { leads_to, .. } | Refusal::NoCrew { leads_to, .. }
                    if in_the_way.insert(leads_to) =>
                {
                    // begin again without it: nothing of the attempt is kept
                    write.changes = Changes::default();
                }
                Refusal::ChangeoverRunning { .. } => {
                    return Err(Problem::new(Kind::Conflict)
                        .because(vec![Reason::new("running")])
                        .into());
                }
                refusal => return Err(super::refuse::slot(&refusal, true).into()),
            },
            Err(other) => return Err(other),
        }
    }
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
    let line = HistoryLine::new(&booking, Event::Displace, Some(from), write.now)
        .by(write.actor(), reason);
    write.changes.history.push(line);
    write.changes.updated.push(booking.clone());
    Ok(booking)
}

async fn tell_displaced(
    write: &mut Write,
    booking: &Booking,
    reason: &str,
    closed: Span,
) -> Result<(), Fail> {
    let wanted = act::wanted(write, booking, Some(booking.id));
    let range = slots::nearby(booking.during.start());
    let outlook = slots::outlook(write.tx.conn(), &write.ground, &wanted, range, write.now).await?;
    let alternatives = outlook
        .nearest(&wanted, booking.during.start())
        .iter()
        .filter_map(|found| Span::new(found.start, found.end))
        .filter(|found| !found.overlaps(&closed))
        .collect();
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
            .caller
            .clone()
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
