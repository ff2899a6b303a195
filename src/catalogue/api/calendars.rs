//! The public calendar of a venue over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::warnings::{Warning, calendar_warnings};
use super::{announce, change, object};
use crate::audit;
use crate::catalogue::calendar_file::{CalendarDay, CalendarFile};
use crate::catalogue::store;
use crate::http::language::locale;
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Body, Path, Query};
use crate::id::VenueId;
use crate::identity::Caller;
use crate::routes::Operation;

/// Years that a calendar can be of.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2200;

/// Which year.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct YearQuery {
    /// The year.
    #[param(example = 2026, minimum = 1970, maximum = 2200)]
    pub year: i32,
}

/// A year of a venue's public calendar.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CalendarYear {
    /// The year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Whether it was imported; else its workdays are Monday to Friday.
    #[schema(example = true)]
    pub known: bool,
    /// Public holidays and make-up workdays, by date.
    pub days: Vec<CalendarDay>,
    /// Years within the booking horizon that were not imported.
    pub warnings: Vec<Warning>,
}

fn in_range(year: i32) -> Result<(), Problem> {
    if year < *YEARS.start() {
        return Err(FieldError::too_small("year", i64::from(*YEARS.start())).into());
    }
    if year > *YEARS.end() {
        return Err(FieldError::too_large("year", i64::from(*YEARS.end())).into());
    }
    Ok(())
}

/// A year of the public calendar
///
/// The public holidays and make-up workdays of a year, as they were imported.
#[utoipa::path(get, path = "/v1/venues/{id}/calendar", tag = "catalogue",
    params(("id" = VenueId, Path, description = "The venue"), YearQuery),
    responses((status = 200, description = "The year", body = CalendarYear)))]
pub async fn read(
    request: HttpRequest,
    app: Data<App>,
    id: Path<VenueId>,
    query: Query<YearQuery>,
) -> Result<HttpResponse, Problem> {
    in_range(query.year)?;
    let conn = app.db.conn().await?;
    let venue = store::venues::venue(&conn, *id).await?;
    let days = store::venues::calendar(&conn, venue.id, query.year).await?;
    let known = store::venues::calendar_years(&conn, Some(venue.id)).await?;
    Ok(HttpResponse::Ok().json(CalendarYear {
        year: query.year,
        known: !days.is_empty(),
        days,
        warnings: calendar_warnings(&known, venue.id, None, locale(&request))?,
    }))
}

/// Import a year of the public calendar
///
/// Takes a year's file as it is published and puts it in the place of what was known of that year, at once. Shifts from
/// tomorrow on that follow workdays are made anew; bookings stay as they are.
#[utoipa::path(put, path = "/v1/venues/{id}/calendar/{year}", tag = "catalogue", request_body = CalendarFile,
    params(("id" = VenueId, Path, description = "The venue"),
        ("year" = i32, Path, description = "The year", minimum = 1970, maximum = 2200, example = 2026)),
    responses((status = 200, description = "The year as it is now", body = CalendarYear)))]
pub async fn import(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, i32)>,
    file: Body<CalendarFile>,
) -> Result<HttpResponse, Problem> {
    let (id, year) = *path;
    in_range(year)?;
    let errors: Vec<FieldError> = file
        .errors(year)
        .into_iter()
        .map(|(field, code)| FieldError::new(field, code))
        .collect();
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let (days, known) = change(&app, async |conn| {
        let venue = store::venues::lock_venue(conn, id).await?;
        Operation::ImportCalendar.admit_to(&caller, &object(venue.id, None))?;
        let before = store::shifts::patterns(conn, id).await?;
        store::venues::replace_calendar(conn, id, year, &file.days).await?;
        store::shifts::remake_shifts(conn, id, before).await?;
        store::tasks::open_shift_tasks(conn, id).await?;
        let (actor, action) = (Some(caller.user_id), "import_calendar");
        audit::store::record(conn, actor, Some(id), action, "venue", id.0, &["calendar"]).await?;
        let days = store::venues::calendar(conn, id, year).await?;
        let known = store::venues::calendar_years(conn, Some(id)).await?;
        Ok((days, known))
    })
    .await?;
    announce(&app, id.0, id, None);
    Ok(HttpResponse::Ok().json(CalendarYear {
        year,
        known: true,
        days,
        warnings: calendar_warnings(&known, id, None, locale(&request))?,
    }))
}
