//! What `mofang user` does: accounts, passwords and staff roles from the command line.

use diesel::sql_types::{Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::account::is_email;
use super::account::store::{self as accounts, Known};
use super::{Role, link, password, store};
use crate::db::{Db, DbError};
use crate::http::problem::{FieldError, say};
use crate::id::UserId;
use crate::language::Locale;

/// Why a command did nothing, in words for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The address is not one.
    #[error("{0} is not an e-mail address")]
    Email(String),
    /// The name is empty or too long.
    #[error("the name must have 1 to 200 characters")]
    Name,
    /// The password is not taken.
    #[error("this password cannot be used: {0}")]
    Password(String),
    /// Somebody has the address.
    #[error("there is already a user with the address {0}")]
    Taken(String),
    /// Nobody has the address.
    #[error("there is no user with the address {0}")]
    NoUser(String),
    /// No such venue, or no such space in it.
    #[error("there is no {0}")]
    NoPlace(String),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The database said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for CommandError {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

fn refused(error: &FieldError) -> CommandError {
    let key = format!("field-{}", error.code);
    CommandError::Password(say(Locale::En, &key, &error.args))
}

/// Makes a verified account. Its password is checked like any new one.
pub async fn add(
    db: &Db,
    email: &str,
    name: &str,
    locale: Locale,
    new_password: String,
) -> Result<UserId, CommandError> {
    let email = email.trim();
    let name = name.trim();
    if !is_email(email) {
        return Err(CommandError::Email(email.to_owned()));
    }
    if name.is_empty() || name.chars().count() > 200 || name.contains('\0') {
        return Err(CommandError::Name);
    }
    password::accept("password", &new_password, email, name).map_err(|error| refused(&error))?;
    let hash = password::hash(new_password).await?;
    let id = UserId::new();
    let mut conn = db.conn().await?;
    let made = sql_query(
        "INSERT INTO \"user\" (id, email, name, locale, password_hash, verified_at) \
         VALUES ($1, $2, $3, $4, $5, clock_timestamp()) ON CONFLICT (lower(email)) DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(email)
    .bind::<Text, _>(name)
    .bind::<Text, _>(locale.tag())
    .bind::<Text, _>(hash)
    .execute(&mut conn)
    .await?;
    match made {
        0 => Err(CommandError::Taken(email.to_owned())),
        _ => Ok(id),
    }
}

/// Gives an account a new password, ends all its sign-ins and makes its open links void, in one transaction.
pub async fn set_password(db: &Db, email: &str, new_password: String) -> Result<(), CommandError> {
    let user = find(&*db.conn().await?, email).await?;
    password::accept("password", &new_password, email, &user.name)
        .map_err(|error| refused(&error))?;
    let hash = password::hash(new_password).await?;
    let tx = db.transaction().await?;
    tx.begin().await?;
    sql_query("UPDATE \"user\" SET password_hash = $2 WHERE id = $1")
        .bind::<SqlUuid, _>(user.id)
        .bind::<Text, _>(hash)
        .execute(&mut tx.conn())
        .await?;
    store::sign_out(tx.conn(), user.id, None, "password_changed").await?;
    link::void(tx.conn(), user.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a user a staff role in a venue, or in one of its spaces; both by their slugs. Twice is the same as once.
pub async fn grant(
    db: &Db,
    email: &str,
    role: Role,
    venue: &str,
    space: Option<&str>,
) -> Result<(), CommandError> {
    let mut conn = db.conn().await?;
    let user = find(&conn, email).await?;
    let place = place(&conn, venue, space).await?;
    sql_query(
        "INSERT INTO staff_role (id, user_id, venue_id, space_id, role) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(user.id)
    .bind::<SqlUuid, _>(place.venue_id)
    .bind::<Nullable<SqlUuid>, _>(place.space_id)
    .bind::<Text, _>(role.name())
    .execute(&mut conn)
    .await?;
    Ok(())
}

async fn find(conn: &AsyncPgConnection, email: &str) -> Result<Known, CommandError> {
    let found = accounts::by_email(conn, email.trim()).await?;
    found.ok_or_else(|| CommandError::NoUser(email.to_owned()))
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    venue_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    space_id: Option<Uuid>,
    #[diesel(sql_type = Integer)]
    found: i32,
}

async fn place(
    conn: &AsyncPgConnection,
    venue: &str,
    space: Option<&str>,
) -> Result<Place, CommandError> {
    let place: Option<Place> = sql_query(
        "SELECT v.id AS venue_id, s.id AS space_id, ($2 IS NULL OR s.id IS NOT NULL)::int AS found \
         FROM venue v LEFT JOIN space s ON s.venue_id = v.id AND s.slug = $2 WHERE v.slug = $1",
    )
    .bind::<Text, _>(venue.to_owned())
    .bind::<Nullable<Text>, _>(space.map(str::to_owned))
    .get_result(&mut &*conn)
    .await
    .optional()?;
    let place = place.ok_or_else(|| CommandError::NoPlace(format!("venue {venue}")))?;
    match place.found {
        1 => Ok(place),
        _ => Err(CommandError::NoPlace(format!(
            "space {} in {venue}",
            space.unwrap_or_default()
        ))),
    }
}
