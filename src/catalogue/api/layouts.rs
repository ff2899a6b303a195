//! Layouts, their versions, and the times between them over HTTP, to be read.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::{Paging, from_json, object};
use crate::catalogue::drawing::{AudienceZone, Gate, Placement};
use crate::catalogue::store;
use crate::catalogue::store::layouts::{LayoutRow, NeedRow, TimeRow, VersionHead, VersionRow};
use crate::catalogue::store::times::{Fault, Progress};
use crate::catalogue::{Purpose, TimesFault, TimesState, VersionState};
use crate::crew::{Measured, measured};
use crate::http::caller::MaybeCaller;
use crate::http::page::Position;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, ETag, Path, Query};
use crate::id::{AreaId, LayoutId, LayoutVersionId, SpaceId};
use crate::routes::Operation;
use crate::span::Instant;

/// How many changeovers without a time are shown.
const MOST_FAULTS: i64 = 20;

/// A layout.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Layout {
    /// Its id.
    pub id: LayoutId,
    /// Whose it is.
    pub space_id: SpaceId,
    /// Its name for programs.
    #[schema(example = "roadshow_main")]
    pub slug: String,
    /// What its blocks are for.
    #[schema(example = "roadshow")]
    pub purpose: Purpose,
    /// Its name in Chinese.
    #[schema(example = "园区路演(主舞台)")]
    pub name_zh: String,
    /// Its name in English.
    #[schema(example = "Roadshow (main stage)")]
    pub name_en: String,
}

/// A layout with its versions.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LayoutWithVersions {
    /// The layout.
    #[serde(flatten)]
    pub layout: Layout,
    /// Its versions, newest last.
    pub versions: Vec<VersionSummary>,
}

/// A version of a layout, without its drawing.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionSummary {
    /// Its id: what a booking is pinned to.
    pub id: LayoutVersionId,
    /// Its number.
    #[schema(example = 1)]
    pub number: i32,
    /// Where it stands; a `retired` one takes no new bookings.
    #[schema(example = "published")]
    pub state: VersionState,
    /// People that it takes at most, before the space's own cap.
    #[schema(example = 80)]
    pub capacity: i32,
    /// Seats, where its purpose has any; else 0.
    #[schema(example = 80)]
    pub seats: i32,
    /// Since when it is published.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T01:00:00Z")]
    pub published_at: Option<Instant>,
    /// Whether new bookings can have it: published, and all its changeover times known.
    #[schema(example = true)]
    pub bookable: bool,
    /// Changeover times to and from the versions that may stand there that are computed.
    #[schema(example = 19)]
    pub times_done: i64,
    /// Those of them that cannot be computed; a version has their reasons in `times_faults`.
    #[schema(example = 0)]
    pub times_failed: i64,
    /// How many such times there are.
    #[schema(example = 19)]
    pub times_total: i64,
    /// Where they stand; null for a draft, and for what cannot stand any more.
    #[schema(example = "known")]
    pub times_state: Option<TimesState>,
    /// Grows with each change of a draft; also in `ETag`.
    #[schema(example = 1)]
    pub revision: i32,
}

/// How many blocks of a type stand in an area.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Need {
    /// The area.
    pub area_id: AreaId,
    /// The block's type.
    #[schema(example = "big")]
    pub block_type: String,
    /// How many.
    #[schema(example = 10)]
    pub count: i32,
}

/// A version of a layout with its drawing.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LayoutVersion {
    /// The version.
    #[serde(flatten)]
    pub version: VersionSummary,
    /// Its layout.
    pub layout: Layout,
    /// Changeovers from it or to it that have no time, the first 20: for as long as there are such, it does not become
    /// bookable. They are tried again when the floor, its block types or its teams change.
    pub times_faults: Vec<ChangeoverFault>,
    /// The areas that it claims.
    pub area_ids: Vec<AreaId>,
    /// The blocks that it takes.
    pub needs: Vec<Need>,
    /// Seats that its purpose asks for.
    #[schema(example = 70)]
    pub seats_required: i32,
    /// Its blocks.
    pub placements: Vec<Placement>,
    /// Where its audience is.
    pub zones: Vec<AudienceZone>,
    /// Its gates.
    pub gates: Vec<Gate>,
}

