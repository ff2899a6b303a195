//! Changeover times that are missing or stale, those that were computed, and those that cannot be.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel::upsert::excluded;
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;

use crate::catalogue::{TimesFault, TimesState};
use crate::id::{AreaId, LayoutVersionId, SpaceId};
use crate::schema::{changeover_fault, changeover_time};

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

/// The spaces with a floor on which times are to be computed, or a version only waits to be made bookable.
pub async fn spaces_pending(mut conn: &AsyncPgConnection) -> QueryResult<Vec<SpaceId>> {
    let rows: Vec<Pending> = sql_query(
        "SELECT f.space_id AS id FROM floor f WHERE EXISTS (SELECT FROM changeovers_of(f.space_id) c WHERE NOT (c.known AND c.fresh) \
             AND NOT EXISTS (SELECT FROM changeover_fault x WHERE (x.area_id, x.from_version_id, x.to_version_id, x.basis) \
               = (c.area_id, c.from_version_id, c.to_version_id, f.basis))) \
           OR EXISTS (SELECT FROM layout l JOIN layout_version v ON v.layout_id = l.id \
             WHERE l.space_id = f.space_id AND v.state = 'published' AND v.bookable_at IS NULL \
               AND NOT EXISTS (SELECT FROM changeovers_of(f.space_id) c WHERE NOT c.known AND v.id IN (c.from_version_id, c.to_version_id))) \
         ORDER BY f.space_id",
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

/// What is missing on a floor, then what is stale, but for what was tried in vain; so many at most.
pub async fn pending(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
    limit: i64,
) -> QueryResult<Vec<Pair>> {
    sql_query(
        "SELECT c.area_id, c.from_version_id, c.to_version_id FROM changeovers_of($1) c JOIN floor f ON f.space_id = $1 \
         WHERE NOT (c.known AND c.fresh) AND NOT EXISTS (SELECT FROM changeover_fault x \
           WHERE (x.area_id, x.from_version_id, x.to_version_id, x.basis) = (c.area_id, c.from_version_id, c.to_version_id, f.basis)) \
         ORDER BY c.known, c.area_id, c.from_version_id, c.to_version_id LIMIT $2",
    )
    .bind::<Uuid, _>(space_id)
    .bind::<BigInt, _>(limit)
    .load(&mut conn)
    .await
}

/// Keeps times, also in place of stale ones. The floor is claimed, so none that is fresher is there.
pub async fn insert(
    conn: &AsyncPgConnection,
    times: &[(Pair, Time)],
    basis: i32,
) -> QueryResult<()> {
    let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    let row = |(pair, time): &(Pair, Time)| {
        let moves = serde_json::to_value(&time.moves)
            .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
        Ok((
            changeover_time::area_id.eq(pair.area_id),
            changeover_time::from_version_id.eq(pair.from),
            changeover_time::to_version_id.eq(pair.to),
            changeover_time::minutes.eq(number(time.minutes)),
            changeover_time::work_s.eq(number(time.work_s)),
            changeover_time::makespan_s.eq(number(time.makespan_s)),
            changeover_time::moves.eq(moves),
            changeover_time::basis.eq(basis),
        ))
    };
    let rows = times.iter().map(row).collect::<QueryResult<Vec<_>>>()?;
    let mut conn = conn;
    diesel::insert_into(changeover_time::table)
        .values(&rows)
        .on_conflict((
            changeover_time::area_id,
            changeover_time::from_version_id,
            changeover_time::to_version_id,
        ))
        .do_update()
        .set((
            changeover_time::minutes.eq(excluded(changeover_time::minutes)),
            changeover_time::work_s.eq(excluded(changeover_time::work_s)),
            changeover_time::makespan_s.eq(excluded(changeover_time::makespan_s)),
            changeover_time::moves.eq(excluded(changeover_time::moves)),
            changeover_time::basis.eq(excluded(changeover_time::basis)),
        ))
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Keeps why changeovers have no time, so that they are not tried again before the floor's basis changes.
pub async fn insert_faults(
    conn: &AsyncPgConnection,
    faults: &[(Pair, TimesFault)],
    basis: i32,
) -> QueryResult<()> {
    let row = |(pair, reason): &(Pair, TimesFault)| {
        (
            changeover_fault::area_id.eq(pair.area_id),
            changeover_fault::from_version_id.eq(pair.from),
            changeover_fault::to_version_id.eq(pair.to),
            changeover_fault::reason.eq(*reason),
            changeover_fault::basis.eq(basis),
        )
    };
    let rows: Vec<_> = faults.iter().map(row).collect();
    let mut conn = conn;
    diesel::insert_into(changeover_fault::table)
        .values(&rows)
        .on_conflict((
            changeover_fault::area_id,
            changeover_fault::from_version_id,
            changeover_fault::to_version_id,
        ))
        .do_update()
        .set((
            changeover_fault::reason.eq(excluded(changeover_fault::reason)),
            changeover_fault::basis.eq(excluded(changeover_fault::basis)),
        ))
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
    /// Tried in vain.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

impl Progress {
    /// What it comes to.
    pub fn state(&self) -> TimesState {
        if self.failed > 0 {
            TimesState::Impossible
        } else if self.done < self.total {
            TimesState::Computing
        } else {
            TimesState::Known
        }
    }
}

/// How far the times of a space's versions are; of those that may stand there.
pub async fn progress(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Vec<Progress>> {
    sql_query(
        "SELECT x.id, count(*) FILTER (WHERE c.known AND c.fresh) AS done, count(*) FILTER (WHERE NOT (c.known AND c.fresh) AND EXISTS (\
             SELECT FROM changeover_fault y JOIN floor f ON f.space_id = $1 AND f.basis = y.basis \
             WHERE (y.area_id, y.from_version_id, y.to_version_id) = (c.area_id, c.from_version_id, c.to_version_id))) AS failed, \
           count(*) AS total \
         FROM changeovers_of($1) c, LATERAL (SELECT c.from_version_id AS id UNION SELECT c.to_version_id) x GROUP BY x.id",
    )
    .bind::<Uuid, _>(space_id)
    .load(&mut conn)
    .await
}

/// A changeover that has no time, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Fault {
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Uuid, column_name = from_version_id)]
    pub from: LayoutVersionId,
    #[diesel(sql_type = Uuid, column_name = to_version_id)]
    pub to: LayoutVersionId,
    #[diesel(sql_type = Text)]
    pub reason: TimesFault,
}

/// The changeovers from and to a version, in its space, that have no time; so many at most.
pub async fn faults(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
    version: LayoutVersionId,
    limit: i64,
) -> QueryResult<Vec<Fault>> {
    sql_query(
        "SELECT c.area_id, c.from_version_id, c.to_version_id, y.reason FROM changeovers_of($1) c JOIN floor f ON f.space_id = $1 \
         JOIN changeover_fault y ON (y.area_id, y.from_version_id, y.to_version_id, y.basis) \
           = (c.area_id, c.from_version_id, c.to_version_id, f.basis) \
         WHERE NOT (c.known AND c.fresh) AND $2 IN (c.from_version_id, c.to_version_id) \
         ORDER BY c.area_id, c.from_version_id, c.to_version_id LIMIT $3",
    )
    .bind::<Uuid, _>(space_id)
    .bind::<Uuid, _>(version)
    .bind::<BigInt, _>(limit)
    .load(&mut conn)
    .await
}
