//! The SQL of keys; who a key stands for is `identity::callers`'s business.

use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::Scope;
use crate::db::prepared;
use crate::id::{ApiKeyId, OrganisationId, UserId, VenueId};
use crate::span::Instant;

/// A key as it stands, without the key itself.
#[derive(Debug, Clone, QueryableByName)]
pub struct ApiKeyRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: ApiKeyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = SqlUuid)]
    pub venue_id: VenueId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organisation_id: Option<OrganisationId>,
    #[diesel(sql_type = SqlUuid)]
    pub made_by: UserId,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<Scope>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<Instant>,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub id: ApiKeyId,
    pub hash: Vec<u8>,
    pub name: String,
    pub venue_id: VenueId,
    pub organisation_id: Option<OrganisationId>,
    pub made_by: UserId,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<Instant>,
}

macro_rules! returning {
    ($start:literal) => {
        concat!(
            $start,
            " id, name, venue_id, organisation_id, made_by, scopes, created_at, expires_at, last_used_at, revoked_at"
        )
    };
    ($start:literal, $rest:literal) => {
        concat!(
            $start,
            " id, name, venue_id, organisation_id, made_by, scopes, created_at, expires_at, last_used_at, revoked_at ",
            $rest
        )
    };
}

/// Makes a key.
pub async fn insert(conn: &AsyncPgConnection, new: &NewKey) -> QueryResult<ApiKeyRow> {
    prepared(
        sql_query(returning!(
            "INSERT INTO api_key (id, hash, name, venue_id, organisation_id, made_by, scopes, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING"
        ))
        .bind::<SqlUuid, _>(new.id)
        .bind::<Bytea, _>(new.hash.clone())
        .bind::<Text, _>(new.name.clone())
        .bind::<SqlUuid, _>(new.venue_id)
        .bind::<Nullable<SqlUuid>, _>(new.organisation_id)
        .bind::<SqlUuid, _>(new.made_by)
        .bind::<Array<Text>, _>(new.scopes.clone())
        .bind::<Nullable<Timestamptz>, _>(new.expires_at),
    )
    .get_result(&mut &*conn)
    .await
}

/// One key.
pub async fn key(conn: &AsyncPgConnection, id: ApiKeyId) -> QueryResult<ApiKeyRow> {
    prepared(sql_query(returning!("SELECT", "FROM api_key WHERE id = $1")).bind::<SqlUuid, _>(id))
        .get_result(&mut &*conn)
        .await
}

/// The keys of an organisation, or all of a venue, the newest first.
pub async fn keys(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    organisation_id: Option<OrganisationId>,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<ApiKeyRow>> {
    prepared(
        sql_query(returning!(
            "SELECT",
            "FROM api_key WHERE venue_id = $1 AND ($2 IS NULL OR organisation_id = $2) AND ($3 IS NULL OR id < $3) \
             ORDER BY id DESC LIMIT $4"
        ))
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(organisation_id)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}

/// Ends a key; 0 where it has ended.
pub async fn revoke(conn: &AsyncPgConnection, id: ApiKeyId) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE api_key SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL",
        )
        .bind::<SqlUuid, _>(id),
    )
    .execute(&mut &*conn)
    .await
}
