//! What bookings know about people: told to them, and forgotten. What stays are numbers: space, time, kind, attendance,
//! what became of it.

use diesel::sql_types::{BigInt, Integer, Jsonb, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::db::prepared;
use crate::id::{BookingId, UserId, VenueId};

/// What stands in place of a contact and a title that are forgotten.
pub const FORGOTTEN: &str = "–";

#[derive(QueryableByName)]
struct Data {
    #[diesel(sql_type = Jsonb)]
    bookings: Value,
    #[diesel(sql_type = Jsonb)]
    history: Value,
    #[diesel(sql_type = Jsonb)]
    change_requests: Value,
    #[diesel(sql_type = Jsonb)]
    questions: Value,
}

/// A person's bookings, what they did to bookings, the changes that they asked for, and what was asked and answered, as lists
/// of objects.
#[derive(Debug, Clone)]
pub struct Export {
    pub bookings: Value,
    pub history: Value,
    pub change_requests: Value,
    pub questions: Value,
}

/// Everything that bookings know about a person, also where others named them as the contact.
pub async fn export(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<Export> {
    let data: Data = prepared(
        sql_query(
            "SELECT \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM ( \
                 SELECT b.id, b.reference, s.name_zh AS space_zh, s.name_en AS space_en, b.state, lower(b.during) AS start, upper(b.during) AS \"end\", \
                   b.event_type, b.title, b.title_public, b.attendance, b.needs, b.organisation_id, b.contact_name, b.contact_email, b.contact_phone, \
                   b.locale, b.created_at FROM booking b JOIN space s ON s.id = b.space_id \
                 WHERE b.requester_id = $1 OR lower(b.contact_email) = lower($2)) x) AS bookings, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.at), '[]') FROM ( \
                 SELECT e.booking_id, e.at, e.event, e.to_state, e.reason, e.by_staff FROM booking_event e WHERE e.actor_id = $1) x) AS history, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM ( \
                 SELECT c.id, c.booking_id, c.state, lower(c.during) AS start, upper(c.during) AS \"end\", c.attendance, c.reason, c.created_at \
                 FROM change_request c WHERE c.requested_by = $1) x) AS change_requests, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM ( \
                 SELECT q.id, q.booking_id, q.asked AS question, q.asked_at, q.answer, q.answered_at FROM question q JOIN booking b ON b.id = q.booking_id \
                 WHERE b.requester_id = $1 OR q.answered_by = $1 OR q.asked_by = $1) x) AS questions",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(Export {
        bookings: data.bookings,
        history: data.history,
        change_requests: data.change_requests,
        questions: data.questions,
    })
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uuid)]
    id: BookingId,
}

/// Bookings of the person's own that are still ahead: they are given up before the person goes.
pub async fn ahead(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Vec<BookingId>> {
    let rows: Vec<Found> = prepared(
        sql_query(
            "SELECT id FROM booking WHERE requester_id = $1 AND organisation_id IS NULL \
               AND state IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted') ORDER BY id LIMIT 100",
        )
        .bind::<Uuid, _>(user),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The bookings that are the person's and nobody else's: their own, and those that somebody without an account asked for
/// with their address.
pub async fn own(
    conn: &AsyncPgConnection,
    user: UserId,
    email: &str,
) -> QueryResult<Vec<BookingId>> {
    let rows: Vec<Found> = prepared(
        sql_query(
            "SELECT id FROM booking WHERE organisation_id IS NULL \
               AND (requester_id = $1 OR requester_id IS NULL AND lower(contact_email) = lower($2)) ORDER BY id",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What is emptied of a booking, in SQL: the person goes, the numbers stay. Of each that is chosen the contact goes, what
/// was said about it where that was `theirs`, and its title where it was `whole`. A form that is left open lapses.
macro_rules! emptied {
    ($chosen:literal) => {
        concat!(
            "WITH chosen AS (",
            $chosen,
            "), \
             emptied AS ( \
               UPDATE booking b SET contact_name = $1, contact_email = NULL, contact_phone = NULL, guest_link = NULL, revision = b.revision + 1, \
                 needs = CASE WHEN chosen.theirs THEN '' ELSE b.needs END, \
                 expires_at = CASE WHEN b.state = 'held' THEN least(b.expires_at, clock_timestamp()) ELSE b.expires_at END, \
                 title = CASE WHEN chosen.whole THEN $1 ELSE b.title END, title_public = b.title_public AND NOT chosen.whole \
               FROM chosen WHERE b.id = chosen.id), \
             lines AS ( \
               UPDATE booking_event e SET reason = '', changes = NULL FROM chosen \
               WHERE e.booking_id = chosen.id AND chosen.theirs AND (e.reason <> '' OR e.changes IS NOT NULL)), \
             wishes AS ( \
               UPDATE change_request c SET reason = '', decision_reason = '' FROM chosen WHERE c.booking_id = chosen.id AND chosen.theirs), \
             talks AS ( \
               UPDATE question q SET asked = $1, answer = CASE WHEN q.answer IS NULL THEN NULL ELSE $1 END FROM chosen WHERE q.booking_id = chosen.id AND chosen.theirs) \
             SELECT count(*) AS count FROM chosen"
        )
    };
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Forgets a person in what is over, and in forms that are still open. Of their own bookings all words go; of an
/// organisation's, what speaks of the person; of others', for which they were only the contact, that.
pub async fn forget(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<i64> {
    let done: Count = prepared(
        sql_query(emptied!(
            "SELECT id, requester_id IS NOT DISTINCT FROM $2 OR requester_id IS NULL AND organisation_id IS NULL AS theirs, \
               organisation_id IS NULL AND (requester_id = $2 OR requester_id IS NULL) AS whole FROM booking \
             WHERE requester_id = $2 AND state NOT IN ('requested', 'confirmed', 'checked_in', 'waitlisted') \
               OR lower(contact_email) = lower($3) AND (state NOT IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted') \
                 OR requester_id IS NULL AND organisation_id IS NULL) \
             ORDER BY id FOR NO KEY UPDATE"
        ))
        .bind::<Text, _>(FORGOTTEN)
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(done.count)
}

/// Forgets the people of a venue's bookings that ended more than so many days ago, so many bookings at a time; how many
/// there were.
pub async fn expire(
    conn: &AsyncPgConnection,
    venue: VenueId,
    days: i32,
    most: i64,
) -> QueryResult<i64> {
    let done: Count = prepared(
        sql_query(emptied!(
            "SELECT b.id, true AS theirs, true AS whole FROM booking b WHERE b.space_id = ANY (ARRAY(SELECT id FROM space WHERE venue_id = $2)) \
               AND upper(b.during) < clock_timestamp() - make_interval(days => $3) \
               AND b.state NOT IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted') \
               AND (b.contact_name <> $1 OR b.title <> $1 OR b.contact_email IS NOT NULL OR b.contact_phone IS NOT NULL OR b.needs <> '') \
               ORDER BY b.id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED"
        ))
        .bind::<Text, _>(FORGOTTEN)
        .bind::<Uuid, _>(venue)
        .bind::<Integer, _>(days)
        .bind::<BigInt, _>(most),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(done.count)
}
