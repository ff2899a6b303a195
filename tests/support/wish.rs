//! What people want to book, and when.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Person;

/// A wish for a booking, with sensible words.
#[derive(Debug, Clone)]
pub struct Wish {
    pub space: Uuid,
    pub version: Option<Uuid>,
    pub start: DateTime<Utc>,
    pub minutes: i64,
    pub event_type: &'static str,
    pub attendance: i32,
    pub more: Value,
}

impl Wish {
    /// For a space without a floor.
    pub fn new(space: Uuid, start: DateTime<Utc>, minutes: i64) -> Self {
        Self {
            space,
            version: None,
            start,
            minutes,
            event_type: "meeting",
            attendance: 5,
            more: json!({}),
        }
    }

    /// In a layout of a floor.
    pub fn layout(mut self, version: Uuid, event_type: &'static str) -> Self {
        self.version = Some(version);
        self.event_type = event_type;
        self
    }

    /// At another time.
    pub fn at(mut self, start: DateTime<Utc>) -> Self {
        self.start = start;
        self
    }

    /// For so many minutes.
    pub fn lasting(mut self, minutes: i64) -> Self {
        self.minutes = minutes;
        self
    }

    /// For so many people.
    pub fn people(mut self, attendance: i32) -> Self {
        self.attendance = attendance;
        self
    }

    /// As a hold.
    pub fn hold(self) -> Self {
        self.with(json!({"mode": "hold"}))
    }

    /// With more fields, or others.
    pub fn with(mut self, more: Value) -> Self {
        self.more
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self
    }

    /// What goes over the wire, for this person and their organisation.
    pub fn body(&self, person: &Person) -> Value {
        let mut body = json!({
            "space_id": self.space,
            "start": self.start,
            "end": self.start + TimeDelta::minutes(self.minutes),
            "event_type": self.event_type,
            "title": "新产品路演",
            "attendance": self.attendance,
        });
        let fields = body.as_object_mut().unwrap();
        if let Some(version) = self.version {
            fields.insert("layout_version_id".to_owned(), json!(version));
        }
        if let Some(organisation) = person.organisation {
            fields.insert("organisation_id".to_owned(), json!(organisation));
        }
        fields.extend(self.more.as_object().unwrap().clone());
        body
    }
}

/// An instant some days from now at a wall time of Shanghai, on a Wednesday: never a weekend, far enough for every lead
/// time, near enough for every horizon of an enterprise.
pub fn wednesday(hour: u32, minute: u32) -> DateTime<Utc> {
    let today: NaiveDate = (Utc::now() + TimeDelta::hours(8)).date_naive();
    let mut date = today + TimeDelta::days(21);
    while date.weekday() != chrono::Weekday::Wed {
        date += TimeDelta::days(1);
    }
    date.and_hms_opt(hour, minute, 0).unwrap().and_utc() - TimeDelta::hours(8)
}
