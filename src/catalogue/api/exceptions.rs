//! Dates with hours of their own over HTTP: closed days and special hours, of a venue or of one of its spaces.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{Datelike, NaiveDate};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::{announce, change, from_json, object, to_json};
use crate::audit;
use crate::catalogue::calendar::days_after;
use crate::catalogue::hours::DayHoursText;
use crate::catalogue::store;
use crate::catalogue::store::venues::{ExceptionRow, Whose};
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Body, Path, Query};
use crate::id::{SpaceId, VenueId};
use crate::identity::Caller;
use crate::routes::Operation;

/// The longest stretch of dates that is answered at once.
const MOST_DAYS: u32 = 1000;

/// Which dates.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Dates {
    /// The first date.
    #[param(value_type = String, format = Date, example = "2026-11-24")]
    pub from: NaiveDate,
    /// The last date, at most 1000 days later.
    #[param(value_type = String, format = Date, example = "2027-11-24")]
    pub to: NaiveDate,
}

impl Dates {
    /// Dates that the calendar of Postgres has, too, and not too many of them.
    pub(super) fn check(&self, most: u32) -> Result<(), Problem> {
        sane("from", self.from)?;
        sane("to", self.to)?;
        if self.to < self.from {
            return Err(Problem::field("to", "empty_range"));
        }
        if self.to > days_after(self.from, most) {
            return Err(FieldError::new("to", "too_large").into());
        }
        Ok(())
    }
}

/// Refuses dates that nobody means.
pub(super) fn sane(field: &str, date: NaiveDate) -> Result<(), Problem> {
    if date.year() < 1970 {
        return Err(FieldError::new(field, "too_small").into());
    }
    if date.year() > 2200 {
        return Err(FieldError::new(field, "too_large").into());
    }
    Ok(())
}

/// A date with hours of its own.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HoursException {
    /// The date.
    #[schema(value_type = String, format = Date, example = "2026-12-31")]
    pub date: NaiveDate,
    /// The hours that replace the weekly ones; none: closed.
    pub hours: Vec<DayHoursText>,
    /// Why, for the public.
    #[schema(example = "年终盘点")]
    pub reason: String,
}

/// The hours of a date.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursExceptionInput {
    /// The hours that replace the weekly ones; none: closed.
    #[schema(max_items = 50)]
    pub hours: Vec<DayHoursText>,
    /// Why, for the public.
    #[serde(default)]
    #[schema(example = "年终盘点", max_length = 200)]
    pub reason: String,
}

fn body(row: ExceptionRow) -> Result<HoursException, Problem> {
    Ok(HoursException {
        date: row.date,
        hours: from_json(row.hours)?,
        reason: row.reason,
    })
}

async fn listed(app: &App, whose: Whose, dates: &Dates) -> Result<HttpResponse, Problem> {
    dates.check(MOST_DAYS)?;
    let conn = app.db.conn().await?;
    let rows = store::venues::exceptions(&conn, whose, dates.from, dates.to).await?;
    let items = rows.into_iter().map(body).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(items))
}

async fn put(
    app: &App,
    caller: &Caller,
    date: NaiveDate,
    input: &HoursExceptionInput,
    find: impl AsyncFnOnce(&AsyncPgConnection) -> Result<Whose, Problem>,
) -> Result<HttpResponse, Problem> {
    if sane("date", date).is_err() {
        return Err(Problem::new(Kind::NotFound));
    }
    let mut checks = Checks::default();
    let hours = checks.day("hours", &input.hours);
    let reason = checks.text("reason", &input.reason, 0, 200);
    checks.done()?;
    let hours = to_json(&hours)?;
    let (row, whose, had) = change(app, async |conn| {
        let whose = find(conn).await?;
        let row = ExceptionRow {
            id: uuid::Uuid::now_v7(),
            venue_id: whose.venue_id,
            space_id: whose.space_id,
            date,
            hours,
            reason,
        };
        let had = store::venues::put_exception(conn, &row).await?;
        record(conn, caller, "set_hours", whose).await?;
        Ok((row, whose, had))
    })
    .await?;
    announce(app, row.id, whose.venue_id, whose.space_id);
    let mut response = if had {
        HttpResponse::Ok()
    } else {
        HttpResponse::Created()
    };
    Ok(response.json(body(row)?))
}

async fn delete(
    app: &App,
    caller: &Caller,
    date: NaiveDate,
    find: impl AsyncFnOnce(&AsyncPgConnection) -> Result<Whose, Problem>,
) -> Result<HttpResponse, Problem> {
    if sane("date", date).is_err() {
        return Err(Problem::new(Kind::NotFound));
    }
    let (whose, id) = change(app, async |conn| {
        let whose = find(conn).await?;
        let gone = store::venues::delete_exception(conn, whose, date).await?;
        let id = gone.ok_or_else(|| Problem::new(Kind::NotFound))?;
        record(conn, caller, "unset_hours", whose).await?;
        Ok((whose, id))
    })
    .await?;
    announce(app, id, whose.venue_id, whose.space_id);
    Ok(HttpResponse::NoContent().finish())
}

async fn record(
    conn: &AsyncPgConnection,
    caller: &Caller,
    action: &str,
    whose: Whose,
) -> Result<(), Problem> {
    let (kind, id) = match whose.space_id {
        Some(space) => ("space", space.0),
        None => ("venue", whose.venue_id.0),
    };
    let actor = Some(caller.user_id);
    Ok(audit::store::record(
        conn,
        actor,
        Some(whose.venue_id),
        action,
        kind,
        id,
        &["hours_exceptions"],
    )
    .await?)
}

