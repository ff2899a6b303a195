//! Mails to organisers who will wait for a crew, or no longer.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use super::expected::expected;
use super::store::{self, Day};
use super::waiting::{Readiness, readiness, to_tell};
use crate::booking::notice::{self, Says};
use crate::booking::occupancy::{Fail, Write};
use crate::booking::store as bookings;
use crate::catalogue::Grounds;
use crate::db::Db;
use crate::id::BookingId;
use crate::message::MessageKind;
use crate::span::Instant;

/// Who is to be told what now.
pub async fn due(
    conn: &AsyncPgConnection,
    day: &Day,
) -> QueryResult<Vec<(BookingId, Readiness, Instant)>> {
    let Some(now) = day.now else {
        return Ok(Vec::new());
    };
    let ready = readiness(&day.rows, &expected(&day.rows, now));
    let ids: Vec<BookingId> = ready.keys().copied().collect();
    let told = store::told(conn, &ids).await?;
    Ok(told
        .into_iter()
        .filter_map(|told| {
            let ready = *ready.get(&told.booking_id)?;
            Some((told.booking_id, ready, to_tell(ready, told.ready_at)?))
        })
        .collect())
}

/// Promises a mail to everybody who is to be told. Under the lock of the pool, so that nobody is told twice.
pub async fn tell(db: &Db, write: &mut Write, day: &Day) -> Result<(), Fail> {
    for (id, ready, say) in due(write.tx.conn(), day).await? {
        let booking = bookings::booking(write.tx.conn(), id).await?;
        let ground = match booking.space_id == write.ground.space.id {
            true => Some(write.ground.clone()),
            false => {
                let grounds = db.remembered::<Grounds>();
                grounds.now(write.tx.conn(), booking.space_id).await?
            }
        };
        let Some(ground) = ground else {
            continue;
        };
        let names = write.names(&booking).await?;
        let says = Says {
            ready_at: (say != ready.planned).then_some(say),
            ..Says::default()
        };
        let kind = MessageKind::SetupDelayed;
        let mut draft = notice::to_requester(kind, &ground, &names, &booking, says);
        // another expectation is another mail, also one that was told before
        draft.dedupe_key = format!("{}:{id}:{}", kind.as_str(), write.now.timestamp_micros());
        write.changes.messages.push(draft);
    }
    Ok(())
}
