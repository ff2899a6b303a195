//! The outbox in the database.
//!
//! A message is queued until it was sent or failed for good. Who claims it pushes its next try a lease into the
//! future, in a statement of its own: nothing is locked while a mail server is spoken to, and a worker that dies
//! with a claim in its hands loses nothing, because the lease ends.

use std::time::Duration;

use chrono::NaiveTime;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Time, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Draft;
use super::account::AccountKind;
use super::care::FailureReason;
use super::delivery::{DIGEST, WaitsFor};
use crate::db::prepared;
use crate::id::{BookingId, MessageId, TaskId, UserId, VenueId};
use crate::language::Locale;
use crate::span::Instant;

/// Where a message without an address stands from the start.
pub const NO_ADDRESS: &str = "no_address";

/// What is kept of a mail server's answer.
const LONGEST_ERROR: usize = 500;

/// A message that this worker has to send before its lease ends.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub id: MessageId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub booking_id: Option<BookingId>,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub locale: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: serde_json::Value,
    /// This try included. It names the claim: of an older one nothing is written.
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// The clock when it was claimed.
    #[diesel(sql_type = Timestamptz)]
    pub now: Instant,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub recipient_id: Option<UserId>,
    /// What it has waited for already.
    #[diesel(sql_type = Nullable<Text>)]
    pub waited_for: Option<WaitsFor>,
    /// What it asks for was done, or is of no use any more.
    #[diesel(sql_type = Bool)]
    pub overtaken: bool,
    /// What its reader does not want.
    #[diesel(sql_type = Array<Text>)]
    pub off: Vec<String>,
    #[diesel(sql_type = Nullable<Time>)]
    pub digest_at: Option<NaiveTime>,
    /// The venue's quiet hours and zone, where it is about one.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub quiet_hours: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub time_zone: Option<String>,
}

/// A message as it is written.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub id: MessageId,
    pub kind: &'static str,
    pub booking_id: Option<BookingId>,
    pub venue_id: Option<VenueId>,
    pub recipient_id: Option<UserId>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub locale: Locale,
    /// JSON.
    pub payload: String,
    pub dedupe_key: String,
}

/// Writes messages, in the transaction of what they tell of. One statement, whatever their number; a second one
/// only where somebody has no address: then the front desk gets a task at once.
pub async fn insert(conn: &AsyncPgConnection, drafts: &[Draft]) -> QueryResult<()> {
    let rows = drafts
        .iter()
        .map(|draft| {
            Ok(Row {
                id: draft.id,
                kind: draft.kind.as_str(),
                booking_id: Some(draft.facts.booking_id),
                venue_id: None,
                recipient_id: draft.recipient_id,
                email: draft.email.clone(),
                phone: draft.phone.clone(),
                locale: draft.locale,
                payload: serde_json::to_string(&draft.facts)?,
                dedupe_key: draft.dedupe_key.clone(),
            })
        })
        .collect::<Result<Vec<_>, serde_json::Error>>()
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    insert_rows(conn, &rows).await?;
    for draft in drafts.iter().filter(|draft| draft.email.is_none()) {
        open_task(conn, draft.id).await?;
    }
    Ok(())
}

/// Writes rows, in one statement.
pub(super) async fn insert_rows(mut conn: &AsyncPgConnection, rows: &[Row]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    fn column<'a, T>(rows: &'a [Row], of: impl Fn(&'a Row) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    prepared(
        sql_query(
            "INSERT INTO message (id, kind, booking_id, recipient_id, email, phone, locale, payload, dedupe_key, venue_id, state, last_error, failure) \
             SELECT id, kind, booking_id, recipient_id, email, phone, locale, payload::jsonb, dedupe_key, venue_id, \
             CASE WHEN email IS NULL THEN 'failed' ELSE 'queued' END, CASE WHEN email IS NULL THEN 'no_address' END, \
             CASE WHEN email IS NULL THEN 'no_address' END \
             FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[]) \
             AS draft(id, kind, booking_id, recipient_id, email, phone, locale, payload, dedupe_key, venue_id) \
             ON CONFLICT (dedupe_key) DO NOTHING",
        )
        .bind::<Array<SqlUuid>, _>(column(rows, |row| row.id.0))
        .bind::<Array<Text>, _>(column(rows, |row| row.kind))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.booking_id.map(|id| id.0)))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.recipient_id.map(|id| id.0)))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.email.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.phone.as_deref()))
        .bind::<Array<Text>, _>(column(rows, |row| row.locale.tag()))
        .bind::<Array<Text>, _>(column(rows, |row| row.payload.as_str()))
        .bind::<Array<Text>, _>(column(rows, |row| row.dedupe_key.as_str()))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.venue_id.map(|id| id.0))),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// Opens a task for mails that did not arrive: about a booking, or a digest. One that is open already for the same reader
