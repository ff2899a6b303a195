//! The SQL of accounts: registrations, passwords, addresses, profiles.

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::Reader;
use crate::db::prepared;
use crate::http::problem::{Kind, Problem};
use crate::id::{SignInId, UserId};
use crate::identity::token::REFRESH_DAYS;
use crate::language::Locale;
use crate::span::Instant;

/// An account as its own acts need it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Known {
    #[diesel(sql_type = SqlUuid)]
    pub id: UserId,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    pub password_hash: String,
    #[diesel(sql_type = Bool)]
    pub disabled: bool,
}

impl Known {
    /// The account's owner, to be written to.
    pub fn reader(&self) -> Reader {
        Reader {
            id: Some(self.id),
            email: self.email.clone(),
            locale: Locale::from_tag(&self.locale),
        }
    }
}

/// The account of an address, compared without case.
pub async fn by_email(conn: &AsyncPgConnection, email: &str) -> QueryResult<Option<Known>> {
    prepared(
        sql_query(
            "SELECT id, email, name, locale, password_hash, disabled_at IS NOT NULL AS disabled \
             FROM \"user\" WHERE lower(email) = lower($1)",
        )
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// The account of an id.
pub async fn by_id(conn: &AsyncPgConnection, id: UserId) -> QueryResult<Known> {
    prepared(
        sql_query(
            "SELECT id, email, name, locale, password_hash, disabled_at IS NOT NULL AS disabled FROM \"user\" WHERE id = $1",
        )
        .bind::<SqlUuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await
}

/// The account of an id, locked until the end of the transaction: after the places and the organisations that have to do
/// with it, before its bookings.
pub async fn locked(conn: &AsyncPgConnection, id: UserId) -> QueryResult<Known> {
    prepared(
        sql_query(
            "SELECT id, email, name, locale, password_hash, disabled_at IS NOT NULL AS disabled \
             FROM \"user\" WHERE id = $1 FOR NO KEY UPDATE",
        )
        .bind::<SqlUuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await
}

/// Sees to it that the account is there until the end of the transaction: 401 where it is gone. Whoever deletes it waits.
pub async fn stays(conn: &AsyncPgConnection, id: UserId) -> Result<(), Problem> {
    let account = prepared(
        sql_query("SELECT id FROM \"user\" WHERE id = $1 AND disabled_at IS NULL FOR SHARE")
            .bind::<SqlUuid, _>(id),
    );
    match account.execute(&mut &*conn).await? {
        1 => Ok(()),
        _ => Err(Problem::new(Kind::NotSignedIn)),
    }
}

/// A registration that waits for its link.
#[derive(Debug, Clone)]
pub struct Registration {
    pub name: String,
    pub phone: Option<String>,
    pub locale: Locale,
    pub password_hash: String,
}

/// Keeps a registration for its link.
pub async fn register(
    conn: &AsyncPgConnection,
    link: Uuid,
    new: &Registration,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "INSERT INTO registration (link_id, name, phone, locale, password_hash) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<Text, _>(new.name.clone())
        .bind::<Nullable<Text>, _>(new.phone.clone())
        .bind::<Text, _>(new.locale.tag())
        .bind::<Text, _>(new.password_hash.clone()),
    )
    .execute(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct LocaleRow {
    #[diesel(sql_type = Text)]
    locale: String,
}

/// Binds the newest registration of an address that still waits to one more link; its language, where there is one.
pub async fn register_again(
    conn: &AsyncPgConnection,
    link: Uuid,
    email: &str,
) -> QueryResult<Option<Locale>> {
    let row: Option<LocaleRow> = prepared(
        sql_query(
            "INSERT INTO registration (link_id, name, phone, locale, password_hash) \
             SELECT $1, r.name, r.phone, r.locale, r.password_hash \
             FROM registration r JOIN mail_link l ON l.id = r.link_id \
             WHERE lower(l.email) = lower($2) AND l.used_at IS NULL AND l.expires_at > clock_timestamp() \
             ORDER BY l.id DESC LIMIT 1 RETURNING locale",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(row.map(|row| Locale::from_tag(&row.locale)))
}

/// Makes the account that was registered for this link, verified; the address's other registrations are void. `None`
/// where the address has an account by now.
pub async fn open(
    conn: &AsyncPgConnection,
    link: Uuid,
    email: &str,
) -> QueryResult<Option<UserId>> {
    let user = UserId::new();
    let made = prepared(
        sql_query(
            "INSERT INTO \"user\" (id, email, phone, name, locale, password_hash, verified_at) \
             SELECT $1, $2, phone, name, locale, password_hash, clock_timestamp() FROM registration WHERE link_id = $3 \
             ON CONFLICT (lower(email)) DO NOTHING",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<SqlUuid, _>(link),
    )
    .execute(&mut &*conn)
    .await?;
    prepared(
        sql_query(
            "UPDATE mail_link SET used_at = clock_timestamp() \
             WHERE lower(email) = lower($1) AND purpose = 'verify' AND used_at IS NULL",
        )
        .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await?;
    Ok((made == 1).then_some(user))
}

/// Gives the account another password, if it still has the old one. Whoever could read the mail that led here has
/// confirmed the address, too.
pub async fn set_password(
    conn: &AsyncPgConnection,
    id: UserId,
    old: &str,
    new: &str,
) -> QueryResult<bool> {
    let changed = prepared(
        sql_query(
            "UPDATE \"user\" SET password_hash = $3, verified_at = coalesce(verified_at, clock_timestamp()) \
             WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(old.to_owned())
        .bind::<Text, _>(new.to_owned()),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(changed == 1)
}

/// Gives the account another address, confirmed.
pub async fn set_email(conn: &AsyncPgConnection, id: UserId, email: &str) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE \"user\" SET email = $2, verified_at = clock_timestamp() WHERE id = $1 AND disabled_at IS NULL",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// What to change in a profile; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    pub name: Option<String>,
    pub phone: Option<Option<String>>,
    pub locale: Option<Locale>,
}

/// Changes a profile.
pub async fn set_profile(
    conn: &AsyncPgConnection,
    id: UserId,
    change: &ProfileChange,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE \"user\" SET name = coalesce($2, name), phone = CASE WHEN $3 THEN $4 ELSE phone END, \
             locale = coalesce($5, locale) WHERE id = $1",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Text>, _>(change.name.clone())
        .bind::<Bool, _>(change.phone.is_some())
        .bind::<Nullable<Text>, _>(change.phone.clone().flatten())
        .bind::<Nullable<Text>, _>(change.locale.map(Locale::tag)),
    )
    .execute(&mut &*conn)
    .await
}

/// A sign-in that stands.
#[derive(Debug, Clone, QueryableByName)]
pub struct SignInRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: SignInId,
    #[diesel(sql_type = Text)]
    pub device: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Timestamptz)]
    pub last_used_at: Instant,
}

/// The user's sign-ins that stand, newest first. One that was not used for longer than a refresh token lasts can no
/// longer be used.
pub async fn sign_ins(
    conn: &AsyncPgConnection,
    user: UserId,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<SignInRow>> {
    prepared(
        sql_query(
            "SELECT id, device, created_at, last_used_at FROM sign_in \
             WHERE user_id = $1 AND ended_at IS NULL AND ($2 IS NULL OR id < $2) \
               AND last_used_at > clock_timestamp() - make_interval(days => $3) \
             ORDER BY id DESC LIMIT $4",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<Integer, _>(REFRESH_DAYS)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}
