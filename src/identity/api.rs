//! Signing in and out over HTTP, and who is signed in.

use actix_web::http::header::USER_AGENT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::account::store as accounts;
use super::attempt::Attempt;
use super::callers;
use super::password::{self, Check};
use super::second_factor::Typed;
use super::second_factor::store as factors;
use super::store::{self, MembershipRow, Stands};
use super::throttle::Subjects;
use super::token::{ACCESS_SECONDS, AccessClaims, Claims, digest, secret};
use super::{Caller, MemberRole, Role};
pub(super) use crate::http::caller::address;
use crate::http::caller::by_cookie;
use crate::http::cookie::{Jar, check_csrf};
use crate::http::evenly::Evenly;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Body, MaybeBody};
use crate::id::{OrganisationId, SpaceId, UserId, VenueId};
use crate::language::Locale;

/// What a sign-in asks for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInInput {
    /// The account's e-mail address, in any case.
    #[schema(example = "lin@park.example", max_length = 254)]
    email: String,
    /// The account's password.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    password: String,
    /// Where the account has a second factor: the six digits that the app shows, or a recovery code.
    #[serde(default)]
    #[schema(example = "492039", max_length = 40)]
    code: Option<String>,
    /// For browsers: the tokens come as `HttpOnly` cookies instead of in the answer.
    #[serde(default)]
    #[schema(example = false, default = false)]
    cookies: bool,
}

/// What a refresh asks for.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshInput {
    /// The refresh token; left out by browsers, which send it as a cookie.
    #[schema(example = "h3Q4yYk0u0b9m1m3o4mX1Qe5Zx8o0y2b7cVvWq6tR5s")]
    refresh_token: Option<String>,
}

/// A sign-in's tokens.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedIn {
    /// What to send as `Authorization: Bearer …`; not here when it came as a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOTkifQ.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl")]
    pub access_token: Option<String>,
    /// What to swap for fresh tokens, once; not here when it came as a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "h3Q4yYk0u0b9m1m3o4mX1Qe5Zx8o0y2b7cVvWq6tR5s")]
    pub refresh_token: Option<String>,
    /// Seconds for which the access token is good.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Who is signed in.
    pub user: Me,
}

/// Who is signed in.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Me {
    /// The user.
    pub id: UserId,
    /// Their e-mail address.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// Their name.
    #[schema(example = "林雨")]
    pub name: String,
    /// Their telephone number.
    #[schema(example = "+86 21 5555 0100")]
    pub phone: Option<String>,
    /// Their language.
    pub locale: Locale,
    /// Whether the address is known to be theirs.
    #[schema(example = true)]
    pub verified: bool,
    /// Whether signing in takes a code.
    #[schema(example = false)]
    pub second_factor: bool,
    /// Whether a venue where they are staff wants that: until then their roles there do not count and are not listed.
    #[schema(example = false)]
    pub second_factor_wanted: bool,
    /// What they are in organisations.
    pub memberships: Vec<MembershipBody>,
    /// What they are to the venue.
    pub roles: Vec<RoleBody>,
}

/// A user in an organisation.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Membership)]
pub struct MembershipBody {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "矩阵机器人有限公司")]
    pub organisation_name: String,
    /// `enterprise`, `residents_committee`, `public_body` or `association`.
    #[schema(example = "enterprise")]
    pub organisation_kind: String,
    /// Whether staff have verified it.
    #[schema(example = true)]
    pub organisation_verified: bool,
    /// What the user may do for it.
    pub role: MemberRole,
}

impl MembershipBody {
    pub(super) fn new(row: MembershipRow) -> Option<Self> {
        Some(Self {
            organisation_id: row.organisation_id,
            organisation_name: row.name,
            organisation_kind: row.kind,
            organisation_verified: row.verified,
            role: MemberRole::from_name(&row.role)?,
        })
    }
}

/// A staff role and where it holds.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StaffRole)]
pub struct RoleBody {
    /// What the user may do.
    pub role: Role,
    /// In which venue.
    pub venue_id: VenueId,
    /// In which of its spaces; in all where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_id: Option<SpaceId>,
}

/// Sign in
///
/// With e-mail address and password. The answer is the same, and takes the same time, whether the password is wrong or
/// there is no such account. Too many failures make further tries from the same address wait (429). An account with a
/// second factor wants a code as well: without one the answer is a 401 of the type `second-factor-needed`. Takes no
/// idempotency key: tokens are never stored, so they cannot be told twice.
#[utoipa::path(post, path = "/v1/sign-ins", tag = "sign-in", request_body = SignInInput,
    responses((status = 201, description = "Signed in", body = SignedIn)))]
