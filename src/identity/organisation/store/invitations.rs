//! The SQL of invitations.

use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use crate::db::prepared;
use crate::id::{OrganisationId, UserId};
use crate::identity::MemberRole;
use crate::span::Instant;

/// An invitation that can still be accepted.
#[derive(Debug, Clone, QueryableByName)]
pub struct InvitationRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Instant,
}

/// Binds an invitation to its link; earlier ones of the organisation to the same address are void.
pub async fn insert(
    conn: &AsyncPgConnection,
    link: Uuid,
    id: OrganisationId,
    role: MemberRole,
    by: UserId,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "INSERT INTO invitation (link_id, organisation_id, role, invited_by) VALUES ($1, $2, $3, $4)",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(role.name())
        .bind::<SqlUuid, _>(by),
    )
    .execute(&mut &*conn)
    .await?;
    prepared(
        sql_query(
            "UPDATE mail_link l SET used_at = clock_timestamp() FROM invitation i, mail_link new \
             WHERE i.link_id = l.id AND i.organisation_id = $2 AND new.id = $1 AND l.id <> $1 \
               AND lower(l.email) = lower(new.email) AND l.used_at IS NULL",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<SqlUuid, _>(id),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

macro_rules! invitations {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, i.organisation_id, l.email, i.role, l.created_at, l.expires_at \
             FROM invitation i JOIN mail_link l ON l.id = i.link_id ",
            $rest
        )
    };
}

/// The organisation's invitations that can still be accepted, the newest first.
pub async fn open(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<InvitationRow>> {
    prepared(
        sql_query(invitations!(
            "WHERE i.organisation_id = $1 AND l.used_at IS NULL AND l.expires_at > clock_timestamp() \
             AND ($2 IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3"
        ))
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}

/// The invitation of a link.
pub async fn one(conn: &AsyncPgConnection, link: Uuid) -> QueryResult<InvitationRow> {
    prepared(sql_query(invitations!("WHERE l.id = $1")).bind::<SqlUuid, _>(link))
        .get_result(&mut &*conn)
        .await
}

/// An invitation as its reader sees it.
#[derive(Debug, Clone, QueryableByName)]
pub struct ReadRow {
    #[diesel(sql_type = Text)]
    pub organisation_name: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Text)]
    pub invited_by: String,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Instant,
}

/// What the invitation of a link says.
pub async fn read(conn: &AsyncPgConnection, link: Uuid) -> QueryResult<ReadRow> {
    prepared(
        sql_query(
            "SELECT o.name AS organisation_name, i.role, u.name AS invited_by, l.expires_at \
             FROM invitation i JOIN mail_link l ON l.id = i.link_id JOIN organisation o ON o.id = i.organisation_id \
             JOIN \"user\" u ON u.id = i.invited_by WHERE l.id = $1",
        )
        .bind::<SqlUuid, _>(link),
    )
    .get_result(&mut &*conn)
    .await
}

/// Takes an invitation back; 0 where it cannot be accepted any more.
pub async fn revoke(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    link: Uuid,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE mail_link l SET used_at = clock_timestamp() FROM invitation i \
             WHERE i.link_id = l.id AND l.id = $2 AND i.organisation_id = $1 AND l.used_at IS NULL",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(link),
    )
    .execute(&mut &*conn)
    .await
}
