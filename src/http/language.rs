//! The caller's language, and the words of a problem in it.

use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::http::{StatusCode, header::HeaderMap};
use actix_web::{HttpRequest, HttpResponse};

use super::caller;
use super::problem::{Kind, Problem};
use crate::db::DbError;
use crate::identity::callers;
use crate::language::Locale;

/// The caller's language: what the request asks for, else the person's own, else Chinese.
pub fn locale(request: &HttpRequest) -> Locale {
    named(request)
        .or_else(|| request.extensions().get::<Locale>().copied())
        .unwrap_or_default()
}

/// The language that the request asks for.
fn named(request: &HttpRequest) -> Option<Locale> {
    let header = request.headers().get(ACCEPT_LANGUAGE)?;
    Locale::from_accept_language(header.to_str().ok()?)
}

/// Gives a problem its words. Errors that actix itself made, without a problem, get the one of their status.
pub async fn render<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
) -> ServiceResponse<BoxBody> {
    let mut response = response.map_into_boxed_body();
    let status = response.status();
    let carried = response.response_mut().extensions_mut().remove::<Problem>();
    let problem = match carried {
        Some(problem) => problem,
        None if !is_error(status) || is_problem(response.headers()) => return response,
        None => Problem::new(kind_of(status)),
    };
    let locale = problems_locale(response.request(), problem.kind.status()).await;
    let (request, bare) = response.into_parts();
    let mut worded: HttpResponse = problem.respond(locale);
    for (name, value) in bare.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH && name != CONTENT_ENCODING {
            worded.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, worded)
}

/// The language of a problem. Many arise before anybody has read who calls, or where only a transaction has: then the
/// person's own language is asked for, once, where the request names none. Not for what is refused because there is too
/// much of it, or no database.
async fn problems_locale(request: &HttpRequest, status: StatusCode) -> Locale {
    let known = named(request).or_else(|| request.extensions().get::<Locale>().copied());
    let busy = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if known.is_some() || busy.contains(&status) {
        return known.unwrap_or_default();
    }
    let (Ok(Some(claims)), Ok(app)) = (caller::claims(request), caller::app(request)) else {
        return Locale::default();
    };
    let asked = async {
        let conn = app.db.conn().await?;
        Ok::<_, DbError>(callers::locale(&conn, &claims).await?)
    };
    asked.await.ok().flatten().unwrap_or_default()
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/problem+json"))
}

fn kind_of(status: StatusCode) -> Kind {
    match status {
        StatusCode::UNAUTHORIZED => Kind::NotSignedIn,
        StatusCode::FORBIDDEN => Kind::Forbidden,
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Kind::TooSlow,
        StatusCode::CONFLICT => Kind::Conflict,
        StatusCode::PRECONDITION_FAILED => Kind::StaleVersion,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => Kind::TooManyRequests,
        StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
        status if status.is_client_error() => Kind::BadRequest,
        _ => Kind::Internal,
    }
}
