//! Venues, their public calendars, and the dates that differ.

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Int4, Nullable, Text, Uuid};
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::catalogue::calendar::{Calendar, Holidays};
use crate::catalogue::calendar_file::CalendarDay;
use crate::catalogue::hours::WallTime;
use crate::id::{SpaceId, VenueId};
use crate::schema::{calendar_day, hours_exception, venue};
use crate::span::Span;

/// A venue as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = venue)]
pub struct VenueRow {
    pub id: VenueId,
    pub slug: String,
    pub name_zh: String,
    pub name_en: String,
    pub time_zone: String,
    pub hours: Value,
    pub policy: Value,
    pub revision: i32,
}

/// What changes in a venue; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = venue)]
pub struct VenueChange {
    pub name_zh: Option<String>,
    pub name_en: Option<String>,
    pub time_zone: Option<String>,
    pub hours: Option<Value>,
    pub policy: Option<Value>,
}

/// Venues by id, after one that was seen.
pub async fn venues(
    conn: &AsyncPgConnection,
    after: Option<uuid::Uuid>,
    rows: i64,
) -> QueryResult<Vec<VenueRow>> {
    let mut conn = conn;
    venue::table
        .filter(venue::id.gt(after.unwrap_or_default()))
        .order(venue::id)
        .limit(rows)
        .select(VenueRow::as_select())
        .load(&mut conn)
        .await
}

/// One venue.
pub async fn venue(conn: &AsyncPgConnection, id: VenueId) -> QueryResult<VenueRow> {
    let mut conn = conn;
    venue::table
        .find(id)
        .select(VenueRow::as_select())
        .first(&mut conn)
        .await
}

/// One venue, locked until the transaction ends.
pub async fn lock_venue(conn: &AsyncPgConnection, id: VenueId) -> QueryResult<VenueRow> {
    let mut conn = conn;
    venue::table
        .find(id)
        .for_no_key_update()
        .select(VenueRow::as_select())
        .first(&mut conn)
        .await
}

/// Changes a venue.
pub async fn update_venue(
    conn: &AsyncPgConnection,
    id: VenueId,
    change: &VenueChange,
) -> QueryResult<VenueRow> {
    let mut conn = conn;
    diesel::update(venue::table.find(id))
        .set((change, venue::revision.eq(venue::revision + 1)))
        .returning(VenueRow::as_select())
        .get_result(&mut conn)
        .await
}

/// The public calendar of a venue.
pub async fn holidays(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Holidays> {
    let mut conn = conn;
    calendar_day::table
        .filter(calendar_day::venue_id.eq(venue_id))
        .select((calendar_day::date, calendar_day::is_off_day))
        .load(&mut conn)
        .await
        .map(Holidays::new)
}

/// Which years of a venue's public calendar are known, what day it is there, and how far ahead people book.
#[derive(Debug, Clone, QueryableByName)]
pub struct CalendarYears {
    #[diesel(sql_type = Uuid)]
    pub venue_id: VenueId,
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
    #[diesel(sql_type = Array<Int4>)]
    pub years: Vec<i32>,
    #[diesel(sql_type = Text)]
    pub policy: String,
}

/// The known years of every venue, or of one.
pub async fn calendar_years(
    conn: &AsyncPgConnection,
    venue_id: Option<VenueId>,
) -> QueryResult<Vec<CalendarYears>> {
    let mut conn = conn;
    sql_query(
        "SELECT v.id AS venue_id, (clock_timestamp() AT TIME ZONE v.time_zone)::date AS today, v.policy::text AS policy,
            ARRAY(SELECT DISTINCT extract(year FROM d.date)::int FROM calendar_day d
                WHERE d.venue_id = v.id AND d.date >= current_date - 400) AS years
        FROM venue v WHERE $1 IS NULL OR v.id = $1",
    )
    .bind::<Nullable<Uuid>, _>(venue_id)
    .load(&mut conn)
    .await
}

/// A year of a venue's public calendar, by date.
pub async fn calendar(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    year: i32,
) -> QueryResult<Vec<CalendarDay>> {
    let mut conn = conn;
    let rows: Vec<(String, NaiveDate, bool)> = calendar_day::table
        .filter(calendar_day::venue_id.eq(venue_id))
        .filter(calendar_day::date.between(first_of(year), last_of(year)))
        .order(calendar_day::date)
        .select((
            calendar_day::name,
            calendar_day::date,
            calendar_day::is_off_day,
        ))
        .load(&mut conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(name, date, is_off_day)| CalendarDay {
            name,
            date,
            is_off_day,
        })
        .collect())
}

