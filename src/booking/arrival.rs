//! The day itself: check-in, a late party, a no-show, an end that comes earlier or later than planned.

use serde::Deserialize;

use super::act::{self, Act, Done, Found};
use super::chain::Intent;
use super::decide::end_change_request;
use super::new_booking;
use super::notice::Says;
use super::occupancy::{Asked, By, Fail};
use super::record::Booking;
use super::refuse;
use super::state::{Event, State};
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::problem::{Arg, Kind, Problem, Reason};
use crate::id::BookingId;
use crate::message::MessageKind;
use crate::routes::Operation;
use crate::span::{Instant, Span};

/// They came. After a no-show the whole old range must still be free.
pub async fn check_in(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::CheckInBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let before = act.booking.clone();
        let from = act.transition(Event::CheckIn).await?;
        let minutes = i64::from(act.write.ground.policy.check_in_from_minutes_before);
        if act.write.now < act.booking.during.start() - chrono::TimeDelta::minutes(minutes) {
            return Err(too_early(
                Reason::new("check_in_too_early").with("minutes", Arg::Number(minutes)),
            )
            .into());
        }
        if before.released_at.is_some() {
            act.booking.released_at = None;
            act.take(Some(&before)).await?;
        }
        end_change_request(&mut act).await?;
        act.finish(Event::CheckIn, from, "", |line| line).await
    })
    .await
}

/// Checked in by mistake.
pub async fn undo_check_in(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act =
            match Act::open(db, asked, Operation::UndoCheckInBooking, id, if_match).await? {
                Found::Act(act) => *act,
                Found::Answered(done) => return Ok(done),
            };
        let from = act.transition(Event::UndoCheckIn).await?;
        act.finish(Event::UndoCheckIn, from, "", |line| line).await
    })
    .await
}

/// They did not come: the rest of the slot is given back.
pub async fn no_show(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    end(
        db,
        asked,
        id,
        if_match,
        Operation::NoShowBooking,
        Event::NoShow,
    )
    .await
}

/// Over, at its end or earlier: the rest of the slot is given back.
pub async fn complete(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    end(
        db,
        asked,
        id,
        if_match,
        Operation::CompleteBooking,
        Event::Complete,
    )
    .await
}

async fn end(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    operation: Operation,
    event: Event,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, operation, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        if event == Event::Complete && act.booking.state == State::Confirmed && act.booking.check_in
        {
            // where arrival is awaited, only what was checked in is over
            return Err(act::wrong_state(act.booking.state).into());
        }
        if event == Event::Complete && act.booking.state == State::CheckedIn && !at_desk(&act) {
            return Err(Problem::new(Kind::NotFound).into());
        }
        let from = act.transition(event).await?;
        release_rest(&mut act).await?;
        act.finish(event, from, "", |line| line).await
    })
    .await
}

fn at_desk(act: &Act) -> bool {
    matches!(act.write.by, By::Product) || act.by_staff()
}

/// Cuts the booking's rows at this moment; never before its start, and nothing where it is over anyway.
pub async fn release_rest(act: &mut Act) -> Result<(), Fail> {
    let now = act.write.now;
    if now <= act.booking.during.start() {
        return Err(too_early(Reason::new("not_started")).into());
    }
    end_change_request(act).await?;
    if now >= act.booking.with_access().end() {
        return Ok(());
    }
    let before = act.booking.clone();
    act.booking.released_at = Some(now);
    let intent = Intent {
        remove: [before.id].into(),
        shrink: act::rows(&act.booking),
        ..Intent::default()
    };
    act.write
        .occupy(&before.area_ids, before.taken(), intent)
        .await
}

fn too_early(reason: Reason) -> Problem {
    Problem::new(Kind::PolicyRefused).because(vec![reason])
}

/// Until when a party that called is waited for.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// When they expect to arrive; before the booking's end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:45:00Z")]
    pub until: Instant,
}

/// They called: they come late, and the grace time moves.
pub async fn expect_late(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: Late,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::ExpectLateBooking, id, if_match).await?
        {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::ExpectLate).await?;
        if input.until <= act.booking.during.start() || input.until > act.booking.during.end() {
            return Err(Problem::field("until", "outside_booking").into());
        }
        act.booking.arrive_by = Some(input.until);
        act.finish(Event::ExpectLate, from, "", |line| line).await
    })
    .await
}

/// A later end.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Longer {
    /// When the event shall end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:30:00Z")]
    pub end: Instant,
}

/// Runs longer than planned, where the time after it is free.
pub async fn extend(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: Longer,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::ExtendBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let before: Booking = act.booking.clone();
        let from = act.transition(Event::Extend).await?;
        let during = new_booking::span(before.during.start(), input.end)?;
        let grown = Span::new(before.during.end(), during.end());
        if grown.is_none() {
            return Err(Problem::field("end", "not_later").into());
        }
        if !act.write.ground.is_open_for(&during) {
            return Err(refuse::policy(vec![super::policy::Breach {
                rule: super::policy::Rule::Hours,
                reason: Reason::new("hours"),
            }])
            .into());
        }
        act.booking.during = during;
        act.take(Some(&before)).await?;
        act.in_calendars();
        let says = Says {
            previously: Some(before.during),
            ..Says::default()
        };
        act.booking.revision += 1;
        act.tell(MessageKind::BookingChanged, says).await?;
        act.booking.revision -= 1;
        act.finish(Event::Extend, from, "", |line| line).await
    })
    .await
}
