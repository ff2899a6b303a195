//! Guests: the booking of a link, what limits requests without an account, and what becomes of bookings when their guest
//! makes an account.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::booking::record::Booking;
use crate::booking::state::State;
use crate::db::prepared;
use crate::id::{BookingId, GuestLinkId, SpaceId, UserId};
use crate::identity::guest::Guest;
use crate::language::Locale;
use crate::schema;

/// Requests with one address within an hour: each is a mail to it.
const MOST_TO_AN_ADDRESS: i64 = 5;
/// Requests from one network address within an hour; many people may share one.
const MOST_FROM_A_NETWORK: i64 = 30;
/// Requests that wait for their address to be confirmed, in one space at a time.
const MOST_UNCONFIRMED: i64 = 10;
/// For how many days after its event a booking can still be looked at by its link.
const DAYS_AFTER: i32 = 30;

/// The guest of a link that is still good.
pub async fn guest(conn: &AsyncPgConnection, link: GuestLinkId) -> QueryResult<Option<Guest>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: BookingId,
        #[diesel(sql_type = Text)]
        locale: String,
    }
    let row: Option<Row> = prepared(
        sql_query(
            "SELECT id, locale FROM booking WHERE guest_link = $1 AND upper(during) > clock_timestamp() - make_interval(days => $2)",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<Integer, _>(DAYS_AFTER),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(row.map(|row| Guest {
        link,
        booking_id: row.id,
        locale: Locale::from_tag(&row.locale),
    }))
}

/// Counts a request without an account; `false`, and nothing, where the mailbox, the network or the space has had enough
/// of them, also of those that are made at the same time.
pub async fn count_request(
    conn: &AsyncPgConnection,
    email: &str,
    network: &str,
    space_id: SpaceId,
) -> QueryResult<bool> {
    // whoever counts for the same mailbox or network waits; in one order, so that nobody waits in a circle
    prepared(
        sql_query(
            "SELECT count(pg_advisory_xact_lock(key)) FROM ( \
               SELECT hashtextextended(k, 0) AS key FROM (VALUES ('guest:' || lower($1)), ('guest from:' || $2)) v (k) ORDER BY 1 OFFSET 0) keys",
        )
        .bind::<Text, _>(email.to_owned())
        .bind::<Text, _>(network.to_owned()),
    )
    .execute(&mut &*conn)
    .await?;
    let counted = prepared(
        sql_query(
            "INSERT INTO guest_request (id, email, network) SELECT $1, lower($2), $3 \
             WHERE (SELECT count(*) FROM guest_request WHERE email = lower($2) AND at > clock_timestamp() - interval '1 hour') < $5 \
               AND (SELECT count(*) FROM guest_request WHERE network = $3 AND at > clock_timestamp() - interval '1 hour') < $6 \
               AND (SELECT count(*) FROM booking WHERE space_id = $4 AND state = 'held' AND expires_at > clock_timestamp() \
                 AND guest_link IS NOT NULL AND offer_for IS NULL AND lower(contact_email) <> lower($2)) < $7",
        )
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Text, _>(email.to_owned())
        .bind::<Text, _>(network.to_owned())
        .bind::<SqlUuid, _>(space_id)
        .bind::<BigInt, _>(MOST_TO_AN_ADDRESS)
        .bind::<BigInt, _>(MOST_FROM_A_NETWORK)
        .bind::<BigInt, _>(MOST_UNCONFIRMED),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(counted == 1)
}

/// The hold in the space of a person without an account, which a second one replaces.
pub async fn guests_hold(
    conn: &AsyncPgConnection,
    email: &str,
    space_id: SpaceId,
) -> QueryResult<Option<Booking>> {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;
    use schema::booking::dsl;
    dsl::booking
        .filter(
            dsl::space_id
                .eq(space_id)
                .and(dsl::state.eq(State::Held))
                .and(dsl::offer_for.is_null())
                .and(dsl::guest_link.is_not_null()),
        )
        .filter(
            sql::<Bool>("lower(contact_email) = lower(")
                .bind::<Text, _>(email.to_owned())
                .sql(")"),
        )
        .select(Booking::as_select())
        .get_result(&mut &*conn)
        .await
        .optional()
}

/// An account has this address, confirmed: what was booked with it without an account is the account's from now on, each
/// with a line in its history, and the links to it are closed. A request that nobody confirmed proves nothing and stays as
/// it is.
pub async fn claim(
    conn: &AsyncPgConnection,
    user: UserId,
    email: &str,
) -> QueryResult<Vec<BookingId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        booking_id: BookingId,
    }
    lock_places(conn, None, email).await?;
    let rows: Vec<Row> = prepared(
        sql_query(
            "WITH theirs AS ( \
                 SELECT id, state FROM booking WHERE requester_id IS NULL AND organisation_id IS NULL AND lower(contact_email) = lower($2) \
                   AND NOT (state IN ('held', 'released') AND offer_for IS NULL) ORDER BY id FOR NO KEY UPDATE \
             ), claimed AS ( \
                 UPDATE booking b SET requester_id = $1, guest_link = NULL, revision = b.revision + 1 FROM theirs WHERE b.id = theirs.id \
             ) \
             INSERT INTO booking_event (id, booking_id, event, from_state, to_state, actor_id) \
             SELECT gen_random_uuid(), id, 'claim', state, state, $1 FROM theirs RETURNING booking_id",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(email.to_owned()),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.booking_id).collect())
}

/// Takes the locks of all places where somebody without an account booked with this address, and of those where this
/// account has something ahead, or is the contact of what others have: pools and spaces before bookings, as everybody does
/// who writes several. What was locked before stays so; an account is locked after.
pub async fn lock_places(
    conn: &AsyncPgConnection,
    user: Option<UserId>,
    email: &str,
) -> QueryResult<()> {
    const THEIRS: &str = "SELECT s.id, s.pool_id FROM booking b JOIN space s ON s.id = b.space_id \
        WHERE b.requester_id IS NULL AND lower(b.contact_email) = lower($1) \
          OR (b.requester_id = $2 OR $2 IS NOT NULL AND lower(b.contact_email) = lower($1)) \
            AND b.state IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted')";
    let pools = format!(
        "SELECT id FROM pool WHERE id IN (SELECT pool_id FROM ({THEIRS}) x) ORDER BY id FOR NO KEY UPDATE"
    );
    let spaces = format!(
        "SELECT id FROM space WHERE pool_id IS NULL AND id IN (SELECT id FROM ({THEIRS}) x) ORDER BY id FOR NO KEY UPDATE"
    );
    for statement in [pools, spaces] {
        sql_query(statement)
            .bind::<Text, _>(email.to_owned())
            .bind::<Nullable<SqlUuid>, _>(user)
            .execute(&mut &*conn)
            .await?;
    }
    Ok(())
}

/// Nothing is known of requests with this address any more.
pub async fn forget(conn: &AsyncPgConnection, email: &str) -> QueryResult<usize> {
    prepared(
        sql_query("DELETE FROM guest_request WHERE email = lower($1)")
            .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Forgets who asked without an account, a day later. For the worker, from time to time; safe to run twice.
pub async fn sweep(conn: &AsyncPgConnection) -> QueryResult<usize> {
    sql_query("DELETE FROM guest_request WHERE at < clock_timestamp() - interval '1 day'")
        .execute(&mut &*conn)
        .await
}
