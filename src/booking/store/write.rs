//! What one decision writes.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, SmallInt, Text, Timestamptz, Tstzrange, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, try_join_all};

use crate::booking::area_set::AreaSet;
use crate::booking::chain::{NewRow, Plan, What};
use crate::booking::question::Question;
use crate::booking::record::{Approval, Booking, ChangeRequest, HistoryLine};
use crate::db::prepared;
use crate::id::{AreaId, BookingId, ClosureId, OccupancyId, SpaceId, UserId};
use crate::message;
use crate::schema;
use crate::span::{Instant, Span};

/// Where a kept answer is stored.
#[derive(Debug, Clone)]
pub struct Kept {
    pub caller: UserId,
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub status: i16,
    pub answer: String,
}

/// A stretch of time in which areas are closed.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = schema::closure, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub struct Closure {
    pub id: ClosureId,
    pub space_id: SpaceId,
    pub area_ids: AreaSet,
    pub during: Span,
    pub reason: String,
    pub created_by: UserId,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
}

/// Everything that one decision writes.
#[derive(Debug, Default)]
pub struct Changes {
    pub created: Vec<Booking>,
    pub updated: Vec<Booking>,
    pub closures: Vec<Closure>,
    pub plan: Plan,
    pub history: Vec<HistoryLine>,
    pub approvals: Vec<Approval>,
    /// Bookings whose approvals so far are void.
    pub void_approvals: Vec<BookingId>,
    pub new_change_requests: Vec<ChangeRequest>,
    pub change_requests: Vec<ChangeRequest>,
    pub new_questions: Vec<Question>,
    pub questions: Vec<Question>,
    pub messages: Vec<message::Draft>,
    pub tasks: Vec<NewTask>,
    pub kept: Option<Kept>,
}

/// Something that staff must look at.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = schema::task, treat_none_as_default_value = false)]
pub struct NewTask {
    pub id: crate::id::TaskId,
    pub venue_id: crate::id::VenueId,
    pub kind: String,
    pub booking_id: Option<BookingId>,
    pub area_id: Option<AreaId>,
    pub detail: serde_json::Value,
}

/// Writes it all in one round trip, in an order in which nothing stands in its own way.
pub async fn write(conn: &AsyncPgConnection, changes: &Changes, now: Instant) -> QueryResult<()> {
    use diesel::{insert_into, update};
    let mut steps: Vec<BoxFuture<'_, QueryResult<()>>> = Vec::new();
    let plan = &changes.plan;
    if !plan.delete.is_empty() {
        steps.push(delete_rows(conn, &plan.delete).boxed());
    }
    // what goes makes room, in the unique indexes too, before what comes
    for booking in &changes.updated {
        steps.push(step(
            conn,
            update(schema::booking::table.find(booking.id)).set(booking),
        ));
    }
    for booking in &changes.created {
        steps.push(step(
            conn,
            insert_into(schema::booking::table).values(booking),
        ));
    }
    // after the bookings that come: a changeover may lead to one of them from now on
    if !plan.pass_on.is_empty() {
        steps.push(pass_on(conn, &plan.pass_on).boxed());
    }
    if !plan.put.is_empty() {
        steps.push(put_rows(conn, &plan.put).boxed());
    }
    for closure in &changes.closures {
        steps.push(step(
            conn,
            insert_into(schema::closure::table).values(closure),
        ));
    }
    if !plan.insert.is_empty() {
        steps.push(insert_rows(conn, &plan.insert).boxed());
    }
    for line in &changes.history {
        steps.push(step(
            conn,
            insert_into(schema::booking_event::table).values(line),
        ));
    }
    if !changes.void_approvals.is_empty() {
        steps.push(void_approvals(conn, &changes.void_approvals, now).boxed());
    }
    for approval in &changes.approvals {
        steps.push(step(
            conn,
            insert_into(schema::approval::table).values(approval),
        ));
    }
    for wish in &changes.change_requests {
        steps.push(step(
            conn,
            update(schema::change_request::table.find(wish.id)).set(wish),
        ));
    }
    for wish in &changes.new_change_requests {
        steps.push(step(
            conn,
            insert_into(schema::change_request::table).values(wish),
        ));
    }
    for question in &changes.new_questions {
        let table = schema::question::table;
        steps.push(step(conn, insert_into(table).values(question)));
    }
    for question in &changes.questions {
        let row = schema::question::table.find(question.id);
        steps.push(step(conn, update(row).set(question)));
    }
    for task in &changes.tasks {
        steps.push(step(conn, insert_into(schema::task::table).values(task)));
    }
    if !changes.messages.is_empty() {
        steps.push(message::store::insert(conn, &changes.messages).boxed());
    }
    if let Some(kept) = &changes.kept {
        steps.push(keep(conn, kept).boxed());
    }
    try_join_all(steps).await.map(|_| ())
}

/// A statement of the write. Diesel does not keep such ones prepared, as it cannot know that their text never varies.
fn step<'c, Q>(conn: &'c AsyncPgConnection, statement: Q) -> BoxFuture<'c, QueryResult<()>>
where
    Q: QueryFragment<Pg> + Send + 'c,
{
    async move {
        let done = prepared(statement).execute(&mut &*conn).await;
        done.map(|_| ())
    }
    .boxed()
}

