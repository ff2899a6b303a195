//! Who calls: from the token to the person, and whether the authorisation table lets them in.
//!
//! Most handlers take a [`Caller`]. A handler that must be quick takes [`Claims`], which needs no database, sends
//! [`callers::caller`] together with its other reads, and passes the answer to [`admitted`].

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::cookie::{Jar, check_csrf};
use super::problem::{Kind, Problem};
use super::server::App;
use crate::identity::{Caller, Claims, api_key, callers, guest, token};
use crate::routes::Operation;

/// The application's shared state.
pub fn app(request: &HttpRequest) -> Result<&web::Data<App>, Problem> {
    request.app_data::<web::Data<App>>().ok_or_else(|| {
        tracing::error!("the application is missing from the server's data");
        Problem::new(Kind::Internal)
    })
}

/// The operation that this request was routed to.
pub fn operation(request: &HttpRequest) -> Option<Operation> {
    request.app_data::<Operation>().copied()
}

/// The claims of the request's token, a program's key or a guest's link: from `Authorization`, else from the cookie; `None` where there is neither. A
/// token that is there but no good is a 401, also on routes that need none.
pub fn claims(request: &HttpRequest) -> Result<Option<Claims>, Problem> {
    if let Some(known) = request.extensions().get::<Claims>() {
        return Ok(Some(known.clone()));
    }
    let claims = shown(request)?;
    if let Some(claims) = &claims {
        // a signature is checked once a request
        request.extensions_mut().insert(claims.clone());
    }
    Ok(claims)
}

fn shown(request: &HttpRequest) -> Result<Option<Claims>, Problem> {
    let app = app(request)?;
    let no_good = || Problem::new(Kind::NotSignedIn);
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let token = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(no_good)?;
        if token.starts_with(api_key::PREFIX) {
            return Ok(Some(Claims::Key(token::hash(token))));
        }
        if token.starts_with(guest::PREFIX) {
            let link = guest::read(app.keys.seal(), token);
            let link = link.ok_or_else(|| Problem::new(Kind::GuestLinkNotValid))?;
            return Ok(Some(Claims::Guest(link)));
        }
        let claims = app.keys.verify(token).ok_or_else(no_good)?;
        return Ok(Some(Claims::SignIn(claims)));
    }
    let Some(token) = Jar::Access.read(request, app.settings.https) else {
        return Ok(None);
    };
    let claims = app.keys.verify(&token).ok_or_else(no_good)?;
    if !request.method().is_safe() {
        check_csrf(request, app.settings.https)?;
    }
    Ok(Some(Claims::SignIn(claims)))
}

/// The client's network address: the peer's, or what our own proxy says.
pub fn address(request: &HttpRequest, app: &App) -> Option<IpAddr> {
    let forwarded = || {
        let header = request.headers().get_all("x-forwarded-for").last()?;
        header
            .to_str()
            .ok()?
            .rsplit(',')
            .next()?
            .trim()
            .parse()
            .ok()
    };
    app.settings
        .behind_proxy
        .then(forwarded)
        .flatten()
        .or_else(|| request.peer_addr().map(|peer| peer.ip()))
}

/// Whether the request shows its sign-in by cookie.
pub fn by_cookie(request: &HttpRequest, https: bool) -> bool {
    !request.headers().contains_key(AUTHORIZATION) && Jar::Access.read(request, https).is_some()
}

/// Lets a caller in whom [`callers::caller`] found, if the table allows: 401 where it found nobody, 403 where the table
/// does not. From here on answers can be in the caller's own language.
pub fn admitted(request: &HttpRequest, caller: Option<Caller>) -> Result<Caller, Problem> {
    let caller = caller.ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    request.extensions_mut().insert(caller.locale);
    operation(request)
        .ok_or_else(|| Problem::new(Kind::Forbidden))?
        .admit(&caller)?;
    Ok(caller)
}

async fn find(request: &HttpRequest, claims: &Claims) -> Result<Caller, Problem> {
    let conn = app(request)?.db.conn().await?;
    let caller = callers::caller(&conn, claims).await?;
    drop(conn);
    admitted(request, caller)
}

impl FromRequest for Claims {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            claims(request).and_then(|found| found.ok_or_else(|| Problem::new(Kind::NotSignedIn))),
        )
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let claims = claims(&request)?.ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
            find(&request, &claims).await
        })
    }
}

/// The caller of a route that needs none: nobody, or somebody whose sign-in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaybeCaller(pub Option<Caller>);

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match claims(&request)? {
                // a guest is nobody's account
                None | Some(Claims::Guest(_)) => Ok(Self(None)),
                Some(claims) => find(&request, &claims).await.map(Some).map(Self),
            }
        })
    }
}
