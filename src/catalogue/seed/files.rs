//! What stands in `seed/`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::SeedError;
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
    pub changeover_minutes: BTreeMap<String, BTreeMap<String, i32>>,
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
    pub placements: Vec<PlacementSeed>,
    pub zones: Value,
    pub gates: Value,
    pub seats_required: i32,
    pub capacity: i32,
    pub seats: i32,
}

/// Only what is counted; the placement itself is kept as it is written.
#[derive(Deserialize)]
pub(super) struct PlacementSeed {
    pub t: String,
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

/// Reads a file of the seed.
pub(super) fn read<'a, T: Deserialize<'a>>(
    name: &'static str,
    text: &'a str,
) -> Result<T, SeedError> {
    serde_json::from_str(text).map_err(|error| SeedError::File(name, error))
}

impl PlacementSeed {
    pub fn written(&self) -> Value {
        let mut all = serde_json::Map::from_iter([("t".to_owned(), Value::from(self.t.as_str()))]);
        all.extend(self.rest.clone());
        Value::Object(all)
    }
}
