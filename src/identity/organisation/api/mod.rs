//! Organisations over HTTP.

pub mod decisions;
pub mod invitations;
pub mod members;
pub mod organisations;
pub mod tenants;

use diesel_async::AsyncPgConnection;

use super::store::{self, OrganisationRow};
use crate::db::DbError;
use crate::http::problem::{Kind, Problem};
use crate::id::{OrganisationId, VenueId};
use crate::identity::Caller;
use crate::routes::{Object, Operation};

/// An organisation as authorisation asks.
fn object(venue_id: VenueId, id: OrganisationId) -> Object {
    Object {
        venue_id,
        space_id: None,
        user_id: None,
        organisation_id: Some(id),
    }
}

/// The organisation, judged.
async fn seen(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: OrganisationId,
) -> Result<OrganisationRow, Problem> {
    let row = store::organisation(conn, id).await?;
    operation.admit_to(caller, &object(row.venue_id, row.id))?;
    Ok(row)
}

/// The organisation, locked and judged.
async fn locked(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: OrganisationId,
) -> Result<OrganisationRow, Problem> {
    let row = store::locked(conn, id).await?;
    operation.admit_to(caller, &object(row.venue_id, row.id))?;
    Ok(row)
}

/// The constraint that keeps the last owner, told as what it means.
fn last_owner(error: diesel::result::Error) -> Problem {
    match DbError::from(error) {
        DbError::Constraint(name) if name == "membership_owner" => Problem::new(Kind::LastOwner),
        other => other.into(),
    }
}
