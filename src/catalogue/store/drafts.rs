//! How layouts and their versions come to be: drafted, published, retired.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use super::layouts::{LayoutRow, VersionRow};
use crate::catalogue::VersionState;
use crate::catalogue::drawing::Written;
use crate::catalogue::floor_plan::{FloorPlan, Judgement};
use crate::id::{LayoutId, LayoutVersionId};
use crate::schema::{layout, layout_need, layout_version, layout_version_area};

/// What changes in a layout; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = layout)]
pub struct LayoutChange {
    pub name_zh: Option<String>,
    pub name_en: Option<String>,
}

/// One layout.
pub async fn layout(conn: &AsyncPgConnection, id: LayoutId) -> QueryResult<LayoutRow> {
    let mut conn = conn;
    layout::table
        .find(id)
        .select(LayoutRow::as_select())
        .first(&mut conn)
        .await
}

/// One layout, locked until the transaction ends.
pub async fn lock_layout(conn: &AsyncPgConnection, id: LayoutId) -> QueryResult<LayoutRow> {
    let mut conn = conn;
    layout::table
        .find(id)
        .for_no_key_update()
        .select(LayoutRow::as_select())
        .first(&mut conn)
        .await
}

/// A new layout.
pub async fn insert_layout(conn: &AsyncPgConnection, row: &LayoutRow) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(layout::table)
        .values(row)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Changes a layout's words.
pub async fn update_layout(
    conn: &AsyncPgConnection,
    id: LayoutId,
    change: &LayoutChange,
) -> QueryResult<LayoutRow> {
    let mut conn = conn;
    diesel::update(layout::table.find(id))
        .set(change)
        .returning(LayoutRow::as_select())
        .get_result(&mut conn)
        .await
}

/// A version in whatever state, with its layout.
pub async fn any_version(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
) -> QueryResult<(VersionRow, LayoutRow)> {
    let mut conn = conn;
    layout_version::table
        .inner_join(layout::table)
        .filter(layout_version::id.eq(id))
        .select((VersionRow::as_select(), LayoutRow::as_select()))
        .first(&mut conn)
        .await
}

