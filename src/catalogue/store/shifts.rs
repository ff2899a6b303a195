//! When crews work: dated shifts, made from weekly patterns.

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::pools::lock_pool;
use super::venues::holidays;
use super::{json, unreadable};
use crate::catalogue::Calendar;
use crate::catalogue::calendar::days_after;
use crate::catalogue::shifts::{self, AHEAD_DAYS};
use crate::id::{CrewId, CrewShiftId, PoolId, VenueId};
use crate::span::{Instant, Span};

#[derive(QueryableByName)]
struct CrewPattern {
    #[diesel(sql_type = Uuid)]
    id: CrewId,
    #[diesel(sql_type = Uuid)]
    pool_id: PoolId,
    #[diesel(sql_type = Uuid)]
    venue_id: VenueId,
    #[diesel(sql_type = Text)]
    weekly: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Date)]
    today: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    last: Option<NaiveDate>,
}

const CREWS: &str = "\
SELECT c.id, c.pool_id, p.venue_id, c.weekly::text AS weekly, v.time_zone,
    (clock_timestamp() AT TIME ZONE v.time_zone)::date AS today,
    (SELECT max((lower(s.during) AT TIME ZONE v.time_zone)::date) FROM crew_shift s WHERE s.crew_id = c.id) AS last
FROM crew c JOIN pool p ON p.id = c.pool_id JOIN venue v ON v.id = p.venue_id
ORDER BY c.pool_id, c.id";

impl CrewPattern {
    async fn pattern(&self, conn: &AsyncPgConnection) -> QueryResult<Calendar> {
        Ok(Calendar {
            tz: self.time_zone.parse().map_err(unreadable)?,
            weekly: json(&self.weekly)?,
            // dated hours say when the public comes, not when crews work
            exceptions: Arc::default(),
            holidays: holidays(conn, self.venue_id).await?.into(),
        })
    }

    /// The dates for which shifts are still to be made. Dates before the last shift had theirs, and what an
    /// administrator took away there stays away.
    fn missing(&self, days: u32) -> Option<(NaiveDate, NaiveDate)> {
        let until = days_after(self.today, days);
        let from = self
            .last
            .and_then(|last| last.succ_opt())
            .map_or(self.today, |next| next.max(self.today));
        (from <= until).then_some((from, until))
    }
}

/// Makes the shifts of every crew up to so many days from now, by its weekly pattern; run again, it makes nothing
/// twice. Answers how many were made. In a transaction it holds the pools' locks to its end; outside of one the constraint
/// alone keeps shifts apart, which is enough where shifts are only added.
pub async fn extend_shifts(conn: &AsyncPgConnection, days: u32) -> QueryResult<usize> {
    let mut reader = conn;
    let crews: Vec<CrewPattern> = sql_query(CREWS).load(&mut reader).await?;
    let mut made = 0;
    for crew in crews {
        let Some((from, until)) = crew.missing(days) else {
            continue;
        };
        let spans = shifts::shifts(&crew.pattern(conn).await?, from, until);
        if !spans.is_empty() && lock_pool(conn, crew.pool_id).await? {
            made += insert_shifts(conn, crew.id, &spans).await?;
        }
    }
    Ok(made)
}

/// Makes shifts, but for those that would overlap one that is there.
pub async fn insert_shifts(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
    spans: &[Span],
) -> QueryResult<usize> {
    let mut conn = conn;
    sql_query(
        "INSERT INTO crew_shift (id, crew_id, during)
        SELECT t.id, $1, tstzrange(t.start, t.until)
        FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS t(id, start, until)
        ON CONFLICT DO NOTHING",
    )
    .bind::<Uuid, _>(crew_id)
    .bind::<Array<Uuid>, _>(
        spans
            .iter()
            .map(|_| uuid::Uuid::now_v7())
            .collect::<Vec<_>>(),
    )
    .bind::<Array<Timestamptz>, _>(spans.iter().map(Span::start).collect::<Vec<Instant>>())
    .bind::<Array<Timestamptz>, _>(spans.iter().map(Span::end).collect::<Vec<Instant>>())
    .execute(&mut conn)
    .await
}

/// Takes away the shifts that are exactly these.
async fn delete_shifts(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
    spans: &[Span],
) -> QueryResult<usize> {
    let mut conn = conn;
    sql_query(
        "DELETE FROM crew_shift s USING unnest($2::timestamptz[], $3::timestamptz[]) AS t(start, until)
        WHERE s.crew_id = $1 AND s.during = tstzrange(t.start, t.until)",
    )
    .bind::<Uuid, _>(crew_id)
    .bind::<Array<Timestamptz>, _>(spans.iter().map(Span::start).collect::<Vec<Instant>>())
    .bind::<Array<Timestamptz>, _>(spans.iter().map(Span::end).collect::<Vec<Instant>>())
    .execute(&mut conn)
    .await
}

