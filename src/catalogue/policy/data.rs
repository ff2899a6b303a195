//! Policies as they are written: in tables, in the API, in `seed/`.

use serde::{Deserialize, Serialize};

use super::care::{QuietHours, RetentionDays};
use super::{Access, Requests};
use crate::catalogue::words::{EventType, Group};

/// One answer for every event type, or one for each; an event type that is not listed is not possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Rule {
    /// The same for every event type.
    Any(Access),
    /// By event type.
    ByEventType(ByEventType),
}

macro_rules! by_event_type {
    ($($field:ident = $event_type:ident,)+) => {
        /// What it takes, by event type.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct ByEventType {
            $(
                /// For this event type.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<Access>,
            )+
        }

        impl ByEventType {
            fn access(&self, event_type: EventType) -> Access {
                match event_type { $(EventType::$event_type => self.$field,)+ }.unwrap_or(Access::No)
            }
        }
    };
}

by_event_type! {
    roadshow = Roadshow,
    talk = Talk,
    launch = Launch,
    charity_popup = CharityPopup,
    exhibition = Exhibition,
    robot_contest = RobotContest,
    salon = Salon,
    meeting = Meeting,
    training = Training,
    rehearsal = Rehearsal,
    livestream = Livestream,
    rest = Rest,
    other = Other,
}

impl Rule {
    pub(super) fn access(&self, event_type: EventType) -> Access {
        match self {
            Rule::Any(access) => *access,
            Rule::ByEventType(rules) => rules.access(event_type),
        }
    }
}

/// Who may book; a group that is not listed may not, unless anyone may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"enterprise": "approval", "resident": {"salon": "approval"}, "guest": "no"}))]
pub struct Who {
    /// Members of an enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<Rule>,
    /// Members of an association.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association: Option<Rule>,
    /// Members of a public body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_body: Option<Rule>,
    /// Members of a residents' committee; without a rule of its own an association.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residents_committee: Option<Rule>,
    /// Verified persons without an organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident: Option<Rule>,
    /// Persons without an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<Rule>,
    /// Whoever is not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anyone: Option<Rule>,
}

impl Who {
    /// Where a policy says nothing: organisations may ask.
    pub(super) fn assumed() -> Self {
        let approval = || Some(Rule::Any(Access::Approval));
        Self {
            enterprise: approval(),
            association: approval(),
            public_body: approval(),
            ..Self::default()
        }
    }

    pub(super) fn rule(&self, group: Group) -> Option<&Rule> {
        match group {
            Group::Enterprise => self.enterprise.as_ref(),
            Group::Association => self.association.as_ref(),
            Group::PublicBody => self.public_body.as_ref(),
            Group::ResidentsCommittee => self
                .residents_committee
                .as_ref()
                .or(self.association.as_ref()),
            Group::Resident => self.resident.as_ref(),
            Group::Guest => self.guest.as_ref(),
            Group::Staff => None,
        }
        .or(self.anyone.as_ref())
    }
}

/// How many days ahead a booking may start, by group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"resident": 14, "enterprise": 60, "staff": 365}))]
pub struct Horizon {
    /// Members of an enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub enterprise: Option<u32>,
    /// Members of an association.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub association: Option<u32>,
    /// Members of a public body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub public_body: Option<u32>,
    /// Members of a residents' committee; without a number of its own as an association.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub residents_committee: Option<u32>,
    /// Verified persons without an organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 14)]
    pub resident: Option<u32>,
    /// Persons without an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 14)]
    pub guest: Option<u32>,
    /// Those who run the venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 365)]
    pub staff: Option<u32>,
}

impl Horizon {
    /// Where neither the space nor the venue says anything.
    pub(super) const ASSUMED: Horizon = Horizon {
        enterprise: Some(60),
        association: Some(60),
        public_body: Some(60),
        residents_committee: None,
        resident: Some(14),
        guest: Some(14),
        staff: Some(365),
    };

    pub(super) fn of(&self, group: Group) -> Option<u32> {
        match group {
            Group::Enterprise => self.enterprise,
            Group::Association => self.association,
            Group::PublicBody => self.public_body,
            Group::ResidentsCommittee => self.residents_committee.or(self.association),
            Group::Resident => self.resident,
            Group::Guest => self.guest,
            Group::Staff => self.staff,
        }
    }

    fn values(&self) -> [(&'static str, Option<u32>); 7] {
        [
            ("enterprise", self.enterprise),
            ("association", self.association),
            ("public_body", self.public_body),
            ("residents_committee", self.residents_committee),
            ("resident", self.resident),
            ("guest", self.guest),
            ("staff", self.staff),
        ]
    }
}

/// How many bookings somebody may have; applied with quotas, which come later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quota {
    /// Bookings that a person has ahead of them at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    pub person_active: Option<u32>,
    /// Bookings of a person in a calendar month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub person_month: Option<u32>,
    /// Bookings that an enterprise has ahead of it at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub enterprise_active: Option<u32>,
}

macro_rules! policy_fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)+
        }
    };
}

