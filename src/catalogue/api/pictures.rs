//! Pictures of layout versions over HTTP.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::layouts::visible;
use crate::catalogue::pictures::{Pictures, View, Wanted};
use crate::catalogue::{VersionState, store};
use crate::http::caller::MaybeCaller;
use crate::http::language::locale;
use crate::http::picture::Keep;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Path};
use crate::id::LayoutVersionId;

/// The plan of a version
///
/// The floor from above, with a legend; title and description inside, in the caller's language. Light and dark by the
/// viewer's setting, print always light. A draft is seen by administrators.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/plan.svg", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The version")),
    responses((status = 200, description = "The plan", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn plan(
    request: HttpRequest,
    app: Data<App>,
    caller: MaybeCaller,
    id: Path<LayoutVersionId>,
) -> Result<HttpResponse, Problem> {
    picture(&request, &app, caller, *id, View::Plan).await
}

/// The isometric view of a version
///
/// In three dimensions, seen from above the south-east corner; else like the plan.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/isometric.svg", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The version")),
    responses((status = 200, description = "The view", content_type = "image/svg+xml", body = String),
        (status = 304, description = "The caller has it already")))]
pub async fn isometric(
    request: HttpRequest,
    app: Data<App>,
    caller: MaybeCaller,
    id: Path<LayoutVersionId>,
) -> Result<HttpResponse, Problem> {
    picture(&request, &app, caller, *id, View::Isometric).await
}

async fn picture(
    request: &HttpRequest,
    app: &App,
    caller: MaybeCaller,
    id: LayoutVersionId,
    view: View,
) -> Result<HttpResponse, Problem> {
    let locale = locale(request);
    let conn = app.db.conn().await?;
    let (version, layout) = visible(&conn, caller, id).await?;
    let drawing = store::drawing(&conn, id).await?;
    drop(conn);
    let wanted = Wanted {
        drawing,
        title: locale.pick(&layout.name_zh, &layout.name_en).to_owned(),
        view,
        locale,
    };
    let pictures = app.db.remembered::<Pictures>();
    let picture = match pictures.known(&wanted) {
        Some(picture) => picture,
        None => {
            let drawn = web::block(move || (wanted.drawn(), wanted));
            let (picture, wanted) = drawn.await.map_err(|_| Problem::new(Kind::Unavailable))?;
            pictures.remember(wanted, picture.clone());
            picture
        }
    };
    let keep = match version.state {
        VersionState::Draft => Keep::AskAgain,
        VersionState::Published | VersionState::Retired => Keep::ForADay,
    };
    Ok(picture.answer(request, keep))
}