/// The same, the version locked until the transaction ends.
pub async fn lock_version(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
) -> QueryResult<(VersionRow, LayoutRow)> {
    let mut locking = conn;
    diesel::sql_query("SELECT 1 FROM layout_version WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<diesel::sql_types::Uuid, _>(id)
        .execute(&mut locking)
        .await?;
    any_version(conn, id).await
}

/// The number of a layout's next version.
pub async fn next_number(conn: &AsyncPgConnection, id: LayoutId) -> QueryResult<i32> {
    let mut conn = conn;
    let last: Option<i32> = layout_version::table
        .filter(layout_version::layout_id.eq(id))
        .select(diesel::dsl::max(layout_version::number))
        .first(&mut conn)
        .await?;
    Ok(last.unwrap_or(0) + 1)
}

/// A new draft, with all that follows from its drawing.
pub async fn insert_draft(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
    of: (LayoutId, i32),
    written: &Written,
    plan: &FloorPlan,
    judged: &Judgement,
) -> QueryResult<VersionRow> {
    let mut writer = conn;
    let row = diesel::insert_into(layout_version::table)
        .values((
            layout_version::id.eq(id),
            layout_version::layout_id.eq(of.0),
            layout_version::number.eq(of.1),
            layout_version::state.eq(VersionState::Draft),
            columns(written, judged)?,
        ))
        .returning(VersionRow::as_returning())
        .get_result(&mut writer)
        .await?;
    insert_parts(conn, id, plan, judged).await?;
    Ok(row)
}

/// Draws a draft anew. What is published refuses it.
pub async fn update_draft(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
    written: &Written,
    plan: &FloorPlan,
    judged: &Judgement,
) -> QueryResult<VersionRow> {
    delete_parts(conn, id).await?;
    let mut writer = conn;
    let row = diesel::update(layout_version::table.find(id))
        .set((
            columns(written, judged)?,
            layout_version::revision.eq(layout_version::revision + 1),
        ))
        .returning(VersionRow::as_returning())
        .get_result(&mut writer)
        .await?;
    insert_parts(conn, id, plan, judged).await?;
    Ok(row)
}

/// Takes a draft away. What is published refuses it.
pub async fn delete_draft(conn: &AsyncPgConnection, id: LayoutVersionId) -> QueryResult<()> {
    delete_parts(conn, id).await?;
    let mut conn = conn;
    diesel::delete(layout_version::table.find(id))
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Publishes a draft.
pub async fn publish(conn: &AsyncPgConnection, id: LayoutVersionId) -> QueryResult<VersionRow> {
    let mut conn = conn;
    diesel::update(layout_version::table.find(id))
        .set((
            layout_version::state.eq(VersionState::Published),
            layout_version::published_at.eq(diesel::dsl::now),
            layout_version::revision.eq(layout_version::revision + 1),
        ))
        .returning(VersionRow::as_returning())
        .get_result(&mut conn)
        .await
}

/// Retires published versions: no new bookings.
pub async fn retire(conn: &AsyncPgConnection, ids: &[LayoutVersionId]) -> QueryResult<()> {
    let mut conn = conn;
    diesel::update(layout_version::table.filter(layout_version::id.eq_any(ids)))
        .set(layout_version::state.eq(VersionState::Retired))
        .execute(&mut conn)
        .await
        .map(drop)
}

type Columns = (
    diesel::dsl::Eq<layout_version::placements, Value>,
    diesel::dsl::Eq<layout_version::zones, Value>,
    diesel::dsl::Eq<layout_version::gates, Value>,
    diesel::dsl::Eq<layout_version::seats_required, i32>,
    diesel::dsl::Eq<layout_version::capacity, i32>,
    diesel::dsl::Eq<layout_version::seats, i32>,
);

fn columns(written: &Written, judged: &Judgement) -> QueryResult<Columns> {
    let json = |value: serde_json::Result<Value>| {
        value.map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
    };
    let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    Ok((
        layout_version::placements.eq(json(serde_json::to_value(&written.placements))?),
        layout_version::zones.eq(json(serde_json::to_value(&written.zones))?),
        layout_version::gates.eq(json(serde_json::to_value(&written.gates))?),
        layout_version::seats_required.eq(written.seats_required),
        layout_version::capacity.eq(number(judged.capacity)),
        layout_version::seats.eq(number(judged.seats)),
    ))
}

/// The areas that a version claims and the blocks that stand in each.
async fn insert_parts(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
    plan: &FloorPlan,
    judged: &Judgement,
) -> QueryResult<()> {
    let mut conn = conn;
    let areas: Vec<_> = judged
        .area_ids
        .iter()
        .map(|area_id| {
            (
                layout_version_area::layout_version_id.eq(id),
                layout_version_area::area_id.eq(*area_id),
            )
        })
        .collect();
    diesel::insert_into(layout_version_area::table)
        .values(&areas)
        .execute(&mut conn)
        .await?;
    let needs: Vec<_> = judged
        .needs
        .iter()
        .map(|((area_id, block), count)| {
            (
                layout_need::layout_version_id.eq(id),
                layout_need::area_id.eq(*area_id),
                layout_need::block_type_id.eq(plan.type_ids[*block]),
                layout_need::count.eq(i32::try_from(*count).unwrap_or(i32::MAX)),
            )
        })
        .collect();
    diesel::insert_into(layout_need::table)
        .values(&needs)
        .execute(&mut conn)
        .await
        .map(drop)
}

async fn delete_parts(conn: &AsyncPgConnection, id: LayoutVersionId) -> QueryResult<()> {
    let mut conn = conn;
    diesel::delete(layout_need::table.filter(layout_need::layout_version_id.eq(id)))
        .execute(&mut conn)
        .await?;
    diesel::delete(layout_version_area::table.filter(layout_version_area::layout_version_id.eq(id)))
        .execute(&mut conn)
        .await
        .map(drop)
}
