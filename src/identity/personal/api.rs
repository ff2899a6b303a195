//! Personal data over HTTP: what is stored, one's own, and going.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveTime, Utc};
use futures_util::try_join;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Category, store};
use crate::audit;
use crate::booking::store::{contact, guests, personal as bookings};
use crate::catalogue;
use crate::catalogue::policy::Periods;
use crate::http::idempotency;
use crate::http::language::locale;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem, Reason};
use crate::http::{App, Body, Path};
use crate::id::{UserId, VenueId};
use crate::identity::Caller;
use crate::identity::account::api::password::prove;
use crate::identity::account::{Reader, store as accounts};
use crate::identity::api::announce_end;
use crate::identity::mails::tell;
use crate::identity::organisation::api::members;
use crate::language::text;
use crate::message::account::{AccountFacts, AccountKind};
use crate::message::delivery::Optional;
use crate::message::notification::store as notifications;
use crate::message::{address, personal as messages};
use crate::span::Instant;

/// A kind of personal data that is stored.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonalDataKind {
    /// Its name.
    category: Category,
    /// What it is.
    #[schema(example = "Name, address, telephone number, language, and the password as a hash.")]
    what: String,
    /// What it is for.
    #[schema(example = "So that you can sign in and be reached.")]
    why: String,
    /// For how many days it is kept after it has served its purpose; absent where that is as long as the account.
    #[schema(example = 730)]
    kept_days: Option<u32>,
    /// What becomes of it when the person goes.
    #[schema(example = "Deleted at once.")]
    on_deletion: String,
}

/// Everything that is stored about one.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonalData {
    /// When it was put together.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    at: Instant,
    /// The account: name, address, telephone number, language, choices.
    #[schema(value_type = Object, example = json!({"name": "林雨"}))]
    account: Value,
    /// Memberships in organisations.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    memberships: Value,
    /// Roles in venues.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    roles: Value,
    /// Sign-ins with device and times.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    sign_ins: Value,
    /// Links that were sent.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    links: Value,
    /// Invitations to one's address: of organisations, and of venues.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    invitations: Value,
    /// Tenants for whom one's address speaks by a venue's list.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    tenants: Value,
    /// Keys of programs that one made.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    api_keys: Value,
    /// Bookings that one asked for, or is the contact of.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    bookings: Value,
    /// What one did to bookings.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    history: Value,
    /// Changes that one asked for.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    change_requests: Value,
    /// What staff asked about one's bookings, and the answers.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    questions: Value,
    /// Mails to one, with the facts that they told.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    mails: Value,
    /// What the audit says of one's acts and sign-ins.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    audit: Value,
    /// When staff have read one's data, and where.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    read_by_staff: Value,
}

/// What every room knows of the account itself.
#[derive(Serialize)]
struct Account {
    #[serde(flatten)]
    account: Value,
    #[serde(flatten)]
    address: address::Known,
    digest_at: Option<NaiveTime>,
    notifications_off: Vec<Optional>,
}

/// What is needed to go.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoodbyeInput {
    /// The account's password.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    password: String,
}

/// What is stored about people
///
/// Every kind of personal data: what it is, what for, how long it is kept in this venue, and what becomes of it when the
/// person goes.
#[utoipa::path(get, path = "/v1/venues/{id}/personal-data", tag = "accounts",
    params(("id" = VenueId, Path, description = "The venue")),
    responses((status = 200, description = "All kinds", body = Vec<PersonalDataKind>)))]
pub async fn kinds(
    request: HttpRequest,
    app: Data<App>,
    id: Path<VenueId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let venue = catalogue::store::venues::venue(&conn, *id).await?;
    drop(conn);
    let periods = Periods::of(&venue.policy);
    let locale = locale(&request);
    let kinds: Vec<_> = Category::ALL
        .iter()
        .map(|category| {
            let say = |part| text(locale, &format!("personal-{category}-{part}"), &[]);
            PersonalDataKind {
                category: *category,
                what: say("what"),
                why: say("why"),
                kept_days: match category {
                    Category::Account | Category::Memberships => None,
                    Category::SignIns => Some(periods.sign_ins),
                    Category::Bookings => Some(periods.bookings),
                    Category::Messages => Some(periods.messages),
                    Category::Links => Some(periods.links),
                    Category::Audit => Some(periods.audit),
                    Category::Limits => Some(1),
                },
                on_deletion: say("after"),
            }
        })
        .collect();
    Ok(HttpResponse::Ok().json(kinds))
}

