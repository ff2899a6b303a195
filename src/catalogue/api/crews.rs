//! Crews over HTTP, for staff.

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::{Made, announce, change, create, from_json, given, object, taken, to_json};
use crate::audit;
use crate::catalogue::hours::WeeklyHoursText;
use crate::catalogue::shifts::AHEAD_DAYS;
use crate::catalogue::store;
use crate::catalogue::store::pools::{CrewChange, CrewRow, PoolRow};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path};
use crate::id::{CrewId, PoolId};
use crate::identity::Caller;
use crate::routes::Operation;

/// A crew: does one changeover at a time.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Crew {
    /// Its id.
    pub id: CrewId,
    /// Whose blocks it carries.
    pub pool_id: PoolId,
    /// Its name.
    #[schema(example = "A")]
    pub name: String,
    /// How many teams work in it, each carrying one block at a time.
    #[schema(example = 3)]
    pub teams: i32,
    /// When it works, week by week: shifts are made from it ahead of time.
    pub weekly: Vec<WeeklyHoursText>,
}

/// A crew to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewInput {
    /// Its name, its own in the pool.
    #[schema(example = "B", min_length = 1, max_length = 50)]
    pub name: String,
    /// How many teams work in it.
    #[schema(example = 3, minimum = 1, maximum = 100)]
    pub teams: i32,
    /// When it works, week by week.
    #[schema(example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]), max_items = 50)]
    pub weekly: Vec<WeeklyHoursText>,
}

/// What to change in a crew; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewPatch {
    /// Its name, its own in the pool.
    #[schema(example = "B", min_length = 1, max_length = 50)]
    pub name: Option<String>,
    /// How many teams work in it.
    #[schema(example = 3, minimum = 1, maximum = 100)]
    pub teams: Option<i32>,
    /// When it works, week by week, all of it. Shifts from tomorrow on follow; those that were made or taken away by
    /// hand stay so.
    #[schema(example = json!([{"days": "mon-sun", "from": "09:00", "to": "21:00"}]), max_items = 50)]
    pub weekly: Option<Vec<WeeklyHoursText>>,
}

fn body(row: CrewRow) -> Result<Crew, Problem> {
    Ok(Crew {
        id: row.id,
        pool_id: row.pool_id,
        name: row.name,
        teams: row.teams,
        weekly: from_json(row.weekly)?,
    })
}

/// Takes the pool's lock, reads it, and judges the caller.
async fn locked(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: PoolId,
) -> Result<PoolRow, Problem> {
    if !store::pools::lock_pool(conn, id).await? {
        return Err(Problem::new(Kind::NotFound));
    }
    let pool = store::pools::pool(conn, id).await?;
    operation.admit_to(caller, &object(pool.venue_id, None))?;
    Ok(pool)
}

/// The crew with its pool, locked and judged.
pub(super) async fn locked_crew(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: CrewId,
) -> Result<(CrewRow, PoolRow), Problem> {
    let (_, pool) = store::pools::crew(conn, id).await?;
    locked(conn, caller, operation, pool.id).await?;
    Ok(store::pools::crew(conn, id).await?)
}

/// The crews of a pool
#[utoipa::path(get, path = "/v1/pools/{id}/crews", tag = "catalogue",
    params(("id" = PoolId, Path, description = "The pool")),
    responses((status = 200, description = "Its crews", body = Vec<Crew>)))]
pub async fn list(
    app: Data<App>,
    caller: Caller,
    id: Path<PoolId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let pool = store::pools::pool(&conn, *id).await?;
    Operation::ListCrews.admit_to(&caller, &object(pool.venue_id, None))?;
    let rows = store::pools::crews(&conn, pool.id).await?;
    let items = rows.into_iter().map(body).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(items))
}

/// Make a crew
///
/// Its shifts are made at once, as far ahead as anybody can book.
#[utoipa::path(post, path = "/v1/pools/{id}/crews", tag = "catalogue", request_body = CrewInput,
    params(("id" = PoolId, Path, description = "The pool"), IdempotencyKey),
    responses((status = 201, description = "The crew", body = Crew)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<PoolId>,
    key: IdempotencyKey,
    input: Body<CrewInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let name = checks.text("name", &input.name, 1, 50);
    checks.number("teams", Some(input.teams), 1, 100);
    let weekly = checks.weekly("weekly", &input.weekly);
    checks.done()?;
    let row = CrewRow {
        id: CrewId::new(),
        pool_id: *id,
        name,
        teams: input.teams,
        weekly: to_json(&weekly)?,
    };
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let pool = locked(conn, &caller, Operation::CreateCrew, *id).await?;
        store::pools::insert_crew(conn, &row)
            .await
            .map_err(taken("name"))?;
        store::extend_shifts(conn, AHEAD_DAYS).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(pool.venue_id),
            "create",
            "crew",
            row.id.0,
            &[],
        )
        .await?;
        Ok(Made {
            id: row.id.0,
            venue_id: pool.venue_id,
            space_id: None,
            answer: body(row)?,
        })
    })
    .await
}

/// Change a crew
///
/// Its name, teams or weekly pattern. A changeover that then lies in no shift stays where it is and becomes a task.
#[utoipa::path(patch, path = "/v1/crews/{id}", tag = "catalogue", request_body = CrewPatch,
    params(("id" = CrewId, Path, description = "The crew")),
    responses((status = 200, description = "The crew as it is now", body = Crew)))]
pub async fn patch(
    app: Data<App>,
    caller: Caller,
    id: Path<CrewId>,
    input: Body<CrewPatch>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let name = checks.maybe_text("name", input.name.as_deref(), 1, 50);
    checks.number("teams", input.teams, 1, 100);
    let weekly = input
        .weekly
        .as_ref()
        .map(|texts| checks.weekly("weekly", texts));
    checks.done()?;
    let wanted = CrewChange {
        name,
        teams: input.teams,
        weekly: weekly.as_ref().map(to_json).transpose()?,
    };
    let fields = given!(input; name, teams, weekly);
    let (row, venue_id) = change(&app, async |conn| {
        let (was, pool) = locked_crew(conn, &caller, Operation::ChangeCrew, *id).await?;
        if fields.is_empty() {
            return Ok((was, pool.venue_id));
        }
        let before = store::shifts::patterns(conn, pool.venue_id).await?;
        let row = store::pools::update_crew(conn, *id, &wanted)
            .await
            .map_err(taken("name"))?;
        store::shifts::remake_shifts(conn, pool.venue_id, before).await?;
        store::tasks::open_shift_tasks(conn, pool.venue_id).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(pool.venue_id),
            "change",
            "crew",
            id.0.0,
            &fields,
        )
        .await?;
        Ok((row, pool.venue_id))
    })
    .await?;
    announce(&app, id.0.0, venue_id, None);
    Ok(HttpResponse::Ok().json(body(row)?))
}
