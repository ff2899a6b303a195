//! The SQL of organisations and their members.

pub mod invitations;
pub mod tenants;

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::{Named, OrganisationKind, OrganisationState, Person};
use crate::db::prepared;
use crate::id::{OrganisationId, UserId, VenueId};
use crate::identity::MemberRole;
use crate::identity::account::Reader;
use crate::language::Locale;
use crate::span::Instant;

/// An organisation as it stands.
#[derive(Debug, Clone, QueryableByName)]
pub struct OrganisationRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    #[diesel(sql_type = SqlUuid)]
    pub venue_id: VenueId,
    #[diesel(sql_type = Text)]
    pub kind: OrganisationKind,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub credit_code: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: OrganisationState,
    #[diesel(sql_type = Text)]
    pub refusal: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub decided_at: Option<Instant>,
    /// Whether the list of tenants has its code.
    #[diesel(sql_type = Bool)]
    pub is_tenant: bool,
}

impl OrganisationRow {
    /// As mails name it.
    pub fn named(&self) -> Named {
        Named {
            id: self.id,
            name: self.name.clone(),
        }
    }
}

macro_rules! organisations {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.venue_id, o.kind, o.name, o.credit_code, o.state, o.refusal, o.created_at, o.decided_at, \
               EXISTS (SELECT FROM tenant t WHERE t.venue_id = o.venue_id AND t.credit_code = o.credit_code) AS is_tenant \
             FROM organisation o ",
            $rest
        )
    };
}

/// One organisation.
pub async fn organisation(
    conn: &AsyncPgConnection,
    id: OrganisationId,
) -> QueryResult<OrganisationRow> {
    prepared(sql_query(organisations!("WHERE o.id = $1")).bind::<SqlUuid, _>(id))
        .get_result(&mut &*conn)
        .await
}

/// One organisation, locked: whoever changes it or its members takes this first.
pub async fn locked(conn: &AsyncPgConnection, id: OrganisationId) -> QueryResult<OrganisationRow> {
    prepared(
        sql_query("SELECT id FROM organisation WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<SqlUuid, _>(id),
    )
    .execute(&mut &*conn)
    .await?;
    organisation(conn, id).await
}

/// Which organisations of a venue to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<OrganisationState>,
    pub credit_code: Option<String>,
    pub before: Option<Uuid>,
    pub limit: i64,
}

/// A venue's organisations, the newest first.
pub async fn organisations(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    filter: Filter,
) -> QueryResult<Vec<OrganisationRow>> {
    prepared(
        sql_query(organisations!(
            "WHERE o.venue_id = $1 AND ($2 IS NULL OR o.state = $2) AND ($3 IS NULL OR o.credit_code = $3) \
             AND ($4 IS NULL OR o.id < $4) ORDER BY o.id DESC LIMIT $5"
        ))
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<Text>, _>(filter.credit_code)
        .bind::<Nullable<SqlUuid>, _>(filter.before)
        .bind::<BigInt, _>(filter.limit),
    )
    .load(&mut &*conn)
    .await
}

/// What an organisation says of itself.
#[derive(Debug, Clone)]
pub struct Particulars {
    pub kind: OrganisationKind,
    pub name: String,
    pub credit_code: Option<String>,
}

/// Makes an organisation that waits for a decision, with its first owner.
pub async fn insert(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    venue_id: VenueId,
    new: &Particulars,
    owner: UserId,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "INSERT INTO organisation (id, venue_id, kind, name, credit_code) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Text, _>(new.kind)
        .bind::<Text, _>(new.name.clone())
        .bind::<Nullable<Text>, _>(new.credit_code.clone()),
    )
    .execute(&mut &*conn)
    .await?;
    join(conn, id, owner, MemberRole::Owner).await.map(drop)
}

/// Changes what it says of itself.
pub async fn update(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    new: &Particulars,
) -> QueryResult<usize> {
    prepared(
        sql_query("UPDATE organisation SET kind = $2, name = $3, credit_code = $4 WHERE id = $1")
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(new.kind)
            .bind::<Text, _>(new.name.clone())
            .bind::<Nullable<Text>, _>(new.credit_code.clone()),
    )
    .execute(&mut &*conn)
    .await
}

