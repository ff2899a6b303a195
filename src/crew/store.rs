//! The SQL of the crew's day.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Int4, Nullable, Text, Timestamptz, Tstzrange, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Progress;
use super::expected::{Expected, Row, What, expected};
use super::window::Between;
use crate::booking::state::State;
use crate::db::prepared;
use crate::id::{
    AreaId, BookingId, CrewId, LayoutVersionId, OccupancyId, PoolId, SpaceId, UserId, VenueId,
};
use crate::span::{Instant, Span};

/// A job with all that is shown of it.
#[derive(Debug, Clone, QueryableByName)]
pub struct JobRead {
    #[diesel(sql_type = Uuid)]
    pub id: OccupancyId,
    #[diesel(sql_type = Uuid)]
    pub venue_id: VenueId,
    #[diesel(sql_type = Uuid)]
    pub space_id: SpaceId,
    #[diesel(sql_type = Uuid)]
    pub pool_id: PoolId,
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Tstzrange)]
    pub during: Span,
    #[diesel(sql_type = Int4)]
    pub required_min: i32,
    #[diesel(sql_type = Uuid)]
    pub booking_id: BookingId,
    #[diesel(sql_type = Text)]
    pub needs: String,
    #[diesel(sql_type = Uuid)]
    pub from_version_id: LayoutVersionId,
    #[diesel(sql_type = Text)]
    pub from_zh: String,
    #[diesel(sql_type = Text)]
    pub from_en: String,
    #[diesel(sql_type = Uuid)]
    pub to_version_id: LayoutVersionId,
    #[diesel(sql_type = Text)]
    pub to_zh: String,
    #[diesel(sql_type = Text)]
    pub to_en: String,
    #[diesel(sql_type = Uuid)]
    pub crew_id: CrewId,
    #[diesel(sql_type = Text)]
    pub crew: String,
    #[diesel(sql_type = Int4)]
    pub teams: i32,
    #[diesel(sql_type = Nullable<Tstzrange>)]
    pub planned: Option<Span>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    area_free: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    area_wanted: Option<Instant>,
    /// When the event that it leads to is over.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub event_over: Option<Instant>,
    #[diesel(sql_type = Nullable<Tstzrange>)]
    shift: Option<Span>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    crew_free: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    crew_wanted: Option<Instant>,
}

impl JobRead {
    /// What its crew has said about it.
    pub fn progress(&self) -> Progress {
        Progress::of(self.started_at, self.finished_at)
    }

    /// What it lies between.
    pub fn between(&self) -> Between {
        Between {
            area_free: self.area_free,
            area_wanted: self.area_wanted,
            shift: self.shift,
            crew_free: self.crew_free,
            crew_wanted: self.crew_wanted,
        }
    }

    /// Where its row lay before its crew started it earlier.
    pub fn planned(&self) -> Span {
        self.planned.unwrap_or(self.during)
    }
}

// What is only asked for has no job yet: it may lapse.
macro_rules! jobs {
    ($which:literal) => {
        concat!(
            "SELECT o.id, s.venue_id, s.id AS space_id, s.pool_id, o.area_id, o.during, o.required_min, o.booking_id, b.needs, \
               o.from_version_id, fl.name_zh AS from_zh, fl.name_en AS from_en, o.to_version_id, tl.name_zh AS to_zh, tl.name_en AS to_en, \
               o.crew_id, c.name AS crew, c.teams, j.planned, j.started_at, j.finished_at, \
               before.ends AS area_free, after.starts AS area_wanted, event.ends AS event_over, w.during AS shift, \
               (SELECT max(upper(x.during)) FROM occupancy x WHERE x.crew_id = o.crew_id AND x.during && w.during AND lower(x.during) < lower(o.during)) AS crew_free, \
               (SELECT min(lower(x.during)) FROM occupancy x WHERE x.crew_id = o.crew_id AND x.during && w.during AND lower(x.during) > lower(o.during)) AS crew_wanted \
             FROM occupancy o JOIN area a ON a.id = o.area_id JOIN space s ON s.id = a.space_id JOIN booking b ON b.id = o.booking_id JOIN crew c ON c.id = o.crew_id \
             JOIN layout_version fv ON fv.id = o.from_version_id JOIN layout fl ON fl.id = fv.layout_id \
             JOIN layout_version tv ON tv.id = o.to_version_id JOIN layout tl ON tl.id = tv.layout_id \
             LEFT JOIN changeover_job j ON j.changeover_id = o.id \
             LEFT JOIN crew_shift w ON w.crew_id = o.crew_id AND w.during @> o.during \
             LEFT JOIN LATERAL (SELECT upper(x.during) AS ends FROM occupancy x WHERE x.area_id = o.area_id AND lower(x.during) < lower(o.during) \
               ORDER BY lower(x.during) DESC LIMIT 1) before ON true \
             LEFT JOIN LATERAL (SELECT lower(x.during) AS starts FROM occupancy x WHERE x.area_id = o.area_id AND lower(x.during) > lower(o.during) \
               ORDER BY lower(x.during) LIMIT 1) after ON true \
             LEFT JOIN LATERAL (SELECT upper(x.during) AS ends FROM occupancy x WHERE x.area_id = o.area_id AND lower(x.during) > lower(o.during) AND x.kind = 'event' \
               ORDER BY lower(x.during) LIMIT 1) event ON true \
             WHERE o.kind = 'changeover' AND b.state NOT IN ('held', 'requested') AND ",
            $which,
            " ORDER BY lower(o.during), o.id"
        )
    };
}

