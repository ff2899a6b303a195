//! What people are told: the outbox, the worker that empties it, mails and calendar entries.

use serde::{Deserialize, Serialize};

use crate::id::{BookingId, MessageId, UserId};
use crate::language::Locale;
use crate::span::{Instant, Span};

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// To the requester: the request has arrived.
    BookingReceived,
    /// To an approver: a request waits for a decision.
    RequestToDecide,
    /// To the requester: confirmed (also at once, by the policy).
    BookingConfirmed,
    /// To the requester: declined, with a reason and possibly an offered slot.
    BookingDeclined,
    /// To the requester: withdrawn, as they asked.
    BookingWithdrawn,
    /// To the requester: moved or re-laid out, or its facts changed.
    BookingChanged,
    /// To the requester: cancelled, by them or by staff with a reason.
    BookingCancelled,
    /// To the requester: a closure or staff took the slot; with a reason and alternatives.
    BookingDisplaced,
    /// To the requester of a competing request: another was confirmed; with alternatives.
    BookingNoLongerPossible,
    /// To the requester: undecided by its deadline, or a hold that ran out.
    BookingExpired,
    /// To the requester: tomorrow is the day.
    BookingReminder,
    /// To an approver: a change of a confirmed booking waits for a decision.
    ChangeToDecide,
    /// To the requester: a change request was declined; the booking stands as it was.
    ChangeDeclined,
}

/// The facts of a booking as they were when the message was promised: a later change never rewrites an earlier mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingFacts {
    pub booking_id: BookingId,
    pub reference: String,
    pub title: String,
    /// As in the API: `roadshow`, `meeting`, …
    pub event_type: String,
    /// The booking's state after the transition, as in the API.
    pub state: String,
    pub attendance: i32,
    pub venue_zh: String,
    pub venue_en: String,
    pub space_zh: String,
    pub space_en: String,
    pub layout_zh: Option<String>,
    pub layout_en: Option<String>,
    /// IANA name: mails speak in the venue's wall time.
    pub time_zone: String,
    pub during: Span,
    pub contact_name: String,
    pub organisation: Option<String>,
    /// RFC 5545 SEQUENCE.
    pub sequence: i32,
    /// The place before a move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previously: Option<Span>,
    /// In the words of whoever decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// By when staff decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide_by: Option<Instant>,
    /// A slot that staff offered together with a decline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// Other starts that work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Span>,
}

/// A slot held for the requester until they answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub reference: String,
    pub during: Span,
    pub answer_by: Instant,
}

/// A message to be written in the transaction of the transition that it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub id: MessageId,
    pub kind: MessageKind,
    pub recipient_id: Option<UserId>,
    /// `None`: nobody to mail; the front desk sees it and calls.
    pub email: Option<String>,
    pub phone: Option<String>,
    pub locale: Locale,
    pub facts: BookingFacts,
    /// The same thing is never told twice.
    pub dedupe_key: String,
}
