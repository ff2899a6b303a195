//! What the clock does to the crew's day: who waits longer and longer for a crew that does not finish is told so. Run by
//! the worker; safe to run twice, and by several at once.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::store::{self, Reporting};
use super::tell;
use crate::booking::act::{self, Done};
use crate::booking::occupancy::{Asked, Fail, Opened, Write};
use crate::db::{Db, DbError};
use crate::http::notifier::{Change, ChangeKind, Notifier};

/// How often it is looked who waits.
const EVERY: Duration = Duration::from_secs(20);

/// Starts the watch; it ends when `stop` turns true.
pub fn spawn(db: Db, notifier: Notifier, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            if let Err(error) = tick(&db, Some(&notifier)).await {
                tracing::warn!(%error, "the crew's day waits");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    })
}

/// Tells everybody who is to be told now.
pub async fn tick(db: &Db, notifier: Option<&Notifier>) -> Result<(), DbError> {
    let conn = db.conn().await?;
    let mut late = Vec::new();
    for pool in store::reporting(&conn).await? {
        let day = store::day_of_pool(&conn, pool.pool_id).await?;
        if !tell::due(&conn, &day).await?.is_empty() {
            late.push(pool);
        }
    }
    drop(conn);
    for pool in late {
        match act::attempt(|| tell_in(db, pool)).await {
            Ok(done) => done.changed.into_iter().for_each(|change| {
                if let Some(notifier) = notifier {
                    notifier.notify(change);
                }
            }),
            Err(problem) => tracing::debug!(%problem, "nothing left to tell"),
        }
    }
    Ok(())
}

async fn tell_in(db: &Db, pool: Reporting) -> Result<Done, Fail> {
    let mut write = match Write::open(db, &Asked::default(), pool.space_id).await? {
        Opened::Write(write) => *write,
        Opened::Answered { status, answer } => return Ok(Done::again(status, answer)),
    };
    let day = store::day_of_pool(write.tx.conn(), pool.pool_id).await?;
    tell::tell(db, &mut write, &day).await?;
    let changed = vec![Change {
        kind: ChangeKind::Changeover,
        id: None,
        venue_id: Some(write.ground.venue.id),
        space_id: None,
    }];
    write.commit(200, "").await?;
    Ok(Done {
        status: 200,
        body: String::new(),
        changed,
    })
}
