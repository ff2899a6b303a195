//! Keys of programs, sent as `Authorization: Bearer mfk_…`.
//!
//! A key acts for an organisation (made by one of its owners) or for a venue (made by one of its administrators), under
//! the name of whoever made it and only as far as its scopes go. It ends with its maker's membership or role. Accounts,
//! organisations, staff and keys themselves are in no scope: no key makes another.

pub mod api;
pub mod store;

use crate::db::text_enum;
use crate::id::{ApiKeyId, OrganisationId};

/// What a key begins with, so that people, logs and scanners know one when they see it.
pub const PREFIX: &str = "mfk_";

text_enum! {
    /// What a key may be used for.
    Scope {
        /// To read venues, spaces, hours, layouts, pools, crews and availability.
        CatalogueRead = "catalogue:read",
        /// To change them.
        CatalogueWrite = "catalogue:write",
        /// To read bookings and change requests.
        BookingsRead = "bookings:read",
        /// To make and change them.
        BookingsWrite = "bookings:write",
        /// To read the board, tasks and closures.
        DeskRead = "desk:read",
        /// To change tasks and closures.
        DeskWrite = "desk:write",
    }
}

/// The key that a request came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub id: ApiKeyId,
    /// Whose it is; `None`: the venue's.
    pub organisation_id: Option<OrganisationId>,
    pub scopes: Vec<Scope>,
}