policy_fields! {
    /// A space's own policy: what is absent is the venue's.
    SpacePolicy {
        /// Who may book which event type, and whether it takes approval.
        who: Who,
        /// How many distinct approvers a confirmation takes.
        #[schema(example = 1)]
        approval_steps: u32,
        /// From which attendance it takes two.
        #[schema(example = 150)]
        two_steps_from_attendance: u32,
        /// How many hours ahead it must be asked for; not together with `lead_workdays`.
        #[schema(example = 4)]
        lead_hours: u32,
        /// On or after which workday after today it may start.
        #[schema(example = 3)]
        lead_workdays: u32,
        /// How many days ahead it may start, by group.
        horizon_days: Horizon,
        /// The shortest and the longest event in minutes.
        #[schema(example = json!([30, 720]))]
        minutes: [u32; 2],
        /// Starts and ends lie on multiples of so many minutes of the day.
        #[schema(example = 30)]
        grid_min: u32,
        /// Until how many hours before its start the requester may cancel.
        #[schema(example = 24)]
        cancel_deadline_h: u32,
        /// What a request does with its slot while it is undecided.
        requests: Requests,
        /// Whether an event may go on over closed hours; its start and its end lie in opening hours.
        #[schema(example = false)]
        spans_closed: bool,
        /// Whether arrival is awaited.
        #[schema(example = true)]
        check_in: bool,
        /// From how many minutes before the start people may check in.
        #[schema(example = 30)]
        check_in_from_minutes_before: u32,
        /// How many minutes after the start a missing party loses its slot.
        #[schema(example = 15)]
        release_minutes_after_start: u32,
        /// How many minutes a form being filled in holds its slot.
        #[schema(example = 15)]
        hold_minutes: u32,
        /// Within how many workdays staff decide.
        #[schema(example = 2)]
        request_decision_workdays: u32,
        /// How many workdays a slot that staff offered is held.
        #[schema(example = 2)]
        offer_workdays: u32,
        /// Bookings of one requester in a calendar month; applied with quotas, which come later.
        #[schema(example = 4)]
        per_month: u32,
        /// Length of an appointment in minutes; applied with counters, which come later.
        #[schema(example = 15)]
        slot_min: u32,
        /// Length of a session in minutes; applied with sessions, which come later.
        #[schema(example = 30)]
        session_min: u32,
        /// Places of an appointment or session; applied with sessions and counters, which come later.
        #[schema(example = 8)]
        places: u32,
        /// The part of the places that is kept for people who just come by, 0 to 1.
        #[schema(example = 0.3)]
        kept_for_walk_ins: f64,
        /// Whether a person has one place in a course.
        #[schema(example = true)]
        one_per_person_and_course: bool,
        /// Whether children come with an adult.
        #[schema(example = true)]
        children_with_adult: bool,
    }
}

policy_fields! {
    /// A venue's policy: defaults that a space's own replaces field by field.
    VenuePolicy {
        /// Whether staff need a second factor for their roles to count.
        #[schema(example = true)]
        staff_second_factor: bool,
        /// From how many minutes before the start people may check in.
        #[schema(example = 30)]
        check_in_from_minutes_before: u32,
        /// How many minutes after the start a missing party loses its slot.
        #[schema(example = 15)]
        release_minutes_after_start: u32,
        /// Strikes for not coming; applied with strikes, which come later.
        #[schema(example = 1.0)]
        no_show_strikes: f64,
        /// Strikes for cancelling too late.
        #[schema(example = 0.5)]
        late_cancel_strikes: f64,
        /// From how many strikes a person is blocked.
        #[schema(example = 3.0)]
        strikes_block_at: f64,
        /// For how many days a strike counts.
        #[schema(example = 90)]
        strike_window_days: u32,
        /// For how many days a person is blocked.
        #[schema(example = 30)]
        block_days: u32,
        /// Until how many hours before its start the requester may cancel.
        #[schema(example = 24)]
        cancel_deadline_hours: u32,
        /// How many minutes a form being filled in holds its slot.
        #[schema(example = 15)]
        hold_minutes: u32,
        /// Within how many workdays staff decide.
        #[schema(example = 2)]
        request_decision_workdays: u32,
        /// How many days ahead a booking may start, by group.
        horizon_days: Horizon,
        /// How many bookings somebody may have.
        quota: Quota,
        /// From which attendance a confirmation takes two approvers.
        #[schema(example = 150)]
        two_steps_from_attendance: u32,
        /// How many opening hours a slot is held for the first on the waiting list.
        #[schema(example = 12)]
        waitlist_hold_opening_hours: u32,
        /// How many workdays a slot that staff offered is held.
        #[schema(example = 2)]
        offer_workdays: u32,
        /// When mails that may wait are not sent.
        quiet_hours: QuietHours,
        /// For how many days personal data is kept.
        retention_days: RetentionDays,
    }
}

