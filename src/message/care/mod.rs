//! What staff do about mails: see which did not arrive and why, send them again, call instead, and try whether mail goes
//! out at all.

pub mod api;
pub mod store;

use crate::db::text_enum;

text_enum! {
    /// Where a mail stands.
    MailState {
        /// It is on its way, or waits for the morning or a digest.
        Queued = "queued",
        /// The mail server has it.
        Sent = "sent",
        /// It will not arrive.
        Failed = "failed",
        /// Its reader does not want it.
        Muted = "muted",
        /// A digest told of it.
        Digested = "digested",
        /// While it waited, what it asks for was done.
        Overtaken = "overtaken",
    }
}

text_enum! {
    /// Why a mail did not arrive.
    FailureReason {
        /// Nobody knows an address: the booking was made for a caller.
        NoAddress = "no_address",
        /// The mail server of the address refused it for good.
        AddressRefused = "address_refused",
        /// The mail was refused for good.
        MailRefused = "mail_refused",
        /// It was tried for three days.
        GaveUp = "gave_up",
    }
}
