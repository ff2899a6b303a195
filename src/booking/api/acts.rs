//! Acts on a booking.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::{answer, asked};
use crate::booking::arrival::{self, Late, Longer};
use crate::booking::decide::{self, Declining, GivingUp};
use crate::booking::new_booking::NewBooking;
use crate::booking::request;
use crate::booking::reschedule::{self, Editing, Moving};
use crate::booking::view::BookingView;
use crate::http::problem::Problem;
use crate::http::{App, Body, Fingerprint, IdempotencyKey, IfMatch, MaybeBody, Path};
use crate::id::BookingId;
use crate::identity::Claims;

type Answer = Result<HttpResponse, Problem>;

/// Ask for a slot
///
/// As a hold, a request, or (front desk) a walk-in. Where the policy needs no approval a request is confirmed at once. A
/// refused slot names the reasons and the nearest starts that work.
#[utoipa::path(post, path = "/v1/bookings", tag = "bookings", request_body = NewBooking, params(IdempotencyKey),
    responses((status = 201, description = "Made", body = BookingView)))]
pub async fn create(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    body: Body<NewBooking>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(&app, request::create(&app.db, &asked, &body.value).await)
}

/// Submit a hold
///
/// A hold becomes a request; an offered slot, or one that needs no approval, is confirmed.
#[utoipa::path(post, path = "/v1/bookings/{id}/submit", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn submit(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        request::submit(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Prolong a hold
///
/// Once, by the policy's hold minutes from now.
#[utoipa::path(post, path = "/v1/bookings/{id}/prolong", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn prolong(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        decide::prolong(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Give a hold back
#[utoipa::path(post, path = "/v1/bookings/{id}/release", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn release(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        decide::release(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Approve a request
///
/// The last approval that it needs confirms it. Where requests compete, the slot is taken now: of two that exclude each
/// other one is confirmed, the other gets a 409 that says why.
#[utoipa::path(post, path = "/v1/bookings/{id}/approve", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn approve(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        decide::approve(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Decline a request
///
/// With a reason, possibly with another slot that is held for the requester until they answer.
#[utoipa::path(post, path = "/v1/bookings/{id}/decline", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Declining,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn decline(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Declining>,
) -> Answer {
    answer(
        &app,
        decide::decline(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// Withdraw a request
#[utoipa::path(post, path = "/v1/bookings/{id}/withdraw", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Option<GivingUp>,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn withdraw(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: MaybeBody<GivingUp>,
) -> Answer {
    answer(
        &app,
        decide::withdraw(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// Cancel a booking
///
/// Its requester until the policy's deadline; staff with a reason.
#[utoipa::path(post, path = "/v1/bookings/{id}/cancel", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Option<GivingUp>,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn cancel(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: MaybeBody<GivingUp>,
) -> Answer {
    answer(
        &app,
        decide::cancel(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// Reschedule a booking
///
/// Another time, layout or area, in one atomic act. A confirmed booking that needs approval takes a change request
/// instead; staff move directly.
#[utoipa::path(post, path = "/v1/bookings/{id}/reschedule", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Moving,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn reschedule(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Moving>,
) -> Answer {
    answer(
        &app,
        reschedule::reschedule(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// Change the words of a booking
///
/// Title, needs, contact: no rule about time or place is asked again.
#[utoipa::path(patch, path = "/v1/bookings/{id}", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Editing,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn edit(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Editing>,
) -> Answer {
    answer(
        &app,
        reschedule::edit(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            &body.value,
        )
        .await,
    )
}

/// Check in
///
/// They came; also after a no-show, where the whole slot is still free.
#[utoipa::path(post, path = "/v1/bookings/{id}/check-in", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn check_in(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        arrival::check_in(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Undo a check-in
#[utoipa::path(post, path = "/v1/bookings/{id}/undo-check-in", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn undo_check_in(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        arrival::undo_check_in(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Note a no-show
///
/// They did not come: the rest of the slot is given back.
#[utoipa::path(post, path = "/v1/bookings/{id}/no-show", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn no_show(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        arrival::no_show(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Complete a booking
///
/// Over, at its end or earlier: the rest of the slot is given back.
#[utoipa::path(post, path = "/v1/bookings/{id}/complete", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn complete(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    fingerprint: Fingerprint,
) -> Answer {
    answer(
        &app,
        arrival::complete(&app.db, &asked(claims, key, fingerprint), id.0, &if_match).await,
    )
}

/// Note a late arrival
///
/// They called: the grace time moves.
#[utoipa::path(post, path = "/v1/bookings/{id}/expect-late", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Late,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn expect_late(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Late>,
) -> Answer {
    answer(
        &app,
        arrival::expect_late(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            body.value,
        )
        .await,
    )
}

/// Let a booking run longer
///
/// Checked in, and the time after it is free.
#[utoipa::path(post, path = "/v1/bookings/{id}/extend", tag = "desk", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Longer,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn extend(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Longer>,
) -> Answer {
    answer(
        &app,
        arrival::extend(
            &app.db,
            &asked(claims, key, body.fingerprint),
            id.0,
            &if_match,
            body.value,
        )
        .await,
    )
}
