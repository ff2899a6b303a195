//! What changes something: in one transaction, and once for each idempotency key.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use diesel_async::AsyncPgConnection;
use serde::Serialize;

use super::idempotency::{self, Fingerprint, IdempotencyKey};
use super::problem::{Kind, Problem};
use super::server::App;
use crate::id::UserId;

/// A change in one transaction: nothing of it stays when it ends in a problem.
pub async fn change<T>(
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

/// What a change that happens once came to: the answer, and what else the act gave, unless it was done before.
pub struct Once<T> {
    /// The answer, the same for every request with this key.
    pub response: HttpResponse,
    /// `None`: the same request was answered before.
    pub new: Option<T>,
}

/// A change that happens once for each idempotency key, whoever else asks for it with the same key at the same time.
/// `act` gives the answer's body and whatever the caller wants to know after the commit.
pub async fn once<A: Serialize, T>(
    app: &App,
    user: UserId,
    key: &IdempotencyKey,
    fingerprint: &Fingerprint,
    status: StatusCode,
    act: impl AsyncFnOnce(&AsyncPgConnection) -> Result<(A, T), Problem>,
) -> Result<Once<T>, Problem> {
    if let Some(response) = answered(app, user, key, fingerprint).await? {
        return Ok(Once {
            response,
            new: None,
        });
    }
    let done = change(app, async |conn| {
        let (answer, new) = act(conn).await?;
        let text = serde_json::to_string(&answer).map_err(|error| {
            tracing::error!(%error, "an answer cannot be written");
            Problem::new(Kind::Internal)
        })?;
        if let Some(key) = &key.0
            && idempotency::insert(conn, user, key, fingerprint, status, &text).await? == 0
        {
            return Err(Problem::new(Kind::Conflict));
        }
        Ok((text, new))
    })
    .await;
    match done {
        Ok((text, new)) => Ok(Once {
            response: HttpResponse::build(status)
                .content_type("application/json")
                .body(text),
            new: Some(new),
        }),
        // whoever was quicker with the same key has the answer
        Err(problem) => match answered(app, user, key, fingerprint).await? {
            Some(response) => Ok(Once {
                response,
                new: None,
            }),
            None => Err(problem),
        },
    }
}

async fn answered(
    app: &App,
    user: UserId,
    key: &IdempotencyKey,
    fingerprint: &Fingerprint,
) -> Result<Option<HttpResponse>, Problem> {
    let Some(key) = &key.0 else { return Ok(None) };
    let conn = app.db.conn().await?;
    let kept = idempotency::find(&conn, user, key).await?;
    kept.map(|kept| kept.replay(fingerprint)).transpose()
}
