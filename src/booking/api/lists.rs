//! Bookings to be read: one, many, and what became of one.

use std::collections::BTreeSet;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use serde::{Deserialize, Serialize};

use super::party::Party;
use crate::audit::reading::Read;
use crate::booking::notice::{self, Says};
use crate::booking::record::Booking;
use crate::booking::state::{Event, State};
use crate::booking::store::{self, Eyes, Filter};
use crate::booking::view::BookingView;
use crate::booking::{act::STAFF, reference};
use crate::catalogue::Grounds;
use crate::http::caller::{admitted, app};
use crate::http::page::{Page, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, ETag, Path, Query};
use crate::id::{BookingId, OrganisationId, SpaceId, UserId, VenueId};
use crate::identity::{self, Caller, Claims, Reach};
use crate::language::Locale;
use crate::message::{address, calendar};
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
/// venue, or of their spaces in it; everybody sees their own and those of their organisations.
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
    let mut response = page.response(&request, &mut bookings, |booking| Position {
        at: during.map(|_| booking.during.start()),
        id: booking.id.0,
    });
    Ok(response.json(views(&conn, bookings).await?))
}

/// Bookings as they go over the wire, with what is wrong with their contacts' addresses.
pub(super) async fn views(
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
            identity::callers::caller(conn, claims),
            store::bookings(conn, &filter)
        )?;
        let caller = admitted(request, caller)?;
        let mut eyes = mine(&caller);
        match caller.reach(STAFF, venue_id) {
            Some(Reach::Everywhere) => {
                let read = Read::new(&caller, Operation::ListBookings, venue_id);
                app(request)?
                    .readings
                    .note(read.of(bookings.iter().map(person)));
                return Ok(bookings);
            }
            Some(Reach::Spaces(spaces)) => eyes.spaces = spaces,
            None => {}
        }
        filter.visible_to = Some(eyes);
    } else {
        let caller = admitted(request, identity::callers::caller(conn, claims).await?)?;
        filter.visible_to = Some(mine(&caller));
    }
    Ok(store::bookings(conn, &filter).await?)
}

/// Whose a booking is: an account, or the booking itself where its contact has none.
pub(super) fn person(booking: &Booking) -> uuid::Uuid {
    booking.requester_id.map_or(booking.id.0, |id| id.0)
}

fn mine(caller: &Caller) -> Eyes {
    let memberships = caller.memberships.iter();
    Eyes {
        user_id: caller.key().is_none().then_some(caller.user_id),
        organisations: memberships
            .map(|membership| membership.organisation_id)
            .collect(),
        spaces: Vec::new(),
    }
}

/// A booking
#[utoipa::path(get, path = "/v1/bookings/{id}", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn get(app: Data<App>, party: Party, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    let booking = party.sees(&app, &conn, Operation::GetBooking, id.0).await?;
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

/// A booking as a calendar entry
///
/// RFC 5545, in the booking's language: the same entry as in the mails, with its present facts.
#[utoipa::path(get, path = "/v1/bookings/{id}/calendar.ics", tag = "bookings", params(("id" = BookingId, Path, description = "The booking")),
    responses((status = 200, description = "The entry", content_type = "text/calendar", body = String, example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")))]
pub async fn calendar(app: Data<App>, party: Party, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    let booking = party
        .sees(&app, &conn, Operation::BookingCalendar, id.0)
        .await?;
    let grounds = app.db.remembered::<Grounds>();
    let (ground, now) = try_join!(grounds.now(&conn, booking.space_id), store::clock(&conn))?;
    let ground = ground.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let names = store::Names::of(&conn, &ground, &booking, None).await?;
    let facts = notice::facts(&ground, &names, &booking, Says::default());
    let text = calendar::entry(
        &facts,
        Locale::from_tag(&booking.locale),
        &app.settings.base_url,
        now,
    )
    .ok_or_else(|| Problem::new(Kind::Internal))?;
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.ics\"", booking.reference),
        ))
        .body(text))
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
    /// Who; nobody where it was the product itself, or a guest.
    actor_id: Option<UserId>,
    /// Whether it was somebody without an account.
    #[schema(example = false)]
    by_guest: bool,
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
pub async fn history(app: Data<App>, party: Party, id: Path<BookingId>) -> Answer {
    let conn = app.db.conn().await?;
    party
        .sees(&app, &conn, Operation::BookingHistory, id.0)
        .await?;
    let lines = store::history(&conn, id.0).await?;
    let entries: Vec<HistoryEntry> = lines
        .into_iter()
        .map(|line| HistoryEntry {
            at: line.at,
            event: line.event,
            from_state: line.from_state,
            to_state: line.to_state,
            actor_id: line.actor_id,
            by_guest: line.by_guest,
            reason: line.reason,
            overrides: serde_json::from_value(line.overrides).unwrap_or_default(),
            before: line.changes,
        })
        .collect();
    Ok(HttpResponse::Ok().json(entries))
}
