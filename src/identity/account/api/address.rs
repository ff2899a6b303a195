//! Another e-mail address for an account: the new one confirms, both learn of it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::TokenInput;
use super::password::prove;
use crate::booking::store::{contact, guests};
use crate::db::DbError;
use crate::http::checks::Checks;
use crate::http::evenly::Evenly;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body};
use crate::identity::Caller;
use crate::identity::account::{Reader, checked_email, store};
use crate::identity::link::{self, NewLink, Purpose};
use crate::identity::mails::tell;
use crate::message::account::{AccountFacts, AccountKind};

/// Another address.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailInput {
    /// The new e-mail address.
    #[schema(example = "lin.yu@park.example", max_length = 254)]
    email: String,
    /// The account's password.
    #[schema(example = "moonlight over the weir", format = Password, max_length = 128)]
    password: String,
}

/// Ask for another address
///
/// A mail with a link goes to the new address; the account has it once the link was used (within 24 hours). The old
/// address is told at once. Where the new address belongs to another account the answer is the same, and its owner gets
/// a mail instead.
#[utoipa::path(post, path = "/v1/me/email-change", tag = "accounts", request_body = EmailInput,
    responses((status = 202, description = "A mail is on its way to the new address")))]
pub async fn ask(
    request: HttpRequest,
    caller: Caller,
    app: Data<App>,
    body: Body<EmailInput>,
) -> Result<HttpResponse, Problem> {
    let input = body.value;
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &input.email);
    checks.done()?;
    if email == caller.email {
        return Err(Problem::field("email", "unchanged"));
    }
    prove(&request, &app, &caller, "password", input.password).await?;
    let evenly = Evenly::begin();
    let own = Reader {
        id: Some(caller.user_id),
        email: caller.email.clone(),
        locale: caller.locale,
    };
    let link = NewLink::new(Purpose::ChangeEmail, &email, Some(caller.user_id));
    change(&app, async |conn| {
        let other = store::by_email(conn, &email).await?;
        let other = other.filter(|known| known.id != caller.user_id);
        if !link::add(conn, &link, app.keys.seal()).await? {
            return Ok(());
        }
        let to_new = match &other {
            Some(known) => {
                let facts = AccountFacts::default();
                known
                    .reader()
                    .told(AccountKind::AddressKnown, facts, link.id)
            }
            None => {
                let reader = Reader {
                    email: email.clone(),
                    ..own.clone()
                };
                reader.with_link(AccountKind::ConfirmAddress, &link)
            }
        };
        let facts = AccountFacts {
            address: Some(email.clone()),
            ..AccountFacts::default()
        };
        let to_old = own.told(AccountKind::AddressChangeAsked, facts, link.id);
        Ok(tell(conn, None, vec![to_new, to_old]).await?)
    })
    .await?;
    evenly.wait().await;
    Ok(HttpResponse::Accepted().finish())
}

/// Confirm another address
///
/// With the token of the mail's link: from now on one signs in with this address. Both addresses are told, and other
/// links to the account's mailbox are void.
#[utoipa::path(post, path = "/v1/email-changes/confirm", tag = "accounts", request_body = TokenInput,
    responses((status = 204, description = "The account has the new address")))]
pub async fn confirm(app: Data<App>, body: Body<TokenInput>) -> Result<HttpResponse, Problem> {
    change(&app, async |conn| {
        let link = link::follow(conn, Purpose::ChangeEmail, &body.token).await?;
        let user_id = link.user_id.ok_or_else(link::not_valid)?;
        // places before the account, and that before its bookings
        guests::lock_places(conn, Some(user_id), &link.email).await?;
        let known = store::locked(conn, user_id).await?;
        link::take(conn, &link).await?;
        let changed = store::set_email(conn, user_id, &link.email).await;
        // somebody else confirmed the same address meanwhile
        let changed = changed.map_err(|error| match DbError::from(error) {
            DbError::Constraint(name) if name == "user_email" => link::not_valid(),
            other => other.into(),
        })?;
        if changed == 0 {
            return Err(Problem::new(Kind::NotFound));
        }
        link::void(conn, user_id).await?;
        contact::address_changed(conn, user_id, &known.email, &link.email).await?;
        guests::claim(conn, user_id, &link.email).await?;
        let facts = AccountFacts {
            address: Some(link.email.clone()),
            ..AccountFacts::default()
        };
        let old = known.reader();
        let new = Reader {
            email: link.email.clone(),
            ..old.clone()
        };
        let mails = [old, new]
            .map(|reader| reader.told(AccountKind::AddressChanged, facts.clone(), link.id));
        Ok(tell(conn, None, mails.into()).await?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
