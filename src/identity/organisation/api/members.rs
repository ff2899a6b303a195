//! Who belongs to an organisation, and what each may do for it.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::{last_owner, locked, seen};
use crate::audit::{self, reading::Read};
use crate::booking::store::contact;
use crate::http::once::change;
use crate::http::page::{Paging, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, Path, Query};
use crate::id::{OrganisationId, UserId};
use crate::identity::mails::tell;
use crate::identity::organisation::store::{self, MemberRow, OrganisationRow};
use crate::identity::store::memberships;
use crate::identity::{Caller, MemberRole};
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::Operation;
use crate::span::Instant;

/// A member.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Member {
    /// The user.
    pub user_id: UserId,
    /// Their name.
    #[schema(example = "林雨")]
    pub name: String,
    /// Their e-mail address.
    #[schema(example = "lin@park.example")]
    pub email: String,
    /// Their telephone number.
    #[schema(example = "+86 21 5555 0100")]
    pub phone: Option<String>,
    /// What they may do for the organisation.
    pub role: MemberRole,
    /// Since when they belong to it.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub since: Instant,
}

impl Member {
    fn new(row: MemberRow) -> Option<Self> {
        Some(Self {
            role: MemberRole::from_name(&row.role)?,
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            since: row.since,
        })
    }
}

/// What a member may do.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// The role.
    role: MemberRole,
}

/// Who owns the organisation instead of the caller.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverInput {
    /// A member.
    user_id: UserId,
}

/// Members
///
/// In the order of their ids.
#[utoipa::path(get, path = "/v1/organisations/{id}/members", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation"), Paging),
    responses((status = 200, description = "A page of them", body = Vec<Member>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let row = seen(&conn, &caller, Operation::ListMembers, *id).await?;
    let after = page.after_id();
    let mut rows = store::members(&conn, *id, after, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.user_id.0));
    if caller.member_of(*id).is_none() {
        let read = Read::new(&caller, Operation::ListMembers, row.venue_id);
        app.readings
            .note(read.of(rows.iter().map(|row| row.user_id.0)));
    }
    let items: Vec<_> = rows.into_iter().filter_map(Member::new).collect();
    Ok(response.json(items))
}

/// Change a member's role
///
/// The last owner keeps theirs (409): somebody else becomes one first. Administrators may, for an organisation whose
/// owners are gone.
#[utoipa::path(patch, path = "/v1/organisations/{id}/members/{user_id}", tag = "organisations", request_body = RoleInput,
    params(("id" = OrganisationId, Path, description = "The organisation"), ("user_id" = UserId, Path, description = "The member")),
    responses((status = 200, description = "The member as they are now", body = Member)))]
pub async fn patch(
    app: Data<App>,
    caller: Caller,
    path: Path<(OrganisationId, UserId)>,
    input: Body<RoleInput>,
) -> Result<HttpResponse, Problem> {
    let (id, user) = path.0;
    let member = change(&app, async |conn| {
        let row = locked(conn, &caller, Operation::ChangeMember, id).await?;
        let was = store::member(conn, id, user).await?;
        if was.role != input.role.name() {
            store::set_role(conn, id, user, input.role)
                .await
                .map_err(last_owner)?;
            if input.role == MemberRole::Owner {
                tell_owner(conn, &caller, &row, &was).await?;
            }
            record(conn, &caller, &row, "change", "membership", user).await?;
        }
        Ok(store::member(conn, id, user).await?)
    })
    .await?;
    let member = Member::new(member).ok_or_else(|| Problem::new(Kind::Internal))?;
    Ok(HttpResponse::Ok().json(member))
}

/// Remove a member
///
/// They keep their account and their sign-ins; the membership ends at once, and with it what they see of the
/// organisation. Bookings that they made for it stay with it: an owner looks after those that are still ahead. The last
/// owner cannot be removed (409).
#[utoipa::path(delete, path = "/v1/organisations/{id}/members/{user_id}", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation"), ("user_id" = UserId, Path, description = "The member")),
    responses((status = 204, description = "No member any more")))]
