//! All SQL of people and their sign-ins. "Now" is the database's clock.

use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::account::store::Known;
use super::throttle::Count;
use super::token::REFRESH_DAYS;
use crate::db::prepared;
use crate::id::{OrganisationId, SignInId, UserId};

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Integer)]
    failures: i32,
    #[diesel(sql_type = BigInt)]
    age_s: i64,
}

/// The failures of the last hour for these subjects.
pub async fn failures(conn: &AsyncPgConnection, subjects: Vec<String>) -> QueryResult<Vec<Count>> {
    let rows: Vec<CountRow> = prepared(
        sql_query(
            "SELECT subject, failures, floor(extract(epoch FROM clock_timestamp() - last_at))::bigint AS age_s \
             FROM sign_in_failure WHERE subject = ANY($1) AND last_at > clock_timestamp() - interval '1 hour'",
        )
        .bind::<Array<Text>, _>(subjects),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Count {
            subject: row.subject,
            failures: row.failures,
            age_s: row.age_s,
        })
        .collect())
}

/// Counts one more failure for each subject; those older than an hour are forgotten.
pub async fn record_failure(conn: &AsyncPgConnection, subjects: Vec<String>) -> QueryResult<usize> {
    prepared(
        sql_query(
            "INSERT INTO sign_in_failure (subject, failures, last_at) \
             SELECT subject, 1, clock_timestamp() FROM unnest($1) AS subject ORDER BY subject \
             ON CONFLICT (subject) DO UPDATE SET last_at = clock_timestamp(), failures = \
                 CASE WHEN sign_in_failure.last_at > clock_timestamp() - interval '1 hour' \
                      THEN least(sign_in_failure.failures, 1000000) + 1 ELSE 1 END",
        )
        .bind::<Array<Text>, _>(subjects),
    )
    .execute(&mut &*conn)
    .await
}

/// A sign-in that was just made or refreshed.
#[derive(Debug, QueryableByName)]
pub struct Stands {
    #[diesel(sql_type = SqlUuid)]
    pub sign_in_id: SignInId,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// The database's clock, in seconds of the Unix epoch.
    #[diesel(sql_type = BigInt)]
    pub now: i64,
}

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct From {
    /// What the device says it is.
    pub device: String,
    /// Its network address; empty where it is not known.
    pub address: String,
}

