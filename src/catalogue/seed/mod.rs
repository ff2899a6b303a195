//! The venue's data, from the product's own files in `seed/`. Run again it only adds what is missing, and never
//! touches what an administrator changed: what belongs to a space, layout or pool is written together with it or not
//! at all.

mod files;

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use self::files::{BlockTypeSeed, HallFile, LayoutSeed, SpaceSeed, VenueFile, VenueSeed, read};
use super::calendar_file::CalendarFile;
use super::drawing::Written;
use super::floor_plan::FloorPlan;
use super::shifts::AHEAD_DAYS;
use super::{SpaceKind, store};
use crate::db::{Db, DbError};
use crate::id::{AreaId, BlockTypeId, CrewId, LayoutId, LayoutVersionId, PoolId, SpaceId, VenueId};
use crate::schema::{
    area, block_type, calendar_day, crew, floor, layout, layout_version, pool, pool_stock, space,
    venue,
};

const VENUE: &str = include_str!("../../../seed/venue.json");
const HALL: &str = include_str!("../../../seed/hall.json");
const CALENDAR_2026: &str = include_str!("../../../seed/calendar-2026.json");

/// What a run of the seed did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeded {
    /// The venue of the seed.
    pub venue_id: VenueId,
    /// Spaces that were missing.
    pub spaces: usize,
    /// Layouts that were missing.
    pub layouts: usize,
    /// Shifts that were made.
    pub shifts: usize,
}

