//! Staff decide about organisations.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::locked;
use super::organisations::Organisation;
use crate::audit;
use crate::db::DbError;
use crate::http::checks::Checks;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, Path};
use crate::id::OrganisationId;
use crate::identity::Caller;
use crate::identity::mails::tell;
use crate::identity::organisation::{OrganisationState, store};
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::Operation;

/// Why not.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalInput {
    /// In words that its owners will read.
    #[schema(example = "该单位不在园区。", min_length = 1, max_length = 500)]
    reason: String,
}

/// Verify an organisation
///
/// Its owners and bookers can book for it from now on; its owners get a mail. Also one that was refused before.
#[utoipa::path(post, path = "/v1/organisations/{id}/verify", tag = "organisations",
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "As it is now", body = Organisation)))]
pub async fn verify(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    decide(&app, &caller, *id, OrganisationState::Verified, "").await
}

/// Refuse an organisation
///
/// With a reason, which its owners get by mail. Also one that was verified: what is booked stays, nothing new is booked.
#[utoipa::path(post, path = "/v1/organisations/{id}/refuse", tag = "organisations", request_body = RefusalInput,
    params(("id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "As it is now", body = Organisation)))]
pub async fn refuse(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    input: Body<RefusalInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let reason = checks.text("reason", &input.reason, 1, 500);
    checks.done()?;
    decide(&app, &caller, *id, OrganisationState::Refused, &reason).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    id: OrganisationId,
    state: OrganisationState,
    reason: &str,
) -> Result<HttpResponse, Problem> {
    let (operation, kind, action) = match state {
        OrganisationState::Refused => (
            Operation::RefuseOrganisation,
            AccountKind::OrganisationRefused,
            "refuse",
        ),
        _ => (
            Operation::VerifyOrganisation,
            AccountKind::OrganisationVerified,
            "verify",
        ),
    };
    let row = change(app, async |conn| {
        let row = locked(conn, caller, operation, id).await?;
        if row.state == state {
            return Err(Problem {
                state: Some(row.state.as_str()),
                ..Problem::new(Kind::WrongState)
            });
        }
        let decided = store::decide(conn, id, state, Some(caller.user_id), reason).await;
        decided.map_err(|error| match DbError::from(error) {
            // another has registered with the code of one that was refused
            DbError::Constraint(name) if name == "organisation_credit_code_key" => {
                Problem::new(Kind::Conflict)
            }
            other => other.into(),
        })?;
        let facts = AccountFacts {
            reason: reason.to_owned(),
            ..AccountFacts::default()
        };
        let about = uuid::Uuid::now_v7();
        let owners = store::owners(conn, id).await?;
        let mails: Vec<_> = owners
            .iter()
            .map(|owner| row.named().told(&owner.reader, kind, facts.clone(), about))
            .collect();
        tell(conn, Some(row.venue_id), mails).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(row.venue_id),
            action,
            "organisation",
            id.0,
            &[],
        )
        .await?;
        Ok(store::organisation(conn, id).await?)
    })
    .await?;
    Ok(HttpResponse::Ok().json(Organisation::from(row)))
}
