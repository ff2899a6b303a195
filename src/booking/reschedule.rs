//! Moving a booking: one atomic act, or a change request that an approver turns into one; and changes of its words.

use serde::Deserialize;
use serde_json::json;

use super::act::{self, Act, Done, Found};
use super::decide::{reason_given, tell_competitors};
use super::new_booking::{self, texts};
use super::notice::{self, Says};
use super::occupancy::{Asked, Fail};
use super::policy::{self, Breach, Wish};
use super::record::{Booking, ChangeRequest};
use super::refuse;
use super::request::{areas_of, group_of};
use super::state::{Event, State};
use super::store;
use super::view::{Contact, stamp};
use crate::audit;
use crate::catalogue::Access;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::problem::{Kind, Problem};
use crate::id::{AreaId, BookingId, ChangeRequestId, GuestLinkId, LayoutVersionId};
use crate::message::MessageKind;
use crate::routes::Operation;
use crate::span::Instant;

/// Where a booking shall move. What is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Moving {
    /// When the event shall start.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-02T06:00:00Z")]
    pub start: Option<Instant>,
    /// When it shall end.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-02T08:00:00Z")]
    pub end: Option<Instant>,
    /// The layout version that it shall have.
    pub layout_version_id: Option<LayoutVersionId>,
    /// The areas that it shall take.
    #[schema(max_items = 100, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    pub area_ids: Option<Vec<AreaId>>,
    /// Minutes before the event.
    #[schema(example = 30, minimum = 0, maximum = 480)]
    pub access_before_min: Option<i32>,
    /// Minutes after the event.
    #[schema(example = 0, minimum = 0, maximum = 480)]
    pub access_after_min: Option<i32>,
    /// How many people are expected.
    #[schema(example = 90, minimum = 1, maximum = 100000)]
    pub attendance: Option<i32>,
    /// Why: for a change request, and where staff override lead time, horizon, length, grid or deadline.
    #[schema(example = "嘉宾改期", max_length = 500)]
    pub reason: String,
}

impl Moving {
    /// What a change request asks for. On a floor the areas follow from the layout.
    fn to(wish: &ChangeRequest, floor: bool) -> Self {
        Self {
            start: Some(wish.during.start()),
            end: Some(wish.during.end()),
            layout_version_id: wish.layout_version_id,
            area_ids: (!floor).then(|| wish.area_ids.iter().collect()),
            access_before_min: Some(wish.access_before_min),
            access_after_min: Some(wish.access_after_min),
            attendance: Some(wish.attendance),
            reason: String::new(),
        }
    }
}

/// Moves the booking at once: what is not yet confirmed, what needs no approval, or what staff move.
pub async fn reschedule(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Moving,
) -> Result<Done, Problem> {
    check(input)?;
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::RescheduleBooking, id, if_match).await?
        {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let before = act.booking.clone();
        let from = act.transition(Event::Reschedule).await?;
        if from == State::Confirmed && !act.by_staff() && needs_approval(&act)? {
            return Err(Problem::new(Kind::ChangeRequestNeeded).into());
        }
        aim(&mut act, input)?;
        let overrides = judge(&act, &before, &input.reason)?;
        move_to(&mut act, &before, &input.reason).await?;
        let was = place_of(&before);
        act.finish(Event::Reschedule, from, &input.reason, |line| {
            line.overriding(overrides).changing(was)
        })
        .await
    })
    .await
}

/// Whether the requester's group needs an approver for this event here.
fn needs_approval(act: &Act) -> Result<bool, Problem> {
    let group = group_of(act)?;
    let access = policy::access(&act.write.ground, group, act.booking.event_type);
    access
        .map(|access| access == Access::Approval)
        .map_err(|breach| refuse::policy(vec![breach]))
}

