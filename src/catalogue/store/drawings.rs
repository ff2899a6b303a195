//! Floors, block types and versions as the layout engine reads them.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::layouts::{LayoutRow, VersionRow};
use super::unreadable;
use crate::catalogue::Purpose;
use crate::catalogue::drawing::{Drawing, Written};
use crate::id::{BlockTypeId, LayoutVersionId, SpaceId, VenueId};
use crate::layout::{BlockType, Floor};
use crate::schema::{block_type, layout, layout_version, space};

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
/// `NotFound` where there is no such version; `DeserializationError` where its columns hold what means nothing.
pub async fn drawing(conn: &AsyncPgConnection, id: LayoutVersionId) -> QueryResult<Drawing> {
    let mut reader = conn;
    let (version, of): (VersionRow, LayoutRow) = layout_version::table
        .inner_join(layout::table)
        .filter(layout_version::id.eq(id))
        .select((VersionRow::as_select(), LayoutRow::as_select()))
        .first(&mut reader)
        .await?;
    let rows = block_types(conn, venue_of(conn, of.space_id).await?).await?;
    let types: Vec<BlockType> = rows.iter().map(BlockType::from).collect();
    Ok(Drawing {
        floor: floor(conn, of.space_id).await?,
        layout: written(of.purpose, version)?
            .layout(&types)
            .map_err(unreadable)?,
        type_ids: rows.iter().map(|row| row.id).collect(),
        types,
    })
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

async fn venue_of(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<VenueId> {
    let mut conn = conn;
    space::table
        .find(space_id)
        .select(space::venue_id)
        .first(&mut conn)
        .await
}

async fn floor(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<Floor> {
    let row = super::spaces::floor(conn, space_id).await?;
    let rows: Vec<String> = row.rows.into_iter().flatten().collect();
    Floor::parse(&rows).map_err(unreadable)
}

fn column<T: DeserializeOwned>(value: Value) -> QueryResult<T> {
    serde_json::from_value(value).map_err(unreadable)
}
