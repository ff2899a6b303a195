//! Finding a booking at the front desk.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::lists::{person, views};
use crate::audit::reading::Read;
use crate::booking::needle::Needle;
use crate::booking::store;
use crate::booking::view::BookingView;
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Query};
use crate::id::VenueId;
use crate::identity::Caller;
use crate::routes::Operation;

/// As many as a page shows.
const MOST: i64 = 50;

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// In this venue.
    venue_id: VenueId,
    /// A reference, four or more of the last figures of a phone number, the beginning of a person's name, or a part of an
    /// organisation's.
    #[param(example = "8000", min_length = 2, max_length = 100)]
    q: String,
    /// At most so many.
    #[param(example = 20, minimum = 1, maximum = 50)]
    limit: Option<i64>,
}

/// Find a booking
///
/// By what somebody says over the phone. Those nearest to this moment come first; there is no second page: whoever finds
/// too many says more. Whose role is limited to some spaces finds what is in these.
#[utoipa::path(get, path = "/v1/desk/bookings", tag = "desk", params(Sought),
    responses((status = 200, description = "The nearest", body = Vec<BookingView>)))]
pub async fn find(
    app: Data<App>,
    caller: Caller,
    sought: Query<Sought>,
) -> Result<HttpResponse, Problem> {
    let sought = sought.0;
    let reach = Operation::FindBookings.reach(&caller, sought.venue_id)?;
    if sought.q.chars().count() > 100 {
        return Err(FieldError::too_long("q", 100).into());
    }
    let needle = Needle::of(&sought.q).ok_or_else(|| FieldError::too_short("q", 2))?;
    let limit = sought.limit.unwrap_or(20);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::field("limit", "out_of_range"));
    }
    let conn = app.db.conn().await?;
    let (venue, spaces) = (sought.venue_id, reach.spaces());
    let found = store::search::find(&conn, venue, spaces, &needle, limit).await?;
    let read = Read::new(&caller, Operation::FindBookings, venue);
    app.readings.note(read.of(found.iter().map(person)));
    Ok(HttpResponse::Ok().json(views(&conn, found).await?))
}
