//! The tasks over HTTP: listed, taken, given back, done; and who did that.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::store::{self, TaskRead};
use crate::audit;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::once::change;
use crate::http::page::{Page, Position};
use crate::http::problem::{Kind, Problem, Reason};
use crate::http::{App, Path, Query};
use crate::id::{AreaId, BookingId, SpaceId, TaskId, UserId, VenueId};
use crate::identity::{Caller, Role};
use crate::message::care;
use crate::routes::{Object, Operation};
use crate::span::Instant;

type Answer = Result<HttpResponse, Problem>;

/// Which tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichTasks {
    /// Of this venue.
    venue_id: VenueId,
    /// Those that are done instead of those that are open.
    #[param(example = false)]
    done: Option<bool>,
    /// At most so many.
    #[param(example = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[param(example = "AZnA3noRcACAAAAAAAAAAQ")]
    cursor: Option<String>,
}

/// Something that staff must look at.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Task {
    /// Its id.
    id: TaskId,
    /// `changeover_missing`, `mail_undelivered`, `stock_short` or `shift_missing`.
    #[schema(example = "changeover_missing")]
    kind: String,
    /// The booking that it is about.
    booking_id: Option<BookingId>,
    /// The area that it is about.
    area_id: Option<AreaId>,
    /// Particulars.
    #[schema(value_type = Object, example = json!({}))]
    detail: serde_json::Value,
    /// Since when.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    created_at: Instant,
    /// Since when somebody sees to it.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T06:30:00Z")]
    taken_at: Option<Instant>,
    /// Who.
    taken_by: Option<UserId>,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T07:00:00Z")]
    done_at: Option<Instant>,
    /// By whom.
    done_by: Option<UserId>,
}

impl From<TaskRead> for Task {
    fn from(read: TaskRead) -> Self {
        Self {
            id: read.id,
            kind: read.kind,
            booking_id: read.booking_id,
            area_id: read.area_id,
            detail: read.detail,
            created_at: read.created_at,
            taken_at: read.taken_at,
            taken_by: read.taken_by,
            done_at: read.done_at,
            done_by: read.done_by,
        }
    }
}

/// Tasks
///
/// What staff must look at, newest first; whose role is limited to some spaces sees what is about these.
#[utoipa::path(get, path = "/v1/tasks", tag = "desk", params(WhichTasks),
    responses((status = 200, description = "A page of them", body = Vec<Task>)))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    caller: Caller,
    which: Query<WhichTasks>,
) -> Answer {
    let which = which.0;
    let reach = Operation::ListTasks.reach(&caller, which.venue_id)?;
    let page = Page::new(which.limit, which.cursor.as_deref(), false)?;
    let conn = app.db.conn().await?;
    let after = page.after_id();
    let mut tasks = store::tasks(
        &conn,
        which.venue_id,
        which.done.unwrap_or(false),
        reach.spaces(),
        after,
        page.rows(),
    )
    .await?;
    let mut response = page.response(&request, &mut tasks, |task| Position::of(task.id.0));
    Ok(response.json(tasks.into_iter().map(Task::from).collect::<Vec<_>>()))
}

/// The task and its space, where the caller may do that with it.
async fn seen(
    conn: &AsyncPgConnection,
    caller: &Caller,
    operation: Operation,
    id: TaskId,
) -> Result<(TaskRead, Option<SpaceId>), Problem> {
    let task = store::task(conn, id).await?;
    let space_id = store::space_of_task(conn, id).await?;
    let object = Object {
        space_id,
        ..Object::of_venue(task.venue_id)
    };
    operation.admit_to(caller, &object)?;
    Ok((task, space_id))
}

