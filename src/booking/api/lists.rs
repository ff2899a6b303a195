//! Bookings to be read: one, many, and what became of one.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use serde::{Deserialize, Serialize};

use crate::audit::reading::Read;
use crate::booking::record::Booking;
use crate::booking::state::{Event, State};
use crate::booking::store::{self, Filter};
use crate::booking::view::{self, BookingView};
use crate::booking::{act::STAFF, reference};
use crate::catalogue::{self, Grounds};
use crate::http::caller::{admitted, app};
use crate::http::page::{Page, Position, next_link};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, ETag, Path, Query};
use crate::id::{BookingId, OrganisationId, SpaceId, UserId, VenueId};
use crate::identity::{self, Caller, Claims};
use crate::message::address;
use crate::routes::Operation;
use crate::span::{Instant, Span};

type Answer = Result<HttpResponse, Problem>;

/// Which bookings. Without a role in the venue only one's own and those of one's organisations are found.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this venue.
    pub venue_id: Option<VenueId>,
    /// Of this space.
    pub space_id: Option<SpaceId>,
    /// Of this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// In this state.
    #[param(example = "requested")]
    pub state: Option<State>,
    /// With this reference, however it was typed.
    #[param(example = "km7d 4rwx", max_length = 40)]
    pub reference: Option<String>,
    /// Whose event ends after this.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-12-01T00:00:00Z")]
    pub from: Option<Instant>,
    /// Whose event starts before this.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-12-02T00:00:00Z")]
    pub to: Option<Instant>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    pub cursor: Option<String>,
}

/// Bookings
///
/// In the order in which they were made; with `from` and `to` in the order of their start. Staff see those of their
/// venue; everybody sees their own and those of their organisations.
#[utoipa::path(get, path = "/v1/bookings", tag = "bookings", params(Which),
    responses((status = 200, description = "A page of them", body = Vec<BookingView>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    claims: Claims,
    which: Query<Which>,
) -> Answer {
    let which = which.0;
    let during = match (which.from, which.to) {
        (Some(from), Some(to)) => {
            Some(Span::new(from, to).ok_or_else(|| Problem::field("to", "not_after_start"))?)
        }
        (None, None) => None,
        _ => {
            return Err(Problem::field(
                if which.from.is_none() { "from" } else { "to" },
                "required",
            ));
        }
    };
    let page = Page::new(which.limit, which.cursor.as_deref(), during.is_some())?;
    let reference =
        match which.reference.as_deref().map(|typed| {
            reference::parse(typed).ok_or_else(|| Problem::field("reference", "invalid"))
        }) {
            Some(reference) => Some(reference?),
            None => None,
        };
    let filter = Filter {
        venue_id: which.venue_id,
        space_id: which.space_id,
        organisation_id: which.organisation_id,
        state: which.state,
        reference,
        during,
        after: page.after.map(|after| (after.at, BookingId(after.id))),
        limit: page.rows(),
        visible_to: None,
    };
    let conn = app.db.conn().await?;
    let mut bookings = visible(&conn, &request, &claims, filter).await?;
    let next = page.cut(&mut bookings, |booking| Position {
        at: during.map(|_| booking.during.start()),
        id: booking.id.0,
    });
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header(next_link(&request, next));
    }
    Ok(response.json(views(&conn, bookings).await?))
}

/// Bookings as they go over the wire, with what is wrong with their contacts' addresses.
async fn views(
    conn: &AsyncPgConnection,
    bookings: Vec<Booking>,
) -> Result<Vec<BookingView>, Problem> {
    let addresses: BTreeSet<_> = bookings
        .iter()
        .filter_map(|booking| booking.contact_email.clone())
        .collect();
    let troubles = address::troubles(conn, addresses.into_iter().collect()).await?;
    let trouble = |booking: &Booking| troubles.get(booking.contact_email.as_ref()?).copied();
    Ok(bookings
        .into_iter()
        .map(|booking| BookingView {
            address_trouble: trouble(&booking),
            ..BookingView::new(booking, Vec::new())
        })
        .collect())
}

