//! Bookings to be read, and those whose time has come.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz, Tstzrange, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Closure;
use crate::booking::record::{Booking, ChangeRequest, HistoryLine};
use crate::booking::state::State;
use crate::db::prepared;
use crate::id::{BookingId, LayoutVersionId, OrganisationId, SpaceId, UserId, VenueId};
use crate::schema;
use crate::span::{Instant, Span};

#[declare_sql_function]
extern "SQL" {
    /// Whether a booking's time overlaps a span, in the words that the indexes understand.
    fn booking_touches(during: Tstzrange, span: Tstzrange) -> Bool;
}

/// Which bookings to list: those of a stretch of time in its order, others in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub venue_id: Option<VenueId>,
    pub space_id: Option<SpaceId>,
    pub organisation_id: Option<OrganisationId>,
    pub state: Option<State>,
    pub reference: Option<String>,
    pub during: Option<Span>,
    /// Where the page before ended: the booking, and its start in a list of a stretch of time.
    pub after: Option<(Option<Instant>, BookingId)>,
    pub limit: i64,
    /// Only what these eyes may see.
    pub visible_to: Option<Eyes>,
}

/// What somebody may see without a role in the whole venue.
#[derive(Debug, Clone, Default)]
pub struct Eyes {
    /// This person's own.
    pub user_id: Option<UserId>,
    /// Those of these organisations.
    pub organisations: Vec<OrganisationId>,
    /// Those in these spaces: a role's.
    pub spaces: Vec<SpaceId>,
}

/// The bookings that the filter lets through.
pub async fn bookings(conn: &AsyncPgConnection, filter: &Filter) -> QueryResult<Vec<Booking>> {
    use diesel::dsl::{array, lower};
    use schema::booking::dsl;
    let mut query = dsl::booking
        .select(Booking::as_select())
        .limit(filter.limit)
        .into_boxed();
    if let Some(venue_id) = filter.venue_id {
        // as an array: one search of the index of spaces and times, instead of a join over all spaces
        let spaces = schema::space::table
            .filter(schema::space::venue_id.eq(venue_id))
            .select(schema::space::id);
        query = query.filter(dsl::space_id.eq_any(array::<Uuid, _>(spaces)));
    }
    if let Some(space_id) = filter.space_id {
        query = query.filter(dsl::space_id.eq(space_id));
    }
    if let Some(organisation_id) = filter.organisation_id {
        query = query.filter(dsl::organisation_id.eq(organisation_id));
    }
    if let Some(state) = filter.state {
        query = query.filter(dsl::state.eq(state));
    }
    if let Some(reference) = &filter.reference {
        query = query.filter(dsl::reference.eq(reference));
    }
    let start = lower(dsl::during);
    query = match filter.during {
        Some(during) => query
            .filter(booking_touches(dsl::during, during))
            .order((start, dsl::id)),
        None => query.order(dsl::id),
    };
    if let Some((start_of, id)) = filter.after {
        query = match start_of {
            Some(at) => query.filter(start.gt(at).or(start.eq(at).and(dsl::id.gt(id)))),
            None => query.filter(dsl::id.gt(id)),
        };
    }
    if let Some(eyes) = &filter.visible_to {
        // an organisation's bookings are seen by its members, whoever made them
        let theirs = dsl::organisation_id.eq_any(&eyes.organisations);
        let there = dsl::space_id.eq_any(&eyes.spaces);
        query = match eyes.user_id {
            Some(user_id) => query.filter(
                dsl::requester_id
                    .eq(user_id)
                    .and(dsl::organisation_id.is_null())
                    .or(theirs)
                    .or(there),
            ),
            None => query.filter(theirs.or(there)),
        };
    }
    query.load(&mut &*conn).await
}

/// Which bookings of older versions, and in which order.
#[derive(Debug, Clone, Copy)]
pub enum Older<'a> {
    /// A page of all of them, in the order of their ids, after one that was seen.
    After(Option<BookingId>),
    /// A page of those that can still move, of those named, where some are; the earliest first, as whoever is nearest has
    /// the first choice of changeovers.
    ToMove {
        named: Option<&'a [BookingId]>,
        /// Where the page before ended: start and id.
        after: Option<(Instant, BookingId)>,
    },
}

/// Bookings ahead that have one of these versions.
pub async fn of_older_versions(
    conn: &AsyncPgConnection,
    versions: &[LayoutVersionId],
    which: Older<'_>,
    limit: i64,
) -> QueryResult<Vec<Booking>> {
    use diesel::dsl::{lower, sql, upper};
    use schema::booking::dsl;
    let mut conn = conn;
    let query = dsl::booking
        .filter(dsl::layout_version_id.eq_any(versions))
        .filter(
            upper(dsl::during).gt(sql::<diesel::sql_types::Nullable<Timestamptz>>(
                "statement_timestamp()",
            )),
        )
        .limit(limit)
        .select(Booking::as_select())
        .into_boxed();
    let may_move = [State::Held, State::Requested, State::Confirmed];
    let query = match which {
        Older::After(seen) => {
            let open = may_move
                .into_iter()
                .chain([State::CheckedIn, State::Waitlisted]);
            let query = query
                .filter(dsl::state.eq_any(open.collect::<Vec<_>>()))
                .order(dsl::id);
            match seen {
                Some(seen) => query.filter(dsl::id.gt(seen)),
                None => query,
            }
        }
        Older::ToMove { named, after } => {
            let start = lower(dsl::during);
            let mut query = query
                .filter(dsl::state.eq_any(may_move))
                .order((start, dsl::id));
            if let Some(named) = named {
                query = query.filter(dsl::id.eq_any(named));
            }
            if let Some((at, id)) = after {
                query = query.filter(start.gt(at).or(start.eq(at).and(dsl::id.gt(id))));
            }
            query
        }
    };
    query.load(&mut conn).await
}

