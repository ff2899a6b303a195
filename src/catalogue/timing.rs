//! Computes changeover times beside the requests: to and from every version that may stand, area by area. What is
//! missing is what is to be done, so it may be stopped at any instant and be run by several processes; a floor is one
//! process's at a time.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use super::TimesFault;
use super::floor_plan::FloorPlan;
use super::store;
use super::store::times::{Pair, Time};
use crate::changeover::crew::Part;
use crate::changeover::{Change, Impossible, Place, Plan, plan_within};
use crate::db::{Db, DbError};
use crate::http::notifier::{self, ChangeKind, Notifier};
use crate::id::{LayoutVersionId, SpaceId};
use crate::layout::{BlockType, Placement};

/// How often it is looked whether something was published.
const EVERY: Duration = Duration::from_millis(500);
/// How long nothing is tried after something of ours, or the database, failed.
const AFTER_A_FAULT: Duration = Duration::from_secs(10);
/// So many times are computed and written together: progress is seen in steps of these.
const BATCH: i64 = 16;
/// Steps that the improvement of a crew's schedule reads out, half a millisecond or so: twenty times as many make one
/// time in twenty five minutes shorter.
const EFFORT: usize = 50_000;

/// Longer than this no changeover is.
const LONGEST_MIN: u64 = 24 * 60;

