//! Venues and their public calendars.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::catalogue::calendar::Holidays;
use crate::id::VenueId;
use crate::schema::calendar_day;

/// The public calendar of a venue.
pub async fn holidays(conn: &AsyncPgConnection, venue_id: VenueId) -> QueryResult<Holidays> {
    let mut conn = conn;
    calendar_day::table
        .filter(calendar_day::venue_id.eq(venue_id))
        .select((calendar_day::date, calendar_day::is_off_day))
        .load(&mut conn)
        .await
        .map(Holidays::new)
}
