//! The dated shifts of a crew over HTTP, for staff.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::crews::locked_crew;
use super::exceptions::{Dates, sane};
use super::{Made, announce, change, create};
use crate::audit;
use crate::catalogue::calendar::days_after;
use crate::catalogue::shifts::AHEAD_DAYS;
use crate::catalogue::store;
use crate::db::DbError;
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{CrewId, CrewShiftId, VenueId};
use crate::identity::Caller;
use crate::routes::Operation;
use crate::span::{Instant, Span};

/// The longest stretch of dates that is answered at once.
const MOST_DAYS: u32 = 400;

/// The longest shift.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A shift of a crew: changeovers lie inside one.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CrewShift {
    /// Its id.
    pub id: CrewShiftId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T00:00:00Z")]
    pub start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T14:00:00Z")]
    pub end: Instant,
}

/// A shift to be made by hand.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewShiftInput {
    /// When it starts.
    #[schema(value_type = String, format = DateTime, example = "2026-11-28T00:00:00Z")]
    pub start: Instant,
    /// When it ends, at most a day later.
    #[schema(value_type = String, format = DateTime, example = "2026-11-28T08:00:00Z")]
    pub end: Instant,
}

/// The shifts of a crew
///
/// Those that share an instant with the dates, in the venue's wall time.
#[utoipa::path(get, path = "/v1/crews/{id}/shifts", tag = "catalogue",
    params(("id" = CrewId, Path, description = "The crew"), Dates),
    responses((status = 200, description = "Its shifts", body = Vec<CrewShift>)))]
pub async fn list(
    app: Data<App>,
    caller: Caller,
    id: Path<CrewId>,
    dates: Query<Dates>,
) -> Result<HttpResponse, Problem> {
    dates.check(MOST_DAYS)?;
    let conn = app.db.conn().await?;
    let (crew, pool) = store::pools::crew(&conn, *id).await?;
    // who works in any of the spaces may know who carries
    Operation::ListCrewShifts.reach(&caller, pool.venue_id)?;
    let within = store::venues::days(&conn, pool.venue_id, dates.from, dates.to).await?;
    let rows = match within {
        Some(within) => store::shifts::shifts_within(&conn, crew.id, within).await?,
        None => Vec::new(),
    };
    let items: Vec<CrewShift> = rows
        .into_iter()
        .map(|row| CrewShift {
            id: row.id,
            start: row.start,
            end: row.until,
        })
        .collect();
    Ok(HttpResponse::Ok().json(items))
}

/// Make a shift by hand
///
/// One more than the weekly pattern makes; refused where it overlaps another of the crew.
#[utoipa::path(post, path = "/v1/crews/{id}/shifts", tag = "catalogue", request_body = CrewShiftInput,
    params(("id" = CrewId, Path, description = "The crew"), IdempotencyKey),
    responses((status = 201, description = "The shift", body = CrewShift)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<CrewId>,
    key: IdempotencyKey,
    input: Body<CrewShiftInput>,
) -> Result<HttpResponse, Problem> {
    let span = checked(&input)?;
    let shift_id = CrewShiftId::new();
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let (crew, pool) = locked_crew(conn, &caller, Operation::CreateCrewShift, *id).await?;
        // past the shifts that are made by the pattern a shift by hand would leave a gap that nothing fills
        store::extend_shifts(conn, AHEAD_DAYS).await?;
        within_reach(conn, pool.venue_id, span).await?;
        store::shifts::insert_shift(conn, shift_id, crew.id, span)
            .await
            .map_err(overlapping)?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(pool.venue_id),
            "create",
            "crew_shift",
            shift_id.0,
            &[],
        )
        .await?;
        Ok(Made {
            answer: CrewShift {
                id: shift_id,
                start: span.start(),
                end: span.end(),
            },
            id: crew.id.0,
            venue_id: pool.venue_id,
            space_id: None,
        })
    })
    .await
}

fn checked(input: &CrewShiftInput) -> Result<Span, Problem> {
    sane("start", input.start.date_naive())?;
    sane("end", input.end.date_naive())?;
    let span =
        Span::new(input.start, input.end).ok_or_else(|| Problem::field("end", "empty_range"))?;
    if span.length() > LONGEST {
        return Err(FieldError::new("end", "too_large").into());
    }
    Ok(span)
}

/// A shift is of today or later, and no further ahead than patterns go.
async fn within_reach(
    conn: &diesel_async::AsyncPgConnection,
    venue_id: VenueId,
    span: Span,
) -> Result<(), Problem> {
    let known = store::venues::calendar_years(conn, Some(venue_id)).await?;
    let today = known.first().map(|known| known.today).unwrap_or_default();
    let last = days_after(today, AHEAD_DAYS);
    let ahead = store::venues::days(conn, venue_id, today, last).await?;
    // dates are the venue's: its day begins at another instant than that of UTC
    if ahead.is_none_or(|ahead| span.start() >= ahead.end()) {
        return Err(FieldError::new("start", "too_large").into());
    }
    if ahead.is_some_and(|ahead| span.end() <= ahead.start()) {
        return Err(FieldError::new("end", "in_past").into());
    }
    Ok(())
}

fn overlapping(error: diesel::result::Error) -> Problem {
    match DbError::from(error) {
        DbError::Constraint(name) if name == "crew_shift_once" => {
            Problem::field("start", "overlaps")
        }
        other => other.into(),
    }
}

/// Take a shift away
///
/// A changeover that then lies in no shift stays where it is and becomes a task.
#[utoipa::path(delete, path = "/v1/crews/{id}/shifts/{shift_id}", tag = "catalogue",
    params(("id" = CrewId, Path, description = "The crew"),
        ("shift_id" = CrewShiftId, Path, description = "The shift")),
    responses((status = 204, description = "The shift is gone")))]
pub async fn delete(
    app: Data<App>,
    caller: Caller,
    path: Path<(CrewId, CrewShiftId)>,
) -> Result<HttpResponse, Problem> {
    let (id, shift_id) = *path;
    let venue_id = change(&app, async |conn| {
        let (crew, pool) = locked_crew(conn, &caller, Operation::DeleteCrewShift, id).await?;
        store::extend_shifts(conn, AHEAD_DAYS).await?;
        if !store::shifts::delete_shift(conn, crew.id, shift_id).await? {
            return Err(Problem::new(Kind::NotFound));
        }
        store::tasks::open_shift_tasks(conn, pool.venue_id).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(pool.venue_id),
            "delete",
            "crew_shift",
            shift_id.0,
            &[],
        )
        .await?;
        Ok(pool.venue_id)
    })
    .await?;
    announce(&app, id.0, venue_id, None);
    Ok(HttpResponse::NoContent().finish())
}