async fn delete_rows(conn: &AsyncPgConnection, ids: &[OccupancyId]) -> QueryResult<()> {
    let statement =
        sql_query("DELETE FROM occupancy WHERE id = ANY ($1)").bind::<Array<Uuid>, _>(ids.to_vec());
    prepared(statement).execute(&mut &*conn).await.map(|_| ())
}

async fn pass_on(conn: &AsyncPgConnection, passes: &[(OccupancyId, BookingId)]) -> QueryResult<()> {
    let (rows, bookings): (Vec<_>, Vec<_>) = passes.iter().copied().unzip();
    prepared(
        sql_query("UPDATE occupancy o SET booking_id = p.booking_id FROM unnest($1, $2) AS p (id, booking_id) WHERE o.id = p.id")
            .bind::<Array<Uuid>, _>(rows)
            .bind::<Array<Uuid>, _>(bookings),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn put_rows(conn: &AsyncPgConnection, rows: &[(OccupancyId, Span)]) -> QueryResult<()> {
    let (rows, spans): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
    prepared(
        sql_query("UPDATE occupancy o SET during = p.during FROM unnest($1, $2) AS p (id, during) WHERE o.id = p.id")
            .bind::<Array<Uuid>, _>(rows)
            .bind::<Array<Tstzrange>, _>(spans),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn insert_rows(conn: &AsyncPgConnection, rows: &[NewRow]) -> QueryResult<()> {
    let ids: Vec<OccupancyId> = rows.iter().map(|_| OccupancyId::new()).collect();
    let column = |pick: fn(&What) -> Option<uuid::Uuid>| {
        rows.iter().map(|row| pick(&row.what)).collect::<Vec<_>>()
    };
    let kind = |what: &What| match what {
        What::Event { .. } => "event",
        What::Changeover { .. } => "changeover",
        What::Closure { .. } => "closure",
    };
    prepared(
        sql_query(
            "INSERT INTO occupancy (id, area_id, kind, during, booking_id, layout_version_id, from_version_id, to_version_id, crew_id, closure_id) \
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind::<Array<Uuid>, _>(ids)
        .bind::<Array<Uuid>, _>(rows.iter().map(|row| row.area_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| kind(&row.what)).collect::<Vec<_>>())
        .bind::<Array<Tstzrange>, _>(rows.iter().map(|row| row.span).collect::<Vec<_>>())
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Event { booking_id, .. } | What::Changeover { booking_id, .. } => Some(booking_id.0),
            What::Closure { .. } => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Event { version_id, .. } => version_id.map(|id| id.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { from, .. } => Some(from.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { to, .. } => Some(to.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Changeover { crew_id, .. } => Some(crew_id.0),
            _ => None,
        }))
        .bind::<Array<Nullable<Uuid>>, _>(column(|what| match what {
            What::Closure { closure_id } => Some(closure_id.0),
            _ => None,
        })),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn void_approvals(
    conn: &AsyncPgConnection,
    bookings: &[BookingId],
    now: Instant,
) -> QueryResult<()> {
    prepared(
        sql_query(
            "UPDATE approval SET void_at = $2 WHERE booking_id = ANY ($1) AND void_at IS NULL",
        )
        .bind::<Array<Uuid>, _>(bookings.to_vec())
        .bind::<Timestamptz, _>(now),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

async fn keep(conn: &AsyncPgConnection, kept: &Kept) -> QueryResult<()> {
    prepared(
        sql_query("INSERT INTO idempotency (caller, key, fingerprint, status, answer) VALUES ($1, $2, $3, $4, $5)")
            .bind::<Uuid, _>(kept.caller)
            .bind::<Text, _>(&kept.key)
            .bind::<diesel::sql_types::Binary, _>(&kept.fingerprint)
            .bind::<SmallInt, _>(kept.status)
            .bind::<Text, _>(&kept.answer),
    )
    .execute(&mut &*conn)
    .await
    .map(|_| ())
}

/// Ends the closure: rows that have not begun go, the one that has is cut at its end.
pub async fn lift_closure(conn: &AsyncPgConnection, closure: &Closure) -> QueryResult<()> {
    let ended = closure.ended_at;
    let gone = prepared(
        sql_query("DELETE FROM occupancy WHERE closure_id = $1 AND lower(during) >= $2")
            .bind::<Uuid, _>(closure.id)
            .bind::<Nullable<Timestamptz>, _>(ended),
    );
    let cut = prepared(
        sql_query("UPDATE occupancy SET during = tstzrange(lower(during), $2) WHERE closure_id = $1 AND lower(during) < $2 AND upper(during) > $2")
            .bind::<Uuid, _>(closure.id)
            .bind::<Nullable<Timestamptz>, _>(ended),
    );
    let mark = diesel::update(schema::closure::table.find(closure.id))
        .set(schema::closure::ended_at.eq(ended));
    futures_util::try_join!(
        gone.execute(&mut &*conn),
        cut.execute(&mut &*conn),
        mark.execute(&mut &*conn)
    )
    .map(|_| ())
}
