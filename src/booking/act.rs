//! What all acts on a booking share: finding and locking it, judging who asks, writing what became of it, and saying so.

use chrono::TimeDelta;

use super::area_set::AreaSet;
use super::chain::{Intent, NewRow, Refusal, What};
use super::notice::{self, Says};
use super::occupancy::{Asked, By, Fail, Opened, Write, hull};
use super::policy::{self, Breach};
use super::record::{Booking, HistoryLine};
use super::slots::{self, Wanted};
use super::state::{self, Event, State};
use super::store::{self, Names};
use super::{refuse, view};
use crate::catalogue::{Group, LayoutChoice};
use crate::db::{Db, DbError};
use crate::http::etag::{ETag, IfMatch};
use crate::http::notifier::{Change, ChangeKind};
use crate::http::problem::{Alternative, Kind, Problem};
use crate::id::{BookingId, LayoutVersionId, OrganisationId};
use crate::identity::organisation::store::organisation;
use crate::identity::{Caller, MemberRole, Role};
use crate::message::MessageKind;
use crate::routes::{Object, Operation};
use crate::span::{Instant, Span};

/// How often a transaction that Postgres wants again is tried.
const TRIES: usize = 3;

/// What an act comes to: the answer to its caller.
#[derive(Debug, Clone)]
pub struct Done {
    pub status: u16,
    pub body: String,
    /// What changed, for those who watch. Empty when the same request was answered before.
    pub changed: Vec<Change>,
}

/// An act on a booking that is there: the write, and the booking as it stands.
pub struct Act {
    pub write: Write,
    pub booking: Booking,
}

/// What finding the booking comes to.
pub enum Found {
    Act(Box<Act>),
    Answered(Done),
}

/// Staff who run bookings.
pub const STAFF: &[Role] = &[Role::Approver, Role::FrontDesk, Role::Admin];

impl Act {
    /// Locks the booking's space, reads the booking again, and judges whether the caller may do this to it. The product
    /// itself (no caller) may do everything.
    pub async fn open(
        db: &Db,
        asked: &Asked,
        operation: Operation,
        id: BookingId,
        if_match: &IfMatch,
    ) -> Result<Found, Fail> {
        let space_id = store::space_of(&*db.conn().await?, id).await?;
        let write = match Write::open(db, asked, space_id).await? {
            Opened::Write(write) => *write,
            Opened::Answered { status, answer } => {
                return Ok(Found::Answered(Done::again(status, answer)));
            }
        };
        let booking = store::booking_locked(write.tx.conn(), id).await?;
        let act = Act { write, booking };
        match &act.write.by {
            By::Product => {}
            By::Caller(caller) => operation.admit_to(caller, &act.object())?,
            By::Guest(guest) => {
                operation.admit_guest(guest, id)?;
                // read again under the lock: an account may have claimed it meanwhile
                if act.booking.guest_link != Some(guest.link) {
                    return Err(Problem::new(Kind::GuestLinkNotValid).into());
                }
            }
            By::Visitor => return Err(Problem::new(Kind::NotSignedIn).into()),
        }
        if_match.check(ETag(act.booking.revision.into()))?;
        Ok(Found::Act(Box::new(act)))
    }

    /// What authorisation asks of the booking.
    pub fn object(&self) -> Object {
        view::object(&self.write.ground, &self.booking)
    }

    /// Whether the caller is staff of the space.
    pub fn by_staff(&self) -> bool {
        self.write.by_staff()
    }

    /// The booking after the event; refused with the state it is in where the event does not lead anywhere from there.
    /// What has lapsed is treated as expired, also before the worker has come by.
    pub async fn transition(&mut self, event: Event) -> Result<State, Fail> {
        let from = self.booking.state;
        if from.is_open() {
            let lapses = store::lapses_at(self.write.tx.conn(), self.booking.id).await?;
            if lapses.is_some_and(|at| at <= self.write.now) && event != Event::Expire {
                let lapsed = state::after(Some(from), Event::Expire).unwrap_or(from);
                return Err(wrong_state(lapsed).into());
            }
        }
        let to = state::after(Some(from), event).map_err(|_| wrong_state(from))?;
        self.booking.state = to;
        if !to.is_open() {
            self.booking.expires_at = None;
        }
        Ok(from)
    }

