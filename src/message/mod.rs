//! What people are told: the outbox, the worker that empties it, mails and calendar entries.

pub mod account;
pub mod address;
pub mod calendar;
pub mod care;
pub mod delivery;
pub mod digest;
mod folder;
mod lines;
pub mod mail;
pub mod notification;
pub mod page;
pub mod personal;
mod sender;
mod smtp;
pub mod store;
pub mod transport;
pub mod when;
mod words;
pub mod worker;
mod zone;

pub use sender::{Sender, SenderError};
pub use transport::Transport;

use serde::{Deserialize, Serialize};

use crate::id::{BookingId, GuestLinkId, LayoutVersionId, MessageId, UserId};
use crate::language::Locale;
use crate::span::{Instant, Span};

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// To a guest: confirm the address, and the request with it.
    RequestToConfirm,
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
    /// To an approver: a change of a confirmed booking waits for a decision. `during` is the place asked for,
    /// `previously` the one that stands.
    ChangeToDecide,
    /// To the requester: staff hold another slot for them; the booking stays until they answer.
    SlotProposed,
    /// To the requester: staff want to know something.
    QuestionAsked,
    /// To whoever asked: the answer.
    QuestionAnswered,
    /// To the requester: a change request was declined; the booking stands as it was.
    ChangeDeclined,
    /// To the requester: the crew is late, and their space will be set up at another time than planned, or on time again.
    SetupDelayed,
}

impl MessageKind {
    /// Every kind, for documents and tests.
    pub const ALL: [MessageKind; 18] = [
        MessageKind::RequestToConfirm,
        MessageKind::BookingReceived,
        MessageKind::RequestToDecide,
        MessageKind::BookingConfirmed,
        MessageKind::BookingDeclined,
        MessageKind::BookingWithdrawn,
        MessageKind::BookingChanged,
        MessageKind::BookingCancelled,
        MessageKind::BookingDisplaced,
        MessageKind::BookingNoLongerPossible,
        MessageKind::BookingExpired,
        MessageKind::BookingReminder,
        MessageKind::ChangeToDecide,
        MessageKind::ChangeDeclined,
        MessageKind::SlotProposed,
        MessageKind::QuestionAsked,
        MessageKind::QuestionAnswered,
        MessageKind::SetupDelayed,
    ];

    /// The kind's name, as in the table and in the keys of its words.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::RequestToConfirm => "request_to_confirm",
            MessageKind::BookingReceived => "booking_received",
            MessageKind::RequestToDecide => "request_to_decide",
            MessageKind::BookingConfirmed => "booking_confirmed",
            MessageKind::BookingDeclined => "booking_declined",
            MessageKind::BookingWithdrawn => "booking_withdrawn",
            MessageKind::BookingChanged => "booking_changed",
            MessageKind::BookingCancelled => "booking_cancelled",
            MessageKind::BookingDisplaced => "booking_displaced",
            MessageKind::BookingNoLongerPossible => "booking_no_longer_possible",
            MessageKind::BookingExpired => "booking_expired",
            MessageKind::BookingReminder => "booking_reminder",
            MessageKind::ChangeToDecide => "change_to_decide",
            MessageKind::ChangeDeclined => "change_declined",
            MessageKind::SlotProposed => "slot_proposed",
            MessageKind::QuestionAsked => "question_asked",
            MessageKind::QuestionAnswered => "question_answered",
            MessageKind::SetupDelayed => "setup_delayed",
        }
    }

    /// The kind of that name, if this version of the product knows it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it shows how the space will look: where the layout is still to come.
    pub fn shows_layout(self) -> bool {
        matches!(
            self,
            MessageKind::BookingReceived
                | MessageKind::RequestToDecide
                | MessageKind::BookingConfirmed
                | MessageKind::BookingChanged
                | MessageKind::BookingReminder
                | MessageKind::ChangeToDecide
        )
    }

    /// Whether it goes to an approver rather than to the requester.
    pub fn to_staff(self) -> bool {
        matches!(
            self,
            MessageKind::RequestToDecide
                | MessageKind::ChangeToDecide
                | MessageKind::QuestionAnswered
        )
    }
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
    /// The version whose picture the mail shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout_version_id: Option<LayoutVersionId>,
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
    /// What staff asked the requester.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// By when the reader has to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Instant>,
    /// The link with which a guest looks after the booking; never to anybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_link: Option<GuestLinkId>,
    /// When the space will be set up, where that differs from the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Instant>,
}

/// A slot held for the requester until they answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub reference: String,
    pub during: Span,
    pub answer_by: Instant,
    /// The slot's own link, where it is a guest's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_link: Option<GuestLinkId>,
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
