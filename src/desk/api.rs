//! The board over HTTP.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::try_join;
use serde::{Deserialize, Serialize};

use super::store;
use crate::audit::reading::Read;
use crate::booking::state::State;
use crate::catalogue::{EventType, SpaceKind};
use crate::crew::expected::Expected;
use crate::crew::{Day, JobState, Progress, day_of_venue, readiness};
use crate::http::caller::admitted;
use crate::http::problem::Problem;
use crate::http::{App, Query};
use crate::id::{
    AreaId, BookingId, ClosureId, CrewId, LayoutVersionId, OccupancyId, OrganisationId, SpaceId,
    VenueId,
};
use crate::identity::{self, Claims};
use crate::message::address::AddressTrouble;
use crate::routes::Operation;
use crate::span::{Instant, Span};

type Answer = Result<HttpResponse, Problem>;

/// The longest board, in days.
const MAX_DAYS: i64 = 31;

/// Which board.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichBoard {
    /// Of this venue.
    venue_id: VenueId,
    /// From when.
    #[param(value_type = String, format = DateTime, example = "2026-12-01T00:00:00+08:00")]
    from: DateTime<Utc>,
    /// Until when; at most 31 days later.
    #[param(value_type = String, format = DateTime, example = "2026-12-02T00:00:00+08:00")]
    to: DateTime<Utc>,
}

/// A day or a week of a venue.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Board {
    /// Its spaces, in their order.
    spaces: Vec<BoardSpace>,
    /// Its bookings, by space and start.
    bookings: Vec<BoardBooking>,
    /// Its changeovers, by area and start.
    changeovers: Vec<BoardChangeover>,
    /// Its closures, by area and start.
    closures: Vec<BoardClosure>,
}

/// A space of the board.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardSpace {
    /// Its id.
    id: SpaceId,
    /// Its name in paths.
    #[schema(example = "huiju")]
    slug: String,
    /// Its Chinese name.
    #[schema(example = "慧聚·一号湾")]
    name_zh: String,
    /// Its English name.
    #[schema(example = "Huiju · Bay One")]
    name_en: String,
    /// What it is.
    kind: SpaceKind,
}

/// A booking of the board.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardBooking {
    /// Its id.
    id: BookingId,
    /// Its reference.
    #[schema(example = "KM7D-4RWX")]
    reference: String,
    /// Its space.
    space_id: SpaceId,
    /// Where it stands.
    state: State,
    /// When the event starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:00:00Z")]
    end: Instant,
    /// What people do there.
    event_type: EventType,
    /// What it is called.
    #[schema(example = "新产品路演")]
    title: String,
    /// How many people are expected.
    #[schema(example = 80)]
    attendance: i32,
    /// Its layout version.
    layout_version_id: Option<LayoutVersionId>,
    /// Its organisation.
    organisation_id: Option<OrganisationId>,
    /// Whom to speak to.
    #[schema(example = "李雷")]
    contact_name: String,
    /// A number to call.
    #[schema(example = "+86 138 0013 8000")]
    contact_phone: Option<String>,
    /// What is wrong with the contact's address: mail may not reach them, so call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address_trouble: Option<AddressTrouble>,
    /// Whether it keeps its slot while it is undecided.
    #[schema(example = true)]
    holds_slot: bool,
    /// A hold's expiry, or by when a request is decided.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-26T10:00:00Z")]
    expires_at: Option<Instant>,
    /// Until when a missing party is waited for.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T06:15:00Z")]
    arrive_by: Option<Instant>,
    /// When its space is expected to be set up, where a late crew makes it wait.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T06:20:00Z")]
    ready_at: Option<Instant>,
}

/// A changeover of the board.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardChangeover {
    /// Its id: that of the crew's job.
    id: OccupancyId,
    /// In which space.
    space_id: SpaceId,
    /// In which area.
    area_id: AreaId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T05:40:00Z")]
    start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    end: Instant,
    /// The booking that it leads to.
    booking_id: Option<BookingId>,
    /// What stands before; the same as after: a cleaning.
    from_version_id: Option<LayoutVersionId>,
    /// What stands after.
    to_version_id: Option<LayoutVersionId>,
    /// Who carries.
    crew_id: Option<CrewId>,
    /// What its crew has said of it.
    state: JobState,
    /// When it starts, as the day has gone so far; of one that was started, when that was.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T05:50:00Z")]
    expected_start: Instant,
    /// When it ends, as the day has gone so far.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:10:00Z")]
    expected_end: Instant,
}

/// A closure of the board.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardClosure {
    /// In which space.
    space_id: SpaceId,
    /// Which area.
    area_id: AreaId,
    /// From when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T01:00:00Z")]
    start: Instant,
    /// Until when.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T04:00:00Z")]
    end: Instant,
    /// The closure.
    closure_id: ClosureId,
    /// Why.
    #[schema(example = "消防检修")]
    reason: String,
}

