//! The catalogue over HTTP: readable by anyone, changeable by administrators. Floors, layouts and minutes are read
//! only: they are the layout engine's.

pub mod areas;
pub mod calendars;
pub mod crews;
pub mod exceptions;
pub mod input;
pub mod layouts;
pub mod pools;
pub mod shifts;
pub mod spaces;
pub mod venues;
pub mod warnings;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use diesel_async::AsyncPgConnection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::DbError;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::page::{Page, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Fingerprint, IdempotencyKey, idempotency};
use crate::id::{SpaceId, VenueId};
use crate::identity::Caller;
use crate::routes::Object;

/// A page of a list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items, at most 100.
    #[param(example = 50, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Where the page begins: from the `Link` of the page before.
    #[param(example = "AZzA3noRcACAAAAAAAAAAQ")]
    pub cursor: Option<String>,
}

impl Paging {
    fn page(&self) -> Result<Page, Problem> {
        Page::new(self.limit, self.cursor.as_deref(), false)
    }
}

/// The id after which a page begins.
fn after(page: &Page) -> Option<uuid::Uuid> {
    page.after.map(|position| position.id)
}

fn at(id: uuid::Uuid) -> Position {
    Position { at: None, id }
}

/// Something of a venue, or of one of its spaces, as authorisation asks.
fn object(venue_id: VenueId, space_id: Option<SpaceId>) -> Object {
    Object {
        venue_id,
        space_id,
        user_id: None,
        organisation_id: None,
    }
}

/// A change of the catalogue, in one transaction: nothing of it stays when it ends in a problem.
async fn change<T>(
    app: &App,
    act: impl AsyncFnOnce(&AsyncPgConnection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let tx = app.db.transaction().await?;
    tx.begin().await?;
    match act(tx.conn()).await {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(problem) => {
            tx.rollback().await?;
            Err(problem)
        }
    }
}

/// Something new, and where it is.
struct Made<T> {
    answer: T,
    id: uuid::Uuid,
    venue_id: VenueId,
    space_id: Option<SpaceId>,
}

/// Makes something new: once for each idempotency key, whoever else is making it with the same key at the same time.
async fn create<T: Serialize>(
    app: &App,
    caller: &Caller,
    key: &IdempotencyKey,
    fingerprint: &Fingerprint,
    act: impl AsyncFnOnce(&AsyncPgConnection) -> Result<Made<T>, Problem>,
) -> Result<HttpResponse, Problem> {
    if let Some(answer) = answered(app, caller, key, fingerprint).await? {
        return Ok(answer);
    }
    let made = change(app, async |conn| {
        let made = act(conn).await?;
        let text = answer_text(&made.answer)?;
        if let Some(key) = &key.0 {
            let status = StatusCode::CREATED;
            let user = caller.user_id;
            if idempotency::insert(conn, user, key, fingerprint, status, &text).await? == 0 {
                return Err(Problem::new(Kind::Conflict));
            }
        }
        Ok((text, made))
    })
    .await;
    match made {
        Ok((text, made)) => {
            announce(app, made.id, made.venue_id, made.space_id);
            Ok(HttpResponse::Created()
                .content_type("application/json")
                .body(text))
        }
        // whoever was quicker with the same key has the answer
        Err(problem) => match answered(app, caller, key, fingerprint).await? {
            Some(answer) => Ok(answer),
            None => Err(problem),
        },
    }
}

async fn answered(
    app: &App,
    caller: &Caller,
    key: &IdempotencyKey,
    fingerprint: &Fingerprint,
) -> Result<Option<HttpResponse>, Problem> {
    let Some(key) = &key.0 else { return Ok(None) };
    let conn = app.db.conn().await?;
    let kept = idempotency::find(&conn, caller.user_id, key).await?;
    kept.map(|kept| kept.replay(fingerprint)).transpose()
}

fn answer_text<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        Problem::new(Kind::Internal)
    })
}

/// Tells those who watch that something of the catalogue changed, after its commit.
fn announce(app: &App, id: uuid::Uuid, venue_id: VenueId, space_id: Option<SpaceId>) {
    app.notifier.notify(Change {
        kind: ChangeKind::Catalogue,
        id: Some(id),
        venue_id: Some(venue_id),
        space_id,
    });
}

/// A constraint that says that a value is taken, told by the name of the field that holds it.
fn taken(field: &'static str) -> impl Fn(diesel::result::Error) -> Problem {
    move |error| match DbError::from(error) {
        DbError::Constraint(name) if name.ends_with("_key") || name.ends_with("_once") => {
            Problem::field(field, "taken")
        }
        other => other.into(),
    }
}

/// A column of JSON as what it says.
fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| {
        tracing::error!(%error, "a column of JSON cannot be read");
        Problem::new(Kind::Internal)
    })
}

/// A value for a column of JSON.
fn to_json<T: Serialize>(value: &T) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| {
        tracing::error!(%error, "a column of JSON cannot be written");
        Problem::new(Kind::Internal)
    })
}

/// The names of the fields that are given, for the audit.
macro_rules! given {
    ($input:expr; $($field:ident),+ $(,)?) => {{
        let mut names: Vec<&'static str> = Vec::new();
        $(if $input.$field.is_some() { names.push(stringify!($field)); })+
        names
    }};
}
use given;
