//! Journeys: what people do, from end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/smtp.rs"]
mod smtp;

mod catalogue;
mod mail_delivery;