/// Starts the work; it ends when `stop` turns true, after the batch that is under way.
pub fn spawn(db: Db, notifier: Notifier, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut seen = None;
        while !*stop.borrow() {
            let pause = match settle_news(&db, &notifier, seen, &stop).await {
                Ok(settled) => {
                    seen = settled;
                    EVERY
                }
                Err(error) => {
                    tracing::warn!(%error, "changeover times wait");
                    AFTER_A_FAULT
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    })
}

/// Computes what is missing unless nothing of the catalogue changed since `seen`; the revision up to which all is done.
async fn settle_news(
    db: &Db,
    notifier: &Notifier,
    seen: Option<i64>,
    stop: &watch::Receiver<bool>,
) -> Result<Option<i64>, DbError> {
    let revision = store::revision(&*db.conn().await?).await?.number;
    if seen == Some(revision) {
        return Ok(seen);
    }
    let mut settled = Ok(true);
    for space_id in store::times::spaces_pending(&*db.conn().await?).await? {
        // a floor whose times cannot be computed keeps no other from having its own
        match settle_space(db, space_id, Some(notifier), &|| *stop.borrow()).await {
            Ok(done) => settled = settled.map(|settled| settled && done),
            Err(error) => {
                tracing::error!(%error, %space_id, "the times of a floor are not computed");
                settled = Err(error);
            }
        }
    }
    Ok(settled?.then_some(revision))
}

/// Computes everything that is missing, now, but for floors that another process is at.
pub async fn settle(db: &Db) -> Result<(), DbError> {
    for space_id in store::times::spaces_pending(&*db.conn().await?).await? {
        settle_space(db, space_id, None, &|| false).await?;
    }
    Ok(())
}

/// Computes what is missing on a floor, batch by batch; `false` where another process is at it, or where it was stopped.
async fn settle_space(
    db: &Db,
    space_id: SpaceId,
    notifier: Option<&Notifier>,
    stopped: &impl Fn() -> bool,
) -> Result<bool, DbError> {
    let conn = db.conn().await?;
    let venue_id = store::spaces::space(&conn, space_id).await?.venue_id;
    drop(conn);
    while !stopped() {
        let (outcome, touched) = batch(db, space_id).await?;
        if let Some(notifier) = notifier {
            let kind = ChangeKind::Catalogue;
            for id in touched {
                notifier.notify(notifier::Change::of(kind, id.0, venue_id, space_id));
            }
        }
        match outcome {
            Batch::Done => {}
            Batch::Nothing => return Ok(true),
            Batch::Elsewhere => return Ok(false),
        }
    }
    Ok(false)
}

enum Batch {
    Done,
    Nothing,
    /// Another process has the floor.
    Elsewhere,
}

/// One transaction: what it computed is there, or nothing is. The versions about whose times there is news.
async fn batch(db: &Db, space_id: SpaceId) -> Result<(Batch, BTreeSet<LayoutVersionId>), DbError> {
    let tx = db.transaction().await?;
    tx.begin().await?;
    let conn = tx.conn();
    if !store::times::claim_floor(conn, space_id).await? {
        tx.rollback().await?;
        return Ok((Batch::Elsewhere, BTreeSet::new()));
    }
    let pairs = store::times::pending(conn, space_id, BATCH).await?;
    let mut touched: BTreeSet<LayoutVersionId> =
        pairs.iter().flat_map(|pair| [pair.from, pair.to]).collect();
    let outcome = match pairs.is_empty() {
        true => Batch::Nothing,
        false => {
            keep_times(conn, space_id, pairs, &touched).await?;
            Batch::Done
        }
    };
    touched.extend(store::times::become_bookable(conn, space_id).await?);
    tx.commit().await?;
    Ok((outcome, touched))
}

/// Computes the times of these pairs, which are between these versions, and keeps them, or why there is none.
async fn keep_times(
    conn: &AsyncPgConnection,
    space_id: SpaceId,
    pairs: Vec<Pair>,
    versions: &BTreeSet<LayoutVersionId>,
) -> Result<(), DbError> {
    let plan = store::drawings::floor_plan(conn, space_id).await?;
    let basis = plan.basis;
    let versions = store::drawings::placements(conn, &plan, versions).await?;
    // a batch takes a thread for some milliseconds; requests are answered meanwhile
    let computed = spawn_blocking(move || compute(&plan, &versions, pairs))
        .await
        .map_err(|error| {
            tracing::error!(%error, "computing changeover times failed");
            diesel::result::Error::RollbackTransaction
        })?;
    let (mut times, mut faults) = (Vec::new(), Vec::new());
    for (pair, time) in computed {
        match time {
            Ok(time) => times.push((pair, time)),
            Err(error) => {
                tracing::warn!(%error, from = %pair.from, to = %pair.to, "a changeover has no time");
                faults.push((pair, fault(&error)));
            }
        }
    }
    if !times.is_empty() {
        store::times::insert(conn, &times, basis).await?;
    }
    if !faults.is_empty() {
        store::times::insert_faults(conn, &faults, basis).await?;
    }
    Ok(())
}

/// What whoever draws layouts is told.
fn fault(error: &Impossible) -> TimesFault {
    match error {
        Impossible::OffFloor { .. } => TimesFault::OffFloor,
        Impossible::Overlap { .. } => TimesFault::Overlap,
        Impossible::NoPath { .. } | Impossible::NoWalk { .. } => TimesFault::NoPath,
        Impossible::NoTeams => TimesFault::NoTeams,
        Impossible::TooMany { .. } | Impossible::TooManyPlaces { .. } => TimesFault::TooMany,
        Impossible::TooSlow => TimesFault::TooSlow,
    }
}

/// These pairs, each with its time.
fn compute(
    plan: &FloorPlan,
    versions: &BTreeMap<LayoutVersionId, Vec<Placement>>,
    pairs: Vec<Pair>,
) -> Vec<(Pair, Result<Time, Impossible>)> {
    let none = Vec::new();
    let of = |id| versions.get(&id).unwrap_or(&none);
    let time = |pair: Pair| (pair, time(plan, &pair, of(pair.from), of(pair.to)));
    pairs.into_iter().map(time).collect()
}

/// The published minutes of a change in one area (3-layouts.md, "Published minutes"), its work and its moves. A version
/// to itself is the plain turnaround.
fn time(
    plan: &FloorPlan,
    pair: &Pair,
    from: &[Placement],
    to: &[Placement],
) -> Result<Time, Impossible> {
    if pair.from == pair.to {
        return Ok(Time {
            minutes: plan.turnaround_min.into(),
            work_s: 0,
            makespan_s: 0,
            moves: Vec::new(),
        });
    }
    let area = plan.areas.iter().position(|area| area.id == pair.area_id);
    let change = Change {
        ground: plan.ground(area.unwrap_or_default()),
        types: &plan.types,
        from,
        to,
    };
    let found = plan_within(&change, plan.crew, EFFORT)?;
    let minutes = found.minutes(plan.turnaround_min);
    if minutes > LONGEST_MIN {
        return Err(Impossible::TooSlow);
    }
    Ok(Time {
        minutes,
        work_s: found.work.work_s,
        makespan_s: found.makespan_s,
        moves: moves(&plan.types, &found),
    })
}

fn moves(types: &[BlockType], plan: &Plan) -> Vec<store::times::Move> {
    let by_store: HashSet<usize> = plan
        .steps
        .iter()
        .filter(|step| step.part != Part::Whole)
        .map(|step| step.of_move)
        .collect();
    let place = |place: Place| match place {
        Place::Store => None,
        Place::Floor { x, y, z } => Some([x, y, z]),
    };
    plan.moves
        .iter()
        .enumerate()
        .map(|(index, one)| store::times::Move {
            t: types[one.block].id.clone(),
            from: place(one.from),
            to: place(one.to),
            by_store: by_store.contains(&index),
        })
        .collect()
}
