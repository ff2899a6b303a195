//! A booking as it goes over the wire.

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::record::{Booking, ChangeRequest};
use super::state::State;
use crate::catalogue::{EventType, Ground};
use crate::id::{
    AreaId, BookingId, ChangeRequestId, LayoutVersionId, OrganisationId, SpaceId, UserId,
};
use crate::message::address::AddressTrouble;
use crate::routes::Object;
use crate::span::Instant;

/// A booking.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Booking)]
pub struct BookingView {
    /// Its id.
    pub id: BookingId,
    /// Short, to be read over the phone; the last character is a check.
    #[schema(example = "KM7D-4RWX")]
    pub reference: String,
    /// The space.
    pub space_id: SpaceId,
    /// Where it stands.
    #[schema(example = "requested")]
    pub state: State,
    /// When the event starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:00:00Z")]
    pub end: Instant,
    /// Minutes before the event for the organiser's own set-up.
    #[schema(example = 30)]
    pub access_before_min: i32,
    /// Minutes after the event for the organiser's own clearing.
    #[schema(example = 0)]
    pub access_after_min: i32,
    /// The layout version, where the space has a floor.
    pub layout_version_id: Option<LayoutVersionId>,
    /// The areas that it takes.
    pub area_ids: Vec<AreaId>,
    /// What people do there.
    #[schema(example = "roadshow")]
    pub event_type: EventType,
    /// What it is called.
    #[schema(example = "新产品路演")]
    pub title: String,
    /// Whether the title may be shown in public.
    #[schema(example = false)]
    pub title_public: bool,
    /// How many people are expected.
    #[schema(example = 80)]
    pub attendance: i32,
    /// What the crew should know, in words.
    #[schema(example = "请预留讲台电源")]
    pub needs: String,
    /// The organisation it belongs to.
    pub organisation_id: Option<OrganisationId>,
    /// Whose it is; nobody's where it was made for a person without an account.
    pub requester_id: Option<UserId>,
    /// Whom to speak to.
    pub contact: Contact,
    /// A hold's expiry, or by when a request is decided.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-26T10:00:00Z")]
    pub expires_at: Option<Instant>,
    /// Distinct approvals that it needs.
    #[schema(example = 1)]
    pub approval_steps: i32,
    /// Whether it keeps its slot while it is undecided.
    #[schema(example = true)]
    pub holds_slot: bool,
    /// The declined booking for which staff offered this slot.
    pub offer_for: Option<BookingId>,
    /// Until when a missing party is waited for.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T06:15:00Z")]
    pub arrive_by: Option<Instant>,
    /// When the space was given back before the end.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T07:30:00Z")]
    pub released_at: Option<Instant>,
    /// Grows with each change; the entity tag.
    #[schema(example = 1)]
    pub revision: i32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// What to think of, though nothing forbids it: `above_seats`, `calendar_missing`,
    /// `no_longer_possible` (a competing request whose place was given to another).
    #[schema(example = json!(["above_seats"]))]
    pub warnings: Vec<String>,
    /// What is wrong with the contact's address, where a booking is read: mail may not reach them, so call. Absent where
    /// nothing is, and in the answers to acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_trouble: Option<AddressTrouble>,
}

/// Whom to speak to about a booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person.
    #[schema(example = "李雷", min_length = 1, max_length = 100)]
    pub name: String,
    /// Where mails go.
    #[schema(example = "lilei@example.com", max_length = 254)]
    pub email: Option<String>,
    /// A number to call.
    #[schema(example = "+86 138 0013 8000", max_length = 40)]
    pub phone: Option<String>,
}

