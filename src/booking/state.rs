//! The states of a booking and what leads from one to another (2-model.md, "Booking"). Pure. Whatever is not listed is
//! refused with the state it was in.

use serde::{Deserialize, Serialize};

/// Where a booking stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Held,
    Requested,
    Confirmed,
    CheckedIn,
    Completed,
    NoShow,
    Declined,
    Withdrawn,
    Cancelled,
    Expired,
    Released,
    Waitlisted,
}

impl State {
    /// All of them.
    pub const ALL: [State; 12] = [
        State::Held,
        State::Requested,
        State::Confirmed,
        State::CheckedIn,
        State::Completed,
        State::NoShow,
        State::Declined,
        State::Withdrawn,
        State::Cancelled,
        State::Expired,
        State::Released,
        State::Waitlisted,
    ];

    /// As in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Held => "held",
            State::Requested => "requested",
            State::Confirmed => "confirmed",
            State::CheckedIn => "checked_in",
            State::Completed => "completed",
            State::NoShow => "no_show",
            State::Declined => "declined",
            State::Withdrawn => "withdrawn",
            State::Cancelled => "cancelled",
            State::Expired => "expired",
            State::Released => "released",
            State::Waitlisted => "waitlisted",
        }
    }

    /// The state of a stored word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether a booking in this state has rows of occupancy; for a hold or a request `holds_slot` says so.
    pub fn has_rows(self, holds_slot: bool) -> bool {
        match self {
            State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => true,
            State::Held | State::Requested => holds_slot,
            _ => false,
        }
    }

    /// Whether nobody has decided yet: such a booking lapses.
    pub fn is_open(self) -> bool {
        matches!(self, State::Held | State::Requested)
    }
}

crate::db::stored_as_text!(State);

/// What happens to a booking. The words are those of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A slot is kept while a form is filled in, or for an offer.
    Hold,
    /// A hold is kept for longer, once.
    Prolong,
    /// Asked for.
    Request,
    /// One approval of several.
    Approve,
    /// The last approval, the policy itself, a walk-in, or an accepted offer.
    Confirm,
    /// Refused by an approver.
    Decline,
    /// Taken back by the requester before a decision.
    Withdraw,
    /// Given up after it was confirmed, or by staff before.
    Cancel,
    /// A hold given back.
    Release,
    /// Undecided by its deadline, or lapsed.
    Expire,
    /// Moved, re-laid out, or given other access times.
    Reschedule,
    /// Facts changed that no rule of occupancy asks for.
    Edit,
    /// A closure or staff took the slot.
    Displace,
    /// They came.
    CheckIn,
    /// Checked in by mistake.
    UndoCheckIn,
    /// They did not come.
    NoShow,
    /// They said that they will be late.
    ExpectLate,
    /// Over.
    Complete,
    /// Runs longer than planned.
    Extend,
}

impl Event {
    /// As in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Hold => "hold",
            Event::Prolong => "prolong",
            Event::Request => "request",
            Event::Approve => "approve",
            Event::Confirm => "confirm",
            Event::Decline => "decline",
            Event::Withdraw => "withdraw",
            Event::Cancel => "cancel",
            Event::Release => "release",
            Event::Expire => "expire",
            Event::Reschedule => "reschedule",
            Event::Edit => "edit",
            Event::Displace => "displace",
            Event::CheckIn => "check_in",
            Event::UndoCheckIn => "undo_check_in",
            Event::NoShow => "no_show",
            Event::ExpectLate => "expect_late",
            Event::Complete => "complete",
            Event::Extend => "extend",
        }
    }
}

/// Where the event leads from this state (`None`: a booking that is not there yet); refused with the state otherwise.
pub fn after(state: Option<State>, event: Event) -> Result<State, Option<State>> {
    use State::{
        Cancelled, CheckedIn, Completed, Confirmed, Declined, Expired, Held, NoShow, Released,
        Requested, Withdrawn,
    };
    match (state, event) {
        (None, Event::Hold) => Ok(Held),
        (None | Some(Held), Event::Request) => Ok(Requested),
        (None | Some(Held | Requested), Event::Confirm) => Ok(Confirmed),
        (Some(Requested), Event::Approve) => Ok(Requested),
        (Some(Requested), Event::Decline) => Ok(Declined),
        (Some(Requested), Event::Withdraw) => Ok(Withdrawn),
        (Some(Held), Event::Release) => Ok(Released),
        (Some(Held), Event::Expire) => Ok(Released),
        (Some(Requested), Event::Expire) => Ok(Expired),
        (Some(Requested | Confirmed), Event::Cancel | Event::Displace) => Ok(Cancelled),
        (Some(Held), Event::Displace) => Ok(Released),
        (Some(Held), Event::Prolong) => Ok(Held),
        (Some(from @ (Held | Requested | Confirmed)), Event::Reschedule) => Ok(from),
        (Some(from @ (Held | Requested | Confirmed | CheckedIn)), Event::Edit) => Ok(from),
        (Some(Confirmed | NoShow), Event::CheckIn) => Ok(CheckedIn),
        (Some(CheckedIn), Event::UndoCheckIn) => Ok(Confirmed),
        (Some(Confirmed), Event::NoShow) => Ok(NoShow),
        (Some(Confirmed), Event::ExpectLate) => Ok(Confirmed),
        (Some(Confirmed | CheckedIn), Event::Complete) => Ok(Completed),
        (Some(CheckedIn), Event::Extend) => Ok(CheckedIn),
        (refused, _) => Err(refused),
    }
}