/// Everything that is stored about one
///
/// As JSON, to keep or to take elsewhere. Never a password's hash, a token or a secret.
#[utoipa::path(get, path = "/v1/me/personal-data", tag = "accounts",
    responses((status = 200, description = "All of it", body = PersonalData)))]
pub async fn export(caller: Caller, app: Data<App>) -> Result<HttpResponse, Problem> {
    caller.sign_in()?;
    let conn = app.db.conn().await?;
    let (user, email) = (caller.user_id, &caller.email);
    let (own, booked, mails, wishes, reached, audited) = try_join!(
        store::export(&conn, user),
        bookings::export(&conn, user, email),
        messages::export(&conn, user, email),
        notifications::read(&conn, user),
        address::known(&conn, email),
        audit::store::export(&conn, user),
    )?;
    drop(conn);
    let account = Account {
        account: own.account,
        address: reached,
        digest_at: wishes.digest_at,
        notifications_off: wishes.off,
    };
    Ok(HttpResponse::Ok()
        .insert_header((
            "content-disposition",
            "attachment; filename=\"mofang-personal-data.json\"",
        ))
        .json(PersonalData {
            at: Utc::now(),
            account: json!(account),
            memberships: own.memberships,
            roles: own.roles,
            sign_ins: own.sign_ins,
            links: own.links,
            invitations: own.invitations,
            tenants: own.tenants,
            api_keys: own.api_keys,
            bookings: booked.bookings,
            history: booked.history,
            change_requests: booked.change_requests,
            questions: booked.questions,
            mails,
            audit: audited.audit,
            read_by_staff: audited.read_by_staff,
        }))
}

/// Go
///
/// Deletes the account and everything that says who its person is, at once and for good; what was booked stays as numbers,
/// what staff did stays without a name. Bookings of one's own that are still ahead are given up first (409 names them); an
/// organisation's stay with it, and what others booked with one as the contact stays theirs, with a contact of their own. The
/// last owner of an organisation and the last administrator of a venue hand over first
/// (409). A last mail says that it is done.
#[utoipa::path(post, path = "/v1/me/delete", tag = "accounts", request_body = GoodbyeInput,
    responses((status = 204, description = "Gone")))]
pub async fn delete(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<GoodbyeInput>,
) -> Result<HttpResponse, Problem> {
    caller.sign_in()?;
    prove(&request, &app, &caller, "password", body.value.password).await?;
    let user = caller.user_id;
    change(&app, async |conn| {
        // places, organisations, the account, its bookings: the order of everybody who locks several of them
        guests::lock_places(conn, Some(user), &caller.email).await?;
        let organisations = members::lock_all(conn, &caller).await?;
        let known = accounts::locked(conn, user).await?;
        if known.disabled {
            return Err(Problem::new(Kind::NotSignedIn));
        }
        if known.email != caller.email {
            return Err(Problem::new(Kind::Conflict));
        }
        // what was booked without the account is the person's, too
        guests::claim(conn, user, &known.email).await?;
        let ahead = bookings::ahead(conn, user).await?;
        if !ahead.is_empty() {
            let mut problem =
                Problem::new(Kind::Conflict).because(vec![Reason::new("bookings_ahead")]);
            problem.in_the_way = ahead.into_iter().map(|id| id.0).collect();
            return Err(problem);
        }
        if store::is_last_admin(conn, user).await? {
            return Err(Problem::new(Kind::Conflict).because(vec![Reason::new("last_admin")]));
        }
        members::end_all(conn, &caller, &organisations).await?;
        forget(conn, user, &known.email).await?;
        audit::store::record(conn, Some(user), None, "delete", "user", user.0, &[]).await?;
        let reader = Reader {
            id: None,
            email: known.email.clone(),
            locale: caller.locale,
        };
        let kind = AccountKind::AccountDeleted;
        let mail = reader.told(kind, AccountFacts::default(), user);
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    announce_end(&app, user);
    Ok(HttpResponse::NoContent().finish())
}

async fn forget(
    conn: &diesel_async::AsyncPgConnection,
    user: UserId,
    email: &str,
) -> Result<(), Problem> {
    let own = bookings::own(conn, user, email).await?;
    messages::forget(conn, user, email, &own).await?;
    contact::give_back(conn, user, email).await?;
    bookings::forget(conn, user, email).await?;
    guests::forget(conn, email).await?;
    address::forget(conn, email).await?;
    notifications::forget(conn, user).await?;
    idempotency::forget(conn, user).await?;
    Ok(store::forget(conn, user, email).await?)
}