    /// Gives the booking's rows up, and those of a slot that was kept for it; nothing happens where there are none.
    pub async fn vacate(&mut self, had_rows: bool, offer: Option<&Booking>) -> Result<(), Fail> {
        let own = had_rows.then_some(&self.booking);
        let going: Vec<&Booking> = own.into_iter().chain(offer).collect();
        let Some(reach) = going.iter().map(|booking| booking.taken()).reduce(hull) else {
            return Ok(());
        };
        let intent = Intent {
            remove: going.iter().map(|booking| booking.id).collect(),
            ..Intent::default()
        };
        let areas: AreaSet = going
            .iter()
            .flat_map(|booking| booking.area_ids.iter())
            .collect();
        self.write.occupy(&areas, reach, intent).await
    }

    /// Takes the booking's rows as it now says, giving up those that it had (`before`).
    pub async fn take(&mut self, before: Option<&Booking>) -> Result<(), Fail> {
        let (areas, reach) = around(before, &self.booking);
        let intent = Intent {
            remove: before.iter().map(|booking| booking.id).collect(),
            place: rows(&self.booking),
            ..Intent::default()
        };
        match self.write.occupy(&areas, reach, intent).await {
            Err(Fail::Refused(refusal)) => {
                let group = self.write.whose_group(&self.booking).await?;
                let wanted = wanted(&self.booking, group, before.map(|booking| booking.id));
                Err(self.write.refused(&refusal, &wanted, &self.booking).await)
            }
            other => other,
        }
    }

    /// The names that a message about the booking shows.
    pub async fn names(&self) -> Result<Names, Fail> {
        self.write.names(&self.booking).await
    }

    /// Promises the requester a message.
    pub async fn tell(&mut self, kind: MessageKind, says: Says) -> Result<(), Fail> {
        let names = self.names().await?;
        let draft = notice::to_requester(kind, &self.write.ground, &names, &self.booking, says);
        self.write.changes.messages.push(draft);
        Ok(())
    }

    /// Writes the booking as it now is, with a line of history, and answers with it.
    pub async fn finish(
        mut self,
        event: Event,
        from: State,
        reason: &str,
        more: impl FnOnce(HistoryLine) -> HistoryLine,
    ) -> Result<Done, Fail> {
        self.booking.revision += 1;
        let line = self.write.line(&self.booking, event, Some(from), reason);
        self.write.changes.history.push(more(line));
        self.write.changes.updated.push(self.booking.clone());
        self.write.finish(200, &self.booking).await
    }

    /// The next SEQUENCE: the change shows in calendars. To be called before messages are drafted.
    pub fn in_calendars(&mut self) {
        self.booking.sequence += 1;
    }
}

impl Write {
    /// Whether the caller is staff of the space.
    pub fn by_staff(&self) -> bool {
        let (venue, space) = (self.ground.venue.id, self.ground.space.id);
        self.caller()
            .is_some_and(|caller| caller.is_staff(STAFF, venue, Some(space)))
    }

    /// The person with an account, or the program, who asks.
    pub fn caller(&self) -> Option<&Caller> {
        match &self.by {
            By::Caller(caller) => Some(caller),
            _ => None,
        }
    }

    /// The account of whoever acts, for the history.
    pub fn actor(&self) -> Option<crate::id::UserId> {
        self.caller().map(|caller| caller.user_id)
    }

    /// Whether somebody without an account acts.
    pub fn by_guest(&self) -> bool {
        matches!(self.by, By::Guest(_) | By::Visitor)
    }

    /// A line of history by whoever acts.
    pub fn line(
        &self,
        booking: &Booking,
        event: Event,
        from: Option<State>,
        reason: &str,
    ) -> HistoryLine {
        HistoryLine::new(booking, event, from, self.now)
            .by(self.actor(), reason)
            .by_guest(self.by_guest())
    }

    /// The bookings that this write changes, for those who watch.
    pub fn changed(&self) -> Vec<Change> {
        let venue = self.ground.venue.id;
        let bookings = self.changes.created.iter().chain(&self.changes.updated);
        bookings
            .map(|booking| Change::of(ChangeKind::Booking, booking.id.0, venue, booking.space_id))
            .collect()
    }

    /// Commits and answers with the booking.
    pub async fn finish(self, status: u16, booking: &Booking) -> Result<Done, Fail> {
        let body = view::json(&self.ground, booking);
        let changed = self.changed();
        self.commit(status.try_into().unwrap_or(200), &body).await?;
        Ok(Done {
            status,
            body,
            changed,
        })
    }

