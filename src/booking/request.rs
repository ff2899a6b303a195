//! Asking for a slot: a hold, a request, or (where the policy or the front desk may) a booking confirmed at once.

use chrono::TimeDelta;
use diesel::OptionalExtension as _;

use super::act::{self, Act, Done, Found};
use super::area_set::AreaSet;
use super::chain::Intent;
use super::closing;
use super::decide::tell_competitors;
use super::new_booking::{Mode, NewBooking};
use super::notice::{self, Says};
use super::occupancy::{Asked, By, Fail, Opened, Write, hull};
use super::offer;
use super::policy::{self, Wish};
use super::record::{Approval, Booking};
use super::reference;
use super::state::{self, Event, State};
use super::store;
use super::view::Contact;
use crate::catalogue::{Access, Group, Requests, SpaceKind};
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::problem::{Kind, Problem};
use crate::id::{AreaId, BookingId, GuestLinkId, UserId};
use crate::identity::organisation::OrganisationState;
use crate::identity::organisation::store::organisation;
use crate::identity::{Caller, Role};
use crate::language::Locale;
use crate::message::{MessageKind, address};
use crate::routes::Operation;
use crate::span::Span;

/// How long a slot is kept for somebody without an account until they use the link in their mail.
const GUEST_MINUTES: i64 = 30;

/// Makes the booking, or says why not and what would work.
pub async fn create(db: &Db, asked: &Asked, input: &NewBooking) -> Result<Done, Problem> {
    let during = input.checked()?;
    act::attempt(|| create_once(db, asked, input, during, None)).await
}

/// Where a request without an account comes from.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The language of the mails.
    pub locale: Locale,
    /// Whose network address it is.
    pub network: String,
}

/// Keeps the slot for somebody without an account until they confirm their address, which makes it a request
/// ([`submit`]).
pub async fn create_for_guest(
    db: &Db,
    asked: &Asked,
    input: &NewBooking,
    visit: &Visit,
) -> Result<Done, Problem> {
    let during = input.checked()?;
    act::attempt(|| create_once(db, asked, input, during, Some(visit))).await
}

/// For whom a booking is made.
struct Applicant {
    user_id: Option<UserId>,
    group: Group,
    contact: Contact,
    locale: Locale,
}

impl Applicant {
    /// Whoever is signed in; or, where staff name somebody else, that person.
    fn of(caller: &Caller, group: Group, input: &NewBooking) -> Self {
        let for_another = input.contact.is_some() && group == Group::Staff;
        Self {
            user_id: (!for_another).then_some(caller.user_id),
            group,
            contact: input.contact.clone().unwrap_or_else(|| Contact {
                name: caller.name.clone(),
                email: Some(caller.email.clone()),
                phone: caller.phone.clone(),
            }),
            locale: match input.locale {
                Some(locale) if for_another => locale,
                _ => caller.locale,
            },
        }
    }
}

