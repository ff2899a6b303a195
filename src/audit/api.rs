//! The audit over HTTP, for administrators.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::{self, EntryRow, Filter};
use crate::http::page::{Page, Position};
use crate::http::problem::Problem;
use crate::http::{App, Query};
use crate::id::{UserId, VenueId};
use crate::identity::Caller;
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this venue; what is no venue's (sign-ins, accounts) is every venue's.
    venue_id: VenueId,
    /// Of this person.
    actor_id: Option<UserId>,
    /// Of this kind: `read`, `sign_in`, `change`, `approve`, …
    #[param(example = "approve", max_length = 100)]
    action: Option<String>,
    /// About this kind of thing: `booking`, `space`, …; of what was read, the path.
    #[param(example = "booking", max_length = 100)]
    object_kind: Option<String>,
    /// About this thing.
    #[param(value_type = Option<String>, format = Uuid)]
    object_id: Option<Uuid>,
    /// Where personal data of this person was read, or something was done to their account.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Uuid>,
    /// Not before this.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-24T00:00:00Z")]
    from: Option<Instant>,
    /// Before this.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-25T00:00:00Z")]
    to: Option<Instant>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQAGY4cYQdYA")]
    cursor: Option<String>,
}

/// An entry of the audit.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Its id.
    #[schema(value_type = String, format = Uuid, example = "0199c0de-7a11-7000-8000-000000000001")]
    id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    at: Instant,
    /// Who; nobody where it was the product itself.
    actor_id: Option<UserId>,
    /// What they are called today.
    #[schema(example = "王敏")]
    actor_name: Option<String>,
    /// What they did.
    #[schema(example = "approve")]
    action: String,
    /// To what kind of thing; of what was read, the path.
    #[schema(example = "booking")]
    object_kind: String,
    /// To which.
    #[schema(value_type = Option<String>, format = Uuid, example = "0199c0de-7a11-7000-8000-000000000001")]
    object_id: Option<Uuid>,
    /// The names of the fields that changed; never their values.
    #[schema(example = json!(["policy"]))]
    fields: Vec<String>,
    /// The network address of a sign-in.
    #[schema(example = "203.0.113.7")]
    address: String,
    /// Whose personal data was read: accounts, and bookings of people without one.
    #[schema(value_type = Vec<String>, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    people: Vec<Uuid>,
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            fields: row.fields,
            address: row.address,
            people: row.people,
        }
    }
}

/// The audit
///
/// Every act of staff, every sign-in, and whose personal data staff have read, newest first. Entries are never changed; they
/// go when the venue's retention period is over.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(Which),
    responses((status = 200, description = "A page of entries", body = Vec<AuditEntry>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    which: Query<Which>,
) -> Result<HttpResponse, Problem> {
    let which = which.0;
    Operation::ListAudit.admit_to(&caller, &Object::of_venue(which.venue_id))?;
    let page = Page::new(which.limit, which.cursor.as_deref(), true)?;
    let filter = Filter {
        venue_id: which.venue_id,
        actor_id: which.actor_id,
        action: which.action,
        object_kind: which.object_kind,
        object_id: which.object_id,
        person: which.person_id,
        from: which.from,
        to: which.to,
        before: page.after.and_then(|after| Some((after.at?, after.id))),
        limit: page.rows(),
    };
    let conn = app.db.conn().await?;
    let mut rows = store::entries(&conn, &filter).await?;
    let mut response = page.response(&request, &mut rows, |row| Position {
        at: Some(row.at),
        id: row.id,
    });
    Ok(response.json(rows.into_iter().map(AuditEntry::from).collect::<Vec<_>>()))
}
