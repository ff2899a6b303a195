//! Spaces over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::areas::{Area, checked_slugs};
use super::input::{Checks, present};
use super::warnings::{Warning, calendar_warnings};
use super::{Made, announce, change, create, from_json, given, object, taken, to_json};
use crate::audit;
use crate::catalogue::SpaceKind;
use crate::catalogue::hours::WeeklyHoursText;
use crate::catalogue::policy::SpacePolicy;
use crate::catalogue::store;
use crate::catalogue::store::spaces::{AreaRow, SpaceChange, SpaceRow};
use crate::catalogue::store::venues::CalendarYears;
use crate::http::language::locale;
use crate::http::page::Position;
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Body, ETag, IdempotencyKey, IfMatch, Page, Path, Query};
use crate::id::{AreaId, PoolId, SpaceId, VenueId};
use crate::identity::Caller;
use crate::language::Locale;
use crate::routes::Operation;

/// A space.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Space {
    /// Its id.
    pub id: SpaceId,
    /// Whose it is.
    pub venue_id: VenueId,
    /// Its name for programs, which never changes.
    #[schema(example = "huiju")]
    pub slug: String,
    /// Its place among the venue's spaces when they are shown.
    #[schema(example = 1)]
    pub position: i32,
    /// How it is used. Only `reconfigurable` spaces and rooms can be booked yet.
    #[schema(example = "reconfigurable")]
    pub kind: SpaceKind,
    /// Its name in Chinese.
    #[schema(example = "慧聚·一号湾")]
    pub name_zh: String,
    /// Its name in English.
    #[schema(example = "Huiju · Bay One")]
    pub name_en: String,
    /// What it is for.
    #[schema(example = "主厅：可移动的像素方块、路演舞台")]
    pub description: String,
    /// Its size in square metres, where it is known.
    #[schema(example = 346)]
    pub area_m2: Option<i32>,
    /// The most people in it, whatever its layout takes.
    #[schema(example = 200)]
    pub people_cap: i32,
    /// Minutes of plain turnaround after an event.
    #[schema(example = 10)]
    pub turnaround_min: i32,
    /// Whose blocks and crews it uses, where it has a floor.
    pub pool_id: Option<PoolId>,
    /// Its own weekly hours; null: the venue's.
    #[schema(example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]))]
    pub hours: Option<Vec<WeeklyHoursText>>,
    /// The narrower hours in which it can be booked; null: whenever it is open.
    #[schema(example = json!([{"days": "mon-sun", "from": "18:00", "to": "21:00"}]))]
    pub bookable_hours: Option<Vec<WeeklyHoursText>>,
    /// Its own policy: what is not in it is the venue's.
    pub policy: SpacePolicy,
    /// Whether it takes new bookings.
    #[schema(example = true)]
    pub active: bool,
    /// Grows with each change; also in `ETag`.
    #[schema(example = 1)]
    pub revision: i32,
    /// What an administrator should see to.
    pub warnings: Vec<Warning>,
}

/// A new space with its areas.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewSpace {
    /// The space.
    pub space: Space,
    /// Its areas.
    pub areas: Vec<Area>,
}

/// Which spaces.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SpaceQuery {
    /// Those of this venue only.
    pub venue_id: Option<VenueId>,
    /// How many items, at most 100.
    #[param(example = 50, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Where the page begins: from the `Link` of the page before.
    #[param(example = "AZzA3noRcACAAAAAAAAAAQ")]
    pub cursor: Option<String>,
}

