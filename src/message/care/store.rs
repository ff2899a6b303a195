//! The SQL of mails as staff see them.

use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{FailureReason, MailState};
use crate::db::prepared;
use crate::id::{BookingId, MessageId, SpaceId, UserId, VenueId};
use crate::span::Instant;

/// A mail, with whom to call where it did not arrive.
#[derive(Debug, Clone, QueryableByName)]
pub struct MailRow {
    #[diesel(sql_type = Uuid)]
    pub id: MessageId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: MailState,
    /// The venue that it is about; none: any.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub venue_id: Option<VenueId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub space_id: Option<SpaceId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub booking_id: Option<BookingId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub recipient_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub failure: Option<FailureReason>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub called_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub called_by: Option<UserId>,
}

macro_rules! mails {
    ($where:expr) => {
        concat!(
            "SELECT m.id, m.kind, m.state, coalesce(s.venue_id, m.venue_id) AS venue_id, b.space_id, m.booking_id, b.reference, \
               m.recipient_id, CASE WHEN m.recipient_id IS NULL OR m.recipient_id = b.requester_id THEN coalesce(b.contact_name, u.name) ELSE u.name END AS name, \
               m.email, coalesce(m.phone, CASE WHEN m.recipient_id IS NULL OR m.recipient_id = b.requester_id THEN b.contact_phone END, u.phone) AS phone, \
               CASE WHEN m.state = 'failed' THEN coalesce(m.failure, CASE WHEN m.email IS NULL THEN 'no_address' ELSE 'mail_refused' END) END AS failure, \
               m.last_error, m.tries, m.created_at, m.sent_at, m.called_at, m.called_by \
             FROM message m LEFT JOIN booking b ON b.id = m.booking_id LEFT JOIN space s ON s.id = b.space_id \
             LEFT JOIN \"user\" u ON u.id = m.recipient_id ",
            $where
        )
    };
}

/// Which mails.
#[derive(Debug, Clone)]
pub struct Filter {
    pub venue_id: VenueId,
    /// About bookings in these spaces; `None`: everything in the venue.
    pub spaces: Option<Vec<SpaceId>>,
    pub state: MailState,
    pub booking_id: Option<BookingId>,
    /// Of those that failed: whether its reader was called instead.
    pub called: Option<bool>,
    /// Where the page before ended.
    pub before: Option<uuid::Uuid>,
    pub limit: i64,
}

/// A page of the mails that the first condition finds by an index of its own.
macro_rules! page {
    ($found:literal) => {
        sql_query(mails!(concat!(
            "WHERE ",
            $found,
            " AND m.state = $1 AND m.redacted_at IS NULL AND coalesce(s.venue_id, m.venue_id, $2) = $2 \
               AND ($3 IS NULL OR m.booking_id = $3) AND ($4 IS NULL OR (m.called_at IS NOT NULL) = $4) \
               AND ($5 IS NULL OR m.id < $5) AND ($7 IS NULL OR b.space_id = ANY ($7)) ORDER BY m.id DESC LIMIT $6"
        )))
    };
}

/// Mails, newest first; those of no venue are every venue's. What was emptied when its time was over is not listed. A
/// booking's are few, and so are those that failed: neither is sought among all.
pub async fn mails(conn: &AsyncPgConnection, filter: &Filter) -> QueryResult<Vec<MailRow>> {
    let query = match (filter.booking_id, filter.state) {
        (Some(_), _) => page!("m.booking_id = $3"),
        (None, MailState::Failed) => page!("m.state = 'failed'"),
        (None, _) => page!("true"),
    };
    prepared(
        query
            .bind::<Text, _>(filter.state)
            .bind::<Uuid, _>(filter.venue_id)
            .bind::<Nullable<Uuid>, _>(filter.booking_id)
            .bind::<Nullable<Bool>, _>(filter.called)
            .bind::<Nullable<Uuid>, _>(filter.before)
            .bind::<BigInt, _>(filter.limit)
            .bind::<Nullable<Array<Uuid>>, _>(filter.spaces.clone()),
    )
    .load(&mut &*conn)
    .await
}

/// A mail.
pub async fn mail(conn: &AsyncPgConnection, id: MessageId) -> QueryResult<MailRow> {
    prepared(sql_query(mails!("WHERE m.id = $1 AND m.redacted_at IS NULL")).bind::<Uuid, _>(id))
        .get_result(&mut &*conn)
        .await
}

