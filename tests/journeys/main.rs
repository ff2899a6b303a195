//! Journeys: what people do, from end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/mod.rs"]
mod support;

mod approval;
mod attacks;
mod attacks_at_once;
mod catalogue;
mod check_names;
mod compete;
mod decline;
mod document;
mod giving_up;
mod holds;
mod mail_delivery;
mod reschedule;
mod two_steps;
