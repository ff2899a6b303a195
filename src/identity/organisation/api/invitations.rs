//! Members are invited by mail.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{locked, seen};
use crate::http::checks::Checks;
use crate::http::once::{change, once};
use crate::http::page::{Paging, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::OrganisationId;
use crate::identity::account::api::TokenInput;
use crate::identity::account::{checked_email, store as accounts};
use crate::identity::api::MembershipBody;
use crate::identity::invitation;
use crate::identity::link::{self, NewLink, Purpose};
use crate::identity::mails::tell;
use crate::identity::organisation::store;
use crate::identity::organisation::store::invitations::{self, InvitationRow};
use crate::identity::{Caller, MemberRole, store as sign_ins};
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::Operation;
use crate::span::Instant;

/// An invitation that can still be accepted.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Invitation {
    /// Its id.
    #[schema(example = "0199c0de-7a11-7000-8000-000000000001")]
    pub id: Uuid,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where it went.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// What its reader is to be.
    pub role: MemberRole,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub expires_at: Instant,
}

impl Invitation {
    fn new(row: InvitationRow) -> Option<Self> {
        Some(Self {
            role: MemberRole::from_name(&row.role)?,
            id: row.id,
            organisation_id: row.organisation_id,
            email: row.email,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

/// An invitation as its reader sees it.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationRead {
    /// The organisation.
    #[schema(example = "矩阵机器人有限公司")]
    pub organisation_name: String,
    /// What its reader is to be.
    pub role: MemberRole,
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
pub struct InvitationInput {
    /// Their e-mail address.
    #[schema(example = "lin@park.example", max_length = 254)]
    email: String,
    /// What they are to be.
    role: MemberRole,
}

/// Invitations
///
/// Those that can still be accepted, the newest first.
#[utoipa::path(get, path = "/v1/organisations/{id}/invitations", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation"), Paging),
    responses((status = 200, description = "A page of them", body = Vec<Invitation>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let conn = app.db.conn().await?;
    seen(&conn, &caller, Operation::ListInvitations, *id).await?;
    let before = page.after_id();
    let mut rows = invitations::open(&conn, *id, before, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id));
    let items: Vec<_> = rows.into_iter().filter_map(Invitation::new).collect();
    Ok(response.json(items))
}

/// Invite a member
///
/// A mail with a link goes to the address; whoever has an account with this address accepts it within seven days. A
/// second invitation takes the place of the first.
#[utoipa::path(post, path = "/v1/organisations/{id}/invitations", tag = "organisations", request_body = InvitationInput,
    params(("id" = OrganisationId, Path, description = "The organisation"), IdempotencyKey),
    responses((status = 201, description = "The invitation", body = Invitation)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    key: IdempotencyKey,
    input: Body<InvitationInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &input.email);
    checks.done()?;
    let link = NewLink::new(Purpose::Invite, &email, None);
    let status = StatusCode::CREATED;
    let done = once(
        &app,
        caller.user_id,
        &key,
        &input.fingerprint,
        status,
        async |conn| {
            let row = locked(conn, &caller, Operation::InviteMember, *id).await?;
            if store::has_member(conn, *id, &email).await? {
                return Err(Problem::field("email", "member_already"));
            }
            invitation::add(conn, &link, app.keys.seal()).await?;
            invitations::insert(conn, link.id, *id, input.role, caller.user_id).await?;
            let reader = invitation::reader(conn, &email, caller.locale).await?;
            let facts = AccountFacts {
                link: Some(link.id),
                role: Some(input.role.name().to_owned()),
                ..AccountFacts::done_by(caller.user_id, &caller.name)
            };
            let kind = AccountKind::MemberInvited;
            let mail = row.named().told(&reader, kind, facts, link.id);
            tell(conn, Some(row.venue_id), vec![mail]).await?;
            let sent = Invitation::new(invitations::one(conn, link.id).await?);
            Ok((sent.ok_or_else(|| Problem::new(Kind::Internal))?, ()))
        },
    )
    .await?;
    Ok(done.response)
}

/// Take an invitation back
///
/// Its link is no longer good.
#[utoipa::path(delete, path = "/v1/organisations/{id}/invitations/{invitation_id}", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation"), ("invitation_id" = Uuid, Path, description = "The invitation")),
    responses((status = 204, description = "Taken back")))]
pub async fn revoke(
    app: Data<App>,
    caller: Caller,
    path: Path<(OrganisationId, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (id, invitation) = path.0;
    let conn = app.db.conn().await?;
    seen(&conn, &caller, Operation::RevokeInvitation, id).await?;
    match invitations::revoke(&conn, id, invitation).await? {
        0 => Err(Problem::new(Kind::NotFound)),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Read an invitation
///
/// With the token of the mail's link, before signing in: who invites whom into what. The link stays good.
#[utoipa::path(post, path = "/v1/invitations/read", tag = "organisations", request_body = TokenInput,
    responses((status = 200, description = "The invitation", body = InvitationRead)))]
pub async fn read(app: Data<App>, body: Body<TokenInput>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let link = link::follow(&conn, Purpose::Invite, &body.token).await?;
    let row = invitations::read(&conn, link.id).await?;
    let role = MemberRole::from_name(&row.role);
    Ok(HttpResponse::Ok().json(InvitationRead {
        role: role.ok_or_else(|| Problem::new(Kind::Internal))?,
        organisation_name: row.organisation_name,
        invited_by: row.invited_by,
        email: link.email,
        expires_at: row.expires_at,
    }))
}

/// Accept an invitation
///
/// With the token of the mail's link, signed in with the address that it went to. Who is a member already stays what
/// they are.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "organisations", request_body = TokenInput,
    responses((status = 200, description = "The membership", body = MembershipBody)))]
pub async fn accept(
    app: Data<App>,
    caller: Caller,
    body: Body<TokenInput>,
) -> Result<HttpResponse, Problem> {
    let organisation = change(&app, async |conn| {
        let link = invitation::follow(conn, Purpose::Invite, &body.token, &caller).await?;
        let invitation = invitations::one(conn, link.id).await?;
        let id = invitation.organisation_id;
        store::locked(conn, id).await?;
        accounts::stays(conn, caller.user_id).await?;
        link::take(conn, &link).await?;
        let role = MemberRole::from_name(&invitation.role);
        let role = role.ok_or_else(|| Problem::new(Kind::Internal))?;
        store::join(conn, id, caller.user_id, role).await?;
        Ok(id)
    })
    .await?;
    let conn = app.db.conn().await?;
    let rows = sign_ins::memberships(&conn, caller.user_id).await?;
    let membership = rows
        .into_iter()
        .filter(|row| row.organisation_id == organisation)
        .find_map(MembershipBody::new)
        .ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(membership))
}
