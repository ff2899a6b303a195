//! The desk's SQL: the board in a constant number of statements, whatever the number of bookings.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Tstzrange, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::booking::state::State;
use crate::catalogue::{EventType, SpaceKind};
use crate::db::prepared;
use crate::id::{
    AreaId, BookingId, ClosureId, CrewId, LayoutVersionId, MessageId, OccupancyId, OrganisationId,
    SpaceId, TaskId, UserId, VenueId,
};
use crate::message::address::{self, AddressTrouble};
use crate::schema;
use crate::span::{Instant, Span};

/// A space of the board.
#[derive(Debug, QueryableByName)]
pub struct SpaceRead {
    #[diesel(sql_type = Uuid)]
    pub id: SpaceId,
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Text)]
    pub name_zh: String,
    #[diesel(sql_type = Text)]
    pub name_en: String,
    #[diesel(sql_type = Text)]
    pub kind: SpaceKind,
}

/// The venue's spaces, in their order.
pub async fn spaces(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Vec<SpaceRead>> {
    prepared(
        sql_query("SELECT id, slug, name_zh, name_en, kind FROM space WHERE venue_id = $1 AND active ORDER BY position, id")
            .bind::<Uuid, _>(venue_id),
    )
    .load(&mut &*conn)
    .await
}

/// A booking of the board.
#[derive(Debug, QueryableByName)]
pub struct BookingRead {
    #[diesel(sql_type = Uuid)]
    pub id: BookingId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Uuid)]
    pub space_id: SpaceId,
    #[diesel(sql_type = Text)]
    pub state: State,
    #[diesel(sql_type = Tstzrange)]
    pub during: Span,
    #[diesel(sql_type = Text)]
    pub event_type: EventType,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Integer)]
    pub attendance: i32,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub layout_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub organisation_id: Option<OrganisationId>,
    #[diesel(sql_type = Text)]
    pub contact_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_phone: Option<String>,
    #[diesel(sql_type = Bool)]
    pub holds_slot: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub arrive_by: Option<Instant>,
    /// Whose it is: an account, or the booking itself where its contact has none.
    #[diesel(sql_type = Uuid)]
    pub person: uuid::Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub address_trouble: Option<AddressTrouble>,
}

/// The venue's bookings that touch the range and are not over without having taken place.
pub async fn bookings(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    range: Span,
) -> QueryResult<Vec<BookingRead>> {
    prepared(
        sql_query(
concat!(
            "SELECT b.id, b.reference, b.space_id, b.state, b.during, b.event_type, b.title, b.attendance, b.layout_version_id, \
               b.organisation_id, b.contact_name, b.contact_phone, b.holds_slot, b.expires_at, b.arrive_by, \
               coalesce(b.requester_id, b.id) AS person, ",
            address::trouble!("b.contact_email"),
            " AS address_trouble \
             FROM booking b WHERE b.space_id = ANY (ARRAY(SELECT id FROM space WHERE venue_id = $1)) AND booking_touches(b.during, $2) \
               AND b.state IN ('held', 'requested', 'confirmed', 'checked_in', 'completed', 'no_show') \
             ORDER BY b.space_id, lower(b.during)",
        ))
        .bind::<Uuid, _>(venue_id)
        .bind::<Tstzrange, _>(range),
    )
    .load(&mut &*conn)
    .await
}

/// A changeover or a closure of the board.
#[derive(Debug, QueryableByName)]
pub struct RowRead {
    #[diesel(sql_type = Uuid)]
    pub id: OccupancyId,
    #[diesel(sql_type = Uuid)]
    pub space_id: SpaceId,
    #[diesel(sql_type = Uuid)]
    pub area_id: AreaId,
    #[diesel(sql_type = Tstzrange)]
    pub during: Span,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub booking_id: Option<BookingId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub from_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub to_version_id: Option<LayoutVersionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub crew_id: Option<CrewId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub closure_id: Option<ClosureId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<Instant>,
}

/// The venue's changeovers and closures that touch the range.
pub async fn rows(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    range: Span,
) -> QueryResult<Vec<RowRead>> {
    prepared(
        sql_query(
            "SELECT o.id, a.space_id, o.area_id, o.during, o.booking_id, o.from_version_id, o.to_version_id, o.crew_id, o.closure_id, c.reason, \
               j.started_at, j.finished_at \
             FROM space s JOIN area a ON a.space_id = s.id \
             JOIN occupancy o ON o.area_id = a.id AND o.during && $2 AND o.kind <> 'event' \
             LEFT JOIN closure c ON c.id = o.closure_id LEFT JOIN changeover_job j ON j.changeover_id = o.id WHERE s.venue_id = $1 ORDER BY o.area_id, lower(o.during)",
        )
        .bind::<Uuid, _>(venue_id)
        .bind::<Tstzrange, _>(range),
    )
    .load(&mut &*conn)
    .await
}

/// A task as it stands.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = schema::task, check_for_backend(diesel::pg::Pg))]
pub struct TaskRead {
    pub id: TaskId,
    pub venue_id: VenueId,
    pub kind: String,
    pub booking_id: Option<BookingId>,
    pub area_id: Option<AreaId>,
    pub detail: serde_json::Value,
    pub created_at: Instant,
    pub done_at: Option<Instant>,
    pub done_by: Option<UserId>,
    pub taken_at: Option<Instant>,
    pub taken_by: Option<UserId>,
}

