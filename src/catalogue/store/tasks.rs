//! What a change of the catalogue leaves for staff to look at: it is never refused because of what is booked, so each
//! changeover ahead that it overtakes becomes a task, once.

use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

use crate::id::{AreaId, BlockTypeId, BookingId, PoolId, TaskId, VenueId};
use crate::schema::task;
use crate::span::Instant;

#[derive(QueryableByName)]
struct Overtaken {
    #[diesel(sql_type = Uuid)]
    booking_id: BookingId,
    #[diesel(sql_type = Uuid)]
    area_id: AreaId,
    #[diesel(sql_type = Timestamptz)]
    start: Instant,
}

/// Changeovers ahead that lie in no shift of their crew any more.
pub async fn open_shift_tasks(
    mut conn: &AsyncPgConnection,
    venue_id: VenueId,
) -> QueryResult<usize> {
    let uncovered = sql_query(
        "SELECT o.booking_id, o.area_id, lower(o.during) AS start
        FROM occupancy o JOIN crew c ON c.id = o.crew_id JOIN pool p ON p.id = c.pool_id
        WHERE p.venue_id = $1 AND o.kind = 'changeover' AND lower(o.during) > clock_timestamp()
            AND NOT EXISTS (SELECT FROM crew_shift s WHERE s.crew_id = o.crew_id AND s.during @> o.during)
            AND NOT EXISTS (SELECT FROM task t WHERE t.venue_id = $1 AND t.done_at IS NULL
                AND t.kind = 'shift_missing' AND t.booking_id = o.booking_id AND t.area_id = o.area_id)
        ORDER BY o.during",
    )
    .bind::<Uuid, _>(venue_id)
    .load(&mut conn)
    .await?;
    open(conn, venue_id, "shift_missing", &uncovered, None).await
}

/// Bookings ahead from whose changeover on (or whose start, where what stands stays) the pool's areas need more blocks of the
/// type than are in service.
pub async fn open_stock_tasks(
    mut conn: &AsyncPgConnection,
    venue_id: VenueId,
    pool_id: PoolId,
    block_type_id: BlockTypeId,
) -> QueryResult<usize> {
    let mut short: Vec<Overtaken> = sql_query(
        "SELECT DISTINCT ON (o.booking_id, o.area_id) o.booking_id, o.area_id, lower(o.during) AS start
        FROM pool_stock p JOIN space s ON s.pool_id = p.pool_id JOIN area a ON a.space_id = s.id
            JOIN occupancy o ON o.area_id = a.id AND o.kind <> 'closure' AND upper(o.during) > clock_timestamp()
        WHERE p.pool_id = $2 AND p.block_type_id = $3
            AND blocks_standing(p.pool_id, p.block_type_id, lower(o.during)) > p.owned - p.out_of_service
            AND NOT EXISTS (SELECT FROM task t WHERE t.venue_id = $1 AND t.done_at IS NULL
                AND t.kind = 'stock_short' AND t.booking_id = o.booking_id AND t.area_id = o.area_id
                AND t.detail ->> 'block_type_id' = $3::text)
        ORDER BY o.booking_id, o.area_id, o.during",
    )
    .bind::<Uuid, _>(venue_id)
    .bind::<Uuid, _>(pool_id)
    .bind::<Uuid, _>(block_type_id)
    .load(&mut conn)
    .await?;
    short.sort_by_key(|one| one.start);
    open(conn, venue_id, "stock_short", &short, Some(block_type_id)).await
}

async fn open(
    mut conn: &AsyncPgConnection,
    venue_id: VenueId,
    kind: &str,
    overtaken: &[Overtaken],
    block_type_id: Option<BlockTypeId>,
) -> QueryResult<usize> {
    let rows: Vec<_> = overtaken
        .iter()
        .map(|changeover| {
            let mut detail = json!({ "changeover_start": changeover.start });
            if let Some(block_type_id) = block_type_id {
                detail["block_type_id"] = json!(block_type_id);
            }
            (
                task::id.eq(TaskId::new()),
                task::venue_id.eq(venue_id),
                task::kind.eq(kind),
                task::booking_id.eq(changeover.booking_id),
                task::area_id.eq(changeover.area_id),
                task::detail.eq(detail),
            )
        })
        .collect();
    diesel::insert_into(task::table)
        .values(&rows)
        .execute(&mut conn)
        .await
}
