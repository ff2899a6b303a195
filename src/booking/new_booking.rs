//! What somebody asks for when they book, and what can be said of it without the database: lengths, ranges, what is missing.

use chrono::TimeDelta;
use serde::Deserialize;

use super::view::Contact;
use crate::catalogue::EventType;
use crate::http::problem::{FieldError, Problem};
use crate::id::{AreaId, LayoutVersionId, OrganisationId, SpaceId};
use crate::language::Locale;
use crate::span::{Instant, Span};

/// The longest access time before or after an event, in minutes.
const MAX_ACCESS_MIN: i32 = 480;

/// A wish for a booking.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    /// The space.
    pub space_id: SpaceId,
    /// The layout version, where the space has a floor.
    #[serde(default)]
    pub layout_version_id: Option<LayoutVersionId>,
    /// Areas of a space without a floor; all of them where none are named.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    pub area_ids: Option<Vec<AreaId>>,
    /// When the event starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:00:00Z")]
    pub end: Instant,
    /// Minutes before the event for the organiser's own set-up.
    #[serde(default)]
    #[schema(example = 30, minimum = 0, maximum = 480)]
    pub access_before_min: i32,
    /// Minutes after the event for the organiser's own clearing.
    #[serde(default)]
    #[schema(example = 0, minimum = 0, maximum = 480)]
    pub access_after_min: i32,
    /// What people do there.
    #[schema(example = "roadshow")]
    pub event_type: EventType,
    /// What it is called.
    #[schema(example = "新产品路演", min_length = 1, max_length = 200)]
    pub title: String,
    /// Whether the title may be shown in public.
    #[serde(default)]
    #[schema(example = false)]
    pub title_public: bool,
    /// How many people are expected.
    #[schema(example = 80, minimum = 1, maximum = 100000)]
    pub attendance: i32,
    /// What the crew should know, in words.
    #[serde(default)]
    #[schema(example = "请预留讲台电源", max_length = 2000)]
    pub needs: String,
    /// The organisation it is for.
    #[serde(default)]
    pub organisation_id: Option<OrganisationId>,
    /// Whom to speak to, where that is not the caller. When staff give one, the booking is that person's.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The language of the mails to whom staff book for; the caller's own where it is left out.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// `hold` keeps the slot while a form is filled in; `request` asks for it; `walk_in` (front desk) confirms at once.
    #[serde(default)]
    #[schema(example = "request")]
    pub mode: Mode,
    /// Why bookings in the way give it their place (approvers and administrators, a booking confirmed at once): told to
    /// each of them, with slots that work instead. Without a reason they stay, and this is refused.
    #[serde(default)]
    #[schema(example = "市级活动征用", min_length = 1, max_length = 500)]
    pub displace_reason: Option<String>,
    /// Why staff override lead time, horizon, length or grid.
    #[serde(default)]
    #[schema(example = "与园区活动同期", max_length = 500)]
    pub override_reason: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Keep the slot for some minutes.
    Hold,
    /// Ask for the slot.
    #[default]
    Request,
    /// They stand at the front desk.
    WalkIn,
}

impl NewBooking {
    /// When the event is, where nothing is wrong that can be said without the database.
    ///
    /// # Errors
    /// 422 with every field that is wrong.
    pub fn checked(&self) -> Result<Span, Problem> {
        let mut errors = texts(&self.title, &self.needs, self.contact.as_ref());
        let mut error = |field: &str, code| {
            errors.push(FieldError {
                field: field.to_owned(),
                code,
                args: Vec::new(),
            })
        };
        for (field, value) in [
            ("access_before_min", self.access_before_min),
            ("access_after_min", self.access_after_min),
        ] {
            match value {
                ..0 => error(field, "too_small"),
                0..=MAX_ACCESS_MIN => {}
                _ => error(field, "too_large"),
            }
        }
        match self.attendance {
            ..1 => error("attendance", "too_small"),
            1..=100_000 => {}
            _ => error("attendance", "too_large"),
        }
        if self
            .override_reason
            .as_ref()
            .is_some_and(|reason| reason.chars().count() > 500)
        {
            error("override_reason", "too_long");
        }
        if let Some(reason) = &self.displace_reason {
            match reason.trim().chars().count() {
                0 => error("displace_reason", "required"),
                1..=500 => {}
                _ => error("displace_reason", "too_long"),
            }
        }
        match span(self.start, self.end) {
            Ok(during) if errors.is_empty() => return Ok(during),
            Ok(_) => {}
            Err(problem) => errors.extend(problem.errors),
        }
        Err(Problem::fields(errors))
    }

    /// The stretch of time that the event takes with its access time.
    pub fn reach(&self, during: Span) -> Span {
        during.widened(
            TimeDelta::minutes(self.access_before_min.into()),
            TimeDelta::minutes(self.access_after_min.into()),
        )
    }
}

/// The event's stretch of time, within what can be written down.
pub fn span(start: Instant, end: Instant) -> Result<Span, Problem> {
    use chrono::Datelike;
    if !(2000..=2200).contains(&start.year()) {
        return Err(Problem::field("start", "out_of_range"));
    }
    if !(2000..=2200).contains(&end.year()) {
        return Err(Problem::field("end", "out_of_range"));
    }
    Span::new(start, end).ok_or_else(|| Problem::field("end", "not_after_start"))
}

/// What is wrong with the words of a booking.
pub fn texts(title: &str, needs: &str, contact: Option<&Contact>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut error = |field: &str, code| {
        errors.push(FieldError {
            field: field.to_owned(),
            code,
            args: Vec::new(),
        })
    };
    if title.trim().is_empty() {
        error("title", "required");
    } else if title.trim().chars().count() > 200 {
        error("title", "too_long");
    }
    if needs.chars().count() > 2000 {
        error("needs", "too_long");
    }
    if let Some(contact) = contact {
        if contact.name.trim().is_empty() {
            error("contact.name", "required");
        } else if contact.name.chars().count() > 100 {
            error("contact.name", "too_long");
        }
        if contact
            .email
            .as_ref()
            .is_some_and(|email| email.len() > 254 || email.parse::<lettre::Address>().is_err())
        {
            error("contact.email", "invalid");
        }
        if contact
            .phone
            .as_ref()
            .is_some_and(|phone| phone.chars().count() > 40 || phone.trim().is_empty())
        {
            error("contact.phone", "invalid");
        }
    }
    errors
}
