//! The second factor over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::{self, Spent};
use super::{Typed, recovery_codes, recovery_hash, shown, step};
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body};
use crate::id::UserId;
use crate::identity::account::api::password::prove;
use crate::identity::account::store as accounts;
use crate::identity::api::{announce_end, wait};
use crate::identity::mails::tell;
use crate::identity::throttle::Subjects;
use crate::identity::{Caller, store as sign_ins};
use crate::message::account::{AccountFacts, AccountKind};

/// The account's password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordProof {
    /// The account's password.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    password: String,
}

/// A code of the app.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeInput {
    /// The six digits that the app shows.
    #[schema(example = "492039", max_length = 40)]
    code: String,
}

/// The account's password and a code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FullProof {
    /// The account's password.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    password: String,
    /// The six digits that the app shows, or a recovery code.
    #[schema(example = "492039", max_length = 40)]
    code: String,
}

/// What an app needs; told this once.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewFactor {
    /// The secret in base 32, to be typed in.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same as an address, to be shown as a QR code.
    #[schema(
        example = "otpauth://totp/Mofang:lin%40park.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Mofang"
    )]
    uri: String,
}

/// Recovery codes, each good once instead of the app's code; told this once.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them.
    #[schema(example = json!(["k7mq-p2xd-9fhr-tzb4"]))]
    recovery_codes: Vec<String>,
}

/// Begin a second factor
///
/// Gives the secret to set an authenticator app up with, this once. Signing in takes a code only after the factor was
/// confirmed; beginning again makes a new secret. Takes no idempotency key: the secret is not kept to be told twice.
#[utoipa::path(post, path = "/v1/me/second-factor", tag = "accounts", request_body = PasswordProof,
    responses((status = 201, description = "What the app needs", body = NewFactor)))]
pub async fn begin(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<PasswordProof>,
) -> Result<HttpResponse, Problem> {
    prove(&request, &app, &caller, "password", body.value.password).await?;
    let id = Uuid::now_v7();
    let (secret, uri) = shown(app.keys.seal(), id, &caller.email).map_err(|error| {
        tracing::error!(%error, "a second factor cannot be shown");
        Problem::new(Kind::Internal)
    })?;
    let conn = app.db.conn().await?;
    match store::begin(&conn, caller.user_id, id).await? {
        true => Ok(HttpResponse::Created().json(NewFactor { secret, uri })),
        false => Err(Problem::new(Kind::WrongState)),
    }
}

/// Confirm the second factor
///
/// With a code of the app: from now on signing in takes one. Ends all other sign-ins, gives the recovery codes, this
/// once, and tells the account's address.
#[utoipa::path(post, path = "/v1/me/second-factor/confirm", tag = "accounts", request_body = CodeInput,
    responses((status = 200, description = "The recovery codes", body = RecoveryCodes)))]
pub async fn confirm(
    caller: Caller,
    app: Data<App>,
    body: Body<CodeInput>,
) -> Result<HttpResponse, Problem> {
    let user = caller.user_id;
    let wrong = || Problem::field("code", "wrong_code");
    let codes = change(&app, async |conn| {
        let known = accounts::locked(conn, user).await?;
        let factor = store::factor(conn, user).await?;
        let factor = factor.filter(|factor| !factor.confirmed);
        let factor = factor.ok_or_else(|| Problem::new(Kind::WrongState))?;
        let Typed::Code(code) = Typed::read(&body.code) else {
            return Err(wrong());
        };
        let step = step(app.keys.seal(), factor.id, &code, factor.now).ok_or_else(wrong)?;
        if !store::confirm(conn, factor.id, step).await? {
            return Err(Problem::new(Kind::Conflict));
        }
        sign_ins::sign_out_others(conn, user, caller.sign_in()?, "second_factor").await?;
        let facts = AccountFacts::default();
        let mail = known
            .reader()
            .told(AccountKind::SecondFactorOn, facts, factor.id);
        tell(conn, None, vec![mail]).await?;
        fresh_codes(conn, user).await
    })
    .await?;
    announce_end(&app, user);
    Ok(HttpResponse::Ok().json(codes))
}

/// Make new recovery codes
///
/// The earlier ones are no longer good. Takes no idempotency key: the codes are not kept to be told twice.
#[utoipa::path(post, path = "/v1/me/second-factor/recovery-codes", tag = "accounts", request_body = FullProof,
    responses((status = 201, description = "The recovery codes", body = RecoveryCodes)))]
pub async fn renew_codes(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<FullProof>,
) -> Result<HttpResponse, Problem> {
    let codes = proven(&request, &caller, &app, body.value, async |conn| {
        fresh_codes(conn, caller.user_id).await
    })
    .await?;
    Ok(HttpResponse::Created().json(codes))
}

/// Remove the second factor
///
/// Signing in takes no code any more; the account's address is told. Staff of a venue that wants one lose what their
/// roles allow until they have one again.
#[utoipa::path(post, path = "/v1/me/second-factor/remove", tag = "accounts", request_body = FullProof,
    responses((status = 204, description = "Removed")))]
pub async fn remove(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<FullProof>,
) -> Result<HttpResponse, Problem> {
    proven(&request, &caller, &app, body.value, async |conn| {
        let known = accounts::by_id(conn, caller.user_id).await?;
        let factor = store::factor(conn, caller.user_id).await?;
        store::remove(conn, caller.user_id).await?;
        let about = factor.map_or(caller.user_id.0, |factor| factor.id);
        let mail =
            known
                .reader()
                .told(AccountKind::SecondFactorOff, AccountFacts::default(), about);
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Does what takes the password and a code, both checked and slowed like signing in.
async fn proven<T>(
    request: &HttpRequest,
    caller: &Caller,
    app: &App,
    proof: FullProof,
    act: impl AsyncFnOnce(&AsyncPgConnection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    prove(request, app, caller, "password", proof.password).await?;
    let typed = Typed::read(&proof.code);
    let subjects = Subjects::new(&caller.email.to_lowercase(), None);
    let conn = app.db.conn().await?;
    let counts = sign_ins::failures(&conn, vec![subjects.codes()]).await?;
    drop(conn);
    if let (Typed::Code(_), Some(seconds)) = (&typed, subjects.codes_wait_s(&counts)) {
        return Err(wait(seconds));
    }
    let done = change(app, async |conn| {
        let factor = store::factor(conn, caller.user_id).await?;
        let factor = factor.filter(|factor| factor.confirmed);
        let factor = factor.ok_or_else(|| Problem::new(Kind::WrongState))?;
        let spent = store::spend(conn, app.keys.seal(), caller.user_id, &factor, &typed).await?;
        match spent {
            Spent::No => Ok(None),
            Spent::Code | Spent::Recovery { .. } => act(conn).await.map(Some),
        }
    })
    .await?;
    match done {
        Some(value) => Ok(value),
        None => {
            let conn = app.db.conn().await?;
            sign_ins::record_failure(&conn, vec![subjects.codes()]).await?;
            Err(Problem::field("code", "wrong_code"))
        }
    }
}

async fn fresh_codes(conn: &AsyncPgConnection, user: UserId) -> Result<RecoveryCodes, Problem> {
    let recovery_codes = recovery_codes();
    let hashes = recovery_codes
        .iter()
        .map(|code| recovery_hash(code))
        .collect();
    store::replace_recovery_codes(conn, user, hashes).await?;
    Ok(RecoveryCodes { recovery_codes })
}