/// A job.
pub async fn job(conn: &AsyncPgConnection, id: OccupancyId) -> QueryResult<JobRead> {
    prepared(sql_query(jobs!("o.id = $1")).bind::<Uuid, _>(id))
        .get_result(&mut &*conn)
        .await
}

/// The jobs of a venue that touch the range, of one crew where it is named, in the order of time.
pub async fn jobs(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    range: Span,
    crew_id: Option<CrewId>,
) -> QueryResult<Vec<JobRead>> {
    prepared(
        sql_query(jobs!(
            "s.venue_id = $1 AND o.during && $2 AND ($3 IS NULL OR o.crew_id = $3)"
        ))
        .bind::<Uuid, _>(venue_id)
        .bind::<Tstzrange, _>(range)
        .bind::<Nullable<Uuid>, _>(crew_id),
    )
    .load(&mut &*conn)
    .await
}

/// The space in which a changeover is.
pub async fn space_of(conn: &AsyncPgConnection, id: OccupancyId) -> QueryResult<SpaceId> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Uuid)]
        space_id: SpaceId,
    }
    let found: Found = prepared(
        sql_query(
            "SELECT a.space_id FROM occupancy o JOIN area a ON a.id = o.area_id WHERE o.id = $1 AND o.kind = 'changeover'",
        )
        .bind::<Uuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(found.space_id)
}

#[derive(QueryableByName)]
struct RowRead {
    #[diesel(sql_type = Uuid)]
    id: OccupancyId,
    #[diesel(sql_type = Uuid)]
    area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    booking_id: BookingId,
    #[diesel(sql_type = Tstzrange)]
    during: Span,
    #[diesel(sql_type = Text)]
    state: State,
    #[diesel(sql_type = Nullable<Uuid>)]
    crew_id: Option<CrewId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    started_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<Instant>,
    #[diesel(sql_type = Bool)]
    reports: bool,
    #[diesel(sql_type = Timestamptz)]
    now: Instant,
}

/// The day as it runs: its rows, and what time it is. A day and a half from now, and half a day back.
#[derive(Debug, Clone, Default)]
pub struct Day {
    pub rows: Vec<Row>,
    /// `None`: the day has no rows.
    pub now: Option<Instant>,
}

impl Day {
    /// What is expected of its rows.
    pub fn expected(&self) -> HashMap<OccupancyId, Expected> {
        self.now
            .map(|now| expected(&self.rows, now))
            .unwrap_or_default()
    }
}

impl From<Vec<RowRead>> for Day {
    fn from(reads: Vec<RowRead>) -> Self {
        let now = <[_]>::first(&reads).map(|read| read.now);
        let row = |read: RowRead| Row {
            id: read.id,
            area_id: read.area_id,
            booking_id: read.booking_id,
            span: read.during,
            what: match read.crew_id {
                None => What::Event {
                    settled: matches!(
                        read.state,
                        State::CheckedIn | State::Completed | State::NoShow
                    ),
                },
                Some(crew_id) => What::Changeover {
                    crew_id,
                    progress: Progress::of(read.started_at, read.finished_at),
                    reports: read.reports && !read.state.is_open(),
                },
            },
        };
        Self {
            rows: reads.into_iter().map(row).collect(),
            now,
        }
    }
}

// A crew that has said something within a week is one that reports: its silence means something.
macro_rules! day {
    ($whose:literal) => {
        concat!(
            "SELECT o.id, o.area_id, o.booking_id, o.during, b.state, o.crew_id, j.started_at, j.finished_at, t.now, \
               EXISTS (SELECT FROM changeover_job r WHERE r.crew_id = o.crew_id AND r.started_at > t.now - interval '7 days') AS reports \
             FROM (SELECT clock_timestamp() AS now OFFSET 0) t CROSS JOIN space s JOIN area a ON a.space_id = s.id \
             JOIN occupancy o ON o.area_id = a.id AND o.kind <> 'closure' AND o.during && tstzrange(t.now - interval '12 hours', t.now + interval '36 hours') \
             JOIN booking b ON b.id = o.booking_id LEFT JOIN changeover_job j ON j.changeover_id = o.id \
             WHERE s.pool_id IS NOT NULL AND ",
            $whose
        )
    };
}

/// The day of everything that shares a pool.
pub async fn day_of_pool(conn: &AsyncPgConnection, pool_id: PoolId) -> QueryResult<Day> {
    let rows: Vec<RowRead> = prepared(sql_query(day!("s.pool_id = $1")).bind::<Uuid, _>(pool_id))
        .load(&mut &*conn)
        .await?;
    Ok(rows.into())
}

