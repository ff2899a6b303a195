//! Journeys: what people do, from end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod api_keys;
mod approval;
mod at_the_desk;
mod attacks;
mod attacks_at_once;
mod audit;
mod authorisation;
mod availability;
mod catalogue;
mod check_names;
mod closures;
mod compete;
mod cookies;
mod crew_day;
mod decline;
mod deeds;
mod desk;
mod document;
mod floors;
mod giving_up;
mod going;
mod guests;
mod histories;
mod holds;
mod languages;
mod layout_life;
mod limits;
mod live;
mod mail_care;
mod mail_delivery;
mod nasty;
mod organisations;
mod pages;
mod passwords;
mod personal_data;
mod pictures;
mod policy;
mod races;
mod remembered;
mod reschedule;
mod search;
mod second_factor;
mod shifts;
mod sign_ins;
mod staff;
mod talks;
mod tenants;
mod the_day;
mod threats;
mod time_zones;
mod tokens;
mod two_areas;
mod two_steps;
