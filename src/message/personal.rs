//! What mails know about people: told to them, and forgotten. That a mail was promised, and what became of it, stays; the
//! keys of mails about accounts hold an address, those about bookings none.

use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use super::MessageKind;
use super::account::AccountKind;
use super::delivery::DIGEST;
use crate::db::prepared;
use crate::id::{BookingId, UserId, VenueId};

/// What stands in place of a name that is forgotten.
const NOBODY: &str = "–";

#[derive(QueryableByName)]
struct Data {
    #[diesel(sql_type = Jsonb)]
    mails: Value,
}

/// The mails to a person, whether as an account or as an address, as a list of objects; what a link in one of them is good
/// for is not told again.
pub async fn export(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<Value> {
    let data: Data = prepared(
        sql_query(
            "SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') AS mails FROM ( \
               SELECT m.id, m.kind, m.booking_id, m.email, m.phone, m.locale, m.payload - 'link' - 'guest_link' - 'by_id' AS facts, m.state, \
                 m.created_at, m.sent_at \
               FROM message m WHERE m.redacted_at IS NULL AND (m.recipient_id = $1 OR lower(m.email) = lower($2))) x",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(data.mails)
}

/// Forgets a person in mails: those to them and about bookings that were their own (`own`), of which nothing is sent any
/// more, and what mails to others say of them.
pub async fn forget(
    conn: &AsyncPgConnection,
    user: UserId,
    email: &str,
    own: &[BookingId],
) -> QueryResult<()> {
    // first, while it still stands in their own mails as what others know them
    forget_in_others(conn, user, email, own).await?;
    prepared(
        sql_query(
            "UPDATE message SET email = NULL, phone = NULL, payload = '{}', last_error = NULL, redacted_at = clock_timestamp(), \
               dedupe_key = CASE WHEN booking_id IS NULL THEN 'redacted:' || id ELSE dedupe_key END, \
               state = CASE state WHEN 'queued' THEN 'muted' ELSE state END, waits_for = NULL, waits_until = NULL \
             WHERE redacted_at IS NULL AND (recipient_id = $1 OR lower(email) = lower($2) OR booking_id = ANY ($3))",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<Array<Uuid>, _>(own.to_vec()),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// Mails to others name them as the contact of a booking of which they were told, also in digests, from which their own
/// bookings go; and as who did what the mail tells of. A digest that nothing is left of is not sent.
async fn forget_in_others(
    conn: &AsyncPgConnection,
    user: UserId,
    email: &str,
    own: &[BookingId],
) -> QueryResult<()> {
    prepared(
        sql_query(
            "WITH theirs AS MATERIALIZED ( \
               SELECT DISTINCT booking_id, payload->>'contact_name' AS name FROM message \
               WHERE redacted_at IS NULL AND booking_id IS NOT NULL AND kind <> ALL ($5) AND (recipient_id = $1 OR lower(email) = lower($2))), \
             renamed AS ( \
               UPDATE message m SET payload = jsonb_set(m.payload, '{contact_name}', $4) FROM theirs t \
               WHERE m.booking_id = t.booking_id AND m.redacted_at IS NULL AND m.payload->>'contact_name' = t.name), \
             left_over AS ( \
               SELECT d.id, ( \
                 SELECT coalesce(jsonb_agg(CASE WHEN t.name IS NULL THEN i.item ELSE jsonb_set(i.item, '{facts,contact_name}', $4) END ORDER BY i.place), '[]') \
                 FROM jsonb_array_elements(d.payload->'items') WITH ORDINALITY i (item, place) \
                 LEFT JOIN theirs t ON t.booking_id = (i.item->'facts'->>'booking_id')::uuid AND t.name = i.item->'facts'->>'contact_name' \
                 WHERE NOT (i.item->'facts'->>'booking_id')::uuid = ANY ($3)) AS items \
               FROM message d WHERE d.kind = $6 AND d.booking_id IS NULL AND d.redacted_at IS NULL) \
             UPDATE message d SET payload = jsonb_build_object('items', l.items), \
               state = CASE WHEN d.state = 'queued' AND l.items = '[]' THEN 'overtaken' ELSE d.state END \
             FROM left_over l WHERE d.id = l.id AND l.items <> d.payload->'items'",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<Array<Uuid>, _>(own.to_vec())
        .bind::<Jsonb, _>(Value::from(NOBODY))
        .bind::<Array<Text>, _>(kinds_to_staff())
        .bind::<Text, _>(DIGEST),
    )
    .execute(&mut &*conn)
    .await?;
    prepared(
        sql_query(
            "UPDATE message SET payload = jsonb_set(payload - 'by_id', '{by}', $2) \
             WHERE booking_id IS NULL AND redacted_at IS NULL AND payload->>'by_id' = $1::text",
        )
        .bind::<Uuid, _>(user)
        .bind::<Jsonb, _>(Value::from(NOBODY)),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// The kinds of mails whose reader is not the one whom the booking's contact names.
fn kinds_to_staff() -> Vec<&'static str> {
    MessageKind::ALL
        .into_iter()
        .filter(|kind| kind.to_staff())
        .map(MessageKind::as_str)
        .collect()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Empties the mails of a venue (`None`: of no venue) that were written more than so many days ago, so many at a time;
/// how many there were. The last mail of an account that is gone goes as soon as it is known what became of it.
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
                 AND (m.created_at < clock_timestamp() - make_interval(days => $2) OR m.kind = $4) \
               ORDER BY m.id LIMIT $3 FOR UPDATE OF m SKIP LOCKED), \
             emptied AS ( \
               UPDATE message m SET email = NULL, phone = NULL, payload = '{}', last_error = NULL, redacted_at = clock_timestamp(), \
                 dedupe_key = CASE WHEN m.booking_id IS NULL THEN 'redacted:' || m.id ELSE m.dedupe_key END \
               FROM old WHERE m.id = old.id) \
             SELECT count(*) AS count FROM old",
        )
        .bind::<Nullable<Uuid>, _>(venue)
        .bind::<Integer, _>(days)
        .bind::<BigInt, _>(most)
        .bind::<Text, _>(AccountKind::AccountDeleted),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(done.count)
}
