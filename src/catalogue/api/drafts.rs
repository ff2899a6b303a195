//! The life of a layout over HTTP: made, drafted, published, retired.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::judging::{DrawingInput, Verdict, drawn, plan_of, violations};
use super::layouts::{Layout, LayoutVersion, VersionSummary, full};
use super::{Made, announce, change, create, given, object, taken};
use crate::audit;
use crate::catalogue::drawing::Written;
use crate::catalogue::floor_plan::FloorPlan;
use crate::catalogue::store;
use crate::catalogue::store::drafts::LayoutChange;
use crate::catalogue::store::layouts::{LayoutRow, VersionRow};
use crate::catalogue::store::spaces::SpaceRow;
use crate::catalogue::{Purpose, VersionState};
use crate::http::caller::MaybeCaller;
use crate::http::etag::{ETag, IfMatch};
use crate::http::language::locale;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, MaybeBody, Path};
use crate::id::{LayoutId, LayoutVersionId, SpaceId};
use crate::identity::Caller;
use crate::routes::Operation;

/// A layout to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutInput {
    /// Its name for programs: small letters, digits and hyphens; it never changes.
    #[schema(
        example = "roadshow-long",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length = 50
    )]
    pub slug: String,
    /// What its blocks are for; it never changes.
    #[schema(example = "roadshow")]
    pub purpose: Purpose,
    /// Its name in Chinese.
    #[schema(example = "园区路演(长舞台)", min_length = 1, max_length = 100)]
    pub name_zh: String,
    /// Its name in English.
    #[schema(example = "Roadshow (long stage)", min_length = 1, max_length = 100)]
    pub name_en: String,
}

/// What to change in a layout; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutPatch {
    /// Its name in Chinese.
    #[schema(example = "园区路演(长舞台)", min_length = 1, max_length = 100)]
    pub name_zh: Option<String>,
    /// Its name in English.
    #[schema(example = "Roadshow (long stage)", min_length = 1, max_length = 100)]
    pub name_en: Option<String>,
}

/// A draft to be made: drawn anew, or as another version is.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    /// The drawing; left out: as `copy_of` is, or empty.
    #[serde(default)]
    pub drawing: Option<DrawingInput>,
    /// A version of the same layout to begin with.
    #[serde(default)]
    pub copy_of: Option<LayoutVersionId>,
}

/// A draft, and what it comes to on its floor.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Draft {
    /// The version.
    #[serde(flatten)]
    pub version: LayoutVersion,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What happens to a version is about its space, and its administrators' to do.
fn admit(operation: Operation, caller: &Caller, space: &SpaceRow) -> Result<(), Problem> {
    operation.admit_to(caller, &object(space.venue_id, Some(space.id)))
}

/// Make a layout
///
/// Without a version yet: draft one, then publish it.
#[utoipa::path(post, path = "/v1/spaces/{id}/layouts", tag = "catalogue", request_body = LayoutInput,
    params(("id" = SpaceId, Path, description = "The space"), IdempotencyKey),
    responses((status = 201, description = "The layout", body = Layout)))]
pub async fn post_layout(
    app: Data<App>,
    caller: Caller,
    id: Path<SpaceId>,
    key: IdempotencyKey,
    input: Body<LayoutInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    checks.slug("slug", &input.slug);
    let name_zh = checks.text("name_zh", &input.name_zh, 1, 100);
    let name_en = checks.text("name_en", &input.name_en, 1, 100);
    checks.done()?;
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let space = store::spaces::space(conn, *id).await?;
        admit(Operation::CreateLayout, &caller, &space)?;
        if space.pool_id.is_none() {
            return Err(Problem::field("slug", "no_floor"));
        }
        let row = LayoutRow {
            id: LayoutId::new(),
            space_id: space.id,
            slug: input.slug.clone(),
            purpose: input.purpose,
            name_zh,
            name_en,
        };
        store::drafts::insert_layout(conn, &row)
            .await
            .map_err(taken("slug"))?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "create",
            "layout",
            row.id.0,
            &[],
        )
        .await?;
        Ok(Made {
            id: row.id.0,
            venue_id: space.venue_id,
            space_id: Some(space.id),
            answer: Layout::from(row),
        })
    })
    .await
}