/// Why the seed could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file in `seed/` does not say what it should.
    #[error("seed/{0}: {1}")]
    File(&'static str, serde_json::Error),
    /// A file in `seed/` speaks of something that it does not have.
    #[error("seed/hall.json: there is no `{0}`")]
    Unknown(String),
    /// A layout in a file breaks a rule.
    #[error("seed/hall.json: layout `{0}`: {1}")]
    Invalid(String, String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for SeedError {
    fn from(error: diesel::result::Error) -> Self {
        SeedError::Db(error.into())
    }
}

/// Writes what is missing of the venue's data, in one transaction. The times between layouts are computed by whoever serves.
pub async fn seed(db: &Db) -> Result<Seeded, SeedError> {
    let file: VenueFile = read("venue.json", VENUE)?;
    let hall: HallFile = read("hall.json", HALL)?;
    let calendar: CalendarFile = read("calendar-2026.json", CALENDAR_2026)?;
    let tx = db.transaction().await?;
    tx.begin().await?;
    let conn = tx.conn();
    let venue_id = the_venue(conn, &file.venue).await?;
    add_calendar(conn, venue_id, &calendar).await?;
    let types = the_block_types(conn, venue_id, &hall.block_types).await?;
    let pool_id = the_pool(conn, venue_id, &file, &hall, &types).await?;
    let mut spaces = 0;
    for (position, one) in (1..).zip(&file.spaces) {
        spaces += add_space(conn, venue_id, pool_id, position, one, &hall).await?;
    }
    let layouts = add_layouts(conn, venue_id, &hall).await?;
    let shifts = store::extend_shifts(conn, AHEAD_DAYS).await?;
    tx.commit().await?;
    Ok(Seeded {
        venue_id,
        spaces,
        layouts,
        shifts,
    })
}

async fn the_venue(conn: &AsyncPgConnection, seed: &VenueSeed) -> QueryResult<VenueId> {
    let mut conn = conn;
    diesel::insert_into(venue::table)
        .values((
            venue::id.eq(VenueId::new()),
            venue::slug.eq(&seed.slug),
            venue::name_zh.eq(&seed.name_zh),
            venue::name_en.eq(&seed.name_en),
            venue::time_zone.eq(&seed.time_zone),
            venue::hours.eq(written(&seed.hours)?),
            venue::policy.eq(written(&seed.policy)?),
        ))
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await?;
    venue::table
        .filter(venue::slug.eq(&seed.slug))
        .select(venue::id)
        .first(&mut conn)
        .await
}

/// A value as it is kept in a column of JSON.
fn written<T: serde::Serialize>(value: &T) -> QueryResult<Value> {
    serde_json::to_value(value)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

async fn add_calendar(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    file: &CalendarFile,
) -> QueryResult<()> {
    if store::holidays(conn, venue_id)
        .await?
        .years_known()
        .contains(&file.year)
    {
        return Ok(());
    }
    let mut conn = conn;
    let days: Vec<_> = file
        .days
        .iter()
        .map(|day| {
            (
                calendar_day::venue_id.eq(venue_id),
                calendar_day::date.eq(day.date),
                calendar_day::name.eq(&day.name),
                calendar_day::is_off_day.eq(day.is_off_day),
            )
        })
        .collect();
    diesel::insert_into(calendar_day::table)
        .values(&days)
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await
        .map(drop)
}

async fn the_block_types(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    seeds: &[BlockTypeSeed],
) -> QueryResult<BTreeMap<String, BlockTypeId>> {
    let mut conn = conn;
    let rows: Vec<_> = seeds
        .iter()
        .map(|seed| {
            (
                block_type::id.eq(BlockTypeId::new()),
                block_type::venue_id.eq(venue_id),
                block_type::code.eq(&seed.code),
                block_type::width.eq(seed.width),
                block_type::depth.eq(seed.depth),
                block_type::height_mm.eq(seed.height_mm),
                block_type::max_z.eq(seed.max_z),
                block_type::handle_s.eq(seed.handle_s),
                block_type::loaded_s.eq(seed.loaded_s),
                block_type::salon_seats.eq(seed.salon_seats),
                block_type::anchors.eq(seed.anchors),
            )
        })
        .collect();
    diesel::insert_into(block_type::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await?;
    block_type::table
        .filter(block_type::venue_id.eq(venue_id))
        .select((block_type::code, block_type::id))
        .load::<(String, BlockTypeId)>(&mut conn)
        .await
        .map(|rows| rows.into_iter().collect())
}

/// The pool; its stock and crews are written together with it.
async fn the_pool(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    file: &VenueFile,
    hall: &HallFile,
    types: &BTreeMap<String, BlockTypeId>,
) -> Result<PoolId, SeedError> {
    let mut conn = conn;
    let added: Option<PoolId> = diesel::insert_into(pool::table)
        .values((
            pool::id.eq(PoolId::new()),
            pool::venue_id.eq(venue_id),
            pool::slug.eq(&file.pool.slug),
            pool::name.eq(&file.pool.name),
        ))
        .on_conflict_do_nothing()
        .returning(pool::id)
        .get_result(&mut conn)
        .await
        .optional()?;
    let Some(id) = added else {
        return Ok(pool::table
            .filter(pool::venue_id.eq(venue_id))
            .filter(pool::slug.eq(&file.pool.slug))
            .select(pool::id)
            .first(&mut conn)
            .await?);
    };
    let stock = hall
        .block_types
        .iter()
        .map(|seed| {
            Ok((
                pool_stock::pool_id.eq(id),
                pool_stock::block_type_id.eq(known(types, &seed.code)?),
                pool_stock::owned.eq(seed.owned),
            ))
        })
        .collect::<Result<Vec<_>, SeedError>>()?;
    diesel::insert_into(pool_stock::table)
        .values(&stock)
        .execute(&mut conn)
        .await?;
    for seed in &file.crews {
        diesel::insert_into(crew::table)
            .values((
                crew::id.eq(CrewId::new()),
                crew::pool_id.eq(id),
                crew::name.eq(&seed.name),
                crew::teams.eq(seed.teams),
                crew::weekly.eq(written(&seed.weekly)?),
            ))
            .execute(&mut conn)
            .await?;
    }
    Ok(id)
}

fn known<T: Copy>(map: &BTreeMap<String, T>, name: &str) -> Result<T, SeedError> {
    map.get(name)
        .copied()
        .ok_or_else(|| SeedError::Unknown(name.to_owned()))
}

/// A space that is missing, with its areas and its floor.
async fn add_space(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    pool_id: PoolId,
    position: i32,
    seed: &SpaceSeed,
    hall: &HallFile,
) -> Result<usize, SeedError> {
    let mut conn = conn;
    let has_floor = seed.kind == SpaceKind::Reconfigurable;
    let added: Option<SpaceId> = diesel::insert_into(space::table)
        .values((
            space::id.eq(SpaceId::new()),
            space::venue_id.eq(venue_id),
            space::slug.eq(&seed.slug),
            space::position.eq(position),
            space::kind.eq(seed.kind),
            space::name_zh.eq(&seed.name_zh),
            space::name_en.eq(&seed.name_en),
            space::description.eq(&seed.description),
            space::area_m2.eq(seed.area_m2),
            space::people_cap.eq(seed.people_cap),
            space::turnaround_min.eq(seed.turnaround_min),
            space::pool_id.eq(has_floor.then_some(pool_id)),
            space::hours.eq(seed.hours.as_ref().map(written).transpose()?),
            space::bookable_hours.eq(seed.bookable_hours.as_ref().map(written).transpose()?),
            space::policy.eq(written(&seed.policy)?),
        ))
        .on_conflict_do_nothing()
        .returning(space::id)
        .get_result(&mut conn)
        .await
        .optional()?;
    let Some(id) = added else { return Ok(0) };
    let areas: Vec<_> = (1..)
        .zip(&seed.areas)
        .map(|(position, slug)| {
            (
                area::id.eq(AreaId::new()),
                area::space_id.eq(id),
                area::slug.eq(slug),
                area::position.eq(position),
            )
        })
        .collect();
    diesel::insert_into(area::table)
        .values(&areas)
        .execute(&mut conn)
        .await?;
    if seed.slug == hall.space {
        let rows: Vec<_> = hall
            .floor
            .rows
            .iter()
            .map(|row| Some(row.as_str()))
            .collect();
        let width = usize::try_from(hall.floor.width).unwrap_or_default();
        diesel::insert_into(floor::table)
            .values((
                floor::space_id.eq(id),
                floor::width.eq(hall.floor.width),
                floor::height.eq(hall.floor.height),
                floor::module_mm.eq(hall.floor.module_mm),
                floor::areas.eq(vec![Some("A".repeat(width)); hall.floor.rows.len()]),
                floor::rows.eq(rows),
            ))
            .execute(&mut conn)
            .await?;
    }
    Ok(1)
}

/// The hall's layouts that are missing, each with its first version, published as an administrator would; then what
/// stands before the first booking. The times between them are computed once they are there.
async fn add_layouts(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    hall: &HallFile,
) -> Result<usize, SeedError> {
    let mut reader = conn;
    let space_id: Option<SpaceId> = space::table
        .filter(space::venue_id.eq(venue_id))
        .filter(space::slug.eq(&hall.space))
        .select(space::id)
        .first(&mut reader)
        .await
        .optional()?;
    let space_id = space_id.ok_or_else(|| SeedError::Unknown(hall.space.clone()))?;
    let plan = store::drawings::floor_plan(conn, space_id).await?;
    let mut added = 0;
    for seed in &hall.layouts {
        added += add_layout(conn, &plan, seed).await?;
    }
    if added > 0 {
        let initial = first_version(conn, space_id, &hall.initial_layout).await?;
        diesel::update(area::table)
            .filter(area::space_id.eq(space_id))
            .filter(area::initial_layout_version_id.is_null())
            .set(area::initial_layout_version_id.eq(initial))
            .execute(&mut reader)
            .await?;
    }
    Ok(added)
}

async fn add_layout(
    conn: &AsyncPgConnection,
    plan: &FloorPlan,
    seed: &LayoutSeed,
) -> Result<usize, SeedError> {
    let mut writer = conn;
    let added: Option<LayoutId> = diesel::insert_into(layout::table)
        .values((
            layout::id.eq(LayoutId::new()),
            layout::space_id.eq(plan.space_id),
            layout::slug.eq(&seed.slug),
            layout::purpose.eq(seed.purpose),
            layout::name_zh.eq(&seed.name_zh),
            layout::name_en.eq(&seed.name_en),
        ))
        .on_conflict_do_nothing()
        .returning(layout::id)
        .get_result(&mut writer)
        .await
        .optional()?;
    let Some(layout_id) = added else {
        return Ok(0);
    };
    let written = Written {
        purpose: seed.purpose,
        placements: seed.placements.clone(),
        zones: seed.zones.clone(),
        gates: seed.gates.clone(),
        seats_required: seed.seats_required,
    };
    let drawn = written.layout(&plan.types);
    let judged = plan.judge(&drawn.map_err(|error| SeedError::Unknown(error.field))?);
    if let [fault, ..] = judged.faults.as_slice() {
        return Err(SeedError::Invalid(seed.slug.clone(), fault.rule.name()));
    }
    let id = LayoutVersionId::new();
    store::drafts::insert_draft(conn, id, (layout_id, 1), &written, plan, &judged).await?;
    store::drafts::publish(conn, id).await?;
    Ok(1)
}

async fn first_version(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    slug: &str,
) -> Result<LayoutVersionId, SeedError> {
    let mut conn = conn;
    let found: Option<LayoutVersionId> = layout::table
        .inner_join(layout_version::table)
        .filter(layout::space_id.eq(space_id))
        .filter(layout::slug.eq(slug))
        .filter(layout_version::number.eq(1))
        .select(layout_version::id)
        .first(&mut conn)
        .await
        .optional()?;
    found.ok_or_else(|| SeedError::Unknown(slug.to_owned()))
}
