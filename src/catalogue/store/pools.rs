//! Pools: their blocks and their crews.

use diesel::prelude::*;
use diesel::{QueryResult, sql_query, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::id::{BlockTypeId, CrewId, PoolId, VenueId};
use crate::schema::{block_type, crew, pool, pool_stock};

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
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
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

/// A new pool.
pub async fn insert_pool(conn: &AsyncPgConnection, row: &PoolRow) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(pool::table)
        .values(row)
        .execute(&mut conn)
        .await
        .map(drop)
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

/// The type with this code, of the pool's venue, and how many of it the pool has and are out of service.
pub async fn stock_of(
    conn: &AsyncPgConnection,
    pool: &PoolRow,
    code: &str,
) -> QueryResult<(BlockTypeId, i32, i32)> {
    let mut conn = conn;
    let stock: (BlockTypeId, Option<i32>, Option<i32>) = block_type::table
        .left_join(
            pool_stock::table.on(pool_stock::block_type_id
                .eq(block_type::id)
                .and(pool_stock::pool_id.eq(pool.id))),
        )
        .filter(block_type::venue_id.eq(pool.venue_id))
        .filter(block_type::code.eq(code))
        .select((
            block_type::id,
            pool_stock::owned.nullable(),
            pool_stock::out_of_service.nullable(),
        ))
        .first(&mut conn)
        .await?;
    // a type that the pool does not list is one of which it has none
    Ok((stock.0, stock.1.unwrap_or(0), stock.2.unwrap_or(0)))
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
    let counts = (
        pool_stock::owned.eq(owned),
        pool_stock::out_of_service.eq(out_of_service),
    );
    diesel::insert_into(pool_stock::table)
        .values((
            pool_stock::pool_id.eq(pool_id),
            pool_stock::block_type_id.eq(block_type_id),
            counts,
        ))
        .on_conflict((pool_stock::pool_id, pool_stock::block_type_id))
        .do_update()
        .set(counts)
        .execute(&mut conn)
        .await
        .map(drop)
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
