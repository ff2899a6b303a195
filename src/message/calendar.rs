//! A booking as calendar text (RFC 5545), and as an invitation (RFC 5546): one UID for life, a SEQUENCE that grows
//! with each change, the zone written out.

use chrono_tz::Tz;

use super::lines::{Lines, one_line, quoted};
use super::{BookingFacts, MessageKind, Sender, zone};
use crate::language::{Locale, text};
use crate::span::Instant;

const PRODUCT: &str = "-//Mofang//Booking//ZH";

/// What an invitation asks of the calendar that gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Enter it, or replace what was there.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    /// The method of a message of this kind, where it carries an invitation at all. Approvers get none, reminders
    /// neither: an entry that is already there needs no second.
    pub fn of(kind: MessageKind, facts: &BookingFacts) -> Option<Self> {
        match kind {
            MessageKind::BookingReceived
            | MessageKind::BookingConfirmed
            | MessageKind::BookingChanged => Some(Method::Request),
            MessageKind::BookingDeclined
            | MessageKind::BookingWithdrawn
            | MessageKind::BookingCancelled
            | MessageKind::BookingDisplaced
            | MessageKind::BookingNoLongerPossible => Some(Method::Cancel),
            // a hold that ran out never was in anybody's calendar
            MessageKind::BookingExpired => (facts.state != "released").then_some(Method::Cancel),
            MessageKind::RequestToConfirm
            | MessageKind::RequestToDecide
            | MessageKind::ChangeToDecide
            | MessageKind::ChangeDeclined
            | MessageKind::SlotProposed
            | MessageKind::QuestionAsked
            | MessageKind::QuestionAnswered
            | MessageKind::BookingReminder
            | MessageKind::SetupDelayed => None,
        }
    }

    /// As in METHOD and in the MIME parameter `method`.
    pub fn name(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
        }
    }
}

/// To whom and when an invitation goes.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    pub method: Method,
    /// The address that was invited.
    pub attendee: &'a str,
    /// When it was written.
    pub at: Instant,
}

/// The invitation of a mail.
pub fn invitation(
    facts: &BookingFacts,
    locale: Locale,
    sender: &Sender,
    invitation: Invitation<'_>,
) -> String {
    calendar(facts, locale, sender, invitation.at, Some(invitation))
}

/// The booking as an entry to keep, without a method: for a download. `None` where `base_url` is no address of pages.
pub fn entry(facts: &BookingFacts, locale: Locale, base_url: &str, at: Instant) -> Option<String> {
    // an entry names no sender; its UID and its link are those of the mails
    let sender = Sender::new("calendar@localhost", base_url).ok()?;
    Some(calendar(facts, locale, &sender, at, None))
}

fn calendar(
    facts: &BookingFacts,
    locale: Locale,
    sender: &Sender,
    at: Instant,
    invitation: Option<Invitation<'_>>,
) -> String {
    let tz: Tz = facts.time_zone.parse().unwrap_or(Tz::UTC);
    let mut out = Lines::default();
    out.raw("BEGIN", "VCALENDAR");
    out.raw("VERSION", "2.0");
    out.raw("PRODID", PRODUCT);
    out.raw("CALSCALE", "GREGORIAN");
    if let Some(invitation) = &invitation {
        out.raw("METHOD", invitation.method.name());
    }
    zone::write(tz, facts.during, &mut out);

    let wall = |at: Instant| at.with_timezone(&tz).format("%Y%m%dT%H%M%S").to_string();
    let link = sender.link(&facts.reference);
    out.raw("BEGIN", "VEVENT");
    out.raw("UID", &format!("{}@{}", facts.booking_id, sender.host()));
    out.raw("SEQUENCE", &facts.sequence.to_string());
    out.raw("DTSTAMP", &at.format("%Y%m%dT%H%M%SZ").to_string());
    out.raw(&in_zone("DTSTART", tz), &wall(facts.during.start()));
    out.raw(&in_zone("DTEND", tz), &wall(facts.during.end()));
    out.text("SUMMARY", &one_line(&facts.title));
    let venue = locale.pick(&facts.venue_zh, &facts.venue_en);
    let space = locale.pick(&facts.space_zh, &facts.space_en);
    out.text(
        "LOCATION",
        &format!("{}{}{}", space, locale.pick("，", ", "), venue),
    );
    out.text("DESCRIPTION", &description(facts, locale, &link));
    out.raw("STATUS", status(facts, invitation.map(|it| it.method)));
    out.raw("TRANSP", "OPAQUE");
    out.raw("URL", &link);
    if let Some(invitation) = &invitation {
        out.raw(
            &format!("ORGANIZER;CN={}", quoted(venue)),
            &format!("mailto:{}", sender.address()),
        );
        // the booking is theirs already: nothing is asked of them
        out.raw(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE",
            &format!("mailto:{}", invitation.attendee),
        );
    }
    out.raw("END", "VEVENT");
    out.raw("END", "VCALENDAR");
    out.finish()
}

fn in_zone(name: &str, tz: Tz) -> String {
    format!("{name};TZID={}", tz.name())
}

fn status(facts: &BookingFacts, method: Option<Method>) -> &'static str {
    match (method, facts.state.as_str()) {
        (Some(Method::Cancel), _) => "CANCELLED",
        (_, "held" | "requested" | "waitlisted") => "TENTATIVE",
        (Some(Method::Request), _) => "CONFIRMED",
        (None, "confirmed" | "checked_in" | "completed" | "no_show") => "CONFIRMED",
        (None, _) => "CANCELLED",
    }
}

fn description(facts: &BookingFacts, locale: Locale, link: &str) -> String {
    let label = |key| text(locale, key, &[]);
    let colon = locale.pick("：", ": ");
    let mut lines = vec![format!(
        "{}{colon}{}",
        label("mail-fact-reference"),
        facts.reference
    )];
    if let (Some(zh), Some(en)) = (&facts.layout_zh, &facts.layout_en) {
        lines.push(format!(
            "{}{colon}{}",
            label("mail-fact-layout"),
            locale.pick(zh, en)
        ));
    }
    lines.push(format!(
        "{}{colon}{}",
        label("mail-fact-attendance"),
        facts.attendance
    ));
    lines.push(link.to_owned());
    lines.join("\n")
}
