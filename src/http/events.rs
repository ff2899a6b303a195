//! Live events: one connection a process listens to what [`super::notifier`] announces and fans it out to the clients
//! as Server-Sent Events. An event says what changed, never the change; after `reset` a client fetches again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as ProcessTime};

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, ContentEncoding};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use futures_util::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use super::notifier::{CHANNEL, Change, ChangeKind};
use super::problem::{Kind, Problem};
use super::server::App;
use crate::db;
use crate::id::{SpaceId, UserId};
use crate::identity::{Caller, Claims, callers, store};

/// A comment this often, so that proxies and browsers know that the stream lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A client this many changes behind is let go: it reconnects and fetches again.
const BACKLOG: usize = 256;
/// Streams that one user may hold open.
const STREAMS_EACH: usize = 20;
/// How often the listening connection proves that it lives.
const PROOF: Duration = Duration::from_secs(30);

/// What clients are told.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Event)]
pub struct EventBody {
    /// What kind of thing changed. Who is not staff there is told only `space`.
    #[schema(example = "booking")]
    pub kind: String,
    /// Which one; for staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0199c0de-7a11-7000-8000-000000000001")]
    pub id: Option<Uuid>,
    /// In which space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_id: Option<SpaceId>,
}

/// Fans changes out to the streams of this process: cheap to clone.
#[derive(Clone)]
pub struct Hub {
    sender: broadcast::Sender<Change>,
    open: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Hub {
    /// Starts the task that listens on a connection of its own; it ends when `draining` turns true.
    pub fn start(database_url: String, draining: watch::Receiver<bool>) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let hub = Self {
            sender,
            open: Arc::default(),
        };
        tokio::spawn(listen(database_url, hub.sender.clone(), draining));
        hub
    }

    fn admit(&self, user: UserId) -> Result<Place, Problem> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_insert(0);
        if *count >= STREAMS_EACH {
            return Err(Problem {
                retry_after_s: Some(30),
                ..Problem::new(Kind::TooManyRequests)
            });
        }
        *count += 1;
        Ok(Place {
            open: Arc::clone(&self.open),
            user,
        })
    }
}

/// One of a user's streams; given back when the stream goes.
struct Place {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

async fn listen(
    url: String,
    sender: broadcast::Sender<Change>,
    mut draining: watch::Receiver<bool>,
) {
    let mut pause = Duration::from_millis(100);
    loop {
        let until_broken = async {
            let began = ProcessTime::now();
            if let Err(error) = listen_once(&url, &sender).await {
                tracing::warn!(%error, "not listening for changes; trying again");
            }
            began.elapsed()
        };
        let lasted = tokio::select! {
            lasted = until_broken => lasted,
            _ = draining.wait_for(|draining| *draining) => return,
        };
        if lasted > Duration::from_secs(60) {
            pause = Duration::from_millis(100);
        }
        let jitter = rand::random_range(0.5..1.5);
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
            _ = draining.wait_for(|draining| *draining) => return,
        }
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}

/// Listens until the connection breaks.
async fn listen_once(
    url: &str,
    sender: &broadcast::Sender<Change>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut conn: AsyncPgConnection =
        tokio::time::timeout(Duration::from_secs(10), db::connect(url)).await??;
    conn.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
    // what was announced while nobody listened is not told again
    let _ = sender.send(Change::RESET);
    loop {
        let heard = {
            let mut heard = std::pin::pin!(conn.notifications_stream());
            tokio::time::timeout(PROOF, heard.next()).await
        };
        match heard {
            Ok(Some(Ok(notification))) => {
                let change = serde_json::from_str(&notification.payload).unwrap_or(Change::RESET);
                // nobody may be connected; that is no error
                let _ = sender.send(change);
            }
            Ok(Some(Err(error))) => return Err(error.into()),
            Ok(None) => return Err("the connection was closed".into()),
            Err(_) => {
                tokio::time::timeout(PROOF, conn.batch_execute("SELECT 1")).await??;
            }
        }
    }
}

/// What this caller may know of a change, as the text of an event.
fn tell(caller: &Caller, change: &Change) -> Option<String> {
    let staff = change.venue_id.is_some_and(|venue| {
        caller.roles.iter().any(|own| {
            own.venue_id == venue && (own.space_id.is_none() || own.space_id == change.space_id)
        })
    });
    let body = match (change.kind, staff) {
        (ChangeKind::Reset, _) => return Some("event: reset\ndata: {}\n\n".to_owned()),
        (ChangeKind::SignIn, _) => return None,
        (_, true) | (ChangeKind::Catalogue, false) => {
            let kind = serde_json::to_value(change.kind).ok()?;
            EventBody {
                kind: kind.as_str()?.to_owned(),
                id: change.id,
                space_id: change.space_id,
            }
        }
        (ChangeKind::Booking | ChangeKind::Closure, false) => EventBody {
            kind: "space".to_owned(),
            id: None,
            space_id: change.space_id,
        },
        (ChangeKind::Task | ChangeKind::Message | ChangeKind::Changeover, false) => return None,
    };
    let data = serde_json::to_string(&body).ok()?;
    Some(format!("event: change\ndata: {data}\n\n"))
}

struct Client {
    changes: broadcast::Receiver<Change>,
    draining: watch::Receiver<bool>,
    caller: Caller,
    until: tokio::time::Instant,
    _place: Place,
}

impl Client {
    /// The next piece of the stream, or its end.
    async fn next(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok(change) if change.kind == ChangeKind::SignIn => {
                        if change.id == Some(self.caller.user_id.0) {
                            return None;
                        }
                    }
                    Ok(change) => if let Some(text) = tell(&self.caller, &change) {
                        return Some(text);
                    },
                    // too slow, or the process stops: the client comes back and fetches again
                    Err(_) => return None,
                },
                () = tokio::time::sleep(HEARTBEAT) => return Some(": still here\n\n".to_owned()),
                () = tokio::time::sleep_until(self.until) => return None,
                _ = self.draining.wait_for(|draining| *draining) => return None,
            }
        }
    }
}

