//! Decisions: approve, decline (with an offer), withdraw, cancel, and what happens to a hold. Each is judged against the
//! present, never against what a page showed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Deserialize;

use super::act::{self, Act, Done, Found};
use super::area_set::AreaSet;
use super::new_booking;
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail, Write};
use super::offer;
use super::record::{Approval, Booking};
use super::refuse;
use super::request;
use super::state::{Event, State};
use super::store;
use crate::catalogue::Requests;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::problem::{Kind, Problem, Reason};
use crate::id::BookingId;
use crate::message::MessageKind;
use crate::routes::Operation;
use crate::span::{Instant, Span};

/// Approves a request; the last of the approvals that it needs confirms it.
pub async fn approve(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::ApproveBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::Approve).await?;
        let approver = act
            .write
            .actor()
            .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
        let so_far = store::approvers_so_far(act.write.tx.conn(), id).await?;
        if so_far.contains(&approver) {
            return Err(Problem::new(Kind::Conflict)
                .because(vec![Reason::new("already_approved")])
                .into());
        }
        let approval = Approval {
            id: uuid::Uuid::now_v7(),
            booking_id: id,
            approver_id: approver,
            at: act.write.now,
        };
        act.write.changes.approvals.push(approval);
        let enough =
            i32::try_from(so_far.len()).unwrap_or(i32::MAX) + 1 >= act.booking.approval_steps;
        if !enough {
            return act.finish(Event::Approve, from, "", |line| line).await;
        }
        act.booking.state = State::Confirmed;
        request::confirmed(&act.write, &mut act.booking);
        act.in_calendars();
        if !act.booking.holds_slot {
            act.booking.holds_slot = true;
            act.take(None).await?;
            tell_competitors(&mut act.write, &act.booking).await?;
        }
        act.tell(MessageKind::BookingConfirmed, Says::default())
            .await?;
        act.finish(Event::Confirm, from, "", |line| line).await
    })
    .await
}

/// Where requests compete: those who wanted the place of this confirmed booking stay requested, but learn that it has
/// gone, and what else would work.
pub async fn tell_competitors(write: &mut Write, confirmed: &Booking) -> Result<(), Fail> {
    if confirmed.state != State::Confirmed {
        return Ok(());
    }
    place_is_gone(
        write,
        &confirmed.area_ids,
        confirmed.taken(),
        Some(confirmed.id),
    )
    .await
}

/// The same wherever a place is taken: by a confirmed booking, or by a closure.
pub async fn place_is_gone(
    write: &mut Write,
    areas: &AreaSet,
    taken: Span,
    by: Option<BookingId>,
) -> Result<(), Fail> {
    if write.ground.policy.requests != Requests::Compete {
        return Ok(());
    }
    let space_id = write.ground.space.id;
    let competing = store::competing(write.tx.conn(), space_id, areas, taken).await?;
    for other in competing.into_iter().filter(|other| Some(other.id) != by) {
        let alternatives = write.instead(&other, taken).await?;
        let names = write.names(&other).await?;
        let says = Says {
            alternatives,
            ..Says::default()
        };
        let draft = notice::to_requester(
            MessageKind::BookingNoLongerPossible,
            &write.ground,
            &names,
            &other,
            says,
        );
        write.changes.messages.push(draft);
    }
    Ok(())
}

/// Why a request is declined, and possibly what is offered instead.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    /// Told to the requester as it stands here.
    #[schema(example = "当天有设备检修", min_length = 1, max_length = 500)]
    pub reason: String,
    /// Another slot in the same place, held for the requester until they answer.
    #[serde(default)]
    pub offer: Option<OfferedSlot>,
}

/// A slot that staff offer.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedSlot {
    /// When the event would start.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T06:00:00Z")]
    pub start: Instant,
    /// When it would end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T08:00:00Z")]
    pub end: Instant,
}

/// Declines a request. An offered slot is held for the requester in the same transaction.
pub async fn decline(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Declining,
) -> Result<Done, Problem> {
    reason_given(&input.reason)?;
    let offered = input
        .offer
        .map(|offer| new_booking::span(offer.start, offer.end))
        .transpose()?;
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::DeclineBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let had_rows = act.booking.has_rows();
        let from = act.transition(Event::Decline).await?;
        act.in_calendars();
        let mut says = Says {
            reason: input.reason.clone(),
            ..Says::default()
        };
        match offered {
            None => act.vacate(had_rows, None).await?,
            Some(during) => {
                if store::open_offer(act.write.tx.conn(), id).await?.is_some() {
                    let open = Problem::new(Kind::Conflict);
                    return Err(open.because(vec![Reason::new("offer_open")]).into());
                }
                let hold = offer::hold(&mut act, during, had_rows, "offer.start").await?;
                says.offer = Some(offer::offered(&hold));
                let line = act.write.line(&hold, Event::Hold, None, &input.reason);
                act.write.changes.history.push(line);
                act.write.changes.created.push(hold);
            }
        }
        act.tell(MessageKind::BookingDeclined, says).await?;
        act.finish(Event::Decline, from, &input.reason, |line| line)
            .await
    })
    .await
}

