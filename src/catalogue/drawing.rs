//! Drawings as they are written, on the wire and in columns of JSON, and as the layout engine reads them.

use serde::{Deserialize, Serialize};

use super::Purpose;
use super::floor_plan::PlanArea;
use crate::id::BlockTypeId;
use crate::layout::block::{LONGEST_SIDE, MOST_COVERED, MOST_PLACEMENTS};
use crate::layout::{self, Rect, Side, Zone};

/// A version of a layout as the engine knows it: the floor that it stands on, the venue's block types, and its blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The floor, all areas of it.
    pub floor: layout::Floor,
    /// What layouts on it are measured by.
    pub rules: layout::Rules,
    /// The venue's block types in the order of their codes; placements say theirs by its index.
    pub types: Vec<layout::BlockType>,
    /// The ids of `types`.
    pub type_ids: Vec<BlockTypeId>,
    /// The areas of the floor, in the order of their letters.
    pub areas: Vec<PlanArea>,
    /// The layout.
    pub layout: layout::Layout,
}

/// A block in a layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The block's type.
    #[schema(example = "big", max_length = 50)]
    pub t: String,
    /// The column of its least cell.
    #[schema(example = 15)]
    pub x: i32,
    /// The row of its least cell.
    #[schema(example = 0)]
    pub y: i32,
    /// How many blocks are under it.
    #[serde(default)]
    #[schema(example = 0, default = 0)]
    pub z: i32,
    /// Turned by so many degrees: 0 or 90.
    #[serde(default)]
    #[schema(example = 0, default = 0)]
    pub rot: i32,
}

/// An audience's rectangle of cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceZone {
    /// Its least column.
    #[schema(example = 14)]
    pub x: i32,
    /// Its least row.
    #[schema(example = 8)]
    pub y: i32,
    /// Its columns.
    #[schema(example = 12, minimum = 1, maximum = 1000)]
    pub w: i32,
    /// Its rows.
    #[schema(example = 12, minimum = 1, maximum = 1000)]
    pub h: i32,
    /// The side on which the stage is: N, E, S or W.
    #[schema(example = "N", pattern = "^[NESW]$")]
    pub facing: String,
}

/// A gate's rectangle of cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its least column.
    #[schema(example = 20)]
    pub x: i32,
    /// Its least row.
    #[schema(example = 14)]
    pub y: i32,
    /// Its columns.
    #[schema(example = 2, minimum = 1, maximum = 1000)]
    pub w: i32,
    /// Its rows.
    #[schema(example = 2, minimum = 1, maximum = 1000)]
    pub h: i32,
}

/// What a version of a layout consists of, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub purpose: Purpose,
    pub placements: Vec<Placement>,
    pub zones: Vec<AudienceZone>,
    pub gates: Vec<Gate>,
    /// Seats that its purpose asks for.
    pub seats_required: i32,
}

/// Why something written means nothing on any floor: which field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault:?}")]
pub struct Unreadable {
    /// The field as it is written, nested with dots.
    pub field: String,
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No such block type, or no such word.
    Unknown,
    /// Below this.
    TooSmall(i64),
    /// Above this.
    TooLarge(i64),
    /// More items than this.
    TooLong(i64),
}

impl Unreadable {
    fn new(field: impl Into<String>, fault: Fault) -> Self {
        Self {
            field: field.into(),
            fault,
        }
    }
}

impl Written {
    /// The layout that is meant, its placements being of `types`.
    ///
    /// # Errors
    /// The first field that means nothing. What merely breaks a rule is for [`layout::check`] to say.
    pub fn layout(&self, types: &[layout::BlockType]) -> Result<layout::Layout, Unreadable> {
        Ok(layout::Layout {
            purpose: self.purpose.geometry(),
            placements: placements(&self.placements, types)?,
            zones: numbered(&self.zones, zone)?,
            gates: numbered(&self.gates, |at, gate| {
                rect(&format!("gates.{at}"), gate.x, gate.y, gate.w, gate.h)
            })?,
            seats_required: u32::try_from(self.seats_required)
                .map_err(|_| Unreadable::new("seats_required", Fault::TooSmall(0)))?,
        })
    }
}

impl Purpose {
    /// The purpose as the engine names it.
    pub fn geometry(self) -> layout::Purpose {
        match self {
            Purpose::Roadshow => layout::Purpose::Roadshow,
            Purpose::Exhibition => layout::Purpose::Exhibition,
            Purpose::RobotContest => layout::Purpose::RobotContest,
            Purpose::Salon => layout::Purpose::Salon,
            Purpose::Open => layout::Purpose::Open,
        }
    }
}

fn numbered<T, U>(
    items: &[T],
    read: impl Fn(usize, &T) -> Result<U, Unreadable>,
) -> Result<Vec<U>, Unreadable> {
    items
        .iter()
        .enumerate()
        .map(|(at, item)| read(at, item))
        .collect()
}

fn placements(
    written: &[Placement],
    types: &[layout::BlockType],
) -> Result<Vec<layout::Placement>, Unreadable> {
    let too_many = |most: usize| Unreadable::new("placements", Fault::TooLong(most as i64));
    if written.len() > MOST_PLACEMENTS {
        return Err(too_many(MOST_PLACEMENTS));
    }
    let placements = numbered(written, |at, one| {
        let about = |name: &str, fault| Unreadable::new(format!("placements.{at}.{name}"), fault);
        let block = types.iter().position(|known| known.id == one.t);
        let block = block.ok_or_else(|| about("t", Fault::Unknown))?;
        let turned = match one.rot {
            0 => false,
            90 => true,
            _ => return Err(about("rot", Fault::Unknown)),
        };
        let place = (one.x, one.y, one.z);
        Ok(layout::Placement::new(types, block, place, turned))
    })?;
    let cells = |one: &layout::Placement| types[one.block].w as usize * types[one.block].h as usize;
    if placements.iter().map(cells).sum::<usize>() > MOST_COVERED {
        return Err(too_many(written.len().saturating_sub(1)));
    }
    Ok(placements)
}

fn zone(at: usize, zone: &AudienceZone) -> Result<Zone, Unreadable> {
    let field = format!("zones.{at}");
    let facing = Side::from_letter(&zone.facing)
        .ok_or_else(|| Unreadable::new(format!("{field}.facing"), Fault::Unknown))?;
    let rect = rect(&field, zone.x, zone.y, zone.w, zone.h)?;
    Ok(Zone { rect, facing })
}

fn rect(field: &str, x: i32, y: i32, w: i32, h: i32) -> Result<Rect, Unreadable> {
    for (name, side) in [("w", w), ("h", h)] {
        let about = |fault| Err(Unreadable::new(format!("{field}.{name}"), fault));
        if side < 1 {
            return about(Fault::TooSmall(1));
        }
        if side > LONGEST_SIDE {
            return about(Fault::TooLarge(LONGEST_SIDE.into()));
        }
    }
    Ok(Rect { x, y, w, h })
}
