//! What stands in `seed/`.

use serde::Deserialize;

use super::SeedError;
use crate::catalogue::drawing::{AudienceZone, Gate, Placement};
use crate::catalogue::hours::WeeklyHours;
use crate::catalogue::policy::{SpacePolicy, VenuePolicy};
use crate::catalogue::{Purpose, SpaceKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueFile {
    pub venue: VenueSeed,
    pub pool: PoolSeed,
    pub crews: Vec<CrewSeed>,
    pub spaces: Vec<SpaceSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueSeed {
    pub slug: String,
    pub name_zh: String,
    pub name_en: String,
    pub time_zone: String,
    pub hours: Vec<WeeklyHours>,
    pub policy: VenuePolicy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolSeed {
    pub slug: String,
    pub name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrewSeed {
    pub name: String,
    pub teams: i32,
    pub weekly: Vec<WeeklyHours>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpaceSeed {
    pub slug: String,
    pub kind: SpaceKind,
    pub name_zh: String,
    pub name_en: String,
    pub description: String,
    #[serde(default)]
    pub area_m2: Option<i32>,
    pub people_cap: i32,
    pub turnaround_min: i32,
    #[serde(default)]
    pub hours: Option<Vec<WeeklyHours>>,
    #[serde(default)]
    pub bookable_hours: Option<Vec<WeeklyHours>>,
    pub policy: SpacePolicy,
    pub areas: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HallFile {
    pub space: String,
    pub initial_layout: String,
    pub floor: FloorSeed,
    pub block_types: Vec<BlockTypeSeed>,
    pub layouts: Vec<LayoutSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FloorSeed {
    pub width: i32,
    pub height: i32,
    pub module_mm: i32,
    pub rows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockTypeSeed {
    pub code: String,
    pub width: i32,
    pub depth: i32,
    pub height_mm: i32,
    pub max_z: i32,
    pub handle_s: i32,
    pub loaded_s: i32,
    pub salon_seats: i32,
    pub anchors: bool,
    pub owned: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayoutSeed {
    pub slug: String,
    pub purpose: Purpose,
    pub name_zh: String,
    pub name_en: String,
    pub placements: Vec<Placement>,
    pub zones: Vec<AudienceZone>,
    pub gates: Vec<Gate>,
    pub seats_required: i32,
}

/// Reads a file of the seed.
pub(super) fn read<'a, T: Deserialize<'a>>(
    name: &'static str,
    text: &'a str,
) -> Result<T, SeedError> {
    serde_json::from_str(text).map_err(|error| SeedError::File(name, error))
}