    /// The problem of a slot that is refused, with the nearest starts that work. They are sought without the lock, so that
    /// nobody waits for it.
    pub async fn refused(&mut self, refusal: &Refusal, wanted: &Wanted, refused: &Booking) -> Fail {
        let during = refused.during;
        let mut problem = refuse::slot(refusal, self.by_staff(), Some(refused.id));
        if let Err(error) = self.tx.abandon().await {
            return error.into();
        }
        match slots::outlook(
            self.tx.conn(),
            &self.ground,
            wanted,
            slots::nearby(during.start()),
            self.now,
        )
        .await
        {
            Ok(outlook) => {
                let found = outlook.nearest(wanted, during.start(), None);
                let found = found.iter().map(|span| Alternative {
                    start: span.start(),
                    end: span.end(),
                });
                problem.alternatives = found.collect();
            }
            Err(error) => return Fail::Db(error),
        }
        problem.into()
    }

    /// As what whoever's booking it is books, whoever acts on it.
    pub async fn whose_group(&self, booking: &Booking) -> Result<Group, Fail> {
        let own = self
            .caller()
            .filter(|caller| Some(caller.user_id) == booking.requester_id);
        Ok(match (own, booking.organisation_id) {
            (Some(caller), of) => self.group(caller, of).unwrap_or(Group::Resident),
            (None, Some(id)) => group_of(organisation(self.tx.conn(), id).await?.kind.as_str()),
            (None, None) if booking.requester_id.is_some() => Group::Resident,
            (None, None) => Group::Guest,
        })
    }

    /// Starts that work instead for a booking whose place goes, as it will stand then.
    pub async fn instead(&self, booking: &Booking, gone: Span) -> Result<Vec<Span>, Fail> {
        let wanted = wanted(booking, self.whose_group(booking).await?, Some(booking.id));
        let start = booking.during.start();
        let conn = self.tx.conn();
        let outlook =
            slots::outlook(conn, &self.ground, &wanted, slots::nearby(start), self.now).await?;
        Ok(outlook.nearest(&wanted, start, Some(gone)))
    }

    /// Judges the breaches: those that staff override, with a reason, are named in the history; any other is refused.
    pub fn judge(
        &self,
        breaches: Vec<Breach>,
        override_reason: Option<&str>,
    ) -> Result<Vec<String>, Problem> {
        let may =
            self.by_staff() && override_reason.is_some_and(|reason| !reason.trim().is_empty());
        let (overridden, refused): (Vec<Breach>, Vec<Breach>) = breaches
            .into_iter()
            .partition(|breach| may && breach.rule.can_be_overridden());
        if refused.is_empty() {
            Ok(overridden
                .iter()
                .map(|breach| breach.rule.as_str().to_owned())
                .collect())
        } else {
            Err(refuse::policy(refused))
        }
    }

    /// Which group of the policy somebody books as: staff in their own right, a member for the organisation, a resident.
    pub fn group(
        &self,
        caller: &Caller,
        organisation_id: Option<OrganisationId>,
    ) -> Result<Group, Problem> {
        let staff = caller.is_staff(STAFF, self.ground.venue.id, Some(self.ground.space.id));
        match organisation_id.map(|id| caller.member_of(id)) {
            Some(Some(membership)) if membership.role != MemberRole::Viewer || staff => {
                if !membership.verified && !staff {
                    return Err(Problem::field(
                        "organisation_id",
                        "organisation_not_verified",
                    ));
                }
                Ok(if staff {
                    Group::Staff
                } else {
                    group_of(&membership.kind)
                })
            }
            Some(Some(_)) => Err(Problem::field("organisation_id", "viewer_only")),
            Some(None) if staff => Ok(Group::Staff),
            Some(None) => Err(Problem::field("organisation_id", "unknown")),
            None if staff => Ok(Group::Staff),
            // a program books for its organisation, never for the person who made its key
            None if caller.key().is_some() => Err(Problem::field("organisation_id", "required")),
            None if caller.verified => Ok(Group::Resident),
            None => Ok(Group::Guest),
        }
    }
}

impl Done {
    /// The answer that the same request had before.
    pub fn again(status: i16, body: String) -> Self {
        Self {
            status: status.try_into().unwrap_or(200),
            body,
            changed: Vec::new(),
        }
    }
}

/// The event rows of a booking.
pub fn rows(booking: &Booking) -> Vec<NewRow> {
    let what = What::Event {
        booking_id: booking.id,
        version_id: booking.layout_version_id,
    };
    booking
        .area_ids
        .iter()
        .map(|area_id| NewRow {
            area_id,
            span: booking.taken(),
            what,
        })
        .collect()
}

fn around(before: Option<&Booking>, after: &Booking) -> (AreaSet, Span) {
    match before {
        Some(before) => {
            let areas = before
                .area_ids
                .iter()
                .chain(after.area_ids.iter())
                .collect();
            (areas, hull(before.taken(), after.taken()))
        }
        None => (after.area_ids.clone(), after.taken()),
    }
}