/// A changeover that has no time.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeoverFault {
    /// The area.
    pub area_id: AreaId,
    /// What stands before.
    pub from_version_id: LayoutVersionId,
    /// What stands after.
    pub to_version_id: LayoutVersionId,
    /// Why.
    #[schema(example = "too_slow")]
    pub reason: TimesFault,
}

/// How long it takes from one version to another, in one area.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeoverTime {
    /// The area.
    pub area_id: AreaId,
    /// What stands before.
    pub from_version_id: LayoutVersionId,
    /// What stands after; the same as before: the plain turnaround.
    pub to_version_id: LayoutVersionId,
    /// Minutes that a crew needs.
    #[schema(example = 45)]
    pub minutes: i32,
    /// Seconds of work, where they were computed.
    #[schema(example = 1735)]
    pub work_s: Option<i32>,
    /// What it really took, where crews have said so.
    pub measured: Option<MeasuredTime>,
}

/// What changeovers really took.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MeasuredTime {
    /// The middle one of all that were measured, in whole minutes, rounded up.
    #[schema(example = 38)]
    pub minutes: i32,
    /// How many were measured.
    #[schema(example = 12)]
    pub count: i64,
}

/// Which times.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimesQuery {
    /// Those from this version only.
    pub from_version_id: Option<LayoutVersionId>,
}

impl From<LayoutRow> for Layout {
    fn from(row: LayoutRow) -> Self {
        Self {
            id: row.id,
            space_id: row.space_id,
            slug: row.slug,
            purpose: row.purpose,
            name_zh: row.name_zh,
            name_en: row.name_en,
        }
    }
}

impl VersionSummary {
    /// A version as it is kept, and how far its times are.
    pub(super) fn new(row: &VersionHead, progress: &[Progress]) -> Self {
        let times = progress.iter().find(|times| times.id == row.id);
        Self {
            id: row.id,
            number: row.number,
            state: row.state,
            capacity: row.capacity,
            seats: row.seats,
            published_at: row.published_at,
            bookable: row.state == VersionState::Published && row.bookable_at.is_some(),
            times_done: times.map_or(0, |times| times.done),
            times_failed: times.map_or(0, |times| times.failed),
            times_total: times.map_or(0, |times| times.total),
            times_state: times.map(Progress::state),
            revision: row.revision,
        }
    }
}

impl From<Fault> for ChangeoverFault {
    fn from(fault: Fault) -> Self {
        Self {
            area_id: fault.area_id,
            from_version_id: fault.from,
            to_version_id: fault.to,
            reason: fault.reason,
        }
    }
}

impl From<NeedRow> for Need {
    fn from(row: NeedRow) -> Self {
        Self {
            area_id: row.area_id,
            block_type: row.block_type,
            count: row.count,
        }
    }
}

impl ChangeoverTime {
    fn new(row: TimeRow, measured: Option<&Measured>) -> Self {
        Self {
            area_id: row.area_id,
            from_version_id: row.from_version_id,
            to_version_id: row.to_version_id,
            minutes: row.minutes,
            work_s: row.work_s,
            measured: measured.map(|of| MeasuredTime {
                minutes: of.minutes,
                count: of.count,
            }),
        }
    }
}

/// The layouts of a space
///
/// With their published and retired versions.
#[utoipa::path(get, path = "/v1/spaces/{id}/layouts", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space"), Paging),
    responses((status = 200, description = "A page of its layouts", body = Vec<LayoutWithVersions>,
        headers(("Link" = String, description = "The next page, if there is one")))))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    id: Path<SpaceId>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let space = store::spaces::space(&conn, *id).await?;
    let mut rows = store::layouts::layouts(&conn, space.id, page.after_id(), page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let ids: Vec<LayoutId> = rows.iter().map(|row| row.id).collect();
    let versions = store::layouts::versions(&conn, &ids, false).await?;
    let progress = store::times::progress(&conn, space.id).await?;
    let items: Vec<LayoutWithVersions> = rows
        .into_iter()
        .map(|row| LayoutWithVersions {
            versions: versions
                .iter()
                .filter(|version| version.layout_id == row.id)
                .map(|version| VersionSummary::new(version, &progress))
                .collect(),
            layout: row.into(),
        })
        .collect();
    Ok(response.json(items))
}