pub async fn sign_in(
    request: HttpRequest,
    app: Data<App>,
    body: Body<SignInInput>,
) -> Result<HttpResponse, Problem> {
    let input = body.value;
    let email = input.email.trim().to_lowercase();
    check_lengths(&email, &input.password)?;
    let subjects = Subjects::new(&email, address(&request, &app));
    refuse_while_waiting(&app, &subjects).await?;

    let evenly = Evenly::begin();
    // from here to the record of the outcome one at a time a core: see `password::turn`
    let turn = password::turn().await?;
    let conn = app.db.conn().await?;
    let (counts, account) = tokio::try_join!(
        store::failures(&conn, subjects.asked()),
        accounts::by_email(&conn, &email)
    )?;
    drop(conn);
    if let Some(seconds) = subjects.wait_s(&counts) {
        return Err(wait(seconds));
    }
    let account = account.filter(|account| !account.disabled);
    let stored = account
        .as_ref()
        .map(|account| account.password_hash.clone());
    let check = password::check(input.password.clone(), stored).await?;
    let outcome = match (&account, check) {
        (Some(account), Check::Right | Check::RightButWeak) => {
            let attempt = Attempt {
                account,
                subjects: &subjects,
                counts: &counts,
                code: input.code.as_deref().map(Typed::read),
            };
            attempt.make(&request, &app).await?
        }
        _ => {
            let conn = app.db.conn().await?;
            store::record_failure(&conn, subjects.all()).await?;
            Err(Problem::new(Kind::SignInFailed))
        }
    };
    drop(turn);
    tokio::time::sleep(subjects.delay(&counts)).await;
    let (stands, refresh_token) = match outcome {
        Ok(made) => made,
        Err(problem) => {
            evenly.wait().await;
            return Err(problem);
        }
    };
    if let (Check::RightButWeak, Some(account)) = (check, account) {
        let hash = password::hash(input.password).await?;
        let conn = app.db.conn().await?;
        store::rehash(&conn, account.id, &account.password_hash, &hash).await?;
    }
    let mut response = HttpResponse::Created();
    answer(
        &app,
        &mut response,
        &stands,
        refresh_token,
        input.cookies.then(secret),
    )
    .await
}

fn check_lengths(email: &str, password: &str) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if email.is_empty() {
        errors.push(FieldError::new("email", "required"));
    } else if email.chars().count() > 254 {
        errors.push(FieldError::too_long("email", 254));
    }
    if password.is_empty() {
        errors.push(FieldError::new("password", "required"));
    } else if password.chars().count() > password::MAX_CHARS {
        errors.push(FieldError::too_long("password", 128));
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(errors)),
    }
}

pub(super) fn wait(seconds: u64) -> Problem {
    Problem {
        retry_after_s: Some(seconds),
        ..Problem::new(Kind::TooManyRequests)
    }
}

/// Who has to wait anyhow does not queue for a turn.
async fn refuse_while_waiting(app: &App, subjects: &Subjects) -> Result<(), Problem> {
    let conn = app.db.conn().await?;
    let counts = store::failures(&conn, subjects.all()).await?;
    match subjects.wait_s(&counts) {
        Some(seconds) => Err(wait(seconds)),
        None => Ok(()),
    }
}

/// What the client's device says it is, at most 200 characters of it.
pub(super) fn device(request: &HttpRequest) -> String {
    request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}

/// The tokens of a sign-in: in the answer, or, with a value for the CSRF cookie, as cookies.
async fn answer(
    app: &App,
    response: &mut HttpResponseBuilder,
    stands: &Stands,
    refresh_token: String,
    csrf: Option<String>,
) -> Result<HttpResponse, Problem> {
    let claims = AccessClaims::new(
        stands.user_id,
        stands.sign_in_id,
        stands.now + ACCESS_SECONDS,
    );
    let access_token = app.keys.sign(&claims).map_err(|error| {
        tracing::error!(%error, "signing a token");
        Problem::new(Kind::Internal)
    })?;
    let conn = app.db.conn().await?;
    let caller = callers::caller(&conn, &Claims::SignIn(claims))
        .await?
        .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    let user = describe(&conn, caller).await?;
    drop(conn);
    let https = app.settings.https;
    let (access_token, refresh_token) = if let Some(csrf) = csrf {
        response.cookie(Jar::Access.set(access_token, https));
        response.cookie(Jar::Refresh.set(refresh_token, https));
        response.cookie(Jar::Csrf.set(csrf, https));
        (None, None)
    } else {
        (Some(access_token), Some(refresh_token))
    };
    Ok(response.json(SignedIn {
        access_token,
        refresh_token,
        expires_in: ACCESS_SECONDS,
        user,
    }))
}

/// The tokens of a sign-in that replaces the caller's: they come the way in which the caller's came.
pub(super) async fn continued(
    request: &HttpRequest,
    app: &App,
    stands: &Stands,
    refresh_token: String,
) -> Result<HttpResponse, Problem> {
    let csrf = by_cookie(request, app.settings.https).then(secret);
    answer(app, &mut HttpResponse::Ok(), stands, refresh_token, csrf).await
}

