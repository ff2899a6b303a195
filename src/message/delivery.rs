//! Whether a mail goes out now: what its reader chose, and whether the venue's night can wait. Pure.
//!
//! * **May be turned off**: what only repeats what the reader did themselves or knows (the request has arrived, it is
//!   withdrawn, tomorrow is the day).
//! * **May wait** for the end of the quiet hours, unless that is too late: reminders, and what asks staff for a decision.
//! * **May be gathered** in a digest: what asks staff for a decision on a booking.
//! * Everything else is essential: answers that people wait for, bad news about a booking, links that run out, and
//!   whatever happens to an account. It goes out at once, whatever the hour, and nobody can turn it off.

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::catalogue::calendar::instant_at;
use crate::catalogue::hours::WallTime;
use crate::catalogue::policy::QuietHours;
use crate::db::text_enum;
use crate::span::Instant;

text_enum! {
    /// A kind of mail that its reader can do without.
    Optional {
        /// Your request has arrived.
        BookingReceived = "booking_received",
        /// Your request is withdrawn, as you asked.
        BookingWithdrawn = "booking_withdrawn",
        /// Tomorrow is the day.
        BookingReminder = "booking_reminder",
    }
}

text_enum! {
    /// What a mail waits for.
    WaitsFor {
        /// The reader's digest.
        Digest = "digest",
        /// The end of the venue's quiet hours.
        QuietHours = "quiet_hours",
    }
}

/// Mails about requests that wait for a decision.
pub const TO_DECIDE: [&str; 2] = ["request_to_decide", "change_to_decide"];
/// The one mail that tells of them all.
pub const DIGEST: &str = "decision_digest";
const MAY_WAIT: [&str; 4] = [
    "booking_reminder",
    "request_to_decide",
    "change_to_decide",
    "organisation_to_verify",
];

/// What the reader chose, and where the mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Kinds of mails that they do not want.
    pub off: Vec<String>,
    /// When their digest comes, in the venue's wall time; `None`: each mail at once.
    pub digest_at: Option<NaiveTime>,
    /// The venue's quiet hours.
    pub quiet: Option<QuietHours>,
    /// The venue's zone.
    pub zone: Tz,
}

/// A mail as far as its time is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    pub kind: &'a str,
    /// When it would be of no use any more: the event begins, the decision is due.
    pub useless_from: Option<Instant>,
    /// What it has waited for already.
    pub waited_for: Option<WaitsFor>,
    /// What it asks for was done while it waited.
    pub overtaken: bool,
}

/// What becomes of a mail that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It goes out.
    Send,
    /// It comes again then.
    Wait(WaitsFor, Instant),
    /// The digest tells of it, with everything else that waits.
    Gather,
    /// Its reader does not want it.
    Mute,
    /// It tells nothing new any more.
    Overtaken,
}

/// What becomes of a mail at `now`.
pub fn turn(due: Due<'_>, wishes: &Wishes, now: Instant) -> Turn {
    if due.kind.parse::<Optional>().is_ok() && wishes.off.iter().any(|off| off == due.kind) {
        return Turn::Mute;
    }
    if due.waited_for.is_some() && due.overtaken {
        return Turn::Overtaken;
    }
    let in_time = |until: Instant| due.useless_from.is_none_or(|useless| until < useless);
    if TO_DECIDE.contains(&due.kind)
        && let Some(digest_at) = wishes.digest_at
    {
        if due.waited_for == Some(WaitsFor::Digest) {
            return Turn::Gather;
        }
        let next = next_at(wishes.zone, digest_at, now);
        if in_time(next) {
            return Turn::Wait(WaitsFor::Digest, next);
        }
    }
    if MAY_WAIT.contains(&due.kind)
        && let Some(end) = quiet_until(wishes, now)
        && in_time(end)
    {
        return Turn::Wait(WaitsFor::QuietHours, end);
    }
    Turn::Send
}

/// The first instant after `now` at which the clock of the zone shows this time.
fn next_at(zone: Tz, time: NaiveTime, now: Instant) -> Instant {
    let today = now.with_timezone(&zone).date_naive();
    (0..)
        .map(|days| instant_at(zone, (today + TimeDelta::days(days)).and_time(time)))
        .find(|at| *at > now)
        .unwrap_or(now)
}