async fn venue(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: VenueId,
) -> Result<Whose, Problem> {
    let venue = store::venues::lock_venue(conn, id).await?;
    operation.admit_to(caller, &object(venue.id, None))?;
    Ok(Whose {
        venue_id: venue.id,
        space_id: None,
    })
}

async fn space(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: SpaceId,
) -> Result<Whose, Problem> {
    let space = store::spaces::lock_space(conn, id).await?;
    operation.admit_to(caller, &object(space.venue_id, Some(space.id)))?;
    Ok(Whose {
        venue_id: space.venue_id,
        space_id: Some(space.id),
    })
}

/// A venue's closed days and special hours
#[utoipa::path(get, path = "/v1/venues/{id}/hours-exceptions", tag = "catalogue",
    params(("id" = VenueId, Path, description = "The venue"), Dates),
    responses((status = 200, description = "The dates", body = Vec<HoursException>)))]
pub async fn list_venue(
    app: Data<App>,
    id: Path<VenueId>,
    dates: Query<Dates>,
) -> Result<HttpResponse, Problem> {
    let venue = store::venues::venue(&*app.db.conn().await?, *id).await?;
    let whose = Whose {
        venue_id: venue.id,
        space_id: None,
    };
    listed(&app, whose, &dates).await
}

/// Set a venue's hours on a date
///
/// They replace the weekly hours of the venue and of all its spaces on that date; none at all: closed. Bookings that
/// there are stay: closing a space over them is a closure.
#[utoipa::path(put, path = "/v1/venues/{id}/hours-exceptions/{date}", tag = "catalogue",
    request_body = HoursExceptionInput,
    params(("id" = VenueId, Path, description = "The venue"),
        ("date" = String, Path, description = "The date", format = Date, example = "2026-12-31")),
    responses((status = 200, description = "The date as it is now", body = HoursException),
        (status = 201, description = "The date, which had no hours of its own before", body = HoursException)))]
pub async fn put_venue(
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, NaiveDate)>,
    input: Body<HoursExceptionInput>,
) -> Result<HttpResponse, Problem> {
    let (id, date) = *path;
    let operation = Operation::SetVenueHours;
    put(&app, &caller, date, &input, async |conn| {
        venue(conn, &caller, operation, id).await
    })
    .await
}

/// Give a date of a venue its weekly hours back
#[utoipa::path(delete, path = "/v1/venues/{id}/hours-exceptions/{date}", tag = "catalogue",
    params(("id" = VenueId, Path, description = "The venue"),
        ("date" = String, Path, description = "The date", format = Date, example = "2026-12-31")),
    responses((status = 204, description = "The date has its weekly hours")))]
pub async fn delete_venue(
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, NaiveDate)>,
) -> Result<HttpResponse, Problem> {
    let (id, date) = *path;
    let operation = Operation::UnsetVenueHours;
    delete(&app, &caller, date, async |conn| {
        venue(conn, &caller, operation, id).await
    })
    .await
}

/// A space's closed days and special hours
///
/// The space's own; the venue's hold for it, too, on dates that are not listed here.
#[utoipa::path(get, path = "/v1/spaces/{id}/hours-exceptions", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space"), Dates),
    responses((status = 200, description = "The dates", body = Vec<HoursException>)))]
pub async fn list_space(
    app: Data<App>,
    id: Path<SpaceId>,
    dates: Query<Dates>,
) -> Result<HttpResponse, Problem> {
    let space = store::spaces::space(&*app.db.conn().await?, *id).await?;
    let whose = Whose {
        venue_id: space.venue_id,
        space_id: Some(space.id),
    };
    listed(&app, whose, &dates).await
}

/// Set a space's hours on a date
///
/// They replace its weekly hours, and what its venue says of that date; none at all: closed. Bookings that there are
/// stay: closing a space over them is a closure.
#[utoipa::path(put, path = "/v1/spaces/{id}/hours-exceptions/{date}", tag = "catalogue",
    request_body = HoursExceptionInput,
    params(("id" = SpaceId, Path, description = "The space"),
        ("date" = String, Path, description = "The date", format = Date, example = "2026-12-31")),
    responses((status = 200, description = "The date as it is now", body = HoursException),
        (status = 201, description = "The date, which had no hours of its own before", body = HoursException)))]
pub async fn put_space(
    app: Data<App>,
    caller: Caller,
    path: Path<(SpaceId, NaiveDate)>,
    input: Body<HoursExceptionInput>,
) -> Result<HttpResponse, Problem> {
    let (id, date) = *path;
    let operation = Operation::SetSpaceHours;
    put(&app, &caller, date, &input, async |conn| {
        space(conn, &caller, operation, id).await
    })
    .await
}

/// Give a date of a space its weekly hours back
#[utoipa::path(delete, path = "/v1/spaces/{id}/hours-exceptions/{date}", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space"),
        ("date" = String, Path, description = "The date", format = Date, example = "2026-12-31")),
    responses((status = 204, description = "The date has its weekly hours")))]
pub async fn delete_space(
    app: Data<App>,
    caller: Caller,
    path: Path<(SpaceId, NaiveDate)>,
) -> Result<HttpResponse, Problem> {
    let (id, date) = *path;
    let operation = Operation::UnsetSpaceHours;
    delete(&app, &caller, date, async |conn| {
        space(conn, &caller, operation, id).await
    })
    .await
}
