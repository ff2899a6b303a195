//! The SQL of staff roles and of invitations to them.

use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::Place;
use crate::db::prepared;
use crate::id::{SpaceId, UserId, VenueId};
use crate::identity::Role;
use crate::span::Instant;

/// A role and whose it is.
#[derive(Debug, Clone, QueryableByName)]
pub struct RoleRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub locale: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub space_id: Option<SpaceId>,
    #[diesel(sql_type = Bool)]
    pub second_factor: bool,
    #[diesel(sql_type = Timestamptz)]
    pub granted_at: Instant,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub granted_by: Option<UserId>,
}

macro_rules! roles {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.user_id, u.name, u.email, u.locale, r.role, r.space_id, r.granted_at, r.granted_by, \
               EXISTS (SELECT FROM second_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS second_factor \
             FROM staff_role r JOIN \"user\" u ON u.id = r.user_id WHERE r.venue_id = $1 ",
            $rest
        )
    };
}

/// The venue's roles, the newest first.
pub async fn roles(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<RoleRow>> {
    prepared(
        sql_query(roles!(
            "AND u.disabled_at IS NULL AND ($2 IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3"
        ))
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}

/// One of the venue's roles.
pub async fn role(conn: &AsyncPgConnection, venue_id: VenueId, id: Uuid) -> QueryResult<RoleRow> {
    prepared(
        sql_query(roles!("AND r.id = $2"))
            .bind::<SqlUuid, _>(venue_id)
            .bind::<SqlUuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await
}

/// Whether the account can have a role: it is there, confirmed and not disabled.
pub async fn can_work(conn: &AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        can: bool,
    }
    let row: Option<Row> = prepared(
        sql_query(
            "SELECT verified_at IS NOT NULL AND disabled_at IS NULL AS can FROM \"user\" WHERE id = $1",
        )
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(row.is_some_and(|row| row.can))
}

/// Gives a role; `None` where they have it already.
pub async fn grant(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    user: UserId,
    role: Role,
    space_id: Option<SpaceId>,
    by: UserId,
) -> QueryResult<Option<Uuid>> {
    let id = Uuid::now_v7();
    let granted = prepared(
        sql_query(
            "INSERT INTO staff_role (id, user_id, venue_id, space_id, role, granted_by) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT DO NOTHING",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(space_id)
        .bind::<Text, _>(role.name())
        .bind::<SqlUuid, _>(by),
    )
    .execute(&mut &*conn)
    .await?;
    Ok((granted == 1).then_some(id))
}

/// Takes a role back; 0 where it is gone already.
pub async fn take_back(conn: &AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    prepared(sql_query("DELETE FROM staff_role WHERE id = $1").bind::<SqlUuid, _>(id))
        .execute(&mut &*conn)
        .await
}

/// Where in the venue: the space with its names; `None` where it is none of the venue's.
pub async fn place(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    role: Role,
    space_id: Option<SpaceId>,
) -> QueryResult<Option<Place>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name_zh: String,
        #[diesel(sql_type = Text)]
        name_en: String,
    }
    let Some(space_id) = space_id else {
        return Ok(Some(Place { role, space: None }));
    };
    let row: Option<Row> = prepared(
        sql_query("SELECT name_zh, name_en FROM space WHERE id = $1 AND venue_id = $2")
            .bind::<SqlUuid, _>(space_id)
            .bind::<SqlUuid, _>(venue_id),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(row.map(|row| Place {
        role,
        space: Some((row.name_zh, row.name_en)),
    }))
}

/// An invitation that can still be accepted.
#[derive(Debug, Clone, QueryableByName)]
pub struct InvitationRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub venue_id: VenueId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub space_id: Option<SpaceId>,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = SqlUuid)]
    pub invited_by: UserId,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Instant,
}