fn first_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

fn last_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default()
}

/// Puts a year of the public calendar in the place of what there was of it.
pub async fn replace_calendar(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    year: i32,
    days: &[CalendarDay],
) -> QueryResult<()> {
    let mut conn = conn;
    diesel::delete(
        calendar_day::table
            .filter(calendar_day::venue_id.eq(venue_id))
            .filter(calendar_day::date.between(first_of(year), last_of(year))),
    )
    .execute(&mut conn)
    .await?;
    let rows: Vec<_> = days
        .iter()
        .map(|day| {
            (
                calendar_day::venue_id.eq(venue_id),
                calendar_day::date.eq(day.date),
                calendar_day::name.eq(day.name.trim()),
                calendar_day::is_off_day.eq(day.is_off_day),
            )
        })
        .collect();
    diesel::insert_into(calendar_day::table)
        .values(&rows)
        .execute(&mut conn)
        .await
        .map(drop)
}

/// A date with hours of its own, as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = hours_exception)]
pub struct ExceptionRow {
    pub id: uuid::Uuid,
    pub venue_id: VenueId,
    pub space_id: Option<SpaceId>,
    pub date: NaiveDate,
    pub hours: Value,
    pub reason: String,
}

/// Whose dates: a venue's own, or a space's.
#[derive(Debug, Clone, Copy)]
pub struct Whose {
    pub venue_id: VenueId,
    /// `None`: the whole venue.
    pub space_id: Option<SpaceId>,
}

/// The dates with hours of their own, from one to another, both included.
pub async fn exceptions(
    conn: &AsyncPgConnection,
    whose: Whose,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Vec<ExceptionRow>> {
    let mut conn = conn;
    hours_exception::table
        .filter(hours_exception::venue_id.eq(whose.venue_id))
        .filter(hours_exception::space_id.is_not_distinct_from(whose.space_id))
        .filter(hours_exception::date.between(from, to))
        .order(hours_exception::date)
        .select(ExceptionRow::as_select())
        .load(&mut conn)
        .await
}

/// Gives a date hours of its own, in the place of those that it had. Answers whether it had any.
pub async fn put_exception(conn: &AsyncPgConnection, row: &ExceptionRow) -> QueryResult<bool> {
    let mut reader = conn;
    let had = delete_exception(
        conn,
        Whose {
            venue_id: row.venue_id,
            space_id: row.space_id,
        },
        row.date,
    )
    .await?;
    diesel::insert_into(hours_exception::table)
        .values(row)
        .execute(&mut reader)
        .await?;
    Ok(had.is_some())
}

/// Takes a date's own hours away. Answers their id, if there were any.
pub async fn delete_exception(
    conn: &AsyncPgConnection,
    whose: Whose,
    date: NaiveDate,
) -> QueryResult<Option<uuid::Uuid>> {
    let mut conn = conn;
    sql_query(
        "DELETE FROM hours_exception WHERE venue_id = $1 AND space_id IS NOT DISTINCT FROM $2 AND date = $3 RETURNING id",
    )
    .bind::<Uuid, _>(whose.venue_id)
    .bind::<Nullable<Uuid>, _>(whose.space_id)
    .bind::<Date, _>(date)
    .get_result::<Deleted>(&mut conn)
    .await
    .optional()
    .map(|row| row.map(|row| row.id))
}

#[derive(QueryableByName)]
struct Deleted {
    #[diesel(sql_type = Uuid)]
    id: uuid::Uuid,
}

/// Whether Postgres knows this time zone by the name that this process knows it by.
pub async fn knows_time_zone(conn: &AsyncPgConnection, name: &str) -> QueryResult<bool> {
    let mut conn = conn;
    sql_query("SELECT 1 FROM pg_timezone_names WHERE name = $1")
        .bind::<Text, _>(name)
        .execute(&mut conn)
        .await
        .map(|rows| rows > 0)
}

/// The instants of some dates at a venue, from the first one's start to the last one's end.
pub async fn days(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Option<Span>> {
    let clock = Calendar {
        tz: venue(conn, venue_id)
            .await?
            .time_zone
            .parse()
            .map_err(super::unreadable)?,
        weekly: Vec::new(),
        exceptions: Arc::default(),
        holidays: Arc::default(),
    };
    Ok(Span::new(
        clock.at(from, WallTime::START),
        clock.at(to, WallTime::MIDNIGHT),
    ))
}