pub async fn remove(
    app: Data<App>,
    caller: Caller,
    path: Path<(OrganisationId, UserId)>,
) -> Result<HttpResponse, Problem> {
    let (id, user) = path.0;
    change(&app, async |conn| {
        let row = locked(conn, &caller, Operation::RemoveMember, id).await?;
        end(conn, &caller, &row, user).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Leave an organisation
///
/// Like being removed. The last owner hands over first (409).
#[utoipa::path(post, path = "/v1/organisations/{id}/leave", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 204, description = "No member any more")))]
pub async fn leave(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    change(&app, async |conn| {
        let row = locked(conn, &caller, Operation::LeaveOrganisation, *id).await?;
        end(conn, &caller, &row, caller.user_id).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Hand an organisation over
///
/// Another member owns it from now on, and the caller books for it.
#[utoipa::path(post, path = "/v1/organisations/{id}/hand-over", tag = "organisations", request_body = HandOverInput,
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 204, description = "Handed over")))]
pub async fn hand_over(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    input: Body<HandOverInput>,
) -> Result<HttpResponse, Problem> {
    if input.user_id == caller.user_id {
        return Err(Problem::field("user_id", "unchanged"));
    }
    change(&app, async |conn| {
        let row = locked(conn, &caller, Operation::HandOverOrganisation, *id).await?;
        let heir = store::member(conn, *id, input.user_id).await;
        let heir = heir.map_err(|error| match error {
            diesel::result::Error::NotFound => Problem::field("user_id", "not_a_member"),
            other => other.into(),
        })?;
        store::set_role(conn, *id, heir.user_id, MemberRole::Owner).await?;
        store::set_role(conn, *id, caller.user_id, MemberRole::Booker)
            .await
            .map_err(last_owner)?;
        tell_owner(conn, &caller, &row, &heir).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Locks every organisation that the caller belongs to, in the order of their ids.
pub async fn lock_all(
    conn: &AsyncPgConnection,
    caller: &Caller,
) -> Result<Vec<OrganisationRow>, Problem> {
    let ids: BTreeSet<_> = caller
        .memberships
        .iter()
        .map(|own| own.organisation_id.0)
        .collect();
    let mut rows = Vec::new();
    for id in ids {
        let operation = Operation::LeaveOrganisation;
        rows.push(locked(conn, caller, operation, OrganisationId(id)).await?);
    }
    Ok(rows)
}

/// The caller leaves these organisations, because they go altogether; 409 where they belong to another one by now.
pub async fn end_all(
    conn: &AsyncPgConnection,
    caller: &Caller,
    rows: &[OrganisationRow],
) -> Result<(), Problem> {
    for row in rows {
        end(conn, caller, row, caller.user_id).await?;
    }
    match memberships(conn, caller.user_id).await?.is_empty() {
        true => Ok(()),
        false => Err(Problem::new(Kind::Conflict)),
    }
}

async fn tell_owner(
    conn: &AsyncPgConnection,
    caller: &Caller,
    row: &OrganisationRow,
    owner: &MemberRow,
) -> Result<(), Problem> {
    let facts = AccountFacts::done_by(caller.user_id, &caller.name);
    let about = uuid::Uuid::now_v7();
    let kind = AccountKind::OwnershipReceived;
    let mail = row.named().told(&owner.reader(), kind, facts, about);
    Ok(tell(conn, Some(row.venue_id), vec![mail]).await?)
}

/// Ends a membership: bookings stay with the organisation, and an owner looks after them.
async fn end(
    conn: &AsyncPgConnection,
    caller: &Caller,
    row: &OrganisationRow,
    user: UserId,
) -> Result<(), Problem> {
    let member = store::member(conn, row.id, user).await?;
    store::leave(conn, row.id, user).await.map_err(last_owner)?;
    let owners = store::owners(conn, row.id).await?;
    let heir = owners
        .iter()
        .find(|owner| owner.reader.id == Some(caller.user_id))
        .or_else(|| owners.first());
    if let Some((heir, heir_id)) = heir.and_then(|heir| Some((heir, heir.reader.id?))) {
        let to = contact::Contact {
            user_id: heir_id,
            name: heir.name.clone(),
            email: heir.reader.email.clone(),
            phone: heir.phone.clone(),
            locale: heir.reader.locale.tag(),
        };
        contact::hand_over(conn, row.id, user, &to, caller.user_id).await?;
    }
    let kind = AccountKind::MembershipEnded;
    let about = uuid::Uuid::now_v7();
    let mail = row
        .named()
        .told(&member.reader(), kind, AccountFacts::default(), about);
    tell(conn, Some(row.venue_id), vec![mail]).await?;
    record(conn, caller, row, "end", "membership", user).await
}

/// Acts of staff are written down.
async fn record(
    conn: &AsyncPgConnection,
    caller: &Caller,
    row: &OrganisationRow,
    action: &str,
    kind: &str,
    object: UserId,
) -> Result<(), Problem> {
    if caller.member_of(row.id).is_none() {
        let actor = Some(caller.user_id);
        audit::store::record(conn, actor, Some(row.venue_id), action, kind, object.0, &[]).await?;
    }
    Ok(())
}