impl TaskRead {
    /// The mail that it is about, where it is about one that did not arrive.
    pub fn mail(&self) -> Option<MessageId> {
        self.detail.get("message_id")?.as_str()?.parse().ok()
    }
}

/// The venue's tasks, open or done, newest first; where `spaces` are named, those that are about them.
pub async fn tasks(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    done: bool,
    spaces: Option<&[SpaceId]>,
    before: Option<uuid::Uuid>,
    limit: i64,
) -> QueryResult<Vec<TaskRead>> {
    use schema::task::dsl;
    let mut query = dsl::task
        .filter(dsl::venue_id.eq(venue_id))
        .order(dsl::id.desc())
        .limit(limit)
        .select(TaskRead::as_select())
        .into_boxed();
    query = if done {
        query.filter(dsl::done_at.is_not_null())
    } else {
        query.filter(dsl::done_at.is_null())
    };
    if let Some(before) = before {
        query = query.filter(dsl::id.lt(TaskId(before)));
    }
    if let Some(spaces) = spaces {
        use diesel::dsl::exists;
        use schema::{area, booking};
        let of_booking = booking::table
            .filter(booking::id.nullable().eq(dsl::booking_id))
            .filter(booking::space_id.eq_any(spaces));
        let of_area = area::table
            .filter(area::id.nullable().eq(dsl::area_id))
            .filter(area::space_id.eq_any(spaces));
        query = query.filter(exists(of_booking).or(exists(of_area)));
    }
    query.load(&mut &*conn).await
}

/// A task.
pub async fn task(conn: &AsyncPgConnection, id: TaskId) -> QueryResult<TaskRead> {
    use schema::task::dsl;
    dsl::task
        .find(id)
        .select(TaskRead::as_select())
        .get_result(&mut &*conn)
        .await
}

/// The space that a task is about: its booking's, else its area's; none where it is the whole venue's.
pub async fn space_of_task(conn: &AsyncPgConnection, id: TaskId) -> QueryResult<Option<SpaceId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Uuid>)]
        space_id: Option<SpaceId>,
    }
    let row: Row = prepared(
        sql_query(
            "SELECT coalesce(b.space_id, a.space_id) AS space_id FROM task t LEFT JOIN booking b ON b.id = t.booking_id \
             LEFT JOIN area a ON a.id = t.area_id WHERE t.id = $1",
        )
        .bind::<Uuid, _>(id),
    )
    .get_result(&mut &*conn)
    .await?;
    Ok(row.space_id)
}

macro_rules! about_task {
    ($update:literal, $event:literal) => {
        concat!(
            "WITH changed AS (UPDATE task SET ",
            $update,
            " RETURNING id) INSERT INTO task_event (id, task_id, event, actor_id) SELECT gen_random_uuid(), id, '",
            $event,
            "', $2 FROM changed"
        )
    };
}

/// Somebody takes an open task; 0 where it is done, or somebody has it.
pub async fn take_task(conn: &AsyncPgConnection, id: TaskId, by: UserId) -> QueryResult<usize> {
    prepared(
        sql_query(about_task!(
            "taken_at = clock_timestamp(), taken_by = $2 WHERE id = $1 AND done_at IS NULL AND taken_by IS NULL",
            "take"
        ))
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(by),
    )
    .execute(&mut &*conn)
    .await
}

/// Gives a task back that they took, or anybody (`anybodys`); 0 where there is nothing to give back.
pub async fn give_task_back(
    conn: &AsyncPgConnection,
    id: TaskId,
    by: UserId,
    anybodys: bool,
) -> QueryResult<usize> {
    prepared(
        sql_query(about_task!(
            "taken_at = NULL, taken_by = NULL WHERE id = $1 AND done_at IS NULL AND taken_by IS NOT NULL AND (taken_by = $2 OR $3)",
            "give_back"
        ))
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(by)
        .bind::<Bool, _>(anybodys),
    )
    .execute(&mut &*conn)
    .await
}

/// Marks a task as done; who was first stays.
pub async fn finish_task(conn: &AsyncPgConnection, id: TaskId, by: UserId) -> QueryResult<usize> {
    prepared(
        sql_query(about_task!(
            "done_at = clock_timestamp(), done_by = $2 WHERE id = $1 AND done_at IS NULL",
            "done"
        ))
        .bind::<Uuid, _>(id)
        .bind::<Uuid, _>(by),
    )
    .execute(&mut &*conn)
    .await
}

/// A line of a task's history.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = schema::task_event, check_for_backend(diesel::pg::Pg))]
pub struct TaskLine {
    pub at: Instant,
    pub event: String,
    pub actor_id: UserId,
}

/// What was done about a task, oldest first.
pub async fn task_history(conn: &AsyncPgConnection, id: TaskId) -> QueryResult<Vec<TaskLine>> {
    use schema::task_event::dsl;
    dsl::task_event
        .filter(dsl::task_id.eq(id))
        .order((dsl::at, dsl::id))
        .select(TaskLine::as_select())
        .load(&mut &*conn)
        .await
}
