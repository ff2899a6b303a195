//! Layouts, their versions, and the times between them, to be read. See `drafts` and `times` for how they come to be.

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::catalogue::{Purpose, VersionState};
use crate::id::{AreaId, LayoutId, LayoutVersionId, SpaceId};
use crate::schema::{
    block_type, changeover_time, layout, layout_need, layout_version, layout_version_area,
};
use crate::span::Instant;

/// A layout as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = layout)]
pub struct LayoutRow {
    pub id: LayoutId,
    pub space_id: SpaceId,
    pub slug: String,
    pub purpose: Purpose,
    pub name_zh: String,
    pub name_en: String,
}

/// A version as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = layout_version)]
pub struct VersionRow {
    pub id: LayoutVersionId,
    pub layout_id: LayoutId,
    pub number: i32,
    pub state: VersionState,
    pub placements: Value,
    pub zones: Value,
    pub gates: Value,
    pub seats_required: i32,
    pub capacity: i32,
    pub seats: i32,
    pub published_at: Option<Instant>,
    pub bookable_at: Option<Instant>,
    pub revision: i32,
}

/// A version without its drawing.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = layout_version)]
pub struct VersionHead {
    pub id: LayoutVersionId,
    pub layout_id: LayoutId,
    pub number: i32,
    pub state: VersionState,
    pub capacity: i32,
    pub seats: i32,
    pub published_at: Option<Instant>,
    pub bookable_at: Option<Instant>,
    pub revision: i32,
}

impl From<&VersionRow> for VersionHead {
    fn from(row: &VersionRow) -> Self {
        Self {
            id: row.id,
            layout_id: row.layout_id,
            number: row.number,
            state: row.state,
            capacity: row.capacity,
            seats: row.seats,
            published_at: row.published_at,
            bookable_at: row.bookable_at,
            revision: row.revision,
        }
    }
}

/// How many blocks of a type a version has in an area.
#[derive(Debug, Clone, Queryable)]
pub struct NeedRow {
    pub area_id: AreaId,
    pub block_type: String,
    pub count: i32,
}

/// Layouts of a space by id, after one that was seen.
pub async fn layouts(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    after: Option<uuid::Uuid>,
    rows: i64,
) -> QueryResult<Vec<LayoutRow>> {
    let mut conn = conn;
    layout::table
        .filter(layout::space_id.eq(space_id))
        .filter(layout::id.gt(after.unwrap_or_default()))
        .order(layout::id)
        .limit(rows)
        .select(LayoutRow::as_select())
        .load(&mut conn)
        .await
}

/// The versions of some layouts, newest last; drafts only where they are asked for.
pub async fn versions(
    conn: &AsyncPgConnection,
    layouts: &[LayoutId],
    drafts: bool,
) -> QueryResult<Vec<VersionHead>> {
    let mut conn = conn;
    let mut query = layout_version::table
        .filter(layout_version::layout_id.eq_any(layouts))
        .order((layout_version::layout_id, layout_version::number))
        .select(VersionHead::as_select())
        .into_boxed();
    if !drafts {
        query = query.filter(layout_version::state.ne(VersionState::Draft));
    }
    query.load(&mut conn).await
}

/// The areas that a version claims.
pub async fn version_areas(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
) -> QueryResult<Vec<AreaId>> {
    let mut conn = conn;
    layout_version_area::table
        .filter(layout_version_area::layout_version_id.eq(id))
        .order(layout_version_area::area_id)
        .select(layout_version_area::area_id)
        .load(&mut conn)
        .await
}

/// The blocks that a version has, by area and type.
pub async fn version_needs(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
) -> QueryResult<Vec<NeedRow>> {
    let mut conn = conn;
    layout_need::table
        .inner_join(block_type::table)
        .filter(layout_need::layout_version_id.eq(id))
        .order((layout_need::area_id, block_type::code))
        .select((layout_need::area_id, block_type::code, layout_need::count))
        .load(&mut conn)
        .await
}

/// What a version takes, as it is kept.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The areas that it claims, by id.
    pub area_ids: Vec<AreaId>,
    /// Its blocks, by area and type.
    pub needs: Vec<NeedRow>,
}

