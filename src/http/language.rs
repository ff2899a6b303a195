//! The caller's language, and the words of a problem in it.

use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::http::{StatusCode, header::HeaderMap};
use actix_web::{HttpRequest, HttpResponse};

use super::problem::{Kind, Problem};
use crate::language::Locale;

/// The caller's language: what the request asks for, else the person's own, else Chinese.
pub fn locale(request: &HttpRequest) -> Locale {
    request
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(Locale::from_accept_language)
        .or_else(|| request.extensions().get::<Locale>().copied())
        .unwrap_or_default()
}

/// Gives a problem its words. Errors that actix itself made, without a problem, get the one of their status.
pub fn render<B: MessageBody + 'static>(response: ServiceResponse<B>) -> ServiceResponse<BoxBody> {
    let mut response = response.map_into_boxed_body();
    let status = response.status();
    let carried = response.response_mut().extensions_mut().remove::<Problem>();
    let problem = match carried {
        Some(problem) => problem,
        None if !is_error(status) || is_problem(response.headers()) => return response,
        None => Problem::new(kind_of(status)),
    };
    let locale = locale(response.request());
    let (request, bare) = response.into_parts();
    let mut worded: HttpResponse = problem.respond(locale);
    for (name, value) in bare.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH && name != CONTENT_ENCODING {
            worded.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, worded)
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