/// (where nobody has an address: for the same kind of mail) is enough. It names the mail and the reason; what the mail
/// server said quotes addresses, and stays with the mail.
macro_rules! task {
    ($undelivered:literal, $id:literal) => {
        concat!(
            "INSERT INTO task (id, venue_id, kind, booking_id, detail) \
             SELECT ",
            $id,
            ", coalesce(s.venue_id, m.venue_id), 'mail_undelivered', m.booking_id, \
               jsonb_build_object('message_id', m.id, 'message_kind', m.kind, 'reason', m.failure) \
             FROM ",
            $undelivered,
            " m LEFT JOIN booking b ON b.id = m.booking_id LEFT JOIN space s ON s.id = b.space_id \
             WHERE coalesce(s.venue_id, m.venue_id) IS NOT NULL AND m.kind <> 'request_to_confirm' \
               AND (m.booking_id IS NOT NULL OR m.kind = 'decision_digest') AND NOT EXISTS ( \
                 SELECT FROM task t JOIN message told ON told.id = (t.detail->>'message_id')::uuid \
                 WHERE t.kind = 'mail_undelivered' AND t.done_at IS NULL AND t.booking_id IS NOT DISTINCT FROM m.booking_id \
                   AND told.email IS NOT DISTINCT FROM m.email AND (m.email IS NOT NULL OR told.kind = m.kind))"
        )
    };
}

/// Claims up to `limit` messages that are due, the longest overdue first, each with what its reader chose and what the
/// venue's night is. Messages to one address about one booking go out in the order in which they were written: while one
/// is queued, those after it wait, unless it waits for a digest or the morning. (What is due is asked with
/// `statement_timestamp()`, which an index can be searched with, unlike `clock_timestamp()`.)
pub async fn claim(
    mut conn: &AsyncPgConnection,
    limit: usize,
    lease: Duration,
) -> QueryResult<Vec<Claimed>> {
    prepared(
        sql_query(
            "WITH due AS ( \
               SELECT id FROM message \
               WHERE state = 'queued' AND next_try_at <= statement_timestamp() AND NOT EXISTS ( \
                 SELECT 1 FROM message earlier \
                 WHERE earlier.booking_id = message.booking_id AND earlier.email = message.email AND earlier.state = 'queued' \
                 AND earlier.waits_for IS NULL AND (earlier.created_at, earlier.id) < (message.created_at, message.id)) \
               ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED), \
             claimed AS ( \
               UPDATE message SET tries = tries + 1, next_try_at = clock_timestamp() + make_interval(secs => $2) \
               FROM due WHERE message.id = due.id RETURNING message.*) \
             SELECT m.id, m.kind, m.booking_id, m.email, m.locale, m.payload, m.tries, m.created_at, clock_timestamp() AS now, \
               m.recipient_id, m.waits_for AS waited_for, coalesce(CASE m.kind \
                 WHEN 'request_to_decide' THEN b.state <> 'requested' \
                 WHEN 'change_to_decide' THEN NOT EXISTS (SELECT FROM change_request c WHERE c.booking_id = b.id AND c.state = 'open') \
                 WHEN 'booking_reminder' THEN b.state <> 'confirmed' \
                   OR lower(b.during) <> (m.payload->'during'->>'start')::timestamptz \
                 END, false) AS overtaken, \
               coalesce(w.off, '{}') AS off, w.digest_at, v.policy->'quiet_hours' AS quiet_hours, v.time_zone \
             FROM claimed m LEFT JOIN booking b ON b.id = m.booking_id LEFT JOIN space s ON s.id = b.space_id \
             LEFT JOIN venue v ON v.id = coalesce(s.venue_id, m.venue_id) \
             LEFT JOIN notification_setting w ON w.user_id = m.recipient_id",
        )
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind::<diesel::sql_types::Double, _>(lease.as_secs_f64()),
    )
    .load(&mut conn)
    .await
}

/// It goes out later, for a reason that is no fault: this was no try.
pub async fn postpone(
    mut conn: &AsyncPgConnection,
    claim: &Claimed,
    waits_for: WaitsFor,
    until: Instant,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "UPDATE message SET tries = tries - 1, next_try_at = $4, waits_for = $3, waits_until = $4 \
             WHERE id = $1 AND state = 'queued' AND tries = $2",
        )
        .bind::<SqlUuid, _>(claim.id)
        .bind::<Integer, _>(claim.tries)
        .bind::<Text, _>(waits_for)
        .bind::<Timestamptz, _>(until),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// It does not go out: its reader does not want it, or it was overtaken.
pub async fn drop_silently(
    mut conn: &AsyncPgConnection,
    claim: &Claimed,
    state: &'static str,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "UPDATE message SET state = $3 WHERE id = $1 AND state = 'queued' AND tries = $2",
        )
        .bind::<SqlUuid, _>(claim.id)
        .bind::<Integer, _>(claim.tries)
        .bind::<Text, _>(state),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// Puts everything that waits for this reader's digest into one mail, whoever else of the workers holds a part of it;