impl BookingView {
    /// The booking with what follows from its place.
    pub fn new(booking: Booking, warnings: Vec<String>) -> Self {
        Self {
            id: booking.id,
            reference: booking.reference,
            space_id: booking.space_id,
            state: booking.state,
            start: booking.during.start(),
            end: booking.during.end(),
            access_before_min: booking.access_before_min,
            access_after_min: booking.access_after_min,
            layout_version_id: booking.layout_version_id,
            area_ids: booking.area_ids.iter().collect(),
            event_type: booking.event_type,
            title: booking.title,
            title_public: booking.title_public,
            attendance: booking.attendance,
            needs: booking.needs,
            organisation_id: booking.organisation_id,
            requester_id: booking.requester_id,
            contact: Contact {
                name: booking.contact_name,
                email: booking.contact_email,
                phone: booking.contact_phone,
            },
            expires_at: booking.expires_at,
            approval_steps: booking.approval_steps,
            holds_slot: booking.holds_slot,
            offer_for: booking.offer_for,
            arrive_by: booking.arrive_by,
            released_at: booking.released_at,
            revision: booking.revision,
            created_at: booking.created_at,
            warnings,
            address_trouble: None,
        }
    }
}

/// The answer to an act on a booking.
pub fn json(ground: &Ground, booking: &Booking) -> String {
    let layout = ground.layout(booking.layout_version_id);
    let mut warnings = Vec::new();
    if layout.is_some_and(|layout| layout.seats > 0 && booking.attendance > layout.seats) {
        warnings.push("above_seats".to_owned());
    }
    let date = ground.opening.local_date(booking.during.start());
    if !ground.opening.years_missing(date, date).is_empty() {
        warnings.push("calendar_missing".to_owned());
    }
    serde_json::to_string(&BookingView::new(booking.clone(), warnings)).unwrap_or_default()
}

/// What authorisation asks of a booking.
pub fn object(ground: &Ground, booking: &Booking) -> Object {
    Object {
        venue_id: ground.venue.id,
        space_id: Some(booking.space_id),
        user_id: booking.requester_id,
        organisation_id: booking.organisation_id,
    }
}

/// An instant for a history line.
pub fn stamp(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A wish to change a confirmed booking.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeRequest)]
pub struct ChangeRequestView {
    /// Its id.
    pub id: ChangeRequestId,
    /// The booking.
    pub booking_id: BookingId,
    /// `open`, `accepted`, `declined`, `withdrawn`, or `ended` with its booking.
    #[schema(example = "open")]
    pub state: String,
    /// When the event shall start.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T06:00:00Z")]
    pub start: Instant,
    /// When it shall end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T08:00:00Z")]
    pub end: Instant,
    /// Minutes before the event.
    #[schema(example = 30)]
    pub access_before_min: i32,
    /// Minutes after the event.
    #[schema(example = 0)]
    pub access_after_min: i32,
    /// The layout version that it shall have.
    pub layout_version_id: Option<LayoutVersionId>,
    /// The areas that it shall take.
    pub area_ids: Vec<AreaId>,
    /// How many people are expected.
    #[schema(example = 90)]
    pub attendance: i32,
    /// Why.
    #[schema(example = "嘉宾改期")]
    pub reason: String,
    /// Who asked.
    pub requested_by: UserId,
    /// When it was filed.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-25T06:00:00Z")]
    pub decided_at: Option<Instant>,
    /// Why it was decided so.
    #[schema(example = "")]
    pub decision_reason: String,
}

impl ChangeRequestView {
    /// As it goes over the wire.
    pub fn new(wish: &ChangeRequest) -> Self {
        Self {
            id: wish.id,
            booking_id: wish.booking_id,
            state: wish.state.clone(),
            start: wish.during.start(),
            end: wish.during.end(),
            access_before_min: wish.access_before_min,
            access_after_min: wish.access_after_min,
            layout_version_id: wish.layout_version_id,
            area_ids: wish.area_ids.iter().collect(),
            attendance: wish.attendance,
            reason: wish.reason.clone(),
            requested_by: wish.requested_by,
            created_at: wish.created_at,
            decided_by: wish.decided_by,
            decided_at: wish.decided_at,
            decision_reason: wish.decision_reason.clone(),
        }
    }
}

/// The answer to an act on a change request.
pub fn change_request_json(wish: &ChangeRequest) -> String {
    serde_json::to_string(&ChangeRequestView::new(wish)).unwrap_or_default()
}