/// Give a layout other names
#[utoipa::path(patch, path = "/v1/layouts/{id}", tag = "catalogue", request_body = LayoutPatch,
    params(("id" = LayoutId, Path, description = "The layout")),
    responses((status = 200, description = "The layout as it is now", body = Layout)))]
pub async fn patch_layout(
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutId>,
    input: Body<LayoutPatch>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let wanted = LayoutChange {
        name_zh: checks.maybe_text("name_zh", input.name_zh.as_deref(), 1, 100),
        name_en: checks.maybe_text("name_en", input.name_en.as_deref(), 1, 100),
    };
    checks.done()?;
    let fields = given!(input; name_zh, name_en);
    let (row, venue_id) = change(&app, async |conn| {
        let mut row = store::drafts::lock_layout(conn, *id).await?;
        let space = store::spaces::space(conn, row.space_id).await?;
        admit(Operation::ChangeLayout, &caller, &space)?;
        if !fields.is_empty() {
            row = store::drafts::update_layout(conn, *id, &wanted).await?;
            let actor = Some(caller.user_id);
            audit::store::record(
                conn,
                actor,
                Some(space.venue_id),
                "change",
                "layout",
                id.0.0,
                &fields,
            )
            .await?;
        }
        Ok((row, space.venue_id))
    })
    .await?;
    announce(&app, id.0.0, venue_id, Some(row.space_id));
    Ok(HttpResponse::Ok().json(Layout::from(row)))
}

/// The versions of a layout
///
/// Newest last; drafts are seen by administrators.
#[utoipa::path(get, path = "/v1/layouts/{id}/versions", tag = "catalogue",
    params(("id" = LayoutId, Path, description = "The layout")),
    responses((status = 200, description = "Its versions", body = Vec<VersionSummary>)))]
pub async fn versions(
    app: Data<App>,
    caller: MaybeCaller,
    id: Path<LayoutId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let layout = store::drafts::layout(&conn, *id).await?;
    let space = store::spaces::space(&conn, layout.space_id).await?;
    let drafts = caller
        .0
        .is_some_and(|caller| admit(Operation::ChangeDraft, &caller, &space).is_ok());
    let progress = store::times::progress(&conn, space.id).await?;
    let rows = store::layouts::versions(&conn, &[*id], drafts).await?;
    let items: Vec<VersionSummary> = rows
        .iter()
        .map(|row| VersionSummary::new(row, &progress))
        .collect();
    Ok(HttpResponse::Ok().json(items))
}

/// Draft a version
///
/// It may break any rule until it is published; the answer says which.
#[utoipa::path(post, path = "/v1/layouts/{id}/versions", tag = "catalogue", request_body = DraftInput,
    params(("id" = LayoutId, Path, description = "The layout"), IdempotencyKey),
    responses((status = 201, description = "The draft", body = Draft)))]
pub async fn post(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutId>,
    key: IdempotencyKey,
    input: MaybeBody<DraftInput>,
) -> Result<HttpResponse, Problem> {
    let locale = locale(&request);
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let layout = store::drafts::lock_layout(conn, *id).await?;
        let space = store::spaces::space(conn, layout.space_id).await?;
        admit(Operation::CreateDraft, &caller, &space)?;
        let plan = plan_of(conn, space.id, "drawing").await?;
        let written = begun(conn, &layout, &input).await?;
        let judged = plan.judge(&drawn(&written, &plan)?);
        let number = store::drafts::next_number(conn, *id).await?;
        let version = LayoutVersionId::new();
        let of = (layout.id, number);
        let row = store::drafts::insert_draft(conn, version, of, &written, &plan, &judged).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "create",
            "layout_version",
            version.0,
            &[],
        )
        .await?;
        Ok(Made {
            id: version.0,
            venue_id: space.venue_id,
            space_id: Some(space.id),
            answer: Draft {
                version: full(conn, row, layout).await?,
                verdict: Verdict::new(&plan, &judged, locale),
            },
        })
    })
    .await
}

