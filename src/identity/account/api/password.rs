//! Another password: by its owner who knows the old one, or by mail.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::AddressInput;
use crate::http::checks::Checks;
use crate::http::evenly::Evenly;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body};
use crate::identity::account::{checked_email, store};
use crate::identity::api::{SignedIn, address, announce_end, continued, device, wait};
use crate::identity::link::{self, NewLink, Purpose};
use crate::identity::mails::tell;
use crate::identity::password::{self, Check};
use crate::identity::throttle::Subjects;
use crate::identity::token::{digest, secret};
use crate::identity::{Caller, store as sign_ins};
use crate::message::account::{AccountFacts, AccountKind};

/// Another password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    /// The password until now.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    current_password: String,
    /// The new one: 12 to 128 characters, of any kind, but none that many people have.
    #[schema(example = "sunlight under the bridge", format = Password, min_length = 12, max_length = 128)]
    new_password: String,
}

/// A new password by mail.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetInput {
    /// What stands behind `#token=` in the link of the mail.
    #[schema(
        example = "h3Q4yYk0u0b9m1m3o4mX1Qe5Zx8o0y2b7cVvWq6tR5s",
        max_length = 200
    )]
    token: String,
    /// The new password: 12 to 128 characters, of any kind, but none that many people have.
    #[schema(example = "sunlight under the bridge", format = Password, min_length = 12, max_length = 128)]
    password: String,
}

/// Checks that the caller knows the account's password, slowed like signing in; gives its hash.
pub async fn prove(
    request: &HttpRequest,
    app: &App,
    caller: &Caller,
    field: &'static str,
    typed: String,
) -> Result<String, Problem> {
    let email = caller.email.to_lowercase();
    let subjects = Subjects::new(&email, address(request, app));
    let turn = password::turn().await?;
    let conn = app.db.conn().await?;
    let counts = sign_ins::failures(&conn, subjects.all()).await?;
    let known = store::by_email(&conn, &email).await?;
    drop(conn);
    if let Some(seconds) = subjects.wait_s(&counts) {
        return Err(wait(seconds));
    }
    let known = known.filter(|known| known.id == caller.user_id);
    let known = known.ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    let check = password::check(typed, Some(known.password_hash.clone())).await?;
    if check == Check::Wrong {
        let conn = app.db.conn().await?;
        sign_ins::record_failure(&conn, subjects.all()).await?;
        return Err(Problem::field(field, "wrong_password"));
    }
    drop(turn);
    Ok(known.password_hash)
}

/// Change the password
///
/// Ends every sign-in of the account at once, this one too: the answer carries a new one, as tokens or, for a browser,
/// as cookies. Open links to reset the password or change the address are void. The account's address is told. Takes
/// no idempotency key: tokens are never stored, so they cannot be told twice.
#[utoipa::path(put, path = "/v1/me/password", tag = "accounts", request_body = PasswordInput,
    responses((status = 200, description = "Changed; the new sign-in", body = SignedIn)))]
pub async fn put(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<PasswordInput>,
) -> Result<HttpResponse, Problem> {
    let input = body.value;
    password::accept(
        "new_password",
        &input.new_password,
        &caller.email,
        &caller.name,
    )?;
    let old = prove(
        &request,
        &app,
        &caller,
        "current_password",
        input.current_password,
    )
    .await?;
    let hash = password::hash(input.new_password).await?;
    let token = secret();
    let stands = change(&app, async |conn| {
        let known = store::locked(conn, caller.user_id).await?;
        if !store::set_password(conn, known.id, &old, &hash).await? {
            return Err(Problem::new(Kind::Conflict));
        }
        sign_ins::sign_out(conn, known.id, None, "password_changed").await?;
        link::void(conn, known.id).await?;
        let stands = sign_ins::continued(conn, known.id, &device(&request), digest(&token)).await?;
        let facts = AccountFacts::default();
        let about = stands.sign_in_id.0;
        let mail = known
            .reader()
            .told(AccountKind::PasswordChanged, facts, about);
        tell(conn, None, vec![mail]).await?;
        Ok(stands)
    })
    .await?;
    announce_end(&app, caller.user_id);
    continued(&request, &app, &stands, token).await
}

/// Ask for a new password
///
/// A mail with a link goes to the address, if it has an account; the link is good for an hour. The answer is the same,
/// and takes the same time, whether or not it has one; at most five mails an hour go to an address.
#[utoipa::path(post, path = "/v1/password-resets", tag = "accounts", request_body = AddressInput,
    responses((status = 202, description = "A mail is on its way, if the address has an account")))]
pub async fn ask(app: Data<App>, body: Body<AddressInput>) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &body.email);
    checks.done()?;
    let evenly = Evenly::begin();
    change(&app, async |conn| {
        let known = store::by_email(conn, &email).await?;
        let known = known.filter(|known| !known.disabled);
        // a link that nobody gets is written where there is no account, so that both cost the same
        let link = NewLink::new(Purpose::Reset, &email, known.as_ref().map(|known| known.id));
        if !link::add(conn, &link, app.keys.seal()).await? {
            return Ok(());
        }
        let Some(known) = known else {
            return Ok(());
        };
        let mail = known.reader().with_link(AccountKind::ResetPassword, &link);
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    evenly.wait().await;
    Ok(HttpResponse::Accepted().finish())
}

/// Choose a new password
///
/// With the token of the mail's link. Ends every sign-in of the account at once; a second factor stays. The account's
/// address is told. A link is good once, and the others are void then.
#[utoipa::path(post, path = "/v1/password-resets/complete", tag = "accounts", request_body = ResetInput,
    responses((status = 204, description = "One can sign in with the new password")))]
pub async fn complete(app: Data<App>, body: Body<ResetInput>) -> Result<HttpResponse, Problem> {
    let input = body.value;
    let conn = app.db.conn().await?;
    let link = link::follow(&conn, Purpose::Reset, &input.token).await?;
    let user_id = link.user_id.ok_or_else(link::not_valid)?;
    let known = store::by_id(&conn, user_id).await?;
    drop(conn);
    password::accept("password", &input.password, &known.email, &known.name)?;
    let turn = password::turn().await?;
    let hash = password::hash(input.password).await?;
    drop(turn);
    change(&app, async |conn| {
        let known = store::locked(conn, user_id).await?;
        link::take(conn, &link).await?;
        if !store::set_password(conn, user_id, &known.password_hash, &hash).await? {
            return Err(link::not_valid());
        }
        sign_ins::sign_out(conn, user_id, None, "password_changed").await?;
        link::void(conn, user_id).await?;
        let facts = AccountFacts::default();
        let mail = known
            .reader()
            .told(AccountKind::PasswordChanged, facts, link.id);
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    announce_end(&app, user_id);
    Ok(HttpResponse::NoContent().finish())
}