/// A value of a policy that cannot be meant: the field, and a stable code.
pub type PolicyError = (String, &'static str);

/// Days and minutes in policies beyond which a value is a mistake.
const YEAR_DAYS: u32 = 800;
const YEAR_MINUTES: u32 = 366 * 24 * 60;

struct Checks(Vec<PolicyError>);

impl Checks {
    fn within(&mut self, field: &str, value: Option<u32>, least: u32, most: u32) {
        match value {
            Some(value) if value < least => self.0.push((field.to_owned(), "too_small")),
            Some(value) if value > most => self.0.push((field.to_owned(), "too_large")),
            _ => {}
        }
    }

    fn number(&mut self, field: &str, value: Option<f64>, most: f64) {
        match value {
            Some(value) if value < 0.0 => self.0.push((field.to_owned(), "too_small")),
            Some(value) if value > most => self.0.push((field.to_owned(), "too_large")),
            _ => {}
        }
    }

    fn horizon(&mut self, horizon: Option<&Horizon>) {
        for (name, days) in horizon.iter().flat_map(|horizon| horizon.values()) {
            self.within(&format!("horizon_days.{name}"), days, 0, YEAR_DAYS);
        }
    }
}

impl SpacePolicy {
    /// What cannot be meant, field by field.
    pub fn errors(&self) -> Vec<PolicyError> {
        let mut checks = Checks(Vec::new());
        checks.within("approval_steps", self.approval_steps, 1, 5);
        checks.within(
            "two_steps_from_attendance",
            self.two_steps_from_attendance,
            1,
            1_000_000,
        );
        checks.within("lead_hours", self.lead_hours, 0, YEAR_DAYS * 24);
        checks.within("lead_workdays", self.lead_workdays, 0, 250);
        if self.lead_hours.is_some() && self.lead_workdays.is_some() {
            checks.0.push(("lead_workdays".to_owned(), "one_of_both"));
        }
        checks.horizon(self.horizon_days.as_ref());
        if let Some([least, most]) = self.minutes {
            checks.within("minutes", Some(least), 1, YEAR_MINUTES);
            checks.within("minutes", Some(most), 1, YEAR_MINUTES);
            if least > most {
                checks.0.push(("minutes".to_owned(), "not_ascending"));
            }
        }
        checks.within("grid_min", self.grid_min, 1, 24 * 60);
        checks.within(
            "cancel_deadline_h",
            self.cancel_deadline_h,
            0,
            YEAR_DAYS * 24,
        );
        checks.within(
            "check_in_from_minutes_before",
            self.check_in_from_minutes_before,
            0,
            24 * 60,
        );
        checks.within(
            "release_minutes_after_start",
            self.release_minutes_after_start,
            1,
            YEAR_MINUTES,
        );
        checks.within("hold_minutes", self.hold_minutes, 1, 24 * 60);
        checks.within(
            "request_decision_workdays",
            self.request_decision_workdays,
            0,
            250,
        );
        checks.within("offer_workdays", self.offer_workdays, 0, 250);
        checks.within("per_month", self.per_month, 1, 1000);
        checks.within("slot_min", self.slot_min, 1, 24 * 60);
        checks.within("session_min", self.session_min, 1, 24 * 60);
        checks.within("places", self.places, 1, 100_000);
        checks.number("kept_for_walk_ins", self.kept_for_walk_ins, 1.0);
        checks.0
    }
}

impl VenuePolicy {
    /// What cannot be meant, field by field.
    pub fn errors(&self) -> Vec<PolicyError> {
        let mut checks = Checks(Vec::new());
        checks.within(
            "check_in_from_minutes_before",
            self.check_in_from_minutes_before,
            0,
            24 * 60,
        );
        checks.within(
            "release_minutes_after_start",
            self.release_minutes_after_start,
            1,
            YEAR_MINUTES,
        );
        checks.number("no_show_strikes", self.no_show_strikes, 1000.0);
        checks.number("late_cancel_strikes", self.late_cancel_strikes, 1000.0);
        checks.number("strikes_block_at", self.strikes_block_at, 1000.0);
        checks.within("strike_window_days", self.strike_window_days, 1, YEAR_DAYS);
        checks.within("block_days", self.block_days, 1, YEAR_DAYS);
        checks.within(
            "cancel_deadline_hours",
            self.cancel_deadline_hours,
            0,
            YEAR_DAYS * 24,
        );
        checks.within("hold_minutes", self.hold_minutes, 1, 24 * 60);
        checks.within(
            "request_decision_workdays",
            self.request_decision_workdays,
            0,
            250,
        );
        checks.horizon(self.horizon_days.as_ref());
        checks.within(
            "two_steps_from_attendance",
            self.two_steps_from_attendance,
            1,
            1_000_000,
        );
        checks.within(
            "waitlist_hold_opening_hours",
            self.waitlist_hold_opening_hours,
            1,
            1000,
        );
        checks.within("offer_workdays", self.offer_workdays, 0, 250);
        if let Some(quiet) = &self.quiet_hours {
            checks.0.extend(quiet.errors());
        }
        if let Some(days) = &self.retention_days {
            checks.0.extend(days.errors());
        }
        checks.0
    }
}
