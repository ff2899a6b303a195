//! Pools: their blocks and their crews.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::id::{BlockTypeId, CrewId, PoolId, VenueId};
use crate::schema::{block_type, crew, pool, pool_stock, task};
use crate::span::Instant;

/// Takes the pool's lock, that of all writers on its floors; false where there is no such pool.
pub async fn lock_pool(conn: &AsyncPgConnection, pool_id: PoolId) -> QueryResult<bool> {
    let mut conn = conn;
    sql_query("SELECT 1 FROM pool WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<sql_types::Uuid, _>(pool_id)
        .execute(&mut conn)
        .await
        .map(|rows| rows == 1)
}

/// A pool as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = pool)]
pub struct PoolRow {
    pub id: PoolId,
    pub venue_id: VenueId,
    pub slug: String,
    pub name: String,
}

/// What a pool has of a block type.
#[derive(Debug, Clone, Queryable)]
pub struct StockRow {
    pub pool_id: PoolId,
    pub block_type: String,
    pub owned: i32,
    pub out_of_service: i32,
}

/// Pools by id, after one that was seen.
pub async fn pools(
    conn: &AsyncPgConnection,
    after: Option<uuid::Uuid>,
    rows: i64,
) -> QueryResult<Vec<PoolRow>> {
    let mut conn = conn;
    pool::table
        .filter(pool::id.gt(after.unwrap_or_default()))
        .order(pool::id)
        .limit(rows)
        .select(PoolRow::as_select())
        .load(&mut conn)
        .await
}

/// One pool.
pub async fn pool(conn: &AsyncPgConnection, id: PoolId) -> QueryResult<PoolRow> {
    let mut conn = conn;
    pool::table
        .find(id)
        .select(PoolRow::as_select())
        .first(&mut conn)
        .await
}

/// What some pools have, by pool and code.
pub async fn stock(conn: &AsyncPgConnection, pools: &[PoolId]) -> QueryResult<Vec<StockRow>> {
    let mut conn = conn;
    pool_stock::table
        .inner_join(block_type::table)
        .filter(pool_stock::pool_id.eq_any(pools))
        .order((pool_stock::pool_id, block_type::code))
        .select((
            pool_stock::pool_id,
            block_type::code,
            pool_stock::owned,
            pool_stock::out_of_service,
        ))
        .load(&mut conn)
        .await
}

/// The type with this code in a pool's stock, and how many there are and are out of service.
pub async fn stock_of(
    conn: &AsyncPgConnection,
    pool_id: PoolId,
    code: &str,
) -> QueryResult<(BlockTypeId, i32, i32)> {
    let mut conn = conn;
    pool_stock::table
        .inner_join(block_type::table)
        .filter(pool_stock::pool_id.eq(pool_id))
        .filter(block_type::code.eq(code))
        .select((
            block_type::id,
            pool_stock::owned,
            pool_stock::out_of_service,
        ))
        .first(&mut conn)
        .await
}

/// Changes what a pool has of a type.
pub async fn update_stock(
    conn: &AsyncPgConnection,
    pool_id: PoolId,
    block_type_id: BlockTypeId,
    owned: i32,
    out_of_service: i32,
) -> QueryResult<()> {
    let mut conn = conn;
    diesel::update(pool_stock::table.find((pool_id, block_type_id)))
        .set((
            pool_stock::owned.eq(owned),
            pool_stock::out_of_service.eq(out_of_service),
        ))
        .execute(&mut conn)
        .await
        .map(drop)
}

#[derive(QueryableByName)]
struct Short {
    #[diesel(sql_type = Uuid)]
    booking_id: uuid::Uuid,
    #[diesel(sql_type = Uuid)]
    area_id: uuid::Uuid,
    #[diesel(sql_type = Timestamptz)]
    start: Instant,
    #[diesel(sql_type = BigInt)]
    needed: i64,
}

/// Opens a task for each changeover ahead at whose start the pool's areas need more blocks of the type than are in
/// service: what is booked stays booked, but staff must see to it.
pub async fn open_stock_tasks(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    pool_id: PoolId,
    block_type_id: BlockTypeId,
) -> QueryResult<usize> {
    let mut conn = conn;
    let short: Vec<Short> = sql_query(
        "SELECT o.booking_id, o.area_id, lower(o.during) AS start, n.needed
        FROM space s JOIN area a ON a.space_id = s.id
            JOIN occupancy o ON o.area_id = a.id AND o.kind = 'changeover' AND upper(o.during) > clock_timestamp()
            JOIN pool_stock p ON p.pool_id = s.pool_id AND p.block_type_id = $3
            CROSS JOIN LATERAL (
                SELECT sum(greatest(
                    blocks_needed(CASE WHEN l.ends > lower(o.during) THEN l.from_version_id ELSE coalesce(l.to_version_id, b.initial_layout_version_id) END, b.id, $3),
                    blocks_needed(coalesce(l.to_version_id, b.initial_layout_version_id), b.id, $3))) AS needed
                FROM space t JOIN area b ON b.space_id = t.id
                    LEFT JOIN LATERAL (SELECT x.from_version_id, x.to_version_id, upper(x.during) AS ends FROM occupancy x
                        WHERE x.area_id = b.id AND x.kind = 'changeover' AND lower(x.during) <= lower(o.during)
                        ORDER BY lower(x.during) DESC LIMIT 1) l ON true
                WHERE t.pool_id = s.pool_id) n
        WHERE s.pool_id = $2 AND n.needed > p.owned - p.out_of_service
            AND NOT EXISTS (SELECT FROM task t WHERE t.venue_id = $1 AND t.done_at IS NULL
                AND t.kind = 'stock_short' AND t.booking_id = o.booking_id AND t.area_id = o.area_id)
        ORDER BY o.during",
    )
    .bind::<Uuid, _>(venue_id)
    .bind::<Uuid, _>(pool_id)
    .bind::<Uuid, _>(block_type_id)
    .load(&mut conn)
    .await?;
    let rows: Vec<_> = short
        .iter()
        .map(|short| {
            (
                task::id.eq(uuid::Uuid::now_v7()),
                task::venue_id.eq(venue_id),
                task::kind.eq("stock_short"),
                task::booking_id.eq(short.booking_id),
                task::area_id.eq(short.area_id),
                task::detail.eq(serde_json::json!({
                    "block_type_id": block_type_id,
                    "changeover_start": short.start,
                    "needed": short.needed,
                })),
            )
        })
        .collect();
    diesel::insert_into(task::table)
        .values(&rows)
        .execute(&mut conn)
        .await
}

/// A crew as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crew)]
pub struct CrewRow {
    pub id: CrewId,
    pub pool_id: PoolId,
    pub name: String,
    pub teams: i32,
    pub weekly: Value,
}

/// What changes in a crew; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = crew)]
pub struct CrewChange {
    pub name: Option<String>,
    pub teams: Option<i32>,
    pub weekly: Option<Value>,
}

/// The crews of a pool, by name.
pub async fn crews(conn: &AsyncPgConnection, pool_id: PoolId) -> QueryResult<Vec<CrewRow>> {
    let mut conn = conn;
    crew::table
        .filter(crew::pool_id.eq(pool_id))
        .order(crew::name)
        .select(CrewRow::as_select())
        .load(&mut conn)
        .await
}

/// A crew with its pool.
pub async fn crew(conn: &AsyncPgConnection, id: CrewId) -> QueryResult<(CrewRow, PoolRow)> {
    let mut conn = conn;
    crew::table
        .inner_join(pool::table)
        .filter(crew::id.eq(id))
        .select((CrewRow::as_select(), PoolRow::as_select()))
        .first(&mut conn)
        .await
}

/// A new crew.
pub async fn insert_crew(conn: &AsyncPgConnection, row: &CrewRow) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(crew::table)
        .values(row)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Changes a crew.
pub async fn update_crew(
    conn: &AsyncPgConnection,
    id: CrewId,
    change: &CrewChange,
) -> QueryResult<CrewRow> {
    let mut conn = conn;
    diesel::update(crew::table.find(id))
        .set(change)
        .returning(CrewRow::as_select())
        .get_result(&mut conn)
        .await
}