/// What some versions take; two queries, however many they are.
pub async fn parts(
    conn: &AsyncPgConnection,
    versions: &[LayoutVersionId],
) -> QueryResult<HashMap<LayoutVersionId, Parts>> {
    let mut conn = conn;
    let areas: Vec<(LayoutVersionId, AreaId)> = layout_version_area::table
        .filter(layout_version_area::layout_version_id.eq_any(versions))
        .order(layout_version_area::area_id)
        .select((
            layout_version_area::layout_version_id,
            layout_version_area::area_id,
        ))
        .load(&mut conn)
        .await?;
    let needs: Vec<(LayoutVersionId, NeedRow)> = layout_need::table
        .inner_join(block_type::table)
        .filter(layout_need::layout_version_id.eq_any(versions))
        .order((layout_need::area_id, block_type::code))
        .select((
            layout_need::layout_version_id,
            (layout_need::area_id, block_type::code, layout_need::count),
        ))
        .load(&mut conn)
        .await?;
    let mut parts: HashMap<LayoutVersionId, Parts> = HashMap::new();
    for (id, area_id) in areas {
        parts.entry(id).or_default().area_ids.push(area_id);
    }
    for (id, need) in needs {
        parts.entry(id).or_default().needs.push(need);
    }
    Ok(parts)
}

/// The versions of the same layout that came before this one.
///
/// # Errors
/// `NotFound` where there is no such version.
pub async fn older_versions(
    conn: &AsyncPgConnection,
    version: LayoutVersionId,
) -> QueryResult<Vec<LayoutVersionId>> {
    let mut conn = conn;
    let (of, number) = layout_version::table
        .find(version)
        .select((layout_version::layout_id, layout_version::number))
        .first::<(LayoutId, i32)>(&mut conn)
        .await?;
    layout_version::table
        .filter(layout_version::layout_id.eq(of))
        .filter(layout_version::number.lt(number))
        .order(layout_version::number)
        .select(layout_version::id)
        .load(&mut conn)
        .await
}

/// A time between two versions, as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = changeover_time)]
pub struct TimeRow {
    pub area_id: AreaId,
    pub from_version_id: LayoutVersionId,
    pub to_version_id: LayoutVersionId,
    pub minutes: i32,
    pub work_s: Option<i32>,
}

/// The times of some areas between versions that are not retired, in the order of their keys; from one version only,
/// where one is named.
pub async fn changeover_times(
    conn: &AsyncPgConnection,
    areas: &[AreaId],
    from: Option<LayoutVersionId>,
) -> QueryResult<Vec<TimeRow>> {
    let (one, two) = diesel::alias!(layout_version as one, layout_version as two);
    let mut conn = conn;
    let mut query = changeover_time::table
        .inner_join(
            one.on(one
                .field(layout_version::id)
                .eq(changeover_time::from_version_id)),
        )
        .inner_join(
            two.on(two
                .field(layout_version::id)
                .eq(changeover_time::to_version_id)),
        )
        .filter(changeover_time::area_id.eq_any(areas))
        .filter(one.field(layout_version::state).eq(VersionState::Published))
        .filter(two.field(layout_version::state).eq(VersionState::Published))
        .order((
            changeover_time::area_id,
            changeover_time::from_version_id,
            changeover_time::to_version_id,
        ))
        .select(TimeRow::as_select())
        .into_boxed();
    if let Some(from) = from {
        query = query.filter(changeover_time::from_version_id.eq(from));
    }
    query.load(&mut conn).await
}

/// The versions that may stand in a space from now on: see the function of that name in the database.
pub async fn standing(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Vec<(VersionRow, LayoutRow)>> {
    #[derive(QueryableByName)]
    struct Standing {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: LayoutVersionId,
    }
    let mut conn = conn;
    let ids: Vec<Standing> =
        diesel::sql_query("SELECT DISTINCT layout_version_id AS id FROM versions_standing($1)")
            .bind::<diesel::sql_types::Uuid, _>(space_id)
            .load(&mut conn)
            .await?;
    layout_version::table
        .inner_join(layout::table)
        .filter(layout_version::id.eq_any(ids.into_iter().map(|row| row.id)))
        .order(layout_version::id)
        .select((VersionRow::as_select(), LayoutRow::as_select()))
        .load(&mut conn)
        .await
}