/// A space to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpaceInput {
    /// Whose it is.
    pub venue_id: VenueId,
    /// Its name for programs: small letters, digits and hyphens; it never changes.
    #[schema(
        example = "studio",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length = 50
    )]
    pub slug: String,
    /// How it is used.
    #[schema(example = "room")]
    pub kind: SpaceKind,
    /// Its name in Chinese.
    #[schema(example = "录音室", min_length = 1, max_length = 100)]
    pub name_zh: String,
    /// Its name in English.
    #[schema(example = "Sound studio", min_length = 1, max_length = 100)]
    pub name_en: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "播客与配音", max_length = 1000)]
    pub description: String,
    /// Its place among the venue's spaces when they are shown.
    #[serde(default = "last")]
    #[schema(example = 14, minimum = 1, maximum = 1000, default = 1000)]
    pub position: i32,
    /// Its size in square metres.
    #[serde(default)]
    #[schema(example = 20, minimum = 1, maximum = 1000000)]
    pub area_m2: Option<i32>,
    /// The most people in it.
    #[schema(example = 4, minimum = 1, maximum = 100000)]
    pub people_cap: i32,
    /// Minutes of plain turnaround after an event.
    #[serde(default)]
    #[schema(example = 10, minimum = 0, maximum = 1440, default = 0)]
    pub turnaround_min: i32,
    /// Whose blocks and crews it uses: for `reconfigurable` spaces, and only for them.
    #[serde(default)]
    pub pool_id: Option<PoolId>,
    /// Its own weekly hours; left out: the venue's.
    #[serde(default)]
    #[schema(example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]), max_items = 50)]
    pub hours: Option<Vec<WeeklyHoursText>>,
    /// The narrower hours in which it can be booked.
    #[serde(default)]
    #[schema(example = json!([{"days": "mon-sun", "from": "18:00", "to": "21:00"}]), max_items = 50)]
    pub bookable_hours: Option<Vec<WeeklyHoursText>>,
    /// Its own policy.
    #[serde(default)]
    pub policy: SpacePolicy,
    /// The slugs of its areas.
    #[schema(example = json!(["room"]), min_items = 1, max_items = 100)]
    pub areas: Vec<String>,
}

fn last() -> i32 {
    1000
}

/// What to change in a space; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpacePatch {
    /// Its name in Chinese.
    #[schema(example = "慧聚·一号湾", min_length = 1, max_length = 100)]
    pub name_zh: Option<String>,
    /// Its name in English.
    #[schema(example = "Huiju · Bay One", min_length = 1, max_length = 100)]
    pub name_en: Option<String>,
    /// What it is for.
    #[schema(example = "主厅：可移动的像素方块、路演舞台", max_length = 1000)]
    pub description: Option<String>,
    /// Its place among the venue's spaces when they are shown.
    #[schema(example = 1, minimum = 1, maximum = 1000)]
    pub position: Option<i32>,
    /// Its size in square metres; null: not known.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>, example = 346, minimum = 1, maximum = 1000000)]
    pub area_m2: Option<Option<i32>>,
    /// The most people in it.
    #[schema(example = 200, minimum = 1, maximum = 100000)]
    pub people_cap: Option<i32>,
    /// Minutes of plain turnaround after an event; on a floor they come with the changeover times and cannot be changed
    /// here.
    #[schema(example = 10, minimum = 0, maximum = 1440)]
    pub turnaround_min: Option<i32>,
    /// Its own weekly hours, all of them; null: the venue's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<WeeklyHoursText>>, example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]), max_items = 50)]
    pub hours: Option<Option<Vec<WeeklyHoursText>>>,
    /// The narrower hours in which it can be booked, all of them; null: whenever it is open.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<WeeklyHoursText>>, example = json!([{"days": "mon-sun", "from": "18:00", "to": "21:00"}]), max_items = 50)]
    pub bookable_hours: Option<Option<Vec<WeeklyHoursText>>>,
    /// Its own policy, all of it: a field that is not in it is then the venue's.
    pub policy: Option<SpacePolicy>,
    /// Whether it takes new bookings.
    #[schema(example = true)]
    pub active: Option<bool>,
}

fn numbers(
    checks: &mut Checks,
    position: Option<i32>,
    area_m2: Option<i32>,
    people_cap: Option<i32>,
    turnaround_min: Option<i32>,
) {
    checks.number("position", position, 1, 1000);
    checks.number("area_m2", area_m2, 1, 1_000_000);
    checks.number("people_cap", people_cap, 1, 100_000);
    checks.number("turnaround_min", turnaround_min, 0, 1440);
}

