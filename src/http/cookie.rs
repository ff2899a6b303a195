//! The cookies in which a browser keeps its sign-in. Scripts cannot read the tokens (`HttpOnly`), other sites cannot
//! send them (`SameSite=Strict`), and whoever uses them for more than reading proves with the header `X-CSRF-Token`
//! that it can read the third cookie, which only our own pages can.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use sha2::{Digest as _, Sha256};

use super::problem::{Kind, Problem};
use crate::identity::token::{ACCESS_SECONDS, REFRESH_DAYS};

/// The header that repeats the CSRF cookie.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// One of the three cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    /// The access token, sent everywhere.
    Access,
    /// The refresh token, sent only where it is used.
    Refresh,
    /// What the CSRF header repeats.
    Csrf,
}

impl Jar {
    /// All of them.
    pub const ALL: [Jar; 3] = [Jar::Access, Jar::Refresh, Jar::Csrf];

    fn path(self) -> &'static str {
        match self {
            Jar::Access | Jar::Csrf => "/",
            Jar::Refresh => "/v1/sign-ins",
        }
    }

    /// The cookie's name; where the public address is https, with a prefix that no other host can set.
    fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Jar::Access, true) => "__Host-mofang-access",
            (Jar::Access, false) => "mofang-access",
            (Jar::Refresh, true) => "__Secure-mofang-refresh",
            (Jar::Refresh, false) => "mofang-refresh",
            (Jar::Csrf, true) => "__Host-mofang-csrf",
            (Jar::Csrf, false) => "mofang-csrf",
        }
    }

    fn seconds(self) -> i64 {
        match self {
            Jar::Access => ACCESS_SECONDS,
            Jar::Refresh | Jar::Csrf => i64::from(REFRESH_DAYS) * 86_400,
        }
    }

    /// The cookie with this value.
    pub fn set(self, value: String, https: bool) -> Cookie<'static> {
        Cookie::build(self.name(https), value)
            .path(self.path())
            .http_only(self != Jar::Csrf)
            .secure(https)
            .same_site(SameSite::Strict)
            .max_age(Duration::seconds(self.seconds()))
            .finish()
    }

    /// The cookie that makes the browser forget it.
    pub fn clear(self, https: bool) -> Cookie<'static> {
        let mut cookie = self.set(String::new(), https);
        cookie.set_max_age(Duration::ZERO);
        cookie
    }

    /// What the browser sent.
    pub fn read(self, request: &HttpRequest, https: bool) -> Option<String> {
        request
            .cookie(self.name(https))
            .map(|cookie| cookie.value().to_owned())
            .filter(|value| !value.is_empty())
    }
}

/// Whether an unsafe request with cookies comes from our own pages: the header repeats the cookie.
pub fn check_csrf(request: &HttpRequest, https: bool) -> Result<(), Problem> {
    let cookie = Jar::Csrf.read(request, https);
    let cookie = cookie.as_deref();
    let header = request
        .headers()
        .get(CSRF_HEADER)
        .and_then(|value| value.to_str().ok());
    match (cookie, header) {
        // digests are compared, so that the time says nothing about the value
        (Some(cookie), Some(header)) if Sha256::digest(cookie) == Sha256::digest(header) => Ok(()),
        _ => Err(Problem::new(Kind::CsrfFailed)),
    }
}