/// what is decided by now is left out. It goes to the address that the reader has now, in their language.
pub async fn gather(mut conn: &AsyncPgConnection, reader: UserId) -> QueryResult<()> {
    prepared(
        sql_query(
            "WITH waiting AS ( \
               SELECT id FROM message WHERE recipient_id = $1 AND state = 'queued' AND waits_for = 'digest' \
                 AND waits_until <= clock_timestamp() ORDER BY id FOR UPDATE), \
             gathered AS ( \
               UPDATE message m SET state = CASE WHEN CASE m.kind \
                   WHEN 'request_to_decide' THEN b.state = 'requested' \
                   ELSE EXISTS (SELECT FROM change_request c WHERE c.booking_id = b.id AND c.state = 'open') END \
                 THEN 'digested' ELSE 'overtaken' END \
               FROM waiting, booking b WHERE m.id = waiting.id AND b.id = m.booking_id \
               RETURNING m.id, m.kind, m.payload, m.state, b.space_id) \
             INSERT INTO message (id, kind, recipient_id, email, locale, payload, dedupe_key, venue_id) \
             SELECT $2, $3, u.id, u.email, u.locale, \
               jsonb_build_object('items', jsonb_agg(jsonb_build_object('kind', g.kind, 'facts', g.payload) ORDER BY g.id)), \
               $3 || ':' || $2, (SELECT s.venue_id FROM space s WHERE s.id = (array_agg(g.space_id ORDER BY g.id))[1]) \
             FROM gathered g JOIN \"user\" u ON u.id = $1 WHERE g.state = 'digested' GROUP BY u.id",
        )
        .bind::<SqlUuid, _>(reader)
        .bind::<SqlUuid, _>(MessageId::new())
        .bind::<Text, _>(DIGEST),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// The mail is out, so its address is reached. True whoever holds the claim by now.
pub async fn sent(mut conn: &AsyncPgConnection, id: MessageId) -> QueryResult<()> {
    prepared(
        sql_query(
            "WITH sent AS ( \
               UPDATE message SET state = 'sent', sent_at = clock_timestamp(), last_error = NULL \
               WHERE id = $1 AND state = 'queued' RETURNING email) \
             UPDATE mail_address SET bounced_at = NULL \
             WHERE address = (SELECT lower(email) FROM sent) AND bounced_at IS NOT NULL",
        )
        .bind::<SqlUuid, _>(id),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// This try came to nothing; the next one is due after a while.
pub async fn retry(
    mut conn: &AsyncPgConnection,
    claim: &Claimed,
    after: Duration,
    error: &str,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "UPDATE message SET next_try_at = clock_timestamp() + make_interval(secs => $3), last_error = $4 \
             WHERE id = $1 AND state = 'queued' AND tries = $2",
        )
        .bind::<SqlUuid, _>(claim.id)
        .bind::<Integer, _>(claim.tries)
        .bind::<diesel::sql_types::Double, _>(after.as_secs_f64())
        .bind::<Text, _>(shortened(error)),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// It will not be delivered: the front desk is told by a task, and an address that is refused is marked, unless its account
/// is gone. All or nothing of it is written, and once.
pub async fn failed(
    conn: &AsyncPgConnection,
    claim: &Claimed,
    reason: FailureReason,
    error: &str,
) -> QueryResult<()> {
    let (mut write, update) = (
        conn,
        prepared(
            sql_query(concat!(
                "WITH undelivered AS ( \
                   UPDATE message SET state = 'failed', last_error = $3, failure = $5, waits_for = NULL, waits_until = NULL \
                   WHERE id = $1 AND state = 'queued' AND tries = $2 RETURNING *), \
                 marked AS ( \
                   INSERT INTO mail_address (address, bounced_at) SELECT lower(email), clock_timestamp() FROM undelivered \
                   WHERE failure = 'address_refused' AND kind <> $6 ON CONFLICT (address) DO UPDATE SET bounced_at = EXCLUDED.bounced_at) ",
                task!("undelivered", "$4")
            ))
            .bind::<SqlUuid, _>(claim.id)
            .bind::<Integer, _>(claim.tries)
            .bind::<Text, _>(shortened(error))
            .bind::<SqlUuid, _>(TaskId::new())
            .bind::<Text, _>(reason)
            .bind::<Text, _>(AccountKind::AccountDeleted),
        ),
    );
    update.execute(&mut write).await.map(drop)
}

/// The task for a message that had nowhere to go.
async fn open_task(mut conn: &AsyncPgConnection, id: MessageId) -> QueryResult<()> {
    prepared(
        sql_query(concat!(
            "WITH undelivered AS (SELECT * FROM message WHERE id = $1 AND email IS NULL) ",
            task!("undelivered", "$2")
        ))
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(TaskId::new()),
    )
    .execute(&mut conn)
    .await
    .map(drop)
}

/// An answer of a mail server, short enough to keep.
fn shortened(error: &str) -> String {
    error
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_ERROR)
        .collect()
}
