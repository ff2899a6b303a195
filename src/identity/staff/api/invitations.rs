//! Staff are invited by mail.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::roles::StaffMember;
use crate::audit;
use crate::http::checks::Checks;
use crate::http::once::{change, once};
use crate::http::page::{Paging, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{SpaceId, UserId, VenueId};
use crate::identity::account::api::TokenInput;
use crate::identity::account::{checked_email, store as accounts};
use crate::identity::invitation;
use crate::identity::link::{self, NewLink, Purpose};
use crate::identity::mails::tell;
use crate::identity::staff::store::{self, InvitationRow};
use crate::identity::{Caller, Role};
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// An invitation to work for the venue that can still be accepted.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StaffInvitation {
    /// Its id.
    #[schema(example = "0199c0de-7a11-7000-8000-000000000001")]
    pub id: Uuid,
    /// Where it went.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// What its reader is to be.
    pub role: Role,
    /// Where; in every space of the venue where there is none.
    pub space_id: Option<SpaceId>,
    /// Who sent it.
    pub invited_by: UserId,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub expires_at: Instant,
}

impl StaffInvitation {
    fn new(row: InvitationRow) -> Option<Self> {
        Some(Self {
            role: Role::from_name(&row.role)?,
            id: row.id,
            email: row.email,
            space_id: row.space_id,
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

/// An invitation to work for a venue as its reader sees it.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StaffInvitationRead {
    /// The venue, in Chinese.
    #[schema(example = "科创一号湾党群服务中心")]
    pub venue_name_zh: String,
    /// The venue, in English.
    #[schema(example = "Sci-Tech Bay One Community Service Centre")]
    pub venue_name_en: String,
    /// The space, in Chinese; every space of the venue where there is none.
    #[schema(example = "慧聚")]
    pub space_name_zh: Option<String>,
    /// The space, in English.
    #[schema(example = "Huiju")]
    pub space_name_en: Option<String>,
    /// What its reader is to be.
    pub role: Role,
    /// Who invites.
    #[schema(example = "王敏")]
    pub invited_by: String,
    /// Where it went: the address to sign in with.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub expires_at: Instant,
}

/// Somebody to be invited.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffInvitationInput {
    /// Their e-mail address.
    #[schema(example = "lin@park.example", max_length = 254)]
    email: String,
    /// What they are to be.
    role: Role,
    /// Where; in every space of the venue where it is left out.
    #[serde(default)]
    space_id: Option<SpaceId>,
}

/// Invitations to work for a venue
///
/// Those that can still be accepted, the newest first.
#[utoipa::path(get, path = "/v1/venues/{id}/staff-invitations", tag = "staff",
    params(("id" = VenueId, Path, description = "The venue"), Paging),
    responses((status = 200, description = "A page of them", body = Vec<StaffInvitation>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    Operation::ListStaffInvitations.admit_to(&caller, &Object::of_venue(*id))?;
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let before = page.after_id();
    let mut rows = store::invitations(&conn, *id, before, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id));
    let items: Vec<_> = rows.into_iter().filter_map(StaffInvitation::new).collect();
    Ok(response.json(items))
}

/// Invite somebody to work for a venue
///
/// A mail with a link goes to the address; whoever has an account with this address, confirmed, accepts it within seven
/// days. The answer is the same whether or not the address has one. A second invitation to the same role takes the place
/// of the first.
#[utoipa::path(post, path = "/v1/venues/{id}/staff-invitations", tag = "staff", request_body = StaffInvitationInput,
    params(("id" = VenueId, Path, description = "The venue"), IdempotencyKey),
    responses((status = 201, description = "The invitation", body = StaffInvitation)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    key: IdempotencyKey,
    input: Body<StaffInvitationInput>,
) -> Result<HttpResponse, Problem> {
    let (venue_id, user) = (*id, caller.user_id);
    Operation::InviteStaff.admit_to(&caller, &Object::of_venue(venue_id))?;
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &input.email);
    checks.done()?;
    let (role, space_id) = (input.role, input.space_id);
    let link = NewLink::new(Purpose::Staff, &email, None);
    let status = StatusCode::CREATED;
    let done = once(&app, user, &key, &input.fingerprint, status, async |conn| {
        let place = store::place(conn, venue_id, role, space_id).await?;
        let place = place.ok_or_else(|| Problem::field("space_id", "unknown"))?;
        invitation::add(conn, &link, app.keys.seal()).await?;
        store::invite(conn, link.id, venue_id, role, space_id, user).await?;
        let (action, kind) = ("invite", "staff_invitation");
        audit::store::record(
            conn,
            Some(user),
            Some(venue_id),
            action,
            kind,
            link.id,
            &[role.name()],
        )
        .await?;
        let reader = invitation::reader(conn, &email, caller.locale).await?;
        let facts = AccountFacts {
            link: Some(link.id),
            ..AccountFacts::done_by(caller.user_id, &caller.name)
        };
        let mail = place.told(&reader, AccountKind::StaffInvited, facts, link.id);
        tell(conn, Some(venue_id), vec![mail]).await?;
        let sent = StaffInvitation::new(store::invitation(conn, link.id).await?);
        Ok((sent.ok_or_else(|| Problem::new(Kind::Internal))?, ()))
    })
    .await?;
    Ok(done.response)
}

/// Take an invitation back
///
/// Its link is no longer good.
#[utoipa::path(delete, path = "/v1/venues/{id}/staff-invitations/{invitation_id}", tag = "staff",
    params(("id" = VenueId, Path, description = "The venue"), ("invitation_id" = Uuid, Path, description = "The invitation")),
    responses((status = 204, description = "Taken back")))]
