//! Who acts: users and their sign-ins, what they are in organisations and to the venue.
//!
//! A sign-in is a row; its access tokens (`token.rs`) only point at it, and each request looks whether it still stands,
//! so that signing out, also everywhere, works at once. Its refresh tokens are used once each; one that comes back
//! later is in two hands and ends the sign-in.

pub mod account;
pub mod api;
pub mod api_key;
mod attempt;
mod caller;
pub mod callers;
pub mod command;
pub mod credit_code;
pub mod demo;
pub mod guest;
pub mod invitation;
pub mod link;
pub mod mails;
pub mod organisation;
pub mod password;
pub mod personal;
pub mod seal;
pub mod second_factor;
pub mod staff;
pub mod store;
pub mod throttle;
pub mod token;

pub use caller::{Caller, MemberRole, Membership, Reach, Role, StaffRole, Through};
pub use seal::Seal;
pub use token::{AccessClaims, Claims, Keys};
