//! Venues over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::warnings::{Warning, calendar_warnings};
use super::{Paging, announce, change, from_json, given, object, to_json};
use crate::audit;
use crate::catalogue::hours::WeeklyHoursText;
use crate::catalogue::policy::VenuePolicy;
use crate::catalogue::store;
use crate::catalogue::store::venues::{CalendarYears, VenueChange, VenueRow};
use crate::http::language::locale;
use crate::http::page::Position;
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Body, ETag, IfMatch, Path, Query};
use crate::id::VenueId;
use crate::identity::Caller;
use crate::language::Locale;
use crate::routes::Operation;

/// A venue.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Venue {
    /// Its id.
    pub id: VenueId,
    /// Its name for programs, which never changes.
    #[schema(example = "bay-one")]
    pub slug: String,
    /// Its name in Chinese.
    #[schema(example = "科创一号湾党群服务中心")]
    pub name_zh: String,
    /// Its name in English.
    #[schema(example = "Sci-Tech Bay One Community Service Centre")]
    pub name_en: String,
    /// Its wall clock: an IANA time zone.
    #[schema(example = "Asia/Shanghai")]
    pub time_zone: String,
    /// Its weekly opening hours; a space may have its own.
    pub hours: Vec<WeeklyHoursText>,
    /// Its policy: defaults that a space's own policy replaces field by field.
    pub policy: VenuePolicy,
    /// Grows with each change; also in `ETag`.
    #[schema(example = 1)]
    pub revision: i32,
    /// What an administrator should see to.
    pub warnings: Vec<Warning>,
}

/// What to change in a venue; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenuePatch {
    /// Its name in Chinese.
    #[schema(example = "科创一号湾党群服务中心", min_length = 1, max_length = 100)]
    pub name_zh: Option<String>,
    /// Its name in English.
    #[schema(
        example = "Sci-Tech Bay One Community Service Centre",
        min_length = 1,
        max_length = 100
    )]
    pub name_en: Option<String>,
    /// Its wall clock: an IANA time zone. Crews' shifts from tomorrow on move with it.
    #[schema(example = "Asia/Shanghai")]
    pub time_zone: Option<String>,
    /// Its weekly opening hours, all of them.
    #[schema(example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]), max_items = 50)]
    pub hours: Option<Vec<WeeklyHoursText>>,
    /// Its policy, all of it: a field that is not in it is then assumed.
    pub policy: Option<VenuePolicy>,
}

impl VenuePatch {
    fn checked(&self) -> Result<VenueChange, Problem> {
        let mut checks = Checks::default();
        let name_zh = checks.maybe_text("name_zh", self.name_zh.as_deref(), 1, 100);
        let name_en = checks.maybe_text("name_en", self.name_en.as_deref(), 1, 100);
        if let Some(zone) = &self.time_zone
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            checks.push(FieldError::new("time_zone", "unknown"));
        }
        let hours = self
            .hours
            .as_ref()
            .map(|hours| checks.weekly("hours", hours));
        if let Some(policy) = &self.policy {
            checks.policy("policy", policy.errors());
        }
        checks.done()?;
        Ok(VenueChange {
            name_zh,
            name_en,
            time_zone: self.time_zone.clone(),
            hours: hours.as_ref().map(to_json).transpose()?,
            policy: self.policy.as_ref().map(to_json).transpose()?,
        })
    }
}

fn body(row: VenueRow, known: &[CalendarYears], locale: Locale) -> Result<Venue, Problem> {
    Ok(Venue {
        warnings: calendar_warnings(known, row.id, None, locale)?,
        id: row.id,
        slug: row.slug,
        name_zh: row.name_zh,
        name_en: row.name_en,
        time_zone: row.time_zone,
        hours: from_json(row.hours)?,
        policy: from_json(row.policy)?,
        revision: row.revision,
    })
}

/// Venues
///
/// All venues, in the order in which they were made.
#[utoipa::path(get, path = "/v1/venues", tag = "catalogue", params(Paging),
    responses((status = 200, description = "A page of venues", body = Vec<Venue>,
        headers(("Link" = String, description = "The next page, if there is one")))))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let mut rows = store::venues::venues(&conn, page.after_id(), page.rows()).await?;
    let known = store::venues::calendar_years(&conn, None).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let items = rows
        .into_iter()
        .map(|row| body(row, &known, locale(&request)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(response.json(items))
}

/// A venue
#[utoipa::path(get, path = "/v1/venues/{id}", tag = "catalogue",
    params(("id" = VenueId, Path, description = "The venue")),
    responses((status = 200, description = "The venue", body = Venue,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn read(
    request: HttpRequest,
    app: Data<App>,
    id: Path<VenueId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let row = store::venues::venue(&conn, *id).await?;
    let known = store::venues::calendar_years(&conn, Some(*id)).await?;
    let venue = body(row, &known, locale(&request))?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(venue.revision.into()).header())
        .json(venue))
}

/// Change a venue
///
/// Its names, hours, policy or time zone. Bookings that there are stay as they are: hours and policy are judged when a
/// booking is written.
#[utoipa::path(patch, path = "/v1/venues/{id}", tag = "catalogue", request_body = VenuePatch,
    params(("id" = VenueId, Path, description = "The venue"), IfMatch),
    responses((status = 200, description = "The venue as it is now", body = Venue,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn patch(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    if_match: IfMatch,
    input: Body<VenuePatch>,
) -> Result<HttpResponse, Problem> {
    let wanted = input.checked()?;
    let fields = given!(input; name_zh, name_en, time_zone, hours, policy);
    let (row, known) = change(&app, async |conn| {
        let mut row = store::venues::lock_venue(conn, *id).await?;
        Operation::ChangeVenue.admit_to(&caller, &object(row.id, None))?;
        if_match.check(ETag(row.revision.into()))?;
        if !fields.is_empty() {
            row = update(conn, row, &wanted).await?;
            let (actor, action) = (Some(caller.user_id), "change");
            audit::store::record(
                conn,
                actor,
                Some(row.id),
                action,
                "venue",
                row.id.0,
                &fields,
            )
            .await?;
        }
        let known = store::venues::calendar_years(conn, Some(*id)).await?;
        Ok((row, known))
    })
    .await?;
    announce(&app, id.0.0, *id, None);
    let venue = body(row, &known, locale(&request))?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(venue.revision.into()).header())
        .json(venue))
}

async fn update(
    conn: &diesel_async::AsyncPgConnection,
    was: VenueRow,
    wanted: &VenueChange,
) -> Result<VenueRow, Problem> {
    let zone = wanted
        .time_zone
        .as_ref()
        .filter(|zone| **zone != was.time_zone);
    let Some(zone) = zone else {
        return Ok(store::venues::update_venue(conn, was.id, wanted).await?);
    };
    // statements ask Postgres for the wall clock, too
    if !store::venues::knows_time_zone(conn, zone).await? {
        return Err(Problem::field("time_zone", "unknown"));
    }
    let before = store::shifts::patterns(conn, was.id).await?;
    let row = store::venues::update_venue(conn, was.id, wanted).await?;
    store::shifts::remake_shifts(conn, was.id, before).await?;
    store::tasks::open_shift_tasks(conn, was.id).await?;
    Ok(row)
}
