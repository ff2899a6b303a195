//! What is stored about a person: listed for everybody, given to the person, and forgotten when they want.
//!
//! When a person goes, an id stays: on it hang the numbers of what was booked, the acts of staff in the audit and in
//! histories, and that mails were promised. Nothing of it says who it was. Kept with it, for as long as the venue's period
//! for the audit lasts, are the network addresses of sign-ins, because the law wants logs kept; nobody but administrators
//! reads them. The answers that are kept for idempotency keys of others may name the person for one more day.

pub mod api;
pub mod store;

use crate::db::text_enum;

text_enum! {
    /// A kind of personal data.
    Category {
        /// The account: name, address, telephone number, language, password as a hash, second factor.
        Account = "account",
        /// What the person is in organisations and to the venue.
        Memberships = "memberships",
        /// Sign-ins: device and times.
        SignIns = "sign_ins",
        /// Bookings: contact, title, needs, what was said about them.
        Bookings = "bookings",
        /// Mails: address and text.
        Messages = "messages",
        /// Links in mails, and registrations and invitations that wait for them.
        Links = "links",
        /// The audit: who did what, who signed in from which network address, who read whose data.
        Audit = "audit",
        /// What is counted to keep guesses and floods out: network addresses.
        Limits = "limits",
    }
}
