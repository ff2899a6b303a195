//! The crew's day over HTTP.

use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;

use super::act::{self, object};
use super::pictures::{Show, shown, work};
use super::store::{self, JobRead};
use super::view::{JobView, JobWithMoves};
use super::work::Work;
use crate::booking::api::{answer, asked};
use crate::catalogue;
use crate::http::language::locale;
use crate::http::picture::Keep;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Fingerprint, IdempotencyKey, Path, Query};
use crate::id::{CrewId, OccupancyId, VenueId};
use crate::identity::{Caller, Claims};
use crate::routes::Operation;

type Answer = Result<HttpResponse, Problem>;

/// Which jobs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichJobs {
    /// Of this venue.
    venue_id: VenueId,
    /// On this date, in the venue's wall time.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    date: NaiveDate,
    /// Of this crew only.
    crew_id: Option<CrewId>,
}

/// A day's jobs
///
/// The changeovers of decided bookings, in the order of time: when each may and must start, what is expected of it as the
/// day has gone so far, and what it really took.
#[utoipa::path(get, path = "/v1/changeovers", tag = "desk", params(WhichJobs),
    responses((status = 200, description = "The jobs", body = Vec<JobView>)))]
pub async fn list(app: Data<App>, caller: Caller, which: Query<WhichJobs>) -> Answer {
    let which = which.0;
    let reach = Operation::ListChangeovers.reach(&caller, which.venue_id)?;
    let conn = app.db.conn().await?;
    let dates =
        catalogue::store::venues::days(&conn, which.venue_id, which.date, which.date).await?;
    let Some(dates) = dates else {
        return Err(Problem::field("date", "out_of_range"));
    };
    let jobs = store::jobs(&conn, which.venue_id, dates, which.crew_id).await?;
    let day = store::day_of_venue(&conn, which.venue_id).await?;
    let expected = day.expected();
    let jobs = jobs
        .iter()
        .filter(|job| reach.covers(Some(job.space_id)))
        .map(|job| JobView::new(job, expected.get(&job.id).copied()));
    Ok(HttpResponse::Ok().json(jobs.collect::<Vec<_>>()))
}

/// A job, and what is carried
///
/// The list of moves in the order in which they are begun, from the planner: which block goes where, and which team
/// carries it.
#[utoipa::path(get, path = "/v1/changeovers/{id}", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover")),
    responses((status = 200, description = "The job", body = JobWithMoves)))]
pub async fn read(app: Data<App>, caller: Caller, id: Path<OccupancyId>) -> Answer {
    let conn = app.db.conn().await?;
    let job = store::job(&conn, id.0).await?;
    Operation::ReadChangeover.admit_to(&caller, &object(&job))?;
    let day = store::day_of_pool(&conn, job.pool_id).await?;
    drop(conn);
    let expected = day.expected();
    let view = JobView::new(&job, expected.get(&job.id).copied());
    let work = of_job(&app, &job).await?;
    Ok(HttpResponse::Ok().json(JobWithMoves::new(view, &work)))
}

/// The crew starts
///
/// Before its time the changeover moves to now, where its area and crew are free, a shift covers it, and the blocks allow.
/// Said twice it is said once. Who will wait, as this is later than planned, is told by mail.
#[utoipa::path(post, path = "/v1/changeovers/{id}/start", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = JobView)))]
pub async fn start(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<OccupancyId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        act::start(&app.db, &asked(claims, key, fingerprint), id.0).await,
    )
}

/// The crew is done
///
/// What it took is kept and shown beside the minutes that it was given. Said twice it is said once.
#[utoipa::path(post, path = "/v1/changeovers/{id}/finish", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = JobView)))]
pub async fn finish(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<OccupancyId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        act::finish(&app.db, &asked(claims, key, fingerprint), id.0).await,
    )
}

/// Take the last word back
///
/// Of one that is finished: it is not. Of one that runs: it was not started, and goes back where it was planned, where that
/// is still ahead and free.
#[utoipa::path(post, path = "/v1/changeovers/{id}/undo", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = JobView)))]
pub async fn undo(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<OccupancyId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        act::undo(&app.db, &asked(claims, key, fingerprint), id.0).await,
    )
}

/// A job's numbered steps
///
/// On the plan: where each block is taken from and put.
#[utoipa::path(get, path = "/v1/changeovers/{id}/steps.svg", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover")),
    responses((status = 200, description = "The steps", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has them already")))]
pub async fn steps(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<OccupancyId>,
) -> Answer {
    show(&request, &app, &caller, id.0, Show::Steps).await
}

/// A job's time line
///
/// A bar a team, a piece a step.
#[utoipa::path(get, path = "/v1/changeovers/{id}/timeline.svg", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover")),
    responses((status = 200, description = "The time line", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn timeline(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<OccupancyId>,
) -> Answer {
    show(&request, &app, &caller, id.0, Show::Timeline).await
}

/// A job as a sheet to print
///
/// The steps on the plan, the time line, and a list with boxes to tick.
#[utoipa::path(get, path = "/v1/changeovers/{id}/sheet.html", tag = "desk", params(("id" = OccupancyId, Path, description = "The changeover")),
    responses((status = 200, description = "The sheet", content_type = "text/html", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn sheet(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<OccupancyId>,
) -> Answer {
    show(&request, &app, &caller, id.0, Show::Sheet).await
}

async fn show(
    request: &HttpRequest,
    app: &App,
    caller: &Caller,
    id: OccupancyId,
    what: Show,
) -> Answer {
    let job = store::job(&*app.db.conn().await?, id).await?;
    Operation::ReadChangeover.admit_to(caller, &object(&job))?;
    let work = of_job(app, &job).await?;
    let locale = locale(request);
    let name = |zh: &str, en: &str| locale.pick(zh, en).to_owned();
    let title = format!(
        "{} → {}",
        name(&job.from_zh, &job.from_en),
        name(&job.to_zh, &job.to_en)
    );
    let picture = web::block(move || shown(&work, what, locale, &title));
    let picture = picture.await.map_err(|_| Problem::new(Kind::Unavailable))?;
    Ok(picture.answer(request, Keep::AskAgain))
}

/// What is carried for a job: in its area, by the teams of its crew.
async fn of_job(app: &App, job: &JobRead) -> Result<Arc<Work>, Problem> {
    let teams = usize::try_from(job.teams).unwrap_or(1);
    let (from, to) = (job.from_version_id, job.to_version_id);
    work(app, from, to, Some(job.area_id), teams).await
}