fn stream_of(client: Client) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    let hello = stream::once(async {
        Ok(Bytes::from_static(
            b"retry: 2000\n\nevent: reset\ndata: {}\n\n",
        ))
    });
    let rest = stream::unfold(client, |mut client| async move {
        let text = client.next().await?;
        Some((Ok(Bytes::from(text)), client))
    });
    hello.chain(rest)
}

/// Live changes
///
/// Server-Sent Events: `change` says what changed, for example
/// `{"kind":"booking","id":"…","space_id":"…"}`, and `reset` says that everything on show should be fetched again; it
/// comes first and after each interruption. A stream ends when its access token expires or its user signs out: connect
/// again with a fresh token.
#[utoipa::path(
    get, path = "/v1/events", tag = "service",
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String,
        example = "event: change\ndata: {\"kind\":\"booking\",\"id\":\"0199c0de-7a11-7000-8000-000000000001\",\"space_id\":\"0199c0de-7a11-7000-8000-000000000002\"}\n\n"))
)]
pub async fn events(
    request: HttpRequest,
    claims: Claims,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    // listen first, look second: a sign-out in between is not missed
    let changes = app.hub.sender.subscribe();
    let conn = app.db.conn().await?;
    let found = callers::caller(&conn, &claims).await?;
    let now = store::now(&conn).await?;
    drop(conn);
    let caller = super::caller::admitted(&request, found)?;
    let Claims::SignIn(claims) = claims else {
        return Err(Problem::new(Kind::Forbidden));
    };
    let left = Duration::from_secs(u64::try_from(claims.exp - now).unwrap_or(0));
    let client = Client {
        changes,
        draining: app.draining(),
        until: tokio::time::Instant::now() + left,
        _place: app.hub.admit(caller.user_id)?,
        caller,
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header(("x-accel-buffering", "no"))
        .insert_header((CONTENT_ENCODING, ContentEncoding::Identity));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    Ok(response.streaming(stream_of(client)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SignInId, VenueId};
    use crate::identity::{Role, StaffRole, Through};
    use crate::language::Locale;

    fn caller(roles: Vec<StaffRole>) -> Caller {
        Caller {
            user_id: UserId::new(),
            through: Through::SignIn(SignInId::new()),
            name: String::new(),
            email: String::new(),
            phone: None,
            locale: Locale::En,
            verified: true,
            roles,
            memberships: Vec::new(),
        }
    }

    #[test]
    fn ids_are_for_staff_of_the_place() {
        let (venue_id, space) = (VenueId::new(), SpaceId::new());
        let change = Change::of(ChangeKind::Booking, Uuid::now_v7(), venue_id, space);
        let id = change.id.unwrap().to_string();
        let role = |space_id| StaffRole {
            role: Role::FrontDesk,
            venue_id,
            space_id,
        };
        let told = |caller: &Caller| tell(caller, &change).unwrap();
        assert!(told(&caller(vec![role(None)])).contains(&id));
        assert!(told(&caller(vec![role(Some(space))])).contains(&id));
        assert!(!told(&caller(vec![role(Some(SpaceId::new()))])).contains(&id));
        let outsider = told(&caller(vec![]));
        assert!(!outsider.contains(&id) && outsider.contains(&space.to_string()));
        let task = Change {
            kind: ChangeKind::Task,
            ..change
        };
        assert_eq!(tell(&caller(vec![]), &task), None);
    }
}
