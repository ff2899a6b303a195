//! What a person wishes to be told, and when: which mails they can do without, and whether requests come one by one or
//! once a day.

pub mod api;
pub mod store;

use chrono::NaiveTime;

use super::delivery::Optional;

/// A person's wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notifications {
    /// When the digest of what waits for a decision comes, in the venue's wall time; `None`: a mail each.
    pub digest_at: Option<NaiveTime>,
    /// Mails that they do not want, each named once.
    pub off: Vec<Optional>,
}
