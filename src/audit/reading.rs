//! Whose personal data staff have read.
//!
//! Reading must not cost a round trip: the board is asked for all day long. What was read is noted in the process and
//! written by one task of its own, within a second, many at a time; the same person read by the same reader in the same way
//! is written once an hour. A process that is killed takes that second with it; one that stops writes it down first.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant as ProcessTime};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::store;
use crate::db::{Db, DbError};
use crate::id::{UserId, VenueId};
use crate::identity::{Caller, Role};
use crate::routes::Operation;
use crate::span::Instant;

/// What comes within this time is written together.
const GATHER: Duration = Duration::from_secs(1);
/// The same reading is written again after this.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// A process that stops waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is noted waits for a database that is away, up to so many readings.
const MOST: usize = 10_000;

/// Personal data that one member of staff has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub at: Instant,
    pub actor: UserId,
    pub venue: VenueId,
    pub operation: Operation,
    /// Accounts; and bookings of people without one.
    pub people: BTreeSet<Uuid>,
    by_staff: bool,
}

impl Read {
    /// Read by this caller.
    pub fn new(caller: &Caller, operation: Operation, venue: VenueId) -> Self {
        const STAFF: &[Role] = &[Role::Approver, Role::FrontDesk, Role::Crew, Role::Admin];
        Self {
            // only said, never decided by
            at: chrono::Utc::now(),
            actor: caller.user_id,
            venue,
            operation,
            people: BTreeSet::new(),
            by_staff: caller
                .roles
                .iter()
                .any(|own| STAFF.contains(&own.role) && own.venue_id == venue),
        }
    }

    /// Of these people; the reader's own data is no matter.
    pub fn of(mut self, people: impl IntoIterator<Item = Uuid>) -> Self {
        self.people.extend(people);
        self.people.remove(&self.actor.0);
        self
    }

    /// What was read, in the audit's words: the path of the operation.
    pub fn object_kind(&self) -> &'static str {
        self.operation.path()
    }
}

/// Notes what was read: cheap to clone, never waits, never fails.
#[derive(Debug, Clone)]
pub struct Readings {
    noted: mpsc::UnboundedSender<Note>,
}

#[derive(Debug)]
enum Note {
    Read(Read),
    /// Somebody waits until everything is written.
    Settle(oneshot::Sender<()>),
}

impl Readings {
    /// Starts the task that writes; it ends when the last clone is gone.
    pub fn start(db: Db) -> Self {
        let (noted, waiting) = mpsc::unbounded_channel();
        tokio::spawn(run(db, waiting));
        Self { noted }
    }

    /// Notes what staff have read. What others read is theirs to see.
    pub fn note(&self, read: Read) {
        let staff = read.by_staff && !read.people.is_empty();
        if staff && self.noted.send(Note::Read(read)).is_err() {
            tracing::error!("the task that writes down what is read is gone");
        }
    }

    /// Returns once everything that was noted is written, or cannot be: for a process that stops.
    pub async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        let asked = self.noted.send(Note::Settle(done));
        if asked.is_err() || !matches!(tokio::time::timeout(PATIENCE, settled).await, Ok(Ok(()))) {
            tracing::error!("not everything that was read is written down");
        }
    }
}

/// Who was read by whom, how, and when that was last written.
type Written = HashMap<(UserId, Operation, Uuid), ProcessTime>;

async fn run(db: Db, mut waiting: mpsc::UnboundedReceiver<Note>) {
    let mut written = Written::new();
    let mut readings: Vec<Read> = Vec::new();
    let mut settling: Vec<oneshot::Sender<()>> = Vec::new();
    loop {
        if readings.is_empty() {
            match waiting.recv().await {
                Some(Note::Read(read)) => readings.push(read),
                Some(Note::Settle(done)) => settling.push(done),
                None => return,
            }
        }
        let gathered = tokio::time::sleep(GATHER);
        tokio::pin!(gathered);
        while settling.is_empty() {
            tokio::select! {
                () = &mut gathered => break,
                note = waiting.recv() => match note {
                    Some(Note::Read(read)) => readings.push(read),
                    Some(Note::Settle(done)) => settling.push(done),
                    None => break,
                },
            }
        }
        if readings.len() > MOST {
            let lost = readings.len() - MOST;
            tracing::error!(lost, "what was read cannot be written down");
            readings.drain(..lost);
        }
        let fresh = unwritten(&mut written, &readings);
        match write(&db, &fresh).await {
            Ok(()) => {
                let now = ProcessTime::now();
                for read in &fresh {
                    for person in &read.people {
                        written.insert((read.actor, read.operation, *person), now);
                    }
                }
                readings.clear();
                for done in settling.drain(..) {
                    // who asked may have lost patience
                    let _ = done.send(());
                }
            }
            Err(error) if waiting.is_closed() => {
                tracing::error!(%error, "not everything that was read is written down");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "what was read is not written down yet");
                settling.clear();
            }
        }
    }
}

/// What is not written yet, each person once.
fn unwritten(written: &mut Written, readings: &[Read]) -> Vec<Read> {
    written.retain(|_, at| at.elapsed() < AGAIN);
    let mut known = HashSet::new();
    readings
        .iter()
        .filter_map(|read| {
            let mut read = read.clone();
            let (actor, operation) = (read.actor, read.operation);
            read.people.retain(|person| {
                !written.contains_key(&(actor, operation, *person))
                    && known.insert((actor, operation, *person))
            });
            (!read.people.is_empty()).then_some(read)
        })
        .collect()
}

async fn write(db: &Db, readings: &[Read]) -> Result<(), DbError> {
    if readings.is_empty() {
        return Ok(());
    }
    let conn = db.conn().await?;
    Ok(store::record_readings(&conn, readings).await?)
}