/// The board
///
/// Spaces, bookings, changeovers and closures of a day or a week; in five statements and one round trip, whatever the
/// number of bookings. For the staff of the venue; whose role is limited to some spaces sees these.
#[utoipa::path(get, path = "/v1/board", tag = "desk", params(WhichBoard),
    responses((status = 200, description = "The board", body = Board)))]
pub async fn board(
    request: HttpRequest,
    app: Data<App>,
    claims: Claims,
    which: Query<WhichBoard>,
) -> Answer {
    let which = which.0;
    let range =
        Span::new(which.from, which.to).ok_or_else(|| Problem::field("to", "not_after_start"))?;
    if range.length() > TimeDelta::days(MAX_DAYS) || !within_reach(range) {
        return Err(Problem::field("to", "out_of_range"));
    }
    let conn = app.db.conn().await?;
    let (caller, spaces, bookings, rows, day) = try_join!(
        identity::callers::caller(&conn, &claims),
        store::spaces(&conn, which.venue_id),
        store::bookings(&conn, which.venue_id, range),
        store::rows(&conn, which.venue_id, range),
        day_of_venue(&conn, which.venue_id),
    )?;
    drop(conn);
    let caller = admitted(&request, caller)?;
    let reach = Operation::Board.reach(&caller, which.venue_id)?;
    let (mut spaces, mut bookings, mut rows) = (spaces, bookings, rows);
    spaces.retain(|space| reach.covers(Some(space.id)));
    bookings.retain(|booking| reach.covers(Some(booking.space_id)));
    rows.retain(|row| reach.covers(Some(row.space_id)));
    let expected = day.expected();
    let waits = waits(&day, &expected);
    let read = Read::new(&caller, Operation::Board, which.venue_id);
    app.readings
        .note(read.of(bookings.iter().map(|booking| booking.person)));
    let (closed, carried): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.closure_id.is_some());
    Ok(HttpResponse::Ok().json(Board {
        spaces: spaces
            .into_iter()
            .map(|s| BoardSpace {
                id: s.id,
                slug: s.slug,
                name_zh: s.name_zh,
                name_en: s.name_en,
                kind: s.kind,
            })
            .collect(),
        bookings: bookings
            .into_iter()
            .map(|read| BoardBooking {
                ready_at: waits.get(&read.id).copied(),
                ..read.into()
            })
            .collect(),
        changeovers: carried
            .into_iter()
            .map(|row| BoardChangeover::new(&row, expected.get(&row.id).copied()))
            .collect(),
        closures: closed
            .into_iter()
            .filter_map(|row| {
                Some(BoardClosure {
                    space_id: row.space_id,
                    area_id: row.area_id,
                    start: row.during.start(),
                    end: row.during.end(),
                    closure_id: row.closure_id?,
                    reason: row.reason.unwrap_or_default(),
                })
            })
            .collect(),
    }))
}

/// Postgres knows no year beyond these in a range; nobody plans there either.
fn within_reach(range: Span) -> bool {
    use chrono::Datelike;
    (1970..=2300).contains(&range.start().year()) && (1970..=2300).contains(&range.end().year())
}

impl From<store::BookingRead> for BoardBooking {
    fn from(read: store::BookingRead) -> Self {
        Self {
            id: read.id,
            reference: read.reference,
            space_id: read.space_id,
            state: read.state,
            start: read.during.start(),
            end: read.during.end(),
            event_type: read.event_type,
            title: read.title,
            attendance: read.attendance,
            layout_version_id: read.layout_version_id,
            organisation_id: read.organisation_id,
            contact_name: read.contact_name,
            contact_phone: read.contact_phone,
            address_trouble: read.address_trouble,
            holds_slot: read.holds_slot,
            expires_at: read.expires_at,
            arrive_by: read.arrive_by,
            ready_at: None,
        }
    }
}

impl BoardChangeover {
    fn new(row: &store::RowRead, expected: Option<Expected>) -> Self {
        let expected = expected.unwrap_or_else(|| row.during.into());
        Self {
            id: row.id,
            space_id: row.space_id,
            area_id: row.area_id,
            start: row.during.start(),
            end: row.during.end(),
            booking_id: row.booking_id,
            from_version_id: row.from_version_id,
            to_version_id: row.to_version_id,
            crew_id: row.crew_id,
            state: Progress::of(row.started_at, row.finished_at).state(),
            expected_start: row.started_at.unwrap_or(expected.start),
            expected_end: row.finished_at.unwrap_or(expected.end),
        }
    }
}

/// The bookings that wait for a late crew, and until when.
fn waits(day: &Day, expected: &HashMap<OccupancyId, Expected>) -> HashMap<BookingId, Instant> {
    let late = readiness(&day.rows, expected).into_iter();
    late.filter(|(_, ready)| ready.expected > ready.planned)
        .map(|(id, ready)| (id, ready.expected))
        .collect()
}
