//! Who may book what, how far ahead and for how long: policies as data, and what they come to for a space. Pure.

mod care;
mod data;

pub use care::{LEAST_AUDIT_DAYS, Periods, QuietHours, RetentionDays};
pub use data::{ByEventType, Horizon, PolicyError, Quota, Rule, SpacePolicy, VenuePolicy, Who};

use serde::{Deserialize, Serialize};

use super::words::{EventType, Group};

/// What it takes to book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Access {
    /// Confirmed at once.
    #[serde(rename = "at once")]
    AtOnce,
    /// Requested, and decided by approvers.
    #[serde(rename = "approval")]
    Approval,
    /// Not possible.
    #[serde(rename = "no")]
    No,
}

/// How long before its start a booking must be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lead {
    /// At least so many hours.
    Hours(u32),
    /// On or after the n-th workday after today.
    Workdays(u32),
    /// No matter.
    None,
}

/// What a request does with its slot while it is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requests {
    /// It holds the slot.
    Hold,
    /// Several may ask for the same; only what is confirmed takes it.
    Compete,
}

/// What holds for a space: its own policy, else the venue's, else what is assumed.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    who: Who,
    horizon: [Horizon; 3],
    /// How many distinct approvers a confirmation takes where it takes approval.
    pub approval_steps: u32,
    /// From which attendance it takes two.
    pub two_steps_from_attendance: Option<u32>,
    /// How long before its start a booking must be asked for.
    pub lead: Lead,
    /// The shortest event, in minutes.
    pub min_minutes: u32,
    /// The longest event, in minutes.
    pub max_minutes: u32,
    /// Starts and ends lie on multiples of so many minutes of the day.
    pub grid_min: u32,
    /// Until how many hours before its start the requester may cancel.
    pub cancel_deadline_h: u32,
    /// What a request does with its slot while it is undecided.
    pub requests: Requests,
    /// Whether an event may go on over closed hours.
    pub spans_closed: bool,
    /// Whether arrival is awaited.
    pub check_in: bool,
    /// From how many minutes before the start people may check in.
    pub check_in_from_minutes_before: u32,
    /// How many minutes after the start a missing party loses its slot.
    pub release_minutes_after_start: u32,
    /// How many minutes a form being filled in holds its slot.
    pub hold_minutes: u32,
    /// Within how many workdays staff decide.
    pub request_decision_workdays: u32,
    /// How many workdays a slot that staff offered is held.
    pub offer_workdays: u32,
}

impl Policy {
    /// The space's own policy over the venue's over what is assumed.
    pub fn resolve(venue: &VenuePolicy, space: &SpacePolicy) -> Self {
        let [min_minutes, max_minutes] = space.minutes.unwrap_or([30, 720]);
        Self {
            who: space.who.clone().unwrap_or_else(Who::assumed),
            horizon: [
                space.horizon_days.unwrap_or_default(),
                venue.horizon_days.unwrap_or_default(),
                Horizon::ASSUMED,
            ],
            approval_steps: space.approval_steps.unwrap_or(1),
            two_steps_from_attendance: space
                .two_steps_from_attendance
                .or(venue.two_steps_from_attendance),
            lead: match (space.lead_workdays, space.lead_hours) {
                (Some(days), _) => Lead::Workdays(days),
                (None, Some(hours)) => Lead::Hours(hours),
                (None, None) => Lead::None,
            },
            min_minutes,
            max_minutes,
            grid_min: space.grid_min.unwrap_or(30).max(1),
            cancel_deadline_h: space
                .cancel_deadline_h
                .or(venue.cancel_deadline_hours)
                .unwrap_or(24),
            requests: space.requests.unwrap_or(Requests::Hold),
            spans_closed: space.spans_closed.unwrap_or(false),
            check_in: space.check_in.unwrap_or(true),
            check_in_from_minutes_before: space
                .check_in_from_minutes_before
                .or(venue.check_in_from_minutes_before)
                .unwrap_or(30),
            release_minutes_after_start: space
                .release_minutes_after_start
                .or(venue.release_minutes_after_start)
                .unwrap_or(15),
            hold_minutes: space.hold_minutes.or(venue.hold_minutes).unwrap_or(15),
            request_decision_workdays: space
                .request_decision_workdays
                .or(venue.request_decision_workdays)
                .unwrap_or(2),
            offer_workdays: space.offer_workdays.or(venue.offer_workdays).unwrap_or(2),
        }
    }

    /// What it takes for this group to book this. Staff may book anything, and need no approval for what somebody may book
    /// without one.
    pub fn access(&self, group: Group, event_type: EventType) -> Access {
        let of = |group| {
            let rule = self.who.rule(group);
            rule.map_or(Access::No, |rule| rule.access(event_type))
        };
        match group {
            Group::Staff if Group::ALL.iter().any(|one| of(*one) == Access::AtOnce) => {
                Access::AtOnce
            }
            Group::Staff => Access::Approval,
            _ => of(group),
        }
    }