async fn create_once(
    db: &Db,
    asked: &Asked,
    input: &NewBooking,
    during: Span,
    visit: Option<&Visit>,
) -> Result<Done, Fail> {
    let reach = input.reach(during);
    let opened = Write::open_with(
        db,
        asked,
        input.space_id,
        input.layout_version_id,
        Some(reach),
    );
    let mut write = match opened.await? {
        Opened::Write(write) => *write,
        Opened::Answered { status, answer } => return Ok(Done::again(status, answer)),
    };
    let caller = write.caller().cloned();
    match (&caller, visit) {
        (Some(caller), _) => Operation::CreateBooking.admit(caller)?,
        (None, Some(_)) => {}
        (None, None) => return Err(Problem::new(Kind::NotSignedIn).into()),
    }
    let areas = place(&write, input)?;
    let applicant = match (visit, &caller) {
        (Some(visit), _) => visitor(&write, input, visit).await?,
        (None, Some(caller)) => {
            Applicant::of(caller, write.group(caller, input.organisation_id)?, input)
        }
        (None, None) => return Err(Problem::new(Kind::NotSignedIn).into()),
    };
    for_whom(&write, &applicant, input).await?;
    let group = applicant.group;
    let at_desk = caller.as_ref().is_some_and(|caller| {
        let (venue, space) = (write.ground.venue.id, write.ground.space.id);
        caller.is_staff(&[Role::FrontDesk, Role::Admin], venue, Some(space))
    });
    if input.mode == Mode::WalkIn && !at_desk {
        return Err(Problem::field("mode", "front_desk_only").into());
    }
    let access = policy::access(&write.ground, group, input.event_type)
        .map_err(|breach| super::refuse::policy(vec![breach]))?;
    let (overrides, override_reason) = judge_time(&write, group, input, during)?;

    let (event, approver) = match input.mode {
        Mode::Hold => (Event::Hold, None),
        Mode::Request => asking(&write, access, write.ground.policy.steps(input.attendance)),
        Mode::WalkIn => (Event::Confirm, None),
    };
    let state = match event {
        Event::Hold => State::Held,
        Event::Request => State::Requested,
        _ => State::Confirmed,
    };
    state::after(None, event).map_err(|_| act::wrong_state(state))?;
    let booking = new_booking(&write, applicant, input, during, areas, state);
    let conn = write.tx.conn();
    let replaced = match (state, booking.requester_id, &booking.contact_email) {
        (State::Held, Some(person), _) => store::own_hold(conn, person, booking.space_id).await?,
        (State::Held, None, Some(email)) => {
            store::guests::guests_hold(conn, email, booking.space_id).await?
        }
        _ => None,
    };
    take_place(&mut write, input, &booking, group, replaced.as_ref()).await?;
    if let Some(hold) = replaced {
        release(&mut write, hold);
    }
    announce(&mut write, &booking, approver).await?;
    tell_competitors(&mut write, &booking).await?;
    let line = write.line(&booking, event, None, override_reason);
    write.changes.history.push(line.overriding(overrides));
    write.changes.created.push(booking.clone());
    write
        .changes
        .approvals
        .extend(approver.map(|by| Approval::new(booking.id, by, write.now)));
    write.finish(201, &booking).await
}

/// What asking comes to: a request; or a confirmed booking, where the policy needs no approval or that of the approver who
/// asks is the only one. And whose approval it is.
fn asking(write: &Write, access: Access, steps: u32) -> (Event, Option<UserId>) {
    if access == Access::AtOnce {
        return (Event::Confirm, None);
    }
    let (venue, space) = (write.ground.venue.id, write.ground.space.id);
    let caller = write.caller();
    let approver = caller.filter(|caller| caller.is_staff(&[Role::Approver], venue, Some(space)));
    match approver {
        Some(caller) if steps <= 1 => (Event::Confirm, Some(caller.user_id)),
        Some(caller) => (Event::Request, Some(caller.user_id)),
        None => (Event::Request, None),
    }
}

/// What only staff can get wrong: for whom they book. That there is such an organisation and that it is verified, and that
/// somebody without an account can be reached.
async fn for_whom(write: &Write, applicant: &Applicant, input: &NewBooking) -> Result<(), Fail> {
    if applicant.group != Group::Staff {
        return Ok(());
    }
    if let Some(id) = input.organisation_id {
        let code = match organisation(write.tx.conn(), id).await.optional()? {
            Some(known) if known.state == OrganisationState::Verified => None,
            Some(_) => Some("organisation_not_verified"),
            None => Some("unknown"),
        };
        if let Some(code) = code {
            return Err(Problem::field("organisation_id", code).into());
        }
    }
    let contact = &applicant.contact;
    if applicant.user_id.is_none() && contact.email.is_none() && contact.phone.is_none() {
        return Err(Problem::field("contact.phone", "email_or_phone").into());
    }
    Ok(())
}

