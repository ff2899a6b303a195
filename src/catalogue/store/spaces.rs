//! Spaces, their areas and floors.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::Value;

use crate::catalogue::SpaceKind;
use crate::id::{AreaId, LayoutVersionId, PoolId, SpaceId, VenueId};
use crate::layout::{Floor, FloorError, Rules};
use crate::schema::{area, floor, space};

/// A space as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = space)]
pub struct SpaceRow {
    pub id: SpaceId,
    pub venue_id: VenueId,
    pub slug: String,
    pub position: i32,
    pub kind: SpaceKind,
    pub name_zh: String,
    pub name_en: String,
    pub description: String,
    pub area_m2: Option<i32>,
    pub people_cap: i32,
    pub turnaround_min: i32,
    pub pool_id: Option<PoolId>,
    pub hours: Option<Value>,
    pub bookable_hours: Option<Value>,
    pub policy: Value,
    pub active: bool,
    pub revision: i32,
}

/// What changes in a space; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = space)]
pub struct SpaceChange {
    pub name_zh: Option<String>,
    pub name_en: Option<String>,
    pub description: Option<String>,
    pub position: Option<i32>,
    pub area_m2: Option<Option<i32>>,
    pub people_cap: Option<i32>,
    pub turnaround_min: Option<i32>,
    pub hours: Option<Option<Value>>,
    pub bookable_hours: Option<Option<Value>>,
    pub policy: Option<Value>,
    pub active: Option<bool>,
}

/// An area as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = area)]
pub struct AreaRow {
    pub id: AreaId,
    pub space_id: SpaceId,
    pub slug: String,
    pub position: i32,
    pub initial_layout_version_id: Option<LayoutVersionId>,
}

/// A floor as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = floor)]
pub struct FloorRow {
    pub space_id: SpaceId,
    pub width: i32,
    pub height: i32,
    pub module_mm: i32,
    pub rows: Vec<Option<String>>,
    /// By cell, which area it is of: A is the space's first, B its second, …
    pub areas: Vec<Option<String>>,
    pub revision: i32,
    pub basis: i32,
    /// Values of rules that are not the defaults.
    pub rules: Value,
}

impl FloorRow {
    /// The grid as the layout engine reads it.
    pub fn floor(&self) -> Result<Floor, FloorError> {
        let rows: Vec<&str> = self.rows.iter().flatten().map(String::as_str).collect();
        Floor::parse(&rows)
    }

    /// What layouts on it are measured by.
    pub fn rules(&self) -> serde_json::Result<Rules> {
        Rules::deserialize(&self.rules)
    }
}

/// Spaces by id, of one venue or of all, after one that was seen.
pub async fn spaces(
    conn: &AsyncPgConnection,
    venue_id: Option<VenueId>,
    after: Option<uuid::Uuid>,
    rows: i64,
) -> QueryResult<Vec<SpaceRow>> {
    let mut conn = conn;
    let mut query = space::table
        .filter(space::id.gt(after.unwrap_or_default()))
        .order(space::id)
        .limit(rows)
        .select(SpaceRow::as_select())
        .into_boxed();
    if let Some(venue_id) = venue_id {
        query = query.filter(space::venue_id.eq(venue_id));
    }
    query.load(&mut conn).await
}

/// One space.
pub async fn space(conn: &AsyncPgConnection, id: SpaceId) -> QueryResult<SpaceRow> {
    let mut conn = conn;
    space::table
        .find(id)
        .select(SpaceRow::as_select())
        .first(&mut conn)
        .await
}

/// One space, locked until the transaction ends.
pub async fn lock_space(conn: &AsyncPgConnection, id: SpaceId) -> QueryResult<SpaceRow> {
    let mut conn = conn;
    space::table
        .find(id)
        .for_no_key_update()
        .select(SpaceRow::as_select())
        .first(&mut conn)
        .await
}

