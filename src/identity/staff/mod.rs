//! Who works for a venue: roles in all of it or in one of its spaces, given and taken back by its administrators, and
//! invitations by mail. A venue keeps an administrator of all of it.

pub mod api;
pub mod store;

use super::Role;
use super::account::Reader;
use crate::message::account::{AccountFacts, AccountKind, AccountMail};

/// What somebody is, or is to be, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub role: Role,
    /// The space's names; `None`: in the whole venue.
    pub space: Option<(String, String)>,
}

impl Place {
    /// A mail about it; `about` tells apart what happens more than once.
    pub fn told(
        &self,
        reader: &Reader,
        kind: AccountKind,
        facts: AccountFacts,
        about: impl std::fmt::Display,
    ) -> AccountMail {
        let (space_zh, space_en) = self.space.clone().unzip();
        let facts = AccountFacts {
            staff_role: Some(self.role.name().to_owned()),
            space_zh,
            space_en,
            ..facts
        };
        reader.told(kind, facts, about)
    }
}
