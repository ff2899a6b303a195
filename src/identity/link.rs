//! Links in mails: each good for one purpose, once, for a while. The database knows their hashes; the tokens are derived
//! from their ids (`seal.rs`) by whoever sends the mail.

use diesel::QueryResult;
use diesel::sql_types::{Bytea, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::Seal;
use super::seal::Use;
use super::token::digest;
use crate::db::{prepared, text_enum};
use crate::http::problem::Problem;
use crate::id::UserId;
use crate::message::address;

/// Links to one address for one purpose within an hour; further ones are not sent, and nobody is told so. Those that
/// were sent are still good then.
const MOST_AN_HOUR: i32 = 5;

text_enum! {
    /// What a link is good for.
    Purpose {
        /// Making the account that was registered.
        Verify = "verify",
        /// Choosing a new password.
        Reset = "reset",
        /// Confirming another address.
        ChangeEmail = "change_email",
        /// Joining an organisation.
        Invite = "invite",
        /// Working for a venue.
        Staff = "staff",
    }
}

impl Purpose {
    /// For how many hours it is good.
    pub fn hours(self) -> i32 {
        match self {
            Purpose::Reset => 1,
            Purpose::Verify | Purpose::ChangeEmail => 24,
            Purpose::Invite | Purpose::Staff => 7 * 24,
        }
    }
}

/// A link to be sent.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub id: Uuid,
    pub purpose: Purpose,
    /// Where to.
    pub email: String,
    /// Whose account it is about, where it is somebody's.
    pub user_id: Option<UserId>,
}

impl NewLink {
    /// A fresh one.
    pub fn new(purpose: Purpose, email: &str, user_id: Option<UserId>) -> Self {
        Self {
            id: Uuid::now_v7(),
            purpose,
            email: email.to_owned(),
            user_id,
        }
    }
}

/// Waits until nobody else has to do with the links of this address, which are then the transaction's until it ends.
pub async fn turn(conn: &AsyncPgConnection, email: &str) -> QueryResult<()> {
    prepared(
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended('mail_link:' || lower($1), 0))")
            .bind::<Text, _>(email.to_owned()),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// Writes a link down; `false`, and nothing, where the address has had enough of them, also of those that are written
/// at the same time.
pub async fn add(conn: &AsyncPgConnection, link: &NewLink, seal: &Seal) -> QueryResult<bool> {
    turn(conn, &link.email).await?;
    let hash = digest(&seal.token(Use::Link, link.id));
    let added = prepared(
        sql_query(
            "INSERT INTO mail_link (id, hash, purpose, email, user_id, expires_at) \
             SELECT $1, $2, $3, $4, $5, clock_timestamp() + make_interval(hours => $6) \
             WHERE (SELECT count(*) FROM mail_link WHERE lower(email) = lower($4) AND purpose = $3 \
                    AND created_at > clock_timestamp() - interval '1 hour') < $7",
        )
        .bind::<SqlUuid, _>(link.id)
        .bind::<Bytea, _>(hash)
        .bind::<Text, _>(link.purpose.as_str())
        .bind::<Text, _>(link.email.clone())
        .bind::<Nullable<SqlUuid>, _>(link.user_id)
        .bind::<Integer, _>(link.purpose.hours())
        .bind::<Integer, _>(MOST_AN_HOUR),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(added == 1)
}

/// A link that was followed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Followed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<UserId>,
}

/// The link of this token, if it is still good for this purpose. It stays so until [`take`] uses it up, which comes after
/// a lock on what the link is about (the account, the organisation, the address): two links about the same thing, each
/// of which makes the other void, then never wait for each other.
pub async fn follow(
    conn: &AsyncPgConnection,
    purpose: Purpose,
    token: &str,
) -> Result<Followed, Problem> {
    let found: Option<Followed> = prepared(
        sql_query(
            "SELECT id, email, user_id FROM mail_link \
             WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > clock_timestamp()",
        )
        .bind::<Bytea, _>(digest(token))
        .bind::<Text, _>(purpose.as_str()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    found.ok_or_else(not_valid)
}

/// Uses a link up, and knows from then on that somebody reads its address. Of two that follow it at once one gets it.
pub async fn take(conn: &AsyncPgConnection, link: &Followed) -> Result<(), Problem> {
    let taken = prepared(
        sql_query(
            "UPDATE mail_link SET used_at = clock_timestamp() WHERE id = $1 AND used_at IS NULL AND expires_at > clock_timestamp()",
        )
        .bind::<SqlUuid, _>(link.id),
    )
    .execute(&mut &*conn)
    .await?;
    if taken == 0 {
        return Err(not_valid());
    }
    address::confirmed(conn, &link.email).await?;
    Ok(())
}

/// The answer to a link that is no good: used, run out, made void, or for something else.
pub fn not_valid() -> Problem {
    Problem::field("token", "link_not_valid")
}

/// Makes the open links about somebody's account void: what they would change has changed.
pub async fn void(conn: &AsyncPgConnection, user_id: UserId) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE mail_link SET used_at = clock_timestamp() \
             WHERE user_id = $1 AND used_at IS NULL AND purpose IN ('reset', 'change_email')",
        )
        .bind::<SqlUuid, _>(user_id),
    )
    .execute(&mut &*conn)
    .await
}
