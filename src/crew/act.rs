//! What crews say: a job was started, it is done, or neither was so. Said twice it is said once. Only an early start
//! changes rows, and goes through the one write path like whatever does; each tells those who will wait.

use super::store::{self, JobRead};
use super::view::JobView;
use super::{Progress, expected, tell};
use crate::audit;
use crate::booking::act::{self, Done};
use crate::booking::occupancy::{Asked, Fail, Opened, Write};
use crate::booking::refuse;
use crate::db::Db;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::problem::{Kind, Problem, Reason};
use crate::id::{OccupancyId, UserId};
use crate::routes::{Object, Operation};
use crate::span::{Instant, Span};

/// What is said of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Started,
    Finished,
    Undone,
}

/// The crew starts. Before its time the row moves to now, where its crew, a shift and the blocks allow.
pub async fn start(db: &Db, asked: &Asked, id: OccupancyId) -> Result<Done, Problem> {
    act::attempt(|| say(db, asked, id, Said::Started)).await
}

/// The crew is done.
pub async fn finish(db: &Db, asked: &Asked, id: OccupancyId) -> Result<Done, Problem> {
    act::attempt(|| say(db, asked, id, Said::Finished)).await
}

/// Takes the last word back: not done, or not even started. A row that the start had moved goes back where it lay, where
/// that is still ahead and free.
pub async fn undo(db: &Db, asked: &Asked, id: OccupancyId) -> Result<Done, Problem> {
    act::attempt(|| say(db, asked, id, Said::Undone)).await
}

impl Said {
    /// As the audit names it.
    fn word(self) -> &'static str {
        match self {
            Self::Started => "start",
            Self::Finished => "finish",
            Self::Undone => "undo",
        }
    }
}

async fn say(db: &Db, asked: &Asked, id: OccupancyId, said: Said) -> Result<Done, Fail> {
    let space_id = store::space_of(&*db.conn().await?, id).await?;
    let mut write = match Write::open(db, asked, space_id).await? {
        Opened::Write(write) => *write,
        Opened::Answered { status, answer } => return Ok(Done::again(status, answer)),
    };
    let caller = write
        .caller()
        .cloned()
        .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    let mut job = store::job(write.tx.conn(), id).await?;
    let operation = match said {
        Said::Started => Operation::StartChangeover,
        Said::Finished => Operation::FinishChangeover,
        Said::Undone => Operation::UndoChangeover,
    };
    operation.admit_to(&caller, &object(&job))?;
    let news = match (said, job.progress()) {
        (Said::Started, Progress::Waiting) => {
            begin(&mut write, &mut job, caller.user_id).await?;
            true
        }
        (Said::Finished, Progress::Running { .. }) => {
            let now = write.now;
            store::finish(write.tx.conn(), id, Some((now, caller.user_id))).await?;
            job.finished_at = Some(now);
            true
        }
        (Said::Undone, Progress::Finished { .. }) => {
            nobody_else(&write, &job).await?;
            store::finish(write.tx.conn(), id, None).await?;
            job.finished_at = None;
            true
        }
        (Said::Undone, Progress::Running { .. }) => {
            not_begun(&mut write, &mut job).await?;
            true
        }
        // said before
        (Said::Started, Progress::Running { .. }) | (Said::Finished, Progress::Finished { .. }) => {
            false
        }
        (_, progress) => return Err(wrong(progress.state().as_str()).into()),
    };
    let mut day = store::day_of_pool(write.tx.conn(), job.pool_id).await?;
    // what is written at the commit
    for row in &mut day.rows {
        if row.id == id {
            row.span = job.during;
        }
    }
    if news {
        let actor = Some(caller.user_id);
        audit::store::record(
            write.tx.conn(),
            actor,
            Some(job.venue_id),
            said.word(),
            "changeover",
            id.0,
            &[],
        )
        .await?;
        tell::tell(db, &mut write, &day).await?;
    }
    let expected = expected::expected(&day.rows, write.now);
    let body = JobView::new(&job, expected.get(&id).copied()).json();
    let changed = match news {
        true => vec![Change::of(
            ChangeKind::Changeover,
            id.0,
            job.venue_id,
            job.space_id,
        )],
        false => Vec::new(),
    };
    write.commit(200, &body).await?;
    Ok(Done {
        status: 200,
        body,
        changed,
    })
}

/// What authorisation asks of a job.
pub fn object(job: &JobRead) -> Object {
    Object {
        space_id: Some(job.space_id),
        ..Object::of_venue(job.venue_id)
    }
}

fn wrong(state: &'static str) -> Problem {
    Problem {
        state: Some(state),
        ..Problem::new(Kind::WrongState)
    }
}

async fn begin(write: &mut Write, job: &mut JobRead, by: UserId) -> Result<(), Fail> {
    let now = write.now;
    if job.event_over.is_some_and(|over| over <= now) {
        return Err(wrong("over").into());
    }
    nobody_else(write, job).await?;
    let lay = job.during;
    if lay.start() > now {
        put(write, job, now).await.map_err(|fail| match fail {
            Fail::Refused(refusal) => refuse::slot(&refusal, true, Some(job.booking_id)).into(),
            other => other,
        })?;
    }
    (job.planned, job.started_at) = (Some(lay), Some(now));
    store::start(write.tx.conn(), job, now, by).await?;
    Ok(())
}

/// A crew does one changeover at a time.
async fn nobody_else(write: &Write, job: &JobRead) -> Result<(), Fail> {
    match store::running(write.tx.conn(), job.crew_id).await? {
        Some(other) if other != job.id => {
            let mut problem =
                Problem::new(Kind::Conflict).because(vec![Reason::new("crew_elsewhere")]);
            problem.in_the_way = vec![other.0];
            Err(problem.into())
        }
        _ => Ok(()),
    }
}

async fn not_begun(write: &mut Write, job: &mut JobRead) -> Result<(), Fail> {
    let planned = job.planned();
    store::undo_start(write.tx.conn(), job.id).await?;
    (job.planned, job.started_at) = (None, None);
    if planned.start() <= write.now {
        // its time has come anyway
        return Ok(());
    }
    match put(write, job, planned.start()).await {
        // its place is taken by now: it stays where it is, and is late
        Err(Fail::Refused(_)) => Ok(()),
        other => other,
    }
}

/// Puts the job's row so that it starts then, as long as it was.
async fn put(write: &mut Write, job: &mut JobRead, at: Instant) -> Result<(), Fail> {
    let there =
        Span::new(at, at + job.during.length()).ok_or_else(|| Problem::new(Kind::Internal))?;
    write.put(job.area_id, job.id, job.during, there).await?;
    job.during = there;
    Ok(())
}