/// As what an organisation of this kind books; an enterprise where the policies do not know it.
fn group_of(kind: &str) -> Group {
    kind.parse().unwrap_or(Group::Enterprise)
}

/// What the booking wants, for finding other starts that this group may have.
pub fn wanted(booking: &Booking, group: Group, instead_of: Option<BookingId>) -> Wanted {
    Wanted {
        areas: booking.area_ids.clone(),
        version_id: booking.layout_version_id,
        length: booking.during.length(),
        access_before_min: booking.access_before_min,
        access_after_min: booking.access_after_min,
        group,
        event_type: booking.event_type,
        instead_of,
    }
}

/// The 409 of a transition that the state refuses.
pub fn wrong_state(state: State) -> Problem {
    Problem {
        state: Some(state.as_str()),
        ..Problem::new(Kind::WrongState)
    }
}

/// Runs an act; one that Postgres wants again is tried again, and what a constraint refused is said as a rule would.
pub async fn attempt<F, Fut>(mut act: F) -> Result<Done, Problem>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Done, Fail>>,
{
    for _ in 1..TRIES {
        match act().await {
            Err(Fail::Db(error)) if wants_again(&error) => pause().await,
            other => return other.map_err(problem),
        }
    }
    act().await.map_err(problem)
}

/// A lost race for a key or a reference is decided by looking again.
fn wants_again(error: &DbError) -> bool {
    match error {
        DbError::Retry => true,
        DbError::Constraint(name) => {
            matches!(
                name.as_str(),
                "idempotency_pkey"
                    | "booking_reference_key"
                    | "booking_one_hold"
                    | "booking_one_guest_hold"
                    | "message_dedupe_key_key"
            )
        }
        _ => false,
    }
}

async fn pause() {
    let jitter = rand::random_range(1..=20);
    tokio::time::sleep(std::time::Duration::from_millis(jitter)).await;
}

fn problem(fail: Fail) -> Problem {
    match fail {
        Fail::Problem(problem) => *problem,
        Fail::Refused(refusal) => refuse::slot(&refusal, false, None),
        Fail::Db(DbError::Constraint(name)) if name.starts_with("occupancy_") => {
            // the schema had the last word: somebody wrote past the product
            tracing::warn!(constraint = name, "occupancy refused");
            Problem::new(Kind::SlotTaken).because(vec![crate::http::problem::Reason::new("taken")])
        }
        Fail::Db(error) => error.into(),
    }
}

/// When a request must be decided: so many working days after now, never later than its own start.
pub fn decide_by(write: &Write, start: Instant) -> Instant {
    let days = write.ground.policy.request_decision_workdays;
    write
        .ground
        .opening
        .end_of_nth_workday(write.now, days)
        .min(start)
}

/// Until when a missing party is waited for, where arrival is awaited at all.
pub fn arrive_by(write: &Write, start: Instant) -> Option<Instant> {
    let minutes = i64::from(write.ground.policy.release_minutes_after_start);
    write
        .ground
        .policy
        .check_in
        .then(|| start + TimeDelta::minutes(minutes))
}

/// Whether the deadline of the policy still lets the requester give up or move the booking.
pub fn before_deadline(write: &Write, booking: &Booking) -> Vec<Breach> {
    policy::deadline(&write.ground, booking.during.start(), write.now)
        .err()
        .into_iter()
        .collect()
}

/// The layout that was asked for: one of this space, published, and for this kind of event.
pub fn usable_layout(
    write: &Write,
    version_id: LayoutVersionId,
    event_type: crate::catalogue::EventType,
) -> Result<&LayoutChoice, Problem> {
    use crate::catalogue::{Purpose, VersionState};
    let field = "layout_version_id";
    let layout = write.ground.layout(Some(version_id));
    let layout = layout.ok_or_else(|| Problem::field(field, "unknown"))?;
    if layout.state != VersionState::Published {
        return Err(Problem::field(field, "not_published"));
    }
    if !layout.is_bookable() {
        return Err(Problem::field(field, "times_pending"));
    }
    let begins = |id: &crate::id::AreaId| {
        let area = write.ground.areas.iter().find(|area| area.id == *id);
        area.is_some_and(|area| area.initial_layout_version_id.is_some())
    };
    if !layout.area_ids.iter().all(begins) {
        return Err(Problem::field(field, "nothing_stands"));
    }
    match event_type.purpose() {
        Some(purpose) if purpose != layout.purpose && layout.purpose != Purpose::Open => {
            Err(Problem::field(field, "wrong_purpose"))
        }
        _ => Ok(layout),
    }
}
