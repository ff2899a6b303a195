//! Telling every process what changed, through Postgres.
//!
//! `NOTIFY` inside a booking's transaction would be simple and slow: a transaction that has notified takes a lock on
//! the whole cluster's queue while it commits, so all commits of all bookings would wait for each other's disk. So a
//! change is announced after its commit, off the request's path, by one task a process that sends whatever has come
//! together. What is lost when a process is killed in between is a hint, never the change; clients that reconnect
//! fetch again.

use std::collections::HashSet;
use std::time::Duration;

use diesel::sql_query;
use diesel::sql_types::{Array, Text};
use diesel_async::RunQueryDsl as _;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::db::{Db, DbError, prepared};
use crate::id::{SpaceId, VenueId};

/// The channel of `LISTEN` and `NOTIFY`.
pub const CHANNEL: &str = "mofang";

/// Changes that come within this time are sent together, and the same one only once.
const GATHER: Duration = Duration::from_millis(20);
/// More than this waiting (the database is away): everybody is told to fetch again instead.
const MOST: usize = 5_000;

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A booking, with its occupancy and history.
    Booking,
    /// A changeover: what its crew said of it.
    Changeover,
    /// A closure.
    Closure,
    /// The list of tasks.
    Task,
    /// The outbox.
    Message,
    /// Venues, spaces, hours, policies, layouts.
    Catalogue,
    /// A sign-in ended: streams of its user end with it. Clients never see this one.
    SignIn,
    /// Too much to tell: fetch again.
    Reset,
}

/// That something changed, not how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Change {
    /// What kind of thing.
    pub kind: ChangeKind,
    /// Which one; of a sign-in, whose.
    pub id: Option<Uuid>,
    /// In which venue.
    pub venue_id: Option<VenueId>,
    /// In which space.
    pub space_id: Option<SpaceId>,
}

impl Change {
    /// A thing of a space changed.
    pub fn of(kind: ChangeKind, id: Uuid, venue: VenueId, space: SpaceId) -> Self {
        Self {
            kind,
            id: Some(id),
            venue_id: Some(venue),
            space_id: Some(space),
        }
    }

    /// Something that everybody should fetch again.
    pub const RESET: Self = Self {
        kind: ChangeKind::Reset,
        id: None,
        venue_id: None,
        space_id: None,
    };
}

/// Announces changes after their commit: cheap to clone, never waits, never fails.
#[derive(Debug, Clone)]
pub struct Notifier {
    changes: mpsc::UnboundedSender<Change>,
}

impl Notifier {
    /// Starts the task that sends; it ends when the last clone of the notifier is gone.
    pub fn start(db: Db) -> Self {
        let (changes, waiting) = mpsc::unbounded_channel();
        tokio::spawn(run(db, waiting));
        Self { changes }
    }

    /// Announces a change that is committed.
    pub fn notify(&self, change: Change) {
        if self.changes.send(change).is_err() {
            tracing::error!("the task that announces changes is gone");
        }
    }
}

async fn run(db: Db, mut waiting: mpsc::UnboundedReceiver<Change>) {
    while let Some(first) = waiting.recv().await {
        let mut changes = HashSet::from([first]);
        let mut pause = GATHER;
        loop {
            tokio::time::sleep(pause).await;
            while let Ok(change) = waiting.try_recv() {
                add(&mut changes, change);
            }
            let Err(error) = send(&db, &changes).await else {
                break;
            };
            tracing::warn!(%error, "changes could not be announced yet");
            if waiting.is_closed() {
                return;
            }
            pause = (pause * 4).min(Duration::from_secs(10));
        }
    }
}

fn add(changes: &mut HashSet<Change>, change: Change) {
    if changes.len() >= MOST {
        // who signed out is still told, the rest is "fetch again"
        changes.retain(|change| change.kind == ChangeKind::SignIn);
        changes.insert(Change::RESET);
    }
    changes.insert(change);
}

async fn send(db: &Db, changes: &HashSet<Change>) -> Result<(), DbError> {
    let texts: Vec<String> = changes
        .iter()
        .filter_map(|change| serde_json::to_string(change).ok())
        .collect();
    let conn = db.conn().await?;
    // hints need not survive a crash of the server: this commit does not wait for the disk
    prepared(
        sql_query(
            "SELECT set_config('synchronous_commit', 'off', true), count(pg_notify('mofang', text)) \
             FROM unnest($1) AS text",
        )
        .bind::<Array<Text>, _>(texts),
    )
    .execute(&mut &*conn)
    .await?;
    Ok(())
}
