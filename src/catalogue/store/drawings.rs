//! Floors, block types and versions as the layout engine reads them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::layouts::{LayoutRow, NeedRow, Parts, VersionRow};
use super::spaces::{AreaRow, FloorRow};
use super::unreadable;
use crate::catalogue::Purpose;
use crate::catalogue::drawing::{Drawing, Written};
use crate::catalogue::floor_plan::{FloorPlan, LETTERS, PlanArea, Stands};
use crate::changeover::Crew;
use crate::id::{BlockTypeId, LayoutVersionId, SpaceId, VenueId};
use crate::layout::{BlockType, Placement};
use crate::schema::{block_type, crew, layout, layout_version, pool_stock};

/// Seconds a module when a team walks empty-handed (3-layouts.md, "Floor, blocks, layouts").
pub const EMPTY_S: u32 = 1;

/// A block type as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = block_type)]
pub struct BlockTypeRow {
    pub id: BlockTypeId,
    pub venue_id: VenueId,
    pub code: String,
    pub width: i32,
    pub depth: i32,
    pub height_mm: i32,
    pub max_z: i32,
    pub handle_s: i32,
    pub loaded_s: i32,
    pub salon_seats: i32,
    pub anchors: bool,
}

impl From<&BlockTypeRow> for BlockType {
    fn from(row: &BlockTypeRow) -> Self {
        // the table refuses what is below 0
        Self {
            id: row.code.clone(),
            w: row.width,
            h: row.depth,
            height_mm: row.height_mm,
            max_z: row.max_z,
            handle_s: row.handle_s.unsigned_abs(),
            loaded_s: row.loaded_s.unsigned_abs(),
            salon_seats: row.salon_seats.unsigned_abs(),
            anchors: row.anchors,
        }
    }
}

/// A version of a layout, whatever its state, as the layout engine knows it: with its floor and the venue's block types.
///
/// # Errors
/// `NotFound` where there is no such version, or its space has no floor; `DeserializationError` where its columns hold
/// what means nothing.
pub async fn drawing(conn: &AsyncPgConnection, id: LayoutVersionId) -> QueryResult<Drawing> {
    let mut reader = conn;
    let (version, of): (VersionRow, LayoutRow) = layout_version::table
        .inner_join(layout::table)
        .filter(layout_version::id.eq(id))
        .select((VersionRow::as_select(), LayoutRow::as_select()))
        .first(&mut reader)
        .await?;
    let plan = floor_plan(conn, of.space_id).await?;
    Ok(Drawing {
        layout: written(of.purpose, version)?
            .layout(&plan.types)
            .map_err(unreadable)?,
        floor: plan.floor,
        rules: plan.rules,
        types: plan.types,
        type_ids: plan.type_ids,
        areas: plan.areas,
    })
}