pub async fn revoke(
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (venue_id, id) = path.0;
    Operation::RevokeStaffInvitation.admit_to(&caller, &Object::of_venue(venue_id))?;
    change(&app, async |conn| {
        if store::revoke(conn, venue_id, id).await? == 0 {
            return Err(Problem::new(Kind::NotFound));
        }
        let (by, kind) = (Some(caller.user_id), "staff_invitation");
        Ok(audit::store::record(conn, by, Some(venue_id), "take_back", kind, id, &[]).await?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read an invitation to work for a venue
///
/// With the token of the mail's link, before signing in: who invites whom into what. The link stays good.
#[utoipa::path(post, path = "/v1/staff-invitations/read", tag = "staff", request_body = TokenInput,
    responses((status = 200, description = "The invitation", body = StaffInvitationRead)))]
pub async fn read(app: Data<App>, body: Body<TokenInput>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let link = link::follow(&conn, Purpose::Staff, &body.token).await?;
    let row = store::read(&conn, link.id).await?;
    let role = Role::from_name(&row.role);
    Ok(HttpResponse::Ok().json(StaffInvitationRead {
        role: role.ok_or_else(|| Problem::new(Kind::Internal))?,
        venue_name_zh: row.venue_name_zh,
        venue_name_en: row.venue_name_en,
        space_name_zh: row.space_name_zh,
        space_name_en: row.space_name_en,
        invited_by: row.invited_by,
        email: link.email,
        expires_at: row.expires_at,
    }))
}

/// Accept an invitation to work for a venue
///
/// With the token of the mail's link, signed in with the address that it went to. Good only as long as whoever sent it
/// is an administrator there.
#[utoipa::path(post, path = "/v1/staff-invitations/accept", tag = "staff", request_body = TokenInput,
    responses((status = 200, description = "The role", body = StaffMember)))]
pub async fn accept(
    app: Data<App>,
    caller: Caller,
    body: Body<TokenInput>,
) -> Result<HttpResponse, Problem> {
    let row = change(&app, async |conn| {
        let link = invitation::follow(conn, Purpose::Staff, &body.token, &caller).await?;
        accounts::stays(conn, caller.user_id).await?;
        link::take(conn, &link).await?;
        let invitation = store::invitation(conn, link.id).await?;
        let (venue_id, by) = (invitation.venue_id, invitation.invited_by);
        if !store::administers(conn, venue_id, by).await? {
            return Err(link::not_valid());
        }
        let role = Role::from_name(&invitation.role);
        let role = role.ok_or_else(|| Problem::new(Kind::Internal))?;
        let (user, space_id) = (caller.user_id, invitation.space_id);
        let granted = store::grant(conn, venue_id, user, role, space_id, by).await?;
        let granted = granted.ok_or_else(|| Problem::field("token", "granted_already"))?;
        let fields = &[role.name()];
        audit::store::record(
            conn,
            Some(user),
            Some(venue_id),
            "accept",
            "staff_role",
            granted,
            fields,
        )
        .await?;
        Ok(store::role(conn, venue_id, granted).await?)
    })
    .await?;
    let member = StaffMember::new(row).ok_or_else(|| Problem::new(Kind::Internal))?;
    Ok(HttpResponse::Ok().json(member))
}
