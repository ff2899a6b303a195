//! The audit's SQL.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::id::UserId;
use crate::schema::audit_entry;

/// Writes down an act, in the transaction of the act itself. `actor` is `None` for the product itself.
pub async fn record(
    conn: &AsyncPgConnection,
    actor: Option<UserId>,
    action: &str,
    object_kind: &str,
    object_id: Uuid,
    fields: &[&str],
) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(audit_entry::table)
        .values((
            audit_entry::id.eq(Uuid::now_v7()),
            audit_entry::actor_id.eq(actor),
            audit_entry::action.eq(action),
            audit_entry::object_kind.eq(object_kind),
            audit_entry::object_id.eq(object_id),
            audit_entry::fields.eq(fields.iter().map(|field| Some(*field)).collect::<Vec<_>>()),
        ))
        .execute(&mut conn)
        .await
        .map(drop)
}
