//! What people say of themselves.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use crate::http::checks::{Checks, present};
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body};
use crate::identity::account::store::{self, ProfileChange};
use crate::identity::account::{checked_name, checked_phone};
use crate::identity::api::{Me, describe};
use crate::identity::{Caller, Claims, callers};
use crate::language::Locale;

/// What to change in one's profile; what is left out stays as it is.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfilePatch {
    /// The name.
    #[schema(example = "林雨", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The telephone number; `null` takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "+86 21 5555 0100", min_length = 3, max_length = 40)]
    phone: Option<Option<String>>,
    /// The language of mails, and of answers where the request asks for none.
    locale: Option<Locale>,
}

/// Change one's profile
///
/// Name, telephone number and language. The address and the password have ways of their own.
#[utoipa::path(patch, path = "/v1/me", tag = "accounts", request_body = ProfilePatch,
    responses((status = 200, description = "The caller as they are now", body = Me)))]
pub async fn patch(
    caller: Caller,
    claims: Claims,
    app: Data<App>,
    body: Body<ProfilePatch>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let change = ProfileChange {
        name: body
            .name
            .as_deref()
            .map(|typed| checked_name(&mut checks, "name", typed)),
        phone: body.phone.as_ref().map(|phone| {
            phone
                .as_deref()
                .map(|typed| checked_phone(&mut checks, "phone", typed))
        }),
        locale: body.locale,
    };
    checks.done()?;
    let conn = app.db.conn().await?;
    store::set_profile(&conn, caller.user_id, &change).await?;
    let caller = callers::caller(&conn, &claims)
        .await?
        .ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    Ok(HttpResponse::Ok().json(describe(&conn, caller).await?))
}