/// Takes what the booking stands on, giving up what its hold stood on; those in the way go only where a reason is given.
async fn take_place(
    write: &mut Write,
    input: &NewBooking,
    booking: &Booking,
    group: Group,
    replaced: Option<&Booking>,
) -> Result<(), Fail> {
    let had_rows = replaced.filter(|hold| hold.has_rows());
    if !booking.has_rows() && had_rows.is_none() {
        return Ok(());
    }
    let intent = Intent {
        remove: had_rows.iter().map(|hold| hold.id).collect(),
        place: if booking.has_rows() {
            act::rows(booking)
        } else {
            Vec::new()
        },
        ..Intent::default()
    };
    let touched = had_rows
        .iter()
        .flat_map(|hold| hold.area_ids.iter())
        .chain(booking.area_ids.iter())
        .collect();
    let reach = had_rows.map_or(booking.taken(), |hold| hull(hold.taken(), booking.taken()));
    let reason = input.displace_reason.as_deref().map(str::trim);
    let displaced = match reason {
        None => write
            .occupy(&touched, reach, intent)
            .await
            .map(|()| Vec::new()),
        Some(reason) => {
            may_displace(write, booking)?;
            let room = closing::Room {
                areas: touched,
                reach,
                within: booking.taken(),
                intent,
            };
            closing::make_room(write, &room, true, reason).await
        }
    };
    match displaced {
        Err(Fail::Refused(refusal)) => {
            let wanted = act::wanted(booking, group, had_rows.map(|hold| hold.id));
            Err(write.refused(&refusal, &wanted, booking).await)
        }
        Err(other) => Err(other),
        Ok(displaced) => {
            for other in &displaced {
                let reason = reason.unwrap_or_default();
                closing::tell_displaced(write, other, reason, booking.taken()).await?;
            }
            Ok(())
        }
    }
}

/// Whether the caller may take others' place with this booking, at once.
fn may_displace(write: &Write, booking: &Booking) -> Result<(), Problem> {
    let (venue, space) = (write.ground.venue.id, Some(write.ground.space.id));
    let may = write
        .caller()
        .is_some_and(|caller| caller.is_staff(&[Role::Approver, Role::Admin], venue, space));
    if !may || booking.state != State::Confirmed {
        return Err(Problem::field("displace_reason", "approvers_only"));
    }
    Ok(())
}

/// Somebody without an account: counted before anything is kept for them.
async fn visitor(write: &Write, input: &NewBooking, visit: &Visit) -> Result<Applicant, Fail> {
    let contact = input.contact.clone().unwrap_or_default();
    let email = contact.email.as_deref().unwrap_or_default();
    let (conn, space_id) = (write.tx.conn(), write.ground.space.id);
    if !store::guests::count_request(conn, email, &visit.network, space_id).await? {
        return Err(Problem {
            retry_after_s: Some(3600),
            ..Problem::new(Kind::TooManyRequests)
        }
        .into());
    }
    Ok(Applicant {
        user_id: None,
        group: Group::Guest,
        contact,
        locale: visit.locale,
    })
}

/// A hold becomes a request (or, where the policy needs no approval, a confirmed booking).
pub async fn submit(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
) -> Result<Done, Problem> {
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::SubmitBooking, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        if act.booking.offer_for.is_some()
            && let Some(original) = offer::original(&act).await?
        {
            return offer::accept(act, original).await;
        }
        if let (By::Guest(_), Some(email)) = (&act.write.by, &act.booking.contact_email) {
            address::confirmed(act.write.tx.conn(), email).await?;
        }
        let offered = act.booking.offer_for.is_some();
        let group = group_of(&act)?;
        let access = policy::access(&act.write.ground, group, act.booking.event_type)
            .map_err(|b| super::refuse::policy(vec![b]))?;
        let steps = act.booking.approval_steps.unsigned_abs();
        let (event, approver) = match offered {
            true => (Event::Confirm, None),
            false => asking(&act.write, access, steps),
        };
        let from = act.transition(event).await?;
        let start = act.booking.during.start();
        match event {
            Event::Request => act.booking.expires_at = Some(act::decide_by(&act.write, start)),
            _ => confirmed(&act.write, &mut act.booking),
        }
        if !act.booking.holds_slot && act.booking.state == State::Confirmed {
            act.booking.holds_slot = true;
            act.take(None).await?;
        }
        let approvals = approver.map(|by| Approval::new(act.booking.id, by, act.write.now));
        act.write.changes.approvals.extend(approvals);
        let mut booking = act.booking.clone();
        booking.revision += 1;
        announce(&mut act.write, &booking, approver).await?;
        tell_competitors(&mut act.write, &booking).await?;
        act.finish(event, from, "", |line| line).await
    })
    .await
}

