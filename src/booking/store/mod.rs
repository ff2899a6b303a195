//! All SQL of bookings and occupancy.
//!
//! Here are the reads of decisions: functions on a shared connection, to be joined into one round trip. What decisions
//! write goes out together in [`write`]; `lists` is for those who only look.

pub mod contact;
pub mod guests;
mod lists;
pub mod personal;
pub mod questions;
pub mod search;
mod write;

pub use guests::guest;
pub use lists::{
    Eyes, Filter, Older, bookings, change_requests_of, clock, closures, due_to_be_missed,
    due_to_complete, due_to_lapse, due_to_remind, end_change_requests, history, of_older_versions,
};

pub use write::{Changes, Closure, Kept, NewTask, lift_closure, write};

use std::ops::Bound;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, Binary, Nullable, SmallInt, Text, Timestamptz, Tstzmultirange, Tstzrange, Uuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::booking::area_set::AreaSet;
use crate::booking::chain::{Row, What};
use crate::booking::record::{Booking, ChangeRequest};
use crate::booking::state::State;
use crate::catalogue::Ground;
use crate::db::prepared;
use crate::id::{
    AreaId, BookingId, ChangeRequestId, ClosureId, CrewId, LayoutVersionId, OccupancyId, PoolId,
    SpaceId, UserId,
};
use crate::identity::organisation::store::organisation;
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
    #[diesel(sql_type = Nullable<Binary>)]
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
    let spans: Vec<_> = spans
        .iter()
        .map(|span| (Bound::Included(span.start()), Bound::Excluded(span.end())))
        .collect();
    prepared(
        sql_query(
            "SELECT s.crew_id, s.during, NULL::uuid AS job_id FROM crew c JOIN crew_shift s ON s.crew_id = c.id AND s.during && $2 \
               WHERE c.pool_id = $1 \
             UNION ALL \
             SELECT o.crew_id, o.during, o.id FROM crew c JOIN occupancy o ON o.crew_id = c.id AND o.during && $2 \
               WHERE c.pool_id = $1",
        )
        .bind::<Uuid, _>(pool_id)
        .bind::<Tstzmultirange, _>(spans),
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

/// The slot that staff hold for the booking, locked, if any: one at a time.
pub async fn open_offer(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Option<Booking>> {
    use schema::booking::dsl;
    dsl::booking
        .filter(dsl::offer_for.eq(id).and(dsl::state.eq(State::Held)))
        .select(Booking::as_select())
        .for_no_key_update()
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
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub layout_zh: Option<String>,
    pub layout_en: Option<String>,
    pub organisation: Option<String>,
}

impl Names {
    /// Those of this booking; its organisation's is only read where it is not `known`.
    pub async fn of(
        conn: &AsyncPgConnection,
        ground: &Ground,
        booking: &Booking,
        known: Option<String>,
    ) -> QueryResult<Self> {
        let layout = ground.layout(booking.layout_version_id);
        Ok(Self {
            layout_zh: layout.map(|layout| layout.name_zh.clone()),
            layout_en: layout.map(|layout| layout.name_en.clone()),
            organisation: match (known, booking.organisation_id) {
                (None, Some(id)) => Some(organisation(conn, id).await?.name),
                (known, _) => known,
            },
        })
    }
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

/// Undecided requests without rows that want one of the areas in the span, access times included: those that compete
/// with what is confirmed.
pub async fn competing(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    areas: &AreaSet,
    span: Span,
) -> QueryResult<Vec<Booking>> {
    use diesel::PgArrayExpressionMethods;
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;
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
                .and(sql::<Bool>("booking_taken(booking) && ").bind::<Tstzrange, _>(span)),
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
