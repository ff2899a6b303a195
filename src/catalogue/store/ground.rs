//! What decisions on bookings read.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::sql_types::{Array, Bool, Date, Int4, Nullable, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;

use super::floor_facts::floor_facts;
use super::{json, unreadable};
use crate::catalogue::calendar::Holidays;
use crate::catalogue::hours::{DayHours, WeeklyHours};
use crate::catalogue::{
    Area, Calendar, FloorFacts, Ground, Policy, Revision, SpaceFacts, SpaceKind, VenueFacts,
};
use crate::db::prepared;
use crate::id::{AreaId, LayoutVersionId, PoolId, SpaceId, VenueId};

#[derive(QueryableByName)]
struct GroundRow {
    #[diesel(sql_type = Uuid)]
    venue_id: VenueId,
    #[diesel(sql_type = Text)]
    venue_zh: String,
    #[diesel(sql_type = Text)]
    venue_en: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    venue_policy: String,
    #[diesel(sql_type = Uuid)]
    id: SpaceId,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    kind: SpaceKind,
    #[diesel(sql_type = Int4)]
    people_cap: i32,
    #[diesel(sql_type = Int4)]
    turnaround_min: i32,
    #[diesel(sql_type = Nullable<Uuid>)]
    pool_id: Option<PoolId>,
    #[diesel(sql_type = Bool)]
    active: bool,
    #[diesel(sql_type = Int4)]
    revision: i32,
    #[diesel(sql_type = Text)]
    hours: String,
    #[diesel(sql_type = Nullable<Text>)]
    bookable_hours: Option<String>,
    #[diesel(sql_type = Text)]
    policy: String,
    #[diesel(sql_type = Array<Date>)]
    off_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Date>)]
    worked_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Date>)]
    exception_dates: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Text>)]
    exception_hours: Vec<String>,
    #[diesel(sql_type = Array<Uuid>)]
    area_ids: Vec<AreaId>,
    #[diesel(sql_type = Array<Text>)]
    area_slugs: Vec<String>,
    #[diesel(sql_type = Array<Int4>)]
    area_positions: Vec<i32>,
    #[diesel(sql_type = Array<Nullable<Uuid>>)]
    area_versions: Vec<Option<LayoutVersionId>>,
    #[diesel(sql_type = Bool)]
    shares_pool: bool,
}

// The calendar from the beginning of the year (so that a year that was imported is seen to be known) to past every
// horizon. A space's own exception comes after the venue's and so replaces it.
const GROUND: &str = "\
SELECT v.id AS venue_id, v.name_zh AS venue_zh, v.name_en AS venue_en, v.time_zone, v.policy::text AS venue_policy,
    s.id, s.slug, s.name_zh, s.name_en, s.kind, s.people_cap, s.turnaround_min, s.pool_id, s.active, s.revision,
    coalesce(s.hours, v.hours)::text AS hours, s.bookable_hours::text AS bookable_hours, s.policy::text AS policy,
    d.off_days, d.worked_days, e.exception_dates, e.exception_hours,
    a.area_ids, a.area_slugs, a.area_positions, a.area_versions,
    EXISTS (SELECT FROM space n WHERE n.pool_id = s.pool_id AND n.id <> s.id) AS shares_pool
FROM space s JOIN venue v ON v.id = s.venue_id
    CROSS JOIN (SELECT current_date - 31 AS first, current_date + 800 AS last,
        make_date(extract(year FROM current_date - 31)::int, 1, 1) AS year OFFSET 0) b
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(d.date) FILTER (WHERE d.is_off_day), '{}') AS off_days,
            coalesce(array_agg(d.date) FILTER (WHERE NOT d.is_off_day), '{}') AS worked_days
        FROM calendar_day d WHERE d.venue_id = v.id AND d.date BETWEEN b.year AND b.last) d
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(x.date), '{}') AS exception_dates, coalesce(array_agg(x.hours::text), '{}') AS exception_hours
        FROM (SELECT e.date, e.hours FROM hours_exception e
            WHERE e.venue_id = v.id AND (e.space_id IS NULL OR e.space_id = s.id) AND e.date BETWEEN b.first AND b.last
            ORDER BY e.date, e.space_id IS NOT NULL) x) e
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(x.id), '{}') AS area_ids, coalesce(array_agg(x.slug), '{}') AS area_slugs,
            coalesce(array_agg(x.position), '{}') AS area_positions, coalesce(array_agg(x.initial_layout_version_id), '{}') AS area_versions
        FROM (SELECT * FROM area WHERE space_id = s.id ORDER BY id) x) a
WHERE s.id = $1";

/// Everything about a space that a decision on a booking needs: a constant number of statements, one round trip.
pub async fn ground(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<Option<Ground>> {
    let rows = prepared(sql_query(GROUND).bind::<Uuid, _>(space_id));
    let (rows, floor): (Vec<GroundRow>, _) =
        try_join!(rows.load(&mut conn), floor_facts(conn, space_id))?;
    let row = rows.into_iter().next();
    row.map(|row| row.ground(floor)).transpose()
}

/// How often the catalogue has changed, and what day it is.
pub async fn revision(mut conn: &AsyncPgConnection) -> QueryResult<Revision> {
    prepared(sql_query(
        "SELECT number, current_date AS today FROM catalogue_revision WHERE one",
    ))
    .get_result(&mut conn)
    .await
}

impl GroundRow {
    fn ground(self, floor: FloorFacts) -> QueryResult<Ground> {
        let off = self.off_days.into_iter().map(|date| (date, true));
        let worked = self.worked_days.into_iter().map(|date| (date, false));
        let mut exceptions = BTreeMap::new();
        for (date, hours) in self.exception_dates.into_iter().zip(&self.exception_hours) {
            exceptions.insert(date, json::<Vec<DayHours>>(hours)?);
        }
        let opening = Calendar {
            tz: self.time_zone.parse().map_err(unreadable)?,
            weekly: json(&self.hours)?,
            exceptions: Arc::new(exceptions),
            holidays: Arc::new(Holidays::new(off.chain(worked))),
        };
        let bookable = self
            .bookable_hours
            .map(|hours| json::<Vec<WeeklyHours>>(&hours))
            .transpose()?
            // exceptions change when the space is open; bookable hours only narrow that
            .map(|weekly| Calendar {
                weekly,
                exceptions: Arc::default(),
                ..opening.clone()
            });
        Ok(Ground {
            venue: VenueFacts {
                id: self.venue_id,
                name_zh: self.venue_zh,
                name_en: self.venue_en,
            },
            space: SpaceFacts {
                id: self.id,
                slug: self.slug,
                name_zh: self.name_zh,
                name_en: self.name_en,
                kind: self.kind,
                people_cap: self.people_cap,
                turnaround_min: self.turnaround_min,
                pool_id: self.pool_id,
                shares_pool: self.shares_pool,
                active: self.active,
                revision: self.revision,
            },
            policy: Policy::resolve(&json(&self.venue_policy)?, &json(&self.policy)?),
            opening,
            bookable,
            areas: areas(
                self.area_ids,
                self.area_slugs,
                self.area_positions,
                self.area_versions,
            ),
            floor: Arc::new(floor),
        })
    }
}

fn areas(
    ids: Vec<AreaId>,
    slugs: Vec<String>,
    positions: Vec<i32>,
    versions: Vec<Option<LayoutVersionId>>,
) -> Vec<Area> {
    ids.into_iter()
        .zip(slugs)
        .zip(positions)
        .zip(versions)
        .map(|(((id, slug), position), initial_layout_version_id)| Area {
            id,
            slug,
            position,
            initial_layout_version_id,
        })
        .collect()
}