/// Why something is given up.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivingUp {
    /// Told to the requester where staff cancel; staff must give one.
    #[schema(example = "活动取消", max_length = 500)]
    pub reason: String,
}

/// Takes a request back.
pub async fn withdraw(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &GivingUp,
) -> Result<Done, Problem> {
    give_up(
        db,
        asked,
        id,
        if_match,
        input,
        Operation::WithdrawBooking,
        Event::Withdraw,
    )
    .await
}

/// Cancels what was confirmed: its requester within the policy, staff with a reason (also a request).
pub async fn cancel(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &GivingUp,
) -> Result<Done, Problem> {
    give_up(
        db,
        asked,
        id,
        if_match,
        input,
        Operation::CancelBooking,
        Event::Cancel,
    )
    .await
}

/// Gives a hold back.
pub async fn release(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    give_up(
        db,
        asked,
        id,
        if_match,
        &GivingUp::default(),
        Operation::ReleaseBooking,
        Event::Release,
    )
    .await
}

async fn give_up(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &GivingUp,
    operation: Operation,
    event: Event,
) -> Result<Done, Problem> {
    if input.reason.chars().count() > 500 {
        return Err(Problem::field("reason", "too_long"));
    }
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, operation, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let had_rows = act.booking.has_rows();
        if event == Event::Cancel {
            may_cancel(&act, &input.reason)?;
        }
        if event == Event::Release {
            offer::note_refusal(&mut act).await?;
        }
        let from = act.transition(event).await?;
        let kind = match event {
            Event::Withdraw => Some(MessageKind::BookingWithdrawn),
            Event::Cancel => Some(MessageKind::BookingCancelled),
            _ => None,
        };
        let offer = match event {
            Event::Withdraw | Event::Cancel => {
                offer::take_back(&mut act.write, id, &BTreeSet::new()).await?
            }
            _ => None,
        };
        act.vacate(had_rows, offer.as_ref()).await?;
        end_change_request(&mut act).await?;
        if let Some(kind) = kind {
            act.in_calendars();
            act.tell(
                kind,
                Says {
                    reason: input.reason.clone(),
                    ..Says::default()
                },
            )
            .await?;
        }
        act.finish(event, from, &input.reason, |line| line).await
    })
    .await
}

fn may_cancel(act: &Act, reason: &str) -> Result<(), Problem> {
    if act.by_staff() {
        return reason_given(reason);
    }
    if act.booking.state == State::Requested {
        // requesters withdraw
        return Err(act::wrong_state(act.booking.state));
    }
    let breaches = act::before_deadline(&act.write, &act.booking);
    if breaches.is_empty() {
        Ok(())
    } else {
        Err(refuse::policy(breaches))
    }
}

/// A change request ends with its booking's confirmed state.
pub async fn end_change_request(act: &mut Act) -> Result<(), Fail> {
    if let Some(mut wish) = store::open_change_request(act.write.tx.conn(), act.booking.id).await? {
        wish.state = "ended".to_owned();
        act.write.changes.change_requests.push(wish);
    }
    Ok(())
}

/// Keeps a hold for longer, once.
pub async fn prolong(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::ProlongBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::Prolong).await?;
        if act.booking.prolonged || act.booking.offer_for.is_some() {
            return Err(Problem::new(Kind::Conflict)
                .because(vec![Reason::new("already_prolonged")])
                .into());
        }
        let minutes = TimeDelta::minutes(act.write.ground.policy.hold_minutes.into());
        act.booking.prolonged = true;
        act.booking.expires_at = Some(act.write.now + minutes);
        act.finish(Event::Prolong, from, "", |line| line).await
    })
    .await
}

/// A reason that people are told: there must be one.
pub fn reason_given(reason: &str) -> Result<(), Problem> {
    match reason.trim().chars().count() {
        0 => Err(Problem::field("reason", "required")),
        1..=500 => Ok(()),
        _ => Err(Problem::field("reason", "too_long")),
    }
}
