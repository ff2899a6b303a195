//! The SQL of who is calling.

use diesel::sql_types::{Array, Bool, Bytea, Double, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::api_key::{KeyUse, Scope};
use super::token::{AccessClaims, Claims};
use super::{Caller, MemberRole, Membership, Role, StaffRole, Through};
use crate::booking::store as bookings;
use crate::db::prepared;
use crate::id::{ApiKeyId, OrganisationId, SpaceId, UserId, VenueId};
use crate::language::Locale;

#[derive(QueryableByName)]
struct CallerRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Bool)]
    verified: bool,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    roles: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    role_venues: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Nullable<SqlUuid>>>)]
    role_spaces: Option<Vec<Option<Uuid>>>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    organisations: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    organisation_names: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    organisation_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    member_roles: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Bool>>)]
    organisations_verified: Option<Vec<bool>>,
}

/// Who the claims stand for at this moment: nobody when the sign-in or the key has ended, the token has expired by the
/// database's clock, or the user is disabled. A staff role of a venue that wants a second factor counts only for who has
/// one. One statement, prepared once a connection, so that a handler can send it together with its other reads.
pub async fn caller(conn: &AsyncPgConnection, claims: &Claims) -> QueryResult<Option<Caller>> {
    match claims {
        Claims::SignIn(claims) => signed_in(conn, claims, false).await,
        Claims::Key(hash) => with_key(conn, hash, false).await,
        // a guest is nobody's account
        Claims::Guest(_) => Ok(None),
    }
}

/// The same, and the user stays until the end of the transaction: who deletes the account waits until what the caller does
/// is there; and nobody where the account is going. Comes after the locks of places and organisations, before bookings.
pub async fn caller_who_stays(
    conn: &AsyncPgConnection,
    claims: &Claims,
) -> QueryResult<Option<Caller>> {
    match claims {
        Claims::SignIn(claims) => signed_in(conn, claims, true).await,
        Claims::Key(hash) => with_key(conn, hash, true).await,
        Claims::Guest(_) => Ok(None),
    }
}

/// The language of whoever the claims stand for: the person's, of a program that of who made its key, a guest's as asked
/// for with the booking.
pub async fn locale(conn: &AsyncPgConnection, claims: &Claims) -> QueryResult<Option<Locale>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        locale: String,
    }
    let found: Option<Row> = match claims {
        Claims::SignIn(claims) => {
            let query = sql_query("SELECT locale FROM \"user\" WHERE id = $1");
            let query = prepared(query.bind::<SqlUuid, _>(claims.sub));
            query.get_result(&mut &*conn).await.optional()?
        }
        Claims::Key(hash) => {
            let query = sql_query(
                "SELECT u.locale FROM api_key k JOIN \"user\" u ON u.id = k.made_by WHERE k.hash = $1",
            );
            let query = prepared(query.bind::<Bytea, _>(hash.to_vec()));
            query.get_result(&mut &*conn).await.optional()?
        }
        Claims::Guest(link) => {
            let guest = bookings::guest(conn, *link).await?;
            return Ok(guest.map(|guest| guest.locale));
        }
    };
    Ok(found.map(|row| Locale::from_tag(&row.locale)))
}

/// The user `u` with their roles `r` and memberships `m`, those that the rest says `AND` of.
macro_rules! caller {
    ($select:literal, $from:literal, $roles:literal, $memberships:literal, $where:expr) => {
        concat!(
            $select,
            " u.id AS user_id, u.name, u.email, u.phone, u.locale, u.verified_at IS NOT NULL AS verified, \
                r.roles, r.role_venues, r.role_spaces, \
                m.organisations, m.organisation_names, m.organisation_kinds, m.member_roles, m.organisations_verified ",
            $from,
            " CROSS JOIN LATERAL (SELECT array_agg(s.role) AS roles, array_agg(s.venue_id) AS role_venues, \
                                    array_agg(s.space_id) AS role_spaces \
                             FROM staff_role s JOIN venue v ON v.id = s.venue_id WHERE s.user_id = u.id \
                               AND (NOT coalesce((v.policy->>'staff_second_factor')::boolean, false) OR EXISTS ( \
                                 SELECT FROM second_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL))",
            $roles,
            ") r \
         CROSS JOIN LATERAL (SELECT array_agg(o.id) AS organisations, array_agg(o.name) AS organisation_names, array_agg(o.kind) AS organisation_kinds, \
                                    array_agg(m.role) AS member_roles, \
                                    array_agg(o.state = 'verified') AS organisations_verified \
                             FROM membership m JOIN organisation o ON o.id = m.organisation_id \
                             WHERE m.user_id = u.id",
            $memberships,
            ") m ",
            $where
        )
    };
}

