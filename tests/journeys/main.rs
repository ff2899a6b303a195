//! Journeys: what people do, from end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod api_keys;
mod approval;
mod attacks;
mod attacks_at_once;
mod authorisation;
mod availability;
mod catalogue;
mod check_names;
mod closures;
mod compete;
mod crew_day;
mod decline;
mod desk;
mod document;
mod floors;
mod giving_up;
mod histories;
mod holds;
mod layout_life;
mod live;
mod mail_delivery;
mod organisations;
mod passwords;
mod pictures;
mod policy;
mod races;
mod remembered;
mod reschedule;
mod second_factor;
mod sign_ins;
mod tenants;
mod the_day;
mod time_zones;
mod tokens;
mod two_areas;
mod two_steps;