/// Gives the booking its new place, judged as a new one would be.
fn aim(act: &mut Act, input: &Moving) -> Result<(), Problem> {
    let booking = &mut act.booking;
    booking.during = new_booking::span(
        input.start.unwrap_or(booking.during.start()),
        input.end.unwrap_or_else(|| match input.start {
            // only the start given: the event keeps its length
            Some(start) => start + booking.during.length(),
            None => booking.during.end(),
        }),
    )?;
    booking.access_before_min = input.access_before_min.unwrap_or(booking.access_before_min);
    booking.access_after_min = input.access_after_min.unwrap_or(booking.access_after_min);
    booking.attendance = input.attendance.unwrap_or(booking.attendance);
    let ground = &act.write.ground;
    let mut cap = ground.space.people_cap;
    if ground.space.pool_id.is_some() {
        if input.area_ids.is_some() {
            return Err(Problem::field("area_ids", "layout_decides_areas"));
        }
        // a version that was retired meanwhile may be kept, but not chosen
        let chosen = input.layout_version_id;
        let chosen = chosen.filter(|version| Some(*version) != booking.layout_version_id);
        let layout = match chosen {
            Some(version) => act::usable_layout(&act.write, version, booking.event_type)?,
            None => ground
                .layout(booking.layout_version_id)
                .ok_or_else(|| Problem::field("layout_version_id", "unknown"))?,
        };
        cap = cap.min(layout.capacity);
        booking.area_ids = layout.area_ids.iter().copied().collect();
        booking.layout_version_id = Some(layout.version_id);
    } else {
        if input.layout_version_id.is_some() {
            return Err(Problem::field("layout_version_id", "no_layouts_here"));
        }
        if let Some(named) = &input.area_ids {
            booking.area_ids = areas_of(ground, Some(named))?;
        }
        booking.tail_min = ground.space.turnaround_min;
    }
    if act.booking.attendance > cap {
        return Err(refuse::too_many(cap));
    }
    Ok(())
}

/// The policy's word on the new place, and on leaving the old one.
fn judge(act: &Act, before: &Booking, reason: &str) -> Result<Vec<String>, Problem> {
    let mut breaches = breaches(act, before)?;
    if act.booking.during != before.during && before.state == State::Confirmed {
        breaches.extend(act::before_deadline(&act.write, before));
    }
    act.write.judge(breaches, Some(reason))
}

/// The policy's word on a change request that is accepted: lead time, horizon and deadline were judged when it was
/// filed, but opening hours may have changed since.
fn judge_again(act: &Act, before: &Booking) -> Result<(), Problem> {
    let mut breaches = breaches(act, before)?;
    breaches.retain(|breach| breach.rule == policy::Rule::Hours);
    act.write.judge(breaches, None).map(|_| ())
}

/// What the policy says against the new time. A change of layout, areas or access times runs no rule about time again.
fn breaches(act: &Act, before: &Booking) -> Result<Vec<Breach>, Problem> {
    if act.booking.during == before.during {
        return Ok(Vec::new());
    }
    let wish = Wish {
        group: group_of(act)?,
        event_type: act.booking.event_type,
        during: act.booking.during,
        grace: chrono::TimeDelta::zero(),
    };
    Ok(policy::breaches(&act.write.ground, &wish, act.write.now))
}

/// Takes the new place and gives the old one up, in this one transaction; tells everybody whom it concerns.
async fn move_to(act: &mut Act, before: &Booking, reason: &str) -> Result<(), Fail> {
    if before.has_rows() {
        act.take(Some(before)).await?;
    }
    let start = act.booking.during.start();
    act.in_calendars();
    match act.booking.state {
        State::Requested => {
            // approvals so far were for another place
            act.write.changes.void_approvals.push(act.booking.id);
            let steps = act.write.ground.policy.steps(act.booking.attendance);
            act.booking.approval_steps = steps.try_into().unwrap_or(act.booking.approval_steps);
            act.booking.expires_at = Some(act::decide_by(&act.write, start));
        }
        State::Confirmed => act.booking.arrive_by = act::arrive_by(&act.write, start),
        _ => return Ok(()),
    }
    let says = Says {
        previously: Some(before.during),
        reason: reason.to_owned(),
        decide_by: act.booking.expires_at,
        ..Says::default()
    };
    act.booking.revision += 1;
    act.tell(MessageKind::BookingChanged, says.clone()).await?;
    if act.booking.state == State::Requested {
        let names = act.names().await?;
        let drafts = notice::to_deciders(
            MessageKind::RequestToDecide,
            &act.write.ground,
            &names,
            &act.booking,
            &says,
            &act.write.deciders,
        );
        act.write.changes.messages.extend(drafts);
    }
    act.booking.revision -= 1;
    tell_competitors(&mut act.write, &act.booking).await?;
    Ok(())
}

pub(super) fn place_of(booking: &Booking) -> serde_json::Value {
    json!({
        "start": stamp(booking.during.start()),
        "end": stamp(booking.during.end()),
        "access_before_min": booking.access_before_min,
        "access_after_min": booking.access_after_min,
        "layout_version_id": booking.layout_version_id,
        "area_ids": booking.area_ids.as_slice(),
        "attendance": booking.attendance,
    })
}

