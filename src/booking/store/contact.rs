//! Whom bookings belong to when people come and go: what identity asks of bookings.

use diesel::sql_types::{Nullable, Text, Uuid};
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::personal::FORGOTTEN;
use crate::db::prepared;
use crate::id::{OrganisationId, UserId};

/// Who looks after a booking from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    /// The tag of their language.
    pub locale: &'static str,
}

/// A member leaves an organisation: its bookings that are still ahead and that they asked for are somebody else's there
/// from now on, each with a line in its history. A form that is being filled in lapses by itself.
pub async fn hand_over(
    conn: &AsyncPgConnection,
    organisation: OrganisationId,
    from: UserId,
    to: &Contact,
    actor: UserId,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "WITH ahead AS ( \
                 SELECT id, state FROM booking \
                 WHERE organisation_id = $1 AND requester_id = $2 AND (state IN ('requested', 'confirmed', 'checked_in', 'waitlisted') \
                   OR state = 'held' AND offer_for IS NOT NULL) ORDER BY id FOR NO KEY UPDATE \
             ), handed AS ( \
                 UPDATE booking b SET requester_id = $3, contact_name = $4, contact_email = $5, contact_phone = $6, locale = $7, \
                   revision = b.revision + 1 FROM ahead WHERE b.id = ahead.id \
             ) \
             INSERT INTO booking_event (id, booking_id, event, from_state, to_state, actor_id, changes) \
             SELECT gen_random_uuid(), id, 'edit', state, state, $8, jsonb_build_object('requester_id', $2) FROM ahead",
        )
        .bind::<Uuid, _>(organisation)
        .bind::<Uuid, _>(from)
        .bind::<Uuid, _>(to.user_id)
        .bind::<Text, _>(to.name.clone())
        .bind::<Text, _>(to.email.clone())
        .bind::<Nullable<Text>, _>(to.phone.clone())
        .bind::<Text, _>(to.locale)
        .bind::<Uuid, _>(actor),
    )
    .execute(&mut &*conn)
    .await
}

/// Somebody has another address: their bookings that are still ahead write there.
pub async fn address_changed(
    conn: &AsyncPgConnection,
    user: UserId,
    from: &str,
    to: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE booking b SET contact_email = $3, revision = revision + 1 FROM ( \
                 SELECT id FROM booking WHERE requester_id = $1 AND lower(contact_email) = lower($2) \
                   AND state IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted') ORDER BY id FOR NO KEY UPDATE \
             ) ahead WHERE b.id = ahead.id",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(from.to_owned())
        .bind::<Text, _>(to.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Somebody goes who is the contact of what others have ahead, or asked for it in the name of an organisation that they do
/// not belong to: whoever asked for it is its contact from now on, or an owner of its organisation, or nobody. Each has a
/// line in its history.
pub async fn give_back(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<usize> {
    prepared(
        sql_query(
            "WITH ahead AS ( \
                 SELECT id, state, organisation_id, CASE WHEN requester_id <> $1 THEN requester_id END AS other FROM booking \
                 WHERE (requester_id IS DISTINCT FROM $1 AND lower(contact_email) = lower($2) \
                     AND num_nonnulls(requester_id, organisation_id) > 0 AND state IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted')) \
                   OR (requester_id = $1 AND organisation_id IS NOT NULL AND (state IN ('requested', 'confirmed', 'checked_in', 'waitlisted') \
                     OR state = 'held' AND offer_for IS NOT NULL)) ORDER BY id FOR NO KEY UPDATE \
             ), given AS ( \
                 UPDATE booking b SET contact_name = coalesce(heir.name, $3), contact_email = heir.email, contact_phone = heir.phone, \
                   locale = coalesce(heir.locale, b.locale), revision = b.revision + 1, \
                   requester_id = CASE WHEN b.requester_id = $1 THEN heir.id ELSE b.requester_id END \
                 FROM ahead LEFT JOIN LATERAL ( \
                   SELECT u.id, u.name, u.email, u.phone, u.locale FROM ( \
                     SELECT ahead.other AS id, NULL::timestamptz AS since WHERE ahead.other IS NOT NULL \
                     UNION ALL SELECT m.user_id, m.since FROM membership m \
                       WHERE ahead.other IS NULL AND m.organisation_id = ahead.organisation_id AND m.role = 'owner') who \
                   JOIN \"user\" u ON u.id = who.id AND u.disabled_at IS NULL AND u.id <> $1 ORDER BY who.since, u.id LIMIT 1) heir ON true \
                 WHERE b.id = ahead.id \
             ) \
             INSERT INTO booking_event (id, booking_id, event, from_state, to_state, actor_id) \
             SELECT gen_random_uuid(), id, 'edit', state, state, $1 FROM ahead",
        )
        .bind::<Uuid, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<Text, _>(FORGOTTEN),
    )
    .execute(&mut &*conn)
    .await
}
