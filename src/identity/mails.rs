//! The mails of this room bear the name of the venue that they are about.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use crate::catalogue::store::venues;
use crate::id::VenueId;
use crate::message::account::{self, AccountMail};

/// Writes mails to the outbox, in the caller's transaction: in the name of this venue, else of the only one there is,
/// else of the product.
pub async fn tell(
    conn: &AsyncPgConnection,
    venue: Option<VenueId>,
    mut mails: Vec<AccountMail>,
) -> QueryResult<()> {
    if mails.is_empty() {
        return Ok(());
    }
    let writer = match venue {
        Some(id) => Some(venues::venue(conn, id).await?),
        None => {
            let mut all = venues::venues(conn, None, 2).await?;
            all.pop().filter(|_| all.is_empty())
        }
    };
    if let Some(venue) = writer {
        for mail in &mut mails {
            mail.facts.venue_zh = Some(venue.name_zh.clone());
            mail.facts.venue_en = Some(venue.name_en.clone());
        }
    }
    account::insert(conn, venue, &mails).await
}
