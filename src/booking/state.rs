//! The states of a booking and what leads from one to another (2-model.md, "Booking"). Pure. Whatever is not listed is
//! refused with the state it was in.

use crate::db::text_enum;

text_enum! {
    /// Where a booking stands.
    State {
        /// A slot kept while a form is filled in, or for an offer.
        Held = "held",
        /// Waits for a decision.
        Requested = "requested",
        /// Will take place.
        Confirmed = "confirmed",
        /// They are here.
        CheckedIn = "checked_in",
        /// Over.
        Completed = "completed",
        /// They did not come.
        NoShow = "no_show",
        /// Refused by an approver.
        Declined = "declined",
        /// Taken back before a decision.
        Withdrawn = "withdrawn",
        /// Given up after it was confirmed, or by staff.
        Cancelled = "cancelled",
        /// Undecided by its deadline.
        Expired = "expired",
        /// A hold given back.
        Released = "released",
        /// Asked for a slot that is taken.
        Waitlisted = "waitlisted",
    }
}

impl State {
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

text_enum! {
    /// What happens to a booking. The words are those of the history.
    Event {
        /// A slot is kept while a form is filled in, or for an offer.
        Hold = "hold",
        /// A hold is kept for longer, once.
        Prolong = "prolong",
        /// Asked for.
        Request = "request",
        /// One approval of several.
        Approve = "approve",
        /// The last approval, the policy itself, a walk-in, or an accepted offer.
        Confirm = "confirm",
        /// Refused by an approver.
        Decline = "decline",
        /// Taken back by the requester before a decision.
        Withdraw = "withdraw",
        /// Given up after it was confirmed, or by staff before.
        Cancel = "cancel",
        /// A hold given back.
        Release = "release",
        /// Undecided by its deadline, or lapsed.
        Expire = "expire",
        /// Moved, re-laid out, or given other access times.
        Reschedule = "reschedule",
        /// Facts changed that no rule of occupancy asks for.
        Edit = "edit",
        /// A closure or staff took the slot.
        Displace = "displace",
        /// They came.
        CheckIn = "check_in",
        /// Checked in by mistake.
        UndoCheckIn = "undo_check_in",
        /// They did not come.
        NoShow = "no_show",
        /// They said that they will be late.
        ExpectLate = "expect_late",
        /// Over.
        Complete = "complete",
        /// Runs longer than planned.
        Extend = "extend",
        /// Staff hold another slot for it.
        Propose = "propose",
        /// The requester takes that slot: the booking moves there.
        AcceptOffer = "accept_offer",
        /// The requester does not take it. Leads nowhere: the booking stays as it is.
        RefuseOffer = "refuse_offer",
        /// Staff ask the requester something.
        Ask = "ask",
        /// And get an answer.
        Answer = "answer",
        /// An account has the address that it was booked with: it is the account's now. Leads nowhere, whatever the state.
        Claim = "claim",
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
        (Some(from @ (Requested | Confirmed)), Event::Propose) => Ok(from),
        (Some(Requested | Confirmed), Event::AcceptOffer) => Ok(Confirmed),
        (Some(from @ (Held | Requested | Confirmed | CheckedIn)), Event::Ask | Event::Answer) => {
            Ok(from)
        }
        (Some(Confirmed | NoShow), Event::CheckIn) => Ok(CheckedIn),
        (Some(CheckedIn), Event::UndoCheckIn) => Ok(Confirmed),
        (Some(Confirmed), Event::NoShow) => Ok(NoShow),
        (Some(Confirmed), Event::ExpectLate) => Ok(Confirmed),
        (Some(Confirmed | CheckedIn), Event::Complete) => Ok(Completed),
        (Some(CheckedIn), Event::Extend) => Ok(CheckedIn),
        (refused, _) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, State, after};

    /// The table of 2-model.md, "Booking", in its order: from, what happens, to. `-` is a booking that is not there yet.
    const TABLE: &str = "
        - hold held
        held prolong held
        - request requested
        held request requested
        held release released
        held expire released
        - confirm confirmed
        held confirm confirmed
        requested confirm confirmed
        requested approve requested
        requested decline declined
        requested withdraw withdrawn
        requested expire expired
        confirmed check_in checked_in
        confirmed no_show no_show
        confirmed expect_late confirmed
        checked_in undo_check_in confirmed
        no_show check_in checked_in
        confirmed cancel cancelled
        requested cancel cancelled
        checked_in complete completed
        confirmed complete completed
        held reschedule held
        requested reschedule requested
        confirmed reschedule confirmed
        checked_in extend checked_in
        held edit held
        requested edit requested
        confirmed edit confirmed
        checked_in edit checked_in
        requested propose requested
        confirmed propose confirmed
        requested accept_offer confirmed
        confirmed accept_offer confirmed
        held ask held
        requested ask requested
        confirmed ask confirmed
        checked_in ask checked_in
        held answer held
        requested answer requested
        confirmed answer confirmed
        checked_in answer checked_in
        held displace released
        requested displace cancelled
        confirmed displace cancelled";

    const STATES: &str = "- held requested confirmed checked_in completed no_show declined withdrawn cancelled expired \
        released waitlisted";

    const EVENTS: &str = "hold prolong request approve confirm decline withdraw cancel release expire reschedule edit \
        displace check_in undo_check_in no_show expect_late complete extend propose accept_offer refuse_offer ask answer claim";

    #[test]
    fn every_event_in_every_state_leads_where_the_model_says_or_is_refused() {
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|row: &Vec<&str>| !row.is_empty())
            .collect();
        let mut seen = 0;
        for from in STATES.split_whitespace() {
            let state: Option<State> = (from != "-").then(|| from.parse().unwrap());
            for word in EVENTS.split_whitespace() {
                let event: Event = word.parse().unwrap();
                let listed = rows.iter().find(|row| row[0] == from && row[1] == word);
                let expected = match listed {
                    Some(row) => Ok(row[2].parse().unwrap()),
                    None => Err(state),
                };
                assert_eq!(after(state, event), expected, "{word} from {from}");
                seen += usize::from(listed.is_some());
            }
        }
        assert_eq!(
            seen,
            rows.len(),
            "a row of the table names no state or event"
        );
    }

    #[test]
    fn what_is_over_stays_over() {
        for state in [
            State::Completed,
            State::Declined,
            State::Withdrawn,
            State::Cancelled,
            State::Expired,
            State::Released,
        ] {
            for word in EVENTS.split_whitespace() {
                assert_eq!(after(Some(state), word.parse().unwrap()), Err(Some(state)));
            }
        }
    }
}
