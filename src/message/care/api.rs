//! Mails over HTTP, for staff.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::{self, Filter, MailRow};
use super::{FailureReason, MailState};
use crate::audit::{self, reading::Read};
use crate::http::notifier::{Change, ChangeKind};
use crate::http::once::{change, once};
use crate::http::page::{Page, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{BookingId, MessageId, UserId, VenueId};
use crate::identity::{Caller, mails};
use crate::message::account::{AccountFacts, AccountKind, AccountMail};
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// Which mails.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this venue; mails of no venue (about accounts) are every venue's.
    venue_id: VenueId,
    /// Where they stand; those that failed, where nothing is said.
    #[param(example = "failed")]
    state: Option<MailState>,
    /// About this booking.
    booking_id: Option<BookingId>,
    /// Only those whose reader was called instead, or only those who were not.
    #[param(example = false)]
    called: Option<bool>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    cursor: Option<String>,
}

/// A mail.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Mail {
    /// Its id: also the left side of its Message-ID.
    id: MessageId,
    /// What it says.
    #[schema(example = "booking_confirmed")]
    kind: String,
    /// Where it stands.
    state: MailState,
    /// The booking that it is about.
    booking_id: Option<BookingId>,
    /// That booking's reference.
    #[schema(example = "KM7D-4RWX")]
    reference: Option<String>,
    /// Whom it is for.
    #[schema(example = "李雷")]
    name: Option<String>,
    /// Where it goes.
    #[schema(example = "lilei@example.com")]
    email: Option<String>,
    /// A number to call instead.
    #[schema(example = "+86 138 0013 8000")]
    phone: Option<String>,
    /// Why it did not arrive.
    reason: Option<FailureReason>,
    /// What the mail server said last.
    #[schema(example = "permanent error (550): 5.1.1 no such person")]
    error: Option<String>,
    /// How often it was tried.
    #[schema(example = 1)]
    tries: i32,
    /// When it was written.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    created_at: Instant,
    /// When the mail server took it.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T06:00:02Z")]
    sent_at: Option<Instant>,
    /// When its reader was called instead.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T07:00:00Z")]
    called_at: Option<Instant>,
    /// By whom.
    called_by: Option<UserId>,
}

impl From<MailRow> for Mail {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            booking_id: row.booking_id,
            reference: row.reference,
            name: row.name,
            email: row.email,
            phone: row.phone,
            reason: row.failure,
            error: row.last_error,
            tries: row.tries,
            created_at: row.created_at,
            sent_at: row.sent_at,
            called_at: row.called_at,
            called_by: row.called_by,
        }
    }
}

/// Where a test mail is sent from.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMailInput {
    /// The venue in whose name it is.
    venue_id: VenueId,
}

/// What authorisation asks of a mail: one of no venue is of the caller's.
fn object(caller: &Caller, row: &MailRow) -> Object {
    let own = || caller.roles.first().map(|role| role.venue_id);
    Object {
        venue_id: row.venue_id.or_else(own).unwrap_or(VenueId(Uuid::nil())),
        space_id: row.space_id,
        user_id: None,
        organisation_id: None,
    }
}

/// Whose data a mail shows.
fn shown(row: &MailRow) -> Option<Uuid> {
    row.recipient_id
        .map(|id| id.0)
        .or_else(|| row.booking_id.map(|id| id.0))
}

/// Mails
///
/// Newest first: where nothing else is said those that did not arrive, with the reason and a number to call.
#[utoipa::path(get, path = "/v1/mails", tag = "desk", params(Which),
    responses((status = 200, description = "A page of them", body = Vec<Mail>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    which: Query<Which>,
) -> Result<HttpResponse, Problem> {
    let which = which.0;
    let reach = Operation::ListMails.reach(&caller, which.venue_id)?;
    let page = Page::new(which.limit, which.cursor.as_deref(), false)?;
    let filter = Filter {
        venue_id: which.venue_id,
        spaces: reach.spaces().map(<[_]>::to_vec),
        state: which.state.unwrap_or(MailState::Failed),
        booking_id: which.booking_id,
        called: which.called,
        before: page.after_id(),
        limit: page.rows(),
    };
    let conn = app.db.conn().await?;
    let mut rows = store::mails(&conn, &filter).await?;
    drop(conn);
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let read = Read::new(&caller, Operation::ListMails, which.venue_id);
    app.readings.note(read.of(rows.iter().filter_map(shown)));
    Ok(response.json(rows.into_iter().map(Mail::from).collect::<Vec<_>>()))
}

/// A mail
#[utoipa::path(get, path = "/v1/mails/{id}", tag = "desk",
    params(("id" = MessageId, Path, description = "The mail")),
    responses((status = 200, description = "As it is now", body = Mail)))]