/// The history of a booking, oldest first.
pub async fn history(conn: &AsyncPgConnection, id: BookingId) -> QueryResult<Vec<HistoryLine>> {
    use schema::booking_event::dsl;
    dsl::booking_event
        .filter(dsl::booking_id.eq(id))
        .order((dsl::at, dsl::id))
        .select(HistoryLine::as_select())
        .load(&mut &*conn)
        .await
}

/// The change requests of a booking, newest first.
pub async fn change_requests_of(
    conn: &AsyncPgConnection,
    id: BookingId,
) -> QueryResult<Vec<ChangeRequest>> {
    use schema::change_request::dsl;
    dsl::change_request
        .filter(dsl::booking_id.eq(id))
        .order(dsl::id.desc())
        .select(ChangeRequest::as_select())
        .load(&mut &*conn)
        .await
}

/// The closures of a space, newest first.
pub async fn closures(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    before: Option<uuid::Uuid>,
    limit: i64,
) -> QueryResult<Vec<Closure>> {
    use schema::closure::dsl;
    let mut query = dsl::closure
        .filter(dsl::space_id.eq(space_id))
        .order(dsl::id.desc())
        .limit(limit)
        .select(Closure::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(dsl::id.lt(crate::id::ClosureId(before)));
    }
    query.load(&mut &*conn).await
}

/// The database's clock.
pub async fn clock(conn: &AsyncPgConnection) -> QueryResult<Instant> {
    #[derive(QueryableByName)]
    struct Now {
        #[diesel(sql_type = Timestamptz)]
        now: Instant,
    }
    let read: Now = prepared(sql_query("SELECT clock_timestamp() AS now"))
        .get_result(&mut &*conn)
        .await?;
    Ok(read.now)
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Uuid)]
    id: BookingId,
}

macro_rules! due {
    ($(#[$doc:meta])* $name:ident, $sql:literal) => {
        $(#[$doc])*
        pub async fn $name(conn: &AsyncPgConnection, limit: i64) -> QueryResult<Vec<BookingId>> {
            let rows: Vec<Due> = prepared(sql_query($sql).bind::<BigInt, _>(limit)).load(&mut &*conn).await?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        }
    };
}

// `statement_timestamp()`: unlike `clock_timestamp()` an index can be searched with it.
due! {
    /// Holds and requests that have lapsed.
    due_to_lapse,
    "SELECT b.id FROM booking b WHERE b.state IN ('held', 'requested') AND (b.expires_at <= statement_timestamp() \
       OR lower(b.during) - make_interval(mins => b.access_before_min) <= statement_timestamp() \
       OR EXISTS (SELECT 1 FROM occupancy x WHERE x.booking_id = b.id AND x.kind = 'changeover' \
         AND lower(x.during) >= x.written_at AND lower(x.during) <= statement_timestamp())) \
     ORDER BY b.expires_at LIMIT $1"
}

due! {
    /// Parties that were waited for long enough.
    due_to_be_missed,
    "SELECT b.id FROM booking b WHERE b.state = 'confirmed' AND b.check_in AND b.arrive_by <= statement_timestamp() ORDER BY b.arrive_by LIMIT $1"
}

due! {
    /// Bookings that are over.
    due_to_complete,
    "SELECT b.id FROM booking b WHERE b.state IN ('confirmed', 'checked_in') AND (b.state = 'checked_in' OR NOT b.check_in) \
       AND upper(b.during) <= statement_timestamp() \
       AND upper(b.during) + make_interval(mins => b.access_after_min) <= statement_timestamp() ORDER BY upper(b.during) LIMIT $1"
}

due! {
    /// Confirmed bookings of tomorrow, by the venue's calendar, whose reminder has not been promised yet.
    due_to_remind,
    "SELECT b.id FROM booking b JOIN space s ON s.id = b.space_id JOIN venue v ON v.id = s.venue_id \
     WHERE b.state = 'confirmed' AND lower(b.during) > statement_timestamp() AND lower(b.during) < statement_timestamp() + interval '48 hours' \
       AND (lower(b.during) AT TIME ZONE v.time_zone)::date = (statement_timestamp() AT TIME ZONE v.time_zone)::date + 1 \
       AND (statement_timestamp() AT TIME ZONE v.time_zone)::time >= '09:00' \
       AND NOT EXISTS (SELECT 1 FROM message m WHERE m.booking_id = b.id AND m.kind = 'booking_reminder' \
         AND m.dedupe_key = 'booking_reminder:' || b.id || ':' || extract(epoch FROM lower(b.during))::bigint) LIMIT $1"
}

/// Ends change requests that nobody decided before either start passed.
pub async fn end_change_requests(conn: &AsyncPgConnection) -> QueryResult<usize> {
    prepared(sql_query(
        "UPDATE change_request c SET state = 'ended' FROM booking b WHERE b.id = c.booking_id AND c.state = 'open' \
           AND (lower(c.during) <= clock_timestamp() OR lower(b.during) <= clock_timestamp() OR b.state <> 'confirmed')",
    ))
    .execute(&mut &*conn)
    .await
}