/// Decides about an organisation; `by` is `None` where the list of tenants does.
pub async fn decide(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    state: OrganisationState,
    by: Option<UserId>,
    refusal: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "UPDATE organisation SET state = $2, decided_by = $3, refusal = $4, \
             decided_at = CASE WHEN $2 = 'pending' THEN NULL ELSE clock_timestamp() END WHERE id = $1",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(state)
        .bind::<Nullable<SqlUuid>, _>(by)
        .bind::<Text, _>(refusal.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: OrganisationId,
}

/// Verifies those of the venue's pending organisations that the list of tenants speaks for: it has their code and,
/// where it names an address, that of one of their owners. `only` looks at one of them.
pub async fn verify_tenants(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    only: Option<OrganisationId>,
) -> QueryResult<Vec<OrganisationId>> {
    let rows: Vec<Id> = prepared(
        sql_query(
            "UPDATE organisation o SET state = 'verified', decided_at = clock_timestamp(), decided_by = NULL \
             FROM tenant t WHERE o.venue_id = $1 AND o.state = 'pending' AND ($2 IS NULL OR o.id = $2) \
               AND t.venue_id = o.venue_id AND t.credit_code = o.credit_code \
               AND EXISTS (SELECT FROM membership m JOIN \"user\" u ON u.id = m.user_id \
                    WHERE m.organisation_id = o.id AND m.role = 'owner' AND u.verified_at IS NOT NULL AND lower(u.email) = lower(t.email)) \
             RETURNING o.id",
        )
        .bind::<SqlUuid, _>(venue_id)
        .bind::<Nullable<SqlUuid>, _>(only),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct PersonRow {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    role: String,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            reader: Reader {
                id: Some(row.id),
                email: row.email,
                locale: Locale::from_tag(&row.locale),
            },
            name: row.name,
            phone: row.phone,
            role: MemberRole::from_name(&row.role),
        }
    }
}

/// The owners of an organisation, the longest-standing first.
pub async fn owners(conn: &AsyncPgConnection, id: OrganisationId) -> QueryResult<Vec<Person>> {
    let rows: Vec<PersonRow> = prepared(
        sql_query(
            "SELECT u.id, u.name, u.email, u.phone, u.locale, m.role FROM membership m JOIN \"user\" u ON u.id = m.user_id \
             WHERE m.organisation_id = $1 AND m.role = 'owner' AND u.disabled_at IS NULL ORDER BY m.since, u.id",
        )
        .bind::<SqlUuid, _>(id),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// Those who decide about the organisations of a venue.
pub async fn deciders(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Vec<Person>> {
    let rows: Vec<PersonRow> = prepared(
        sql_query(
            "SELECT DISTINCT ON (u.id) u.id, u.name, u.email, u.phone, u.locale, r.role FROM staff_role r JOIN \"user\" u ON u.id = r.user_id \
             WHERE r.venue_id = $1 AND r.space_id IS NULL AND r.role IN ('approver', 'admin') AND u.disabled_at IS NULL ORDER BY u.id",
        )
        .bind::<SqlUuid, _>(venue_id),
    )
    .load(&mut &*conn)
    .await?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// A member of an organisation.
#[derive(Debug, Clone, QueryableByName)]
pub struct MemberRow {
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(sql_type = Text)]
    pub locale: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Timestamptz)]
    pub since: Instant,
}

impl MemberRow {
    /// To be written to.
    pub fn reader(&self) -> Reader {
        Reader {
            id: Some(self.user_id),
            email: self.email.clone(),
            locale: Locale::from_tag(&self.locale),
        }
    }
}

/// The members of an organisation, in the order of their users' ids.
pub async fn members(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<MemberRow>> {
    prepared(
        sql_query(
            "SELECT m.user_id, u.name, u.email, u.phone, u.locale, m.role, m.since FROM membership m JOIN \"user\" u ON u.id = m.user_id \
             WHERE m.organisation_id = $1 AND ($2 IS NULL OR m.user_id > $2) ORDER BY m.user_id LIMIT $3",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await
}

/// One member.
pub async fn member(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    user: UserId,
) -> QueryResult<MemberRow> {
    prepared(
        sql_query(
            "SELECT m.user_id, u.name, u.email, u.phone, u.locale, m.role, m.since FROM membership m JOIN \"user\" u ON u.id = m.user_id \
             WHERE m.organisation_id = $1 AND m.user_id = $2",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
}

/// Whether somebody with this address is a member.
pub async fn has_member(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    email: &str,
) -> QueryResult<bool> {
    let found: Option<Id> = prepared(
        sql_query(
            "SELECT m.organisation_id AS id FROM membership m JOIN \"user\" u ON u.id = m.user_id \
             WHERE m.organisation_id = $1 AND lower(u.email) = lower($2)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(email.to_owned()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()?;
    Ok(found.is_some())
}

/// Makes somebody a member; who is one already stays what they are.
pub async fn join(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    user: UserId,
    role: MemberRole,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "INSERT INTO membership (organisation_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(role.name()),
    )
    .execute(&mut &*conn)
    .await
}

/// Gives a member another role; the last owner keeps theirs (constraint `membership_owner`).
pub async fn set_role(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    user: UserId,
    role: MemberRole,
) -> QueryResult<usize> {
    prepared(
        sql_query("UPDATE membership SET role = $3 WHERE organisation_id = $1 AND user_id = $2")
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(user)
            .bind::<Text, _>(role.name()),
    )
    .execute(&mut &*conn)
    .await
}

/// Ends a membership; not that of the last owner (constraint `membership_owner`).
pub async fn leave(
    conn: &AsyncPgConnection,
    id: OrganisationId,
    user: UserId,
) -> QueryResult<usize> {
    prepared(
        sql_query("DELETE FROM membership WHERE organisation_id = $1 AND user_id = $2")
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(user),
    )
    .execute(&mut &*conn)
    .await
}
