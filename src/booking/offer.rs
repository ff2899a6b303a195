//! Another slot, offered by staff: held for the requester until they answer. Together with a decline, or proposed while the
//! request, or the confirmed booking, stands: then whoever accepts moves the booking there in one transaction.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::act::{self, Act, Done, Found};
use super::area_set::AreaSet;
use super::chain::Intent;
use super::decide::{end_change_request, tell_competitors};
use super::new_booking;
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail, Write, hull};
use super::record::{Booking, HistoryLine};
use super::reference;
use super::request::confirmed;
use super::reschedule::place_of;
use super::state::{self, Event, State};
use super::store;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::problem::{Kind, Problem, Reason};
use crate::id::{BookingId, GuestLinkId};
use crate::message::{MessageKind, Offer};
use crate::routes::Operation;
use crate::span::{Instant, Span};

/// Another slot for a booking, and why.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposing {
    /// When the event would start.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T06:00:00Z")]
    pub start: Instant,
    /// When it would end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T08:00:00Z")]
    pub end: Instant,
    /// Told to the requester as it stands here.
    #[serde(default)]
    #[schema(example = "当天下午有全馆活动", max_length = 500)]
    pub reason: String,
}

/// Holds another slot for the requester while the booking stays as it is.
pub async fn propose(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Proposing,
) -> Result<Done, Problem> {
    let during = new_booking::span(input.start, input.end)?;
    new_booking::reason(&input.reason)?;
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::ProposeSlot, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::Propose).await?;
        if store::open_offer(act.write.tx.conn(), id).await?.is_some() {
            let open = Problem::new(Kind::Conflict).because(vec![Reason::new("offer_open")]);
            return Err(open.into());
        }
        // nothing is held twice: what overlaps is a reschedule, or a decline with an offer
        if act.booking.has_rows() && during.overlaps(&act.booking.taken()) {
            return Err(Problem::field("start", "overlaps_own").into());
        }
        let hold = hold(&mut act, during, false, "start").await?;
        let says = Says {
            reason: input.reason.clone(),
            offer: Some(offered(&hold)),
            ..Says::default()
        };
        let line = act.write.line(&hold, Event::Hold, None, &input.reason);
        act.write.changes.history.push(line);
        let was = json!({ "offer": hold.reference });
        act.write.changes.created.push(hold);
        act.tell(MessageKind::SlotProposed, says).await?;
        act.finish(Event::Propose, from, &input.reason, |line| {
            line.changing(was)
        })
        .await
    })
    .await
}

/// What a message says of an offered slot.
pub fn offered(hold: &Booking) -> Offer {
    Offer {
        reference: hold.reference.clone(),
        during: hold.during,
        answer_by: hold.expires_at.unwrap_or(hold.during.start()),
        guest_link: hold.guest_link,
    }
}

/// Another slot in the same place, held for the requester. The booking's own rows go first where they go anyway
/// (`instead`). `field` names what is wrong with the slot.
pub async fn hold(
    act: &mut Act,
    during: Span,
    instead: bool,
    field: &'static str,
) -> Result<Booking, Fail> {
    let ground = &act.write.ground;
    if during.start() <= act.write.now {
        return Err(Problem::field(field, "in_past").into());
    }
    if !ground.is_open_for(&during) {
        return Err(Problem::field(field, "closed_then").into());
    }
    let days = ground.policy.offer_workdays;
    let until = ground.opening.end_of_nth_workday(act.write.now, days);
    let hold = Booking {
        id: BookingId::new(),
        reference: reference::fresh(),
        state: State::Held,
        during,
        holds_slot: true,
        offer_for: Some(act.booking.id),
        expires_at: Some(until.min(during.start())),
        prolonged: false,
        arrive_by: None,
        sequence: 0,
        revision: 1,
        created_at: act.write.now,
        guest_link: act.booking.guest_link.map(|_| GuestLinkId::new()),
        ..act.booking.clone()
    };
    let given_up = instead.then_some(act.booking.id);
    let intent = Intent {
        remove: given_up.into_iter().collect(),
        place: act::rows(&hold),
        ..Intent::default()
    };
    let reach = match given_up {
        Some(_) => hull(act.booking.taken(), hold.taken()),
        None => hold.taken(),
    };
    match act.write.occupy(&hold.area_ids, reach, intent).await {
        Err(Fail::Refused(refusal)) => {
            let group = act.write.whose_group(&hold).await?;
            let wanted = act::wanted(&hold, group, given_up);
            Err(act.write.refused(&refusal, &wanted, &hold).await)
        }
        other => other.map(|()| hold),
    }
}

