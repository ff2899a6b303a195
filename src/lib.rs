//! Mofang books venues whose rooms change shape. ARCHITECTURE.md says how the rooms of this house relate.

pub mod audit;
pub mod booking;
pub mod catalogue;
pub mod changeover;
pub mod config;
pub mod crew;
pub mod db;
pub mod desk;
pub mod http;
pub mod id;
pub mod identity;
pub mod language;
pub mod layout;
pub mod message;
pub mod pages;
pub mod plan;
pub mod retention;
pub mod routes;
pub mod schema;
pub mod server;
pub mod span;
