//! Who is calling, as it stands in the database at this moment: never what a token remembers.

use serde::{Deserialize, Serialize};

use super::api_key::KeyUse;
use crate::http::problem::{Kind, Problem};
use crate::id::{OrganisationId, SignInId, SpaceId, UserId, VenueId};
use crate::language::Locale;

/// What a member of staff may do, in a venue or in one of its spaces.
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
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides on requests.
    Approver,
    /// Runs the day.
    FrontDesk,
    /// Carries the blocks.
    Crew,
    /// Changes the catalogue, people and policies.
    Admin,
}

impl Role {
    /// The role's name, as in tables and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Role::Approver => "approver",
            Role::FrontDesk => "front_desk",
            Role::Crew => "crew",
            Role::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Role::Approver, Role::FrontDesk, Role::Crew, Role::Admin]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// A role and where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffRole {
    pub role: Role,
    pub venue_id: VenueId,
    /// `None`: in every space of the venue.
    pub space_id: Option<SpaceId>,
}

/// Where in a venue somebody has a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// In all of it.
    Everywhere,
    /// In these spaces.
    Spaces(Vec<SpaceId>),
}

impl Reach {
    /// Whether it reaches this space; what is in no space belongs to the whole venue.
    pub fn covers(&self, space_id: Option<SpaceId>) -> bool {
        match self {
            Reach::Everywhere => true,
            Reach::Spaces(spaces) => space_id.is_some_and(|id| spaces.contains(&id)),
        }
    }

    /// The spaces that it is limited to, if any.
    pub fn spaces(&self) -> Option<&[SpaceId]> {
        match self {
            Reach::Everywhere => None,
            Reach::Spaces(spaces) => Some(spaces),
        }
    }
}

/// What a member may do for an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Books, and says who else may.
    Owner,
    /// Books.
    Booker,
    /// Sees the organisation's bookings.
    Viewer,
}

impl MemberRole {
    /// The role's name, as in tables and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            MemberRole::Owner => "owner",
            MemberRole::Booker => "booker",
            MemberRole::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [MemberRole::Owner, MemberRole::Booker, MemberRole::Viewer]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// A user in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub organisation_id: OrganisationId,
    /// What the organisation is called.
    pub name: String,
    /// The organisation's kind: which policy group it belongs to.
    pub kind: String,
    pub role: MemberRole,
    pub verified: bool,
}

/// How a request came to its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// A person's sign-in.
    SignIn(SignInId),
    /// A program's key, which they made.
    Key(KeyUse),
}

/// A signed-in user, or a program with a key of theirs, read again with each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub through: Through,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub locale: Locale,
    pub verified: bool,
    pub roles: Vec<StaffRole>,
    pub memberships: Vec<Membership>,
}

impl Caller {
    /// The sign-in; 403 for a program.
    pub fn sign_in(&self) -> Result<SignInId, Problem> {
        match &self.through {
            Through::SignIn(id) => Ok(*id),
            Through::Key(_) => Err(Problem::new(Kind::Forbidden)),
        }
    }

    /// The program's key, where it is one.
    pub fn key(&self) -> Option<&KeyUse> {
        match &self.through {
            Through::SignIn(_) => None,
            Through::Key(key) => Some(key),
        }
    }

    /// Whether a personal thing of this user is the caller's own: never a program's.
    pub fn is_person(&self, user: Option<UserId>) -> bool {
        self.key().is_none() && user == Some(self.user_id)
    }

    /// Whether the caller has one of the roles in this space (or, with no space named, in the whole venue).
    pub fn is_staff(&self, roles: &[Role], venue_id: VenueId, space_id: Option<SpaceId>) -> bool {
        self.roles.iter().any(|own| {
            roles.contains(&own.role)
                && own.venue_id == venue_id
                && (own.space_id.is_none() || own.space_id == space_id)
        })
    }

    /// Where in the venue the caller has one of the roles; `None`: nowhere.
    pub fn reach(&self, roles: &[Role], venue_id: VenueId) -> Option<Reach> {
        let mut spaces = Vec::new();
        for own in &self.roles {
            if own.venue_id == venue_id && roles.contains(&own.role) {
                match own.space_id {
                    None => return Some(Reach::Everywhere),
                    Some(space) => spaces.push(space),
                }
            }
        }
        (!spaces.is_empty()).then_some(Reach::Spaces(spaces))
    }

    /// What the caller is in the organisation, if anything.
    pub fn member_of(&self, organisation_id: OrganisationId) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.organisation_id == organisation_id)
    }
}
