//! What a line of the table means: whether a caller may call an operation, on which objects, and where in a venue. Pure.

use actix_web::http::Method;

use super::Operation;
use crate::http::problem::{Kind, Problem};
use crate::id::{BookingId, OrganisationId, SpaceId, UserId, VenueId};
use crate::identity::api_key::Scope;
use crate::identity::guest::Guest;
use crate::identity::{Caller, MemberRole, Reach, Role};

/// Who may call an operation. For an operation on an object, `Own`, `Member` and `Staff` are judged against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Also without a sign-in.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Owners and bookers of the organisation whose object it is; where it is no organisation's, the person whose it is.
    Own,
    /// Owners of the organisation whose object it is.
    Owner,
    /// Any member of the organisation whose object it is.
    Member,
    /// Who shows the link of a booking that was made without an account, to that booking.
    Guest,
    /// Staff with this role, in the object's space or its whole venue.
    Staff(Role),
}

/// What an operation is about, as far as authorisation asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    pub venue_id: VenueId,
    pub space_id: Option<SpaceId>,
    pub user_id: Option<UserId>,
    pub organisation_id: Option<OrganisationId>,
}

impl Object {
    /// Something of a whole venue.
    pub fn of_venue(venue_id: VenueId) -> Self {
        Self {
            venue_id,
            space_id: None,
            user_id: None,
            organisation_id: None,
        }
    }
}

impl Operation {
    /// Whether the operation needs nobody to be signed in.
    pub fn is_open(self) -> bool {
        self.allowed().contains(&Who::Anyone)
    }

    /// The scope that a program's key needs for this; `None`: no key may, whatever its scopes. What is not listed here is
    /// in no scope.
    pub fn scope(self) -> Option<Scope> {
        let segments: Vec<&str> = self.path().split('/').skip(1).collect();
        let (read, write) = match segments.strip_prefix(&["v1"])? {
            ["venues"]
            | ["venues", "{id}"]
            | [
                "venues",
                "{id}",
                "calendar" | "hours-exceptions" | "block-types" | "pools",
                ..,
            ]
            | ["spaces"]
            | ["spaces", "{id}"]
            | [
                "spaces",
                "{id}",
                "hours-exceptions" | "areas" | "floor" | "layouts",
                ..,
            ]
            | ["spaces", "{id}", "changeover-times" | "availability"]
            | [
                "layouts" | "layout-versions" | "block-types" | "pools" | "crews",
                ..,
            ] => (Scope::CatalogueRead, Scope::CatalogueWrite),
            ["bookings" | "change-requests" | "questions", ..] => {
                (Scope::BookingsRead, Scope::BookingsWrite)
            }
            ["board"] | ["desk" | "tasks" | "closures" | "changeovers", ..] => {
                (Scope::DeskRead, Scope::DeskWrite)
            }
            _ => return None,
        };
        Some(match self.method() {
            Method::GET => read,
            _ => write,
        })
    }

    /// Whether the caller is a person, or a program whose key has the scope; what everybody may, a program may.
    fn is_in_scope(self, caller: &Caller) -> bool {
        caller.key().is_none_or(|key| {
            self.is_open()
                || self
                    .scope()
                    .is_some_and(|scope| key.scopes.contains(&scope))
        })
    }

    /// Whether the caller may call this at all, on some object: 403 otherwise.
    pub fn admit(self, caller: &Caller) -> Result<(), Problem> {
        let admitted = self.is_in_scope(caller)
            && self.allowed().iter().any(|who| match who {
                Who::Anyone | Who::SignedIn | Who::Own | Who::Owner | Who::Member => true,
                Who::Guest => false,
                Who::Staff(role) => caller.roles.iter().any(|own| own.role == *role),
            });
        admitted
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::Forbidden))
    }

    /// Whether a guest may do this, and to this booking: 403 where no guest may, 404 where it is not the one that their
    /// link opens.
    pub fn admit_guest(self, guest: &Guest, booking: BookingId) -> Result<(), Problem> {
        if !self.allowed().contains(&Who::Guest) {
            return Err(Problem::new(Kind::Forbidden));
        }
        (guest.booking_id == booking)
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::NotFound))
    }

    /// Whether the caller may do this to the object: 404 for what is foreign, so that nobody learns that it exists; 403 for
    /// what is in no scope of a program's key, whatever the object.
    pub fn admit_to(self, caller: &Caller, object: &Object) -> Result<(), Problem> {
        if !self.is_in_scope(caller) {
            return Err(Problem::new(Kind::Forbidden));
        }
        self.admits_to(caller, object)
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::NotFound))
    }

    /// Where in the venue the caller may do this by a role: 404 where nowhere, 403 for what is in no scope of a program's
    /// key.
    pub fn reach(self, caller: &Caller, venue_id: VenueId) -> Result<Reach, Problem> {
        if !self.is_in_scope(caller) {
            return Err(Problem::new(Kind::Forbidden));
        }
        let roles = self.allowed().iter().filter_map(|who| match who {
            Who::Staff(role) => Some(*role),
            _ => None,
        });
        caller
            .reach(&roles.collect::<Vec<_>>(), venue_id)
            .ok_or_else(|| Problem::new(Kind::NotFound))
    }

    /// Whether the caller may do this to the object.
    pub fn admits_to(self, caller: &Caller, object: &Object) -> bool {
        if !self.is_in_scope(caller) {
            return false;
        }
        let member = object.organisation_id.and_then(|id| caller.member_of(id));
        // what is an organisation's is nobody's own: who made it may have left
        let owns = match object.organisation_id {
            None => caller.is_person(object.user_id),
            Some(_) => member.is_some_and(|membership| membership.role != MemberRole::Viewer),
        };
        self.allowed().iter().any(|who| match who {
            Who::Anyone | Who::SignedIn => true,
            Who::Own => owns,
            Who::Owner => member.is_some_and(|membership| membership.role == MemberRole::Owner),
            Who::Member => owns || member.is_some(),
            Who::Guest => false,
            Who::Staff(role) => caller.is_staff(&[*role], object.venue_id, object.space_id),
        })
    }
}
