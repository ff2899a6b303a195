//! Change requests over HTTP.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::lists::seen;
use super::{answer, asked};
use crate::booking::decide::GivingUp;
use crate::booking::reschedule::{self, Moving, Verdict};
use crate::booking::store;
use crate::booking::view::{BookingView, ChangeRequestView};
use crate::http::problem::Problem;
use crate::http::{App, Body, Fingerprint, IdempotencyKey, IfMatch, MaybeBody, Path};
use crate::id::{BookingId, ChangeRequestId};
use crate::identity::{Caller, Claims};
use crate::routes::Operation;

type Answer = Result<HttpResponse, Problem>;

/// Ask for a change
///
/// Of a confirmed booking that needs approval. The old slot stays until an approver makes the move. A second wish
/// replaces the first.
#[utoipa::path(post, path = "/v1/bookings/{id}/change-requests", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Moving,
    responses((status = 201, description = "Filed", body = ChangeRequestView)))]
pub async fn ask(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Moving>,
) -> Answer {
    answer(
        &app,
        reschedule::ask_for_change(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// The change requests of a booking
///
/// Newest first.
#[utoipa::path(get, path = "/v1/bookings/{id}/change-requests", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "All of them", body = Vec<ChangeRequestView>)))]
pub async fn list(app: Data<App>, caller: Caller, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    seen(&app, &conn, &caller, Operation::ListChangeRequests, id.0).await?;
    let wishes = store::change_requests_of(&conn, id.0).await?;
    Ok(HttpResponse::Ok().json(
        wishes
            .iter()
            .map(ChangeRequestView::new)
            .collect::<Vec<_>>(),
    ))
}

/// Accept a change request
///
/// Makes the move, judged against the present.
#[utoipa::path(post, path = "/v1/change-requests/{id}/accept", tag = "bookings", params(("id" = ChangeRequestId, Path, description = "The change request"), IdempotencyKey),
    responses((status = 200, description = "The booking as it is now", body = BookingView)))]
pub async fn accept(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<ChangeRequestId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        reschedule::settle_change(
            &app.db,
            &asked(claims, key, fingerprint),
            id.0,
            Verdict::Accept,
            "",
        )
        .await,
    )
}

/// Decline a change request
///
/// With a reason; the booking stays as it was.
#[utoipa::path(post, path = "/v1/change-requests/{id}/decline", tag = "bookings", params(("id" = ChangeRequestId, Path, description = "The change request"), IdempotencyKey), request_body = GivingUp,
    responses((status = 200, description = "The change request as it is now", body = ChangeRequestView)))]
pub async fn decline(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<ChangeRequestId>,
    body: Body<GivingUp>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(
        &app,
        reschedule::settle_change(&app.db, &asked, id.0, Verdict::Decline, &body.value.reason)
            .await,
    )
}

/// Withdraw a change request
#[utoipa::path(post, path = "/v1/change-requests/{id}/withdraw", tag = "bookings", params(("id" = ChangeRequestId, Path, description = "The change request"), IdempotencyKey), request_body = Option<GivingUp>,
    responses((status = 200, description = "The change request as it is now", body = ChangeRequestView)))]
pub async fn withdraw(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<ChangeRequestId>,
    body: MaybeBody<GivingUp>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(
        &app,
        reschedule::settle_change(&app.db, &asked, id.0, Verdict::Withdraw, &body.value.reason)
            .await,
    )
}
