//! All SQL of bookings and occupancy.
//!
//! Reads that one decision needs are functions on a shared connection, to be joined into one round trip; the writes of
//! a decision go out together in [`write`].

pub mod contact;
mod lists;

pub use lists::{
    Filter, bookings, change_requests_of, clock, closures, due_to_be_missed, due_to_complete,
    due_to_lapse, due_to_remind, end_change_requests, history,
};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, SmallInt, Text, Timestamptz, Tstzrange, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;

use crate::booking::area_set::AreaSet;
use crate::booking::chain::{NewRow, Plan, Row, What};
use crate::booking::record::{Approval, Booking, ChangeRequest, HistoryLine};
use crate::booking::state::State;
use crate::db::prepared;
use crate::id::{
    AreaId, BlockTypeId, BookingId, ChangeRequestId, ClosureId, CrewId, LayoutVersionId,
    OccupancyId, PoolId, SpaceId, UserId,
};
use crate::message;
use crate::schema;
use crate::span::{Instant, Span};

/// Takes the lock under which everything of the space is written: its pool's where it has a floor, else its own.
/// Must be polled before any statement that the decision rests on.
pub async fn lock(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<()> {
    let locked = prepared(
        sql_query(
            "WITH p AS (SELECT id FROM pool WHERE id = (SELECT pool_id FROM space WHERE id = $1) FOR NO KEY UPDATE), \
               s AS (SELECT id FROM space WHERE id = $1 AND pool_id IS NULL FOR NO KEY UPDATE) \
             SELECT id FROM p UNION ALL SELECT id FROM s",
        )
        .bind::<Uuid, _>(space_id),
    );
    locked.execute(&mut &*conn).await.map(|_| ())
}

/// What was answered before to the same request, and what time it is after the lock.
#[derive(Debug, QueryableByName)]
pub struct AfterLock {
    #[diesel(sql_type = Timestamptz)]
    pub now: Instant,
    #[diesel(sql_type = Nullable<diesel::sql_types::Binary>)]
    pub fingerprint: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    pub answer: Option<String>,
}

/// The database's clock and the caller's idempotency key, read once after the lock.
pub async fn after_lock(
    conn: &AsyncPgConnection,
    caller: UserId,
    key: Option<&str>,
) -> QueryResult<AfterLock> {
    prepared(
        sql_query(
            "SELECT clock_timestamp() AS now, i.fingerprint, i.status, i.answer FROM (SELECT 1) one \
             LEFT JOIN idempotency i ON i.caller = $1 AND i.key = $2",
        )
        .bind::<Uuid, _>(caller)
        .bind::<Nullable<Text>, _>(key),
    )
    .get_result(&mut &*conn)
    .await
}

/// A booking, locked: read again after the lock of its space.
pub async fn booking_locked(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Booking> {
    use schema::booking::dsl;
    dsl::booking
        .find(id)
        .select(Booking::as_select())
        .for_no_key_update()
        .get_result(&mut &*conn)
        .await
}

/// A booking as it stands.
pub async fn booking(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Booking> {
    use schema::booking::dsl;
    dsl::booking
        .find(id)
        .select(Booking::as_select())
        .get_result(&mut &*conn)
        .await
}

/// The space of a booking: what to lock before it is read for a decision.
pub async fn space_of(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<SpaceId> {
    use schema::booking::dsl;
    dsl::booking
        .find(id)
        .select(dsl::space_id)
        .get_result(&mut &*conn)
        .await
}

/// Several bookings, in the order of their ids, locked.
pub async fn bookings_locked(
    conn: &AsyncPgConnection,
    ids: &[BookingId],
) -> QueryResult<Vec<Booking>> {
    use schema::booking::dsl;
    dsl::booking
        .filter(dsl::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .order(dsl::id)
        .select(Booking::as_select())
        .for_no_key_update()
        .load(&mut &*conn)
        .await
}

#[derive(QueryableByName)]
struct RowRead {
    #[diesel(sql_type = Uuid)]
    id: OccupancyId,
    #[diesel(sql_type = Uuid)]
    area_id: AreaId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Tstzrange)]
    during: Span,
    #[diesel(sql_type = Nullable<Uuid>)]
    booking_id: Option<BookingId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    layout_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    from_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    to_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    crew_id: Option<CrewId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    closure_id: Option<ClosureId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    lapses_at: Option<Instant>,
}

/// A row of occupancy and, where it belongs to an undecided booking, when that lapses.
#[derive(Debug, Clone)]
pub struct ChainRow {
    pub row: Row,
    pub lapses_at: Option<Instant>,
}

impl RowRead {
    fn into_row(self) -> QueryResult<ChainRow> {
        let what = match (
            self.kind.as_str(),
            self.booking_id,
            self.from_version_id,
            self.to_version_id,
            self.crew_id,
            self.closure_id,
        ) {
            ("event", Some(booking_id), ..) => What::Event {
                booking_id,
                version_id: self.layout_version_id,
            },
            ("changeover", Some(booking_id), Some(from), Some(to), Some(crew_id), _) => {
                What::Changeover {
                    booking_id,
                    from,
                    to,
                    crew_id,
                }
            }
            ("closure", .., Some(closure_id)) => What::Closure { closure_id },
            _ => {
                return Err(diesel::result::Error::DeserializationError(
                    "a row of occupancy of no known kind".into(),
                ));
            }
        };
        let row = Row {
            id: self.id,
            area_id: self.area_id,
            span: self.during,
            what,
        };
        Ok(ChainRow {
            row,
            lapses_at: self.lapses_at,
        })
    }
}

// From the event before the span to the event after it. A hold or an undecided request lapses at its expiry, at the
// latest when its first changeover must start (one that was written as already past does not count), or when it starts
// itself.
macro_rules! rows_around {
    ($areas:literal) => {
        concat!(
            "WITH edge AS ( \
               SELECT w.area_id, \
                 coalesce((SELECT lower(o.during) FROM occupancy o WHERE o.area_id = w.area_id AND o.kind = 'event' AND lower(o.during) < $2 \
                   ORDER BY lower(o.during) DESC LIMIT 1), '-infinity') AS since, \
                 coalesce((SELECT lower(o.during) FROM occupancy o WHERE o.area_id = w.area_id AND o.kind = 'event' AND lower(o.during) >= $3 \
                   ORDER BY lower(o.during) LIMIT 1), 'infinity') AS until \
               FROM ",
            $areas,
            ") \
             SELECT o.id, o.area_id, o.kind, o.during, o.booking_id, o.layout_version_id, o.from_version_id, o.to_version_id, o.crew_id, o.closure_id, \
               CASE WHEN b.state IN ('held', 'requested') THEN least(b.expires_at, ( \
                 SELECT min(lower(x.during)) FROM occupancy x WHERE x.booking_id = b.id AND (x.kind = 'event' OR lower(x.during) >= x.written_at))) \
               END AS lapses_at \
             FROM edge e JOIN occupancy o ON o.area_id = e.area_id AND lower(o.during) >= e.since AND lower(o.during) <= e.until \
             LEFT JOIN booking b ON b.id = o.booking_id \
             ORDER BY o.area_id, lower(o.during)"
        )
    };
}

/// The rows of the areas from the event before the span to the event after it, in the order of area and time.
pub async fn rows_around(
    conn: &AsyncPgConnection,
    areas: &AreaSet,
    reach: Span,
) -> QueryResult<Vec<ChainRow>> {
    let rows: Vec<RowRead> = prepared(
        sql_query(rows_around!("unnest($1) AS w (area_id)"))
            .bind::<Array<Uuid>, _>(areas.as_slice().to_vec())
            .bind::<Timestamptz, _>(reach.start())
            .bind::<Timestamptz, _>(reach.end()),
    )
    .load(&mut &*conn)
    .await?;
    rows.into_iter().map(RowRead::into_row).collect()
}

/// The same for the areas that a layout version claims: can be sent before anything is known of it.
pub async fn rows_around_layout(
    conn: &AsyncPgConnection,
    version_id: LayoutVersionId,
    reach: Span,
) -> QueryResult<Vec<ChainRow>> {
    let rows: Vec<RowRead> = prepared(
        sql_query(rows_around!(
            "layout_version_area w WHERE w.layout_version_id = $1"
        ))
        .bind::<Uuid, _>(version_id)
        .bind::<Timestamptz, _>(reach.start())
        .bind::<Timestamptz, _>(reach.end()),
    )
    .load(&mut &*conn)
    .await?;
    rows.into_iter().map(RowRead::into_row).collect()
}

/// A changeover time.
#[derive(Debug, QueryableByName)]
pub struct TimeRead {
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    pub from_version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    pub to_version_id: LayoutVersionId,
    #[diesel(sql_type = Integer)]
    pub minutes: i32,
}

/// The minutes between these versions in these areas.
pub async fn times(
    conn: &AsyncPgConnection,
    areas: &AreaSet,
    versions: &[LayoutVersionId],
) -> QueryResult<Vec<TimeRead>> {
    prepared(
        sql_query(
            "SELECT t.area_id, t.from_version_id, t.to_version_id, t.minutes FROM changeover_time t \
             WHERE t.area_id = ANY ($1) AND t.from_version_id = ANY ($2) AND t.to_version_id = ANY ($2)",
        )
        .bind::<Array<Uuid>, _>(areas.as_slice().to_vec())
        .bind::<Array<Uuid>, _>(versions.to_vec()),
    )
    .load(&mut &*conn)
    .await
}

/// A shift of a crew, or (with a row's id) a job of it.
#[derive(Debug, QueryableByName)]
pub struct CrewRead {
    #[diesel(sql_type = Uuid)]
    pub crew_id: CrewId,
    #[diesel(sql_type = Tstzrange)]
    pub during: Span,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub job_id: Option<OccupancyId>,
}

/// Shifts and jobs of the pool's crews that touch one of the spans.
pub async fn crews(
    conn: &AsyncPgConnection,
    pool_id: PoolId,
    spans: &[Span],
) -> QueryResult<Vec<CrewRead>> {
    prepared(
        sql_query(
            "SELECT DISTINCT s.crew_id, s.during, NULL::uuid AS job_id FROM unnest($2) AS w (span) \
               JOIN crew c ON c.pool_id = $1 JOIN crew_shift s ON s.crew_id = c.id AND s.during && w.span \
             UNION ALL \
             SELECT DISTINCT o.crew_id, o.during, o.id FROM unnest($2) AS w (span) \
               JOIN crew c ON c.pool_id = $1 JOIN occupancy o ON o.crew_id = c.id AND o.during && w.span",
        )
        .bind::<Uuid, _>(pool_id)
        .bind::<Array<Tstzrange>, _>(spans.to_vec()),
    )
    .load(&mut &*conn)
    .await
}

/// How many blocks of a type a pool can use.
#[derive(Debug, QueryableByName)]
pub struct StockRead {
    #[diesel(sql_type = Uuid)]
    pub block_type_id: BlockTypeId,
    #[diesel(sql_type = Integer)]
    pub in_service: i32,
}

/// What the pool owns less what is out of service.
pub async fn in_service(conn: &AsyncPgConnection, pool_id: PoolId) -> QueryResult<Vec<StockRead>> {
    prepared(
        sql_query("SELECT block_type_id, owned - out_of_service AS in_service FROM pool_stock WHERE pool_id = $1")
            .bind::<Uuid, _>(pool_id),
    )
    .load(&mut &*conn)
    .await
}

/// What a version needs in an area.
#[derive(Debug, QueryableByName)]
pub struct NeedRead {
    #[diesel(sql_type = Uuid)]
    pub layout_version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    pub block_type_id: BlockTypeId,
    #[diesel(sql_type = Integer)]
    pub count: i32,
}

/// What these versions need, wherever.
pub async fn needs(
    conn: &AsyncPgConnection,
    versions: &[LayoutVersionId],
) -> QueryResult<Vec<NeedRead>> {
    prepared(
        sql_query("SELECT layout_version_id, area_id, block_type_id, count FROM layout_need WHERE layout_version_id = ANY ($1)")
            .bind::<Array<Uuid>, _>(versions.to_vec()),
    )
    .load(&mut &*conn)
    .await
}

/// A changeover of an area that shares the pool; without a span: what stands in it before the first of them.
#[derive(Debug, QueryableByName)]
pub struct OtherRead {
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Nullable<Tstzrange>)]
    pub during: Option<Span>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub from_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub to_version_id: Option<LayoutVersionId>,
}

/// The changeovers of the pool's other areas from an instant on, and what stands in each until the first.
pub async fn others(
    conn: &AsyncPgConnection,
    pool_id: PoolId,
    areas: &AreaSet,
    since: Instant,
) -> QueryResult<Vec<OtherRead>> {
    prepared(
        sql_query(
            "WITH other AS (SELECT a.id, a.initial_layout_version_id FROM area a JOIN space s ON s.id = a.space_id \
               WHERE s.pool_id = $1 AND NOT a.id = ANY ($2)) \
             SELECT x.id AS area_id, NULL::tstzrange AS during, NULL::uuid AS from_version_id, \
               coalesce((SELECT o.to_version_id FROM occupancy o WHERE o.area_id = x.id AND o.kind = 'changeover' AND upper(o.during) <= $3 \
                 ORDER BY lower(o.during) DESC LIMIT 1), x.initial_layout_version_id) AS to_version_id FROM other x \
             UNION ALL \
             SELECT x.id, o.during, o.from_version_id, o.to_version_id FROM other x JOIN occupancy o ON o.area_id = x.id \
               AND o.kind = 'changeover' AND upper(o.during) > $3",
        )
        .bind::<Uuid, _>(pool_id)
        .bind::<Array<Uuid>, _>(areas.as_slice().to_vec())
        .bind::<Timestamptz, _>(since),
    )
    .load(&mut &*conn)
    .await
}

/// Where a kept answer is stored.
#[derive(Debug, Clone)]
pub struct Kept {
    pub caller: UserId,
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub status: i16,
    pub answer: String,
}

/// A stretch of time in which areas are closed.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = schema::closure, check_for_backend(diesel::pg::Pg))]
pub struct Closure {
    pub id: ClosureId,
    pub space_id: SpaceId,
    pub area_ids: AreaSet,
    pub during: Span,
    pub reason: String,
    pub created_by: UserId,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
}

/// Everything that one decision writes.
#[derive(Debug, Default)]
pub struct Changes {
    pub created: Vec<Booking>,
    pub updated: Vec<Booking>,
    pub closures: Vec<Closure>,
    pub plan: Plan,
    pub history: Vec<HistoryLine>,
    pub approvals: Vec<Approval>,
    /// Bookings whose approvals so far are void.
    pub void_approvals: Vec<BookingId>,
    pub new_change_requests: Vec<ChangeRequest>,
    pub change_requests: Vec<ChangeRequest>,
    pub messages: Vec<message::Draft>,
    pub tasks: Vec<NewTask>,
    pub kept: Option<Kept>,
}

/// Something that staff must look at.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = schema::task)]
pub struct NewTask {
    pub id: crate::id::TaskId,
    pub venue_id: crate::id::VenueId,
    pub kind: String,
    pub booking_id: Option<BookingId>,
    pub area_id: Option<AreaId>,
    pub detail: serde_json::Value,
}

/// Writes it all in one round trip, in an order in which nothing stands in its own way.
pub async fn write(conn: &AsyncPgConnection, changes: &Changes, now: Instant) -> QueryResult<()> {
    use futures_util::FutureExt;
    let mut steps = Vec::new();
    let plan = &changes.plan;
    if !plan.delete.is_empty() {
        steps.push(delete_rows(conn, &plan.delete).boxed());
    }
    if !plan.pass_on.is_empty() {
        steps.push(pass_on(conn, &plan.pass_on).boxed());
    }
    // what goes makes room, in the unique indexes too, before what comes
    for booking in &changes.updated {
        steps.push(
            diesel::update(schema::booking::table.find(booking.id))
                .set(booking)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    for booking in &changes.created {
        steps.push(
            diesel::insert_into(schema::booking::table)
                .values(booking)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    for closure in &changes.closures {
        steps.push(
            diesel::insert_into(schema::closure::table)
                .values(closure)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    if !plan.insert.is_empty() {
        steps.push(insert_rows(conn, &plan.insert).boxed());
    }
    for line in &changes.history {
        steps.push(
            diesel::insert_into(schema::booking_event::table)
                .values(line)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    if !changes.void_approvals.is_empty() {
        steps.push(void_approvals(conn, &changes.void_approvals, now).boxed());
    }
    for approval in &changes.approvals {
        steps.push(
            diesel::insert_into(schema::approval::table)
                .values(approval)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    for wish in &changes.change_requests {
        let row = schema::change_request::table.find(wish.id);
        steps.push(
            diesel::update(row)
                .set(wish)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    for wish in &changes.new_change_requests {
        steps.push(
            diesel::insert_into(schema::change_request::table)
                .values(wish)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    for task in &changes.tasks {
        steps.push(
            diesel::insert_into(schema::task::table)
                .values(task)
                .execute(&mut &*conn)
                .map(done)
                .boxed(),
        );
    }
    if !changes.messages.is_empty() {
        steps.push(message::store::insert(conn, &changes.messages).boxed());
    }
    if let Some(kept) = &changes.kept {
        steps.push(keep(conn, kept).boxed());
    }
    try_join_all(steps).await.map(|_| ())
}

fn done(result: QueryResult<usize>) -> QueryResult<()> {
    result.map(|_| ())
}

async fn delete_rows(conn: &AsyncPgConnection, ids: &[OccupancyId]) -> QueryResult<()> {
    let statement =
        sql_query("DELETE FROM occupancy WHERE id = ANY ($1)").bind::<Array<Uuid>, _>(ids.to_vec());
    prepared(statement).execute(&mut &*conn).await.map(|_| ())
}

async fn pass_on(conn: &AsyncPgConnection, passes: &[(OccupancyId, BookingId)]) -> QueryResult<()> {
    let (rows, bookings): (Vec<_>, Vec<_>) = passes.iter().copied().unzip();
    prepared(
        sql_query("UPDATE occupancy o SET booking_id = p.booking_id FROM unnest($1, $2) AS p (id, booking_id) WHERE o.id = p.id")
            .bind::<Array<Uuid>, _>(rows)
            .bind::<Array<Uuid>, _>(bookings),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn insert_rows(conn: &AsyncPgConnection, rows: &[NewRow]) -> QueryResult<()> {
    let ids: Vec<OccupancyId> = rows.iter().map(|_| OccupancyId::new()).collect();
    let column = |pick: fn(&What) -> Option<uuid::Uuid>| {
        rows.iter().map(|row| pick(&row.what)).collect::<Vec<_>>()
    };
    let kind = |what: &What| match what {
        What::Event { .. } => "event",
        What::Changeover { .. } => "changeover",
        What::Closure { .. } => "closure",
    };
    prepared(
        sql_query(
            "INSERT INTO occupancy (id, area_id, kind, during, booking_id, layout_version_id, from_version_id, to_version_id, crew_id, closure_id) \
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind::<Array<Uuid>, _>(ids)
        .bind::<Array<Uuid>, _>(rows.iter().map(|row| row.area_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| kind(&row.what)).collect::<Vec<_>>())
        .bind::<Array<Tstzrange>, _>(rows.iter().map(|row| row.span).collect::<Vec<_>>())
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Event { booking_id, .. } | What::Changeover { booking_id, .. } => Some(booking_id.0),
            What::Closure { .. } => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Event { version_id, .. } => version_id.map(|id| id.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { from, .. } => Some(from.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { to, .. } => Some(to.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { crew_id, .. } => Some(crew_id.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Closure { closure_id } => Some(closure_id.0),
            _ => None,
        })),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn void_approvals(
    conn: &AsyncPgConnection,
    bookings: &[BookingId],
    now: Instant,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "UPDATE approval SET void_at = $2 WHERE booking_id = ANY ($1) AND void_at IS NULL",
        )
        .bind::<Array<Uuid>, _>(bookings.to_vec())
        .bind::<Timestamptz, _>(now),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn keep(conn: &AsyncPgConnection, kept: &Kept) -> QueryResult<()> {
    prepared(
        sql_query("INSERT INTO idempotency (caller, key, fingerprint, status, answer) VALUES ($1, $2, $3, $4, $5)")
            .bind::<Uuid, _>(kept.caller)
            .bind::<Text, _>(&kept.key)
            .bind::<diesel::sql_types::Binary, _>(&kept.fingerprint)
            .bind::<SmallInt, _>(kept.status)
            .bind::<Text, _>(&kept.answer),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

/// Who has approved a request so far.
pub async fn approvers_so_far(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Vec<UserId>> {
    use schema::approval::dsl;
    dsl::approval
        .filter(dsl::booking_id.eq(id).and(dsl::void_at.is_null()))
        .select(dsl::approver_id)
        .load(&mut &*conn)
        .await
}

/// The open change request of a booking, if any.
pub async fn open_change_request(
    conn: &AsyncPgConnection,
    id: BookingId,
) -> QueryResult<Option<ChangeRequest>> {
    use schema::change_request::dsl;
    dsl::change_request
        .filter(dsl::booking_id.eq(id).and(dsl::state.eq("open")))
        .select(ChangeRequest::as_select())
        .get_result(&mut &*conn)
        .await
        .optional()
}

/// A change request by id.
pub async fn change_request(
    conn: &AsyncPgConnection,
    id: ChangeRequestId,
) -> QueryResult<ChangeRequest> {
    use schema::change_request::dsl;
    dsl::change_request
        .find(id)
        .select(ChangeRequest::as_select())
        .get_result(&mut &*conn)
        .await
}

/// The person's own hold in the space, which a second one replaces.
pub async fn own_hold(
    conn: &AsyncPgConnection,
    requester: UserId,
    space_id: SpaceId,
) -> QueryResult<Option<Booking>> {
    use schema::booking::dsl;
    dsl::booking
        .filter(
            dsl::requester_id
                .eq(requester)
                .and(dsl::space_id.eq(space_id)),
        )
        .filter(dsl::state.eq(State::Held).and(dsl::offer_for.is_null()))
        .select(Booking::as_select())
        .get_result(&mut &*conn)
        .await
        .optional()
}

/// Somebody to write to.
#[derive(Debug, Clone, QueryableByName)]
pub struct Person {
    #[diesel(sql_type = Uuid)]
    pub id: UserId,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub locale: String,
}

/// Who decides on requests in the space.
pub async fn deciders(conn: &AsyncPgConnection, space_id: SpaceId) -> QueryResult<Vec<Person>> {
    prepared(
        sql_query(
            "SELECT DISTINCT u.id, u.email, u.locale FROM space s JOIN staff_role r ON r.venue_id = s.venue_id AND r.role = 'approver' \
               AND (r.space_id IS NULL OR r.space_id = s.id) \
             JOIN \"user\" u ON u.id = r.user_id AND u.disabled_at IS NULL WHERE s.id = $1 ORDER BY u.id",
        )
        .bind::<Uuid, _>(space_id),
    )
    .load(&mut &*conn)
    .await
}

/// Names that a message shows.
#[derive(Debug, Clone, Default, QueryableByName)]
pub struct Names {
    #[diesel(sql_type = Nullable<Text>)]
    pub layout_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub layout_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
}

/// The names of a booking's layout and organisation.
pub async fn names(
    conn: &AsyncPgConnection,
    version_id: Option<LayoutVersionId>,
    organisation_id: Option<crate::id::OrganisationId>,
) -> QueryResult<Names> {
    prepared(
        sql_query(
            "SELECT l.name_zh AS layout_zh, l.name_en AS layout_en, o.name AS organisation FROM (SELECT 1) one \
             LEFT JOIN layout_version v ON v.id = $1 LEFT JOIN layout l ON l.id = v.layout_id LEFT JOIN organisation o ON o.id = $2",
        )
        .bind::<Nullable<Uuid>, _>(version_id)
        .bind::<Nullable<Uuid>, _>(organisation_id),
    )
    .get_result(&mut &*conn)
    .await
}

/// When an undecided booking lapses, as it stands now.
pub async fn lapses_at(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Option<Instant>> {
    #[derive(QueryableByName)]
    struct Lapse {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        at: Option<Instant>,
    }
    let lapse: Lapse = prepared(
        sql_query(
            "SELECT CASE WHEN b.state IN ('held', 'requested') THEN least(b.expires_at, \
               lower(b.during) - make_interval(mins => b.access_before_min), ( \
               SELECT min(lower(x.during)) FROM occupancy x WHERE x.booking_id = b.id AND (x.kind = 'event' OR lower(x.during) >= x.written_at))) \
             END AS at FROM booking b WHERE b.id = $1",
        )
        .bind::<Uuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(lapse.at)
}

/// Undecided requests without rows that want one of the areas in the span: those that compete with what is confirmed.
pub async fn competing(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    areas: &AreaSet,
    span: Span,
) -> QueryResult<Vec<Booking>> {
    use diesel::PgArrayExpressionMethods;
    use diesel::PgRangeExpressionMethods;
    use schema::booking::dsl;
    dsl::booking
        .filter(
            dsl::space_id
                .eq(space_id)
                .and(dsl::state.eq(State::Requested))
                .and(dsl::holds_slot.eq(false)),
        )
        .filter(
            dsl::area_ids
                .overlaps_with(areas)
                .and(dsl::during.overlaps_with(span)),
        )
        .order(dsl::id)
        .select(Booking::as_select())
        .load(&mut &*conn)
        .await
}

/// The bookings whose event rows touch the areas in the span.
pub async fn bookings_in(
    conn: &AsyncPgConnection,
    areas: &AreaSet,
    span: Span,
) -> QueryResult<Vec<BookingId>> {
    use diesel::PgRangeExpressionMethods;
    use schema::occupancy::dsl;
    let ids: Vec<Option<BookingId>> = dsl::occupancy
        .filter(
            dsl::area_id
                .eq_any(areas.as_slice())
                .and(dsl::kind.eq("event"))
                .and(dsl::during.overlaps_with(span)),
        )
        .select(dsl::booking_id)
        .distinct()
        .load(&mut &*conn)
        .await?;
    Ok(ids.into_iter().flatten().collect())
}

/// A closure.
pub async fn closure(conn: &AsyncPgConnection, id: ClosureId) -> QueryResult<Closure> {
    use schema::closure::dsl;
    dsl::closure
        .find(id)
        .select(Closure::as_select())
        .get_result(&mut &*conn)
        .await
}

/// Ends the closure: rows that have not begun go, the one that has is cut at its end.
pub async fn lift_closure(conn: &AsyncPgConnection, closure: &Closure) -> QueryResult<()> {
    let ended = closure.ended_at;
    let gone = prepared(
        sql_query("DELETE FROM occupancy WHERE closure_id = $1 AND lower(during) >= $2")
            .bind::<Uuid, _>(closure.id)
            .bind::<Nullable<Timestamptz>, _>(ended),
    );
    let cut = prepared(
        sql_query("UPDATE occupancy SET during = tstzrange(lower(during), $2) WHERE closure_id = $1 AND lower(during) < $2 AND upper(during) > $2")
            .bind::<Uuid, _>(closure.id)
            .bind::<Nullable<Timestamptz>, _>(ended),
    );
    let mark = diesel::update(schema::closure::table.find(closure.id))
        .set(schema::closure::ended_at.eq(ended));
    futures_util::try_join!(
        gone.execute(&mut &*conn),
        cut.execute(&mut &*conn),
        mark.execute(&mut &*conn)
    )
    .map(|_| ())
}
