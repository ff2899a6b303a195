//! Bookings over HTTP: parse, call, answer.

pub mod acts;
pub mod availability;
pub mod changes;
pub mod closures;
pub mod guests;
pub mod lists;
mod party;
pub mod search;
pub mod talks;
pub mod versions;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Deserialize;

use super::act::Done;
use super::occupancy::{Asked, Asker, OnlyOnce};
use crate::http::problem::Problem;
use crate::http::{App, ETag, Fingerprint, IdempotencyKey};
use crate::identity::Claims;

/// Who asks, and whether only once.
pub fn asked(claims: Claims, key: IdempotencyKey, fingerprint: Fingerprint) -> Asked {
    Asked {
        by: Asker::Shows(claims),
        only_once: only_once(key, fingerprint),
    }
}

fn only_once(key: IdempotencyKey, fingerprint: Fingerprint) -> Option<OnlyOnce> {
    let key = key.0?;
    let fingerprint = fingerprint.0.to_vec();
    Some(OnlyOnce { key, fingerprint })
}

/// The answer of an act. What changed is announced, off the request's way.
pub fn answer(app: &App, result: Result<Done, Problem>) -> Result<HttpResponse, Problem> {
    #[derive(Deserialize)]
    struct Revised {
        revision: Option<i64>,
    }
    let done = result?;
    for change in done.changed {
        app.notifier.notify(change);
    }
    let status = StatusCode::from_u16(done.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponseBuilder::new(status);
    if let Ok(Revised {
        revision: Some(revision),
    }) = serde_json::from_str(&done.body)
    {
        response.insert_header(ETag(revision).header());
    }
    Ok(response.content_type("application/json").body(done.body))
}
