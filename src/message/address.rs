//! What is known of addresses: whether somebody reads them, and whether mail reaches them at all.

use std::collections::HashMap;

use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;

use crate::db::{prepared, text_enum};
use crate::span::Instant;

text_enum! {
    /// What is wrong with an address.
    AddressTrouble {
        /// A mail server refused it for good.
        Bounced = "bounced",
        /// Nobody has followed a link that was sent there, and no account has it.
        Unconfirmed = "unconfirmed",
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    address: String,
    #[diesel(sql_type = Text)]
    trouble: AddressTrouble,
}

/// What is wrong with the address that an expression of SQL gives, as an expression of SQL; `NULL`: nothing, or it is none.
macro_rules! trouble {
    ($address:literal) => {
        concat!(
            "(SELECT CASE WHEN known.bounced_at IS NOT NULL THEN 'bounced' \
               WHEN known.confirmed_at IS NULL AND NOT EXISTS (SELECT FROM \"user\" holder \
                 WHERE lower(holder.email) = one.address AND holder.verified_at IS NOT NULL) THEN 'unconfirmed' END \
             FROM (SELECT lower(",
            $address,
            ") AS address) one LEFT JOIN mail_address known ON known.address = one.address WHERE one.address IS NOT NULL)"
        )
    };
}
pub(crate) use trouble;

/// Those of the addresses with which something is wrong, as they are written here.
pub async fn troubles(
    conn: &AsyncPgConnection,
    addresses: Vec<String>,
) -> QueryResult<HashMap<String, AddressTrouble>> {
    if addresses.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = prepared(
        sql_query(concat!(
            "SELECT address, trouble FROM (SELECT asked.address, ",
            trouble!("asked.address"),
            " AS trouble FROM unnest($1) AS asked (address)) judged WHERE trouble IS NOT NULL"
        ))
        .bind::<Array<Text>, _>(addresses),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.address, row.trouble))
        .collect())
}

/// When it was learnt that somebody reads an address, and that mail does not reach it.
#[derive(Debug, Clone, Default, Serialize, QueryableByName)]
pub struct Known {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub address_confirmed_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub address_bounced_at: Option<Instant>,
}

/// What is known of an address.
pub async fn known(conn: &AsyncPgConnection, address: &str) -> QueryResult<Known> {
    let known = prepared(
        sql_query(
            "SELECT confirmed_at AS address_confirmed_at, bounced_at AS address_bounced_at FROM mail_address WHERE address = lower($1)",
        )
        .bind::<Text, _>(address.to_owned()),
    );
    let row: Option<Known> = known.get_result(&mut &*conn).await.optional()?;
    Ok(row.unwrap_or_default())
}

/// Somebody followed a link that was sent to the address.
pub async fn confirmed(conn: &AsyncPgConnection, address: &str) -> QueryResult<usize> {
    prepared(
        sql_query(
            "INSERT INTO mail_address (address, confirmed_at) VALUES (lower($1), clock_timestamp()) \
             ON CONFLICT (address) DO UPDATE SET confirmed_at = EXCLUDED.confirmed_at, bounced_at = NULL",
        )
        .bind::<Text, _>(address.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Nothing is known of the address any more.
pub async fn forget(conn: &AsyncPgConnection, address: &str) -> QueryResult<usize> {
    prepared(
        sql_query("DELETE FROM mail_address WHERE address = lower($1)")
            .bind::<Text, _>(address.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Forgets what was learnt of addresses more than so many days ago, unless an account has the address, or a booking that is
/// kept names it. For the worker; safe to run twice.
pub async fn expire(conn: &AsyncPgConnection, days: i32) -> QueryResult<usize> {
    prepared(
        sql_query(
            "DELETE FROM mail_address a \
             WHERE coalesce(greatest(a.confirmed_at, a.bounced_at) < clock_timestamp() - make_interval(days => $1), true) \
               AND NOT EXISTS (SELECT FROM \"user\" u WHERE lower(u.email) = a.address) \
               AND NOT EXISTS (SELECT FROM booking b WHERE lower(b.contact_email) = a.address)",
        )
        .bind::<Integer, _>(days),
    )
    .execute(&mut &*conn)
    .await
}