/// The end of the quiet hours, where `now` lies in them.
fn quiet_until(wishes: &Wishes, now: Instant) -> Option<Instant> {
    let (from, to) = wishes.quiet.as_ref()?.times()?;
    let local = now.with_timezone(&wishes.zone);
    let clock = local.time();
    let time = |wall: WallTime| wall.on(local.date_naive()).time();
    let (from, to) = (time(from), time(to));
    let quiet = if from < to {
        (from..to).contains(&clock)
    } else {
        clock >= from || clock < to
    };
    quiet.then(|| next_at(wishes.zone, to, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn wishes() -> Wishes {
        Wishes {
            off: vec![
                "booking_reminder".to_owned(),
                "booking_cancelled".to_owned(),
            ],
            digest_at: NaiveTime::from_hms_opt(8, 30, 0),
            quiet: Some(QuietHours {
                from: "22:00".to_owned(),
                to: "07:00".to_owned(),
            }),
            zone: chrono_tz::Asia::Shanghai,
        }
    }

    fn due(kind: &str) -> Due<'_> {
        Due {
            kind,
            useless_from: None,
            waited_for: None,
            overtaken: false,
        }
    }

    // 23:00 in Shanghai
    const NIGHT: &str = "2026-11-24T15:00:00Z";
    const MORNING: &str = "2026-11-24T23:00:00Z";

    #[test]
    fn what_is_essential_waits_for_nothing_and_cannot_be_turned_off() {
        for kind in [
            "booking_cancelled",
            "booking_confirmed",
            "booking_displaced",
            "reset_password",
            DIGEST,
        ] {
            assert_eq!(turn(due(kind), &wishes(), at(NIGHT)), Turn::Send, "{kind}");
        }
    }

    #[test]
    fn a_reminder_waits_for_the_morning_unless_that_is_too_late() {
        let reminder = due("booking_reminder");
        assert_eq!(turn(reminder, &wishes(), at(NIGHT)), Turn::Mute);
        let wishes = Wishes {
            off: Vec::new(),
            ..wishes()
        };
        let wait = Turn::Wait(WaitsFor::QuietHours, at(MORNING));
        assert_eq!(turn(reminder, &wishes, at(NIGHT)), wait);
        let early = Due {
            useless_from: Some(at("2026-11-24T22:30:00Z")),
            ..reminder
        };
        assert_eq!(turn(early, &wishes, at(NIGHT)), Turn::Send);
        assert_eq!(turn(reminder, &wishes, at(MORNING)), Turn::Send);
        let overtaken = Due {
            waited_for: Some(WaitsFor::QuietHours),
            overtaken: true,
            ..reminder
        };
        assert_eq!(turn(overtaken, &wishes, at(MORNING)), Turn::Overtaken);
    }

    #[test]
    fn requests_are_gathered_once_a_day_unless_that_is_too_late() {
        let request = due("request_to_decide");
        let next = at("2026-11-25T00:30:00Z");
        let wait = Turn::Wait(WaitsFor::Digest, next);
        assert_eq!(turn(request, &wishes(), at(NIGHT)), wait);
        let waited = Due {
            waited_for: Some(WaitsFor::Digest),
            ..request
        };
        assert_eq!(turn(waited, &wishes(), next), Turn::Gather);
        let urgent = Due {
            useless_from: Some(next),
            ..request
        };
        // before the digest, but not before the morning
        let morning = Turn::Wait(WaitsFor::QuietHours, at(MORNING));
        assert_eq!(turn(urgent, &wishes(), at(NIGHT)), morning);
        let noon = at("2026-11-24T04:00:00Z");
        assert_eq!(turn(urgent, &wishes(), noon), Turn::Send);
    }

    #[test]
    fn quiet_hours_within_a_day_and_a_clock_that_jumps() {
        let mut wishes = wishes();
        wishes.digest_at = None;
        wishes.zone = chrono_tz::Europe::Berlin;
        wishes.quiet = Some(QuietHours {
            from: "01:00".to_owned(),
            to: "02:30".to_owned(),
        });
        // 02:30 does not exist on that day: the first instant after the gap
        let now = at("2026-03-29T00:15:00Z");
        let wait = Turn::Wait(WaitsFor::QuietHours, at("2026-03-29T01:00:00Z"));
        assert_eq!(turn(due("request_to_decide"), &wishes, now), wait);
        let later = at("2026-03-29T01:00:00Z");
        assert_eq!(turn(due("request_to_decide"), &wishes, later), Turn::Send);
    }
}
