//! Where one is signed in.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::http::page::{Paging, Position};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Path, Query};
use crate::id::SignInId;
use crate::identity::account::store;
use crate::identity::api::announce_end;
use crate::identity::{Caller, store as sign_ins};
use crate::span::Instant;

/// A sign-in that stands.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// What the device said it is.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    pub device: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub created_at: Instant,
    /// When its tokens were last refreshed: it was in use until at most a quarter of an hour after.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:45:00Z")]
    pub last_used_at: Instant,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    pub current: bool,
}

/// Where one is signed in
///
/// The caller's sign-ins that stand, newest first, with device and time.
#[utoipa::path(get, path = "/v1/sign-ins", tag = "sign-in", params(Paging),
    responses((status = 200, description = "A page of them", body = Vec<SignIn>)))]
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let current = caller.sign_in()?;
    let conn = app.db.conn().await?;
    let before = page.after_id();
    let mut rows = store::sign_ins(&conn, caller.user_id, before, page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let items: Vec<_> = rows
        .into_iter()
        .map(|row| SignIn {
            current: row.id == current,
            id: row.id,
            device: row.device,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        })
        .collect();
    Ok(response.json(items))
}

/// Sign out elsewhere
///
/// Ends one of the caller's sign-ins at once, with all its tokens.
#[utoipa::path(delete, path = "/v1/sign-ins/{id}", tag = "sign-in",
    params(("id" = SignInId, Path, description = "The sign-in")),
    responses((status = 204, description = "Signed out there")))]
pub async fn end(
    caller: Caller,
    app: Data<App>,
    id: Path<SignInId>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let ended = sign_ins::sign_out(&conn, caller.user_id, Some(*id), "signed_out").await?;
    drop(conn);
    if ended == 0 {
        return Err(Problem::new(Kind::NotFound));
    }
    announce_end(&app, caller.user_id);
    Ok(HttpResponse::NoContent().finish())
}
