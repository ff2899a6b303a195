//! The SQL of the list of tenants.

use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

use crate::db::prepared;
use crate::id::VenueId;
use crate::identity::organisation::import::Tenant;
use crate::span::Instant;

/// A tenant on the list.
#[derive(Debug, Clone, QueryableByName)]
pub struct TenantRow {
    #[diesel(sql_type = Text)]
    pub credit_code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub imported_at: Instant,
}

/// The venue's tenants, by code.
pub async fn all(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Vec<TenantRow>> {
    prepared(
        sql_query(
            "SELECT credit_code, name, email, imported_at FROM tenant WHERE venue_id = $1 ORDER BY credit_code",
        )
        .bind::<SqlUuid, _>(venue_id),
    )
    .load(&mut &*conn)
    .await
}

/// What became of a tenant.
#[derive(Debug, Clone, QueryableByName)]
pub struct Written {
    #[diesel(sql_type = Text)]
    pub credit_code: String,
    /// It was not on the list before.
    #[diesel(sql_type = Bool)]
    pub added: bool,
}

/// Puts tenants on the list, or changes them; those that are as they were are not told.
pub async fn put(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    tenants: &[&Tenant],
) -> QueryResult<Vec<Written>> {
    fn column<'a, T>(tenants: &[&'a Tenant], of: impl Fn(&'a Tenant) -> T) -> Vec<T> {
        tenants.iter().map(|tenant| of(tenant)).collect()
    }
    prepared(
        sql_query(
            "INSERT INTO tenant (venue_id, credit_code, name, email) \
             SELECT $1, given.* FROM unnest($2, $3, $4) AS given \
             ON CONFLICT (venue_id, credit_code) DO UPDATE SET name = excluded.name, email = excluded.email, imported_at = excluded.imported_at \
             WHERE (tenant.name, tenant.email) IS DISTINCT FROM (excluded.name, excluded.email) \
             RETURNING credit_code, xmax = 0 AS added",
        )
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Array<Text>, _>(column(tenants, |tenant| tenant.credit_code.as_str()))
        .bind::<Array<Text>, _>(column(tenants, |tenant| tenant.name.as_str()))
        .bind::<Array<Nullable<Text>>, _>(column(tenants, |tenant| tenant.email.as_deref())),
    )
    .load(&mut &*conn)
    .await
}

/// Takes a tenant off the list; what was verified stays so.
pub async fn delete(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    credit_code: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query("DELETE FROM tenant WHERE venue_id = $1 AND credit_code = $2")
            .bind::<SqlUuid, _>(venue_id)
            .bind::<Text, _>(credit_code.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}