impl SpacePatch {
    fn checked(&self) -> Result<SpaceChange, Problem> {
        let mut checks = Checks::default();
        let name_zh = checks.maybe_text("name_zh", self.name_zh.as_deref(), 1, 100);
        let name_en = checks.maybe_text("name_en", self.name_en.as_deref(), 1, 100);
        let description = checks.maybe_text("description", self.description.as_deref(), 0, 1000);
        numbers(
            &mut checks,
            self.position,
            self.area_m2.flatten(),
            self.people_cap,
            self.turnaround_min,
        );
        let mut hours = |field, value: &Option<Option<Vec<WeeklyHoursText>>>| {
            value
                .as_ref()
                .map(|value| value.as_ref().map(|texts| checks.weekly(field, texts)))
        };
        let own = hours("hours", &self.hours);
        let bookable = hours("bookable_hours", &self.bookable_hours);
        if let Some(policy) = &self.policy {
            checks.policy("policy", policy.errors());
        }
        checks.done()?;
        let json = |value: Option<Option<_>>| {
            value
                .map(|value| value.as_ref().map(to_json).transpose())
                .transpose()
        };
        Ok(SpaceChange {
            name_zh,
            name_en,
            description,
            position: self.position,
            area_m2: self.area_m2,
            people_cap: self.people_cap,
            turnaround_min: self.turnaround_min,
            hours: json(own)?,
            bookable_hours: json(bookable)?,
            policy: self.policy.as_ref().map(to_json).transpose()?,
            active: self.active,
        })
    }
}

impl SpaceInput {
    fn checked(&self) -> Result<SpaceRow, Problem> {
        let mut checks = Checks::default();
        checks.slug("slug", &self.slug);
        let name_zh = checks.text("name_zh", &self.name_zh, 1, 100);
        let name_en = checks.text("name_en", &self.name_en, 1, 100);
        let description = checks.text("description", &self.description, 0, 1000);
        numbers(
            &mut checks,
            Some(self.position),
            self.area_m2,
            Some(self.people_cap),
            Some(self.turnaround_min),
        );
        let hours = self
            .hours
            .as_ref()
            .map(|texts| checks.weekly("hours", texts));
        let bookable = self
            .bookable_hours
            .as_ref()
            .map(|texts| checks.weekly("bookable_hours", texts));
        checks.policy("policy", self.policy.errors());
        if (self.kind == SpaceKind::Reconfigurable) != self.pool_id.is_some() {
            checks.push(FieldError::new("pool_id", "floors_only"));
        }
        checked_slugs(&mut checks, &self.areas);
        checks.done()?;
        Ok(SpaceRow {
            id: SpaceId::new(),
            venue_id: self.venue_id,
            slug: self.slug.clone(),
            position: self.position,
            kind: self.kind,
            name_zh,
            name_en,
            description,
            area_m2: self.area_m2,
            people_cap: self.people_cap,
            turnaround_min: self.turnaround_min,
            pool_id: self.pool_id,
            hours: hours.as_ref().map(to_json).transpose()?,
            bookable_hours: bookable.as_ref().map(to_json).transpose()?,
            policy: to_json(&self.policy)?,
            active: true,
            revision: 1,
        })
    }

    fn areas(&self, space_id: SpaceId) -> Vec<AreaRow> {
        (1..)
            .zip(&self.areas)
            .map(|(position, slug)| AreaRow {
                id: AreaId::new(),
                space_id,
                slug: slug.clone(),
                position,
                initial_layout_version_id: None,
            })
            .collect()
    }
}

fn body(row: SpaceRow, known: &[CalendarYears], locale: Locale) -> Result<Space, Problem> {
    let policy: SpacePolicy = from_json(row.policy)?;
    Ok(Space {
        warnings: calendar_warnings(known, row.venue_id, Some(&policy), locale)?,
        id: row.id,
        venue_id: row.venue_id,
        slug: row.slug,
        position: row.position,
        kind: row.kind,
        name_zh: row.name_zh,
        name_en: row.name_en,
        description: row.description,
        area_m2: row.area_m2,
        people_cap: row.people_cap,
        turnaround_min: row.turnaround_min,
        pool_id: row.pool_id,
        hours: row.hours.map(from_json).transpose()?,
        bookable_hours: row.bookable_hours.map(from_json).transpose()?,
        policy,
        active: row.active,
        revision: row.revision,
    })
}