/// The day of a venue's floors.
pub async fn day_of_venue(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Day> {
    let rows: Vec<RowRead> = prepared(sql_query(day!("s.venue_id = $1")).bind::<Uuid, _>(venue_id))
        .load(&mut &*conn)
        .await?;
    Ok(rows.into())
}

/// A pool whose crews report, and one of its spaces.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Reporting {
    #[diesel(sql_type = Uuid)]
    pub pool_id: PoolId,
    #[diesel(sql_type = Uuid)]
    pub space_id: SpaceId,
}

/// The pools whose crews have said something within a week.
pub async fn reporting(conn: &AsyncPgConnection) -> QueryResult<Vec<Reporting>> {
    prepared(sql_query(
        "SELECT DISTINCT ON (s.pool_id) s.pool_id, s.id AS space_id FROM space s WHERE s.pool_id IN ( \
           SELECT c.pool_id FROM crew c WHERE EXISTS (SELECT FROM changeover_job j WHERE j.crew_id = c.id AND j.started_at > statement_timestamp() - interval '7 days')) \
         ORDER BY s.pool_id, s.id",
    ))
    .load(&mut &*conn)
    .await
}

/// The changeover that a crew is at, if it said so.
pub async fn running(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
) -> QueryResult<Option<OccupancyId>> {
    use crate::schema::changeover_job::dsl;
    dsl::changeover_job
        .filter(dsl::crew_id.eq(crew_id).and(dsl::finished_at.is_null()))
        .select(dsl::changeover_id)
        .first(&mut &*conn)
        .await
        .optional()
}

/// A crew starts.
pub async fn start(
    conn: &AsyncPgConnection,
    job: &JobRead,
    at: Instant,
    by: UserId,
) -> QueryResult<()> {
    use crate::schema::changeover_job::dsl;
    diesel::insert_into(dsl::changeover_job)
        .values((
            dsl::changeover_id.eq(job.id),
            dsl::crew_id.eq(job.crew_id),
            dsl::planned.eq(job.planned()),
            dsl::started_at.eq(at),
            dsl::started_by.eq(by),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

/// It was not started after all.
pub async fn undo_start(conn: &AsyncPgConnection, id: OccupancyId) -> QueryResult<()> {
    use crate::schema::changeover_job::dsl;
    diesel::delete(dsl::changeover_job.find(id))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

/// A crew is done (`Some`: when, and who said so), or is not after all.
pub async fn finish(
    conn: &AsyncPgConnection,
    id: OccupancyId,
    done: Option<(Instant, UserId)>,
) -> QueryResult<()> {
    use crate::schema::changeover_job::dsl;
    diesel::update(dsl::changeover_job.find(id))
        .set((
            dsl::finished_at.eq(done.map(|(at, _)| at)),
            dsl::finished_by.eq(done.map(|(_, by)| by)),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

/// What an organiser was told last about a booking that stands where it stood then.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Told {
    #[diesel(sql_type = Uuid)]
    pub booking_id: BookingId,
    /// `None`: nothing yet.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ready_at: Option<Instant>,
}

/// What was told last about those of these bookings that are confirmed: nobody else is told anything.
pub async fn told(conn: &AsyncPgConnection, bookings: &[BookingId]) -> QueryResult<Vec<Told>> {
    prepared(
        sql_query(
            "SELECT b.id AS booking_id, last.ready_at FROM booking b LEFT JOIN LATERAL ( \
               SELECT coalesce((m.payload ->> 'ready_at')::timestamptz, lower(b.during) - make_interval(mins => b.access_before_min)) AS ready_at \
               FROM message m WHERE m.booking_id = b.id AND m.kind = 'setup_delayed' AND (m.payload -> 'during' ->> 'start')::timestamptz = lower(b.during) \
               ORDER BY m.created_at DESC, m.id DESC LIMIT 1) last ON true \
             WHERE b.id = ANY ($1) AND b.state = 'confirmed'",
        )
        .bind::<Array<Uuid>, _>(bookings.to_vec()),
    )
    .load(&mut &*conn)
    .await
}

/// What changeovers between two versions really took.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Measured {
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    pub from_version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    pub to_version_id: LayoutVersionId,
    /// The middle one of all that were measured, in whole minutes, rounded up.
    #[diesel(sql_type = Int4)]
    pub minutes: i32,
    /// How many were measured.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// What changeovers in these areas really took.
pub async fn measured(conn: &AsyncPgConnection, areas: &[AreaId]) -> QueryResult<Vec<Measured>> {
    prepared(
        sql_query(
            "SELECT o.area_id, o.from_version_id, o.to_version_id, count(*) AS count, \
               ceil(percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM j.finished_at - j.started_at)) / 60)::int AS minutes \
             FROM changeover_job j JOIN occupancy o ON o.id = j.changeover_id \
             WHERE o.area_id = ANY ($1) AND j.finished_at IS NOT NULL GROUP BY o.area_id, o.from_version_id, o.to_version_id",
        )
        .bind::<Array<Uuid>, _>(areas.to_vec()),
    )
    .load(&mut &*conn)
    .await
}