/// What a new draft begins with.
async fn begun(
    conn: &AsyncPgConnection,
    layout: &LayoutRow,
    input: &DraftInput,
) -> Result<Written, Problem> {
    match (&input.drawing, input.copy_of) {
        (Some(_), Some(_)) => Err(Problem::field("copy_of", "drawing_or_copy")),
        (Some(drawing), None) => Ok(drawing.written(layout.purpose)),
        (None, None) => Ok(DrawingInput::default().written(layout.purpose)),
        (None, Some(id)) => match store::drafts::any_version(conn, id).await {
            Ok((row, of)) if of.id == layout.id => {
                Ok(store::drawings::written(layout.purpose, row)?)
            }
            Ok(_) | Err(diesel::result::Error::NotFound) => {
                Err(Problem::field("copy_of", "unknown"))
            }
            Err(error) => Err(error.into()),
        },
    }
}

/// A version that is about to change, with its layout and space; the caller is admitted and has seen its revision.
async fn locked(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: LayoutVersionId,
    if_match: &IfMatch,
) -> Result<(VersionRow, LayoutRow, SpaceRow), Problem> {
    let (row, layout) = store::drafts::lock_version(conn, id).await?;
    let space = store::spaces::space(conn, layout.space_id).await?;
    admit(operation, caller, &space)?;
    if_match.check(ETag(row.revision.into()))?;
    Ok((row, layout, space))
}

fn wrong_state(state: VersionState) -> Problem {
    Problem {
        state: Some(state.as_str()),
        ..Problem::new(Kind::WrongState)
    }
}

/// Draw a draft anew
///
/// All of it. What is published never changes: draft another version.
#[utoipa::path(put, path = "/v1/layout-versions/{id}", tag = "catalogue", request_body = DrawingInput,
    params(("id" = LayoutVersionId, Path, description = "The draft"), IfMatch),
    responses((status = 200, description = "The draft as it is now", body = Draft,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn put(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutVersionId>,
    if_match: IfMatch,
    input: Body<DrawingInput>,
) -> Result<HttpResponse, Problem> {
    let (draft, venue_id) = change(&app, async |conn| {
        let (row, layout, space) =
            locked(conn, &caller, Operation::ChangeDraft, *id, &if_match).await?;
        if row.state != VersionState::Draft {
            return Err(wrong_state(row.state));
        }
        let plan = plan_of(conn, space.id, "placements").await?;
        let written = input.written(layout.purpose);
        let judged = plan.judge(&drawn(&written, &plan)?);
        let row = store::drafts::update_draft(conn, *id, &written, &plan, &judged).await?;
        let actor = Some(caller.user_id);
        let fields = ["placements", "zones", "gates", "seats_required"];
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "change",
            "layout_version",
            id.0.0,
            &fields,
        )
        .await?;
        let draft = Draft {
            version: full(conn, row, layout).await?,
            verdict: Verdict::new(&plan, &judged, locale(&request)),
        };
        Ok((draft, space.venue_id))
    })
    .await?;
    announce(&app, id.0.0, venue_id, Some(draft.version.layout.space_id));
    Ok(HttpResponse::Ok()
        .insert_header(ETag(draft.version.version.revision.into()).header())
        .json(draft))
}

/// Take a draft away
#[utoipa::path(delete, path = "/v1/layout-versions/{id}", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The draft"), IfMatch),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutVersionId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    let space = change(&app, async |conn| {
        let (row, _, space) = locked(conn, &caller, Operation::DeleteDraft, *id, &if_match).await?;
        if row.state != VersionState::Draft {
            return Err(wrong_state(row.state));
        }
        store::drafts::delete_draft(conn, *id).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "delete",
            "layout_version",
            id.0.0,
            &[],
        )
        .await?;
        Ok(space)
    })
    .await?;
    announce(&app, id.0.0, space.venue_id, Some(space.id));
    Ok(HttpResponse::NoContent().finish())
}

