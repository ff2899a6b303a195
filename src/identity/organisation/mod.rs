//! Organisations: who registers one, who decides about it, who belongs to it.
//!
//! A person with an account registers an organisation and owns it. Until it is verified (by staff, or by the list of the
//! park's tenants) its members can look after it and invite others, and cannot book for it. A booking made for an
//! organisation is the organisation's: its members see it as long as they are members, owners and bookers act on it.

pub mod api;
pub mod import;
pub mod store;

use super::MemberRole;
use super::account::Reader;
use crate::db::text_enum;
use crate::id::OrganisationId;
use crate::message::account::{AccountFacts, AccountKind, AccountMail};

text_enum! {
    /// What an organisation is; policies speak of each kind.
    OrganisationKind {
        /// A company of the park; has a unified social credit code.
        Enterprise = "enterprise",
        /// A residents' committee.
        ResidentsCommittee = "residents_committee",
        /// A public body.
        PublicBody = "public_body",
        /// An association.
        Association = "association",
    }
}

text_enum! {
    /// Where an organisation stands.
    OrganisationState {
        /// Waits for staff.
        Pending = "pending",
        /// May book.
        Verified = "verified",
        /// Staff said no, with a reason; what its owners change is looked at again.
        Refused = "refused",
    }
}

/// An organisation, as mails about it name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: OrganisationId,
    pub name: String,
}

impl Named {
    /// A mail about it; `about` tells apart what happens more than once.
    pub fn told(
        &self,
        reader: &Reader,
        kind: AccountKind,
        facts: AccountFacts,
        about: impl std::fmt::Display,
    ) -> AccountMail {
        let facts = AccountFacts {
            organisation: Some(self.name.clone()),
            organisation_id: Some(self.id),
            ..facts
        };
        reader.told(kind, facts, about)
    }
}

/// A member, or somebody of the staff, to be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub reader: Reader,
    pub name: String,
    pub phone: Option<String>,
    /// What they are in the organisation; `None` for staff.
    pub role: Option<MemberRole>,
}