/// Spaces
///
/// All spaces, or those of one venue, in the order in which they were made; `position` is the one to show them in.
#[utoipa::path(get, path = "/v1/spaces", tag = "catalogue", params(SpaceQuery),
    responses((status = 200, description = "A page of spaces", body = Vec<Space>,
        headers(("Link" = String, description = "The next page, if there is one")))))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    query: Query<SpaceQuery>,
) -> Result<HttpResponse, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref(), false)?;
    let conn = app.db.conn().await?;
    let mut rows =
        store::spaces::spaces(&conn, query.venue_id, page.after_id(), page.rows()).await?;
    let known = store::venues::calendar_years(&conn, query.venue_id).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let items = rows
        .into_iter()
        .map(|row| body(row, &known, locale(&request)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(response.json(items))
}

/// A space
#[utoipa::path(get, path = "/v1/spaces/{id}", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space")),
    responses((status = 200, description = "The space", body = Space,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn read(
    request: HttpRequest,
    app: Data<App>,
    id: Path<SpaceId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let row = store::spaces::space(&conn, *id).await?;
    let known = store::venues::calendar_years(&conn, Some(row.venue_id)).await?;
    let space = body(row, &known, locale(&request))?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(space.revision.into()).header())
        .json(space))
}

/// Make a space
///
/// With its areas. A `reconfigurable` space can be booked once it has a floor and layouts.
#[utoipa::path(post, path = "/v1/spaces", tag = "catalogue", request_body = SpaceInput, params(IdempotencyKey),
    responses((status = 201, description = "The space and its areas", body = NewSpace)))]
pub async fn post(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    key: IdempotencyKey,
    input: Body<SpaceInput>,
) -> Result<HttpResponse, Problem> {
    let row = input.checked()?;
    let (id, venue_id) = (row.id, row.venue_id);
    let areas = input.areas(id);
    Operation::CreateSpace
        .admit_to(&caller, &object(venue_id, None))
        .map_err(|_| Problem::field("venue_id", "unknown"))?;
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        check_pool(conn, &row).await?;
        store::spaces::insert_space(conn, &row)
            .await
            .map_err(taken("slug"))?;
        store::spaces::insert_areas(conn, &areas).await?;
        let actor = Some(caller.user_id);
        audit::store::record(conn, actor, Some(venue_id), "create", "space", id.0, &[]).await?;
        let known = store::venues::calendar_years(conn, Some(venue_id)).await?;
        Ok(Made {
            answer: NewSpace {
                space: body(row, &known, locale(&request))?,
                areas: areas.into_iter().map(Area::from).collect(),
            },
            id: id.0,
            venue_id,
            space_id: Some(id),
        })
    })
    .await
}

/// A space's pool is one of its own venue.
async fn check_pool(conn: &AsyncPgConnection, row: &SpaceRow) -> Result<(), Problem> {
    let Some(pool_id) = row.pool_id else {
        return Ok(());
    };
    match store::pools::pool(conn, pool_id).await {
        Ok(pool) if pool.venue_id == row.venue_id => Ok(()),
        Ok(_) | Err(diesel::result::Error::NotFound) => Err(Problem::field("pool_id", "unknown")),
        Err(error) => Err(error.into()),
    }
}

/// Change a space
///
/// Its names, hours, policy and numbers. Bookings that there are stay as they are: hours and policy are judged when a
/// booking is written.
#[utoipa::path(patch, path = "/v1/spaces/{id}", tag = "catalogue", request_body = SpacePatch,
    params(("id" = SpaceId, Path, description = "The space"), IfMatch),
    responses((status = 200, description = "The space as it is now", body = Space,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn patch(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<SpaceId>,
    if_match: IfMatch,
    input: Body<SpacePatch>,
) -> Result<HttpResponse, Problem> {
    let wanted = input.checked()?;
    let fields = given!(input; name_zh, name_en, description, position, area_m2, people_cap, turnaround_min,
        hours, bookable_hours, policy, active);
    let (row, known) = change(&app, async |conn| {
        let mut row = store::spaces::lock_space(conn, *id).await?;
        Operation::ChangeSpace.admit_to(&caller, &object(row.venue_id, Some(row.id)))?;
        if_match.check(ETag(row.revision.into()))?;
        if row.pool_id.is_some()
            && wanted
                .turnaround_min
                .is_some_and(|min| min != row.turnaround_min)
        {
            return Err(Problem::field("turnaround_min", "floor_minutes"));
        }
        if !fields.is_empty() {
            row = store::spaces::update_space(conn, *id, &wanted).await?;
            let actor = Some(caller.user_id);
            audit::store::record(
                conn,
                actor,
                Some(row.venue_id),
                "change",
                "space",
                id.0.0,
                &fields,
            )
            .await?;
        }
        let known = store::venues::calendar_years(conn, Some(row.venue_id)).await?;
        Ok((row, known))
    })
    .await?;
    announce(&app, id.0.0, row.venue_id, Some(row.id));
    let space = body(row, &known, locale(&request))?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(space.revision.into()).header())
        .json(space))
}
