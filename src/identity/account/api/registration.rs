//! Registering, and confirming the address.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::{AddressInput, TokenInput};
use crate::booking::store::guests;
use crate::http::checks::Checks;
use crate::http::evenly::Evenly;
use crate::http::language::locale;
use crate::http::once::change;
use crate::http::problem::Problem;
use crate::http::{App, Body};
use crate::identity::account::store::{self, Registration};
use crate::identity::account::{Reader, checked_email, checked_name, checked_phone};
use crate::identity::link::{self, NewLink, Purpose};
use crate::identity::mails::tell;
use crate::identity::password;
use crate::language::Locale;
use crate::message::account::{AccountFacts, AccountKind};

/// Somebody who wants an account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterInput {
    /// Their e-mail address.
    #[schema(example = "lin@park.example", max_length = 254)]
    email: String,
    /// A password of 12 to 128 characters, of any kind, but none that many people have.
    #[schema(example = "moonlight over the weir", format = Password, min_length = 12, max_length = 128)]
    password: String,
    /// Their name.
    #[schema(example = "林雨", min_length = 1, max_length = 200)]
    name: String,
    /// Their telephone number.
    #[serde(default)]
    #[schema(example = "+86 21 5555 0100", max_length = 40)]
    phone: Option<String>,
    /// Their language; that of the request where it is left out.
    #[serde(default)]
    locale: Option<Locale>,
}

/// Register
///
/// A mail with a link goes to the address; the account exists once the link was used (`POST /v1/accounts/verify`, within
/// 24 hours). The answer is the same, and takes the same time, whether or not the address has an account: its owner gets
/// a mail instead. Takes no idempotency key: nobody is signed in yet, and a repeated request only sends another mail.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", request_body = RegisterInput,
    responses((status = 202, description = "A mail is on its way to the address")))]
pub async fn register(
    request: HttpRequest,
    app: Data<App>,
    body: Body<RegisterInput>,
) -> Result<HttpResponse, Problem> {
    let input = body.value;
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &input.email);
    let name = checked_name(&mut checks, "name", &input.name);
    let phone = input
        .phone
        .as_deref()
        .filter(|typed| !typed.trim().is_empty());
    let phone = phone.map(|typed| checked_phone(&mut checks, "phone", typed));
    if let Err(error) = password::accept("password", &input.password, &email, &name) {
        checks.push(error);
    }
    checks.done()?;
    let evenly = Evenly::begin();
    let turn = password::turn().await?;
    let password_hash = password::hash(input.password).await?;
    drop(turn);
    let new = Registration {
        name,
        phone,
        locale: input.locale.unwrap_or_else(|| locale(&request)),
        password_hash,
    };
    let link = NewLink::new(Purpose::Verify, &email, None);
    change(&app, async |conn| {
        let known = store::by_email(conn, &email).await?;
        if !link::add(conn, &link, app.keys.seal()).await? {
            return Ok(());
        }
        let mail = match known {
            Some(known) if known.disabled => return Ok(()),
            Some(known) => {
                let facts = AccountFacts::default();
                known
                    .reader()
                    .told(AccountKind::AddressKnown, facts, link.id)
            }
            None => {
                store::register(conn, link.id, &new).await?;
                let reader = Reader {
                    id: None,
                    email: email.clone(),
                    locale: new.locale,
                };
                reader.with_link(AccountKind::VerifyAddress, &link)
            }
        };
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    evenly.wait().await;
    Ok(HttpResponse::Accepted().finish())
}

/// Send the link again
///
/// One more mail for a registration that waits for its address to be confirmed. The answer is the same whether or not
/// there is one; at most five mails an hour go to an address.
#[utoipa::path(post, path = "/v1/accounts/resend-verification", tag = "accounts", request_body = AddressInput,
    responses((status = 202, description = "A mail is on its way, if somebody registered with this address")))]
pub async fn resend(app: Data<App>, body: Body<AddressInput>) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let email = checked_email(&mut checks, "email", &body.email);
    checks.done()?;
    let evenly = Evenly::begin();
    let link = NewLink::new(Purpose::Verify, &email, None);
    change(&app, async |conn| {
        if !link::add(conn, &link, app.keys.seal()).await? {
            return Ok(());
        }
        let Some(locale) = store::register_again(conn, link.id, &email).await? else {
            return Ok(());
        };
        let reader = Reader {
            id: None,
            email: email.clone(),
            locale,
        };
        let mail = reader.with_link(AccountKind::VerifyAddress, &link);
        Ok(tell(conn, None, vec![mail]).await?)
    })
    .await?;
    evenly.wait().await;
    Ok(HttpResponse::Accepted().finish())
}

/// Confirm the address
///
/// With the token of the mail's link: the account exists from now on, and one can sign in. A link is good once.
#[utoipa::path(post, path = "/v1/accounts/verify", tag = "accounts", request_body = TokenInput,
    responses((status = 204, description = "The account is ready")))]
pub async fn verify(app: Data<App>, body: Body<TokenInput>) -> Result<HttpResponse, Problem> {
    change(&app, async |conn| {
        let link = link::follow(conn, Purpose::Verify, &body.token).await?;
        link::turn(conn, &link.email).await?;
        link::take(conn, &link).await?;
        let user = store::open(conn, link.id, &link.email).await?;
        let user = user.ok_or_else(link::not_valid)?;
        // what they booked before as a guest is theirs
        guests::claim(conn, user, &link.email).await?;
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