    /// How many days ahead this group's bookings may start.
    pub fn horizon_days(&self, group: Group) -> u32 {
        self.horizon
            .iter()
            .find_map(|horizon| horizon.of(group))
            .unwrap_or(14)
    }

    /// How many distinct approvers a confirmation takes for this many people.
    pub fn steps(&self, attendance: i32) -> u32 {
        let many = self
            .two_steps_from_attendance
            .is_some_and(|from| i64::from(attendance) >= i64::from(from));
        self.approval_steps.max(if many { 2 } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(json: &str) -> SpacePolicy {
        serde_json::from_str(json).unwrap()
    }

    fn resolved(json: &str) -> Policy {
        Policy::resolve(&VenuePolicy::default(), &space(json))
    }

    #[test]
    fn who_by_group_or_by_group_and_event_type() {
        let policy = resolved(
            r#"{"who": {"enterprise": "approval", "association": "at once",
                "resident": {"salon": "approval"}, "guest": "no"}}"#,
        );
        assert_eq!(
            policy.access(Group::Enterprise, EventType::Talk),
            Access::Approval
        );
        assert_eq!(
            policy.access(Group::ResidentsCommittee, EventType::Talk),
            Access::AtOnce
        );
        assert_eq!(
            policy.access(Group::Resident, EventType::Salon),
            Access::Approval
        );
        assert_eq!(
            policy.access(Group::Resident, EventType::Roadshow),
            Access::No
        );
        assert_eq!(policy.access(Group::Guest, EventType::Salon), Access::No);
        assert_eq!(
            policy.access(Group::PublicBody, EventType::Salon),
            Access::No
        );
        assert_eq!(
            policy.access(Group::Staff, EventType::Salon),
            Access::AtOnce
        );
        let anyone = resolved(r#"{"who": {"anyone": "at once", "guest": "no"}}"#);
        assert_eq!(
            anyone.access(Group::Resident, EventType::Other),
            Access::AtOnce
        );
        assert_eq!(anyone.access(Group::Guest, EventType::Other), Access::No);
    }

    #[test]
    fn a_space_replaces_the_venue_field_by_field() {
        let venue: VenuePolicy = serde_json::from_str(
            r#"{"hold_minutes": 20, "cancel_deadline_hours": 48, "two_steps_from_attendance": 150,
                "horizon_days": {"association": 70, "enterprise": 80}}"#,
        )
        .unwrap();
        let policy = Policy::resolve(
            &venue,
            &space(
                r#"{"cancel_deadline_h": 2, "lead_workdays": 3, "horizon_days": {"enterprise": 120}}"#,
            ),
        );
        assert_eq!(policy.hold_minutes, 20);
        assert_eq!(policy.cancel_deadline_h, 2);
        assert_eq!(policy.lead, Lead::Workdays(3));
        assert_eq!(policy.horizon_days(Group::Enterprise), 120);
        assert_eq!(policy.horizon_days(Group::ResidentsCommittee), 70);
        assert_eq!(policy.horizon_days(Group::Guest), 14);
        assert_eq!([policy.steps(149), policy.steps(150)], [1, 2]);
        assert_eq!(
            policy.access(Group::PublicBody, EventType::Talk),
            Access::Approval
        );
        assert_eq!(policy.access(Group::Resident, EventType::Talk), Access::No);
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        assert!(serde_json::from_str::<SpacePolicy>(r#"{"wo": {}}"#).is_err());
        assert!(serde_json::from_str::<SpacePolicy>(r#"{"who": {"everyone": "no"}}"#).is_err());
        assert!(serde_json::from_str::<SpacePolicy>(r#"{"who": {"guest": "perhaps"}}"#).is_err());
        let errors = space(
            r#"{"minutes": [60, 30], "lead_hours": 1, "lead_workdays": 1, "grid_min": 0,
                "horizon_days": {"staff": 5000}}"#,
        )
        .errors();
        let fields: Vec<_> = errors
            .iter()
            .map(|(field, code)| (field.as_str(), *code))
            .collect();
        assert_eq!(
            fields,
            [
                ("lead_workdays", "one_of_both"),
                ("horizon_days.staff", "too_large"),
                ("minutes", "not_ascending"),
                ("grid_min", "too_small"),
            ]
        );
    }

    #[test]
    fn a_residents_committee_counts_as_an_association() {
        let policy =
            resolved(r#"{"who": {"association": "approval", "residents_committee": "no"}}"#);
        assert_eq!(
            policy.access(Group::ResidentsCommittee, EventType::Talk),
            Access::No
        );
    }
}
