//! The SQL of what accounts know about people.

use diesel::sql_types::{Bool, Jsonb, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::db::prepared;
use crate::id::UserId;

/// What an account knows about its person.
#[derive(Debug, Clone, QueryableByName)]
pub struct Export {
    /// The present address, which mails and bookings without an account know, too.
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Jsonb)]
    pub account: Value,
    #[diesel(sql_type = Jsonb)]
    pub memberships: Value,
    #[diesel(sql_type = Jsonb)]
    pub roles: Value,
    #[diesel(sql_type = Jsonb)]
    pub sign_ins: Value,
    #[diesel(sql_type = Jsonb)]
    pub links: Value,
    #[diesel(sql_type = Jsonb)]
    pub invitations: Value,
    #[diesel(sql_type = Jsonb)]
    pub tenants: Value,
    #[diesel(sql_type = Jsonb)]
    pub api_keys: Value,
}

/// Everything, also what only knows the address; never a hash, a token or a secret.
pub async fn export(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Export> {
    prepared(
        sql_query(
            "SELECT me.email, \
               (SELECT to_jsonb(x) FROM (SELECT me.id, me.email, me.name, me.phone, me.locale, me.verified_at, me.created_at, \
                  EXISTS (SELECT FROM second_factor f WHERE f.user_id = me.id AND f.confirmed_at IS NOT NULL) AS second_factor) x) AS account, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (SELECT m.organisation_id, o.name, m.role, m.since \
                  FROM membership m JOIN organisation o ON o.id = m.organisation_id WHERE m.user_id = me.id) x) AS memberships, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (SELECT s.venue_id, s.space_id, s.role FROM staff_role s WHERE s.user_id = me.id) x) AS roles, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (SELECT i.id, i.device, i.created_at, i.last_used_at, i.ended_at, i.ended_because \
                  FROM sign_in i WHERE i.user_id = me.id) x) AS sign_ins, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.created_at), '[]') FROM (SELECT l.purpose, l.email, l.created_at, l.expires_at, l.used_at \
                  FROM mail_link l WHERE l.user_id = me.id OR lower(l.email) = lower(me.email)) x) AS links, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.created_at), '[]') FROM ( \
                  SELECT i.organisation_id, NULL::uuid AS venue_id, NULL::uuid AS space_id, i.role, l.email, l.created_at, l.expires_at, l.used_at \
                  FROM invitation i JOIN mail_link l ON l.id = i.link_id WHERE lower(l.email) = lower(me.email) \
                  UNION ALL SELECT NULL, i.venue_id, i.space_id, i.role, l.email, l.created_at, l.expires_at, l.used_at \
                  FROM staff_invitation i JOIN mail_link l ON l.id = i.link_id WHERE lower(l.email) = lower(me.email)) x) AS invitations, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (SELECT t.venue_id, t.credit_code, t.name, t.email, t.imported_at \
                  FROM tenant t WHERE lower(t.email) = lower(me.email)) x) AS tenants, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (SELECT k.id, k.name, k.scopes, k.created_at, k.last_used_at, k.revoked_at \
                  FROM api_key k WHERE k.made_by = me.id) x) AS api_keys \
             FROM \"user\" me WHERE me.id = $1",
        )
        .bind::<Uuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    is_so: bool,
}

/// Whether a venue would be left without an administrator. The rows are locked, so that of two who go at once one stays.
pub async fn is_last_admin(conn: &AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    prepared(
        sql_query(
            "SELECT id FROM staff_role WHERE role = 'admin' AND space_id IS NULL AND venue_id IN ( \
               SELECT venue_id FROM staff_role WHERE user_id = $1 AND role = 'admin' AND space_id IS NULL) ORDER BY id FOR UPDATE",
        )
        .bind::<Uuid, _>(user),
    )
    .execute(&mut &*conn)
    .await?;
    let answer: Answer = prepared(
        sql_query(
            "SELECT EXISTS (SELECT FROM staff_role own WHERE own.user_id = $1 AND own.role = 'admin' AND own.space_id IS NULL \
               AND NOT EXISTS (SELECT FROM staff_role o JOIN \"user\" u ON u.id = o.user_id WHERE o.venue_id = own.venue_id AND o.role = 'admin' \
                 AND o.space_id IS NULL AND o.user_id <> $1 AND u.disabled_at IS NULL)) AS is_so",
        )
        .bind::<Uuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(answer.is_so)
}

/// Forgets the person: what is left is an id that what they did hangs on, and that nobody can sign in with. A tenant whose
/// list named their address is spoken for by nobody until the list says otherwise, since its code is public.
pub async fn forget(conn: &AsyncPgConnection, user: UserId, email: &str) -> QueryResult<()> {
    for statement in [
        "DELETE FROM sign_in WHERE user_id = $1",
        "DELETE FROM second_factor WHERE user_id = $1",
        "DELETE FROM recovery_code WHERE user_id = $1",
        "DELETE FROM staff_role WHERE user_id = $1",
        "UPDATE api_key SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE made_by = $1",
        "UPDATE \"user\" SET email = 'deleted-' || id || '@deleted.invalid', name = '–', phone = NULL, password_hash = '-', \
           verified_at = NULL, disabled_at = coalesce(disabled_at, clock_timestamp()) WHERE id = $1",
    ] {
        prepared(sql_query(statement).bind::<Uuid, _>(user))
            .execute(&mut &*conn)
            .await?;
    }
    for statement in [
        "DELETE FROM mail_link WHERE user_id = $1 OR lower(email) = lower($2)",
        "UPDATE tenant SET email = 'deleted-' || $1 || '@deleted.invalid' WHERE lower(email) = lower($2)",
    ] {
        prepared(
            sql_query(statement)
                .bind::<Uuid, _>(user)
                .bind::<Text, _>(email.to_owned()),
        )
        .execute(&mut &*conn)
        .await?;
    }
    Ok(())
}