/// Which group the booking's policy speaks of.
pub fn group_of(act: &Act) -> Result<Group, Problem> {
    match &act.write.by {
        By::Caller(caller) => act.write.group(caller, act.booking.organisation_id),
        By::Guest(_) | By::Visitor => Ok(Group::Guest),
        By::Product => Ok(Group::Staff),
    }
}

/// What confirming sets, besides the state.
pub fn confirmed(write: &Write, booking: &mut Booking) {
    booking.expires_at = None;
    booking.check_in = write.ground.policy.check_in;
    booking.arrive_by = act::arrive_by(write, booking.during.start());
}

/// Tells the requester, and whoever decides and has not (`approver`).
async fn announce(
    write: &mut Write,
    booking: &Booking,
    approver: Option<UserId>,
) -> Result<(), Fail> {
    let kind = match booking.state {
        State::Requested => MessageKind::BookingReceived,
        State::Confirmed => MessageKind::BookingConfirmed,
        State::Held if matches!(write.by, By::Visitor) => MessageKind::RequestToConfirm,
        _ => return Ok(()),
    };
    let names = write.names(booking).await?;
    let says = match booking.state {
        State::Held => Says {
            answer_by: booking.expires_at,
            ..Says::default()
        },
        _ => Says {
            decide_by: booking.expires_at,
            ..Says::default()
        },
    };
    write.changes.messages.push(notice::to_requester(
        kind,
        &write.ground,
        &names,
        booking,
        says.clone(),
    ));
    if booking.state == State::Requested {
        let mut deciders = write.deciders.clone();
        deciders.retain(|decider| Some(decider.id) != approver);
        let drafts = notice::to_deciders(
            MessageKind::RequestToDecide,
            &write.ground,
            &names,
            booking,
            &says,
            &deciders,
        );
        write.changes.messages.extend(drafts);
    }
    Ok(())
}

fn release(write: &mut Write, mut hold: Booking) {
    let from = hold.state;
    hold.state = State::Released;
    hold.expires_at = None;
    hold.revision += 1;
    let line = write.line(&hold, Event::Release, Some(from), "");
    write.changes.history.push(line);
    write.changes.updated.push(hold);
}

