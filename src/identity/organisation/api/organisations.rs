//! Registering an organisation, reading it, changing what it says of itself.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::{locked, seen};
use crate::audit;
use crate::db::DbError;
use crate::http::checks::{Checks, given};
use crate::http::once::{change, once};
use crate::http::page::{Page, Position};
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{OrganisationId, VenueId};
use crate::identity::Caller;
use crate::identity::account::store as accounts;
use crate::identity::credit_code::CreditCode;
use crate::identity::mails::tell;
use crate::identity::organisation::import::refused;
use crate::identity::organisation::store::{self, Filter, OrganisationRow, Particulars};
use crate::identity::organisation::{OrganisationKind, OrganisationState};
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::Operation;
use crate::span::Instant;

/// An organisation.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// The venue that it books in.
    pub venue_id: VenueId,
    /// What it is.
    #[schema(example = "enterprise")]
    pub kind: OrganisationKind,
    /// Its name.
    #[schema(example = "矩阵机器人有限公司")]
    pub name: String,
    /// Its unified social credit code.
    #[schema(example = "91350100M000100Y43")]
    pub credit_code: Option<String>,
    /// Where it stands: only a verified one may book.
    #[schema(example = "verified")]
    pub state: OrganisationState,
    /// Why staff refused it; empty where they did not.
    #[schema(example = "")]
    pub refusal: String,
    /// When it registered.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// When it was verified or refused.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T08:00:00Z")]
    pub decided_at: Option<Instant>,
    /// Whether the list of the park's tenants has its code.
    #[schema(example = true)]
    pub is_tenant: bool,
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id,
            venue_id: row.venue_id,
            kind: row.kind,
            name: row.name,
            credit_code: row.credit_code,
            state: row.state,
            refusal: row.refusal,
            created_at: row.created_at,
            decided_at: row.decided_at,
            is_tenant: row.is_tenant,
        }
    }
}

/// An organisation that registers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationInput {
    /// The venue that it will book in.
    venue_id: VenueId,
    /// What it is.
    #[schema(example = "enterprise")]
    kind: OrganisationKind,
    /// Its name, as its papers have it.
    #[schema(example = "矩阵机器人有限公司", min_length = 1, max_length = 200)]
    name: String,
    /// Its unified social credit code (GB 32100-2015): needed of an enterprise, checked where given.
    #[serde(default)]
    #[schema(example = "91350100M000100Y43", max_length = 40)]
    credit_code: Option<String>,
}

/// What to change in an organisation; what is left out stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationPatch {
    /// What it is.
    #[schema(example = "enterprise")]
    kind: Option<OrganisationKind>,
    /// Its name, as its papers have it.
    #[schema(example = "矩阵机器人有限公司", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Its unified social credit code.
    #[schema(example = "91350100M000100Y43", max_length = 40)]
    credit_code: Option<String>,
}

/// Which organisations.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this venue.
    venue_id: VenueId,
    /// In this state.
    #[param(example = "pending")]
    state: Option<OrganisationState>,
    /// With this credit code.
    #[param(example = "91350100M000100Y43", max_length = 40)]
    credit_code: Option<String>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    cursor: Option<String>,
}

fn checked(
    kind: OrganisationKind,
    name: &str,
    credit_code: Option<&str>,
) -> Result<Particulars, Problem> {
    let mut checks = Checks::default();
    let name = checks.text("name", name, 1, 200);
    if name.chars().any(char::is_control) {
        checks.push(FieldError::new("name", "malformed"));
    }
    let code = credit_code.map(str::trim).filter(|code| !code.is_empty());
    let credit_code = match code.map(CreditCode::parse) {
        None if kind == OrganisationKind::Enterprise => {
            checks.push(FieldError::new("credit_code", "credit_code_needed"));
            None
        }
        None => None,
        Some(Ok(code)) => Some(code.to_string()),
        Some(Err(error)) => {
            checks.push(refused("credit_code", error));
            None
        }
    };
    checks.done()?;
    Ok(Particulars {
        kind,
        name,
        credit_code,
    })
}

/// A code that another organisation has.
fn taken(error: diesel::result::Error) -> Problem {
    match DbError::from(error) {
        DbError::Constraint(name) if name == "organisation_credit_code_key" => {
            Problem::field("credit_code", "code_registered")
        }
        DbError::Constraint(name) if name == "organisation_venue_id_fkey" => {
            Problem::field("venue_id", "unknown")
        }
        other => other.into(),
    }
}