/// Staff's lists name their venue: what they see is read in the same round trip as who they are. Everybody else's is
/// narrowed to what is theirs.
async fn visible(
    conn: &AsyncPgConnection,
    request: &HttpRequest,
    claims: &Claims,
    mut filter: Filter,
) -> Result<Vec<Booking>, Problem> {
    if let Some(venue_id) = filter.venue_id {
        let (caller, bookings) = try_join!(
            identity::store::caller(conn, claims),
            store::bookings(conn, &filter)
        )?;
        let caller = admitted(request, caller)?;
        if caller.is_staff(STAFF, venue_id, None) {
            let read = Read::new(&caller, Operation::ListBookings, venue_id);
            app(request)?
                .readings
                .note(read.of(bookings.iter().map(person)));
            return Ok(bookings);
        }
        filter.visible_to = Some(mine(&caller));
    } else {
        let caller = admitted(request, identity::store::caller(conn, claims).await?)?;
        filter.visible_to = Some(mine(&caller));
    }
    Ok(store::bookings(conn, &filter).await?)
}

/// Whose a booking is: an account, or the booking itself where its contact has none.
fn person(booking: &Booking) -> uuid::Uuid {
    booking.requester_id.map_or(booking.id.0, |id| id.0)
}

fn mine(caller: &Caller) -> (Option<UserId>, Vec<OrganisationId>) {
    (
        caller.key().is_none().then_some(caller.user_id),
        caller
            .memberships
            .iter()
            .map(|membership| membership.organisation_id)
            .collect(),
    )
}

/// A booking
#[utoipa::path(get, path = "/v1/bookings/{id}", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn get(app: Data<App>, caller: Caller, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    let booking = seen(&app, &conn, &caller, Operation::GetBooking, id.0).await?;
    let etag = ETag(booking.revision.into());
    let mut warnings = Vec::new();
    // a request that competes holds nothing: whether another was confirmed in its place is seen now
    if booking.state == State::Requested && !booking.holds_slot {
        let taken = store::bookings_in(&conn, &booking.area_ids, booking.taken()).await?;
        if !taken.is_empty() {
            warnings.push("no_longer_possible".to_owned());
        }
    }
    let view = views(&conn, vec![booking]).await?.pop();
    let view = view.map(|view| BookingView { warnings, ..view });
    Ok(HttpResponse::Ok().insert_header(etag.header()).json(view))
}

/// The booking, where the caller may do that with it; that staff have read it is noted.
pub(super) async fn seen(
    app: &App,
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: BookingId,
) -> Result<Booking, Problem> {
    let (booking, revision) =
        try_join!(store::booking(conn, id), catalogue::store::revision(conn))?;
    let ground = app
        .db
        .remembered::<Grounds>()
        .at(conn, booking.space_id, revision)
        .await?
        .ok_or_else(|| Problem::new(Kind::NotFound))?;
    let object = view::object(&ground, &booking);
    operation.admit_to(caller, &object)?;
    let own = booking.organisation_id.and_then(|id| caller.member_of(id));
    if own.is_none() {
        let read = Read::new(caller, operation, object.venue_id);
        app.readings.note(read.of([person(&booking)]));
    }
    Ok(booking)
}

/// A line of a booking's history.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistoryEntry {
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    at: Instant,
    /// What happened.
    #[schema(example = "request")]
    event: Event,
    /// The state before; none for the first line.
    #[schema(example = "held")]
    from_state: Option<State>,
    /// The state after.
    #[schema(example = "requested")]
    to_state: State,
    /// Who; nobody where it was the product itself.
    actor_id: Option<UserId>,
    /// Why, in the words of whoever did it.
    #[schema(example = "")]
    reason: String,
    /// Policy rules that staff overrode.
    #[schema(example = json!(["lead_time"]))]
    overrides: Vec<String>,
    /// What was before a change, by field.
    #[schema(value_type = Option<Object>, example = json!({"start": "2026-12-01T06:00:00Z"}))]
    before: Option<serde_json::Value>,
}

/// The history of a booking
///
/// Every transition, oldest first.
#[utoipa::path(get, path = "/v1/bookings/{id}/history", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "All lines", body = Vec<HistoryEntry>)))]
pub async fn history(app: Data<App>, caller: Caller, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    seen(&app, &conn, &caller, Operation::BookingHistory, id.0).await?;
    let lines = store::history(&conn, id.0).await?;
    let entries: Vec<HistoryEntry> = lines
        .into_iter()
        .map(|line| HistoryEntry {
            at: line.at,
            event: line.event,
            from_state: line.from_state,
            to_state: line.to_state,
            actor_id: line.actor_id,
            reason: line.reason,
            overrides: serde_json::from_value(line.overrides).unwrap_or_default(),
            before: line.changes,
        })
        .collect();
    Ok(HttpResponse::Ok().json(entries))
}