/// What shifts are made from, as it was before a change and, later, as it is after.
pub struct Patterns(Vec<(CrewPattern, Calendar)>);

/// Reads the patterns of a venue's crews before a change of one of them or of the public calendar, after making all
/// shifts that they still owe and taking the pools' locks.
pub async fn patterns(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Patterns> {
    let mut reader = conn;
    sql_query("SELECT 1 FROM pool WHERE venue_id = $1 ORDER BY id FOR NO KEY UPDATE")
        .bind::<Uuid, _>(venue_id)
        .execute(&mut reader)
        .await?;
    extend_shifts(conn, AHEAD_DAYS).await?;
    read_patterns(conn, venue_id).await
}

async fn read_patterns(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Patterns> {
    let mut reader = conn;
    let crews: Vec<CrewPattern> = sql_query(CREWS).load(&mut reader).await?;
    let mut out = Vec::new();
    for crew in crews.into_iter().filter(|crew| crew.venue_id == venue_id) {
        let pattern = crew.pattern(conn).await?;
        out.push((crew, pattern));
    }
    Ok(Patterns(out))
}

/// Makes the shifts from tomorrow on anew after a change: those that the old patterns alone made go, those that the
/// new ones alone make come. What an administrator did by hand stays.
pub async fn remake_shifts(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    before: Patterns,
) -> QueryResult<()> {
    let after = read_patterns(conn, venue_id).await?;
    for (crew, new) in after.0 {
        let Some((_, old)) = before.0.iter().find(|(was, _)| was.id == crew.id) else {
            continue;
        };
        if *old == new {
            continue;
        }
        let (from, until) = (
            days_after(crew.today, 1),
            days_after(crew.today, AHEAD_DAYS),
        );
        let (gone, added) = shifts::difference(
            &shifts::shifts(old, from, until),
            &shifts::shifts(&new, from, until),
        );
        delete_shifts(conn, crew.id, &gone).await?;
        let added = after_those_that_stay(conn, crew.id, added).await?;
        insert_shifts(conn, crew.id, &added).await?;
    }
    Ok(())
}

/// The first new shift begins when the last old one, tonight's say, has ended.
async fn after_those_that_stay(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
    mut added: Vec<Span>,
) -> QueryResult<Vec<Span>> {
    let Some(first) = added.first_mut() else {
        return Ok(added);
    };
    let stay = shifts_within(conn, crew_id, *first).await?;
    let earlier = stay.iter().filter(|shift| shift.start < first.start());
    if let Some(end) = earlier.map(|shift| shift.until).max()
        && let Some(rest) = Span::new(end, first.end())
    {
        *first = rest;
    }
    Ok(added)
}

/// A shift as it is kept.
#[derive(Debug, Clone, QueryableByName)]
pub struct ShiftRow {
    #[diesel(sql_type = Uuid)]
    pub id: CrewShiftId,
    #[diesel(sql_type = Timestamptz)]
    pub start: Instant,
    #[diesel(sql_type = Timestamptz)]
    pub until: Instant,
}

/// The shifts of a crew that share an instant with a stretch of time.
pub async fn shifts_within(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
    within: Span,
) -> QueryResult<Vec<ShiftRow>> {
    let mut conn = conn;
    sql_query(
        "SELECT id, lower(during) AS start, upper(during) AS until FROM crew_shift
        WHERE crew_id = $1 AND during && tstzrange($2, $3) ORDER BY during",
    )
    .bind::<Uuid, _>(crew_id)
    .bind::<Timestamptz, _>(within.start())
    .bind::<Timestamptz, _>(within.end())
    .load(&mut conn)
    .await
}

/// A shift by hand; the constraint refuses one that overlaps another of its crew.
pub async fn insert_shift(
    conn: &AsyncPgConnection,
    id: CrewShiftId,
    crew_id: CrewId,
    span: Span,
) -> QueryResult<()> {
    let mut conn = conn;
    sql_query("INSERT INTO crew_shift (id, crew_id, during) VALUES ($1, $2, tstzrange($3, $4))")
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(crew_id)
        .bind::<Timestamptz, _>(span.start())
        .bind::<Timestamptz, _>(span.end())
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Takes a shift away; false where there is no such shift.
pub async fn delete_shift(
    conn: &AsyncPgConnection,
    crew_id: CrewId,
    id: CrewShiftId,
) -> QueryResult<bool> {
    let mut conn = conn;
    sql_query("DELETE FROM crew_shift WHERE crew_id = $1 AND id = $2")
        .bind::<Uuid, _>(crew_id)
        .bind::<Uuid, _>(id)
        .execute(&mut conn)
        .await
        .map(|rows| rows == 1)
}