macro_rules! signed_in {
    ($lock:literal) => {
        sql_query(caller!(
            "SELECT",
            "FROM sign_in i JOIN \"user\" u ON u.id = i.user_id",
            "",
            "",
            concat!(
                "WHERE i.id = $1 AND i.user_id = $2 AND i.ended_at IS NULL AND u.disabled_at IS NULL \
                   AND to_timestamp($3) > clock_timestamp()",
                $lock
            )
        ))
    };
}

async fn signed_in(
    conn: &AsyncPgConnection,
    claims: &AccessClaims,
    stays: bool,
) -> QueryResult<Option<Caller>> {
    #[allow(clippy::cast_precision_loss)]
    let exp = claims.exp as f64;
    let query = match stays {
        false => signed_in!(""),
        true => signed_in!(" FOR SHARE OF u"),
    };
    let query = query
        .bind::<SqlUuid, _>(claims.sid)
        .bind::<SqlUuid, _>(claims.sub)
        .bind::<Double, _>(exp);
    let rows: Vec<CallerRow> = prepared(query).load(&mut &*conn).await?;
    let through = Through::SignIn(claims.sid);
    Ok(rows.into_iter().next().map(|row| row.into_caller(through)))
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = SqlUuid)]
    key_id: ApiKeyId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    key_organisation: Option<OrganisationId>,
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<Scope>,
    #[diesel(embed)]
    maker: CallerRow,
}

macro_rules! with_key {
    ($lock:literal) => {
        sql_query(caller!(
        "WITH used AS ( \
             UPDATE api_key SET last_used_at = clock_timestamp() WHERE id = ( \
                 SELECT id FROM api_key WHERE hash = $1 AND revoked_at IS NULL \
                   AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) \
                 FOR NO KEY UPDATE SKIP LOCKED)) \
         SELECT k.id AS key_id, k.organisation_id AS key_organisation, k.scopes,",
        "FROM api_key k JOIN \"user\" u ON u.id = k.made_by",
        " AND k.organisation_id IS NULL AND s.venue_id = k.venue_id",
        " AND m.organisation_id = k.organisation_id",
        concat!(
            "WHERE k.hash = $1 AND k.revoked_at IS NULL AND coalesce(k.expires_at > clock_timestamp(), true) \
               AND u.disabled_at IS NULL AND (r.roles IS NOT NULL OR m.organisations IS NOT NULL)",
            $lock
        )
        ))
    };
}

/// A key of an organisation has its maker's membership there and no role, that of a venue its maker's roles there and
/// no membership; without either it stands for nobody. Its use is noted to the minute, by whoever need not wait for it.
async fn with_key(
    conn: &AsyncPgConnection,
    hash: &[u8; 32],
    stays: bool,
) -> QueryResult<Option<Caller>> {
    let query = match stays {
        false => with_key!(""),
        true => with_key!(" FOR SHARE OF u"),
    };
    let query = query.bind::<Bytea, _>(hash.to_vec());
    let rows: Vec<KeyRow> = prepared(query).load(&mut &*conn).await?;
    Ok(rows.into_iter().next().map(|row| {
        row.maker.into_caller(Through::Key(KeyUse {
            id: row.key_id,
            organisation_id: row.key_organisation,
            scopes: row.scopes,
        }))
    }))
}

impl CallerRow {
    fn into_caller(self, through: Through) -> Caller {
        let roles = self.roles.unwrap_or_default();
        let venues = self.role_venues.unwrap_or_default();
        let spaces = self.role_spaces.unwrap_or_default();
        let organisations = self.organisations.unwrap_or_default();
        let names = self.organisation_names.unwrap_or_default();
        let kinds = self.organisation_kinds.unwrap_or_default();
        let member_roles = self.member_roles.unwrap_or_default();
        let verified = self.organisations_verified.unwrap_or_default();
        Caller {
            user_id: self.user_id,
            through,
            name: self.name,
            email: self.email,
            phone: self.phone,
            locale: Locale::from_tag(&self.locale),
            verified: self.verified,
            roles: roles
                .iter()
                .zip(venues)
                .zip(spaces)
                .filter_map(|((role, venue), space)| {
                    Some(StaffRole {
                        role: Role::from_name(role)?,
                        venue_id: VenueId(venue),
                        space_id: space.map(SpaceId),
                    })
                })
                .collect(),
            memberships: organisations
                .into_iter()
                .zip(names)
                .zip(kinds)
                .zip(member_roles)
                .zip(verified)
                .filter_map(|((((id, name), kind), role), verified)| {
                    Some(Membership {
                        organisation_id: OrganisationId(id),
                        name,
                        kind,
                        role: MemberRole::from_name(&role)?,
                        verified,
                    })
                })
                .collect(),
        }
    }
}
