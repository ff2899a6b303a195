//! Who acts: users and their sign-ins, what they are in organisations and to the venue.

mod caller;

pub use caller::{Caller, MemberRole, Membership, Role, StaffRole};
