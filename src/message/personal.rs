//! What mails know about people: told to them, and forgotten. That a mail was promised, and what became of it, stays; the
//! keys of mails about accounts hold an address, those about bookings none.

use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::db::prepared;
use crate::id::{UserId, VenueId};

#[derive(QueryableByName)]
struct Data {
    #[diesel(sql_type = Jsonb)]
    mails: Value,
}

/// The mails to a person, as a list of objects; what a link in one of them is good for is not told again.
pub async fn export(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Value> {
    let data: Data = prepared(
        sql_query(
            "SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') AS mails FROM ( \
               SELECT m.id, m.kind, m.booking_id, m.email, m.phone, m.locale, m.payload - 'link' AS facts, m.state, m.created_at, m.sent_at \
               FROM message m WHERE m.recipient_id = $1) x",
        )
        .bind::<Uuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(data.mails)
}

/// Forgets a person in mails to them and about their bookings; what was not sent yet is not sent.
pub async fn forget(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE message SET email = NULL, phone = NULL, payload = '{}', last_error = NULL, redacted_at = clock_timestamp(), \
               dedupe_key = CASE WHEN booking_id IS NULL THEN 'redacted:' || id ELSE dedupe_key END, \
               state = CASE state WHEN 'queued' THEN 'muted' ELSE state END, waits_for = NULL, waits_until = NULL \
             WHERE redacted_at IS NULL AND (recipient_id = $1 OR lower(email) = lower($2) \
               OR booking_id IN (SELECT id FROM booking WHERE requester_id = $1 AND organisation_id IS NULL))",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Empties the mails of a venue (`None`: of no venue) that were written more than so many days ago, so many at a time;
/// how many there were. The last mail of an account that is gone goes as soon as it is sent.
pub async fn expire(
    conn: &AsyncPgConnection,
    venue: Option<VenueId>,
    days: i32,
    most: i64,
) -> QueryResult<i64> {
    let done: Count = prepared(
        sql_query(
            "WITH old AS ( \
               SELECT m.id FROM message m LEFT JOIN booking b ON b.id = m.booking_id LEFT JOIN space s ON s.id = b.space_id \
               WHERE m.redacted_at IS NULL AND m.state <> 'queued' AND coalesce(s.venue_id, m.venue_id) IS NOT DISTINCT FROM $1 \
                 AND (m.created_at < clock_timestamp() - make_interval(days => $2) OR m.kind = 'account_deleted' AND m.state = 'sent') \
               ORDER BY m.id LIMIT $3 FOR UPDATE OF m SKIP LOCKED), \
             emptied AS ( \
               UPDATE message m SET email = NULL, phone = NULL, payload = '{}', last_error = NULL, redacted_at = clock_timestamp(), \
                 dedupe_key = CASE WHEN m.booking_id IS NULL THEN 'redacted:' || m.id ELSE m.dedupe_key END \
               FROM old WHERE m.id = old.id) \
             SELECT count(*) AS count FROM old",
        )
        .bind::<Nullable<Uuid>, _>(venue)
        .bind::<Integer, _>(days)
        .bind::<BigInt, _>(most),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(done.count)
}
