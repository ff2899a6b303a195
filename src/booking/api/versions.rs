//! Bookings by the version of their layout: which have an older one, and moving them to the newer.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::booking::record::Booking;
use crate::booking::relayout::{self, MOST, Outcome};
use crate::booking::state::State;
use crate::booking::store::{self, Older};
use crate::catalogue::store::layouts::VersionRow;
use crate::catalogue::{self, VersionState};
use crate::http::caller::admitted;
use crate::http::language::locale;
use crate::http::page::{Paging, Position};
use crate::http::problem::{Body as ProblemBody, FieldError, Problem};
use crate::http::{App, MaybeBody, Path, Query};
use crate::id::{BookingId, LayoutVersionId, VenueId};
use crate::identity::{self, Caller, Claims};
use crate::routes::{Object, Operation};
use crate::span::Instant;

type Answer = Result<HttpResponse, Problem>;

/// A booking that has an older version of a layout.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OlderBooking {
    /// Its id.
    pub id: BookingId,
    /// Its reference.
    #[schema(example = "KM7D4RWX")]
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// When the event starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T06:00:00Z")]
    pub start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-02T08:00:00Z")]
    pub end: Instant,
    /// The version that it has.
    pub layout_version_id: Option<LayoutVersionId>,
    /// How many people are expected.
    #[schema(example = 60)]
    pub attendance: i32,
}

/// Which bookings move, and why.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOver {
    /// These; left out: all of them.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    pub booking_ids: Option<Vec<BookingId>>,
    /// Told to everybody whose booking moves.
    #[serde(default)]
    #[schema(example = "舞台向南移两格", max_length = 500)]
    pub reason: String,
}

/// What became of the bookings.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TakenOver {
    /// How many moved; each with a mail to its requester.
    #[schema(example = 1)]
    pub moved: usize,
    /// How many stay as they are.
    #[schema(example = 0)]
    pub stayed: usize,
    /// One by one, by start.
    pub bookings: Vec<BookingMoved>,
}

/// What became of a booking.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BookingMoved {
    /// Its id.
    pub id: BookingId,
    /// Its reference.
    #[schema(example = "KM7D4RWX")]
    pub reference: String,
    /// Whether it has the new version now.
    #[schema(example = true)]
    pub moved: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemBody>,
}

impl From<&Booking> for OlderBooking {
    fn from(booking: &Booking) -> Self {
        Self {
            id: booking.id,
            reference: booking.reference.clone(),
            state: booking.state,
            start: booking.during.start(),
            end: booking.during.end(),
            layout_version_id: booking.layout_version_id,
            attendance: booking.attendance,
        }
    }
}

/// The version and its venue, for staff of its space.
async fn admit(
    app: &App,
    caller: &Caller,
    operation: Operation,
    id: LayoutVersionId,
) -> Result<(VersionRow, VenueId), Problem> {
    let conn = app.db.conn().await?;
    let (version, layout) = catalogue::store::drafts::any_version(&conn, id).await?;
    let space = catalogue::store::spaces::space(&conn, layout.space_id).await?;
    operation.admit_to(
        caller,
        &Object {
            venue_id: space.venue_id,
            space_id: Some(space.id),
            user_id: None,
            organisation_id: None,
        },
    )?;
    Ok((version, space.venue_id))
}

/// Bookings ahead that have an older version of the same layout
///
/// In the order in which they were made. `take-over` moves them.
#[utoipa::path(get, path = "/v1/layout-versions/{id}/older-bookings", tag = "catalogue",
    params(("id" = LayoutVersionId, Path, description = "The newer version"), Paging),
    responses((status = 200, description = "A page of them", body = Vec<OlderBooking>,
        headers(("Link" = String, description = "The next page, if there is one")))))]
pub async fn older(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<LayoutVersionId>,
    query: Query<Paging>,
) -> Answer {
    let page = query.page()?;
    admit(&app, &caller, Operation::ListOlderBookings, *id).await?;
    let after = page.after.map(|position| BookingId(position.id));
    let conn = app.db.conn().await?;
    let versions = catalogue::store::layouts::older_versions(&conn, *id).await?;
    let which = Older::After(after);
    let mut rows = store::of_older_versions(&conn, &versions, which, page.rows()).await?;
    let at = |booking: &Booking| Position::of(booking.id.0);
    let mut response = page.response(&request, &mut rows, at);
    let items: Vec<OlderBooking> = rows.iter().map(OlderBooking::from).collect();
    Ok(response.json(items))
}

/// Move bookings to a newer version
///
/// Of those ahead that have an older version of the same layout, the ones named, else all, until 100 have moved. Each moves by
/// itself, with its changeovers, whole or not at all; the answer says what became of each, and requesters are told by mail.
/// May be repeated: what has moved is not moved again.
#[utoipa::path(post, path = "/v1/layout-versions/{id}/take-over", tag = "catalogue", request_body = TakeOver,
    params(("id" = LayoutVersionId, Path, description = "The newer version")),
    responses((status = 200, description = "What became of them", body = TakenOver)))]
pub async fn take_over(
    request: HttpRequest,
    app: Data<App>,
    claims: Claims,
    id: Path<LayoutVersionId>,
    input: MaybeBody<TakeOver>,
) -> Answer {
    let conn = app.db.conn().await?;
    let caller = identity::callers::caller(&conn, &claims).await?;
    drop(conn);
    let caller = admitted(&request, caller)?;
    let (version, venue_id) = admit(&app, &caller, Operation::TakeOverBookings, *id).await?;
    if version.state != VersionState::Published {
        return Err(Problem::field("id", "not_published"));
    }
    if version.bookable_at.is_none() {
        return Err(Problem::field("id", "times_pending"));
    }
    if input.reason.chars().count() > 500 {
        return Err(FieldError::too_long("reason", 500).into());
    }
    let named = input.booking_ids.as_deref();
    if named.is_some_and(|ids| ids.len() > MOST) {
        return Err(FieldError::too_long("booking_ids", MOST as i64).into());
    }
    // each booking that moves has an entry of its own
    audit::store::record(
        &*app.db.conn().await?,
        Some(caller.user_id),
        Some(venue_id),
        "take_over",
        "layout_version",
        id.0.0,
        &[],
    )
    .await?;
    let (outcomes, changed) =
        relayout::take_over(&app.db, &claims, *id, named, &input.reason).await?;
    for change in changed {
        app.notifier.notify(change);
    }
    let locale = locale(&request);
    let moved = |outcome: &Outcome| BookingMoved {
        id: outcome.booking.id,
        reference: outcome.booking.reference.clone(),
        moved: outcome.problem.is_none(),
        problem: outcome.problem.as_ref().map(|problem| problem.body(locale)),
    };
    let bookings: Vec<BookingMoved> = outcomes.iter().map(moved).collect();
    let count = bookings.iter().filter(|one| one.moved).count();
    Ok(HttpResponse::Ok().json(TakenOver {
        moved: count,
        stayed: bookings.len() - count,
        bookings,
    }))
}
