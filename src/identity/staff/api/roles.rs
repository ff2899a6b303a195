//! Roles: listed, given, taken back.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit;
use crate::db::DbError;
use crate::http::once::{change, once};
use crate::http::page::{Paging, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{SpaceId, UserId, VenueId};
use crate::identity::account::Reader;
use crate::identity::mails::tell;
use crate::identity::staff::store::{self, RoleRow};
use crate::identity::{Caller, Role};
use crate::language::Locale;
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// A role of somebody in the venue.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StaffMember)]
pub struct StaffMember {
    /// The role's id.
    #[schema(example = "0199c0de-7a11-7000-8000-000000000001")]
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// Their name.
    #[schema(example = "林雨")]
    pub name: String,
    /// Their e-mail address.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Where; in every space of the venue where there is none.
    pub space_id: Option<SpaceId>,
    /// Whether they sign in with a second factor.
    #[schema(example = true)]
    pub second_factor: bool,
    /// Since when.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub granted_at: Instant,
    /// By whom; nobody where it was on the command line.
    pub granted_by: Option<UserId>,
}

impl StaffMember {
    pub(super) fn new(row: RoleRow) -> Option<Self> {
        Some(Self {
            role: Role::from_name(&row.role)?,
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            space_id: row.space_id,
            second_factor: row.second_factor,
            granted_at: row.granted_at,
            granted_by: row.granted_by,
        })
    }
}

/// A role to be given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffRoleInput {
    /// To whom: an account with a confirmed address. Somebody without one is invited.
    user_id: UserId,
    /// What they may do from now on.
    role: Role,
    /// Where; in every space of the venue where it is left out.
    #[serde(default)]
    space_id: Option<SpaceId>,
}

/// Staff of a venue
///
/// Every role of everybody, the newest first.
#[utoipa::path(get, path = "/v1/venues/{id}/staff", tag = "staff",
    params(("id" = VenueId, Path, description = "The venue"), Paging),
    responses((status = 200, description = "A page of them", body = Vec<StaffMember>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    Operation::ListStaff.admit_to(&caller, &Object::of_venue(*id))?;
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let before = page.after_id();
    let mut rows = store::roles(&conn, *id, before, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id));
    let members: Vec<_> = rows.into_iter().filter_map(StaffMember::new).collect();
    Ok(response.json(members))
}

/// Give a role
///
/// To somebody with an account, who learns of it by mail; it holds from their next request on.
#[utoipa::path(post, path = "/v1/venues/{id}/staff", tag = "staff", request_body = StaffRoleInput,
    params(("id" = VenueId, Path, description = "The venue"), IdempotencyKey),
    responses((status = 201, description = "The role", body = StaffMember)))]
pub async fn grant(
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    key: IdempotencyKey,
    input: Body<StaffRoleInput>,
) -> Result<HttpResponse, Problem> {
    let venue_id = *id;
    Operation::GrantRole.admit_to(&caller, &Object::of_venue(venue_id))?;
    let StaffRoleInput {
        user_id,
        role,
        space_id,
    } = input.value;
    let (user, status) = (caller.user_id, StatusCode::CREATED);
    let done = once(&app, user, &key, &input.fingerprint, status, async |conn| {
        let place = store::place(conn, venue_id, role, space_id).await?;
        let place = place.ok_or_else(|| Problem::field("space_id", "unknown"))?;
        if !store::can_work(conn, user_id).await? {
            return Err(Problem::field("user_id", "unknown"));
        }
        let granted = store::grant(conn, venue_id, user_id, role, space_id, user).await?;
        let granted = granted.ok_or_else(|| Problem::field("role", "granted_already"))?;
        audit::store::record(
            conn,
            Some(user),
            Some(venue_id),
            "grant",
            "staff_role",
            granted,
            &[role.name()],
        )
        .await?;
        let row = store::role(conn, venue_id, granted).await?;
        let facts = AccountFacts::done_by(caller.user_id, &caller.name);
        let mail = place.told(&reader(&row), AccountKind::StaffRoleGranted, facts, granted);
        tell(conn, Some(venue_id), vec![mail]).await?;
        let member = StaffMember::new(row).ok_or_else(|| Problem::new(Kind::Internal))?;
        Ok((member, ()))
    })
    .await?;
    Ok(done.response)
}

/// Take a role back
///
/// From the next request on; whose it was learns of it by mail. The last administrator of the whole venue stays.
#[utoipa::path(delete, path = "/v1/venues/{id}/staff/{role_id}", tag = "staff",
    params(("id" = VenueId, Path, description = "The venue"), ("role_id" = Uuid, Path, description = "The role")),
    responses((status = 204, description = "Taken back")))]
pub async fn take_back(
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (venue_id, id) = path.0;
    Operation::TakeRoleBack.admit_to(&caller, &Object::of_venue(venue_id))?;
    change(&app, async |conn| {
        let row = store::role(conn, venue_id, id).await?;
        let role = Role::from_name(&row.role).ok_or_else(|| Problem::new(Kind::Internal))?;
        let taken = store::take_back(conn, id).await;
        let taken = taken.map_err(|error| match DbError::from(error) {
            DbError::Constraint(name) if name == "staff_role_admin" => {
                Problem::new(Kind::LastAdministrator)
            }
            other => other.into(),
        })?;
        if taken == 0 {
            return Err(Problem::new(Kind::NotFound));
        }
        let (by, kind) = (Some(caller.user_id), "staff_role");
        audit::store::record(
            conn,
            by,
            Some(venue_id),
            "take_back",
            kind,
            id,
            &[role.name()],
        )
        .await?;
        if let Some(place) = store::place(conn, venue_id, role, row.space_id).await? {
            let facts = AccountFacts::default();
            let mail = place.told(&reader(&row), AccountKind::StaffRoleEnded, facts, id);
            tell(conn, Some(venue_id), vec![mail]).await?;
        }
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn reader(row: &RoleRow) -> Reader {
    Reader {
        id: Some(row.user_id),
        email: row.email.clone(),
        locale: Locale::from_tag(&row.locale),
    }
}