/// Files a wish to change a confirmed booking; the old slot stays until an approver makes the move.
pub async fn ask_for_change(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Moving,
) -> Result<Done, Problem> {
    check(input)?;
    act::attempt(|| async {
        let mut act =
            match Act::open(db, asked, Operation::CreateChangeRequest, id, if_match).await? {
                Found::Act(act) => *act,
                Found::Answered(done) => return Ok(done),
            };
        let before = act.booking.clone();
        if before.state != State::Confirmed {
            return Err(act::wrong_state(before.state).into());
        }
        aim(&mut act, input)?;
        judge(&act, &before, "")?;
        if let Some(mut earlier) = store::open_change_request(act.write.tx.conn(), id).await? {
            earlier.state = "withdrawn".to_owned();
            act.write.changes.change_requests.push(earlier);
        }
        let wish = ChangeRequest {
            id: ChangeRequestId::new(),
            booking_id: id,
            state: "open".to_owned(),
            during: act.booking.during,
            access_before_min: act.booking.access_before_min,
            access_after_min: act.booking.access_after_min,
            layout_version_id: act.booking.layout_version_id,
            area_ids: act.booking.area_ids.clone(),
            attendance: act.booking.attendance,
            reason: input.reason.clone(),
            requested_by: act.write.actor(),
            created_at: act.write.now,
            decided_by: None,
            decided_at: None,
            decision_reason: String::new(),
        };
        let names = act.names().await?;
        let says = Says {
            previously: Some(before.during),
            reason: input.reason.clone(),
            ..Says::default()
        };
        // the facts are those of the wish; the key is the wish's own
        let mut drafts = notice::to_deciders(
            MessageKind::ChangeToDecide,
            &act.write.ground,
            &names,
            &act.booking,
            &says,
            &act.write.deciders,
        );
        for draft in &mut drafts {
            draft.dedupe_key = format!("{}:{}", draft.dedupe_key, wish.id);
        }
        act.write.changes.messages.extend(drafts);
        let body = super::view::change_request_json(&wish);
        act.write.changes.new_change_requests.push(wish);
        let changed = vec![Change::of(
            ChangeKind::Booking,
            id.0,
            act.write.ground.venue.id,
            before.space_id,
        )];
        act.write.commit(201, &body).await?;
        Ok(Done {
            status: 201,
            body,
            changed,
        })
    })
    .await
}

/// What an approver, or the requester, does with a change request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Accept,
    Decline,
    Withdraw,
}

/// Decides on a change request. Accepting makes the move, judged against the present.
pub async fn settle_change(
    db: &Db,
    asked: &Asked,
    id: ChangeRequestId,
    verdict: Verdict,
    reason: &str,
) -> Result<Done, Problem> {
    let operation = match verdict {
        Verdict::Accept => Operation::AcceptChangeRequest,
        Verdict::Decline => Operation::DeclineChangeRequest,
        Verdict::Withdraw => Operation::WithdrawChangeRequest,
    };
    if verdict == Verdict::Decline {
        reason_given(reason)?;
    }
    act::attempt(|| async {
        let booking_id = store::change_request(&*db.conn().await?, id)
            .await?
            .booking_id;
        let mut act = match Act::open(db, asked, operation, booking_id, &IfMatch::Absent).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let mut wish = store::change_request(act.write.tx.conn(), id).await?;
        let begun = act.booking.during.start() <= act.write.now;
        if wish.state != "open" || act.booking.state != State::Confirmed || begun {
            return Err(Problem {
                state: Some(closed_state(&wish.state)),
                ..Problem::new(Kind::WrongState)
            }
            .into());
        }
        let before = act.booking.clone();
        wish.decided_at = Some(act.write.now);
        wish.decided_by = act.write.actor();
        wish.decision_reason = reason.to_owned();
        match verdict {
            Verdict::Accept => {
                if wish.during.start() <= act.write.now {
                    return Err(Problem::field("start", "in_past").into());
                }
                let floor = act.write.ground.space.pool_id.is_some();
                aim(&mut act, &Moving::to(&wish, floor))?;
                judge_again(&act, &before)?;
                wish.state = "accepted".to_owned();
                act.write.changes.change_requests.push(wish);
                move_to(&mut act, &before, "").await?;
                let was = place_of(&before);
                act.finish(Event::Reschedule, before.state, reason, |line| {
                    line.changing(was)
                })
                .await
            }
            Verdict::Decline | Verdict::Withdraw => {
                let declined = verdict == Verdict::Decline;
                wish.state = if declined { "declined" } else { "withdrawn" }.to_owned();
                if declined {
                    let names = act.names().await?;
                    let says = Says {
                        reason: reason.to_owned(),
                        ..Says::default()
                    };
                    let mut draft = notice::to_requester(
                        MessageKind::ChangeDeclined,
                        &act.write.ground,
                        &names,
                        &act.booking,
                        says,
                    );
                    draft.dedupe_key = format!("{}:{}", draft.dedupe_key, wish.id);
                    act.write.changes.messages.push(draft);
                    let (conn, venue) = (act.write.tx.conn(), act.write.ground.venue.id);
                    let (kind, actor) = ("change_request", act.write.actor());
                    audit::store::record(conn, actor, Some(venue), "decline", kind, wish.id.0, &[])
                        .await?;
                }
                let body = super::view::change_request_json(&wish);
                act.write.changes.change_requests.push(wish);
                let changed = vec![Change::of(
                    ChangeKind::Booking,
                    booking_id.0,
                    act.write.ground.venue.id,
                    before.space_id,
                )];
                act.write.commit(200, &body).await?;
                Ok(Done {
                    status: 200,
                    body,
                    changed,
                })
            }
        }
    })
    .await
}

