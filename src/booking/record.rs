//! The rows of a booking: the booking itself and what is written about it.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::Value;

use super::area_set::AreaSet;
use super::state::{Event, State};
use crate::catalogue::words::EventType;
use crate::id::{
    BookingId, ChangeRequestId, GuestLinkId, LayoutVersionId, OrganisationId, SpaceId, UserId,
};
use crate::schema;
use crate::span::{Instant, Span};

/// A booking as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schema::booking, treat_none_as_null = true, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub struct Booking {
    pub id: BookingId,
    pub reference: String,
    pub space_id: SpaceId,
    pub state: State,
    /// The event itself, without access times.
    pub during: Span,
    pub access_before_min: i32,
    pub access_after_min: i32,
    pub tail_min: i32,
    pub released_at: Option<Instant>,
    pub layout_version_id: Option<LayoutVersionId>,
    /// In the order of their ids: the order in which places are sought.
    pub area_ids: AreaSet,
    pub holds_slot: bool,
    pub offer_for: Option<BookingId>,
    pub event_type: EventType,
    pub title: String,
    pub title_public: bool,
    pub attendance: i32,
    pub needs: String,
    pub organisation_id: Option<OrganisationId>,
    pub requester_id: Option<UserId>,
    pub contact_name: String,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    pub locale: String,
    pub approval_steps: i32,
    pub expires_at: Option<Instant>,
    pub prolonged: bool,
    pub check_in: bool,
    pub arrive_by: Option<Instant>,
    pub sequence: i32,
    pub revision: i32,
    pub created_at: Instant,
    /// What the link is derived from with which a guest looks after it; none where it is an account's, or where
    /// nobody can be written to.
    pub guest_link: Option<GuestLinkId>,
}

impl Booking {
    /// Whether it has rows of occupancy.
    pub fn has_rows(&self) -> bool {
        self.state.has_rows(self.holds_slot)
    }

    /// Whether it is a person's without an account: no account's, and no organisation's.
    pub fn is_guests(&self) -> bool {
        self.requester_id.is_none() && self.organisation_id.is_none()
    }

    /// The event with the organiser's access times.
    pub fn with_access(&self) -> Span {
        self.during.widened(
            minutes(self.access_before_min),
            minutes(self.access_after_min),
        )
    }

    /// What its event rows take: with access times and tail, cut at the moment of release. The schema's
    /// `booking_taken` says the same.
    pub fn taken(&self) -> Span {
        let whole = self.with_access();
        let end = self.released_at.unwrap_or(whole.end()) + minutes(self.tail_min);
        Span::new(whole.start(), end).unwrap_or(whole)
    }
}

fn minutes(count: i32) -> TimeDelta {
    TimeDelta::minutes(i64::from(count))
}

/// A line of a booking's history.
#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = schema::booking_event, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub struct HistoryLine {
    pub id: uuid::Uuid,
    pub booking_id: BookingId,
    pub at: Instant,
    pub event: Event,
    pub from_state: Option<State>,
    pub to_state: State,
    pub actor_id: Option<UserId>,
    pub reason: String,
    pub overrides: Value,
    pub changes: Option<Value>,
    /// By whoever shows the booking's link, or asks for one.
    pub by_guest: bool,
    /// Whether the actor did it as staff of the space: then it is part of the audit.
    pub by_staff: bool,
}

impl HistoryLine {
    /// What happened to the booking, at `at`, by the product itself until [`HistoryLine::by`] says by whom.
    pub fn new(booking: &Booking, event: Event, from: Option<State>, at: Instant) -> Self {
        Self {
            id: uuid::Uuid::now_v7(),
            booking_id: booking.id,
            at,
            event,
            from_state: from,
            to_state: booking.state,
            actor_id: None,
            reason: String::new(),
            overrides: Value::Array(Vec::new()),
            changes: None,
            by_guest: false,
            by_staff: false,
        }
    }

    /// By whom and why.
    pub fn by(mut self, actor_id: Option<UserId>, reason: &str) -> Self {
        self.actor_id = actor_id;
        self.reason = reason.to_owned();
        self
    }

    /// By a guest, where it was one.
    pub fn by_guest(mut self, by_guest: bool) -> Self {
        self.by_guest = by_guest;
        self
    }

    /// With the policy rules that staff overrode.
    pub fn overriding(mut self, rules: Vec<String>) -> Self {
        self.overrides = rules.into();
        self
    }

    /// With what was before.
    pub fn changing(mut self, before: Value) -> Self {
        self.changes = Some(before);
        self
    }
}

/// An approval of a request; a reschedule makes it void.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = schema::approval, treat_none_as_default_value = false)]
pub struct Approval {
    pub id: uuid::Uuid,
    pub booking_id: BookingId,
    pub approver_id: UserId,
    pub at: Instant,
}

impl Approval {
    /// An approver's word on a booking, now.
    pub fn new(booking_id: BookingId, approver_id: UserId, at: Instant) -> Self {
        Self {
            id: uuid::Uuid::now_v7(),
            booking_id,
            approver_id,
            at,
        }
    }
}

/// A wish to change a confirmed booking, waiting for an approver.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schema::change_request, treat_none_as_default_value = false, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub struct ChangeRequest {
    pub id: ChangeRequestId,
    pub booking_id: BookingId,
    /// `open`, `accepted`, `declined`, `withdrawn`, `ended`.
    pub state: String,
    pub during: Span,
    pub access_before_min: i32,
    pub access_after_min: i32,
    pub layout_version_id: Option<LayoutVersionId>,
    pub area_ids: AreaSet,
    pub attendance: i32,
    pub reason: String,
    /// `None`: the guest whose booking it is.
    pub requested_by: Option<UserId>,
    pub created_at: Instant,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<Instant>,
    pub decision_reason: String,
}
