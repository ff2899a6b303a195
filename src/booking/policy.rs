//! What the space's policy says of a wish. Pure: it knows the policy, the calendar and the clock, and no other booking.

use chrono::{TimeDelta, Timelike};

use crate::catalogue::{Access, EventType, Ground, Group, Lead};
use crate::http::problem::{Arg, Reason};
use crate::span::{Instant, Span};

/// A rule that a wish breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    pub rule: Rule,
    pub reason: Reason,
}

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The group may not book this here.
    Who,
    /// It would begin before now.
    Past,
    /// Too soon.
    LeadTime,
    /// Too far ahead.
    Horizon,
    /// Too short or too long.
    Length,
    /// Begins or ends off the grid.
    Grid,
    /// Outside opening or bookable hours.
    Hours,
    /// Later than the policy lets it be given up or moved.
    Deadline,
}

impl Rule {
    /// Whether staff may override it, with a reason. Never an invariant, never who may book or the opening hours.
    pub fn can_be_overridden(self) -> bool {
        matches!(
            self,
            Rule::LeadTime | Rule::Horizon | Rule::Length | Rule::Grid | Rule::Deadline
        )
    }

    /// As in the history and in reasons.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Who => "who",
            Rule::Past => "past",
            Rule::LeadTime => "lead_time",
            Rule::Horizon => "horizon",
            Rule::Length => "length",
            Rule::Grid => "grid",
            Rule::Hours => "hours",
            Rule::Deadline => "deadline",
        }
    }
}

/// A time somebody wishes for.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub group: Group,
    pub event_type: EventType,
    /// The event without access times.
    pub during: Span,
    /// How long ago it may have begun: nothing, but for a walk-in.
    pub grace: TimeDelta,
}

/// Who may do this: the first question, the same whatever the time.
pub fn access(ground: &Ground, group: Group, event_type: EventType) -> Result<Access, Breach> {
    match ground.policy.access(group, event_type) {
        Access::No => Err(Breach {
            rule: Rule::Who,
            reason: Reason::new("who"),
        }),
        access => Ok(access),
    }
}

/// Every rule about time that the wish breaks.
pub fn breaches(ground: &Ground, wish: &Wish, now: Instant) -> Vec<Breach> {
    let policy = &ground.policy;
    let calendar = &ground.opening;
    let mut found = Vec::new();
    let mut breach = |rule: Rule, reason: Reason| found.push(Breach { rule, reason });
    let start = wish.during.start();
    if start < now - wish.grace {
        breach(Rule::Past, Reason::new("past"));
    }
    let today = calendar.local_date(now);
    match policy.lead {
        Lead::None => {}
        Lead::Hours(hours) => {
            if start < now + TimeDelta::hours(i64::from(hours)) {
                breach(
                    Rule::LeadTime,
                    Reason::new("lead_hours").with("hours", Arg::Number(hours.into())),
                );
            }
        }
        Lead::Workdays(days) => {
            let first = calendar.nth_workday_after(today, days);
            if calendar.local_date(start) < first {
                let reason = Reason::new("lead_workdays").with("days", Arg::Number(days.into()));
                breach(
                    Rule::LeadTime,
                    reason.with("first", Arg::Text(first.to_string())),
                );
            }
        }
    }
    let horizon = policy.horizon_days(wish.group);
    let last = crate::catalogue::calendar::days_after(today, horizon);
    if calendar.local_date(start) > last {
        breach(
            Rule::Horizon,
            Reason::new("horizon")
                .with("days", Arg::Number(horizon.into()))
                .with("last", Arg::Text(last.to_string())),
        );
    }
    let minutes = wish.during.length().num_minutes();
    if minutes < i64::from(policy.min_minutes) || minutes > i64::from(policy.max_minutes) {
        let reason = Reason::new("length").with("least", Arg::Number(policy.min_minutes.into()));
        breach(
            Rule::Length,
            reason.with("most", Arg::Number(policy.max_minutes.into())),
        );
    }
    if !(on_grid(ground, start) && on_grid(ground, wish.during.end())) {
        breach(
            Rule::Grid,
            Reason::new("grid").with("minutes", Arg::Number(policy.grid_min.into())),
        );
    }
    if !ground.is_open_for(&wish.during) {
        breach(Rule::Hours, Reason::new("hours"));
    }
    found
}

/// Whether a booking that starts then may still be given up or moved by its requester.
pub fn deadline(ground: &Ground, start: Instant, now: Instant) -> Result<(), Breach> {
    let hours = ground.policy.cancel_deadline_h;
    if now > start - TimeDelta::hours(i64::from(hours)) {
        let reason = Reason::new("deadline").with("hours", Arg::Number(hours.into()));
        return Err(Breach {
            rule: Rule::Deadline,
            reason,
        });
    }
    Ok(())
}

/// Whether the wall clock shows a multiple of the grid since midnight.
fn on_grid(ground: &Ground, at: Instant) -> bool {
    let wall = at.with_timezone(&ground.opening.tz).time();
    let seconds = wall.num_seconds_from_midnight();
    wall.nanosecond() == 0 && seconds.is_multiple_of(60 * ground.policy.grid_min.max(1))
}