/// A new space.
pub async fn insert_space(conn: &AsyncPgConnection, row: &SpaceRow) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(space::table)
        .values(row)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Changes a space.
pub async fn update_space(
    conn: &AsyncPgConnection,
    id: SpaceId,
    change: &SpaceChange,
) -> QueryResult<SpaceRow> {
    let mut conn = conn;
    diesel::update(space::table.find(id))
        .set((change, space::revision.eq(space::revision + 1)))
        .returning(SpaceRow::as_select())
        .get_result(&mut conn)
        .await
}

/// The areas of a space, in their order.
pub async fn areas(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<Vec<AreaRow>> {
    let mut conn = conn;
    area::table
        .filter(area::space_id.eq(space_id))
        .order((area::position, area::id))
        .select(AreaRow::as_select())
        .load(&mut conn)
        .await
}

/// New areas.
pub async fn insert_areas(conn: &AsyncPgConnection, rows: &[AreaRow]) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(area::table)
        .values(rows)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// What changes in an area; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = area)]
pub struct AreaChange {
    pub slug: Option<String>,
    pub initial_layout_version_id: Option<LayoutVersionId>,
}

/// Changes an area of a space.
pub async fn update_area(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    id: AreaId,
    change: &AreaChange,
) -> QueryResult<AreaRow> {
    let mut conn = conn;
    diesel::update(area::table.find(id).filter(area::space_id.eq(space_id)))
        .set(change)
        .returning(AreaRow::as_select())
        .get_result(&mut conn)
        .await
}

/// An area of a space.
pub async fn area(conn: &AsyncPgConnection, space_id: SpaceId, id: AreaId) -> QueryResult<AreaRow> {
    let mut conn = conn;
    area::table
        .find(id)
        .filter(area::space_id.eq(space_id))
        .select(AreaRow::as_select())
        .first(&mut conn)
        .await
}

/// The floor of a space.
pub async fn floor(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<FloorRow> {
    let mut conn = conn;
    floor::table
        .find(space_id)
        .select(FloorRow::as_select())
        .first(&mut conn)
        .await
}

/// The floor of a space, if it has one, locked until the transaction ends: no layout is judged on it meanwhile.
pub async fn lock_floor(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Option<FloorRow>> {
    let mut conn = conn;
    floor::table
        .find(space_id)
        .for_update()
        .select(FloorRow::as_select())
        .first(&mut conn)
        .await
        .optional()
}

/// Keeps a space's floor and its venue's block types as they are until the transaction ends: a layout is judged on them.
pub async fn hold_floor(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<()> {
    let mut conn = conn;
    // types before floors, as a change of a type counts its floors' basis up
    diesel::sql_query(
        "SELECT 1 FROM block_type t JOIN space s ON s.venue_id = t.venue_id WHERE s.id = $1 ORDER BY t.id FOR SHARE OF t",
    )
    .bind::<diesel::sql_types::Uuid, _>(space_id)
    .execute(&mut conn)
    .await?;
    diesel::sql_query("SELECT 1 FROM floor WHERE space_id = $1 FOR SHARE")
        .bind::<diesel::sql_types::Uuid, _>(space_id)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// A floor as it is drawn.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = floor)]
pub struct FloorDrawing {
    pub width: i32,
    pub height: i32,
    pub module_mm: i32,
    pub rows: Vec<Option<String>>,
    pub areas: Vec<Option<String>>,
    pub rules: Value,
}

/// Draws a space's floor, its first or another one.
pub async fn put_floor(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    drawing: &FloorDrawing,
) -> QueryResult<FloorRow> {
    let mut conn = conn;
    diesel::insert_into(floor::table)
        .values((floor::space_id.eq(space_id), drawing))
        .on_conflict(floor::space_id)
        .do_update()
        .set((drawing, floor::revision.eq(floor::revision + 1)))
        .returning(FloorRow::as_select())
        .get_result(&mut conn)
        .await
}
