//! The values of the rules: defaults from fire and accessibility codes, overridden by a venue or a case.

use serde::{Deserialize, Serialize};

/// What the rules measure by (3-layouts.md; names and defaults: `default_rules` of the worked cases). Lengths are modules of 600 mm unless the name says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The side of the square that must fit through a way out; at least 1.
    #[schema(example = 2)]
    pub egress_k: u32,
    /// The most cells of a corner that nobody must be able to pass through.
    #[schema(example = 12)]
    pub pocket_max: u32,
    /// Above so many people, two exits.
    #[schema(example = 50)]
    pub exits_two_over: u32,
    /// Exit width for 100 people, in millimetres; at least 1.
    #[schema(example = 650)]
    pub exit_mm_per_100: u32,
    /// The width of one exit cell, in millimetres.
    #[schema(example = 600)]
    pub exit_cell_mm: u32,
    /// The least stage, either way round.
    pub stage_rect: [u32; 2],
    /// The least and the greatest gap between stage and audience.
    pub front_gap: [u32; 2],
    /// The most seats of a row between two aisles.
    #[schema(example = 22)]
    pub row_both: u32,
    /// The most seats of a row with an aisle at one end.
    #[schema(example = 11)]
    pub row_one: u32,
    /// The width of an aisle inside an audience; at least 1.
    #[schema(example = 2)]
    pub aisle: u32,
    /// How high eyes are above the floor, in millimetres. Nothing but obstacles hides the stage, so no rule asks for it yet.
    #[schema(example = 1100)]
    pub eye_mm: u32,
    /// The least clearance between clusters of an exhibition.
    #[schema(example = 3)]
    pub exhib_aisle: u32,
    /// The fewest clusters of an exhibition.
    #[schema(example = 2)]
    pub exhib_min: u32,
    /// The least arena of a robot contest, either way round.
    pub arena_rect: [u32; 2],
    /// How far from the blocks the spectators of a robot contest stand.
    #[schema(example = 3)]
    pub band: u32,
    /// The least clearance between clusters of a salon.
    #[schema(example = 2)]
    pub salon_gap: u32,
    /// The fewest clusters of a salon.
    #[schema(example = 3)]
    pub salon_min: u32,
    /// The most cells of a cluster of a salon.
    #[schema(example = 12)]
    pub salon_max_cells: u32,
    /// The seats of a big block in a salon, where its type does not say.
    #[schema(example = 4)]
    pub salon_big_seats: u32,
    /// The seats of any other block in a salon, where its type does not say.
    #[schema(example = 1)]
    pub salon_small_seats: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            egress_k: 2,
            pocket_max: 12,
            exits_two_over: 50,
            exit_mm_per_100: 650,
            exit_cell_mm: 600,
            stage_rect: [6, 4],
            front_gap: [2, 8],
            row_both: 22,
            row_one: 11,
            aisle: 2,
            eye_mm: 1100,
            exhib_aisle: 3,
            exhib_min: 2,
            arena_rect: [6, 6],
            band: 3,
            salon_gap: 2,
            salon_min: 3,
            salon_max_cells: 12,
            salon_big_seats: 4,
            salon_small_seats: 1,
        }
    }
}

impl Rules {
    /// The first value that no rule can be measured by, as its name and what is wrong with it.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let at_least_1 = [
            ("egress_k", self.egress_k),
            ("exit_mm_per_100", self.exit_mm_per_100),
            ("stage_rect", self.stage_rect[0].min(self.stage_rect[1])),
            ("aisle", self.aisle),
            ("arena_rect", self.arena_rect[0].min(self.arena_rect[1])),
        ];
        let (name, _) = at_least_1.into_iter().find(|(_, value)| *value == 0)?;
        Some((name, "is below 1"))
    }
}