/// A version of a layout
///
/// With its drawing. A draft is seen by administrators; a published version never changes.
#[utoipa::path(get, path = "/v1/layout-versions/{id}", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The version")),
    responses((status = 200, description = "The version", body = LayoutVersion,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn version(
    app: Data<App>,
    caller: MaybeCaller,
    id: Path<LayoutVersionId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let (row, layout) = visible(&conn, caller, *id).await?;
    let etag = ETag(row.revision.into()).header();
    let version = full(&conn, row, layout).await?;
    Ok(HttpResponse::Ok().insert_header(etag).json(version))
}

/// A version with its layout; a draft for administrators alone.
pub async fn visible(
    conn: &AsyncPgConnection,
    caller: MaybeCaller,
    id: LayoutVersionId,
) -> Result<(VersionRow, LayoutRow), Problem> {
    let (row, layout) = store::drafts::any_version(conn, id).await?;
    if row.state == VersionState::Draft {
        let space = store::spaces::space(conn, layout.space_id).await?;
        let caller = caller.0.ok_or_else(|| Problem::new(Kind::NotFound))?;
        Operation::ChangeDraft.admit_to(&caller, &object(space.venue_id, Some(space.id)))?;
    }
    Ok((row, layout))
}

/// A version as it goes over the wire.
pub(super) async fn full(
    conn: &AsyncPgConnection,
    row: VersionRow,
    layout: LayoutRow,
) -> Result<LayoutVersion, Problem> {
    let progress = store::times::progress(conn, layout.space_id).await?;
    let area_ids = store::layouts::version_areas(conn, row.id).await?;
    let needs = store::layouts::version_needs(conn, row.id).await?;
    let version = VersionSummary::new(&VersionHead::from(&row), &progress);
    let faults = match version.times_failed {
        0 => Vec::new(),
        _ => store::times::faults(conn, layout.space_id, row.id, MOST_FAULTS).await?,
    };
    Ok(LayoutVersion {
        version,
        layout: layout.into(),
        times_faults: faults.into_iter().map(ChangeoverFault::from).collect(),
        area_ids,
        needs: needs.into_iter().map(Need::from).collect(),
        seats_required: row.seats_required,
        placements: from_json(row.placements)?,
        zones: from_json(row.zones)?,
        gates: from_json(row.gates)?,
    })
}

/// The changeover times of a space
///
/// For each area and ordered pair of published versions; empty where the space has no floor.
#[utoipa::path(get, path = "/v1/spaces/{id}/changeover-times", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space"), TimesQuery),
    responses((status = 200, description = "The times", body = Vec<ChangeoverTime>)))]
pub async fn changeover_times(
    app: Data<App>,
    id: Path<SpaceId>,
    query: Query<TimesQuery>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let space = store::spaces::space(&conn, *id).await?;
    let areas: Vec<AreaId> = store::spaces::areas(&conn, space.id)
        .await?
        .into_iter()
        .map(|area| area.id)
        .collect();
    let rows = store::layouts::changeover_times(&conn, &areas, query.from_version_id).await?;
    let measured = measured(&conn, &areas).await?;
    let key = |of: &Measured| (of.area_id, of.from_version_id, of.to_version_id);
    let measured: HashMap<_, _> = measured.iter().map(|of| (key(of), of)).collect();
    let item = |row: TimeRow| {
        let of = measured.get(&(row.area_id, row.from_version_id, row.to_version_id));
        ChangeoverTime::new(row, of.copied())
    };
    let items: Vec<ChangeoverTime> = rows.into_iter().map(item).collect();
    Ok(HttpResponse::Ok().json(items))
}
