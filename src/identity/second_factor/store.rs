//! The SQL of second factors.

use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::{Typed, step};
use crate::db::prepared;
use crate::id::UserId;
use crate::identity::Seal;

/// A user's factor, proven or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Factor {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Bool)]
    pub confirmed: bool,
    /// The database's clock, in seconds of the Unix epoch.
    #[diesel(sql_type = BigInt)]
    pub now: i64,
}

/// The user's factor.
pub async fn factor(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Option<Factor>> {
    prepared(
        sql_query(
            "SELECT id, confirmed_at IS NOT NULL AS confirmed, floor(extract(epoch FROM clock_timestamp()))::bigint AS now \
             FROM second_factor WHERE user_id = $1",
        )
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// Begins a factor, instead of one that was not proven; `false` where there is one that was.
pub async fn begin(conn: &AsyncPgConnection, user: UserId, id: Uuid) -> QueryResult<bool> {
    let begun = prepared(
        sql_query(
            "INSERT INTO second_factor (id, user_id) VALUES ($2, $1) \
             ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, last_step = 0, created_at = excluded.created_at \
             WHERE second_factor.confirmed_at IS NULL",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(id),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(begun == 1)
}

/// The factor is proven by the code of this step, which is used up.
pub async fn confirm(conn: &AsyncPgConnection, id: Uuid, step: i64) -> QueryResult<bool> {
    let confirmed = prepared(
        sql_query(
            "UPDATE second_factor SET confirmed_at = clock_timestamp(), last_step = $2 WHERE id = $1 AND confirmed_at IS NULL",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(step),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(confirmed == 1)
}

/// What a typed code was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Nothing: wrong, or used before.
    No,
    /// A code of this moment.
    Code,
    /// A recovery code; so many are left.
    Recovery { left: i64 },
}

/// Uses a typed code up, in the caller's transaction. A code counts once, whoever else sends it at the same time, and
/// none that is older than the last one taken.
pub async fn spend(
    conn: &AsyncPgConnection,
    seal: &Seal,
    user: UserId,
    factor: &Factor,
    typed: &Typed,
) -> QueryResult<Spent> {
    match typed {
        Typed::Code(code) => {
            let Some(step) = step(seal, factor.id, code, factor.now) else {
                return Ok(Spent::No);
            };
            let taken = prepared(
                sql_query(
                    "UPDATE second_factor SET last_step = $2 WHERE id = $1 AND last_step < $2",
                )
                .bind::<SqlUuid, _>(factor.id)
                .bind::<BigInt, _>(step),
            )
            .execute(&mut &*conn)
            .await?;
            Ok(if taken == 1 { Spent::Code } else { Spent::No })
        }
        Typed::Recovery(hash) => {
            let taken = prepared(
                sql_query(
                    "UPDATE recovery_code SET used_at = clock_timestamp() WHERE user_id = $1 AND hash = $2 AND used_at IS NULL",
                )
                .bind::<SqlUuid, _>(user)
                .bind::<Bytea, _>(hash.clone()),
            )
            .execute(&mut &*conn)
            .await?;
            match taken {
                1 => Ok(Spent::Recovery {
                    left: recovery_codes_left(conn, user).await?,
                }),
                _ => Ok(Spent::No),
            }
        }
    }
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = BigInt)]
    left: i64,
}

async fn recovery_codes_left(conn: &AsyncPgConnection, user: UserId) -> QueryResult<i64> {
    let row: Left = prepared(
        sql_query(
            "SELECT count(*) AS left FROM recovery_code WHERE user_id = $1 AND used_at IS NULL",
        )
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(row.left)
}

/// Puts these recovery codes in the place of all earlier ones.
pub async fn replace_recovery_codes(
    conn: &AsyncPgConnection,
    user: UserId,
    hashes: Vec<Vec<u8>>,
) -> QueryResult<usize> {
    prepared(sql_query("DELETE FROM recovery_code WHERE user_id = $1").bind::<SqlUuid, _>(user))
        .execute(&mut &*conn)
        .await?;
    prepared(
        sql_query(
            "INSERT INTO recovery_code (user_id, hash) SELECT $1, hash FROM unnest($2) AS hash",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Bytea>, _>(hashes),
    )
    .execute(&mut &*conn)
    .await
}

/// Takes the user's factor away, with its recovery codes.
pub async fn remove(conn: &AsyncPgConnection, user: UserId) -> QueryResult<()> {
    for statement in [
        "DELETE FROM recovery_code WHERE user_id = $1",
        "DELETE FROM second_factor WHERE user_id = $1",
    ] {
        prepared(sql_query(statement).bind::<SqlUuid, _>(user))
            .execute(&mut &*conn)
            .await?;
    }
    Ok(())
}

/// How a user stands with second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Standing {
    /// Signing in takes a code.
    #[diesel(sql_type = Bool)]
    pub enabled: bool,
    /// A venue where they are staff wants one.
    #[diesel(sql_type = Bool)]
    pub wanted: bool,
}

/// How the user stands.
pub async fn standing(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Standing> {
    prepared(
        sql_query(
            "SELECT EXISTS (SELECT FROM second_factor WHERE user_id = $1 AND confirmed_at IS NOT NULL) AS enabled, \
             EXISTS (SELECT FROM staff_role r JOIN venue v ON v.id = r.venue_id \
                     WHERE r.user_id = $1 AND (v.policy->>'staff_second_factor')::boolean) AS wanted",
        )
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
}