fn closed_state(state: &str) -> &'static str {
    match state {
        "accepted" => "accepted",
        "declined" => "declined",
        "withdrawn" => "withdrawn",
        _ => "ended",
    }
}

/// Words of a booking to be changed. What is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Editing {
    /// What it is called.
    #[schema(example = "新产品路演（二）", min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Whether the title may be shown in public.
    #[schema(example = true)]
    pub title_public: Option<bool>,
    /// What the crew should know, in words.
    #[schema(example = "需要两支话筒", max_length = 2000)]
    pub needs: Option<String>,
    /// Whom to speak to.
    pub contact: Option<Contact>,
}

/// Changes the words of a booking: no rule of occupancy is asked again.
pub async fn edit(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Editing,
) -> Result<Done, Problem> {
    let errors = texts(
        input.title.as_deref().unwrap_or("-"),
        input.needs.as_deref().unwrap_or(""),
        input.contact.as_ref(),
    );
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::EditBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::Edit).await?;
        let before = act.booking.clone();
        let by_guest = act.write.by_guest();
        let booking = &mut act.booking;
        if let Some(title) = &input.title {
            booking.title = title.trim().to_owned();
        }
        booking.title_public = input.title_public.unwrap_or(booking.title_public);
        if let Some(needs) = &input.needs {
            booking.needs.clone_from(needs);
        }
        if let Some(contact) = &input.contact {
            let moved = contact.email.as_deref().map(str::to_lowercase)
                != before.contact_email.as_deref().map(str::to_lowercase);
            if moved && by_guest {
                return Err(Problem::field("contact.email", "confirmed_address").into());
            }
            if moved && booking.is_guests() {
                // what went to the old address opens nothing any more
                booking.guest_link = contact.email.as_ref().map(|_| GuestLinkId::new());
            }
            booking.contact_name.clone_from(&contact.name);
            booking.contact_email.clone_from(&contact.email);
            booking.contact_phone.clone_from(&contact.phone);
        }
        if booking.title != before.title && booking.state == State::Confirmed {
            act.in_calendars();
            act.booking.revision += 1;
            act.tell(MessageKind::BookingChanged, Says::default()).await?;
            act.booking.revision -= 1;
        }
        let was = json!({ "title": before.title, "title_public": before.title_public, "needs": before.needs });
        act.finish(Event::Edit, from, "", |line| line.changing(was)).await
    })
    .await
}

fn check(input: &Moving) -> Result<(), Problem> {
    for (field, value) in [
        ("access_before_min", input.access_before_min),
        ("access_after_min", input.access_after_min),
    ] {
        match value {
            Some(..0) => return Err(Problem::field(field, "too_small")),
            Some(481..) => return Err(Problem::field(field, "too_large")),
            _ => {}
        }
    }
    match input.attendance {
        Some(..1) => return Err(Problem::field("attendance", "too_small")),
        Some(100_001..) => return Err(Problem::field("attendance", "too_large")),
        _ => {}
    }
    if input.reason.chars().count() > 500 {
        return Err(Problem::field("reason", "too_long"));
    }
    Ok(())
}
