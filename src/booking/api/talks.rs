//! What staff and requesters have to talk about: questions, other slots, and a slot that is needed for something else.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::party::Party;
use super::{answer, asked};
use crate::booking::closing;
use crate::booking::decide::GivingUp;
use crate::booking::offer::{self, Proposing};
use crate::booking::question::{self, Answering, Asking, Question};
use crate::booking::store;
use crate::booking::view::BookingView;
use crate::http::problem::Problem;
use crate::http::{App, Body, IdempotencyKey, IfMatch, Path};
use crate::id::{BookingId, QuestionId};
use crate::identity::Claims;
use crate::routes::Operation;

type Answer = Result<HttpResponse, Problem>;

/// Ask the requester something
///
/// They get a mail; the answer comes to whoever asked, and both are in the booking's history.
#[utoipa::path(post, path = "/v1/bookings/{id}/questions", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Asking,
    responses((status = 201, description = "Asked", body = Question)))]
pub async fn ask(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Asking>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(
        &app,
        question::ask(&app.db, &asked, id.0, &if_match, &body.value).await,
    )
}

/// The questions about a booking
///
/// With their answers, oldest first.
#[utoipa::path(get, path = "/v1/bookings/{id}/questions", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "All of them", body = Vec<Question>)))]
pub async fn questions(app: Data<App>, party: Party, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    party
        .sees(&app, &conn, Operation::ListQuestions, id.0)
        .await?;
    Ok(HttpResponse::Ok().json(store::questions::questions(&conn, id.0).await?))
}

/// Answer a question
///
/// Once. Staff write down what they were told on the phone.
#[utoipa::path(post, path = "/v1/questions/{id}/answer", tag = "bookings", params(("id" = QuestionId, Path, description = "The question"), IdempotencyKey), request_body = Answering,
    responses((status = 200, description = "Answered", body = Question)))]
pub async fn answer_question(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    id: Path<QuestionId>,
    body: Body<Answering>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(
        &app,
        question::answer(&app.db, &asked, id.0, &body.value).await,
    )
}

/// Propose another slot
///
/// It is held for the requester until they answer, two working days say, while the booking stays as it is. Accepting it
/// (`submit` on the hold) moves the booking there, confirmed; refusing it (`release`) leaves the booking where it is.
#[utoipa::path(post, path = "/v1/bookings/{id}/propose", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = Proposing,
    responses((status = 200, description = "The booking as it is now", body = BookingView)))]
pub async fn propose(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<Proposing>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    answer(
        &app,
        offer::propose(&app.db, &asked, id.0, &if_match, &body.value).await,
    )
}

/// Displace a confirmed booking
///
/// For a reason, which its requester is told together with slots that work instead. For a booking that is to take its
/// place at once, `POST /v1/bookings` has `displace_reason`.
#[utoipa::path(post, path = "/v1/bookings/{id}/displace", tag = "bookings", params(("id" = BookingId, Path, description = "The booking"), IdempotencyKey, IfMatch), request_body = GivingUp,
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn displace(
    app: Data<App>,
    claims: Claims,
    key: IdempotencyKey,
    if_match: IfMatch,
    id: Path<BookingId>,
    body: Body<GivingUp>,
) -> Answer {
    let asked = asked(claims, key, body.fingerprint);
    let reason = &body.value.reason;
    answer(
        &app,
        closing::displace_one(&app.db, &asked, id.0, &if_match, reason).await,
    )
}