/// Verifies the organisation where the list of tenants speaks for it, and tells its owners; else tells those who decide.
async fn decide_or_ask(
    conn: &AsyncPgConnection,
    caller: &Caller,
    id: OrganisationId,
) -> Result<OrganisationRow, Problem> {
    let row = store::organisation(conn, id).await?;
    store::verify_tenants(conn, row.venue_id, Some(id)).await?;
    let row = store::organisation(conn, id).await?;
    let named = row.named();
    let about = uuid::Uuid::now_v7();
    let (kind, people) = match row.state {
        OrganisationState::Verified => (
            AccountKind::OrganisationVerified,
            store::owners(conn, id).await?,
        ),
        _ => (
            AccountKind::OrganisationToVerify,
            store::deciders(conn, row.venue_id).await?,
        ),
    };
    let facts = AccountFacts::done_by(caller.user_id, &caller.name);
    let mails: Vec<_> = people
        .iter()
        .map(|person| named.told(&person.reader, kind, facts.clone(), about))
        .collect();
    tell(conn, Some(row.venue_id), mails).await?;
    Ok(row)
}

/// Register an organisation
///
/// The caller becomes its owner. It is verified at once where the list of the park's tenants has its code (and, where
/// the list names an address, that is the caller's); else staff decide, and both learn of it by mail. Until then nobody
/// books for it.
#[utoipa::path(post, path = "/v1/organisations", tag = "organisations", request_body = OrganisationInput, params(IdempotencyKey),
    responses((status = 201, description = "The organisation", body = Organisation)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<OrganisationInput>,
) -> Result<HttpResponse, Problem> {
    if !caller.verified {
        return Err(Problem::new(Kind::Forbidden));
    }
    let new = checked(body.kind, &body.name, body.credit_code.as_deref())?;
    let id = OrganisationId::new();
    let status = StatusCode::CREATED;
    let done = once(
        &app,
        caller.user_id,
        &key,
        &body.fingerprint,
        status,
        async |conn| {
            accounts::stays(conn, caller.user_id).await?;
            store::insert(conn, id, body.venue_id, &new, caller.user_id)
                .await
                .map_err(taken)?;
            let row = decide_or_ask(conn, &caller, id).await?;
            Ok((Organisation::from(row), ()))
        },
    )
    .await?;
    Ok(done.response)
}

/// Organisations
///
/// Those of a venue, the newest first; for its staff.
#[utoipa::path(get, path = "/v1/organisations", tag = "organisations", params(Which),
    responses((status = 200, description = "A page of them", body = Vec<Organisation>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    which: Query<Which>,
) -> Result<HttpResponse, Problem> {
    let venue_id = which.venue_id;
    Operation::ListOrganisations.admit_to(&caller, &crate::routes::Object::of_venue(venue_id))?;
    let page = Page::new(which.limit, which.cursor.as_deref(), false)?;
    let filter = Filter {
        state: which.state,
        credit_code: which.credit_code.clone(),
        before: page.after_id(),
        limit: page.rows(),
    };
    let conn = app.db.conn().await?;
    let mut rows = store::organisations(&conn, venue_id, filter).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let items: Vec<_> = rows.into_iter().map(Organisation::from).collect();
    Ok(response.json(items))
}

/// An organisation
#[utoipa::path(get, path = "/v1/organisations/{id}", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "As it is now", body = Organisation)))]
pub async fn read(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let row = seen(&conn, &caller, Operation::ReadOrganisation, *id).await?;
    Ok(HttpResponse::Ok().json(Organisation::from(row)))
}

/// Change an organisation
///
/// Its owners may while it is not verified; it is then looked at again, also after a refusal. Administrators may always,
/// and it stays where it stands.
#[utoipa::path(patch, path = "/v1/organisations/{id}", tag = "organisations", request_body = OrganisationPatch,
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "As it is now", body = Organisation)))]
pub async fn patch(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    input: Body<OrganisationPatch>,
) -> Result<HttpResponse, Problem> {
    let fields = given!(input; kind, name, credit_code);
    let row = change(&app, async |conn| {
        let row = locked(conn, &caller, Operation::ChangeOrganisation, *id).await?;
        let by_admin = caller.is_staff(&[crate::identity::Role::Admin], row.venue_id, None);
        if fields.is_empty() {
            return Ok(row);
        }
        if row.state == OrganisationState::Verified && !by_admin {
            return Err(Problem {
                state: Some(row.state.as_str()),
                ..Problem::new(Kind::WrongState)
            });
        }
        let new = checked(
            input.kind.unwrap_or(row.kind),
            input.name.as_deref().unwrap_or(&row.name),
            input.credit_code.as_deref().or(row.credit_code.as_deref()),
        )?;
        if by_admin {
            store::update(conn, row.id, &new).await.map_err(taken)?;
            let actor = Some(caller.user_id);
            audit::store::record(
                conn,
                actor,
                Some(row.venue_id),
                "change",
                "organisation",
                row.id.0,
                &fields,
            )
            .await?;
            return Ok(store::organisation(conn, row.id).await?);
        }
        store::update(conn, row.id, &new).await.map_err(taken)?;
        store::decide(conn, row.id, OrganisationState::Pending, None, "")
            .await
            .map_err(taken)?;
        decide_or_ask(conn, &caller, row.id).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Organisation::from(row)))
}