pub async fn read(
    app: Data<App>,
    caller: Caller,
    id: Path<MessageId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let row = store::mail(&conn, *id).await?;
    drop(conn);
    let object = object(&caller, &row);
    Operation::ReadMail.admit_to(&caller, &object)?;
    let read = Read::new(&caller, Operation::ReadMail, object.venue_id);
    app.readings.note(read.of(shown(&row)));
    Ok(HttpResponse::Ok().json(Mail::from(row)))
}

/// Send a mail again
///
/// One that did not arrive: to the address that the booking or the account has by now. Its link must still be good.
#[utoipa::path(post, path = "/v1/mails/{id}/resend", tag = "desk",
    params(("id" = MessageId, Path, description = "The mail")),
    responses((status = 200, description = "As it is now", body = Mail)))]
pub async fn resend(
    app: Data<App>,
    caller: Caller,
    id: Path<MessageId>,
) -> Result<HttpResponse, Problem> {
    act(&app, &caller, *id, Operation::ResendMail, async |conn| {
        let email = store::way(conn, *id).await?;
        let email = email.ok_or_else(|| Problem::new(Kind::NoWayForMail))?;
        Ok(store::resend(conn, *id, &email, caller.user_id).await?)
    })
    .await
}

/// Its reader was called
///
/// Instead of the mail, and of those about the same booking (or digests) that did not reach the same reader; the task is done.
#[utoipa::path(post, path = "/v1/mails/{id}/called", tag = "desk",
    params(("id" = MessageId, Path, description = "The mail")),
    responses((status = 200, description = "As it is now", body = Mail)))]
pub async fn called(
    app: Data<App>,
    caller: Caller,
    id: Path<MessageId>,
) -> Result<HttpResponse, Problem> {
    act(&app, &caller, *id, Operation::NoteCall, async |conn| {
        Ok(store::called(conn, *id, caller.user_id).await?)
    })
    .await
}

/// What staff do with a mail that failed.
async fn act(
    app: &App,
    caller: &Caller,
    id: MessageId,
    operation: Operation,
    deed: impl AsyncFnOnce(&diesel_async::AsyncPgConnection) -> Result<(), Problem>,
) -> Result<HttpResponse, Problem> {
    let (row, venue_id) = change(app, async |conn| {
        let row = store::locked(conn, id).await?;
        let object = object(caller, &row);
        operation.admit_to(caller, &object)?;
        if row.state != MailState::Failed {
            return Err(Problem {
                state: Some(row.state.as_str()),
                ..Problem::new(Kind::WrongState)
            });
        }
        deed(conn).await?;
        let (actor, venue) = (Some(caller.user_id), Some(object.venue_id));
        let action = match operation {
            Operation::ResendMail => "resend",
            _ => "call",
        };
        audit::store::record(conn, actor, venue, action, "mail", id.0, &[]).await?;
        Ok((store::mail(conn, id).await?, object.venue_id))
    })
    .await?;
    app.notifier.notify(Change {
        kind: ChangeKind::Message,
        id: Some(id.0),
        venue_id: Some(venue_id),
        space_id: None,
    });
    Ok(HttpResponse::Ok().json(Mail::from(row)))
}

/// Send a test mail
///
/// To the caller's own address: whether it arrived is seen at `GET /v1/mails/{id}`, and in the mailbox.
#[utoipa::path(post, path = "/v1/test-mails", tag = "desk", request_body = TestMailInput, params(IdempotencyKey),
    responses((status = 201, description = "It is on its way", body = Mail)))]
pub async fn test(
    app: Data<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<TestMailInput>,
) -> Result<HttpResponse, Problem> {
    let venue_id = body.venue_id;
    Operation::SendTestMail.admit_to(&caller, &Object::of_venue(venue_id))?;
    let (status, fingerprint) = (StatusCode::CREATED, &body.fingerprint);
    let done = once(
        &app,
        caller.user_id,
        &key,
        fingerprint,
        status,
        async |conn| {
            let mail = AccountMail {
                kind: AccountKind::TestMail,
                recipient_id: Some(caller.user_id),
                email: caller.email.clone(),
                locale: caller.locale,
                facts: AccountFacts::done_by(caller.user_id, &caller.name),
                dedupe_key: format!("test_mail:{}", Uuid::now_v7()),
            };
            let dedupe_key = mail.dedupe_key.clone();
            mails::tell(conn, Some(venue_id), vec![mail]).await?;
            let id = store::id_of(conn, &dedupe_key).await?;
            let (actor, venue) = (Some(caller.user_id), Some(venue_id));
            audit::store::record(conn, actor, venue, "send_test", "mail", id.0, &[]).await?;
            Ok((Mail::from(store::mail(conn, id).await?), ()))
        },
    )
    .await?;
    Ok(done.response)
}