/// A space's floor as the layout engine knows it.
///
/// # Errors
/// `NotFound` where the space has no floor.
pub async fn floor_plan(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<FloorPlan> {
    let row = super::spaces::floor(conn, space_id).await?;
    let space = super::spaces::space(conn, space_id).await?;
    let areas = super::spaces::areas(conn, space_id).await?;
    let types = block_types(conn, space.venue_id).await?;
    let mut reader = conn;
    let owned: Vec<(BlockTypeId, i32)> = pool_stock::table
        .filter(pool_stock::pool_id.nullable().eq(space.pool_id))
        .select((pool_stock::block_type_id, pool_stock::owned))
        .load(&mut reader)
        .await?;
    let teams: Option<i32> = crew::table
        .filter(crew::pool_id.nullable().eq(space.pool_id))
        .select(diesel::dsl::min(crew::teams))
        .first(&mut reader)
        .await?;
    let owned = |id: BlockTypeId| owned.iter().find(|(of, _)| *of == id);
    Ok(FloorPlan {
        space_id,
        venue_id: space.venue_id,
        floor: row.floor().map_err(unreadable)?,
        rules: row.rules().map_err(unreadable)?,
        areas: plan_areas(&areas, &row),
        // a type that the pool does not list is one of which it has none
        inventory: types
            .iter()
            .map(|one| owned(one.id).map_or(0, |(_, count)| count.unsigned_abs()))
            .collect(),
        type_ids: types.iter().map(|one| one.id).collect(),
        types: types.iter().map(BlockType::from).collect(),
        crew: Crew {
            // nobody carries without a crew, and no time is shorter than that of one team
            teams: teams.unwrap_or(1).unsigned_abs() as usize,
            empty_s: EMPTY_S,
        },
        turnaround_min: space.turnaround_min.unsigned_abs(),
        basis: row.basis,
        revision: row.revision,
    })
}

/// The cells of each area, as the floor's letters say.
pub fn plan_areas(areas: &[AreaRow], row: &FloorRow) -> Vec<PlanArea> {
    let letters: Vec<u8> = row
        .areas
        .iter()
        .flatten()
        .flat_map(|row| row.bytes())
        .collect();
    LETTERS
        .zip(areas)
        .map(|(letter, area)| PlanArea {
            id: area.id,
            cells: letters.iter().map(|one| *one == letter).collect(),
        })
        .collect()
}

/// What a version takes, as the plan's types are counted.
pub fn stands(plan: &FloorPlan, parts: Parts) -> Stands {
    let need = |need: NeedRow| {
        // the table refuses what is below 1, and block types keep their codes
        let block = plan
            .types
            .iter()
            .position(|one| one.id == need.block_type)?;
        Some(((need.area_id, block), need.count.unsigned_abs()))
    };
    Stands {
        area_ids: parts.area_ids,
        needs: parts.needs.into_iter().filter_map(need).collect(),
    }
}

/// The placements of some versions on a floor.
pub async fn placements(
    conn: &AsyncPgConnection,
    plan: &FloorPlan,
    versions: &BTreeSet<LayoutVersionId>,
) -> QueryResult<BTreeMap<LayoutVersionId, Vec<Placement>>> {
    let mut reader = conn;
    let rows: Vec<(VersionRow, LayoutRow)> = layout_version::table
        .inner_join(layout::table)
        .filter(layout::space_id.eq(plan.space_id))
        .filter(layout_version::id.eq_any(versions))
        .select((VersionRow::as_select(), LayoutRow::as_select()))
        .load(&mut reader)
        .await?;
    let version = |(row, of): (VersionRow, LayoutRow)| {
        let id = row.id;
        let layout = written(of.purpose, row)?.layout(&plan.types);
        Ok((id, layout.map_err(unreadable)?.placements))
    };
    rows.into_iter().map(version).collect()
}

/// The block types of a venue, by code.
pub async fn block_types(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
) -> QueryResult<Vec<BlockTypeRow>> {
    let mut conn = conn;
    block_type::table
        .filter(block_type::venue_id.eq(venue_id))
        .order(block_type::code)
        .select(BlockTypeRow::as_select())
        .load(&mut conn)
        .await
}

/// One block type.
pub async fn block_type(conn: &AsyncPgConnection, id: BlockTypeId) -> QueryResult<BlockTypeRow> {
    let mut conn = conn;
    block_type::table
        .find(id)
        .select(BlockTypeRow::as_select())
        .first(&mut conn)
        .await
}

/// A new block type.
pub async fn insert_block_type(conn: &AsyncPgConnection, row: &BlockTypeRow) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(block_type::table)
        .values(row)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// What changes in a block type; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = block_type)]
pub struct BlockTypeChange {
    pub width: Option<i32>,
    pub depth: Option<i32>,
    pub height_mm: Option<i32>,
    pub max_z: Option<i32>,
    pub handle_s: Option<i32>,
    pub loaded_s: Option<i32>,
    pub salon_seats: Option<i32>,
    pub anchors: Option<bool>,
}

/// Changes a block type; its shape, once published versions have one, the database refuses to change.
pub async fn update_block_type(
    conn: &AsyncPgConnection,
    id: BlockTypeId,
    change: &BlockTypeChange,
) -> QueryResult<BlockTypeRow> {
    let mut conn = conn;
    diesel::update(block_type::table.find(id))
        .set(change)
        .returning(BlockTypeRow::as_select())
        .get_result(&mut conn)
        .await
}

/// What the columns of a version say.
pub fn written(purpose: Purpose, row: VersionRow) -> QueryResult<Written> {
    Ok(Written {
        purpose,
        placements: column(row.placements)?,
        zones: column(row.zones)?,
        gates: column(row.gates)?,
        seats_required: row.seats_required,
    })
}

fn column<T: DeserializeOwned>(value: Value) -> QueryResult<T> {
    serde_json::from_value(value).map_err(unreadable)
}