/// Makes a sign-in with its first refresh token, writes it down for the audit and clears the failures; nothing when the password was changed or the
/// account disabled in the meantime.
pub async fn sign_in(
    conn: &AsyncPgConnection,
    account: &Known,
    from: &From,
    refresh_hash: Vec<u8>,
    cleared: Vec<String>,
) -> QueryResult<Option<Stands>> {
    prepared(
        sql_query(
            "WITH stands AS ( \
                 SELECT id FROM \"user\" \
                 WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE \
             ), made AS ( \
                 INSERT INTO sign_in (id, user_id, device) SELECT $3, id, $4 FROM stands RETURNING id, user_id \
             ), token AS ( \
                 INSERT INTO refresh_token (hash, sign_in_id, expires_at) \
                 SELECT $5, id, clock_timestamp() + make_interval(days => $6) FROM made \
             ), cleared AS ( \
                 DELETE FROM sign_in_failure WHERE subject = ANY($7) AND EXISTS (SELECT FROM made) \
             ), audited AS ( \
                 INSERT INTO audit_entry (id, actor_id, action, object_kind, object_id, address) \
                 SELECT $8, user_id, 'sign_in', 'sign_in', id, $9 FROM made \
             ) \
             SELECT id AS sign_in_id, user_id, floor(extract(epoch FROM clock_timestamp()))::bigint AS now FROM made",
        )
        .bind::<SqlUuid, _>(account.id)
        .bind::<Text, _>(account.password_hash.clone())
        .bind::<SqlUuid, _>(SignInId::new())
        .bind::<Text, _>(from.device.clone())
        .bind::<Bytea, _>(refresh_hash)
        .bind::<Integer, _>(REFRESH_DAYS)
        .bind::<Array<Text>, _>(cleared)
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Text, _>(from.address.clone()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// Makes a sign-in that takes the place of others, for somebody who has just proven who they are.
pub async fn continued(
    conn: &AsyncPgConnection,
    user: UserId,
    device: &str,
    refresh_hash: Vec<u8>,
) -> QueryResult<Stands> {
    prepared(
        sql_query(
            "WITH made AS ( \
                 INSERT INTO sign_in (id, user_id, device) VALUES ($1, $2, $3) RETURNING id, user_id \
             ), token AS ( \
                 INSERT INTO refresh_token (hash, sign_in_id, expires_at) \
                 SELECT $4, id, clock_timestamp() + make_interval(days => $5) FROM made \
             ) \
             SELECT id AS sign_in_id, user_id, floor(extract(epoch FROM clock_timestamp()))::bigint AS now FROM made",
        )
        .bind::<SqlUuid, _>(SignInId::new())
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(device.to_owned())
        .bind::<Bytea, _>(refresh_hash)
        .bind::<Integer, _>(REFRESH_DAYS),
    )
    .get_result(&mut &*conn)
    .await
}

/// Replaces a hash that was made with weaker parameters, unless the password has changed since.
pub async fn rehash(
    conn: &AsyncPgConnection,
    id: UserId,
    old: &str,
    new: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query("UPDATE \"user\" SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(old.to_owned())
            .bind::<Text, _>(new.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Uses a refresh token up and puts the next in its place: of two that race one row lock decides, the other gets
/// nothing.
pub async fn refresh(
    conn: &AsyncPgConnection,
    hash: Vec<u8>,
    next_hash: Vec<u8>,
) -> QueryResult<Option<Stands>> {
    prepared(
        sql_query(
            "WITH used AS ( \
                 UPDATE refresh_token t SET used_at = clock_timestamp() \
                 FROM sign_in s JOIN \"user\" u ON u.id = s.user_id \
                 WHERE t.hash = $1 AND t.used_at IS NULL AND t.expires_at > clock_timestamp() \
                   AND s.id = t.sign_in_id AND s.ended_at IS NULL AND u.disabled_at IS NULL \
                 RETURNING s.id, s.user_id \
             ), next AS ( \
                 INSERT INTO refresh_token (hash, sign_in_id, expires_at) \
                 SELECT $2, id, clock_timestamp() + make_interval(days => $3) FROM used \
             ), touched AS ( \
                 UPDATE sign_in SET last_used_at = clock_timestamp() WHERE id = (SELECT id FROM used) \
             ) \
             SELECT id AS sign_in_id, user_id, floor(extract(epoch FROM clock_timestamp()))::bigint AS now FROM used",
        )
        .bind::<Bytea, _>(hash)
        .bind::<Bytea, _>(next_hash)
        .bind::<Integer, _>(REFRESH_DAYS),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// Why a refresh token was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Refused {
    #[diesel(sql_type = SqlUuid)]
    pub sign_in_id: SignInId,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// It was used before.
    #[diesel(sql_type = Bool)]
    pub used: bool,
    /// That was so short a time ago that the same client may have sent it twice.
    #[diesel(sql_type = Bool)]
    pub just_now: bool,
    /// The sign-in had not ended.
    #[diesel(sql_type = Bool)]
    pub stood: bool,
}

/// Looks a refused refresh token up. One that was used more than ten seconds ago is in two hands: its sign-in, the
/// whole family of its tokens, ends.
pub async fn refused(conn: &AsyncPgConnection, hash: Vec<u8>) -> QueryResult<Option<Refused>> {
    prepared(
        sql_query(
            "WITH found AS ( \
                 SELECT s.id AS sign_in_id, s.user_id, t.used_at IS NOT NULL AS used, \
                        coalesce(t.used_at > clock_timestamp() - interval '10 seconds', false) AS just_now, \
                        s.ended_at IS NULL AS stood \
                 FROM refresh_token t JOIN sign_in s ON s.id = t.sign_in_id WHERE t.hash = $1 \
             ), ended AS ( \
                 UPDATE sign_in SET ended_at = clock_timestamp(), ended_because = 'reuse' \
                 WHERE ended_at IS NULL AND id = (SELECT sign_in_id FROM found WHERE used AND NOT just_now) \
             ) \
             SELECT * FROM found",
        )
        .bind::<Bytea, _>(hash),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// Ends one sign-in of the user, or all of them.
pub async fn sign_out(
    conn: &AsyncPgConnection,
    user: UserId,
    only: Option<SignInId>,
    because: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE sign_in SET ended_at = clock_timestamp(), ended_because = $3 \
             WHERE user_id = $1 AND ended_at IS NULL AND ($2 IS NULL OR id = $2)",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<Nullable<SqlUuid>, _>(only)
        .bind::<Text, _>(because.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// Ends all sign-ins of the user but this one.
pub async fn sign_out_others(
    conn: &AsyncPgConnection,
    user: UserId,
    keep: SignInId,
    because: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE sign_in SET ended_at = clock_timestamp(), ended_because = $3 \
             WHERE user_id = $1 AND ended_at IS NULL AND id <> $2",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(keep)
        .bind::<Text, _>(because.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// A membership with the organisation's name.
#[derive(Debug, QueryableByName)]
pub struct MembershipRow {
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Bool)]
    pub verified: bool,
}

/// The user's memberships, by the organisation's name.
pub async fn memberships(
    conn: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<MembershipRow>> {
    prepared(
        sql_query(
            "SELECT o.id AS organisation_id, o.name, o.kind, m.role, o.state = 'verified' AS verified \
             FROM membership m JOIN organisation o ON o.id = m.organisation_id \
             WHERE m.user_id = $1 ORDER BY o.name, o.id",
        )
        .bind::<SqlUuid, _>(user),
    )
    .load(&mut &*conn)
    .await
}

/// Deletes what is no longer of use: failures of yesterday, refresh tokens that ran out, sign-ins that ended, and links that
/// ran out (with the registrations that waited for them), so many days ago.
/// For the worker, from time to time; safe to run twice.
pub async fn sweep(
    conn: &AsyncPgConnection,
    sign_in_days: i32,
    link_days: i32,
) -> QueryResult<usize> {
    let mut swept = 0;
    for (statement, days) in [
        (
            "DELETE FROM sign_in_failure WHERE last_at < clock_timestamp() - make_interval(days => $1)",
            1,
        ),
        (
            "DELETE FROM mail_link WHERE expires_at < clock_timestamp() - make_interval(days => $1)",
            link_days,
        ),
        (
            "DELETE FROM refresh_token WHERE expires_at < clock_timestamp() - make_interval(days => $1)",
            1,
        ),
        (
            "DELETE FROM sign_in s WHERE coalesce(ended_at, last_used_at) < clock_timestamp() - make_interval(days => $1)",
            sign_in_days,
        ),
    ] {
        swept += sql_query(statement)
            .bind::<Integer, _>(days)
            .execute(&mut &*conn)
            .await?;
    }
    Ok(swept)
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = BigInt)]
    now: i64,
}

/// The database's clock, in seconds of the Unix epoch.
pub async fn now(conn: &AsyncPgConnection) -> QueryResult<i64> {
    let answer: Now = prepared(sql_query(
        "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS now",
    ))
    .get_result(&mut &*conn)
    .await?;
    Ok(answer.now)
}
