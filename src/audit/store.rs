//! The audit's SQL.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::reading::Read;
use crate::db::prepared;
use crate::id::{UserId, VenueId};
use crate::schema::audit_entry;
use crate::span::Instant;

/// Writes down an act, in the transaction of the act itself. `actor` is `None` for the product itself, `venue` for what is
/// no venue's.
pub async fn record(
    conn: &AsyncPgConnection,
    actor: Option<UserId>,
    venue: Option<VenueId>,
    action: &str,
    object_kind: &str,
    object_id: Uuid,
    fields: &[&str],
) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(audit_entry::table)
        .values((
            audit_entry::id.eq(Uuid::now_v7()),
            audit_entry::actor_id.eq(actor),
            audit_entry::venue_id.eq(venue),
            audit_entry::action.eq(action),
            audit_entry::object_kind.eq(object_kind),
            audit_entry::object_id.eq(object_id),
            audit_entry::fields.eq(fields.iter().map(|field| Some(*field)).collect::<Vec<_>>()),
        ))
        .execute(&mut conn)
        .await
        .map(drop)
}

/// Writes down what was read, in one statement.
pub async fn record_readings(conn: &AsyncPgConnection, readings: &[Read]) -> QueryResult<()> {
    if readings.is_empty() {
        return Ok(());
    }
    // an array of arrays would have to be a rectangle: people are flat, each with the place of their reading
    let (mut places, mut people): (Vec<i64>, Vec<Uuid>) = (Vec::new(), Vec::new());
    for (place, read) in (1..).zip(readings) {
        people.extend(read.people.iter().copied());
        places.resize(people.len(), place);
    }
    let column = |pick: fn(&Read) -> Uuid| readings.iter().map(pick).collect::<Vec<_>>();
    prepared(
        sql_query(
            "INSERT INTO audit_entry (id, at, actor_id, venue_id, action, object_kind, people) \
             SELECT r.id, r.at, r.actor_id, r.venue_id, 'read', r.operation, \
               ARRAY(SELECT p.person FROM unnest($6, $7) AS p (place, person) WHERE p.place = r.place ORDER BY p.person) \
             FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS r (id, at, actor_id, venue_id, operation, place)",
        )
        .bind::<Array<SqlUuid>, _>(readings.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(readings.iter().map(|read| read.at).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|read| read.actor.0))
        .bind::<Array<SqlUuid>, _>(column(|read| read.venue.0))
        .bind::<Array<Text>, _>(readings.iter().map(Read::object_kind).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(places)
        .bind::<Array<SqlUuid>, _>(people),
    )
    .execute(&mut &*conn)
    .await
    .map(drop)
}

/// What the audit knows about a person, as lists of objects.
#[derive(Debug, Clone, QueryableByName)]
pub struct Export {
    /// Their acts and sign-ins.
    #[diesel(sql_type = Jsonb)]
    pub audit: Value,
    /// When staff have read their data, and where.
    #[diesel(sql_type = Jsonb)]
    pub read_by_staff: Value,
}

/// Everything that the audit knows about a person.
pub async fn export(conn: &AsyncPgConnection, user: UserId) -> QueryResult<Export> {
    prepared(
        sql_query(
            "SELECT \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.at), '[]') FROM (SELECT e.at, e.action, e.object_kind, e.object_id, e.fields, e.address \
                  FROM audit_entry e WHERE e.actor_id = $1) x) AS audit, \
               (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.at), '[]') FROM (SELECT e.at, e.object_kind AS path \
                  FROM audit_entry e WHERE e.people @> ARRAY[$1] AND e.action = 'read') x) AS read_by_staff",
        )
        .bind::<SqlUuid, _>(user),
    )
    .get_result(&mut &*conn)
    .await
}

/// Which entries.
#[derive(Debug, Clone)]
pub struct Filter {
    pub venue_id: VenueId,
    pub actor_id: Option<UserId>,
    pub action: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    pub person: Option<Uuid>,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// Where the page before ended.
    pub before: Option<(Instant, Uuid)>,
    pub limit: i64,
}

/// An entry, wherever it is kept.
#[derive(Debug, Clone, QueryableByName)]
pub struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub at: Instant,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub actor_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub actor_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub object_kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub object_id: Option<Uuid>,
    #[diesel(sql_type = Array<Text>)]
    pub fields: Vec<String>,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

/// A venue's entries and those of no venue, newest first, together with what staff did to its bookings. Both parts are
/// read from the end of an index, a page of each.
pub async fn entries(conn: &AsyncPgConnection, filter: &Filter) -> QueryResult<Vec<EntryRow>> {
    let (before_at, before_id) = filter.before.unzip();
    prepared(
        sql_query(
            "SELECT x.*, u.name AS actor_name FROM ( \
               (SELECT a.id, a.at, a.actor_id, a.action, a.object_kind, a.object_id, a.fields, a.address, a.people \
                FROM audit_entry a WHERE (a.venue_id = $1 OR a.venue_id IS NULL) \
                  AND ($2 IS NULL OR a.actor_id = $2) AND ($3 IS NULL OR a.action = $3) AND ($4 IS NULL OR a.object_kind = $4) \
                  AND ($5 IS NULL OR a.object_id = $5) AND ($6 IS NULL OR a.people @> ARRAY[$6] OR a.object_id = $6 AND a.object_kind = 'user') \
                  AND ($7 IS NULL OR a.at >= $7) AND ($8 IS NULL OR a.at < $8) AND ($9 IS NULL OR (a.at, a.id) < ($9, $10)) \
                ORDER BY a.at DESC, a.id DESC LIMIT $11) \
               UNION ALL \
               (SELECT e.id, e.at, e.actor_id, e.event, 'booking', e.booking_id, \
                  coalesce((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(CASE jsonb_typeof(e.changes) WHEN 'object' THEN e.changes ELSE '{}' END) k), '{}'), '', '{}' \
                FROM booking_event e JOIN booking b ON b.id = e.booking_id JOIN space s ON s.id = b.space_id \
                WHERE e.by_staff AND s.venue_id = $1 AND $6 IS NULL \
                  AND ($2 IS NULL OR e.actor_id = $2) AND ($3 IS NULL OR e.event = $3) AND ($4 IS NULL OR $4 = 'booking') \
                  AND ($5 IS NULL OR e.booking_id = $5) \
                  AND ($7 IS NULL OR e.at >= $7) AND ($8 IS NULL OR e.at < $8) AND ($9 IS NULL OR (e.at, e.id) < ($9, $10)) \
                ORDER BY e.at DESC, e.id DESC LIMIT $11)) x \
             LEFT JOIN \"user\" u ON u.id = x.actor_id ORDER BY x.at DESC, x.id DESC LIMIT $11",
        )
        .bind::<SqlUuid, _>(filter.venue_id)
        .bind::<Nullable<SqlUuid>, _>(filter.actor_id)
        .bind::<Nullable<Text>, _>(filter.action.clone())
        .bind::<Nullable<Text>, _>(filter.object_kind.clone())
        .bind::<Nullable<SqlUuid>, _>(filter.object_id)
        .bind::<Nullable<SqlUuid>, _>(filter.person)
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<Nullable<Timestamptz>, _>(filter.to)
        .bind::<Nullable<Timestamptz>, _>(before_at)
        .bind::<Nullable<SqlUuid>, _>(before_id)
        .bind::<BigInt, _>(filter.limit),
    )
    .load(&mut &*conn)
    .await
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Gives up entries of a venue (`None`: of no venue) whose retention period is over, so many at a time; how many
/// there were. The database refuses to give up those of the last half year, whatever is asked.
pub async fn expire(
    conn: &AsyncPgConnection,
    venue: Option<VenueId>,
    days: i32,
    most: i64,
) -> QueryResult<i64> {
    let done: Count = sql_query(
        "WITH gone AS (DELETE FROM audit_entry WHERE id IN ( \
             SELECT id FROM audit_entry WHERE venue_id IS NOT DISTINCT FROM $1 AND at < clock_timestamp() - make_interval(days => $2) \
             ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING 1) \
         SELECT count(*) AS count FROM gone",
    )
    .bind::<Nullable<SqlUuid>, _>(venue)
    .bind::<diesel::sql_types::Integer, _>(days)
    .bind::<BigInt, _>(most)
    .get_result(&mut &*conn)
    .await?;
    Ok(done.count)
}