/// Swap a refresh token for fresh tokens
///
/// Each refresh token can be used once. Of two requests that race with the same one, one gets the tokens and the other,
/// within ten seconds, a 409 that changes nothing: use what the first was given. One that comes back later is in two
/// hands, and the whole sign-in ends. A browser sends its cookies and `X-CSRF-Token`, and gets new cookies.
#[utoipa::path(post, path = "/v1/sign-ins/refresh", tag = "sign-in", request_body = Option<RefreshInput>,
    responses(
        (status = 200, description = "Fresh tokens", body = SignedIn),
        (status = 403, description = "The CSRF header is missing", body = crate::http::problem::Body, content_type = "application/problem+json"),
        (status = 409, description = "Another request has just used this token: use its answer", body = crate::http::problem::Body, content_type = "application/problem+json"),
    ))]
pub async fn refresh(
    request: HttpRequest,
    app: Data<App>,
    body: MaybeBody<RefreshInput>,
) -> Result<HttpResponse, Problem> {
    let https = app.settings.https;
    let (token, csrf) = match body.value.refresh_token {
        Some(token) => (token, None),
        None => {
            let token = Jar::Refresh
                .read(&request, https)
                .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
            check_csrf(&request, https)?;
            // it stays as it is: requests on their way carry it
            (token, Jar::Csrf.read(&request, https))
        }
    };
    let next = secret();
    let conn = app.db.conn().await?;
    let refreshed = store::refresh(&conn, digest(&token), digest(&next)).await?;
    let Some(stands) = refreshed else {
        let refused = store::refused(&conn, digest(&token)).await?;
        drop(conn);
        return Err(match refused {
            Some(refused) if refused.used && refused.stood && refused.just_now => {
                Problem::new(Kind::Conflict)
            }
            Some(refused) if refused.used && refused.stood => {
                tracing::warn!(sign_in = %refused.sign_in_id, "a used refresh token came back: the sign-in ends");
                announce_end(&app, refused.user_id);
                Problem::new(Kind::NotSignedIn)
            }
            _ => Problem::new(Kind::NotSignedIn),
        });
    };
    drop(conn);
    answer(&app, &mut HttpResponse::Ok(), &stands, next, csrf).await
}

pub(super) fn announce_end(app: &App, user: UserId) {
    app.notifier.notify(Change {
        kind: ChangeKind::SignIn,
        id: Some(user.0),
        venue_id: None,
        space_id: None,
    });
}

/// Sign out
///
/// Ends this sign-in at once, with all its tokens.
#[utoipa::path(delete, path = "/v1/sign-ins/current", tag = "sign-in",
    responses((status = 204, description = "Signed out")))]
pub async fn sign_out(caller: Caller, app: Data<App>) -> Result<HttpResponse, Problem> {
    end(&caller, &app, false).await
}

/// Sign out everywhere
///
/// Ends all sign-ins of the caller at once, this one too.
#[utoipa::path(delete, path = "/v1/sign-ins", tag = "sign-in",
    responses((status = 204, description = "Signed out everywhere")))]
pub async fn sign_out_everywhere(caller: Caller, app: Data<App>) -> Result<HttpResponse, Problem> {
    end(&caller, &app, true).await
}

async fn end(caller: &Caller, app: &App, everywhere: bool) -> Result<HttpResponse, Problem> {
    let only = (!everywhere).then_some(caller.sign_in()?);
    let conn = app.db.conn().await?;
    store::sign_out(&conn, caller.user_id, only, "signed_out").await?;
    drop(conn);
    announce_end(app, caller.user_id);
    let mut response = HttpResponse::NoContent();
    for jar in Jar::ALL {
        response.cookie(jar.clear(app.settings.https));
    }
    Ok(response.finish())
}

/// Who is signed in
///
/// The user, what they are in organisations, and their staff roles, as they stand now.
#[utoipa::path(get, path = "/v1/me", tag = "sign-in",
    responses((status = 200, description = "The caller", body = Me)))]
pub async fn me(caller: Caller, app: Data<App>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    Ok(HttpResponse::Ok().json(describe(&conn, caller).await?))
}

pub(super) async fn describe(conn: &AsyncPgConnection, caller: Caller) -> Result<Me, Problem> {
    let (memberships, standing) = tokio::try_join!(
        store::memberships(conn, caller.user_id),
        factors::standing(conn, caller.user_id)
    )?;
    Ok(Me {
        second_factor: standing.enabled,
        second_factor_wanted: standing.wanted && !standing.enabled,
        id: caller.user_id,
        email: caller.email,
        name: caller.name,
        phone: caller.phone,
        locale: caller.locale,
        verified: caller.verified,
        memberships: memberships
            .into_iter()
            .filter_map(MembershipBody::new)
            .collect(),
        roles: caller
            .roles
            .into_iter()
            .map(|own| RoleBody {
                role: own.role,
                venue_id: own.venue_id,
                space_id: own.space_id,
            })
            .collect(),
    })
}