fn new_booking(
    write: &Write,
    applicant: Applicant,
    input: &NewBooking,
    during: Span,
    areas: AreaSet,
    state: State,
) -> Booking {
    let ground = &write.ground;
    let contact = applicant.contact;
    // whoever has no account and can be written to looks after it by a link
    let nobodys = applicant.user_id.is_none() && input.organisation_id.is_none();
    let guest = nobodys && contact.email.is_some();
    let mut booking = Booking {
        id: BookingId::new(),
        reference: reference::fresh(),
        space_id: ground.space.id,
        state,
        during,
        access_before_min: input.access_before_min,
        access_after_min: input.access_after_min,
        tail_min: if ground.space.pool_id.is_none() {
            ground.space.turnaround_min
        } else {
            0
        },
        released_at: None,
        layout_version_id: input.layout_version_id,
        area_ids: areas,
        holds_slot: state == State::Confirmed || ground.policy.requests == Requests::Hold,
        offer_for: None,
        event_type: input.event_type,
        title: input.title.trim().to_owned(),
        title_public: input.title_public,
        attendance: input.attendance,
        needs: input.needs.clone(),
        organisation_id: input.organisation_id,
        requester_id: applicant.user_id,
        contact_name: contact.name,
        contact_email: contact.email,
        contact_phone: contact.phone,
        locale: applicant.locale.tag().to_owned(),
        approval_steps: ground
            .policy
            .steps(input.attendance)
            .try_into()
            .unwrap_or(1),
        expires_at: None,
        prolonged: false,
        check_in: ground.policy.check_in,
        arrive_by: None,
        sequence: 0,
        revision: 1,
        created_at: write.now,
        guest_link: guest.then(GuestLinkId::new),
    };
    match state {
        State::Held => {
            let minutes = match write.by {
                By::Visitor => GUEST_MINUTES,
                _ => ground.policy.hold_minutes.into(),
            };
            booking.expires_at = Some(write.now + TimeDelta::minutes(minutes));
        }
        State::Requested => booking.expires_at = Some(act::decide_by(write, during.start())),
        _ => confirmed(write, &mut booking),
    }
    booking
}

/// What the policy says of the time, and which of its rules staff override, with the reason.
fn judge_time<'a>(
    write: &Write,
    group: Group,
    input: &'a NewBooking,
    during: Span,
) -> Result<(Vec<String>, &'a str), Problem> {
    let walk_in = input.mode == Mode::WalkIn;
    // a walk-in began when they came to the desk
    let grace = TimeDelta::minutes(if walk_in { 15 } else { 0 });
    let wish = Wish {
        group,
        event_type: input.event_type,
        during,
        grace,
    };
    let breaches = policy::breaches(&write.ground, &wish, write.now);
    let reason = match (&input.override_reason, walk_in) {
        (Some(reason), _) => reason.as_str(),
        (None, true) => "walk-in",
        (None, false) => "",
    };
    Ok((write.judge(breaches, Some(reason))?, reason))
}

/// The areas that the booking takes: on a floor those that its layout claims.
fn place(write: &Write, input: &NewBooking) -> Result<AreaSet, Problem> {
    let ground = &write.ground;
    if !ground.space.active
        || !matches!(
            ground.space.kind,
            SpaceKind::Reconfigurable | SpaceKind::Room
        )
    {
        return Err(super::refuse::not_bookable(ground));
    }
    let mut cap = ground.space.people_cap;
    let areas = if ground.space.pool_id.is_some() {
        if input.area_ids.is_some() {
            return Err(Problem::field("area_ids", "layout_decides_areas"));
        }
        let version = input.layout_version_id;
        let version = version.ok_or_else(|| Problem::field("layout_version_id", "required"))?;
        let layout = act::usable_layout(write, version, input.event_type)?;
        cap = cap.min(layout.capacity);
        layout.area_ids.iter().copied().collect()
    } else {
        if input.layout_version_id.is_some() {
            return Err(Problem::field("layout_version_id", "no_layouts_here"));
        }
        areas_of(ground, input.area_ids.as_deref())?
    };
    if input.attendance > cap {
        return Err(super::refuse::too_many(cap));
    }
    Ok(areas)
}

/// The named areas of a space without a floor; all of them where none are named.
pub fn areas_of(
    ground: &crate::catalogue::Ground,
    named: Option<&[AreaId]>,
) -> Result<AreaSet, Problem> {
    match named {
        None => Ok(ground.areas.iter().map(|area| area.id).collect()),
        Some([]) => Err(Problem::field("area_ids", "required")),
        Some(ids)
            if ids
                .iter()
                .any(|id| ground.areas.iter().all(|area| area.id != *id)) =>
        {
            Err(Problem::field("area_ids", "unknown"))
        }
        Some(ids) => Ok(ids.iter().copied().collect()),
    }
}