/// Binds an invitation to its link; an earlier one of the same address to the same role in the same place is void.
pub async fn invite(
    conn: &AsyncPgConnection,
    link: Uuid,
    venue_id: VenueId,
    role: Role,
    space_id: Option<SpaceId>,
    by: UserId,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "INSERT INTO staff_invitation (link_id, venue_id, space_id, role, invited_by) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind::<SqlUuid, _>(link)
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(space_id)
        .bind::<Text, _>(role.name())
        .bind::<SqlUuid, _>(by),
    )
    .execute(&mut &*conn)
    .await?;
    prepared(
        sql_query(
            "UPDATE mail_link l SET used_at = clock_timestamp() FROM staff_invitation i, staff_invitation n, mail_link new \
             WHERE n.link_id = $1 AND new.id = $1 AND i.link_id = l.id AND l.id <> $1 AND i.venue_id = n.venue_id \
               AND i.role = n.role AND i.space_id IS NOT DISTINCT FROM n.space_id AND lower(l.email) = lower(new.email) \
               AND l.used_at IS NULL",
        )
        .bind::<SqlUuid, _>(link),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

macro_rules! invitations {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, i.venue_id, i.space_id, l.email, i.role, i.invited_by, l.created_at, l.expires_at \
             FROM staff_invitation i JOIN mail_link l ON l.id = i.link_id ",
            $rest
        )
    };
}

/// The venue's invitations that can still be accepted, the newest first.
pub async fn invitations(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<InvitationRow>> {
    prepared(
        sql_query(invitations!(
            "WHERE i.venue_id = $1 AND l.used_at IS NULL AND l.expires_at > clock_timestamp() \
             AND ($2 IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3"
        ))
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}

/// The invitation of a link.
pub async fn invitation(conn: &AsyncPgConnection, link: Uuid) -> QueryResult<InvitationRow> {
    prepared(sql_query(invitations!("WHERE l.id = $1")).bind::<SqlUuid, _>(link))
        .get_result(&mut &*conn)
        .await
}

/// An invitation as its reader sees it.
#[derive(Debug, Clone, QueryableByName)]
pub struct ReadRow {
    #[diesel(sql_type = Text)]
    pub venue_name_zh: String,
    #[diesel(sql_type = Text)]
    pub venue_name_en: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub space_name_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub space_name_en: Option<String>,
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
            "SELECT v.name_zh AS venue_name_zh, v.name_en AS venue_name_en, s.name_zh AS space_name_zh, \
               s.name_en AS space_name_en, i.role, u.name AS invited_by, l.expires_at \
             FROM staff_invitation i JOIN mail_link l ON l.id = i.link_id JOIN venue v ON v.id = i.venue_id \
             LEFT JOIN space s ON s.id = i.space_id JOIN \"user\" u ON u.id = i.invited_by WHERE l.id = $1",
        )
        .bind::<SqlUuid, _>(link),
    )
    .get_result(&mut &*conn)
    .await
}

/// Takes an invitation back; 0 where it cannot be accepted any more.
pub async fn revoke(conn: &AsyncPgConnection, venue_id: VenueId, link: Uuid) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE mail_link l SET used_at = clock_timestamp() FROM staff_invitation i \
             WHERE i.link_id = l.id AND l.id = $2 AND i.venue_id = $1 AND l.used_at IS NULL",
        )
        .bind::<SqlUuid, _>(venue_id)
        .bind::<SqlUuid, _>(link),
    )
    .execute(&mut &*conn)
    .await
}

/// Whether this person is an administrator of the whole venue.
pub async fn administers(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    user: UserId,
) -> QueryResult<bool> {
    let found = prepared(
        sql_query(
            "SELECT FROM staff_role r JOIN \"user\" u ON u.id = r.user_id AND u.disabled_at IS NULL \
             WHERE r.venue_id = $1 AND r.user_id = $2 AND r.role = 'admin' AND r.space_id IS NULL",
        )
        .bind::<SqlUuid, _>(venue_id)
        .bind::<SqlUuid, _>(user),
    );
    Ok(found.execute(&mut &*conn).await? > 0)
}
