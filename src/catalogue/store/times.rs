//! Changeover times that are missing or stale, and those that were computed.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;

use crate::id::{AreaId, LayoutVersionId, SpaceId};
use crate::schema::changeover_time;

/// A change from one version to another, in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, QueryableByName)]
pub struct Pair {
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Uuid, column_name = from_version_id)]
    pub from: LayoutVersionId,
    #[diesel(sql_type = Uuid, column_name = to_version_id)]
    pub to: LayoutVersionId,
}

/// What a change takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// The published minutes, 0 to 1440.
    pub minutes: u64,
    /// Seconds: handling and carrying.
    pub work_s: u64,
    /// Seconds from the first step to the end of the last.
    pub makespan_s: u64,
    pub moves: Vec<Move>,
}

/// A block that is moved, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The code of its type.
    pub t: String,
    /// Its least cell and height before; null: the store.
    pub from: Option<[i32; 3]>,
    /// The same after.
    pub to: Option<[i32; 3]>,
    /// Whether it goes by way of the store.
    pub by_store: bool,
}

#[derive(QueryableByName)]
struct Pending {
    #[diesel(sql_type = Uuid)]
    id: SpaceId,
}

/// The spaces with a floor on which times are missing or stale.
pub async fn spaces_pending(mut conn: &AsyncPgConnection) -> QueryResult<Vec<SpaceId>> {
    let rows: Vec<Pending> = sql_query(
        "SELECT f.space_id AS id FROM floor f WHERE EXISTS (SELECT FROM changeovers_of(f.space_id) c WHERE NOT (c.known AND c.fresh)) \
           OR EXISTS (SELECT FROM layout l JOIN layout_version v ON v.layout_id = l.id \
             WHERE l.space_id = f.space_id AND v.state = 'published' AND v.bookable_at IS NULL) ORDER BY f.space_id",
    )
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Takes a floor's times to be computed until the transaction ends; false where another process has them.
pub async fn claim_floor(mut conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Claimed {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        claimed: bool,
    }
    let row: Claimed = sql_query(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('changeover times of ' || $1, 0)) AS claimed",
    )
    .bind::<Text, _>(space_id.to_string())
    .get_result(&mut conn)
    .await?;
    Ok(row.claimed)
}

/// What is missing on a floor, then what is stale.
pub async fn pending(mut conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<Vec<Pair>> {
    sql_query(
        "SELECT area_id, from_version_id, to_version_id FROM changeovers_of($1) WHERE NOT (known AND fresh) \
         ORDER BY known, area_id, from_version_id, to_version_id",
    )
    .bind::<Uuid, _>(space_id)
    .load(&mut conn)
    .await
}

/// Keeps a time, also in place of a stale one. The floor is claimed, so none that is fresher is there.
pub async fn insert(
    conn: &AsyncPgConnection,
    pair: &Pair,
    time: &Time,
    basis: i32,
) -> QueryResult<()> {
    let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    let moves = serde_json::to_value(&time.moves)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    let values = (
        changeover_time::minutes.eq(number(time.minutes)),
        changeover_time::work_s.eq(number(time.work_s)),
        changeover_time::makespan_s.eq(number(time.makespan_s)),
        changeover_time::moves.eq(moves),
        changeover_time::basis.eq(basis),
    );
    let mut conn = conn;
    diesel::insert_into(changeover_time::table)
        .values((
            changeover_time::area_id.eq(pair.area_id),
            changeover_time::from_version_id.eq(pair.from),
            changeover_time::to_version_id.eq(pair.to),
            values.clone(),
        ))
        .on_conflict((
            changeover_time::area_id,
            changeover_time::from_version_id,
            changeover_time::to_version_id,
        ))
        .do_update()
        .set(values)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Makes bookable what lacks no time any more.
pub async fn become_bookable(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Vec<LayoutVersionId>> {
    #[derive(QueryableByName)]
    struct Bookable {
        #[diesel(sql_type = Uuid)]
        id: LayoutVersionId,
    }
    let rows: Vec<Bookable> = sql_query(
        "WITH missing AS MATERIALIZED (SELECT * FROM changeovers_of($1) WHERE NOT known) \
         UPDATE layout_version v SET bookable_at = clock_timestamp() FROM layout l \
         WHERE l.id = v.layout_id AND l.space_id = $1 AND v.state = 'published' AND v.bookable_at IS NULL \
           AND NOT EXISTS (SELECT FROM missing m WHERE v.id IN (m.from_version_id, m.to_version_id)) RETURNING v.id",
    )
    .bind::<Uuid, _>(space_id)
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How far the times of a version are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Progress {
    #[diesel(sql_type = Uuid)]
    pub id: LayoutVersionId,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

/// How far the times of a space's versions are; of those that may stand there.
pub async fn progress(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Vec<Progress>> {
    sql_query(
        "SELECT x.id, count(*) FILTER (WHERE c.known AND c.fresh) AS done, count(*) AS total FROM changeovers_of($1) c, \
           LATERAL (SELECT c.from_version_id AS id UNION SELECT c.to_version_id) x GROUP BY x.id",
    )
    .bind::<Uuid, _>(space_id)
    .load(&mut conn)
    .await
}