/// What somebody does about a task: once, however often it is asked; written down with who did it.
async fn act(app: &App, caller: &Caller, operation: Operation, id: TaskId) -> Answer {
    let (task, space_id) = change(app, async |conn| {
        let (task, space_id) = seen(conn, caller, operation, id).await?;
        let user = caller.user_id;
        let (word, done) = match operation {
            Operation::TakeTask => ("take", store::take_task(conn, id, user).await?),
            Operation::GiveTaskBack => {
                // an administrator may also free what somebody took who is ill today
                let anybodys = caller.is_staff(&[Role::Admin], task.venue_id, space_id);
                let done = store::give_task_back(conn, id, user, anybodys).await?;
                ("give_back", done)
            }
            _ => ("finish", store::finish_task(conn, id, user).await?),
        };
        let now = store::task(conn, id).await?;
        if done == 0 {
            return refused(operation, &now, user).map_or(Ok((now, space_id)), Err);
        }
        // a mail that did not arrive is seen to: it leaves the list of mails, too
        if let (Operation::FinishTask, Some(mail)) = (operation, task.mail()) {
            care::store::called(conn, mail, user).await?;
        }
        let (actor, venue) = (Some(user), Some(task.venue_id));
        audit::store::record(conn, actor, venue, word, "task", id.0, &[]).await?;
        Ok((now, space_id))
    })
    .await?;
    app.notifier.notify(Change {
        kind: ChangeKind::Task,
        id: Some(id.0),
        venue_id: Some(task.venue_id),
        space_id,
    });
    Ok(HttpResponse::Ok().json(Task::from(task)))
}

/// Why nothing was done; `None` where the task is what it was to become.
fn refused(operation: Operation, task: &TaskRead, user: UserId) -> Option<Problem> {
    let wrong = |state| Problem {
        state: Some(state),
        ..Problem::new(Kind::WrongState)
    };
    match (operation, task.done_at, task.taken_by) {
        (Operation::FinishTask, Some(_), _) => None,
        (_, Some(_), _) => Some(wrong("done")),
        (Operation::TakeTask, None, Some(by)) if by == user => None,
        (Operation::GiveTaskBack, None, None) => Some(wrong("open")),
        _ => Some(Problem::new(Kind::Conflict).because(vec![Reason::new("taken_by_another")])),
    }
}

/// Take a task
///
/// Whoever takes it sees to it. Of two who take it at once one gets it, the other a 409.
#[utoipa::path(post, path = "/v1/tasks/{id}/take", tag = "desk", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "As it is now", body = Task)))]
pub async fn take(app: Data<App>, caller: Caller, id: Path<TaskId>) -> Answer {
    act(&app, &caller, Operation::TakeTask, id.0).await
}

/// Give a task back
///
/// Others may take it again. Whoever took it does that, or an administrator.
#[utoipa::path(post, path = "/v1/tasks/{id}/give-back", tag = "desk", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "As it is now", body = Task)))]
pub async fn give_back(app: Data<App>, caller: Caller, id: Path<TaskId>) -> Answer {
    act(&app, &caller, Operation::GiveTaskBack, id.0).await
}

/// Mark a task as done
///
/// Also one that somebody else took; who was first stays.
#[utoipa::path(post, path = "/v1/tasks/{id}/done", tag = "desk", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "As it is now", body = Task)))]
pub async fn finish(app: Data<App>, caller: Caller, id: Path<TaskId>) -> Answer {
    act(&app, &caller, Operation::FinishTask, id.0).await
}

/// A line of a task's history.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaskEntry {
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:30:00Z")]
    at: Instant,
    /// `take`, `give_back` or `done`.
    #[schema(example = "take")]
    event: String,
    /// Who.
    actor_id: UserId,
}

/// The history of a task
///
/// Who took it, gave it back and did it, oldest first.
#[utoipa::path(get, path = "/v1/tasks/{id}/history", tag = "desk", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "All lines", body = Vec<TaskEntry>)))]
pub async fn history(app: Data<App>, caller: Caller, id: Path<TaskId>) -> Answer {
    let conn = app.db.conn().await?;
    seen(&conn, &caller, Operation::TaskHistory, id.0).await?;
    let lines = store::task_history(&conn, id.0).await?;
    let entries: Vec<TaskEntry> = lines
        .into_iter()
        .map(|line| TaskEntry {
            at: line.at,
            event: line.event,
            actor_id: line.actor_id,
        })
        .collect();
    Ok(HttpResponse::Ok().json(entries))
}
