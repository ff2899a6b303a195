//! The catalogue over HTTP: readable by anyone, changeable by administrators. Minutes are read only: they are the layout
//! engine's.

pub mod areas;
pub mod block_types;
pub mod calendars;
pub mod crews;
pub mod drafts;
pub mod exceptions;
pub mod floors;
pub mod input;
pub mod judging;
pub mod layouts;
pub mod pictures;
pub mod pools;
pub mod shifts;
pub mod spaces;
pub mod venues;
pub mod warnings;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::db::DbError;
use crate::http::checks::given;
use crate::http::notifier::{Change, ChangeKind};
use crate::http::once::{change, once};
use crate::http::page::Paging;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Fingerprint, IdempotencyKey};
use crate::id::{SpaceId, VenueId};
use crate::identity::Caller;
use crate::routes::Object;

/// The id after which a page begins.
/// Something of a venue, or of one of its spaces, as authorisation asks.
fn object(venue_id: VenueId, space_id: Option<SpaceId>) -> Object {
    Object {
        venue_id,
        space_id,
        user_id: None,
        organisation_id: None,
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
    let status = StatusCode::CREATED;
    let once = once(
        app,
        caller.user_id,
        key,
        fingerprint,
        status,
        async |conn| {
            let made = act(conn).await?;
            Ok((made.answer, (made.id, made.venue_id, made.space_id)))
        },
    )
    .await?;
    if let Some((id, venue_id, space_id)) = once.new {
        announce(app, id, venue_id, space_id);
    }
    Ok(once.response)
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
