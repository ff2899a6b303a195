//! The changeover between two versions as numbered steps, a time line and a sheet to print, over HTTP; jobs show theirs in
//! the same way.

use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::work::{Task, Work, Works};
use crate::catalogue;
use crate::catalogue::api::layouts::visible;
use crate::http::MaybeCaller;
use crate::http::language::locale;
use crate::http::picture::{Keep, Picture};
use crate::http::problem::{Kind, Problem, Reason};
use crate::http::{App, Path, Query};
use crate::id::{AreaId, LayoutVersionId};
use crate::language::Locale;
use crate::layout::draw::{self, Job, JobWords};

type Answer = Result<HttpResponse, Problem>;

/// The most teams that a changeover is drawn for.
const MOST_TEAMS: usize = 20;

/// What is shown of a changeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    Steps,
    Timeline,
    Sheet,
}

/// What is carried from one version to another, in an area or on the whole floor, by so many teams. Planned off the async threads.
pub async fn work(
    app: &App,
    from: LayoutVersionId,
    to: LayoutVersionId,
    area_id: Option<AreaId>,
    teams: usize,
) -> Result<Arc<Work>, Problem> {
    let conn = app.db.conn().await?;
    let task = Task {
        from: catalogue::store::drawing(&conn, from).await?,
        to: catalogue::store::drawing(&conn, to).await?,
        area_id,
        teams,
    };
    drop(conn);
    if task.from.floor != task.to.floor {
        return Err(Problem::field("to_id", "unknown"));
    }
    let of_floor = |id| task.from.areas.iter().any(|area| area.id == id);
    if !area_id.is_none_or(of_floor) {
        return Err(Problem::field("area_id", "unknown"));
    }
    let works = app.db.remembered::<Works>();
    if let Some(work) = works.known(&task) {
        return Ok(work);
    }
    let planned = web::block(move || task.planned()).await;
    let planned = planned.map_err(|_| Problem::new(Kind::Unavailable))?;
    let work = Arc::new(planned.map_err(|error| {
        tracing::warn!(%error, "no changeover between versions");
        Problem::new(Kind::Conflict).because(vec![Reason::new("no_changeover_time")])
    })?);
    works.remember(work.clone());
    Ok(work)
}

/// Draws it.
pub fn shown(work: &Work, what: Show, locale: Locale, title: &str) -> Picture {
    let words = JobWords::new(locale, title, work.types());
    let job = Job {
        floor: &work.task.from.floor,
        types: work.types(),
        stays: &work.stays,
        carries: &work.carried,
        teams: work.task.teams,
        words: &words,
    };
    match what {
        Show::Steps => Picture::svg(draw::steps(&job), locale),
        Show::Timeline => Picture::svg(draw::timeline(&job), locale),
        Show::Sheet => Picture::html(draw::sheet(&job), locale),
    }
}

/// Who carries, and where.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Carriers {
    /// Teams that carry at once; two where none are named.
    #[param(example = 2, minimum = 1, maximum = 20)]
    teams: Option<usize>,
    /// What is carried in this area; on the whole floor where none is named.
    area_id: Option<AreaId>,
}

/// The numbered steps between two versions
///
/// On the plan: where each block is taken from and put.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/to/{to_id}/steps.svg", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "What stands before"), ("to_id" = LayoutVersionId, Path, description = "What stands after"), Carriers),
    responses((status = 200, description = "The steps", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has them already")))]
pub async fn steps(
    request: HttpRequest,
    app: Data<App>,
    path: Path<(LayoutVersionId, LayoutVersionId)>,
    carriers: Query<Carriers>,
) -> Answer {
    between(&request, &app, path.0, &carriers, Show::Steps).await
}

/// The time line between two versions
///
/// A bar a team, a piece a step.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/to/{to_id}/timeline.svg", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "What stands before"), ("to_id" = LayoutVersionId, Path, description = "What stands after"), Carriers),
    responses((status = 200, description = "The time line", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn timeline(
    request: HttpRequest,
    app: Data<App>,
    path: Path<(LayoutVersionId, LayoutVersionId)>,
    carriers: Query<Carriers>,
) -> Answer {
    between(&request, &app, path.0, &carriers, Show::Timeline).await
}

/// The changeover between two versions as a sheet to print
///
/// The steps on the plan, the time line, and a list with boxes to tick.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/to/{to_id}/sheet.html", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "What stands before"), ("to_id" = LayoutVersionId, Path, description = "What stands after"), Carriers),
    responses((status = 200, description = "The sheet", content_type = "text/html", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn sheet(
    request: HttpRequest,
    app: Data<App>,
    path: Path<(LayoutVersionId, LayoutVersionId)>,
    carriers: Query<Carriers>,
) -> Answer {
    between(&request, &app, path.0, &carriers, Show::Sheet).await
}

async fn between(
    request: &HttpRequest,
    app: &App,
    (from, to): (LayoutVersionId, LayoutVersionId),
    carriers: &Carriers,
    what: Show,
) -> Answer {
    let teams = carriers.teams.unwrap_or(2);
    if !(1..=MOST_TEAMS).contains(&teams) {
        return Err(Problem::field("teams", "out_of_range"));
    }
    let conn = app.db.conn().await?;
    // drafts are nobody's to see
    let (_, one) = visible(&conn, MaybeCaller(None), from).await?;
    let (_, other) = visible(&conn, MaybeCaller(None), to).await?;
    drop(conn);
    if one.space_id != other.space_id {
        return Err(Problem::new(Kind::NotFound));
    }
    let work = work(app, from, to, carriers.area_id, teams).await?;
    let locale = locale(request);
    let title = format!(
        "{} → {}",
        locale.pick(&one.name_zh, &one.name_en),
        locale.pick(&other.name_zh, &other.name_en)
    );
    let picture = web::block(move || shown(&work, what, locale, &title)).await;
    let picture = picture.map_err(|_| Problem::new(Kind::Unavailable))?;
    Ok(picture.answer(request, Keep::ForADay))
}
