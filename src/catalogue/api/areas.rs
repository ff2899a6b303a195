//! The areas of a space over HTTP.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::{Made, announce, change, create, given, object, taken};
use crate::audit;
use crate::catalogue::floor_plan::LETTERS;
use crate::catalogue::store;
use crate::catalogue::store::spaces::{AreaChange, AreaRow};
use crate::db::DbError;
use crate::http::problem::{FieldError, Kind, Problem, Reason};
use crate::http::{App, Body, IdempotencyKey, Path};
use crate::id::{AreaId, LayoutVersionId, SpaceId};
use crate::identity::Caller;
use crate::routes::Operation;

/// More areas than a space has.
const MOST_AREAS: usize = 100;

/// An area of a space: what one booking excludes others from.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// Its name.
    #[schema(example = "bay-1")]
    pub slug: String,
    /// Its place among the space's areas.
    #[schema(example = 1)]
    pub position: i32,
    /// What stands in it before the first booking, where the space has a floor.
    pub initial_layout_version_id: Option<LayoutVersionId>,
}

impl From<AreaRow> for Area {
    fn from(row: AreaRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            position: row.position,
            initial_layout_version_id: row.initial_layout_version_id,
        }
    }
}

/// An area to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaInput {
    /// Its name: small letters, digits and hyphens.
    #[schema(
        example = "bay-13",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length = 50
    )]
    pub slug: String,
}

/// What to change in an area; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaPatch {
    /// Its name: small letters, digits and hyphens.
    #[schema(
        example = "bay-13",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length = 50
    )]
    pub slug: Option<String>,
    /// What stands in it before the first booking: a published version that claims it. Fixed once anything is planned there.
    pub initial_layout_version_id: Option<LayoutVersionId>,
}

/// The names of a new space's areas: at least one, each its own.
pub(super) fn checked_slugs(checks: &mut Checks, slugs: &[String]) {
    if slugs.is_empty() {
        checks.push(FieldError::too_short("areas", 1));
    }
    if slugs.len() > MOST_AREAS {
        checks.push(FieldError::too_long("areas", 100));
        return;
    }
    for (at, slug) in slugs.iter().enumerate() {
        let field = format!("areas.{at}");
        checks.slug(&field, slug);
        if slugs[..at].contains(slug) {
            checks.push(FieldError::new(field, "duplicate"));
        }
    }
}

/// The areas of a space
#[utoipa::path(get, path = "/v1/spaces/{id}/areas", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space")),
    responses((status = 200, description = "Its areas", body = Vec<Area>)))]
pub async fn list(app: Data<App>, id: Path<SpaceId>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let rows = store::spaces::areas(&conn, *id).await?;
    if rows.is_empty() {
        // every space has an area
        return Err(Problem::new(Kind::NotFound));
    }
    let items: Vec<Area> = rows.into_iter().map(Area::from).collect();
    Ok(HttpResponse::Ok().json(items))
}

/// Make an area
///
/// One more. On a floor it has no cells until the floor is drawn with it.
#[utoipa::path(post, path = "/v1/spaces/{id}/areas", tag = "catalogue", request_body = AreaInput,
    params(("id" = SpaceId, Path, description = "The space"), IdempotencyKey),
    responses((status = 201, description = "The area", body = Area)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<SpaceId>,
    key: IdempotencyKey,
    input: Body<AreaInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    checks.slug("slug", &input.slug);
    checks.done()?;
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let space = store::spaces::lock_space(conn, *id).await?;
        Operation::CreateArea.admit_to(&caller, &object(space.venue_id, Some(space.id)))?;
        let there = store::spaces::areas(conn, *id).await?;
        let most = match space.pool_id {
            Some(_) => LETTERS.len(),
            None => MOST_AREAS,
        };
        if there.len() >= most {
            return Err(FieldError::too_long("slug", most as i64).into());
        }
        let row = AreaRow {
            id: AreaId::new(),
            space_id: *id,
            slug: input.slug.clone(),
            position: there.last().map_or(1, |last| last.position + 1),
            initial_layout_version_id: None,
        };
        store::spaces::insert_areas(conn, std::slice::from_ref(&row))
            .await
            .map_err(taken("slug"))?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "create",
            "area",
            row.id.0,
            &["slug"],
        )
        .await?;
        Ok(Made {
            id: row.id.0,
            venue_id: space.venue_id,
            space_id: Some(space.id),
            answer: Area::from(row),
        })
    })
    .await
}

/// Change an area
///
/// Its name, and on a floor what stands in it before the first booking.
#[utoipa::path(patch, path = "/v1/spaces/{id}/areas/{area_id}", tag = "catalogue", request_body = AreaPatch,
    params(("id" = SpaceId, Path, description = "The space"), ("area_id" = AreaId, Path, description = "The area")),
    responses((status = 200, description = "The area as it is now", body = Area)))]
pub async fn patch(
    app: Data<App>,
    caller: Caller,
    path: Path<(SpaceId, AreaId)>,
    input: Body<AreaPatch>,
) -> Result<HttpResponse, Problem> {
    let (space_id, area_id) = *path;
    let mut checks = Checks::default();
    if let Some(slug) = &input.slug {
        checks.slug("slug", slug);
    }
    checks.done()?;
    let fields = given!(input; slug, initial_layout_version_id);
    let wanted = AreaChange {
        slug: input.slug.clone(),
        initial_layout_version_id: input.initial_layout_version_id,
    };
    let (row, venue_id) = change(&app, async |conn| {
        let space = store::spaces::space(conn, space_id).await?;
        Operation::ChangeArea.admit_to(&caller, &object(space.venue_id, Some(space.id)))?;
        // what stands first is a matter of the floor's writers
        match space.pool_id {
            Some(pool_id) => drop(store::pools::lock_pool(conn, pool_id).await?),
            None => drop(store::spaces::lock_space(conn, space_id).await?),
        }
        if fields.is_empty() {
            let row = store::spaces::area(conn, space_id, area_id).await?;
            return Ok((row, space.venue_id));
        }
        let row = store::spaces::update_area(conn, space_id, area_id, &wanted)
            .await
            .map_err(refused)?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "change",
            "area",
            area_id.0,
            &fields,
        )
        .await?;
        Ok((row, space.venue_id))
    })
    .await?;
    announce(&app, area_id.0, venue_id, Some(space_id));
    Ok(HttpResponse::Ok().json(Area::from(row)))
}

/// What the database says against another name or another first layout.
fn refused(error: diesel::result::Error) -> Problem {
    let field = "initial_layout_version_id";
    match DbError::from(error) {
        DbError::Constraint(name) => match name.as_str() {
            "area_initial_layout" => Problem::field(field, "not_published"),
            "area_rests" => Problem::new(Kind::Conflict).because(vec![Reason::new("area_rests")]),
            "occupancy_stock" => {
                Problem::new(Kind::Conflict).because(vec![Reason::new("initial_blocks_short")])
            }
            "area_space_id_slug_key" => Problem::field("slug", "taken"),
            _ => DbError::Constraint(name).into(),
        },
        other => other.into(),
    }
}
