//! The SQL of people's wishes.

use chrono::NaiveTime;
use diesel::sql_types::{Array, Nullable, Text, Time, Uuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Notifications;
use crate::db::prepared;
use crate::id::UserId;
use crate::message::delivery::Optional;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Time>)]
    digest_at: Option<NaiveTime>,
    #[diesel(sql_type = Array<Text>)]
    off: Vec<Optional>,
}

/// What the person wishes; who has said nothing wants everything at once.
pub async fn read(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Notifications> {
    let row: Option<Row> = prepared(
        sql_query("SELECT digest_at, off FROM notification_setting WHERE user_id = $1")
            .bind::<Uuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(
        row.map_or_else(Notifications::default, |row| Notifications {
            digest_at: row.digest_at,
            off: row.off,
        }),
    )
}

/// From now on they wish this. What waits for a digest that they do not want any more is told at once.
pub async fn write(
    conn: &AsyncPgConnection,
    user: UserId,
    wishes: &Notifications,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "INSERT INTO notification_setting (user_id, digest_at, off) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET digest_at = EXCLUDED.digest_at, off = EXCLUDED.off",
        )
        .bind::<Uuid, _>(user)
        .bind::<Nullable<Time>, _>(wishes.digest_at)
        .bind::<Array<Text>, _>(wishes.off.clone()),
    )
    .execute(&mut &*conn)
    .await?;
    prepared(
        sql_query(
            "UPDATE message SET next_try_at = clock_timestamp(), waits_for = NULL, waits_until = NULL \
             WHERE recipient_id = $1 AND state = 'queued' AND waits_for = 'digest'",
        )
        .bind::<Uuid, _>(user),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// Nothing is known of their wishes any more.
pub async fn forget(conn: &AsyncPgConnection, user: UserId) -> QueryResult<usize> {
    prepared(sql_query("DELETE FROM notification_setting WHERE user_id = $1").bind::<Uuid, _>(user))
        .execute(&mut &*conn)
        .await
}
