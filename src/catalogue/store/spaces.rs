//! Spaces, their areas and floors.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::catalogue::SpaceKind;
use crate::id::{AreaId, LayoutVersionId, PoolId, SpaceId, VenueId};
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

/// Gives an area of a space another slug.
pub async fn rename_area(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    id: AreaId,
    slug: &str,
) -> QueryResult<AreaRow> {
    let mut conn = conn;
    diesel::update(area::table.find(id).filter(area::space_id.eq(space_id)))
        .set(area::slug.eq(slug))
        .returning(AreaRow::as_select())
        .get_result(&mut conn)
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
