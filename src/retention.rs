//! How long personal data is kept: each venue's periods, applied by the worker. Every step takes what is over and leaves
//! what it has taken before, so it is safe to run twice, and by several at once.
//!
//! What is no venue's (accounts' mails, what is known of addresses, sign-ins, links) is kept as long as the most patient venue
//! says.

use crate::audit;
use crate::booking::store::personal as bookings;
use crate::catalogue::policy::{Periods, RetentionDays};
use crate::catalogue::store::venues;
use crate::db::{Db, DbError};
use crate::id::VenueId;
use crate::identity;
use crate::message::{address, personal as messages};

/// How many rows a step takes at a time, so that none holds locks for long.
const BATCH: i64 = 500;
/// More venues than one installation has.
const MOST_VENUES: i64 = 1000;

/// Takes everything whose time is over.
pub async fn apply(db: &Db) -> Result<(), DbError> {
    let conn = db.conn().await?;
    let venues: Vec<(VenueId, Periods)> = venues::venues(&conn, None, MOST_VENUES)
        .await?
        .into_iter()
        .map(|venue| (venue.id, Periods::of(&venue.policy)))
        .collect();
    drop(conn);
    for (venue, periods) in &venues {
        let mut count = BATCH;
        while count == BATCH {
            let conn = db.conn().await?;
            count = bookings::expire(&conn, *venue, days(periods.bookings), BATCH).await?;
        }
        outside_bookings(db, Some(*venue), *periods).await?;
    }
    let patient = venues
        .iter()
        .map(|(_, periods)| *periods)
        .reduce(|one, other| Periods {
            bookings: one.bookings.max(other.bookings),
            messages: one.messages.max(other.messages),
            audit: one.audit.max(other.audit),
            sign_ins: one.sign_ins.max(other.sign_ins),
            links: one.links.max(other.links),
        })
        .unwrap_or_else(|| RetentionDays::default().periods());
    outside_bookings(db, None, patient).await?;
    let conn = db.conn().await?;
    address::expire(&conn, days(patient.messages)).await?;
    identity::store::sweep(&conn, days(patient.sign_ins), days(patient.links)).await?;
    Ok(())
}

async fn outside_bookings(
    db: &Db,
    venue: Option<VenueId>,
    periods: Periods,
) -> Result<(), DbError> {
    let mut count = BATCH;
    while count == BATCH {
        let conn = db.conn().await?;
        count = messages::expire(&conn, venue, days(periods.messages), BATCH).await?;
    }
    count = BATCH;
    while count == BATCH {
        let conn = db.conn().await?;
        count = audit::store::expire(&conn, venue, days(periods.audit), BATCH).await?;
    }
    Ok(())
}

fn days(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}
