//! What is known of addresses: whether somebody reads them, and whether mail reaches them at all.

use std::collections::HashMap;

use diesel::sql_types::{Array, Text};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::db::{prepared, text_enum};

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

/// Those of the addresses with which something is wrong, as they are written here.
pub async fn troubles(
    conn: &AsyncPgConnection,
    addresses: Vec<String>,
) -> QueryResult<HashMap<String, AddressTrouble>> {
    if addresses.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = prepared(
        sql_query(
            "SELECT address, trouble FROM ( \
               SELECT asked.address, CASE WHEN known.bounced_at IS NOT NULL THEN 'bounced' \
                 WHEN known.confirmed_at IS NULL AND NOT EXISTS (SELECT FROM \"user\" u \
                   WHERE lower(u.email) = lower(asked.address) AND u.verified_at IS NOT NULL) THEN 'unconfirmed' END AS trouble \
               FROM unnest($1) AS asked (address) LEFT JOIN mail_address known ON known.address = lower(asked.address)) judged \
             WHERE trouble IS NOT NULL",
        )
        .bind::<Array<Text>, _>(addresses),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.address, row.trouble))
        .collect())
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
