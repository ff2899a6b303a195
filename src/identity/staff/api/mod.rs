//! Staff over HTTP: for administrators of the whole venue.

pub mod invitations;
pub mod roles;