/// The booking that a proposal is for, where it still stands: accepting moves it.
pub async fn original(act: &Act) -> Result<Option<Booking>, Fail> {
    let Some(id) = act.booking.offer_for else {
        return Ok(None);
    };
    let original = store::booking_locked(act.write.tx.conn(), id).await?;
    let stands = matches!(original.state, State::Requested | State::Confirmed);
    Ok(stands.then_some(original))
}

/// The requester accepts: the booking moves to the slot that was held for it and is confirmed there.
pub async fn accept(mut act: Act, original: Booking) -> Result<Done, Fail> {
    let from = original.state;
    let mut hold = act.booking.clone();
    let held = act.transition(Event::Release).await?;
    hold.state = act.booking.state;
    hold.expires_at = None;
    hold.revision += 1;
    let mut moved = Booking {
        state: state::after(Some(from), Event::AcceptOffer).map_err(|_| act::wrong_state(from))?,
        during: hold.during,
        access_before_min: hold.access_before_min,
        access_after_min: hold.access_after_min,
        tail_min: hold.tail_min,
        layout_version_id: hold.layout_version_id,
        area_ids: hold.area_ids.clone(),
        attendance: hold.attendance,
        holds_slot: true,
        sequence: original.sequence + 1,
        revision: original.revision + 1,
        ..original.clone()
    };
    confirmed(&act.write, &mut moved);
    let mut remove = BTreeSet::from([hold.id]);
    if original.has_rows() {
        remove.insert(original.id);
    }
    let intent = Intent {
        remove,
        place: act::rows(&moved),
        ..Intent::default()
    };
    let areas: AreaSet = (original.area_ids.iter())
        .chain(moved.area_ids.iter())
        .collect();
    let reach = hull(original.taken(), moved.taken());
    act.write.occupy(&areas, reach, intent).await?;

    let names = act.write.names(&moved).await?;
    let says = Says {
        previously: Some(original.during),
        ..Says::default()
    };
    let kind = match from {
        State::Confirmed => MessageKind::BookingChanged,
        _ => MessageKind::BookingConfirmed,
    };
    let draft = notice::to_requester(kind, &act.write.ground, &names, &moved, says);
    act.write.changes.messages.push(draft);
    tell_competitors(&mut act.write, &moved).await?;
    act.booking = moved.clone();
    end_change_request(&mut act).await?;
    let released = act.write.line(&hold, Event::Release, Some(held), "");
    let accepted = act.write.line(&moved, Event::AcceptOffer, Some(from), "");
    let changes = &mut act.write.changes;
    changes.history.push(released);
    changes.history.push(accepted.changing(place_of(&original)));
    changes.void_approvals.push(moved.id);
    changes.updated.extend([hold, moved.clone()]);
    act.write.finish(200, &moved).await
}

/// The booking goes, given up or out of time, and with it the slot that was proposed for it: it is released, its rows have to
/// go in the same plan. `None` where there is none, or where it is among what is `going` in this write anyway.
pub async fn take_back(
    write: &mut Write,
    original: BookingId,
    going: &BTreeSet<BookingId>,
) -> Result<Option<Booking>, Fail> {
    let Some(mut hold) = store::open_offer(write.tx.conn(), original).await? else {
        return Ok(None);
    };
    let mut updated = write.changes.updated.iter();
    if going.contains(&hold.id) || updated.any(|booking| booking.id == hold.id) {
        return Ok(None);
    }
    let from = hold.state;
    hold.state = state::after(Some(from), Event::Release).map_err(|_| act::wrong_state(from))?;
    hold.expires_at = None;
    hold.revision += 1;
    let line = write.line(&hold, Event::Release, Some(from), "");
    write.changes.history.push(line);
    write.changes.updated.push(hold.clone());
    Ok(Some(hold))
}

/// The requester refuses: the booking's own history says so, too.
pub async fn note_refusal(act: &mut Act) -> Result<(), Fail> {
    if act.by_staff() {
        return Ok(());
    }
    let Some(original) = original(act).await? else {
        return Ok(());
    };
    let state = original.state;
    let line: HistoryLine = act
        .write
        .line(&original, Event::RefuseOffer, Some(state), "");
    let refused = json!({ "offer": act.booking.reference });
    act.write.changes.history.push(line.changing(refused));
    Ok(())
}
