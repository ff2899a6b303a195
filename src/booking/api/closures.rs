//! Closures over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::{answer, asked};
use crate::booking::closing::{self, ClosureView, NewClosure};
use crate::booking::store;
use crate::http::page::{Page, Position};
use crate::http::problem::Problem;
use crate::http::{App, Body, Fingerprint, IdempotencyKey, Path, Query};
use crate::id::{ClosureId, SpaceId};
use crate::identity::{Caller, Claims};

type Answer = Result<HttpResponse, Problem>;

/// Close areas for a while
///
/// Over bookings it is refused with their list, or (with `displace`) displaces all of them, with a mail to each. Over
/// anything checked in or begun it is refused.
#[utoipa::path(post, path = "/v1/closures", tag = "closures", params(IdempotencyKey), request_body = NewClosure,
    responses((status = 201, description = "Closed", body = ClosureView)))]
pub async fn create(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    body: Body<NewClosure>,
) -> Answer {
    answer(
        &app,
        closing::close(&app.db, &asked(claims, key, body.fingerprint), &body.value).await,
    )
}

/// Lift a closure
///
/// What is left of it is open again.
#[utoipa::path(post, path = "/v1/closures/{id}/lift", tag = "closures", params(("id" = ClosureId, Path, description = "The closure"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = ClosureView)))]
pub async fn lift(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<ClosureId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        closing::lift(&app.db, &asked(claims, key, fingerprint), id.0).await,
    )
}

/// Which closures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichClosures {
    /// Of this space.
    space_id: SpaceId,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    cursor: Option<String>,
}

/// The closures of a space
///
/// Newest first.
#[utoipa::path(get, path = "/v1/closures", tag = "closures", params(WhichClosures),
    responses((status = 200, description = "A page of them", body = Vec<ClosureView>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    _caller: Caller,
    which: Query<WhichClosures>,
) -> Answer {
    let page = Page::new(which.0.limit, which.0.cursor.as_deref(), false)?;
    let conn = app.db.conn().await?;
    let mut closures =
        store::closures(&conn, which.0.space_id, page.after_id(), page.rows()).await?;
    let mut response = page.response(&request, &mut closures, |closure| {
        Position::of(closure.id.0)
    });
    Ok(response.json(
        closures
            .iter()
            .map(|closure| ClosureView::new(closure, Vec::new()))
            .collect::<Vec<_>>(),
    ))
}
