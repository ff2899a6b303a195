//! A person's wishes over HTTP.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use super::{Notifications, store};
use crate::catalogue::hours::WallTime;
use crate::http::checks::Checks;
use crate::http::once::change;
use crate::http::problem::{FieldError, Problem};
use crate::http::{App, Body};
use crate::identity::Caller;
use crate::message::delivery::Optional;

/// What a person wishes to be told, and when.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Notifications)]
pub struct NotificationsBody {
    /// For those who decide on requests: the time of day, in the venue's wall time, of one mail about all that waits. A
    /// request that would expire before it is told of at once. `null`: a mail each.
    #[schema(example = "08:30")]
    pub digest_at: Option<String>,
    /// Mails that are not wanted. What is not listed in the type cannot be turned off.
    #[schema(example = json!(["booking_received"]), max_items = 10)]
    pub off: Vec<Optional>,
}

impl From<Notifications> for NotificationsBody {
    fn from(wishes: Notifications) -> Self {
        Self {
            digest_at: wishes
                .digest_at
                .map(|time| time.format("%H:%M").to_string()),
            off: wishes.off,
        }
    }
}

impl NotificationsBody {
    fn checked(&self) -> Result<Notifications, Problem> {
        let mut checks = Checks::default();
        let digest_at = self.digest_at.as_deref().and_then(|text| {
            let time = text.parse().ok().and_then(|time: WallTime| {
                NaiveTime::from_num_seconds_from_midnight_opt(u32::from(time.minutes()) * 60, 0)
            });
            if time.is_none() {
                checks.push(FieldError::new("digest_at", "malformed"));
            }
            time
        });
        checks.done()?;
        let mut off = self.off.clone();
        off.sort();
        off.dedup();
        Ok(Notifications { digest_at, off })
    }
}

/// What one wishes to be told
///
/// Which mails one can do without, and whether requests come one by one or once a day.
#[utoipa::path(get, path = "/v1/me/notifications", tag = "accounts",
    responses((status = 200, description = "The caller's wishes", body = NotificationsBody)))]
pub async fn read(caller: Caller, app: Data<App>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let wishes = store::read(&conn, caller.user_id).await?;
    Ok(HttpResponse::Ok().json(NotificationsBody::from(wishes)))
}

/// Choose what one is told
///
/// Answers that people wait for, bad news about a booking, and whatever happens to an account always come, at once.
#[utoipa::path(put, path = "/v1/me/notifications", tag = "accounts", request_body = NotificationsBody,
    responses((status = 200, description = "The caller's wishes as they are now", body = NotificationsBody)))]
pub async fn put(
    caller: Caller,
    app: Data<App>,
    body: Body<NotificationsBody>,
) -> Result<HttpResponse, Problem> {
    let wishes = body.checked()?;
    change(&app, async |conn| {
        Ok(store::write(conn, caller.user_id, &wishes).await?)
    })
    .await?;
    Ok(HttpResponse::Ok().json(NotificationsBody::from(wishes)))
}
