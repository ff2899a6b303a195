//! Keys over HTTP, for people: no key reaches this.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::store::{self, ApiKeyRow, NewKey};
use super::{PREFIX, Scope};
use crate::audit;
use crate::booking::store::clock;
use crate::http::checks::Checks;
use crate::http::once::change;
use crate::http::page::{Page, Position};
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Body, Path, Query};
use crate::id::{ApiKeyId, OrganisationId, UserId, VenueId};
use crate::identity::Caller;
use crate::identity::organisation::store as organisations;
use crate::identity::token::{digest, secret};
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// A key of a program.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    #[schema(example = "门厅显示屏")]
    pub name: String,
    /// The venue that it acts in.
    pub venue_id: VenueId,
    /// The organisation that it acts for; the venue's staff where there is none.
    pub organisation_id: Option<OrganisationId>,
    /// Who made it, and under whose name it acts.
    pub made_by: UserId,
    /// What it may be used for.
    #[schema(example = json!(["bookings:read", "bookings:write"]))]
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// Until when it is good; until it is revoked where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-11-24T06:00:00Z")]
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-25T08:00:00Z")]
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-24T06:00:00Z")]
    pub revoked_at: Option<Instant>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            venue_id: row.venue_id,
            organisation_id: row.organisation_id,
            made_by: row.made_by,
            scopes: row.scopes,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A key that was just made.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewApiKey {
    /// What to send as `Authorization: Bearer …`; told this once.
    #[schema(example = "mfk_h3Q4yYk0u0b9m1m3o4mX1Qe5Zx8o0y2b7cVvWq6tR5s")]
    pub key: String,
    /// The rest of it.
    #[serde(flatten)]
    pub about: ApiKey,
}

/// A key to be made: for an organisation or for a venue.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyInput {
    /// What it is for.
    #[schema(example = "门厅显示屏", min_length = 1, max_length = 100)]
    name: String,
    /// The organisation that it acts for: the caller is one of its owners.
    #[serde(default)]
    organisation_id: Option<OrganisationId>,
    /// The venue that it acts for: the caller is one of its administrators.
    #[serde(default)]
    venue_id: Option<VenueId>,
    /// What it may be used for.
    #[schema(example = json!(["bookings:read", "bookings:write"]), min_items = 1, max_items = 6)]
    scopes: Vec<Scope>,
    /// Until when it is good; until it is revoked where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-11-24T06:00:00Z")]
    expires_at: Option<Instant>,
}

/// Whose keys: an organisation's, or all of a venue.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this organisation.
    organisation_id: Option<OrganisationId>,
    /// Of this venue, its organisations' included.
    venue_id: Option<VenueId>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    cursor: Option<String>,
}

/// Whose a key is, as authorisation asks.
async fn owner(
    conn: &AsyncPgConnection,
    organisation_id: Option<OrganisationId>,
    venue_id: Option<VenueId>,
) -> Result<Object, Problem> {
    match (organisation_id, venue_id) {
        (Some(id), None) => Ok(Object {
            organisation_id: Some(id),
            ..Object::of_venue(organisations::organisation(conn, id).await?.venue_id)
        }),
        (None, Some(venue_id)) => Ok(Object::of_venue(venue_id)),
        _ => Err(Problem::field("organisation_id", "one_of_two")),
    }
}

/// Make a key
///
/// For an organisation by one of its owners, for a venue by one of its administrators. The key is told this once; it
/// acts under its maker's name, within its scopes, until it expires, is revoked, or its maker loses the role. Takes no
/// idempotency key: the key is not kept to be told twice.
#[utoipa::path(post, path = "/v1/api-keys", tag = "api-keys", request_body = ApiKeyInput,
    responses((status = 201, description = "The key", body = NewApiKey)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    body: Body<ApiKeyInput>,
) -> Result<HttpResponse, Problem> {
    let input = body.value;
    let mut checks = Checks::default();
    let name = checks.text("name", &input.name, 1, 100);
    let mut scopes = input.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        checks.push(FieldError::too_short("scopes", 1));
    }
    checks.done()?;
    let key = format!("{PREFIX}{}", secret());
    let row = change(&app, async |conn| {
        let object = owner(conn, input.organisation_id, input.venue_id).await?;
        Operation::CreateApiKey.admit_to(&caller, &object)?;
        // a key acts as its maker: an administrator who is no member could not use one of an organisation
        if let Some(id) = object.organisation_id
            && caller.member_of(id).is_none()
        {
            return Err(Problem::field("organisation_id", "not_your_own"));
        }
        if let Some(expires_at) = input.expires_at
            && expires_at <= clock(conn).await?
        {
            return Err(Problem::field("expires_at", "in_past"));
        }
        let new = NewKey {
            id: ApiKeyId::new(),
            hash: digest(&key),
            name,
            venue_id: object.venue_id,
            organisation_id: object.organisation_id,
            made_by: caller.user_id,
            scopes,
            expires_at: input.expires_at,
        };
        let row = store::insert(conn, &new).await?;
        record(conn, &caller, "create", &row).await?;
        Ok(row)
    })
    .await?;
    Ok(HttpResponse::Created().json(NewApiKey {
        key,
        about: row.into(),
    }))
}

/// Keys
///
/// Of an organisation or a venue, the newest first, with their last use.
#[utoipa::path(get, path = "/v1/api-keys", tag = "api-keys", params(Which),
    responses((status = 200, description = "A page of them", body = Vec<ApiKey>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    which: Query<Which>,
) -> Result<HttpResponse, Problem> {
    let page = Page::new(which.limit, which.cursor.as_deref(), false)?;
    let conn = app.db.conn().await?;
    let object = owner(&conn, which.organisation_id, which.venue_id).await?;
    Operation::ListApiKeys.admit_to(&caller, &object)?;
    let before = page.after_id();
    let (venue, organisation) = (object.venue_id, object.organisation_id);
    let mut rows = store::keys(&conn, venue, organisation, before, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let items: Vec<_> = rows.into_iter().map(ApiKey::from).collect();
    Ok(response.json(items))
}

/// Revoke a key
///
/// It ends at once.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "api-keys",
    params(("id" = ApiKeyId, Path, description = "The key")),
    responses((status = 204, description = "Revoked")))]
pub async fn revoke(
    app: Data<App>,
    caller: Caller,
    id: Path<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    change(&app, async |conn| {
        let row = store::key(conn, *id).await?;
        let object = owner(
            conn,
            row.organisation_id,
            row.organisation_id.is_none().then_some(row.venue_id),
        )
        .await?;
        Operation::RevokeApiKey.admit_to(&caller, &object)?;
        if store::revoke(conn, *id).await? > 0 {
            record(conn, &caller, "revoke", &row).await?;
        }
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn record(
    conn: &AsyncPgConnection,
    caller: &Caller,
    action: &str,
    key: &ApiKeyRow,
) -> Result<(), Problem> {
    let (actor, venue, id) = (Some(caller.user_id), Some(key.venue_id), key.id.0);
    Ok(audit::store::record(conn, actor, venue, action, "api_key", id, &[]).await?)
}