/// Publish a draft
///
/// Refused with the rules that it breaks. From now on it never changes; it is bookable once the times to and from all other
/// versions are computed (`times_done` of `times_total`), which happens at once and beside the requests.
#[utoipa::path(post, path = "/v1/layout-versions/{id}/publish", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The draft"), IfMatch),
    responses((status = 200, description = "The version as it is now", body = LayoutVersion,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn publish(
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutVersionId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (version, space) = change(&app, async |conn| {
        let (row, layout, space) =
            locked(conn, &caller, Operation::PublishVersion, *id, &if_match).await?;
        if row.state != VersionState::Draft {
            return Err(wrong_state(row.state));
        }
        // neither the floor nor a block changes its shape until it is published
        store::spaces::hold_floor(conn, space.id).await?;
        let plan = plan_of(conn, space.id, "id").await?;
        publish_judged(conn, &plan, row, layout.purpose).await?;
        let row = store::drafts::publish(conn, *id).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "publish",
            "layout_version",
            id.0.0,
            &[],
        )
        .await?;
        Ok((full(conn, row, layout).await?, space))
    })
    .await?;
    announce(&app, id.0.0, space.venue_id, Some(space.id));
    Ok(HttpResponse::Ok()
        .insert_header(ETag(version.version.revision.into()).header())
        .json(version))
}

/// Judges a draft once more, on the floor as it is now, and keeps what follows from its drawing.
async fn publish_judged(
    conn: &AsyncPgConnection,
    plan: &FloorPlan,
    row: VersionRow,
    purpose: Purpose,
) -> Result<(), Problem> {
    let id = row.id;
    let written = store::drawings::written(purpose, row)?;
    let judged = plan.judge(&drawn(&written, plan)?);
    if !judged.faults.is_empty() {
        return Err(Problem {
            violations: violations(&judged, None),
            ..Problem::new(Kind::LayoutInvalid)
        });
    }
    store::drafts::update_draft(conn, id, &written, plan, &judged).await?;
    Ok(())
}

/// Retire a version
///
/// No new bookings; those that have it keep it.
#[utoipa::path(post, path = "/v1/layout-versions/{id}/retire", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The version"), IfMatch),
    responses((status = 200, description = "The version as it is now", body = LayoutVersion,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn retire(
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutVersionId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (version, space) = change(&app, async |conn| {
        let (_, layout) = store::drafts::any_version(conn, *id).await?;
        let space = store::spaces::space(conn, layout.space_id).await?;
        admit(Operation::RetireVersion, &caller, &space)?;
        // under the lock of the floor's writers: no booking takes it meanwhile
        if let Some(pool_id) = space.pool_id {
            store::pools::lock_pool(conn, pool_id).await?;
        }
        let (row, layout, space) =
            locked(conn, &caller, Operation::RetireVersion, *id, &if_match).await?;
        if row.state != VersionState::Published {
            return Err(wrong_state(row.state));
        }
        store::drafts::retire(conn, &[*id]).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "retire",
            "layout_version",
            id.0.0,
            &[],
        )
        .await?;
        let (row, _) = store::drafts::any_version(conn, *id).await?;
        Ok((full(conn, row, layout).await?, space))
    })
    .await?;
    announce(&app, id.0.0, space.venue_id, Some(space.id));
    Ok(HttpResponse::Ok()
        .insert_header(ETag(version.version.revision.into()).header())
        .json(version))
}