/// A mail, locked until the end of the transaction.
pub async fn locked(conn: &AsyncPgConnection, id: MessageId) -> QueryResult<MailRow> {
    prepared(
        sql_query("SELECT id FROM message WHERE id = $1 FOR NO KEY UPDATE").bind::<Uuid, _>(id),
    )
    .execute(&mut &*conn)
    .await?;
    mail(conn, id).await
}

#[derive(QueryableByName)]
struct Address {
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
}

/// Where a mail that failed would go by now: a booking's or a digest to the address that the booking or the account has today,
/// since it may have been corrected, any other where it was to go. `None`: nowhere, or its link has run out.
pub async fn way(conn: &AsyncPgConnection, id: MessageId) -> QueryResult<Option<String>> {
    let row: Option<Address> = prepared(
        sql_query(
            "SELECT CASE WHEN m.kind = 'decision_digest' THEN u.email WHEN m.booking_id IS NULL THEN m.email WHEN m.recipient_id = b.requester_id OR m.recipient_id IS NULL \
               THEN coalesce(b.contact_email, m.email) ELSE coalesce(u.email, m.email) END AS email \
             FROM message m LEFT JOIN booking b ON b.id = m.booking_id LEFT JOIN \"user\" u ON u.id = m.recipient_id \
             WHERE m.id = $1 AND NOT EXISTS (SELECT FROM mail_link l WHERE l.id = (m.payload->>'link')::uuid \
               AND (l.used_at IS NOT NULL OR l.expires_at <= clock_timestamp())) \
               AND (m.payload->>'link' IS NULL OR EXISTS (SELECT FROM mail_link l WHERE l.id = (m.payload->>'link')::uuid))",
        )
        .bind::<Uuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(row.and_then(|row| row.email))
}

/// Sends a mail that failed once more, under the same Message-ID; its address has another chance, and the task about it
/// is done.
pub async fn resend(
    conn: &AsyncPgConnection,
    id: MessageId,
    email: &str,
    by: UserId,
) -> QueryResult<()> {
    finish_task(conn, id, by).await?;
    prepared(
        sql_query(
            "WITH chance AS (UPDATE mail_address SET bounced_at = NULL WHERE address = lower($2)) \
             UPDATE message SET state = 'queued', email = $2, tries = 0, next_try_at = clock_timestamp(), \
               last_error = NULL, failure = NULL, called_at = NULL, called_by = NULL WHERE id = $1 AND state = 'failed'",
        )
        .bind::<Uuid, _>(id)
        .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// Somebody called: this mail, and the others about the same booking, or the other digests, that did not reach the same
/// reader, are told.
pub async fn called(conn: &AsyncPgConnection, id: MessageId, by: UserId) -> QueryResult<()> {
    finish_task(conn, id, by).await?;
    prepared(
        sql_query(
            "UPDATE message m SET called_at = clock_timestamp(), called_by = $2 FROM message one \
             WHERE one.id = $1 AND m.state = 'failed' AND m.called_at IS NULL AND (m.id = one.id \
               OR (m.booking_id = one.booking_id OR m.booking_id IS NULL AND m.kind = 'decision_digest' AND one.kind = m.kind) \
                 AND m.email IS NOT DISTINCT FROM one.email AND m.recipient_id IS NOT DISTINCT FROM one.recipient_id)",
        )
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(by),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// One task tells of all mails about a booking that do not reach one reader, and one of all digests.
async fn finish_task(conn: &AsyncPgConnection, id: MessageId, by: UserId) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE task SET done_at = clock_timestamp(), done_by = $2 FROM message one \
             WHERE one.id = $1 AND (one.booking_id IS NOT NULL OR one.kind = 'decision_digest') AND task.kind = 'mail_undelivered' AND task.done_at IS NULL AND task.booking_id IS NOT DISTINCT FROM one.booking_id \
               AND EXISTS (SELECT FROM message told WHERE told.id = (task.detail->>'message_id')::uuid \
                 AND told.email IS NOT DISTINCT FROM one.email)",
        )
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(by),
    )
    .execute(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Uuid)]
    id: MessageId,
}

/// The mail that was written under this key.
pub async fn id_of(conn: &AsyncPgConnection, dedupe_key: &str) -> QueryResult<MessageId> {
    let row: Id = prepared(
        sql_query("SELECT id FROM message WHERE dedupe_key = $1")
            .bind::<Text, _>(dedupe_key.to_owned()),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(row.id)
}
