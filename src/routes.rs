//! Every route, its handler, and who may call it: the authorisation table. A handler that is not in the table cannot
//! be reached; a test walks the table with every role, own and foreign objects.

use actix_web::http::Method;
use actix_web::web;

use crate::http::problem::{Kind, Problem};
use crate::id::{OrganisationId, SpaceId, UserId, VenueId};
use crate::identity::{Caller, MemberRole, Role};

/// Who may call an operation. For an operation on an object, `Own`, `Member` and `Staff` are judged against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Also without a sign-in.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// The person whose object it is, and owners and bookers of the organisation whose object it is.
    Own,
    /// Any member of the organisation whose object it is.
    Member,
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

macro_rules! operations {
    ($($(#[$doc:meta])* $op:ident: $method:ident $path:literal [$($who:expr),+ $(,)?] $($segment:ident)::+;)*) => {
        /// What can be asked of the product over HTTP.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])* $op,)*
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Operation] = &[$(Operation::$op,)*];

            /// The HTTP method.
            pub fn method(self) -> Method {
                match self { $(Operation::$op => Method::$method,)* }
            }

            /// The path, with its parameters in braces.
            pub fn path(self) -> &'static str {
                match self { $(Operation::$op => $path,)* }
            }

            /// Who may call it.
            pub fn allowed(self) -> &'static [Who] {
                match self { $(Operation::$op => &[$($who,)+],)* }
            }
        }

        /// Puts every operation's handler at its path.
        pub fn mount(config: &mut web::ServiceConfig) {
            $(config.route($path, web::method(Method::$method).to(crate::$($segment)::+));)*
        }

        /// The paths of the OpenAPI document.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($(crate::$($segment)::+),*))]
        pub struct Paths;
    };
}

use Role::{Admin, Approver, Crew, FrontDesk};
use Who::{Anyone, Member, Own, SignedIn, Staff};

operations! {}

impl Operation {
    /// The operation at this method and path pattern.
    pub fn at(method: &Method, pattern: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.path() == pattern && operation.method() == *method)
    }

    /// Whether the operation needs nobody to be signed in.
    pub fn is_open(self) -> bool {
        self.allowed().contains(&Who::Anyone)
    }

    /// Whether the caller may call this at all, on some object: 403 otherwise.
    pub fn admit(self, caller: &Caller) -> Result<(), Problem> {
        let admitted = self.allowed().iter().any(|who| match who {
            Who::Anyone | Who::SignedIn | Who::Own | Who::Member => true,
            Who::Staff(role) => caller.roles.iter().any(|own| own.role == *role),
        });
        admitted
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::Forbidden))
    }

    /// Whether the caller may do this to the object: 404 for what is foreign, so that nobody learns that it exists.
    pub fn admit_to(self, caller: &Caller, object: &Object) -> Result<(), Problem> {
        self.admits_to(caller, object)
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::NotFound))
    }

    /// Whether the caller may do this to the object.
    pub fn admits_to(self, caller: &Caller, object: &Object) -> bool {
        let member = object.organisation_id.and_then(|id| caller.member_of(id));
        let owns = object.user_id == Some(caller.user_id)
            || member.is_some_and(|membership| membership.role != MemberRole::Viewer);
        self.allowed().iter().any(|who| match who {
            Who::Anyone | Who::SignedIn => true,
            Who::Own => owns,
            Who::Member => owns || member.is_some(),
            Who::Staff(role) => caller.is_staff(&[*role], object.venue_id, object.space_id),
        })
    }
}
